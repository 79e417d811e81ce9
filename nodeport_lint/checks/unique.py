"""One number, two claims in one cluster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.checks.pairing import cohorts, pairs
from nodeport_lint.model import Confidence, Context, Declaration, Finding, Location, Party, Route, Service
from nodeport_lint.ports import NODE_PORT_TYPES, PortEntry, clashes_in_service

TOKENS = ("nodePort",)

MAX_COMPARED, LEAST = 2000, 10
"""Other sides that one side is compared with: at most, and however many pairs were judged before."""
MAX_OF_NUMBER, MAX_VERDICTS = 200_000, 500_000
"""Pairs that are judged of one number, and in a run. Beyond, a side is compared with fewer others, and the finding
says so."""
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
    left = [MAX_VERDICTS]
    for number, declarations in sorted(by_number.items()):
        if len(declarations) > 1:
            yield from _between(number, declarations, context, left)


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


def _between(number: int, declarations: Sequence[Declaration], context: Context, left: list[int]) -> Iterator[Finding]:
    """``left`` holds how many pairs of this run may still be judged."""
    by_side: dict[tuple[int, Route], list[Declaration]] = defaultdict(list)
    for claim in declarations:
        by_side[claim.side].append(claim)
    sides = list(by_side.values())
    best: dict[int, Confidence] = {}
    reason, level, cut = "", Confidence.POSSIBLE, ""
    for cohort in cohorts([side[0] for side in sides], context):
        limit, more = _limit(len(cohort), left[0]), set[int]()
        for i, j in pairs([side[0] for side in sides], cohort, best, limit, more):
            left[0] -= 1
            verdict = context.verdict(sides[i][0], sides[j][0])
            if verdict.confidence is None:
                continue
            for index in (i, j):
                best[index] = max(best.get(index, Confidence.POSSIBLE), verdict.confidence)
            if verdict.confidence > level or not reason:
                level, reason = verdict.confidence, verdict.reason
        # A side that is surely in a clash needs no further pairs.
        unsure = sum(best.get(index, Confidence.POSSIBLE) < Confidence.LIKELY for index in more)
        if unsure:
            cut = f"{unsure} of {len(cohort)} claims were compared with {limit} others each, and no more"
            if not reason:
                best.update(dict.fromkeys(cohort, Confidence.POSSIBLE))
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
        reason="; ".join(filter(None, (reason, cut))),
        help=context.allocation.suggestion(claims[-1], context.range_for(claims[-1])),
        quorum=2,
    )


def _limit(count: int, left: int) -> int:
    """With how many others each of ``count`` sides is compared, where so many pairs are ``left`` for the run."""
    allowed = min(MAX_OF_NUMBER, left)
    return MAX_COMPARED if count * (count - 1) // 2 <= allowed else max(allowed // count, LEAST)


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
