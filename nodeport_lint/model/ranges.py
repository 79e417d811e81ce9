"""A range of port numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PortRange:
    """Port numbers from ``first`` to ``last``, both inclusive."""

    first: int
    last: int

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.first <= number <= self.last

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    @property
    def static_band(self) -> PortRange | None:
        """The lower part of the range, which dynamic allocation takes last; None for a range of 16 or fewer.

        KEP-3668; kubernetes pkg/registry/core/service/portallocator/allocator.go, calculateRangeOffset.
        """
        size = len(self)
        offset = 0 if size <= 16 else min(max(16, size // 32), 128)
        return PortRange(self.first, self.first + offset - 1) if offset else None
