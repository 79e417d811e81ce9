"""Text to nodes: every form that a manifest comes in, and where reading stops and goes on."""

from __future__ import annotations

from typing import Any

import pytest

from nodeport_lint import yamltext
from nodeport_lint.model import Region
from nodeport_lint.yamltext.nodes import MAX_DEPTH

PARSERS = pytest.mark.parametrize("parser", ["c", "pure"])


def values(text: str, parser: str = "auto", json: bool = False) -> list[Any]:
    return [yamltext.plain(root) for root in yamltext.read(text, json=json, parser=parser).roots]


@PARSERS
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n", [{"a": 1}]),
        ("a: 1\r\nb:\r\n- 2\r\n", [{"a": 1, "b": [2]}]),
        ("\ufeffa: 1\n", [{"a": 1}]),
        ("a: 1\n--- # next\nb: 2\n...\n", [{"a": 1}, {"b": 2}]),
        ("a: &x 1\nb: &x 2\nc: *x\n", [{"a": 1, "b": 2, "c": 2}]),
        ("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n", [{"a": {"p": 1, "q": 2}, "b": {"p": 1, "q": 3}}]),
        ("a: &x {p: 1}\nb: {p: 2, <<: *x}\n", [{"a": {"p": 1}, "b": {"p": 1}}]),
        ("a: &x {p: 1}\nb: &y {p: 2, q: 2}\n<<: [*x, *y]\n", [{"a": {"p": 1}, "b": {"p": 2, "q": 2}, "p": 1, "q": 2}]),
        ("a: 1\na: 2\n", [{"a": 2}]),
        ("80: x\nyes: y\n1.5: z\n", [{"80": "x", "true": True, "1.5": "z"}]),
        ("{port: 80, nodePort:}", [{"port": 80, "nodePort:": None}]),
        ("{port: 80, nodePort: }", [{"port": 80, "nodePort": None}]),
        ("? a\n: b\n", [{"a": "b"}]),
        ("a: |\n  x\n  y\nb: >-\n  p\n  q\n", [{"a": "x\ny\n", "b": "p q"}]),
        ("a: 'it''s'\nb: \"t\\tab\"\n", [{"a": "it's", "b": "t\tab"}]),
        ("- 1\n- [2, {b: 3}]\n", [[1, [2, {"b": 3}]]]),
        ("# only a comment\n", []),
        ("", []),
        # Where the pure parser of ruamel.yaml reads otherwise than libyaml, and so than kubectl, if it is let.
        ("a: 1\t# c\nb:\t2\t\nc: x\ty\n", [{"a": 1, "b": 2, "c": "x\ty"}]),
        ("a: &x 1\nb: |  # c\n  *x\nc: |\t\n  y\n", [{"a": 1, "b": "*x\n", "c": "y\n"}]),
        ("a: |\n \n   \n   x\n", [{"a": "\n\nx\n"}]),
        ("a: 1\n...\n...\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("a: !!str\t1\nb: !!! 2\nc: !!a!b 3\nd: !<tag:yaml.org,2002:int> 4\n", [{"a": "1", "b": "2", "c": "3", "d": 4}]),
    ],
)  # fmt: skip
def test_forms(text: str, expected: list[Any], parser: str) -> None:
    stream = yamltext.read(text, parser=parser)
    assert [yamltext.plain(root) for root in stream.roots] == expected
    assert stream.broken == []


@PARSERS
@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("a: [1\nb: 2\n", "expected", (2, 2)),
        ("a: *x\n", "unknown anchor 'x' referenced", (1, 4)),
        ("a: &x [*x]\n", "anchor 'x' value contains itself", (1, 8)),
        ("a:\n\t- b\n", "cannot start any token", (2, 1)),
        ("a: b: c\n", "mapping values are not allowed here", (1, 5)),
        ("a: \x07\n", "special characters are not allowed (U+0007)", (1, 4)),
        ("a: 1\n--- x\n...\n%YAML 1.0\n---\nb: 1\n", "version 1.1 or 1.2 is required", (4, 1)),
        ("%YAML 1.3\n---\na: 1\n", "version 1.1 or 1.2 is required", (1, 1)),
        ("[" * 5000, f"nested deeper than {MAX_DEPTH} levels", (1, MAX_DEPTH + 1)),
        ("{a: " * 5000, f"nested deeper than {MAX_DEPTH} levels", (1, 4 * MAX_DEPTH + 1)),
        ("- " * 5000, f"nested deeper than {MAX_DEPTH} levels", (1, 2 * MAX_DEPTH + 1)),
    ],
)
def test_faults(text: str, message: str, place: tuple[int, int], parser: str) -> None:
    stream = yamltext.read(text, parser=parser)
    assert [message in broken.message for broken in stream.broken] == [True], stream.broken
    assert stream.position(stream.broken[0].offset) == place


