"""Renders of one run share their time and memory, and what keeps hitting limits gets less time."""

from __future__ import annotations

import threading
import time

import pytest

from nodeport_lint.engines.outcome import Failure, Outcome, TracedDocument
from nodeport_lint.engines.workers import MEMORY, MOST_LIMITS, Allowed, Alone, Workers
from nodeport_lint.model.clock import Clock


def failed(kind: str, lost: str = "chart") -> Outcome:
    return Outcome([], [Failure(lost, kind, "", None, None)])


def given(workers: Workers, count: int, kind: str) -> list[float]:
    """The seconds that each of ``count`` jobs gets, one after another, where each ends in a failure of a kind."""
    seconds: dict[int, float] = {}

    def make(job: int, allowed: Allowed) -> Outcome:
        seconds[job] = allowed.seconds
        return failed(kind)

    for job in range(count):
        workers.run([job], make)
    return list(seconds.values())


@pytest.mark.parametrize("kind", ["timeout", "memory", "output", "crash"])
def test_limits_end_what_follows(kind: str) -> None:
    assert len(given(Workers(), 2 * MOST_LIMITS, kind)) == MOST_LIMITS


def test_what_takes_too_long_shortens_what_follows() -> None:
    seconds = given(Workers(), 2 * MOST_LIMITS, "timeout")
    assert sum(seconds) < 30
    assert seconds == sorted(seconds, reverse=True)


@pytest.mark.parametrize(("kind", "count"), [("template", 100), ("memory", MOST_LIMITS), ("crash", MOST_LIMITS)])
def test_other_failures_cost_nobody_time(kind: str, count: int) -> None:
    assert given(Workers(), 100, kind) == [10.0] * count


def test_a_trace_that_was_given_up_costs_nobody_time() -> None:
    workers = Workers()
    for job in range(10):
        workers.run([job], lambda job, allowed: failed("timeout", "lines"))
    assert given(workers, 1, "template") == [10.0]


def test_outcomes_are_taken_in_the_order_of_the_jobs() -> None:
    def make(job: int, allowed: Allowed) -> Outcome:
        time.sleep(0.01 * (5 - job))
        return Outcome([TracedDocument(str(job), None, ())], [])

    seen: list[str] = []

    def taken(outcome: Outcome) -> Outcome:
        seen.append(outcome.documents[0].text)
        return outcome

    Workers().run(range(5), make, taken)
    assert seen == ["0", "1", "2", "3", "4"]


def test_other_work_is_done_once_while_the_first_jobs_run() -> None:
    """What this job waits for would never come if it were done before, or behind."""
    begun, done = threading.Event(), threading.Event()
    calls: list[bool] = []

    def meanwhile() -> None:
        calls.append(begun.wait(10))
        done.set()

    def make(job: int, allowed: Allowed) -> Outcome:
        begun.set()
        return Outcome([TracedDocument(str(done.wait(10)), None, ())], [])

    workers = Workers(meanwhile=meanwhile)
    assert workers.run([], make) == []
    assert calls == []
    outcomes = [workers.run([1], make)[0] for _ in range(2)]
    assert [outcome.documents[0].text for outcome in outcomes] == ["True", "True"]
    assert calls == [True]


def test_a_fault_of_other_work_ends_the_run() -> None:
    def meanwhile() -> None:
        raise KeyError("a fault")

    with pytest.raises(KeyError, match="a fault"):
        Workers(meanwhile=meanwhile).run([1], lambda job, allowed: Outcome([], []))


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), MemoryError(), RecursionError("too deep")])
def test_what_the_machine_has_no_room_for_is_given_up(error: Exception) -> None:
    def make(job: int, allowed: Allowed) -> Outcome:
        raise error

    (outcome,) = Workers().run([0], make)
    (failure,) = outcome.failures
    assert (failure.gave_up, failure.lost) == (True, "chart")
    assert failure.message.startswith(f"it cannot be rendered: {type(error).__name__}: ")


def test_renders_share_the_time_of_their_stage() -> None:
    stage = Clock(0.0).stage("rendering")
    outcome = Workers(stage=stage).run([1], lambda job, allowed: Outcome([], []))[0]
    assert [(failure.lost, failure.message, failure.gave_up) for failure in outcome.failures] == [
        ("chart", "no time is left for rendering", True)
    ]


def test_no_render_gets_more_time_than_the_stage_has() -> None:
    seen: list[Allowed] = []

    def make(job: int, allowed: Allowed) -> Outcome:
        seen.append(allowed)
        return Outcome([], [])

    for seconds in (10.0, 1_000.0):
        stage = Clock(seconds, now=lambda: 0.0).stage("rendering", 0.2)
        Workers(stage=stage).run([1], make)
    assert [(allowed.seconds, allowed.wall) for allowed in seen] == [(10.0, 2.0), (10.0, 40.0)]


# --- memory ----------------------------------------------------------------------------------------


def of_four() -> Workers:
    workers = Workers()
    workers.count, workers.alone = 4, Alone(4)
    return workers


def test_what_needs_more_than_its_share_is_done_again_with_all_of_it() -> None:
    asked: list[int] = []

    def make(job: int, allowed: Allowed) -> Outcome:
        asked.append(allowed.memory)
        return failed("memory") if allowed.memory < MEMORY else Outcome([], [])

    workers = of_four()
    assert workers.run([1], make)[0].rendered
    assert asked == [MEMORY // 4, MEMORY]
    assert workers.limits == 0


def test_what_needs_more_than_all_is_given_up_once() -> None:
    workers = of_four()
    outcome = workers.run([1], lambda job, allowed: failed("memory"))[0]
    assert [failure.gave_up for failure in outcome.failures] == [True]
    assert workers.limits == 1


def test_nothing_else_is_done_beside_what_gets_all_of_the_memory() -> None:
    at_work, seen, lock = [0], list[tuple[int, int]](), threading.Lock()

    def make(job: int, allowed: Allowed) -> Outcome:
        with lock:
            at_work[0] += 1
        time.sleep(0.01)
        with lock:
            seen.append((allowed.memory, at_work[0]))
            at_work[0] -= 1
        return failed("memory") if job % 3 == 0 and allowed.memory < MEMORY else Outcome([], [])

    of_four().run(range(12), make)
    assert [beside for memory, beside in seen if memory == MEMORY] == [1, 1, 1, 1]
    assert max(beside for memory, beside in seen if memory < MEMORY) > 1
