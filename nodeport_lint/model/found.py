"""What is found: verdicts, findings, and the report that holds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from nodeport_lint.model.read import (
    Declaration,
    Location,
    Object,
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
    unless the verb knows that nothing is at fault and lowers it. ``related`` are places that help to understand and are
    not to blame, besides the trails of its parties. ``quorum``: with fewer open parties there is no fault; 2 for a
    conflict.
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
    def helpful(self) -> tuple[Location, ...]:
        """Places that help to understand, each once: those by which the values of its parties got where they are, and
        the related ones."""
        trails = (place for party in self.parties for place in party.trail)
        return tuple(dict.fromkeys((*trails, *self.related)))

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
