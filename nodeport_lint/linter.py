"""lint(root, config, rules) -> Report: the whole program in one readable function."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from nodeport_lint.clusters.known import Known
from nodeport_lint.config import Config
from nodeport_lint.config.clusters import Clusters
from nodeport_lint.formats import shortening
from nodeport_lint.manifests.reader import TOO_LARGE
from nodeport_lint.model import (
    LIMIT,
    Answer,
    Confidence,
    Context,
    Declaration,
    Finding,
    Inventory,
    Notice,
    Party,
    Problem,
    Report,
    Rule,
    Rules,
    Verdict,
)
from nodeport_lint.model.clock import Clock
from nodeport_lint.model.identity import identified
from nodeport_lint.reading import NOT_RENDERED, Rendering, read_all
from nodeport_lint.tree import upwards
from nodeport_lint.tree.files import OnDisk


class _Tokens:
    """What the verbs of rules look for in large files: the rules are built when one comes up."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules

    def __iter__(self) -> Iterator[str]:
        return (token for rule in self.rules for token in rule.tokens)


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
    rendering: Rendering = NOT_RENDERED


USUAL = Run()


def lint(root: str, config: Config, rules: Sequence[Rule], run: Run = USUAL) -> Report:
    """Reads everything below ``root`` and judges it.

    Raises NodeportLintError for mistakes in the settings; what is wrong in the tree is in the report.
    """
    clock, heard = Clock(run.rendering.seconds), dict[str, None]()

    def meanwhile() -> None:
        """Loads what judges, which takes as long as a small chart renders."""
        if rules:
            _context(Inventory(), config, Known(Inventory()), heard, clock)

    read, statistics, notices = read_all(
        root, config, _Tokens(rules), run.gitignore, run.rendering, run.only, clock, meanwhile
    )
    still, answered = _identified(*_judged(read, config, rules, run, heard, clock))
    notices += _clusters_notices(read, config)
    notices += [
        Notice(f"{why}: its files are taken for copies, so that clashes among them are only possible "
               "(layout: one-cluster in the configuration overrules it)")
        for why in heard
    ]  # fmt: skip
    only = frozenset(run.only)
    wanted = [finding for finding in sorted(still, key=_order) if _concerns(finding, only)]
    wanted = sorted(shortening.findings(wanted), key=_order)
    return Report(
        findings=tuple(finding for finding in wanted if finding.confidence >= run.min_confidence),
        hidden=tuple(finding for finding in wanted if finding.confidence < run.min_confidence),
        answered=tuple(shortening.answers(item for item in answered if _concerns(item.finding, only))),
        notices=tuple(notices),
        rules=rules,
        statistics=statistics,
        read=_reader(root, config),
        engines=read.engines,
    )


def _identified(findings: Sequence[Finding], answers: Sequence[Answer]) -> tuple[list[Finding], list[Answer]]:
    """Identities do not depend on what is shown of a report, so that all that was found gets its own at once."""
    found = identified([*findings, *(answer.finding for answer in answers)])
    answered = zip(found[len(findings) :], answers, strict=True)
    return found[: len(findings)], [answer._replace(finding=finding) for finding, answer in answered]


def _judged(
    read: Inventory, config: Config, rules: Sequence[Rule], run: Run, heard: dict[str, None], clock: Clock
) -> tuple[list[Finding], list[Answer]]:
    """What the rules find, and what of it is answered. ``heard`` takes the notices of the verdicts."""
    known = Known(read)
    context = partial(_context, config=config, known=known, heard=heard, clock=clock)
    found = _united(_if_stored(finding, known) for finding in _judge(rules, read, context))
    found, answered, problems = _answered(found, read, config, rules, run)
    # What is wrong with a suppression is judged by the pages about problems, with nothing else to judge.
    late = _judge(rules, Inventory(problems=tuple(problems)), context)
    return [*found, *late], answered


def _context(read: Inventory, config: Config, known: Known, heard: dict[str, None], clock: Clock) -> Context:
    """What verbs are given. ``heard`` takes the notices of the verdicts that they ask for."""
    from nodeport_lint.clusters.judge import judge
    from nodeport_lint.registry.allocation import Allocation
    from nodeport_lint.registry.owners import Owners

    owners = Owners(read.reservations, config.owners)
    clusters, layout = Clusters(config.clusters, config.range), read.layout
    judged = judge(read, known)

    def verdict(a: Declaration, b: Declaration) -> Verdict:
        found = judged(a, b)
        if found.notice:
            heard[found.notice] = None
        return found

    return Context(
        inventory=read,
        verdict=verdict,
        range_for=lambda claim: clusters.range_of(layout.cluster(claim)),
        ranges_of=lambda row: clusters.ranges_of(row.clusters),
        allocation=Allocation(read),
        own_rows=lambda claim: owners.rows_of(claim, layout.cluster(claim)),
        ownership=owners.of,
        kept={},
        late=lambda: clock.late,
    )


