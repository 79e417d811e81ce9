"""Which parties of which findings somebody has answered, and which answers are stale.

A suppressed party leaves its finding; with fewer open parties than the fault needs, the finding is answered.
What is wrong with a suppression is a problem of its own: malformed, unknown, expired, about to expire, unused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from nodeport_lint.config import PathSuppression, did_you_mean, parse_date
from nodeport_lint.expressions import expression
from nodeport_lint.model import Answer, Comment, Finding, Location, Party, Problem, Suppression
from nodeport_lint.suppress.reach import Reach

ANNOUNCED = timedelta(days=14)
"""How long before its last day a suppression is announced to expire."""

MAX_OF_RUN = 10_000
"""Comments of a run that are read."""
MAX_RULE = 100
"""Characters of an unknown rule that a message repeats."""
MAX_HINTS = 100
"""Different unknown rules for which a known one is looked for: each is compared with them all."""

_IGNORE = expression(r"ignore\s*\[([^\]]*)\]\s*(.*)", re.DOTALL)
_UNTIL = expression(r"(?:^|\s)until=(\S*)")
_EXPECTED = "expected: ignore[rule] reason"


class Answered(NamedTuple):
    """``findings`` are open, ``answered`` are not; ``problems`` are about the suppressions themselves."""

    findings: list[Finding]
    answered: list[Answer]
    problems: list[Problem]


def answer(
    findings: Iterable[Finding],
    comments: Sequence[Comment],
    configured: Iterable[PathSuppression],
    known: Collection[str],
    enabled: Collection[str],
    today: date,
) -> Answered:
    """``known`` are all rules there are, ``enabled`` those that ran: only of these an answer can be unused."""
    problems: list[Problem] = []
    suppressions = [*_from_comments(comments, known, problems), *_from_config(configured)]
    current = [item for item in suppressions if not _expired(item, today, problems)]
    used: set[int] = set()
    told = Answered([], [], problems)
    reach = Reach(current)
    for finding in findings:
        _answer_one(finding, current, reach, used, told)
    for index, item in enumerate(current):
        if index not in used and any(rule in enabled for rule in item.rules):
            problems.append(
                Problem("unused-suppression", f"nothing to ignore here for {', '.join(item.rules)}", item.location)
            )
    return told


def _answer_one(finding: Finding, current: Sequence[Suppression], reach: Reach, used: set[int], told: Answered) -> None:
    taken: dict[int, list[Party]] = {}
    left: list[Party] = []
    for party in finding.parties:
        index = reach.find(finding.rule, party)
        if index is None:
            left.append(party)
        else:
            taken.setdefault(index, []).append(party)
    used.update(taken)
    for index, parties in taken.items():
        told.answered.append(Answer(finding._replace(parties=tuple(parties)), current[index]))
    if not taken:
        told.findings.append(finding)
    elif len(left) >= finding.quorum:
        spared = tuple(
            place._replace(note=f"{role}, suppressed" if role else "suppressed")
            for parties in taken.values()
            for place, role in ((party.location, party.role) for party in parties)
        )
        told.findings.append(finding._replace(parties=tuple(left), related=(*finding.related, *spared)))


def _from_comments(
    comments: Sequence[Comment], known: Collection[str], problems: list[Problem]
) -> Iterator[Suppression]:
    told = [comment for comment in comments if not comment.further]
    beyond = [comment for comment in comments if comment.further] + told[MAX_OF_RUN:]
    answered, hint = _answered_lines(told), _hints(known)
    if beyond:
        count = sum(comment.further or 1 for comment in beyond)
        first = min(beyond, key=lambda comment: comment.location.order)
        problems.append(_malformed(first.location, f"{count:,} further comments are not read, from here on"))
    for comment in islice(told, MAX_OF_RUN):
        parsed = parse(comment, known, hint)
        if isinstance(parsed, Problem):
            problems.append(parsed)
        else:
            yield parsed._replace(lines=(answered[comment.location.path, _line(comment.location)],))


def _answered_lines(comments: Sequence[Comment]) -> dict[tuple[str, int], int]:
    """The line that the comment on each line speaks of: its own, or the one below; several may stand above one."""
    found: dict[tuple[str, int], int] = {}
    for comment in sorted(comments, key=lambda comment: comment.location.order, reverse=True):
        path, line = comment.location.path, _line(comment.location)
        found[path, line] = found.get((path, line + 1), line + 1) if comment.alone else line
    return found


def _hints(known: Collection[str]) -> Callable[[str], str]:
    """Which rule somebody may have meant, for MAX_HINTS different words."""
    rules, given = sorted(known), dict[str, str]()

    def hint(word: str) -> str:
        if word not in given and len(given) < MAX_HINTS:
            given[word] = did_you_mean(word, rules)
        return given.get(word, "")

    return hint


def parse(comment: Comment, known: Collection[str], hint: Callable[[str], str] | None = None) -> Suppression | Problem:
    """What a comment says, or the problem with it. ``hint`` names the known rule that is most like an unknown one."""
    match = _IGNORE.fullmatch(comment.text)
    if match is None:
        return _malformed(comment.location, _EXPECTED)
    rules = tuple(dict.fromkeys(rule.strip() for rule in match[1].split(",") if rule.strip()))
    if not rules:
        return _malformed(comment.location, f"no rule between the brackets; {_EXPECTED}")
    for rule in rules:
        if rule not in known:
            likely = hint(rule) if hint else did_you_mean(rule, list(known))
            return _malformed(comment.location, f"unknown rule {rule[:MAX_RULE]!r}{likely}")
    until = _UNTIL.search(match[2])
    reason = " ".join(_UNTIL.sub(" ", match[2]).split())
    if not reason:
        return _malformed(comment.location, "a suppression needs a reason behind the brackets")
    if until is None:
        return Suppression(rules, reason, comment.location)
    day = parse_date(until[1])
    if day is None:
        return _malformed(comment.location, f"until={until[1][:40]} is no date such as 2027-01-31")
    return Suppression(rules, reason, comment.location, day)


def _malformed(location: Location, message: str) -> Problem:
    return Problem("malformed-suppression", message, location)


def _from_config(configured: Iterable[PathSuppression]) -> Iterator[Suppression]:
    for item in configured:
        until = date.fromisoformat(item.until) if item.until else None
        yield Suppression((item.rule,), item.reason, item.location, until, pattern=item.path, port=item.port)


def _expired(item: Suppression, today: date, problems: list[Problem]) -> bool:
    if item.until is None:
        return False
    what = f"the suppression of {', '.join(item.rules)}"
    if item.until < today:
        problems.append(Problem("expired-suppression", f"{what} ended on {item.until}", item.location))
        return True
    if item.until - today <= ANNOUNCED:
        problems.append(Problem("expiring-suppression", f"{what} ends on {item.until}", item.location))
    return False


def _line(location: Location) -> int:
    return location.region.line if location.region else 0
