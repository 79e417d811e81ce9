"""Suppressions: the grammar, what they reach, and what becomes of stale ones."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from nodeport_lint.config import parse_config
from nodeport_lint.model import Comment, Location, Problem, Region, Report
from nodeport_lint.suppress import parse
from tests.command import run
from tests.make import Lint, manifest, write_tree

TODAY = date(2026, 11, 24)
KNOWN = {"a-b", "c-d"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ignore[a-b] why", (("a-b",), "why", None)),
        ("ignore[a-b,c-d] two of them", (("a-b", "c-d"), "two of them", None)),
        ("ignore[ a-b , c-d ]   spaces   inside ", (("a-b", "c-d"), "spaces inside", None)),
        ("ignore[a-b]no space", (("a-b",), "no space", None)),
        ("ignore [a-b] why", (("a-b",), "why", None)),
        ("ignore[a-b] until=2027-01-31 why", (("a-b",), "why", date(2027, 1, 31))),
        ("ignore[a-b] why until=2027-01-31", (("a-b",), "why", date(2027, 1, 31))),
        ("ignore[a-b] see [x](y)", (("a-b",), "see [x](y)", None)),
        ("ignore[a-b]", "a suppression needs a reason behind the brackets"),
        ("ignore[a-b] until=2027-01-31", "a suppression needs a reason behind the brackets"),
        ("ignore[] why", "no rule between the brackets; expected: ignore[rule] reason"),
        ("ignore[,] why", "no rule between the brackets; expected: ignore[rule] reason"),
        ("ignore why", "expected: ignore[rule] reason"),
        ("ignore[a-b why", "expected: ignore[rule] reason"),
        ("Ignore[a-b] why", "expected: ignore[rule] reason"),
        ("disable[a-b] why", "expected: ignore[rule] reason"),
        ("", "expected: ignore[rule] reason"),
        ("ignore[a_b] why", "unknown rule 'a_b' (did you mean 'a-b'?)"),
        ("ignore[a-b,x] why", "unknown rule 'x' (known: a-b, c-d)"),
        ("ignore[a-b] why until=soon", "until=soon is no date such as 2027-01-31"),
        ("ignore[a-b] why until=2027-02-30", "until=2027-02-30 is no date such as 2027-01-31"),
        ("ignore[a-b] why until=", "until= is no date such as 2027-01-31"),
    ],
)
def test_grammar(text: str, expected: object) -> None:
    found = parse(Comment(text, Location("x", Region(1, 1, 1, 2)), False), KNOWN)
    if isinstance(found, Problem):
        assert found.message == expected
    else:
        assert (found.rules, found.reason, found.until) == expected


def messages(report: Report) -> list[str]:
    return [f"{finding.rule}@{finding.location.label}" for finding in report.findings]


IGNORE = "# nodeport-lint: ignore[node-port-outside-range] why"


def one(before: str = "", behind: str = "", above_all: str = "") -> str:
    return f"{above_all}apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec:\n  type: NodePort\n  ports:\n    - port: 80\n{before}      nodePort: 80{behind}\n"


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        (one(behind=f"  {IGNORE}"), True),
        (one(before=f"      {IGNORE}\n"), True),
        (one(before=f"      {IGNORE}\n      # nodeport-lint: ignore[duplicate-node-port] another\n"), True),
        (one(before=f"      {IGNORE}\n\n"), False),
        (one(before=f"      {IGNORE}\n      # a word about it\n"), False),
        (one(above_all=f"{IGNORE}\n"), False),
        (one(before=f"      name: x  {IGNORE}\n"), False),
        (one(behind=f"  {IGNORE}".replace("outside-range", "service")), False),
        # Text that only looks like a comment.
        (one(before=f"      name: '\n      {IGNORE}\n      '\n"), False),
        (one(before=f"      name: |\n       {IGNORE}\n"), False),
        (one(before=f'      name: "x {IGNORE}"\n'), False),
    ],
)  # fmt: skip
def test_reach_of_a_comment(text: str, quiet: bool, lint_files: Lint) -> None:
    report = lint_files({"a.yaml": text}, today=TODAY)
    assert any(message.startswith("node-port-outside-range@") for message in messages(report)) is not quiet
    assert bool(report.answered) is quiet


def test_crlf_and_utf_16(lint_files: Lint) -> None:
    text = one(before=f"      {IGNORE}\n").replace("\n", "\r\n")
    assert (
        messages(
            lint_files(
                {
                    "a.yaml": text,
                    "b.yaml": text.replace("name: a", "name: b")
                    .replace("nodePort: 80", "nodePort: 81")
                    .encode("utf-16"),
                }
            )
        )
        == []
    )


def test_a_comment_at_the_alias_reaches_the_value(lint_files: Lint) -> None:
    text = (
        "apiVersion: v1\nkind: List\nx: &p {port: 80, nodePort: 80}\nitems:\n"
        "- apiVersion: v1\n  kind: Service\n  metadata: {name: a}\n  spec:\n    type: NodePort\n    ports:\n"
        "    - *p  # nodeport-lint: ignore[node-port-outside-range] why\n"
    )
    assert messages(lint_files({"a.yaml": text})) == []


def test_groups(lint_files: Lint) -> None:
    """Two sides of which one is answered are answered; a third opens the conflict of the two that are left."""
    answered = manifest("a", 30080).replace(
        "nodePort: 30080}", "nodePort: 30080}  # nodeport-lint: ignore[duplicate-node-port] blue and green"
    )
    two = lint_files({"a.yaml": answered, "b.yaml": manifest("b", 30080)})
    assert two.findings == ()
    assert [str(party.object) for answer in two.answered for party in answer.finding.parties] == ["Service a"]
    three = lint_files({"c.yaml": manifest("c", 30080)})
    assert [str(party.object) for party in three.findings[0].parties] == ["Service b", "Service c"]
    assert [place.note for place in three.findings[0].related] == ["Service a, suppressed"]


def test_the_places_by_which_a_suppressed_number_came_leave_with_it(lint_files: Lint) -> None:
    item = "- apiVersion: v1\n  kind: Service\n  metadata: {name: %s}\n  spec:\n    type: NodePort\n    ports: %s\n"
    text = "apiVersion: v1\nkind: List\nitems:\n" + item % ("a", "&p [{port: 80, nodePort: 30080}]")
    files = {"a.yaml": text + item % ("b", "*p"), "c.yaml": manifest("c", 30080)}
    (whole,) = lint_files(files).findings
    assert [place.label for place in whole.helpful] == ["a.yaml:15:12"]
    files["a.yaml"] = files["a.yaml"].replace("*p", "*p  # nodeport-lint: ignore[duplicate-node-port] blue and green")
    report = lint_files(files)
    assert [(place.label, place.note) for place in report.findings[0].helpful] == [
        ("a.yaml:9:37", "Service b, suppressed")
    ]
    assert [place.label for place in report.answered[0].finding.helpful] == ["a.yaml:15:12"]


def test_at_the_command_line(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.yaml": one(behind=f"  {IGNORE}")})
    quiet = run("check", cwd=tmp_path)
    assert quiet.returncode == 0
    assert "notice: 1 finding suppressed (--show-suppressed shows them)\n" in quiet.stdout
    shown = run("check", "--show-suppressed", cwd=tmp_path)
    assert shown.returncode == 0
    assert shown.stdout.startswith(
        "suppressed error[node-port-outside-range]: node port 80 of Service a is not in the range"
    )
    assert "= suppressed: why\n   = by: a.yaml:8:21\n" in shown.stdout.replace("  =", "   =").replace("    =", "   =")
    assert run("check", "--no-suppressions", cwd=tmp_path).returncode == 1
    report = json.loads(run("check", "--format", "json", cwd=tmp_path).stdout)
    assert [item["suppression"]["reason"] for item in report["suppressed"]] == ["why"]


def test_unused_expired_and_expiring(lint_files: Lint) -> None:
    text = one(behind="  # nodeport-lint: ignore[node-port-outside-range] why until={}").replace("{}", "{0}")
    for until, expected in (
        ("2026-11-23", ["node-port-outside-range@a.yaml:8:17", "expired-suppression@a.yaml:8:21"]),
        ("2026-11-24", ["expiring-suppression@a.yaml:8:21"]),
        ("2026-12-08", ["expiring-suppression@a.yaml:8:21"]),
        ("2026-12-09", []),
    ):
        report = lint_files({"a.yaml": text.replace("{0}", until)}, today=TODAY)
        assert messages(report) == expected
    unused = lint_files({"a.yaml": one(behind=f"  {IGNORE}").replace("nodePort: 80 ", "nodePort: 30080 ")}, today=TODAY)
    assert messages(unused) == ["unused-suppression@a.yaml:8:24"]


def test_unused_is_silent_where_the_rule_did_not_run(lint_files: Lint) -> None:
    text = one(behind="  # nodeport-lint: ignore[node-port-service] why").replace("nodePort: 80 ", "nodePort: 30080 ")
    assert messages(lint_files({"a.yaml": text}, today=TODAY)) == []
    assert messages(lint_files({}, today=TODAY, profile="production")) == [
        "node-port-service@a.yaml:5:9",
        "unused-suppression@a.yaml:8:24",
    ]


def test_the_configuration_answers_by_path_and_port(lint_files: Lint) -> None:
    config = parse_config(
        "suppressions:\n- {rule: node-port-outside-range, path: legacy/**, reason: wide range}\n"
        "- {rule: node-port-outside-range, port: 81, reason: agreed}\n- {rule: duplicate-node-port, path: nowhere/, reason: x}\n",
        ".nodeport-lint.yaml",
    )
    files = {"legacy/a.yaml": manifest("a", 79), "b.yaml": manifest("b", 81), "c.yaml": manifest("c", 80)}
    report = lint_files(files, config=config, today=TODAY)
    assert messages(report) == ["unused-suppression@.nodeport-lint.yaml:4:3", "node-port-outside-range@c.yaml:7:38"]
    assert [answer.suppression.reason for answer in report.answered] == ["agreed", "wide range"]


def test_an_allocation_document_holds_comments_too(lint_files: Lint) -> None:
    text = "| Service | NodePort |\n|---|---|\n| web | 3030 | <!-- nodeport-lint: ignore[reservation-outside-range] lab -->\n"
    assert messages(lint_files({"nodeports.md": text}, today=TODAY)) == []
    above = "| Service | NodePort |\n|---|---|\n| web | 3030 |\n\n<!-- nodeport-lint: ignore[reservation-outside-range] nothing below -->\n"
    assert messages(lint_files({"nodeports.md": above}, today=TODAY)) == [
        "reservation-outside-range@nodeports.md:3:9",
        "unused-suppression@nodeports.md:5:1",
    ]
