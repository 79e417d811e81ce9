"""The tree: where its root is, which files are plain manifests, and what is a chart or a kustomization.

Links are never followed, so nothing outside the root is opened and no loop can be entered; what a link
inside the root leads to is read under its own name.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from nodeport_lint.config import FILE_NAMES
from nodeport_lint.model import NodeportLintError, Notice, Problem
from nodeport_lint.model.words import counted
from nodeport_lint.repository.closure import NAMES, Closures, is_kustomization, read_closures
from nodeport_lint.repository.held import OnDisk
from nodeport_lint.repository.ignores import Ignores, Levels, unreadable

__all__ = ["Tree", "find_root", "is_plain_file", "is_registry_name", "read_tree", "unreadable", "upwards"]

_PROSE = re.compile(
    r"\.(?:md|sh)$|(?:^|/)(?:README(?:\.\w+)?|(?:GNU)?makefile|justfile|Taskfile\.ya?ml)$|^\.github/workflows/[^/]+$",
    re.IGNORECASE,
)
MANIFEST_SUFFIXES = (".yaml", ".yml", ".json")
_OF_GIT_AND_OTHERS = frozenset({".git", ".hg", ".svn"})
NEVER_ENTERED = frozenset(
    {"node_modules", ".terraform", ".venv", "venv", ".tox", ".nox", "__pycache__",
     ".mypy_cache", ".ruff_cache", ".pytest_cache"}
)  # fmt: skip
"""What tools make. What is left out for its name is told, where .gitignore does not name it, too."""
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
    notices: tuple[Notice, ...]
    """What is left out without the configuration or .gitignore saying so."""


def is_registry_name(name: str) -> bool:
    """Whether a file is called as people call their allocation document: NODEPORT_ALLOCATION.md, node-ports.md."""
    stem, suffix = os.path.splitext(name.lower())
    return suffix in REGISTRY_SUFFIXES and _REGISTRY_NAME.fullmatch(re.sub("[^a-z0-9]", "", stem)) is not None


def upwards(path: str) -> Iterator[str]:
    """A path and the directories above it, without the root."""
    while path:
        yield path
        path = path.rpartition("/")[0]


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

    Absolute, links resolved: a link means what it leads to.

    Raises NodeportLintError where ``path`` does not exist.
    """
    if not os.path.exists(path):
        what = "is a link to nothing" if os.path.islink(path) else "does not exist"
        raise NodeportLintError(f"path {path!r} {what}")
    place = os.path.realpath(path)
    start = directory = place if os.path.isdir(place) else os.path.dirname(place)
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
        tuple(walk.notices(used)),
    )  # fmt: skip


