"""What many charts cost that are versions of one: each file is opened once, and equal ones are one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from nodeport_lint import yamltext
from nodeport_lint.config import Config
from nodeport_lint.helm import selection
from nodeport_lint.helm.bundle import Charts
from nodeport_lint.helm.command import HelmCommand
from nodeport_lint.helm.release_files import ReleaseFiles
from nodeport_lint.helm.selection import Releases, select
from nodeport_lint.helm.states import State
from nodeport_lint.manifests import values
from nodeport_lint.tree import read_tree
from nodeport_lint.tree.files import OnDisk
from tests.counting import calls_of
from tests.make import CHART, TEMPLATE, WEB, check_charts, lint_tree, packed, write_tree

SWITCHED_OFF = "nodePort: 30500\n{{ if .Values.on }}\n- nodePort: 30501\n{{ end }}\n"
KID = packed({"Chart.yaml": CHART.replace("web", "kid"), "templates/kid.yaml": "kid: {{ .Values.a }}\n"}, "kid")
EQUAL: dict[str, str | bytes] = {
    "templates/off.yaml": SWITCHED_OFF, "templates/a.yaml": "a: {{ .Values.a }}\n", "values.yaml": "nodePort: 30080\n",
    "charts/kid.tgz": KID, "files/a.txt": "text",
}  # fmt: skip


def versions(count: int) -> dict[str, str | bytes]:
    """Charts whose files are equal but for their versions, and one that all of them take in."""
    files: dict[str, str | bytes] = {"lib/Chart.yaml": CHART.replace("web", "lib"), "lib/templates/l.yaml": "l: 1\n"}
    for index in range(count):
        needs = "dependencies: [{name: lib, version: 1.0.0, repository: 'file://../lib'}]\n"
        files[f"v{index}/Chart.yaml"] = CHART.replace("1.0.0", f"1.0.{index}") + needs
        files |= {f"v{index}/{path}": data for path, data in EQUAL.items()}
    return files


@pytest.mark.parametrize("count", [1, 6])
def test_each_file_is_opened_once_and_what_is_equal_is_looked_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    files = versions(count)
    opened = calls_of(monkeypatch, OnDisk, "read_sized")
    searched, read = calls_of(monkeypatch, selection, "speaks_of_node_ports"), calls_of(monkeypatch, yamltext, "read")
    write_tree(tmp_path, files)
    report = lint_tree(tmp_path)
    assert report.statistics["charts"] == count + 1
    assert report.statistics["inert_node_ports"] == 3 * count
    paths = Counter(path for _, path, _ in opened if path in files)
    assert paths == dict.fromkeys(files, 1)
    texts = Counter(data for (data,) in searched)
    assert texts and set(texts.values()) == {1}
    parsed = Counter(given[0] for given in read if "nodePort" in given[0])
    assert parsed == {"nodePort: 30080\n": 1}


@pytest.mark.parametrize("count", [1, 6])
def test_templates_are_searched_once_for_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    write_tree(tmp_path, versions(count))
    searched = calls_of(monkeypatch, values, "literals")
    report = lint_tree(tmp_path)
    assert [given[0] for given in searched] == [SWITCHED_OFF] * count, "one that holds no number is not taken apart"
    assert report.statistics["inert_node_ports"] == 3 * count


def selected(root: Path) -> tuple[Charts, selection.Selection]:
    tree = read_tree(str(root))
    charts = Charts(tree.files, tree.charts)
    return charts, select(charts, Releases(Config(), ReleaseFiles(tree.files)))


def test_equal_files_of_charts_are_held_once(tmp_path: Path) -> None:
    write_tree(tmp_path, versions(4))
    first, *others = selected(tmp_path)[1].bundles
    for path, data in first.inputs.items():
        if path != "chart/Chart.yaml":
            assert all(bundle.inputs[path] is data for bundle in others), path


def test_what_charts_say_of_themselves_outlives_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = {f"silent-{index}/templates/a.yaml": "a: 1\n" for index in range(3)}
    write_tree(tmp_path, {**versions(2), **silent, **{f"silent-{index}/Chart.yaml": CHART for index in range(3)}})
    charts, found = selected(tmp_path)
    assert [bundle.path for bundle in found.bundles] == ["v0", "v1"]
    assert [path for path, state in found.states.items() if state == State.WITHOUT_NODE_PORTS] == [
        "lib", "silent-0", "silent-1", "silent-2",
    ]  # fmt: skip
    charts.forget()
    opened = calls_of(monkeypatch, OnDisk, "read_sized")
    assert charts.components() == {"lib"}
    assert opened == []
    assert charts.bundle("silent-0").inputs, "what is asked for again is read again"


# --- which templates take part where numbers are followed ----------------------------------------

HEAVY = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: heavy}\ndata: {a: b}\n"
TYPE_ONLY = TEMPLATE.replace("nodePort: {{ .Values.nodePort }}", "name: web")


def rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str | bytes]
) -> tuple[list[dict[str, bytes]], list[str]]:
    """The inputs of all renders, and where the Services' node ports are shown to be written."""
    calls = calls_of(monkeypatch, HelmCommand, "render")
    report = check_charts(tmp_path, {**WEB, **files}, profile="strict")
    places = [party.location.label for finding in report.findings for party in finding.parties]
    return [dict(given[1]) for given in calls], places


