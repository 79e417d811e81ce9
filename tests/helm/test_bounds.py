"""Charts made to take time or memory: the work grows no faster than the text, and has a total.

What archives may unpack to is in ``test_tar.py``.
"""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import pytest

from nodeport_lint.config import Release
from nodeport_lint.engines import rendered
from nodeport_lint.helm import comments as chart_comments
from nodeport_lint.helm import jobs, metadata, release_files, selection, templates
from nodeport_lint.helm import printed as printed_room
from nodeport_lint.helm import reader as charts_room
from nodeport_lint.helm.bundle import TOP, Bundle, Charts, UnbundledError
from nodeport_lint.helm.chart_files import FileOrigin
from nodeport_lint.helm.values_sets import with_files
from nodeport_lint.model import Location, NodeportLintError
from nodeport_lint.provenance import Place
from nodeport_lint.tree.files import OnDisk
from nodeport_lint.yamltext.lines import Lines
from tests.counting import Looked, calls_in, calls_of, giving_back
from tests.make import WEB, check_charts, labels, of_rule, write_tree

# --- texts of a chart ------------------------------------------------------------------------------


def test_comments_that_speak_to_us_are_found_once() -> None:
    assert giving_back(chart_comments._COMMENT_START) == []
    assert chart_comments._comment_in("a {{/* nodeport-lint: x */}} # nodeport-lint: y") == (2, " x ")
    assert chart_comments._comment_in("{{/* nodeport-lint: x # nodeport-lint: y") == (22, " y")
    open_ones = "{{/* nodeport-lint: x " * 100
    assert chart_comments._comment_in(open_ones) is None
    assert calls_in(lambda: chart_comments._comment_in(open_ones), "find") == 1


def test_regions_and_literals_are_looked_up() -> None:
    text = "\ufeffa: 1\n" + "{{ .x }} 30080 {{ 30080 }} {{ .Values.p | default 30080 }}\n" * 200
    places = [Place("t", match.start(), match.end()) for match in re.finditer("30080", text)]
    regions = Lines(text)
    assert [regions.position(place.start) for place in places[:3]] == [(2, 10), (2, 19), (2, 51)]
    assert calls_in(lambda: [regions.region(place.start, place.end) for place in places]) < 20 * len(places)
    Looked.looked = 0
    literals = templates.Literals(Looked(text))
    assert [literals.holds(place.start) for place in places] == [True, True, False] * 200
    assert Looked.looked == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("web/templates/a.yaml:3:4\nx\ny", ("web/templates/a.yaml", "3", "x\ny")),
        ("c:/web/a.yaml:3:4\n", ("c:/web/a.yaml", "3", "")),
        ("web/a:1:2:3:4\nx", ("web/a:1:2", "3", "x")),
        ("//a:3:4\n", ("//a", "3", "")),
        ("a.yaml:3:4\nx", None),
        ("/:3:4\nx", None),
        ("a/:3:4\nx", None),
        ("a b/c:3:4\nx", None),
        (":3:4\nx", None),
        ("web/a.yaml:3\nx", None),
    ],
)
def test_a_place_of_an_error_is_looked_for_once(text: str, found: tuple[str, ...] | None) -> None:
    match = printed_room._BARE_PLACE.search(text)
    assert (match and match.groups()) == found
    assert giving_back(printed_room._BARE_PLACE) == []


# --- what a chart prints ---------------------------------------------------------------------------


def test_a_chart_that_prints_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered, "MAX_SERVICES", 40)
    text = WEB["web/templates/service.yaml"].replace("{{ .Release.Name }}", "web{{ . }}").replace(".Values", "$.Values")
    report = check_charts(
        tmp_path, {**WEB, "web/templates/service.yaml": f"{{{{ range until 60 }}}}\n---\n{text}{{{{ end }}}}"}
    )
    assert len(labels(report)) == 40
    (finding,) = of_rule(report, "limit-reached")
    assert finding.message.endswith("it gives more than 40 Services")
    assert finding.location.path == "web/templates/service.yaml"


def test_services_of_all_charts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts_room, "MAX_HELD", 400)
    files = {f"{name}/{path[4:]}": text for name in ("a", "b", "c", "d") for path, text in WEB.items()}
    report = check_charts(tmp_path, files)
    assert 0 < len(labels(report)) < 4
    assert any("the Services of all charts hold more than" in one.message for one in of_rule(report, "limit-reached"))


