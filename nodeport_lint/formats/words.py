"""Text of a repository made safe to print, and sentences that several formats share."""

from __future__ import annotations

import re

from nodeport_lint.model import Finding, Report, Severity

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
    if not found["files"] and not found["charts"] and not found["kustomizations"]:
        return f"no manifests found{rows}"
    ports = counted(found["node_ports"], "node port")
    dynamic = f" and {found['dynamic_node_ports']} left to the cluster" if found["dynamic_node_ports"] else ""
    charts = f" and {_charts(report)}" if found["charts"] else ""
    if found["kustomizations"]:
        charts += f" and {_kustomizations(report)}"
    services = counted(found["services"], "Service")
    return f"{counted(found['files'], 'file')}{charts} read: {services}, {ports}{dynamic}{rows}"


MAX_SETS = 4
"""Sets of values that one line names."""


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
    sets: dict[str, list[str]] = {}
    for party in finding.parties:
        for unit in party.units:
            if unit.is_rendered and unit.variant not in sets.setdefault(unit.path, []):
                sets[unit.path].append(unit.variant)
    return "; ".join(f"{path} with {_listed(variants)}" for path, variants in sets.items())


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
