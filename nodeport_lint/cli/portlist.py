"""Every node port that is asked for or reserved, as a list: text, JSON, CSV or Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from nodeport_lint.formats.markdown import escaped
from nodeport_lint.formats.words import cell_text, json_text, printable
from nodeport_lint.model import Declaration, Inventory, Reservation
from nodeport_lint.registry.allocation import Allocation

COLUMNS = ("port", "state", "object", "type", "target", "place", "owner", "status", "row", "cluster")
MAX_WIDTH = 200
"""Cells of a terminal by which one entry widens the column of all."""


class Entry(NamedTuple):
    """One claim, one row, or both where a row speaks of the claim's number. All fields as text."""

    port: str
    state: str
    object: str = ""
    type: str = ""
    target: str = ""
    place: str = ""
    owner: str = ""
    status: str = ""
    row: str = ""
    cluster: str = ""


def entries(inventory: Inventory) -> list[Entry]:
    """Sorted by number. ``state``: asked, inert, reserved, block, free; or dynamic, at the end, without a number."""
    found: list[tuple[int, str, Entry]] = []
    spoken_for: set[int] = set()
    rows, allocation = inventory.reservations, Allocation(inventory)
    for claim in inventory.declarations:
        if claim.number is None:
            found.append((10**9, claim.location.label, _claimed(claim, None, inventory)))
            continue
        index = allocation.first_row(claim)
        if index is not None:
            spoken_for.add(index)
        row = None if index is None else rows[index]
        found.append((claim.number, claim.location.label, _claimed(claim, row, inventory)))
    for index, row in enumerate(rows):
        if index not in spoken_for:
            state = "free" if row.meaning == "free" else "block" if row.is_block else "reserved"
            entry = Entry(row.numbers, state, owner=_owner(row), status=row.status, row=row.location.label,
                          cluster=", ".join(row.clusters))  # fmt: skip
            found.append((row.first, row.location.label, entry))
    # A chart gives the same entry with each set of values that does not change it.
    return [entry for _, _, entry in sorted(set(found))]


def _claimed(claim: Declaration, row: Reservation | None, inventory: Inventory) -> Entry:
    target = claim.target_port if claim.target_port is not None else claim.port
    return Entry(
        port="dynamic" if claim.number is None else str(claim.number),
        state="dynamic" if claim.number is None else "asked" if claim.live else "inert",
        object=str(claim.object).removeprefix("Service "),
        type=claim.service_type,
        target="" if target is None else f"{target}/{claim.protocol}",
        place=claim.location.label,
        owner=_owner(row) if row else "",
        status=row.status if row else "",
        row=row.location.label if row else "",
        cluster=inventory.layout.cluster(claim),
    )


def _shown(found: Sequence[Entry]) -> int:
    """How many columns a person is shown: the last only where there are clusters."""
    return len(COLUMNS) if any(entry.cluster for entry in found) else len(COLUMNS) - 1


def _owner(row: Reservation) -> str:
    owner = row.owner or row.service or ""
    return f"{owner} ({row.namespace})" if owner and row.namespace else owner


def _text(found: Sequence[Entry]) -> str:
    shown = _shown(found)
    rows = [tuple(printable(cell) for cell in entry[:shown]) for entry in found]
    table = [tuple(name.upper() for name in COLUMNS[:shown]), *rows]
    widths = [min(max(len(row[index]) for row in table), MAX_WIDTH) for index in range(shown)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table)
    return "".join(f"{line}\n" for line in lines)


def _json(found: Sequence[Entry]) -> str:
    return json_text([entry._asdict() for entry in found])


def _csv(found: Sequence[Entry]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([cell_text(cell) for cell in entry] for entry in found)
    return out.getvalue()


def _markdown(found: Sequence[Entry]) -> str:
    return "".join(f"{line}\n" for line in _markdown_lines(found))


def _markdown_lines(found: Sequence[Entry]) -> Iterator[str]:
    shown = _shown(found)
    yield f"| {' | '.join(COLUMNS[:shown])} |"
    yield "|" + "---|" * shown
    for entry in found:
        yield f"| {' | '.join(escaped(cell) for cell in entry[:shown])} |"


RENDERERS: dict[str, Callable[[Sequence[Entry]], str]] = {
    "text": _text,
    "json": _json,
    "csv": _csv,
    "markdown": _markdown,
}
