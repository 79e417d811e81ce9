"""Clusters of the configuration: documents of their own, ranges of their own, and free numbers in each."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeport_lint.config import parse_config
from nodeport_lint.config.clusters import Clusters
from nodeport_lint.model import PortRange
from nodeport_lint.ports import DEFAULT_RANGE
from tests.command import run
from tests.make import check_kustomizations, report, service, table, write_tree

TWO = """
clusters:
- {name: dev, paths: [dev/**], registry: [docs/dev.md]}
- {name: prod, paths: [prod/**], range: 31000-31999, registry: [docs/prod.md]}
"""


def messages(root: Path, files: dict[str, str], config: str) -> list[str]:
    return [f"{finding.rule}: {finding.message}" for finding in report(root, files, config).findings]


def test_a_row_speaks_of_its_own_cluster(tmp_path: Path) -> None:
    files = {
        "dev/web.yaml": service("web", 30080),
        "prod/web.yaml": service("web", 31080),
        "prod/api.yaml": service("api", 31081),
        "docs/dev.md": table(("web", 30080, "Active"), ("api", 31081, "Active")),
        "docs/prod.md": table(("web", 31080, "Active"), ("store", 30080, "Active")),
    }
    assert messages(tmp_path, files, TWO) == [
        # A row of another cluster is no row: neither for the API of prod, nor for the number of dev.
        "unused-reservation: node port 31081 of api is called active, and nothing asks for it",
        "reservation-outside-range: the row of store has 30080, which is not in the range 31000-31999",
        "unused-reservation: node port 30080 of store is called active, and nothing asks for it",
        "unregistered-node-port: node port 31081 of Service shop/api has no row in docs/prod.md",
    ]


def test_rows_of_two_clusters_do_not_contradict_each_other(tmp_path: Path) -> None:
    rows = {"docs/dev.md": table(("web", 31080, "")), "docs/prod.md": table(("api", 31080, ""))}
    assert messages(tmp_path / "a", rows, TWO) == []
    together = "registry: [docs/dev.md, docs/prod.md]\n"
    assert messages(tmp_path / "b", rows, together) == [
        "duplicate-reservation: node port 31080 has two rows: web and api"
    ]


def test_another_owner_is_told_by_the_row_of_the_cluster(tmp_path: Path) -> None:
    files = {
        "dev/web.yaml": service("web", 31080),
        "docs/dev.md": table(("web", 31080, "Active")),
        "docs/prod.md": table(("postgres", 31080, "")),
    }
    assert messages(tmp_path / "a", files, TWO) == []
    files["docs/dev.md"] = table(("postgres", 31080, "Active"))
    assert messages(tmp_path / "b", files, TWO) == [
        "node-port-reserved-for-another-service: node port 31080 of Service shop/web is reserved for postgres"
    ]


def test_a_cluster_without_a_document_is_not_asked_for_rows(tmp_path: Path) -> None:
    config = TWO.replace(", registry: [docs/prod.md]", "")
    files = {
        "dev/web.yaml": service("web", 30080),
        "prod/web.yaml": service("web", 31080),
        "elsewhere/web.yaml": service("other", 30081),
        "docs/dev.md": table(("api", 30090, "")),
    }
    assert messages(tmp_path, files, config) == [
        "unregistered-node-port: node port 30080 of Service shop/web has no row in docs/dev.md"
    ]


def test_documents_called_so_speak_of_the_cluster_that_they_lie_in(tmp_path: Path) -> None:
    files = {
        "edge/one/web.yaml": service("web", 30080),
        "edge/one/NODEPORTS.md": table(("web", 30080, "Active")),
        "edge/two/web.yaml": service("web", 30080),
        "edge/two/NODEPORTS.md": table(("postgres", 30080, "")),
    }
    expected = ["node-port-reserved-for-another-service: node port 30080 of Service shop/web is reserved for postgres"]
    config = "clusters: [{each: 'edge/*'}]\n"
    assert messages(tmp_path / "a", files, config) == expected
    # The same by a name that nobody would guess; a third directory has none.
    files = {path.replace("NODEPORTS", "doors"): text for path, text in files.items()}
    files["edge/three/web.yaml"] = service("web", 30099)
    config = "clusters: [{each: 'edge/*', registry: [doors.md]}]\n"
    assert messages(tmp_path / "b", files, config) == expected


def test_one_document_of_two_clusters_is_read_once(tmp_path: Path) -> None:
    files = {
        "dev/web.yaml": service("web", 30080),
        "prod/api.yaml": service("api", 30081),
        "third/api.yaml": service("api", 30082),
        "docs/all.md": table(("web", 30080, "Active"), ("api", 30081, "Active")),
    }
    config = (
        "clusters:\n- {name: dev, paths: [dev/**], registry: docs/all.md}\n"
        "- {name: prod, paths: [prod/**], registry: docs/all.md}\n- {name: third, paths: [third/**]}\n"
    )
    assert messages(tmp_path, files, config) == []
    write_tree(tmp_path / "platform", {".nodeport-lint.yaml": config})
    listed = run("ports", cwd=tmp_path / "platform").stdout.splitlines()
    assert [line.split()[0] for line in listed[1:]] == ["30080", "30081", "30082"]
    assert [line.split()[-1] for line in listed] == ["CLUSTER", "dev", "prod", "third"]


def test_the_command_line_replaces_documents_of_clusters(tmp_path: Path) -> None:
    files = {
        "dev/web.yaml": service("web", 30080),
        "docs/dev.md": table(("web", 30081, "")),
        "docs/prod.md": table(),
        "other.md": table(("web", 30080, "")),
        ".nodeport-lint.yaml": TWO,
    }
    write_tree(tmp_path, files)
    assert "has no row in docs/dev.md" in run("check", cwd=tmp_path).stdout
    done = run("check", "--registry", "other.md", cwd=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[-1].partition(" (")[0]) == (0, "no findings")


def test_a_document_that_does_not_exist(tmp_path: Path) -> None:
    write_tree(tmp_path, {"docs/dev.md": "", ".nodeport-lint.yaml": TWO})
    done = run("check", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        "nodeport-lint: error: the allocation document 'docs/prod.md' does not exist, or is no file\n",
    )


def test_next_of_a_cluster(tmp_path: Path) -> None:
    files = {
        "dev/web.yaml": service("web", 30000),
        "prod/web.yaml": service("web", 31000),
        "docs/dev.md": table(("web", 30000, ""), ("api", 31001, "")),
        "docs/prod.md": table(("web", 31000, "")),
        ".nodeport-lint.yaml": TWO,
    }
    write_tree(tmp_path, files)
    assert run("next", "--cluster", "prod", cwd=tmp_path).stdout == "31001\n"
    assert run("next", "--cluster", "dev", "--near", "31000", cwd=tmp_path).stdout == "31000\n"
    assert run("next", "--near", "31000", cwd=tmp_path).stdout == "31002\n"
    done = run("next", "--cluster", "pord", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        "nodeport-lint: error: the configuration declares no cluster 'pord' (did you mean 'prod'?)\n"
    )


def test_suggestions_are_free_in_their_cluster(tmp_path: Path) -> None:
    files = {
        "dev/a.yaml": service("web", 30080),
        "dev/b.yaml": service("api", 30080),
        "prod/a.yaml": service("web", 30081),
        "docs/dev.md": table(("web", 30080, ""), ("api", 30080, "")),
        "docs/prod.md": table(("web", 30081, "")),
    }
    config = TWO.replace("range: 31000-31999, ", "")
    (finding,) = (
        finding for finding in report(tmp_path, files, config).findings if finding.rule == "duplicate-node-port"
    )
    assert finding.help == "30081 is the next free node port"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("", DEFAULT_RANGE), ("a", DEFAULT_RANGE), ("b", PortRange(31000, 31999)), ("x/y", PortRange(20000, 20999))],
)
def test_ranges(name: str, expected: PortRange) -> None:
    config = parse_config(
        "clusters: [{name: a, paths: [a]}, {name: b, paths: [b], range: 31000-31999}, {each: 'x/*', range: 20000-20999}]",
        "c",
    )
    clusters = Clusters(config.clusters, config.range)
    assert clusters.range_of(name) == expected
    assert clusters.named("x") is None
    assert clusters.names(["x/z/a.yaml", "q/b.yaml"]) == ["a", "b", "x/z"]
    assert set(clusters.ranges_of(())) == {DEFAULT_RANGE, PortRange(31000, 31999), PortRange(20000, 20999)}


@pytest.mark.parametrize("pattern", ["pro/**", "pro/", "pro", "pro/*", "pr*/**", "pro/kustomization.yaml"])
def test_patterns_take_the_kustomization_that_is_the_directory(tmp_path: Path, pattern: str) -> None:
    files = {
        "base/kustomization.yaml": "resources: [svc.yaml]\n",
        "base/svc.yaml": service("web", 30005),
        "pro/kustomization.yaml": "resources: [../base]\n",
    }
    config = f"clusters: [{{name: pro, paths: ['{pattern}'], range: 31000-31999}}]\n"
    found = check_kustomizations(tmp_path, files, config=config)
    assert [finding.message for finding in found.findings] == [
        "node port 30005 of Service shop/web is not in the range 31000-31999 of the cluster pro"
    ]
    assert found.notices == ()


def test_what_clusters_leave_out_is_told(tmp_path: Path) -> None:
    files = {"a/web.yaml": service("web", 30080), "b/api.yaml": service("api", 30080)}
    found = report(tmp_path, files, "clusters: [{name: a, paths: ['a/**']}, {name: prod, paths: ['bb/**']}]\n")
    assert [(notice.message, notice.details) for notice in found.notices] == [
        (
            "1 node port is in none of the declared clusters, and compared with nothing",
            ("b/api.yaml:8:17: 30080 of Service shop/api",),
        ),
        ("there is no node port in the declared cluster prod", ("prod",)),
    ]


def test_next_of_one_of_several_directories(tmp_path: Path) -> None:
    files = {f"edge/{name}/web.yaml": service("web", 30000) for name in ("one", "two")}
    write_tree(tmp_path, {**files, ".nodeport-lint.yaml": "clusters: [{each: 'edge/*', range: 30000-30009}]\n"})
    assert run("next", "--cluster", "edge/one", cwd=tmp_path).stdout == "30001\n"
    assert run("next", "--cluster", "two", cwd=tmp_path).stdout == "30001\n"
    for name in ("edge/*", "edge/x", "edge"):
        done = run("next", "--cluster", name, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"declares no cluster {name!r} (did you mean 'edge/two'?)" in done.stderr


def test_units_names_clusters(tmp_path: Path) -> None:
    files = {"edge/one/web.yaml": service("web", 30000)}
    write_tree(tmp_path, {**files, ".nodeport-lint.yaml": "clusters: [{each: 'edge/*'}]\n"})
    listed = run("units", cwd=tmp_path).stdout
    assert "  manifest edge/one/web.yaml: 1 Service, 1 node port, cluster edge/one\n" in listed


def test_a_file_is_no_cluster(tmp_path: Path) -> None:
    files = {"edge/a.yaml": service("web", 30080), "edge/b.yaml": service("api", 30080)}
    found = report(tmp_path, files, "clusters: [{each: 'edge/*'}]\n")
    assert [notice.message for notice in found.notices] == [
        "2 node ports are in none of the declared clusters, and compared with nothing"
    ]


@pytest.mark.parametrize("beside", [{}, {"archive/web/kustomization.yaml": "resources: [svc.yaml]\n"}])
def test_a_declared_cluster_outweighs_a_word_of_the_path(tmp_path: Path, beside: dict[str, str]) -> None:
    files = {"archive/web/svc.yaml": service("web", 20000), **beside}
    found = report(tmp_path, files, "clusters: [{name: a, paths: ['archive/web/**']}]\n")
    (finding,) = (finding for finding in found.findings if finding.rule == "node-port-outside-range")
    assert finding.confidence.word == "certain"


def test_numbers_of_values_count_in_the_range_of_their_cluster(tmp_path: Path) -> None:
    custom = "apiVersion: x.example.org/v1\nkind: Odd\nmetadata: {name: x}\nspec: {nodePort: 20000}\n"
    files = {"edge/custom.yaml": custom, "edge/values.yaml": "a: {nodePort: 20001}\n"}
    write_tree(
        tmp_path, {**files, ".nodeport-lint.yaml": "clusters: [{name: edge, paths: ['edge/**'], range: 20000-20999}]\n"}
    )
    assert run("next", "--cluster", "edge", cwd=tmp_path).stdout == "20002\n"