class _Walk:
    def __init__(self, root: str, exclude: Sequence[str], gitignore: bool) -> None:
        self.root = root
        self.ignores = Ignores(root, exclude, gitignore)
        self.manifests: set[str] = set()
        self.charts: list[str] = []
        self.kustomizations: list[str] = []
        self.named_registries: list[str] = []
        self.prose: list[str] = []
        self.ignored_values: list[str] = []
        self.entered: set[str] = set()
        self.left_out: list[str] = []
        self.links_out: list[str] = []
        self.links_inside: dict[str, str] = {}
        self.problems = self.ignores.problems

    def run(self) -> None:
        waiting: list[tuple[str, Levels]] = [("", ())]
        while waiting:
            directory, levels = waiting.pop()
            self.entered.add(directory)
            try:
                with os.scandir(os.path.join(self.root, directory)) as found:
                    entries = {entry.name: entry for entry in found}
            except OSError as error:
                self.problems.append(unreadable(directory or ".", error))
                continue
            levels = self.ignores.below(directory, entries, levels)
            is_chart = "Chart.yaml" in entries
            if is_chart:
                self.charts.append(directory or ".")
            for name, entry in entries.items():
                path = f"{directory}/{name}" if directory else name
                if entry.is_symlink():
                    self._link(path, name, levels)
                elif entry.is_dir(follow_symlinks=False):
                    if self._enters(path, name, is_chart, levels):
                        waiting.append((path, levels))
                elif entry.is_file(follow_symlinks=False):
                    if not (is_chart and _is_chart_file(name)):
                        self._file(path, name, levels)
                    elif "values" in name and self.ignores.ignored(path, levels):
                        self.ignored_values.append(path)

    def _enters(self, path: str, name: str, is_chart: bool, levels: Levels) -> bool:
        if name in _OF_GIT_AND_OTHERS or (is_chart and name in CHART_DIRECTORIES):
            return False
        if name in NEVER_ENTERED or _is_environment(os.path.join(self.root, path)):
            if not self.ignores.names(path, levels):
                self.left_out.append(path)
            return False
        return not self.ignores.ignored(f"{path}/", levels)

    def _file(self, path: str, name: str, levels: Levels) -> None:
        if is_registry_name(name):
            if not self.ignores.ignored(path, levels):
                self.named_registries.append(path)
            return
        if _PROSE.search(path) and not self.ignores.ignored(path, levels):
            self.prose.append(path)
        called_so = name in NAMES
        if not called_so and not name.lower().endswith(MANIFEST_SUFFIXES):
            return
        if path in FILE_NAMES or self.ignores.ignored(path, levels):
            return
        if called_so:
            self.kustomizations.append(path)
            if is_kustomization(self.root, path):
                return
        if name.lower().endswith(MANIFEST_SUFFIXES):
            self.manifests.add(path)

    def _link(self, path: str, name: str, levels: Levels) -> None:
        place = os.path.join(self.root, path)
        read = name.lower().endswith(MANIFEST_SUFFIXES) or name in NAMES or is_registry_name(name)
        if not read and not os.path.isdir(place):
            return
        # The system follows some forty links and no more, so that only such are resolved here.
        target = os.path.realpath(place) if os.path.exists(place) else ""
        if target != self.root and not target.startswith(self.root.rstrip(os.sep) + os.sep):
            self.links_out.append(path)
        elif not self.ignores.ignored(path, levels):
            inside = os.path.relpath(target, self.root).replace(os.sep, "/")
            self.links_inside[path] = "" if inside == "." else inside

    def notices(self, used: Collection[str]) -> Iterator[Notice]:
        """``used``: files that kustomizations use."""
        if self.left_out:
            count = counted(len(self.left_out), "directory")
            what = "for the name (node_modules, venv and such) or as a Python environment"
            yield Notice(f"{count} not read, {what}: .gitignore does not say so", tuple(sorted(self.left_out)))
        read = {*self.manifests, *self.kustomizations, *self.named_registries, *self.entered, *used, *FILE_NAMES}
        charts = set(self.charts)
        told = [
            f"{path} -> {target}"
            for path, target in sorted(self.links_inside.items())
            if target not in read and not _is_of_chart(target, charts)
        ]
        if told:
            count = counted(len(told), "link")
            yield Notice(f"{count} not followed, and what is there is not read under its own name", tuple(told))
        yield from self.ignores.notices()


def _is_environment(directory: str) -> bool:
    """Whether Python takes it for an environment: the file alone would hide whatever lies beside it."""
    place = os.path.join(directory, "pyvenv.cfg")
    try:
        if not stat.S_ISREG(os.lstat(place).st_mode):
            return False
        with open(place, "rb") as file:
            text = file.read(10_000)
        return re.search(rb"^[ \t]*home[ \t]*=", text, re.MULTILINE) is not None and any(
            stat.S_ISDIR(os.lstat(os.path.join(directory, name)).st_mode)
            for name in ("bin", "Scripts")
            if os.path.lexists(os.path.join(directory, name))
        )
    except OSError:
        return False


def _is_of_chart(path: str, charts: Collection[str]) -> bool:
    """Whether a chart takes a path for its own, be it a file or a directory."""
    directory, name = path, ""
    while directory:
        directory, _, name = directory.rpartition("/")
        if (directory or ".") in charts:
            return name in CHART_DIRECTORIES or (f"{directory}/{name}".lstrip("/") == path and _is_chart_file(name))
    return False


def _is_chart_file(name: str) -> bool:
    return name in CHART_FILES or ("values" in name and name.lower().endswith((".yaml", ".yml")))
