"""Verbs on whole trees: what is found, and who takes part in it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from nodeport_lint.model import Confidence, Report
from tests.make import Lint, lint_tree, manifest, write_tree


def found(report: Report) -> list[tuple[str, str]]:
    return [(finding.rule, finding.message) for finding in report.findings]


def test_a_group_names_every_party_once(lint_files: Lint) -> None:
    files = {f"{name}.yaml": manifest(name, 30080) for name in "abcdef"}
    report = lint_files(files)
    assert found(report) == [
        ("duplicate-node-port", "node port 30080 is asked for by Service a, Service b, Service c and 3 others")
    ]
    assert [party.location.path for party in report.findings[0].parties] == sorted(files)


def test_copies_of_one_object_are_parties_of_a_conflict_with_another(lint_files: Lint) -> None:
    report = lint_files(
        {"a.yaml": manifest("web", 30080), "b.yaml": manifest("web", 30080), "c.yaml": manifest("api", 30080)}
    )
    assert found(report) == [("duplicate-node-port", "node port 30080 is asked for by Service web and Service api")]
    assert len(report.findings[0].parties) == 3


def test_inert_numbers_take_no_part(lint_files: Lint) -> None:
    report = lint_files({"a.yaml": manifest("a", 30080, kind="ClusterIP"), "b.yaml": manifest("b", 30080)})
    assert found(report) == [
        ("node-port-without-node-port-type", "Service a asks for node port 30080 and is of type ClusterIP")
    ]


def test_health_check_ports_share_the_pool(lint_files: Lint) -> None:
    local = "  externalTrafficPolicy: Local\n  healthCheckNodePort: 30080\n"
    report = lint_files(
        {"a.yaml": manifest("a", 30081, kind="LoadBalancer", more=local), "b.yaml": manifest("b", 30080)}
    )
    assert found(report) == [("duplicate-node-port", "node port 30080 is asked for by Service a and Service b")]


def test_two_services_at_one_place(lint_files: Lint) -> None:
    """One list of ports under an anchor: one place with both parties, and the trail of the alias."""
    text = (
        "apiVersion: v1\nkind: List\nitems:\n"
        "- apiVersion: v1\n  kind: Service\n  metadata: {name: a}\n  spec: {type: NodePort, ports: &p [{port: 80, nodePort: 30080}]}\n"
        "- apiVersion: v1\n  kind: Service\n  metadata: {name: b}\n  spec: {type: NodePort, ports: *p}\n"
    )
    report = lint_files({"a.yaml": text})
    assert len(report.findings) == 1
    finding = report.findings[0]
    assert {party.location.label for party in finding.parties} == {"a.yaml:7:58"}
    assert [place.label for place in finding.helpful] == ["a.yaml:11:33"]


def test_a_finding_is_no_surer_than_its_least_sure_party(lint_files: Lint) -> None:
    report = lint_files(
        {"a.yaml": manifest("a", 30080) + "---\n" + manifest("b", 30080), "c.yaml": manifest("c", 30080)}
    )
    assert report.findings[0].confidence == Confidence.LIKELY
    assert [str(party.object) for party in report.findings[0].parties] == ["Service a", "Service b", "Service c"]


@pytest.mark.parametrize(
    ("key", "is_slip"),
    [
        ("nodeport", True), ("NodePort", True), ("node_port", True), ("node-port", True), ("nodePorts", True), ("nodePor", True),
        ("nodeProt", True), ("noddePort", True), ("hostPort", False), ("containerPort", False), ("nodeName", False), ("servicePort", False),
        ("nodePortName", False), ("healthCheckNodePort", True), ("podPort", False), ("note", False), ("externalPort", False),
    ],
)  # fmt: skip
def test_spelling(key: str, is_slip: bool, lint_files: Lint) -> None:
    text = f"apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec:\n  type: NodePort\n  ports:\n    - port: 80\n      {key}: 30080\n"
    assert [rule for rule, _ in found(lint_files({"a.yaml": text}))] == (["misspelt-node-port"] if is_slip else [])


def test_the_order_of_files_changes_nothing(tmp_path: Path) -> None:
    texts = [manifest(f"s{index % 7}", 30080 + index % 5, namespace="ab"[index % 2]) for index in range(40)]
    seen = set()
    for seed in range(5):
        order = random.Random(seed).sample(range(40), 40)
        root = tmp_path / str(seed)
        write_tree(root, {f"{index:02}.yaml": texts[index] for index in order})
        seen.add(repr([finding.order for finding in lint_tree(root).findings]))
    assert len(seen) == 1


def test_identity_outlives_edits_elsewhere(lint_files: Lint) -> None:
    def identities(files: dict[str, str]) -> list[str]:
        findings = lint_files(files).findings
        return [party.identity for finding in findings for party in finding.parties]

    before = identities({"a.yaml": manifest("a", 30080), "b.yaml": manifest("b", 30080)})
    after = identities({"a.yaml": "# a comment\n\n" + manifest("a", 30080), "b.yaml": manifest("b", 30080)})
    other = identities({"a.yaml": manifest("c", 30080), "b.yaml": manifest("b", 30080)})
    assert before == after
    assert len(set(before)) == 2
    assert before[0] != other[0]
    assert before[1] == other[1]


@pytest.mark.parametrize(
    ("name", "port", "expected"),
    [
        ("orders", 5432, [("PostgreSQL", Confidence.LIKELY)]),
        ("web-server", 3000, [("Grafana", Confidence.POSSIBLE)]),
        ("grafana-np", 3000, [("Grafana", Confidence.LIKELY)]),
        ("kubernetes-dashboard", 8443, [("Kubernetes Dashboard", Confidence.LIKELY)]),
        ("web", 8443, [("kube-apiserver", Confidence.POSSIBLE)]),
        ("minio", 9000, [("MinIO API and console", Confidence.LIKELY)]),
        ("app", 9000, [("Hadoop", Confidence.POSSIBLE)]),
        ("web", 8080, []),
    ],
)
def test_sensitive_ports(name: str, port: int, expected: list[tuple[str, Confidence]], lint_files: Lint) -> None:
    text = f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec:\n  type: NodePort\n  ports: [{{port: 80, targetPort: {port}}}]\n"
    report = lint_files({"a.yaml": text})
    got = [
        (finding.message.partition(" opens ")[2].partition(f" ({port})")[0], finding.confidence)
        for finding in report.findings
    ]
    assert got == expected


def test_sensitive_ports_by_protocol_and_type(lint_files: Lint) -> None:
    udp = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  type: NodePort\n  ports: [{port: 5432, protocol: UDP}, {port: 161, protocol: UDP, targetPort: snmp}]\n"
    inner = "apiVersion: v1\nkind: Service\nmetadata: {name: b}\nspec:\n  ports: [{port: 5432}]\n"
    closed = "apiVersion: v1\nkind: Service\nmetadata: {name: c}\nspec:\n  type: LoadBalancer\n  allocateLoadBalancerNodePorts: false\n  ports: [{port: 5432}]\n"
    report = lint_files({"a.yaml": udp, "b.yaml": inner, "c.yaml": closed})
    assert [finding.message for finding in report.findings] == [
        "Service a opens SNMP (161) on every node, at a node port"
    ]


def test_a_number_in_the_dynamic_band_says_what_its_surest_neighbour_rests_on(tmp_path: Path) -> None:
    chooses = "apiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec: {type: NodePort, ports: [{port: 80}]}\n"
    files = {"dev/a.yaml": manifest("web", 31000), "prod/b.yaml": chooses % "api"}
    write_tree(tmp_path, files)

    def evidence() -> list[str]:
        found = lint_tree(tmp_path, profile="production").findings
        return [finding.evidence for finding in found if finding.rule == "node-port-in-dynamic-band"]

    assert evidence() == ["environments"]
    write_tree(tmp_path, {"dev/c.yaml": chooses % "db"})
    assert evidence() == ["nothing-separates-them"]
    write_tree(tmp_path, {"dev/a.yaml": f"{manifest('web', 31000)}---\n{chooses % 'cache'}"})
    assert evidence() == ["one-unit"]
