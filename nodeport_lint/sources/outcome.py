"""What one render gave: Services with the origins of their node ports, in a form that can be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from nodeport_lint.model.render import Engine, Inputs, Rendered, RenderError, RenderOptions
from nodeport_lint.provenance import ALGORITHM, Locus, Place, Regions, Trace, trace
from nodeport_lint.renderers.cache import Cache, key_of
from nodeport_lint.renderers.helm_text import Literals
from nodeport_lint.sources.rendered import MAX_DOCUMENT, Watch, holds_service

FORMAT = f"5.{ALGORITHM}"
"""Of a kept result. Grows when what is written below, or how inputs are made to render, changes."""


SIZE = "size"
"""The kind of a failure of what gives more than is read, and holds Services."""


class Failure(NamedTuple):
    """What did not render. ``lost``: ``chart``, ``template``, ``stand-ins`` (put in place of named templates),
    ``version`` (of Kubernetes, passed over) or ``lines`` (rendered, but the source of its numbers is not known)."""

    lost: str
    kind: str
    message: str
    file: str | None
    line: int | None


class Outcome(NamedTuple):
    """``documents`` with Services, as JSON; ``failures`` in the order in which they came up."""

    documents: list[dict[str, Any]]
    failures: list[Failure]
    cached: bool = False

    @property
    def rendered(self) -> bool:
        return not any(failure.lost == "chart" for failure in self.failures)


def kept_or_made(
    engine: Engine, cache: Cache, inputs: Inputs, options: RenderOptions, make: Callable[[], Outcome]
) -> Outcome:
    """The outcome that was kept for these inputs, or a new one, which is kept unless a limit ended it."""
    key = key_of(engine.id, FORMAT, inputs, options)
    kept = _kept(cache.get(key))
    if kept is not None:
        return kept
    outcome = make()
    if not any(failure.kind in RenderError.LIMITS for failure in outcome.failures):
        cache.put(key, {"documents": outcome.documents, "failures": [list(failure) for failure in outcome.failures]})
    return outcome


def _kept(value: Any) -> Outcome | None:
    try:
        failures = [Failure(*failure) for failure in value["failures"]]
        return Outcome([dict(document) for document in value["documents"]], failures, cached=True)
    except (TypeError, KeyError, ValueError):
        return None


def traced(
    engine: Engine, inputs: Inputs, options: RenderOptions, rendered: Rendered
) -> tuple[list[dict[str, Any]], list[Failure]]:
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
    writer = _Writer(inputs, found, engine.markable)
    return _documents(rendered, found, writer) if found.names else [], failures


def _documents(rendered: Rendered, found: Trace, writer: _Writer) -> list[dict[str, Any]]:
    return [
        {"text": document.text, "source": document.source, "objects": [writer.object(name) for name in names]}
        for document, names in zip(rendered.documents, found.names, strict=True)
        if names
    ]


class _Writer:
    """A trace as JSON. Regions are those of the inputs' own texts."""

    def __init__(self, inputs: Inputs, found: Trace, is_template: Callable[[str], bool]) -> None:
        self.inputs, self.found, self.is_template = inputs, found, is_template
        self.regions: dict[str, Regions] = {}
        self.literals: dict[str, Literals] = {}
        self.origins: dict[Any, list[Any]] = {}
        for locus, source in found.sources.items():
            self.origins.setdefault(locus.name, []).append(self._origin(locus, source.label, source.places))

    def object(self, name: Any) -> dict[str, Any]:
        lines: Mapping[Any, Place] = self.found.templates.get(name, {})
        return {
            "origins": self.origins.get(name, []),
            "lines": [[list(route), self._place(place)] for route, place in lines.items()],
        }

    def _origin(self, locus: Locus, label: str, places: tuple[Place, ...]) -> list[Any]:
        first = places[0] if places else None
        fixed = first is not None and self.is_template(first.path) and self._literals(first.path).holds(first.start)
        return [list(locus.route), label, fixed, [self._place(place) for place in places]]

    def _place(self, place: Place) -> list[Any]:
        if place.path not in self.regions:
            self.regions[place.path] = Regions(self._text(place.path))
        return [place.path, list(self.regions[place.path].of(place))]

    def _literals(self, path: str) -> Literals:
        if path not in self.literals:
            self.literals[path] = Literals(self._text(path))
        return self.literals[path]

    def _text(self, path: str) -> str:
        return self.inputs[path].decode("utf-8", "surrogateescape")
