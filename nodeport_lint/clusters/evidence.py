"""Pieces of evidence: what speaks against a clash of two declarations of one number.

Each is a pure function of the two and of what is known; it says how sure the clash can be at most, and why, or nothing.
Its name is what it says, and reports show it. ``EVIDENCE`` is the order in which they speak: the first that says
something decides. A new piece is a function here, a line of that table, and its cases in the tests. Reads no disk.
"""

from __future__ import annotations

import os
from itertools import pairwise
from typing import NamedTuple, Protocol

from nodeport_lint.clusters.known import Known
from nodeport_lint.clusters.words import words, words_of
from nodeport_lint.model import Confidence, Declaration, Object, Party, Unit, UnitKind


class Cap(NamedTuple):
    """How sure a clash can be at most (None: there is none), and why. ``notice``: what a person should hear of once,
    however many pairs it decides."""

    level: Confidence | None
    reason: str
    notice: str = ""


class Evidence(Protocol):
    """A piece of evidence, or a ground: symmetric in its two claims but for the words."""

    __name__: str

    def __call__(self, a: Declaration, b: Declaration, known: Known, /) -> Cap | None: ...


def _possible(reason: str, notice: str = "") -> Cap:
    return Cap(Confidence.POSSIBLE, reason, notice)


# --- what is said of this very pair ---------------------------------------------------------------


