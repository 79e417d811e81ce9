"""lint(root, config, rules) -> Report: the whole program in one readable function."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from nodeport_lint import coexistence, inventory, repository, rulefile, suppress
from nodeport_lint.allocation import Allocation
from nodeport_lint.config import Config, RuleSource, did_you_mean
from nodeport_lint.model import (
    Confidence,
    Context,
    Declaration,
    Finding,
    Inventory,
    Location,
    NodeportLintError,
    Notice,
    Party,
    Report,
    Rule,
    Unit,
)
from nodeport_lint.owners import Owners
from nodeport_lint.registry import Registries, read_registries
from nodeport_lint.repository import Tree
from nodeport_lint.rulefile import Page
from nodeport_lint.sources.manifests import TOO_LARGE, ManifestReader

if TYPE_CHECKING:
    from nodeport_lint.renderers.choice import Chosen
    from nodeport_lint.sources.charts import ChartReader


class Rendering(NamedTuple):
    """How charts are rendered. ``helm`` is one of ``renderers.choice.ENGINES``, ``search`` a PATH to find programs
    on, ``cache`` a directory for results (None: none is kept). ``progress`` is told how many of how many are done."""

    helm: str = "none"
    search: str = ""
    cache: str | None = None
    progress: Callable[[int, int], None] = lambda done, total: None


class Run(NamedTuple):
    """How a run is made. ``only``: paths relative to the root; findings without a party there are left out.

    ``known`` are the ids of all rules there are, for suppressions that name one which does not run.
    """

    only: Sequence[str] = ()
    min_confidence: Confidence = Confidence.LIKELY
    gitignore: bool = True
    suppressions: bool = True
    known: Collection[str] = ()
    today: date | None = None
    rendering: Rendering = Rendering()


def lint(root: str, config: Config, rules: Sequence[Rule], run: Run = Run()) -> Report:  # noqa: B008  it never changes
    """Reads everything below ``root`` and judges it.

    Raises NodeportLintError for mistakes in the settings; what is wrong in the tree is in the report.
    """
    tokens = {token for rule in rules for token in rule.tokens}
    read, statistics, notices = read_all(root, config, tokens, run.gitignore, run.rendering)
    outcome = _answered(_united(_judge(rules, _context(read, config))), read, config, rules, run)
    # What is wrong with a suppression is judged by the pages about problems, with nothing else to judge.
    late = _judge(rules, _context(Inventory(problems=tuple(outcome.problems)), config))
    findings = sorted([*outcome.findings, *late], key=lambda finding: finding.order)
    wanted = [finding for finding in findings if _concerns(finding, run.only)]
    return Report(
        findings=tuple(finding for finding in wanted if finding.confidence >= run.min_confidence),
        hidden=tuple(finding for finding in wanted if finding.confidence < run.min_confidence),
        answered=tuple(item for item in outcome.answered if _concerns(item.finding, run.only)),
        notices=tuple(notices),
        rules=tuple(rules),
        statistics=statistics,
        read=_reader(root),
    )


def read_all(
    root: str,
    config: Config,
    tokens: Collection[str],
    gitignore: bool = True,
    rendering: Rendering = Rendering(),  # noqa: B008
) -> tuple[Inventory, Mapping[str, int], list[Notice]]:
    """Everything below ``root``, counts of it, and what there is to say about the reading."""
    tree = repository.read_tree(root, config.exclude, gitignore)
    reader = ManifestReader(tree, tokens)
    documents = list(reader.documents())
    charts = _chart_reader(tree, config, rendering) if tree.charts or config.releases else None
    if charts is not None:
        documents += charts.documents()
    read = inventory.collect(documents)
    registries = read_registries(root, config.registry or tree.named_registries, config.range)
    values = list(_loose_values(reader, config)) if reader.loose else []
    read = read._replace(
        reservations=registries.reservations,
        registries=registries.documents,
        problems=(*tree.problems, *reader.problems, *registries.problems, *(charts.problems if charts else ())),
        comments=(*reader.comments, *registries.comments, *(charts.comments if charts else ())),
        values=(*values, *(charts.values if charts else ())),
        catalogue=frozenset(_offers(charts) if charts else ()),
    )
    notices = [*_notices(tree, reader, registries, charts), *(_chart_notices(charts) if charts else ())]
    return read, _statistics(tree, read, charts), notices


def _chart_reader(tree: Tree, config: Config, rendering: Rendering) -> ChartReader:
    from nodeport_lint.renderers.cache import Cache
    from nodeport_lint.renderers.choice import choose_helm
    from nodeport_lint.sources.charts import ChartReader

    cache = Cache(rendering.cache)

    def engine() -> Chosen:
        return choose_helm(rendering.helm, rendering.search, tree.root, cache)

    return ChartReader(tree, config, engine, cache, rendering.progress)


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


def _loose_values(reader: ManifestReader, config: Config) -> Iterator[Declaration]:
    from nodeport_lint.sources.values import declarations

    for path, stream in reader.loose:
        yield from declarations(stream, path, Unit("values", path), config.range)


def _context(read: Inventory, config: Config) -> Context:
    owners = Owners(read.reservations, config.owners)
    return Context(
        inventory=read,
        verdict=coexistence.judge(read),
        range=config.range,
        range_for=lambda _: config.range,
        allocation=Allocation(read),
        own_rows=owners.rows_of,
        ownership=owners.of,
    )


def _judge(rules: Iterable[Rule], context: Context) -> Iterator[Finding]:
    for rule in rules:
        for finding in rule.run(rule.options, context):
            yield finding._replace(rule=rule.id, severity=min(rule.severity, finding.severity))


def _united(findings: Iterable[Finding]) -> list[Finding]:
    """The same fault of one chart with several sets of values is one finding, which names them."""
    found: dict[Finding, Finding] = {}
    for finding in findings:
        key = finding.without_units._replace(help="")
        first = found.get(key)
        if first is None:
            found[key] = finding
        else:
            both = zip(first.parties, finding.parties, strict=True)
            parties = tuple(party for pair in both for party in Party.united(pair))
            found[key] = first._replace(parties=parties)
    return list(found.values())


def _answered(
    findings: list[Finding], read: Inventory, config: Config, rules: Sequence[Rule], run: Run
) -> suppress.Outcome:
    if not run.suppressions or not (read.comments or config.suppressions):
        return suppress.Outcome(findings, [], [])
    enabled = {rule.id for rule in rules}
    return suppress.answer(
        findings, read.comments, config.suppressions, {*run.known, *enabled}, enabled, run.today or date.today()
    )


def _concerns(finding: Finding, only: Sequence[str]) -> bool:
    if not only or "." in only:
        return True
    paths = [party.location.path for party in finding.parties]
    return any(path == wanted or path.startswith(f"{wanted}/") for path in paths for wanted in only)


def _notices(
    tree: Tree, reader: ManifestReader, registries: Registries, charts: ChartReader | None
) -> Iterator[Notice]:
    if tree.kustomizations:
        named = _count(len(tree.kustomizations), "kustomization")
        files = f" (with {_count(len(tree.of_kustomizations), 'file')})" if tree.of_kustomizations else ""
        yield Notice(
            f"{named}{files} set aside: this version renders Helm charts, and no kustomizations yet",
            (*tree.kustomizations, *tree.of_kustomizations),
        )
    templates = (*reader.templates, *(charts.foreign if charts else ()))
    if templates:
        count = _count(len(templates), "file")
        yield Notice(f"{count} with template text ({{{{ }}}}) that is not YAML set aside", templates)
    if reader.skipped:
        count = _count(len(reader.skipped), "large file")
        yield Notice(f"{count} without node-port text not parsed", tuple(reader.skipped))
    if registries.without:
        yield Notice(f"no table of node ports found in {', '.join(registries.without)}", registries.without)
    if tree.links_out:
        count = _count(len(tree.links_out), "link")
        yield Notice(f"{count} not followed: outside the repository, or nothing there", tree.links_out)


def _chart_notices(charts: ChartReader) -> Iterator[Notice]:
    if charts.no_engine:
        from nodeport_lint.renderers.choice import HELM_REMEDY

        count = _count(len(charts.not_rendered), "Helm chart")
        remedy = f" ({HELM_REMEDY})" if not charts.no_engine.startswith("--") else ""
        message = f"{count} not rendered, and only searched for numbers in values: {charts.no_engine}{remedy}"
        yield Notice(message, tuple(charts.not_rendered))
    if charts.lost_templates:
        lost = tuple(dict.fromkeys(charts.lost_templates))
        yield Notice(f"{_count(len(lost), 'template')} without a Service did not render", lost)
    if charts.many_sets:
        yield Notice("values sets beyond the first of a chart not rendered", tuple(charts.many_sets))
    if charts.left_out:
        left_out = tuple(dict.fromkeys(charts.left_out))
        yield Notice(f"{_count(len(left_out), 'file')} of charts not read", left_out)
    if charts.borrowed:
        count = _count(len(charts.borrowed), "dependency").replace("dependencys", "dependencies")
        yield Notice(f"{count} of charts taken from elsewhere in the repository", tuple(charts.borrowed))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _statistics(tree: Tree, read: Inventory, charts: ChartReader | None) -> Mapping[str, int]:
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
        "inert_node_ports": len(read.values),
        "files": len(tree.manifests),
        "objects": len(read.documents),
        "services": len(services) if charts else len(read.services),
        "node_ports": sum(number is not None for *_, number in claims),
        "reservations": len(read.reservations),
        "dynamic_node_ports": sum(number is None for *_, number in claims),
    }


def _reader(root: str) -> Callable[[str], bytes | None]:
    def read(path: str) -> bytes | None:
        try:
            with open(os.path.join(root, path), "rb") as file:
                return file.read(TOO_LARGE)
        except OSError:
            return None

    return read


# --- which rules run ---------------------------------------------------------------------------


def load_pages(root: str, config: Config, extra: Iterable[str] = ()) -> dict[str, Page]:
    """All pages by id: built in, named by the configuration, and the directories ``extra`` of the user."""
    pages = dict(rulefile.builtin_pages())
    for source in (*config.extra_rules, *(RuleSource(name) for name in extra)):
        found = _pages_of(root, source)
        for rule, page in found.items():
            if rule in pages:
                raise NodeportLintError(f"there is a rule {rule!r} already, in {pages[rule].path}", Location(page.path))
        pages.update(found)
    return pages


def _pages_of(root: str, source: RuleSource) -> dict[str, Page]:
    if source.name.startswith(rulefile.PACKAGE_PREFIX):
        name = source.name.removeprefix(rulefile.PACKAGE_PREFIX)
        return rulefile.read_pages(rulefile.package_directory(name, source.location), source.name)
    try:
        directory = os.path.realpath(os.path.join(root, source.name))
        os.path.isdir(directory)
    except (OSError, ValueError) as error:
        raise NodeportLintError(f"{source.name[:100]!r} is no path: {error}", source.location) from None
    inside = directory == root or directory.startswith(root.rstrip(os.sep) + os.sep)
    if source.location is not None and not inside:
        raise NodeportLintError(f"{source.name!r} leads out of the repository", source.location)
    if source.location is not None and not os.path.isdir(directory):
        raise NodeportLintError(f"the directory {source.name!r} does not exist", source.location)
    return rulefile.read_pages(directory, source.name.rstrip("/"), trusted=not inside)


def choose_rules(
    pages: Mapping[str, Page],
    config: Config,
    profile: str = "default",
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> list[Rule]:
    """The rules that run, by id. ``select`` runs these and no others; ``ignore`` leaves some out."""
    for name in (*select, *ignore):
        if name not in pages:
            raise NodeportLintError(f"unknown rule {name!r}{did_you_mean(name, list(pages))}")
    for suppression in config.suppressions:
        if suppression.rule not in pages:
            hint = did_you_mean(suppression.rule, list(pages))
            raise NodeportLintError(f"unknown rule {suppression.rule!r}{hint}", suppression.location)
    for name, setting in config.rules.items():
        if name not in pages:
            raise NodeportLintError(f"unknown rule {name!r}{did_you_mean(name, list(pages))}", setting.location)
    return [
        page.rule(setting.severity if setting else None, setting.options if setting else None)
        for name, page in sorted(pages.items())
        for setting in [config.rules.get(name)]
        if name not in ignore and (name in select if select else _is_on(page, config, profile))
    ]


def _is_on(page: Page, config: Config, profile: str) -> bool:
    setting = config.rules.get(page.id)
    if setting is not None:
        return not setting.off
    return page.profile == "default" or page.profile == profile
