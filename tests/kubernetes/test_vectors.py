"""Hand-made manifests with the verdict of a live API server; vectors.yaml explains each.

Rejected means an error on a refused object, accepted means no error, accepted-silently-broken means at
least a warning. What the rules of today cannot decide is a strict expected failure with its reason: once
it passes, the table must shrink.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nodeport_lint import yamltext
from nodeport_lint.model import Confidence, PortRange, Severity
from nodeport_lint.ports import DEFAULT_RANGE, parse_range
from tests.kubernetes.cluster import refused, report_on

DATA: dict[str, Any] = yamltext.plain(
    yamltext.read((Path(__file__).parent / "vectors.yaml").read_text(encoding="utf-8")).roots[0]
)

NEEDS_STATE = "an update: the verdict depends on what the cluster holds already, and a new cluster differs"
NEEDS_REFUSAL_RULE = "a refusal that no field of a node port causes by itself: service-refused-by-api-server"
NEEDS_LIST_RULE = "kubectl refuses the list or file as a whole; other clients take its items"
NOT_YET = {
    "TV06": NEEDS_STATE,
    "TV58": NEEDS_STATE,
    "TV23": NEEDS_REFUSAL_RULE,
    "TV25": NEEDS_REFUSAL_RULE,
    "TV52": NEEDS_REFUSAL_RULE,
    "TV53": NEEDS_REFUSAL_RULE,
    "TV54": NEEDS_REFUSAL_RULE,
    "TV63": NEEDS_REFUSAL_RULE,
    "TV64": NEEDS_REFUSAL_RULE,
    "TV66": NEEDS_REFUSAL_RULE,
    "TV67": NEEDS_REFUSAL_RULE,
    "TV70": NEEDS_REFUSAL_RULE,
    "TV81": NEEDS_LIST_RULE,
    "TV82": NEEDS_LIST_RULE,
    "TV83": NEEDS_LIST_RULE,
    "TV84": NEEDS_LIST_RULE,
    "TV86": NEEDS_LIST_RULE,
    "TV91": "kustomize drops the patch without a word, and so do we",
    "TV94": "a flag of kube-apiserver in a static pod, which this version does not read",
    "TV100": "needs node-port-equals-host-port",
}


def vectors() -> list[Any]:
    return [
        pytest.param(
            vector,
            id=vector["id"],
            marks=[pytest.mark.xfail(reason=NOT_YET[vector["id"]], strict=True)] if vector["id"] in NOT_YET else [],
        )
        for vector in DATA["vectors"]
    ]


@pytest.mark.parametrize("vector", vectors())
def test_verdict(vector: dict[str, Any], tmp_path: Path) -> None:
    files = {manifest["path"]: manifest["text"] for manifest in vector["manifests"]}
    report = report_on(tmp_path, files, vector.get("range", str(DEFAULT_RANGE)))
    # What nothing asks for yet is possible, and hidden unless one asks for it.
    severities = [finding.severity for finding in report.findings if finding.confidence >= Confidence.LIKELY]
    match vector["verdict"]:
        case "accepted":
            assert Severity.ERROR not in severities
        case "accepted-silently-broken":
            assert max(severities, default=Severity.NOTE) >= Severity.WARNING
        case "rejected":
            assert refused(report) & set(vector["refused"])
        case other:
            pytest.fail(f"no rule speaks of {other}")


def test_every_expected_failure_is_a_vector() -> None:
    assert set(NOT_YET) <= {vector["id"] for vector in DATA["vectors"]}


@pytest.mark.parametrize("row", DATA["ranges"], ids=lambda row: repr(row["input"]))
def test_range_flag(row: dict[str, Any]) -> None:
    if "error" in row:
        with pytest.raises(ValueError, match=r"range|beyond|ends before"):
            parse_range(row["input"])
        return
    among = parse_range(row["input"])
    if row.get("default"):
        assert among == DEFAULT_RANGE
        return
    assert (among.first, among.last, len(among)) == (row["from"], row["to"], row["size"])
    assert all(number in among for number in row.get("accepts", []))
    assert not any(number in among for number in row.get("rejects", []))


@pytest.mark.parametrize("row", DATA["bands"], ids=lambda row: str(row.get("range", row["size"])))
def test_static_band(row: dict[str, Any]) -> None:
    among = parse_range(row["range"]) if "range" in row else PortRange(1, row["size"])
    assert len(among) == row["size"]
    assert (len(among.static_band) if among.static_band else 0) == row["offset"]
    if row.get("static"):
        assert among.static_band == PortRange(*row["static"])


@pytest.mark.parametrize(
    "vector", [pytest.param(row, id=row["id"]) for row in DATA["vectors"] if "parses_as" in row and row["id"] != "TV46"]
)
def test_value_of_a_literal(vector: dict[str, Any]) -> None:
    """``parses_as`` is what kubectl sends for the node ports of the manifest."""
    for manifest in vector["manifests"]:
        stream = yamltext.read(manifest["text"], json=manifest["path"].endswith(".json"))
        for root in stream.roots:
            for entry in yamltext.plain(root)["spec"]["ports"]:
                assert entry.get("nodePort") == vector["parses_as"]
