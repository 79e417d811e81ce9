"""The tree: where its root is, which files are plain manifests, and what is a chart or a kustomization.

Links are never followed, so nothing outside the root is opened and no loop can be entered; what a link
inside the root leads to is read under its own name.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from nodeport_lint.config import FILE_NAMES, is_cheap_pattern, is_pattern
from nodeport_lint.model import Location, NodeportLintError, Problem

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MANIFEST_SUFFIXES = (".yaml", ".yml", ".json")
NEVER_ENTERED = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".terraform", ".venv", "venv", ".tox", ".nox", "__pycache__",
     ".mypy_cache", ".ruff_cache", ".pytest_cache"}
)  # fmt: skip
CHART_DIRECTORIES = frozenset({"templates", "charts", "crds", "ci", "tests"})
CHART_FILES = frozenset({"Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock", "values.schema.json"})
REGISTRY_SUFFIXES = (".md", ".markdown")
KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")

_REGISTRY_NAME = re.compile(
    r"(k8s|kubernetes)?(nodeports?|(node)?ports?(allocations?|assignments?|registry|registrations?|map|mapping|table|list|plan))"
)


class Tree(NamedTuple):
    """The files of a repository by what they are. All paths are POSIX and relative to ``root``, sorted."""

    root: str
    manifests: tuple[str, ...]
    charts: tuple[str, ...]
    kustomizations: tuple[str, ...]
    of_kustomizations: tuple[str, ...]
    """Files that a kustomization uses."""
    named_registries: tuple[str, ...]
    """Documents that are called as an allocation document is."""
    ignored_values: tuple[str, ...]
    """Values files of charts that .gitignore or the configuration names."""
    links_out: tuple[str, ...]
    """Links that lead out of the root or nowhere."""
    problems: tuple[Problem, ...]


def is_registry_name(name: str) -> bool:
    """Whether a file is called as people call their allocation document: NODEPORT_ALLOCATION.md, node-ports.md."""
    stem, suffix = os.path.splitext(name.lower())
    return suffix in REGISTRY_SUFFIXES and _REGISTRY_NAME.fullmatch(re.sub("[^a-z0-9]", "", stem)) is not None


def is_plain_file(path: str) -> bool:
    """A regular file under its own name: a link could lead out of the repository, and a pipe would block."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode) and os.path.realpath(path) == os.path.join(
            os.path.realpath(os.path.dirname(path)), os.path.basename(path)
        )
    except (OSError, ValueError):
        return False


def find_root(path: str) -> str:
    """The nearest directory upwards with a configuration file or ``.git``, else ``path`` or its directory.

    Absolute, links resolved.

    Raises NodeportLintError where ``path`` does not exist.
    """
    if not os.path.lexists(path):
        raise NodeportLintError(f"path {path!r} does not exist")
    start = directory = os.path.realpath(path if os.path.isdir(path) else os.path.dirname(path) or ".")
    while True:
        if any(os.path.lexists(os.path.join(directory, name)) for name in (*FILE_NAMES, ".git")):
            return directory
        if directory == os.path.dirname(directory):
            return start
        directory = os.path.dirname(directory)


def read_tree(root: str, exclude: Sequence[str] = (), gitignore: bool = True) -> Tree:
    """Walks the tree once. ``exclude`` holds patterns in the syntax of .gitignore, relative to the root."""
    walk = _Walk(root, exclude, gitignore)
    walk.run()
    used = {path for kustomization in walk.kustomizations for path in _used_files(root, kustomization)}
    kustomizations = [path for path in walk.kustomizations if path not in walk.manifests]
    of_kustomizations = sorted(used.intersection(walk.manifests))
    manifests = [path for path in walk.manifests if path not in used]
    return Tree(
        root, tuple(sorted(manifests)), tuple(sorted(walk.charts)), tuple(sorted(kustomizations)),
        tuple(of_kustomizations), tuple(sorted(walk.named_registries)), tuple(sorted(walk.ignored_values)),
        tuple(sorted(walk.links_out)),
        tuple(walk.problems),
    )  # fmt: skip


