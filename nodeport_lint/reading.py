"""Everything below a root, read: the inventory, counts of it, and what there is to say about the reading."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nodeport_lint import tree as repository
from nodeport_lint.clusters.layout import layout_of
from nodeport_lint.clusters.objects import CUSTOM, PRINCIPAL
from nodeport_lint.config import Config
from nodeport_lint.config.clusters import Clusters
from nodeport_lint.kustomize.closures import Closures, Sorted, told_apart
from nodeport_lint.manifests import services as inventory
from nodeport_lint.manifests.custom import in_custom_resources, in_documents
from nodeport_lint.manifests.reader import NODE_PORT_TEXT, ManifestReader
from nodeport_lint.model import Comment, Declaration, Document, Inventory, Notice, Unit, UsedEngine
from nodeport_lint.model.words import counted
from nodeport_lint.ports import PortRange
from nodeport_lint.registry import Registries, read_registries
from nodeport_lint.registry.documents import documents_of
from nodeport_lint.tree import Tree, unread_links, upwards
from nodeport_lint.yamltext import Expansion, Stream

if TYPE_CHECKING:
    from nodeport_lint.engines.programs import Chosen
    from nodeport_lint.engines.workers import Workers
    from nodeport_lint.helm.reader import ChartReader
    from nodeport_lint.kustomize.reader import KustomizationReader


class Rendering(NamedTuple):
    """How charts and kustomizations are rendered.

    ``helm`` is one of ``renderers.choice.ENGINES``, ``kustomize`` says whether kustomizations are rendered at all.
    ``search`` is a PATH to find programs on, ``cache`` a directory for results (None: none is kept). ``progress`` is
    told how many renders of how many are done.
    """

    helm: str = "none"
    search: str = ""
    cache: str | None = None
    progress: Callable[[int, int], None] = lambda done, total: None
    kustomize: bool = False
    seconds: float = 600.0
    """Of wall clock, for all renders of a run."""


NOT_RENDERED = Rendering()
"""Charts and kustomizations are read as they are."""


def read_all(
    root: str,
    config: Config,
    tokens: Collection[str],
    gitignore: bool = True,
    rendering: Rendering = NOT_RENDERED,
    only: Sequence[str] = (),
) -> tuple[Inventory, Mapping[str, int], list[Notice]]:
    """Everything below ``root``, counts of it, and what there is to say about it, and of paths that are asked about."""
    tree = repository.read_tree(root, config.exclude, gitignore)
    expansion = Expansion()
    known = told_apart(tree)
    closures, manifests = known.closures, known.manifests
    reader = ManifestReader(tree.files, manifests, tokens, expansion=expansion)
    documents = list(reader.documents())
    clusters = Clusters(config.clusters, config.range)
    listed = list(_listed(tree, closures, tokens, expansion))
    layout = layout_of(known, config, clusters, documents, listed)
    custom = list(in_custom_resources([*documents, *listed], clusters.widest))
    workers = _workers(rendering) if tree.charts or config.releases or closures.found else None
    charts = kustomizations = None
    if workers and (tree.charts or config.releases):
        charts = _chart_reader(tree, config, rendering, workers, expansion)
    if charts is not None:
        documents += charts.documents()
    if workers and closures.found:
        kustomizations = _kustomization_reader(tree, closures, tokens, rendering, workers, expansion)
    if kustomizations is not None:
        documents += kustomizations.documents()
    read = inventory.collect(documents)
    registries = read_registries(tree.files, documents_of(tree.files, config, tree.named_registries, clusters))
    readers = [one for one in (reader, registries, charts, kustomizations) if one is not None]
    values = [*_loose_values(reader.loose, clusters.widest)]
    values += _generated(tree, closures, tokens, expansion, clusters.widest)
    read = read._replace(
        reservations=registries.reservations,
        registries=registries.documents,
        problems=(*tree.problems, *(problem for one in readers for problem in one.problems)),
        comments=_each_once(comment for one in readers for comment in one.comments),
        values=(*values, *custom, *(charts.values if charts else ())),
        layout=layout,
        catalogue=frozenset(_offers(charts) if charts else ()),
        engines=tuple(workers.engines if workers else ()),
    )
    notices = [*_notices(tree, closures, reader, registries, charts), *_empty(only, known, registries, config)]
    notices += _kustomization_notices(kustomizations) if kustomizations else ()
    notices += [Notice(words, paths) for words, paths in layout.left_out]
    notices += [_unfenced(engine) for engine in read.engines if engine.lacks]
    return read, _statistics(tree, manifests, closures, read, charts, kustomizations), notices


def _each_once(comments: Iterable[Comment]) -> tuple[Comment, ...]:
    """Comments by where they are written: a chart's are collected for every chart that takes it in."""
    found: dict[tuple[object, ...], Comment] = {}
    for comment in comments:
        found.setdefault((comment.location.path, comment.location.region, comment.text), comment)
    return tuple(found.values())


