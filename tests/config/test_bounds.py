"""What a configuration may cost: words are compared, and patterns counted, within bounds."""

from __future__ import annotations

import difflib

import pytest

from nodeport_lint.config import items, parse_config
from nodeport_lint.model import NodeportLintError
from tests.counting import calls_of


def test_words_of_the_tree_are_compared_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = calls_of(monkeypatch, difflib.SequenceMatcher, "set_seq1")
    for count in (10_000, 50_000):
        calls.clear()
        assert items.did_you_mean("rulf", ["rule", *(f"zzzz{index:06}" for index in range(count))]) == (
            " (did you mean 'rule'?)"
        )
        assert len(calls) == items.MAX_KNOWN + 1
    calls.clear()
    assert items.did_you_mean("r" * 1_000_000, ["r" * 1_000_000, "rule"]) == f" (known: {'r' * 1_000_000}, rule)"
    assert not calls


def test_suppressions_with_wildcards_are_bounded() -> None:
    entry = "- {rule: x, path: '%s', reason: why}\n"
    plain = "".join(entry % f"a/b{index}.yaml" for index in range(2_000))
    wild = [entry % f"a/*{index}.yaml" for index in range(501)]
    assert len(parse_config(f"suppressions:\n{plain}{''.join(wild[:500])}{wild[0]}", "c").suppressions) == 2_501
    with pytest.raises(NodeportLintError) as raised:
        parse_config(f"suppressions:\n{''.join(wild)}", "c")
    assert str(raised.value) == "c:502:3: suppressions has more than 500 patterns with wildcards"
