"""Patterns in the syntax of .gitignore, matched as git does, in time that the lengths of patterns and paths bound."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from nodeport_lint.patterns.globs import CALL, Effort, Glob, Pattern
from nodeport_lint.patterns.lines import is_pattern, parse

__all__ = ["MAX_PATTERNS", "Effort", "Patterns", "is_pattern"]

MAX_PATTERNS = 2000
"""Patterns of one .gitignore, or of one list of a configuration."""
_READING, _COMPILING = 150, 200
"""What one character of a pattern costs before it is matched, in characters compared."""


class _Last(NamedTuple):
    """The index of the last pattern that names a thing, where it is a file and where it is a directory; -1: none."""

    file: int = -1
    directory: int = -1


_NONE, _UNKNOWN = _Last(), -2


class _Node:
    """Patterns that are plain paths, by their segments."""

    __slots__ = ("below", "last")

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.last = _NONE


class Patterns:
    """Lines of a .gitignore. Paths are relative to its directory, POSIX; one of a directory ends in a slash.

    What names a path itself comes before what names a directory above it, and of each the last line decides.
    """

    def __init__(self, lines: Iterable[str], effort: Effort | None = None) -> None:
        self._effort = effort or Effort()
        self._ignores: list[bool] = []
        self._names: dict[str, _Last] = {}
        self._suffixes: dict[str, _Last] = {}
        self._prefixes: dict[str, _Last] = {}
        self._paths = _Node()
        self._name_globs: list[tuple[int, bool, Glob]] = []
        self._path_globs: list[tuple[int, bool, Pattern]] = []
        for line in lines:
            self._effort.spent += _READING * len(line)
            parsed = parse(line)
            if parsed is not None:
                self._add(parsed, len(self._ignores))
                self._ignores.append(parsed.ignores)
        self._suffix_lengths = sorted(set(map(len, self._suffixes)))
        self._prefix_lengths = sorted(set(map(len, self._prefixes)))
        # The last one decides, so it is asked first.
        self._name_globs.reverse()
        self._path_globs.reverse()
        self._weight = 1 + sum(glob.weight for _, _, glob in self._name_globs)
        lengths = len(self._suffix_lengths) + len(self._prefix_lengths)
        self._calls = CALL * (1 + len(self._name_globs)) + CALL // 2 * lengths
        self._directory, self._above = "", _UNKNOWN
        self._parts: tuple[str, ...] = ()
        self._node: _Node | None = self._paths

    def matches(self, path: str) -> bool:
        return self.decision(path) is True

    def decision(self, path: str) -> bool | None:
        """Whether a path is ignored; None where no line speaks of it."""
        self._effort.spent += CALL + len(path)
        directory, _, name = path.strip("/").rpartition("/")
        if not self._ignores or not name:
            return None
        if directory != self._directory:
            self._enter(directory)
        index = self._itself(name, path.endswith("/"))
        if index < 0:
            if self._above == _UNKNOWN:
                self._above = self._of_directories(self._parts)
            index = self._above
        return self._ignores[index] if index >= 0 else None

    def _enter(self, directory: str) -> None:
        """Most paths that are asked about lie where the one before them does."""
        self._directory = directory
        self._parts = tuple(directory.split("/")) if directory else ()
        self._effort.spent += CALL * len(self._parts)
        self._above = _UNKNOWN
        self._node = self._paths
        for part in self._parts:
            self._node = self._node.below.get(part) if self._node is not None else None

    def _add(self, pattern: Pattern, index: int) -> None:
        names, only = pattern.names, pattern.only_directories
        pieces = pattern.blocks[0][0].pieces if pattern.anywhere else ()
        ends = [piece.text for piece in pieces] if len(pieces) == 2 else []
        if pattern.anywhere and names:
            self._put(self._names, names[0], only, index)
        elif ends and ends[0] == "" and ends[1] is not None:
            self._put(self._suffixes, ends[1], only, index)
        elif ends and ends[1] == "" and ends[0] is not None:
            self._put(self._prefixes, ends[0], only, index)
        elif names:
            node = self._paths
            for name in names:
                node = node.below.setdefault(name, _Node())
            node.last = _Last(node.last.file if only else index, index)
        else:
            self._effort.spent += _COMPILING * sum(len(piece.expression) for piece in pattern.pieces)
            if pattern.anywhere:
                self._name_globs.append((index, only, pattern.blocks[0][0]))
            else:
                self._path_globs.append((index, only, pattern))

    @staticmethod
    def _put(table: dict[str, _Last], key: str, only_directories: bool, index: int) -> None:
        table[key] = _Last(table.get(key, _NONE).file if only_directories else index, index)

    def _itself(self, name: str, is_directory: bool) -> int:
        """The index of the last line that names a thing itself, in the directory that was entered."""
        best = self._by_name(name, is_directory, -1)
        node = self._node.below.get(name) if self._node is not None else None
        if node is not None:
            best = max(best, node.last[is_directory])
        parts = (*self._parts, name) if self._path_globs else ()
        for index, only, pattern in self._path_globs:
            if index < best:
                break
            if (is_directory or not only) and pattern.matches(parts, self._effort):
                return index
        return best

    def _of_directories(self, parts: tuple[str, ...]) -> int:
        """The index of the last line that names a directory, or one above it."""
        best = -1
        node: _Node | None = self._paths
        for part in parts:
            best = self._by_name(part, True, best)
            node = node.below.get(part) if node is not None else None
            if node is not None:
                best = max(best, node.last.directory)
        for index, _, pattern in self._path_globs:
            if index < best:
                break
            if pattern.matches_above(parts, self._effort):
                return index
        return best

    def _by_name(self, name: str, is_directory: bool, best: int) -> int:
        """``best``, or the index of a later line that speaks of this name whatever the directory."""
        self._effort.spent += self._calls + self._weight * len(name)
        best = max(best, self._names.get(name, _NONE)[is_directory])
        for length in self._suffix_lengths:
            if length <= len(name):
                best = max(best, self._suffixes.get(name[len(name) - length :], _NONE)[is_directory])
        for length in self._prefix_lengths:
            if length <= len(name):
                best = max(best, self._prefixes.get(name[:length], _NONE)[is_directory])
        for index, only, glob in self._name_globs:
            if index < best:
                break
            if (is_directory or not only) and glob.matches(name):
                return index
        return best
