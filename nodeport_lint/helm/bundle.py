"""A chart with all that it depends on, as inputs of an engine, and where each input was read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from nodeport_lint.expressions import expression
from nodeport_lint.helm.chart_files import (
    MAX_FILES,
    MAX_TOTAL,
    ChartFiles,
    FileOrigin,
    LeftOut,
    allowance,
    read_archive,
    read_directory,
)
from nodeport_lint.helm.metadata import Dependency, Metadata, read_metadata, without
from nodeport_lint.helm.tar import Allowance, TooMuchError
from nodeport_lint.model import Location
from nodeport_lint.tree.files import OnDisk

TOP = "chart"
"""The directory of the chart among the inputs."""
MAX_NESTING = 30
"""Charts in charts. Helm was seen to read as many."""
MAX_CHARTS = 1_500
"""Charts of one bundle."""
_NAME = expression(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")


class Bundle(NamedTuple):
    """``inputs`` by path below TOP; ``origins`` says where each was read; ``absent`` are the dependencies of the
    chart itself that are neither in charts/ nor beside it in the tree."""

    path: str
    name: str
    inputs: MutableMapping[str, bytes]
    origins: MutableMapping[str, FileOrigin]
    absent: tuple[Dependency, ...]
    is_library: bool
    left_out: tuple[LeftOut, ...]
    borrowed: tuple[str, ...] = ()
    """Charts of the tree that lie elsewhere and take part."""
    incomplete: bool = False
    """Whether the chart or a sub-chart of it lacks a dependency."""

    def location(self, path: str) -> Location:
        """Where a person finds an input; a file in an archive is named in the note."""
        origin = self.origins.get(path)
        if origin is None:
            return Location("Chart.yaml" if self.path == "." else f"{self.path}/Chart.yaml")
        return Location(origin.path, note=f"{origin.member} in the archive" if origin.member else "")


class UnbundledError(Exception):
    """A chart cannot be made ready for an engine: why, and where. ``limit``: it is not wrong, and more than is read."""

    def __init__(self, message: str, location: Location, limit: bool = False) -> None:
        super().__init__(message)
        self.message, self.location, self.limit = message, location, limit


class Charts:
    """The charts of a tree. What is read of one is kept until ``forget``: many charts may depend on it; so is what
    archives hold, once for all that are equal. Files of the same bytes are the same: many charts of a tree may be
    versions of one. ``over`` tells why no more charts are read, if so."""

    def __init__(self, files: OnDisk, paths: Sequence[str], over: Callable[[], str] = lambda: "") -> None:
        self.files, self.paths, self.over = files, paths, over
        self._read: dict[str, ChartFiles | OSError | TooMuchError] = {}
        self._same: dict[bytes, bytes] = {}
        self._metadata: dict[str, Metadata] = {}
        """Of each chart that can be read, once it was."""
        self._known: dict[tuple[bytes | None, ...], Metadata] = {}
        self._unpacked: dict[bytes, tuple[ChartFiles | ValueError, tuple[int, int]]] = {}
        self._allowance = allowance(of_all=True)

    def bundle(self, path: str) -> Bundle:
        """Raises UnbundledError."""
        location = Location(os.path.normpath(os.path.join(path, "Chart.yaml")).replace(os.sep, "/"))
        if over := self.over():
            raise UnbundledError(over, location, limit=True)
        own = self._files(path)
        if isinstance(own, OSError):
            raise UnbundledError(f"cannot be read: {own.strerror}", location)
        if isinstance(own, TooMuchError):
            raise UnbundledError(str(own), location, limit=True)
        metadata = self._metadata[path]
        if metadata.error is not None:
            fault = metadata.error
            raise UnbundledError(fault.message, location._replace(region=fault.region), fault.limit)
        builder = _Builder(self)
        try:
            absent = builder.add(TOP, own, (path,))
        except TooMuchError as error:
            raise UnbundledError(str(error), location, limit=True) from None
        name = metadata.name or os.path.basename(os.path.normpath(os.path.join(self.files.root, path)))
        is_library = metadata.type.lower() == "library"
        return Bundle(
            path, name, builder.inputs, builder.origins, absent, is_library, tuple(builder.left_out),
            tuple(builder.borrowed), builder.incomplete,
        )  # fmt: skip

    def components(self) -> set[str]:
        """Charts that another one names by their path (``file://``): parts of it, and nothing to install alone."""
        found = set()
        for path in self.paths:
            for dependency in self._metadata_of(path).dependencies:
                target = _by_path(dependency, path)
                if target is not None and target in self.paths and target != path:
                    found.add(target)
        return found

    def find(self, dependency: Dependency, of: str) -> str | None:
        """The chart of the tree that a dependency of the chart ``of`` names, by its path or by its name."""
        target = _by_path(dependency, of)
        if target in self.paths:
            return target
        candidates = [
            path
            for path in self._by_name.get(dependency.name, ())
            if path != of and _may_satisfy(self._metadata[path].version, dependency.version)
        ]
        if not candidates:
            return None

        def fit(path: str) -> tuple[bool, int, str]:
            version = self._metadata[path].version
            shared = len({*enumerate(path.split("/"))}.intersection(enumerate(of.split("/"))))
            return version != dependency.version, -shared, path

        return min(candidates, key=fit)

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self.paths:
            metadata = self._metadata_of(path)
            if path in self._metadata:
                found.setdefault(metadata.name, []).append(path)
        return found

    def _metadata_of(self, path: str) -> Metadata:
        """What the chart at ``path`` says of itself, nothing where it cannot be read."""
        if path not in self._metadata:
            self._files(path)
        return self._metadata.get(path, Metadata())

    def forget(self) -> None:
        """Keeps nothing but what charts say of themselves."""
        self._read, self._same, self._unpacked = {}, {}, {}

    def _files(self, path: str) -> ChartFiles | OSError | TooMuchError:
        if path not in self._read:
            try:
                # One chart may ask for all others, by the name of a dependency.
                if over := self.over():
                    raise TooMuchError(over)
                found = self._shared(read_directory(self.files, path))
                self._metadata[path] = self.metadata(found.files)
                self._read[path] = found
            except (OSError, TooMuchError) as error:
                self._read[path] = error
        return self._read[path]

    def _shared(self, chart: ChartFiles) -> ChartFiles:
        return chart._replace(files={path: self._same.setdefault(data, data) for path, data in chart.files.items()})

    def files_of(self, path: str) -> ChartFiles | None:
        """What was read of the chart at ``path``, None where it cannot be read."""
        files = self._files(path)
        return files if isinstance(files, ChartFiles) else None

    def metadata(self, files: Mapping[str, bytes]) -> Metadata:
        """``read_metadata``, once for files that are equal: a chart may be a part of a thousand others."""
        key = files.get("Chart.yaml"), files.get("requirements.yaml")
        if key not in self._known:
            self._known[key] = read_metadata(files)
        return self._known[key]

    def unpacked(self, data: bytes, origin: str, own: Allowance) -> ChartFiles:
        """The chart in an archive, which ``own`` is charged with. Raises as ``read_archive`` does."""
        key = sha256(data).digest()
        if key in self._unpacked:
            found, spent = self._unpacked[key]
            own.take(*spent)
        else:
            before = own.bytes, own.headers
            try:
                found = self._shared(read_archive(data, origin, (own, self._allowance)))
            except ValueError as error:
                found = error
            spent = own.bytes - before[0], own.headers - before[1]
            self._unpacked[key] = found, spent
        if isinstance(found, ValueError):
            raise found
        return found._replace(origins={path: FileOrigin(origin, path) for path in found.files})


def _by_path(dependency: Dependency, of: str) -> str | None:
    """The directory that a dependency of the chart ``of`` names, relative to the root."""
    if not dependency.repository.startswith("file://"):
        return None
    path = os.path.normpath(os.path.join(of, dependency.repository.removeprefix("file://")))
    return path.replace(os.sep, "/")


def _may_satisfy(version: str, wanted: str) -> bool:
    """Whether a chart of the tree can be the one that is wanted: a chart of another major version is another one."""
    numbers = re.findall(r"\d+", wanted.partition("||")[0])
    own = re.match(r"v?(\d+)", version)
    if not numbers or own is None or wanted.strip().startswith(("*", "x", "X")):
        return True
    major, least = int(own[1][:9]), int(numbers[0][:9])
    return major >= least if wanted.strip().startswith(">") else major == least


class _Builder:
    """Puts a chart and its dependencies below one directory."""

    def __init__(self, charts: Charts) -> None:
        self.charts = charts
        self.inputs: dict[str, bytes] = {}
        self.origins: dict[str, FileOrigin] = {}
        self.left_out: list[LeftOut] = []
        self.borrowed: dict[str, None] = {}
        self.incomplete = False
        self.below: dict[str, list[str]] = {}
        """The directories of the sub-charts of each chart, by its directory."""
        self.total = self.charts_added = 0
        self.allowance = allowance()

    def add(self, directory: str, chart: ChartFiles, line: tuple[str, ...]) -> tuple[Dependency, ...]:
        """Adds one chart and what it depends on; ``line`` are the charts above it. What stays absent comes back."""
        self.charts_added += 1
        if self.charts_added > MAX_CHARTS:
            raise TooMuchError(f"more than {MAX_CHARTS:,} sub-charts, more than is read of one chart")
        self.left_out += [one._replace(path=f"{line[-1]}/{one.path}") for one in chart.left_out]
        for path, data in chart.files.items():
            if path in chart.archives:
                continue
            self.total += len(data)
            if len(self.inputs) >= MAX_FILES or self.total > MAX_TOTAL:
                most = f"{MAX_FILES:,} files or {MAX_TOTAL >> 20} MB"
                raise TooMuchError(f"more than {most} with all sub-charts, more than is read of one chart")
            self.inputs[f"{directory}/{path}"] = data
            self.origins[f"{directory}/{path}"] = chart.origins[path]
            if f"/{path}".endswith("/Chart.yaml"):
                self._remember(f"{directory}/{path}")
        for archive in chart.archives:
            self._add_archive(directory, chart, archive, line)
        for path, target in chart.links.items():
            self._add_sibling(f"{directory}/{path}", target, line)
        for folder in _nested(chart):
            self._complete(f"{directory}/charts/{folder}", f"{line[-1]}/charts/{folder}", line)
        return self._complete(directory, line[-1], line)

    def _add_archive(self, directory: str, chart: ChartFiles, archive: str, line: tuple[str, ...]) -> None:
        origin = chart.origins[archive].path
        if len(line) > MAX_NESTING:
            self.left_out.append(LeftOut(origin, f"more than {MAX_NESTING} charts in each other", limit=True))
            return
        try:
            packed = self.charts.unpacked(chart.files[archive], origin, self.allowance)
        except ValueError as error:
            self.left_out.append(LeftOut(origin, f"no chart archive: {error}"))
            return
        self.add(f"{directory}/{archive.removesuffix('.tgz').removesuffix('.tar.gz')}", packed, (*line, origin))

    def _add_sibling(self, directory: str, path: str, line: tuple[str, ...]) -> bool:
        if path in line or len(line) > MAX_NESTING:
            why = "it needs itself" if path in line else "too many charts in each other"
            self.left_out.append(LeftOut(path, why, limit=path not in line))
            return False
        files = self.charts.files_of(path)
        if files is None:
            return False
        self.borrowed[path] = None
        self.add(directory, files, (*line, path))
        return True

    def _remember(self, path: str) -> None:
        folder = path.removesuffix("/Chart.yaml")
        parent, between, last = folder.rpartition("/charts/")
        if between and "/" not in last:
            self.below.setdefault(parent, []).append(folder)

    def _complete(self, directory: str, path: str, line: tuple[str, ...]) -> tuple[Dependency, ...]:
        """Puts absent dependencies in place from the tree, and takes the others out of the declaration."""
        top = {
            file: self.inputs[f"{directory}/{file}"]
            for file in ("Chart.yaml", "requirements.yaml")
            if f"{directory}/{file}" in self.inputs
        }
        metadata = self.charts.metadata(top)
        if not metadata.dependencies:
            return ()
        present = set(self._present(directory))
        absent = []
        for dependency in metadata.dependencies:
            if dependency.name in present:
                continue
            # The name becomes a directory's: whatever could lead elsewhere is no name of a chart.
            sibling = self.charts.find(dependency, path) if _NAME.fullmatch(dependency.name) else None
            if sibling is not None and self._add_sibling(f"{directory}/charts/{dependency.name}", sibling, line):
                present.add(dependency.name)
            else:
                absent.append(dependency)
        self.incomplete = self.incomplete or bool(absent)
        names = {dependency.name for dependency in absent}
        for file, data in top.items() if absent else ():
            self.inputs[f"{directory}/{file}"] = without(data, names)
        return tuple(absent)

    def _present(self, directory: str) -> Iterator[str]:
        for folder in self.below.get(directory, ()):
            yield self.charts.metadata({"Chart.yaml": self.inputs[f"{folder}/Chart.yaml"]}).name


def _nested(chart: ChartFiles) -> list[str]:
    """Directories of charts/ that are charts, those in charts/ of charts included, the deepest first."""
    folders = {
        path.removeprefix("charts/").removesuffix("/Chart.yaml")
        for path in chart.files
        if path.startswith("charts/") and path.endswith("/Chart.yaml")
    }
    return sorted(folders, key=lambda folder: (-folder.count("/"), folder))
