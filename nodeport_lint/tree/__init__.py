"""The tree: where its root is, and its files by what they are called.

Links are never followed, so nothing outside the root is opened and no loop can be entered; what a link
inside the root leads to is read under its own name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from nodeport_lint.config import FILE_NAMES
from nodeport_lint.expressions import expression
from nodeport_lint.model import NodeportLintError, Notice, Problem
from nodeport_lint.model.clock import Clock, Stage
from nodeport_lint.model.words import counted
from nodeport_lint.tree.files import OnDisk
from nodeport_lint.tree.ignores import Ignores, Levels, given_up, unreadable

__all__ = [
    "Tree", "find_root", "given_up", "is_manifest", "is_registry_name", "read_tree", "unread_links", "unreadable",
    "upwards",
]  # fmt: skip

_PROSE = expression(
    r"\.(?:md|sh)$|(?:^|/)(?:README(?:\.\w+)?|(?:GNU)?makefile|justfile|Taskfile\.ya?ml)$|^\.github/workflows/[^/]+$",
    re.IGNORECASE,
)
MANIFEST_SUFFIXES = (".yaml", ".yml", ".json")
KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""As kustomize itself calls them; the first of them that is there counts (api/konfig/general.go)."""
_OF_GIT_AND_OTHERS = frozenset({".git", ".hg", ".svn"})
NEVER_ENTERED = frozenset(
    {"node_modules", ".terraform", ".venv", "venv", ".tox", ".nox", "__pycache__",
     ".mypy_cache", ".ruff_cache", ".pytest_cache"}
)  # fmt: skip
"""What tools make. What is left out for its name is told, where .gitignore does not name it, too."""
SHARE = 0.3
"""Of the time that is left."""
CHART_DIRECTORIES = frozenset({"templates", "charts", "crds", "ci", "tests"})
CHART_FILES = frozenset({"Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock", "values.schema.json"})
REGISTRY_SUFFIXES = (".md", ".markdown")

_REGISTRY_NAME = expression(
    r"(k8s|kubernetes)?(nodeports?|(node)?ports?(allocations?|assignments?|registry|registrations?|map|mapping|table|list|plan))"
)


class Tree(NamedTuple):
    """The files of a repository by what they are. All paths are POSIX and relative to ``root``, sorted."""

    root: str
    files: OnDisk
    manifests: tuple[str, ...]
    """Files that may be, by their suffix."""
    charts: tuple[str, ...]
    called_kustomization: tuple[str, ...]
    """Files called as kustomize calls its own; Flux and others have a kind of that name."""
    named_registries: tuple[str, ...]
    """Documents that are called as an allocation document is."""
    prose: tuple[str, ...]
    """Files in which people write down commands: Markdown, shell, make, workflows."""
    ignored_values: tuple[str, ...]
    """Values files of charts that .gitignore or the configuration names."""
    links_out: tuple[str, ...]
    """Links that lead out of the root or nowhere."""
    links_inside: Mapping[str, str]
    """Other links, with what they lead to."""
    entered: frozenset[str]
    """Directories that were looked through; the root is empty."""
    problems: tuple[Problem, ...]
    notices: tuple[Notice, ...]
    """What is left out without the configuration or .gitignore saying so."""


def is_registry_name(name: str) -> bool:
    """Whether a file is called as people call their allocation document: NODEPORT_ALLOCATION.md, node-ports.md."""
    stem, suffix = os.path.splitext(name.lower())
    return suffix in REGISTRY_SUFFIXES and _REGISTRY_NAME.fullmatch(re.sub("[^a-z0-9]", "", stem)) is not None


def is_manifest(path: str) -> bool:
    """Whether a file may hold objects, by its suffix."""
    return path.lower().endswith(MANIFEST_SUFFIXES)


def upwards(path: str) -> Iterator[str]:
    """A path and the directories above it, without the root."""
    while path:
        yield path
        path = path.rpartition("/")[0]


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


