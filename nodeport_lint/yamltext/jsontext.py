"""JSON text to the same nodes: strict JSON, several values one after another, no recursion."""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder

from nodeport_lint.expressions import expression
from nodeport_lint.yamltext.nodes import MAX_DEPTH, Content, Mapping, Scalar, Sequence, YamlError

_DECODER = JSONDecoder()
_BLANK = expression(r"[ \t\r\n]*")
_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![0-9A-Za-z.+-])"
_LITERAL = expression(_NUMBER + r"|(?:true|false|null)\b", re.ASCII)


def parse(text: str) -> tuple[list[Content], YamlError | None]:
    """The values of ``text`` up to its end or its first fault, and that fault."""
    roots: list[Content] = []
    position = _skip(text, 1 if text.startswith("\ufeff") else 0)
    try:
        while position < len(text):
            root, position = _value(text, position)
            roots.append(root)
            position = _skip(text, position)
    except YamlError as error:
        return roots, error
    return roots, None


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _value(text: str, position: int) -> tuple[Content, int]:
    """One value and the offset behind it. An explicit stack: nesting costs no Python frames."""
    open_nodes: list[Sequence | Mapping] = []
    while True:
        node: Content
        character = text[position : position + 1]
        if character in ("{", "["):
            if len(open_nodes) >= MAX_DEPTH:
                raise YamlError(f"nested deeper than {MAX_DEPTH} levels", position, limit=True)
            opened = Mapping(position) if character == "{" else Sequence(position)
            open_nodes.append(opened)
            position = _skip(text, position + 1)
            if text.startswith(_closing(opened), position):
                node, position = _close(open_nodes, position)
            else:
                position = _key(text, position, opened)
                continue
        else:
            node, position = _scalar(text, position)
        while True:
            if not open_nodes:
                return node, position
            parent = open_nodes[-1]
            parent.add(node)
            position = _skip(text, position)
            if text.startswith(",", position):
                position = _key(text, _skip(text, position + 1), parent)
                break
            if not text.startswith(_closing(parent), position):
                raise YamlError(f"expected ',' or '{_closing(parent)}', {_found(text, position)}", position)
            node, position = _close(open_nodes, position)


def _closing(node: Sequence | Mapping) -> str:
    return "}" if isinstance(node, Mapping) else "]"


def _close(open_nodes: list[Sequence | Mapping], position: int) -> tuple[Sequence | Mapping, int]:
    node = open_nodes.pop()
    node.end = position + 1
    return node, position + 1


def _key(text: str, position: int, parent: Sequence | Mapping) -> int:
    """In an object, reads ``"key":``; returns where the value begins."""
    if isinstance(parent, Sequence):
        return position
    if not text.startswith('"', position):
        raise YamlError(f"expected a key in double quotes, {_found(text, position)}", position)
    key, position = _scalar(text, position)
    parent.add(key)
    position = _skip(text, position)
    if not text.startswith(":", position):
        raise YamlError(f"expected ':', {_found(text, position)}", position)
    return _skip(text, position + 1)


def _scalar(text: str, position: int) -> tuple[Scalar, int]:
    if text.startswith('"', position):
        try:
            value, end = _DECODER.raw_decode(text, position)
        except JSONDecodeError as error:
            raise YamlError(error.msg.lower(), error.pos) from None
        return Scalar(value, None, False, position, end), end
    match = _LITERAL.match(text, position)
    if match is None:
        raise YamlError(f"expected a value, {_found(text, position)}", position)
    return Scalar(match[0], None, True, position, match.end()), match.end()


def _found(text: str, position: int) -> str:
    return f"found {text[position]!r}" if position < len(text) else "found the end of the text"
