"""Which claims of one number are judged together, so that equal numbers by the thousand cost no thousand squared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from nodeport_lint.model import Confidence, Context, Declaration, Unit


def cohorts(claims: Sequence[Declaration], context: Context) -> list[list[int]]:
    """The indexes of claims that can share a cluster: all of them, or those of each declared cluster."""
    layout = context.inventory.layout
    if layout.cluster_of is None:
        return [list(range(len(claims)))]
    found: dict[str, list[int]] = defaultdict(list)
    for index, claim in enumerate(claims):
        found[layout.cluster(claim)].append(index)
    return [cohort for cluster, cohort in found.items() if cluster and len(cohort) > 1]


def pairs(
    claims: Sequence[Declaration], cohort: Sequence[int], best: Mapping[int, Confidence], limit: int, cut: set[int]
) -> Iterator[tuple[int, int]]:
    """Pairs of different objects of a cohort that can still raise the level of a side, each once; ``best`` grows while
    they are drawn. Each side draws at most ``limit``; those that had more to draw are added to ``cut``.

    Two sides are certain only in one unit, so most of them are done after their first pair.
    """
    kinds: dict[object, int] = {}
    of = {index: kinds.setdefault(claims[index].object, len(kinds)) for index in cohort}
    beside: dict[Unit, list[int]] = defaultdict(list)
    for index in cohort:
        beside[claims[index].unit].append(index)
    everyone = _Row(cohort, of)
    rows = {unit: _Row(own, of) for unit, own in beside.items() if len(own) > 1}
    drawn: set[tuple[int, int]] = set()
    for i in cohort:
        claim = claims[i]
        reachable = Confidence.CERTAIN if claim.unit in rows else Confidence.LIKELY
        if not claim.live:
            reachable = Confidence.POSSIBLE
        # An object without a name (generateName) has no identity: two of them are never one written twice.
        kind = of[i] if claim.object.name and claim.unit.kind != "values" else None
        own = rows[claim.unit].others(kind) if claim.unit in rows else ()
        left = limit
        for j in chain(own, everyone.others(kind)):
            if best.get(i, 0) >= reachable:
                break
            pair = (min(i, j), max(i, j))
            if i != j and pair not in drawn:
                if left == 0:
                    cut.add(i)
                    break
                drawn.add(pair)
                left -= 1
                yield i, j


class _Row:
    """Sides in their order, in which those of one object are passed over in one step."""

    def __init__(self, order: Sequence[int], of: Mapping[int, int]) -> None:
        self.order, self.of = order, of
        self.ends = list(range(1, len(order) + 1))
        for place in range(len(order) - 2, -1, -1):
            if of[order[place]] == of[order[place + 1]]:
                self.ends[place] = self.ends[place + 1]

    def others(self, kind: int | None) -> Iterator[int]:
        """Those that are not of an object; None: all."""
        place = 0
        while place < len(self.order):
            if self.of[self.order[place]] == kind:
                place = self.ends[place]
            else:
                yield self.order[place]
                place += 1
