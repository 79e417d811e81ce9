"""Work counted, where a test of time would measure the machine."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import pytest


def calls_of(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[Sequence[Any]]:
    """Grows by the positional arguments of every call of ``owner.name`` from now on."""
    calls: list[Sequence[Any]] = []
    original = getattr(owner, name)

    def counted(*given: Any, **named: Any) -> Any:
        calls.append(given)
        return original(*given, **named)

    monkeypatch.setattr(owner, name, counted)
    return calls


def calls_in(work: Callable[[], object], name: str = "") -> int:
    """Calls of functions, in Python and in C, that ``work`` takes; of C functions of that name, where one is given."""
    count = 0

    def seen(_: object, event: str, argument: Any) -> None:
        nonlocal count
        count += argument.__name__ == name if name and event == "c_call" else not name and event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def lines_in(work: Callable[[], object]) -> int:
    """The lines of Python that ``work`` takes: also loops that call nothing."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def grows_linearly(
    make: Callable[[int], Callable[[], object]],
    size: int = 200,
    times: int = 4,
    measure: Callable[[Callable[[], object]], int] = calls_in,
) -> None:
    """Of an input that is ``times`` as large, the work and the text that it gives are at most 1.3 times as much more.

    Linear work and a logarithm: far from what a square costs. ``make`` builds the input of a size, which is not
    counted, and gives what is.
    """

    def counted(of: int) -> tuple[int, int]:
        work, given = make(of), list[object]()
        spent = measure(lambda: given.append(work()))
        return spent, len(given[0]) if isinstance(given[0], str) else 0

    # What is done once, and remembered.
    make(size // 10)()
    (few, short), (many, long) = counted(size), counted(times * size)
    most = 1.3 * times
    assert many < most * few, f"{few} calls or lines, and {many} of {times} times the input"
    assert long <= most * max(short, 1), f"{short} characters, and {long} of {times} times the input"


def giving_back(pattern: re.Pattern[Any]) -> list[str]:
    """The repetitions without an end of a pattern that may give back what they took, and so be tried again and again."""
    found: list[str] = []

    def walk(items: Any) -> None:
        for operation, argument in items:
            name = str(operation)
            if name == "ATOMIC_GROUP":
                continue
            if name in ("MAX_REPEAT", "MIN_REPEAT") and argument[1] > 1000:
                found.append(f"{name} {argument}")
            for part in argument if isinstance(argument, tuple | list) else ():
                if isinstance(part, re._parser.SubPattern):  # type: ignore[attr-defined]
                    walk(part)
                elif isinstance(part, list):
                    for branch in part:
                        if isinstance(branch, re._parser.SubPattern):  # type: ignore[attr-defined]
                            walk(branch)

    walk(re._parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))  # type: ignore[attr-defined]
    return found


class Ticks:
    """A clock that ticks a second whenever somebody looks at it."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return float(self.looks)


class Looked(str):
    """A text that counts the characters which are cut out of it."""

    looked = 0

    def __getitem__(self, key: Any) -> str:
        piece = super().__getitem__(key)
        Looked.looked += len(piece)
        return piece
