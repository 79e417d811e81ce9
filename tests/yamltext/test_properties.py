"""Hypothesis: both parsers agree, regions hold their values, and nothing crashes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from nodeport_lint import yamltext
from nodeport_lint.yamltext.nodes import Mapping, Node, Scalar, Sequence
from tests.fuzz.texts import both

ORACLE = Path(__file__).parent.parent / "kubernetes" / "oracle.jsonl.gz"

PIECES = st.sampled_from(
    ["a", "b: ", ": ", "- ", "\n", "\n  ", "\n- ", "{", "}", "[", "]", ",", "'", '"', "|", ">", "|-\n  x", "&a ", "*a",
     "!!str ", "!x ", "# c", "---\n", "...\n", "%YAML 1.1\n", "<<: *a", "? ", "30080", "0x1", "~", "\t", "\r\n", "\r",
     " ", "é", "😀", "\ufeff", "\x85", "\u2028", "\x00", "`", "@", "kind: Service\n", "nodePort:"]
)  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=25).map("".join), st.text(max_size=60))


@settings(max_examples=1500)
@given(TEXTS)
@example("{port: 80, nodePort:}")
@example("a: é\n\u2028b: 3")
@example("\ufeffa: 1")
def test_the_c_parser_and_the_pure_one_give_one_result(text: str) -> None:
    first, second = both(text)
    assert first == second


def test_both_parsers_agree_on_real_manifests() -> None:
    with gzip.open(ORACLE, "rt", encoding="utf-8", newline="\n") as lines:
        texts = [file["text"] for line in lines for file in json.loads(line)["files"]]
    for text in texts[:600]:
        first, second = both(text)
        assert first == second, text


def scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from scalars(item)
    elif isinstance(node, Mapping):
        for key, value in node.entries:
            yield from scalars(key)
            yield from scalars(value)


def test_the_text_at_every_region_is_the_value() -> None:
    checked = 0
    with gzip.open(ORACLE, "rt", encoding="utf-8", newline="\n") as lines:
        texts = [file["text"] for line in lines for file in json.loads(line)["files"]]
    for text in texts[:800]:
        stream = yamltext.read(text)
        rows = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
        for root in stream.roots:
            for scalar in scalars(root):
                region = stream.node_region(scalar)
                if region.line != region.end_line or scalar.start == scalar.end:
                    continue
                shown = rows[region.line - 1][region.column - 1 : region.end_column - 1]
                alone = yamltext.read(shown.rstrip(":") if shown.endswith("nodePort:") else shown).roots[0]
                assert isinstance(alone, Scalar)
                assert alone.text == scalar.text.rstrip(":"), (text, region)
                checked += 1
    assert checked > 20000


@settings(max_examples=500)
@given(TEXTS, st.booleans())
def test_no_text_crashes(text: str, as_json: bool) -> None:
    stream = yamltext.read(text, json=as_json)
    try:
        for root in stream.roots:
            yamltext.plain(root)
            list(yamltext.NodePlaces(stream, root, "x").repeated_keys())
    except yamltext.YamlError as error:
        stream.line_region(error.offset)


@settings(max_examples=300)
@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
                    max_leaves=20))  # fmt: skip
def test_json_is_read_as_json(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, indent="\t"), json.dumps(value, ensure_ascii=False)):
        stream = yamltext.read(text, json=True)
        assert stream.broken == []
        assert [yamltext.plain(root) for root in stream.roots] == [value]
