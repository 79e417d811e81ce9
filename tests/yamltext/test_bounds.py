"""What aliases of one text may expand to, and what the pure parser may take."""

from __future__ import annotations

import pytest

from nodeport_lint import yamltext
from nodeport_lint.yamltext import pure
from nodeport_lint.yamltext.nodes import MAX_EXPANSION
from tests.counting import calls_of, grows_linearly


def test_long_text_counts_as_many_nodes() -> None:
    text = f"a: &a {'x' * 100_000}\nb: [{', '.join(['*a'] * 300)}]\n"
    assert "aliases expand" in yamltext.read(text).broken[0].message


@pytest.mark.parametrize(
    "text",
    ["a: 1\n" * 500, f"a: [{', '.join(['1'] * (MAX_EXPANSION + 10))}]\nb: &b 1\nc: *b\n", "a: &a {x: 1}\nb: *a\n"],
    ids=["none", "one in a large text", "one"],
)
def test_aliases_that_lead_to_little_take_nothing(text: str) -> None:
    expansion = yamltext.Expansion(nodes=0)
    stream = yamltext.read(text, expansion=expansion)
    assert (len(stream.roots), stream.broken, expansion.refused) == (1, [], False)


@pytest.mark.parametrize("text", ["{", "["])
def test_keys_that_may_still_come_cost_what_they_are(text: str) -> None:
    # All that is open on a line, and not 1024 characters old, may be a key.
    grows_linearly(lambda size: lambda: yamltext.read(text * size, parser="pure"), size=240)


def test_how_much_is_read_in_place_of_the_c_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    read = calls_of(monkeypatch, pure, "parse")
    text, expansion = "a: 1  # \u2028# c\n", yamltext.Expansion(reread=20)
    for _ in range(3):
        assert [yamltext.plain(root) for root in yamltext.read(text, expansion=expansion).roots] == [{"a": 1}]
    assert len(read) == 2
