"""Kustomizations of the tree: each root rendered, to objects whose places are a person's lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

from nodeport_lint import yamltext
from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.outcome import Failure, Outcome, kept_or_made, traced
from nodeport_lint.engines.places import in_step, origins_of
from nodeport_lint.engines.programs import Chosen, without_engine
from nodeport_lint.engines.rendered import RenderedObject, services
from nodeport_lint.engines.workers import Allowed, Workers
from nodeport_lint.kustomize.closures import Closures, Sorted
from nodeport_lint.kustomize.engines import REMEDY
from nodeport_lint.kustomize.judged import Judged
from nodeport_lint.kustomize.nouns import PROBLEM, Kustomization
from nodeport_lint.kustomize.places import Base, Bases, KustomizedPlaces, name_of
from nodeport_lint.kustomize.roots import Root, Roots, not_rendered
from nodeport_lint.kustomize.standins import build, stands_in
from nodeport_lint.manifests.reader import Wanted, comments_of, read_manifests
from nodeport_lint.model import (
    COMMENT,
    LIMIT,
    Comment,
    Document,
    Location,
    Notice,
    PortRange,
    Problem,
    Read,
    Region,
    Severity,
    Unit,
    UnitKind,
    UsedEngine,
    few,
)
from nodeport_lint.model.clock import Stage
from nodeport_lint.model.render import Engine, RenderError, RenderOptions
from nodeport_lint.model.words import counted
from nodeport_lint.tree import is_manifest

SHARE = 0.3
"""Of the time that is left."""


class State(StrEnum):
    """What became of a root, by the name that the report's statistics count it under."""

    RENDERED = "kustomizations_rendered"
    IN_PART = "kustomizations_in_part"
    """Without what is remote, missing or a plugin."""
    NOT_RENDERED = "kustomizations_not_rendered"
    WITHOUT_NODE_PORTS = ""


def read_kustomizations(
    told_apart: Sorted,
    wanted: Wanted,
    among: PortRange,
    engine: Callable[[], Chosen],
    cache: Cache,
    workers: Workers,
    expansion: yamltext.Expansion,
) -> Read:
    """The Services of all roots, in the order of roots and output; then those of files of roots that did not render, as
    they are, and answers in files of all.

    ``engine()`` is asked for only when there is a root to render; ``wanted`` and ``among`` are for files read as they
    are, ``expansion`` is what is left of what aliases of all files may lead to.
    """
    reader = _Reader(told_apart, workers, expansion)
    roots = reader.select()
    documents = list(reader.rendered(engine, cache, roots)) if roots else []
    rendered = Read(
        documents=tuple(documents),
        problems=tuple(reader.problems),
        notices=tuple(reader.notices()),
        counts=reader.counts(),
        engines=tuple(reader.engines),
    )
    units = reader.units_as_they_are()
    plain = read_manifests(told_apart.tree.files, units, wanted, among, expansion, units)
    # What is no object is nothing of a kustomization's: its numbers may be values of a chart, which are told there.
    objects = plain._replace(values=(), notices=())
    return rendered + objects + Read(comments=tuple(reader.comments(set(units))))


