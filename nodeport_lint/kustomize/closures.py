"""Which files each kustomization of a tree uses, found by reading alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from nodeport_lint.kustomize.nouns import Kustomization
from nodeport_lint.kustomize.parsing import is_kustomization
from nodeport_lint.model.clock import Clock, Stage
from nodeport_lint.tree import KUSTOMIZATION_NAMES, Tree, given_up, is_manifest
from nodeport_lint.tree.files import Files

SHARE = 0.3
"""Of the time that is left."""


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

    @property
    def listed(self) -> list[str]:
        """Files with objects that a build can come to."""
        return sorted({path for directory in self.live for path in self.found[directory].resources})

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


class Sorted(NamedTuple):
    """A tree whose kustomizations are known. ``manifests``: the files that none of them uses."""

    tree: Tree
    closures: Closures
    manifests: tuple[str, ...]


def told_apart(tree: Tree, clock: Clock | None = None) -> Sorted:
    """Reads what is called like a kustomization; files of another kind of that name are manifests where their
    name ends as those of manifests do. Of a ``Kustomization`` it is told that kustomize refuses it."""
    stage = (clock or Clock()).stage("reading kustomizations", SHARE)
    others = {
        path
        for path in tree.called_kustomization
        if is_manifest(path) and not stage.over() and not is_kustomization(tree.files, path)
    }
    own = [path for path in tree.called_kustomization if path not in others]
    closures = read_closures(tree.files, own, stage)
    return Sorted(tree, closures, tuple(sorted({*tree.manifests, *others} - closures.all_files())))


def read_closures(files: Files, paths: Collection[str], stage: Stage | None = None) -> Closures:
    """From the paths of kustomization files. What they name outside of the root is never opened."""
    known = {path.rpartition("/")[0]: path for path in sorted(paths, key=_precedence, reverse=True)}
    if not known:
        return Closures({})
    from nodeport_lint.kustomize.references import Reader

    def read(directory: str, path: str) -> Kustomization:
        why = stage.over() if stage is not None else ""
        if why:
            return Kustomization(path, directory, False, problems=(given_up(path, why),), blocked=True)
        return Reader(files, known, path).read()

    return Closures({directory: read(directory, path) for directory, path in known.items()})


def _precedence(path: str) -> tuple[int, str]:
    return KUSTOMIZATION_NAMES.index(path.rpartition("/")[2]), path
