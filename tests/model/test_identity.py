"""Identities outlive edits elsewhere in a file, and no two parties of a report share one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodeport_lint.model import Confidence, Finding, Location, Party, Region, Report
from nodeport_lint.model.identity import identified
from nodeport_lint.reading import NOT_RENDERED
from tests.components import rendering
from tests.make import WEB, Lint, lint_tree, manifest, write_tree

FIXTURES = Path(__file__).parents[2] / "fixtures"
MALFORMED = "# nodeport-lint: ignore[] twice\n"


def parties(report: Report) -> Iterator[Party]:
    for finding in (*report.findings, *report.hidden, *(answer.finding for answer in report.answered)):
        yield from finding.parties


def identities(report: Report) -> dict[str, str]:
    """By identity: the path and object that it stands for."""
    return {party.identity: f"{party.location.path} {party.object}" for party in parties(report)}


def test_two_malformed_suppressions_are_two(lint_files: Lint) -> None:
    before = lint_files({"a.yaml": f"{MALFORMED}{manifest('a', 30080)}{MALFORMED}"})
    found = [party.identity for party in parties(before)]
    assert len(found) == len(set(found)) == 2
    after = lint_files({"a.yaml": f"# a comment\n\n{MALFORMED}# another\n{manifest('a', 30080)}{MALFORMED}"})
    assert identities(after) == identities(before)


def test_what_an_engine_says_of_lines_is_no_part(tmp_path: Path) -> None:
    template = 'apiVersion: v1\nkind: Service\nspec: {{ required "a node port" .Values.nothing }}\n'
    found = []
    for name, comment in (("a", ""), ("b", "{{/* one */}}\n{{/* two */}}\n")):
        write_tree(tmp_path / name, {**WEB, "web/templates/broken.yaml": comment + template})
        report = lint_tree(tmp_path / name, rendering=rendering())
        (finding,) = (one for one in report.findings if one.rule == "unrendered-chart")
        assert f"broken.yaml:{3 + comment.count(chr(10))}" in finding.message
        found.append(finding.parties[0].identity)
    assert found[0] == found[1]


def test_numbers_of_a_template_are_not_named_by_lines(tmp_path: Path) -> None:
    template = "{{ if .Values.on }}\nspec:\n  ports:\n  - nodePort: 30085\n{{ end }}\n"
    other = manifest("other", 30085)
    found = []
    for name, comment in (("a", ""), ("b", "{{/* one */}}\n")):
        write_tree(tmp_path / name, {**WEB, "web/templates/inert.yaml": comment + template, "other.yaml": other})
        report = lint_tree(tmp_path / name, rendering=rendering())
        (finding,) = (one for one in report.findings if one.rule == "duplicate-node-port")
        assert "nodePort in web/templates/inert.yaml" in finding.message
        found.append(identities(report))
    assert found[0] == found[1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(lines=st.lists(st.sampled_from(["# a comment", "", "#", "# 30080"]), max_size=5))
def test_lines_above_change_nothing(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    texts = {
        "a.yaml": manifest("a", 30080),
        "b.yaml": manifest("b", 30080) + "---\n" + manifest("c", 29000),
        "c.yaml": f"{MALFORMED}kind: Service\napiVersion: v1\nmetadata: [\n",
    }
    root, edited = tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("root")
    above = "".join(f"{line}\n" for line in lines)
    write_tree(root, texts)
    write_tree(edited, {path: above + text for path, text in texts.items()})
    assert identities(lint_tree(edited)) == identities(lint_tree(root)) != {}


ABOVE = {".json": "\n", ".md": "<!-- above -->\n"}
"""A line of a file that holds nothing; in other files it is a comment."""


@pytest.mark.parametrize("case", ["charts", "plain-conflicts", "quantumlayer"])
@settings(max_examples=5)
@given(counts=st.lists(st.integers(0, 3), min_size=1, max_size=7))
def test_lines_above_the_files_of_a_repository_change_nothing(case: str, counts: list[int]) -> None:
    """All findings of its pages, and none of two parties is alike."""
    how = rendering() if case == "charts" else NOT_RENDERED
    repository = FIXTURES / case / "repo"
    with TemporaryDirectory() as scratch:
        edited = Path(shutil.copytree(repository, Path(scratch) / "repo"))
        for index, path in enumerate(sorted(path for path in edited.rglob("*") if path.is_file())):
            above = ABOVE.get(path.suffix, "# above\n") * counts[index % len(counts)]
            path.write_bytes(above.encode() + path.read_bytes())
        before, after = (lint_tree(root, profile="production", rendering=how) for root in (repository, edited))
    assert identities(after) == identities(before)
    assert len(list(parties(before))) == len(identities(before)) > 10


def finding(line: int, message: str, route: tuple[str, ...] = ()) -> Finding:
    place = Location("a.yaml", Region.within(line, 0, 5), route)
    return Finding(message, (Party(place),), confidence=Confidence.CERTAIN, rule="a-rule")


def named(*findings: Finding) -> list[str]:
    return [one.parties[0].identity for one in identified(findings)]


def test_what_is_alike_is_counted_in_the_order_of_places() -> None:
    first, second = finding(3, "it is broken"), finding(9, "it is broken")
    assert named(second, first) == named(first, second)[::-1]
    assert len(set(named(first, second))) == 2
    assert named(first)[0] == named(first, second)[0]


def test_the_message_counts_where_no_route_is_known() -> None:
    assert named(finding(3, "one"))[0] != named(finding(3, "another"))[0]
    assert named(finding(3, "one", ("spec",)))[0] == named(finding(3, "another", ("spec",)))[0]
    assert named(finding(3, "one", ("spec",)))[0] != named(finding(3, "one", ("kind",)))[0]


def test_what_is_shown_does_not_matter(tmp_path: Path) -> None:
    files = {"a/a.yaml": MALFORMED + manifest("a", 30080), "b/b.yaml": MALFORMED + manifest("b", 30080)}
    write_tree(tmp_path, files)
    whole = identities(lint_tree(tmp_path))
    part = identities(lint_tree(tmp_path, only=("b",), min_confidence=Confidence.CERTAIN))
    assert part.items() <= whole.items()
    assert part
