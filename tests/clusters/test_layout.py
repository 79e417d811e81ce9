"""What shares a cluster: each piece of evidence, what must not count as one, and what the configuration settles."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeport_lint.clusters.layout import layout_of
from nodeport_lint.config import parse_config
from nodeport_lint.config.clusters import Clusters
from nodeport_lint.kustomize.closures import told_apart
from nodeport_lint.model import Confidence, Document, NodeportLintError, Unit, UnitKind, Verdict
from nodeport_lint.ports import DEFAULT_RANGE
from nodeport_lint.tree import read_tree
from tests.command import run
from tests.make import deployment, level, report, service, verdict, write_tree

LIKELY, POSSIBLE, CERTAIN = Confidence.LIKELY, Confidence.POSSIBLE, Confidence.CERTAIN
WEB, API = service("web"), service("api")
KAFKA = "---\napiVersion: kafka.strimzi.io/v1\nkind: Kafka\nmetadata: {name: main}\n"
MANY = "".join(deployment(f"app{index}") for index in range(10))


@pytest.mark.parametrize(
    ("files", "expected", "evidence"),
    [
        ({"a.yaml": WEB, "b.yaml": API}, LIKELY, "nothing-separates-them"),
        ({"a.yaml": f"{WEB}---\n{API}"}, CERTAIN, "one-unit"),
        # One object, or a copy of it; one name in two namespaces
        ({"a.yaml": WEB, "b.yaml": service("web", namespace=None)}, None, "one-object"),
        ({"a.yaml": WEB, "b.yaml": service("web", namespace="blog")}, POSSIBLE, "namesakes"),
        # Both hold one Deployment, or one custom resource
        ({"a.yaml": WEB + deployment("db"), "b.yaml": API + deployment("db")}, POSSIBLE, "shared-object"),
        ({"a.yaml": WEB + deployment("db"), "b.yaml": API + deployment("db", "other")}, LIKELY, "nothing-separates-them"),
        ({"a.yaml": WEB + "---\n" + API.replace("30080", "30081"), "b.yaml": API}, LIKELY, "nothing-separates-them"),
        ({"a.yaml": WEB + KAFKA, "b.yaml": API + KAFKA}, POSSIBLE, "shared-object"),
        ({"a.yaml": WEB + KAFKA, "b.yaml": API + KAFKA.replace("kafka.strimzi.io", "monitoring.coreos.com")}, LIKELY, "nothing-separates-them"),
        ({"a.yaml": WEB + KAFKA.replace("kafka.strimzi.io", "policy.k8s.io"), "b.yaml": API + KAFKA.replace("kafka.strimzi.io", "policy.k8s.io")}, LIKELY, "nothing-separates-them"),
        # Environments
        ({"dev/a.yaml": WEB, "prod/b.yaml": API}, POSSIBLE, "environments"),
        ({"a.yaml": service("web", namespace="shop-dev"), "b.yaml": service("api", namespace="shop-prod")}, POSSIBLE, "environments"),
        ({"prod/a.yaml": WEB, "prod/b.yaml": API}, LIKELY, "nothing-separates-them"),
        ({"prod/a.yaml": WEB, "b.yaml": API}, LIKELY, "nothing-separates-them"),
        ({"product/a.yaml": WEB, "device/b.yaml": API}, LIKELY, "nothing-separates-them"),
        # Entries of clusters/ and sites/
        ({"clusters/north/a.yaml": WEB, "clusters/south/b.yaml": API}, POSSIBLE, "places-of-their-own"),
        ({"clusters/north/a.yaml": WEB, "clusters/north/b.yaml": API}, LIKELY, "nothing-separates-them"),
        ({"sites/x/clusters/a.yaml": WEB, "sites/x/clusters/b.yaml": API}, POSSIBLE, "places-of-their-own"),
        # A kustomization beside that does not list it
        ({"x/kustomization.yaml": "resources: []\n", "x/a.yaml": WEB, "b.yaml": API}, POSSIBLE, "unlisted"),
        # Variants of one name or file
        ({"a.yaml": service("db"), "b.yaml": service("db-nodeport")}, LIKELY, "nothing-separates-them"),
        ({"x/a.yaml": service("db"), "y/b.yaml": service("db-nodeport")}, POSSIBLE, "variants"),
        ({"a.yaml": service("db"), "b.yaml": service("db-v2")}, POSSIBLE, "variants"),
        ({"db.yaml": service("db"), "db-ha.yaml": service("db-nodeport")}, POSSIBLE, "variants"),
        ({"db.yaml": service("db"), "db-admin.yaml": service("admin")}, LIKELY, "nothing-separates-them"),
        ({"a.yaml": service("web-ui"), "b.yaml": service("web-ui-external")}, LIKELY, "nothing-separates-them"),
        ({"a.yaml": service("web-ui"), "b.yaml": service("web-ui-admin")}, POSSIBLE, "variants"),
        ({"a.yaml": service("web-ui"), "b.yaml": service("web-ui-admin", port=81)}, LIKELY, "nothing-separates-them"),
        ({"a.yaml": service("web"), "b.yaml": service("web-admin")}, LIKELY, "nothing-separates-them"),
        # A word of the path, unless the object is called so
        ({"archive/a.yaml": WEB, "b.yaml": API}, POSSIBLE, "roles"),
        ({"examples/a.yaml": f"{WEB}---\n{API}"}, POSSIBLE, "roles"),
        ({"backup/a.yaml": service("backup-agent"), "b.yaml": API}, LIKELY, "nothing-separates-them"),
        ({"contest/a.yaml": WEB, "b.yaml": API}, LIKELY, "nothing-separates-them"),
        # What the repository is called
        ({"README.md": "# Kubernetes course\n", "a.yaml": WEB, "b.yaml": API}, POSSIBLE, "title"),
        ({"README.md": "# Of course it works\n\n", "a.yaml": WEB, "b.yaml": API}, LIKELY, "nothing-separates-them"),
        ({"README.md": "# A Kubernetes course for all\n\n", "a.yaml": WEB, "b.yaml": API}, POSSIBLE, "title"),
        ({"README.md": "# Golf course API\n\n", "a.yaml": WEB, "b.yaml": API}, LIKELY, "nothing-separates-them"),
        ({"README.md": "# Learn to cook\n\n", "a.yaml": WEB, "b.yaml": API}, POSSIBLE, "title"),
        ({"README.md": "# The shop\n\nA course of events.\n", "a.yaml": WEB, "b.yaml": API}, LIKELY, "nothing-separates-them"),
        # The same objects in two directories
        ({"one/a.yaml": WEB, "one/m.yaml": MANY, "two/b.yaml": API, "two/m.yaml": MANY}, POSSIBLE, "collection"),
        ({"one/a.yaml": WEB, "one/m.yaml": MANY, "two/b.yaml": API}, LIKELY, "nothing-separates-them"),
        # Environments of one cluster, since their Services have numbers of their own
        (
            {"dev/a.yaml": WEB + "".join(f"---\n{service(f's{n}', 31000 + n, 'dev')}" for n in range(3)),
             "prod/b.yaml": API + "".join(f"---\n{service(f's{n}', 32000 + n, 'prod')}" for n in range(3))},
            LIKELY, "numbers-of-their-own",
        ),
    ],
)  # fmt: skip
def test_evidence(tmp_path: Path, files: dict[str, str], expected: Confidence | None, evidence: str) -> None:
    assert level(tmp_path, files) == expected
    assert verdict(tmp_path, files)[::2] == (expected, evidence)


def test_reasons_are_said(tmp_path: Path) -> None:
    (finding,) = report(tmp_path, {"dev/a.yaml": WEB, "prod/b.yaml": API}).findings
    assert finding.reason == "one is of dev, the other of prod"


def test_a_real_cluster_is_not_taken_for_a_collection_silently(tmp_path: Path) -> None:
    files = {"one/a.yaml": WEB, "one/m.yaml": MANY, "two/b.yaml": API, "two/m.yaml": MANY}
    found = report(tmp_path / "a", files)
    (notice,) = found.notices
    assert notice.message == (
        "the repository declares the same objects again and again: its files are taken for copies, so that clashes "
        "among them are only possible (layout: one-cluster in the configuration overrules it)"
    )
    assert level(tmp_path / "b", files, "layout: one-cluster\n") == LIKELY
    assert level(tmp_path / "f", {"dev/a.yaml": WEB, "prod/b.yaml": API}, "layout: one-cluster\n") == LIKELY
    assert level(tmp_path / "e", {"a.yaml": WEB, "b.yaml": API}, "layout: collection\n") == POSSIBLE


TAKEN = (
    "{}: its files are taken for copies, so that clashes among them are only possible (layout: one-cluster in the "
    "configuration overrules it)"
)


@pytest.mark.parametrize(
    ("files", "config", "expected"),
    [
        ({"a.yaml": WEB, "b.yaml": API}, "", ["the repository is called 'Kubernetes course'"]),
        # Whatever else decides, nothing is taken for a copy because of the title; and where nothing is compared.
        ({"dev/a.yaml": WEB, "prod/b.yaml": API}, "", []),
        ({"a.yaml": WEB, "b.yaml": service("api", 30081)}, "", []),
        ({"a.yaml": WEB, "b.yaml": API}, "layout: collection\n", []),
        ({"a.yaml": WEB, "b.yaml": API}, "layout: one-cluster\n", []),
    ],
)
def test_a_title_is_told_where_it_decides(
    tmp_path: Path, files: dict[str, str], config: str, expected: list[str]
) -> None:
    found = report(tmp_path, {"README.md": "# Kubernetes course\n", **files}, config)
    assert [notice.message for notice in found.notices] == [TAKEN.format(why) for why in expected]
    listed = run("units", "--no-cache", cwd=tmp_path / "platform") if not config else None
    told = [f"taken for a collection: {why} (layout: one-cluster overrules it)" for why in expected]
    assert listed is None or [line for line in listed.stdout.splitlines() if line.startswith("taken")] == told


def test_each_collection_is_told_once(tmp_path: Path) -> None:
    files = {
        f"{top}/{place}/{name}.yaml": text
        for top in ("x", "y")
        for place in ("one", "two")
        for name, text in ((f"{top}{place}", service(f"{top}-{place}", 30080 if top == "x" else 30081)), ("m", MANY))
    }
    files["x/three/c.yaml"] = service("xx")
    found = report(tmp_path, files)
    again = "declares the same objects again and again"
    assert [notice.message for notice in found.notices] == [
        TAKEN.format(f"{directory} {again}") for directory in ("x", "y")
    ]


def test_an_all_in_one_file_makes_no_collection(tmp_path: Path) -> None:
    parts = {f"apps/app{index}/app.yaml": deployment(f"app{index}") for index in range(10)}
    files = {**parts, "all/all.yaml": MANY, "apps/x/a.yaml": WEB, "apps/y/b.yaml": API}
    assert level(tmp_path, files) == LIKELY


CLUSTERS = "clusters:\n- {name: one, paths: [one/**], exclude: [one/archive/**]}\n- {name: two, paths: [two/**], range: 31000-31999}\n- {each: 'edge/*'}\n"


@pytest.mark.parametrize(
    ("a", "b", "cluster"),
    [
        ("one/dev", "one/prod", "one"),
        ("one", "two", ""),
        ("one", "elsewhere", ""),
        ("one", "one/archive", ""),
        ("edge/x", "edge/y", ""),
        ("edge/x/dev", "edge/x/prod", "edge/x"),
        ("elsewhere", "nowhere", ""),
    ],
)
def test_declared_clusters(tmp_path: Path, a: str, b: str, cluster: str) -> None:
    files = {f"{a}/a.yaml": WEB, f"{b}/b.yaml": API}
    assert level(tmp_path, files, CLUSTERS) == (CERTAIN if cluster else None)
    if cluster:
        expected = Verdict(CERTAIN, f"both are in the cluster {cluster}", "declared-clusters")
    else:
        expected = Verdict(None, "not in one declared cluster", "not-in-one-declared-cluster")
    assert verdict(tmp_path, files, CLUSTERS) == expected


def test_ranges_of_clusters(tmp_path: Path) -> None:
    found = report(tmp_path, {"one/a.yaml": WEB, "two/b.yaml": API, "c.yaml": service("c", 30081)}, CLUSTERS)
    assert [(finding.rule, finding.message) for finding in found.findings] == [
        (
            "node-port-outside-range",
            "node port 30080 of Service shop/api is not in the range 31000-31999 of the cluster two",
        )
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {name: a}", "needs the keys 'name' and 'paths', or the key 'each'"),
        ("- {name: a, paths: [b], each: c}", "has 'each'"),
        ("- {name: a, paths: [b]}\n- {name: a, paths: [c]}", "two clusters are called 'a'"),
        ("- {name: a, path: [b]}", "unknown key 'path' (did you mean 'paths'?)"),
        ("- {each: 'a/*', range: x}", "range"),
    ],
)
def test_mistakes_in_clusters(text: str, message: str) -> None:
    with pytest.raises(NodeportLintError) as error:
        parse_config(f"clusters:\n{text}\n", "c.yaml")
    assert message in str(error.value)


def test_deploy_roots(tmp_path: Path) -> None:
    kustomization = "resources: []\n"
    files = {f"{path}/kustomization.yaml": kustomization for path in ("apps/a", "apps/b", "apps/c", "old/d")}
    write_tree(tmp_path, files)
    tree = told_apart(read_tree(str(tmp_path)))
    flux = {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "spec": {"path": "./apps/a"}}
    argo = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "spec": {"sources": [{"path": "apps/b"}, {"path": "{{x}}"}]},
    }
    more = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "spec": {"template": {"spec": {"source": {"path": "apps/c"}}}},
    }
    documents = [Document(value, Unit(UnitKind.MANIFEST, "x"), "x", None) for value in (flux, argo, more)]  # type: ignore[arg-type]
    config = parse_config("", "c")
    none = Clusters((), DEFAULT_RANGE)
    assert layout_of(tree, config, none, documents).deploy_roots == frozenset({"apps/a", "apps/b", "apps/c"})
    assert layout_of(tree, config, none, documents[:1]).deploy_roots is None


def test_units(tmp_path: Path) -> None:
    write_tree(tmp_path, {".nodeport-lint.yaml": "", "dev/a.yaml": WEB, "prod/b.yaml": API})
    assert run("units", "--no-cache", cwd=tmp_path).stdout == (
        "2 units with Services or node ports\n"
        "  manifest dev/a.yaml: 1 Service, 1 node port\n"
        "  manifest prod/b.yaml: 1 Service, 1 node port\n"
        "\n"
        "1 pair of claims of one number\n"
        "  30080 possible: one is of dev, the other of prod [environments]\n"
        "    Service shop/web at dev/a.yaml:8:17\n"
        "    Service shop/api at prod/b.yaml:8:17\n"
        '    one cluster:   clusters: [{name: main, paths: ["dev/**", "prod/**"]}]\n'
        '    two clusters:  clusters: [{name: one, paths: ["dev/**"]}, {name: two, paths: ["prod/**"]}]\n'
    )


def test_units_lists_pairs_that_were_judged_alike_together(tmp_path: Path) -> None:
    files = {f"{name}/a.yaml": service("web", namespace=None) for name in "abc"}
    write_tree(tmp_path, {".nodeport-lint.yaml": "", **files, "x.yaml": "a: {nodePort: 30080}\n"})
    listed = run("units", "--no-cache", cwd=tmp_path).stdout.partition("\n\n")[2]
    assert listed == (
        "6 pairs of claims of one number\n"
        "  30080 no clash: Service web and its copy [one-object] (3 pairs)\n"
        "    Service web at a/a.yaml:8:17\n"
        "    Service web at b/a.yaml:8:17\n"
        "    Service web at c/a.yaml:8:17\n"
        "  30080 possible: a values file holds the number, and nothing that was rendered asks for it [inert-side] (3 pairs)\n"
        "    Service web at a/a.yaml:8:17\n"
        "    value a.nodePort at x.yaml:1:15\n"
        "    Service web at b/a.yaml:8:17\n"
        "    Service web at c/a.yaml:8:17\n"
        "    no install:    exclude: [x.yaml]\n"
    )


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("deploy/a.yaml", "web", CERTAIN),
        ("archive/a.yaml", "web", POSSIBLE),
        ("policy/.policy-test/a.yaml", "web", POSSIBLE),
        ("tests/fixtures/a.yaml", "web", POSSIBLE),
        # An environment, or an object that is called so.
        ("deploy/test/a.yaml", "web", CERTAIN),
        ("overlays/eu-test/a.yaml", "web", CERTAIN),
        ("archive/a.yaml", "archive", CERTAIN),
        ("legacy/a.yaml", "web", CERTAIN),
        ("examples/a.yaml", "web", CERTAIN),
    ],
)
def test_faults_in_what_is_not_deployed_are_possible(
    tmp_path: Path, path: str, name: str, expected: Confidence
) -> None:
    (finding,) = report(tmp_path / "a", {path: service(name, 80)}).findings
    assert (finding.rule, finding.confidence) == ("node-port-outside-range", expected)
    assert finding.evidence == ("roles" if expected == POSSIBLE else "")
    (finding,) = report(tmp_path / "b", {path: service(name, 80)}, "clusters: [{name: a, paths: ['**']}]\n").findings
    assert finding.confidence == CERTAIN
    if expected == POSSIBLE:
        (finding,) = report(tmp_path / "c", {path: "apiVersion: v1\nkind: Service\nmetadata: [\n"}).findings
        assert (finding.rule, finding.confidence) == ("unparsable-manifest", POSSIBLE)


def test_a_document_in_a_place_for_examples_is_a_document(tmp_path: Path) -> None:
    rows = "| Service | NodePort |\n|---|---|\n| web | 30080 |\n| api | 30080 |\n"
    (finding,) = report(tmp_path, {"archive/NODEPORTS.md": rows}).findings
    assert finding.confidence == CERTAIN
