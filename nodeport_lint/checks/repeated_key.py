"""A key written twice in a Service that asks for node ports: the last one wins, and nobody says so."""

from __future__ import annotations

from collections.abc import Iterator

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.model import Context, Finding, Party, Service

TOKENS = ("nodePort",)


def check(options: Options, context: Context) -> Iterator[Finding]:
    for service in context.inventory.services:
        if any(claim.number is not None for claim in service.declarations) or _mentions(service):
            yield from _findings(service)


def _mentions(service: Service) -> bool:
    """A node port that does not decode, or that the winning key took away, counts too."""
    return any(route[-1] == "nodePort" for route, _ in service.document.places.repeated_keys())


def _findings(service: Service) -> Iterator[Finding]:
    for route, places in service.document.places.repeated_keys():
        yield Finding(
            f"the key {route[-1]} is written {'twice' if len(places) == 2 else f'{len(places)} times'}"
            f" in {service.object}, and the last one wins",
            tuple(
                Party(place, "this one counts" if place is places[-1] else "ignored", service.object)
                for place in places
            ),
        )
