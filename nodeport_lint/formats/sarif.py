"""SARIF 2.1.0 as GitHub code scanning reads it.

A pull request shows an alert only where its own line is in the diff, so a conflict is a result at every
distinct place, and each names and links the others. Suppressed results are left out unless asked for:
GitHub opens an alert for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote

from nodeport_lint import HOME, __version__
from nodeport_lint.formats.linehash import line_hashes
from nodeport_lint.formats.words import elsewhere, json_text, printable, rendered_line
from nodeport_lint.model import Finding, Location, Party, Report, Rule, Suppression

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS = 10_000
"""Results of one run. GitHub keeps 5,000."""
MAX_RELATED = 20
"""Related locations of one result. GitHub keeps 100 of at most 1,000."""
MAX_LINKS, FEW_RELATED = 50_000, 3
"""Related locations of all results, and of each result beyond these."""
MAX_TEXT = 1000
"""Characters of a rule's descriptions. GitHub takes 1,024."""
_PROBLEM_SEVERITY = {"error": "error", "warning": "warning", "note": "recommendation"}


def render(report: Report, color: bool = False, width: int | None = None) -> str:
    """One run. Regions are in code points, URIs relative to the root of the repository."""
    hashes = _Hashes(report.read)
    ids = {rule.id: index for index, rule in enumerate(report.rules)}
    places = _merged(_places(report))
    notes = [notice.message for notice in report.notices]
    if len(places) > MAX_RESULTS:
        notes.append(f"{len(places) - MAX_RESULTS} further results are not in this file")
    if sum(len(place.related) for place in places[:MAX_RESULTS]) > MAX_LINKS:
        notes.append(f"results behind the first {MAX_LINKS} related locations name at most {FEW_RELATED} each")
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "nodeport-lint",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [_rule(rule) for rule in report.rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "note", "message": {"text": _escaped(note)}} for note in notes
                ],
            }
        ],
        "results": [_result(place, ids, hashes) for place in _lighter(places[:MAX_RESULTS])],
    }
    if report.category:
        run["automationDetails"] = {"id": f"{report.category.rstrip('/')}/"}
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


class Alert(NamedTuple):
    """One place of a finding, with the other parties and what helps to understand it."""

    finding: Finding
    party: Party
    related: tuple[Location, ...]
    rendered: str
    """The same for all places of a finding."""
    suppression: Suppression | None = None


def _places(report: Report) -> Iterator[Alert]:
    """The worst first: GitHub keeps 5,000 results of a run."""
    for finding in sorted(report.findings, key=lambda finding: (-finding.severity, finding.order)):
        yield from _places_of(finding, None)
    if report.show_answered:
        for answer in report.answered:
            yield from _places_of(answer.finding, answer.suppression)


def _places_of(finding: Finding, suppression: Suppression | None) -> Iterator[Alert]:
    parties = elsewhere(finding.parties, lambda party: party.location, MAX_RELATED)
    noted = [(other.location, other.location._replace(note=other.role or other.location.note)) for other in parties]
    helpful = elsewhere(finding.helpful, lambda place: place, MAX_RELATED)
    rendered = rendered_line(finding)
    for party in finding.parties:
        others = (place for location, place in noted if location != party.location)
        related = (place for place in helpful if place != party.location)
        # Sliced before it is made unique: a finding may have as many parties as a hostile file has lines.
        listed = dict.fromkeys((*islice(others, MAX_RELATED), *islice(related, MAX_RELATED)))
        yield Alert(finding, party, tuple(listed)[:MAX_RELATED], rendered, suppression)


def _lighter(places: Iterable[Alert]) -> Iterator[Alert]:
    count = 0
    for place in places:
        count += len(place.related)
        yield place if count <= MAX_LINKS else place._replace(related=place.related[:FEW_RELATED])


