"""What suppressions of a hostile tree may cost: work is counted at two sizes, and what is left out is told."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

import pytest

from nodeport_lint import suppress
from nodeport_lint.config import PathSuppression
from nodeport_lint.model import Comment, Finding, Location, Party, Region, Suppression
from nodeport_lint.model import comments as model_comments
from nodeport_lint.patterns import Patterns
from nodeport_lint.suppress import reach
from tests.counting import calls_of, grows_linearly, lines_in
from tests.make import Lint, service

TODAY = date(2026, 11, 24)


RULE = "node-port-outside-range"


def comment(text: str, line: int, path: str = "a.yaml") -> Comment:
    return Comment(text, Location(path, Region(line, 1, line, 9)), alone=False)


def answered(
    comments: Sequence[Comment], configured: Sequence[PathSuppression] = (), findings: Sequence[Finding] = ()
) -> suppress.Answered:
    return suppress.answer(findings, comments, configured, {RULE, "other-rule"}, {RULE}, TODAY)


def finding(path: str, number: int, line: int = 1) -> Finding:
    return Finding("m", (Party(Location(path, Region(line, 1, line, 2)), "", None, number),), rule=RULE)


def test_unknown_rules_are_compared_for_a_hundred_words(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = calls_of(monkeypatch, difflib, "get_close_matches")
    for count in (1_000, 5_000):
        calls.clear()
        outcome = answered([comment(f"ignore[{RULE}-{index % 4_000}] why", index + 1) for index in range(count)])
        assert len(outcome.problems) == count
        assert len(calls) == suppress.MAX_HINTS
    assert outcome.problems[0].message == f"unknown rule '{RULE}-0' (did you mean '{RULE}'?)"
    assert outcome.problems[-1].message == f"unknown rule '{RULE}-999'"


def test_comments_beyond_those_of_a_file_are_counted_in_one_problem(
    lint_files: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_comments, "MAX_OF_FILE", 3)
    lines = [f"# nodeport-lint: nonsense {index}" for index in range(8)]
    bad = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 80}]}"
    )
    ignored = f"{bad}  # nodeport-lint: ignore[{RULE}] why\n"
    report = lint_files({"a.yaml": "\n".join([*lines, ignored]), "b.yaml": ignored}, today=TODAY)
    found = [(one.location.label, one.message) for one in report.findings]
    assert found == [
        ("a.yaml:1:1", "expected: ignore[rule] reason"),
        ("a.yaml:2:1", "expected: ignore[rule] reason"),
        ("a.yaml:3:1", "expected: ignore[rule] reason"),
        ("a.yaml:4:1", "6 further comments are not read, from here on"),
        ("a.yaml:12:53", "node port 80 of Service a is not in the range 30000-32767"),
    ]


def test_comments_beyond_those_of_a_run_are_counted_in_one_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppress, "MAX_OF_RUN", 10)
    told = [comment("nonsense", line, f"{line % 3}.yaml") for line in range(1, 101)]
    outcome = answered([*told, comment("x", 3, "9.yaml")._replace(further=20)])
    assert [one.message for one in outcome.problems].count("expected: ignore[rule] reason") == 10
    assert len(outcome.problems) == 11
    assert outcome.problems[0].message == "110 further comments are not read, from here on"


def test_many_suppressions_and_many_findings_are_not_compared_in_pairs() -> None:
    def run(count: int) -> None:
        configured = [
            PathSuppression(RULE, f"a/{index}.yaml", "why", 80 if index % 2 else None, None, Location("c"))
            for index in range(count)
        ]
        findings = [finding(f"a/{index}.yaml", 80) for index in range(count)]
        told = [comment(f"ignore[{RULE}] why", 7, "b.yaml") for _ in range(count)]
        one_line = [finding("b.yaml", 80, 7) for _ in range(count)]
        assert len(answered(told, configured, [*findings, *one_line]).answered) == 2 * count

    grows_linearly(lambda count: partial(run, count), measure=lines_in)


def test_a_path_is_matched_once_against_each_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    matched: list[tuple[str, str]] = []

    def matcher(pattern: str) -> Callable[[str], bool]:
        def matches(path: str) -> bool:
            matched.append((pattern, path))
            return False

        return matches

    monkeypatch.setattr(reach, "_matcher", matcher)
    configured = [
        PathSuppression(RULE, f"*{index % 20}.yml", "why", index, None, Location("c")) for index in range(1_000)
    ]
    answered([], configured, [finding("a.yaml", number, line) for number in range(30) for line in range(1, 5)])
    assert sorted(matched) == sorted((f"*{index}.yml", "a.yaml") for index in range(20))


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("a.yaml", ["a.yaml", "x/a.yaml", "a.yaml/x"], ["b.yaml", "xa.yaml"]),
        ("/a", ["a", "a/b/c"], ["x/a", "ab"]),
        ("x/a", ["x/a", "x/a/b"], ["y/x/a"]),
        ("a/", ["a/b", "x/a/b"], ["a", "x/a"]),
        ("x/a/", ["x/a/b"], ["x/a", "y/x/a/b"]),
        ("**", ["a", "x/a"], []),
        ("!a", [], ["a", "!a"]),
        ("*.y", ["a.y", "x/a.y", "*.y/a"], ["a"]),
    ],
)
def test_patterns_are_those_of_gitignore(pattern: str, matching: list[str], others: list[str]) -> None:
    index = reach.Reach([Suppression((RULE,), "why", Location("c"), pattern=pattern)])
    found = {path: index.find(RULE, finding(path, 80).parties[0]) == 0 for path in (*matching, *others)}
    taken = Patterns([pattern]).matches
    assert found == {path: taken(path) for path in found}
    assert [path for path, is_found in found.items() if is_found] == matching


def borrowed(count: int) -> dict[str, str]:
    """A library chart with two comments that answer nothing, and charts that take it in."""
    files = {
        "lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n",
        "lib/values.yaml": "a: 1 # nodeport-lint: hello\nb: 1 # nodeport-lint: hello\n",
    }
    needs = "dependencies:\n- {name: lib, version: 1.0.0, repository: 'file://../lib'}\n"
    for index in range(count):
        files[f"c{index}/Chart.yaml"] = f"apiVersion: v2\nname: c{index}\nversion: 1.0.0\n{needs}"
    return files


@pytest.mark.parametrize("count", [4, 40])
def test_comments_of_a_chart_that_many_take_in_count_once(
    lint_files: Lint, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(suppress, "MAX_OF_RUN", 3)
    answered = service("a", 80, None)
    answered = f"{answered.rstrip()} # nodeport-lint: ignore[node-port-outside-range] why\n"
    files = {**borrowed(count), "k/base.yaml": answered, "k/kustomization.yaml": "resources: [base.yaml]\n"}
    report = lint_files(files)
    assert len(report.answered) == 1
    assert not [one for one in report.findings if "further comments" in one.message]
    assert len([one for one in report.findings if one.rule == "malformed-suppression"]) == 2
