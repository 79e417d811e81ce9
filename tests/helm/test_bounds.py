"""Charts, their output and aliases made to take time or memory: the work grows no faster than the text, and has a total.

What archives may unpack to is in ``test_tar.py``.
"""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nodeport_lint import yamltext
from nodeport_lint.config import Release
from nodeport_lint.engines import rendered
from nodeport_lint.engines.outcome import traced
from nodeport_lint.engines.rendered import Watch
from nodeport_lint.engines.speaking import speaks_of_node_ports
from nodeport_lint.helm import comments as chart_comments
from nodeport_lint.helm import metadata, release_files, templates
from nodeport_lint.helm import printed as printed_room
from nodeport_lint.helm import reader as charts_room
from nodeport_lint.helm.bundle import TOP, Bundle, Charts, UnbundledError
from nodeport_lint.helm.chart_files import FileOrigin
from nodeport_lint.helm.values_sets import with_files
from nodeport_lint.manifests import reader as manifests
from nodeport_lint.manifests.custom import in_custom_resources
from nodeport_lint.manifests.objects import MAX_OBJECTS
from nodeport_lint.manifests.reader import ManifestReader
from nodeport_lint.model import Location, NodeportLintError
from nodeport_lint.model.render import Rendered, RenderedText, RenderOptions
from nodeport_lint.ports import PortRange
from nodeport_lint.provenance import Place, tokens
from nodeport_lint.provenance.nouns import Regions
from nodeport_lint.provenance.tracing import Seen, trace
from nodeport_lint.tree import read_tree
from nodeport_lint.tree.files import OnDisk
from nodeport_lint.yamltext.nodes import MAX_ALIASED_OBJECTS, MAX_EXPANSION, MAX_EXPANSION_OF_ALL
from tests.counting import Looked, calls_in, calls_of, giving_back, grows_linearly
from tests.make import WEB, check_charts, labels, lint_tree, of_rule, write_tree
from tests.provenance.fake import FakeEngine, service, whole_trace

# --- numbers and comments of inputs ----------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern",
    [tokens._NUMBER, tokens._COMMENT, tokens._COMMENT_END, tokens.DECIMAL, tokens._FOUR_OR_FIVE, tokens._MARKED,
     tokens._UNMARKABLE_END, tokens.MARK],
    ids=lambda pattern: pattern.pattern[:20],
)  # fmt: skip
def test_no_pattern_of_tokens_gives_back(pattern: re.Pattern[str]) -> None:
    assert giving_back(pattern) == []


def test_comments_are_found_once() -> None:
    grows_linearly(lambda n: lambda: tokens.candidates({"a": "30080\n" * n + "{{/*" * n}, {30080}, {}))
    grows_linearly(lambda n: lambda: tokens.candidates({"a": "30080 {{/* 30080 */}}" * n}, {30080}, {}))


def test_comments_that_speak_to_us_are_found_once() -> None:
    assert giving_back(chart_comments._COMMENT_START) == []
    assert chart_comments._comment_in("a {{/* nodeport-lint: x */}} # nodeport-lint: y") == (2, " x ")
    assert chart_comments._comment_in("{{/* nodeport-lint: x # nodeport-lint: y") == (22, " y")
    open_ones = "{{/* nodeport-lint: x " * 100
    assert chart_comments._comment_in(open_ones) is None
    assert calls_in(lambda: chart_comments._comment_in(open_ones), "find") == 1


def test_a_line_of_numbers_is_looked_at_once() -> None:
    looked = []
    for count in (500, 2000):
        Looked.looked = 0
        assert len(tokens.candidates({"a.yaml": Looked("a: 30080 " * count)}, {30080}, {})) == count
        looked.append(Looked.looked)
    assert looked[1] <= 5 * looked[0]


def test_the_first_numbers_are_kept_and_no_more() -> None:
    text = "30081 30080 " * 5000
    held = []
    for most in (None, 10):
        tracemalloc.start()
        found = tokens.candidates({"b": text, "a": text}, {30080, 30081}, {}, most)
        held.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert [one.place.path for one in found[:2]] == ["a", "a"]
        assert {one.value for one in found[:10]} == {30080}
    assert len(found) == 10
    assert held[1] < held[0] / 50


def test_many_values_are_not_looked_for_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    spelt = calls_of(monkeypatch, tokens, "_spellings")
    assert len(tokens.candidates({"a": "30080"}, set(range(30000, 32767)), {})) == 1
    assert len(spelt) == 0


@pytest.mark.parametrize("digits", [5000, 50_000])
def test_numbers_of_many_digits_are_none(digits: int) -> None:
    assert tokens.value_of("9" * digits) is None
    assert tokens.value_of(f"1.{'0' * digits}") is None


