"""Escapes that spell a character of a key: a text can speak of something that its characters do not show."""

from __future__ import annotations

import re

from nodeport_lint.expressions import expression

_BREAK = rb"(?:\r\n?|\n|\xc2\x85|\xe2\x80[\xa8\xa9])"
_ESCAPES = expression(rb"\\(?:x[0-9a-fA-F]{2}|u00|U000000|%b)" % _BREAK)
"""What stands for a character of a key: a backslash alone is in every other text."""
_ESCAPE = expression(rb"\\(?:\\|x([0-9a-fA-F]{2})|u00([0-9a-fA-F]{2})|U000000([0-9a-fA-F]{2})|%b[ \t]*+)" % _BREAK)


def unescaped(data: bytes) -> bytes:
    """A text of YAML or JSON with the letters that its escapes stand for, wherever these are; empty where it has no
    such escape."""
    return _ESCAPE.sub(_character, data) if _ESCAPES.search(data) is not None else b""


def _character(match: re.Match[bytes]) -> bytes:
    digits = match[1] or match[2] or match[3]
    return bytes([int(digits, 16)]) if digits else b"\\" if match[0] == b"\\\\" else b""
