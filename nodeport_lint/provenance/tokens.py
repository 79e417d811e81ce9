"""Numbers written in inputs, and inputs with other numbers in their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from nodeport_lint.model.render import Inputs
from nodeport_lint.provenance.nouns import Place

_NUMBER = re.compile(r"(?<![\w.])(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|\d+\.\d+[eE]\+?\d+|\d[\d_]*(?:\.0+)?)(?![\w.]*\w)")
_COMMENTED = re.compile(r"\{\{-?[ \t]*/\*.*?\*/[ \t]*-?\}\}", re.DOTALL)
_FOUR_OR_FIVE = re.compile(r"(?<!\d)\d{4,5}(?!\d)")
DECIMAL = re.compile(r"(?<![\w.])[1-9]\d*(?![\w.])")
LARGE = 200_000
"""Characters. In a larger text no numbers are looked for from which others could be computed."""


class Candidate(NamedTuple):
    """A number token that could be a source. ``rank`` sorts what a user wrote before a chart's own values."""

    place: Place
    value: int
    rank: int


def texts_of(inputs: Inputs, paths: Iterable[str]) -> dict[str, str]:
    """The text of inputs; bytes that are not UTF-8 survive the way there and back."""
    return {path: inputs[path].decode("utf-8", "surrogateescape") for path in paths}


def candidates(texts: Mapping[str, str], values: Collection[int], rank: Mapping[str, int]) -> list[Candidate]:
    """Every number token with one of the values, in the order of value, path and place."""
    spellings = [spelling for value in values for spelling in _spellings(value)]
    found = []
    for path, text in texts.items():
        if not any(spelling in text for spelling in spellings):
            continue
        hidden = [match.span() for match in _COMMENTED.finditer(text)] if "/*" in text else []
        for match in _NUMBER.finditer(text):
            value = value_of(match[0])
            if value is None or value not in values or any(start <= match.start() < end for start, end in hidden):
                continue
            if _in_comment(text, match.start(), path):
                continue
            found.append(Candidate(Place(path, *match.span()), value, rank.get(path, 9)))
    return sorted(found, key=lambda one: (one.value, one.place))


def _spellings(value: int) -> list[str]:
    """Texts one of which a token with this value contains."""
    decimal, hexadecimal, octal = str(value), f"{value:x}", f"{value:o}"
    return [
        decimal,
        f"{decimal[:-3]}_{decimal[-3:]}",
        hexadecimal,
        hexadecimal.upper(),
        octal,
        f"{decimal[0]}.{decimal[1:].rstrip('0')}e",
    ]


def value_of(token: str) -> int | None:
    """The whole number that a token means to YAML or Go; None where it is none."""
    text = token.replace("_", "").lower()
    try:
        if text.startswith(("0x", "0o")):
            return int(text, 0)
        if text.isascii() and text.isdecimal():
            return int(text, 8) if len(text) > 1 and text.startswith("0") else int(text)
        number = float(text)
    except (ValueError, OverflowError):
        return None
    return int(number) if number.is_integer() and abs(number) < 1e12 else None


def _in_comment(text: str, offset: int, path: str) -> bool:
    """Behind a ``#`` that begins a comment of YAML. A quoted ``#`` before it makes the answer no."""
    if not path.endswith((".yaml", ".yml")):
        return False
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    lead = line.lstrip()
    if lead.startswith("#"):
        return True
    return " #" in line and '"' not in line and "'" not in line and "{{" not in line


def written_numbers(texts: Iterable[str]) -> frozenset[int]:
    """Numbers of four or five digits that occur anywhere."""
    return frozenset(int(number) for text in texts for number in set(_FOUR_OR_FIVE.findall(text)))


