"""One chart with one set of values: rendered as far as it goes, its node ports traced, and the result kept."""

from __future__ import annotations

import time

from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.outcome import Failure, Outcome, kept_or_made, traced
from nodeport_lint.engines.workers import Allowed
from nodeport_lint.helm import degrade, templates
from nodeport_lint.helm.bundle import TOP, Bundle
from nodeport_lint.helm.values_sets import ValuesSet, inputs_for, release_name
from nodeport_lint.model.render import Engine, RenderError, RenderOptions

MAX_STEPS, FEW_STEPS = 30, 5
"""Edits by which a chart is made to render in part; few for what only looks like a set of its values."""
UNKNOWN_NAMESPACE = "release-namespace"
"""Stands for the namespace of an install that nobody has named."""


def render_set(engine: Engine, cache: Cache, bundle: Bundle, chosen: ValuesSet, allowed: Allowed) -> Outcome:
    """Never raises for a chart: what goes wrong is in the outcome."""
    inputs = inputs_for(bundle, chosen)
    options = RenderOptions(
        root=TOP, values=chosen.values, sets=chosen.sets, release=chosen.release or release_name(bundle.name),
        namespace=chosen.namespace or UNKNOWN_NAMESPACE, timeout=allowed.seconds, wall=allowed.wall,
        memory=allowed.memory,
    )  # fmt: skip
    most = MAX_STEPS if chosen.is_sure else FEW_STEPS
    return kept_or_made(engine, cache, inputs, options, lambda: _Ladder(engine, inputs, options, most).run())


class _Ladder:
    """Renders, and at each failure makes the inputs a little poorer, until the rest renders."""

    def __init__(self, engine: Engine, inputs: dict[str, bytes], options: RenderOptions, most: int) -> None:
        self.engine, self.inputs, self.options, self.most = engine, inputs, options, most
        self.failures: list[Failure] = []

    def run(self) -> Outcome:
        begin = time.monotonic()
        for _ in range(self.most):
            if time.monotonic() - begin > self.options.whole:
                self._note("chart", RenderError("timeout", f"more than {self.options.whole:.0f} s for one chart"))
                return Outcome([], self.failures)
            try:
                rendered = self.engine.render(self.inputs, self.options)
            except RenderError as error:
                if error.by_limit or not self._step(error):
                    self._note("chart", error)
                    return Outcome([], self.failures)
                continue
            outcome = traced(self.engine, self.inputs, self.options, rendered, templates.fixed)
            return outcome._replace(failures=[*self.failures, *outcome.failures])
        first = self.failures[0]
        more = f"{first.message} (and so on: more than {self.most} of its templates fail)"
        self._note("chart", RenderError("load", more, first.file, first.line))
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