@PARSERS
def test_reading_goes_on_behind_a_broken_document(parser: str) -> None:
    stream = yamltext.read("a: 1\n---\nb: [\n---\nc: 3\n---\nd: }\n---\ne: 5\n", parser=parser)
    assert [yamltext.plain(root) for root in stream.roots] == [{"a": 1}, {"c": 3}, {"e": 5}]
    assert [stream.text[broken.start : broken.end].strip("-\n") for broken in stream.broken] == ["b: [", "d: }"]


@PARSERS
def test_alias_bomb(parser: str) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{name}: &{name} [{', '.join([f'*{chr(ord(name) - 1)}'] * 10)}]" for name in "bcdefghij"]
    stream = yamltext.read("\n".join(lines), parser=parser)
    assert [broken.message for broken in stream.broken] == ["aliases expand to more than 200,000 nodes"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("key: {{ .Values.x }}\n", "cannot be a key"),
        ("a: &x 1\nb: {<<: *x}\n", "map merge requires map"),
        ("a: !!int x\n", "cannot decode 'x' as a !!int"),
        ("a: .inf\n", "unsupported value"),
        ("? \n: 1\n", "null cannot be a key"),
    ],
)
def test_text_without_a_json_form(text: str, message: str) -> None:
    with pytest.raises(yamltext.YamlError, match=message):
        values(text)


@pytest.mark.parametrize(
    ("text", "expected", "faults"),
    [
        ('{"a": [1, 2.0, -3e2, true, null]}', [{"a": [1, 2, -300, True, None]}], []),
        ('{"a": "\\ud83d\\ude00 \\/"}{"b": {}}\n[]', [{"a": "😀 /"}, {"b": {}}, []], []),
        ('{\n\t"a": 1\n}', [{"a": 1}], []),
        ('\ufeff{"a": 1}', [{"a": 1}], []),
        # Not JSON, and YAML: kubectl reads it since 1.33 and says nothing; we say it.
        ('{"a": 030}', [{"a": 24}], ["not valid JSON"]),
        ('{"a": 1,}', [{"a": 1}], ["not valid JSON"]),
        ("a: 1\n", [{"a": 1}], ["not valid JSON"]),
        # The first value is JSON, the second is read as YAML, and what follows is lost (kubectl 1.33 and later).
        ('{"a": 1}\n{"b": 0x10}', [{"a": 1}, {"b": 16}], ["not valid JSON"]),
        # From the third value on kubectl stops.
        ('{"a": 1}{"b": 2}{"c": x}', [{"a": 1}, {"b": 2}], ["not valid JSON"]),
        ("[" * 5000, [], ["nested deeper"]),
        ('{"a": 1}\n' + "[" * 5000, [{"a": 1}], ["nested deeper"]),
    ],
)
def test_json(text: str, expected: list[Any], faults: list[str]) -> None:
    stream = yamltext.read(text, json=True)
    assert [yamltext.plain(root) for root in stream.roots] == expected
    messages = [broken.message for broken in stream.broken]
    assert len(messages) == len(faults)
    assert all(fault in message for fault, message in zip(faults, messages, strict=True)), messages


def test_json_in_a_yaml_file_is_read_as_json_where_it_is_json() -> None:
    assert values('{"a": 1}{"b": 2}') == [{"a": 1}, {"b": 2}]
    assert values("{a: 1}\n---\nb: 2\n") == [{"a": 1}, {"b": 2}]


def test_decoding() -> None:
    text = "a: ä\n"
    assert yamltext.decode(text.encode()) == text
    assert yamltext.decode(text.encode("utf-16")) == text
    assert yamltext.decode(b"\xfe\xff" + text.encode("utf-16-be")) == text
    with pytest.raises(UnicodeDecodeError):
        yamltext.decode(text.encode("latin-1"))


@PARSERS
def test_regions(parser: str) -> None:
    lines = [
        "\ufeffspec:",
        "  ports:",
        '  - {nodePort: &n !!int "30080", port: *n}',
        "  - nodePort:",
        "ä😀: [a, 1]   # c",
        "",
    ]
    text = "\r\n".join(lines)
    stream = yamltext.read(text, parser=parser)
    places = yamltext.NodePlaces(stream, stream.roots[0], "a.yaml")
    assert places.locate(("spec", "ports", 0, "nodePort")).region == Region(3, 25, 3, 32)
    # An alias leads to the anchor, where the number is written; the alias is the trail.
    assert places.locate(("spec", "ports", 0, "port")).region == Region(3, 25, 3, 32)
    assert [place.region for place in places.trail(("spec", "ports", 0, "port"))] == [Region(3, 40, 3, 42)]
    # An empty value has no characters: its key is shown.
    assert places.locate(("spec", "ports", 1, "nodePort")).region == Region(4, 5, 4, 13)
    assert places.locate_key(("spec", "ports", 0, "port")).region == Region(3, 34, 3, 38)
    assert places.locate(("ä😀", 1)).region == Region(5, 9, 5, 10)
    missing = places.locate(("spec", "ports", 7, "nodePort"))
    assert (missing.route, missing.region) == (("spec", "ports"), Region(3, 3, 4, 14))


