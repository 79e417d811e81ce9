"""Which parties of which findings somebody has answered, and which answers are stale.

A suppressed party leaves its finding; with fewer open parties than the fault needs, the finding is answered.
What is wrong with a suppression is a problem of its own: malformed, unknown, expired, about to expire, unused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from nodeport_lint.config import PathSuppression, did_you_mean, parse_date
from nodeport_lint.model import Answer, Comment, Finding, Location, Party, Problem, Suppression

ANNOUNCED = timedelta(days=14)
"""How long before its last day a suppression is announced to expire."""

_IGNORE = re.compile(r"ignore\s*\[([^\]]*)\]\s*(.*)", re.DOTALL)
_UNTIL = re.compile(r"(?:^|\s)until=(\S*)")
_EXPECTED = "expected: ignore[rule] reason"


class Outcome(NamedTuple):
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
) -> Outcome:
    """``known`` are all rules there are, ``enabled`` those that ran: only of these an answer can be unused."""
    problems: list[Problem] = []
    suppressions = [*_from_comments(comments, known, problems), *_from_config(configured)]
    current = [item for item in suppressions if not _expired(item, today, problems)]
    used: set[int] = set()
    outcome = Outcome([], [], problems)
    by_line: dict[tuple[str, int], list[int]] = {}
    for index, item in enumerate(current):
        for line in item.lines:
            by_line.setdefault((item.location.path, line), []).append(index)
    matcher = _Matcher(current, by_line)
    for finding in findings:
        _answer_one(finding, matcher, used, outcome)
    for index, item in enumerate(current):
        if index not in used and any(rule in enabled for rule in item.rules):
            problems.append(
                Problem("unused-suppression", f"nothing to ignore here for {', '.join(item.rules)}", item.location)
            )
    return outcome


class _Matcher:
    def __init__(self, current: Sequence[Suppression], by_line: Mapping[tuple[str, int], list[int]]) -> None:
        self.current, self.by_line = current, by_line
        self.patterns = [(index, item) for index, item in enumerate(current) if item.pattern is not None]
        self.specs: dict[str, Any] = {}

    def find(self, finding: Finding, party: Party) -> int | None:
        """The index of the suppression that answers a party."""
        for place in (party.location, *party.trail):
            if place.region is not None:
                for index in self.by_line.get((place.path, place.region.line), ()):
                    if finding.rule in self.current[index].rules:
                        return index
        for index, item in self.patterns:
            if (
                finding.rule in item.rules
                and item.port in (None, party.number)
                and self._matches(item, party.location.path)
            ):
                return index
        return None

    def _matches(self, item: Suppression, path: str) -> bool:
        from pathspec import GitIgnoreSpec

        pattern = item.pattern or ""
        spec = self.specs.get(pattern)
        if spec is None:
            spec = self.specs[pattern] = GitIgnoreSpec.from_lines([pattern])
        return bool(spec.match_file(path))


def _answer_one(finding: Finding, matcher: _Matcher, used: set[int], outcome: Outcome) -> None:
    taken: dict[int, list[Party]] = {}
    left: list[Party] = []
    for party in finding.parties:
        index = matcher.find(finding, party)
        if index is None:
            left.append(party)
        else:
            taken.setdefault(index, []).append(party)
    used.update(taken)
    for index, parties in taken.items():
        outcome.answered.append(Answer(finding._replace(parties=tuple(parties)), matcher.current[index]))
    if not taken:
        outcome.findings.append(finding)
    elif len(left) >= finding.quorum:
        spared = tuple(
            place._replace(note=f"{role}, suppressed" if role else "suppressed")
            for parties in taken.values()
            for place, role in ((party.location, party.role) for party in parties)
        )
        outcome.findings.append(finding._replace(parties=tuple(left), related=(*finding.related, *spared)))


def _from_comments(
    comments: Sequence[Comment], known: Collection[str], problems: list[Problem]
) -> Iterator[Suppression]:
    answered = _answered_lines(comments)
    for comment in comments:
        parsed = parse(comment, known)
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


def parse(comment: Comment, known: Collection[str]) -> Suppression | Problem:
    """What a comment says, or the problem with it."""
    match = _IGNORE.fullmatch(comment.text)
    if match is None:
        return _malformed(comment.location, _EXPECTED)
    rules = tuple(rule.strip() for rule in match[1].split(",") if rule.strip())
    if not rules:
        return _malformed(comment.location, f"no rule between the brackets; {_EXPECTED}")
    for rule in rules:
        if rule not in known:
            return _malformed(comment.location, f"unknown rule {rule!r}{did_you_mean(rule, list(known))}")
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
