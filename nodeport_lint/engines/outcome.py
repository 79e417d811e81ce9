"""What one render gave: Services with the origins of their node ports, in a form that can be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from nodeport_lint.engines.cache import Cache, key_of
from nodeport_lint.engines.rendered import MAX_DOCUMENT, Watch, holds_service
from nodeport_lint.model import Region, Route
from nodeport_lint.model.render import Engine, Inputs, Rendered, RenderError, RenderOptions
from nodeport_lint.provenance import ALGORITHM, LABELS, Locus, Name, Place, Trace, trace
from nodeport_lint.yamltext.lines import Lines

FORMAT = f"6.{ALGORITHM}"
"""Of a kept result. Grows when what is written below, or how inputs are made to render, changes."""


SIZE, GIVEN_UP = "size", "given-up"
"""The kinds of failures of what gives more than is read, and holds Services, and of what was not begun."""

LOST = frozenset({"chart", "template", "stand-ins", "version", "lines", "patch"})
"""What a failure may take."""


class Failure(NamedTuple):
    """What did not render. ``lost`` is one of LOST: a whole ``chart``, a ``template``, ``stand-ins`` (put in place of
    named templates), the ``version`` (of Kubernetes, passed over), ``lines`` (rendered, but the source of its numbers
    is not known) or a ``patch`` (of a Service that is missing)."""

    lost: str
    kind: str
    message: str
    file: str | None
    line: int | None

    @property
    def gave_up(self) -> bool:
        """Whether a limit of ours took something that may be right; not where only lines are unknown."""
        return self.lost != "lines" and (self.kind in RenderError.LIMITS or self.kind in (SIZE, GIVEN_UP))


class InputRegion(NamedTuple):
    """Characters of an input."""

    path: str
    region: Region


class TracedNumber(NamedTuple):
    """Where a number of an object comes from: a label of ``provenance``, and places. ``fixed``: no values change it."""

    route: Route
    label: str
    fixed: bool
    places: tuple[InputRegion, ...]


class TracedObject(NamedTuple):
    """``numbers`` of one Service, and the ``lines`` of templates that wrote its values, as far as they are known."""

    numbers: tuple[TracedNumber, ...] = ()
    lines: tuple[tuple[Route, InputRegion], ...] = ()


class TracedDocument(NamedTuple):
    """A document that holds Services. ``source``: the input that it was rendered from. ``objects``: its Services in
    their order, up to the first that is too much to be read."""

    text: str
    source: str | None
    objects: tuple[TracedObject, ...]


class Outcome(NamedTuple):
    """``documents`` with Services; ``failures`` in the order in which they came up."""

    documents: Sequence[TracedDocument]
    failures: Sequence[Failure]
    cached: bool = False

    @property
    def rendered(self) -> bool:
        return not any(failure.lost == "chart" for failure in self.failures)


Fixed = Callable[[str, str], Callable[[int], bool]]
"""Given an input's path and text, a function that tells whether the number at an offset of it stands there for good, so
that no values can change it."""


def kept_or_made(
    engine: Engine, cache: Cache, inputs: Inputs, options: RenderOptions, make: Callable[[], Outcome]
) -> Outcome:
    """The outcome that was kept for these inputs, or a new one, which is kept unless a limit ended it."""
    if cache.directory is None:
        return make()
    key = key_of(engine.id, FORMAT, inputs, options)
    kept = _decoded(cache.get(key))
    if kept is not None:
        return kept
    outcome = make()
    if not any(failure.kind in RenderError.LIMITS for failure in outcome.failures):
        # Named tuples are written as lists, so that nothing needs to be encoded.
        cache.put(key, [outcome.documents, outcome.failures])
    return outcome


_ROUTE = [str | int]
_PLACE = (str, (int, int, int, int))
_OBJECT = ([(_ROUTE, LABELS, bool, [_PLACE])], [(_ROUTE, _PLACE)])
_SHAPE = ([(str, str | None, [_OBJECT])], [(LOST, str, str, str | None, int | None)])
"""Of a kept outcome: a list stands for any number of one shape, a tuple for one of each, a set for one of its words."""


def _decoded(value: Any) -> Outcome | None:
    """The outcome that was written; None where it is none."""
    if not _has(value, _SHAPE):
        return None
    documents, failures = value
    return Outcome(
        [TracedDocument(text, source, _objects(objects)) for text, source, objects in documents],
        [Failure(*failure) for failure in failures],
        cached=True,
    )


def _has(value: Any, shape: Any) -> bool:
    if isinstance(shape, list):
        return isinstance(value, list) and all(_has(one, shape[0]) for one in value)
    if isinstance(shape, tuple):
        return isinstance(value, list) and len(value) == len(shape) and all(map(_has, value, shape))
    if isinstance(shape, frozenset):
        return isinstance(value, str) and value in shape
    return isinstance(value, shape)


def _objects(given: Any) -> tuple[TracedObject, ...]:
    return tuple(TracedObject(_numbers(numbers), _lines(lines)) for numbers, lines in given)


def _numbers(given: Any) -> tuple[TracedNumber, ...]:
    return tuple(
        TracedNumber(tuple(route), label, fixed, tuple(_place(place) for place in places))
        for route, label, fixed, places in given
    )


def _lines(given: Any) -> tuple[tuple[Route, InputRegion], ...]:
    return tuple((tuple(route), _place(place)) for route, place in given)


def _place(given: Any) -> InputRegion:
    path, region = given
    return InputRegion(path, Region(*region))


def traced(
    engine: Engine, inputs: Inputs, options: RenderOptions, rendered: Rendered, fixed: Fixed = lambda path, text: _never
) -> Outcome:
    """The documents of an output that hold Services, with the origins of their node ports, and what is not known."""
    failures = [
        Failure("template", SIZE, f"it gives an object of more than {MAX_DOCUMENT / 1e6} MB", document.source, None)
        for document in rendered.documents
        if len(document.text) > MAX_DOCUMENT and holds_service(document.text)
    ]
    watch = Watch()
    found = trace(engine, inputs, options, rendered, watch)
    if watch.beyond is not None:
        index, why = watch.beyond
        failures.append(Failure("template", SIZE, why, rendered.documents[index].source, None))
    if found.limit:
        failures.append(Failure("lines", "timeout", found.limit, None, None))
    reader = _TraceReader(inputs, found, fixed)
    return Outcome(_documents(rendered, found, reader) if found.names else [], failures)


def _never(offset: int) -> bool:
    return False


def _documents(rendered: Rendered, found: Trace, reader: _TraceReader) -> list[TracedDocument]:
    return [
        TracedDocument(document.text, document.source, tuple(map(reader.object, names)))
        for document, names in zip(rendered.documents, found.names, strict=True)
        if names
    ]


class _TraceReader:
    """What a trace tells of each object, with regions of the inputs' own texts."""

    def __init__(self, inputs: Inputs, found: Trace, fixed: Fixed) -> None:
        self.inputs, self.found, self.fixed = inputs, found, fixed
        self.lines: dict[str, Lines] = {}
        self.fixed_in: dict[str, Callable[[int], bool]] = {}
        self.numbers: dict[Name, list[TracedNumber]] = {}
        for locus, source in found.sources.items():
            self.numbers.setdefault(locus.name, []).append(self._number(locus, source.label, source.places))

    def object(self, name: Name) -> TracedObject:
        lines: Mapping[Route, Place] = self.found.templates.get(name, {})
        return TracedObject(
            tuple(self.numbers.get(name, ())), tuple((route, self._place(place)) for route, place in lines.items())
        )

    def _number(self, locus: Locus, label: str, places: Sequence[Place]) -> TracedNumber:
        fixed = bool(places) and self._is_fixed(places[0])
        return TracedNumber(locus.route, label, fixed, tuple(map(self._place, places)))

    def _place(self, place: Place) -> InputRegion:
        if place.path not in self.lines:
            self.lines[place.path] = Lines(self._text(place.path))
        return InputRegion(place.path, self.lines[place.path].region(place.start, place.end))

    def _is_fixed(self, place: Place) -> bool:
        if place.path not in self.fixed_in:
            self.fixed_in[place.path] = self.fixed(place.path, self._text(place.path))
        return self.fixed_in[place.path](place.start)

    def _text(self, path: str) -> str:
        return self.inputs[path].decode("utf-8", "surrogateescape")
