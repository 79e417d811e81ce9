"""A value that the API server cannot decode as the number (or the switch) that the field is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.checks.fields import ALLOCATE, HEALTH_CHECK, port_entries, spec_of
from nodeport_lint.expressions import expression
from nodeport_lint.manifests.services import decoded
from nodeport_lint.model import Confidence, Context, Finding, Party, Route, Service

TOKENS = ("nodePort",)

_PLACEHOLDER = expression(r"\{\{.*\}\}|\$\{.+\}|\$\(.+\)|<<.+>>|<[^<>]+>|<%.*%>|\$[A-Za-z_]\w*\Z|[%@_]{2,}\w+[%@_]{2,}")


def check(options: Options, context: Context) -> Iterator[Finding]:
    for service in context.inventory.services:
        for route, entry in port_entries(service):
            if decoded(entry.get("nodePort")) is None:
                yield _finding(service, (*route, "nodePort"), entry["nodePort"])
        spec = spec_of(service)
        if decoded(spec.get(HEALTH_CHECK)) is None:
            yield _finding(service, ("spec", HEALTH_CHECK), spec[HEALTH_CHECK])
        if not isinstance(spec.get(ALLOCATE, True), bool | None):
            yield _finding(service, ("spec", ALLOCATE), spec[ALLOCATE])


def _finding(service: Service, route: Route, value: Any) -> Finding:
    field = route[-1]
    expected = "true or false" if field == ALLOCATE else "a whole number"
    location = service.document.locate(route)
    trail = service.document.places.trail(route)
    party = (Party.of_service(service, location, f"not {expected}", trail),)
    if isinstance(value, str) and _PLACEHOLDER.search(value[:200]):
        return Finding(
            f"{field} of {service.object} is the text {_short(value)!r}",
            party, confidence=Confidence.POSSIBLE, reason="it looks like a placeholder that another tool fills in",
        )  # fmt: skip
    if isinstance(value, int) and not isinstance(value, bool) and expected == "a whole number":
        party = (party[0]._replace(role="too large"),)
        message = f"{field} of {service.object} is {_short(str(value))}, more than an int32 holds"
        return Finding(message, party, help="the highest port is 65535")
    return Finding(f"{field} of {service.object} is {_what(value)}, not {expected}", party, help=_help(value, expected))


def _what(value: Any) -> str:
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, str):
        return f"the text {_short(value)!r}"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return _short(str(value))


def _help(value: Any, expected: str) -> str:
    if isinstance(value, str) and expected == "a whole number" and value.strip().isdecimal() and value.isascii():
        return f"write {value.strip()} without quotes"
    if isinstance(value, str) and expected != "a whole number" and value.lower() in ("true", "false"):
        return f"write {value.lower()} without quotes"
    return ""


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."
