"""Charts of the tree: rendered with every set of values, to objects whose places are a person's lines."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.config import Config, Release
from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.outcome import SIZE, Failure, Outcome, TracedObject
from nodeport_lint.engines.places import RenderedPlaces, in_step, origins_of
from nodeport_lint.engines.programs import Chosen
from nodeport_lint.engines.rendered import RenderedObject, read_objects, services
from nodeport_lint.engines.speaking import speaks_of_node_ports
from nodeport_lint.engines.workers import Workers
from nodeport_lint.helm import problems as chart_problems
from nodeport_lint.helm import templates
from nodeport_lint.helm.bundle import TOP, Bundle, Charts, UnbundledError
from nodeport_lint.helm.comments import comments_of_chart
from nodeport_lint.helm.release_files import ReleaseFiles
from nodeport_lint.helm.render import UNKNOWN_NAMESPACE, render_set
from nodeport_lint.helm.values import ValuesTexts
from nodeport_lint.helm.values_sets import ValuesSet, by_convention, is_set_by_convention, with_files
from nodeport_lint.manifests import values as values_module
from nodeport_lint.model import (
    Comment,
    Declaration,
    Document,
    Location,
    NodeportLintError,
    Problem,
    Region,
    Unit,
    few,
)
from nodeport_lint.model.render import Engine
from nodeport_lint.tree import Tree

MAX_INPUTS = 500_000
"""Files of all charts that are rendered, counted for each that they are a part of."""
MAX_HELD = 50_000_000
"""Characters of the documents with Services of all charts and sets."""


class Job(NamedTuple):
    """One chart with one set of values."""

    bundle: Bundle
    values: ValuesSet
    expressions: Mapping[str, tuple[Location, int]] = MappingProxyType({})
    """Where each ``--set`` expression is written, and how long it is."""

    @property
    def unit(self) -> Unit:
        kind = "release" if self.values.declared else "chart"
        return Unit(kind, self.bundle.path, self.values.variant, self.values.cluster)


@dataclass(slots=True)
class ChartReader:
    """Reads the charts of a tree one after another; what is to be told of them grows as it goes.

    ``engine()`` is asked for only when there is a chart to render.
    """

    tree: Tree
    config: Config
    engine: Callable[[], Chosen]
    cache: Cache
    workers: Workers = field(default_factory=Workers)
    expansion: yamltext.Expansion = field(default_factory=yamltext.Expansion)
    """What is left of what aliases of all files may lead to."""
    problems: list[Problem] = field(default_factory=list)
    comments: dict[Comment, None] = field(default_factory=dict)
    values: list[Declaration] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """Charts without node-port text."""
    libraries: list[str] = field(default_factory=list)
    components: list[str] = field(default_factory=list)
    """Charts that were rendered as parts of others only."""
    not_rendered: list[str] = field(default_factory=list)
    in_part: list[str] = field(default_factory=list)
    rendered: list[str] = field(default_factory=list)
    lost_templates: list[str] = field(default_factory=list)
    """Templates that did not render and that speak of no Service."""
    foreign: list[str] = field(default_factory=list)
    """Files beside a chart that are template text and no set of values."""
    borrowed: list[str] = field(default_factory=list)
    """Charts, each with one of the tree that takes part in it."""
    many_sets: list[str] = field(default_factory=list)
    several: list[str] = field(default_factory=list)
    """Charts that are rendered with more than one set of values."""
    no_engine: str = ""
    _shown: set[tuple[str, int, int]] = field(default_factory=set)
    """Where numbers are written that something rendered asks for."""
    _texts: ValuesTexts = field(init=False)
    _files: ReleaseFiles = field(init=False)
    _speaking: dict[bytes, bool] = field(default_factory=dict)
    """Whether texts speak of node ports: many charts may share one."""
    _inputs: int = 0
    _held: int = 0

    def __post_init__(self) -> None:
        self._texts = ValuesTexts(self.expansion)
        self._files = ReleaseFiles(self.tree.files)

    def documents(self) -> Iterator[Document]:
        """The Services of all charts, in the order of charts, sets and output."""
        charts = Charts(self.tree.files, self.tree.charts)
        bundles = [bundle for path in self.tree.charts if (bundle := self._bundle(charts, path)) is not None]
        self._speaking.clear()
        self._check_releases()
        yield from self._rendered(charts, bundles) if bundles else ()
        for bundle in bundles:
            self._read_values(bundle)

    def _rendered(self, charts: Charts, bundles: Sequence[Bundle]) -> Iterator[Document]:
        """What installs render; then the charts that only parts of others name, where no such install rendered."""
        chosen = self.engine()
        if chosen.engine is None:
            self.no_engine = chosen.reason
            self.not_rendered += [bundle.path for bundle in bundles]
            return
        parts = charts.components() - {os.path.normpath(release.chart) for release in self.config.releases}
        try:
            yield from self._round(chosen.engine, [bundle for bundle in bundles if bundle.path not in parts])
            done = {*self.rendered, *self.in_part}
            covered = {part for bundle in bundles if bundle.path in done for part in bundle.borrowed}
            self.components += sorted(covered & parts)
            left = [bundle for bundle in bundles if bundle.path in parts - covered]
            yield from self._round(chosen.engine, left)
        finally:
            chosen.engine.close()
            self.cache.trim()

    def _round(self, engine: Engine, bundles: Sequence[Bundle]) -> Iterator[Document]:
        jobs = [job for bundle in bundles for job in self._jobs(bundle)]
        outcomes = self.workers.run(
            jobs, lambda job, timeout: render_set(engine, self.cache, job.bundle, job.values, timeout), self._within
        )
        self._tell(jobs, outcomes)
        for job, outcome in zip(jobs, outcomes, strict=True):
            if not job.values.is_sure and job.bundle.location(job.values.values[0]).path in self.foreign:
                continue
            for document in self._documents(job, outcome):
                self._shown.update(_number_places(document))
                yield document

    def _within(self, outcome: Outcome) -> Outcome:
        """An outcome as long as the Services of all are not too much."""
        self._held += sum(len(document.text) for document in outcome.documents)
        if self._held <= MAX_HELD or not outcome.documents:
            return outcome
        why = f"the Services of all charts hold more than {MAX_HELD / 1e6:.0f} MB"
        return Outcome([], [Failure("chart", SIZE, why, None, None)])

    # --- what is to be rendered ----------------------------------------------------------------

    def _bundle(self, charts: Charts, path: str) -> Bundle | None:
        """A chart that is worth rendering."""
        try:
            bundle = charts.bundle(path)
        except UnbundledError as error:
            self.not_rendered.append(path)
            self.problems.append(chart_problems.problem(path, error.message, error.location))
            return None
        self.left_out += [f"{place}: {why}" for place, why in bundle.left_out]
        self.borrowed += [f"{path}: {part}" for part in bundle.borrowed]
        self.comments.update(dict.fromkeys(few(comments_of_chart(bundle))))
        if bundle.is_library:
            self.libraries.append(path)
            return None
        releases = self._releases(path)
        texts = [*(data for name, data in bundle.inputs.items() if templates.scannable(name)), *_texts(releases)]
        if not any(map(self._speaks, texts)) and not any(map(self._given, releases)):
            self.skipped.append(path)
            return None
        self._inputs += len(bundle.inputs)
        if self._inputs > MAX_INPUTS:
            self.not_rendered.append(path)
            message = f"more than {MAX_INPUTS:,} files in all charts, with what they depend on"
            self.problems.append(chart_problems.problem(path, message, bundle.location("")))
            return None
        return bundle

    def _speaks(self, data: bytes) -> bool:
        if data not in self._speaking:
            self._speaking[data] = speaks_of_node_ports(data)
        return self._speaking[data]

    def _releases(self, path: str) -> list[Release]:
        return [
            release for release in self.config.releases if os.path.normpath(release.chart) == os.path.normpath(path)
        ]

    def _given(self, release: Release) -> bool:
        """Whether a values file of a release speaks of node ports."""
        return any(map(self._speaks, self._files.of(release).values()))

    def _jobs(self, bundle: Bundle) -> list[Job]:
        releases = self._releases(bundle.path)
        if releases:
            jobs = [self._release(bundle, release) for release in releases]
        else:
            sets, more = by_convention(bundle, self.tree.ignored_values)
            if more:
                self.many_sets.append(f"{bundle.path}: {more}")
            jobs = [Job(bundle, one) for one in sets]
        if len(jobs) > 1:
            self.several.append(bundle.path)
        return jobs

    def _release(self, bundle: Bundle, release: Release) -> Job:
        files = self._files.of(release)
        expressions = {f"@set/{index}": given for index, given in enumerate(release.sets)}
        chosen = ValuesSet(
            variant="/".join(filter(None, (release.namespace, release.name))),
            values=tuple(f"user/{path}" for path in files),
            sets=tuple((given.flag, path) for path, given in expressions.items()),
            release=release.name, namespace=release.namespace, declared=True,
            cluster=release.cluster,
        )  # fmt: skip
        whole = with_files(bundle, files, [(path, given.text) for path, given in expressions.items()])
        return Job(whole, chosen, {path: (given.location, len(given.text)) for path, given in expressions.items()})

    def _check_releases(self) -> None:
        known = {os.path.normpath(path) for path in self.tree.charts}
        for release in self.config.releases:
            if os.path.normpath(release.chart) not in known:
                raise NodeportLintError(f"there is no chart in {release.chart!r}", release.location)

    # --- rendering -----------------------------------------------------------------------------

    def _tell(self, jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
        """Problems, and what counts as rendered: a chart is whole if every set of it is."""
        by_chart: dict[str, list[tuple[Job, Outcome]]] = {}
        for job, outcome in zip(jobs, outcomes, strict=True):
            by_chart.setdefault(job.bundle.path, []).append((job, outcome))
        for path, pairs in by_chart.items():
            told = chart_problems.of_chart([(job.bundle, job.values, outcome) for job, outcome in pairs])
            self.problems += told.problems
            self.lost_templates += told.lost_templates
            self.foreign += told.foreign
            state = {"whole": self.rendered, "part": self.in_part, "nothing": self.not_rendered}[told.state]
            state.append(path)

    def _documents(self, job: Job, outcome: Outcome) -> Iterator[Document]:
        for kept in outcome.documents:
            source = kept.source
            template = job.bundle.location(source) if source else Location(_chart_file(job.bundle.path))
            found_here = services(kept.text, self.expansion)
            self._tell_refused(template)
            for found, traced in in_step(found_here, kept.objects):
                if _is_test(found.value):
                    continue
                places = self._places(job, found, template, traced)
                yield Document(_with_namespace(found.value, job.values), job.unit, template.path, places)
        yield from self._plain(job)

    def _places(self, job: Job, found: RenderedObject, template: Location, traced: TracedObject) -> RenderedPlaces:
        origins = origins_of(traced, lambda place: self._location(job, *place))
        lines = {route: self._location(job, *place) for route, place in traced.lines}
        return RenderedPlaces(found, template, origins, lines)

    def _location(self, job: Job, path: str, region: Region) -> Location:
        if path in job.expressions:
            return _in_expression(*job.expressions[path], region)
        place = job.bundle.location(path)
        if place.note:
            return place._replace(note=f"{place.note}, line {region.line}")
        if templates.markable(path):
            return place._replace(region=region)
        return place._replace(region=region, route=self._texts.route(job.bundle, path, region))

    def _plain(self, job: Job) -> Iterator[Document]:
        """Services in crds/, which Helm installs as they are. Once for each chart."""
        for path, data in job.bundle.inputs.items():
            if (
                f"{TOP}/crds/" in path
                and b"nodePort" in data
                and b"Service" in data
                and path.endswith((".yaml", ".yml", ".json"))
            ):
                location = job.bundle.location(path)
                for found in read_objects(data.decode("utf-8", "replace"), self.expansion):
                    places = yamltext.NodePlaces(found.stream, found.node, location.path)
                    yield Document(found.value, job.unit, location.path, places)
                self._tell_refused(location)

    def _tell_refused(self, location: Location) -> None:
        """Says where aliases lead to more than is read."""
        if self.expansion.refused:
            self.expansion.refused = False
            told = Problem("unparsable", f"not read: its {yamltext.ALIASES} lead to too much", location)
            if told not in self.problems[-1:]:
                self.problems.append(told)

    # --- numbers that nothing rendered ---------------------------------------------------------

    def _read_values(self, bundle: Bundle) -> None:
        unit = Unit("values", bundle.path)
        for path in bundle.inputs:
            name = path.removeprefix(f"{TOP}/")
            origin = bundle.location(path).path
            if (name == "values.yaml" or is_set_by_convention(name)) and origin not in self.tree.ignored_values:
                stream = self._texts.of(bundle, path)
                self._tell_refused(bundle.location(path))
                self.values += values_module.declarations(stream, origin, unit, self.config.range, self._shown)
            elif "/templates/" in path and not bundle.location(path).note:
                text = bundle.inputs[path].decode("utf-8", "replace")
                self.values += values_module.literals(text, origin, unit, self.config.range, self._shown)


def _chart_file(path: str) -> str:
    return os.path.normpath(os.path.join(path, "Chart.yaml")).replace(os.sep, "/")


def _texts(releases: Sequence[Release]) -> Iterator[bytes]:
    for release in releases:
        yield from (given.text.encode("utf-8", "replace") for given in release.sets)


def _is_test(value: dict[str, Any]) -> bool:
    """Hooks of ``helm test`` are installed only while it runs; other hooks are installed with the release."""
    metadata = value.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    hook = annotations.get("helm.sh/hook") if isinstance(annotations, dict) else None
    kinds = {kind.strip() for kind in str(hook).split(",")} if hook else set()
    return bool(kinds) and kinds <= {"test", "test-success", "test-failure"}


def _with_namespace(value: dict[str, Any], chosen: ValuesSet) -> dict[str, Any]:
    """The object in the namespace of a declared release, or without the one that stood for an unknown."""
    metadata = value.get("metadata")
    metadata = dict(metadata) if isinstance(metadata, dict) else {}
    if metadata.get("namespace") == UNKNOWN_NAMESPACE:
        del metadata["namespace"]
    if chosen.namespace and not metadata.get("namespace"):
        metadata["namespace"] = chosen.namespace
    return {**value, "metadata": metadata}


def _in_expression(place: Location, length: int, region: Region) -> Location:
    """Characters of a ``--set`` expression where the configuration holds it as it is, else the whole of it."""
    own = place.region
    if own is None or own.line != own.end_line or own.end_column - own.column != length:
        return place
    start = own.column + region.column - 1
    return place._replace(region=Region(own.line, start, own.line, start + region.end_column - region.column))


def _number_places(document: Document) -> Iterator[tuple[str, int, int]]:
    places = document.places
    if isinstance(places, RenderedPlaces):
        for origin in places.origins.values():
            for place in origin.places:
                if place.region is not None:
                    yield place.path, place.region.line, place.region.column
