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
        self._taken_in: dict[str, frozenset[int]] = {}
        self._written: dict[str, frozenset[int]] = {}
        self._documents_of: dict[str, list[str]] = {}

    def suggestion(self, claim: Declaration, among: PortRange) -> str:
        """A help text that names a free number near the one of a claim, or says that there is none.

        The same claim gets the same number however often it is asked for, and no other claim gets it: who
        follows all suggestions of a report makes no new clash.
        """
        key = (id(claim.document), claim.route)
        if key not in self._suggested:
            cluster = self.inventory.layout.cluster(claim)
            found = self.free_numbers(claim.number or among.first, among, without=self._given, cluster=cluster)
            number = next(found, None)
            self._suggested[key] = number
            if number is not None:
                self._given.add(number)
        number = self._suggested[key]
        return "no node port of the range is free" if number is None else f"{number} is the next free node port"

    def free_numbers(
        self, near: int, among: PortRange, including: bool = False, without: Collection[int] = (), cluster: str = ""
    ) -> Iterator[int]:
        """Free node ports one after another; ``including``: ``near`` itself may be the first. Of one ``cluster``
        where it is given, else of all together.

        A number that is written anywhere counts as taken, whether or not a cluster would hold it: the switch
        that makes it live is one edit away. So does every number of a row, unless the row calls it free, and
        every number of a block that ``near`` does not lie in.
        """
        taken = set(self._taken(cluster)).union(without)
        for block in self._blocks:
            if block.meaning != "free" and _speaks_of(block, cluster) and not block.first <= near <= block.last:
                taken.update(range(max(block.first, among.first), min(block.last, among.last) + 1))
        start = near - 1 if including else near
        while (number := nearest_free(start, taken, among)) is not None:
            taken.add(number)
            yield number

    def rows_for(self, claim: Declaration) -> list[Reservation]:
        """The rows that speak of the number of a claim: rows of its own, or else the blocks that it lies in."""
        number, cluster = claim.number or 0, self.inventory.layout.cluster(claim)
        rows = [row for row in self._rows.get(number, ()) if row.concerns(cluster)]
        return rows or [row for row in self._blocks if row.first <= number <= row.last and row.concerns(cluster)]

    def rows_of_number(self, claim: Declaration) -> list[Reservation]:
        """The rows that give this very number to somebody: neither blocks nor rows that call it free."""
        cluster = self.inventory.layout.cluster(claim)
        rows = self._rows.get(claim.number or 0, ())
        return [row for row in rows if row.meaning != "free" and row.concerns(cluster)]

    def has_claims(self, number: int, claim: Declaration) -> bool:
        """Whether a number is written anywhere in the cluster of a claim."""
        return number in self._written_in(self.inventory.layout.cluster(claim))

    def documents_for(self, claim: Declaration) -> list[str]:
        """The allocation documents that speak of the cluster of a claim."""
        found, cluster = self._clusters_of_documents, self.inventory.layout.cluster(claim)
        if cluster not in self._documents_of:
            self._documents_of[cluster] = [
                path for path, rows in found.items() if any(row.concerns(cluster) for row in rows)
            ]
        return self._documents_of[cluster]

    @cached_property
    def _clusters_of_documents(self) -> dict[str, tuple[Reservation, ...]]:
        """A row of each document for each cluster that it speaks of."""
        found: dict[str, dict[tuple[str, ...], Reservation]] = defaultdict(dict)
        for row in self.inventory.reservations:
            found[row.location.path].setdefault(row.clusters, row)
        return {path: tuple(rows.values()) for path, rows in found.items()}

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

    def _taken(self, cluster: str) -> frozenset[int]:
        if cluster not in self._taken_in:
            reserved = {
                number
                for number, rows in self._rows.items()
                if any(row.meaning != "free" and _speaks_of(row, cluster) for row in rows)
            }
            self._taken_in[cluster] = frozenset(self._written_in(cluster) | reserved)
        return self._taken_in[cluster]

    def _written_in(self, cluster: str) -> frozenset[int]:
        """In all clusters together where none is named."""
        if cluster not in self._written:
            layout = self.inventory.layout
            # Where no clusters are declared, what names none may be in any.
            here = {cluster} if layout.cluster_of is not None else {cluster, ""}
            self._written[cluster] = frozenset(
                claim.number
                for claim in self.inventory.declarations
                if claim.number is not None and (not cluster or layout.cluster(claim) in here)
            )
        return self._written[cluster]


def _speaks_of(row: Reservation, cluster: str) -> bool:
    """As ``concerns``, for the question about all clusters together."""
    return not cluster or row.concerns(cluster)