def test_texts_are_decoded_one_by_one() -> None:
    inputs = {f"chart/{index}.txt": b"30080 " + b"x" * (1 << 20) for index in range(20)}
    tracemalloc.start()
    texts = tokens.Texts(inputs, inputs)
    assert len(tokens.candidates(texts, {30080}, {})) == 20
    assert tokens.written_numbers(texts.values()) == {30080}
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < 4 << 20


# --- traces ----------------------------------------------------------------------------------------


class Printing(FakeEngine):
    """Prints the texts, whatever it is given."""

    def __init__(self, texts: list[str], keeps_comments: bool = False) -> None:
        super().__init__(lambda v, t: texts, keeps_comments)


def many(count: int) -> list[str]:
    return [service(30000 + index, name=f"web-{index}") for index in range(count)]


def test_names_of_documents_are_not_copied_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    copied = []

    class Counted(tuple[Any, ...]):
        def __new__(cls, items: Any = ()) -> Any:
            made = tuple(items)
            copied.append(len(made))
            return made

    monkeypatch.setattr("nodeport_lint.provenance.tracing.tuple", Counted, raising=False)
    for count in (50, 200):
        copied.clear()
        Seen(Rendered(tuple(RenderedText(text, None) for text in many(count))), Watch(), {})
        assert sum(copied) <= 5 * count


@pytest.mark.parametrize(
    "make",
    [
        lambda numbers: [service(number, name=f"web-{number * 7}") for number in numbers],
        lambda numbers: [service(number + 1, name=f"web-{number}") for number in numbers],
        lambda numbers: [service(number, name=f"web-{index}") for index, number in enumerate(numbers)],
    ],
    ids=["moved", "computed", "as they are"],
)
def test_tracing_many_numbers(make: Callable[[list[int]], list[str]]) -> None:
    def traces(count: int) -> Callable[[], object]:
        values = "".join(f"p{index}: {30000 + index}\n" for index in range(count))
        return lambda: whole_trace(lambda v, t: make([v[f"p{index}"] for index in range(count)]), values, most=6)

    grows_linearly(traces, 100)


def test_a_document_of_many_services_is_cut_into_lines_once() -> None:
    one = "{{apiVersion: v1, kind: Service, metadata: {{name: a{0}}}, spec: {{ports: [{{nodePort: {0}}}]}}}}"
    items = ",\n".join(one.format(30000 + index) for index in range(50))
    engine = Printing([f"kind: List\napiVersion: v1\nitems: [{items}]\n"], keeps_comments=True)
    inputs = {"chart/templates/service.yaml": b"nodePort: 30000\n"}
    first = engine.render(inputs, RenderOptions())
    assert calls_in(lambda: trace(engine, inputs, RenderOptions(), first, Watch(), 1), "split") < 10


def test_regions_and_literals_are_looked_up() -> None:
    text = "\ufeffa: 1\n" + "{{ .x }} 30080 {{ 30080 }} {{ .Values.p | default 30080 }}\n" * 200
    places = [Place("t", match.start(), match.end()) for match in re.finditer("30080", text)]
    regions, literals = Regions(text), templates.Literals(text)
    assert [(regions.of(place).line, regions.of(place).column) for place in places[:3]] == [(2, 10), (2, 19), (2, 51)]
    assert [literals.holds(place.start) for place in places[:3]] == [True, True, False]
    assert calls_in(lambda: [regions.of(place) for place in places]) < 20 * len(places)
    Looked.looked = 0
    literals = templates.Literals(Looked(text))
    assert all(literals.holds(place.start) in (True, False) for place in places)
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


def printed(texts: list[str]) -> tuple[int, list[str]]:
    """How many Services are kept of an output, and what is said of it."""
    engine, inputs = Printing(texts), {"chart/values.yaml": b""}
    documents, failures, _ = traced(engine, inputs, RenderOptions(), engine.render(inputs, RenderOptions()))
    return sum(len(document.objects) for document in documents), [failure.message for failure in failures]


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("equal", [False, True])
def test_services_of_one_output(monkeypatch: pytest.MonkeyPatch, together: bool, equal: bool) -> None:
    monkeypatch.setattr(rendered, "MAX_SERVICES", 30)
    texts = [service(30000, name="web")] * 50 if equal else many(50)
    if together:
        items = "".join(f"- {text.rstrip()}\n".replace("\n", "\n  ").rstrip() + "\n" for text in texts)
        texts = [f"apiVersion: v1\nkind: List\nitems:\n{items}"]
    assert printed(texts) == (30, ["it gives more than 30 Services"])
    assert printed(many(30)) == (30, [])


