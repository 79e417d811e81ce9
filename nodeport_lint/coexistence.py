"""Can two declarations of one number be live in one cluster? A verdict with its reason.

Pieces of evidence are small functions that cap the level of a pair; the order does not matter, the
lowest cap holds. Reads no disk.
"""

from __future__ import annotations

from collections.abc import Callable

from nodeport_lint.model import Confidence, Declaration, Inventory, Unit, Verdict

Cap = tuple[Confidence | None, str]
Evidence = Callable[[Declaration, Declaration, Inventory], "Cap | None"]


def judge(inventory: Inventory) -> Callable[[Declaration, Declaration], Verdict]:
    """How sure it is that one cluster gets both of two declarations; symmetric in them."""

    def verdict(a: Declaration, b: Declaration) -> Verdict:
        level: Confidence | None
        if a.unit == b.unit:
            level, reason = Confidence.CERTAIN, f"both are in {a.unit.path}"
        else:
            level, reason = Confidence.LIKELY, "nothing says that they go to different clusters"
        for evidence in EVIDENCE:
            cap = evidence(a, b, inventory)
            if cap is not None and (cap[0] or 0) < (level or 0):
                level, reason = cap
        return Verdict(level, reason)

    return verdict


def values_sets_of_one_chart(a: Declaration, b: Declaration, _: Inventory) -> Cap | None:
    """R0: one chart rendered with two values sets is one install or the other; two releases are two installs."""
    if a.unit.kind == b.unit.kind == "chart" and a.unit.path == b.unit.path and a.unit.variant != b.unit.variant:
        return None, f"two values sets of {a.unit.path}"
    return None


def clusters_of_releases(a: Declaration, b: Declaration, _: Inventory) -> Cap | None:
    """Two releases that the configuration sends to different clusters."""
    if a.unit.cluster and b.unit.cluster and a.unit.cluster != b.unit.cluster:
        return None, f"one goes to {a.unit.cluster}, the other to {b.unit.cluster}"
    return None


def one_value(a: Declaration, b: Declaration, _: Inventory) -> Cap | None:
    """R1v: one key of a chart's values, written in several layers, or of loose values files."""
    inert = [claim.unit.kind == "values" for claim in (a, b)]
    if not any(inert) or a.route_of_value != b.route_of_value:
        return None
    if a.unit.path == b.unit.path or (all(inert) and not (a.of_chart or b.of_chart)):
        return None, f"one value, {a.object.name if inert[0] else b.object.name}, in several layers"
    return None


def inert_side(a: Declaration, b: Declaration, _: Inventory) -> Cap | None:
    """R4: a number that no render shows is asked for only once somebody flips a switch."""
    if a.live and b.live:
        return None
    return Confidence.POSSIBLE, "a values file holds the number, and nothing that was rendered asks for it"


def offered_by_chart(a: Declaration, b: Declaration, inventory: Inventory) -> Cap | None:
    """R4: the default values of one chart of several are an offer: who installs it may give others."""
    for claim, other in ((a, b), (b, a)):
        if _is_offer(claim.unit, inventory) and claim.unit != other.unit:
            return (
                Confidence.POSSIBLE,
                f"the default values of {claim.unit.path} are an offer, and an install may change them",
            )
    return None


def _is_offer(unit: Unit, inventory: Inventory) -> bool:
    """Sets under ci/ are there to test a chart."""
    offered = not unit.variant or unit.variant.startswith("ci/")
    return unit.kind == "chart" and offered and unit.path in inventory.catalogue


def one_object(a: Declaration, b: Declaration, _: Inventory) -> Cap | None:
    """R1: the same object, or a copy of it: kind, name, and a namespace that may be the same."""
    if (a.object.kind, a.object.name) != (b.object.kind, b.object.name) or a.unit.kind == "values":
        return None
    if a.object.namespace == b.object.namespace:
        return None, f"{a.object} and its copy"
    if None in (a.object.namespace, b.object.namespace) and a.unit != b.unit:
        # Within one file an object without a namespace and its namesake in a namespace are two objects:
        # written together they would otherwise be one object given twice.
        return None, f"{a.object} and {b.object} may be one object"
    return None


EVIDENCE: tuple[Evidence, ...] = (
    values_sets_of_one_chart,
    clusters_of_releases,
    one_value,
    inert_side,
    offered_by_chart,
    one_object,
)
