"""A node port that no row of the allocation documents speaks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.checks.agreement import faults
from nodeport_lint.model import Context, Declaration, Finding, Party, Reservation

TOKENS = ("nodePort",)


def check(options: Options, context: Context) -> Iterator[Finding]:
    """Silent where no allocation document speaks of the cluster."""
    inventory = context.inventory
    if not inventory.reservations:
        return
    given: dict[str, set[int]] = defaultdict(set)
    for number, claim in inventory.claims:
        cluster = inventory.layout.cluster(claim)
        registries = context.allocation.documents_for(claim)
        if not registries:
            continue
        documents = " or ".join(registries) if len(registries) < 3 else "any allocation document"
        rows = context.allocation.rows_for(claim)
        if any(row.meaning != "free" for row in rows):
            continue
        says = f"is called free in {documents}" if rows else f"has no row in {documents}"
        own = list(islice(context.own_rows(claim), 3))
        free = [row.first for row in own if _is_free(row, claim, context) and row.first not in given[cluster]]
        given[cluster].update(free[:1])
        yield Finding(
            f"node port {number} of {claim.object} {says}",
            (Party.of(claim),),
            related=tuple(row.location._replace(note=f"{row.owner} has {row.numbers}") for row in own),
            help=_help([f"{row.owner} has {row.numbers}" for row in own], free[:1]),
        )


def _is_free(row: Reservation, claim: Declaration, context: Context) -> bool:
    """Whether the Service could take the number of a row: nobody else has it, and the row means this port of it."""
    return row.first == row.last and not context.allocation.has_claims(row.first, claim) and not any(faults(row, claim))


def _help(own: list[str], free: list[int]) -> str:
    if free:
        which = "that number" if len(own) == 1 else free[0]
        return f"{' and '.join(own)} there: use {which}, or change the row"
    return f"{' and '.join(own)} there: change the row, or add one" if own else "add a row for it"
