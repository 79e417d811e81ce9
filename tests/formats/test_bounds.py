"""How many findings one Service or one file may show, and that a word stands for what is left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nodeport_lint.config import parse_config
from nodeport_lint.formats import load_format, shortening
from nodeport_lint.model import Finding
from tests.command import run
from tests.make import Lint, lint_tree, write_tree

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec: {type: NodePort, ports: [%s]}\n"

# --- one Service --------------------------------------------------------------------------------


@pytest.fixture
def ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortening, "MAX_OF_OBJECT", 10)


def of_entries(entry: str, count: int, kind: str = "NodePort") -> dict[str, str]:
    """One Service with an entry again and again; ``@`` is a number of its own."""
    entries = "".join(f"  - {entry.replace('@', str(index))}\n" for index in range(count))
    return {
        "a.yaml": f"apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec:\n  type: {kind}\n  ports:\n{entries}"
    }


def table(rows: int) -> dict[str, str]:
    """Rows of one Service whose target ports are others."""
    lines = "".join(f"| a | {30000 + index} | 9000 |\n" for index in range(rows))
    return {"nodeports.md": f"| Service | NodePort | Target port |\n|---|---|---|\n{lines}"}


SHAPES: dict[str, Callable[[int], dict[str, str]]] = {
    "malformed-node-port": lambda count: of_entries("{nodePort: a}", count),
    "misspelt-node-port": lambda count: of_entries("{port: 80, nodeport: 30080}", count),
    "node-port-outside-range": lambda count: of_entries("{port: 1@, nodePort: 4@}", count),
    "sensitive-port-on-node-port": lambda count: of_entries("{port: 5432, nodePort: 3@}", count),
    "unregistered-node-port": lambda count: {**of_entries("{port: 1@, nodePort: 4@}", count), **table(3)},
    "reservation-mismatch": lambda count: of_rows(count),
    "duplicate-yaml-key": lambda count: of_entries("{nodePort: 30080, port: 80, port: 80}", count),
    "node-port-without-node-port-type": lambda count: of_entries("{port: 80, nodePort: 3@}", count, "ClusterIP"),
    "duplicate-node-port": lambda count: of_entries("{port: 80, nodePort: 30080}", count),
}


def of_rows(count: int) -> dict[str, str]:
    entries = "".join(f"  - {{port: 80, nodePort: {30000 + index}}}\n" for index in range(count))
    head = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  type: NodePort\n  ports:\n"
    return {"a.yaml": head + entries, **table(count)}


@pytest.mark.usefixtures("ten")
@pytest.mark.parametrize("rule", SHAPES)
def test_one_service_has_so_many_findings_of_a_rule(tmp_path: Path, rule: str) -> None:
    lengths = []
    for count in (60, 120):
        root = tmp_path / str(count)
        write_tree(root, SHAPES[rule](count))
        report = lint_tree(root)
        found = [one for one in report.findings if one.rule == rule]
        assert 0 < len(found) <= 11
        assert max(len(one.parties) for one in found) <= 11
        assert any(_counts(one) for one in found)
        assert {one.severity for one in found} == {next(one.severity for one in report.rules if one.id == rule)}
        lengths.append(len(str(load_format("json").render(report))))
    assert lengths[1] < 1.1 * lengths[0]


def _counts(finding: Finding) -> bool:
    return "further findings of this rule in Service a, from here on" in finding.message or (
        "of the places of Service a the first 10 are shown, and the last" in finding.reason
    )


@pytest.mark.usefixtures("ten")
def test_what_is_counted_keeps_its_place_and_how_sure_it_is(lint_files: Lint) -> None:
    entries = of_entries("{nodePort: a}", 30)["a.yaml"] + "  - {nodePort: '${A}'}\n" * 12 + "  - {nodePort: b}\n"
    found = [(one.location.label, one.confidence.word, one.message) for one in lint_files({"a.yaml": entries}).findings]
    assert len(found) == 22
    assert found[9:12] == [
        ("a.yaml:16:16", "certain", "nodePort of Service a is the text 'a', not a whole number"),
        ("a.yaml:17:16", "certain", "21 further findings of this rule in Service a, from here on"),
        ("a.yaml:37:16", "possible", "nodePort of Service a is the text '${A}'"),
    ]
    assert found[-1] == ("a.yaml:47:16", "possible", "2 further findings of this rule in Service a, from here on")


@pytest.mark.usefixtures("ten")
def test_what_is_counted_shows_one_place(lint_files: Lint) -> None:
    """And not that by which its value got there, as the others do."""
    ports = "".join(f"  - {{nodePort: *a, port: {index}}}\n" for index in range(30))
    text = of_entries("{nodePort: &a x}", 1)["a.yaml"] + ports
    found = lint_files({"a.yaml": text}).findings
    counted = [one for one in found if "further findings" in one.message]
    assert [one.helpful for one in counted] == [()]
    assert sum(bool(one.helpful) for one in found) == 9


@pytest.mark.usefixtures("ten")
def test_a_suppression_answers_its_own_line_of_what_is_counted(lint_files: Lint) -> None:
    lines = of_entries("{nodePort: a}", 30)["a.yaml"].splitlines()
    for index in (16, 25):
        lines[index] += " # nodeport-lint: ignore[malformed-node-port] why"
    report = lint_files({"a.yaml": "\n".join(lines)})
    assert {one.rule for one in report.findings} == {"malformed-node-port"}
    assert report.findings[-1].message == "18 further findings of this rule in Service a, from here on"
    assert report.findings[-1].location.label == "a.yaml:18:16"
    assert len(report.answered) == 2


@pytest.mark.usefixtures("ten")
def test_what_one_suppression_answers_is_counted_too(lint_files: Lint) -> None:
    text = "suppressions: [{rule: malformed-node-port, path: a.yaml, reason: why}]\n"
    report = lint_files(of_entries("{nodePort: a}", 30), config=parse_config(text, "c.yaml"))
    assert not report.findings
    assert len(report.answered) == 11
    assert report.answered[-1].finding.message == "20 further findings of this rule in Service a, from here on"


@pytest.mark.usefixtures("ten")
def test_a_key_that_is_repeated_shows_its_first_places_and_the_last(lint_files: Lint) -> None:
    text = SERVICE.replace("spec: {type: NodePort, ports: [%s]}\n", "spec: {type: NodePort, ports: [{port: 80,\n") % "a"
    (found,) = (
        one
        for one in lint_files({"a.yaml": text + "nodePort: 30080,\n" * 30 + "}]}\n"}).findings
        if one.rule == "duplicate-yaml-key"
    )
    assert [party.location.region.line for party in found.parties if party.location.region] == [*range(5, 15), 34]
    assert found.parties[-1].role == "this one counts"
    assert "written 30 times" in found.message


def test_one_file_has_so_many_findings_of_a_rule(lint_files: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortening, "MAX_OF_FILE", 10)
    text = "---\n".join(SERVICE % (f"s{index}", "{port: 80, nodePort: 80a}") for index in range(15))
    found = lint_files({"a.yaml": text, "b.yaml": text}).findings
    assert [one.location.path for one in found] == ["a.yaml"] * 11 + ["b.yaml"] * 11
    assert found[10].message == "5 further findings of this rule in a.yaml, from here on"
    assert found[10].reason == "the first 10 are shown one by one"


# --- pages ----------------------------------------------------------------------------------------


def test_a_page_is_printed_through_the_one_door(tmp_path: Path) -> None:
    text = "::error::x\n\n  \u200b::warning::y\n\n##[error]z\n\na ::b\n"
    page = f"---\ncheck: range\nseverity: error\n---\n\n# A rule\n\n{text}\n## Bad\n\n## Good\n\n## When to leave it\n"
    write_tree(tmp_path, {".nodeport-lint.yaml": "extra-rules: [r]\n", "r/my-rule.md": page})
    lines = run("explain", "my-rule", cwd=tmp_path).stdout.splitlines()
    assert [line for line in lines if ":" in line or "#[" in line or "\\x23" in line] == [
        "\\x3a:error::x", "  \\u200b::warning::y", "#\\x23[error]z", "a ::b",
    ]  # fmt: skip
