"""A fixed node port where the cluster takes its own first."""

from __future__ import annotations

from collections.abc import Iterator

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.model import Context, Declaration, Finding, Party
from nodeport_lint.ports import NODE_PORT_TYPES

TOKENS = ("nodePort",)

NAMED = 3
"""Services that choose no number and that one finding names."""


def check(options: Options, context: Context) -> Iterator[Finding]:
    """Only where something in the repository lets the cluster choose: alone, fixed numbers take from nobody."""
    choosing = [claim for claim in context.inventory.declarations if claim.number is None]
    for number, claim in context.inventory.claims if choosing else ():
        among = context.range_for(claim)
        band = among.static_band
        if band is None or number in band or number not in among or claim.service_type not in NODE_PORT_TYPES:
            continue
        near = [other for other in choosing if context.verdict(claim, other).confidence is not None]
        if near:
            yield _finding(number, claim, near, f"{band.first}-{band.last}")


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
