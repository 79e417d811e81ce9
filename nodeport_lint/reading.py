"""Everything below a root, read: the sum of what the readers return."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

from nodeport_lint.clusters.layout import layout_of
from nodeport_lint.clusters.objects import CUSTOM, PRINCIPAL
from nodeport_lint.config import Config
from nodeport_lint.config.clusters import Clusters
from nodeport_lint.expressions import expression
from nodeport_lint.kustomize.closures import Sorted, told_apart
from nodeport_lint.manifests.custom import in_custom_resources, in_documents
from nodeport_lint.manifests.reader import NODE_PORT_TEXT, Wanted, read_manifests
from nodeport_lint.manifests.services import collect
from nodeport_lint.model import (
    LIMIT,
    Comment,
    Inventory,
    Layout,
    Location,
    Notice,
    PortRange,
    Problem,
    Read,
    UsedEngine,
)
from nodeport_lint.model.clock import SECONDS, Clock
from nodeport_lint.registry import Registries, read_registries
from nodeport_lint.registry.documents import documents_of
from nodeport_lint.tree import read_tree, unread_links, upwards
from nodeport_lint.yamltext import Expansion


class Rendering(NamedTuple):
    """How charts and kustomizations are rendered.

    ``helm`` says which engine renders charts (``helm.engines``), ``kustomize`` whether kustomizations are rendered.
    ``search`` is a PATH to find programs on, ``cache`` a directory for results (None: none is kept). ``progress`` is
    told how many renders of how many are done.
    """

    helm: str = "none"
    search: str = ""
    cache: str | None = None
    progress: Callable[[int, int], None] = lambda done, total: None
    kustomize: bool = False
    seconds: float = SECONDS
    """Of wall clock, for a whole run."""


NOT_RENDERED = Rendering()
"""Charts and kustomizations are read as they are."""

STATISTICS = (
    "charts", "charts_rendered", "charts_in_part", "charts_not_rendered", "charts_without_node_ports",
    "charts_as_parts", "library_charts", "kustomizations", "kustomizations_rendered", "kustomizations_in_part",
    "kustomizations_not_rendered", "inert_node_ports", "files", "objects", "services", "node_ports", "reservations",
    "dynamic_node_ports",
)  # fmt: skip
"""The counts of a report, in its order."""


def read_all(
    root: str,
    config: Config,
    tokens: Iterable[str],
    gitignore: bool = True,
    rendering: Rendering = NOT_RENDERED,
    only: Sequence[str] = (),
    clock: Clock | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> tuple[Inventory, Mapping[str, int], list[Notice]]:
    """Everything below ``root``, counts of it, and what there is to say about it, and of paths that are asked about.

    ``meanwhile`` is done while engines render, where they do.
    """
    clock = clock or Clock(rendering.seconds)
    known = told_apart(read_tree(root, config.exclude, gitignore, clock), clock)
    clusters, wanted, expansion = Clusters(config.clusters, config.range), Wanted(tokens), Expansion(clock=clock)
    plain = read_manifests(known.tree.files, known.manifests, wanted, clusters.widest, expansion)
    listed = read_manifests(
        known.tree.files, known.closures.listed, wanted._replace(pattern=_PRINCIPAL), clusters.widest, expansion
    ).documents
    layout = layout_of(known, config, clusters, plain.documents, listed, clock)
    custom = Read(values=tuple(in_custom_resources([*plain.documents, *listed], clusters.widest)))
    rendered = _rendered(known, config, wanted, rendering, expansion, clusters.widest, meanwhile)
    registries = read_registries(
        known.tree.files, documents_of(known.tree.files, config, known.tree.named_registries, clusters), clock
    )
    generated = _generated(known, wanted, expansion, clusters.widest)
    asked = Read(notices=tuple(_empty(only, known, registries, config)))
    whole = sum((_of_tree(known, layout), plain, generated, custom, rendered, registries.read, asked), Read())
    inventory = collect(whole.documents)._replace(
        reservations=registries.reservations,
        registries=registries.documents,
        problems=tuple(_few_of_each_limit(whole.problems)),
        comments=_each_once(whole.comments),
        values=whole.values,
        layout=layout,
        catalogue=whole.offers,
        engines=whole.engines,
    )
    counts = {**whole.counts, **_counts(inventory)}
    unfenced = (_unfenced(engine) for engine in whole.engines if engine.lacks)
    return inventory, {name: counts.get(name, 0) for name in STATISTICS}, [*whole.notices, *unfenced]


def _of_tree(known: Sorted, layout: Layout) -> Read:
    """What there is to say of the walk, and of what belongs together."""
    tree = known.tree
    links = unread_links(tree, known.closures.all_files())
    left_out = (Problem(LIMIT, why, Location(path)) for why, paths in layout.left_out for path in paths)
    return Read(
        problems=(*tree.problems, *left_out),
        notices=(*tree.notices, *links),
        counts={"files": len(known.manifests)},
    )


def _rendered(
    known: Sorted,
    config: Config,
    wanted: Wanted,
    rendering: Rendering,
    expansion: Expansion,
    among: PortRange,
    meanwhile: Callable[[], object],
) -> Read:
    """What charts and kustomizations render. The rooms for it are loaded only where there are any."""
    tree, closures = known.tree, known.closures
    with_charts = bool(tree.charts or config.releases)
    if not with_charts and not closures.found:
        return Read()
    from nodeport_lint.engines.cache import Cache
    from nodeport_lint.helm.engines import AskedAhead

    cache, found = Cache(rendering.cache), Read()
    # While the user's helm says what it is, the rest is loaded, and charts are read.
    kind = rendering.helm if with_charts else "none"
    with closing(AskedAhead(kind, rendering.search, tree.root, cache)) as helm:
        from nodeport_lint.engines.workers import RENDERING, SHARE, Workers

        workers = Workers(rendering.progress, expansion.clock.stage(RENDERING, SHARE), meanwhile)
        if with_charts:
            from nodeport_lint.helm.reader import read_charts

            found += read_charts(tree, config, helm.choose, cache, workers, expansion)
    if closures.found:
        from nodeport_lint.kustomize.engines import choose_kustomize
        from nodeport_lint.kustomize.reader import read_kustomizations

        found += read_kustomizations(
            known, wanted, among,
            lambda: choose_kustomize(rendering.kustomize, rendering.search, tree.root, cache),
            cache, workers, expansion,
        )  # fmt: skip
    return found


YAML = (".yaml", ".yml")
_PRINCIPAL = expression(
    rf"kind[\"']?\s*:\s*[\"']?({'|'.join(sorted(PRINCIPAL))})\b"
    rf"|apiVersion[\"']?\s*:\s*[\"']?{CUSTOM}"
)


def _generated(known: Sorted, wanted: Wanted, expansion: Expansion, among: PortRange) -> Read:
    """Numbers in files of which kustomizations make ConfigMaps, values and whole objects: what takes them from there is
    not known."""
    found = known.closures.found.values()
    listed = {path for one in found for path in one.resources}
    inputs = sorted({path for one in found for path in one.inputs if path.endswith(YAML)} - listed)
    read = read_manifests(known.tree.files, inputs, wanted._replace(pattern=NODE_PORT_TEXT), among, expansion)
    return Read(values=(*in_documents(read.documents, among), *read.values))


MAX_ALIKE = 100
"""Problems of one limit that are told one by one: where time ends, each file behind that is one."""


def _few_of_each_limit(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Those behind MAX_ALIKE as one, at the first of them."""
    counts, further = Counter[str](), dict[str, Problem]()
    for problem in problems:
        why = problem.message.rpartition(": ")[2]
        counts[why] += problem.kind == LIMIT
        if counts[why] <= MAX_ALIKE or problem.kind != LIMIT:
            yield problem
        else:
            further.setdefault(why, problem)
    for why, problem in further.items():
        more = counts[why] - MAX_ALIKE - 1
        yield problem._replace(message=f"{problem.message} (and {more:,} more like it)" if more else problem.message)