def test_a_merged_value_is_shown_where_it_is_written() -> None:
    text = "base: &b {nodePort: 30080}\nport:\n  <<: *b\n  port: 80\n"
    stream = yamltext.read(text)
    places = yamltext.NodePlaces(stream, stream.roots[0], "a.yaml")
    assert places.locate(("port", "nodePort")).region == Region(1, 21, 1, 26)
    assert [place.region for place in places.trail(("port", "nodePort"))] == [Region(3, 7, 3, 9)]


def test_repeated_keys() -> None:
    stream = yamltext.read("a: 1\nb: {c: 1, d: 2, 'c': 3}\na: 2\nl: [{x: 1, x: 2}]\n")
    places = yamltext.NodePlaces(stream, stream.roots[0], "a.yaml")
    found = {route: [place.region.line for place in at if place.region] for route, at in places.repeated_keys()}
    assert found == {("a",): [1, 3], ("b", "c"): [2, 2], ("l", 0, "x"): [4, 4]}


def test_line_breaks_of_yaml_1_1_do_not_move_lines() -> None:
    text = "a: 'x\u2028y'\nb: 1\n"
    stream = yamltext.read(text)
    places = yamltext.NodePlaces(stream, stream.roots[0], "a.yaml")
    assert places.locate(("b",)).region == Region(2, 4, 2, 5)
    assert yamltext.plain(stream.roots[0])["a"] == "x\u2028y"


def test_what_the_c_parser_does_not_take_is_read_again_up_to_a_total() -> None:
    text = "# x\n" * 1_000 + "a: [1\nb: 2\n"
    expansion = yamltext.Expansion(reread=10)
    first, second = (yamltext.read(text, expansion=expansion).broken[0] for _ in range(2))
    pure = yamltext.read(text, parser="pure").broken[0]
    assert first == pure
    assert second.limit and second.message.endswith("(not read again: more than 2,000,000 characters are like that)")
    assert expansion.reread == 10 - pure.offset


def test_what_is_behind_a_fault_is_not_read_again() -> None:
    expansion = yamltext.Expansion()
    before = expansion.reread
    yamltext.read("a: {{ b }}\n{{- if c }}\n" + "d: e\n" * 10_000, expansion=expansion)
    assert before - expansion.reread < 30


@pytest.mark.parametrize("parser", ["auto", "pure"])
def test_an_anchor_within_the_node_that_carries_it_is_the_later_one(parser: str) -> None:
    stream = yamltext.read("a: &a {k: &a X}\nb: *a\nc: &c [&c 1, 2]\nd: *c\n", parser=parser)
    assert yamltext.plain(stream.roots[0]) == {"a": {"k": "X"}, "b": "X", "c": [1, 2], "d": 1}
    assert "contains itself" in yamltext.read("a: &a [*a]\n", parser=parser).broken[0].message


@PARSERS
@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("&4:3", [(2, 4)]),
        ("- &a b\n- &b # c\n  c\n- !x &c \xa0d\n", [(5, 6), (18, 19), (28, 30)]),
        ("&a #c\x85b", [(6, 7)]),
    ],
    ids=["a sign ends an anchor", "blanks", "a comment"],
)
def test_a_text_stands_behind_its_tag_and_anchor(text: str, places: list[tuple[int, int]], parser: str) -> None:
    stream = yamltext.read(text, parser=parser)
    assert sorted((node.start, node.end) for node in yamltext.scalars(stream.roots)) == places


@PARSERS
def test_a_character_that_no_text_may_hold_counts_wherever_it_stands(parser: str) -> None:
    stream = yamltext.read("a: *b\n" + "# c\n" * 10_000 + "\x0b\n---\nb: 1\n", parser=parser)
    assert [broken.message for broken in stream.broken] == ["special characters are not allowed (U+000B)"]
    assert [yamltext.plain(root) for root in stream.roots] == [{"b": 1}]


@PARSERS
@pytest.mark.parametrize(
    ("text", "json", "places"),
    [
        ("# c\na:\n  : x\n", False, [(4, 5), (9, 9), (11, 12)]),
        ('"": ""\n: x\n', True, [(0, 2), (2, 2), (4, 6), (6, 6), (9, 10)]),
        ("a: 1\n--- # c\n", False, [(0, 1), (3, 4), (8, 8)]),
    ],
    ids=["a key", "a key behind JSON", "a document"],
)
def test_what_is_not_there_stands_within_what_holds_it(
    text: str, json: bool, places: list[tuple[int, int]], parser: str
) -> None:
    stream = yamltext.read(text, json=json, parser=parser)
    assert sorted((node.start, node.end) for node in yamltext.scalars(stream.roots)) == places