def sentinels(count: int, is_taken: Callable[[int], bool], shift: int = 0) -> list[int]:
    """``count`` distinct numbers in ascending order, spread evenly over valid node ports.

    Ascending, since sorted output must keep its order. Where the node-port range has too few, any port. Numbers
    that are taken are passed over: none of them could tell what moved.
    """
    first, last = (30001, 32767) if count <= 1500 else (1025, 65535)
    step = (last - first + 1) / max(1, count)
    offset = (step * 0.37 * shift) % step if step > 2 else 0
    numbers: list[int] = []
    for index in range(count):
        number = max(int(first + index * step + offset), numbers[-1] + 1 if numbers else 0)
        while is_taken(number):
            number += 1
        if number > 65535:
            break
        numbers.append(number)
    return numbers


def replaced(inputs: Inputs, texts: Mapping[str, str], numbers: Mapping[Candidate, int]) -> dict[str, bytes]:
    """The inputs with a number in the place of each candidate, written as a plain decimal."""
    by_path: dict[str, list[tuple[Place, int]]] = {}
    for candidate, number in numbers.items():
        by_path.setdefault(candidate.place.path, []).append((candidate.place, number))
    changed = dict(inputs)
    for path, places in by_path.items():
        text, parts, last = texts[path], [], 0
        for place, number in sorted(places):
            parts += [text[last : place.start], str(number)]
            last = place.end
        changed[path] = "".join([*parts, text[last:]]).encode("utf-8", "surrogateescape")
    return changed


def restored(value: Any, back: Mapping[int, int]) -> Any:
    """A value with every sentinel, also within texts, turned back into the number that it stands for."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return back.get(value, value)
    if isinstance(value, str):
        return _FOUR_OR_FIVE.sub(lambda match: str(back.get(int(match[0]), match[0])), value)
    if isinstance(value, dict):
        return {restored(key, back): restored(entry, back) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(restored(entry, back) for entry in value)
    return value


# --- marks -------------------------------------------------------------------------------------

_MARKED = re.compile(r"""[pP]ort["']?[ \t]*:|^[ \t-]*["']?(?:kind|type)["']?[ \t]*:""")
_UNMARKABLE_END = re.compile(r"""(?:-\}\}|[|>][+-]?\d?|\\)$""")
MARK = re.compile(r"# npl:(\d{1,9});")


def marked(
    texts: Mapping[str, str], changed: Mapping[str, bytes], paths: Iterable[str]
) -> Iterator[tuple[str, bytes, list[Place]]]:
    """For each path its text with a comment at the end of every line that may write a port, and those lines.

    The comments are numbered through; the places are those of the original text.
    """
    count = 0
    for path in paths:
        places = [Place(path, start, end) for _, start, end in _markable_lines(texts[path])]
        lines = changed[path].decode("utf-8", "surrogateescape").split("\n")
        if not places:
            continue
        for index, _, _ in _markable_lines(texts[path]):
            ending = "\r" if lines[index].endswith("\r") else ""
            lines[index] = f"{lines[index].rstrip()} # npl:{count};{ending}"
            count += 1
        yield path, "\n".join(lines).encode("utf-8", "surrogateescape"), places


@lru_cache(maxsize=1000)
def _markable_lines(text: str) -> tuple[tuple[int, int, int], ...]:
    """Index, start and end of the lines that a comment may end: not within an action, not in front of a block."""
    found = []
    offset, inside = 0, False
    for index, line in enumerate(text.split("\n")):
        starts_inside = inside
        inside = _open_action(line, inside)
        if not starts_inside and not inside and _may_mark(line):
            found.append((index, offset + len(line) - len(line.lstrip()), offset + len(line.rstrip())))
        offset += len(line) + 1
    return tuple(found)


def _open_action(line: str, inside: bool) -> bool:
    """Whether an action ``{{`` is open at the end of a line."""
    opened, closed = line.rfind("{{"), line.rfind("}}")
    return inside if opened == closed else opened > closed


def _may_mark(line: str) -> bool:
    text = line.strip()
    if not text or text.startswith(("#", "{{")) or "`" in text or not _MARKED.search(line):
        return False
    return not _UNMARKABLE_END.search(text)