def read_tree(root: str, exclude: Sequence[str] = (), gitignore: bool = True, clock: Clock | None = None) -> Tree:
    """Walks the tree once. ``exclude`` holds patterns in the syntax of .gitignore, relative to the root.

    Directories that are not entered because the time for the walk is over are problems.
    """
    walk = _Walk(OnDisk(root), exclude, gitignore)
    walk.run((clock or Clock()).stage("walking through the directories", SHARE))
    return Tree(
        root=walk.root,
        files=walk.files,
        manifests=tuple(sorted(walk.manifests)),
        charts=tuple(sorted(walk.charts)),
        called_kustomization=tuple(sorted(walk.kustomizations)),
        named_registries=tuple(sorted(walk.named_registries)),
        prose=tuple(sorted(walk.prose)),
        ignored_values=tuple(sorted(walk.ignored_values)),
        links_out=tuple(sorted(walk.links_out)),
        links_inside=walk.links_inside,
        entered=frozenset(walk.entered),
        problems=tuple(walk.problems),
        notices=tuple(walk.notices()),
    )


class _Walk:
    def __init__(self, files: OnDisk, exclude: Sequence[str], gitignore: bool) -> None:
        self.files, self.root = files, files.root
        self.ignores = Ignores(files, exclude, gitignore)
        self.manifests: list[str] = []
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

    def run(self, stage: Stage) -> None:
        waiting: list[tuple[str, Levels]] = [("", ())]
        while waiting:
            directory, levels = waiting.pop()
            self.entered.add(directory)
            why = stage.over()
            if why:
                self.problems.append(given_up(directory or ".", why))
                continue
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
        if name in NEVER_ENTERED or _is_environment(self.files, path):
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
        called_so = name in KUSTOMIZATION_NAMES
        if not called_so and not is_manifest(name):
            return
        if path in FILE_NAMES or self.ignores.ignored(path, levels):
            return
        if called_so:
            self.kustomizations.append(path)
        else:
            self.manifests.append(path)

    def _link(self, path: str, name: str, levels: Levels) -> None:
        read = is_manifest(name) or name in KUSTOMIZATION_NAMES or is_registry_name(name)
        if not read and not os.path.isdir(os.path.join(self.root, path)):
            return
        target = self.files.target(path)
        if target is None:
            self.links_out.append(path)
        elif not self.ignores.ignored(path, levels):
            self.links_inside[path] = "" if target == "." else target

    def notices(self) -> Iterator[Notice]:
        if self.links_out:
            count = counted(len(self.links_out), "link")
            message = f"{count} not followed: outside the repository, or nothing there"
            yield Notice(message, tuple(sorted(self.links_out)))
        if self.left_out:
            count = counted(len(self.left_out), "directory")
            what = "for the name (node_modules, venv and such) or as a Python environment"
            yield Notice(f"{count} not read, {what}: .gitignore does not say so", tuple(sorted(self.left_out)))
        yield from self.ignores.notices()


def unread_links(tree: Tree, used: Collection[str]) -> Iterator[Notice]:
    """Links to what is not read under its own name; ``used``: further files that are read."""
    read = {*tree.manifests, *tree.called_kustomization, *tree.named_registries, *tree.entered, *used, *FILE_NAMES}
    charts = set(tree.charts)
    told = [
        f"{path} -> {target}"
        for path, target in sorted(tree.links_inside.items())
        if target not in read and not _is_of_chart(target, charts)
    ]
    if told:
        count = counted(len(told), "link")
        yield Notice(f"{count} not followed, and what is there is not read under its own name", tuple(told))


def _is_environment(files: OnDisk, directory: str) -> bool:
    """Whether Python takes it for an environment: the file alone would hide whatever lies beside it."""
    place = f"{directory}/pyvenv.cfg"
    try:
        text = files.read(place, 10_000) if files.is_plain(place) else b""
    except OSError:
        return False
    return re.search(rb"^[ \t]*home[ \t]*=", text, re.MULTILINE) is not None and any(
        os.path.isdir(programs) and not os.path.islink(programs)
        for programs in (os.path.join(files.root, directory, name) for name in ("bin", "Scripts"))
    )


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
