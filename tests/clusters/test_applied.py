"""What Argo CD and Flux apply, as evidence on what shares a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nodeport_lint import yamltext
from nodeport_lint.clusters.applied import applied_in
from nodeport_lint.model import Applied, Confidence, Document, Unit
from tests.make import deployment, level, report, service

LIKELY, POSSIBLE, CERTAIN = Confidence.LIKELY, Confidence.POSSIBLE, Confidence.CERTAIN
WEB, API = service("web"), service("api")
MANY = "".join(deployment(f"app{index}") for index in range(10))
SERVER = "https://10.0.0.1:6443"


def application(path: str, destination: str, repository: str = "platform", more: str = "") -> str:
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n"
        f"  source: {{repoURL: 'https://git.example/team/{repository}.git', path: {path}{more}}}\n"
        f"  destination: {{{destination}, namespace: shop}}\n"
    )


def flux(path: str, namespace: str = "") -> str:
    target = f", targetNamespace: {namespace}" if namespace else ""
    return f"apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: x}}\nspec: {{path: ./{path}{target}}}\n"


def apps(*texts: str) -> dict[str, str]:
    return {f"apps/{index}.yaml": text for index, text in enumerate(texts)}


FILES = {"a/web.yaml": WEB, "b/api.yaml": API}
ROOT = "resources: [app.yaml]\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # R8g
        ({**FILES, **apps(application("a", f"server: '{SERVER}'"), application("b", "name: in-cluster"))}, None),
        ({**FILES, **apps(application("a", "name: north"), application("b", "name: south"))}, None),
        ({**FILES, **apps(application("a", "name: north"), application("b", "name: north"))}, LIKELY),
        # An address and a name may be one cluster; a placeholder may be any.
        ({**FILES, **apps(application("a", f"server: '{SERVER}'"), application("b", "name: south"))}, LIKELY),
        ({**FILES, **apps(application("a", "name: '{{n}}'"), application("b", "name: south"))}, LIKELY),
        ({**FILES, **apps(application("a", "name: north"))}, LIKELY),
        # One of them goes to both clusters.
        ({**FILES, **apps(*(application(*one) for one in (("a", "name: n"), ("b", "name: n"), ("b", "name: s"))))}, LIKELY),
        # Of another repository, once one of this is known.
        ({**FILES, **apps(application("a", "name: north"), application("b", "name: south", "other"))}, LIKELY),
        ({**FILES, **apps(application("a", "name: north", "x"), application("b", "name: south", "y"))}, None),
        # A directory applied as a whole settles what would be a guess.
        ({"a/dev.yaml": WEB, "a/prod.yaml": API, **apps(application("a", "name: north"))}, CERTAIN),
        ({"a/dev/x.yaml": WEB, "a/prod/y.yaml": API, **apps(application("a", "name: north"))}, POSSIBLE),
        ({"a/dev/x.yaml": WEB, "a/prod/y.yaml": API, **apps(application("a", "name: n", more=", directory: {recurse: true}"))}, CERTAIN),
        ({"a/dev.yaml": WEB, "a/prod.yaml": API, **apps(application("a", "name: n", more=", directory: {exclude: '*v.yaml'}"))}, POSSIBLE),
        ({"a/dev.yaml": WEB, "a/prod.yaml": API, **apps(application("a", "name: n", more=", kustomize: {namePrefix: x-}"))}, POSSIBLE),
        ({"a/dev/x.yaml": WEB, "a/prod/y.yaml": API, **apps(flux("a"))}, CERTAIN),
        ({"a/dev/x.yaml": WEB, "a/prod/y.yaml": API, "a/kustomization.yaml": "resources: []\n", **apps(flux("a"))}, POSSIBLE),
        ({"a/archive/x.yaml": WEB, "a/y.yaml": API, **apps(flux("a"))}, POSSIBLE),
        ({"a/one/w.yaml": WEB + MANY, "a/two/v.yaml": API + MANY, **apps(flux("a"))}, CERTAIN),
        ({"x.yaml": WEB, "dev/y.yaml": API, "prod/z.yaml": "a: 1\n", **apps(flux("."))}, CERTAIN),
        # Sent to one cluster, whatever they are called.
        (
            {"a/dev/w.yaml": WEB, "a/prod/v.yaml": API, "argo/x.yaml": application("a/dev", "name: north"),
             "argo/y.yaml": application("a/prod", "name: north")},
            LIKELY,
        ),
        (
            {"a/dev/w.yaml": WEB, "a/prod/v.yaml": API, "argo/x.yaml": application("a/dev", "name: in-cluster"),
             "argo/y.yaml": application("a/prod", "name: in-cluster")},
            LIKELY,
        ),
        # Each is the cluster of its own Argo CD.
        (
            {"a/dev/w.yaml": WEB, "a/prod/v.yaml": API, "argo/dev/x.yaml": application("a/dev", "name: in-cluster"),
             "argo/prod/y.yaml": application("a/prod", "name: in-cluster")},
            POSSIBLE,
        ),
        ({"a/dev/w.yaml": WEB, "a/prod/v.yaml": API, "flux/x.yaml": flux("a/dev"), "flux/y.yaml": flux("a/prod")}, LIKELY),
        ({"a/dev/w.yaml": WEB, "a/prod/v.yaml": API, "dev/x.yaml": flux("a/dev"), "prod/y.yaml": flux("a/prod")}, POSSIBLE),
        # R2 between roots of kustomize, in the namespaces that these give
        (
            {"a/kustomization.yaml": ROOT, "a/app.yaml": WEB + deployment("db", None),
             "b/kustomization.yaml": ROOT, "b/app.yaml": API + deployment("db", None)},
            POSSIBLE,
        ),
        (
            {"a/kustomization.yaml": f"{ROOT}namespace: one\n", "a/app.yaml": WEB + deployment("db", None),
             "b/kustomization.yaml": f"{ROOT}namespace: two\n", "b/app.yaml": API + deployment("db", None)},
            LIKELY,
        ),
        (
            {"a/kustomization.yaml": ROOT, "a/app.yaml": WEB + deployment("db", None),
             "b/kustomization.yaml": ROOT, "b/app.yaml": API + deployment("db", None),
             **apps(flux("a", "one"), flux("b", "two"))},
            LIKELY,
        ),
        ({"a/kustomization.yaml": ROOT, "a/app.yaml": WEB + deployment("db"), "b/app.yaml": API + deployment("db")}, POSSIBLE),
        # A kustomization that lists what Flux applies tells what is deployed, too (R8h).
        (
            {"a/kustomization.yaml": ROOT, "a/app.yaml": WEB, "b/kustomization.yaml": ROOT, "b/app.yaml": API,
             "c/kustomization.yaml": "resources: [flux.yaml]\n", "c/flux.yaml": f"{flux('a')}---\n{flux('c')}"},
            POSSIBLE,
        ),
    ],
)  # fmt: skip
def test_evidence(tmp_path: Path, files: dict[str, str], expected: Confidence | None) -> None:
    assert level(tmp_path, files) == expected


def test_reasons(tmp_path: Path) -> None:
    files = {"a/dev.yaml": WEB, "a/prod.yaml": API, **apps(application("a", "name: north"))}
    (finding,) = report(tmp_path / "a", files).findings
    assert finding.reason == "Argo CD applies a as a whole"
    files = {"a/dev.yaml": WEB, "a/prod.yaml": API, **apps(flux("a"))}
    (finding,) = report(tmp_path / "b", files).findings
    assert finding.reason == "Flux applies a as a whole"


def documents(text: str) -> list[Document]:
    values: list[Any] = [yamltext.plain(root) for root in yamltext.read(text).roots]
    return [Document(value, Unit("manifest", "x"), "x", None) for value in values]  # type: ignore[arg-type]


SET = """
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
spec:
  generators: GENERATORS
  template:
    spec:
      source: {repoURL: x, path: 'PATH'}
      destination: {name: '{{cluster}}'}
