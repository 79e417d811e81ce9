"""One number, two claims in one cluster."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.checks.pairing import Group, Ties, cohorts, groups, pairs
from nodeport_lint.model import Confidence, Context, Declaration, Finding, Location, Party, Route, Service, Verdict
from nodeport_lint.model.budget import Budget
from nodeport_lint.model.words import counted
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
        if declaration.number is not None and (declaration.live or declaration.unit.is_inert):
            by_number[declaration.number].append(declaration)
    budget = Budget(MAX_VERDICTS, MAX_COMPARED, at_once=MAX_OF_NUMBER, late=context.late)
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
            reason="the ports of one Service may share a number only where port is equal and protocol differs",
            help=context.allocation.suggestion(group[-1], context.range_for(group[-1])),
            quorum=2,
        )


def _between(number: int, declarations: Sequence[Declaration], context: Context, budget: Budget) -> Iterator[Finding]:
    by_side: dict[tuple[int, Route], list[Declaration]] = defaultdict(list)
    for claim in declarations:
        by_side[claim.side].append(claim)
    sides = list(by_side.values())
    firsts, layout = [side[0] for side in sides], context.inventory.layout
    for cohort in cohorts(firsts, context):
        cluster = layout.cluster(firsts[cohort[0]]) if layout.cluster_of is not None else ""
        where = f" in cluster {cluster}" if cluster else ""
        found, cut = _judged(firsts, cohort, context, budget)
        for group in found:
            claims = [claim for index in group.sides for claim in sides[index]]
            others = [claim for index in group.beside for claim in sides[index]]
            parties = Party.united(Party.of(claim, str(claim.object)) for claim in claims)
            yield Finding(
                f"node port {number} is asked for by {_names(parties)}{where}",
                parties,
                related=tuple(_also(claim) for claim in others),
                confidence=group.verdict.confidence or Confidence.POSSIBLE,
                reason="; ".join(filter(None, (_reason(group, firsts), cut))),
                help=context.allocation.suggestion(claims[-1], context.range_for(claims[-1])),
                quorum=2,
                evidence=group.verdict.evidence,
            )


def _judged(
    claims: Sequence[Declaration], cohort: Sequence[int], context: Context, budget: Budget
) -> tuple[list[Group], str]:
    """What of the sides of one cluster belongs together, and in words, which of them were not compared with all."""
    ties, cut = Ties(cohort), set[int]()
    limit = budget.share(len(cohort), len(cohort) * (len(cohort) - 1) // 2)
    for one, other in pairs(claims, ties, context.inventory.layout.cluster_of is not None, limit, cut):
        budget.spend()
        ties.add(one, other, context.verdict(claims[one], claims[other]))
    found = list(groups(ties))
    if not cut:
        return found, ""
    said = f"{len(cut)} of {len(cohort)} claims were compared with {limit} others each, and no more"
    if all(group.verdict.confidence is Confidence.POSSIBLE for group in found):
        # What was not compared may be surer: nobody is told that all is well.
        found = [Group(list(cohort), Verdict(Confidence.LIKELY, found[0].verdict.reason if found else ""))]
    return found, said


def _reason(group: Group, claims: Sequence[Declaration]) -> str:
    """Why the least sure of a group belongs to it, behind what is surer."""
    if not group.surer:
        return group.verdict.reason
    alike = Counter(str(claims[index].object) for index in group.sides)

    def names(sides: Iterable[int]) -> str:
        found = ((str(claims[index].object), claims[index].location.path) for index in sides)
        return _listed([name if alike[name] == 1 else f"{name} in {path}" for name, path in found])

    told = [f"{names(sides)}: {verdict.reason}" for sides, verdict in group.surer[:NAMED]]
    if len(group.surer) > NAMED:
        told.append(f"{len(group.surer) - NAMED} more as sure")
    rest = sorted(set(group.sides).difference(group.surer[0][0])) if len(group.surer) == 1 else []
    subject = f"{names(rest)} {'are' if len(rest) > 1 else 'is'}" if rest else "the rest is"
    return f"{'; '.join(told)}; {subject} only likely: {group.verdict.reason}"


def _port_role(claim: Declaration) -> str:
    if claim.field == "healthCheckNodePort":
        return "health check"
    return f"port {claim.port}/{claim.protocol}" if claim.port is not None else claim.protocol


def _also(claim: Declaration) -> Location:
    place = claim.location
    return Location(place.path, place.region, place.route, f"also asked for by {claim.object}", place.exactness)


def _names(parties: Sequence[Party]) -> str:
    names = list(dict.fromkeys(str(party.object) for party in parties))
    if len(names) == 1:
        kind, _, name = names[0].partition(" ")
        return f"{counted(len(parties), kind)} named {name}"
    return _listed(names)


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    if len(names) > NAMED + 1:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} others"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"
