"""Charts from the files to the findings, with each real engine."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from nodeport_lint.helm.command import HelmCommand
from nodeport_lint.helm.embedded import HelmEmbedded
from nodeport_lint.model import Confidence
from nodeport_lint.model.render import RenderError
from nodeport_lint.reading import Rendering
from tests.command import run
from tests.components import ENGINES, helm, rendering
from tests.counting import calls_of
from tests.make import CHART, LOW, TEMPLATE, WEB, check_charts, labels, lint_tree, of_rule, write_tree


@pytest.mark.parametrize("engine", ENGINES)
def test_a_value(tmp_path: Path, engine: str) -> None:
    report = check_charts(tmp_path, WEB, engine)
    (finding,) = report.findings
    assert labels(report) == ["web/values.yaml:1:11 30080 web"]
    assert [place.label for place in finding.helpful] == ["web/templates/service.yaml:9:7"]
    assert finding.parties[0].location.route == ("nodePort",)
    assert finding.parties[0].location.exactness == "exact"
    assert report.statistics["charts_rendered"] == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_sets_of_values(tmp_path: Path, engine: str) -> None:
    files = {
        **WEB, "web/values-prod.yaml": "nodePort: 30180\n", "web/values-dev.yaml": "other: 1\n",
        "web/ci/off-values.yaml": "type: ClusterIP\nnodePort: null\n",
    }  # fmt: skip
    report = check_charts(tmp_path, files, engine)
    assert labels(report) == ["web/values-prod.yaml:1:11 30180 web", "web/values.yaml:1:11 30080 web"]
    assert [[unit.variant for unit in finding.parties[0].units] for finding in report.findings] == [
        ["values-prod.yaml"], ["", "values-dev.yaml"],
    ]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_declared_releases(tmp_path: Path, engine: str) -> None:
    config = LOW + (
        "releases:\n"
        "  - {chart: web, name: shop, namespace: shop, values: [deploy/shop.yaml], set: [nodePort=30555]}\n"
        "  - {chart: web, name: blog, namespace: blog, values: [deploy/shop.yaml]}\n"
        "  - {chart: web/, name: far, values: [deploy/shop.yaml], set-string: ['nodePort=30091'], cluster: far}\n"
    )
    files = {**WEB, "web/values-prod.yaml": "nodePort: 30180\n", "deploy/shop.yaml": "# the shop\nnodePort: 30090\n"}
    report = check_charts(tmp_path, files, engine, config)
    found = labels(report) + labels(report, "malformed-node-port")
    assert ".nodeport-lint.yaml:3:90 30555 shop" in found, "the number of the expression"
    assert "deploy/shop.yaml:2:11 30090 blog" in found
    assert not any("30180" in label for label in found), "a declared chart is not rendered with what lies beside it"
    assert {str(party.object) for finding in report.findings for party in finding.parties if party.object} >= {
        "Service shop/shop",
        "Service blog/blog",
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_sub_charts(tmp_path: Path, engine: str) -> None:
    kid = {
        "web/charts/kid/Chart.yaml": CHART.replace("web", "kid"),
        "web/charts/kid/values.yaml": "nodePort: 30001\n",
        "web/charts/kid/templates/service.yaml": TEMPLATE.replace("{{ .Release.Name }}", "{{ .Chart.Name }}"),
    }
    needs = "dependencies:\n- {name: kid, alias: one, version: 1.0.0}\n- {name: kid, alias: two, version: 1.0.0, condition: two.enabled}\n- {name: gone, version: 1.0.0, repository: 'oci://example.org/x'}\n"
    files = {
        **kid,
        "web/Chart.yaml": CHART + needs,
        "web/values.yaml": "one:\n  nodePort: 30011\ntwo:\n  enabled: false\n",
        "web/values-two.yaml": "two:\n  enabled: true\n",
    }
    report = check_charts(tmp_path, files, engine)
    assert sorted(labels(report)) == ["web/charts/kid/values.yaml:1:11 30001 two", "web/values.yaml:2:13 30011 one"]
    (note,) = of_rule(report, "unrendered-chart")
    assert (note.severity.word, note.location.label) == ("note", "web/Chart.yaml:7:10")
    assert "without the dependency gone" in note.message


@pytest.mark.parametrize("engine", ENGINES)
def test_hooks_tests_notes_libraries_and_crds(tmp_path: Path, engine: str) -> None:
    hook = TEMPLATE.replace("metadata:\n", 'metadata:\n  annotations: {"helm.sh/hook": %s}\n').replace(
        "{{ .Release.Name }}", "%s"
    )
    files = {
        **WEB,
        "web/templates/hook.yaml": hook % ("pre-install", "hook"),
        "web/templates/tests/test.yaml": hook % ("test", "test"),
        "web/templates/NOTES.txt": "nodePort: 30999\n",
        "web/templates/_partial.yaml": TEMPLATE,
        "web/crds/extra.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: crd}\nspec:\n  type: NodePort\n  ports:\n  - {port: 1, nodePort: 30003}\n",
        "lib/Chart.yaml": CHART.replace("web", "lib") + "type: library\n",
        "lib/templates/_service.yaml": "nodePort: 30998\n",
    }
    report = check_charts(tmp_path, files, engine)
    assert sorted(labels(report)) == [
        "web/crds/extra.yaml:7:25 30003 crd",
        "web/values.yaml:1:11 30080 hook",
        "web/values.yaml:1:11 30080 web",
    ]
    assert of_rule(report, "unrendered-chart") == []


@pytest.mark.parametrize("engine", ENGINES)
def test_a_template_that_fails_is_left_out(tmp_path: Path, engine: str) -> None:
    files = {
        **WEB,
        "web/templates/bad.yaml": 'kind: Service\nx: {{ fail "set the thing" }}\n',
        "web/templates/checksum.yaml": 'a: {{ include (print $.Template.BasePath "/bad.yaml") . | quote }}\n',
        "web/templates/broken.yaml": "a: [\nkind: Service\n",
    }
    report = check_charts(tmp_path, files, engine)
    assert labels(report) == ["web/values.yaml:1:11 30080 web"]
    (finding,) = of_rule(report, "unrendered-chart")
    assert finding.message.startswith("a template of the chart in web does not render: ")
    assert finding.message.endswith("set the thing")
    assert finding.location.label == "web/templates/bad.yaml:2:1"
    # Helm reads what it prints; its library alone does not.
    assert finding.help == ("" if engine == "sdk" else "nor do 1 more, such as web/templates/broken.yaml")
    assert finding.severity.word == "warning"
    assert report.statistics["charts_in_part"] == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_named_templates_that_nobody_defines(tmp_path: Path, engine: str) -> None:
    service = TEMPLATE.replace("{{ .Release.Name }}", '{{ include "common.names.fullname" . }}')
    report = check_charts(tmp_path, {**WEB, "web/templates/service.yaml": service}, engine)
    assert labels(report) == ["web/values.yaml:1:11 30080 web"]
    (finding,) = of_rule(report, "unrendered-chart")
    assert "common.names.fullname" in finding.message
    assert finding.location.label.startswith("web/templates/service.yaml:4:")


@pytest.mark.parametrize("engine", ["helm3", "helm4"])
def test_the_version_of_kubernetes(tmp_path: Path, engine: str) -> None:
    report = check_charts(tmp_path, {**WEB, "web/Chart.yaml": f"{CHART}kubeVersion: '>=1.99'\n"}, engine)
    assert labels(report) == ["web/values.yaml:1:11 30080 web"]
    (note,) = of_rule(report, "unrendered-chart")
    assert note.severity.word == "note"
    assert "1.99" in note.message


@pytest.mark.parametrize("engine", ENGINES)
def test_charts_that_cannot_be_rendered(tmp_path: Path, engine: str) -> None:
    files = {
        **WEB,
        "list/Chart.yaml": CHART, "list/values.yaml": "- nodePort: 30001\n", "list/templates/service.yaml": TEMPLATE,
        "broken/Chart.yaml": "name: [\n", "broken/templates/service.yaml": TEMPLATE,
        "nameless/Chart.yaml": "apiVersion: v2\nversion: 1.0.0\n", "nameless/templates/service.yaml": TEMPLATE,
    }  # fmt: skip
    report = check_charts(tmp_path, files, engine)
    assert labels(report) == ["web/values.yaml:1:11 30080 web"], "the rest of the run goes on"
    told = {finding.location.path.split("/")[0] for finding in of_rule(report, "unrendered-chart")}
    assert told == {"broken", "list", "nameless"}
    assert report.statistics["charts_not_rendered"] == 3


@pytest.mark.parametrize("engine", ENGINES)
def test_a_fake_source_line(tmp_path: Path, engine: str) -> None:
    service = TEMPLATE.replace("apiVersion", "---\n# Source: web/templates/other.yaml\napiVersion").replace(
        "{{ .Values.nodePort }}", "30080"
    )
    report = check_charts(
        tmp_path, {**WEB, "web/templates/service.yaml": service, "web/templates/other.yaml": "# 30080\n"}, engine
    )
    assert labels(report) == ["web/templates/service.yaml:11:17 30080 web"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "loop",
    [
        "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}",
        '{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}',
        '{{ repeat 2000000000 "x" }}',
        '{{ $_ := set .Values "a" .Values }}{{ printf "%v" .Values }}',
    ],
    ids=["time", "recursion", "memory", "cycle"],
)
def test_charts_without_an_end(tmp_path: Path, engine: str, loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodeport_lint.engines.workers.TIMEOUTS", ((0, 3.0),))
    renders = calls_of(monkeypatch, HelmEmbedded if engine == "sdk" else HelmCommand, "render")
    report = check_charts(
        tmp_path,
        {
            **WEB,
            "hostile/Chart.yaml": CHART,
            "hostile/values.yaml": "nodePort: 30081\n",
            "hostile/templates/service.yaml": f"kind: Service\n{loop}",
        },
        engine,
    )
    assert labels(report) == ["web/values.yaml:1:11 30080 web"], "another chart is not harmed"
    of_hostile = [inputs for _, inputs, _ in renders if b"30081" in inputs["chart/values.yaml"]]
    # What fails by itself is left out, and the rest rendered; what hits a limit is not tried again, but for one that
    # needs more memory than its share.
    assert len(of_hostile) <= 2
    (finding,) = of_rule(report, "unrendered-chart" if "include" in loop else "limit-reached")
    assert finding.location.path.startswith("hostile/")
    assert {claim for finding in report.hidden for claim in finding.parties} == set()


@pytest.mark.parametrize("engine", ENGINES)
def test_output_that_is_made_without_an_end(tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodeport_lint.engines.workers.TIMEOUTS", ((0, 10.0),))
    flood = '{{ range until 400 }}{{ repeat 1000000 "x" }}{{ end }}'
    report = check_charts(
        tmp_path,
        {
            **WEB,
            "hostile/Chart.yaml": CHART,
            "hostile/values.yaml": "nodePort: 1\n",
            "hostile/templates/service.yaml": f"x: {flood}",
        },
        engine,
    )
    assert labels(report) == ["web/values.yaml:1:11 30080 web"]
    (finding,) = of_rule(report, "limit-reached")
    assert finding.message.startswith("the chart in hostile does not render: ")


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_outside_the_chart_is_read(tmp_path: Path, engine: str) -> None:
    root = tmp_path / "root"
    (tmp_path / "secret").write_text("30666")
    read = TEMPLATE.replace("{{ .Values.nodePort }}", '{{ .Files.Get "files/secret" | default "30777" }}')
    write_tree(
        root, {**WEB, "web/templates/service.yaml": read, "web/values.schema.json": '{"$ref": "file:///etc/passwd"}'}
    )
    (root / "web" / "files").mkdir()
    os.symlink(tmp_path / "secret", root / "web" / "files" / "secret")
    report = check_charts(root, {}, engine)
    assert labels(report) == ["web/templates/service.yaml:9:57 30777 web"]
    assert any("not read" in notice.message and "files/secret" in str(notice.details) for notice in report.notices)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="network namespaces are Linux'")
@pytest.mark.parametrize("engine", ENGINES)
def test_no_network_is_needed(tmp_path: Path, engine: str) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine has no user namespaces")
    needs = "dependencies: [{name: gone, version: 1.0.0, repository: 'https://example.org'}]\n"
    write_tree(
        tmp_path,
        {
            **WEB,
            "web/Chart.yaml": CHART + needs,
            "web/values.schema.json": '{"$ref": "http://example.org/s"}',
            ".nodeport-lint.yaml": LOW,
        },
    )
    how = rendering(engine)
    command = [
        sys.executable,
        "-c",
        "from nodeport_lint.cli import main; main()",
        "check",
        "--no-cache",
        "--format",
        "concise",
        "--helm-engine",
        how.helm,
    ]
    done = subprocess.run(
        [unshare, "-rn", *command],
        cwd=tmp_path,
        env={"PATH": how.search, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "web/values.yaml:1:11: error: node port 30080" in done.stdout, done.stderr


def test_answers_in_values_and_templates(tmp_path: Path) -> None:
    ignore = "nodeport-lint: ignore[node-port-outside-range] a wide range"
    in_values = check_charts(tmp_path / "a", {**WEB, "web/values.yaml": f"nodePort: 30080  # {ignore}\n"})
    in_template = check_charts(
        tmp_path / "b",
        {
            **WEB,
            "web/templates/service.yaml": TEMPLATE.replace(
                "      nodePort", f"      {{{{/* {ignore} */}}}}\n      nodePort"
            ),
        },
    )
    for report in (in_values, in_template):
        assert report.findings == ()
        assert len(report.answered) == 1


def test_two_services_of_one_chart(tmp_path: Path) -> None:
    files = {
        **WEB,
        "web/templates/other.yaml": TEMPLATE.replace("{{ .Release.Name }}", "other"),
        "web/values-prod.yaml": "a: 1\n",
    }
    (finding,) = check_charts(tmp_path, files, config="").findings
    assert (finding.rule, finding.confidence) == ("duplicate-node-port", Confidence.CERTAIN)
    assert finding.message == "node port 30080 is asked for by Service other and Service web"
    assert {party.location.label for party in finding.parties} == {"web/values.yaml:1:11"}
    assert [unit.variant for unit in finding.parties[0].units] == ["", "values-prod.yaml"]


def test_charts_of_a_catalogue_are_offers(tmp_path: Path) -> None:
    other = {path.replace("web/", "api/"): text.replace("name: web", "name: api") for path, text in WEB.items()}
    (finding,) = check_charts(tmp_path, {**WEB, **other}, config="").findings
    assert (finding.rule, finding.confidence) == ("duplicate-node-port", Confidence.POSSIBLE)


def test_charts_that_the_tree_installs_are_no_offers(tmp_path: Path) -> None:
    other = {path.replace("web/", "api/"): text.replace("name: web", "name: api") for path, text in WEB.items()}
    argo = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {repoURL: x, path: web}}\n"
    flux = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {chart: {spec: {chart: ./api, sourceRef: {kind: GitRepository}}}}\n"
    (finding,) = check_charts(tmp_path / "one", {**WEB, **other, "argo.yaml": argo}, config="").findings
    assert finding.confidence == Confidence.POSSIBLE, "one of them is an offer still"
    (finding,) = check_charts(
        tmp_path / "two", {**WEB, **other, "argo.yaml": argo, "flux.yaml": flux}, config=""
    ).findings
    assert finding.confidence == Confidence.LIKELY


def test_one_chart_and_a_manifest(tmp_path: Path) -> None:
    manifest = (
        TEMPLATE.replace("{{ .Release.Name }}", "api")
        .replace('{{ .Values.type | default "NodePort" }}', "NodePort")
        .replace("{{ .Values.nodePort }}", "30080")
    )
    (finding,) = check_charts(tmp_path, {**WEB, "api.yaml": manifest}, config="").findings
    assert (finding.rule, finding.confidence) == ("duplicate-node-port", Confidence.LIKELY)
    assert {party.location.label for party in finding.parties} == {"api.yaml:9:17", "web/values.yaml:1:11"}


def test_releases_in_clusters(tmp_path: Path) -> None:
    def duplicates(a: str, b: str) -> list[Confidence]:
        config = f"releases:\n- {{chart: web, name: a, namespace: a{a}}}\n- {{chart: web, name: b, namespace: b{b}}}\n"
        return [finding.confidence for finding in check_charts(tmp_path, WEB, config=config).findings]

    assert duplicates("", "") == [Confidence.LIKELY]
    assert duplicates(", cluster: one", ", cluster: two") == []
    assert duplicates(", cluster: one", ", cluster: one") == [Confidence.LIKELY]


@pytest.mark.parametrize(
    ("release", "message"),
    [
        ("{chart: none}", "there is no chart in 'none'"),
        ("{chart: web, values: [none.yaml]}", "the values file 'none.yaml' does not exist, or is no file"),
        ("{chart: ../web}", "must be a path inside the repository"),
        ("{chart: web, values: [/etc/passwd]}", "must be a path inside the repository"),
        ("{chart: web, name: --post-renderer=x}", "must be lower-case letters, digits and hyphens"),
        ("{name: web}", "needs the key 'chart'"),
        ("{chart: web, sets: []}", "unknown key 'sets' (did you mean 'set'?)"),
    ],
)
def test_mistakes_in_releases(tmp_path: Path, release: str, message: str) -> None:
    write_tree(tmp_path, {**WEB, ".nodeport-lint.yaml": f"releases:\n  - {release}\n"})
    done = run("check", "--no-cache", cwd=tmp_path, environment={"PATH": os.path.dirname(helm())})
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.startswith("nodeport-lint: error: .nodeport-lint.yaml:2:")


# --- without an engine ---------------------------------------------------------------------------


def test_no_engine(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            **WEB,
            "web/values-prod.yaml": "service:\n  nodePorts: {http: 30080, range: 30000}\n",
            "loose.yaml": "a: {node_port: '30555'}\nport: 30556\n",
        },
    )
    report = lint_tree(tmp_path, rendering=Rendering())
    assert report.statistics["charts_not_rendered"] == 1
    assert report.statistics["inert_node_ports"] == 3
    assert [(finding.rule, finding.confidence) for finding in report.findings] == [
        ("duplicate-node-port", Confidence.POSSIBLE)
    ]
    assert [party.location.label for party in report.findings[0].parties] == [
        "web/values-prod.yaml:2:21",
        "web/values.yaml:1:11",
    ]
    (notice,) = report.notices
    assert notice.message == "1 Helm chart not rendered, and only searched for numbers in values: --helm-engine none"


def test_no_helm_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(root: str) -> None:
        raise RenderError("load", "the extra nodeport-lint[helm] is not installed")

    monkeypatch.setattr("nodeport_lint.helm.embedded.HelmEmbedded.start", start)
    write_tree(tmp_path, WEB)
    report = lint_tree(tmp_path, rendering=Rendering("auto", str(tmp_path)))
    (notice,) = report.notices
    remedy = "(put helm 3 or 4 on PATH, or pip install 'nodeport-lint[helm]')"
    searched = "1 Helm chart not rendered, and only searched for numbers in values"
    assert notice.message == f"{searched}: no helm found on PATH {remedy}"


def test_an_engine_that_is_asked_for_and_missing(tmp_path: Path) -> None:
    write_tree(tmp_path, WEB)
    done = run("check", "--helm-engine", "cli", cwd=tmp_path, environment={"PATH": str(tmp_path)})
    assert (done.returncode, done.stderr) == (2, "nodeport-lint: error: --helm-engine cli: no helm found on PATH\n")


def test_require(tmp_path: Path) -> None:
    write_tree(tmp_path, WEB)
    done = run("check", "--helm-engine", "none", "--require", "helm", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "nodeport-lint: --require helm: 1 of 1 charts not rendered whole\n"
    done = run("check", "--no-cache", "--require", "helm", cwd=tmp_path, environment={"PATH": os.path.dirname(helm())})
    assert (done.returncode, done.stderr) == (0, "")


def test_a_program_of_the_tree_is_never_run(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            **WEB,
            "bin/helm": f"#!/bin/sh\ntouch {tmp_path}/ran\n",
            "helm_python.py": f"open({str(tmp_path / 'ran')!r}, 'w')",
        },
    )
    (tmp_path / "bin" / "helm").chmod(stat.S_IRWXU)
    link = tmp_path.parent / f"{tmp_path.name}-link"
    os.symlink(tmp_path / "bin", link)
    for path in (str(tmp_path / "bin"), "bin", ".", "", str(link)):
        done = run("check", "--no-cache", "--helm-engine", "cli", cwd=tmp_path, environment={"PATH": path})
        assert "no helm found" in done.stderr
    run(
        "check",
        "--no-cache",
        "--helm-engine",
        "auto",
        cwd=tmp_path,
        environment={"PATH": str(tmp_path / "bin"), "PYTHONPATH": str(tmp_path)},
    )
    assert not (tmp_path / "ran").exists()
    link.unlink()


def test_values_that_nothing_renders_count_as_taken(tmp_path: Path) -> None:
    write_tree(tmp_path, {**WEB, "web/values.yaml": "type: ClusterIP\nnodePort: null\nadmin: {nodePort: 30000}\n"})
    environment = {"PATH": os.path.dirname(helm())}
    assert run("next", "--no-cache", cwd=tmp_path, environment=environment).stdout == "30001\n"
    listed = json.loads(run("ports", "--no-cache", "--format", "json", cwd=tmp_path, environment=environment).stdout)
    assert [(entry["port"], entry["state"], entry["place"]) for entry in listed] == [
        ("30000", "inert", "web/values.yaml:3:19")
    ]


# --- the cache -----------------------------------------------------------------------------------


def test_what_was_rendered_is_not_rendered_again(tmp_path: Path) -> None:
    root, cache = tmp_path / "root", tmp_path / "cache"
    write_tree(root, {**WEB, ".nodeport-lint.yaml": LOW})
    count, log = tmp_path / "helm", tmp_path / "log"
    count.write_text(f'#!/bin/sh\necho "$1" >> {log}\nexec {helm()} "$@"\n')
    count.chmod(stat.S_IRWXU)

    def runs(**files: str) -> tuple[str, list[str]]:
        write_tree(root, {path.replace("__", "/") + ".yaml": text for path, text in files.items()})
        log.write_text("")
        done = run(
            "check", "--format", "concise", cwd=root, environment={"PATH": str(tmp_path), "XDG_CACHE_HOME": str(cache)}
        )
        return done.stdout, log.read_text().split()

    first, calls = runs()
    assert calls == ["version", "template", "template"]
    assert runs() == (first, [])
    changed, calls = runs(web__values="nodePort: 30081\n")
    assert calls == ["template", "template"]
    assert "30081" in changed
    assert runs(web__values="nodePort: 30080\n") == (first, [])
    for path in cache.rglob("*.json"):
        path.write_text('{"documents": [{"text": 1}], "failures": [1]}')
    assert runs()[0] == first
    shutil.rmtree(cache)
    cache.write_text("no directory")
    assert runs()[0] == first


def test_no_cache_keeps_nothing(tmp_path: Path) -> None:
    write_tree(tmp_path / "root", WEB)
    run(
        "check",
        "--no-cache",
        cwd=tmp_path / "root",
        environment={"PATH": os.path.dirname(helm()), "XDG_CACHE_HOME": str(tmp_path / "cache")},
    )
    assert not (tmp_path / "cache").exists()


def test_a_part_of_another_chart_is_judged_with_it(tmp_path: Path) -> None:
    parent = CHART.replace("web", "shop") + "dependencies: [{name: web, version: 1.0.0, repository: 'file://../web'}]\n"
    files = {
        **WEB,
        "web/values.yaml": "nodePort: 79\n",
        "shop/Chart.yaml": parent,
        "shop/values.yaml": "web: {nodePort: 30279}\n",
    }
    report = check_charts(tmp_path, files)
    assert labels(report) == ["shop/values.yaml:1:17 30279 shop"]
    assert report.statistics["charts_as_parts"] == 1
    broken = {**files, "shop/Chart.yaml": parent.replace("version", "x", 1)}
    assert "web/values.yaml:1:11 79 web" in labels(check_charts(tmp_path, broken)), (
        "no chart renders it: it is judged alone"
    )


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        ("1.x", True),
        ("~1.2.0", True),
        ("^2.0.0", False),
        (">=0.5", True),
        (">=2", False),
        ("*", True),
        ("", True),
        ("0.36.6", False),
    ],
)
def test_a_chart_of_another_major_version_is_another_chart(tmp_path: Path, wanted: str, taken: bool) -> None:
    parent = (
        CHART.replace("web", "shop")
        + f"dependencies: [{{name: web, version: '{wanted}', repository: 'https://example.org'}}]\n"
    )
    report = check_charts(tmp_path, {**WEB, "shop/Chart.yaml": parent, "shop/values.yaml": "web: {nodePort: 30279}\n"})
    assert ("shop/values.yaml:1:17 30279 shop" in labels(report)) == taken
    assert len(of_rule(report, "unrendered-chart")) == (not taken)


def test_a_quoted_number_is_one_number(tmp_path: Path) -> None:
    report = check_charts(tmp_path, {**WEB, "web/values.yaml": 'nodePort: "30080"\n'}, config="")
    assert report.findings == ()
    assert report.statistics["inert_node_ports"] == 0


def test_a_port_that_the_cluster_chooses_is_shown_at_the_type(tmp_path: Path) -> None:
    service = TEMPLATE.replace(
        "    - port: 80\n      nodePort: {{ .Values.nodePort }}\n", "    - name: db\n      port: 5432\n"
    )
    report = check_charts(tmp_path, {**WEB, "web/templates/service.yaml": service}, config="")
    (finding,) = of_rule(report, "sensitive-port-on-node-port")
    assert finding.location.label == "web/templates/service.yaml:6:3"


def test_a_load_balancer_opens_node_ports(tmp_path: Path) -> None:
    service = TEMPLATE.replace(
        "    - port: 80\n      nodePort: {{ .Values.nodePort }}\n", "    - port: 5432\n"
    ).replace("Values.type", "Values.service.type")
    files = {
        "web/Chart.yaml": CHART,
        "web/values.yaml": "service:\n  type: LoadBalancer\n",
        "web/templates/service.yaml": service.replace(' | default "NodePort"', ""),
    }
    assert len(of_rule(check_charts(tmp_path, files, config=""), "sensitive-port-on-node-port")) == 1


def test_computed_ports_show_what_is_their_own(tmp_path: Path) -> None:
    service = TEMPLATE.replace(
        "{{ .Values.nodePort }}",
        "{{ .Values.prefix }}{{ .Values.a }}\n    - port: 81\n      nodePort: {{ .Values.prefix }}{{ .Values.b }}\n    - port: 82\n      nodePort: {{ add 30940 1 }}",
    )
    report = check_charts(
        tmp_path, {**WEB, "web/templates/service.yaml": service, "web/values.yaml": "prefix: 302\na: 26\nb: 27\n"}
    )
    assert labels(report) == [
        "web/templates/service.yaml:13:24 30941 web",
        "web/values.yaml:2:4 30226 web",
        "web/values.yaml:3:4 30227 web",
    ]
    (finding,) = [finding for finding in report.findings if finding.parties[0].number == 30226]
    assert "computed from here" in finding.parties[0].role
    assert [place.label for place in finding.helpful] == ["web/values.yaml:1:9", "web/templates/service.yaml:9:7"]


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("modules:\n- web\nnodePort: 30081\n", True),
        ("modules: {web: 1}\nnodePort: 30081\n", True),
        ("modules: null\nnodePort: 30081\n", False),
        ("modules: {web: {include: false}, api: [1]}\nnodePort: 30081\n", False),
        ("other: [1]\nnodePort: 30081\n", False),
    ],
    ids=["a list", "a scalar", "null", "the same form", "another key"],
)
def test_a_file_beside_a_chart_in_another_form(tmp_path: Path, text: str, foreign: bool) -> None:
    files = {
        **WEB,
        "web/values.yaml": "nodePort: 30080\nmodules: {web: {include: true}}\n",
        "web/templates/service.yaml": f'{{{{- if (index .Values.modules "web").include }}}}{{{{ end }}}}\n{TEMPLATE}',
        "web/values-input.yaml": text,
    }
    report = check_charts(tmp_path, files)
    told = [notice.message for notice in report.notices if "beside charts" in notice.message]
    assert told == (["1 file beside charts set aside: called like values, and not in their form"] if foreign else [])
    variants = {unit.variant for finding in report.findings for party in finding.parties for unit in party.units}
    assert ("values-input.yaml" in variants) == ("null" not in text and not foreign)


def test_a_number_behind_a_switch_of_a_template_is_taken(tmp_path: Path) -> None:
    template = TEMPLATE.replace("{{ .Values.nodePort }}", "30002").replace("{{ .Release.Name }}", "zipkin")
    files = {**WEB, "web/templates/zipkin.yaml": f"{{{{- if .Values.zipkin }}}}\n{template}{{{{- end }}}}\n"}
    (finding,) = check_charts(tmp_path, {**files, "web/values.yaml": "nodePort: 30002\n"}, config="").findings
    assert (finding.rule, finding.confidence) == ("duplicate-node-port", Confidence.POSSIBLE)
    assert sorted(party.location.label for party in finding.parties) == [
        "web/templates/zipkin.yaml:10:17",
        "web/values.yaml:1:11",
    ]
    # Once the switch is on it is seen as what it is.
    (finding,) = check_charts(tmp_path, {"web/values.yaml": "nodePort: 30002\nzipkin: true\n"}, config="").findings
    assert finding.confidence == Confidence.CERTAIN


def test_two_switches_of_one_values_file(tmp_path: Path) -> None:
    """Two keys of one chart with one number: nothing asks for it yet, and both may."""
    values = "nodePort: 30080\na: {nodePort: 30081}\nb: {nodePort: 30081}\n"
    (finding,) = check_charts(tmp_path, {**WEB, "web/values.yaml": values}, config="").findings
    assert (finding.rule, finding.confidence) == ("duplicate-node-port", Confidence.POSSIBLE)
    assert sorted(party.location.label for party in finding.parties) == [
        "web/values.yaml:2:15",
        "web/values.yaml:3:15",
    ]
