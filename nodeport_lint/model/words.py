"""Numbers in words, as notices, reports and commands say them."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """``1 error``, ``2 errors``, ``2 directories``."""
    several = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else several}"
