"""Agreement with verdicts that a real API server gave on generated manifests (oracle.jsonl.gz).

Read ORACLE in words: a refusal of category ``node-port`` must be covered by an error on that Service. A
conflict that we report on an accepted Service is right if the number is written on another Service too,
since another order would have refused the other one.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodeport_lint import yamltext
from nodeport_lint.model import Finding, Severity
from tests.kubernetes.cluster import report_on

with gzip.open(Path(__file__).parent / "oracle.jsonl.gz", "rt", encoding="utf-8", newline="\n") as _lines:
    SCENARIOS = [json.loads(line) for line in _lines]

COVERED = 1307
"""Refusals of category node-port that an error of ours covers. The figure must not fall; raise it with the rules."""
REFUSALS = 1332

Key = tuple[str, str, str]


def errors_by_service(scenario: dict[str, Any], root: Path) -> dict[Key, list[Finding]]:
    report = report_on(root, {file["path"]: file["text"] for file in scenario["files"]}, scenario["range"])
    found: dict[Key, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        for party in finding.parties:
            if finding.severity == Severity.ERROR and party.object is not None:
                found[(party.location.path, party.object.namespace or "default", party.object.name)].append(finding)
    return found


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, Any], dict[str, Any], list[Finding]]]:
    """(scenario, object, our errors on it) for every Service that can be compared."""
    rows = []
    for scenario in SCENARIOS:
        found = errors_by_service(scenario, tmp_path_factory.mktemp(f"scenario-{scenario['id']}-"))
        rows += [
            (scenario, item, found[(item["file"], item["namespace"], item["name"] or "")])
            for item in scenario["objects"]
            if not item.get("again")
        ]
    return rows


def test_refusals_are_covered(judged: list[Any]) -> None:
    refusals = [(item, found) for _, item, found in judged if item["category"] == "node-port"]
    missed = Counter(item["message"].split(": ", 1)[-1][:90] for item, found in refusals if not found)
    covered = sum(bool(found) for _, found in refusals)
    print(f"node-port refusals covered: {covered} of {len(refusals)} ({covered / len(refusals):.1%})")
    for message, count in missed.most_common():
        print(f"  {count} x {message}")
    assert len(refusals) == REFUSALS
    assert covered == COVERED


def test_errors_on_accepted_services_are_right(judged: list[Any]) -> None:
    wrong = []
    for scenario, item, found in judged:
        if not item["accepted"]:
            continue
        for finding in found:
            if finding.rule == "duplicate-node-port":
                others = {str(party.object) for party in finding.parties}
                right = len(others) > 1
            else:
                # A stored number that nobody serves: accepted, and an error here on purpose.
                right = finding.rule == "node-port-without-node-port-type" and item["sent"]["type"] == "ExternalName"
            if not right:
                wrong.append((scenario["id"], item["name"], finding.rule, finding.message))
    assert wrong == []


def test_every_service_is_read_as_kubectl_reads_it() -> None:
    """``sent`` is what kubectl made of the text: ours must be the same value, literal by literal."""
    compared = 0
    for scenario in SCENARIOS:
        ours: dict[str, list[Any]] = {}
        for file in scenario["files"]:
            stream = yamltext.read(file["text"], json=file["path"].endswith(".json"))
            ours[file["path"]] = list(objects(stream))
        for item in scenario["objects"]:
            if item["sent"] is not None:
                compared += 1
                assert ours[item["file"]][item["index"]].get("spec") == item["sent"], (scenario["id"], item["name"])
    assert compared > 4000


def objects(stream: yamltext.Stream) -> Iterator[Any]:
    """The objects of a file up to the first that cannot be read, where kubectl stops."""
    for root in stream.roots:
        try:
            value = yamltext.plain(root)
        except yamltext.YamlError:
            return
        if value is not None:
            yield from value["items"] if value["kind"].endswith("List") else [value]
