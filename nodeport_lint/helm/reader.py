"""Charts of the tree: rendered with every set of values, to objects whose places are a person's lines."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from nodeport_lint import yamltext
from nodeport_lint.config import Config
from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.outcome import SIZE, Failure, Outcome
from nodeport_lint.engines.places import RenderedPlaces, in_step, origins_of
from nodeport_lint.engines.programs import Chosen, without_engine
from nodeport_lint.engines.rendered import read_objects, services
from nodeport_lint.engines.workers import Workers
from nodeport_lint.helm import problems
from nodeport_lint.helm.bundle import TOP, Bundle, Charts
from nodeport_lint.helm.engines import REMEDY
from nodeport_lint.helm.jobs import Job, jobs_of, location_of
from nodeport_lint.helm.release_files import ReleaseFiles
from nodeport_lint.helm.render import UNKNOWN_NAMESPACE, render_set
from nodeport_lint.helm.selection import Releases, select
from nodeport_lint.helm.states import State, counted_states
from nodeport_lint.helm.values import ValuesTexts
from nodeport_lint.helm.values_sets import MAX_SETS, ValuesSet, by_convention, is_set_by_convention
from nodeport_lint.manifests import values
from nodeport_lint.model import (
    LIMIT,
    Declaration,
    Document,
    Location,
    Notice,
    PortRange,
    Problem,
    Read,
    Unit,
    UnitKind,
    UsedEngine,
)
from nodeport_lint.model.clock import Stage
from nodeport_lint.model.render import Engine
from nodeport_lint.model.words import counted
from nodeport_lint.tree import Tree, is_manifest

SHARE = 0.4
"""Of the time that is left."""
MAX_HELD = 50_000_000
"""Characters of the documents with Services of all charts and sets."""


def read_charts(
    tree: Tree,
    config: Config,
    engine: Callable[[], Chosen],
    cache: Cache,
    workers: Workers,
    expansion: yamltext.Expansion,
) -> Read:
    """The Services of all charts, in the order of charts, sets and output; then the node ports of their values and
    templates that nothing rendered asks for.

    ``engine()`` is asked for only when there is a chart to render. ``expansion``: what is left of what aliases of all
    files may lead to. Raises NodeportLintError for a release that installs no chart of the tree.
    """
    charts = Charts(tree.files, tree.charts, expansion.clock.stage("reading charts", SHARE).over)
    releases = Releases(config, ReleaseFiles(tree.files))
    selection = select(charts, releases)
    charts.forget()
    releases.check(tree.charts)
    reader = _Reader(tree, charts, releases, workers, expansion)
    reader.states.update(selection.states)
    documents = reader.rendered(engine, cache, selection.bundles) if selection.bundles else []
    stage = expansion.clock.stage("reading values of charts", SHARE)
    inert = [one for bundle in selection.bundles for one in reader.values_of(bundle, config.range, stage)]
    return selection.read + Read(
        documents=tuple(documents),
        values=tuple(inert),
        problems=tuple(reader.problems),
        notices=tuple(reader.notices()),
        counts=counted_states(reader.states.values()),
        offers=frozenset(tree.charts if len(tree.charts) > 1 else reader.several),
        engines=tuple(reader.engines),
    )


class _Reader:
    def __init__(
        self, tree: Tree, charts: Charts, releases: Releases, workers: Workers, expansion: yamltext.Expansion
    ) -> None:
        self.tree, self.charts, self.releases = tree, charts, releases
        self.workers, self.expansion = workers, expansion
        self.texts = ValuesTexts(expansion)
        self.states: dict[str, State] = {}
        self.problems: list[Problem] = []
        self.engines: list[UsedEngine] = []
        self.not_rendered = Notice("")
        self.lost_templates: dict[str, None] = {}
        """Those that did not render and that speak of no Service."""
        self.foreign: list[str] = []
        """Files beside a chart that are template text and no set of values."""
        self.several: list[str] = []
        """Charts that are rendered with more than one set of values."""
        self.shown: set[tuple[str, int, int]] = set()
        """Where numbers are written that something rendered asks for."""
        self.speaking: dict[bytes, bool] = {}
        self.held = 0

    def notices(self) -> Iterator[Notice]:
        if self.foreign:
            count = counted(len(self.foreign), "file")
            yield Notice(
                f"{count} beside charts set aside: called like values, and not in their form", tuple(self.foreign)
            )
        if self.not_rendered.message:
            yield self.not_rendered
        if self.lost_templates:
            count = counted(len(self.lost_templates), "template")
            yield Notice(f"{count} without a Service did not render", tuple(self.lost_templates))

    # --- rendering -----------------------------------------------------------------------------

    def rendered(self, choose: Callable[[], Chosen], cache: Cache, bundles: Sequence[Bundle]) -> list[Document]:
        """What installs render; then the charts that only parts of others name, where no such install rendered."""
        chosen = choose()
        if chosen.engine is None:
            paths = [bundle.path for bundle in bundles]
            self.states.update(dict.fromkeys(paths, State.NOT_RENDERED))
            message = f"{counted(len(paths), 'Helm chart')} not rendered, and only searched for numbers in values"
            self.not_rendered = without_engine(message, chosen.reason, REMEDY, paths)
            return []
        self.engines += chosen.used
        self.workers.closing.append(chosen.engine.close)
        parts = self.charts.components().difference(self.releases.charts)
        try:
            installed = [bundle for bundle in bundles if bundle.path not in parts]
            documents = list(self._round(chosen.engine, cache, installed))
            done = {path for path, state in self.states.items() if state in (State.RENDERED, State.IN_PART)}
            covered = {part for bundle in bundles if bundle.path in done for part in bundle.borrowed} & parts
            for path in covered:
                self.states.setdefault(path, State.PART_OF_OTHERS)
            left = [bundle for bundle in bundles if bundle.path in parts - covered]
            return documents + list(self._round(chosen.engine, cache, left))
        finally:
            chosen.engine.close()
            cache.trim()

    def _round(self, engine: Engine, cache: Cache, bundles: Sequence[Bundle]) -> Iterator[Document]:
        jobs = [job for bundle in bundles for job in self._jobs(bundle)]
        outcomes = self.workers.run(
            jobs, lambda job, allowed: render_set(engine, cache, job.bundle, job.values, allowed), self._within
        )
        self._tell(jobs, outcomes)
        for job, outcome in zip(jobs, outcomes, strict=True):
            if not job.values.is_sure and job.bundle.location(job.values.values[0]).path in self.foreign:
                continue
            for document in self._documents(job, outcome):
                self.shown.update(_number_places(document))
                yield document

    def _jobs(self, bundle: Bundle) -> list[Job]:
        sets, more = by_convention(bundle, self.tree.ignored_values)
        releases = self.releases.of(bundle.path)
        if more and not releases:
            what = f"{more} sets of values beside the chart are not rendered: more than {MAX_SETS}"
            self.problems.append(Problem(LIMIT, what, bundle.location("")))
        jobs = jobs_of(bundle, releases, self.releases.files, sets)
        if len(jobs) > 1:
            self.several.append(bundle.path)
        return jobs

    def _within(self, outcome: Outcome) -> Outcome:
        """An outcome as long as the Services of all are not too much."""
        self.held += sum(len(document.text) for document in outcome.documents)
        if self.held <= MAX_HELD or not outcome.documents:
            return outcome
        why = f"the Services of all charts hold more than {MAX_HELD / 1e6:.0f} MB"
        return Outcome([], [Failure("chart", SIZE, why, None, None)])

    def _tell(self, jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
        """Problems, and what counts as rendered: a chart is whole if every set of it is."""
        by_chart: dict[str, list[tuple[Job, Outcome]]] = {}
        for job, outcome in zip(jobs, outcomes, strict=True):
            by_chart.setdefault(job.bundle.path, []).append((job, outcome))
        for path, pairs in by_chart.items():
            results = [(job.bundle, job.values, outcome) for job, outcome in pairs]
            told = problems.of_chart(results, self.expansion.clock)
            self.problems += told.problems
            self.lost_templates.update(dict.fromkeys(told.lost_templates))
            self.foreign += told.foreign
            self.states[path] = told.state

    def _documents(self, job: Job, outcome: Outcome) -> Iterator[Document]:
        for kept in outcome.documents:
            source = kept.source
            template = job.bundle.location(source) if source else Location(_chart_file(job.bundle.path))
            found_here = services(kept.text, self.expansion)
            self._tell_refused(template)
            for found, traced in in_step(found_here, kept.objects):
                if not _is_test(found.value):
                    origins = origins_of(traced, lambda place: location_of(job, self.texts, *place))
                    lines = {route: location_of(job, self.texts, *place) for route, place in traced.lines}
                    places = RenderedPlaces(found, template, origins, lines)
                    yield Document(_with_namespace(found.value, job.values), job.unit, template.path, places)
        yield from self._plain(job)

    def _plain(self, job: Job) -> Iterator[Document]:
        """Services in crds/, which Helm installs as they are. Once for each chart."""
        for path, data in job.bundle.inputs.items():
            if f"{TOP}/crds/" in path and b"nodePort" in data and b"Service" in data and is_manifest(path):
                location = job.bundle.location(path)
                for found in read_objects(data.decode("utf-8", "replace"), self.expansion):
                    places = yamltext.NodePlaces(found.stream, found.node, location.path)
                    yield Document(found.value, job.unit, location.path, places)
                self._tell_refused(location)

    def _tell_refused(self, location: Location) -> None:
        """Says where aliases lead to more than is read."""
        if self.expansion.refused:
            self.expansion.refused = False
            told = Problem(LIMIT, f"not read: its {yamltext.ALIASES} lead to too much", location)
            if told not in self.problems[-1:]:
                self.problems.append(told)

    # --- numbers that nothing rendered ---------------------------------------------------------

    def values_of(self, bundle: Bundle, among: PortRange, stage: Stage) -> Iterator[Declaration]:
        unit = Unit(UnitKind.VALUES, bundle.path)
        for path in bundle.inputs:
            if why := stage.over():
                what = f"the values of the chart in {bundle.path} are not read to the end: {why}"
                self.problems.append(Problem(LIMIT, what, bundle.location(path)))
                return
            name = path.removeprefix(f"{TOP}/")
            origin = bundle.location(path).path
            if (name == "values.yaml" or is_set_by_convention(name)) and origin not in self.tree.ignored_values:
                stream = self.texts.of(bundle, path)
                self._tell_refused(bundle.location(path))
                yield from values.declarations(stream, origin, unit, among, self.shown)
            elif "/templates/" in path and not bundle.location(path).note and self._speaks(bundle.inputs[path]):
                text = bundle.inputs[path].decode("utf-8", "replace")
                yield from values.literals(text, origin, unit, among, self.shown)

    def _speaks(self, data: bytes) -> bool:
        """Whether a template holds the word: each is searched once, however many charts hold it."""
        if data not in self.speaking:
            self.speaking[data] = values.KEY_TEXT.search(data.decode("utf-8", "replace")) is not None
        return self.speaking[data]


def _chart_file(path: str) -> str:
    return os.path.normpath(os.path.join(path, "Chart.yaml")).replace(os.sep, "/")


def _is_test(value: Mapping[str, Any]) -> bool:
    """Hooks of ``helm test`` are installed only while it runs; other hooks are installed with the release."""
    hook = yamltext.mapping(yamltext.mapping(value.get("metadata")).get("annotations")).get("helm.sh/hook")
    kinds = {kind.strip() for kind in str(hook).split(",")} if hook else set()
    return bool(kinds) and kinds <= {"test", "test-success", "test-failure"}


def _with_namespace(value: Mapping[str, Any], chosen: ValuesSet) -> dict[str, Any]:
    """The object in the namespace of a declared release, or without the one that stood for an unknown."""
    metadata = dict(yamltext.mapping(value.get("metadata")))
    if metadata.get("namespace") == UNKNOWN_NAMESPACE:
        del metadata["namespace"]
    if chosen.namespace and not metadata.get("namespace"):
        metadata["namespace"] = chosen.namespace
    return {**value, "metadata": metadata}


def _number_places(document: Document) -> Iterator[tuple[str, int, int]]:
    places = document.places
    if isinstance(places, RenderedPlaces):
        for origin in places.origins.values():
            for place in origin.places:
                if place.region is not None:
                    yield place.path, place.region.line, place.region.column
