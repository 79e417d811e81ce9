"""Workflow commands of GitHub Actions: annotations on the lines of a pull request.

GitHub shows ten annotations of each kind for a step and drops the rest without a word, so ours stop there and
say how many were left out; the job summary (the format ``markdown``) has them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from nodeport_lint.formats.words import elsewhere, printable, rendered_line
from nodeport_lint.model import Finding, Location, Party, Report, Severity
from nodeport_lint.model.words import counted

SHOWN = 10
NAMED = 3
"""Other places that an annotation names."""
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
            others = [one.location for one in elsewhere(finding.parties, _place, NAMED + 1)]
            rendered = rendered_line(finding)
            for party in finding.parties:
                beside = list(islice((other for other in others if other != party.location), NAMED + 1))
                yield _command(finding, party.location, beside, rendered)


def _place(party: Party) -> Location:
    return party.location


def _command(finding: Finding, place: Location, others: list[Location], rendered: str) -> str:
    properties = {"title": f"{finding.rule}", "file": place.path}
    if place.region is not None:
        properties |= {"line": str(place.region.line), "endLine": str(place.region.end_line)}
        if place.region.line == place.region.end_line:
            properties |= {"col": str(place.region.column), "endColumn": str(place.region.end_column)}
    text = finding.message
    if others:
        listed = ", ".join(other.label for other in others[:NAMED])
        text += f" (also at {listed}{', ...' if len(others) > NAMED else ''})"
    if rendered:
        text += f"\nrendered from {rendered}"
    if finding.help:
        text += f"\n{finding.help}"
    told = ",".join(f"{key}={property_text(value)}" for key, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {told}::{data_text(text)}"


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
