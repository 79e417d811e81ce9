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
from nodeport_lint.repository.closure import NAMES, Closures, is_kustomization, read_closures
from nodeport_lint.repository.held import OnDisk

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_PROSE = re.compile(
    r"\.(?:md|sh)$|(?:^|/)(?:README(?:\.\w+)?|(?:GNU)?makefile|justfile|Taskfile\.ya?ml)$|^\.github/workflows/[^/]+$",
    re.IGNORECASE,
)
MANIFEST_SUFFIXES = (".yaml", ".yml", ".json")
NEVER_ENTERED = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".terraform", ".venv", "venv", ".tox", ".nox", "__pycache__",
     ".mypy_cache", ".ruff_cache", ".pytest_cache"}
)  # fmt: skip
CHART_DIRECTORIES = frozenset({"templates", "charts", "crds", "ci", "tests"})
CHART_FILES = frozenset({"Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock", "values.schema.json"})
REGISTRY_SUFFIXES = (".md", ".markdown")

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
    closures: Closures
    named_registries: tuple[str, ...]
    """Documents that are called as an allocation document is."""
    prose: tuple[str, ...]
    """Files in which people write down commands: Markdown, shell, make, workflows."""
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
    """A regular file with no link on the way to it: one could lead out of the repository, and a pipe would block.

    ``path`` is below a root whose own links are resolved.
    """
    try:
        return stat.S_ISREG(os.lstat(path).st_mode) and os.path.realpath(path) == os.path.normpath(path)
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
    closures = read_closures(OnDisk(root), [path for path in walk.kustomizations if path not in walk.manifests])
    used = closures.all_files()
    kustomizations = [path for path in walk.kustomizations if path not in walk.manifests]
    of_kustomizations = sorted(used.intersection(walk.manifests))
    manifests = [path for path in walk.manifests if path not in used]
    return Tree(
        root, tuple(sorted(manifests)), tuple(sorted(walk.charts)), tuple(sorted(kustomizations)),
        tuple(of_kustomizations), closures, tuple(sorted(walk.named_registries)), tuple(sorted(walk.prose)),
        tuple(sorted(walk.ignored_values)),
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
        self.prose: list[str] = []
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
        if _PROSE.search(path) and not self._ignored(path, ignores):
            self.prose.append(path)
        called_so = name in NAMES
        if not called_so and not name.lower().endswith(MANIFEST_SUFFIXES):
            return
        if name in FILE_NAMES or self._ignored(path, ignores):
            return
        if called_so:
            self.kustomizations.append(path)
            if is_kustomization(self.root, path):
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