def test_files_of_all_charts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "MAX_INPUTS", 7)
    report = check_charts(
        tmp_path, {f"{name}/{path[4:]}": text for name in ("a", "b", "c") for path, text in WEB.items()}
    )
    (finding,) = of_rule(report, "limit-reached")
    assert "more than 7 files in all charts" in finding.message


# --- releases --------------------------------------------------------------------------------------


def test_a_values_file_of_many_releases_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoken = calls_of(monkeypatch, selection, "speaks_of_node_ports")
    kept = calls_of(monkeypatch, jobs, "with_files")
    releases = "".join(f"- {{chart: web, name: r{index}, values: [v.yaml]}}\n" for index in range(5))
    check_charts(tmp_path, {**WEB, "v.yaml": "nodePort: 30090\n"}, config=f"releases:\n{releases}")
    assert len(kept) == 5
    assert len({id(files["v.yaml"]) for _, files, *_ in kept}) == 1
    assert len(spoken) <= len(WEB) + 1


def test_a_release_copies_no_inputs() -> None:
    inputs = {f"{TOP}/{index}": b"" for index in range(3000)}
    bundle = Bundle("a", "a", inputs, {path: FileOrigin(path) for path in inputs}, (), False, ())
    tracemalloc.start()
    all_of_them = [with_files(bundle, {"v.yaml": b"a"}, [("@set/0", "a=1")]) for _ in range(50)]
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 200_000
    assert list(all_of_them[0].inputs) == [*inputs, "user/v.yaml", "@set/0"]
    assert all_of_them[0].location("user/v.yaml").path == "v.yaml"


# --- metadata --------------------------------------------------------------------------------------


@pytest.mark.parametrize("of_sub_chart", [False, True])
def test_metadata_has_a_bound_and_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_sub_chart: bool
) -> None:
    large = WEB["web/Chart.yaml"].replace("web", "lib") + "# comment\n" * 60_000
    files = {"lib/Chart.yaml": large if of_sub_chart else large[:1000]}
    needs = "dependencies: [{name: lib, version: 1.0.0, repository: 'file://../lib'}]\n"
    files |= {f"a{index}/Chart.yaml": WEB["web/Chart.yaml"] + needs for index in range(20)}
    write_tree(tmp_path, files)
    parsed = calls_of(monkeypatch, metadata, "_parsed")
    charts = Charts(OnDisk(str(tmp_path)), sorted(path.removesuffix("/Chart.yaml") for path in files))
    for index in range(20):
        charts.bundle(f"a{index}")
    charts.components()
    assert len(parsed) <= 5
    if of_sub_chart:
        with pytest.raises(UnbundledError, match=r"larger than 0.5 MB"):
            charts.bundle("lib")


# --- keys that are put together, and values that an engine is given --------------------------------


@pytest.mark.parametrize("key", ["node{{ .Values.key }}", '"node\\x50ort"', "{{ .Values.node }}Port"])
def test_a_key_that_is_put_together(tmp_path: Path, key: str) -> None:
    files = {
        "web/Chart.yaml": WEB["web/Chart.yaml"], "web/values.yaml": "key: Port\nnode: node\nnumber: 30080\n",
        "web/templates/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n"
        f"  type: NodePort\n  ports:\n  - port: 80\n    {key}: {{{{ .Values.number }}}}\n",
    }  # fmt: skip
    assert labels(check_charts(tmp_path, files)) == ["web/values.yaml:3:9 30080 web"]


def test_values_that_the_engine_is_given_have_a_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_files, "MAX_GIVEN", 100)
    write_tree(tmp_path, {"v.yaml": "x" * 30})
    files = release_files.ReleaseFiles(OnDisk(str(tmp_path)))
    place = Location(".nodeport-lint.yaml")
    releases = [Release("web", place, name=f"r{number}", values=(("v.yaml", place),)) for number in range(4)]
    for release in releases[:3] * 5:
        assert files.of(release) == {"v.yaml": b"x" * 30}
    with pytest.raises(NodeportLintError, match="values of more than"):
        files.of(releases[3])
