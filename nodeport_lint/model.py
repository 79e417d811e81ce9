"""The nouns that every room speaks: values only, no reading and no judging.

Standard library only, so that any room may import it. The terms are those of Kubernetes, Helm and SARIF.
Nothing here changes once made: named tuples, which cost a tenth of a frozen dataclass to define (at every
start) and a third to make (for every place of every value).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from datetime import date

Route = tuple[str | int, ...]
"""Keys and indices from the top of a document to a value: ``("spec", "ports", 0, "nodePort")``."""


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


class Word(IntEnum):
    """An ordered scale whose steps are written as lower-case words in options and reports."""

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def words(cls) -> list[str]:
        """The words, the strongest first."""
        return [step.word for step in sorted(cls, reverse=True)]

    @classmethod
    def parse(cls, word: str) -> Word:
        """The step for ``word``; raises KeyError for any other text."""
        return cls[word.upper()] if word == word.lower() else cls[""]


class Severity(Word):
    """How bad a finding is. It comes from the rule and is never lowered by doubt."""

    NOTE = 1
    WARNING = 2
    ERROR = 3


class Confidence(Word):
    """How sure it is that the cluster will see what the finding says."""

    POSSIBLE = 1
    LIKELY = 2
    CERTAIN = 3


class Region(NamedTuple):
    """Characters of a text. 1-based lines and columns in code points, the end exclusive (SARIF 3.30)."""

    line: int
    column: int
    end_line: int
    end_column: int


class Location(NamedTuple):
    """A place that a person can open.

    ``path`` is POSIX and relative to the root. ``region`` is None where the file is known and
    the line is not. ``exactness`` says how the place was found; ``exact`` means that the
    characters of the region are the value.
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


class Unit(NamedTuple):
    """What is rendered or applied together.

    ``kind`` is ``manifest`` for a plain file. ``variant`` names the values set where one tree can
    be rendered in several ways.
    """

    kind: str
    path: str
    variant: str = ""


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
    port_name: str | None
    target_port: int | str | None
    object: Object
    service_type: str
    live: bool
    unit: Unit
    document: Document
    route: Route
    location: Location
    trail: tuple[Location, ...] = ()


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
    equal numbers in different settings are no contradiction.
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

    @property
    def numbers(self) -> str:
        """``30091`` or ``30091-30092``."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    @property
    def is_block(self) -> bool:
        """A range that is set aside for a purpose, in which rows of their own may lie."""
        return self.last - self.first >= 10


class Problem(NamedTuple):
    """Something in the repository that could not be read and that its owner can mend."""

    kind: str
    message: str
    location: Location
    help: str = ""


COMMENT = "nodeport-lint:"
"""How a comment that speaks to us begins."""


class Comment(NamedTuple):
    """A comment that speaks to us. ``text`` is what follows COMMENT; ``alone``: nothing else is on its line."""

    text: str
    location: Location
    alone: bool


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


class Inventory(NamedTuple):
    """All that was read."""

    documents: tuple[Document, ...] = ()
    services: tuple[Service, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    registries: tuple[str, ...] = ()
    """Paths of the allocation documents that hold at least one reservation."""
    problems: tuple[Problem, ...] = ()
    comments: tuple[Comment, ...] = ()

    @property
    def declarations(self) -> Iterator[Declaration]:
        """Every node port asked for, in the order of the files."""
        for service in self.services:
            yield from service.declarations


class Verdict(NamedTuple):
    """Can two declarations be live in one cluster? ``confidence`` None: they cannot."""

    confidence: Confidence | None
    reason: str


class Party(NamedTuple):
    """One side of a finding: a place that somebody could edit to answer it."""

    location: Location
    role: str = ""
    object: Object | None = None
    number: int | None = None
    trail: tuple[Location, ...] = ()
    """Further places by which the value got here; a suppression may stand there."""


class Finding(NamedTuple):
    """One fault. A conflict between N declarations is one finding with N parties.

    ``rule`` and ``severity`` are stamped by the linter: a verb does not know in whose name it runs.
    ``related`` are places that help to understand and are not to blame. ``quorum``: with fewer open parties
    there is no fault; 2 for a conflict.
    """

    message: str
    parties: tuple[Party, ...]
    related: tuple[Location, ...] = ()
    confidence: Confidence = Confidence.CERTAIN
    reason: str = ""
    help: str = ""
    quorum: int = 1
    rule: str = ""
    severity: Severity = Severity.ERROR

    @property
    def location(self) -> Location:
        """The place shown first."""
        return self.parties[0].location

    @property
    def order(self) -> tuple[Any, ...]:
        """The order of reports: by place, then rule, then text."""
        return (*self.location.order, self.rule, self.message)

    def identity(self, party: Party) -> str:
        """A name for this party of this finding that outlives edits elsewhere in the file.

        Made from rule, path, object, route and number, never from line numbers.
        """
        from hashlib import sha256

        parts = (self.rule, party.location.path, party.object, party.location.route, party.number)
        return sha256(repr([str(part) for part in parts]).encode()).hexdigest()[:20]


class Answer(NamedTuple):
    """Parties of a finding that a suppression answered. ``finding`` holds just these."""

    finding: Finding
    suppression: Suppression


class Notice(NamedTuple):
    """About this run, without a place in the repository."""

    message: str
    details: tuple[str, ...] = ()


class Rule(NamedTuple):
    """An enabled page of rules/: a verb with its options, and words for a person.

    ``tokens``: a file of several megabytes in which none of these texts occurs cannot matter to the verb.
    """

    id: str
    summary: str
    severity: Severity
    tags: tuple[str, ...]
    options: Any
    run: Callable[[Any, Context], Iterator[Finding]]
    tokens: tuple[str, ...]
    page: str
    security: str = ""
    """GitHub's security-severity, 0.1 to 10.0, for rules about exposure; empty for rules about correctness."""


class Context(NamedTuple):
    """What a verb is given: everything that was read, and the judgements it may need."""

    inventory: Inventory
    verdict: Callable[[Declaration, Declaration], Verdict]
    range: Any
    """The node-port range of the cluster where nothing tells several apart."""
    range_for: Callable[[Declaration], Any]
    """The node-port range (``ports.PortRange``) of the cluster that a declaration goes to."""
    ownership: Callable[[Reservation, Declaration], str]
    """``same``, ``another`` or ``unknown``: does the row speak of the declaration's Service?"""


class Report(NamedTuple):
    """What a run has to say; formats turn it into text."""

    findings: tuple[Finding, ...]
    hidden: tuple[Finding, ...]
    """Findings below the wanted confidence: counted, and always in the JSON report."""
    answered: tuple[Answer, ...]
    """What suppressions answered: counted, and always in the JSON report."""
    notices: tuple[Notice, ...]
    rules: tuple[Rule, ...]
    statistics: Mapping[str, int]
    read: Callable[[str], bytes | None]
    """A file of the repository by its path, for source lines and fingerprints."""
    show_answered: bool = False
    """Whether formats for people and for code scanning show what is answered."""
    category: str = ""
    """SARIF's automation category; empty: none, so that the upload's own holds."""

    def number_of(self, severity: Severity) -> int:
        return sum(finding.severity == severity for finding in self.findings)
