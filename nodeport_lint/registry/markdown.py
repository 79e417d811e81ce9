"""Markdown tables of node ports to reservations.

The block structure (headings, tables, fences) comes from markdown-it; the cells of a row are taken from its
line, so that every number keeps its own place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from nodeport_lint.expressions import expression
from nodeport_lint.model import COMMENT, LIMIT, Comment, Location, PortRange, Problem, Region, Reservation
from nodeport_lint.ports import HIGHEST_PORT
from nodeport_lint.registry.blocks import blocks_of
from nodeport_lint.registry.cells import (
    Span,
    folded,
    header_roles,
    is_no_port,
    meaning_of,
    numbers_in,
    plain_text,
)
from nodeport_lint.yamltext import lines_of

_NAMESPACE = expression(
    r"namespaces?\s*[:=]\s*[`*]*([a-z0-9][a-z0-9-]*)|[`*]*([a-z0-9][a-z0-9-]*)[`*]*\s+namespace\b", re.IGNORECASE
)
_NO_NAMESPACE = frozenset(
    "a all any by each every for in no of one other per same single the this which".split()  # noqa: SIM905
)
_LABEL = expression(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_DNS = expression(r"(?<![\w.-])([a-z0-9][a-z0-9-]*)\.([a-z0-9][a-z0-9-]*)\.svc\b(?:[a-z0-9.]{0,60}:([0-9]{1,5}))?")
_MANIFEST = expression(r"[`\s|]((?:[\w.-]+/)*[\w.-]+\.(?:ya?ml|json))\b")
_BOLD = expression(r"\*\*.+\*\*:?|__.+__:?")


MAX_NUMBERS = 100
"""Numbers of one cell; a row has one or two."""
MAX_HEADING = 300
"""Characters of a heading or comment that are searched for a namespace."""
MAX_LINE = 10_000
"""Characters of a row that are searched for names."""


class Cell(NamedTuple):
    text: str
    start: int
    """Column of its first character in the line, from 0."""


class Context(NamedTuple):
    """What stands above a table."""

    heading: str = ""
    namespace: str | None = None


def read_markdown(text: str, path: str, among: PortRange) -> tuple[list[Reservation], list[Problem]]:
    """The reservations of every table of node ports, and the cells of those tables that are not understood."""
    reservations: list[Reservation] = []
    problems: list[Problem] = []
    lines = lines_of(text)
    blocks = blocks_of("\n".join(lines))
    for first, last, context in _tables(blocks.tokens):
        table = _Table(path, lines, first, last, context, among)
        if table.number is not None:
            reservations += table.reservations()
            problems += table.problems
    if blocks.stopped is not None:
        place = Location(path, Region.whole(blocks.stopped + 1, lines[blocks.stopped]))
        problems.append(Problem(LIMIT, "not read from here on: its quotes and lists take too many steps", place))
    return reservations, problems


def read_comments(text: str, path: str) -> Iterator[Comment]:
    """The HTML comments that speak to us, each on one line."""
    for number, line in enumerate(lines_of(text), start=1):
        end, edges = 0, (len(line) - len(line.lstrip()), len(line.rstrip()))
        while (start := line.find("<!--", end)) >= 0 and (close := line.find("-->", start)) >= 0:
            end = close + 3
            said = line[start + 4 : close].strip()
            if said.startswith(COMMENT):
                region = Region.within(number, start, end)
                yield Comment(said.removeprefix(COMMENT).strip(), Location(path, region), (start, end) == edges)


def _tables(tokens: Sequence[Any]) -> Iterator[tuple[int, int, Context]]:
    """(line of the header, line behind the last row, context) for every table that was read whole, lines from 0."""
    context = Context()
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = tokens[index + 1].content
            # A deeper heading that names none keeps the namespace of the one above it.
            kept = context.namespace if int(token.tag[1]) > 2 else None
            context = Context(heading, _namespace_in(heading) or kept)
        elif token.type == "paragraph_open" and _BOLD.fullmatch(tokens[index + 1].content.strip()):
            context = context._replace(namespace=_namespace_in(tokens[index + 1].content) or context.namespace)
        elif token.type == "html_block" and (found := _namespace_in(token.content)):
            context = context._replace(namespace=found)
        elif token.type == "table_open" and token.map is not None and token.map[0] < token.map[1]:
            yield token.map[0], token.map[1], context


def _namespace_in(text: str) -> str | None:
    for match in _NAMESPACE.finditer(text[:MAX_HEADING]):
        name = (match[1] or match[2]).lower()
        if name not in _NO_NAMESPACE:
            return name
    return None


def split_row(line: str) -> list[Cell]:
    """The cells of a table row with their places; a pipe behind a backslash does not divide."""
    cells, start = [], 0
    stripped = line.rstrip()
    if line.lstrip().startswith("|"):
        start = line.index("|") + 1
    for match in re.finditer(r"(?<!\\)\|", line):
        if match.start() >= start:
            cells.append(Cell(line[start : match.start()], start))
            start = match.end()
    if start < len(stripped):
        cells.append(Cell(line[start:], start))
    return cells


class _Table:
    """One table. ``number`` is the index of the column of node ports, None where there is none."""

    def __init__(
        self, path: str, lines: Sequence[str], first: int, last: int, context: Context, among: PortRange
    ) -> None:
        self.path, self.context, self.among = path, context, among
        self.header = split_row(lines[first])
        self.rows = [
            (index, split_row(lines[index]), lines[index]) for index in range(first + 2, min(last, len(lines)))
        ]
        self.columns: dict[str, int] = {}
        for index, cell in enumerate(self.header):
            role = header_roles().get(folded(plain_text(cell.text)))
            if role is not None:
                self.columns.setdefault(role, index)
        self.number = self._number_column()
        self.problems: list[Problem] = []

    def _number_column(self) -> int | None:
        if "number" in self.columns:
            return self.columns["number"]
        port = self.columns.get("port")
        if port is None:
            return None
        if "nodeport" in folded(self.context.heading):
            return port
        spans = [span for _, cells, _ in self.rows for span in numbers_in(_text(cells, port))]
        inside = sum(span.first in self.among and span.last in self.among for span in spans)
        return port if spans and inside * 2 > len(spans) else None

    def reservations(self) -> Iterator[Reservation]:
        for index, cells, line in self.rows:
            yield from self._row(index, cells, line)

    def _row(self, index: int, cells: list[Cell], line: str) -> Iterator[Reservation]:
        if self.number is None or self.number >= len(cells):
            return
        cell = cells[self.number]
        spans = numbers_in(cell.text)
        if not spans:
            if not is_no_port(cell.text):
                self._unread(
                    index, cell, f"{cell.text.strip()[:40]!r} is no port number and no word that says there is none"
                )
            return
        beside = "target" if "target" in self.columns or "number" not in self.columns else "port"
        targets = [span.first for span in numbers_in(self._cell(cells, beside))]
        common = self._common(cells, line)
        for position, span in enumerate(spans[:MAX_NUMBERS]):
            if span.last < span.first or span.last > 10 * HIGHEST_PORT:
                self._unread(index, cell, f"{cell.text.strip()[:40]!r} is no range of ports")
                continue
            target = targets[position] if len(targets) == len(spans) else targets[0] if len(targets) == 1 else None
            yield self._reservation(index, cell, span, common, target)

    def _common(self, cells: list[Cell], line: str) -> dict[str, Any]:
        """What all numbers of a row have in common, as fields of Reservation."""
        owner = plain_text(self._cell(cells, "owner") or self._cell(cells, "purpose"))
        status = plain_text(self._cell(cells, "status"))
        meaning = self._meaning(owner, status)
        dns, manifest = _DNS.search(line[:MAX_LINE]), _MANIFEST.search(line[:MAX_LINE])
        return {
            "meaning": meaning,
            "owner": "" if meaning == "free" else owner,
            "namespace": dns[2] if dns else self._namespace(cells),
            "target_port": int(dns[3]) if dns and dns[3] else None,
            "status": status,
            "service": dns[1] if dns else None,
            "manifest": manifest[1] if manifest else None,
            "setting": plain_text(self._cell(cells, "setting")),
        }

    def _reservation(
        self, index: int, cell: Cell, span: Span, common: dict[str, Any], target: int | None
    ) -> Reservation:
        place = Location(self.path, _region(index, cell.start + span.start, cell.start + span.end))
        fields = {**common, "target_port": common["target_port"] or target}
        return Reservation(first=span.first, last=span.last, location=place, **fields)

    def _meaning(self, owner: str, status: str) -> str:
        named = "owner" in self.columns or "purpose" in self.columns
        if named and _is_nobody(owner):
            return "free"
        meaning = meaning_of(status, "used") if status else "held"
        # Without a status the row claims the number and does not say whether it is served.
        return "held" if meaning == "none" else meaning

    def _namespace(self, cells: list[Cell]) -> str | None:
        if "namespace" not in self.columns:
            return self.context.namespace
        name = plain_text(self._cell(cells, "namespace")).lower()
        return name if _LABEL.fullmatch(name) else None

    def _cell(self, cells: list[Cell], role: str) -> str:
        column = self.columns.get(role)
        return "" if column is None else _text(cells, column)

    def _unread(self, index: int, cell: Cell, message: str) -> None:
        text = cell.text
        start = cell.start + len(text) - len(text.lstrip())
        region = _region(index, start, cell.start + len(text.rstrip()))
        self.problems.append(Problem("unread-reservation", message, Location(self.path, region)))


def _is_nobody(owner: str) -> bool:
    """A dash or AVAILABLE; words such as Ingress mean "no node port" in the number's cell and are names here."""
    return not any(character.isalnum() for character in owner) or meaning_of(owner, "") == "free"


def _text(cells: Sequence[Cell], column: int) -> str:
    return cells[column].text if column < len(cells) else ""


def _region(index: int, start: int, end: int) -> Region:
    return Region.within(index + 1, start, max(start, end))
