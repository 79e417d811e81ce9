"""Where the values of rendered objects were written: never a line of rendered text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.engines.outcome import InputRegion, TracedObject
from nodeport_lint.engines.rendered import RenderedObject
from nodeport_lint.model import Location, Route
from nodeport_lint.provenance import COMPUTED, JOINT, RANDOM


def in_step(
    found: Sequence[RenderedObject], traced: Sequence[TracedObject]
) -> Iterator[tuple[RenderedObject, TracedObject]]:
    """The Services of a document, each with its trace.

    Either may be the shorter one: of a document that is too much the rest was not traced, which a failure tells, and
    where aliases of the whole run lead to too much the rest is not read, which a problem tells. Both keep the order.
    """
    both = min(len(found), len(traced))
    return zip(found[:both], traced[:both], strict=True)


def origins_of(traced: TracedObject, locate: Callable[[InputRegion], Location]) -> dict[Route, Origin]:
    """The origins of the numbers of an object, ``locate`` giving the place of an input's characters in the tree."""
    return {
        number.route: Origin(number.label, tuple(map(locate, number.places)), number.fixed) for number in traced.numbers
    }


class Origin(NamedTuple):
    """Where one number comes from: a label of ``provenance``, and the places. ``fixed``: no values can change it."""

    label: str
    places: tuple[Location, ...]
    fixed: bool = False


class RenderedPlaces:
    """Where the values of a rendered object were written (``model.Places``): never a line of rendered text.

    Numbers are at their origin. Anything else is at its line of the template where a mark told it, else at the
    template's line that begins the object, else in the template.
    """

    def __init__(
        self,
        found: RenderedObject,
        template: Location,
        origins: Mapping[Route, Origin],
        lines: Mapping[Route, Location],
    ) -> None:
        self.found, self.template, self.origins, self.lines = found, template, origins, lines

    def locate(self, route: Route) -> Location:
        origin = self.origins.get(route)
        if origin is None or not origin.places:
            place = self._line(route)
            return place._replace(note=_joined(place.note, "random")) if origin and origin.label == RANDOM else place
        place = origin.places[0]._replace(exactness=origin.label)
        return place._replace(note=_joined(place.note, "computed from here")) if origin.label == COMPUTED else place

    def locate_key(self, route: Route) -> Location:
        return self._line(route)

    def trail(self, route: Route) -> tuple[Location, ...]:
        origin = self.origins.get(route)
        if origin is None:
            return ()
        word = {JOINT: "together with this one", COMPUTED: "computed from this one, too"}.get(origin.label, "")
        others = [place._replace(note=_joined(place.note, word)) for place in origin.places[1:]]
        line = self._line(route)
        if origin.places and line.region is not None and not _holds(line, origin.places[0]):
            others.append(line._replace(note=_joined(line.note, "rendered here")))
        return tuple(others)

    def repeated_keys(self) -> Iterator[tuple[Route, tuple[Location, ...]]]:
        for route, keys in yamltext.NodePlaces(self.found.stream, self.found.node, "").repeated_keys():
            yield route, (self._line(route),) * len(keys)

    def fixed(self, route: Route) -> bool:
        origin = self.origins.get(route)
        return origin is not None and origin.fixed

    def _line(self, route: Route) -> Location:
        for end in range(len(route), 1, -1):
            at = route[:end]
            if at in self.lines:
                return self.lines[at]
            within = [place for other, place in self.lines.items() if other[:end] == at]
            if within:
                # An entry whose first line bears no mark: the first of its lines that does.
                return min(within, key=lambda place: place.order)
        return self.lines.get(("kind",), self.template)


def _joined(*notes: str) -> str:
    return ", ".join(filter(None, notes))


def _holds(line: Location, place: Location) -> bool:
    return (
        line.region is not None and place.region is not None
        and (line.path, line.note, line.region.line) == (place.path, place.note, place.region.line)
    )  # fmt: skip
