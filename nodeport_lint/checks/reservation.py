"""Allocation documents against themselves and against what is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nodeport_lint.model import Context, Finding, Party, Reservation

TOKENS = ("nodePort",)

MAX_COMPARED = 500
"""Earlier rows that one row is compared with."""


@dataclass(frozen=True, slots=True)
class Options:
    """``fault``: duplicate, outside-range or unused."""

    fault: str

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise ValueError(f"fault must be one of {', '.join(FAULTS)}, not {self.fault!r}")


def check(options: Options, context: Context) -> Iterator[Finding]:
    return FAULTS[options.fault](context)


def _duplicate(context: Context) -> Iterator[Finding]:
    """Rows that overlap and are not one claim written twice, each with the first that it contradicts."""
    rows = sorted(context.inventory.reservations, key=lambda row: (row.first, row.last, row.location.order))
    open_rows: list[Reservation] = []
    for row in rows:
        open_rows = [other for other in open_rows if other.last >= row.first]
        other = next((other for other in open_rows[:MAX_COMPARED] if _contradict(row, other)), None)
        if other is not None:
            first, last = max(row.first, other.first), min(row.last, other.last)
            numbers = str(first) if first == last else f"{first}-{last}"
            a, b = sorted((row, other), key=lambda one: one.location.order)
            yield Finding(
                f"node port {numbers} has two rows: {_name(a)} and {_name(b)}",
                tuple(Party(one.location, _name(one), None, first) for one in (a, b)),
                quorum=2,
            )
        if len(open_rows) < MAX_COMPARED:
            open_rows.append(row)


def _contradict(a: Reservation, b: Reservation) -> bool:
    if a.is_block != b.is_block or (a.setting and b.setting and a.setting != b.setting):
        return False
    if a.clusters and b.clusters and not set(a.clusters) & set(b.clusters):
        return False
    if a.location == b.location or (a.meaning == b.meaning == "free"):
        return False
    return (a.owner.casefold(), a.namespace or b.namespace, a.meaning == "free") != (
        b.owner.casefold(),
        b.namespace or a.namespace,
        b.meaning == "free",
    )


def _name(row: Reservation) -> str:
    if row.meaning == "free":
        return "free"
    owner = row.owner or row.service or "nobody named"
    return f"{owner} ({row.namespace})" if row.namespace else owner


def _outside_range(context: Context) -> Iterator[Finding]:
    for row in context.inventory.reservations:
        ranges = context.ranges_of(row)
        if row.meaning != "free" and not any(row.first in among and row.last in among for among in ranges):
            among = " or ".join(map(str, ranges))
            yield Finding(
                f"the row of {_name(row)} has {row.numbers}, which is not in the range {among}",
                (Party(row.location, f"outside {among}", None, row.first),),
            )


def _unused(context: Context) -> Iterator[Finding]:
    """Rows that say their number is in use, and nothing in the repository asks for it, nor holds it in values that
    may be those of an install."""
    claims = (claim for claim in context.inventory.declarations if claim.live or claim.unit.kind == "values")
    asked_for = {row for claim in claims for row in context.allocation.rows_of_number(claim)}
    for row in context.inventory.reservations:
        if row.meaning == "used" and not row.is_block and row not in asked_for:
            status = row.status.lower() or "in use"
            yield Finding(
                f"node port {row.numbers} of {_name(row)} is called {status}, and nothing asks for it",
                (Party(row.location, "", None, row.first),),
            )


FAULTS: dict[str, Callable[[Context], Iterator[Finding]]] = {
    "duplicate": _duplicate,
    "outside-range": _outside_range,
    "unused": _unused,
}
