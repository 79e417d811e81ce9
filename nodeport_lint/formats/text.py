"""For people: a frame for each finding with the source lines of all its parties, and honest counts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from nodeport_lint.formats.words import (
    answered_line,
    count_line,
    hidden_line,
    printable,
    printable_parts,
    read_line,
    rendered_line,
)
from nodeport_lint.model import Confidence, Finding, Location, Region, Report, Severity, Suppression
from nodeport_lint.model.words import counted
from nodeport_lint.yamltext import decode, lines_of

MAX_PLACES = 12
"""Places that one frame shows; the JSON report has them all."""
MAX_LINE = 160
"""Columns of a source line that are shown, around the region."""

_COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}


def render(report: Report, color: bool = False, width: int | None = None) -> str:
    """The frames in the order of places, the notices, and the counts."""
    paint = _Paint(color)
    texts = _Lines(report)
    blocks = ["\n".join(_frame(finding, texts, paint)) for finding in report.findings]
    if report.show_answered:
        blocks += ["\n".join(_frame(answer.finding, texts, paint, answer.suppression)) for answer in report.answered]
    blocks.append("\n".join(_summary(report, paint)))
    return "\n\n".join(blocks) + "\n"


class _Paint:
    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, text: str, *codes: str) -> str:
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.on and text else text


class _Lines:
    """Source lines by path, each file decoded once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.known: dict[str, list[str] | None] = {}

    def line(self, place: Location) -> str | None:
        if place.region is None:
            return None
        if place.path not in self.known:
            text = _decoded(self.report.read(place.path))
            self.known[place.path] = None if text is None else lines_of(text)
        lines = self.known[place.path]
        number = place.region.line
        return lines[number - 1] if lines is not None and number <= len(lines) else None


def _decoded(data: bytes | None) -> str | None:
    try:
        return None if data is None else decode(data)
    except UnicodeDecodeError:
        return None


def _frame(finding: Finding, texts: _Lines, paint: _Paint, suppression: Suppression | None = None) -> Iterator[str]:
    color = _COLORS[finding.severity] if suppression is None else "2"
    word = finding.severity.word if suppression is None else f"suppressed {finding.severity.word}"
    head = paint(f"{word}[{finding.rule}]", "1", color)
    yield f"{head}{paint(': ' + printable(finding.message), '1')}"
    marks = _marks(finding)
    shown = marks[:MAX_PLACES]
    gutter = max((len(str(place.region.line)) for place, _, _ in shown if place.region), default=1)
    bar = paint("|", "34")
    path, last = "", 0
    for place, label, mark in shown:
        line = texts.line(place)
        if place.path != path:
            arrow = paint("-->" if not path else ":::", "34")
            yield f"{' ' * gutter}{arrow} {printable(place.label)}"
            if line is not None:
                yield f"{' ' * gutter} {bar}"
        elif place.region and place.region.line > last + 1:
            yield paint("...", "34")
        path, last = place.path, place.region.line if place.region else 0
        if line is not None and place.region is not None:
            yield from _source(line, place.region, gutter, label, mark, paint, color)
    if len(marks) > MAX_PLACES:
        yield f"{' ' * gutter} {paint('=', '34')} and {counted(len(marks) - MAX_PLACES, 'more place')}"
    trailer = list(_trailer(finding) if suppression is None else _reason(suppression))
    if trailer:
        yield f"{' ' * gutter} {bar}"
        for word, text in trailer:
            yield f"{' ' * gutter} {paint('=', '34')} {paint(word + ':', '1')} {printable(text)}"


def _marks(finding: Finding) -> list[tuple[Location, str, str]]:
    """Every place once, with the roles that meet there; parties first in their file, in the order of lines."""
    labels: dict[Location, list[str]] = {}
    mark: dict[Location, str] = {}
    for party in finding.parties:
        labels.setdefault(party.location, []).append(party.role)
        mark[party.location] = "^"
    for place in finding.helpful:
        labels.setdefault(place, []).append(place.note)
        mark.setdefault(place, "-")
    files = {path: rank for rank, path in enumerate(dict.fromkeys(place.path for place in labels))}
    ordered = sorted(labels, key=lambda place: (files[place.path], place.order))
    return [(place, ", ".join(dict.fromkeys(filter(None, labels[place]))), mark[place]) for place in ordered]


def _source(line: str, region: Region, gutter: int, label: str, mark: str, paint: _Paint, color: str) -> Iterator[str]:
    end = region.end_column if region.end_line == region.line else len(line) + 1
    start, end = min(region.column, len(line) + 1) - 1, min(end, len(line) + 1) - 1
    first = max(0, min(start - MAX_LINE // 3, len(line) - MAX_LINE))
    end = max(start, end)
    lead = f"{'...' if first else ''}{line[first:start]}"
    marked = line[start : start + MAX_LINE - 3] + "..." if end - start > MAX_LINE else line[start:end]
    shown = f"{lead}{marked}{line[end : max(end, first + MAX_LINE)]}"
    before, part, rest = printable_parts(shown, len(lead), len(lead) + len(marked))
    number = paint(f"{region.line:>{gutter}}", "34")
    bar = paint("|", "34")
    yield f"{number} {bar} {before}{part}{rest}".rstrip()
    indent = "".join("\t" if character == "\t" else " " * _columns(character) for character in before)
    under = mark * max(1, sum(map(_columns, part.rstrip())))
    told = paint(f"{under} {printable(label)}".rstrip(), "1", color if mark == "^" else "34")
    yield f"{' ' * gutter} {bar} {indent}{told}"


def _columns(character: str) -> int:
    """Cells of a terminal: wide East Asian characters take two, combining ones none."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _trailer(finding: Finding) -> Iterator[tuple[str, str]]:
    if finding.confidence < Confidence.CERTAIN:
        yield "note", f"{finding.confidence.word}: {finding.reason}" if finding.reason else finding.confidence.word
    elif finding.reason:
        yield "note", finding.reason
    rendered = rendered_line(finding)
    if rendered:
        yield "rendered from", rendered
    if finding.help:
        yield "help", finding.help


def _reason(suppression: Suppression) -> Iterator[tuple[str, str]]:
    until = f" (until {suppression.until})" if suppression.until else ""
    yield "suppressed", f"{suppression.reason}{until}"
    yield "by", suppression.location.label


def _summary(report: Report, paint: _Paint) -> Iterator[str]:
    for notice in report.notices:
        yield f"{paint('notice', '1', '36')}: {printable(notice.message)}"
        if report.show_details:
            yield from (f"  {printable(detail)}" for detail in notice.details)
    for line in filter(None, (answered_line(report), hidden_line(report))):
        yield f"{paint('notice', '1', '36')}: {line}"
    if report.show_details:
        for engine in report.engines:
            held = f"inside {engine.fence}" if engine.fence else "without a fence"
            yield f"{paint('notice', '1', '36')}: rendered by {printable(engine.id)} {held}"
    worst = max((finding.severity for finding in report.findings), default=None)
    counts = paint(count_line(report), "1", _COLORS[worst] if worst else "32")
    yield f"{counts} ({read_line(report)})"