YAML = (".yaml", ".yml")
_PRINCIPAL = re.compile(
    rf"kind[\"']?\s*:\s*[\"']?({'|'.join(sorted(PRINCIPAL))})\b"
    rf"|apiVersion[\"']?\s*:\s*[\"']?{CUSTOM}"
)


def _listed(tree: Tree, closures: Closures, tokens: Collection[str], expansion: Expansion) -> Iterator[Document]:
    """The objects of files that kustomizations list, as far as they tell what belongs together."""
    found = closures.found
    listed = sorted({path for directory in closures.live for path in found[directory].resources})
    reader = ManifestReader(tree.files, listed, tokens, wanted=_PRINCIPAL, expansion=expansion)
    yield from reader.documents()


def _workers(rendering: Rendering) -> Workers:
    from nodeport_lint.engines.workers import Workers

    return Workers(rendering.progress, rendering.seconds)


def _chart_reader(
    tree: Tree, config: Config, rendering: Rendering, workers: Workers, expansion: Expansion
) -> ChartReader:
    from nodeport_lint.engines.cache import Cache
    from nodeport_lint.helm.engines import choose_helm
    from nodeport_lint.helm.reader import ChartReader

    cache = Cache(rendering.cache)

    def engine() -> Chosen:
        return _used(choose_helm(rendering.helm, rendering.search, tree.root, cache), workers)

    return ChartReader(tree, config, engine, cache, workers, expansion)


def _kustomization_reader(
    tree: Tree,
    closures: Closures,
    tokens: Collection[str],
    rendering: Rendering,
    workers: Workers,
    expansion: Expansion,
) -> KustomizationReader:
    from nodeport_lint.engines.cache import Cache
    from nodeport_lint.kustomize.engines import choose_kustomize
    from nodeport_lint.kustomize.reader import KustomizationReader

    cache = Cache(rendering.cache)

    def engine() -> Chosen:
        return _used(choose_kustomize(rendering.kustomize, rendering.search, tree.root, cache), workers)

    return KustomizationReader(tree, closures, tuple(tokens), engine, cache, workers, expansion)


def _used(chosen: Chosen, workers: Workers) -> Chosen:
    if chosen.engine is not None:
        workers.engines.append(UsedEngine(chosen.engine.id, *chosen.held))
        workers.closing.append(chosen.engine.close)
    return chosen


def _unfenced(engine: UsedEngine) -> Notice:
    whole = "a whole fence of the operating system" if engine.fence else "a fence of the operating system"
    return Notice(f"{engine.id} ran without {whole}: {engine.lacks}")


def _offers(charts: ChartReader) -> Iterable[str]:
    """Charts of a catalogue: one of several, or one that has further sets of values (coexistence, R4)."""
    every = [
        *charts.rendered,
        *charts.in_part,
        *charts.not_rendered,
        *charts.skipped,
        *charts.libraries,
        *charts.components,
    ]
    return every if len(every) > 1 else charts.several


def _generated(
    tree: Tree, closures: Closures, tokens: Collection[str], expansion: Expansion, among: PortRange
) -> Iterator[Declaration]:
    """Numbers in files of which kustomizations make ConfigMaps, values and whole objects: what takes them from there is
    not known."""
    found = closures.found.values()
    listed = {path for one in found for path in one.resources}
    inputs = sorted({path for one in found for path in one.inputs if path.endswith(YAML)} - listed)
    reader = ManifestReader(tree.files, inputs, tokens, wanted=NODE_PORT_TEXT, expansion=expansion)
    yield from in_documents(reader.documents(), among)
    yield from _loose_values(reader.loose, among)


def _loose_values(loose: Iterable[tuple[str, Stream]], among: PortRange) -> Iterator[Declaration]:
    from nodeport_lint.manifests.values import declarations

    for path, stream in loose:
        yield from declarations(stream, path, Unit("values", path), among)


def _notices(
    tree: Tree, closures: Closures, reader: ManifestReader, registries: Registries, charts: ChartReader | None
) -> Iterator[Notice]:
    if reader.templates:
        count = counted(len(reader.templates), "file")
        yield Notice(f"{count} with template text ({{{{ }}}}) that is not YAML set aside", tuple(reader.templates))
    if charts is not None and charts.foreign:
        count = counted(len(charts.foreign), "file")
        yield Notice(
            f"{count} beside charts set aside: called like values, and not in their form", tuple(charts.foreign)
        )
    if reader.skipped:
        count = counted(len(reader.skipped), "large file")
        yield Notice(f"{count} without node-port text not parsed", tuple(reader.skipped))
    if registries.without:
        yield Notice(f"no table of node ports found in {', '.join(registries.without)}", registries.without)
    yield from tree.notices
    yield from unread_links(tree, closures.all_files())
    if charts is not None:
        yield from _chart_notices(charts)


