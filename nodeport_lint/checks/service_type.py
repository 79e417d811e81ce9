"""A node port on a Service whose type has none."""

from __future__ import annotations

from collections.abc import Iterator

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.model import Context, Declaration, Finding, Party, Service
from nodeport_lint.ports import NODE_PORT_TYPES, SERVICE_TYPES
from nodeport_lint.yamltext import mapping

TOKENS = ("nodePort",)


NAMED = 20
"""Numbers that a message names; each of them has a party of its own."""


def check(options: Options, context: Context) -> Iterator[Finding]:
    """One finding for each Service, with a party for each number."""
    for service in context.inventory.services:
        if service.type in NODE_PORT_TYPES:
            continue
        claims = [claim for claim in service.declarations if claim.number and claim.field == "nodePort"]
        if not claims:
            continue
        yield Finding(
            f"{service.object} asks for {_numbers(claims)} and is {_kind(service)}",
            tuple(Party.of(claim) for claim in claims),
            reason=_consequence(service),
            help=_help(service),
        )


def _numbers(claims: list[Declaration]) -> str:
    numbers = [str(claim.number) for claim in claims]
    more = f" and {len(numbers) - NAMED} others" if len(numbers) > NAMED else ""
    return f"node port{'s' if len(numbers) > 1 else ''} {', '.join(numbers[:NAMED])}{more}"


def _kind(service: Service) -> str:
    spec = mapping(service.document.value.get("spec"))
    if service.type not in SERVICE_TYPES:
        return f"of the unknown type {service.type[:40]!r}"
    if service.type == "ClusterIP" and spec.get("clusterIP") == "None":
        return "headless"
    if not spec.get("type"):
        return "of type ClusterIP, since it names none"
    return f"of type {service.type}"


def _consequence(service: Service) -> str:
    if service.type == "ExternalName":
        return "the API server stores the number and serves nothing on it"
    return "the API server refuses the Service"


def _help(service: Service) -> str:
    folded = {kind.lower(): kind for kind in SERVICE_TYPES}
    if service.type not in SERVICE_TYPES:
        return f"write type: {folded.get(service.type.lower(), 'NodePort')}"
    return "add type: NodePort, or take the number away"
