"""Node ports in custom resources and in values that are given as text: listed, taken, and at most possibly a clash."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeport_lint.model import Confidence
from tests.command import run
from tests.make import lint_tree, service, write_tree

RELEASE = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: loki}\nspec:\n"
APPLICATION = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n  source:\n    helm:\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{RELEASE}  values:\n    service: {{type: NodePort, nodePort: 30042}}\n", ["a.yaml:6:41 HelmRelease loki spec.values.service.nodePort"]),
        (f"{APPLICATION}      values: |\n        service:\n          # here\n          nodePort: 30043\n", ["a.yaml:10:21 Application x spec.source.helm.values.service.nodePort"]),
        (f"{APPLICATION}      values: |\n        a: {{nodePort: '30043'}}\n        b: {{nodePort: 30044}}\n",
         ["a.yaml:8:23 Application x spec.source.helm.values.a.nodePort", "a.yaml:9:23 Application x spec.source.helm.values.b.nodePort"]),
        (f"{APPLICATION}      values: >-\n        {{nodePort: 30043,\n        b: 1}}\n", []),
        (f"{APPLICATION}      values: \"a:\\n  nodePort: 30043\\n\"\n", ["a.yaml:7:15 Application x spec.source.helm.values.a.nodePort"]),
        (f"{APPLICATION}      values: \"a:\\r\\r\\r\\n  nodePort: 30043\\n\"\n", ["a.yaml:7:15 Application x spec.source.helm.values.a.nodePort"]),
        (f"{APPLICATION}      parameters:\n      - {{name: service.nodePort, value: '30045'}}\n      - {{name: replicas, value: '30046'}}\n",
         ["a.yaml:8:41 Application x spec.source.helm.parameters[0].service.nodePort"]),
        (f"{APPLICATION}      valuesObject: {{nodePort: 30047}}\n", ["a.yaml:7:32 Application x spec.source.helm.valuesObject.nodePort"]),
        ("apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: EnvoyProxy\nmetadata: {name: edge}\nspec:\n  ports:\n  - nodePort: 30443\n", ["a.yaml:6:15 EnvoyProxy edge spec.ports[0].nodePort"]),
        # Not in the range, no number, a kind of Kubernetes itself, a definition.
        (f"{RELEASE}  values: {{nodePort: 80, other: {{nodePort: '{{{{x}}}}'}}}}\n", []),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {nodePort: '30443'}\n", []),
        ("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c}\nspec: {nodePort: {default: 30443}}\n", []),
    ],
    ids=["Flux", "Argo CD", "two", "folded", "quoted", "other line ends", "parameters", "object", "operator", "out of range", "core", "definition"],
)  # fmt: skip
def test_numbers(tmp_path: Path, text: str, expected: list[str]) -> None:
    write_tree(tmp_path, {".nodeport-lint.yaml": "", "a.yaml": text})
    listed = [line.split() for line in run("ports", cwd=tmp_path).stdout.splitlines()[1:]]
    assert [f"{line[-1]} {' '.join(line[3:-1])}" for line in listed] == expected
    assert all(line[1] == "inert" for line in listed)


def test_taken_and_possibly_in_conflict(tmp_path: Path) -> None:
    release = f"{RELEASE}  values: {{nodePort: 30080}}\n"
    files = {"flux/a.yaml": release, "b.yaml": service("web", 30080), "flux/c.yaml": release.replace("loki", "mimir")}
    write_tree(tmp_path, {".nodeport-lint.yaml": "", **files})
    assert run("next", "--near", "30080", cwd=tmp_path).stdout == "30081\n"
    (finding,) = lint_tree(tmp_path).findings
    assert (finding.rule, finding.confidence) == ("duplicate-node-port", Confidence.POSSIBLE)
    assert finding.reason == "HelmRelease loki holds the number, and what becomes of it is not known"
    assert len(finding.parties) == 3
    assert "    not applied:   exclude: [flux/a.yaml]\n" in run("units", cwd=tmp_path).stdout


def test_copies_of_one_custom_resource(tmp_path: Path) -> None:
    text = f"{RELEASE}  values: {{nodePort: 30080}}\n"
    write_tree(tmp_path, {"a.yaml": text, "b.yaml": text})
    assert lint_tree(tmp_path).findings == ()


def test_a_row_is_not_unused_where_a_custom_resource_has_its_number(tmp_path: Path) -> None:
    table = "| Service | NodePort | Status |\n|---|---|---|\n| loki | 30042 | Active |\n| tempo | 30043 | Active |\n"
    write_tree(tmp_path, {"NODEPORTS.md": table, "a.yaml": f"{RELEASE}  values: {{nodePort: 30042}}\n"})
    assert [finding.message for finding in lint_tree(tmp_path).findings] == [
        "node port 30043 of tempo is called active, and nothing asks for it"
    ]


def test_files_of_kustomizations_count_too(tmp_path: Path) -> None:
    files = {
        "app/kustomization.yaml": "resources: [release.yaml]\nconfigMapGenerator:\n- name: values\n  files: [values.yaml=v.yaml]\n",
        "app/release.yaml": f"{RELEASE}  values: {{nodePort: 30042}}\n",
        "app/v.yaml": "service: {nodePort: 30043}\n",
    }
    write_tree(tmp_path, {".nodeport-lint.yaml": "", **files})
    listed = [line.split()[0] for line in run("ports", "--kustomize-engine", "none", cwd=tmp_path).stdout.splitlines()]
    assert listed[1:] == ["30042", "30043"]


def test_a_schema_is_no_values_file(tmp_path: Path) -> None:
    write_tree(tmp_path, {".nodeport-lint.yaml": "", "values.schema.json": '{"nodePort": {"default": 30042}}'})
    assert run("ports", cwd=tmp_path).stdout.count("\n") == 1
