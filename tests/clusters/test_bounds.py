"""What a hostile tree may cost in the judging rooms: work is counted at two sizes, and what is left out is told."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from nodeport_lint import suppress
from nodeport_lint.clusters import applied, commands
from nodeport_lint.clusters.commands import applied_by_commands
from nodeport_lint.config import PathSuppression, items, parse_config
from nodeport_lint.kustomize.closures import told_apart
from nodeport_lint.model import Comment, Finding, Location, NodeportLintError, Party, Region, Suppression
from nodeport_lint.model import comments as model_comments
from nodeport_lint.patterns import Patterns
from nodeport_lint.registry.markdown import read_comments
from nodeport_lint.suppress import reach
from nodeport_lint.tree import read_tree
from nodeport_lint.tree.files import OnDisk
from tests.counting import calls_of, grows_linearly, lines_in
from tests.make import Lint, service, write_tree

# --- commands in prose ---------------------------------------------------------------------------


def test_options_of_kubectl_without_a_command_are_read_once() -> None:
    for count in (10, 100_000):
        assert [match.span() for match in commands._COMMAND.finditer("kubectl -a " * count)] == [
            (0, count * len("kubectl -a ") - 1)
        ]


class Counted(list[str]):
    """A list that counts how often something is taken from it."""

    taken = 0

    def __getitem__(self, index: Any) -> Any:
        Counted.taken += 1
        return super().__getitem__(index)


def test_directories_below_a_recursive_command_are_found_by_halving() -> None:
    for count in (1_000, 64_000):
        ordered = Counted(sorted(f"d{index:05}/x" for index in range(count)))
        Counted.taken = 0
        assert commands._is_above("d00500", ordered)
        assert not commands._is_above("d0050", ordered)
        assert not commands._is_above("e", ordered)
        assert Counted.taken < 60


def test_prose_is_read_up_to_a_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x" * 950 + "\nkubectl apply -f apps\n"
    write_tree(tmp_path, {"apps/a.yaml": service("a", 30080), "other/a.yaml": service("b", 30081)})
    write_tree(tmp_path, {f"deep/{index}/README.md": text for index in range(20)})
    write_tree(tmp_path, {"README.md": "kubectl apply -f other\n"})
    monkeypatch.setattr(commands, "MAX_TOTAL", 5_000)
    read: list[int] = []
    sorted_tree = told_apart(read_tree(str(tmp_path)))
    actual = OnDisk.read_sized

    def noting(files: OnDisk, path: str, most: int) -> tuple[bytes, int]:
        data, size = actual(files, path, most)
        read.append(len(data))
        return data, size

    monkeypatch.setattr(OnDisk, "read_sized", noting)
    found = applied_by_commands(sorted_tree)
    assert sum(read) == 5_000
    assert [(one.path, one.told_in) for one in found.applied] == [
        ("other", "README.md"), ("apps", "deep/0/README.md"),
    ]  # fmt: skip
    assert len(found.unsearched) == 15


def test_prose_that_is_not_searched_is_told(lint_files: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a/a.yaml": service("a", 30080), "README.md": "kubectl apply -f a\n" * 10, "b/README.md": "x\n"}
    monkeypatch.setattr(commands, "MAX_SEARCHED", 100)
    notices = {notice.message: notice.details for notice in lint_files(files).notices}
    assert notices == {"1 file not searched to the end for commands of kubectl": ("README.md",)}
    monkeypatch.setattr(commands, "MAX_SEARCHED", 1_000)
    monkeypatch.setattr(commands, "MAX_FILES", 1)
    notices = {notice.message: notice.details for notice in lint_files({}).notices}
    assert notices == {"1 file not searched to the end for commands of kubectl": ("b/README.md",)}


# --- what Argo CD and Flux apply -----------------------------------------------------------------

FLUX = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: %s}\nspec: {path: %s}\n"


def test_directories_beyond_the_bound_are_told(lint_files: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applied, "MAX_APPLIED", 2)
    files = {f"{name}.yaml": FLUX % (name, f"apps/{name}") for name in "abcde"}
    notices = {notice.message: notice.details for notice in lint_files(files).notices}
    assert notices == {
        "not all read that 2 files say Argo CD and Flux apply: too many directories": ("d.yaml", "e.yaml")
    }


# --- suppressions --------------------------------------------------------------------------------

TODAY = date(2026, 11, 24)
RULE = "node-port-outside-range"


def comment(text: str, line: int, path: str = "a.yaml") -> Comment:
    return Comment(text, Location(path, Region(line, 1, line, 9)), alone=False)


def answered(
    comments: Sequence[Comment], configured: Sequence[PathSuppression] = (), findings: Sequence[Finding] = ()
) -> suppress.Outcome:
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


def test_words_of_the_tree_are_compared_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = calls_of(monkeypatch, difflib.SequenceMatcher, "set_seq1")
    for count in (10_000, 50_000):
        calls.clear()
        assert items.did_you_mean("rulf", ["rule", *(f"zzzz{index:06}" for index in range(count))]) == (
            " (did you mean 'rule'?)"
        )
        assert len(calls) == items.MAX_KNOWN + 1
    calls.clear()
    assert items.did_you_mean("r" * 1_000_000, ["r" * 1_000_000, "rule"]) == f" (known: {'r' * 1_000_000}, rule)"
    assert not calls


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


def test_comments_of_one_line_of_an_allocation_document() -> None:
    text = "<!-- nodeport-lint: a --> <!-- nodeport-lint: b -->\n  <!-- nodeport-lint: c -->  \n"
    assert [(one.text, one.alone) for one in read_comments(text, "x.md")] == [("a", False), ("b", False), ("c", True)]


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


def test_suppressions_with_wildcards_are_bounded() -> None:
    entry = "- {rule: x, path: '%s', reason: why}\n"
    plain = "".join(entry % f"a/b{index}.yaml" for index in range(2_000))
    wild = [entry % f"a/*{index}.yaml" for index in range(501)]
    assert len(parse_config(f"suppressions:\n{plain}{''.join(wild[:500])}{wild[0]}", "c").suppressions) == 2_501
    with pytest.raises(NodeportLintError) as raised:
        parse_config(f"suppressions:\n{''.join(wild)}", "c")
    assert str(raised.value) == "c:502:3: suppressions has more than 500 patterns with wildcards"


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
