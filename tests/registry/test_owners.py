"""Names for people against names for machines: the same owner, another, or unknown."""

from __future__ import annotations

import pytest

from nodeport_lint.registry.owners import ANOTHER, SAME, UNKNOWN, Owners
from tests.make import declaration, row

OTHERS = [row("MinIO"), row("MinIO Console"), row("API Gateway"), row("Temporal UI"), row("Redis"), row("Web Frontend")]


@pytest.mark.parametrize(
    ("owner", "name", "expected"),
    [
        # The same: equal words, one holding the other, short forms, one word or two.
        ("Redis", "redis", SAME),
        ("PostgreSQL", "postgres-nodeport", SAME),
        ("PostgreSQL", "pg", SAME),
        ("PostgreSQL (primary)", "postgresql", SAME),
        ("Web Frontend", "frontend", SAME),
        ("Web Frontend", "web-frontend-svc", SAME),
        ("Agent Orchestrator", "agent-orchestrator-new-nodeport", SAME),
        ("MinIO Console", "minio-console", SAME),
        ("Qdrant", "shop-qdrant", SAME),
        ("Kube State Metrics", "kubestatemetrics", SAME),
        ("Temporal Web", "TemporalWeb", SAME),
        # Another: exactly the owner of another row, or no word shared.
        ("MinIO", "preview-service", ANOTHER),
        ("MinIO", "minio-console", ANOTHER),
        ("MinIO Console", "minio", ANOTHER),
        ("Worker Metrics", "quantum-capsule", ANOTHER),
        ("Temporal", "temporal-ui", ANOTHER),
        ("API", "api-gateway", ANOTHER),
        ("NATS", "postgres", ANOTHER),
        # Near misses: a word is shared, and it may be another part of the product. Never a guess.
        ("NATS", "nats-exporter", UNKNOWN),
        ("NATS", "nats-dashboard", UNKNOWN),
        ("API", "api-docs", UNKNOWN),
        ("Web", "web-admin", UNKNOWN),
        ("Grafana", "grafana-backup", UNKNOWN),
        ("Kafka UI", "kafka", UNKNOWN),
        ("Order Service", "order-worker", UNKNOWN),
        ("LLM Router", "llm-proxy", UNKNOWN),
        ("Registry", "registering", ANOTHER),
        ("Image Store", "image-cache", UNKNOWN),
        ("", "web", UNKNOWN),
    ],
)
def test_names(owner: str, name: str, expected: str) -> None:
    assert Owners([row(owner), *OTHERS], {}).of(row(owner), declaration(name)) == expected


def test_labels_speak_for_a_service_too() -> None:
    owners = Owners([row("Grafana")], {})
    assert owners.of(row("Grafana"), declaration("dash-np", labels={"app.kubernetes.io/name": "grafana"})) == SAME
    assert owners.of(row("Grafana"), declaration("dash-np", labels={"app": "kibana"})) == ANOTHER


def test_the_configuration_says_what_cannot_be_seen() -> None:
    owners = Owners([row("PostgreSQL"), row("Search")], {"PostgreSQL": ["warehouse"]})
    assert owners.of(row("PostgreSQL"), declaration("warehouse")) == SAME
    assert owners.of(row("Search"), declaration("warehouse")) == ANOTHER


def test_a_prefix_that_is_the_namespace_does_not_count() -> None:
    assert Owners([], {}).of(row("Web"), declaration("shop-web", "shop")) == SAME


def test_a_dns_name_or_a_manifest_decides() -> None:
    dns = row("Some Thing", service="api", namespace="shop")
    assert Owners([], {}).of(dns, declaration("api", "shop")) == SAME
    assert Owners([], {}).of(dns, declaration("api", "blog")) == ANOTHER
    assert Owners([], {}).of(dns, declaration("some-thing", "shop")) == ANOTHER
    path = row("Some Thing", manifest="k8s/identity/service.yaml")
    assert Owners([], {}).of(path, declaration("idp", path="k8s/identity/service.yaml")) == SAME
    assert Owners([], {}).of(path, declaration("idp", path="other.yaml")) == ANOTHER


def test_rows_of_a_service() -> None:
    rows = [
        row("PostgreSQL"), row("Redis"), row("MinIO"), row("pg"), row("Kube State Metrics"), row("X", service="api", namespace="shop"),
        row("Y", manifest="k8s/identity/service.yaml"), row("Warehouse"), row("Redis")._replace(meaning="free"),
    ]  # fmt: skip
    owners = Owners(rows, {"Warehouse": ["olap"]})

    def found(name: str, namespace: str = "", path: str = "a.yaml") -> list[str]:
        return [one.owner for one in owners.rows_of(declaration(name, namespace, path))]

    assert found(name="postgres-nodeport") == ["PostgreSQL", "pg"]
    assert found(name="redis") == ["Redis"]
    assert found(name="kubestatemetrics") == ["Kube State Metrics"]
    assert found(name="api", namespace="shop") == ["X"]
    assert found(name="idp", path="apps/k8s/identity/service.yaml") == ["Y"]
    assert found(name="olap") == ["Warehouse"]
    assert found(name="nothing") == []
    for one in ("postgres-nodeport", "redis", "api", "olap", "minio-console", "state"):
        everything = [each.owner for each in owners.rows if owners.of(each, declaration(one)) == SAME]
        assert found(name=one) == everything
