"""Renders of one run share their time, and what keeps hitting limits gets less of it."""

from __future__ import annotations

import pytest

from nodeport_lint.sources.outcome import Failure, Outcome
from nodeport_lint.sources.workers import MOST_LIMITS, Workers


def given(workers: Workers, count: int, kind: str) -> list[float]:
    """The seconds that each of ``count`` jobs gets, one after another, where each ends in a failure of a kind."""
    seconds: list[float] = []

    def make(job: int, timeout: float) -> Outcome:
        seconds.append(timeout)
        return Outcome([], [Failure("chart", kind, "", None, None)])

    for job in range(count):
        workers.run([job], make)
    return seconds


@pytest.mark.parametrize("kind", ["timeout", "memory", "output", "crash"])
def test_limits_shorten_what_follows_and_end_it(kind: str) -> None:
    seconds = given(Workers(), 2 * MOST_LIMITS, kind)
    assert len(seconds) == MOST_LIMITS
    assert sum(seconds) < 70
    assert seconds == sorted(seconds, reverse=True)


def test_other_failures_cost_nobody_time() -> None:
    assert set(given(Workers(), 100, "template")) == {15.0}


def test_readers_share_the_time_of_the_run() -> None:
    workers = Workers(seconds=0.0)
    outcome = workers.run([1], lambda job, timeout: Outcome([], []))[0]
    assert [(failure.lost, failure.message) for failure in outcome.failures] == [
        ("chart", "not rendered: 0 s for all renders are over")
    ]