def test_numbers_and_text_of_one_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered, "MAX_NUMBERS", 10)
    assert printed([service(*range(30000, 30006)), service(*range(30010, 30016), name="b")])[1] == [
        "it gives more than 10 node ports"
    ]
    monkeypatch.setattr(rendered, "MAX_TEXT", 1000)
    assert printed([f"{text}# {'x' * 300}\n" for text in many(5)]) == (2, ["it gives Services in more than 0 MB"])


def test_outputs_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = calls_of(monkeypatch, rendered, "read_objects")
    watch = Watch()
    for _ in range(5):
        assert len(watch(many(20))) == 20
    assert len(parsed) == 20


def test_a_chart_that_prints_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered, "MAX_SERVICES", 40)
    text = WEB["web/templates/service.yaml"].replace("{{ .Release.Name }}", "web{{ . }}").replace(".Values", "$.Values")
    report = check_charts(
        tmp_path, {**WEB, "web/templates/service.yaml": f"{{{{ range until 60 }}}}\n---\n{text}{{{{ end }}}}"}
    )
    assert len(labels(report)) == 40
    (finding,) = of_rule(report, "unrendered-chart")
    assert finding.message.endswith("it gives more than 40 Services")
    assert finding.location.path == "web/templates/service.yaml"


def test_services_of_all_charts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts_room, "MAX_HELD", 400)
    files = {f"{name}/{path[4:]}": text for name in ("a", "b", "c", "d") for path, text in WEB.items()}
    report = check_charts(tmp_path, files)
    assert 0 < len(labels(report)) < 4
    assert any(
        "the Services of all charts hold more than" in one.message for one in of_rule(report, "unrendered-chart")
    )


def test_files_of_all_charts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts_room, "MAX_INPUTS", 7)
    report = check_charts(
        tmp_path, {f"{name}/{path[4:]}": text for name in ("a", "b", "c") for path, text in WEB.items()}
    )
    (finding,) = of_rule(report, "unrendered-chart")
    assert "more than 7 files in all charts" in finding.message


# --- releases --------------------------------------------------------------------------------------


def test_a_values_file_of_many_releases_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoken = calls_of(monkeypatch, charts_room, "speaks_of_node_ports")
    kept = calls_of(monkeypatch, charts_room, "with_files")
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


# --- aliases ---------------------------------------------------------------------------------------


def lists(width: int, kind: str = "List") -> str:
    one = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{nodePort: 30080}]}}"
    below = f"{{apiVersion: v1, kind: {kind}, items: [{', '.join(['*s'] * width)}]}}"
    return f"apiVersion: v1\nkind: List\nx: &s {one}\ny: &l {below}\nitems: [{', '.join(['*l'] * width)}]\n"


def read(root: Path, files: dict[str, str]) -> tuple[int, list[str], yamltext.Expansion]:
    write_tree(root, files)
    expansion = yamltext.Expansion()
    reader = ManifestReader(OnDisk(str(root)), read_tree(str(root)).manifests, ["nodePort"], expansion=expansion)
    return len(list(reader.documents())), [problem.message for problem in reader.problems], expansion


def test_objects_that_aliases_lead_to_have_a_total(tmp_path: Path) -> None:
    found, problems, _ = read(tmp_path, {f"{name}.yaml": lists(60, "ServiceList") for name in "abcdefgh"})
    assert found == MAX_ALIASED_OBJECTS < MAX_OBJECTS
    assert problems == [f"aliases of all files lead to more than {MAX_ALIASED_OBJECTS:,} objects"] * 3


