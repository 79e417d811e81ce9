"""Text of a repository made safe to print, and sentences that several formats share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice, pairwise
from typing import Any, TypeVar

from nodeport_lint.expressions import expression
from nodeport_lint.model import Finding, Location, Report, Severity
from nodeport_lint.model.words import counted

_T = TypeVar("_T")

_COMMAND = r"(?<=#)#(?=[A-Za-z]*\[)"
"""The second # of ``##[command]``, which GitHub's runner obeys anywhere in a line, and of ``##vso[command]``."""
_UNSAFE = expression(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff"
    # What nobody sees, and what turns or hides what follows.
    r"\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
    rf"|{_COMMAND}"
)
_OF_LINE = expression(
    # Behind blanks, also those that take no room. Three colons are the arrow of a frame, and no command.
    rf"(?:^|(?<=\r))(?P<blanks>(?:[^\S\n]|[\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff])*):(?=:(?!: ))|{_COMMAND}",
    re.MULTILINE,
)
_OF_JSON = expression(r"\\\\|\\u(?:d[89ab]..\\ud[c-f]..|(?P<alone>d[89a-f]..))")


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def printable(text: str) -> str:
    """``text`` on one line, with characters that move the cursor, colour or reorder it written as escapes.

    File names and manifests are untrusted, and a terminal or a CI log obeys what is printed.
    """
    return _UNSAFE.sub(_escape, text)


def printable_parts(line: str, start: int, end: int) -> tuple[str, str, str]:
    """``printable(line)`` cut where ``line[start:end]`` begins and ends: safe parts may be a command in one."""
    escapes = {match.start(): _escape(match) for match in _UNSAFE.finditer(line)}
    before, part, rest = (
        "".join(escapes.get(index, line[index]) for index in range(first, last))
        for first, last in pairwise((0, start, end, len(line)))
    )
    return before, part, rest


def cell_text(text: str) -> str:
    """``printable(text)`` as a cell of a table: a spreadsheet runs one that begins like a formula."""
    cell = printable(text)
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def disarmed(text: str) -> str:
    """Whole lines as they are to be printed, without any that GitHub's runner would take for a command.

    The last door: what is safe by itself may be a command once it stands beside something else.
    """
    if "::" not in text and "##" not in text:
        return text
    return _OF_LINE.sub(lambda match: f"{match['blanks'] or ''}\\x{ord(match[0][-1]):02x}", text)


def json_text(value: Any) -> str:
    """``value`` as indented JSON that is valid Unicode and holds no command of GitHub's runner.

    Half a pair of surrogates, as bytes that are no UTF-8 leave it in a file name, is written as visible text.
    """
    import json

    text = json.dumps(value, indent=2)
    if "\\ud" in text:
        text = _OF_JSON.sub(lambda match: f"\\\\u{match['alone']}" if match["alone"] else match[0], text)
    return (re.sub(_COMMAND, r"\\u0023", text) if "##" in text else text) + "\n"


def read_line(report: Report) -> str:
    """What was read, in one line."""
    found = report.statistics
    rows = f", {counted(found['reservations'], 'row')} of allocation documents" if found["reservations"] else ""
    if not found["files"] and not found["charts"] and not found["kustomizations"]:
        return f"no manifests found{rows}"
    ports = counted(found["node_ports"], "node port")
    dynamic = f" and {found['dynamic_node_ports']} left to the cluster" if found["dynamic_node_ports"] else ""
    charts = f" and {_charts(report)}" if found["charts"] else ""
    if found["kustomizations"]:
        charts += f" and {_kustomizations(report)}"
    services = counted(found["services"], "Service")
    return f"{counted(found['files'], 'file')}{charts} read: {services}, {ports}{dynamic}{rows}"


MAX_SETS, MAX_CHARTS = 4, 20
"""Sets of values, and charts, that one line names."""


def _charts(report: Report) -> str:
    """Charts without node-port text are read, and need no rendering."""
    found = report.statistics
    states = (
        ("rendered", found["charts_rendered"]),
        ("in part", found["charts_in_part"]),
        ("not rendered", found["charts_not_rendered"]),
        ("without node ports", found["charts_without_node_ports"]),
        ("as parts of others", found["charts_as_parts"]),
        ("libraries", found["library_charts"]),
    )
    told = ", ".join(f"{count} {state}" for state, count in states if count)
    return f"{counted(found['charts'], 'chart')}{f' ({told})' if told else ''}"


def _kustomizations(report: Report) -> str:
    """Those without node-port text are read, and need no rendering."""
    found = report.statistics
    states = (
        ("rendered", found["kustomizations_rendered"]),
        ("in part", found["kustomizations_in_part"]),
        ("not rendered", found["kustomizations_not_rendered"]),
    )
    told = ", ".join(f"{count} {state}" for state, count in states if count)
    return f"{counted(found['kustomizations'], 'kustomization')}{f' ({told})' if told else ''}"


def rendered_line(finding: Finding) -> str:
    """From which charts, with which values, the fault was rendered; nothing for plain manifests."""
    sets: dict[str, dict[str, None]] = {}
    for party in finding.parties:
        for unit in party.units:
            if unit.is_rendered:
                sets.setdefault(unit.path, {})[unit.variant] = None
    told = [f"{path} with {_listed(list(sets[path]))}" for path in islice(sets, MAX_CHARTS)]
    if len(sets) > MAX_CHARTS:
        told.append(counted(len(sets) - MAX_CHARTS, "more chart"))
    return "; ".join(told)


def elsewhere(items: Iterable[_T], place_of: Callable[[_T], Location], count: int) -> list[_T]:
    """So many of ``items`` that for every place the first ``count`` at other places are among them, in their order.

    A finding may have as many parties as a hostile file has lines: to look through all of them for each would cost
    their square.
    """
    seen: dict[Location, int] = {}
    kept = []
    for item in items:
        place = place_of(item)
        seen[place] = seen.get(place, 0) + 1
        if seen[place] <= count:
            kept.append(item)
            if len(kept) == 2 * count:
                break
    return kept


def _listed(variants: list[str]) -> str:
    names = [variant or "its default values" for variant in variants[:MAX_SETS]]
    more = len(variants) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def count_line(report: Report) -> str:
    """How many findings, by severity."""
    counts = [(severity, report.number_of(severity)) for severity in sorted(Severity, reverse=True)]
    return ", ".join(counted(number, severity.word) for severity, number in counts if number) or "no findings"


def answered_line(report: Report) -> str:
    """What suppressions answered, or nothing."""
    if not report.answered:
        return ""
    shown = "" if report.show_answered else " (--show-suppressed shows them)"
    return f"{counted(len(report.answered), 'finding')} suppressed{shown}"


def hidden_line(report: Report) -> str:
    """What the wanted confidence hides, or nothing."""
    if not report.hidden:
        return ""
    clashes = sum(finding.quorum > 1 for finding in report.hidden)
    told = f", {clashes} of them clashes," if clashes else ""
    return f"{counted(len(report.hidden), 'finding')} less sure{told} hidden (--min-confidence possible shows them)"
