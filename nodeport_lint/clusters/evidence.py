"""Can two declarations of one number be live in one cluster? A verdict with its reason.

Pieces of evidence are small functions that cap the level of a pair; the order does not matter, the lowest cap
holds. What is declared in the configuration beats what the tree suggests. Reads no disk.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise

from nodeport_lint.clusters.known import Known
from nodeport_lint.clusters.words import words, words_of
from nodeport_lint.model import Confidence, Declaration, Inventory, Object, Unit, Verdict

Cap = tuple[Confidence | None, str]
Evidence = Callable[[Declaration, Declaration, "Known"], "Cap | None"]


def judge(inventory: Inventory, known: Known | None = None) -> Callable[[Declaration, Declaration], Verdict]:
    """How sure it is that one cluster gets both of two declarations; symmetric in them."""
    known = known or Known(inventory)
    layout = inventory.layout

    def verdict(a: Declaration, b: Declaration) -> Verdict:
        level: Confidence | None = Confidence.LIKELY
        reason, pieces = "nothing says that they go to different clusters", EVIDENCE
        together = known.together(a, b)
        if together is not None:
            (level, reason), pieces = together, WITHIN
        if layout.cluster_of is not None:
            one, other = layout.cluster(a), layout.cluster(b)
            if not one or one != other:
                return Verdict(None, "not in one declared cluster")
            level, reason, pieces = Confidence.CERTAIN, f"both are in the cluster {one}", SETTLED
        lifted: tuple[Evidence, ...] = ONE_CLUSTER if layout.layout == "one-cluster" else ()
        if together is None and pieces is EVIDENCE:
            sent = known.sent_to(a, b)
            reason = sent or reason
            lifted = LIFTED if sent or known.share_one_cluster(a.unit, b.unit) else lifted
        for evidence in pieces:
            cap = None if evidence in lifted else evidence(a, b, known)
            if cap is not None and (cap[0] or 0) < (level or 0):
                level, reason = cap
        return Verdict(level, reason)

    return verdict


def values_sets_of_one_chart(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """R0: one chart rendered with two values sets is one install or the other; two releases are two installs."""
    if a.unit.kind == b.unit.kind == "chart" and a.unit.path == b.unit.path and a.unit.variant != b.unit.variant:
        return None, f"two values sets of {a.unit.path}"
    return None


def clusters_of_releases(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """Two releases that the configuration sends to different clusters."""
    if a.unit.cluster and b.unit.cluster and a.unit.cluster != b.unit.cluster:
        return None, f"one goes to {a.unit.cluster}, the other to {b.unit.cluster}"
    return None


def destinations(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """R8g: Argo CD sends them to different clusters. A server's address and a name cannot be compared."""
    first, second = ({one.destination for one in known.applied(claim) if one.by == "argo"} for claim in (a, b))
    kinds = {destination.partition(" ")[0] for destination in first | second}
    if not first or not second or first & second or len(kinds) != 1 or "" in kinds:
        return None
    one, other = (min(found).partition(" ")[2] for found in (first, second))
    return None, f"Argo CD sends one to {one}, the other to {other}"


