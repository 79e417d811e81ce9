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


def events(work: Callable[[], object], name: str = "") -> int:
    """Calls of functions, in Python and in C, that ``work`` takes; of C functions of that name, where one is given."""
    count = 0

    def seen(_: object, event: str, argument: Any) -> None:
        nonlocal count
        count += not name or (event == "c_call" and argument.__name__ == name)

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


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


class Looked(str):
    """A text that counts the characters which are cut out of it."""

    looked = 0

    def __getitem__(self, key: Any) -> str:
        piece = super().__getitem__(key)
        Looked.looked += len(piece)
        return piece


def steps(of: Callable[[int], object], size: int) -> int:
    """The lines of Python that a call takes."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        of(size)
    finally:
        sys.settrace(before)
    return count


def counted(monkeypatch: pytest.MonkeyPatch, of: object, name: str) -> list[int]:
    """How often a function is called from now on, as the length of a list."""
    calls: list[int] = []
    actual: Callable[..., Any] = getattr(of, name)

    def called(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        return actual(*arguments, **named)

    monkeypatch.setattr(of, name, called)
    return calls
