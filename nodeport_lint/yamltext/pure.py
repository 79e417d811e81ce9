"""The pure parser of ruamel.yaml, taught the places where libyaml, and so kubectl, reads otherwise.

Imported only where the pure parser is needed: this module loads ruamel.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.parser import Parser
from ruamel.yaml.scanner import Scanner, ScannerError
from ruamel.yaml.tokens import DocumentEndToken, TagToken

from nodeport_lint.expressions import expression

_LINE_END = "\n\0\r\x85\u2028\u2029"
_SIMPLE_KEY = 1024
"""Characters between the beginning of a key and its colon, at most."""
_ANCHOR_NAME = expression(r"[0-9A-Za-z_-]*")
_AFTER_ANCHOR = "\0 \t\r\n\x85\u2028\u2029?:,]}%@`"


class LibyamlScanner(Scanner):
    """Tabs may separate tokens, an anchor's name is letters, digits, ``_`` and ``-``, ``|#`` is a comment.

    Follows yaml_parser_scan_to_next_token, yaml_parser_scan_anchor, yaml_parser_scan_tag and
    yaml_parser_scan_block_scalar of libyaml 0.2.5 (scanner.c), of which go-yaml is a translation.
    """

    def next_possible_simple_key(self) -> int | None:
        # The original looks for the smallest. A deeper one is younger, and of its level each is taken out before the
        # next is put in, so that they lie in their order.
        return next((key.token_number for key in self.possible_simple_keys.values()), None)

    def stale_possible_simple_keys(self) -> None:
        # As the original, up to the first that is young enough: those behind it are younger.
        while self.possible_simple_keys:
            level, key = next(iter(self.possible_simple_keys.items()))
            if key.line == self.reader.line and self.reader.index - key.index <= _SIMPLE_KEY:
                return
            if key.required:
                message = "could not find expected ':'"
                raise ScannerError("while scanning a simple key", key.mark, message, self.reader.get_mark())
            del self.possible_simple_keys[level]

    def scan_yaml_directive_value(self, start_mark: Any) -> Any:
        major, minor = super().scan_yaml_directive_value(start_mark)
        if major == 1 and minor not in (1, 2):
            # The original asserts it where nobody expects an AssertionError.
            message = "found incompatible YAML document (version 1.1 or 1.2 is required)"
            raise ScannerError(None, None, message, start_mark)
        return major, minor

    def scan_to_next_token(self) -> None:
        peek, forward = self.reader.peek, self.reader.forward
        while True:
            # Files that were put together bring their byte-order marks along.
            if self.reader.column == 0 and peek() == "\ufeff":
                forward()
            while peek() == " " or (peek() == "\t" and (self.flow_level or not self.allow_simple_key)):
                forward()
            if peek() == "#":
                while peek() not in _LINE_END:
                    forward()
            if not self.scan_line_break():
                return
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_anchor(self, TokenClass: Any) -> Any:  # noqa: N803
        start = self.reader.get_mark()
        self.reader.forward()
        length = 0
        while self.reader.peek(length) not in _AFTER_ANCHOR and _ANCHOR_NAME.fullmatch(self.reader.peek(length)):
            length += 1
        name = self.reader.prefix(length)
        self.reader.forward(length)
        if not length or self.reader.peek() not in _AFTER_ANCHOR:
            found = self.reader.peek()
            message = f"expected alphabetic or numeric character, but found {found!r}"
            raise ScannerError("while scanning an anchor or alias", start, message, self.reader.get_mark())
        return TokenClass(name, start, self.reader.get_mark())

    def scan_tag(self) -> Any:
        start, peek, forward = self.reader.get_mark(), self.reader.peek, self.reader.forward
        handle: str | None = None
        length = 1
        while _ANCHOR_NAME.fullmatch(peek(length)):
            length += 1
        verbatim = next((sign for sign in ("!<", "!!<") if self.reader.prefix(len(sign)) == sign), "")
        if verbatim:
            forward(len(verbatim))
            suffix = self.scan_tag_uri("tag", start)
            if peek() != ">":
                message = f"expected '>' but found {peek()!r}"
                raise ScannerError("while parsing a tag", start, message, self.reader.get_mark())
            forward()
        else:
            # What stands behind two exclamation marks, a third one, too; else behind the first.
            handle = self.reader.prefix(length + 1 if peek(length) == "!" else 1)
            forward(len(handle))
            if peek() in _LINE_END + " \t" and handle in ("!", "!!"):
                handle, suffix = None, handle
            else:
                suffix = self.scan_tag_uri("tag", start)
        if peek() not in _LINE_END + " \t":
            message = f"expected ' ', but found {peek()!r}"
            raise ScannerError("while scanning a tag", start, message, self.reader.get_mark())
        return TagToken((handle, suffix), start, self.reader.get_mark())

    def scan_plain_spaces(self, indent: int, start_mark: Any) -> list[str]:
        """The blanks and line ends inside a plain scalar, as the text that they stand for."""
        peek, forward = self.reader.peek, self.reader.forward
        length = 0
        while peek(length) in " \t":
            length += 1
        blanks = self.reader.prefix(length)
        forward(length)
        if peek() not in _LINE_END or peek() == "\0":
            return [blanks] if blanks else []
        line_break = self.scan_line_break()
        self.allow_simple_key = True
        further: list[str] = []
        while not self._at_document_marker() and peek() in " \t\r\n\x85\u2028\u2029":
            if peek() == "\t" and self.reader.column < indent:
                message = "found a tab character that violates indentation"
                raise ScannerError("while scanning a plain scalar", start_mark, message, self.reader.get_mark())
            if peek() in " \t":
                forward()
            else:
                further.append(self.scan_line_break())
        if self._at_document_marker():
            return []
        if line_break != "\n":
            return [line_break, *further]
        return further or [" "]

    def _at_document_marker(self) -> bool:
        at_start = self.reader.column == 0 and self.reader.prefix(3) in ("---", "...")
        return at_start and self.reader.peek(3) in _LINE_END + " \t"

    def scan_block_scalar(self, style: Any, rt: bool | None = False) -> Any:
        outermost = self.indent < 0
        # Also at the top of a document the text of a block scalar is indented (YAML 1.2 lets it start at column 1).
        self.indent = max(self.indent, 0)
        try:
            return super().scan_block_scalar(style, rt=rt)
        finally:
            self.indent = -1 if outermost else self.indent

    def scan_block_scalar_indicators(self, start_mark: Any) -> Any:
        chomping, increment = None, None
        for _ in range(2):
            found = self.reader.peek()
            if found in "+-" and chomping is None:
                chomping = found == "+"
            elif found in "123456789" and increment is None:
                increment = int(found)
            elif found == "0" and increment is None:
                message = "expected indentation indicator in the range 1-9, but found 0"
                raise ScannerError("while scanning a block scalar", start_mark, message, self.reader.get_mark())
            else:
                break
            self.reader.forward()
        return chomping, increment

    def scan_block_scalar_indentation(self) -> Any:
        # The original refuses blank lines that are indented more than the first one.
        breaks, deepest = [], 0
        end = self.reader.get_mark()
        while self.reader.peek() in " \r\n\x85\u2028\u2029":
            if self.reader.peek() == " ":
                self.reader.forward()
                deepest = max(deepest, self.reader.column)
            else:
                breaks.append(self.scan_line_break())
                end = self.reader.get_mark()
        return breaks, deepest, end

    def scan_block_scalar_ignored_line(self, start_mark: Any) -> Any:
        while self.reader.peek() in " \t":
            self.reader.forward()
        if self.reader.peek() == "#":
            while self.reader.peek() not in _LINE_END:
                self.reader.forward()
        found = self.reader.peek()
        if found not in _LINE_END:
            message = f"expected a comment or a line break, but found {found!r}"
            raise ScannerError("while scanning a block scalar", start_mark, message, self.reader.get_mark())
        self.scan_line_break()


class LibyamlParser(Parser):
    """More than one ``...`` may end a document (libyaml parser.c, yaml_parser_parse_document_start)."""

    def parse_document_start(self) -> Any:
        self._skip_document_ends()
        return super().parse_document_start()

    def parse_implicit_document_start(self) -> Any:
        self._skip_document_ends()
        return super().parse_implicit_document_start()

    def _skip_document_ends(self) -> None:
        while self.scanner.check_token(DocumentEndToken):
            self.scanner.get_token()


def parse(text: str) -> Iterator[Any]:
    """The events of ``text``. Raises ruamel.yaml's errors."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner, yaml.Parser = LibyamlScanner, LibyamlParser
    yield from yaml.parse(text)
