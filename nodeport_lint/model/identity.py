"""Names for the parties of findings, which outlive edits elsewhere in their files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from nodeport_lint.expressions import expression
from nodeport_lint.model.found import Finding, Party

_DIGITS = expression("[0-9]+")


def identified(findings: Iterable[Finding]) -> list[Finding]:
    """``findings``, in their order, each party with its identity: no two are equal, and no line number is in any.

    It is made from rule, path, object, route and number, and from the words of the message where no route is known: its
    numbers may be those of lines. Parties that are alike in all of these are counted, in the order of places: two
    malformed suppressions of one file are two.
    """
    every = list(findings)
    seen: Counter[str] = Counter()
    for index in sorted(range(len(every)), key=lambda index: every[index].order):
        finding = every[index]
        parties = tuple(party._replace(identity=_identity(finding, party, seen)) for party in finding.parties)
        every[index] = finding._replace(parties=parties)
    return every


def _identity(finding: Finding, party: Party, seen: Counter[str]) -> str:
    from hashlib import sha256

    place = party.location
    message = () if place.route else (_DIGITS.sub("", finding.message),)
    told = repr([str(part) for part in (finding.rule, place.path, party.object, place.route, party.number, *message)])
    seen[told] += 1
    ordinal = f" {seen[told]}" if seen[told] > 1 else ""
    return sha256(f"{told}{ordinal}".encode()).hexdigest()[:20]
