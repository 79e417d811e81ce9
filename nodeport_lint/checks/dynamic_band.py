"""A fixed node port where the cluster takes its own first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.checks.pairing import cohorts
from nodeport_lint.model import Confidence, Context, Declaration, Finding, Party
from nodeport_lint.model.budget import Budget
from nodeport_lint.ports import NODE_PORT_TYPES

TOKENS = ("nodePort",)

NAMED = 3
"""Services that choose no number and that one finding names."""
MAX_VERDICTS = 200_000
"""Pairs of a fixed number and a Service that chooses none that are judged in a run."""
ROLE = "in the dynamic band"


class _Fixed(NamedTuple):
    """A claim in the dynamic band, and the numbers that the cluster takes last."""

    number: int
    claim: Declaration
    last: str


class _Near(NamedTuple):
    """A Service that chooses no number and may share a cluster with a fixed one: how sure that is."""

    level: Confidence
    evidence: str
    choosing: Declaration


class _Cluster(NamedTuple):
    """What may share a cluster."""

    fixed: list[_Fixed]
    choosing: list[Declaration]


def check(options: Options, context: Context) -> Iterator[Finding]:
    """Only where something in the same cluster lets it choose: alone, fixed numbers take from nobody."""
    clusters = [found for found in _clusters(context) if found.fixed and found.choosing]
    count, pairs = sum(len(one.fixed) for one in clusters), sum(len(one.fixed) * len(one.choosing) for one in clusters)
    compared = Budget(MAX_VERDICTS, late=context.late).share(count, pairs)
    for fixed, choosing in clusters:
        left, unsure = len(choosing) - compared, list[Declaration]()
        for one in fixed:
            near = [near for other in choosing[:compared] if (near := _near(one, other, context)) is not None]
            if near:
                found = _finding(one, near)
                yield found._replace(reason=f"{found.reason}; {left} more are not looked at") if left > 0 else found
            elif left > 0:
                unsure.append(one.claim)
        if unsure:
            yield _not_judged(unsure, compared, len(choosing))


def _clusters(context: Context) -> Iterator[_Cluster]:
    claims = list(context.inventory.declarations)
    for cohort in cohorts(claims, context):
        choosing = [claims[index] for index in cohort if claims[index].number is None]
        fixed = (_fixed(claims[index], context) for index in cohort if claims[index].live) if choosing else ()
        yield _Cluster([one for one in fixed if one is not None], choosing)


def _fixed(claim: Declaration, context: Context) -> _Fixed | None:
    among, number = context.range_for(claim), claim.number
    band = among.static_band
    if number is None or band is None or number in band or number not in among:
        return None
    return _Fixed(number, claim, f"{band.first}-{band.last}") if claim.service_type in NODE_PORT_TYPES else None


def _near(one: _Fixed, choosing: Declaration, context: Context) -> _Near | None:
    verdict = context.verdict(one.claim, choosing)
    return None if verdict.confidence is None else _Near(verdict.confidence, verdict.evidence, choosing)


def _finding(one: _Fixed, near: list[_Near]) -> Finding:
    claim, names = one.claim, list(dict.fromkeys(str(other.choosing.object) for other in near))
    more = f" and {len(names) - NAMED} others" if len(names) > NAMED else ""
    return Finding(
        f"node port {one.number} of {claim.object} lies where the cluster chooses node ports by itself",
        (Party.of(claim, ROLE),),
        reason=f"{', '.join(names[:NAMED])}{more} may get it first, and then {claim.object} is refused",
        help=f"the cluster chooses from {one.last} last: fixed numbers are safest there",
        evidence=max(near, key=lambda other: other.level).evidence,
    )


def _not_judged(claims: Sequence[Declaration], compared: int, count: int) -> Finding:
    """One for all that are near none of those with which they were compared: with another they may be."""
    others = f" and {len(claims) - 1:,} other{'s' if len(claims) > 2 else ''}" if len(claims) > 1 else ""
    return Finding(
        f"node port {claims[0].number} of {claims[0].object}{others} not judged by this rule",
        tuple(Party.of(claim, ROLE) for claim in claims),
        reason=f"compared with {compared:,} of {count:,} ports for which the cluster chooses a number, and no more",
    )
