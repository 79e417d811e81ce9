"""One line of a .gitignore to a pattern, as dir.c and wildmatch.c of git read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from nodeport_lint.expressions import expression
from nodeport_lint.patterns.globs import Element, Glob, Pattern, Piece

_WILD = expression(r"[*?\[\\]")
_CLASSES = {
    "alnum": "09AZaz", "alpha": "AZaz", "blank": "  \t\t", "cntrl": "\0\x1f\x7f\x7f", "digit": "09", "graph": "!~",
    "lower": "az", "print": " ~", "punct": "!/:@[`{~", "space": "\t\r  ", "upper": "AZ", "xdigit": "09AFaf",
}  # fmt: skip
"""First and last characters of what ``[[:alnum:]]`` and the like hold."""
_STAR, _ANY = Element(), Element(expression=".")
_plain = lru_cache(4096)(Element)


def is_pattern(line: str) -> bool:
    """Whether a line can match as it is meant: blanks, comments, ``!`` alone, ``a\\`` and ``[z-a]`` cannot."""
    return parse(line, strict=True) is not None


def parse(line: str, strict: bool = False) -> Pattern | None:
    """One line without its end; None where git takes it for no pattern, or no path can match.

    ``strict``: None, too, where a range goes from high to low, which to git holds nothing.
    """
    text = _without_blanks(line)
    if not text or text.startswith("#"):
        return None
    negative = text.startswith("!")
    text = text[negative:]
    only_directories = text.endswith("/")
    text = text.removesuffix("/")
    anywhere = "/" not in text
    try:
        segments = list(_segments(text.removeprefix("/"), strict))
    except ValueError:
        return None
    if not all(segments):
        return None
    return Pattern(not negative, only_directories, anywhere, _blocks(segments, anywhere))


def _blocks(segments: Iterable[Sequence[Element]], anywhere: bool) -> tuple[tuple[Glob, ...], ...]:
    """Two or more stars alone are any number of segments, but for a name."""
    blocks: list[list[Glob]] = [[]]
    was_open = False
    for segment in segments:
        is_open = not anywhere and len(segment) > 1 and all(element is _STAR for element in segment)
        if not is_open:
            blocks[-1].append(_glob(segment))
        elif not was_open:
            blocks.append([])
        was_open = is_open
    return tuple(map(tuple, blocks))


def _glob(segment: Sequence[Element]) -> Glob:
    runs: list[list[Element]] = [[]]
    for element in segment:
        if element is _STAR:
            runs.append([])
        else:
            runs[-1].append(element)
    pieces = [Piece(run) for index, run in enumerate(runs) if run or index in (0, len(runs) - 1)]
    # The library finds plain text faster than character by character.
    weight = 1 + max(piece.length if piece.text is None else piece.length // 16 for piece in pieces)
    return Glob(tuple(pieces), sum(piece.length for piece in pieces), weight)


def _without_blanks(line: str) -> str:
    """Blanks at the end do not count, but for one behind a backslash."""
    text = line.rstrip(" ")
    backslashes = len(text) - len(text.rstrip("\\"))
    return f"{text} " if len(text) < len(line) and backslashes % 2 else text


def _segments(text: str, strict: bool) -> Iterator[list[Element]]:
    """Raises ValueError where a bracket is not closed, or a backslash is the last character."""
    if not _WILD.search(text):
        for name in text.split("/"):
            yield list(map(_plain, name))
        return
    segment: list[Element] = []
    place = 0
    while place < len(text):
        char = text[place]
        place += 1
        if char == "[":
            expression, place = _class(text, place, strict)
            segment.append(Element(expression=expression))
        elif char == "\\" and _char(text, place) != "/":
            segment.append(_plain(text[place]))
            place += 1
        elif char in "\\/":
            place += char == "\\"
            yield segment
            segment = []
        else:
            segment.append(_STAR if char == "*" else _ANY if char == "?" else _plain(char))
    yield segment


def _char(text: str, place: int) -> str:
    if place >= len(text):
        raise ValueError("the end of a pattern")
    return text[place]


def _class(text: str, place: int, strict: bool) -> tuple[str, int]:
    """The expression of what stands between brackets, from behind the first one, and the place behind the last one.

    Follows wildmatch.c step by step in what a hyphen, a bracket and a backslash mean in which place.
    """
    negative = _char(text, place) in "!^"
    place += negative
    ranges: list[tuple[str, str]] = []
    before, char, closing = "", _char(text, place), -1
    while True:
        if closing < place + 2:
            # Looked for once for all characters before it.
            found = text.find("]", place + 2)
            closing = found if found >= 0 else len(text) + 2
        if char == "\\":
            place += 1
            char = _char(text, place)
            ranges.append((char, char))
        elif char == "-" and before and text[place + 1 : place + 2] not in ("", "]"):
            place += 2 if text[place + 1] == "\\" else 1
            ranges.append((before, _char(text, place)))
            char = ""
        elif text.startswith("[:", place) and place + 2 < closing and text[closing - 1 : closing + 1] == ":]":
            bounds = _CLASSES.get(text[place + 2 : closing - 1])
            if bounds is None:
                raise ValueError("an unknown class")
            ranges += zip(bounds[::2], bounds[1::2], strict=True)
            place, char = closing, ""
        else:
            ranges.append((char, char))
        before, place = char, place + 1
        char = _char(text, place)
        if char == "]":
            break
    if strict and any(first > last for first, last in ranges):
        raise ValueError("a range from high to low")
    inner = "".join(f"{re.escape(a)}-{re.escape(b)}" for a, b in dict.fromkeys(ranges) if a <= b)
    return f"[{'^' if negative else ''}{inner}]", place + 1
