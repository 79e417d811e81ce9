"""How many clashes are found? One live node port edited to equal another, again and again.

    python benchmarks/mutation.py DIRECTORY [PAIRS] [SEED]

Pairs are drawn from all live node ports whose number stands in a file. For each, the number of one is written into
the source text of the other in a copy of the repository, the whole check runs, and a clash must be found at that line
at ``likely`` or above. Every miss is printed with the reason that kept it below. helm and kustomize are taken from
PATH. "Deployed" leaves out pairs with a side that the tree itself calls not deployed: by the word of its path, or
because the kustomization beside it does not list it, or nothing deploys its root.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from nodeport_lint.clusters.evidence import not_deployed, roles, unlisted
from nodeport_lint.clusters.known import Known
from nodeport_lint.config import Config
from nodeport_lint.linter import Run, lint
from nodeport_lint.model import Confidence, Declaration, Finding, Inventory, Report
from nodeport_lint.reading import Rendering, read_all
from nodeport_lint.rulebook.choice import choose_rules
from nodeport_lint.rulebook.pages import builtin_pages

RULE = "duplicate-node-port"


def live(inventory: Inventory) -> list[Declaration]:
    """Live claims whose number stands in a file as it is, each place once."""
    found: dict[tuple[str, int, int], Declaration] = {}
    for number, claim in inventory.claims:
        region = claim.location.region
        if (
            region is not None
            and claim.location.exactness.startswith("exact")
            and region.end_column - region.column == len(str(number))
        ):
            found.setdefault((claim.location.path, region.line, region.column), claim)
    return list(found.values())


def edited(root: Path, claim: Declaration, number: int) -> bytes:
    """Writes a number in the place of a claim's own; gives back what the file held."""
    path, region = root / claim.location.path, claim.location.region
    assert region is not None
    before = path.read_bytes()
    lines = before.decode("utf-8", "surrogateescape").split("\n")
    line = lines[region.line - 1]
    shift = 1 if region.line == 1 and line.startswith("\ufeff") else 0
    start = region.column - 1 + shift
    lines[region.line - 1] = f"{line[:start]}{number}{line[start + len(str(claim.number)) :]}"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    return before


def places(finding: Finding) -> Iterator[tuple[str, int]]:
    for party in finding.parties:
        if party.location.region is not None:
            yield party.location.path, party.location.region.line


def reason_of(report: Report, place: tuple[str, int], number: int) -> str:
    for finding in report.hidden:
        if finding.parties[0].number == number and place in set(places(finding)):
            return finding.reason
    return "no finding: one object, or its copy"


def main() -> None:
    source = os.path.realpath(sys.argv[1])
    count, seed = int(sys.argv[2]) if len(sys.argv) > 2 else 50, int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with tempfile.TemporaryDirectory() as name:
        # The title of a repository is evidence: the copy is called like it.
        root = Path(name) / os.path.basename(source)
        shutil.copytree(source, root, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        (root / ".git").mkdir()
        rendering = Rendering("auto", os.environ.get("PATH", ""), str(Path(name) / "cache"), kustomize=True)
        inventory, _, _ = read_all(str(root), Config(), ["nodePort"], rendering=rendering)
        claims = live(inventory)
        pairs = [
            (a, b)
            for a in claims
            for b in claims
            if a is not b
            and a.number != b.number
            and (a.object != b.object or a.route != b.route)
            # The API server takes one number twice in one Service where port is equal and protocol differs.
            and (a.object != b.object or a.port != b.port or a.protocol == b.protocol)
        ]
        chosen = random.Random(seed).sample(pairs, min(count, len(pairs)))
        rules = choose_rules(builtin_pages(), Config(), select=[RULE])
        known = Known(inventory)
        found = Counter[bool]()
        deployed = Counter[bool]()
        for a, b in chosen:
            before = edited(root, a, b.number or 0)
            report = lint(str(root), Config(), rules, Run(min_confidence=Confidence.LIKELY, rendering=rendering))
            (root / a.location.path).write_bytes(before)
            assert a.location.region is not None
            place = (a.location.path, a.location.region.line)
            hit = any(
                finding.parties[0].number == b.number and place in set(places(finding)) for finding in report.findings
            )
            found[hit] += 1
            if not any(evidence(a, b, known) for evidence in (roles, unlisted, not_deployed)):
                deployed[hit] += 1
            if not hit:
                reason = reason_of(report, place, b.number or 0)
                print(f"miss: {a.location.label} = {b.number} of {b.location.label}: {reason}")
    print(f"{os.path.basename(source)}: {len(claims)} live node ports, {len(chosen)} pairs, seed {seed}")
    both = f"{deployed[True]} of {deployed.total()}"
    print(f"  found {found[True]} of {found.total()}; of pairs with both sides deployed {both}")


if __name__ == "__main__":
    main()
