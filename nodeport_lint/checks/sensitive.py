"""A database, broker or control port on every node of the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.data import load
from nodeport_lint.model import Confidence, Context, Declaration, Finding, Party

TOKENS = ("nodePort",)


class Sensitive(NamedTuple):
    """What usually listens on a port. ``called``: words by which a Service tells that it is not something else.

    Empty where ordinary applications do not use the number.
    """

    service: str
    why: str
    called: tuple[str, ...]
    http: bool
    """Whether an Ingress could stand in front of it."""


def check(options: Options, context: Context) -> Iterator[Finding]:
    """By ``targetPort``, or ``port`` where the target is the same or a name."""
    for claim in context.inventory.declarations:
        if claim.field != "nodePort" or not claim.live or claim.service_type == "ExternalName":
            continue
        behind = claim.target_port if isinstance(claim.target_port, int) and claim.target_port else claim.port
        known = _table().get((claim.protocol, behind)) if isinstance(behind, int) else None
        if known:
            yield _finding(claim, behind, known)


def _finding(claim: Declaration, behind: int | None, candidates: list[Sensitive]) -> Finding:
    number = f"node port {claim.number}" if claim.number is not None else "a node port"
    named = next((one for one in candidates if _is_called(claim, one)), None)
    known = named or candidates[0]
    party = Party.of(claim, known.why)
    if claim.number is None:
        # Nothing is written of the number: what opens the port is the type.
        party = party._replace(location=claim.document.locate(("spec", "type")))
    sure = named is not None or not known.called
    return Finding(
        f"{claim.object} opens {known.service} ({behind}) on every node, at {number}",
        (party,),
        confidence=Confidence.LIKELY if sure else Confidence.POSSIBLE,
        reason=f"port {behind} is what {known.service} usually listens on",
        help=_help(claim, known),
    )


def _help(claim: Declaration, known: Sensitive) -> str:
    if claim.service_type == "LoadBalancer":
        # A number that is given is respected whatever the field says (core/v1, ServiceSpec).
        without = " and no nodePort" if claim.number is not None else ""
        return f"allocateLoadBalancerNodePorts: false{without} keeps the load balancer and closes the node port"
    ingress = ", or an Ingress with authentication," if known.http else ""
    return f"a ClusterIP Service with kubectl port-forward{ingress} keeps it inside"


def _is_called(claim: Declaration, known: Sensitive) -> bool:
    return any(word in claim.object.name.lower() for word in known.called)


@cache
def _table() -> dict[tuple[str, int], list[Sensitive]]:
    table: dict[tuple[str, int], list[Sensitive]] = {}
    for row in load("sensitive_ports"):
        known = Sensitive(row["service"], row["why"], tuple(row.get("called") or ()), bool(row.get("http")))
        for protocol in row["protocol"].split(", "):
            for entry in row["ports"]:
                first, _, last = str(entry).partition("-")
                for port in range(int(first), int(last or first) + 1):
                    table.setdefault((protocol, port), []).append(known)
    return table