class _Reader:
    def __init__(self, told_apart: Sorted, workers: Workers, expansion: yamltext.Expansion) -> None:
        self.closures: Closures = told_apart.closures
        self.workers, self.expansion = workers, expansion
        self.roots = Roots(told_apart.tree.files, told_apart.closures, self._service_names)
        self.states: dict[str, State] = {}
        self.problems: dict[Problem, None] = {}
        self.left_out: dict[Problem, None] = {}
        """What roots are read without, and where it does not matter."""
        self.engines: list[UsedEngine] = []
        self.no_engine = Notice("")
        self._bases: dict[str, list[RenderedObject]] = {}

    def counts(self) -> dict[str, int]:
        found = Counter(self.states.values())
        told = {state.value: found[state] for state in State if state.value}
        return {"kustomizations": len(self.closures.roots), **told}

    def notices(self) -> Iterator[Notice]:
        if self.no_engine.message:
            yield self.no_engine
        left_out = [problem for problem in self.left_out if problem not in self.problems]
        if left_out:
            who = "they do not" if len(left_out) > 1 else "it does not"
            parts = f"{'their' if len(left_out) > 1 else 'its'} remote or missing parts, charts and plugins"
            message = f"{counted(len(left_out), 'kustomization')} read without {parts}: {who} mention node ports"
            yield Notice(message, tuple(f"{problem.location.label}: {problem.message}" for problem in left_out))

    # --- which roots are rendered ------------------------------------------------------------------

    def select(self) -> list[Root]:
        """The roots that may ask for a node port, and that can be built as far as reading tells."""
        stage = self.expansion.clock.stage("reading what kustomizations are built from", SHARE)
        return [root for directory in self.closures.roots if (root := self._root(directory, stage)) is not None]

    def _root(self, directory: str, stage: Stage) -> Root | None:
        line = self.closures.line(directory)
        root = self.roots.read(directory, stage.over)
        speaks = not isinstance(root, Root) or self.roots.speaks(root)
        if not isinstance(root, Root):
            self.problems[root] = None
        self._tell_line(line, speaks)
        if not isinstance(root, Root) or any(one.blocked for one in line):
            self.states[directory] = State.NOT_RENDERED
            if isinstance(root, Root) and speaks and not self.closures.found[directory].blocked:
                self.problems[_through(root, line)] = None
            return None
        if not speaks:
            self.states[directory] = State.IN_PART if root.in_part else State.WITHOUT_NODE_PORTS
            return None
        return root

    def _tell_line(self, line: Sequence[Kustomization], speaks: bool) -> None:
        """What is wrong with a root and all that it refers to."""
        if not speaks and not any(one.blocked or one.gaps for one in line):
            return
        told = [problem for one in line for problem in one.problems]
        if not speaks:
            # Where nothing that is there speaks of node ports, what is missing seldom matters to them.
            self.left_out.update(dict.fromkeys(one for one in told if one.severity is Severity.NOTE))
            told = [
                one if one.kind == LIMIT else one._replace(severity=Severity.NOTE)
                for one in told
                if one.severity is None
            ]
        self.problems.update(dict.fromkeys(told))

    # --- rendering ---------------------------------------------------------------------------------

    def rendered(self, choose: Callable[[], Chosen], cache: Cache, roots: Sequence[Root]) -> Iterator[Document]:
        chosen = choose()
        engine = chosen.engine
        if engine is None:
            self.states.update((root.directory, State.NOT_RENDERED) for root in roots)
            paths = [one for one, state in self.states.items() if state is State.NOT_RENDERED]
            message = f"{counted(len(paths), 'kustomization')} not rendered, and only the files read that they list"
            self.no_engine = without_engine(message, chosen.reason, REMEDY, paths)
            return
        self.engines += chosen.used
        self.workers.closing.append(engine.close)
        try:
            outcomes = self.workers.run(roots, lambda root, allowed: _render_root(engine, cache, root, allowed))
        finally:
            engine.close()
            cache.trim()
        for root, outcome in zip(roots, outcomes, strict=True):
            self.problems.update((_of_failure(root, failure), None) for failure in outcome.failures)
            whole = State.IN_PART if root.in_part else State.RENDERED
            self.states[root.directory] = whole if outcome.rendered else State.NOT_RENDERED
            yield from self._documents(root, outcome) if outcome.rendered else ()

    def _documents(self, root: Root, outcome: Outcome) -> Iterator[Document]:
        bases = self._bases_of(root)
        for kept in outcome.documents:
            every = services(kept.text, self.expansion)
            if self.expansion.refused:
                self.expansion.refused = False
                what = f"its {yamltext.ALIASES} lead to too much"
                self.problems[not_rendered(root.directory, what, Location(root.path), LIMIT)] = None
            for found, trace in in_step(every, kept.objects):
                if stands_in(found.value, root.parts) and not trace.numbers:
                    # Nothing is known of it but its name.
                    continue
                base = bases.of(name_of(found.value))
                origins = origins_of(trace, lambda place: Location(*place))
                first = next((place.path for origin in origins.values() for place in origin.places), root.path)
                template = Location(base.path if base is not None else first)
                places = KustomizedPlaces(found, template, origins, base)
                yield Document(found.value, root.unit, template.path, places)

    # --- files -------------------------------------------------------------------------------------

    def _bases_of(self, root: Root) -> Bases:
        """The Services of the files of a root: what its output was made of."""
        return Bases(
            Base(path, base)
            for path, data in root.inputs.items()
            if b"Service" in data and is_manifest(path) and not self.expansion.clock.late
            for base in self._services(path, data)
        )

    def _services(self, path: str, data: bytes) -> list[RenderedObject]:
        if path not in self._bases:
            self._bases[path] = services(data.decode("utf-8", "replace"), self.expansion)
        return self._bases[path]

    def _service_names(self, path: str, data: bytes) -> Iterator[str]:
        return (name_of(service.value) for service in self._services(path, data))

    def units_as_they_are(self) -> dict[str, Unit]:
        """Files of roots that did not render, with their roots; what another root renders is not read twice."""
        seen = {
            path
            for directory, state in self.states.items()
            if state is not State.NOT_RENDERED
            for path in self.closures.files(directory)
        }
        units: dict[str, Unit] = {}
        for directory, state in self.states.items():
            for one in self.closures.line(directory) if state is State.NOT_RENDERED else ():
                for path in one.resources:
                    if path not in seen and is_manifest(path):
                        units.setdefault(path, Unit(UnitKind.KUSTOMIZATION, directory or "."))
        return units

    def comments(self, read: set[str]) -> Iterator[Comment]:
        """Answers in files of kustomizations that were not ``read`` as they are."""
        clock = self.expansion.clock
        stage = clock.stage("reading answers in files of kustomizations", SHARE)
        for path in sorted(self.closures.all_files() - read):
            if stage.over():
                # Without an answer a finding stands: nothing is hidden.
                return
            try:
                text = self.roots.data(path).decode("utf-8", "replace")
            except OSError:
                continue
            if COMMENT in text:
                yield from few(comments_of(yamltext.read(text, expansion=yamltext.Expansion(clock=clock)), path))