def clusters_of_releases(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """Two releases that the configuration sends to different clusters."""
    if a.unit.cluster and b.unit.cluster and a.unit.cluster != b.unit.cluster:
        return Cap(None, f"one goes to {a.unit.cluster}, the other to {b.unit.cluster}")
    return None


def destinations(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """Argo CD sends them to different clusters. A server's address and a name cannot be compared."""
    first, second = ({one.destination for one in known.appliers.of(claim) if one.by == "argo"} for claim in (a, b))
    kinds = {destination.partition(" ")[0] for destination in first | second}
    if not first or not second or first & second or len(kinds) != 1:
        return None
    one, other = (min(found).partition(" ")[2] for found in (first, second))
    return Cap(None, f"Argo CD sends one to {one}, the other to {other}")


def values_sets_of_one_chart(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """One chart rendered with two values sets is one install or the other; two releases are two installs."""
    if a.unit.kind == b.unit.kind == UnitKind.CHART and a.unit.path == b.unit.path and a.unit.variant != b.unit.variant:
        return Cap(None, f"two values sets of {a.unit.path}")
    return None


def one_value(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """One key of a chart's values, written in several layers, or of loose values files; a custom resource and its
    copy."""
    if a.unit.kind == b.unit.kind == UnitKind.CUSTOM and a.unit.variant == b.unit.variant and a.unit != b.unit:
        return Cap(None, f"{a.unit.variant} and its copy")
    inert = [claim.unit.is_inert for claim in (a, b)]
    if not any(inert) or a.key_of_value != b.key_of_value:
        return None
    if a.unit.path == b.unit.path or (all(inert) and not (a.of_chart or b.of_chart)):
        return Cap(None, f"one value, {a.object.name if inert[0] else b.object.name}, in several layers")
    return None


def one_object(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """The same object, or a copy of it: kind, name, and a namespace that may be the same."""
    if (a.object.kind, a.object.name) != (b.object.kind, b.object.name) or a.unit.is_inert:
        return None
    one, other = (claim.object.namespace if a.unit == b.unit else known.appliers.namespace(claim) for claim in (a, b))
    if one == other:
        return Cap(None, f"{a.object} and its copy")
    if None in (one, other) and a.unit != b.unit:
        # Within one file an object without a namespace and its namesake in a namespace are two objects:
        # written together they would otherwise be one object given twice.
        return Cap(None, f"{a.object} and {b.object} may be one object")
    return None


def inert_side(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """A number that no render shows is asked for only once somebody flips a switch."""
    if a.live and b.live:
        return None
    for claim in (a, b):
        if claim.unit.kind == UnitKind.CUSTOM:
            return _possible(f"{claim.unit.variant} holds the number, and what becomes of it is not known")
    return _possible("a values file holds the number, and nothing that was rendered asks for it")


def namesakes(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """One name in two namespaces, in different units: often one application, deployed here or there."""
    same = (a.object.kind, a.object.name) == (b.object.kind, b.object.name) and a.object.name
    if not same or a.unit.kind == b.unit.kind == UnitKind.RELEASE or a.unit.is_inert:
        return None
    return _possible(f"{a.object} and {b.object} may be one application in two environments")


# --- what two files share -------------------------------------------------------------------------


def shared_object(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """Two files that declare one object are copies, or layers, of each other."""
    if {a.unit.kind, b.unit.kind} - {UnitKind.MANIFEST, UnitKind.KUSTOMIZATION}:
        return None
    # A claimant itself replaces nothing but its own copy.
    own = {(claim.object.kind, claim.object.name) for claim in (a, b)}
    shared = next(known.shared(a.unit, b.unit, own), None)
    return None if shared is None else _possible(f"both declare {shared}: one replaces the other")


def overlays_of_one_base(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """Two kustomizations that share a file are two environments of one thing."""
    if a.unit.kind != UnitKind.KUSTOMIZATION or b.unit.kind != UnitKind.KUSTOMIZATION:
        return None
    shared = frozenset(known.files(a.unit)) & frozenset(known.files(b.unit))
    return _possible(f"{a.unit.path} and {b.unit.path} both use {min(shared)}") if shared else None


# --- what the tree says of one side ---------------------------------------------------------------


def unlisted(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """A file beside a kustomization that does not list it is usually not applied."""
    for claim in (a, b):
        if claim.unit.kind == UnitKind.MANIFEST and claim.unit.path in known.layout.unlisted:
            return _possible(f"the kustomization beside {claim.unit.path} does not list it")
    return None


def not_deployed(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """Where the tree says what is deployed, a kustomization that is not among it is a base or an example."""
    roots = known.layout.deploy_roots
    for claim in (a, b) if roots is not None else ():
        if claim.unit.kind == UnitKind.KUSTOMIZATION and claim.unit.path not in (roots or ()):
            return _possible(f"nothing that is deployed refers to {claim.unit.path}")
    return None


def offered_by_chart(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """The default values of one chart of several are an offer: who installs it may give others. What Argo CD or Flux
    installs from the tree is installed."""
    for claim in (a, b):
        if _is_offer(claim.unit, known) and not known.appliers.of(claim):
            return _possible(f"the default values of {claim.unit.path} are an offer, and an install may change them")
    return None


def _is_offer(unit: Unit, known: Known) -> bool:
    """Sets under ci/ are there to test a chart."""
    offered = not unit.variant or unit.variant.startswith("ci/")
    return unit.kind == UnitKind.CHART and offered and unit.path in known.inventory.catalogue


# --- what words of paths and names suggest --------------------------------------------------------


def environments(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """Different environments on both sides, by words of the path or of the namespace."""
    first, second = (
        words_of("environment").intersection([*words(claim.place), *words(claim.object.namespace or "")])
        for claim in (a, b)
    )
    if not first or not second or first & second:
        return None
    return _possible(f"one is of {min(first)}, the other of {min(second)}")


def places_of_their_own(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """clusters/one and clusters/two, envs/one and envs/two."""
    first, second = a.place.split("/"), b.place.split("/")
    at = next((at for at in range(min(len(first), len(second))) if first[at] != second[at]), 0)
    if at == 0 or first[at - 1] not in words_of("places"):
        return None
    return _possible(f"one is in {first[at - 1]}/{first[at]}, the other in {first[at - 1]}/{second[at]}")


def variants(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """Names that differ only by words such as v2, ha or nodeport are ways to deploy one thing."""
    if a.unit.is_inert or b.unit.is_inert:
        return None
    first, second = set(words(a.object.name)), set(words(b.object.name))
    told = words_of("variant")
    if a.object.namespace == b.object.namespace and _folder(a) == _folder(b):
        # Side by side, a Service for inside and one for outside are applied together.
        told = told - words_of("exposure")
        stems = [set(words(os.path.splitext(os.path.basename(claim.unit.path))[0])) - told for claim in (a, b)]
        if stems[0] and stems[0] == stems[1] and a.unit.kind == b.unit.kind == UnitKind.MANIFEST:
            return _possible(f"{a.unit.path} and {b.unit.path} are variants of one file")
    bare = [names - told for names in (first, second)]
    if bare[0] and bare[0] == bare[1]:
        return _possible(f"{a.object.name} and {b.object.name} are variants of one name")
    smaller, larger = sorted((first, second), key=len)
    is_part = len(smaller) >= 2 and smaller < larger and not larger - smaller <= words_of("exposure") - told
    if is_part and a.port is not None and a.port == b.port:
        return _possible(f"{a.object.name} and {b.object.name} may be variants: one name is a part of the other")
    return None


def _folder(claim: Declaration) -> str:
    return claim.location.path.rpartition("/")[0] if claim.unit.kind == UnitKind.MANIFEST else claim.unit.path


def roles(a: Declaration, b: Declaration, _: Known) -> Cap | None:
    """A path such as examples/ or archive/, unless the object itself is called so."""
    for claim in (a, b):
        word = _role_of(claim.place, claim.object, "role")
        if word and not claim.unit.is_inert:
            return _said(claim.place, word)
    return None


def stored(party: Party, known: Known) -> Cap | None:
    """The same, of a fault that needs no second claim: an example with a fault has a fault, and only what lies in
    testdata/ or archive/ is hardly seen by a cluster. Not where the configuration puts it into one."""
    unit = party.units[0] if party.units else None
    path = party.location.path
    place = unit.path if unit is not None and (unit.is_rendered or unit.kind == UnitKind.KUSTOMIZATION) else path
    word = _role_of(place, party.object, "stored")
    if not word or place in known.inventory.registries or (word == "test" and _is_environment(place)):
        return None
    of = known.layout.cluster_of
    declared = bool(unit and unit.cluster) or (of is not None and bool(of(unit.file(path) if unit else path)))
    return None if declared else _said(place, word)


def _role_of(place: str, of: Object | None, among: str) -> str:
    """A word of a path by which what lies there is not deployed, unless the object itself is called so."""
    own = {*words(of.name), *words(of.namespace or "")} if of is not None else set()
    return next((word for word in words(place) if word in words_of(among) and word not in own), "")


def _said(place: str, word: str) -> Cap:
    return _possible(f"the path {place} says {word}")


def _is_environment(place: str) -> bool:
    """Whether a directory called test may be the environment of that name, and no place for tests."""
    parts = place.split("/")
    return "test" in parts or any(
        one in words_of("places") and "test" in words(other) for one, other in pairwise(parts)
    )


# --- what the whole repository is called ----------------------------------------------------------


def layout_collection(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """The configuration's ``layout: collection``."""
    told = known.layout.layout == "collection"
    return _possible("the configuration calls the repository a collection") if told else None


def collection(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """A directory whose objects are declared again and again is a collection; nobody applies it as a whole."""
    if known.layout.layout == "one-cluster" or UnitKind.MANIFEST not in (a.unit.kind, b.unit.kind):
        return None
    folders = [f"/{claim.location.path.rpartition('/')[0]}" for claim in (a, b)]
    directory, lowest = os.path.commonpath(folders)[1:], True
    while not known.census.is_collection(directory, lowest):
        if not directory:
            return None
        directory, lowest = directory.rpartition("/")[0], False
    told = f"{directory or 'the repository'} declares the same objects again and again"
    return _possible(f"{told}: copies that are not applied together", told)


def title(a: Declaration, b: Declaration, known: Known) -> Cap | None:
    """A repository that is called a course or examples."""
    if known.layout.layout == "one-cluster":
        return None
    called = next(filter(_is_collection, known.layout.titles), None)
    if called is None:
        return None
    told = f"the repository is called {called!r}"
    return _possible(f"{told}: its files are not applied together", told)


def _is_collection(name: str) -> bool:
    """A word of teaching at either end of a name, or beside what is taught: a golf-course-api is none."""
    told = words(name)
    found = words_of("collection").intersection(told)
    return bool(found and (words_of("collection") & {told[0], told[-1]} or words_of("subject").intersection(told)))


RULES_OUT: tuple[Evidence, ...] = (
    clusters_of_releases, destinations, values_sets_of_one_chart, one_value, one_object,
)  # fmt: skip
"""Pieces after which there is no clash."""
EVIDENCE: tuple[Evidence, ...] = (
    *RULES_OUT,
    inert_side, namesakes,
    shared_object, overlays_of_one_base,
    unlisted, not_deployed, offered_by_chart,
    environments, places_of_their_own, variants, roles,
    layout_collection, collection, title,
)  # fmt: skip
"""All pieces, in the order in which they speak: the more telling first. What rules a clash out, then what makes it
doubtful: what is said of this very pair, what two files share, what the tree says of one side, what words of paths and
names suggest, and what the whole repository is called."""