def _each_once(comments: Iterable[Comment]) -> tuple[Comment, ...]:
    """Comments by where they are written: a chart's are collected for every chart that takes it in."""
    found: dict[tuple[object, ...], Comment] = {}
    for comment in comments:
        found.setdefault((comment.location.path, comment.location.region, comment.text), comment)
    return tuple(found.values())


def _unfenced(engine: UsedEngine) -> Notice:
    whole = "a whole fence of the operating system" if engine.fence else "a fence of the operating system"
    return Notice(f"{engine.id} ran without {whole}: {engine.lacks}")


def _empty(only: Iterable[str], known: Sorted, registries: Registries, config: Config) -> Iterator[Notice]:
    """Paths that somebody asks about and that hold nothing: a slip would say that there are no findings. The root is
    counted in the summary."""
    charts = set(known.tree.charts)
    files = {*known.manifests, *known.closures.all_files(), *charts, *registries.documents, *registries.without}
    files |= {*(one.path for one in known.closures.found.values()), *([config.path] if config.path else ())}
    read = sorted(files)
    for path in only:
        if path == "." or "." in charts or any(part in charts for part in upwards(path)):
            continue
        place = bisect_left(read, path)
        below = bisect_left(read, f"{path}/")
        if path not in read[place : place + 1] and not "".join(read[below : below + 1]).startswith(f"{path}/"):
            yield Notice(f"nothing that is read lies in {path!r}")


def _counts(read: Inventory) -> dict[str, int]:
    """A Service that a chart renders with several sets of values is one."""
    services = {
        (service.document.unit.path, service.document.path, service.object)
        if service.document.unit.is_rendered
        else id(service)
        for service in read.services
    }
    claims = {
        (claim.unit.path, claim.object, claim.route, claim.location, claim.number)
        for service in read.services
        for claim in service.declarations
    }
    return {
        "inert_node_ports": len(read.values),
        "objects": len(read.documents),
        "services": len(services),
        "node_ports": sum(number is not None for *_, number in claims),
        "dynamic_node_ports": sum(number is None for *_, number in claims),
    }