def _if_stored(finding: Finding, known: Known) -> Finding:
    """What lies in testdata/ or archive/ is hardly seen by a cluster: then so is its fault."""
    from nodeport_lint.clusters.judge import stored

    found = None if finding.confidence is Confidence.POSSIBLE else stored(finding.parties, known)
    if found is None:
        return finding
    return finding._replace(confidence=Confidence.POSSIBLE, reason=found.reason, evidence=found.evidence)


def _clusters_notices(read: Inventory, config: Config) -> Iterator[Notice]:
    """What the declared clusters leave out: a slip in a pattern would hide every fault between two files."""
    if not config.clusters:
        return
    holding: set[str] = set()
    outside: dict[str, None] = {}
    for _, claim in read.claims:
        cluster = read.layout.cluster(claim)
        holding.add(cluster)
        if not cluster:
            outside[f"{claim.location.label}: {claim.number} of {claim.object}"] = None
    if outside:
        count = f"{len(outside)} node port{' is' if len(outside) == 1 else 's are'}"
        yield Notice(f"{count} in none of the declared clusters, and compared with nothing", tuple(outside))
    names = {cluster.name for cluster in config.clusters if cluster.name}
    empty = sorted(names - holding)
    if empty:
        noun = "cluster" if len(empty) == 1 else "clusters"
        yield Notice(f"there is no node port in the declared {noun} {', '.join(empty)}", tuple(empty))
    unknown = sorted({release.cluster for release in config.releases if release.cluster} - names)
    if unknown and not any(cluster.each for cluster in config.clusters):
        told = f"releases name {', '.join(unknown)}, which is no declared cluster"
        yield Notice(f"{told}: they are compared with nothing else", tuple(unknown))


def _judge(rules: Sequence[Rule], read: Inventory, context_of: Callable[[Inventory], Context]) -> Iterator[Finding]:
    running = rules.first if isinstance(rules, Rules) and read.is_bare else rules
    if not running:
        return
    context = context_of(read)
    for rule in running:
        for finding in rule.run(rule.options, context):
            yield finding._replace(rule=rule.id, severity=min(rule.severity, finding.severity))


def _order(finding: Finding) -> tuple[Any, ...]:
    return finding.order


def _united(findings: Iterable[Finding]) -> list[Finding]:
    """The same fault of one chart with several sets of values is one finding, which names them."""
    found: dict[Finding, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.without_units._replace(help="", evidence=""), []).append(finding)
    return [alike[0] if len(alike) == 1 else _as_one(alike) for alike in found.values()]


def _as_one(findings: Sequence[Finding]) -> Finding:
    """The first of findings that differ in nothing but the units of their parties, with the units of all."""
    sides = zip(*(finding.parties for finding in findings), strict=True)
    return findings[0]._replace(parties=tuple(party for side in sides for party in Party.united(side)))


def _answered(
    findings: list[Finding], read: Inventory, config: Config, rules: Sequence[Rule], run: Run
) -> tuple[list[Finding], list[Answer], list[Problem]]:
    """What is open, what is answered, and what is wrong with the suppressions."""
    if not run.suppressions or not (read.comments or config.suppressions):
        return findings, [], []
    from nodeport_lint import suppress

    enabled = {rule.id for rule in rules}
    return suppress.answer(
        findings, read.comments, config.suppressions, {*run.known, *enabled}, enabled, run.today or date.today()
    )


def _concerns(finding: Finding, only: Collection[str]) -> bool:
    """Whether a party lies at or below one of the paths ``only``; what was given up concerns all of them."""
    if not only or "." in only or finding.rule == LIMIT:
        return True
    paths = {party.location.path for party in finding.parties}
    return any(place in only for path in paths for place in upwards(path))


def _reader(root: str, config: Config) -> Callable[[str], bytes | None]:
    files = OnDisk(root)
    # A configuration that the user names by its whole path may lie anywhere.
    named = config.path if config.path is not None and os.path.isabs(config.path) else None

    def read(path: str) -> bytes | None:
        try:
            if path == named:
                return OnDisk(os.sep).read(os.path.relpath(path, os.sep), TOO_LARGE)
            return files.read(path, TOO_LARGE)
        except OSError:
            return None

    return read
