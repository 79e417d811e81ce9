"""Numbers written in inputs, and inputs with other numbers in their place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from heapq import nsmallest
from sys import maxsize
from typing import Any, NamedTuple

from nodeport_lint.expressions import expression
from nodeport_lint.model.render import Inputs
from nodeport_lint.provenance.nouns import Place

# What a repetition took is never given back, in any of these: a run of a million digits is looked at once.
_NUMBER = expression(
    r"(?<![\w.])(?>0[xX][0-9a-fA-F]++|0[oO][0-7]++|\d++\.\d++[eE]\+?\d++|\d[\d_]*+(?:\.0++)?)(?!\.*+\w)"
)
_COMMENT = expression(r"\{\{-?[ \t]*+/\*")
_COMMENT_END = expression(r"\*/[ \t]*+-?\}\}")
_FOUR_OR_FIVE = expression(r"(?<!\d)\d{4,5}+(?!\d)")
DECIMAL = expression(r"(?<![\w.])[1-9]\d*+(?![\w.])")
_NAME_SIGN = expression(r"(?<!\w)[&*!](?:[\w-]*-)?\Z")
MAX_NAME = 100
"""Characters of the name of an anchor in front of a number in it."""
MAX_TOKEN = 4_000
"""Characters of a number token; what is longer is no number that anybody uses. Python takes 4,300 digits."""
FEW_VALUES = 16
"""Values whose spellings are looked for one by one, before all numbers of a text are read."""
LARGE = 200_000
"""Characters. In a larger text no numbers are looked for from which others could be computed."""


class Candidate(NamedTuple):
    """A number token that could be a source. ``rank`` sorts what a user wrote before a chart's own values."""

    place: Place
    value: int
    rank: int


class Texts(Mapping[str, str]):
    """The texts of inputs, each decoded when it is asked for: all of them at once may be four times their bytes. Bytes
    that are not UTF-8 survive the way there and back."""

    def __init__(self, inputs: Inputs, paths: Iterable[str]) -> None:
        self.inputs, self.paths = inputs, dict.fromkeys(paths)

    def __getitem__(self, path: str) -> str:
        if path not in self.paths:
            raise KeyError(path)
        return self.inputs[path].decode("utf-8", "surrogateescape")

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


def candidates(
    texts: Mapping[str, str], values: Collection[int], rank: Mapping[str, int], most: int | None = None
) -> list[Candidate]:
    """Every number token with one of the values, or the first ``most``, in the order of value, path and place."""
    found = _candidates(texts, values, rank, most)
    if most is None:
        return sorted(found, key=_order)
    return nsmallest(most, found, key=_order)


def _order(one: Candidate) -> tuple[int, Place]:
    return one.value, one.place


def _candidates(
    texts: Mapping[str, str], values: Collection[int], rank: Mapping[str, int], most: int | None
) -> Iterator[Candidate]:
    """In the order of the texts' paths, and of places; of one value no more than ``most``, which are the first."""
    few = len(values) <= FEW_VALUES
    spellings = [spelling for value in values for spelling in _spellings(value)] if few else []
    count = dict.fromkeys(values, 0)
    for path in sorted(texts):
        text = texts[path]
        if few and not any(spelling in text for spelling in spellings):
            continue
        hidden, line = _Hidden(text), _Line(text, path)
        for match in _NUMBER.finditer(text):
            value = value_of(match[0])
            if value is None or value not in count or hidden.holds(match.start()) or line.comments(match.start()):
                continue
            if _is_part_of_a_name(text, *match.span()):
                continue
            count[value] += 1
            if most is None or count[value] <= most:
                yield Candidate(Place(path, *match.span()), value, rank.get(path, 9))


def _is_part_of_a_name(text: str, start: int, end: int) -> bool:
    """Whether a number belongs to an anchor, an alias or a tag of YAML, or to a path: with another one the text would
    refer to something else."""
    before, behind = text[start - 1 : start], text[end : end + 1]
    if before == "/" or (before == "-" and behind == "/"):
        return True
    return _NAME_SIGN.search(text, max(0, start - MAX_NAME), start) is not None


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
    if len(token) > MAX_TOKEN:
        return None
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