"""


@pytest.mark.parametrize(
    ("generators", "path", "expected"),
    [
        ("[{list: {elements: [{cluster: a, dir: one}, {cluster: b, dir: two}]}}]", "apps/{{dir}}", {("apps/one", "name a"), ("apps/two", "name b")}),
        ("[{list: {elements: [{cluster: a, dir: one}]}}]", "apps/{{ .dir }}/x", {("apps/one/x", "name a")}),
        ("[{git: {directories: [{path: 'apps/*'}, {path: apps/no, exclude: true}]}}]", "{{path}}", {("apps/*", "")}),
        ("[{git: {directories: [{path: 'apps/*'}]}}]", "{{.path.path}}", {("apps/*", "")}),
        ("[{matrix: {generators: [{git: {directories: [{path: 'apps/*'}]}}, {clusters: {}}]}}]", "{{path}}", {("apps/*", "")}),
        ("[{clusters: {}}]", "apps/{{name}}/overlay", {("apps/*/overlay", "")}),
        # A path that is anything tells nothing.
        ("[{clusters: {}}]", "{{path}}", set()),
        ("[{clusters: {}}]", "{{index .path.segments 1}}/x", {("*/x", "")}),
        ("7", "apps", {("apps", "")}),
        ("[7, {list: 7}, {list: {elements: [7]}}, {git: {directories: 7}}]", "apps", {("apps", "")}),
    ],
)  # fmt: skip
def test_application_sets(generators: str, path: str, expected: set[tuple[str, str]]) -> None:
    found = applied_in(documents(SET.replace("GENERATORS", generators).replace("PATH", path)), "x").applied
    assert {(one.path, one.destination) for one in found} == expected


def test_many_elements_are_bounded() -> None:
    elements = ", ".join(f"{{dir: d{index}}}" for index in range(5000))
    text = SET.replace("GENERATORS", f"[{{list: {{elements: [{elements}]}}}}]").replace("PATH", "{{dir}}")
    assert len(applied_in(documents(text), "x").applied) == 1000


@pytest.mark.parametrize(
    ("path", "directory", "expected"),
    [("a", "a", True), ("a/*", "a/b", True), ("a/*", "a/b/c", False), (".", "", True), (".", "a", False), ("*", "a", True)],
)  # fmt: skip
def test_covers(path: str, directory: str, expected: bool) -> None:
    assert Applied(path, "argo").covers(directory) == expected


def test_a_directory_applied_as_a_whole_is_one_cluster_for_the_units(tmp_path: Path) -> None:
    text = service("web", 30081)
    assert level(tmp_path, {"a/web.yaml": text, "a/api.yaml": text.replace("web", "api"), **apps(flux("a"))}) == CERTAIN


VARIANTS = {"k8s/db.yaml": service("db"), "k8s/db-ha.yaml": service("db-nodeport")}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("README.md", "Run `kubectl apply -f k8s/` once.\n", LIKELY),
        ("docs/install.md", "    kubectl -n shop apply -f k8s\n", LIKELY),
        ("k8s/README.md", "kubectl apply -f ../k8s\n", LIKELY),
        ("deploy.sh", "kubectl --context=home apply \\\n  -n shop --filename=./k8s/ | tee log\n", LIKELY),
        ("Makefile", "up:\n\tkubectl create -f 'k8s/*.yaml'\n", LIKELY),
        (".github/workflows/up.yml", "steps:\n- run: kubectl apply -R -f .\n- run: kubectl apply -R -f ./k8s\n", LIKELY),
        ("README.md", "kubectl apply -f ns.yaml -f k8s/\n", LIKELY),
        # One file, another directory, something to fill in, an address, another command.
        ("README.md", "kubectl apply -f k8s/db.yaml\n", POSSIBLE),
        ("README.md", "kubectl apply -f other/\n", POSSIBLE),
        ("README.md", "kubectl apply -f $DIR/\n", POSSIBLE),
        ("README.md", "kubectl apply -f https://example.org/k8s\n", POSSIBLE),
        ("README.md", "kubectl delete -f k8s/; cat -f k8s/\n", POSSIBLE),
        ("README.md", "kubectl apply -k k8s/\n", POSSIBLE),
        ("README.md", "kubectl apply -f .\n", POSSIBLE),
        ("values.txt", "kubectl apply -f k8s/\n", POSSIBLE),
    ],
)  # fmt: skip
def test_commands(tmp_path: Path, name: str, text: str, expected: Confidence) -> None:
    found = report(tmp_path, {**VARIANTS, name: text}).findings
    (finding,) = [finding for finding in found if finding.rule == "duplicate-node-port"]
    assert finding.confidence == expected
    if expected == LIKELY:
        assert finding.reason == f"a command in {name} applies k8s as a whole"
