"""What one number may cost of what all share, and that a word stands for what is left out."""

from __future__ import annotations

import pytest

from nodeport_lint import registry
from nodeport_lint.checks import unique
from nodeport_lint.config import parse_config
from nodeport_lint.registry import allocation
from tests.make import Lint, service


def nameless(cluster: str, count: int) -> dict[str, str]:
    """Services whose names are made up by the cluster: of no two it is known that they are two."""
    text = service("a", namespace=None).replace("name:", "generateName:")
    return {f"{cluster}/{index}.yaml": text for index in range(count)}


def test_each_cluster_is_judged_by_what_was_compared_in_it(lint_files: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unique, "MAX_OF_NUMBER", 300)
    files = {**nameless("b", 30), **nameless("c", 40), **nameless("d", 3)}
    files |= {f"a/{name}.yaml": service(name, namespace=None) for name in ("x", "y")}
    config = parse_config("clusters: [{each: '*'}]\n", "c.yaml")
    report = lint_files(files, config=config)
    assert [(one.confidence.word, one.reason) for one in report.findings if one.rule == "duplicate-node-port"] == [
        ("certain", "both are in the cluster a"),
        ("likely", "20 of 30 claims were compared with 10 others each, and no more"),
        ("likely", "30 of 40 claims were compared with 10 others each, and no more"),
    ]
    found = [sorted({party.location.path for party in one.parties}) for one in report.findings]
    assert found == [["a/x.yaml", "a/y.yaml"], sorted(nameless("b", 30)), sorted(nameless("c", 40))]
    assert not any(one.related for one in report.findings)


def test_clusters_whose_claims_had_different_shares(lint_files: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unique, "MAX_OF_NUMBER", 400)
    config = parse_config("clusters: [{each: '*'}]\n", "c.yaml")
    found = lint_files({**nameless("b", 30), **nameless("c", 40)}, config=config).findings
    assert [one.reason for one in found] == [
        "17 of 30 claims were compared with 13 others each, and no more",
        "30 of 40 claims were compared with 10 others each, and no more",
    ]


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
    report = lint_files({"nodeports.md": text, "a.yaml": service("web", namespace=None)})
    assert [one.reason for one in report.findings if "is reserved for" in one.message] == [reason]


def test_rows_of_documents_of_several_clusters_are_cut_with_a_word(lint_files: Lint) -> None:
    config = parse_config("clusters: [{name: a, paths: [a/**], registry: [a/x.md]}]\n", "c.yaml")
    text = ROWS + "".join(f"| other{index} | 30080 |\n" for index in range(registry.MAX_OF_NUMBER))
    files = {"a/x.md": text, "nodeports.md": text, "a/a.yaml": service("web", namespace=None)}
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
    report = lint_files({"nodeports.md": text, "a.yaml": service("web", namespace=None)})
    assert [one.reason for one in report.findings if one.rule == "reservation-mismatch"] == [reason]
