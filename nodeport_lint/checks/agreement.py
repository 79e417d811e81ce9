"""A row and the Service that it names disagree about the namespace or the target port."""

from __future__ import annotations

from collections.abc import Iterator

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.model import Context, Declaration, Finding, Party, Reservation

TOKENS = ("nodePort",)


def check(options: Options, context: Context) -> Iterator[Finding]:
    """Silent where the owner is another one: that is a fault of its own."""
    for number, claim in context.inventory.claims:
        rows = context.allocation.rows_of_number(claim)
        own = [row for row in rows if context.ownership(row, claim) == "same"]
        judged = [(row, list(faults(row, claim))) for row in own]
        if own and all(found for _, found in judged):
            row, found = judged[0]
            yield Finding(
                f"{claim.object} has node port {number}, and its row says {' and '.join(found)}",
                (Party.of(claim, str(claim.object)),),
                related=(row.location._replace(note=f"the row of {row.owner}"),),
                reason=context.allocation.cut(claim, rows),
            )


def faults(row: Reservation, claim: Declaration) -> Iterator[str]:
    """What a row says otherwise than its Service."""
    if row.namespace and claim.object.namespace and row.namespace != claim.object.namespace:
        yield f"namespace {row.namespace}"
    if row.target_port is None or claim.port is None:
        return
    if isinstance(claim.target_port, str):
        # The number behind a named port is in a pod template, perhaps of another repository.
        return
    behind = {claim.port, claim.target_port if claim.target_port is not None else claim.port}
    if row.target_port not in behind:
        yield f"target port {row.target_port}, not {' or '.join(map(str, sorted(behind)))}"
