"""One number, two claims in one cluster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.model import Confidence, Context, Declaration, Finding, Location, Party, Route, Service, Unit
from nodeport_lint.ports import NODE_PORT_TYPES, PortEntry, clashes_in_service

TOKENS = ("nodePort",)

MAX_COMPARED = 2000
"""Other sides that one side is compared with."""
NAMED = 3
"""Objects that a message names; the frames show them all."""


def check(options: Options, context: Context) -> Iterator[Finding]:
    """A finding for each Service that clashes with itself, and one for each number that several claim."""
    for service in context.inventory.services:
        yield from _within(service, context)
    by_number: dict[int, list[Declaration]] = defaultdict(list)
    for declaration in context.inventory.declarations:
        # A number in a values file that no render shows may become live, but one of a ClusterIP Service cannot.
        if declaration.number is not None and (declaration.live or declaration.unit.kind == "values"):
            by_number[declaration.number].append(declaration)
    for number, declarations in sorted(by_number.items()):
        if len(declarations) > 1:
            yield from _between(number, declarations, context)


def _within(service: Service, context: Context) -> Iterator[Finding]:
    claims = [claim for claim in service.declarations if claim.number is not None and claim.live]
    ports = [claim for claim in claims if claim.field == "nodePort"]
    entries = [PortEntry(claim.port, claim.protocol, claim.number or 0) for claim in ports]
    clashing: dict[int, set[int]] = defaultdict(set)
    for earlier, later in clashes_in_service(entries, service.type in NODE_PORT_TYPES):
        clashing[entries[later].node_port] |= {earlier, later}
    groups = {number: [ports[index] for index in sorted(members)] for number, members in clashing.items()}
    for health in claims:
        if health.field == "healthCheckNodePort":
            same = [claim for claim in ports if claim.number == health.number]
            if same:
                groups[health.number or 0] = [*groups.get(health.number or 0, same), health]
    for number, group in groups.items():
        yield Finding(
            f"node port {number} is asked for {_times(len(group))} by {service.object}",
            tuple(Party.of(claim, _port_role(claim)) for claim in group),
            related=_trails(group),
            reason="the ports of one Service may share a number only where port is equal and protocol differs",
            help=context.allocation.suggestion(group[-1], context.range_for(group[-1])),
            quorum=2,
        )


def _between(number: int, declarations: Sequence[Declaration], context: Context) -> Iterator[Finding]:
    by_side: dict[tuple[int, Route], list[Declaration]] = defaultdict(list)
    for claim in declarations:
        by_side[claim.side].append(claim)
    sides = list(by_side.values())
    best: dict[int, Confidence] = {}
    reason, level = "", Confidence.POSSIBLE
    for i, j in _pairs([side[0] for side in sides], best):
        verdict = context.verdict(sides[i][0], sides[j][0])
        if verdict.confidence is None:
            continue
        for index in (i, j):
            best[index] = max(best.get(index, Confidence.POSSIBLE), verdict.confidence)
        if verdict.confidence > level or not reason:
            level, reason = verdict.confidence, verdict.reason
    if not best:
        return
    threshold = min(level, Confidence.LIKELY)
    claims = [claim for index in sorted(best) if best[index] >= threshold for claim in sides[index]]
    parties = Party.united(Party.of(claim, str(claim.object)) for claim in claims)
    others = [claim for index in sorted(best) if best[index] < threshold for claim in sides[index]]
    yield Finding(
        f"node port {number} is asked for by {_names(parties)}",
        parties,
        related=(*_trails(claims), *(_also(claim) for claim in others)),
        confidence=level,
        reason=reason,
        help=context.allocation.suggestion(claims[-1], context.range_for(claims[-1])),
        quorum=2,
    )


def _pairs(claims: Sequence[Declaration], best: Mapping[int, Confidence]) -> Iterator[tuple[int, int]]:
    """Pairs of different objects that can still raise the level of a side; ``best`` grows while they are drawn.

    Two sides are certain only in one unit, so most of them are done after their first pair: equal numbers by
    the thousand cost no thousand squared.
    """
    beside: dict[Unit, list[int]] = defaultdict(list)
    for index, claim in enumerate(claims):
        beside[claim.unit].append(index)
    for i, claim in enumerate(claims):
        own = beside[claim.unit]
        reachable = Confidence.CERTAIN if len(own) > 1 else Confidence.LIKELY
        if not claim.live:
            reachable = Confidence.POSSIBLE
        for j in islice(chain(own, range(len(claims))), MAX_COMPARED):
            if best.get(i) == reachable:
                break
            # An object without a name (generateName) has no identity: two of them are never one written twice.
            same = claim.object == claims[j].object and claim.object.name and claim.unit.kind != "values"
            if i != j and not same:
                yield i, j


def _port_role(claim: Declaration) -> str:
    if claim.field == "healthCheckNodePort":
        return "health check"
    return f"port {claim.port}/{claim.protocol}" if claim.port is not None else claim.protocol


def _trails(claims: Sequence[Declaration]) -> tuple[Location, ...]:
    return tuple(dict.fromkeys(place for claim in claims for place in claim.trail))


def _also(claim: Declaration) -> Location:
    place = claim.location
    return Location(place.path, place.region, place.route, f"also asked for by {claim.object}", place.exactness)


def _names(parties: Sequence[Party]) -> str:
    names = list(dict.fromkeys(str(party.object) for party in parties))
    if len(names) == 1:
        return f"{len(parties)} Services named {names[0].removeprefix('Service ')}"
    if len(names) > NAMED + 1:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} others"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"
