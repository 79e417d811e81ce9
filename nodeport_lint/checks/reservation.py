"""Allocation documents against themselves and against what is declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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
    ends: dict[tuple[Any, ...], int] = {}
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
        # What contradicts this row contradicts an earlier one that says the same and is open as long.
        says = _says(row)
        if len(open_rows) < MAX_COMPARED and ends.get(says, -1) < row.last:
            ends[says] = row.last
            open_rows.append(row)


def _says(row: Reservation) -> tuple[Any, ...]:
    return (row.is_block, row.meaning == "free", row.owner.casefold(), row.namespace, row.setting, row.clusters)


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
    asked_for: dict[int, set[str]] = defaultdict(set)
    for claim in context.inventory.declarations:
        if claim.number is not None and (claim.live or claim.unit.is_inert):
            asked_for[claim.number].add(context.inventory.layout.cluster(claim))
    spoken_of = {clusters: frozenset(clusters) for clusters in {row.clusters for row in context.inventory.reservations}}
    for row in context.inventory.reservations:
        if row.meaning == "used" and not row.is_block and not _is_asked_for(row, asked_for, spoken_of[row.clusters]):
            status = row.status.lower() or "in use"
            yield Finding(
                f"node port {row.numbers} of {_name(row)} is called {status}, and nothing asks for it",
                (Party(row.location, "", None, row.first),),
            )


def _is_asked_for(row: Reservation, asked_for: Mapping[int, set[str]], clusters: frozenset[str]) -> bool:
    """``asked_for``: the clusters in which each number is asked for; ``clusters`` are those of the row."""
    found = (asked_for[number] for number in range(row.first, row.last + 1) if number in asked_for)
    return any(not clusters or not clusters.isdisjoint(names) for names in found)


FAULTS: dict[str, Callable[[Context], Iterator[Finding]]] = {
    "duplicate": _duplicate,
    "outside-range": _outside_range,
    "unused": _unused,
}
