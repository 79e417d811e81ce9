"""Renders side by side, within bounds for each and for all."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from nodeport_lint.renderers import child
from nodeport_lint.sources.outcome import Failure, Outcome

MAX_WORKERS = 4
TIMEOUT, SHORT_TIMEOUT = 20.0, 3.0
"""Seconds for one render; the short one once several of a run have hit a limit."""
MANY_LIMITS = 3
RUN_SECONDS = 1200.0
"""Seconds for all renders of a reader."""

Job = TypeVar("Job")


class Workers:
    """``progress`` is told how many jobs of how many are done."""

    def __init__(self, progress: Callable[[int, int], None]) -> None:
        self.progress = progress
        self.limits = self.done = self.total = 0
        self.begin = time.monotonic()

    def run(self, jobs: Sequence[Job], make: Callable[[Job, float], Outcome]) -> list[Outcome]:
        """The outcomes in the order of the jobs; ``make`` gets a job and its seconds. A fault of one ends no other."""
        from concurrent.futures import ThreadPoolExecutor

        def one(job: Job) -> Outcome:
            outcome = self._outcome(job, make)
            self.limits += any(failure.kind == "timeout" for failure in outcome.failures)
            self.done += 1
            self.progress(self.done, self.total)
            return outcome

        self.total += len(jobs)
        with ThreadPoolExecutor(min(MAX_WORKERS, os.cpu_count() or 1, max(1, len(jobs)))) as pool:
            try:
                return list(pool.map(one, jobs))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                child.kill_all()
                raise

    def _outcome(self, job: Job, make: Callable[[Job, float], Outcome]) -> Outcome:
        if time.monotonic() - self.begin > RUN_SECONDS:
            message = f"not rendered after {RUN_SECONDS / 60:.0f} minutes for all"
            return Outcome([], [Failure("chart", "timeout", message, None, None)])
        try:
            return make(job, TIMEOUT if self.limits < MANY_LIMITS else SHORT_TIMEOUT)
        except (OSError, ValueError, RecursionError, MemoryError) as error:
            message = f"it cannot be rendered: {type(error).__name__}: {str(error)[:200]}"
            return Outcome([], [Failure("chart", "load", message, None, None)])
