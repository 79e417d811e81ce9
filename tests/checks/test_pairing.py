"""What belongs together by verdicts, compared with what all pairs say."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeport_lint.checks.pairing import MAX_BESIDE, Group, Ties, groups, pairs
from nodeport_lint.model import Confidence, Declaration, Verdict
from tests.counting import grows_linearly, lines_in
from tests.make import declaration

POSSIBLE, LIKELY, CERTAIN = Confidence
Pair = tuple[int, int]
Levels = dict[Pair, Confidence]


@st.composite
def judged(draw: st.DrawFn) -> tuple[list[Declaration], bool, Levels]:
    """Sides of one number, whether their cluster is declared, and how surely each pair clashes: no surer than a pair
    of its kind can be, and never where both are one object."""
    count, declared = draw(st.integers(2, 9)), draw(st.booleans())
    claims = [
        declaration(draw(st.sampled_from("abcdefgh")), path=draw(st.sampled_from(["x", "y", "z"])))._replace(
            live=draw(st.integers(0, 4)) > 0
        )
        for _ in range(count)
    ]
    levels: Levels = {}
    for i, j in combinations(range(count), 2):
        one, other = claims[i], claims[j]
        most = CERTAIN if declared or one.unit == other.unit else LIKELY
        most = most if one.live and other.live else POSSIBLE
        level = draw(st.sampled_from([None, None, *(level for level in Confidence if level <= most)]))
        if level is not None and one.object != other.object:
            levels[i, j] = level
    return claims, declared, levels


def found(claims: list[Declaration], declared: bool, levels: Levels, limit: int) -> tuple[list[Group], set[int], int]:
    """The groups, the sides that were not compared with all, and how many pairs were."""
    ties, cut, count = Ties(range(len(claims))), set[int](), 0
    for i, j in pairs(claims, ties, declared, limit, cut):
        count += 1
        pair = (min(i, j), max(i, j))
        ties.add(i, j, Verdict(levels.get(pair), f"{pair[0]} {pair[1]}"))
    return list(groups(ties)), cut, count


def pair_of(verdict: Verdict) -> Pair:
    one, other = map(int, verdict.reason.split())
    return one, other


def connected(sides: range, levels: Levels, least: Confidence) -> list[set[int]]:
    """What all pairs of a level connect, each side by itself where none does."""
    parts = [{side} for side in sides]
    for (i, j), level in levels.items():
        if level >= least:
            joined = [part for part in parts if part & {i, j}]
            parts = [part for part in parts if part not in joined] + [set().union(*joined)]
    return parts


@given(judged())
def test_groups_are_those_of_all_pairs(given: tuple[list[Declaration], bool, Levels]) -> None:
    claims, declared, levels = given
    sides = range(len(claims))
    likely = [part for part in connected(sides, levels, LIKELY) if len(part) > 1]
    certain = connected(sides, levels, CERTAIN)
    expected = [(sorted(part), CERTAIN if part in certain else LIKELY) for part in likely]
    expected += [
        (sorted(part), POSSIBLE)
        for part in connected(sides, levels, POSSIBLE)
        if len(part) > 1 and not any(part & one for one in likely)
    ]
    seen, cut, _ = found(claims, declared, levels, len(claims))
    assert sorted((group.sides, group.verdict.confidence) for group in seen) == sorted(expected)
    assert not cut
    in_groups = {side for group in seen for side in group.sides}
    doubtful = {side for part in connected(sides, levels, POSSIBLE) if len(part) > 1 for side in part}
    assert {side for group in seen for side in group.beside} == doubtful - in_groups
    for group in seen:
        i, j = pair_of(group.verdict)
        assert {i, j} <= set(group.sides)
        assert levels[i, j] is group.verdict.confidence
        surer = [sorted(part) for part in certain if len(part) > 1 and part < set(group.sides)]
        assert [part for part, _ in group.surer] == sorted(surer)
        assert all(set(pair_of(verdict)) <= set(part) for part, verdict in group.surer)
        assert not any({i, j} <= set(part) for part, _ in group.surer)
        if group.verdict.confidence is LIKELY and group.beside:
            around = next(part for part in connected(sides, levels, POSSIBLE) if part >= set(group.sides))
            assert set(group.beside) <= around


@given(judged(), st.integers(1, 3))
def test_what_is_skipped_is_told_where_it_could_matter(
    given: tuple[list[Declaration], bool, Levels], limit: int
) -> None:
    claims, declared, levels = given

    def told(seen: list[Group]) -> list[tuple[list[int], Confidence | None]]:
        return sorted((group.sides, group.verdict.confidence) for group in seen)

    seen, cut, _ = found(claims, declared, levels, limit)
    assert cut or told(seen) == told(found(claims, declared, levels, len(claims))[0])


def test_what_is_connected_is_not_compared_again() -> None:
    """Equal sides cost a comparison each, in one file, in as many, and in a declared cluster."""
    for count in (50, 400):
        every = list(combinations(range(count), 2))
        together = [declaration(f"s{index}") for index in range(count)]
        apart = [declaration(f"s{index}", path=f"{index}.yaml") for index in range(count)]
        assert found(together, False, dict.fromkeys(every, CERTAIN), 20)[1:] == (set(), count - 1)
        assert found(apart, False, dict.fromkeys(every, LIKELY), 20)[1:] == (set(), count - 1)
        assert found(apart, True, dict.fromkeys(every, CERTAIN), 20)[1:] == (set(), count - 1)
        inert = [claim._replace(live=False) for claim in apart]
        assert found(inert, False, dict.fromkeys(every, POSSIBLE), 20)[1:] == (set(), count - 1)


def test_objects_of_one_name_are_not_compared_but_those_without_one() -> None:
    """A generated name is none, and two values of one key are two numbers."""
    copies = [declaration("web", path=f"{index}.yaml") for index in range(4)]
    assert found(copies, False, {}, 9)[2] == 0
    assert found([declaration("", path=f"{index}.yaml") for index in range(4)], False, {}, 9)[2] == 6
    values = [declaration("web", path=f"{index}.yaml", kind="values")._replace(live=False) for index in range(4)]
    assert found(values, False, {}, 9)[2] == 6


@pytest.mark.parametrize("names", [1, 2, 10_000])
@pytest.mark.parametrize("level", [None, LIKELY])
def test_what_is_passed_over_costs_nothing(names: int, level: Confidence | None) -> None:
    """Sides of one object, and sides that are connected, whether they follow each other or not."""

    def make(count: int) -> Callable[[], object]:
        claims = [declaration(f"s{index % names}", path=f"{index}.yaml") for index in range(count)]

        def work() -> None:
            ties = Ties(range(count))
            for one, other in pairs(claims, ties, False, 5, set()):
                ties.add(one, other, Verdict(level, ""))
            assert len(list(groups(ties))) == (level is LIKELY and names > 1)

        return work

    grows_linearly(make, measure=lines_in)


def test_long_ways_between_sides_are_walked_once() -> None:
    def make(count: int) -> Callable[[], object]:
        def work() -> None:
            ties = Ties(range(count))
            for side in range(count - 1, 0, -1):
                ties.add(side, side - 1, Verdict(LIKELY, ""))
            assert {ties.first(side, LIKELY) for side in range(count)} == {0}

        return work

    grows_linearly(make, measure=lines_in)


def test_a_side_is_named_beside_few_groups() -> None:
    claims = [declaration(f"s{index}", path=f"{index // 2}.yaml") for index in range(2 * MAX_BESIDE + 7)]
    last = len(claims) - 1
    levels = {(index, index + 1): CERTAIN for index in range(0, last, 2)}
    levels |= {(index, last): POSSIBLE for index in range(last)}
    seen, _, _ = found(claims, False, levels, len(claims))
    assert [group.beside for group in seen] == [[last]] * MAX_BESIDE + [[]] * 3