def _of_failure(root: Root, failure: Failure) -> Problem:
    if failure.lost == "patch":
        message = f"is read without the patches of Service {failure.message}, which is missing"
        text = f"the kustomization in {root.directory or '.'} {message}: the node ports that they set are not known"
        return Problem(PROBLEM, text, Location(root.path), severity=Severity.NOTE)
    location = Location(failure.file if failure.file in root.inputs else root.path)
    if failure.file in root.inputs and failure.line is not None:
        lines = root.inputs[failure.file].decode("utf-8", "replace").split("\n")
        if failure.line <= len(lines):
            location = location._replace(region=Region.whole(failure.line, lines[failure.line - 1]))
    return not_rendered(root.directory, failure.message, location, LIMIT if failure.gave_up else PROBLEM)


def _through(root: Root, line: Sequence[Kustomization]) -> Problem:
    """A root that does not render because of another kustomization: what its own patches set is not known."""
    cause = next(one for one in line if one.blocked)
    message = (
        f"the kustomization in {root.directory or '.'} does not render, since the one in {cause.directory or '.'} does "
        "not: node ports that its patches set are not known"
    )
    remote = all(problem.severity == Severity.NOTE for one in line for problem in one.problems)
    return Problem(PROBLEM, message, Location(root.path), severity=Severity.NOTE if remote else None)


def _render_root(engine: Engine, cache: Cache, root: Root, allowed: Allowed) -> Outcome:
    options = RenderOptions(
        root=root.directory or ".", timeout=allowed.seconds, wall=allowed.wall, memory=allowed.memory,
        restricted=root.restricted,
    )  # fmt: skip

    def make() -> Outcome:
        try:
            judged = Judged(engine, root.directory, root.parts.inputs)
            inputs, rendered, lost = build(judged, root.parts, options)
        except RenderError as error:
            return Outcome([], [Failure("chart", error.kind, error.message, error.file, error.line)])
        outcome = traced(judged, inputs, options, rendered)
        unpatched = [Failure("patch", "load", name, None, None) for name in lost]
        return outcome._replace(failures=[*outcome.failures, *unpatched])

    return kept_or_made(engine, cache, root.parts.inputs, options, make)
