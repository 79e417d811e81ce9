"""What is read: places, documents, declarations, reservations.

Standard library only, so that any room may import it. The terms are those of Kubernetes, Helm and SARIF.
Nothing here changes once made: named tuples, which cost a tenth of a frozen dataclass to define (at every
start) and a third to make (for every place of every value).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from datetime import date

Route = tuple[str | int, ...]
"""Keys and indices from the top of a document to a value: ``("spec", "ports", 0, "nodePort")``."""


class Word(IntEnum):
    """An ordered scale whose steps are written as lower-case words in options and reports."""

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def words(cls) -> list[str]:
        """The words, the strongest first."""
        return [step.word for step in sorted(cls, reverse=True)]


class Severity(Word):
    """How bad a finding is. It comes from the rule and is never lowered by doubt."""

    NOTE = 1
    WARNING = 2
    ERROR = 3


class NodeportLintError(Exception):
    """The user's mistake: what is wrong, where, and what was expected. Ends a run with status 2."""

    def __init__(self, message: str, location: Location | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.location = location

    def __str__(self) -> str:
        if self.location is None:
            return self.message
        return f"{self.location.label}: {self.message}"


class Region(NamedTuple):
    """Characters of a text. 1-based lines and columns in code points, the end exclusive (SARIF 3.30)."""

    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def within(cls, line: int, start: int, end: int) -> Region:
        """Characters of one line, from the index ``start`` up to ``end``, which begin at 0."""
        return cls(line, start + 1, line, end + 1)

    @classmethod
    def whole(cls, line: int, text: str) -> Region:
        """A line without the blanks round its ``text``."""
        text = text.rstrip()
        return cls.within(line, len(text) - len(text.lstrip()), len(text))


class Location(NamedTuple):
    """A place that a person can open.

    ``path`` is POSIX and relative to the root. ``region`` is None where the file is known and the line is not.
    ``route`` is that of the value in its object, empty where none is known. ``exactness`` says how the place was found;
    ``exact`` means that the characters of the region are the value.
    """

    path: str
    region: Region | None = None
    route: Route = ()
    note: str = ""
    exactness: str = "exact"

    @property
    def label(self) -> str:
        """``path:line:column``, as compilers print it and terminals make it a link."""
        if self.region is None:
            return self.path
        return f"{self.path}:{self.region.line}:{self.region.column}"

    @property
    def order(self) -> tuple[str, int, int]:
        """Sorts by path, then by place in the file."""
        region = self.region
        return (self.path, region.line if region else 0, region.column if region else 0)


class Places(Protocol):
    """Knows where the values of one document are written."""

    def locate(self, route: Route) -> Location:
        """The value at ``route``; where there is none, the nearest value above it that exists."""

    def locate_key(self, route: Route) -> Location:
        """The key that introduces the value at ``route``."""

    def trail(self, route: Route) -> tuple[Location, ...]:
        """Further places that take part: the alias or merge key by which the value got here."""

    def repeated_keys(self) -> Iterator[tuple[Route, tuple[Location, ...]]]:
        """Every mapping key written more than once, with all its places in the order of the file."""

    def fixed(self, route: Route) -> bool:
        """Whether a template holds the value as a literal, which no values can change."""


class UnitKind(StrEnum):
    """What a unit is."""

    MANIFEST = "manifest"
    """A plain file."""
    CHART = "chart"
    """A chart rendered with the values that lie beside it."""
    RELEASE = "release"
    """A chart rendered for an install that the configuration declares."""
    KUSTOMIZATION = "kustomization"
    """A root of kustomize."""
    VALUES = "values"
    """Numbers in values files and templates that nothing renders."""
    CUSTOM = "custom"
    """Numbers in a custom resource, of which only its controller knows what becomes."""


class Unit(NamedTuple):
    """What is rendered or applied together.

    ``variant`` names the values set where one tree can be rendered in several ways, or the custom resource; ``cluster``
    the cluster where the configuration tells it.
    """

    kind: UnitKind
    path: str
    variant: str = ""
    cluster: str = ""

    @property
    def is_rendered(self) -> bool:
        return self.kind in (UnitKind.CHART, UnitKind.RELEASE)

    @property
    def is_inert(self) -> bool:
        """Whether nothing that was rendered asks for its numbers."""
        return self.kind in (UnitKind.VALUES, UnitKind.CUSTOM)

    def file(self, path: str) -> str:
        """A file that stands for what is applied, ``path`` being one of it: patterns that take what lies in a directory
        take the kustomization or the chart that is this very directory, too."""
        if self.kind == UnitKind.KUSTOMIZATION:
            name = "kustomization.yaml"
        elif self.is_rendered:
            name = self.variant or "Chart.yaml"
        else:
            return path
        return name if self.path == "." else f"{self.path}/{name}"


class Object(NamedTuple):
    """The identity of a Kubernetes object. ``namespace`` is None where the manifest does not say."""

    kind: str
    namespace: str | None
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Document(NamedTuple):
    """One object as the API server would get it: plain values, and where they are written."""

    value: Mapping[str, Any]
    unit: Unit
    path: str
    places: Places

    def locate(self, route: Route) -> Location:
        """The value at ``route``, or the nearest value above it that exists."""
        return self.places.locate(route)


class Declaration(NamedTuple):
    """One node port asked for.

    ``number`` is None where the cluster is to choose one. ``field`` is ``nodePort`` or
    ``healthCheckNodePort``; the latter has neither ``port`` nor ``protocol`` of its own, the API
    server counts it as TCP. ``live``: a cluster that takes the object would hold the number.
    """

    number: int | None
    field: str
    protocol: str
    port: int | None
    target_port: int | str | None
    object: Object
    service_type: str
    live: bool
    unit: Unit
    document: Document
    route: Route
    location: Location
    trail: tuple[Location, ...] = ()
    fixed: bool = False
    """A chart's template holds the number as a literal, which no values can change."""

    key: Route = ()
    """What tells the value from others that nothing rendered: its key, with the object that holds it."""

    @property
    def side(self) -> tuple[int, Route]:
        """Equal for claims that are judged together: those of one Service. Each key of a values file is alone."""
        return id(self.document), self.key

    @property
    def key_of_value(self) -> Route:
        """The key of a values file under which the number stands, be it rendered from there or not."""
        return self.key or self.location.route

    @property
    def place(self) -> str:
        """The path that tells to which environment it belongs: of what is applied, not of what is included."""
        if self.unit.kind == UnitKind.KUSTOMIZATION:
            return self.unit.path
        if self.unit.is_rendered:
            return f"{self.unit.path}/{self.unit.variant}".rstrip("/")
        return self.location.path

    @property
    def file(self) -> str:
        """A file that stands for what is applied."""
        return self.unit.file(self.location.path)

    @property
    def of_chart(self) -> bool:
        """Whether a values file lies in a chart of the repository."""
        return self.unit.path != self.location.path


class Service(NamedTuple):
    """A ``v1`` Service, with what it declares in the order of its ports."""

    object: Object
    type: str
    """As written; ``ClusterIP`` where the manifest does not say (core/v1 defaults.go)."""
    document: Document
    declarations: tuple[Declaration, ...]


class Reservation(NamedTuple):
    """Numbers that one row of an allocation document speaks for, ``first`` to ``last``, both inclusive.

    ``meaning``: ``used`` (the row says that it is in use), ``held`` (kept for its owner), ``free`` (the row
    says that nobody has it). ``owner`` is a display name, as written. ``service`` and ``manifest`` are exact
    where the row gives a DNS name or a path. ``setting`` is the environment, branch or datacentre of the row:
    equal numbers in different settings are no contradiction. ``clusters`` are those that its document speaks of,
    none where it speaks of every one.
    """

    first: int
    last: int
    meaning: str
    owner: str
    location: Location
    namespace: str | None = None
    target_port: int | None = None
    status: str = ""
    service: str | None = None
    manifest: str | None = None
    setting: str = ""
    clusters: tuple[str, ...] = ()

    @property
    def numbers(self) -> str:
        """``30091`` or ``30091-30092``."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    @property
    def is_block(self) -> bool:
        """A range that is set aside for a purpose, in which rows of their own may lie."""
        return self.last - self.first >= 10


LIMIT = "limit-reached"
"""The kind of a problem of what was given up: it may be right, and is more than is read."""


class Problem(NamedTuple):
    """Something in the repository that could not be read and that its owner can mend."""

    kind: str
    message: str
    location: Location
    help: str = ""
    severity: Severity | None = None
    """At most this bad, whatever the rule says: nobody's mistake, such as what is not fetched on purpose."""


class Notice(NamedTuple):
    """About this run, without a place in the repository."""

    message: str
    details: tuple[str, ...] = ()


COMMENT = "nodeport-lint:"
"""How a comment that speaks to us begins."""


class Comment(NamedTuple):
    """A comment that speaks to us. ``text`` is what follows COMMENT; ``alone``: nothing else is on its line.
    ``further``: it stands for so many of its file, from itself on, which nobody reads."""

    text: str
    location: Location
    alone: bool
    further: int = 0


class Suppression(NamedTuple):
    """Somebody's answer to findings, with a reason. ``until``: the last day on which it holds.

    A comment answers what is shown on one of its ``lines``; the configuration, parties whose path matches
    ``pattern`` and whose number is ``port``.
    """

    rules: tuple[str, ...]
    reason: str
    location: Location
    until: date | None = None
    lines: tuple[int, ...] = ()
    pattern: str | None = None
    port: int | None = None
