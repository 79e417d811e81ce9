"""Which numbers are free and which rows speak of a number: what `next` answers and help texts suggest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cached_property

from nodeport_lint.model import Declaration, Inventory, Reservation, Route
from nodeport_lint.ports import PortRange, nearest_free


class Allocation:
    """An index over an inventory, made once; each part of it when it is first asked for."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._suggested: dict[tuple[int, Route], int | None] = {}
        self._given: set[int] = set()

    def suggestion(self, claim: Declaration, among: PortRange) -> str:
        """A help text that names a free number near the one of a claim, or says that there is none.

        The same claim gets the same number however often it is asked for, and no other claim gets it: who
        follows all suggestions of a report makes no new clash.
        """
        key = (id(claim.document), claim.route)
        if key not in self._suggested:
            number = next(self.free_numbers(claim.number or among.first, among, without=self._given), None)
            self._suggested[key] = number
            if number is not None:
                self._given.add(number)
        number = self._suggested[key]
        return "no node port of the range is free" if number is None else f"{number} is the next free node port"

    def free_numbers(
        self, near: int, among: PortRange, including: bool = False, without: Collection[int] = ()
    ) -> Iterator[int]:
        """Free node ports one after another; ``including``: ``near`` itself may be the first.

        A number that is written anywhere counts as taken, whether or not a cluster would hold it: the switch
        that makes it live is one edit away. So does every number of a row, unless the row calls it free, and
        every number of a block that ``near`` does not lie in.
        """
        taken = set(self._taken).union(without)
        for block in self._blocks:
            if block.meaning != "free" and not block.first <= near <= block.last:
                taken.update(range(max(block.first, among.first), min(block.last, among.last) + 1))
        start = near - 1 if including else near
        while (number := nearest_free(start, taken, among)) is not None:
            taken.add(number)
            yield number

    def rows_for(self, number: int) -> list[Reservation]:
        """The rows that speak of a number: rows of its own, or else the blocks that it lies in."""
        rows = self._rows.get(number)
        return rows or [block for block in self._blocks if block.first <= number <= block.last]

    def rows_of_number(self, number: int) -> list[Reservation]:
        """The rows that give this very number to somebody: neither blocks nor rows that call it free."""
        return [row for row in self._rows.get(number, ()) if row.meaning != "free"]

    @cached_property
    def _rows(self) -> dict[int, list[Reservation]]:
        found: dict[int, list[Reservation]] = defaultdict(list)
        for row in self.inventory.reservations:
            if not row.is_block:
                for number in range(row.first, row.last + 1):
                    found[number].append(row)
        return dict(found)

    @cached_property
    def _blocks(self) -> list[Reservation]:
        return [row for row in self.inventory.reservations if row.is_block]

    @cached_property
    def _taken(self) -> frozenset[int]:
        written = {claim.number for claim in self.inventory.declarations if claim.number is not None}
        return frozenset(written | {number for number in self._rows if self.rows_of_number(number)})