class _Hidden:
    """The comments of a template's text, asked for offsets that ascend."""

    def __init__(self, text: str) -> None:
        self.spans = _comments(text) if "/*" in text else iter(())
        self.start = self.end = 0

    def holds(self, offset: int) -> bool:
        while self.end <= offset:
            self.start, self.end = next(self.spans, (maxsize, maxsize))
        return self.start <= offset


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """``{{/* ... */}}`` from its start to its end."""
    at = 0
    while begin := _COMMENT.search(text, at):
        end = _COMMENT_END.search(text, begin.end())
        if end is None:
            # Nor does any later one end.
            return
        at = end.end()
        yield begin.start(), at


class _Line:
    """The comment of YAML in the line of an offset, for offsets that ascend. A quoted ``#`` in front makes it none."""

    def __init__(self, text: str, path: str) -> None:
        self.text, self.is_yaml = text, path.endswith((".yaml", ".yml"))
        self.end = -1
        self.comment = self.open = 0

    def comments(self, offset: int) -> bool:
        """Whether the number at ``offset`` stands behind a ``#`` that begins a comment."""
        if not self.is_yaml:
            return False
        if offset > self.end:
            self._move(offset)
        return self.comment <= offset <= self.open

    def _move(self, offset: int) -> None:
        """Looks once at the line of ``offset``: from where on it is a comment, and up to where it can be one."""
        text = self.text
        begin = text.rfind("\n", 0, offset) + 1
        self.end = _found(text, "\n", offset, len(text))
        if text[begin : self.end].lstrip().startswith("#"):
            self.comment, self.open = begin, self.end
            return
        self.comment = _found(text, " #", begin, self.end) + 2
        quote = min(_found(text, sign, begin, self.end) for sign in "\"'")
        self.open = min(quote, _found(text, "{{", begin, self.end) + 1)


def _found(text: str, sign: str, start: int, end: int) -> int:
    """Where a sign stands between two offsets, ``end`` where it does not."""
    at = text.find(sign, start, end)
    return end if at < 0 else at


def written_numbers(texts: Iterable[str]) -> frozenset[int]:
    """Numbers of four or five digits that occur anywhere."""
    return frozenset({int(match[0]) for text in texts for match in _FOUR_OR_FIVE.finditer(text)})


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

_MARKED = expression(r"""[pP]ort["']?[ \t]*+:|^[ \t-]*+["']?(?:kind|type)["']?[ \t]*+:""")
_UNMARKABLE_END = expression(r"""(?:-\}\}|[|>][+-]?\d?|\\)$""")
_MARK = r"# npl:(\d{1,9});"
MARK = expression(_MARK)
_LINE_END = expression(rf"(?m)(?<![ \t\r])[ \t\r]++(?:{_MARK}[ \t\r]*+)?$")


def marked(
    texts: Mapping[str, str], changed: Mapping[str, bytes], paths: Iterable[str]
) -> Iterator[tuple[str, bytes, list[Place]]]:
    """For each path its text with a comment at the end of every line that may write a port, and those lines.

    The comments are numbered through; the places are those of the original text.
    """
    count = 0
    for path in paths:
        markable = list(_markable_lines(texts[path]))
        if not markable:
            continue
        lines = changed[path].decode("utf-8", "surrogateescape").split("\n")
        for index, _, _ in markable:
            ending = "\r" if lines[index].endswith("\r") else ""
            lines[index] = f"{lines[index].rstrip()} # npl:{count};{ending}"
            count += 1
        places = [Place(path, start, end) for _, start, end in markable]
        yield path, "\n".join(lines).encode("utf-8", "surrogateescape"), places


def unmarked(text: str) -> str:
    """A text without marks, and without the blanks at its lines' ends, of which a mark takes the place."""
    return _LINE_END.sub("", text)


def _markable_lines(text: str) -> Iterator[tuple[int, int, int]]:
    """Index, start and end of the lines that a comment may end: not within an action, not in front of a block."""
    offset, inside = 0, False
    for index, line in enumerate(text.split("\n")):
        starts_inside = inside
        inside = _open_action(line, inside)
        if not starts_inside and not inside and _may_mark(line):
            yield index, offset + len(line) - len(line.lstrip()), offset + len(line.rstrip())
        offset += len(line) + 1


def _open_action(line: str, inside: bool) -> bool:
    """Whether an action ``{{`` is open at the end of a line."""
    opened, closed = line.rfind("{{"), line.rfind("}}")
    return inside if opened == closed else opened > closed


def _may_mark(line: str) -> bool:
    text = line.strip()
    if not text or text.startswith(("#", "{{")) or "`" in text or not _MARKED.search(line):
        return False
    return not _UNMARKABLE_END.search(text)
