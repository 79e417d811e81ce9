"""Work counted, where a test of time would measure the machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
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


def events(work: Callable[[], object]) -> int:
    """Calls of functions, in Python and in C, that ``work`` takes."""
    count = 0

    def seen(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count
