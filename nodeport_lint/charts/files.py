"""The files of one chart, from its directory or from an archive, with bounds on count and size."""

from __future__ import annotations

import io
import os
import re
import stat
import tarfile
import zlib
from typing import NamedTuple

from nodeport_lint.model.render import is_safe

MAX_FILE = 5 << 20
"""Bytes of one file. Helm refuses larger ones (pkg/chart/loader, MaxDecompressedFileSize)."""
MAX_FILES, MAX_TOTAL = 30_000, 200 << 20
"""Files and bytes of one chart with its sub-charts. Helm takes 100 MiB of a chart as it is packed."""
MAX_OTHER_FILES, MAX_OTHER_TOTAL = 2_000, 32 << 20
"""Files and bytes outside of the directories that Helm knows: a chart may lie at the top of a repository."""
OWN_DIRECTORIES = ("templates", "charts", "crds")
NEVER_READ = frozenset({".git", "node_modules", ".terraform", ".venv", "venv"})
MAX_DEPTH = 30
"""Directories in directories."""

_ARCHIVE = re.compile(r"charts/(?:[^/]+/charts/)*[^/_.][^/]*\.(?:tgz|tar\.gz)")
_CHART_LINK = re.compile(r"charts/(?:[^/]+/charts/)*[^/]+")
NODE_PORT_TEXT = re.compile(rb"node_?port|^[^#\n]*type[\"']?:[ \t]*[\"']?LoadBalancer", re.IGNORECASE | re.MULTILINE)
"""Node ports by name, or a load balancer, for which the cluster opens some."""


class TooMuchError(Exception):
    """A chart exceeds a bound, and which one."""


class Origin(NamedTuple):
    """Where an input was read: a path relative to the root, and for an archive the file within."""

    path: str
    member: str = ""


class ChartFiles(NamedTuple):
    """What was read of one chart, relative to its top. ``left_out``: paths and why they were not read.

    ``links`` of charts/ lead to charts elsewhere inside the root: where they stand, and to which path.
    """

    files: dict[str, bytes]
    origins: dict[str, Origin]
    archives: tuple[str, ...]
    links: dict[str, str]
    left_out: tuple[tuple[str, str], ...]


def read_directory(root: str, chart: str) -> ChartFiles:
    """The chart in the directory ``chart`` below ``root``. Raises TooMuchError, or OSError for the directory itself."""
    reader = _Directory(root, chart)
    reader.read()
    archives = sorted(path for path in reader.files if is_archive(path))
    return ChartFiles(reader.files, reader.origins, tuple(archives), reader.links, tuple(reader.left_out))


def is_archive(path: str) -> bool:
    """Whether Helm takes a file of charts/, or of charts/ of a sub-chart, for a packed chart."""
    return _ARCHIVE.fullmatch(path) is not None


