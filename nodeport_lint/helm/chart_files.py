"""The files of one chart, from its directory or from an archive, with bounds on count and size."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from typing import NamedTuple

from nodeport_lint.expressions import expression
from nodeport_lint.helm.tar import Allowance, Member, TooMuchError, members
from nodeport_lint.model.render import is_safe
from nodeport_lint.tree.files import DIRECTORY, FILE, OnDisk

MAX_FILE = 5 << 20
"""Bytes of one file. Helm refuses larger ones (pkg/chart/loader, MaxDecompressedFileSize)."""
MAX_FILES, MAX_TOTAL = 30_000, 200 << 20
"""Files and bytes of one chart with its sub-charts."""
MAX_UNPACKED, MAX_UNPACKED_OF_ALL = 100 << 20, 400 << 20
"""Bytes that the archives of one chart unpack to, and those of all charts of a run. Helm takes 100 MiB of each archive
(pkg/chart/loader, MaxDecompressedChartSize)."""
MAX_HEADERS, MAX_HEADERS_OF_ALL = 300_000, 1_000_000
"""Members of archives, and records of their extended headers."""
MAX_LEFT_OUT = 100
"""Members of one archive that are named one by one."""
MAX_OTHER_FILES, MAX_OTHER_TOTAL = 2_000, 32 << 20
"""Files and bytes outside of the directories that Helm knows: a chart may lie at the top of a repository."""
OWN_DIRECTORIES = ("templates", "charts", "crds")
NEVER_READ = frozenset({".git", "node_modules", ".terraform", ".venv", "venv"})
MAX_DEPTH = 30
"""Directories in directories."""

_ARCHIVE = expression(r"charts/(?:[^/]+/charts/)*[^/_.][^/]*\.(?:tgz|tar\.gz)")
_DRIVE = expression("[a-zA-Z]:/")
_CHART_LINK = expression(r"charts/(?:[^/]+/charts/)*[^/]+")


class FileOrigin(NamedTuple):
    """Where an input was read: a path relative to the root, and for an archive the file within."""

    path: str
    member: str = ""


class LeftOut(NamedTuple):
    """A path that was not read, and why. ``limit``: a bound of ours took what Helm may read; ``own``: it lies where
    Helm looks for templates, values and sub-charts."""

    path: str
    why: str
    limit: bool = False
    own: bool = True


class ChartFiles(NamedTuple):
    """What was read of one chart, relative to its top.

    ``links`` of charts/ lead to charts elsewhere inside the root: where they stand, and to which path.
    """

    files: dict[str, bytes]
    origins: dict[str, FileOrigin]
    archives: tuple[str, ...]
    links: dict[str, str]
    left_out: tuple[LeftOut, ...]


def read_directory(files: OnDisk, chart: str) -> ChartFiles:
    """The chart in the directory ``chart``. Raises TooMuchError, or OSError for the directory itself."""
    reader = _Directory(files, chart)
    reader.read()
    archives = sorted(path for path in reader.files if is_archive(path))
    return ChartFiles(reader.files, reader.origins, tuple(archives), reader.links, tuple(reader.left_out))


def is_archive(path: str) -> bool:
    """Whether Helm takes a file of charts/, or of charts/ of a sub-chart, for a packed chart."""
    return _ARCHIVE.fullmatch(path) is not None


class _Directory:
    def __init__(self, tree: OnDisk, chart: str) -> None:
        self.tree, self.chart = tree, chart
        self.top = os.path.normpath(os.path.join(tree.root, chart))
        own = os.path.normpath(chart).replace(os.sep, "/")
        self.place = "" if own == "." else f"{own}/"
        self.files: dict[str, bytes] = {}
        self.origins: dict[str, FileOrigin] = {}
        self.links: dict[str, str] = {}
        self.left_out: list[LeftOut] = []
        self.total = self.other_files = self.other_total = 0

    def read(self) -> None:
        entries = sorted(os.scandir(self.top), key=lambda entry: (not _is_own(entry.name), entry.name))
        for entry in entries:
            self._take(entry, entry.name, 0)

    def _take(self, entry: os.DirEntry[str], path: str, depth: int) -> None:
        try:
            if entry.is_symlink():
                self._link(path)
            elif entry.is_dir(follow_symlinks=False):
                if depth >= MAX_DEPTH:
                    self._beyond(path, f"more than {MAX_DEPTH} directories deep")
                elif self._is_part(path, entry.name):
                    for below in sorted(os.scandir(entry.path), key=lambda below: below.name):
                        self._take(below, f"{path}/{below.name}", depth + 1)
            elif entry.is_file(follow_symlinks=False):
                self._file(self._in_tree(path), path)
        except OSError as error:
            self.left_out.append(LeftOut(path, error.strerror or "cannot be read"))

    def _is_part(self, path: str, name: str) -> bool:
        """All that Helm knows is; of the rest, neither another chart, which is read as one of its own, nor tools."""
        if path.split("/")[0] in OWN_DIRECTORIES:
            return True
        return name not in NEVER_READ and not os.path.lexists(os.path.join(self.top, path, "Chart.yaml"))

    def _in_tree(self, path: str) -> str:
        """A path below the chart as one below the root."""
        return f"{self.place}{path}"

    def _file(self, place: str, path: str) -> None:
        if path.endswith("values.schema.json"):
            # Helm follows references of a schema to the network and to any file.
            return
        data, size = self.tree.read_sized(place, MAX_FILE)
        if len(data) < size:
            self._beyond(path, f"larger than {MAX_FILE >> 20} MB")
            return
        if not _is_own(path):
            self.other_files += 1
            self.other_total += len(data)
            if self.other_files > MAX_OTHER_FILES or self.other_total > MAX_OTHER_TOTAL:
                why = f"beyond {MAX_OTHER_FILES:,} files or {MAX_OTHER_TOTAL >> 20} MB that are no templates"
                self._beyond(path, why)
                return
        self.total += len(data)
        if len(self.files) >= MAX_FILES or self.total > MAX_TOTAL:
            raise TooMuchError(f"more than {MAX_FILES:,} files or {MAX_TOTAL >> 20} MB")
        self.files[path] = data
        self.origins[path] = FileOrigin(self._in_tree(path))

    def _beyond(self, path: str, why: str) -> None:
        self.left_out.append(LeftOut(path, why, True, _is_own(path)))

    def _link(self, path: str) -> None:
        """A link inside the chart is read; one of charts/ may lead to a chart elsewhere in the tree."""
        place = os.path.join(self.top, path)
        if not os.path.exists(place):
            self.left_out.append(LeftOut(path, "a link that leads nowhere"))
            return
        target = self.tree.target(self._in_tree(path))
        if target is None or target == ".":
            self.left_out.append(LeftOut(path, "a link that leads out of the repository"))
        elif self.tree.kind(target) == DIRECTORY:
            if _CHART_LINK.fullmatch(path) and os.path.lexists(os.path.join(self.tree.root, target, "Chart.yaml")):
                self.links[path] = target
            else:
                self.left_out.append(LeftOut(path, "a link to a directory"))
        elif self.chart != "." and not target.startswith(f"{self.chart}/"):
            self.left_out.append(LeftOut(path, "a link that leads out of the chart"))
        elif self.tree.kind(target) == FILE:
            self._file(target, path)
        else:
            self.left_out.append(LeftOut(path, "a link that leads nowhere"))


def _is_own(path: str) -> bool:
    """Whether Helm knows what lies there; a template reads other files only by their names."""
    top = path.partition("/")[0]
    return top in OWN_DIRECTORIES or top.startswith(("Chart.", "values", "requirements", ".helmignore"))


def allowance(of_all: bool = False) -> Allowance:
    """What the archives of one chart may unpack to, or those of all charts."""
    if of_all:
        return Allowance(MAX_UNPACKED_OF_ALL, MAX_HEADERS_OF_ALL, "all charts")
    return Allowance(MAX_UNPACKED, MAX_HEADERS, "one chart")


def read_archive(data: bytes, origin: str, allowances: Sequence[Allowance] | None = None) -> ChartFiles:
    """The chart in a ``.tgz``, as Helm reads it. Raises TooMuchError where one of ``allowances`` is spent, or
    ValueError where it is none that Helm takes."""
    files: dict[str, bytes] = {}
    left_out: list[LeftOut] = []
    more, more_own = 0, False
    for member in members(data, MAX_FILE, [allowance()] if allowances is None else allowances):
        path = _place_in_chart(member.name)
        why = _why_not(path, member)
        if why and len(left_out) < MAX_LEFT_OUT:
            left_out.append(LeftOut(path[:200], why, True, _is_own(path)))
        elif why:
            more, more_own = more + 1, more_own or _is_own(path)
        elif member.kind == "empty":
            # To Helm an empty file, which hides an earlier one of its name.
            files.pop(path, None)
        elif not path.endswith("values.schema.json"):
            if files.get(path, member.data) != member.data and _is_once(path):
                raise ValueError(f"it holds {path[:200]} twice")
            files[path] = member.data
        if len(files) > MAX_FILES:
            raise TooMuchError(f"more than {MAX_FILES:,} files in {origin}")
    if "Chart.yaml" not in files:
        raise ValueError("it holds no Chart.yaml")
    if more:
        left_out.append(LeftOut(origin, f"{more:,} more of its members", True, more_own))
    origins = {path: FileOrigin(origin, path) for path in files}
    return ChartFiles(files, origins, tuple(sorted(filter(is_archive, files))), {}, tuple(left_out))


def _why_not(path: str, member: Member) -> str:
    """Why a member is not read, empty where it is."""
    if not is_safe(path):
        return "a name that no file can have"
    if member.kind == "sparse":
        return "a sparse file"
    return f"larger than {MAX_FILE >> 20} MB" if member.size > MAX_FILE else ""


def _is_once(path: str) -> bool:
    """Whether Helm does not simply take the last of several members of one name: it unites them, or takes the first."""
    return posixpath.basename(path) in ("Chart.yaml", "Chart.lock", "requirements.yaml") or is_archive(path)


def _place_in_chart(name: str) -> str:
    """The path below the chart's top that Helm makes of a member's name. Raises ValueError where it refuses the
    archive for it (pkg/chart/loader/archive, LoadArchiveFiles)."""
    delimiter = "\\" if "\\" in name else "/"
    first, _, rest = name.partition(delimiter)
    rest = rest.replace(delimiter, "/")
    path = posixpath.normpath(rest)
    if rest.startswith("/") or path.startswith("..") or path == "." or _DRIVE.match(path) or first == "Chart.yaml":
        raise ValueError(f"a member named {name[:200]}")
    return path
