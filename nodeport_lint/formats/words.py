"""Text of a repository made safe to print, and sentences that several formats share."""

from __future__ import annotations

import re

from nodeport_lint.model import Report, Severity

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """``text`` on one line, with characters that move the cursor, colour or reorder it written as escapes.

    File names and manifests are untrusted, and a terminal or a CI log obeys what is printed.
    """
    # GitHub's runner obeys ##[command] anywhere in a line.
    text = text.replace("##[", "#\\x23[")
    return _CONTROL.sub(
        lambda match: f"\\x{ord(match[0]):02x}" if ord(match[0]) < 256 else f"\\u{ord(match[0]):04x}", text
    )


def counted(number: int, noun: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def read_line(report: Report) -> str:
    """What was read, in one line."""
    found = report.statistics
    rows = f", {counted(found['reservations'], 'row')} of allocation documents" if found["reservations"] else ""
    if not found["files"]:
        return f"no manifests found{rows}"
    ports = counted(found["node_ports"], "node port")
    dynamic = f" and {found['dynamic_node_ports']} left to the cluster" if found["dynamic_node_ports"] else ""
    return f"{counted(found['files'], 'file')} read: {counted(found['services'], 'Service')}, {ports}{dynamic}{rows}"


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
    return f"{counted(len(report.hidden), 'finding')} less sure hidden (--min-confidence possible shows them)"
