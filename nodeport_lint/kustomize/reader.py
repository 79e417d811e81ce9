"""Kustomizations of the tree: each root rendered, to objects whose places are a person's lines."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.outcome import Failure, Outcome, kept_or_made
from nodeport_lint.engines.outcome import traced as traced_outcome
from nodeport_lint.engines.places import in_step, origins_of
from nodeport_lint.engines.programs import Chosen
from nodeport_lint.engines.rendered import RenderedObject, services
from nodeport_lint.engines.speaking import speaks_of_node_ports
from nodeport_lint.engines.workers import Workers
from nodeport_lint.kustomize.closures import Closures
from nodeport_lint.kustomize.judged import Judged
from nodeport_lint.kustomize.nouns import PROBLEM, Kustomization
from nodeport_lint.kustomize.places import Base, Bases, KustomizedPlaces, name_of
from nodeport_lint.kustomize.standins import Mended, Mender, build, stands_in
from nodeport_lint.manifests.reader import ManifestReader, comments_of
from nodeport_lint.model import COMMENT, Comment, Document, Location, Problem, Region, Severity, Unit, few
from nodeport_lint.model.render import Engine, RenderError, RenderOptions
from nodeport_lint.tree import Tree, is_manifest

MAX_FILE, MAX_TOTAL = 5_000_000, 100_000_000
"""Bytes of one file, and of all files of one root."""
MAX_INPUTS = 500_000
"""Files of all roots, those of a base once for each root that uses it."""


class Root(NamedTuple):
    """A kustomization that no other refers to, with the files that it uses, by path."""

    directory: str
    path: str
    inputs: dict[str, bytes]
    """As they are."""
    parts: Mended
    """As they are built."""
    restricted: bool = False
    """Whether every file lies below the kustomization that names it."""

    @property
    def in_part(self) -> bool:
        """Whether it is built without something that is remote, missing or a plugin."""
        return self.inputs is not self.parts.inputs

    @property
    def unit(self) -> Unit:
        return Unit("kustomization", self.directory or ".")


@dataclass(slots=True)
class KustomizationReader:
    """Reads the roots of a tree one after another; what is to be told of them grows as it goes.

    ``engine()`` is asked for only when there is a root to render. ``plain`` reads the resources of roots that did
    not render.
    """

    tree: Tree
    closures: Closures
    tokens: Sequence[str]
    engine: Callable[[], Chosen]
    cache: Cache
    workers: Workers = field(default_factory=Workers)
    expansion: yamltext.Expansion = field(default_factory=yamltext.Expansion)
    """What is left of what aliases of all files may lead to."""
    problems: list[Problem] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """Roots without node-port text."""
    left_out: dict[Problem, None] = field(default_factory=dict)
    """What they are read without."""
    rendered: list[str] = field(default_factory=list)
    in_part: list[str] = field(default_factory=list)
    """Those without what is remote, missing or a plugin."""
    not_rendered: list[str] = field(default_factory=list)
    no_engine: str = ""
    plain: ManifestReader | None = None
    _inputs: int = 0
    _speaking: dict[str, bool] = field(default_factory=dict)
    _read: dict[str, bytes] = field(default_factory=dict)
    _bombs: dict[str, tuple[str, Region] | None] = field(default_factory=dict)
    _mender: Mender = field(init=False)
    _bases: dict[str, list[RenderedObject]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._mender = Mender(self._service_names)

    def documents(self) -> Iterator[Document]:
        """The Services of all roots, in the order of roots and output; then those of files read as they are."""
        closures = self.closures
        roots, blocked = [], []
        told: dict[Problem, None] = {}
        for directory in closures.roots:
            line = closures.line(directory)
            root = self._root(directory)
            speaks = root is None or any(self._speaks(*one) for one in root.inputs.items())
            speaks = speaks or any(map(_SETS_NODE_PORT.search, self._chart_values(line)))
            if speaks or any(one.blocked or one.gaps for one in line):
                # Where nothing that is there speaks of node ports, what is missing seldom matters to them.
                problems = [problem for one in line for problem in one.problems]
                if not speaks:
                    self.left_out.update(dict.fromkeys(one for one in problems if one.severity is Severity.NOTE))
                    problems = [one._replace(severity=Severity.NOTE) for one in problems if one.severity is None]
                told.update(dict.fromkeys(problems))
            if root is None or any(one.blocked for one in line):
                blocked.append(directory)
                if root is not None and speaks and not closures.found[directory].blocked:
                    told[_through(root, line)] = None
            elif not speaks:
                (self.in_part if root.in_part else self.skipped).append(directory)
            else:
                roots.append(root)
        self.problems += told
        yield from self._render(roots, blocked) if roots else ()
        self.not_rendered += blocked
        yield from self._as_they_are(blocked)
        self._read_comments()

    def _speaks(self, path: str, data: bytes) -> bool:
        """Whether a file speaks of node ports: a base belongs to many roots, and is searched once."""
        if path not in self._speaking:
            self._speaking[path] = speaks_of_node_ports(data)
        return self._speaking[path]

    def _root(self, directory: str) -> Root | None:
        """What a root uses, or None where that is too much or cannot be read."""
        inputs: dict[str, bytes] = {}
        total = 0
        if self._inputs > MAX_INPUTS:
            what = f"all kustomizations together use files more than {MAX_INPUTS:,} times"
            self._problem(directory, what, Location(self.closures.found[directory].path))
            return None
        paths = sorted(self.closures.files(directory))
        self._inputs += len(paths)
        for path in paths:
            try:
                inputs[path] = self._data(path)
            except OSError as error:
                self._problem(directory, f"{path} cannot be read: {error.strerror}", Location(path))
                return None
            total += len(inputs[path])
            if path not in self._bombs:
                self._bombs[path] = _bomb(inputs[path])
            bomb = self._bombs[path]
            if bomb is not None:
                # kustomize expands aliases without a bound.
                self._problem(directory, bomb[0], Location(path, bomb[1]))
                return None
            if len(inputs[path]) > MAX_FILE or total > MAX_TOTAL:
                self._problem(directory, f"more than {MAX_TOTAL / 1e6:.0f} MB, or a file of over 5 MB", Location(path))
                return None
        for one in self.closures.line(directory):
            inputs.update({path: b"" for path in one.absent if path not in inputs})
        restricted = all(
            path.startswith(f"{one.directory}/" if one.directory else "")
            for one in self.closures.line(directory)
            for path in one.files
        )
        parts = self._mender.mended(inputs, self.closures.line(directory))
        return Root(directory, self.closures.found[directory].path, inputs, parts, restricted)

    def _chart_values(self, line: Sequence[Kustomization]) -> Iterator[bytes]:
        """Values for charts that are not inflated: they tell whether something is lost."""
        for path in (path for one in line for path in one.chart_values):
            if self.tree.files.is_plain(path):
                with contextlib.suppress(OSError):
                    yield self._data(path)

    def _data(self, path: str) -> bytes:
        """A file as far as it counts, read once: a base belongs to many roots."""
        if path not in self._read:
            self._read[path] = self.tree.files.read(path, MAX_FILE + 1)
        return self._read[path]

    def _problem(self, directory: str, message: str, location: Location) -> None:
        self.problems.append(
            Problem(PROBLEM, f"the kustomization in {directory or '.'} does not render: {message}", location)
        )

    def _render(self, roots: Sequence[Root], blocked: list[str]) -> Iterator[Document]:
        chosen = self.engine()
        if chosen.engine is None:
            self.no_engine = chosen.reason
            blocked += [root.directory for root in roots]
            return
        engine = chosen.engine
        try:
            outcomes = self.workers.run(roots, lambda root, timeout: _render_root(engine, self.cache, root, timeout))
        finally:
            engine.close()
            self.cache.trim()
        for root, outcome in zip(roots, outcomes, strict=True):
            for failure in outcome.failures:
                self._tell(root, failure)
            if outcome.rendered:
                (self.in_part if root.in_part else self.rendered).append(root.directory)
                yield from self._documents(root, outcome)
            else:
                blocked.append(root.directory)

    def _tell(self, root: Root, failure: Failure) -> None:
        if failure.lost == "patch":
            message = f"is read without the patches of Service {failure.message}, which is missing"
            text = f"the kustomization in {root.directory or '.'} {message}: the node ports that they set are not known"
            self.problems.append(Problem(PROBLEM, text, Location(root.path), severity=Severity.NOTE))
            return
        location = Location(failure.file if failure.file in root.inputs else root.path)
        if failure.file in root.inputs and failure.line is not None:
            lines = root.inputs[failure.file].decode("utf-8", "replace").split("\n")
            if failure.line <= len(lines):
                location = location._replace(region=_line_region(lines[failure.line - 1], failure.line))
        self._problem(root.directory, failure.message, location)

    def _documents(self, root: Root, outcome: Outcome) -> Iterator[Document]:
        bases = self._bases_of(root)
        for kept in outcome.documents:
            every = services(kept.text, self.expansion)
            if self.expansion.refused:
                self.expansion.refused = False
                self._problem(root.directory, f"its {yamltext.ALIASES} lead to too much", Location(root.path))
            for found, traced in in_step(every, kept.objects):
                if stands_in(found.value, root.parts) and not traced.numbers:
                    # Nothing is known of it but its name.
                    continue
                base = bases.of(name_of(found.value))
                origins = origins_of(traced, lambda place: Location(*place))
                first = next((place.path for origin in origins.values() for place in origin.places), root.path)
                template = Location(base.path if base is not None else first)
                places = KustomizedPlaces(found, template, origins, base)
                yield Document(found.value, root.unit, template.path, places)

    # --- files -----------------------------------------------------------------------------------

    def _bases_of(self, root: Root) -> Bases:
        """The Services of the files of a root: what its output was made of."""
        return Bases(
            Base(path, base)
            for path, data in root.inputs.items()
            if b"Service" in data and is_manifest(path)
            for base in self._services(path, data)
        )

    def _services(self, path: str, data: bytes) -> list[RenderedObject]:
        if path not in self._bases:
            self._bases[path] = services(data.decode("utf-8", "replace"), self.expansion)
        return self._bases[path]

    def _service_names(self, path: str, data: bytes) -> Iterator[str]:
        return (name_of(service.value) for service in self._services(path, data))

    def _as_they_are(self, blocked: Sequence[str]) -> Iterator[Document]:
        """Objects of roots that did not render, without their patches; what another root renders is not read twice."""
        closures = self.closures
        seen = {
            path for directory in (*self.rendered, *self.in_part, *self.skipped) for path in closures.files(directory)
        }
        units: dict[str, Unit] = {}
        for directory in blocked:
            for one in closures.line(directory):
                for path in one.resources:
                    if path not in seen and is_manifest(path):
                        units.setdefault(path, Unit("kustomization", directory or "."))
        self.plain = ManifestReader(self.tree.files, tuple(units), self.tokens, units=units, expansion=self.expansion)
        yield from self.plain.documents()
        self.problems += self.plain.problems

    def _read_comments(self) -> None:
        """Answers in files of kustomizations that were not read as they are."""
        read = {*self.plain.paths} if self.plain is not None else set()
        if self.plain is not None:
            self.comments += self.plain.comments
        for path in sorted(self.closures.all_files() - read):
            try:
                text = self._data(path).decode("utf-8", "replace")
            except OSError:
                continue
            if COMMENT in text:
                self.comments += few(comments_of(yamltext.read(text), path))


def _through(root: Root, line: Sequence[Kustomization]) -> Problem:
    """A root that does not render because of another kustomization: what its own patches set is not known."""
    cause = next(one for one in line if one.blocked)
    message = (
        f"the kustomization in {root.directory or '.'} does not render, since the one in {cause.directory or '.'} does "
        "not: node ports that its patches set are not known"
    )
    remote = all(problem.severity == Severity.NOTE for one in line for problem in one.problems)
    return Problem(PROBLEM, message, Location(root.path), severity=Severity.NOTE if remote else None)


def _bomb(data: bytes) -> tuple[str, Region] | None:
    """What is wrong with a text whose aliases lead to more than anybody means, and where."""
    if b"&" not in data or not _ALIAS.search(data):
        return None
    stream = yamltext.read(data.decode("utf-8", "replace"))
    for broken in stream.broken:
        if "alias" in broken.message:
            return broken.message, stream.line_region(broken.offset)
    return None


_SETS_NODE_PORT = re.compile(
    rb"node_?ports?[\"']?[ \t]*:[ \t]*[\"']?[1-9]|type[\"']?[ \t]*:[ \t]*[\"']?NodePort\b", re.IGNORECASE
)
"""Values of charts often hold every key that there is, without a value."""
_ALIAS = re.compile(rb"[\s,\[:-]\*[\w-]")


def _line_region(text: str, number: int) -> Region:
    text = text.rstrip()
    return Region(number, len(text) - len(text.lstrip()) + 1, number, len(text) + 1)


def _render_root(engine: Engine, cache: Cache, root: Root, timeout: float) -> Outcome:
    options = RenderOptions(root=root.directory or ".", timeout=timeout, restricted=root.restricted)

    def make() -> Outcome:
        try:
            judged = Judged(engine, root.directory, root.parts.inputs)
            inputs, rendered, lost = build(judged, root.parts, options)
        except RenderError as error:
            return Outcome([], [Failure("chart", error.kind, error.message, error.file, error.line)])
        outcome = traced_outcome(judged, inputs, options, rendered)
        unpatched = [Failure("patch", "load", name, None, None) for name in lost]
        return outcome._replace(failures=[*outcome.failures, *unpatched])

    return kept_or_made(engine, cache, root.parts.inputs, options, make)
