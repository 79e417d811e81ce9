"""The time and the memory that a run has, and what each stage of it may take of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

SECONDS = 600.0
"""Of wall clock, for a whole run."""
MEMORY = 900 << 20
"""Bytes that this process may hold while something is left to be read."""
OF_FILE = 20.0
"""Seconds in which one text must be parsed: the parser in C takes five for the largest that is parsed at all."""


def resident() -> int:
    """Bytes of memory that this process holds now; where the system does not tell (it is no Linux), the most that it
    has ever held, or 0."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return _most_resident()


def _most_resident() -> int:
    try:
        import resource
    except ImportError:
        return 0
    # In bytes on macOS, where this is for (getrusage(2)).
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Clock:
    """The time of one run, which begins now. ``seconds`` of wall clock, ``memory`` in bytes; ``now`` and ``held`` tell
    how much of them is gone."""

    def __init__(
        self,
        seconds: float = SECONDS,
        memory: int = MEMORY,
        now: Callable[[], float] = time.monotonic,
        held: Callable[[], int] = resident,
    ) -> None:
        self.memory, self.now, self.held = memory, now, held
        self.end = now() + seconds

    def stage(self, what: str, share: float = 1.0) -> Stage:
        """A stage that begins now and may take ``share``, from 0 to 1, of the time that is left of the run."""
        return Stage(self, what, max(0.0, self.end - self.now()) * share)

    @property
    def late(self) -> bool:
        """Whether the time of the run is over."""
        return self.now() >= self.end


class Stage:
    """A part of a run that does one thing many times. ``what`` names it, ``seconds`` are its share."""

    def __init__(self, clock: Clock, what: str, seconds: float) -> None:
        self.clock, self.what, self.seconds = clock, what, seconds
        self.end = clock.now() + seconds

    @property
    def left(self) -> float:
        """Seconds."""
        return max(0.0, self.end - self.clock.now())

    @property
    def late(self) -> bool:
        return self.clock.now() >= self.end

    def over(self) -> str:
        """Why nothing more of the stage is begun; empty while it goes on."""
        if self.late:
            # What comes before it may have taken nearly all.
            over = f"the {self.seconds:.0f} s for {self.what} are over"
            return over if self.seconds >= 1 else f"no time is left for {self.what}"
        if self.clock.held() > self.clock.memory:
            return f"more than {self.clock.memory >> 20} MB of memory are in use"
        return ""
