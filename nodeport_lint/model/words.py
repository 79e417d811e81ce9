"""Numbers in words, as notices, reports and commands say them."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """``1 error``, ``2 errors``, ``2 directories``."""
    several = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else several}"


MAX_SENTENCE = 400
"""Characters of what another program says."""


def sentence(text: str) -> str:
    """An engine's words on one line, the innermost cause last, cut where they are long."""
    words = " ".join(text.split())
    return words if len(words) <= MAX_SENTENCE else f"{words[: MAX_SENTENCE // 2]} ... {words[-MAX_SENTENCE // 2 :]}"
