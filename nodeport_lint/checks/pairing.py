"""Which claims of one number are judged together, and what belongs together by the verdicts, so that equal numbers by
the thousand cost no thousand squared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from nodeport_lint.model import Confidence, Context, Declaration, Unit, UnitKind, Verdict

MAX_BESIDE = 10
"""Groups beside which one side is named that is in none."""


def cohorts(claims: Sequence[Declaration], context: Context) -> list[list[int]]:
    """The indexes of claims that can share a cluster: all of them, or those of each declared cluster."""
    layout = context.inventory.layout
    if layout.cluster_of is None:
        return [list(range(len(claims)))]
    found: dict[str, list[int]] = defaultdict(list)
    for index, claim in enumerate(claims):
        found[layout.cluster(claim)].append(index)
    return [cohort for cluster, cohort in found.items() if cluster and len(cohort) > 1]


class Ties:
    """What verdicts connect: at each level, sides between which a way leads over verdicts of that level and surer ones.

    ``holding``: pairs, with their verdicts, that connected what was apart; the surest of them hold everything together,
    as in a spanning tree. ``doubtful``: pairs of which a clash is possible.
    """

    def __init__(self, sides: Iterable[int]) -> None:
        self.sides = list(sides)
        self.holding: list[tuple[int, int, Confidence, Verdict]] = []
        self.doubtful: list[tuple[int, int]] = []
        self._towards = {level: {side: side for side in self.sides} for level in Confidence}

    def first(self, side: int, level: Confidence) -> int:
        """The first of the sides with which one is connected: equal for any two that are connected."""
        towards = self._towards[level]
        while towards[side] != side:
            towards[side] = towards[towards[side]]
            side = towards[side]
        return side

    def connected(self, one: int, other: int, level: Confidence) -> bool:
        return self.first(one, level) == self.first(other, level)

    def add(self, one: int, other: int, verdict: Verdict) -> None:
        if verdict.confidence is None:
            return
        if verdict.confidence is Confidence.POSSIBLE:
            self.doubtful.append((one, other))
        if not self.connected(one, other, verdict.confidence):
            self.holding.append((one, other, verdict.confidence, verdict))
        for level, towards in self._towards.items():
            if level <= verdict.confidence:
                earlier, later = sorted((self.first(one, level), self.first(other, level)))
                towards[later] = earlier

    def parts(self, sides: Iterable[int], level: Confidence) -> dict[int, list[int]]:
        """``sides`` by what is connected, under the first of each part; what is alone is no part."""
        found: dict[int, list[int]] = defaultdict(list)
        for side in sides:
            found[self.first(side, level)].append(side)
        return {first: part for first, part in found.items() if len(part) > 1}


class Group(NamedTuple):
    """Sides that belong together. ``beside``: those that a clash with it is only possible for. ``verdict``: the least
    sure of those that hold it together. ``surer``: parts that surer verdicts hold together, each with one of them."""

    sides: list[int]
    verdict: Verdict
    beside: Sequence[int] = ()
    surer: Sequence[tuple[list[int], Verdict]] = ()


def groups(ties: Ties) -> Iterator[Group]:
    """What a clash is at least likely to connect is a group; of sides that only doubt connects, all are one."""
    deciding: dict[tuple[Confidence, int], Verdict] = {}
    for one, other, level, verdict in ties.holding:
        # A pair that something surer connects is not held together by this.
        if level is Confidence.CERTAIN or not ties.connected(one, other, Confidence(level + 1)):
            deciding.setdefault((level, ties.first(one, level)), verdict)
    doubtful = ties.parts(ties.sides, Confidence.POSSIBLE)
    likely = {first: ties.parts(sides, Confidence.LIKELY) for first, sides in doubtful.items()}
    beside = _beside(ties, doubtful, likely)
    for whole, sides in doubtful.items():
        if not likely[whole]:
            yield Group(sides, deciding[Confidence.POSSIBLE, whole])
        for first, part in likely[whole].items():
            certain = ties.parts(part, Confidence.CERTAIN)
            surer = [(members, deciding[Confidence.CERTAIN, one]) for one, members in certain.items()]
            if len(certain.get(first, ())) == len(part):
                yield Group(part, surer[0][1], beside[first])
            else:
                yield Group(part, deciding[Confidence.LIKELY, first], beside[first], surer)


def _beside(
    ties: Ties, doubtful: Mapping[int, Sequence[int]], likely: Mapping[int, Mapping[int, Sequence[int]]]
) -> Mapping[int, Sequence[int]]:
    """Sides of no group by the groups that a clash is possible with; of those that it is possible with none of, the
    first of all that are connected."""
    group_of = {side: first for parts in likely.values() for first, part in parts.items() for side in part}
    found: dict[int, dict[int, None]] = defaultdict(dict)
    named: Counter[int] = Counter()
    for pair in ties.doubtful:
        for side, other in (pair, pair[::-1]):
            if side not in group_of and other in group_of and named[side] < MAX_BESIDE:
                named[side] += side not in found[group_of[other]]
                found[group_of[other]][side] = None
    for whole, sides in doubtful.items():
        for first in list(likely[whole])[:1]:
            found[first].update(dict.fromkeys(side for side in sides if side not in group_of and not named[side]))
    return defaultdict(list, {first: sorted(sides) for first, sides in found.items()})


def pairs(
    claims: Sequence[Declaration], ties: Ties, declared: bool, limit: int, cut: set[int]
) -> Iterator[tuple[int, int]]:
    """Pairs of different objects that a verdict may still connect more surely than they are, each once; ``ties`` grow
    while they are drawn. ``declared``: the sides are of one declared cluster. Each side draws at most ``limit``; those
    that then have more to draw, when all have drawn, are added to ``cut``.

    Two sides are certain in one unit, in one declared cluster, or where a directory is applied as a whole; so those of
    one directory are drawn before others can connect them less surely, and most pairs need not be drawn.
    """
    kinds: dict[object, int] = {}
    of = {index: kinds.setdefault(claims[index].object, len(kinds)) for index in ties.sides}
    live = [index for index in ties.sides if claims[index].live]
    of_unit: dict[Unit, list[int]] = defaultdict(list)
    of_directory: dict[str, list[int]] = defaultdict(list)
    for index in live:
        of_unit[claims[index].unit].append(index)
        if claims[index].unit.kind == UnitKind.MANIFEST:
            of_directory[claims[index].location.path.rpartition("/")[0]].append(index)
    within = {unit: _Row(own, of, ties, Confidence.CERTAIN) for unit, own in of_unit.items() if len(own) > 1}
    rows = [_Row(own, of, ties, Confidence.LIKELY) for own in of_directory.values() if len(own) > 1]
    beside = {index: row for row in rows for index in row.order}
    likely = _Row(live, of, ties, Confidence.CERTAIN if declared else Confidence.LIKELY)
    everyone = _Row(ties.sides, of, ties, Confidence.POSSIBLE)
    drawn: set[tuple[int, int]] = set()

    def near(i: int) -> Iterator[int]:
        return left(i, beside[i]) if i in beside else iter(())

    def left(i: int, among: _Row = likely) -> Iterator[int]:
        claim = claims[i]
        # An object without a name (generateName) has no identity: two of them are never one written twice.
        kind = of[i] if claim.object.name and not claim.unit.is_inert else None
        own = within[claim.unit].others(i, kind) if claim.live and claim.unit in within else ()
        others = chain(own, among.others(i, kind)) if claim.live else everyone.others(i, kind)
        return (j for j in others if (min(i, j), max(i, j)) not in drawn)

    more, given = [], Counter[int]()
    for draw in (near, left):
        for i in ties.sides:
            for j in draw(i):
                if given[i] == limit:
                    more.append(i)
                    break
                given[i] += 1
                drawn.add((min(i, j), max(i, j)))
                yield i, j
    cut.update(i for i in more if next(left(i), None) is not None)


class _Row:
    """Sides of which those of one object follow each other, and are passed over in one step; so are sides that follow
    each other and are connected at a level."""

    def __init__(self, sides: Iterable[int], of: Mapping[int, int], ties: Ties, level: Confidence) -> None:
        self.order = sorted(sides, key=lambda side: (of[side], side))
        self.of, self.ties, self.level = of, ties, level
        self.behind = {of[side]: place + 1 for place, side in enumerate(self.order)}
        self.ends = list(range(1, len(self.order) + 1))

    def others(self, side: int, kind: int | None) -> Iterator[int]:
        """Those that are not connected with a side, and not of an object; None: of any."""
        place = 0
        while place < len(self.order):
            other = self.order[place]
            if self.of[other] == kind:
                place = self.behind[self.of[other]]
            elif self.ties.connected(side, other, self.level):
                place = self._end(place)
            else:
                yield other
                place += 1

    def _end(self, place: int) -> int:
        """The place behind the sides that follow one and are connected with it."""
        while True:
            end = self.ends[place]
            if end == len(self.order) or not self.ties.connected(self.order[place], self.order[end], self.level):
                return end
            # What was passed once is passed in fewer steps from then on.
            self.ends[place], place = self.ends[end], end
