"""Patterns in the syntax of .gitignore: as pathspec has them, as git has them, and in bounded time."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

from nodeport_lint.patterns import Effort, Patterns, is_pattern
from tests.conftest import write_tree

NAMES = ("a", "b", "ab", "ba", "aab", "abb", "a.yaml", "b.yaml", "a-b", ".a", "a b", "A", "!a", "#a")


def some_paths(chance: random.Random, count: int) -> list[str]:
    return ["/".join(chance.choices(NAMES, k=chance.randint(1, 5))) for _ in range(count)]


def a_segment(chance: random.Random, pieces: tuple[str, ...]) -> str:
    return "".join(chance.choices(pieces, k=chance.randint(1, 4)))


def a_line(chance: random.Random, pieces: tuple[str, ...]) -> str:
    kinds = (lambda: a_segment(chance, pieces), lambda: chance.choice(NAMES), lambda: "**", lambda: "*.yaml")
    segments = [chance.choices(kinds, (5, 4, 3, 1))[0]() for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4)))]
    line = "/".join(segments)
    line = chance.choice(("", "", "", "/")) + line + chance.choice(("", "", "", "/", " "))
    return chance.choice(("", "", "", "!")) + line


def is_told_alike(line: str) -> bool:
    """Not where pathspec leaves git: stars and more stars in one segment, ``a/**/``, a name ``**``, runs of dots."""
    segments = line.lstrip("!/").rstrip(" ").split("/")
    stars = any("**" in segment and segment != "**" for segment in segments)
    return not stars and not line.rstrip(" ").endswith("**/")


PLAIN = ("a", "b", "ab", "*", "?", "*", "[ab]", "[a-c]", "\\a", ".", "-", "[]a]")
"""Without ``[!a]``, which is a slash, too, to pathspec."""


def test_as_pathspec() -> None:
    chance = random.Random(1)
    compared = 0
    for _ in range(2500):
        lines = [a_line(chance, PLAIN) for _ in range(chance.randint(1, 5))]
        lines = [line for line in lines if is_told_alike(line)]
        ours, theirs = Patterns(lines), GitIgnoreSpec.from_lines(lines)
        for path in some_paths(chance, 12):
            assert (path, ours.decision(path)) == (path, theirs.check_file(path).include), lines
            assert ours.matches(path) == theirs.match_file(path)
            compared += 1
    assert compared == 30_000


def test_directories_as_pathspec() -> None:
    """One pattern that does not end in ``**``: pathspec takes ``a/**`` for the directory itself, git does not."""
    chance = random.Random(2)
    for _ in range(3000):
        line = a_line(chance, PLAIN).lstrip("!")
        if is_told_alike(line) and not line.rstrip(" ").endswith("**"):
            path = f"{some_paths(chance, 1)[0]}/"
            assert Patterns([line]).matches(path) == GitIgnoreSpec.from_lines([line]).match_file(path), (line, path)


GIT = (*PLAIN, "[!a]", "[^b]", "[[:alpha:]]", "[![:digit:].]", "[\\]a]", "[a\\-c]", "[b-a]", "[--0]", "[a-]", "[!]", "***", "[[:x]", "[[:no:]]",
       "[a", "\\*", "\\", "[:a]", "\\[")  # fmt: skip


def is_of_manual(line: str) -> bool:
    """git takes ``a**/b`` for ``a`` and any directories, against its manual."""
    return not any(segment.startswith("**") is False and segment.endswith("**") for segment in line.split("/"))


def as_git(root: Path, paths: list[str]) -> list[bool]:
    """What git ignores, whatever it tracks."""
    done = subprocess.run(
        ["git", "-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", "-v", "-n", "-z", "--stdin"],
        cwd=root, input="\0".join(paths).encode(), capture_output=True, check=False,
    )  # fmt: skip
    fields = done.stdout.decode().split("\0")
    assert fields[3::4] == paths, done.stderr
    return [bool(pattern) and not pattern.startswith("!") for pattern in fields[2::4]]


def as_we_do(lines: list[str], path: str) -> bool:
    """As the walk does: what lies in a directory that is left out is left out."""
    patterns = Patterns(lines)
    above = [path[: place + 1] for place, char in enumerate(path) if char == "/"]
    return any(map(patterns.matches, (*above, path)))


def repositories(top: Path) -> Iterator[tuple[list[str], list[str], Path]]:
    chance = random.Random(3)
    for number in range(60):
        lines = [a_line(chance, GIT) for _ in range(chance.randint(1, 8))]
        lines = [line for line in lines if is_of_manual(line)] + ["# comment", "", "\\#a", "\\!a", "a\\ ", "b  "]
        chance.shuffle(lines)
        root = top / str(number)
        write_tree(root, {".gitignore": "\n".join(lines)})
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        paths = sorted(set(some_paths(chance, 60)))
        # What is a directory in one path is none in another.
        paths = [path for path in paths if not any(other.startswith(f"{path}/") for other in paths)]
        write_tree(root, dict.fromkeys(paths, ""))
        directories = sorted({f"{path.rsplit('/', 1)[0]}/" for path in paths if "/" in path})
        yield lines, [*paths, *directories], root


def test_as_git(tmp_path: Path) -> None:
    for lines, paths, root in repositories(tmp_path):
        # git looks itself what is a directory; behind a slash it would take a/** for a/.
        for path, ignored in zip(paths, as_git(root, [path.rstrip("/") for path in paths]), strict=True):
            assert as_we_do(lines, path) == ignored, (path, lines)
