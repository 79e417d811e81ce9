"""What holds for any text that is read as YAML or JSON, and for any allocation document."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any, cast

from nodeport_lint import yamltext
from nodeport_lint.model import COMMENT, Inventory, PortRange, Region
from nodeport_lint.ports import DEFAULT_RANGE
from nodeport_lint.registry import MAX_BLOCKS, MAX_LINES, MAX_OF_NUMBER, MAX_ROWS, MAX_UNREAD, read_registries
from nodeport_lint.registry.allocation import Allocation
from nodeport_lint.registry.documents import Listed
from nodeport_lint.registry.owners import MAX_ROWS as MAX_OWN_ROWS
from nodeport_lint.registry.owners import Owners
from nodeport_lint.tree.files import InMemory, OnDisk
from nodeport_lint.yamltext.jsontext import parse
from nodeport_lint.yamltext.nodes import MAX_DEPTH, Alias, Content, Mapping, Node, Scalar, Sequence
from tests.fuzz.mutation import data_of
from tests.make import declaration

_BREAK = re.compile(r"\r\n|\r|\n")
_ODD = re.compile(r"""\?\s+[,\]}]|["']\s*:[,\]}]|[&!]\S*\s+:\S""")
"""Forms within brackets that libyaml takes by a slip of its own, and the pure parser refuses or reads otherwise."""
_FOLDED = re.compile("[\r\n\x85\u2028\u2029]")


def described(node: Node) -> Any:
    """A node as plain data, offsets included."""
    if isinstance(node, Scalar):
        return (node.text, node.tag, node.plain, node.start, node.end)
    if isinstance(node, Alias):
        return ("alias", node.start, node.end, node.target.start)
    if isinstance(node, Sequence):
        return ("sequence", node.start, node.end, [described(item) for item in node.items])
    return ("mapping", node.start, node.end, [(described(key), described(value)) for key, value in node.entries])


def both(text: str, as_json: bool = False) -> tuple[Any, Any]:
    """What the C parser makes of a text, and what the pure one makes of it."""
    streams = [yamltext.read(text, as_json, parser, yamltext.Expansion()) for parser in ("c", "pure")]
    first, second = (([described(root) for root in stream.roots], stream.broken) for stream in streams)
    return first, second


def within(region: Region | None, lines: list[str]) -> str:
    """The characters of a region on one line; fails for a region that the text does not have."""
    assert region is not None
    assert (1, 1) <= (region.line, region.column) <= (region.end_line, region.end_column), region
    assert region.end_line <= len(lines), region
    for line, column in ((region.line, region.column), (region.end_line, region.end_column)):
        assert column <= len(lines[line - 1]) + 1, region
    return lines[region.line - 1][region.column - 1 : region.end_column - 1] if region.line == region.end_line else ""


def lines_of(text: str) -> list[str]:
    """The lines as an editor counts them; a byte-order mark has no column."""
    return _BREAK.split(text.removeprefix("\ufeff"))


# --- YAML and JSON --------------------------------------------------------------------------------


def yaml(data_text: str) -> None:
    """Both parsers agree; every place lies in the text; every route leads to its value; JSON is read as JSON."""
    for as_json in (False, True):
        first, second = both(data_text, as_json)
        assert first == second or _ODD.search(data_text), (
            f"the parsers differ, {'as JSON' if as_json else 'as YAML'}: {first} {second}"
        )
        stream = yamltext.read(data_text, as_json, expansion=yamltext.Expansion())
        lines = lines_of(data_text)
        for broken in stream.broken:
            assert 0 <= broken.start <= broken.end <= len(data_text), broken
            assert 0 <= broken.offset <= len(data_text), broken
            assert broken.message.strip(), broken
            within(stream.line_region(broken.offset), lines)
        for root in stream.roots:
            _lie_in_the_text(root, stream, lines)
            _values(root, stream, lines)
        for offset, _ in yamltext.comments(stream, COMMENT):
            assert data_text[offset] == "#"
    _as_json(data_text)


def _lie_in_the_text(root: Content, stream: yamltext.Stream, lines: list[str]) -> None:
    waiting: list[tuple[Node, int, int]] = [(root, 0, len(stream.text))]
    while waiting:
        node, start, end = waiting.pop()
        assert start <= node.start <= node.end <= end, f"{node.start} to {node.end} is not within {start} to {end}"
        within(stream.node_region(node), lines)
        if isinstance(node, Scalar) and node.plain and not _FOLDED.search(stream.text, node.start, node.end):
            assert stream.text[node.start : node.end].strip(" \t") == node.text, (node.text, node.start, node.end)
        if isinstance(node, Sequence):
            waiting += [(item, node.start, node.end) for item in node.items]
        elif isinstance(node, Mapping):
            waiting += [(part, node.start, node.end) for pair in node.entries for part in pair]


