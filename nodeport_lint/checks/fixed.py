"""A node port that a chart's template holds as a literal."""

from __future__ import annotations

from collections.abc import Iterator

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.model import Context, Finding, Party

TOKENS = ("nodePort",)


def check(options: Options, context: Context) -> Iterator[Finding]:
    """Whether or not a cluster would hold it: the type of a Service is often a value."""
    for claim in context.inventory.declarations:
        if claim.fixed and claim.number is not None:
            yield Finding(
                f"node port {claim.number} of {claim.object} is fixed by the template: no values can change it",
                (Party.of(claim, "a literal"),),
                reason="the chart can be installed only once in a cluster",
                help="take the number from the values, with no default: the cluster then chooses one",
            )
