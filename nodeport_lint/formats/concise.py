"""One line for each place: ``path:line:column: severity: message [rule]``, as editors and grep like it."""

from __future__ import annotations

from nodeport_lint.formats.words import printable
from nodeport_lint.model import Report


def render(report: Report, color: bool = False, width: int | None = None) -> str:
    """The lines, sorted by place. A conflict stands at each of its places; one place is never repeated."""
    lines = {}
    for finding in report.findings:
        for party in finding.parties:
            place = party.location
            label = printable(place.label if place.region else f"{place.path}:1:1")
            # A line that begins with :: is a command to GitHub Actions; a file may have such a name.
            label = f"./{label}" if label.lstrip().startswith("::") else label
            line = f"{label}: {finding.severity.word}: {printable(finding.message)} [{finding.rule}]"
            lines[(place.order, finding.rule, line)] = line
    return "".join(f"{line}\n" for _, line in sorted(lines.items()))
