"""A node port that no row of the allocation documents speaks for."""

from __future__ import annotations

from collections.abc import Iterator

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.model import Context, Finding, Party

TOKENS = ("nodePort",)


def check(options: Options, context: Context) -> Iterator[Finding]:
    """Silent where no allocation document speaks of the cluster."""
    inventory = context.inventory
    if not inventory.reservations:
        return
    for number, claim in inventory.claims:
        registries = context.allocation.documents_for(claim)
        if not registries:
            continue
        documents = " or ".join(registries) if len(registries) < 3 else "any allocation document"
        rows = context.allocation.rows_for(claim)
        if any(row.meaning != "free" for row in rows):
            continue
        says = f"is called free in {documents}" if rows else f"has no row in {documents}"
        own = context.own_rows(claim)[:3]
        yield Finding(
            f"node port {number} of {claim.object} {says}",
            (Party.of(claim),),
            related=(*claim.trail, *(row.location._replace(note=f"{row.owner} has {row.numbers}") for row in own)),
            help=_help([f"{row.owner} has {row.numbers}" for row in own]),
        )


def _help(own: list[str]) -> str:
    if own:
        return f"{' and '.join(own)} there: use that number, or change the row"
    return "add a row for it"
