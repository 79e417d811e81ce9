"""The text of a table cell to port numbers or words, with the place of every number in the cell."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from nodeport_lint.expressions import expression

_NUMBERS = expression(
    r"(?<![\w.])(?:"
    r"(?P<first>[0-9]{2,5})\s*(?:-|–|—|to)\s*(?P<last>[0-9]{2,5})"  # noqa: RUF001  the dashes are what people write
    r"|(?P<block>[0-9]{2,3})(?P<pattern>[xX]{2})"
    r"|(?P<target>[0-9]{1,5}):(?P<mapped>[0-9]{4,5})(?:/(?:TCP|UDP|SCTP))?"
    r"|(?P<number>[0-9]{1,6})"
    r")(?![\w.]*\w)"
)
_PARENTHESES = expression(r"\([^()]*\)")
_DECORATION = expression(r"[*`_~]|<!--.*?-->|</?\w+[^>]*>")
_LINK = expression(r"\[([^\[\]]*)\]\([^()]*\)")
_NOT_TEXT = expression(r"[^\w\s./:@+&()'-]")

MAX_NUMBERS_CELL = 2000
MAX_WORDS_CELL = 500
"""Characters of a cell that are read: the patterns above go over what they do not match again and again."""


class Span(NamedTuple):
    """Numbers written at ``start`` to ``end`` of the cell, from ``first`` to ``last``, both inclusive."""

    first: int
    last: int
    start: int
    end: int


def numbers_in(cell: str) -> list[Span]:
    """The numbers of a cell. A number in parentheses counts only where there is none outside: labels stand there."""
    cell = cell[:MAX_NUMBERS_CELL]
    blanked = _PARENTHESES.sub(lambda match: " " * len(match[0]), cell)
    return _spans(blanked) or _spans(cell)


def _spans(cell: str) -> list[Span]:
    found = []
    for match in _NUMBERS.finditer(cell):
        if match["first"]:
            first, last = int(match["first"]), int(match["last"])
        elif match["block"]:
            first = int(match["block"]) * 100
            last = first + 99
        elif match["mapped"]:
            # Pasted from kubectl get svc: the target, then the node port.
            first = last = int(match["mapped"])
            found.append(Span(first, last, match.start("mapped"), match.end("mapped")))
            continue
        else:
            first = last = int(match["number"])
        found.append(Span(first, last, match.start(), match.end()))
    return found


def plain_text(cell: str) -> str:
    """The words of a cell without bold, code marks, links and emoji."""
    text = _DECORATION.sub("", _LINK.sub(r"\1", cell[:MAX_WORDS_CELL]))
    return " ".join(_NOT_TEXT.sub(" ", text).split())


def folded(text: str) -> str:
    """Letters and digits in lower case: how header words are compared."""
    return "".join(character for character in text.lower() if character.isalnum())


@lru_cache(maxsize=1)
def header_roles() -> dict[str, str]:
    """Folded header word to its role."""
    return {word: role for role, words in _data("header_words").items() for word in words}


@lru_cache(maxsize=1)
def status_meanings() -> dict[str, str]:
    """Status word, in lower case, to used, held, free or none."""
    return {word: meaning for meaning, words in _data("status_words").items() for word in words}


def _data(name: str) -> dict[str, Any]:
    from nodeport_lint.data import load

    words: dict[str, Any] = load(name)
    return words


def meaning_of(text: str, unknown: str) -> str:
    """The meaning of a status such as ``✅ Active``; ``unknown`` for a word that nobody has listed."""
    words = plain_text(text).strip("() ").lower()
    known = status_meanings()
    if words in known:
        return known[words]
    first = words.split()[0] if words else ""
    return known.get(first, unknown)


def is_no_port(cell: str) -> bool:
    """Whether the cell of a number says that there is none: a dash, ClusterIP, 30XXX."""
    raw = cell.strip().lower()
    words = plain_text(raw)
    return not words or re.fullmatch(r"<?\d{1,3}x{2,4}>?|\W*", raw) is not None or meaning_of(words, "") == "none"
