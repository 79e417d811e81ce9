"""Renders side by side, within bounds for each and for all."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from nodeport_lint.engines import child
from nodeport_lint.engines.outcome import Failure, Outcome
from nodeport_lint.model import UsedEngine
from nodeport_lint.model.render import RenderError

MAX_WORKERS = 4
TIMEOUTS = ((0, 15.0), (1, 5.0), (4, 2.0), (10, 1.0))
"""Seconds for one render, once so many of a run were not done in theirs."""
MOST_LIMITS = 30
"""Renders that hit a limit, of time or another one, after which nothing more is rendered."""

Job = TypeVar("Job")


class Workers:
    """All renders of one run, which share ``seconds`` of wall clock. ``progress`` is told how many jobs of how many are
    done."""

    def __init__(self, progress: Callable[[int, int], None] = lambda done, total: None, seconds: float = 600.0) -> None:
        self.progress, self.seconds = progress, seconds
        self.late = self.limits = self.done = self.total = 0
        self.end = time.monotonic() + seconds
        self.engines: list[UsedEngine] = []
        """What rendered."""
        self.closing: list[Callable[[], None]] = []
        """Ends engines, so that none starts anything more."""

    def run(
        self,
        jobs: Sequence[Job],
        make: Callable[[Job, float], Outcome],
        taken: Callable[[Outcome], Outcome] = lambda outcome: outcome,
    ) -> list[Outcome]:
        """The outcomes in the order of the jobs; ``make`` gets a job and its seconds. A fault of one ends no other.

        ``taken`` is given each in that order, and what it gives back is kept.
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
        with ThreadPoolExecutor(min(MAX_WORKERS, os.cpu_count() or 1, max(1, len(jobs)))) as pool:
            try:
                return list(map(taken, pool.map(one, jobs)))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for close in self.closing:
                    close()
                child.kill_all()
                raise

    def _outcome(self, job: Job, make: Callable[[Job, float], Outcome]) -> Outcome:
        left = self.end - time.monotonic()
        if left <= 0 or self.limits >= MOST_LIMITS:
            all_of_it = f"{self.seconds:.0f} s for all renders are over"
            message = all_of_it if left <= 0 else f"{self.limits} others have run into limits"
            return Outcome([], [Failure("chart", "given-up", f"not rendered: {message}", None, None)])
        try:
            return make(job, min(left, next(most for late, most in reversed(TIMEOUTS) if self.late >= late)))
        except (OSError, ValueError, RecursionError, MemoryError) as error:
            message = f"it cannot be rendered: {type(error).__name__}: {str(error)[:200]}"
            return Outcome([], [Failure("chart", "load", message, None, None)])
