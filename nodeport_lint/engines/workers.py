"""Renders side by side, within bounds for each and for all."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from nodeport_lint.engines import child
from nodeport_lint.engines.outcome import GIVEN_UP, Failure, Outcome
from nodeport_lint.model import UsedEngine
from nodeport_lint.model.clock import Clock, Stage
from nodeport_lint.model.render import RenderError

RENDERING, SHARE = "rendering charts and kustomizations", 0.9
"""What takes the time, and how much of what is left of it."""

MAX_WORKERS = 4
MEMORY = 1000 << 20
"""Bytes of all renders that run side by side; one that needs more than its share is done again with all of it, alone.
kustomize needs some 800 for the largest honest root that was seen, of 6 MB of output."""
TIMEOUTS = ((0, 10.0), (1, 3.0), (3, 1.0))
"""Seconds of processor time for one render, once so many of a run were not done in theirs."""
PATIENCE = 4
"""How much longer than that a render may take by the clock: others may want the processors, too."""
MOST_LIMITS = 12
"""Renders that hit a limit, of time or another one, after which nothing more is rendered."""

Job = TypeVar("Job")


class Allowed(NamedTuple):
    """What one job may take: ``seconds`` of processor time and ``wall`` by the clock for each render, ``memory`` in
    bytes."""

    seconds: float
    wall: float
    memory: int


class Workers:
    """All renders of one run, which share the time of ``stage``. ``progress`` is told how many jobs of how many are
    done. ``meanwhile`` is called once, while the first of them are rendered."""

    def __init__(
        self,
        progress: Callable[[int, int], None] = lambda done, total: None,
        stage: Stage | None = None,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        self.progress, self.stage, self.meanwhile = progress, stage or Clock().stage(RENDERING, SHARE), meanwhile
        self.count = min(MAX_WORKERS, os.cpu_count() or 1)
        self.late = self.limits = self.done = self.total = 0
        self.alone = Alone(self.count)
        self.engines: list[UsedEngine] = []
        """What rendered."""
        self.closing: list[Callable[[], None]] = []
        """Ends engines, so that none starts anything more."""

    def run(
        self,
        jobs: Sequence[Job],
        make: Callable[[Job, Allowed], Outcome],
        taken: Callable[[Outcome], Outcome] = lambda outcome: outcome,
    ) -> list[Outcome]:
        """The outcomes in the order of the jobs. A fault of one ends no other.

        ``make`` gets a job and what it may take; ``taken`` is given each in that order, and what it gives back is kept.
        """
        from concurrent.futures import ThreadPoolExecutor

        def one(job: Job) -> Outcome:
            outcome = self._outcome(job, make)
            hits = [failure for failure in outcome.failures if failure.kind in RenderError.LIMITS]
            self.limits += bool(hits)
            # A trace that was given up did render: others need no less time for that.
            self.late += any((failure.lost, failure.kind) == ("chart", "timeout") for failure in hits)
            self.done += 1
            self.progress(self.done, self.total)
            return outcome

        self.total += len(jobs)
        with ThreadPoolExecutor(min(self.count, max(1, len(jobs)))) as pool:
            try:
                outcomes = pool.map(one, jobs)
                if jobs:
                    self.meanwhile()
                    self.meanwhile = lambda: None
                return list(map(taken, outcomes))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for close in self.closing:
                    close()
                child.kill_all()
                raise

    def _outcome(self, job: Job, make: Callable[[Job, Allowed], Outcome]) -> Outcome:
        with self.alone.beside_others():
            outcome = self._made(job, make, MEMORY // self.count)
        if self.count > 1 and any(failure.kind == "memory" for failure in outcome.failures):
            with self.alone.alone():
                return self._made(job, make, MEMORY)
        return outcome

    def _made(self, job: Job, make: Callable[[Job, Allowed], Outcome], memory: int) -> Outcome:
        why = self.stage.over() or (f"{self.limits} others have run into limits" if self.limits >= MOST_LIMITS else "")
        if why:
            return Outcome([], [Failure("chart", GIVEN_UP, why, None, None)])
        seconds = next(most for late, most in reversed(TIMEOUTS) if self.late >= late)
        try:
            return make(job, Allowed(seconds, min(self.stage.left, PATIENCE * seconds), memory))
        except (OSError, ValueError, RecursionError, MemoryError) as error:
            # A full disk, no memory: another day it may pass.
            message = f"it cannot be rendered: {type(error).__name__}: {str(error)[:200]}"
            return Outcome([], [Failure("chart", "crash", message, None, None)])


class Alone:
    """Lets up to ``count`` threads work beside each other, or one alone."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.places = threading.Semaphore(count)
        self.turn = threading.Lock()

    @contextmanager
    def beside_others(self) -> Iterator[None]:
        with self.turn:
            # Whoever wants to be alone waits for those that work, and nobody begins meanwhile.
            self.places.acquire()
        try:
            yield
        finally:
            self.places.release()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self.turn:
            for _ in range(self.count):
                self.places.acquire()
            try:
                yield
            finally:
                self.places.release(self.count)
