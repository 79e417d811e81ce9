"""Roots of kustomize: the files that each is built from, as they are and as they can be built."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.engines.speaking import speaks_of_node_ports
from nodeport_lint.expressions import expression
from nodeport_lint.kustomize.closures import Closures
from nodeport_lint.kustomize.nouns import PROBLEM, Kustomization
from nodeport_lint.kustomize.standins import Mended, Mender
from nodeport_lint.model import LIMIT, Location, Problem, Region, Unit, UnitKind
from nodeport_lint.tree.files import OnDisk

MAX_FILE, MAX_TOTAL = 5_000_000, 100_000_000
"""Bytes of one file, and of all files of one root."""
MAX_INPUTS = 500_000
"""Files of all roots, those of a base once for each root that uses it."""


class Root(NamedTuple):
    """A kustomization that no other refers to, with the files that it uses, by path."""

    directory: str
    path: str
    inputs: dict[str, bytes]
    """As they are."""
    parts: Mended
    """As they are built."""
    restricted: bool = False
    """Whether every file lies below the kustomization that names it."""

    @property
    def in_part(self) -> bool:
        """Whether it is built without something that is remote, missing or a plugin."""
        return self.inputs is not self.parts.inputs

    @property
    def unit(self) -> Unit:
        return Unit(UnitKind.KUSTOMIZATION, self.directory or ".")


def not_rendered(directory: str, message: str, location: Location, kind: str = PROBLEM) -> Problem:
    """Why a root does not render, or not all of it."""
    return Problem(kind, f"the kustomization in {directory or '.'} does not render: {message}", location)


class Roots:
    """Reads the files of roots, each once: a base belongs to many. ``services_in`` gives the names of the Services that
    a file holds."""

    def __init__(self, files: OnDisk, closures: Closures, services_in: Callable[[str, bytes], Iterable[str]]) -> None:
        self.files, self.closures = files, closures
        self._mender = Mender(services_in)
        self._inputs = 0
        self._read: dict[str, bytes] = {}
        self._speaking: dict[str, bool] = {}
        self._bombs: dict[str, tuple[str, Region] | None] = {}

    def read(self, directory: str, over: Callable[[], str] = lambda: "") -> Root | Problem:
        """A root with its files, or why they are too much or cannot be read. ``over`` tells why no more are read."""
        own = self.closures.found[directory].path
        if self._inputs > MAX_INPUTS:
            what = f"all kustomizations together use files more than {MAX_INPUTS:,} times"
            return not_rendered(directory, what, Location(own), LIMIT)
        paths = sorted(self.closures.files(directory))
        self._inputs += len(paths)
        inputs: dict[str, bytes] = {}
        total = 0
        for path in paths:
            if why := over():
                return not_rendered(directory, why, Location(own), LIMIT)
            try:
                inputs[path] = self.data(path)
            except OSError as error:
                return not_rendered(directory, f"{path} cannot be read: {error.strerror}", Location(path))
            total += len(inputs[path])
            if path not in self._bombs:
                self._bombs[path] = _bomb(inputs[path])
            bomb = self._bombs[path]
            if bomb is not None:
                # kustomize expands aliases without a bound.
                return not_rendered(directory, bomb[0], Location(path, bomb[1]), LIMIT)
            if len(inputs[path]) > MAX_FILE or total > MAX_TOTAL:
                what = f"more than {MAX_TOTAL / 1e6:.0f} MB, or a file of over 5 MB"
                return not_rendered(directory, what, Location(path), LIMIT)
        line = self.closures.line(directory)
        inputs.update({path: b"" for one in line for path in one.absent if path not in inputs})
        restricted = all(
            path.startswith(f"{one.directory}/" if one.directory else "") for one in line for path in one.files
        )
        return Root(directory, own, inputs, self._mender.mended(inputs, line), restricted)

    def speaks(self, root: Root) -> bool:
        """Whether a file of a root speaks of node ports, or values of a chart that it would inflate set one."""
        if any(self._speaks(*one) for one in root.inputs.items()):
            return True
        return any(map(_SETS_NODE_PORT.search, self._chart_values(self.closures.line(root.directory))))

    def data(self, path: str) -> bytes:
        """A file as far as it counts. Raises OSError."""
        if path not in self._read:
            self._read[path] = self.files.read(path, MAX_FILE + 1)
        return self._read[path]

    def _speaks(self, path: str, data: bytes) -> bool:
        if path not in self._speaking:
            self._speaking[path] = speaks_of_node_ports(data)
        return self._speaking[path]

    def _chart_values(self, line: Sequence[Kustomization]) -> Iterator[bytes]:
        """Values for charts that are not inflated: they tell whether something is lost."""
        for path in (path for one in line for path in one.chart_values):
            if self.files.is_plain(path):
                with contextlib.suppress(OSError):
                    yield self.data(path)


def _bomb(data: bytes) -> tuple[str, Region] | None:
    """What is wrong with a text whose aliases lead to more than anybody means, and where."""
    if b"&" not in data or not _ALIAS.search(data):
        return None
    stream = yamltext.read(data.decode("utf-8", "replace"))
    for broken in stream.broken:
        if broken.limit:
            return broken.message, stream.line_region(broken.offset)
    return None


_SETS_NODE_PORT = expression(
    rb"node_?ports?[\"']?[ \t]*:[ \t]*[\"']?[1-9]|type[\"']?[ \t]*:[ \t]*[\"']?NodePort\b", re.IGNORECASE
)
"""Values of charts often hold every key that there is, without a value."""
_ALIAS = expression(rb"[\s,\[:-]\*[\w-]")
