"""The time and memory of a run, by a clock that ticks when it is looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nodeport_lint.model import clock as clock_room
from nodeport_lint.model.clock import Clock, resident


def by(*times: float) -> Clock:
    """A clock of 100 seconds that is looked at at these times."""
    given: Iterator[float] = iter(times)
    return Clock(100.0, now=lambda: next(given), held=lambda: 0)


def test_a_stage_takes_its_share_of_what_is_left() -> None:
    clock = by(0, 20, 20, 59, 60)
    stage = clock.stage("reading", 0.5)
    assert stage.seconds == 40
    assert stage.over() == ""
    assert stage.over() == "the 40 s for reading are over"


def test_a_stage_that_begins_late_is_over_at_once() -> None:
    assert by(0, 130, 130, 130).stage("reading").over() == "no time is left for reading"


def test_what_is_left_of_a_stage() -> None:
    stage = by(0, 0, 0, 30, 70).stage("reading", 0.6)
    assert (stage.left, stage.left) == (30, 0)


def test_a_stage_that_gets_nothing_says_so() -> None:
    stages = [by(0, 1, 1, 20).stage("reading", share) for share in (0.001, 0.1)]
    assert [stage.over() for stage in stages] == ["no time is left for reading", "the 10 s for reading are over"]


def test_a_run_is_late_when_its_time_is_over() -> None:
    clock = by(0, 99, 100)
    assert (clock.late, clock.late) == (False, True)


def test_memory_ends_a_stage_and_may_come_back() -> None:
    held = [50 << 20, 51 << 20, 49 << 20]
    stage = Clock(100.0, 50 << 20, now=lambda: 0.0, held=lambda: held.pop(0)).stage("reading")
    assert [stage.over() for _ in range(3)] == ["", "more than 50 MB of memory are in use", ""]


def test_memory_that_is_held_is_measured() -> None:
    before = resident()
    taken = bytearray(b"x") * (64 << 20)
    assert 60 << 20 < resident() - before < 200 << 20, len(taken)


def test_without_proc_the_most_that_was_held_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_room, "open", _missing, raising=False)
    assert resident() == clock_room._most_resident() > 0


def _missing(*_: object) -> None:
    raise FileNotFoundError
