"""How many pairs are compared where there may be many of both sides: each side still gets a few."""

from __future__ import annotations

from collections.abc import Callable

LEAST = 10
"""Others with which a side is compared, however many pairs were compared before."""


class Budget:
    """Pairs that may still be compared; ``left`` falls below none by what every side is compared with in any case.

    ``most``: others of one side. ``at_once``: pairs that one ``share`` gives out. ``late``: whether there is only
    time for the least.
    """

    def __init__(
        self,
        pairs: int,
        most: int = 0,
        least: int = LEAST,
        at_once: int = 0,
        late: Callable[[], bool] = lambda: False,
    ) -> None:
        self.left, self.most, self.least, self.at_once = pairs, most or pairs, least, at_once or pairs
        self.late = late

    def share(self, count: int, pairs: int) -> int:
        """With how many others each of ``count`` sides may be compared; ``pairs`` are those of all with all."""
        allowed = 0 if self.late() else min(self.left, self.at_once)
        return self.most if pairs <= allowed else max(min(self.most, allowed // count), self.least)

    def spend(self, pairs: int = 1) -> None:
        self.left -= pairs