def _empty(only: Iterable[str], known: Sorted, registries: Registries, config: Config) -> Iterator[Notice]:
    """Paths that somebody asks about and that hold nothing: a slip would say that there are no findings. The root is
    counted in the summary."""
    tree, closures, manifests = known
    files = {
        *manifests,
        *(one.path for one in closures.found.values()),
        *closures.all_files(),
        *tree.charts,
        *registries.documents,
    }
    files |= {*registries.without, *([config.path] if config.path else ())}
    read, charts = sorted(files), set(tree.charts)
    for path in only:
        if path == "." or "." in charts or any(part in charts for part in upwards(path)):
            continue
        place = bisect_left(read, path)
        below = bisect_left(read, f"{path}/")
        if path not in read[place : place + 1] and not "".join(read[below : below + 1]).startswith(f"{path}/"):
            yield Notice(f"nothing that is read lies in {path!r}")


def _chart_notices(charts: ChartReader) -> Iterator[Notice]:
    if charts.no_engine:
        from nodeport_lint.helm.engines import REMEDY

        count = counted(len(charts.not_rendered), "Helm chart")
        message = f"{count} not rendered, and only searched for numbers in values"
        yield _without_engine(message, charts.no_engine, REMEDY, charts.not_rendered)
    if charts.lost_templates:
        lost = tuple(dict.fromkeys(charts.lost_templates))
        yield Notice(f"{counted(len(lost), 'template')} without a Service did not render", lost)
    if charts.many_sets:
        yield Notice("values sets beyond the first of a chart not rendered", tuple(charts.many_sets))
    if charts.left_out:
        left_out = tuple(dict.fromkeys(charts.left_out))
        yield Notice(f"{counted(len(left_out), 'file')} of charts not read", left_out)
    if charts.borrowed:
        count = counted(len(charts.borrowed), "dependency")
        yield Notice(f"{count} of charts taken from elsewhere in the repository", tuple(charts.borrowed))


def _kustomization_notices(kustomizations: KustomizationReader) -> Iterator[Notice]:
    if kustomizations.no_engine:
        from nodeport_lint.kustomize.engines import REMEDY

        count = counted(len(kustomizations.not_rendered), "kustomization")
        message = f"{count} not rendered, and only the files read that they list"
        yield _without_engine(message, kustomizations.no_engine, REMEDY, kustomizations.not_rendered)
    left_out = [problem for problem in kustomizations.left_out if problem not in kustomizations.problems]
    if left_out:
        who = "they do not" if len(left_out) > 1 else "it does not"
        parts = f"{'their' if len(left_out) > 1 else 'its'} remote or missing parts, charts and plugins"
        message = f"{counted(len(left_out), 'kustomization')} read without {parts}: {who} mention node ports"
        yield Notice(message, tuple(f"{problem.location.label}: {problem.message}" for problem in left_out))


def _without_engine(message: str, reason: str, remedy: str, paths: Iterable[str]) -> Notice:
    """Who has switched an engine off needs no advice."""
    advice = "" if reason.startswith("--") else f" ({remedy})"
    return Notice(f"{message}: {reason}{advice}", tuple(paths))


def _statistics(
    tree: Tree,
    manifests: Sequence[str],
    closures: Closures,
    read: Inventory,
    charts: ChartReader | None,
    kustomizations: KustomizationReader | None,
) -> Mapping[str, int]:
    # A Service that a chart renders with several sets of values is one.
    services = {(service.document.unit.path, service.document.path, service.object) for service in read.services}
    claims = {
        (claim.unit.path, claim.object, claim.route, claim.location, claim.number)
        for service in read.services
        for claim in service.declarations
    }
    return {
        "charts": len(tree.charts),
        "charts_rendered": len(charts.rendered) if charts else 0,
        "charts_in_part": len(charts.in_part) if charts else 0,
        "charts_not_rendered": len(charts.not_rendered) if charts else 0,
        "charts_without_node_ports": len(charts.skipped) if charts else 0,
        "charts_as_parts": len(charts.components) if charts else 0,
        "library_charts": len(charts.libraries) if charts else 0,
        "kustomizations": len(closures.roots),
        "kustomizations_rendered": len(kustomizations.rendered) if kustomizations else 0,
        "kustomizations_in_part": len(kustomizations.in_part) if kustomizations else 0,
        "kustomizations_not_rendered": len(kustomizations.not_rendered) if kustomizations else 0,
        "inert_node_ports": len(read.values),
        "files": len(manifests),
        "objects": len(read.documents),
        "services": len(services) if charts else len(read.services),
        "node_ports": sum(number is not None for *_, number in claims),
        "reservations": len(read.reservations),
        "dynamic_node_ports": sum(number is None for *_, number in claims),
    }
