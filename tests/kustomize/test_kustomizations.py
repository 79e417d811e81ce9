"""Kustomizations from the files to the findings, with both living versions of kustomize."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from nodeport_lint.config import parse_config
from nodeport_lint.kustomize.closures import told_apart
from nodeport_lint.kustomize.command import KustomizeCommand
from nodeport_lint.kustomize.roots import Roots
from nodeport_lint.model import LIMIT, Problem
from nodeport_lint.reading import Rendering
from nodeport_lint.tree import read_tree
from tests.command import run
from tests.components import KUBECTLS, kubectl
from tests.counting import calls_of, grows_linearly, lines_in
from tests.make import BARE, LOW, REMOTE, chart, check_kustomizations, labels, lint_tree, of_rule, write_tree

BASE = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": BARE}


@pytest.mark.parametrize("version", KUBECTLS)
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ["base/web.yaml:9:15 30080 web"]),
        ({"dev/kustomization.yaml": "resources: [../base]\nnamePrefix: dev-\n"}, ["base/web.yaml:9:15 30080 dev-web"]),
        (
            {
                "dev/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n",
                "dev/p.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports:\n  - port: 80\n    nodePort: 30090\n",
            },
            ["dev/p.yaml:7:15 30090 web"],
        ),
        (
            {
                "dev/kustomization.yaml": "resources: [../base]\npatches:\n- target: {kind: Service}\n  patch: |\n    - op: replace\n      path: /spec/ports/0/nodePort\n      value: 30091\n"
            },
            ["dev/kustomization.yaml:7:14 30091 web"],
        ),
        (
            {
                "dev/kustomization.yaml": "resources: [../base]\ncomponents: [../c]\n",
                "c/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: c.json, target: {kind: Service}}]\n",
                "c/c.json": '[{"op": "add", "path": "/spec/ports/0/nodePort", "value": 30092}]',
            },
            ["c/c.json:1:59 30092 web"],
        ),
        (
            {
                "dev/kustomization.yaml": "resources: [../base, cm.yaml]\nreplacements:\n- source: {kind: ConfigMap, name: p, fieldPath: data.port}\n  targets: [{select: {kind: Service}, fieldPaths: [spec.ports.0.nodePort]}]\n",
                "dev/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\ndata: {port: '30093'}\n",
            },
            ["dev/cm.yaml:4:15 30093 web"],
        ),
    ],
    ids=["root", "prefix", "strategic merge", "json 6902 in place", "component", "replacement"],
)
def test_where_a_number_is_written(tmp_path: Path, version: str, files: Mapping[str, str], expected: list[str]) -> None:
    report = check_kustomizations(tmp_path, {**BASE, **files}, version)
    assert labels(report) == expected
    assert report.statistics["kustomizations_rendered"] == 1


def test_two_overlays_of_one_base(tmp_path: Path) -> None:
    files = {
        **BASE,
        "dev/kustomization.yaml": "resources: [../base]\n",
        "prod/kustomization.yaml": "resources: [../base]\n",
    }
    report = check_kustomizations(tmp_path, files, config="")
    assert report.findings == (), "one object, or its copy"
    assert report.statistics["kustomizations_rendered"] == 2


@pytest.mark.parametrize("version", KUBECTLS)
@pytest.mark.parametrize(
    ("kustomization", "place", "words", "state"),
    [
        ("resources:\n- web.yaml\n- gone.yaml\n", "dev/kustomization.yaml:3:3", "gone.yaml does not exist", "in_part"),
        ("resources:\n- web.yaml\n- ../none\n", "dev/kustomization.yaml:3:3", "../none does not exist", "in_part"),
        ("resources:\n- web.yaml\n- ../empty\n", "dev/kustomization.yaml:3:3", "holds no kustomization", "in_part"),
        ("resources:\n- web.yaml\n- ../../out.yaml\n", "dev/kustomization.yaml:3:3", "leads out of the repository", "in_part"),
        ("resources:\n- web.yaml\n- github.com/x/y?ref=v1\n", "dev/kustomization.yaml:3:3", "is read without github.com/x/y?ref=v1, which is remote: nothing is fetched", "in_part"),
        ("resources: [web.yaml]\ngenerators:\n- g.yaml\n", "dev/kustomization.yaml:3:3", "Odd, a plugin, which is not run", "in_part"),
        ("resources: [web.yaml]\nhelmCharts:\n- name: x\n", "dev/kustomization.yaml:3:1", "a Helm chart, which it inflates", "in_part"),
        ("resources: [web.yaml]\npatches:\n- path: gone.yaml\n", "dev/kustomization.yaml:3:9", "gone.yaml does not exist", "not_rendered"),
        ("resources:\n- web.yaml\n- a.yaml\n- b.yaml\n- c.yaml\n", "dev/kustomization.yaml:3:3", "a.yaml does not exist, nor do 2 more", "in_part"),
        ("resources: [web.yaml, link.yaml]\n", "dev/kustomization.yaml:1:23", "a link that leads out of the repository", "in_part"),
        ("resources: [web.yaml]\npatches:\n- patch: |\n    kind: Service\n    apiVersion: v1\n    metadata: {name: other}\n", "dev/kustomization.yaml", "no resource matches", "not_rendered"),
        ("resources: [web.yaml]\npatches:\n- target: {kind: Service}\n  patch: |\n    - {op: remove, path: /spec/none/here}\n", "dev/kustomization.yaml:5:5", "/spec/none/here", "not_rendered"),
        ("resources: [web.yaml, bad.yaml]\n", "dev/bad.yaml:3:1", "yaml: line", "not_rendered"),
        ("resources: [web.yaml]\nunknown: 1\n", "dev/kustomization.yaml:2:10", "unknown field", "not_rendered"),
    ],
)  # fmt: skip
def test_what_does_not_render(
    tmp_path: Path, version: str, kustomization: str, place: str, words: str, state: str
) -> None:
    root = tmp_path / "root"
    (tmp_path / "out.yaml").write_text(BARE.replace("web", "out"))
    write_tree(
        root,
        {
            "dev/web.yaml": BARE,
            "dev/g.yaml": "apiVersion: x/v1\nkind: Odd\n",
            "dev/bad.yaml": "apiVersion: v1\nkind: Service\nx: [\n",
            "empty/a.txt": "",
        },
    )
    os.symlink(tmp_path / "out.yaml", root / "dev" / "link.yaml")
    report = check_kustomizations(root, {"dev/kustomization.yaml": kustomization}, version)
    problems = of_rule(report, "unrendered-kustomization")
    assert [(finding.location.label, words in finding.message) for finding in problems] == [(place, True)], problems
    assert labels(report) == ["dev/web.yaml:9:15 30080 web"], "what it lists is read as it is"
    assert report.statistics[f"kustomizations_{state}"] == 1


def test_no_kustomize(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            **BASE,
            "base/kustomization.yaml": "resources: [web.yaml]\npatches: [{path: p.yaml}]\n",
            "base/p.yaml": BARE.replace("30080", "30081"),
        },
    )
    report = lint_tree(tmp_path, parse_config(LOW, "c"), rendering=Rendering())
    assert labels(report) == ["base/web.yaml:9:15 30080 web"]
    (notice,) = report.notices
    assert (
        notice.message
        == "1 kustomization not rendered, and only the files read that they list: --kustomize-engine none"
    )


def test_without_node_ports_nothing_is_rendered(tmp_path: Path) -> None:
    service = BARE.replace("    nodePort: 30080\n", "").replace("type: NodePort", "type: ClusterIP")
    report = check_kustomizations(tmp_path, {**BASE, "base/web.yaml": service})
    assert (report.statistics["kustomizations"], report.statistics["kustomizations_rendered"]) == (1, 0)
    assert report.findings == ()


def test_a_cycle_and_a_crowd(tmp_path: Path) -> None:
    files = {
        **BASE,
        "a/kustomization.yaml": "resources: [../b]\n",
        "b/kustomization.yaml": "resources: [../a, ../base]\n",
    }

    def of_overlays(count: int) -> Callable[[], None]:
        root = tmp_path / str(count)
        write_tree(root, files)
        write_tree(
            root, {f"overlays/{index}/kustomization.yaml": "resources: [../../base]\n" for index in range(count)}
        )
        tree = read_tree(str(root))

        def read() -> None:
            closures = told_apart(tree).closures
            # One of the circle is built, so that it is told.
            assert len(closures.roots) == count + 1
            assert {one.directory for one in closures.line("a")} == {"a", "b", "base"}

        return read

    grows_linearly(of_overlays, measure=lines_in)


def test_answers_in_files_of_kustomizations(tmp_path: Path) -> None:
    answer = "  # nodeport-lint: ignore[node-port-outside-range] a wide range"
    report = check_kustomizations(
        tmp_path,
        {
            **BASE,
            "base/web.yaml": BARE.replace("30080", f"30080{answer}"),
            "dev/kustomization.yaml": "resources: [../base]\n",
        },
    )
    assert report.findings == ()
    assert len(report.answered) == 1


def test_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + level)}: &{chr(98 + level)} [{','.join([f'*{chr(97 + level)}'] * 9)}]\n" for level in range(9)
    )
    started = calls_of(monkeypatch, KustomizeCommand, "render")
    report = check_kustomizations(
        tmp_path,
        {
            **BASE,
            "dev/kustomization.yaml": "resources: [../base, bomb.yaml]\n",
            "dev/bomb.yaml": f"apiVersion: v1\nkind: Service\nmetadata: {{name: b}}\nnodePort: 1\n{bomb}",
        },
    )
    # Then the file is read as it is, and refused again.
    assert [finding.message for finding in of_rule(report, "limit-reached")] == [
        "aliases expand to more than 200,000 nodes",
        "the kustomization in dev does not render: aliases expand to more than 200,000 nodes",
    ]
    assert started == []


@pytest.mark.parametrize("deep", [False, True])
def test_a_bomb_in_a_kustomization_is_told_once(tmp_path: Path, deep: bool) -> None:
    bomb = f"x: &a [{', '.join(['1'] * 1000)}]\ny: [{', '.join(['*a'] * 300)}]\n"
    text = f"resources: [web.yaml]\n{'x: ' + '[' * 201 + ']' * 201 if deep else bomb}"
    report = check_kustomizations(tmp_path, {**BASE, "base/kustomization.yaml": text})
    why = "nested deeper than 200 levels" if deep else "aliases expand to more than 200,000 nodes"
    told = [(finding.rule, finding.message) for finding in report.findings if finding.parties[0].number is None]
    assert told == [("limit-reached", f"the kustomization in base does not render: {why}")]


def test_files_of_one_root_are_read_while_there_is_time(tmp_path: Path) -> None:
    names = [f"f{index}.yaml" for index in range(9)]
    write_tree(tmp_path, {"kustomization.yaml": f"resources: [{', '.join(names)}]\n", **dict.fromkeys(names, BARE)})
    known = told_apart(read_tree(str(tmp_path)))
    reasons = ["", "", "", "no time is left for reading"]
    roots = Roots(known.tree.files, known.closures, lambda path, data: ())
    found = roots.read("", lambda: reasons.pop(0))
    assert isinstance(found, Problem)
    assert (found.kind, found.message) == (LIMIT, "the kustomization in . does not render: no time is left for reading")
    assert (reasons, len(roots._read)) == ([], 3)


def test_required(tmp_path: Path) -> None:
    write_tree(tmp_path, {**BASE, "base/kustomization.yaml": "resources: [web.yaml, https://example.org/x.yaml]\n"})
    done = run(
        "check",
        "--no-cache",
        "--require",
        "helm,kustomize",
        cwd=tmp_path,
        environment={"PATH": os.path.dirname(kubectl())},
    )
    assert (done.returncode, done.stderr) == (
        1,
        "nodeport-lint: --require kustomize: 1 of 1 kustomizations not rendered whole\n",
    )


@pytest.mark.parametrize("version", KUBECTLS)
def test_secrets_that_the_repository_lacks(tmp_path: Path, version: str) -> None:
    generators = "resources: [web.yaml]\nsecretGenerator:\n- name: a\n  envs: [secret.env]\n  files: [k=key.pem]\nconfigMapGenerator:\n- name: b\n  env: c.env\n"
    report = check_kustomizations(tmp_path, {**BASE, "base/kustomization.yaml": generators}, version)
    (note,) = of_rule(report, "unrendered-kustomization")
    assert (note.severity.word, note.location.label) == ("note", "base/kustomization.yaml:4:10")
    assert (
        note.message
        == "the kustomization in base is read with nothing in secret.env and 2 more, which the repository lacks"
    )
    assert labels(report) == ["base/web.yaml:9:15 30080 web"]
    assert report.statistics["kustomizations_rendered"] == 1


def test_a_root_that_another_one_blocks_is_named(tmp_path: Path) -> None:
    files = {
        "base/kustomization.yaml": "resources: [web.yaml]\ncrds: [gone.json]\n", "base/web.yaml": BARE.replace("    nodePort: 30080\n", ""),
        "dev/kustomization.yaml": "resources: [../base]\npatches:\n- target: {kind: Service}\n  patch: |\n    - {op: add, path: /spec/ports/0/nodePort, value: 30300}\n",
    }  # fmt: skip
    notes = of_rule(check_kustomizations(tmp_path, files), "unrendered-kustomization")
    assert [finding.location.label for finding in notes] == ["base/kustomization.yaml:2:8", "dev/kustomization.yaml"]
    assert (
        notes[1].message
        == "the kustomization in dev does not render, since the one in base does not: node ports that its patches set are not known"
    )


def test_values_that_a_blocked_root_lists_are_those_of_their_chart(tmp_path: Path) -> None:
    files = {
        "Chart.yaml": chart("web"), "values.yaml": "nodePort: 30080\n", "templates/s.yaml": "nodePort: {{ .Values.nodePort }}\n",
        "deploy/kustomization.yaml": "resources: [../values.yaml, ../templates/s.yaml, web.yaml]\nunknown: 1\n",
        "deploy/web.yaml": BARE,
    }  # fmt: skip
    write_tree(tmp_path, files)
    report = lint_tree(tmp_path)
    assert report.statistics["inert_node_ports"] == report.statistics["node_ports"] == 1


MERGE = "apiVersion: v1\nkind: Service\nmetadata: {name: NAME}\nspec:\n  ports:\n  - {port: 80, nodePort: 30090}\n"


@pytest.mark.parametrize("version", KUBECTLS)
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"dev/kustomization.yaml": "helmCharts:\n- name: x\n  valuesInline:\n    a: 1\npatches: [{path: p.yaml}]\nnamePrefix: x-\n",
          "dev/p.yaml": MERGE.replace("NAME", "far")}, ["base/web.yaml:9:15 30080 web", "dev/p.yaml:6:26 30090 x-far"]),
        # The rest is built, with its patches.
        ({"dev/kustomization.yaml": f"resources:\n- {REMOTE}\n- ../base\nnamePrefix: dev-\n"}, ["base/web.yaml:9:15 30080 dev-web"]),
        ({"dev/kustomization.yaml": f"resources: [{REMOTE}, '{REMOTE}', ../base]\npatches: [{{path: p.yaml}}]\n",
          "dev/p.yaml": MERGE.replace("NAME", "web")}, ["dev/p.yaml:6:26 30090 web"]),
        # A patch for something that is missing shows what it sets.
        ({"dev/kustomization.yaml": f"resources:\n- {REMOTE}\npatches:\n- path: p.yaml\n",
          "dev/p.yaml": MERGE.replace("NAME", "far")}, ["base/web.yaml:9:15 30080 web", "dev/p.yaml:6:26 30090 far"]),
        ({"dev/kustomization.yaml": f"resources:\n- {REMOTE}\npatchesStrategicMerge:\n- p.yaml\nnamespace: shop\n",
          "dev/p.yaml": MERGE.replace("NAME", "far") + "  - {port: 81, nodePort: 30091}\n"},
         ["base/web.yaml:9:15 30080 web", "dev/p.yaml:6:26 30090 far", "dev/p.yaml:7:26 30091 far"]),
        ({"dev/kustomization.yaml": f"resources:\n- {REMOTE}\npatches:\n- target: {{kind: Service, name: far}}\n  patch: |\n    - {{op: replace, path: /spec/type, value: NodePort}}\n    - {{op: replace, path: /spec/ports/1/nodePort, value: 30092}}\n"},
         ["base/web.yaml:9:15 30080 web", "dev/kustomization.yaml:7:58 30092 far"]),
        ({"dev/kustomization.yaml": f"resources:\n- {REMOTE}\npatches:\n- target: {{kind: Service, name: far}}\n  path: p.json\n",
          "dev/p.json": '[{"op": "add", "path": "/spec/ports/0/nodePort", "value": 30093}]'},
         ["base/web.yaml:9:15 30080 web", "dev/p.json:1:59 30093 far"]),
        # What the missing part is called like is not known to be there twice.
        ({"dev/kustomization.yaml": f"resources:\n- {REMOTE}\n- ../base\npatches:\n- target: {{kind: Service, name: web}}\n  patch: |\n    - {{op: replace, path: /spec/ports/0/nodePort, value: 30092}}\n"},
         ["dev/kustomization.yaml:7:58 30092 web"]),
        # A patch of a remote part that a base below has, and of something else than a Service.
        ({"dev/kustomization.yaml": "resources: [../mid]\npatches:\n- path: p.yaml\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: d.e, namespace: x}\n",
          "dev/p.yaml": MERGE.replace("NAME", "far"), "mid/kustomization.yaml": f"resources: [{REMOTE}]\n"},
         ["base/web.yaml:9:15 30080 web", "dev/p.yaml:6:26 30090 far"]),
        # A patch without numbers says nothing about a Service that is not there.
        ({"dev/kustomization.yaml": f"resources: [{REMOTE}, ../base]\npatches:\n- patch: |\n    apiVersion: v1\n    kind: Service\n    metadata: {{name: far}}\n    spec: {{externalTrafficPolicy: Local}}\n"},
         ["base/web.yaml:9:15 30080 web"]),
        ({"dev/kustomization.yaml": f"resources: [../base]\ncomponents:\n- {REMOTE}\n"}, ["base/web.yaml:9:15 30080 web"]),
        ({"dev/kustomization.yaml": "resources: [../base]\nhelmCharts:\n- name: x\n  valuesInline:\n    a: 1\nnamePrefix: x-\n"},
         ["base/web.yaml:9:15 30080 x-web"]),
        ({"dev/kustomization.yaml": "resources: [../base]\ngenerators:\n- |\n  apiVersion: x/v1\n  kind: Odd\n  metadata: {name: x}\nnamePrefix: y-\n"},
         ["base/web.yaml:9:15 30080 y-web"]),
    ],
    ids=["chart with a patch", "prefix", "flow", "merge", "two ports", "fields in place", "fields of a file", "held", "below", "no number",
         "component", "charts", "plugin"],
)  # fmt: skip
def test_a_missing_part_is_stood_in_for(
    tmp_path: Path, version: str, files: Mapping[str, str], expected: list[str]
) -> None:
    report = check_kustomizations(tmp_path, {**BASE, **files}, version)
    assert labels(report) == expected
    assert report.statistics["kustomizations_in_part"] == 1
    assert {finding.rule for finding in report.findings} <= {"unrendered-kustomization", "node-port-outside-range"}
    assert not any("stands-in" in str(finding) for finding in report.findings)


def test_patches_for_many_missing_things_take_few_builds(tmp_path: Path) -> None:
    patches = "".join(f"- path: p{index}.yaml\n" for index in range(60))
    files = {f"dev/p{index}.yaml": MERGE.replace("NAME", f"far{index}") for index in range(60)}
    files["dev/kustomization.yaml"] = f"resources:\n- {REMOTE}\npatches:\n{patches}"
    report = check_kustomizations(tmp_path, files)
    assert report.statistics["kustomizations_in_part"] == 1
    assert len(labels(report)) == 60


def test_what_is_left_out_is_told_once(tmp_path: Path) -> None:
    files = {
        "base/kustomization.yaml": f"resources: [web.yaml, {REMOTE}, 'https://example.org/y.yaml']\nhelmCharts: [{{name: x}}]\n",
        "base/web.yaml": BARE,
        "quiet/kustomization.yaml": f"resources: [{REMOTE}]\n",
    }
    report = check_kustomizations(tmp_path, files)
    (note,) = of_rule(report, "unrendered-kustomization")
    assert (note.severity.word, note.location.label) == ("note", "base/kustomization.yaml:1:23")
    assert note.message == (
        f"the kustomization in base is read without {REMOTE}, which is remote: nothing is fetched (and 2 more)"
    )
    (notice,) = report.notices
    assert notice.message == (
        "1 kustomization read without its remote or missing parts, charts and plugins: it does not mention node ports"
    )
    assert notice.details == (
        f"quiet/kustomization.yaml:1:13: the kustomization in quiet is read without {REMOTE}, which is remote: "
        "nothing is fetched",
    )
    assert (report.statistics["kustomizations"], report.statistics["kustomizations_in_part"]) == (2, 2)
