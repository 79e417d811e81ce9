"""What .gitignore and the configuration leave out of the walk, with a word for every pattern that is not heeded."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Mapping, Sequence

from nodeport_lint.model import LIMIT, Location, Notice, Problem
from nodeport_lint.patterns import MAX_PATTERNS, Effort, Patterns
from nodeport_lint.tree.files import MAX_SETTINGS, OnDisk

Levels = tuple[tuple[str, Patterns, int], ...]
"""The patterns of the directories above a path, with the prefix that their paths lack, and the characters of these and
all further up; the nearest is the last."""

MAX_TEXT = 500_000
"""Characters of the files called .gitignore that lie above one path: one takes some 400 bytes, at most."""
MAX_WIDTH = 4
"""Bytes of a character of UTF-8."""
MAX_EFFORT, EFFORT_OF_PATH = 2_000_000_000, 5_000
"""Characters compared for one tree, some ten seconds, and those for each path besides, some 25 microseconds: fifty
patterns with stars in odd places."""


class Ignores:
    """``exclude`` holds patterns relative to the root; ``gitignore`` says whether files of that name are heeded."""

    def __init__(self, files: OnDisk, exclude: Sequence[str], gitignore: bool) -> None:
        self.files, self.gitignore = files, gitignore
        self.effort = Effort()
        self.excluded = Patterns(exclude, self.effort)
        self.problems: list[Problem] = []
        self._beyond: dict[str, str] = {}
        self._granted = MAX_EFFORT
        self._stopped = ""

    def below(self, directory: str, entries: Mapping[str, os.DirEntry[str]], levels: Levels) -> Levels:
        """The levels for what lies in a directory."""
        entry = entries.get(".gitignore")
        if not self.gitignore or self._stopped or entry is None or not entry.is_file(follow_symlinks=False):
            return levels
        path = f"{directory}/.gitignore".lstrip("/")
        held = levels[-1][2] if levels else 0
        try:
            lines, length = self._lines(path, MAX_TEXT - held)
        except OSError as error:
            self.problems.append(unreadable(path, error))
            return levels
        prefix = f"{directory}/" if directory else ""
        return (*levels, (prefix, Patterns(lines, self.effort), held + length)) if lines else levels

    def ignored(self, path: str, levels: Levels) -> bool:
        """Whether a path is left out; that of a directory ends in a slash."""
        if self._stopped:
            return False
        ignored = self.excluded.matches(path) or self._decision(path, levels) is True
        self._granted += EFFORT_OF_PATH
        if self.effort.spent > self._granted:
            self._stopped = path
        return ignored

    def names(self, directory: str, levels: Levels) -> bool:
        """Whether a directory is left out, or all that lies in it: by ``name/**``, or by its own .gitignore."""
        if self.ignored(f"{directory}/", levels) or self.ignored(f"{directory}/any", levels):
            return True
        return self.gitignore and self._ignores_itself(f"{directory}/.gitignore")

    def notices(self) -> Iterator[Notice]:
        told = tuple(f"{path} {why}" for path, why in sorted(self._beyond.items()))
        if len(told) == 1:
            yield Notice(f"{told[0]}: the rest is not heeded")
        elif told:
            yield Notice(f"the rest of {len(told)} files called .gitignore not heeded: they are too long", told)
        if self._stopped:
            what = "the patterns of .gitignore and exclude take too long for so many paths"
            yield Notice(f"{what}: not heeded from {self._stopped} on")

    def _decision(self, path: str, levels: Levels) -> bool | None:
        for prefix, patterns, _ in reversed(levels):
            decision = patterns.decision(path[len(prefix) :])
            if decision is not None:
                return decision
        return None

    def _lines(self, path: str, most: int) -> tuple[list[str], int]:
        """The lines that are heeded, and how many characters they are; ``most`` of those are read."""
        # Names are decoded so, too: any bytes can be matched. git ends lines at \n only.
        text = self.files.read(path, MAX_WIDTH * (most + 2)).decode("utf-8-sig", "surrogateescape")[: most + 1]
        lines = text[:most].split("\n")
        if len(text) > most:
            # The last line may be half of one.
            del lines[-1]
            above = ", those above it included" if most < MAX_TEXT else ""
            self._beyond[path] = f"has more than {MAX_TEXT} characters{above}"
        lines = [line for line in map(_without_return, lines) if line.strip() and not line.startswith("#")]
        if len(lines) > MAX_PATTERNS:
            more = " or more" if path in self._beyond else ""
            self._beyond[path] = f"has {len(lines)}{more} patterns, of which the first {MAX_PATTERNS} are heeded"
        del lines[MAX_PATTERNS:]
        if path in self._beyond and self._takes_back(path) > sum(line.startswith("!") for line in lines):
            # A file that is applied may be left out by those that are heeded.
            why = f"it {self._beyond.pop(path)}: the rest takes back some of what is left out"
            self.problems.append(Problem(LIMIT, why, Location(path)))
        return lines, sum(map(len, lines))

    def _takes_back(self, path: str) -> int:
        """How many patterns of a file take back what others leave out."""
        return (b"\n" + self.files.read(path, MAX_SETTINGS).removeprefix(codecs.BOM_UTF8)).count(b"\n!")

    def _ignores_itself(self, path: str) -> bool:
        """Tools put a .gitignore of one star into what they make."""
        try:
            data = self.files.read(path, MAX_WIDTH * 1001) if self.files.is_plain(path) else b""
        except OSError:
            return False
        text = data.decode("utf-8", "replace")
        lines = {line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")}
        return len(text) <= 1000 and lines == {"*"}


def _without_return(line: str) -> str:
    return line.removesuffix("\r")


def given_up(path: str, why: str) -> Problem:
    """A file or directory that a limit of the run keeps from being read."""
    return Problem(LIMIT, f"not read: {why}", Location(path))


def unreadable(path: str, error: OSError) -> Problem:
    """A file or directory that the system does not let us read."""
    return Problem("unreadable", f"cannot be read: {error.strerror or error}", Location(path))
