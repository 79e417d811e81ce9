"""What is found: verdicts, findings, and the report that holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from nodeport_lint.model.inventory import Inventory, UsedEngine
from nodeport_lint.model.read import (
    Declaration,
    Location,
    Notice,
    Object,
    Reservation,
    Service,
    Severity,
    Suppression,
    Unit,
    Word,
)


class Confidence(Word):
    """How sure it is that the cluster will see what the finding says."""

    POSSIBLE = 1
    LIKELY = 2
    CERTAIN = 3


class Verdict(NamedTuple):
    """Can two declarations be live in one cluster? ``confidence`` None: they cannot. ``evidence``: the name of the
    piece that decided, such as ``namesakes``. ``notice``: what a person should hear of it once, however many pairs it
    decides."""

    confidence: Confidence | None
    reason: str
    evidence: str = ""
    notice: str = ""


class Party(NamedTuple):
    """One side of a finding: a place that somebody could edit to answer it."""

    location: Location
    role: str = ""
    object: Object | None = None
    number: int | None = None
    trail: tuple[Location, ...] = ()
    """Further places by which the value got here; a suppression may stand there."""
    units: tuple[Unit, ...] = ()
    """What was rendered or applied when this was seen: one chart's faults may show with several sets of values."""
    identity: str = ""
    """A name for this party of its finding (``model.identity``), which the linter stamps."""

    @classmethod
    def of(cls, claim: Declaration, role: str = "") -> Party:
        """The side of a declaration."""
        role = ", ".join(filter(None, (role, claim.location.note)))
        return cls(claim.location, role, claim.object, claim.number, claim.trail, (claim.unit,))

    @classmethod
    def of_service(
        cls, service: Service, location: Location, role: str = "", trail: tuple[Location, ...] = ()
    ) -> Party:
        """A place of a Service that is no declaration."""
        role = ", ".join(filter(None, (role, location.note)))
        return cls(location, role, service.object, None, trail, (service.document.unit,))

    @staticmethod
    def united(parties: Iterable[Party]) -> tuple[Party, ...]:
        """Sides that differ only in what was rendered become one, in the order in which they came."""
        found: dict[Party, dict[Unit, None]] = {}
        for party in parties:
            found.setdefault(party._replace(units=()), {}).update(dict.fromkeys(party.units))
        return tuple(party._replace(units=tuple(units)) for party, units in found.items())


class Finding(NamedTuple):
    """One fault. A conflict between N declarations is one finding with N parties.

    ``rule`` is stamped by the linter: a verb does not know in whose name it runs. So is ``severity``, the rule's,
    unless the verb knows that nothing is at fault and lowers it.
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
    evidence: str = ""
    """The name of what decided that the parties may share a cluster, or are hardly in any; empty where the text alone
    decides."""
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

    @property
    def without_units(self) -> Finding:
        """What it says, whatever was rendered when it was seen."""
        return self._replace(parties=tuple(party._replace(units=()) for party in self.parties))


class Answer(NamedTuple):
    """Parties of a finding that a suppression answered. ``finding`` holds just these."""

    finding: Finding
    suppression: Suppression


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
    builtin: bool = False
    security: str = ""
    """GitHub's security-severity, 0.1 to 10.0, for rules about exposure; empty for rules about correctness."""


class Context(NamedTuple):
    """What a verb is given: everything that was read, and the judgements it may need."""

    inventory: Inventory
    verdict: Callable[[Declaration, Declaration], Verdict]
    range_for: Callable[[Declaration], Any]
    """The node-port range (``ports.PortRange``) of the cluster that a declaration goes to."""
    ranges_of: Callable[[Reservation], tuple[Any, ...]]
    """The ranges of the clusters that a row speaks of."""
    allocation: Any
    """``allocation.Allocation``: free numbers, and the rows that speak of a number."""
    own_rows: Callable[[Declaration], Iterable[Reservation]]
    """The first rows that belong to the declaration's Service for sure, each looked for when it is wanted."""
    ownership: Callable[[Reservation, Declaration], str]
    """``same``, ``another`` or ``unknown``: does the row speak of the declaration's Service?"""
    kept: dict[str, Any] | None = None
    """What a verb keeps for the next page that uses it, under its name; None where nothing is kept."""


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
    engines: tuple[UsedEngine, ...] = ()
    """What rendered, and inside which fence."""
    show_answered: bool = False
    """Whether formats for people and for code scanning show what is answered."""
    show_details: bool = False
    """Whether the text lists what each notice is about."""
    category: str = ""
    """SARIF's automation category; empty: none, so that the upload's own holds."""

    def number_of(self, severity: Severity) -> int:
        return sum(finding.severity == severity for finding in self.findings)