def one_value(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """R1v: one key of a chart's values, written in several layers, or of loose values files; R1 of custom resources."""
    if a.unit.kind == b.unit.kind == "values" and a.unit.variant == b.unit.variant != "" and a.unit != b.unit:
        return None, f"{a.unit.variant} and its copy"
    inert = [claim.unit.kind == "values" for claim in (a, b)]
    if not any(inert) or a.route_of_value != b.route_of_value:
        return None
    if a.unit.path == b.unit.path or (all(inert) and not (a.of_chart or b.of_chart)):
        return None, f"one value, {a.object.name if inert[0] else b.object.name}, in several layers"
    return None


def inert_side(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """R4: a number that no render shows is asked for only once somebody flips a switch."""
    if a.live and b.live:
        return None
    for claim in (a, b):
        if claim.unit.kind == "values" and claim.unit.variant:
            return Confidence.POSSIBLE, f"{claim.unit.variant} holds the number, and what becomes of it is not known"
    return Confidence.POSSIBLE, "a values file holds the number, and nothing that was rendered asks for it"


def offered_by_chart(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """R4: the default values of one chart of several are an offer: who installs it may give others. What Argo CD or
    Flux installs from the tree is installed."""
    for claim in (a, b):
        if _is_offer(claim.unit, known) and not known.applied(claim):
            return (
                Confidence.POSSIBLE,
                f"the default values of {claim.unit.path} are an offer, and an install may change them",
            )
    return None


def _is_offer(unit: Unit, known: Known) -> bool:
    """Sets under ci/ are there to test a chart."""
    offered = not unit.variant or unit.variant.startswith("ci/")
    return unit.kind == "chart" and offered and unit.path in known.inventory.catalogue


def one_object(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """R1: the same object, or a copy of it: kind, name, and a namespace that may be the same."""
    if (a.object.kind, a.object.name) != (b.object.kind, b.object.name) or a.unit.kind == "values":
        return None
    one, other = (claim.object.namespace if a.unit == b.unit else known.namespace(claim) for claim in (a, b))
    if one == other:
        return None, f"{a.object} and its copy"
    if None in (one, other) and a.unit != b.unit:
        # Within one file an object without a namespace and its namesake in a namespace are two objects:
        # written together they would otherwise be one object given twice.
        return None, f"{a.object} and {b.object} may be one object"
    return None


def namesakes(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """R1b: one name in two namespaces, in different units: often one application, deployed here or there."""
    same = (a.object.kind, a.object.name) == (b.object.kind, b.object.name) and a.object.name
    if not same or a.unit.kind == b.unit.kind == "release" or a.unit.kind == "values":
        return None
    return Confidence.POSSIBLE, f"{a.object} and {b.object} may be one application in two environments"


def shared_object(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """R2: two files that declare one object are copies, or layers, of each other."""
    if {a.unit.kind, b.unit.kind} - {"manifest", "kustomization"}:
        return None
    # A claimant itself replaces nothing but its own copy.
    own = {(claim.object.kind, claim.object.name) for claim in (a, b)}
    shared = next(known.shared(a.unit, b.unit, own), None)
    return None if shared is None else (Confidence.POSSIBLE, f"both declare {shared}: one replaces the other")


def collection(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """R3: a directory whose objects are declared again and again is a collection; nobody applies it as a whole."""
    if known.layout.layout == "one-cluster" or "manifest" not in (a.unit.kind, b.unit.kind):
        return None
    folders = [f"/{claim.location.path.rpartition('/')[0]}" for claim in (a, b)]
    directory = os.path.commonpath(folders)[1:]
    lowest = True
    while True:
        if known.census.is_collection(directory, lowest):
            where = directory or "the repository"
            known.collections[directory] = f"{where} declares the same objects again and again"
            return Confidence.POSSIBLE, f"{known.collections[directory]}: copies that are not applied together"
        if not directory:
            return None
        directory, lowest = directory.rpartition("/")[0], False


def environments(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """R6: different environments on both sides, by words of the path or of the namespace."""
    first, second = (
        words_of("environment").intersection([*words(claim.place), *words(claim.object.namespace or "")])
        for claim in (a, b)
    )
    if not first or not second or first & second:
        return None
    return Confidence.POSSIBLE, f"one is of {min(first)}, the other of {min(second)}"


def overlays_of_one_base(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """R8a: two kustomizations that share a file are two environments of one thing."""
    if a.unit.kind != "kustomization" or b.unit.kind != "kustomization":
        return None
    shared = frozenset(known.files(a.unit)) & frozenset(known.files(b.unit))
    return (Confidence.POSSIBLE, f"{a.unit.path} and {b.unit.path} both use {min(shared)}") if shared else None


def places_of_their_own(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """R8b: clusters/one and clusters/two, envs/one and envs/two."""
    first, second = a.place.split("/"), b.place.split("/")
    shorter = min(len(first), len(second))
    at = next((at for at, (x, y) in enumerate(zip(first[:shorter], second[:shorter], strict=True)) if x != y), 0)
    if at == 0 or first[at - 1] not in words_of("places"):
        return None
    return Confidence.POSSIBLE, f"one is in {first[at - 1]}/{first[at]}, the other in {first[at - 1]}/{second[at]}"


def unlisted(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """R8c: a file beside a kustomization that does not list it is usually not applied."""
    for claim in (a, b):
        if claim.unit.kind == "manifest" and claim.unit.path in known.layout.unlisted:
            return Confidence.POSSIBLE, f"the kustomization beside {claim.unit.path} does not list it"
    return None


def variants(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """R8d: names that differ only by words such as v2, ha or nodeport are ways to deploy one thing."""
    if "values" in (a.unit.kind, b.unit.kind):
        return None
    first, second = set(words(a.object.name)), set(words(b.object.name))
    told = words_of("variant")
    if a.object.namespace == b.object.namespace and _folder(a) == _folder(b):
        # Side by side, a Service for inside and one for outside are applied together.
        told = told - words_of("exposure")
        stems = [set(words(os.path.splitext(os.path.basename(claim.unit.path))[0])) - told for claim in (a, b)]
        if stems[0] and stems[0] == stems[1] and a.unit.kind == b.unit.kind == "manifest":
            return Confidence.POSSIBLE, f"{a.unit.path} and {b.unit.path} are variants of one file"
    bare = [names - told for names in (first, second)]
    if bare[0] and bare[0] == bare[1]:
        return Confidence.POSSIBLE, f"{a.object.name} and {b.object.name} are variants of one name"
    smaller, larger = sorted((first, second), key=len)
    is_part = len(smaller) >= 2 and smaller < larger and not larger - smaller <= words_of("exposure") - told
    if is_part and a.port is not None and a.port == b.port:
        return (
            Confidence.POSSIBLE,
            f"{a.object.name} and {b.object.name} may be variants: one name is a part of the other",
        )
    return None


def _folder(claim: Declaration) -> str:
    return claim.location.path.rpartition("/")[0] if claim.unit.kind == "manifest" else claim.unit.path


def not_deployed(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """R8h: where the tree says what is deployed, a kustomization that is not among it is a base or an example."""
    roots = known.layout.deploy_roots
    for claim in (a, b) if roots is not None else ():
        if claim.unit.kind == "kustomization" and claim.unit.path not in (roots or ()):
            return Confidence.POSSIBLE, f"nothing that is deployed refers to {claim.unit.path}"
    return None


def roles(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """R9: a path such as examples/ or archive/, unless the object itself is called so."""
    for claim in (a, b):
        found = role_of(claim.place, claim.object)
        if found and claim.unit.kind != "values":
            return Confidence.POSSIBLE, f"the path {claim.place} says {found}"
    return None


def role_of(place: str, of: Object | None, among: str = "role") -> str:
    """A word of a path by which what lies there is not deployed, unless the object itself is called so."""
    own = {*words(of.name), *words(of.namespace or "")} if of is not None else set()
    return next((word for word in words(place) if word in words_of(among) and word not in own), "")


def is_environment(place: str) -> bool:
    """Whether a directory called test may be the environment of that name, and no place for tests."""
    parts = place.split("/")
    return "test" in parts or any(
        one in words_of("places") and "test" in words(other) for one, other in pairwise(parts)
    )


def title(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """R10: a repository that is called a course or examples."""
    if known.layout.layout == "one-cluster":
        return None
    if known.layout.layout == "collection":
        return Confidence.POSSIBLE, "the configuration calls the repository a collection"
    called = next(filter(_is_collection, known.layout.titles), None)
    if called is None:
        return None
    known.collections[""] = f"the repository is called {called!r}"
    return Confidence.POSSIBLE, f"{known.collections['']}: its files are not applied together"


def _is_collection(name: str) -> bool:
    """A word of teaching at either end of a name, or beside what is taught: a golf-course-api is none."""
    told = words(name)
    found = words_of("collection").intersection(told)
    return bool(found and (words_of("collection") & {told[0], told[-1]} or words_of("subject").intersection(told)))


SETTLED: tuple[Evidence, ...] = (values_sets_of_one_chart, clusters_of_releases, one_value, inert_side, one_object)
"""What holds in a cluster that the configuration declares, too."""
WITHIN: tuple[Evidence, ...] = (*SETTLED, roles)
"""What speaks of two claims that are applied together."""
EVIDENCE: tuple[Evidence, ...] = (
    *SETTLED, destinations, title, offered_by_chart, namesakes, shared_object, collection, environments,
    overlays_of_one_base, places_of_their_own, unlisted, variants, not_deployed, roles,
)  # fmt: skip
LIFTED: tuple[Evidence, ...] = (
    environments, overlays_of_one_base, places_of_their_own, shared_object, variants, namesakes,
)  # fmt: skip
"""What does not count where both sides have been given numbers of their own for one cluster (P1), or are sent there."""
ONE_CLUSTER: tuple[Evidence, ...] = (environments, overlays_of_one_base, places_of_their_own, namesakes)
"""What does not count where the configuration calls the repository one cluster."""
