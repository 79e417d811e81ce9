"""How much a report says of one Service and of one file: a line of eighteen bytes may be a finding of a thousand.

Comes behind the suppressions, so that each answers what it stands at and no more. What is left out keeps its rule,
severity and confidence, in a finding that counts it: neither the exit status nor what is hidden changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from nodeport_lint.model import Answer, Finding, Location, Object, Party, Suppression

MAX_OF_OBJECT, MAX_OF_FILE = 1_000, 5_000
"""Findings of one rule that one object and one file have, and of the first also places of one finding; a range has
2,768 numbers."""

_Tagged = tuple[Finding, Suppression | None]


def findings(found: Iterable[Finding]) -> list[Finding]:
    """The first findings of each object and file, and then one for the others of each."""
    return [finding for finding, _ in _few((finding, None) for finding in found)]


def answers(found: Iterable[Answer]) -> list[Answer]:
    """As ``findings``, for those that each suppression answered."""
    few = _few((item.finding, item.suppression) for item in found)
    return [Answer(finding, suppression) for finding, suppression in few if suppression is not None]


def _few(tagged: Iterable[_Tagged]) -> Iterator[_Tagged]:
    seen: Counter[tuple[Any, ...]] = Counter()
    further: Counter[tuple[Any, ...]] = Counter()
    first_of: dict[tuple[Any, ...], _Tagged] = {}
    for finding, suppression in tagged:
        party = finding.parties[0]
        alike = (suppression, finding.rule, finding.severity, finding.confidence)
        of_file: tuple[Any, ...] = (*alike, party.location.path)
        of_object = (*of_file, party.object)
        if party.object is not None and seen[of_object] >= MAX_OF_OBJECT:
            key = of_object
        elif seen[of_file] >= MAX_OF_FILE:
            key = of_file
        else:
            seen.update((of_file, of_object))
            yield _short(finding), suppression
            continue
        further[key] += 1
        first_of.setdefault(key, (finding, suppression))
    for key, (finding, suppression) in first_of.items():
        yield _counted(finding, further[key], finding.parties[0].object if key[5:] else None), suppression


def _counted(first: Finding, count: int, of: Object | None) -> Finding:
    """One finding for all that are left out, at the ``first`` of them."""
    party = first.parties[0]
    where, most = (str(of), MAX_OF_OBJECT) if of else (party.location.path, MAX_OF_FILE)
    return first._replace(
        message=f"{count:,} further finding{'' if count == 1 else 's'} of this rule in {where}, from here on",
        parties=(party._replace(role="", trail=()),),
        related=(),
        reason=f"the first {most:,} are shown one by one",
        help="",
        quorum=1,
    )


def _short(finding: Finding) -> Finding:
    """A finding with the first places of each object, and the last; of those that are related, of each file."""
    helpful = finding.helpful
    if len(finding.parties) <= MAX_OF_OBJECT + 1 and len(helpful) <= MAX_OF_OBJECT:
        return finding
    parties, cut = _first_and_last(finding.parties)
    related = _first_of_files(helpful)
    told = [f"of the places of {of} the first {MAX_OF_OBJECT:,} are shown, and the last" for of in cut]
    left_out = len(helpful) - len(related)
    told += [f"{left_out:,} further places that help to understand are not shown"] if left_out else []
    reason = "; ".join(filter(None, (finding.reason, *told)))
    # Their trails are among the related places now, as far as they are shown.
    return finding._replace(
        parties=tuple(party._replace(trail=()) for party in parties), related=related, reason=reason
    )


def _first_and_last(parties: Sequence[Party]) -> tuple[tuple[Party, ...], list[str]]:
    """``parties`` as they are shown, and those of whom some are not."""
    seen: Counter[tuple[str, Object | None]] = Counter()
    last: dict[tuple[str, Object | None], int] = {}
    kept: list[int] = []
    for index, party in enumerate(parties):
        key = party.location.path, party.object
        seen[key] += 1
        if seen[key] <= MAX_OF_OBJECT:
            kept.append(index)
        else:
            last[key] = index
    cut = [str(of or path) for path, of in last if seen[path, of] > MAX_OF_OBJECT + 1]
    return tuple(parties[index] for index in sorted(chain(kept, last.values()))), cut


def _first_of_files(places: Iterable[Location]) -> tuple[Location, ...]:
    seen: Counter[str] = Counter()
    kept = []
    for place in places:
        seen[place.path] += 1
        if seen[place.path] <= MAX_OF_OBJECT:
            kept.append(place)
    return tuple(kept)
