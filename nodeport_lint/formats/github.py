"""Workflow commands of GitHub Actions: annotations on the lines of a pull request.

GitHub shows ten annotations of each kind for a step and drops the rest without a word, so ours stop there and
say how many were left out; the job summary (the format ``markdown``) has them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from nodeport_lint.formats.words import counted, printable, rendered_line
from nodeport_lint.model import Finding, Party, Report, Severity

SHOWN = 10
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report, color: bool = False, width: int | None = None) -> str:
    """One line for each place, the worst first."""
    lines = []
    for severity in sorted(Severity, reverse=True):
        places = dict.fromkeys(_commands(report, severity))
        lines += list(places)[:SHOWN]
        if len(places) > SHOWN:
            # Without a command's colons: it must not cost one of the ten notices.
            left = counted(len(places) - SHOWN, f"more {severity.word}")
            lines.append(f"nodeport-lint: {left} not shown as annotations; the job summary has them")
    return "".join(f"{line}\n" for line in lines)


def _commands(report: Report, severity: Severity) -> Iterator[str]:
    for finding in report.findings:
        if finding.severity == severity:
            for party in finding.parties:
                yield _command(finding, party)


def _command(finding: Finding, party: Party) -> str:
    place = party.location
    properties = {"title": f"{finding.rule}", "file": place.path}
    if place.region is not None:
        properties |= {"line": str(place.region.line), "endLine": str(place.region.end_line)}
        if place.region.line == place.region.end_line:
            properties |= {"col": str(place.region.column), "endColumn": str(place.region.end_column)}
    elsewhere = (other.location.label for other in finding.parties if other.location != place)
    others = list(islice(elsewhere, 4))
    text = finding.message
    if others:
        text += f" (also at {', '.join(others[:3])}{', ...' if len(others) > 3 else ''})"
    rendered = rendered_line(finding)
    if rendered:
        text += f"\nrendered from {rendered}"
    if finding.help:
        text += f"\n{finding.help}"
    listed = ",".join(f"{key}={property_text(value)}" for key, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {listed}::{data_text(text)}"


def data_text(text: str) -> str:
    """As @actions/core escapes the data of a command."""
    lines = "\n".join(printable(line) for line in text.split("\n"))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def property_text(text: str) -> str:
    """As @actions/core escapes a property of a command."""
    return (
        printable(text)
        .replace("%", "%25")
        .replace("\r", "%0D")
        .replace("\n", "%0A")
        .replace(":", "%3A")
        .replace(",", "%2C")
    )
