"""What was found, and how pairs were judged, as text: ``nodeport-lint units``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

from nodeport_lint.clusters.judge import judge
from nodeport_lint.formats.words import printable
from nodeport_lint.model import Confidence, Declaration, Inventory, Unit, UnitKind, Verdict
from nodeport_lint.model.words import counted

MAX_PAIRS = 200
"""Pairs that are listed."""
MAX_SIDES = 20
"""Claims of one number that are compared with each other."""


def render(inventory: Inventory) -> str:
    """Units with what they hold, roots of deployment, directories taken for collections, and the pairs."""
    pairs, more = _pairs(inventory)
    lines = [*_units(inventory), *_layout(inventory, pairs), *_listed(pairs, more)]
    return "".join(f"{printable(line) if line else line}\n" for line in lines)


def _units(inventory: Inventory) -> Iterator[str]:
    services: Counter[Unit] = Counter(service.document.unit for service in inventory.services)
    ports: Counter[Unit] = Counter(claim.unit for claim in inventory.declarations if claim.number is not None)
    found = sorted({*services, *ports}, key=lambda unit: (unit.kind, unit.path, unit.variant))
    clusters = {claim.unit: inventory.layout.cluster(claim) for claim in inventory.declarations}
    yield f"{counted(len(found), 'unit')} with Services or node ports"
    for unit in found:
        told = unit.variant or "its default values" if unit.is_rendered else unit.variant
        variant = f" with {told}" if told else ""
        cluster = f", cluster {clusters[unit]}" if clusters.get(unit) else ""
        holds = f"{counted(services[unit], 'Service')}, {counted(ports[unit], 'node port')}"
        yield f"  {unit.kind} {unit.path}{variant}: {holds}{cluster}"


def _layout(inventory: Inventory, pairs: list[Pair]) -> Iterator[str]:
    layout = inventory.layout
    if layout.deploy_roots is not None:
        yield ""
        yield f"deployed kustomizations: {', '.join(sorted(layout.deploy_roots))}"
    for why in dict.fromkeys(verdict.notice for _, _, verdict in pairs if verdict.notice):
        yield ""
        yield f"taken for a collection: {why} (layout: one-cluster overrules it)"


def _pairs(inventory: Inventory) -> tuple[list[Pair], bool]:
    """The pairs that are listed, and whether there are more."""
    verdict = judge(inventory)
    by_number: dict[int, list[Declaration]] = defaultdict(list)
    for claim in inventory.declarations:
        if claim.number is not None and (claim.live or claim.unit.is_inert):
            by_number[claim.number].append(claim)
    pairs: list[Pair] = []
    more = False
    for _, claims in sorted(by_number.items()):
        more = more or len(claims) > MAX_SIDES
        for a, b in combinations(claims[:MAX_SIDES], 2):
            if a.side == b.side:
                continue
            if len(pairs) == MAX_PAIRS:
                return pairs, True
            pairs.append((a, b, verdict(a, b)))
    return pairs, more


Pair = tuple[Declaration, Declaration, Verdict]


def _listed(pairs: list[Pair], more: bool) -> Iterator[str]:
    """Pairs of one number that were judged alike are listed together."""
    yield ""
    yield f"{counted(len(pairs), 'pair')} of claims of one number" + (" (and more)" if more else "")
    alike: dict[tuple[int | None, Verdict], list[Pair]] = defaultdict(list)
    for pair in pairs:
        alike[pair[0].number, pair[2]].append(pair)
    for (number, verdict), found in alike.items():
        confidence, several = verdict.confidence, f" ({len(found)} pairs)" if len(found) > 1 else ""
        level = confidence.word if confidence else "no clash"
        yield f"  {number} {level}: {verdict.reason} [{verdict.evidence}]{several}"
        yield from dict.fromkeys(
            f"    {claim.object} at {claim.location.label}" for pair in found for claim in pair[:2]
        )
        if confidence in (Confidence.POSSIBLE, Confidence.LIKELY):
            yield from (f"    {line}" for line in _settled(*found[0][:2]))


def _settled(a: Declaration, b: Declaration) -> Iterator[str]:
    """The configuration that says one thing or the other."""
    if not (a.live and b.live):
        yield from dict.fromkeys(_of_values(claim) for claim in (a, b) if not claim.live)
        return
    one, other = (_directory(claim) for claim in (a, b))
    yield f"one cluster:   clusters: [{{name: main, paths: [{', '.join(dict.fromkeys((one, other)))}]}}]"
    if one != other:
        yield f"two clusters:  clusters: [{{name: one, paths: [{one}]}}, {{name: two, paths: [{other}]}}]"


def _of_values(claim: Declaration) -> str:
    """A number that nothing rendered asks for is no clash before somebody installs it."""
    if claim.unit.variant:
        return f"not applied:   exclude: [{claim.location.path}]"
    if claim.of_chart:
        own = claim.location.path == f"{claim.unit.path}/values.yaml".removeprefix("./")
        file = "VALUES-OF-THE-INSTALL.yaml" if own else claim.location.path
        return f"an install:    releases: [{{chart: {claim.unit.path}, values: [{file}]}}]"
    return f"no install:    exclude: [{claim.location.path}]"


def _directory(claim: Declaration) -> str:
    place = claim.place
    directory = place.rpartition("/")[0] if claim.unit.is_inert or claim.unit.kind == UnitKind.MANIFEST else place
    return f'"{directory}/**"' if directory and directory != "." else '"**"'
