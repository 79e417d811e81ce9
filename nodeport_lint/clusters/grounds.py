"""What holds of two declarations of one number before anything speaks against a clash: who says that both go to one
cluster, or that they do not.

Each ground is a pure function that says how sure a clash can be at most, or nothing. ``clusters/judge.py`` asks them
in order, and says which pieces of evidence are heard against each.
"""

from __future__ import annotations

from nodeport_lint.clusters.applied import IN_CLUSTER
from nodeport_lint.clusters.evidence import Cap
from nodeport_lint.clusters.known import Known
from nodeport_lint.model import Confidence, Declaration, UnitKind

_WHO = {"argo": "Argo CD", "flux": "Flux"}


def not_in_one_declared_cluster(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """Where clusters are declared, what lies in none of them, or in another one, never clashes."""
    if known.layout.cluster_of is None:
        return None
    cluster = known.layout.cluster(a)
    return None if cluster and cluster == known.layout.cluster(b) else Cap(None, "not in one declared cluster")


def declared_clusters(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """The configuration puts both into one cluster. Asked only after ``not_in_one_declared_cluster``."""
    if known.layout.cluster_of is None:
        return None
    return Cap(Confidence.CERTAIN, f"both are in the cluster {known.layout.cluster(a)}")


def one_unit(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """One file, or one render of a chart or a kustomization."""
    return Cap(Confidence.CERTAIN, f"both are in {a.unit.path}") if a.unit == b.unit else None


def applied_together(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """Two files of a directory that Argo CD, Flux or a command applies as a whole."""
    if not a.unit.kind == b.unit.kind == UnitKind.MANIFEST:
        return None
    both = known.appliers.of(a) & known.appliers.of(b)
    if not both:
        return None
    one = min(both, key=lambda one: (one.by == "kubectl", one))
    who = f"a command in {one.told_in}" if one.by == "kubectl" else _WHO[one.by]
    # Of a command it is not known whether anybody still gives it.
    return Cap(Confidence.LIKELY if one.by == "kubectl" else Confidence.CERTAIN, f"{who} applies {one.path} as a whole")


def sent_to_one_cluster(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """Argo CD or Flux applies both to the same cluster. What says "this cluster" is the same only where it stands side
    by side."""
    for one in sorted(known.appliers.of(a)):
        for other in known.appliers.of(b):
            beside = one.told_in.rpartition("/")[0] == other.told_in.rpartition("/")[0]
            if one.by != other.by or one.destination != other.destination:
                continue
            if one.by == "argo" and one.destination and (beside or one.destination != IN_CLUSTER):
                return Cap(Confidence.LIKELY, f"Argo CD sends both to {one.destination.partition(' ')[2]}")
            if one.by == "flux" and beside:
                return Cap(Confidence.LIKELY, f"Flux applies both, by {one.told_in}")
    return None


def numbers_of_their_own(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """Services that both units have carry different numbers: environments, it may be, but of one cluster."""
    if not known.kept_apart(a.unit, b.unit):
        return None
    return Cap(Confidence.LIKELY, "Services that both have carry different numbers, as they must in one cluster")


def layout_one_cluster(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """The configuration's ``layout: one-cluster``."""
    if known.layout.layout != "one-cluster":
        return None
    return Cap(Confidence.LIKELY, "the configuration calls the repository one cluster")
