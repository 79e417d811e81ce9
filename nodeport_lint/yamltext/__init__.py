"""YAML or JSON text to values and the region of every route.

The tree is composed from the *events* of ruamel.yaml's parser by a loop of our own: no recursion, a
cap on depth, anchors that may repeat, duplicate keys kept, and one result from the C parser and from
the pure one. The composer of the C extension is not used, since deep nesting crashes it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from nodeport_lint.expressions import expression
from nodeport_lint.model import Location, Region, Route
from nodeport_lint.model.clock import OF_FILE, Clock, Stage
from nodeport_lint.yamltext.compose import PARSERS, Composer
from nodeport_lint.yamltext.lines import Lines, lines_of
from nodeport_lint.yamltext.nodes import (
    ALIASES,
    MAX_EXPANSION_OF_ALL,
    Alias,
    Content,
    Expansion,
    Mapping,
    Node,
    Scalar,
    Sequence,
    YamlError,
    content,
)
from nodeport_lint.yamltext.values import find, leaves, mapping, plain, repeated_keys, routes, scalars

__all__ = [
    "ALIASES", "PARSERS", "Broken", "Content", "Expansion", "Mapping", "NodePlaces", "Scalar", "Sequence", "Stream",
    "YamlError", "comments", "content", "decode", "find", "leaves", "lines_of", "mapping", "mapping_of", "plain",
    "read", "routes", "scalars",
]  # fmt: skip

MAX_BROKEN = 50
"""Broken documents of one file that are reported one by one."""


class Broken(NamedTuple):
    """Text that could not be read: why, where, and the offsets between which nothing is known. ``limit``: it is not
    wrong, and more than is read."""

    message: str
    offset: int
    start: int
    end: int
    limit: bool = False


class Stream:
    """The documents of one text, and what could not be read of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.roots: list[Content] = []
        self.broken: list[Broken] = []

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)

    def position(self, offset: int) -> tuple[int, int]:
        """1-based line and column of an offset; a byte-order mark has no column."""
        return self._lines.position(offset)

    def region(self, start: int, end: int) -> Region:
        """The region of the characters from ``start`` up to ``end``."""
        return self._lines.region(start, end)

    def line_region(self, offset: int) -> Region:
        """From ``offset`` to the end of its line: where a parser stopped, no end is known."""
        end = re.compile(r"[\r\n]|\Z").search(self.text, offset)
        return self.region(offset, end.start() if end else offset)

    def node_region(self, node: Node) -> Region:
        """The region of a node's own characters, without the blanks behind it."""
        start, end = node.start, node.end
        while end > start and self.text[end - 1] in " \t\r\n":
            end -= 1
        return self.region(start, max(start, end))


