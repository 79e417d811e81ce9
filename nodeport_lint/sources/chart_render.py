"""One chart with one set of values: rendered as far as it goes, its node ports traced, and the result kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from nodeport_lint.charts import degrade
from nodeport_lint.charts.bundle import TOP, Bundle
from nodeport_lint.charts.sets import ValuesSet, inputs_for, release_name
from nodeport_lint.model.render import Engine, Inputs, Rendered, RenderError, RenderOptions
from nodeport_lint.provenance import ALGORITHM, Locus, Place, Trace, trace
from nodeport_lint.renderers.cache import Cache, key_of
from nodeport_lint.renderers.helm_text import is_literal
from nodeport_lint.sources.rendered import observe

FORMAT = f"charts-1.{ALGORITHM}"
"""Of a kept result. Grows when what is written below, or how a chart is made to render, changes."""
MAX_STEPS, FEW_STEPS = 30, 5
"""Edits by which a chart is made to render in part; few for what only looks like a set of its values."""
UNKNOWN_NAMESPACE = "release-namespace"
"""Stands for the namespace of an install that nobody has named."""


class Failure(NamedTuple):
    """What did not render. ``lost``: ``chart``, ``template``, or what was put in place of something missing."""

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


def render_set(engine: Engine, cache: Cache, bundle: Bundle, chosen: ValuesSet, timeout: float) -> Outcome:
    """Never raises for a chart: what goes wrong is in the outcome."""
    inputs = inputs_for(bundle, chosen)
    options = RenderOptions(
        root=TOP, values=chosen.values, sets=chosen.sets, release=chosen.release or release_name(bundle.name),
        namespace=chosen.namespace or UNKNOWN_NAMESPACE, timeout=timeout,
    )  # fmt: skip
    key = key_of(engine.id, FORMAT, inputs, options)
    kept = _kept(cache.get(key))
    if kept is not None:
        return kept
    outcome = _Ladder(engine, inputs, options, MAX_STEPS if chosen.is_sure else FEW_STEPS).run()
    if not any(failure.kind in RenderError.LIMITS for failure in outcome.failures):
        cache.put(key, {"documents": outcome.documents, "failures": [list(failure) for failure in outcome.failures]})
    return outcome


def _kept(value: Any) -> Outcome | None:
    try:
        failures = [Failure(*failure) for failure in value["failures"]]
        return Outcome([dict(document) for document in value["documents"]], failures, cached=True)
    except (TypeError, KeyError, ValueError):
        return None


class _Ladder:
    """Renders, and at each failure makes the inputs a little poorer, until the rest renders."""

    def __init__(self, engine: Engine, inputs: dict[str, bytes], options: RenderOptions, most: int) -> None:
        self.engine, self.inputs, self.options, self.most = engine, inputs, options, most
        self.failures: list[Failure] = []

    def run(self) -> Outcome:
        for _ in range(self.most):
            try:
                rendered = self.engine.render(self.inputs, self.options)
            except RenderError as error:
                if error.by_limit or not self._step(error):
                    self._note("chart", error)
                    return Outcome([], self.failures)
                continue
            return Outcome(list(self._traced(rendered)), self.failures)
        self._note("chart", RenderError("load", f"more than {self.most} of its templates fail"))
        return Outcome([], self.failures)

    def _step(self, error: RenderError) -> bool:
        """Makes one edit that answers an error; False where there is none."""
        if error.kind == "version" and not self._done("version"):
            self._note("version", error)
            self.inputs = degrade.without_version(self.inputs)
            return True
        if error.kind == "include" and not self._done("stand-ins"):
            names = degrade.missing_templates(self.inputs)
            if names:
                self._note("stand-ins", error)
                self.inputs = degrade.stubbed(self.inputs, names)
                return True
        file = error.file
        if file is None or not degrade.is_template(file) or not self.inputs.get(file):
            return False
        self._note("template", error)
        self.inputs = degrade.blanked(self.inputs, file)
        return True

    def _done(self, lost: str) -> bool:
        return any(failure.lost == lost for failure in self.failures)

    def _note(self, lost: str, error: RenderError) -> None:
        self.failures.append(Failure(lost, error.kind, error.message, error.file, error.line))

    def _traced(self, rendered: Rendered) -> list[dict[str, Any]]:
        found = trace(self.engine, self.inputs, self.options, rendered, observe)
        writer = _Writer(self.inputs, found, self.engine.markable)
        return (
            [
                {"text": document.text, "source": document.source, "objects": [writer.object(name) for name in names]}
                for document, names in zip(rendered.documents, found.names, strict=True)
                if names
            ]
            if found.names
            else []
        )


class _Writer:
    """A trace as JSON. Regions are those of the inputs' own texts."""

    def __init__(self, inputs: Inputs, found: Trace, is_template: Callable[[str], bool]) -> None:
        self.inputs, self.found, self.is_template = inputs, found, is_template
        self.texts: dict[str, str] = {}
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
        fixed = first is not None and self.is_template(first.path) and is_literal(self._text(first.path), first.start)
        return [list(locus.route), label, fixed, [self._place(place) for place in places]]

    def _place(self, place: Place) -> list[Any]:
        return [place.path, list(place.region(self._text(place.path)))]

    def _text(self, path: str) -> str:
        if path not in self.texts:
            self.texts[path] = self.inputs[path].decode("utf-8", "surrogateescape")
        return self.texts[path]