class _Directory:
    def __init__(self, root: str, chart: str) -> None:
        self.root, self.chart = root, chart
        self.top = os.path.normpath(os.path.join(root, chart))
        self.files: dict[str, bytes] = {}
        self.origins: dict[str, Origin] = {}
        self.links: dict[str, str] = {}
        self.left_out: list[tuple[str, str]] = []
        self.total = self.other_files = self.other_total = 0

    def read(self) -> None:
        entries = sorted(os.scandir(self.top), key=lambda entry: (not self._is_own(entry.name), entry.name))
        for entry in entries:
            self._take(entry, entry.name, 0)

    @staticmethod
    def _is_own(name: str) -> bool:
        return name in OWN_DIRECTORIES or name.startswith(("Chart.", "values", "requirements", ".helmignore"))

    def _take(self, entry: os.DirEntry[str], path: str, depth: int) -> None:
        try:
            if entry.is_symlink():
                self._link(path)
            elif entry.is_dir(follow_symlinks=False):
                if depth >= MAX_DEPTH:
                    self.left_out.append((path, f"more than {MAX_DEPTH} directories deep"))
                elif self._is_part(path, entry.name):
                    for below in sorted(os.scandir(entry.path), key=lambda below: below.name):
                        self._take(below, f"{path}/{below.name}", depth + 1)
            elif entry.is_file(follow_symlinks=False):
                self._file(entry.path, path)
        except OSError as error:
            self.left_out.append((path, error.strerror or "cannot be read"))

    def _is_part(self, path: str, name: str) -> bool:
        """All that Helm knows is; of the rest, neither another chart, which is read as one of its own, nor tools."""
        if path.split("/")[0] in OWN_DIRECTORIES:
            return True
        return name not in NEVER_READ and not os.path.lexists(os.path.join(self.top, path, "Chart.yaml"))

    def _file(self, place: str, path: str) -> None:
        if path.endswith("values.schema.json"):
            # Helm follows references of a schema to the network and to any file.
            return
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with open(os.open(place, flags), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                return
            if found.st_size > MAX_FILE:
                self.left_out.append((path, f"larger than {MAX_FILE >> 20} MB"))
                return
            data = file.read(MAX_FILE)
        if not self._is_own(path.split("/")[0]):
            self.other_files += 1
            self.other_total += len(data)
            if self.other_files > MAX_OTHER_FILES or self.other_total > MAX_OTHER_TOTAL:
                why = f"beyond {MAX_OTHER_FILES:,} files or {MAX_OTHER_TOTAL >> 20} MB that are no templates"
                self.left_out.append((path, why))
                return
        self.total += len(data)
        if len(self.files) >= MAX_FILES or self.total > MAX_TOTAL:
            raise TooMuchError(f"more than {MAX_FILES:,} files or {MAX_TOTAL >> 20} MB")
        self.files[path] = data
        self.origins[path] = Origin(os.path.normpath(os.path.join(self.chart, path)).replace(os.sep, "/"))

    def _link(self, path: str) -> None:
        """A link inside the chart is read; one of charts/ may lead to a chart elsewhere in the tree."""
        target = os.path.realpath(os.path.join(self.top, path))
        root = os.path.realpath(self.root)
        if not target.startswith(root.rstrip(os.sep) + os.sep):
            self.left_out.append((path, "a link that leads out of the repository"))
        elif os.path.isdir(target):
            if _CHART_LINK.fullmatch(path) and os.path.lexists(f"{target}/Chart.yaml"):
                self.links[path] = os.path.relpath(target, root).replace(os.sep, "/")
            else:
                self.left_out.append((path, "a link to a directory"))
        elif not target.startswith(os.path.realpath(self.top) + os.sep):
            self.left_out.append((path, "a link that leads out of the chart"))
        elif os.path.isfile(target):
            self._file(target, path)
        else:
            self.left_out.append((path, "a link that leads nowhere"))


def read_archive(data: bytes, origin: str, most: int = MAX_TOTAL) -> tuple[ChartFiles, int]:
    """The chart in a ``.tgz``, and how many bytes it unpacks to. Raises TooMuchError where these are more than
    ``most``, or ValueError where it is none."""
    files: dict[str, bytes] = {}
    origins: dict[str, Origin] = {}
    left_out: list[tuple[str, str]] = []
    try:
        unpacked = _unpacked(data, most)
        with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as archive:
            for member in archive:
                path = member.name.removeprefix("./").partition("/")[2]
                if not member.isfile() or not is_safe(path) or path.endswith("values.schema.json"):
                    continue
                if member.size > MAX_FILE:
                    left_out.append((path, f"larger than {MAX_FILE >> 20} MB"))
                    continue
                content = archive.extractfile(member)
                if content is not None:
                    files[path] = content.read()
                    origins[path] = Origin(origin, path)
                if len(files) > MAX_FILES:
                    raise TooMuchError(f"more than {MAX_FILES:,} files in {origin}")
    except (tarfile.TarError, EOFError, UnicodeError, OverflowError) as error:
        raise ValueError(str(error)) from None
    if "Chart.yaml" not in files:
        raise ValueError("it holds no Chart.yaml")
    found = ChartFiles(files, origins, tuple(sorted(filter(is_archive, files))), {}, tuple(left_out))
    return found, len(unpacked)


def _unpacked(data: bytes, most: int) -> bytes:
    """What gzip packed, as long as it is not too much. Raises TooMuchError, or ValueError where it is no gzip."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        unpacked = inflater.decompress(data, max(1, most))
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if inflater.unconsumed_tail:
        raise TooMuchError(f"archives of more than {MAX_TOTAL >> 20} MB, unpacked")
    return unpacked
