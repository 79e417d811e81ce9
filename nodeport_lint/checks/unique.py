"""One number, two claims in one cluster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.checks.pairing import cohorts, pairs
from nodeport_lint.model import Confidence, Context, Declaration, Finding, Location, Party, Route, Service
from nodeport_lint.model.budget import Budget
from nodeport_lint.ports import NODE_PORT_TYPES, PortEntry, clashes_in_service

TOKENS = ("nodePort",)

MAX_COMPARED, MAX_OF_NUMBER, MAX_VERDICTS = 2000, 200_000, 500_000
"""Other sides that one side is compared with, and pairs that are judged of one number in one cluster, and in a run.
Beyond, a side is compared with fewer others, and the finding says so."""
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
    budget = Budget(MAX_VERDICTS, MAX_COMPARED, at_once=MAX_OF_NUMBER)
    for number, declarations in sorted(by_number.items()):
        if len(declarations) > 1:
            yield from _between(number, declarations, context, budget)


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


class _Judged(NamedTuple):
    """The sides of one number in one cluster: how sure each is in a clash, and why the surest one is. ``cut``: with how
    many others a side was compared, how many had more and are in no sure clash, of how many; None: with all."""

    best: dict[int, Confidence]
    level: Confidence
    reason: str
    cut: tuple[int, int, int] | None


def _judged(claims: Sequence[Declaration], cohort: Sequence[int], context: Context, budget: Budget) -> _Judged:
    best: dict[int, Confidence] = {}
    level, reason = Confidence.POSSIBLE, ""
    limit, more = budget.share(len(cohort), len(cohort) * (len(cohort) - 1) // 2), set[int]()
    for i, j in pairs(claims, cohort, best, limit, more):
        budget.spend()
        verdict = context.verdict(claims[i], claims[j])
        if verdict.confidence is None:
            continue
        for index in (i, j):
            best[index] = max(best.get(index, Confidence.POSSIBLE), verdict.confidence)
        if verdict.confidence > level or not reason:
            level, reason = verdict.confidence, verdict.reason
    # A side that is surely in a clash needs no further pairs.
    unsure = sum(best.get(index, Confidence.POSSIBLE) < Confidence.LIKELY for index in more)
    if unsure and not reason:
        best.update(dict.fromkeys(cohort, Confidence.POSSIBLE))
    return _Judged(best, level, reason, (limit, unsure, len(cohort)) if unsure else None)


def _between(number: int, declarations: Sequence[Declaration], context: Context, budget: Budget) -> Iterator[Finding]:
    by_side: dict[tuple[int, Route], list[Declaration]] = defaultdict(list)
    for claim in declarations:
        by_side[claim.side].append(claim)
    sides = list(by_side.values())
    firsts = [side[0] for side in sides]
    judged = [_judged(firsts, cohort, context, budget) for cohort in cohorts(firsts, context)]
    best = {index: level for one in judged for index, level in one.best.items()}
    if not best:
        return
    surest = max(judged, key=lambda one: (one.level, bool(one.reason)))
    threshold = min(surest.level, Confidence.LIKELY)
    claims = [claim for index in sorted(best) if best[index] >= threshold for claim in sides[index]]
    parties = Party.united(Party.of(claim, str(claim.object)) for claim in claims)
    others = [claim for index in sorted(best) if best[index] < threshold for claim in sides[index]]
    yield Finding(
        f"node port {number} is asked for by {_names(parties)}",
        parties,
        related=(*_trails(claims), *(_also(claim) for claim in others)),
        confidence=surest.level,
        reason="; ".join(filter(None, (surest.reason, _cut([one.cut for one in judged if one.cut])))),
        help=context.allocation.suggestion(claims[-1], context.range_for(claims[-1])),
        quorum=2,
    )


def _cut(cuts: Sequence[tuple[int, int, int]]) -> str:
    """What was not compared, of all clusters together."""
    if not cuts:
        return ""
    limits, unsure, counts = zip(*cuts, strict=True)
    others = f"{min(limits)} to {max(limits)}" if len(set(limits)) > 1 else limits[0]
    return f"{sum(unsure)} of {sum(counts)} claims were compared with {others} others each, and no more"


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
