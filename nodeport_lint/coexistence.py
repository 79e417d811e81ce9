"""Can two declarations of one number be live in one cluster? A verdict with its reason.

Pieces of evidence are small functions that cap the level of a pair; the order does not matter, the
lowest cap holds. Reads no disk.
"""

from __future__ import annotations

from collections.abc import Callable

from nodeport_lint.model import Confidence, Declaration, Verdict

Cap = tuple[Confidence | None, str]
Evidence = Callable[[Declaration, Declaration], "Cap | None"]


def verdict(a: Declaration, b: Declaration) -> Verdict:
    """How sure it is that one cluster gets both; symmetric in its arguments."""
    level: Confidence | None
    if a.unit == b.unit:
        level, reason = Confidence.CERTAIN, f"both are in {a.unit.path}"
    else:
        level, reason = Confidence.LIKELY, "nothing says that they go to different clusters"
    for evidence in EVIDENCE:
        cap = evidence(a, b)
        if cap is not None and (cap[0] or 0) < (level or 0):
            level, reason = cap
    return Verdict(level, reason)


def values_sets_of_one_chart(a: Declaration, b: Declaration) -> Cap | None:
    """R0: one tree rendered with two values sets is one install or the other."""
    if (a.unit.kind, a.unit.path) == (b.unit.kind, b.unit.path) and a.unit.variant != b.unit.variant:
        return None, f"two values sets of {a.unit.path}"
    return None


def one_object(a: Declaration, b: Declaration) -> Cap | None:
    """R1: the same object, or a copy of it: kind, name, and a namespace that may be the same."""
    if (a.object.kind, a.object.name) != (b.object.kind, b.object.name):
        return None
    if a.object.namespace == b.object.namespace:
        return None, f"{a.object} and its copy"
    if None in (a.object.namespace, b.object.namespace) and a.unit != b.unit:
        # Within one file an object without a namespace and its namesake in a namespace are two objects:
        # written together they would otherwise be one object given twice.
        return None, f"{a.object} and {b.object} may be one object"
    return None


EVIDENCE: tuple[Evidence, ...] = (values_sets_of_one_chart, one_object)
