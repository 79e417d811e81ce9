"""Charts made to take time or memory: the work grows no faster than the text, and has a total.

What archives may unpack to is in ``test_tar.py``.
"""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Mapping
from pathlib import Path

import pytest

from nodeport_lint import yamltext
from nodeport_lint.config import Release, parse_config
from nodeport_lint.engines import rendered
from nodeport_lint.engines.outcome import Failure, Outcome
from nodeport_lint.helm import bundle as bundle_room
from nodeport_lint.helm import chart_files, jobs, metadata, release_files, selection, templates
from nodeport_lint.helm import comments as chart_comments
from nodeport_lint.helm import printed as printed_room
from nodeport_lint.helm import problems as problems_room
from nodeport_lint.helm import reader as charts_room
from nodeport_lint.helm.bundle import TOP, Bundle, Charts, UnbundledError
from nodeport_lint.helm.chart_files import FileOrigin
from nodeport_lint.helm.states import State
from nodeport_lint.helm.values import ValuesTexts
from nodeport_lint.helm.values_sets import by_convention, with_files
from nodeport_lint.model import LIMIT, Location, NodeportLintError
from nodeport_lint.model.clock import Clock
from nodeport_lint.provenance import Place
from nodeport_lint.reading import read_all
from nodeport_lint.tree import read_tree
from nodeport_lint.tree.files import OnDisk
from nodeport_lint.yamltext.lines import Lines
from tests.counting import Looked, Ticks, calls_in, calls_of, giving_back
from tests.make import CHART, WEB, chart, check_charts, labels, of_rule, packed, write_tree

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


# --- what a bound takes is told ----------------------------------------------------------------------

TWO = "apiVersion: v1\nkind: Service\nmetadata: {name: two}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}\n"
GETS = '{{ .Files.Get "z.txt" }}\n'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"templates/a/b/c/s.yaml": TWO}, "templates/a/b/c: more than 3 directories deep"),
        ({"templates/s.yaml": f"# {'x' * 2000}\n{TWO}"}, "templates/s.yaml: larger than 0 MB"),
        ({"charts/sub-1.0.0.tgz": packed({"templates/s.yaml": f"# {'x' * 2000}\n{TWO}", "Chart.yaml": chart("sub")})},
         "charts/sub-1.0.0.tgz/templates/s.yaml: larger than 0 MB"),
        ({"templates/s.yaml": GETS, "a.txt": "", "b.txt": "", "z.txt": TWO}, "z.txt: beyond 2 files or 32 MB that are no templates"),
        ({"charts/sub/templates/s.yaml": GETS, "a/b/c/d/z.txt": TWO}, "a/b/c/d: more than 3 directories deep"),
        ({"templates/s.yaml": "a: b\n", "a.txt": "", "b.txt": "", "z.txt": TWO}, ""),
    ],
    ids=["depth", "size", "size in an archive", "count", "depth of another file", "a file that nothing reads"],
)  # fmt: skip
def test_what_a_bound_takes_of_a_chart(
    files: dict[str, str | bytes], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, most in {"MAX_DEPTH": 3, "MAX_FILE": 1000, "MAX_OTHER_FILES": 2}.items():
        monkeypatch.setattr(chart_files, name, most)
    found = selected(tmp_path, {**{f"web/{path}": data for path, data in files.items()}, "web/Chart.yaml": CHART})
    told = [f"the chart in web is read without web/{expected}"] if expected else []
    assert [(problem.kind, problem.message) for problem in found.read.problems] == [(LIMIT, text) for text in told]
    assert len(found.read.notices) == (not expected)


def test_what_a_bound_takes_of_a_part_of_many_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart_files, "MAX_DEPTH", 2)
    needs = "dependencies: [{name: lib, version: 1.0.0, repository: 'file://../lib'}]\n"
    files = {f"a{index}/Chart.yaml": chart(f"a{index}", needs) for index in range(3)}
    paths = {f"lib/templates/a/{name}/s.yaml": TWO for name in "cde"}
    found = selected(tmp_path, {**files, **paths, "lib/Chart.yaml": chart("lib")})
    assert [problem.message for problem in found.read.problems] == [
        "the chart in a0 is read without lib/templates/a/c and 2 others: more than 2 directories deep"
    ]