def _values(root: Content, stream: yamltext.Stream, lines: list[str]) -> None:
    places = yamltext.NodePlaces(stream, root, "x.yaml")
    try:
        value = yamltext.plain(root)
        leaves = list(islice(yamltext.leaves(root), 300))
        repeated = list(islice(places.repeated_keys(), 100))
    except yamltext.YamlError as error:
        assert 0 <= error.offset <= len(stream.text)
        assert error.message.strip()
        within(stream.line_region(error.offset), lines)
        return
    json.dumps(value, allow_nan=False)
    for route, keys in repeated:
        assert len(keys) > 1, route
        for key in keys:
            within(key.region, lines)
    for route, _ in leaves:
        at, steps = value, 0
        while steps < len(route) and _leads(at, route[steps]):
            at, steps = at[route[steps]], steps + 1
        found, depth = yamltext.find(root, route)
        # Of a key that is written twice the last one counts, and may lead to something else.
        assert depth == steps, route
        assert yamltext.plain(found.node) == at, route
        for place in (places.locate(route), places.locate_key(route), *places.trail(route)):
            within(place.region, lines)
    places.locate(("not", 0, "there"))


def _leads(value: object, step: str | int) -> bool:
    """Whether there is something at a step of a route."""
    if isinstance(step, str):
        return isinstance(value, dict) and step in value
    return isinstance(value, list) and step < len(value)


def _refused(_: str) -> Any:
    raise ValueError


def _as_json(text: str) -> None:
    try:
        value = json.loads(text.removeprefix("\ufeff"), parse_constant=_refused)
        levels = _levels(value)
    except (ValueError, RecursionError):
        return
    roots, error = parse(text)
    if levels > MAX_DEPTH:
        assert error is not None
        return
    assert error is None, error.message
    assert len(roots) == 1
    try:
        read = yamltext.plain(roots[0])
    except yamltext.YamlError:
        return
    assert _comparable(read) == _comparable(value)


def _levels(value: object) -> int:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if below is None else 1 + max(map(_levels, below), default=0)


def _comparable(value: Any) -> Any:
    """Numbers as a float64 has them; one that is too large for it is a text to us."""
    if isinstance(value, dict):
        return {key: _comparable(one) for key, one in value.items()}
    if isinstance(value, list):
        return list(map(_comparable, value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if abs(value) < 1e300 else "large"
    return "large" if isinstance(value, str) and re.fullmatch(r"-?[0-9.]+([eE][-+]?[0-9]+)?", value) else value


# --- allocation documents -------------------------------------------------------------------------

DOCUMENTS = ("nodeports.md", "clusters/a/ports.md")


def registry(text: str) -> None:
    """The rows lie in the text and hold their numbers, they are bounded, and what is asked about them has an answer."""
    data = data_of(text)
    files = cast("OnDisk", InMemory(dict.fromkeys(DOCUMENTS, data)))
    listed = [Listed(DOCUMENTS[0], (), (DEFAULT_RANGE,)), Listed(DOCUMENTS[1], ("a",), (PortRange(31000, 31999),))]
    found = read_registries(files, listed)
    rows, problems = found.reservations, found.read.problems
    try:
        lines = lines_of(yamltext.decode(data))
    except UnicodeDecodeError:
        assert not rows
        assert problems
        return
    assert sorted((*found.documents, *found.without)) == sorted(DOCUMENTS)
    assert len(rows) <= MAX_ROWS
    assert sum(row.is_block for row in rows) <= MAX_BLOCKS
    assert len(problems) <= MAX_UNREAD + 20
    for row in rows:
        written = within(row.location.region, lines)
        assert 0 <= row.first <= row.last, row
        assert _writes(written, row.first, row.last), (written, row)
    for problem in problems:
        if problem.location.region is not None:
            within(problem.location.region, lines)
    for comment in found.read.comments:
        said = within(comment.location.region, lines)
        assert said.startswith("<!--") and said.endswith("-->"), said
    if len(lines) < MAX_LINES:
        _answers(Inventory(reservations=rows, registries=found.documents))


def _writes(text: str, first: int, last: int) -> bool:
    numbers = [int(one) for one in re.findall("[0-9]+", text)]
    return first in numbers or (bool(numbers) and numbers[0] * 100 == first and first + 99 == last)


def _answers(inventory: Inventory) -> None:
    allocation, owners = Allocation(inventory), Owners(inventory.reservations, {"team": ("web", "shop")})
    for cluster in ("", "a", "b"):
        free = list(islice(allocation.free_numbers(30080, DEFAULT_RANGE, including=True, cluster=cluster), 3))
        heard = [row for row in inventory.reservations if not cluster or not row.clusters or cluster in row.clusters]
        taken = [row for row in heard if row.meaning != "free" and not row.is_block]
        for number in free:
            assert number in DEFAULT_RANGE
            assert not any(row.first <= number <= row.last for row in taken)
    for claim in (
        declaration("web", "shop"),
        declaration("x", number=inventory.reservations[0].first if inventory.reservations else 1),
    ):
        assert len(list(owners.rows_of(claim))) <= MAX_OWN_ROWS
        assert len(allocation.rows_of_number(claim)) <= MAX_OF_NUMBER
        for row in allocation.rows_for(claim):
            assert owners.of(row, claim) in ("same", "another", "unknown")
        allocation.suggestion(claim, DEFAULT_RANGE)
