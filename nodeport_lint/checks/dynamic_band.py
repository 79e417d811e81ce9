"""A fixed node port where the cluster takes its own first."""

from __future__ import annotations

from collections.abc import Iterator

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.model import Context, Declaration, Finding, Party
from nodeport_lint.ports import NODE_PORT_TYPES

TOKENS = ("nodePort",)

NAMED = 3
"""Services that choose no number and that one finding names."""
MAX_VERDICTS, LEAST = 200_000, 10
"""Pairs that are judged in a run, and others with which every claim is compared whatever their number."""


def check(options: Options, context: Context) -> Iterator[Finding]:
    """Only where something in the repository lets the cluster choose: alone, fixed numbers take from nobody."""
    choosing = [claim for claim in context.inventory.declarations if claim.number is None]
    fixed = list(context.inventory.claims) if choosing else []
    compared = max(MAX_VERDICTS // max(len(fixed), 1), LEAST)
    for number, claim in fixed:
        among = context.range_for(claim)
        band = among.static_band
        if band is None or number in band or number not in among or claim.service_type not in NODE_PORT_TYPES:
            continue
        near = [other for other in choosing[:compared] if context.verdict(claim, other).confidence is not None]
        if near:
            finding = _finding(number, claim, near, f"{band.first}-{band.last}")
            left = len(choosing) - compared
            yield finding._replace(reason=f"{finding.reason}; {left} more are not looked at") if left > 0 else finding


def _finding(number: int, claim: Declaration, choosing: list[Declaration], band: str) -> Finding:
    names = list(dict.fromkeys(str(other.object) for other in choosing))
    more = f" and {len(names) - NAMED} others" if len(names) > NAMED else ""
    return Finding(
        f"node port {number} of {claim.object} lies where the cluster chooses node ports by itself",
        (Party.of(claim, "in the dynamic band"),),
        related=claim.trail,
        reason=f"{', '.join(names[:NAMED])}{more} may get it first, and then {claim.object} is refused",
        help=f"the cluster chooses from {band} last: fixed numbers are safest there",
    )