def test_services_that_aliases_lead_to_are_read(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.yaml": lists(3)})
    assert lint_tree(tmp_path).statistics["services"] == 9


@pytest.mark.parametrize("files", [1, 40])
def test_what_aliases_expand_to_has_a_total(tmp_path: Path, files: int) -> None:
    merge = f"x: &a {{{', '.join(f'k{index}: v' for index in range(200))}}}\n"
    document = f"apiVersion: v1\nkind: Service\n{merge}nodePort: [{', '.join(['{<<: *a}'] * 250)}]\n"
    texts = {f"{index}.yaml": "---\n".join([document] * (40 // files)) for index in range(files)}
    found, problems, expansion = read(tmp_path, texts)
    each = 250 * 401 - 2 * 401
    assert found == MAX_EXPANSION_OF_ALL // each or abs(found * each - MAX_EXPANSION_OF_ALL) < 2 * each
    assert problems == ["aliases of all files expand to more than 1,000,000 nodes"] * min(files, 40 - found)
    assert expansion.nodes >= 0


def test_a_bomb_of_values_is_told(tmp_path: Path) -> None:
    text = f"x: &a [{', '.join(['1'] * 1000)}]\nnodePort: [{', '.join(['*a'] * 300)}]\n"
    assert read(tmp_path, {"values.yaml": text})[:2] == (0, [f"aliases expand to more than {MAX_EXPANSION:,} nodes"])


def test_long_text_counts_as_many_nodes() -> None:
    text = f"a: &a {'x' * 100_000}\nb: [{', '.join(['*a'] * 300)}]\n"
    assert "aliases expand" in yamltext.read(text).broken[0].message


@pytest.mark.parametrize(
    "text",
    ["a: 1\n" * 500, f"a: [{', '.join(['1'] * (MAX_EXPANSION + 10))}]\nb: &b 1\nc: *b\n", "a: &a {x: 1}\nb: *a\n"],
    ids=["none", "one in a large text", "one"],
)
def test_aliases_that_lead_to_little_take_nothing(text: str) -> None:
    expansion = yamltext.Expansion(nodes=0)
    stream = yamltext.read(text, expansion=expansion)
    assert (len(stream.roots), stream.broken, expansion.refused) == (1, [], False)


def test_aliases_in_an_output(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = lists(60)
    assert printed([text])[1] == ["it gives more than 3,000 Services"]
    bomb = f"{service(30080)}x: &a [{', '.join(['1'] * 1000)}]\ny: [{', '.join(['*a'] * 150)}]\n"
    kept, told = printed([bomb.replace("name: web", f"name: w{index}") for index in range(9)])
    assert (kept, told) == (6, ["its aliases lead to more than is read"])
    report = check_charts(tmp_path, {**WEB, **{f"web/crds/{index}.yaml": bomb for index in range(9)}})
    findings = [finding for finding in report.findings if "aliases lead to too much" in finding.message]
    assert findings[0].location.path == "web/crds/6.yaml"


def test_texts_in_custom_resources_are_cut_once(tmp_path: Path) -> None:
    one = "apiVersion: a.example.com/v1\nkind: A\nmetadata: {name: a}\nspec:\n  values: |\n    nodePort: 30080\n    b: 1\n"
    write_tree(tmp_path, {"a.yaml": "---\n".join([one] * 30)})
    documents = list(
        ManifestReader(OnDisk(str(tmp_path)), read_tree(str(tmp_path)).manifests, ["nodePort"]).documents()
    )
    among = PortRange(30000, 32767)
    assert len(list(in_custom_resources(documents, among))) == 30
    # The lines of each value, and those of the file once.
    assert calls_in(lambda: list(in_custom_resources(documents, among)), "split") == 31


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


# --- text that speaks of node ports ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("nodePort: 30080", True), ("type: LoadBalancer", True), ("node{{ .Values.a }}: 30080", True),
        ("{{ .Values.a }}Port: 30080", True), ('- "n{{ .a }}": 3', True), ("n{{ .a }}x{{ .b }}: 1", True),
        ("node\n{{- .a }}: 3", True), ("{{ .a -}}\n  Port: 3", True), ("{{ if x }}node{{ .y }}: 3{{ end }}", True),
        ('{"node{{ . }}":3}', True), ("node{{ .a }}:{{ .b }}", True), ("node{{\n.a }}: 3", True),
        ('"node\\x50ort": 3', True), ('"\\u006eodePort": 3', True), ('"\\U0000006eodePort": 3', True),
        ('? "node\\\n   Port"\n: 3', True), ("healthCheck{{ .a }}: 3", True),
        ("{{ .a }}: 30080", False), ("host: node{{ .i }}", False), ("host: node{{ .i }}:8080", False),
        ("{{- end -}}\n  port: 80", False), ("my-node{{ . }}: 3", False), ("{{ .x }}-port: 1", False),
        ("node{{ .a", False), ("x: {{ .x }}t", False), ('"node\\\\x50ort": 3', False), ("port: 80", False),
    ],
)  # fmt: skip
def test_which_text_speaks_of_node_ports(text: str, speaks: bool) -> None:
    assert speaks_of_node_ports(text.encode()) == speaks
    assert speaks_of_node_ports(text.encode("utf-16")) == speaks


def test_keys_of_actions_are_followed_once() -> None:
    grows_linearly(lambda n: lambda: speaks_of_node_ports(b"n{{}}" * n))
    grows_linearly(lambda n: lambda: speaks_of_node_ports(b"n{{" * n))


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


def test_large_files_are_searched_up_to_a_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOO_LARGE", "LARGE"):
        monkeypatch.setattr(manifests, name, 1_000)
    write_tree(tmp_path, {f"{number}.yaml": "# x\n" * 1_000 for number in range(4)})
    reader = ManifestReader(OnDisk(str(tmp_path)), read_tree(str(tmp_path)).manifests, ["nodePort"], left=10_000)
    assert list(reader.documents()) == []
    assert [(problem.location.path, problem.message) for problem in reader.problems] == [
        ("2.yaml", "not read: 0 MB, of which 0 MB were searched for node ports"),
        ("3.yaml", "not read: 0 MB, of which 0 MB were searched for node ports"),
    ]
