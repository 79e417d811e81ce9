"""Offsets of a text to lines and columns, counted as editors and SARIF count them."""

from __future__ import annotations

from array import array
from bisect import bisect_right

from nodeport_lint.expressions import expression
from nodeport_lint.model import Region

_END = expression(r"\r\n|\r|\n")


def lines_of(text: str) -> list[str]:
    """The lines of a text as editors count them: str.splitlines also breaks at form feeds and other characters that end
    none. A byte-order mark has no column."""
    return _END.split(text.removeprefix("\ufeff"))


class Lines:
    """The lines of one text, found once. YAML 1.1 knows further line ends, which no editor does."""

    def __init__(self, text: str) -> None:
        self.shift = 1 if text.startswith("\ufeff") else 0
        self.starts = array("q", [0])
        self.starts.extend(match.end() for match in _END.finditer(text))

    def position(self, offset: int) -> tuple[int, int]:
        """1-based line and column of an offset; a byte-order mark has no column."""
        line = bisect_right(self.starts, offset)
        column = offset - self.starts[line - 1] + 1
        return line, max(1, column - self.shift) if line == 1 else column

    def region(self, start: int, end: int) -> Region:
        """The region of the characters from ``start`` up to ``end``."""
        return Region(*self.position(start), *self.position(end))
