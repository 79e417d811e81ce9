"""YAML text to nodes, from the events of ruamel.yaml's parser, in C or in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from nodeport_lint.expressions import expression
from nodeport_lint.model.clock import Stage
from nodeport_lint.yamltext.nodes import (
    ALIASES,
    MAX_DEPTH,
    MAX_EXPANSION,
    MAX_REREAD,
    Alias,
    Content,
    Expansion,
    Mapping,
    Node,
    Scalar,
    Sequence,
    YamlError,
)

PARSERS = ("auto", "c", "pure")

LARGE = 1_000_000
"""Characters. For a larger text the C parser has the last word: the pure one takes seconds for each million."""

AT_ONCE = 4_096
"""Events that are read before the time is looked at again."""

_ENDS, _BLANKS = "\r\n\x85\u2028\u2029", " \t\r\n\x85\u2028\u2029"
_PROPERTIES = expression(
    # An anchor may end at a sign, which is of the text; a comment may stand behind either.
    rf"(?:&[0-9A-Za-z_-]+(?=[?:,\]}}%@`])|[&!][^{_BLANKS}]*(?:[{_BLANKS}]+|\Z)(?:#[^{_ENDS}]*[{_BLANKS}]*)*)*"
)
# libyaml ends a line at U+0085, U+2028 and U+2029 (YAML 1.1), the pure parser does not (YAML 1.2); they count the
# columns of a byte-order mark in the middle of a text differently; and libyaml finds characters that no text may hold
# where it comes to them, the pure parser at once. Such a text goes to the pure one, as long as it may read any.
_READ_DIFFERENTLY = expression(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


class Composer:
    """Reads one text. After ``run``, ``roots`` holds the documents read; ``begin`` the place of the last one."""

    def __init__(
        self, text: str, base: int, stage: Stage, parser: str = "auto", expansion: Expansion | None = None
    ) -> None:
        self.text, self.base, self.stage, self.parser, self.expansion = text, base, stage, parser, expansion
        self._reset()

    def _reset(self) -> None:
        self.begin = self.base
        self.roots: list[Content] = []

    def run(self) -> None:
        """Raises YamlError at the first fault, or when the stage is over; the documents before are in ``roots``."""
        parser_in_c = None if self.parser == "pure" else _parser_in_c()
        large = len(self.text) > LARGE
        if parser_in_c is not None and (large or not _READ_DIFFERENTLY.search(self.text) or not self._is_read_again()):
            try:
                self._compose(_events(parser_in_c, self.text))
                return
            except _ParserStoppedError as stopped:
                if large:
                    raise YamlError(stopped.message, self.base + stopped.offset) from None
                if not self._is_read_again():
                    message = f"{stopped.message} (not read again: more than {MAX_REREAD:,} characters are like that)"
                    raise YamlError(message, self.base + stopped.offset, limit=True) from None
                # The pure parser has the last word: it takes some forms that libyaml refuses and kubectl
                # takes, such as {nodePort:}, and its reasons are the same wherever the C parser is missing.
                self._reset()
        end = len(self.text)
        try:
            self._compose(_events(_parser_in_python, self.text))
        except _ParserStoppedError as stopped:
            end = stopped.offset
            raise YamlError(stopped.message, self.base + end) from None
        finally:
            if parser_in_c is not None and self.expansion is not None:
                # Most that stop it do so where they stop the other, in a line of template text near the top.
                self.expansion.reread -= end

    def _is_read_again(self) -> bool:
        """Whether the pure parser reads the text, too, or in place of the C parser."""
        return self.expansion is None or self.expansion.reread > 0

    def _compose(self, events: Iterator[Any]) -> None:
        from ruamel.yaml import events as kinds

        base, build = self.base, _Builder(self.roots)
        scalar, alias, document = kinds.ScalarEvent, kinds.AliasEvent, kinds.DocumentStartEvent
        starts: dict[Any, type[Mapping | Sequence]] = {
            kinds.MappingStartEvent: Mapping,
            kinds.SequenceStartEvent: Sequence,
        }
        ends = (kinds.MappingEndEvent, kinds.SequenceEndEvent)
        for count, event in enumerate(events):
            kind = event.__class__
            if not count % AT_ONCE and self.stage.late:
                raise YamlError(self.stage.over(), event.start_mark.index + base, limit=True)
            if kind is scalar:
                start, end = event.start_mark.index + base, event.end_mark.index + base
                if event.tag is not None or event.anchor is not None:
                    start = self._behind_properties(start, end)
                elif start == end:
                    # A text that is not there. The parsers disagree on where; it is behind what stands before it.
                    start = end = build.last
                build.last = end
                node = Scalar(event.value, event.tag, not event.style, start, end)
                if event.anchor is not None:
                    build.anchors[event.anchor] = node
                build.add(node)
            elif kind in starts:
                start = event.start_mark.index + base
                if event.tag is not None or event.anchor is not None:
                    start = self._behind_properties(start, base + len(self.text))
                build.open(starts[kind](start), event.anchor)
            elif kind in ends:
                build.close(event.end_mark.index + base)
            elif kind is alias:
                build.alias(event.anchor, event.start_mark.index + base, event.end_mark.index + base)
            elif kind is document:
                build.anchors = {}
                self.begin = build.last = event.end_mark.index + base

    def _behind_properties(self, start: int, end: int) -> int:
        """The offset behind the tag and the anchor of a node: the parsers disagree on where it begins."""
        match = _PROPERTIES.match(self.text, start - self.base)
        return min(end, match.end() + self.base) if match else start


class _Builder:
    """The nodes that are open at a point of the text, and the anchors known there."""

    def __init__(self, roots: list[Content]) -> None:
        self.roots = roots
        self.last = 0
        """The offset behind the scalar that was read last, or where a list or mapping begins that holds none yet."""
        self.anchors: dict[str, Content] = {}
        self.stack: list[Sequence | Mapping] = []

    def add(self, node: Node) -> None:
        if self.stack:
            self.stack[-1].add(node)
        elif not isinstance(node, Alias):
            self.roots.append(node)

    def open(self, node: Sequence | Mapping, anchor: str | None) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise YamlError(f"nested deeper than {MAX_DEPTH} levels", node.start, limit=True)
        self.stack.append(node)
        self.last = node.start
        if anchor is not None:
            # Where a node begins, as libyaml and go-yaml do it: an anchor of that name within it is a later one.
            self.anchors[anchor] = node

    def close(self, end: int) -> None:
        node = self.stack.pop()
        node.end = end
        if node.expansion > MAX_EXPANSION:
            raise YamlError(f"{ALIASES} expand to more than {MAX_EXPANSION:,} nodes", node.start, limit=True)
        self.add(node)

    def alias(self, name: str, start: int, end: int) -> None:
        if name not in self.anchors:
            raise YamlError(f"unknown anchor '{name}' referenced", start)
        target = self.anchors[name]
        if any(target is node for node in self.stack):
            raise YamlError(f"anchor '{name}' value contains itself", start)
        self.add(Alias(target, start, end))
        if self.stack and self.stack[-1].expansion > MAX_EXPANSION:
            raise YamlError(f"{ALIASES} expand to more than {MAX_EXPANSION:,} nodes", start, limit=True)
        if len(self.stack) + target.depth > MAX_DEPTH:
            raise YamlError(f"nested deeper than {MAX_DEPTH} levels, aliases followed", start, limit=True)


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
    from nodeport_lint.yamltext.pure import parse

    yield from parse(text)


def _events(parse: Callable[[str], Iterator[Any]], text: str) -> Iterator[Any]:
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        yield from parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.context == "while scanning a simple key" and error.context_mark is not None:
            # Noticed where the next line begins; the text that looks like a key is the one that is not indented.
            mark = error.context_mark
        raise _ParserStoppedError(
            error.problem or error.context or "cannot be read", mark.index if mark else 0
        ) from None
    except (ValueError, OverflowError) as error:
        # An escape such as \UFFFFFFFF reaches chr() in ruamel.yaml's scanner.
        raise _ParserStoppedError(f"invalid escape in a quoted scalar ({error})", 0) from None
    except YAMLError as error:
        reason = getattr(error, "reason", None) or "cannot be read"
        character = getattr(error, "character", None)
        if isinstance(character, int):
            reason = f"{reason} (U+{character:04X})"
        raise _ParserStoppedError(reason, getattr(error, "position", 0) or 0) from None
