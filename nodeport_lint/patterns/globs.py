"""One pattern against one path. No search goes back: each piece of a name between two stars is taken where it comes
first, and so is each run of segments between two ``**``. That is complete, since what follows a star may begin anywhere
behind it; so the time is at most the length of the pattern times that of the path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

CALL = 60
"""What asking one glob about one name costs besides, in characters compared (some 5 ns each)."""


class Effort:
    """Work of several patterns in characters compared, an upper bound of it."""

    def __init__(self) -> None:
        self.spent = 0


class Element(NamedTuple):
    """What matches one character: itself (``text``) or an ``expression``; neither: a star."""

    text: str = ""
    expression: str = ""


class Piece:
    """Elements that match one character each. ``text`` where all are plain, else ``expression``."""

    __slots__ = ("_compiled", "expression", "length", "text")

    def __init__(self, elements: Sequence[Element]) -> None:
        self.length = len(elements)
        self.text: str | None = "".join(one.text for one in elements)
        self.expression = ""
        if len(self.text) < self.length:
            self.text = None
            self.expression = "".join(one.expression or re.escape(one.text) for one in elements)
        self._compiled: re.Pattern[str] | None = None

    def at(self, name: str, start: int) -> bool:
        if self.text is not None:
            return name.startswith(self.text, start)
        return self._regex().match(name, start) is not None

    def find(self, name: str, start: int, end: int) -> int:
        """The first place between ``start`` and ``end``, or -1."""
        if self.text is not None:
            return name.find(self.text, start, end)
        found = self._regex().search(name, start, end)
        return found.start() if found else -1

    def _regex(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self.expression, re.DOTALL)
        return self._compiled


class Glob(NamedTuple):
    """What one segment of a path matches: ``pieces`` with a star between each two."""

    pieces: tuple[Piece, ...]
    least: int
    """Characters of the shortest name that matches."""
    weight: int
    """Characters compared for each character of a name, at most."""

    def matches(self, name: str) -> bool:
        first, last, end = self.pieces[0], self.pieces[-1], len(name)
        if end < self.least or not first.at(name, 0):
            return False
        if len(self.pieces) == 1:
            return end == self.least
        start, end = first.length, end - last.length
        if not last.at(name, end):
            return False
        for piece in self.pieces[1:-1]:
            start = piece.find(name, start, end)
            if start < 0:
                return False
            start += piece.length
        return True


class Pattern(NamedTuple):
    """One line. ``blocks``: runs of segments with ``**`` between each two; an empty one at an end is an open end.

    ``anywhere``: without a slash, so that it speaks of the name alone, whatever the directory.
    """

    ignores: bool
    only_directories: bool
    anywhere: bool
    blocks: tuple[tuple[Glob, ...], ...]

    @property
    def names(self) -> tuple[str, ...] | None:
        """The segments, where they are plain names."""
        if len(self.blocks) != 1 or any(len(glob.pieces) != 1 for glob in self.blocks[0]):
            return None
        names = tuple(glob.pieces[0].text or "" for glob in self.blocks[0])
        return names if all(names) else None

    @property
    def pieces(self) -> Iterable[Piece]:
        return (piece for block in self.blocks for glob in block for piece in glob.pieces)

    def matches(self, parts: Sequence[str], effort: Effort) -> bool:
        """Whether it names the path of these segments itself."""
        first, last = self.blocks[0], self.blocks[-1]
        if len(self.blocks) == 1:
            return len(parts) == len(first) and _at(first, parts, 0, effort)
        # Behind ** at the end there is at least one segment: what lies in a directory, and not itself.
        end = len(parts) - max(len(last), 1)
        if end < len(first) or not _at(last, parts, end, effort) or not _at(first, parts, 0, effort):
            return False
        return _behind(self.blocks[1:-1], parts, len(first), end, effort) >= 0

    def matches_above(self, parts: Sequence[str], effort: Effort) -> bool:
        """Whether it names the directory of these segments, or one above it."""
        first, last, end = self.blocks[0], self.blocks[-1], len(parts)
        if end < len(first) or not _at(first, parts, 0, effort):
            return False
        if len(self.blocks) == 1:
            return True
        start = _behind(self.blocks[1:-1], parts, len(first), end, effort)
        if start < 0:
            return False
        return _find(last, parts, start, end, effort) >= 0 if last else start < end


def _behind(blocks: Iterable[Sequence[Glob]], parts: Sequence[str], start: int, end: int, effort: Effort) -> int:
    """The first segment behind blocks that follow each other from ``start`` on, with gaps; -1 where they do not."""
    for block in blocks:
        start = _find(block, parts, start, end, effort)
        if start < 0:
            return -1
        start += len(block)
    return start


def _find(block: Sequence[Glob], parts: Sequence[str], start: int, end: int, effort: Effort) -> int:
    last = end - len(block)
    return next((place for place in range(start, last + 1) if _at(block, parts, place, effort)), -1)


def _at(block: Sequence[Glob], parts: Sequence[str], start: int, effort: Effort) -> bool:
    for offset, glob in enumerate(block):
        name = parts[start + offset]
        effort.spent += CALL + glob.weight * len(name)
        if not glob.matches(name):
            return False
    return True
