"""Renders of one run share their time, and what keeps hitting limits gets less of it."""

from __future__ import annotations

import time

import pytest

from nodeport_lint.engines.outcome import Failure, Outcome, TracedDocument
from nodeport_lint.engines.workers import MOST_LIMITS, Workers


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
def test_limits_end_what_follows(kind: str) -> None:
    assert len(given(Workers(), 2 * MOST_LIMITS, kind)) == MOST_LIMITS


def test_what_takes_too_long_shortens_what_follows() -> None:
    seconds = given(Workers(), 2 * MOST_LIMITS, "timeout")
    assert sum(seconds) < 70
    assert seconds == sorted(seconds, reverse=True)


@pytest.mark.parametrize(("kind", "count"), [("template", 100), ("memory", MOST_LIMITS), ("crash", MOST_LIMITS)])
def test_other_failures_cost_nobody_time(kind: str, count: int) -> None:
    assert given(Workers(), 100, kind) == [15.0] * count


def test_a_trace_that_was_given_up_costs_nobody_time() -> None:
    workers = Workers()
    outcome = Outcome([], [Failure("lines", "timeout", "", None, None)])
    for job in range(10):
        workers.run([job], lambda job, timeout: outcome)
    assert given(workers, 1, "template") == [15.0]


def test_outcomes_are_taken_in_the_order_of_the_jobs() -> None:
    def make(job: int, timeout: float) -> Outcome:
        time.sleep(0.01 * (5 - job))
        return Outcome([TracedDocument(str(job), None, ())], [])

    seen: list[str] = []

    def taken(outcome: Outcome) -> Outcome:
        seen.append(outcome.documents[0].text)
        return outcome

    Workers().run(range(5), make, taken)
    assert seen == ["0", "1", "2", "3", "4"]


def test_readers_share_the_time_of_the_run() -> None:
    workers = Workers(seconds=0.0)
    outcome = workers.run([1], lambda job, timeout: Outcome([], []))[0]
    assert [(failure.lost, failure.message) for failure in outcome.failures] == [
        ("chart", "not rendered: 0 s for all renders are over")
    ]
