"""Which numbers are free: what `next` answers and help texts suggest."""

from __future__ import annotations

from collections.abc import Iterator

from nodeport_lint.model import Inventory, Reservation
from nodeport_lint.ports import PortRange, nearest_free


def free_number(near: int, inventory: Inventory, among: PortRange) -> int | None:
    """The free node port of ``among`` that is nearest above ``near``, else the nearest below; None if all are taken."""
    return next(free_numbers(near, inventory, among), None)


def free_numbers(near: int, inventory: Inventory, among: PortRange, including: bool = False) -> Iterator[int]:
    """Free node ports one after another; ``including``: ``near`` itself may be the first.

    A number that is written anywhere counts as taken, whether or not a cluster would hold it: the switch that
    makes it live is one edit away. So does every number of a row, unless the row calls it free, and every
    number of a block that ``near`` does not lie in.
    """
    taken = {claim.number for claim in inventory.declarations if claim.number is not None}
    for row in inventory.reservations:
        if row.meaning != "free" and not (row.is_block and row.first <= near <= row.last):
            taken.update(range(max(row.first, among.first), min(row.last, among.last) + 1))
    start = near - 1 if including else near
    while (number := nearest_free(start, taken, among)) is not None:
        taken.add(number)
        yield number


def rows_for(number: int, inventory: Inventory) -> list[Reservation]:
    """The rows that speak of a number: rows of its own, or else the blocks that it lies in."""
    rows = [row for row in inventory.reservations if row.first <= number <= row.last]
    return [row for row in rows if not row.is_block] or rows


def rows_of_number(number: int, inventory: Inventory) -> list[Reservation]:
    """The rows that give this very number to somebody: neither blocks nor rows that call it free."""
    return [row for row in rows_for(number, inventory) if row.meaning != "free" and not row.is_block]
