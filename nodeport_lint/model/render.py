"""What an engine is given and what it gives: the protocol that Helm and Kustomize share.

Everything that can be changed to see what moves is bytes in ``Inputs``, ``--set`` expressions included, so
that provenance needs to know no engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

Inputs = Mapping[str, bytes]
"""Relative POSIX path to content. An expression has a path of its own: ``@set/0`` holds ``ports[1].nodePort=30080``."""
MAX_METADATA = 500_000
"""Bytes of a file that says what a chart is and depends on; it is read many times."""


MAX_NAME = 255
"""Bytes of a name of a file, on Linux and elsewhere."""


def is_safe(path: str) -> bool:
    """Whether an input's path stays below the directory that it is written to, and can be a name of a file."""
    parts = path.split("/")
    if not path or len(path) > 1000 or {"", ".", ".."}.intersection(parts) or "\\" in path or "\0" in path:
        return False
    return all(len(part.encode("utf-8", "surrogatepass")) <= MAX_NAME for part in parts)


class RenderOptions(NamedTuple):
    """How one set of inputs is rendered.

    ``root`` is the directory of the chart among the inputs, ``values`` the paths of values files in the order
    of ``-f``, ``sets`` pairs of a flag (``--set``, ``--set-string``, ``--set-json``) and an input path.
    Limits: ``timeout`` of one render in seconds of processor time, so that a busy machine renders what a quiet one
    does, and ``wall`` of it by the clock; ``whole`` of all renders of one set of inputs, by the clock; ``memory``
    and ``max_output`` in bytes.
    """

    root: str = "chart"
    values: tuple[str, ...] = ()
    sets: tuple[tuple[str, str], ...] = ()
    release: str = "release-name"
    namespace: str = "default"
    timeout: float = 20.0
    wall: float = 60.0
    whole: float = 60.0
    memory: int = 1000 << 20
    max_output: int = 64 << 20
    restricted: bool = False
    """No kustomization reads files that are not below it."""


class RenderedText(NamedTuple):
    """One document of the output. ``source``: the input that it was rendered from, None where that is unknown."""

    text: str
    source: str | None


class Rendered(NamedTuple):
    """The documents in the order of the output."""

    documents: tuple[RenderedText, ...]


class RenderError(Exception):
    """What the engine said, in its own words.

    ``kind``: ``template``, ``include`` (a named template that nobody defines), ``values``, ``version`` (of
    Kubernetes), ``load``, ``given-up`` (at a bound of ours that no other day changes), or a limit: ``timeout``,
    ``memory``, ``output``, ``crash``. ``file`` is an input path, ``line`` a 1-based line of it.
    """

    LIMITS = frozenset({"timeout", "memory", "output", "crash"})

    def __init__(self, kind: str, message: str, file: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.kind, self.message, self.file, self.line = kind, message, file, line

    @property
    def by_limit(self) -> bool:
        """Whether a limit of ours ended it: another day it may pass."""
        return self.kind in self.LIMITS


class Engine(Protocol):
    """A real engine that renders inputs; one object may be used from several threads."""

    @property
    def id(self) -> str:
        """Name and version, such as ``helm/v4.1.4``: part of what a cached result depends on."""

    @property
    def keeps_comments(self) -> bool:
        """Whether a comment of a template is found again in the output."""

    def scannable(self, path: str) -> bool:
        """Whether numbers in this input can reach the output."""

    def markable(self, path: str) -> bool:
        """Whether a comment at the end of a line of this input is one in the output."""

    def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
        """Raises RenderError."""

    def close(self) -> None:
        """Ends its processes and removes its files."""
