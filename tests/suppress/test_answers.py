"""Which suppression answers which finding: the rules that it names and no others, the first of several, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from nodeport_lint import suppress
from nodeport_lint.config import PathSuppression
from nodeport_lint.model import Comment, Finding, Location, Party, Region

TODAY = date(2026, 11, 24)
KNOWN = ("a-b", "c-d", "e-f")


def comment(text: str, line: int, path: str = "a.yaml", further: int = 0) -> Comment:
    return Comment(text, Location(path, Region(line, 1, line, 9)), alone=False, further=further)


def finding(rule: str, line: int = 1, number: int = 80) -> Finding:
    return Finding("m", (Party(Location("a.yaml", Region(line, 1, line, 2)), "", None, number),), rule=rule)


def configured(rule: str, line: int, path: str = "**", port: int | None = None) -> PathSuppression:
    return PathSuppression(rule, path, "why", port, None, Location("c.yaml", Region(line, 1, line, 2)))


def answer(
    findings: Sequence[Finding],
    comments: Sequence[Comment] = (),
    config: Sequence[PathSuppression] = (),
    enabled: Sequence[str] = KNOWN,
) -> suppress.Answered:
    return suppress.answer(findings, comments, config, KNOWN, enabled, TODAY)


def answered(outcome: suppress.Answered) -> list[tuple[str, str]]:
    """Each answered rule, and the place of the suppression that answers it."""
    return [(one.finding.rule, one.suppression.location.label) for one in outcome.answered]


def told(outcome: suppress.Answered) -> list[tuple[str, str, str]]:
    return [(problem.kind, problem.location.label, problem.message) for problem in outcome.problems]


@pytest.mark.parametrize(("named", "quiet"), [(["a-b"], ["a-b"]), (["c-d", "a-b"], ["a-b", "c-d"]), (["e-f"], ["e-f"])])
def test_the_rules_that_are_named_are_answered_and_no_others(named: list[str], quiet: list[str]) -> None:
    findings = [finding(rule) for rule in KNOWN]
    by_comment = answer(findings, [comment(f"ignore[{','.join(named)}] why", 1)])
    by_config = answer(findings, config=[configured(rule, 1) for rule in named])
    for outcome in (by_comment, by_config):
        assert [rule for rule, _ in answered(outcome)] == quiet
        assert [one.rule for one in outcome.findings] == [rule for rule in KNOWN if rule not in quiet]
        assert outcome.problems == []


def test_of_several_the_first_answers_and_the_others_are_told_unused() -> None:
    every = [
        configured("a-b", 1, "x.yaml"), configured("a-b", 2, "a.yaml", 80), configured("a-b", 3),
        configured("a-b", 4, "*.yaml"), configured("a-b", 5, "/a.yaml"), configured("a-b", 6, port=80),
    ]  # fmt: skip
    for count in range(1, len(every)):
        outcome = answer([finding("a-b")], config=every[-count:])
        assert answered(outcome) == [("a-b", every[-count].location.label)]
        assert [label for _, label, _ in told(outcome)] == [
            one.location.label for one in every[1 - count :] if count > 1
        ]
    outcome = answer([finding("a-b")], [comment("ignore[a-b] why", 1)], every)
    assert answered(outcome) == [("a-b", "a.yaml:1:1")]


def test_a_suppression_is_told_unused_if_one_of_its_rules_ran() -> None:
    two = [comment("ignore[a-b, c-d] why", 1)]
    for enabled, expected in ((["c-d"], 1), (["a-b"], 1), (["a-b", "c-d"], 1), (["e-f"], 0)):
        outcome = answer([], two, enabled=enabled)
        assert told(outcome) == [("unused-suppression", "a.yaml:1:1", "nothing to ignore here for a-b, c-d")] * expected
    # It has done its work for one of them.
    assert told(answer([finding("c-d")], two)) == []


def test_further_comments_are_told_of_at_the_first_of_them() -> None:
    further = [comment("x", 3, "b.yaml", 20), comment("x", 7, "a.yaml", 2), comment("x", 9, "a.yaml", 1)]
    for given in (further, further[::-1]):
        assert told(answer([], given)) == [
            ("malformed-suppression", "a.yaml:7:1", "23 further comments are not read, from here on")
        ]
