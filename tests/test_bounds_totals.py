"""What one Service, one chart or one number may cost of what all share, and that a word stands for what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeport_lint import allocation, registry, suppress
from nodeport_lint.budget import Budget
from nodeport_lint.checks import unique
from nodeport_lint.config import parse_config
from tests.command import run
from tests.conftest import Lint, write_tree

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec: {type: NodePort, ports: [%s]}\n"

# --- pairs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "others", "expected"),
    [(10, 10, 40), (10, 12, 10), (50, 1, 40), (50, 3, 4), (1_000, 1_000, 4), (1, 400, 40)],
)
def test_each_side_gets_its_share(count: int, others: int, expected: int) -> None:
    budget = Budget(200, most=40, least=4, at_once=100)
    assert budget.share(count, count * others) == expected
    budget.spend(300)
    assert budget.share(count, count * others) == 4


def nameless(cluster: str, count: int) -> dict[str, str]:
    """Services whose names are made up by the cluster: of no two it is known that they are two."""
    text = (SERVICE % ("a", "{port: 80, nodePort: 30080}")).replace("name:", "generateName:")
    return {f"{cluster}/{index}.yaml": text for index in range(count)}


def test_each_cluster_is_judged_by_what_was_compared_in_it(lint_files: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unique, "MAX_OF_NUMBER", 300)
    files = {**nameless("b", 30), **nameless("c", 40), **nameless("d", 3)}
    files |= {f"a/{name}.yaml": SERVICE % (name, "{port: 80, nodePort: 30080}") for name in ("x", "y")}
    config = parse_config("clusters: [{each: '*'}]\n", "c.yaml")
    (found,) = (one for one in lint_files(files, config=config).findings if one.rule == "duplicate-node-port")
    assert found.confidence.word == "certain"
    assert found.reason == ("both are in the cluster a; 70 of 70 claims were compared with 10 others each, and no more")
    assert [party.location.path for party in found.parties] == ["a/x.yaml", "a/y.yaml"]
    assert {place.path for place in found.related} == {*nameless("b", 30), *nameless("c", 40)}


def test_clusters_whose_claims_had_different_shares(lint_files: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unique, "MAX_OF_NUMBER", 400)
    config = parse_config("clusters: [{each: '*'}]\n", "c.yaml")
    found = lint_files({**nameless("b", 30), **nameless("c", 40)}, config=config).findings
    assert [one.reason for one in found] == ["70 of 70 claims were compared with 10 to 13 others each, and no more"]


ROWS = "| Service | NodePort |\n|---|---|\n"


@pytest.mark.parametrize(
    ("count", "compared", "reason"),
    [(100, 50_000, ""), (6, 5, "only the first 5 rows of the number are looked at"), (5, 4, "")],
)
def test_rows_that_are_all_are_not_called_the_first(
    lint_files: Lint, monkeypatch: pytest.MonkeyPatch, count: int, compared: int, reason: str
) -> None:
    monkeypatch.setattr(allocation, "MAX_COMPARED", compared)
    text = ROWS + "".join(f"| other{index} | 30080 |\n" for index in range(count))
    report = lint_files({"nodeports.md": text, "a.yaml": SERVICE % ("web", "{port: 80, nodePort: 30080}")})
    assert [one.reason for one in report.findings if "is reserved for" in one.message] == [reason]


def test_rows_of_documents_of_several_clusters_are_cut_with_a_word(lint_files: Lint) -> None:
    config = parse_config("clusters: [{name: a, paths: [a/**], registry: [a/x.md]}]\n", "c.yaml")
    text = ROWS + "".join(f"| other{index} | 30080 |\n" for index in range(registry.MAX_OF_NUMBER))
    files = {"a/x.md": text, "nodeports.md": text, "a/a.yaml": SERVICE % ("web", "{port: 80, nodePort: 30080}")}
    (found,) = (one for one in lint_files(files, config=config).findings if "is reserved for" in one.message)
    assert found.reason == "only the first 100 rows of the number are looked at"


@pytest.mark.parametrize(
    ("compared", "reason"), [(50_000, ""), (5, "only the first 5 rows of the number are looked at")]
)
def test_a_row_that_says_otherwise_may_be_one_of_many(
    lint_files: Lint, monkeypatch: pytest.MonkeyPatch, compared: int, reason: str
) -> None:
    monkeypatch.setattr(allocation, "MAX_COMPARED", compared)
    rows = "".join(f"| web | 30080 | {9000 + index} |\n" for index in range(20))
    text = f"| Service | NodePort | Target port |\n|---|---|---|\n{rows}"
    report = lint_files({"nodeports.md": text, "a.yaml": SERVICE % ("web", "{port: 80, nodePort: 30080}")})
    assert [one.reason for one in report.findings if one.rule == "reservation-mismatch"] == [reason]


# --- comments -------------------------------------------------------------------------------------


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
    answered = SERVICE % ("a", "{port: 80, nodePort: 80}")
    answered = f"{answered.rstrip()} # nodeport-lint: ignore[node-port-outside-range] why\n"
    files = {**borrowed(count), "k/base.yaml": answered, "k/kustomization.yaml": "resources: [base.yaml]\n"}
    report = lint_files(files)
    assert len(report.answered) == 1
    assert not [one for one in report.findings if "further comments" in one.message]
    assert len([one for one in report.findings if one.rule == "malformed-suppression"]) == 2


# --- pages ----------------------------------------------------------------------------------------


def test_a_page_is_printed_through_the_one_door(tmp_path: Path) -> None:
    text = "::error::x\n\n  \u200b::warning::y\n\n##[error]z\n\na ::b\n"
    page = f"---\ncheck: range\nseverity: error\n---\n\n# A rule\n\n{text}\n## Bad\n\n## Good\n\n## When to leave it\n"
    write_tree(tmp_path, {".nodeport-lint.yaml": "extra-rules: [r]\n", "r/my-rule.md": page})
    lines = run("explain", "my-rule", cwd=tmp_path).stdout.splitlines()
    assert [line for line in lines if ":" in line or "#[" in line or "\\x23" in line] == [
        "\\x3a:error::x", "  \u200b\\x3a:warning::y", "#\\x23[error]z", "a ::b",
    ]  # fmt: skip
