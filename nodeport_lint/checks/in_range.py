"""A node port that the cluster's range does not hold."""

from __future__ import annotations

from collections.abc import Iterator

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.model import Context, Finding, Party
from nodeport_lint.ports import NODE_PORT_TYPES

TOKENS = ("nodePort",)


def check(options: Options, context: Context) -> Iterator[Finding]:
    """Only where the API server allocates: what an ExternalName Service stores, it does not check."""
    for number, claim in context.inventory.claims:
        among = context.range_for(claim)
        if number in among or claim.service_type not in NODE_PORT_TYPES:
            continue
        cluster = context.inventory.layout.cluster(claim)
        of = f" of the cluster {cluster}" if cluster else ""
        what = "health check node port" if claim.field == "healthCheckNodePort" else "node port"
        yield Finding(
            f"{what} {number} of {claim.object} is not in the range {among}{of}",
            (Party.of(claim, f"outside {among}"),),
            help=context.allocation.suggestion(claim, among),
        )
