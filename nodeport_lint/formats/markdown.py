"""A summary in Markdown, as the job summary of GitHub Actions shows it: all findings in one table."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from nodeport_lint.expressions import expression
from nodeport_lint.formats.words import answered_line, count_line, hidden_line, printable, read_line
from nodeport_lint.model import Finding, Report
from nodeport_lint.model.words import counted

_LINKED = expression(
    r"://|www\.|mailto:|xmpp:|@|#\d|\bGH-\d|:[a-z+-][\w+-]*:|(?<![0-9a-z])[0-9a-f]{7,64}(?![0-9a-z])", re.IGNORECASE
)
"""What GitHub makes links, mentions and pictures of: addresses, names, numbers of issues, hashes of commits."""
_NO_CODE = expression(r"[|`<>&]+")
"""What a span of code in a table cannot hold, and what somebody could take for HTML."""
MAX_SIZE = 900_000
"""Bytes. GitHub drops a summary of more than 1 MiB as a whole."""


def render(report: Report, color: bool = False, width: int | None = None) -> str:
    """A heading with the counts, the table, and the notices."""
    head = [f"## nodeport-lint: {count_line(report)}", "", f"{_capital(read_line(report))}.", ""]
    rows = [
        _row(finding) for finding in sorted(report.findings, key=lambda finding: (-finding.severity, finding.order))
    ]
    tail = [f"* {escaped(line)}" for line in _tail(report)]
    lines = [*head]
    if rows:
        lines += ["| | Where | What | Rule |", "|---|---|---|---|"]
        size = sum(len(line.encode("utf-8", "replace")) + 1 for line in (*lines, *tail))
        for index, row in enumerate(rows):
            size += len(row.encode("utf-8", "replace")) + 1
            if size > MAX_SIZE:
                tail.insert(0, f"* {counted(len(rows) - index, 'more finding')} not shown here")
                break
            lines.append(row)
        lines.append("")
    return "\n".join([*lines, *tail]).rstrip("\n") + "\n"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _tail(report: Report) -> Iterator[str]:
    yield from (notice.message for notice in report.notices)
    yield from filter(None, (answered_line(report), hidden_line(report)))


def _row(finding: Finding) -> str:
    places = list(dict.fromkeys(party.location.label for party in finding.parties))
    where = "<br>".join(f"<code>{escaped(place)}</code>" for place in places[:10])
    if len(places) > 10:
        where += f"<br>and {counted(len(places) - 10, 'more place')}"
    what = escaped(finding.message) + (f"<br>{escaped(finding.help)}" if finding.help else "")
    return f"| {finding.severity.word} | {where} | {what} | {finding.rule} |"


def escaped(text: str) -> str:
    """Text of a repository that neither HTML nor Markdown reads as its own; words that GitHub would link are code."""
    return re.sub(r"\S+", lambda word: _word(word[0]), printable(text))


def _word(word: str) -> str:
    return _as_code(word) if _LINKED.search(word) else _quoted(word)


def _as_code(word: str) -> str:
    """Between backticks, where nothing is linked: in an element ``code`` addresses are."""
    parts = re.split(f"({_NO_CODE.pattern})", word)
    return "".join(_quoted(part) if index % 2 else f"`{part}`" for index, part in enumerate(parts) if part)


def _quoted(text: str) -> str:
    safe = html.escape(text, quote=False)
    return "".join(f"&#{ord(character)};" if character in "|`*_[]\\~$" else character for character in safe)
