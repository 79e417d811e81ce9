"""Expressions answer as compiled ones do, and are compiled once, when they are first asked."""

from __future__ import annotations

import re

import pytest

from nodeport_lint.expressions import expression
from tests.counting import calls_of


def test_it_is_compiled_when_it_is_first_used_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = calls_of(monkeypatch, re, "compile")
    number = expression(r"\d+")
    assert compiled == []
    assert [bool(number.search(text)) for text in ("a1", "a")] == [True, False]
    assert number.fullmatch("12")
    assert compiled == [(r"\d+", 0)]


def test_it_answers_as_a_compiled_one() -> None:
    word = expression("[a-z]+", re.IGNORECASE)
    assert word.findall("One two") == ["One", "two"]
    assert word.sub("x", "One two") == "x x"
    assert (word.pattern, word.flags) == ("[a-z]+", re.compile("a", re.IGNORECASE).flags)
    assert expression(b"[0-9]").search(b"a1")
    assert not hasattr(word, "nothing")


def test_a_mistake_is_told_at_first_use() -> None:
    with pytest.raises(re.error):
        expression("(").search("")
