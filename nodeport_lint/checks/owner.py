"""A node port whose row names another owner."""

from __future__ import annotations

from collections.abc import Iterator

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.model import Context, Finding, Party

TOKENS = ("nodePort",)

NAMED = 10
"""Owners that a message names."""


def check(options: Options, context: Context) -> Iterator[Finding]:
    """Only where every row of the number names somebody else for sure."""
    for number, claim in context.inventory.claims:
        rows = context.allocation.rows_of_number(claim)
        if not rows or any(context.ownership(row, claim) != "another" for row in rows):
            continue
        named = list(dict.fromkeys(row.owner or str(row.service) for row in rows))
        owners = " and ".join(named[:NAMED]) + (f" and {len(named) - NAMED} others" if len(named) > NAMED else "")
        yield Finding(
            f"node port {number} of {claim.object} is reserved for {owners}",
            (Party.of(claim, str(claim.object)),),
            related=tuple(row.location._replace(note=f"reserved for {row.owner}") for row in rows),
            reason=context.allocation.cut(claim, rows),
            help=context.allocation.suggestion(claim, context.range_for(claim)),
        )
