"""What .gitignore and the configuration leave out of the walk, with a word for every pattern that is not heeded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from nodeport_lint.model import Location, Notice, Problem
from nodeport_lint.patterns import MAX_PATTERNS, Effort, Patterns

Levels = tuple[tuple[str, Patterns], ...]
"""The patterns of the directories above a path, with the prefix that their paths lack; the nearest is the last."""

MAX_TEXT = 1_000_000
"""Characters of one .gitignore."""
MAX_EFFORT = 2_000_000_000
"""Characters compared, at most, for one tree: some ten seconds. A tree of a million files spends a tenth."""


class Ignores:
    """``exclude`` holds patterns relative to the root; ``gitignore`` says whether files of that name are heeded."""

    def __init__(self, root: str, exclude: Sequence[str], gitignore: bool) -> None:
        self.root, self.gitignore = root, gitignore
        self.effort = Effort()
        self.excluded = Patterns(exclude, self.effort)
        self.problems: list[Problem] = []
        self._beyond: dict[str, str] = {}
        self._stopped = ""

    def below(self, directory: str, entries: Mapping[str, os.DirEntry[str]], levels: Levels) -> Levels:
        """The levels for what lies in a directory."""
        entry = entries.get(".gitignore")
        if not self.gitignore or self._stopped or entry is None or not entry.is_file(follow_symlinks=False):
            return levels
        path = f"{directory}/.gitignore".lstrip("/")
        try:
            lines = self._lines(path)
        except OSError as error:
            self.problems.append(unreadable(path, error))
            return levels
        prefix = f"{directory}/" if directory else ""
        return (*levels, (prefix, Patterns(lines, self.effort))) if lines else levels

    def ignored(self, path: str, levels: Levels) -> bool:
        """Whether a path is left out; that of a directory ends in a slash."""
        if self._stopped:
            return False
        ignored = self.excluded.matches(path) or self._decision(path, levels) is True
        if self.effort.spent > MAX_EFFORT:
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
        for prefix, patterns in reversed(levels):
            decision = patterns.decision(path[len(prefix) :])
            if decision is not None:
                return decision
        return None

    def _lines(self, path: str) -> list[str]:
        # Names are decoded so, too: any bytes can be matched. git ends lines at \n only.
        with open(os.path.join(self.root, path), encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            text = file.read(MAX_TEXT + 1)
        lines = text[:MAX_TEXT].split("\n")
        if len(text) > MAX_TEXT:
            # The last line may be half of one.
            del lines[-1]
            self._beyond[path] = f"has more than {MAX_TEXT} characters"
        lines = [line for line in map(_without_return, lines) if line.strip() and not line.startswith("#")]
        if len(lines) > MAX_PATTERNS:
            more = " or more" if path in self._beyond else ""
            self._beyond[path] = f"has {len(lines)}{more} patterns, of which the first {MAX_PATTERNS} are heeded"
        return lines[:MAX_PATTERNS]

    def _ignores_itself(self, path: str) -> bool:
        """Tools put a .gitignore of one star into what they make."""
        try:
            if not os.path.isfile(place := os.path.join(self.root, path)) or os.path.islink(place):
                return False
            with open(place, encoding="utf-8", errors="replace") as file:
                text = file.read(1001)
        except OSError:
            return False
        lines = {line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")}
        return len(text) <= 1000 and lines == {"*"}


def _without_return(line: str) -> str:
    return line.removesuffix("\r")


def unreadable(path: str, error: OSError) -> Problem:
    """A file or directory that the system does not let us read."""
    return Problem("unreadable", f"cannot be read: {error.strerror or error}", Location(path))
