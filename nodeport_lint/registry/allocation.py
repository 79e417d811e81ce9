"""Which numbers are free and which rows speak of a number: what `next` answers and help texts suggest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sized
from functools import cached_property

from nodeport_lint.model import Declaration, Inventory, PortRange, Reservation, Route
from nodeport_lint.model.budget import Budget
from nodeport_lint.ports import HIGHEST_PORT
from nodeport_lint.registry import MAX_OF_NUMBER
from nodeport_lint.registry.rows import Rows

MAX_STEPS = 3_000_000
"""Numbers that are looked at for all suggestions of a run."""
MAX_COMPARED, LEAST = 50_000, 5
"""Pairs of a row and a claim of one number, and rows with which every claim is compared whatever their number."""


class Allocation:
    """An index over an inventory, made once; each part of it when it is first asked for."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._suggested: dict[tuple[int, Route], str] = {}
        self._given: set[int] = set()
        self._searches: dict[tuple[int, PortRange, str], Iterator[int | None]] = {}
        self._steps = MAX_STEPS
        self._full: set[tuple[PortRange, str]] = set()
        self._documents_of: dict[str, list[str]] = {}

    def suggestion(self, claim: Declaration, among: PortRange) -> str:
        """A help text that names a free number near the one of a claim, or says that there is none.

        The same claim gets the same number however often it is asked for, and no other claim gets it: who
        follows all suggestions of a report makes no new clash.
        """
        key = (id(claim.document), claim.key or claim.route)
        if key not in self._suggested:
            self._suggested[key] = self._suggestion(claim, among)
        return self._suggested[key]

    def _suggestion(self, claim: Declaration, among: PortRange) -> str:
        near, cluster = claim.number or among.first, self.inventory.layout.cluster(claim)
        search = (near, among, cluster)
        if search not in self._searches and (among, cluster) not in self._full:
            self._searches[search] = self._outwards(near, among, False, self._given, cluster)
        # What was taken or given stays so: the search goes on where it stopped.
        for number in self._searches.get(search, ()):
            self._steps -= 1
            if number is not None:
                self._given.add(number)
                return f"{number} is the next free node port"
            if self._steps < 0:
                return "nodeport-lint next names a free node port"
        if claim.number in among and not any(group.blocks.firsts for group in self._rows.speaking(cluster)):
            # Without blocks the numbers that are free are the same for all claims, whose own are taken.
            self._full.add((among, cluster))
        return "no node port of the range is free"

    def free_numbers(
        self, near: int, among: PortRange, including: bool = False, without: Collection[int] = (), cluster: str = ""
    ) -> Iterator[int]:
        """Free node ports one after another; ``including``: ``near`` itself may be the first. Of one ``cluster``
        where it is given, else of all together.

        A number that is written anywhere counts as taken, whether or not a cluster would hold it: the switch
        that makes it live is one edit away. So does every number of a row, unless the row calls it free, and
        every number of a block that ``near`` does not lie in.
        """
        for number in self._outwards(near, among, including, without, cluster):
            if number is not None:
                yield number

    def _outwards(
        self, near: int, among: PortRange, including: bool, without: Collection[int], cluster: str
    ) -> Iterator[int | None]:
        """The numbers above ``near``, upwards, then those below: each if it is free and of ``among``, else None."""
        groups = self._rows.speaking(cluster)
        taken = [without, *self._written_in(cluster), *(group.given for group in groups)]
        blocks = [group.blocks for group in groups if group.blocks.firsts]
        end = -1
        for number in range(max(near if including else near + 1, 0), among.last + 1):
            # A block that begins behind ``near`` does not hold it.
            for one in blocks if number > near else ():
                end = max(end, one.last_of.get(number, end))
            is_free = number > end and number >= among.first and not any(number in numbers for numbers in taken)
            yield number if is_free else None
        begin = highest = max(HIGHEST_PORT, self._rows.highest) + 1
        for number in range(min(near, highest) - 1, among.first - 1, -1):
            for one in blocks:
                begin = min(begin, one.first_of.get(number, begin))
            is_free = number < begin and number <= among.last and not any(number in numbers for numbers in taken)
            yield number if is_free else None

    def rows_for(self, claim: Declaration) -> list[Reservation]:
        """The rows that speak of the number of a claim: rows of its own, or else blocks that it lies in, of those of
        one document one that gives it and one that calls it free."""
        number, cluster = claim.number or 0, self.inventory.layout.cluster(claim)
        ranks = {*self._rows.ranks(number, cluster), *self._rows.ranks(number, cluster, given=True)}
        if ranks:
            return [self.inventory.reservations[rank] for rank in sorted(ranks)]
        groups = self._rows.concerning(cluster)
        found = (blocks.around(number) for group in groups for blocks in (group.blocks, group.free_blocks))
        return [row for row in found if row is not None]

    def first_row(self, claim: Declaration) -> int | None:
        """The rank, among all rows, of the first row of the number's own that speaks of the cluster of a claim."""
        return next(iter(self._rows.ranks(claim.number or 0, self.inventory.layout.cluster(claim))), None)

    def rows_of_number(self, claim: Declaration) -> list[Reservation]:
        """The rows that give this very number to somebody: neither blocks nor rows that call it free. The first ones,
        where many claims have many rows: the number has long been given twice."""
        number, cluster = claim.number or 0, self.inventory.layout.cluster(claim)
        ranks, claims = self._rows.ranks(number, cluster, given=True), max(self._counts[number], 1)
        pairs = claims * self._rows.count(number, cluster, given=True)
        most = Budget(MAX_COMPARED, MAX_OF_NUMBER, LEAST).share(claims, pairs)
        return [self.inventory.reservations[rank] for rank in ranks[:most]]

    def cut(self, claim: Declaration, rows: Sized) -> str:
        """A word for the rows of its number that ``rows_of_number`` left out; empty where ``rows`` are all."""
        count = self._rows.count(claim.number or 0, self.inventory.layout.cluster(claim), given=True)
        return f"only the first {len(rows)} rows of the number are looked at" if len(rows) < count else ""

    @cached_property
    def _counts(self) -> Counter[int]:
        return Counter(claim.number for claim in self.inventory.declarations if claim.number is not None)

    def has_claims(self, number: int, claim: Declaration) -> bool:
        """Whether a number is written anywhere in the cluster of a claim."""
        return any(number in numbers for numbers in self._written_in(self.inventory.layout.cluster(claim)))

    def documents_for(self, claim: Declaration) -> list[str]:
        """The allocation documents that speak of the cluster of a claim."""
        cluster = self.inventory.layout.cluster(claim)
        if cluster not in self._documents_of:
            ranks: dict[str, int] = {}
            for group in self._rows.concerning(cluster):
                for path, rank in group.documents.items():
                    ranks[path] = min(rank, ranks.get(path, rank))
            self._documents_of[cluster] = sorted(ranks, key=ranks.__getitem__)
        return self._documents_of[cluster]

    @cached_property
    def _rows(self) -> Rows:
        return Rows(self.inventory.reservations)

    @cached_property
    def _written(self) -> dict[str, set[int]]:
        """The numbers of each cluster; those of what names none under the empty name."""
        found: dict[str, set[int]] = {}
        for claim in self.inventory.declarations:
            if claim.number is not None:
                found.setdefault(self.inventory.layout.cluster(claim), set()).add(claim.number)
        return found

    @cached_property
    def _written_anywhere(self) -> set[int]:
        return set().union(*self._written.values())

    def _written_in(self, cluster: str) -> list[set[int]]:
        """In all clusters together where none is named."""
        if not cluster:
            return [self._written_anywhere]
        # Where no clusters are declared, what names none may be in any.
        here = (cluster,) if self.inventory.layout.cluster_of is not None else (cluster, "")
        return [self._written[name] for name in here if name in self._written]
