"""What evidence looks at: the inventory, and what is counted from it when it is first asked for. Reads no disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

from nodeport_lint.clusters.appliers import Appliers
from nodeport_lint.clusters.objects import Census, compatible
from nodeport_lint.model import Inventory, Object, Unit, UnitKind

MAX_KEPT = 1_000
"""Units whose objects are kept at a time, each without the files of another one: there may be as many as pairs."""


class Known:
    """The inventory, and what was counted from it: the same, whoever asks and in whatever order."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory, self.layout = inventory, inventory.layout
        self.census = Census(inventory.layout)
        self.appliers = Appliers(inventory.layout.applied)
        self._kept_apart: dict[frozenset[Unit], bool] = {}
        self._objects: dict[tuple[Unit, frozenset[str]], dict[tuple[str, str], Object]] = {}

    def files(self, unit: Unit) -> Iterable[str]:
        """The files that a unit is made of, as far as objects of them are counted."""
        return self.layout.closures.get(unit.path, ()) if unit.kind == UnitKind.KUSTOMIZATION else (unit.path,)

    def objects(self, unit: Unit, other: Unit) -> Mapping[tuple[str, str], Object]:
        """The principal objects of a unit's files, in the namespace that a kustomization gives them. Files that the
        ``other`` unit has, too, are a base: what is made of it may have names of its own."""
        files = frozenset(self.files(unit))
        key = unit, files & frozenset(self.files(other))
        if key not in self._objects:
            if len(self._objects) >= MAX_KEPT:
                self._objects.clear()
            namespace = self.layout.namespaces.get(unit.path) if unit.kind == UnitKind.KUSTOMIZATION else None
            found = (one for path in sorted(files - key[1]) for one in self.census.by_file.get(path, ()))
            placed = (one._replace(namespace=namespace) if namespace else one for one in found)
            self._objects[key] = {(one.kind, one.name): one for one in placed}
        return self._objects[key]

    def shared(self, a: Unit, b: Unit, without: Collection[tuple[str, str]]) -> Iterator[Object]:
        """Principal objects that two units both declare; ``without``: kinds and names that do not count."""
        first, second = self.objects(a, b), self.objects(b, a)
        for key, one in first.items():
            other = second.get(key)
            if other is not None and key not in without and compatible(one.namespace, other.namespace):
                yield one

    def kept_apart(self, a: Unit, b: Unit) -> bool:
        """Whether Services that both units have carry different numbers: two at least, and twice as many as carry
        equal ones. Somebody has kept them apart, for one cluster."""
        key = frozenset((a, b))
        if key not in self._kept_apart:
            first, second = self._numbers.get(a, {}), self._numbers.get(b, {})
            common = first.keys() & second.keys()
            equal = sum(bool(first[name] & second[name]) for name in common)
            self._kept_apart[key] = len(common) - equal >= max(2, 2 * equal)
        return self._kept_apart[key]

    @cached_property
    def _numbers(self) -> dict[Unit, dict[str, set[int]]]:
        """The node ports of each Service of each unit."""
        found: dict[Unit, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for service in self.inventory.services:
            for claim in service.declarations:
                if claim.number is not None and claim.live:
                    found[claim.unit][claim.object.name].add(claim.number)
        return found
