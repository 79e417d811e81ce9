"""The rows of allocation documents by number and by cluster: every question costs what it finds, not all rows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from nodeport_lint.model import Reservation
from nodeport_lint.registry import MAX_OF_NUMBER


class Blocks:
    """Blocks of one meaning. Answers for a number in logarithmic time."""

    def __init__(self, blocks: Iterable[Reservation]) -> None:
        ordered = sorted(blocks, key=lambda row: row.first)
        self.firsts = [row.first for row in ordered]
        self.farthest: list[Reservation] = []
        """Of all blocks up to each, the one that ends last."""
        self.last_of: dict[int, int] = {}
        """The last number of any block that begins at a number."""
        self.first_of: dict[int, int] = {}
        """The first number of any block that ends at a number."""
        for row in ordered:
            best = self.farthest[-1] if self.farthest else row
            self.farthest.append(row if row.last > best.last else best)
            self.last_of[row.first] = max(row.last, self.last_of.get(row.first, row.last))
            self.first_of.setdefault(row.last, row.first)

    def around(self, number: int) -> Reservation | None:
        """One that holds the number."""
        index = bisect_right(self.firsts, number) - 1
        found = self.farthest[index] if index >= 0 else None
        return found if found is not None and found.last >= number else None


class Group(NamedTuple):
    """The rows of documents that speak of the same clusters."""

    documents: dict[str, int]
    """Their paths, each with the rank of its first row among all rows."""
    given: set[int]
    """Numbers that rows of their own give to somebody."""
    blocks: Blocks
    free_blocks: Blocks


class _Own(NamedTuple):
    """The rows of one number in one group, as ranks: all, and those that do not call it free."""

    every: list[int]
    given: list[int]


class Rows:
    """An index over rows; a rank is the position of a row in ``rows``."""

    def __init__(self, rows: Sequence[Reservation]) -> None:
        self.rows = rows
        self.highest = max((row.last for row in rows), default=0)
        ids = {clusters: index for index, clusters in enumerate(dict.fromkeys(row.clusters for row in rows))}
        self._own: dict[int, dict[int, _Own]] = {}
        self.groups = [self._group(clusters, index) for clusters, index in self._grouped(ids).items()]
        self._everywhere = frozenset({ids[()]} if () in ids else ())
        self._of: dict[str, set[int]] = {}
        for clusters, index in ids.items():
            for name in clusters:
                self._of.setdefault(name, set(self._everywhere)).add(index)
        self._known: dict[tuple[int, str, bool], tuple[list[int], int]] = {}

    def _grouped(self, ids: Mapping[tuple[str, ...], int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {index: [] for index in ids.values()}
        for rank, row in enumerate(self.rows):
            found[ids[row.clusters]].append(rank)
        return found

    def _group(self, index: int, ranks: Iterable[int]) -> Group:
        documents: dict[str, int] = {}
        given: set[int] = set()
        blocks: tuple[list[Reservation], list[Reservation]] = ([], [])
        for rank in ranks:
            row = self.rows[rank]
            documents.setdefault(row.location.path, rank)
            if row.is_block:
                blocks[row.meaning == "free"].append(row)
                continue
            for number in range(row.first, row.last + 1):
                own = self._own.setdefault(number, {}).setdefault(index, _Own([], []))
                own.every.append(rank)
                if row.meaning != "free":
                    given.add(number)
                    own.given.append(rank)
        return Group(documents, given, Blocks(blocks[False]), Blocks(blocks[True]))

    def concerning(self, cluster: str) -> list[Group]:
        """The groups that speak of a cluster; the empty name is for what no declared cluster holds."""
        return [self.groups[index] for index in sorted(self._of.get(cluster, self._everywhere))]

    def speaking(self, cluster: str) -> list[Group]:
        """As ``concerning``, for the question about all clusters together, where no cluster is named."""
        return self.concerning(cluster) if cluster else self.groups

    def ranks(self, number: int, cluster: str, given: bool = False) -> list[int]:
        """The first rows of a number's own that speak of a cluster; ``given``: of those that do not call it free."""
        return self._found(number, cluster, given)[0]

    def count(self, number: int, cluster: str, given: bool = False) -> int:
        """How many rows there are of which ``ranks`` gives the first."""
        return self._found(number, cluster, given)[1]

    def _found(self, number: int, cluster: str, given: bool) -> tuple[list[int], int]:
        """The first MAX_OF_NUMBER: documents of several clusters may each have so many; and how many there are."""
        key = (number, cluster, given)
        if key not in self._known:
            here: Mapping[int, _Own] = self._own.get(number, {})
            wanted: Collection[int] = self._of.get(cluster, self._everywhere)
            shorter, longer = sorted((here.keys(), wanted), key=len)
            found = [here[index] for index in shorter if index in longer]
            ranks = sorted(rank for own in found for rank in (own.given if given else own.every))
            self._known[key] = ranks[:MAX_OF_NUMBER], len(ranks)
        return self._known[key]