def test_templates_without_objects_take_part_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    renders, places = rendered(tmp_path, monkeypatch, {"web/templates/zone.yaml": HEAVY})
    held = [inputs["chart/templates/zone.yaml"] != b"" for inputs in renders]
    assert held == [True, *[False] * (len(renders) - 1)] and len(renders) > 1
    assert places[0] == "web/values.yaml:1:11"


@pytest.mark.parametrize(
    ("heavy", "service"),
    [
        (HEAVY, TEMPLATE + '  sum: {{ include (print .Template.BasePath "/zone.yaml") . | quote }}\n'),
        (HEAVY + '{{ $_ := set .Values "type" "LoadBalancer" }}', TEMPLATE),
        (HEAVY + '{{ $_ := set .Values "more" "x" }}', TEMPLATE + "  more: {{ required .Values.more .Values.more }}\n"),
        (HEAVY + '{{ include "alter" . }}', TEMPLATE),
        (HEAVY + '{{ include "alter" . }}', TEMPLATE + "  more: {{ required .Values.more .Values.more }}\n"),
    ],
    ids=["included", "changes values", "is needed", "by another", "needed by another"],
)
def test_a_template_that_alters_objects_takes_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heavy: str, service: str
) -> None:
    alter = (
        '{{ define "alter" }}{{ $_ := set .Values "type" "LoadBalancer" }}{{ $_ := set .Values "more" "x" }}{{ end }}'
    )
    files: dict[str, str | bytes] = {
        "web/templates/zone.yaml": heavy, "web/templates/service.yaml": service, "web/templates/_alter.tpl": alter,
    }  # fmt: skip
    renders, places = rendered(tmp_path, monkeypatch, files)
    held = [inputs["chart/templates/zone.yaml"] != b"" for inputs in renders]
    tried_without = [True] if "set" in heavy else [True, False, True]
    assert held[: len(tried_without)] == tried_without and all(held[2:])
    assert places[0] == "web/values.yaml:1:11"


def test_what_defines_takes_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, str | bytes] = {"web/templates/zone.yaml": HEAVY + '{{ define "x" }}{{ end }}'}
    renders, _ = rendered(tmp_path, monkeypatch, files)
    assert all(inputs["chart/templates/zone.yaml"] for inputs in renders)


def test_marks_that_are_gone_leave_the_text() -> None:
    from nodeport_lint.provenance.tokens import unmarked

    assert unmarked("a: 1 # npl:3;\nb:  \r\nc # npl:4;\r\n  d: 'x  y'\n") == "a: 1\nb:\nc\n  d: 'x  y'\n"
