"""What evidence looks at: the inventory, and what is counted from it when it is first asked for. Reads no disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

from nodeport_lint.clusters.applied import IN_CLUSTER, AppliedIndex
from nodeport_lint.clusters.objects import Census, compatible
from nodeport_lint.model import Applied, Confidence, Declaration, Inventory, Object, Unit

MAX_KEPT = 1_000
"""Units whose objects are kept at a time, each without the files of another one: there may be as many as pairs."""


class Known:
    """What evidence looks at: the inventory, and what is counted from it when first asked for.

    ``collections`` grows with the directories whose files were taken for copies.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.inventory, self.layout = inventory, inventory.layout
        self.census = Census(inventory.layout)
        self.collections: dict[str, str] = {}
        self._index = AppliedIndex(inventory.layout.applied)
        self._one_cluster: dict[frozenset[Unit], bool] = {}
        self._objects: dict[tuple[Unit, frozenset[str]], dict[tuple[str, str], Object]] = {}
        self._applied: dict[tuple[bool, str], frozenset[Applied]] = {}

    def files(self, unit: Unit) -> Iterable[str]:
        """The files that a unit is made of, as far as objects of them are counted."""
        return self.layout.closures.get(unit.path, ()) if unit.kind == "kustomization" else (unit.path,)

    def objects(self, unit: Unit, other: Unit) -> Mapping[tuple[str, str], Object]:
        """The principal objects of a unit's files, in the namespace that a kustomization gives them. Files that the
        ``other`` unit has, too, are a base: what is made of it may have names of its own."""
        files = frozenset(self.files(unit))
        key = unit, files & frozenset(self.files(other))
        if key not in self._objects:
            if len(self._objects) >= MAX_KEPT:
                self._objects.clear()
            namespace = self.layout.namespaces.get(unit.path) if unit.kind == "kustomization" else None
            found = (one for path in sorted(files - key[1]) for one in self.census.by_file.get(path, ()))
            placed = (one._replace(namespace=namespace) if namespace else one for one in found)
            self._objects[key] = {(one.kind, one.name): one for one in placed}
        return self._objects[key]

    def applied(self, claim: Declaration) -> frozenset[Applied]:
        """The directories of Argo CD and Flux by which a claim is applied."""
        key = (True, claim.place) if claim.unit.kind == "manifest" else (False, claim.unit.path)
        if key not in self._applied:
            directory = "" if claim.unit.path == "." else claim.unit.path
            found = self._index.taking(claim.place) if key[0] else self._index.covering(directory)
            self._applied[key] = frozenset(one for one in found if key[0] or one.by != "kubectl")
        return self._applied[key]

    def together(self, a: Declaration, b: Declaration) -> tuple[Confidence, str] | None:
        """Why both are applied by one thing, where they are, and how sure that is."""
        if a.unit == b.unit:
            return Confidence.CERTAIN, f"both are in {a.unit.path}"
        if a.unit.kind == b.unit.kind == "manifest":
            both = self.applied(a) & self.applied(b)
            if both:
                one = min(both, key=lambda one: (one.by == "kubectl", one))
                who = {"argo": "Argo CD", "flux": "Flux", "kubectl": f"a command in {one.told_in}"}[one.by]
                # Of a command it is not known whether anybody still gives it.
                level = Confidence.LIKELY if one.by == "kubectl" else Confidence.CERTAIN
                return level, f"{who} applies {one.path} as a whole"
        return None

    @cached_property
    def numbers(self) -> dict[Unit, dict[str, set[int]]]:
        """The node ports of each Service of each unit."""
        found: dict[Unit, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for service in self.inventory.services:
            for claim in service.declarations:
                if claim.number is not None and claim.live:
                    found[claim.unit][claim.object.name].add(claim.number)
        return found

    def shared(self, a: Unit, b: Unit, without: Collection[tuple[str, str]]) -> Iterator[Object]:
        """Principal objects that two units both declare; ``without``: kinds and names that do not count."""
        first, second = self.objects(a, b), self.objects(b, a)
        for key, one in first.items():
            other = second.get(key)
            if other is not None and key not in without and compatible(one.namespace, other.namespace):
                yield one

    def sent_to(self, a: Declaration, b: Declaration) -> str:
        """The one cluster to which Argo CD or Flux sends two claims, in words; empty where that is not told.

        What says "this cluster" is the same only where it stands side by side.
        """
        for one in sorted(self.applied(a)):
            for other in self.applied(b):
                beside = one.told_in.rpartition("/")[0] == other.told_in.rpartition("/")[0]
                if one.by != other.by or one.by == "kubectl" or one.destination != other.destination:
                    continue
                if one.by == "argo" and one.destination and (beside or one.destination != IN_CLUSTER):
                    return f"Argo CD sends both to {one.destination.partition(' ')[2]}"
                if one.by == "flux" and beside:
                    return f"Flux applies both, by {one.told_in}"
        return ""

    def namespace(self, claim: Declaration) -> str | None:
        """Its own, or the one that Argo CD or Flux gives to what has none."""
        given = {one.namespace for one in self.applied(claim) if one.namespace}
        return claim.object.namespace or (min(given) if len(given) == 1 else None)

    def share_one_cluster(self, a: Unit, b: Unit) -> bool:
        """P1: Services that both have carry different numbers: somebody has kept them apart, for one cluster."""
        key = frozenset((a, b))
        if key not in self._one_cluster:
            first, second = self.numbers.get(a, {}), self.numbers.get(b, {})
            common = first.keys() & second.keys()
            equal = sum(bool(first[name] & second[name]) for name in common)
            self._one_cluster[key] = len(common) - equal >= max(2, 2 * equal)
        return self._one_cluster[key]