def selected(root: Path, files: Mapping[str, str | bytes], clock: Clock | None = None) -> selection.Selection:
    write_tree(root, files)
    tree = read_tree(str(root))
    charts = Charts(tree.files, tree.charts, (clock or Clock()).stage("reading charts").over)
    return selection.select(
        charts, selection.Releases(parse_config("", "c.yaml"), release_files.ReleaseFiles(tree.files))
    )


def test_one_chart_does_not_read_all_others_when_the_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the name of a dependency every chart of the tree may be meant."""
    needs = "dependencies: [{name: lib, version: 1.0.0, repository: 'https://example.com'}]\n"
    files = {"a/Chart.yaml": chart("a", needs), **{f"b{index}/Chart.yaml": chart(f"b{index}") for index in range(20)}}
    read = calls_of(monkeypatch, bundle_room, "read_directory")
    found = selected(tmp_path, files, Clock(9, now=Ticks(), held=lambda: 0))
    assert 1 < len(read) < 8
    lost = {problem.location.path for problem in found.read.problems if problem.kind == LIMIT}
    assert {f"b{index}/Chart.yaml" for index in range(20)} <= lost | {f"{path}/Chart.yaml" for _, path in read}
    assert len(lost) > 12


def test_a_set_that_a_limit_ended_is_no_other_form(tmp_path: Path) -> None:
    write_tree(tmp_path, {**WEB, "web/values.yaml": "modules: {}\n", "web/values-input.yaml": "modules: [1]\n"})
    found = Charts(OnDisk(str(tmp_path)), ["web"]).bundle("web")
    sets, _ = by_convention(found)
    for kind, state, messages in (("timeout", State.IN_PART, 1), ("template", State.RENDERED, 0)):
        outcomes = [Outcome([], []), Outcome([], [Failure("chart", kind, "it did not end", None, None)])]
        results = [(found, chosen, outcome) for chosen, outcome in zip(sets, outcomes, strict=True)]
        told = problems_room.of_chart(results, Clock())
        assert (told.state, len(told.problems), len(told.foreign)) == (state, messages, not messages)


def test_forms_are_compared_once_and_while_there_is_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sets = {f"web/values-{index}.yaml": "modules: [1]\n" for index in range(6)}
    write_tree(tmp_path, {**WEB, "web/values.yaml": "modules: {}\n", **sets})
    found = Charts(OnDisk(str(tmp_path)), ["web"]).bundle("web")
    failed = Outcome([], [Failure("chart", "template", "no", None, None)])
    results = [(found, chosen, failed) for chosen in by_convention(found)[0][1:]]
    read = calls_of(monkeypatch, yamltext, "mapping_of")
    assert len(problems_room.of_chart(results, Clock()).foreign) == 6
    assert len(read) == 1 + 6
    read.clear()
    told = problems_room.of_chart(results, Clock(3, now=Ticks()))
    assert (len(told.foreign), len(read), len(told.problems)) == (2, 3, 1)


def test_values_that_there_is_no_time_for_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"web/values-{index}.yaml": f"nodePort: {30090 + index}\n" for index in range(9)}
    write_tree(tmp_path, {**WEB, **files})
    read = calls_of(monkeypatch, ValuesTexts, "of")
    inventory, *_ = read_all(
        str(tmp_path), parse_config("", "c.yaml"), [], clock=Clock(31, now=Ticks(), held=lambda: 0)
    )
    told = [problem.message for problem in inventory.problems if "values" in problem.message]
    assert told == [
        "the values of the chart in web are not read to the end: the 5 s for reading values of charts are over"
    ]
    assert 0 < len(read) == len(inventory.values) < 9