_SEPARATOR = expression(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 by its byte-order mark. Raises UnicodeDecodeError."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    return data.decode("utf-8")


def read(text: str, json: bool = False, parser: str = "auto", expansion: Expansion | None = None) -> Stream:
    """All documents of ``text``.

    ``json``: the file's name promises JSON, so that other text is reported, and then read as YAML, as
    kubectl does since 1.33. ``parser`` is one of PARSERS. ``expansion``: what is left for aliases of all files; a
    document that needs more counts as broken. Never raises for bad text: what cannot be read
    is in ``Stream.broken``, and reading goes on at the next ``---`` line.
    """
    stream = Stream(text)
    start = len(text) - len(text.lstrip("\ufeff"))
    if json or text[:1000].lstrip("\ufeff \t\r\n").startswith("{"):
        from nodeport_lint.yamltext.jsontext import parse

        roots, error = parse(text)
        if error is None:
            stream.roots = roots
            return stream
        if error.limit:
            # As YAML it is as much.
            stream.roots = roots
            stream.broken.append(Broken(error.message, error.offset, roots[-1].end if roots else 0, len(text), True))
            return stream
        if json or len(roots) >= 2:
            stream.broken.append(Broken(f"not valid JSON: {error.message}", error.offset, 0, len(text)))
        if len(roots) >= 2:
            # kubectl turns to YAML at the first or second value only; at a later one it stops.
            stream.roots = roots
            return stream
        if json and roots:
            stream.roots = roots
            start = roots[0].end
    _read_yaml(stream, start, parser, expansion)
    if expansion is not None:
        _charge(stream, expansion)
    return stream


def _charge(stream: Stream, expansion: Expansion) -> None:
    """Takes the documents out for whose aliases nothing is left; the first of them is told. Aliases that lead to no
    more than is written cost no more than the text, and take nothing."""
    kept: list[Content] = []
    refused: list[Content] = []
    for root in stream.roots:
        beyond = root.expansion - (root.size - root.expansion)
        (kept if beyond <= 0 or expansion.takes(beyond) else refused).append(root)
    if refused:
        first = refused[0]
        message = f"{ALIASES} of all files expand to more than {MAX_EXPANSION_OF_ALL:,} nodes"
        stream.broken.append(Broken(message, first.start, first.start, first.end, limit=True))
        stream.roots = kept
    expansion.refused = expansion.refused or any(broken.message.startswith(ALIASES) for broken in stream.broken)


def _read_yaml(stream: Stream, start: int, parser: str, expansion: Expansion | None) -> None:
    text = stream.text
    clock = expansion.clock if expansion is not None else Clock()
    # Also when the run's time is over: what was begun is brought to an end.
    stage = Stage(clock, "parsing one file", OF_FILE)
    while True:
        composer = Composer(text[start:] if start else text, start, stage, parser, expansion)
        try:
            composer.run()
            return
        except YamlError as error:
            separator = None if stage.late else _SEPARATOR.search(text, max(error.offset, composer.begin + 1))
            end = separator.start() if separator else len(text)
            limit = error.limit or stage.late
            stream.broken.append(Broken(error.message, error.offset, composer.begin, end, limit))
            if separator is None:
                return
            if len(stream.broken) >= MAX_BROKEN:
                message = f"not read from here on: {MAX_BROKEN} documents above are broken"
                stream.broken.append(Broken(message, end, end, len(text), limit=True))
                return
            start = end
        finally:
            stream.roots.extend(composer.roots)


def mapping_of(data: bytes, expansion: Expansion | None = None) -> tuple[Stream, dict[str, Any]]:
    """The mapping that a small file of settings holds, with its text; empty where it holds none."""
    try:
        stream = read(decode(data), expansion=expansion)
        value = plain(stream.roots[0]) if stream.roots else None
    except (UnicodeDecodeError, YamlError):
        return Stream(""), {}
    return stream, value if isinstance(value, dict) else {}


def comments(stream: Stream, marker: str) -> Iterator[tuple[int, str]]:
    """The offset of the ``#`` and the text behind ``marker`` for every comment that begins with it.

    Comments are found in the text, since parsers drop them; what looks like one inside a quoted or block
    scalar is none.
    """
    quoted = sorted((node.start, node.end) for node in scalars(stream.roots) if not node.plain)
    starts = [start for start, _ in quoted]
    for match in re.finditer(rf"(?:^|(?<=[ \t]))#[ \t]*{re.escape(marker)}([^\r\n]*)", stream.text, re.MULTILINE):
        at = bisect_right(starts, match.start()) - 1
        if at < 0 or match.start() >= quoted[at][1]:
            yield match.start(), match[1].strip()


class NodePlaces:
    """Where the values of one object are written, in one file (``model.Places``)."""

    def __init__(self, stream: Stream, root: Content, path: str) -> None:
        self.stream, self.root, self.path = stream, root, path

    def locate(self, route: Route) -> Location:
        found, depth = find(self.root, route)
        target = content(found.node)
        if found.key is not None and target.start == target.end:
            return self._location(found.key, route[:depth])
        return self._location(target, route[:depth])

    def locate_key(self, route: Route) -> Location:
        found, depth = find(self.root, route)
        return self._location(found.key if found.key is not None else content(found.node), route[:depth])

    def trail(self, route: Route) -> tuple[Location, ...]:
        found, _ = find(self.root, route)
        uses = [*found.uses, *([found.node] if isinstance(found.node, Alias) else [])]
        return tuple(
            Location(self.path, self.stream.region(use.start, use.end), note="used here by its anchor") for use in uses
        )

    def repeated_keys(self) -> Iterator[tuple[Route, tuple[Location, ...]]]:
        for route, keys in repeated_keys(self.root):
            yield route, tuple(self._location(key, route) for key in keys)

    def fixed(self, route: Route) -> bool:
        return False

    def _location(self, node: Node, route: Route) -> Location:
        return Location(self.path, self.stream.node_region(node), route)
