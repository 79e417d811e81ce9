"""Patterns in the syntax of .gitignore: as pathspec has them, as git has them, and in bounded time."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

from nodeport_lint.patterns import Effort, Patterns, is_pattern
from nodeport_lint.patterns.globs import CALL, Glob
from tests.make import write_tree

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


def test_lists_of_what_is_kept() -> None:
    """All is ignored but directories and some files: directories are entered, as git enters them."""
    patterns = Patterns(["*", "!*/", "!*.yaml"])
    told = [patterns.decision(path) for path in ("a/", "a/b/", "a/b/c.yaml", "a/b/c.txt")]
    assert told == [False, False, False, True]
    patterns = Patterns(["build/**", "!build/keep.yaml"])
    told = [patterns.decision(path) for path in ("build/", "build/keep.yaml", "build/x.yaml", "build/x/")]
    assert told == [None, False, True, True]


@pytest.mark.parametrize(
    "line", ["", "  ", "# x", "!", "/", "//", "!/", "a//b", "[", "[a", "[]", "a\\", "[z-a]", "[[:no:]]", "a/[b"]
)
def test_lines_that_are_no_patterns(line: str) -> None:
    assert not is_pattern(line)
    Patterns([line, "a"])


@pytest.mark.parametrize(
    "line", ["a", "!a", "\\#", "\\!", "*", "**", "/**", "**/", "[]a]", "[!]]", "[a-]", "a ", "[[:digit:]]"]
)
def test_lines_that_are_patterns(line: str) -> None:
    assert is_pattern(line)


# --- time --------------------------------------------------------------------------------------

LINE = "**/*a*a*a/**/*a*a*ab"
COSTLY: dict[str, tuple[str, Callable[[int], str]]] = {
    "stars over segments": (LINE, lambda size: "/".join(["a" * 50] * (size // 50))),
    "stars in a name": ("*a" * 30 + "b", lambda size: "a" * size),
    "stars and classes": ("*[ab]?" * 30 + "c", lambda size: "a" * size),
    "open ends": ("**/a/**/a/**/a/**/b", lambda size: "/".join(["a"] * (size // 2))),
    "runs of segments": ("**/a/a/a/a/b/**/c", lambda size: "/".join(["a"] * (size // 2))),
}


def compared(line: str, path: str) -> int:
    """Characters that are compared for a path, at most, without those of the directories above it."""
    effort = Effort()
    patterns = Patterns([line], effort)
    before = effort.spent
    patterns.decision(path)
    return effort.spent - before


@pytest.mark.parametrize("case", COSTLY)
def test_time_grows_with_the_path(case: str) -> None:
    line, path = COSTLY[case]
    small, large = (compared(line, path(size)) for size in (2000, 4000))
    assert 0 < large < 2.2 * small
    assert large < CALL * len(line) * 4000


def test_the_effort_is_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name that a glob of a path is asked about is counted with its length."""
    asked: list[int] = []
    matches = Glob.matches

    def counting(glob: Glob, name: str) -> bool:
        asked.append(glob.weight * len(name))
        return matches(glob, name)

    monkeypatch.setattr(Glob, "matches", counting)
    for line, path in COSTLY.values():
        asked.clear()
        spent = compared(line, path(4000))
        assert sum(asked) <= spent


def test_a_run_of_stars_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece is looked for once, from where the one before it ends."""
    from nodeport_lint.patterns import globs

    searched: list[int] = []
    find = globs.Piece.find

    def counting(piece: globs.Piece, name: str, start: int, end: int) -> int:
        found = find(piece, name, start, end)
        searched.append((found if found >= 0 else end) - start)
        return found

    monkeypatch.setattr(globs.Piece, "find", counting)
    assert not Patterns(["*a" * 40 + "*bb*" + "a*" * 40 + "c"]).matches("a" * 4000 + "c")
    assert sum(searched) <= 4001


def test_plain_patterns_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"n{n}" for n in range(700)] + [f"*.s{n}" for n in range(700)] + [f"/d/e/f{n}" for n in range(600)]
    patterns = Patterns([*lines, "!n7"])
    monkeypatch.setattr(Glob, "matches", None)
    told = [patterns.decision(path) for path in ("n6", "x/n7", "a/b/c.s9", "d/e/f5", "d/e/f5/x", "n8/n7", "f5", "s1")]
    assert told == [True, False, True, True, True, False, None, None]
