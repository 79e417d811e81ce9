"""Which files a kustomization uses, found by reading alone, and every reference that cannot be followed.

Kustomize itself seldom says where a bad reference stands; here each problem has its line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.model import Problem
from nodeport_lint.repository.held import Files, OnDisk

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
PROBLEM = "unrendered-kustomization"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""How a text begins that kustomize and we take apart at different places."""


class Gap(NamedTuple):
    """Characters of a kustomization that cannot be followed here, and without which the rest can be rendered.

    ``kind``: ``resource``, ``component`` or ``plugin`` for a reference to such a thing, ``charts`` for a key with its
    value, which gives resources.
    """

    kind: str
    start: int
    end: int
    path: str = ""
    """Where something empty can lie, so that the text need not change."""


class Kustomization(NamedTuple):
    """One directory with a kustomization. Paths are relative to the root; ``files`` and ``directories`` exist.

    ``blocked``: a reference that nobody can follow here, so that it does not render, ``gaps`` aside.
    """

    path: str
    directory: str
    component: bool
    files: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    """Those of the files that hold objects, and no patches or settings."""
    problems: tuple[Problem, ...] = ()
    blocked: bool = False
    gaps: tuple[Gap, ...] = ()
    inputs: tuple[str, ...] = ()
    """Those of the files of which ConfigMaps and Secrets are made."""
    chart_values: tuple[str, ...] = ()
    """Values for charts that it would inflate; none of the files."""
    has_resources: bool = False
    """Whether there is a list of them, empty or not."""
    namespace: str = ""
    """Of all its objects, whatever they say themselves."""
    plugins: tuple[str, ...] = ()
    """Those of the files that refer to others, as kustomizations do."""
    absent: tuple[str, ...] = ()
    """Files for generators of ConfigMaps and Secrets that are not in the repository, as is usual for secrets."""


class Closures:
    """All kustomizations of a tree, by directory."""

    def __init__(self, found: Mapping[str, Kustomization]) -> None:
        self.found = found
        plain = [directory for directory in sorted(found) if not found[directory].component]
        self.live = self._reached(plain)
        """Directories that a build can come to: a Component that nobody uses is none of them."""
        referenced = {below for directory in self.live for below in self._below(directory)}
        roots = [directory for directory in plain if directory not in referenced]
        reached = self._reached(roots)
        for directory in plain:
            if directory not in reached:
                # Of a circle one must be built for the others to be told.
                roots.append(directory)
                reached |= self._reached([directory])
        self.roots = tuple(sorted(roots))

    def _below(self, directory: str) -> Iterator[str]:
        return (below for below in self.found[directory].directories if below != directory and below in self.found)

    def _reached(self, directories: Iterable[str]) -> set[str]:
        seen = set(directories)
        waiting = list(seen)
        while waiting:
            new = [below for below in self._below(waiting.pop()) if below not in seen]
            seen.update(new)
            waiting += new
        return seen

    def line(self, directory: str) -> list[Kustomization]:
        """The kustomization of a directory and all below it, each once."""
        order: list[Kustomization] = []
        seen, waiting = {directory}, [directory]
        while waiting:
            one = self.found.get(waiting.pop())
            if one is not None:
                order.append(one)
                new = [below for below in one.directories if below not in seen]
                seen.update(new)
                waiting += reversed(new)
        return order

    def files(self, directory: str) -> set[str]:
        """Every file that takes part, kustomizations included."""
        return {path for one in self.line(directory) for path in (one.path, *one.files)}

    def all_files(self) -> set[str]:
        """Every file that is nothing by itself. What an unused Component lists may be applied in other ways."""
        files = {path for one in self.found.values() for path in (one.path, *one.files)}
        live = {path for directory in self.live for path in self.found[directory].files}
        idle = {path for one in self.found.values() if one.directory not in self.live for path in one.resources}
        return files - (idle - live)


def read_closures(files: Files, paths: Collection[str]) -> Closures:
    """From the paths of kustomization files. What they name outside of the root is never opened."""
    known = {path.rpartition("/")[0]: path for path in sorted(paths, key=_precedence, reverse=True)}
    if not known:
        return Closures({})
    from nodeport_lint.repository.references import Reader

    return Closures({directory: Reader(files, known, path).read() for directory, path in known.items()})


def _precedence(path: str) -> tuple[int, str]:
    return NAMES.index(path.rpartition("/")[2]), path


class Parsed(NamedTuple):
    """A kustomization's text and what its first document holds. ``fault``: why that is not known, where it is not: such
    a text is never taken for one that holds nothing."""

    stream: yamltext.Stream
    value: dict[str, Any]
    fault: str = ""


def parsed(files: Files, path: str) -> Parsed:
    """Never raises: what cannot be read is in ``fault``."""
    try:
        data = files.read(path)
        if data.startswith(UTF_16):
            return Parsed(yamltext.Stream(""), {}, "it is no UTF-8")
        stream = yamltext.read(data.decode("utf-8"))
        value = yamltext.plain(stream.roots[0]) if stream.roots else None
    except OSError as error:
        return Parsed(yamltext.Stream(""), {}, f"it cannot be read: {error.strerror or error}")
    except UnicodeDecodeError:
        return Parsed(yamltext.Stream(""), {}, "it is no UTF-8")
    except yamltext.YamlError as error:
        return Parsed(stream, {}, error.message)
    if not stream.roots and not stream.broken:
        # Nothing but blanks and comments: kustomize refuses it, and nothing is lost.
        return Parsed(stream, {})
    if not isinstance(value, dict):
        return Parsed(stream, {}, "" if stream.broken else "it holds no mapping of keys to values")
    return Parsed(stream, value)


def is_kustomization(root: str, path: str) -> bool:
    """Flux and others have a kind of that name; only kustomize's own file is one (or has no kind)."""
    value = parsed(OnDisk(root), path).value
    version = value.get("apiVersion") or "kustomize.config.k8s.io/v1beta1"
    if not isinstance(version, str):
        return True
    return version.startswith("kustomize.config.k8s.io/") or value.get("kind") not in ("Kustomization", "Component")