def _merged(places: Iterator[Alert]) -> list[Alert]:
    """One result for each rule and line: two would have one fingerprint and become one alert."""
    found: dict[tuple[Any, ...], Alert] = {}
    for place in places:
        region = place.party.location.region
        key = (place.finding.rule, place.party.location.path, region.line if region else 0, place.suppression is None)
        first = found.get(key)
        if first is None:
            found[key] = place
            continue
        related = first.related
        if len(related) < MAX_RELATED:
            related = tuple(dict.fromkeys((*related, *place.related)))[:MAX_RELATED]
        if place.finding.message not in first.finding.message and len(first.finding.message) < MAX_TEXT:
            joined = first.finding._replace(message=f"{first.finding.message}; {place.finding.message}")
            first = first._replace(finding=joined)
        found[key] = first._replace(related=related)
    return list(found.values())


def _result(place: Alert, ids: dict[str, int], hashes: Callable[[Location], str | None]) -> dict[str, Any]:
    finding, party = place.finding, place.party
    fingerprints = {"nodePort/v1": party.identity}
    line_hash = hashes(party.location)
    if line_hash is not None:
        fingerprints["primaryLocationLineHash"] = line_hash
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": ids[finding.rule],
        "level": finding.severity.word,
        "message": {"text": _message(place)},
        "locations": [_location(party.location)],
        "partialFingerprints": fingerprints,
        "properties": {"confidence": finding.confidence.word},
    }
    if place.related:
        result["relatedLocations"] = [
            {
                "id": number,
                **_location(related),
                **({"message": {"text": _escaped(related.note)}} if related.note else {}),
            }
            for number, related in enumerate(place.related, start=1)
        ]
    if place.suppression is not None:
        in_source = place.suppression.pattern is None
        result["suppressions"] = [
            {"kind": "inSource" if in_source else "external", "justification": place.suppression.reason}
        ]
    return result


def _message(place: Alert) -> str:
    parts = [_escaped(place.finding.message)]
    links = [
        f"[{_escaped(related.note or related.label)}]({number})"
        for number, related in enumerate(place.related, start=1)
    ]
    if links:
        parts.append(f"See {', '.join(links)}")
    if place.rendered:
        parts.append(f"Rendered from {_escaped(place.rendered)}")
    if place.finding.help:
        parts.append(_escaped(place.finding.help))
    return ". ".join(parts) + "."


def _escaped(text: str) -> str:
    """Braces and brackets of a message have a meaning (SARIF 3.11.5 and 3.11.6); names may hold them."""
    return re.sub(r"([\[\]\\])", r"\\\1", printable(text).replace("{", "{{").replace("}", "}}"))


def _location(place: Location) -> dict[str, Any]:
    uri = quote(_bytes_of(place.path), safe="/")
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
    region = place.region
    if region is not None:
        physical["region"] = {
            "startLine": region.line,
            "startColumn": region.column,
            "endLine": region.end_line,
            "endColumn": region.end_column,
        }
    return {"physicalLocation": physical}


def _bytes_of(path: str) -> bytes:
    """The name that a file has. A name that somebody wrote may hold what no file's name can."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "backslashreplace")


def _rule(rule: Rule) -> dict[str, Any]:
    properties = {
        "tags": list(rule.tags)[:20],
        "precision": "high",
        "problem.severity": _PROBLEM_SEVERITY[rule.severity.word],
    }
    if rule.security:
        properties["security-severity"] = rule.security
    described: dict[str, Any] = {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": _sentence(rule.summary)},
        "fullDescription": {"text": _sentence(_first_paragraph(rule.page) or rule.summary)},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": rule.severity.word},
        "properties": properties,
    }
    if rule.builtin:
        described["helpUri"] = f"{HOME}/blob/v{__version__}/rules/{rule.id}.md"
    return described


def _first_paragraph(page: str) -> str:
    for block in page.split("\n\n"):
        if block.strip() and not block.startswith(("#", "```", "    ", "|")):
            return " ".join(block.split())
    return ""


def _sentence(text: str) -> str:
    text = text[:MAX_TEXT].rstrip()
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


class _Hashes:
    """The line hash of a location, each file read once."""

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self.read = read
        self.known: dict[str, list[str]] = {}

    def __call__(self, place: Location) -> str | None:
        if place.region is None:
            return None
        if place.path not in self.known:
            data = self.read(place.path)
            self.known[place.path] = [] if data is None else line_hashes(data)
        hashes = self.known[place.path]
        return hashes[place.region.line - 1] if place.region.line <= len(hashes) else None
