"""A key written twice in a Service that asks for node ports: the last one wins, and nobody says so."""

from __future__ import annotations

from collections.abc import Iterator

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.model import Context, Finding, Location, Party, Route, Service

TOKENS = ("nodePort",)


def check(options: Options, context: Context) -> Iterator[Finding]:
    for service in context.inventory.services:
        repeated = list(service.document.places.repeated_keys())
        # A node port that the winning key took away counts too.
        asks = any(claim.number is not None for claim in service.declarations)
        if repeated and (asks or any(route[-1] == "nodePort" for route, _ in repeated)):
            yield from _findings(service, repeated)


def _findings(service: Service, repeated: list[tuple[Route, tuple[Location, ...]]]) -> Iterator[Finding]:
    for route, places in repeated:
        yield Finding(
            f"the key {route[-1]} is written {'twice' if len(places) == 2 else f'{len(places)} times'}"
            f" in {service.object}, and the last one wins",
            tuple(
                Party.of_service(service, place, "this one counts" if place is places[-1] else "ignored")
                for place in places
            ),
            quorum=2,
        )
