"""The whole report as JSON; ``nodeport-lint schema report`` prints its schema."""

from __future__ import annotations

from typing import Any

from nodeport_lint import __version__
from nodeport_lint.formats.words import json_text
from nodeport_lint.model import Finding, Location, Party, Report, Suppression

VERSION = 1
"""Grows when a reader of the last version could misread the next."""


def render(report: Report, color: bool = False, width: int | None = None) -> str:
    """One object, keys sorted by meaning and the same for the same input."""
    value = {
        "version": VERSION,
        "tool": {"name": "nodeport-lint", "version": __version__},
        "findings": [_finding(finding) for finding in report.findings],
        "hidden": [_finding(finding) for finding in report.hidden],
        "suppressed": [
            {**_finding(answer.finding), "suppression": _suppression(answer.suppression)} for answer in report.answered
        ],
        "notices": [{"message": notice.message, "details": list(notice.details)} for notice in report.notices],
        "rules": [
            {"id": rule.id, "summary": rule.summary, "severity": rule.severity.word, "tags": list(rule.tags)}
            for rule in report.rules
        ],
        "statistics": dict(report.statistics),
        "engines": [engine._asdict() for engine in report.engines],
    }
    return json_text(value)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.word,
        "confidence": finding.confidence.word,
        "message": finding.message,
        "reason": finding.reason,
        "evidence": finding.evidence,
        "help": finding.help,
        "parties": [_party(party) for party in finding.parties],
        "related": [_location(place) for place in finding.helpful],
    }


def _suppression(suppression: Suppression) -> dict[str, Any]:
    return {
        "reason": suppression.reason,
        "until": suppression.until.isoformat() if suppression.until else None,
        "location": _location(suppression.location),
    }


def _party(party: Party) -> dict[str, Any]:
    subject = party.object
    return {
        "identity": party.identity,
        "role": party.role,
        "object": None
        if subject is None
        else {"kind": subject.kind, "namespace": subject.namespace, "name": subject.name},
        "number": party.number,
        "location": _location(party.location),
        "units": [{"kind": unit.kind, "path": unit.path, "variant": unit.variant} for unit in party.units],
    }


def _location(place: Location) -> dict[str, Any]:
    region = place.region
    return {
        "path": place.path,
        "region": None
        if region is None
        else {
            "line": region.line,
            "column": region.column,
            "end_line": region.end_line,
            "end_column": region.end_column,
        },
        **({"route": list(place.route)} if place.route else {}),
        "note": place.note,
        "exactness": place.exactness,
    }
