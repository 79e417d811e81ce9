"""What an output of kustomize was made of: the objects of files, and where the values of a rendered one are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.engines.places import Origin, RenderedPlaces
from nodeport_lint.engines.rendered import RenderedObject
from nodeport_lint.model import Location, Route


class Base(NamedTuple):
    """An object as a file holds it."""

    path: str
    object: RenderedObject


class Bases:
    """Objects of files, by their names."""

    def __init__(self, found: Iterable[Base]) -> None:
        self._named: dict[str, Base] = {}
        sizes: dict[str, int] = {}
        for base in found:
            # A patch names the object, too; what has more of it comes first.
            name, size = name_of(base.object.value)[:LONGEST_NAME], base.object.node.size
            if name and size > sizes.get(name, -1):
                self._named[name], sizes[name] = base, size
        self._lengths = sorted({len(name) for name in self._named}, reverse=True)

    def of(self, name: str) -> Base | None:
        """The object that a rendered one was made of: its name is a part of the rendered name, as long as can be."""
        name = name[:LONGEST_NAME]
        for length in self._lengths:
            for start in range(len(name) - length + 1):
                base = self._named.get(name[start : start + length])
                if base is not None:
                    return base
        return None


LONGEST_NAME = 63
"""Characters of a Service's name (RFC 1035 label); of a longer one no more is looked at."""


class KustomizedPlaces(RenderedPlaces):
    """Kustomize drops comments, so nothing marks lines: what is no traced number is looked for in the object that
    the rendered one was made of, where the same value stands at the same place."""

    def __init__(
        self, found: RenderedObject, template: Location, origins: Mapping[Route, Origin], base: Base | None
    ) -> None:
        super().__init__(found, template, origins, {})
        self.base = base

    def trail(self, route: Route) -> tuple[Location, ...]:
        return tuple(place for place in super().trail(route) if place.note != "rendered here")

    def _line(self, route: Route) -> Location:
        if self.base is None:
            return self.template
        places = yamltext.NodePlaces(self.base.object.stream, self.base.object.node, self.base.path)
        if _at(self.base.object.value, route) == _at(self.found.value, route):
            return places.locate(route)
        return places.locate(("metadata", "name"))


def _at(value: Any, route: Route) -> Any:
    for step in route:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def name_of(value: Mapping[str, Any]) -> str:
    metadata = value.get("metadata")
    return str(metadata.get("name") or "") if isinstance(metadata, dict) else ""
