"""YAML text to nodes, from the events of ruamel.yaml's parser, in C or in Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from nodeport_lint.yamltext.nodes import (
    MAX_DEPTH,
    MAX_EXPANSION,
    Alias,
    Content,
    Mapping,
    Node,
    Scalar,
    Sequence,
    YamlError,
)

PARSERS = ("auto", "c", "pure")

# libyaml ends a line at U+0085, U+2028 and U+2029 (YAML 1.1), the pure parser does not (YAML 1.2).
_LINE_BREAKS_OF_YAML_1_1 = re.compile("[\x85\u2028\u2029]")


class Composer:
    """Reads one text. After ``run``, ``roots`` holds the documents read; ``begin`` the place of the last one."""

    def __init__(self, text: str, base: int, parser: str = "auto") -> None:
        self.text, self.base, self.parser = text, base, parser
        self._reset()

    def _reset(self) -> None:
        self.begin = self.base
        self.roots: list[Content] = []

    def run(self) -> None:
        """Raises YamlError at the first fault; the documents before it are in ``roots``."""
        parser_in_c = None if self.parser == "pure" else _parser_in_c()
        if parser_in_c is not None and not _LINE_BREAKS_OF_YAML_1_1.search(self.text):
            try:
                self._compose(_events(parser_in_c, self.text))
                return
            except _ParserStoppedError:
                # The pure parser has the last word: it takes some forms that libyaml refuses and kubectl
                # takes, such as {nodePort:}, and its reasons are the same wherever the C parser is missing.
                self._reset()
        try:
            self._compose(_events(_parser_in_python, self.text))
        except _ParserStoppedError as stopped:
            raise YamlError(stopped.message, self.base + stopped.offset) from None

    def _compose(self, events: Iterator[Any]) -> None:
        from ruamel.yaml.events import (
            AliasEvent,
            DocumentStartEvent,
            MappingEndEvent,
            MappingStartEvent,
            ScalarEvent,
            SequenceEndEvent,
            SequenceStartEvent,
        )

        base = self.base
        anchors: dict[str, Content | None] = {}
        open_nodes: list[Sequence | Mapping] = []
        open_anchors: list[str | None] = []
        for event in events:
            kind = event.__class__
            node: Node
            if kind is ScalarEvent:
                node = Scalar(
                    event.value, event.tag, not event.style, event.start_mark.index + base, event.end_mark.index + base
                )
                if event.anchor is not None:
                    anchors[event.anchor] = node
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                start = event.start_mark.index + base
                if len(open_nodes) >= MAX_DEPTH:
                    raise YamlError(f"nested deeper than {MAX_DEPTH} levels", start)
                open_nodes.append(Mapping(start) if kind is MappingStartEvent else Sequence(start))
                open_anchors.append(event.anchor)
                if event.anchor is not None:
                    anchors[event.anchor] = None
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                node = open_nodes.pop()
                node.end = event.end_mark.index + base
                anchor = open_anchors.pop()
                if anchor is not None:
                    anchors[anchor] = node
            elif kind is AliasEvent:
                node = _alias(event, anchors, base)
            else:
                if kind is DocumentStartEvent:
                    anchors = {}
                    self.begin = event.start_mark.index + base
                continue
            if not open_nodes:
                self.roots.append(node)  # type: ignore[arg-type]  # a document cannot be an alias: none is known yet
                continue
            parent = open_nodes[-1]
            parent.add(node)
            if kind is AliasEvent and parent.size > MAX_EXPANSION:
                raise YamlError(f"aliases expand to more than {MAX_EXPANSION:,} nodes", node.start)


def _alias(event: Any, anchors: dict[str, Content | None], base: int) -> Alias:
    start = event.start_mark.index + base
    name = event.anchor
    if name not in anchors:
        raise YamlError(f"unknown anchor '{name}' referenced", start)
    target = anchors[name]
    if target is None:
        raise YamlError(f"anchor '{name}' value contains itself", start)
    return Alias(target, start, event.end_mark.index + base)


class _ParserStoppedError(Exception):
    def __init__(self, message: str, offset: int) -> None:
        self.message, self.offset = message, offset


def _parser_in_c() -> Callable[[str], Iterator[Any]] | None:
    try:
        from _ruamel_yaml import CParser
    except ImportError:
        return None

    def parse(text: str) -> Iterator[Any]:
        parser = CParser(text)
        check, get = parser.check_event, parser.get_event
        while check():
            yield get()

    return parse


def _parser_in_python(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML

    yield from YAML(typ="safe", pure=True).parse(text)


def _events(parse: Callable[[str], Iterator[Any]], text: str) -> Iterator[Any]:
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        yield from parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _ParserStoppedError(
            error.problem or error.context or "cannot be read", mark.index if mark else 0
        ) from None
    except YAMLError as error:
        reason = getattr(error, "reason", None) or "cannot be read"
        character = getattr(error, "character", None)
        if isinstance(character, str) and len(character) == 1:
            reason = f"{reason} (U+{ord(character):04X})"
        raise _ParserStoppedError(reason, getattr(error, "position", 0) or 0) from None