class _Walk:
    def __init__(self, root: str, exclude: Sequence[str], gitignore: bool) -> None:
        self.root = root
        self.gitignore = gitignore
        self.excluded = _spec(exclude)
        self.manifests: set[str] = set()
        self.charts: list[str] = []
        self.kustomizations: list[str] = []
        self.named_registries: list[str] = []
        self.ignored_values: list[str] = []
        self.links_out: list[str] = []
        self.problems: list[Problem] = []

    def run(self) -> None:
        waiting: list[tuple[str, tuple[tuple[str, GitIgnoreSpec], ...]]] = [("", ())]
        while waiting:
            directory, ignores = waiting.pop()
            try:
                with os.scandir(os.path.join(self.root, directory)) as found:
                    entries = {entry.name: entry for entry in found}
            except OSError as error:
                self.problems.append(unreadable(directory or ".", error))
                continue
            if self.gitignore and ".gitignore" in entries:
                ignores = (*ignores, *self._ignore_file(directory, entries[".gitignore"]))
            is_chart = "Chart.yaml" in entries
            if is_chart:
                self.charts.append(directory or ".")
            for name, entry in entries.items():
                path = f"{directory}/{name}" if directory else name
                if entry.is_symlink():
                    self._link(path)
                elif entry.is_dir(follow_symlinks=False):
                    if self._enters(path, name, is_chart, ignores):
                        waiting.append((path, ignores))
                elif entry.is_file(follow_symlinks=False):
                    if not (is_chart and _is_chart_file(name)):
                        self._file(path, name, ignores)
                    elif "values" in name and self._ignored(path, ignores):
                        self.ignored_values.append(path)

    def _enters(self, path: str, name: str, is_chart: bool, ignores: tuple[Any, ...]) -> bool:
        if name in NEVER_ENTERED or (is_chart and name in CHART_DIRECTORIES):
            return False
        if self._ignored(f"{path}/", ignores):
            return False
        return not os.path.lexists(os.path.join(self.root, path, "pyvenv.cfg"))

    def _file(self, path: str, name: str, ignores: tuple[Any, ...]) -> None:
        if is_registry_name(name):
            if not self._ignored(path, ignores):
                self.named_registries.append(path)
            return
        is_kustomization = name in KUSTOMIZATION_NAMES
        if not is_kustomization and not name.lower().endswith(MANIFEST_SUFFIXES):
            return
        if name in FILE_NAMES or self._ignored(path, ignores):
            return
        if is_kustomization:
            self.kustomizations.append(path)
            if _is_kustomization(os.path.join(self.root, path)):
                return
        if name.lower().endswith(MANIFEST_SUFFIXES):
            self.manifests.add(path)

    def _link(self, path: str) -> None:
        if not path.lower().endswith(MANIFEST_SUFFIXES) and not os.path.isdir(os.path.join(self.root, path)):
            return
        target = os.path.realpath(os.path.join(self.root, path))
        inside = target == self.root or target.startswith(self.root.rstrip(os.sep) + os.sep)
        if not inside or not os.path.exists(target):
            self.links_out.append(path)

    def _ignored(self, path: str, ignores: tuple[tuple[str, GitIgnoreSpec], ...]) -> bool:
        if self.excluded is not None and self.excluded.match_file(path):
            return True
        for directory, spec in reversed(ignores):
            decision = spec.check_file(path[len(directory) :]).include
            if decision is not None:
                return decision
        return False

    def _ignore_file(self, directory: str, entry: os.DirEntry[str]) -> Iterator[tuple[str, GitIgnoreSpec]]:
        if not entry.is_file(follow_symlinks=False):
            return
        try:
            with open(os.path.join(self.root, entry.path), encoding="utf-8", errors="replace") as file:
                spec = _spec(file.read(1_000_000).splitlines())
        except OSError as error:
            self.problems.append(unreadable(f"{directory}/.gitignore".lstrip("/"), error))
            return
        if spec is not None:
            yield (f"{directory}/" if directory else ""), spec


MAX_PATTERNS = 2000
"""Patterns of one .gitignore."""


def _spec(lines: Sequence[str]) -> GitIgnoreSpec | None:
    """A costly pattern is left out: then more is read, never less."""
    patterns = [line for line in lines if line.strip() and not line.startswith("#") and is_cheap_pattern(line)]
    del patterns[MAX_PATTERNS:]
    if not patterns:
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(patterns)
    except (ValueError, re.error):
        # git passes over a pattern that is none; the library stops at it.
        return GitIgnoreSpec.from_lines([pattern for pattern in patterns if is_pattern(pattern)])


def _is_chart_file(name: str) -> bool:
    return name in CHART_FILES or ("values" in name and name.lower().endswith((".yaml", ".yml")))


def unreadable(path: str, error: OSError) -> Problem:
    """A file or directory that the system does not let us read."""
    return Problem("unreadable", f"cannot be read: {error.strerror or error}", Location(path))


# --- kustomizations: which files they use ------------------------------------------------------


def _is_kustomization(path: str) -> bool:
    """Flux and others have a kind of that name; only kustomize's own file is one (or has no kind)."""
    value = _mapping_of(path)
    version = value.get("apiVersion") or "kustomize.config.k8s.io/v1beta1"
    if not isinstance(version, str):
        return True
    return version.startswith("kustomize.config.k8s.io/") or value.get("kind") not in ("Kustomization", "Component")


_LISTS_OF_PATHS = (
    "resources", "bases", "components", "crds", "configurations", "generators", "transformers", "validators",
    "patchesStrategicMerge",
)  # fmt: skip
_LISTS_OF_OBJECTS = ("patches", "patchesJson6902", "replacements")


def _used_files(root: str, kustomization: str) -> Iterator[str]:
    """The paths, relative to the root, that a kustomization names; whether they exist is not looked at."""
    value = _mapping_of(os.path.join(root, kustomization))
    directory = kustomization.rpartition("/")[0]
    named: list[Any] = []
    for key in _LISTS_OF_PATHS:
        named += _list(value.get(key))
    for key in _LISTS_OF_OBJECTS:
        named += [entry.get("path") for entry in _list(value.get(key)) if isinstance(entry, dict)]
    for name in named:
        if isinstance(name, str) and "\n" not in name and "://" not in name:
            path = os.path.normpath(os.path.join(directory, name)).replace(os.sep, "/")
            if not path.startswith("../"):
                yield path


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping_of(path: str) -> dict[str, Any]:
    from nodeport_lint import yamltext

    try:
        with open(path, "rb") as file:
            stream = yamltext.read(yamltext.decode(file.read(1_000_000)))
        value = yamltext.plain(stream.roots[0]) if stream.roots else None
    except (OSError, UnicodeDecodeError, yamltext.YamlError):
        return {}
    return value if isinstance(value, dict) else {}
