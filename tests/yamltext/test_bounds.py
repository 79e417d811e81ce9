"""What aliases of one text may expand to."""

from __future__ import annotations

import pytest

from nodeport_lint import yamltext
from nodeport_lint.yamltext.nodes import MAX_EXPANSION


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
