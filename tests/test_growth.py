"""Twice the input costs twice the work: formats, commands and checks, counted in calls and never in seconds.

Paths in reports are texts whose comparisons are calls of their own, so that a search in a list is seen, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from nodeport_lint import linter
from nodeport_lint.checks import dynamic_band, unique
from nodeport_lint.cli import unitlist
from nodeport_lint.cli.output import write_report
from nodeport_lint.cli.portlist import RENDERERS, entries
from nodeport_lint.clusters.objects import Census
from nodeport_lint.config import Config, parse_config
from nodeport_lint.formats import FORMATS, load_format
from nodeport_lint.model import (
    Finding,
    Inventory,
    Layout,
    Location,
    Notice,
    Object,
    Party,
    PortRange,
    Region,
    Report,
    Reservation,
    Rule,
    Unit,
    UnitKind,
)
from nodeport_lint.reading import read_all
from nodeport_lint.registry import allocation
from nodeport_lint.registry.allocation import Allocation
from nodeport_lint.rulebook.choice import choose_rules
from nodeport_lint.rulebook.pages import builtin_pages
from tests.counting import calls_in, grows_linearly, lines_in
from tests.make import declaration, lint_tree, write_tree


class Loud(str):
    """A text whose comparisons are calls that a profiler sees."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return str.__ne__(self, other)

    def __lt__(self, other: str) -> bool:
        return str.__lt__(self, other)

    def __hash__(self) -> int:
        return str.__hash__(self)


@pytest.mark.parametrize("measure", [calls_in, lines_in])
@pytest.mark.parametrize("times", [2, 4])
def test_a_square_is_seen(measure: Callable[[Callable[[], object]], int], times: int) -> None:
    def pairs(count: int) -> None:
        for _ in range(count):
            for _ in range(count):
                abs(1)

    def text(count: int) -> str:
        return "x" * count * count

    grows_linearly(lambda count: lambda: [abs(1) for _ in range(count)], times=times)
    for square in (pairs, text):
        with pytest.raises(AssertionError, match=f"of {times} times the input"):
            grows_linearly(lambda count, work=square: partial(work, count), 100, times, measure)  # type: ignore[misc]


# --- reports --------------------------------------------------------------------------------------


def place(path: str, line: int = 3) -> Location:
    return Location(Loud(path), Region(line, 3, line, 8), ("spec", "ports", line))


def party(path: str, index: int, line: int = 3) -> Party:
    unit = Unit(UnitKind.CHART, f"charts/c{index}", f"values-{index}.yaml")
    return Party(place(path, line), f"Service s{index}", Object("Service", "shop", f"s{index}"), 30080, (), (unit,))


def finding(parties: Sequence[Party], related: Sequence[Location] = ()) -> Finding:
    return Finding("a message", tuple(parties), tuple(related), rule="duplicate-node-port", help="do this")


def many_files(count: int) -> list[Finding]:
    return [finding([party(f"d/{index}.yaml", index) for index in range(count)])]


def one_place(count: int) -> list[Finding]:
    return [finding([party("a.yaml", index) for index in range(count)])]


def lines_of_one_file(count: int) -> list[Finding]:
    return [finding([party("a.yaml", 1, index + 1) for index in range(count)])]


def many_related(count: int) -> list[Finding]:
    return [finding([party("a.yaml", 0)] * 2, [place(f"r/{index}.yaml") for index in range(count)])]


def parties_related_to_themselves(count: int) -> list[Finding]:
    return [finding([party("a.yaml", i) for i in range(count)], [place("a.yaml") for _ in range(count)])]


def many_findings(count: int) -> list[Finding]:
    return [finding([party(f"d/{i}.yaml", i), party(f"e/{i}.yaml", i)]) for i in range(count)]


def findings_of_one_line(count: int) -> list[Finding]:
    return [finding([party("a.yaml", i)], [place(f"{i}.yaml")])._replace(message=f"m{i}") for i in range(count)]


def many_units(count: int) -> list[Finding]:
    units = tuple(Unit(UnitKind.CHART, "charts/a", f"values-{index}.yaml") for index in range(count))
    return [finding([party("a.yaml", 0)._replace(units=units), party("b.yaml", 0)])]


SHAPES = (
    many_files, one_place, lines_of_one_file, many_related, parties_related_to_themselves, many_findings,
    findings_of_one_line, many_units,
)  # fmt: skip


def rules_that_run() -> list[Rule]:
    return list(choose_rules(builtin_pages(), Config()))


def report(findings: Sequence[Finding], notices: Sequence[Notice] = ()) -> Report:
    statistics = dict.fromkeys(lint_statistics(), 1)
    source = b"line: 12345\n" * 2000
    read = Report(tuple(findings), (), (), tuple(notices), tuple(rules_that_run()), statistics, lambda path: source)
    return read._replace(show_details=True, show_answered=True)


def lint_statistics() -> list[str]:
    names = ("charts", "kustomizations")
    states = ("charts_rendered", "charts_in_part", "charts_not_rendered", "charts_without_node_ports",
              "charts_as_parts", "library_charts", "kustomizations_rendered", "kustomizations_in_part",
              "kustomizations_not_rendered", "inert_node_ports", "files", "objects", "services", "node_ports",
              "reservations", "dynamic_node_ports")  # fmt: skip
    return [*names, *states]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("shape", SHAPES)
def test_formats(name: str, shape: Callable[[int], list[Finding]]) -> None:
    render = load_format(name).render

    def make(count: int) -> Callable[[], str]:
        given = report(shape(count))
        # The source of a line hash costs the same whatever is found.
        given = given._replace(read=lambda path: b"a: 1\n" * 4) if shape is not lines_of_one_file else given
        return lambda: str(render(given))

    grows_linearly(make, times=2)


@pytest.mark.parametrize("name", FORMATS)
def test_notices_and_their_details(name: str) -> None:
    def make(count: int) -> Callable[[], str]:
        details = tuple(f"::error::{index}.yaml" for index in range(count))
        given = report([], [Notice(f"notice {index} of ##[group]", details[:2]) for index in range(count)])
        given = given._replace(notices=(*given.notices, Notice("many", details)))
        written: list[str] = []

        def run() -> str:
            write_report(given, [(name, None)], False, written.append, written.append, {})
            return "".join(written)

        return run

    grows_linearly(make, times=2)


# --- commands -------------------------------------------------------------------------------------


def service(name: str, port: object, kind: str = "NodePort") -> str:
    entry = f"{{port: 80, nodePort: {port}}}" if port is not None else "{port: 80}"
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{type: {kind}, ports: [{entry}]}}\n"


def table(rows: Iterator[str]) -> str:
    return "| Service | NodePort |\n|---|---|\n" + "".join(f"| {row} |\n" for row in rows)


def spread(count: int) -> dict[str, str]:
    """Claims and rows of as many numbers, of different owners."""
    return {
        "a.yaml": "---\n".join(service(f"s{i}", 30000 + i) for i in range(count)),
        "nodeports.md": table(f"other{i} | {30000 + i}" for i in range(count)),
    }


def one_number(count: int) -> dict[str, str]:
    return {
        "a.yaml": "---\n".join(service(f"s{i}", 30080) for i in range(count)),
        "nodeports.md": table(f"other{i} | 30080" for i in range(count)),
    }


def rows_of_one_owner(count: int) -> dict[str, str]:
    return {"nodeports.md": table("other | 30080" for _ in range(count)), "a.yaml": service("a", 30081)}


def blocks(count: int) -> dict[str, str]:
    return {
        "a.yaml": "---\n".join(service(f"s{i}", 30000 + 3 * i) for i in range(count)),
        "nodeports.md": table(f"b{i} | {30000 + 2 * i}-{30015 + 2 * i}" for i in range(count)),
    }


def ports_of_one_service(count: int) -> dict[str, str]:
    ports = "".join(f"  - {{name: p{i}, port: {1000 + i}, nodePort: {30000 + i}}}\n" for i in range(count))
    text = f"apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec:\n  type: ClusterIP\n  ports:\n{ports}"
    return {"a.yaml": text}


def a_long_name(count: int) -> dict[str, str]:
    return {
        "a.yaml": "---\n".join(service(f"s{i}", 30000 + i) for i in range(count))
        + f"---\n{service('long', 29999, 'T' * 20 * count)}"
    }


TREES = (spread, one_number, rows_of_one_owner, blocks, ports_of_one_service, a_long_name)


def read(root: Path, files: dict[str, str], config: Config | None = None) -> Inventory:
    write_tree(root, files)
    return read_all(str(root.resolve()), config or Config(), ["nodePort"])[0]


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("name", RENDERERS)
def test_ports(tmp_path: Path, name: str, tree: Callable[[int], dict[str, str]]) -> None:
    def make(count: int) -> Callable[[], str]:
        inventory = read(tmp_path / str(count), tree(count))
        rows = tuple(row._replace(location=loud(row)) for row in inventory.reservations)
        return lambda: RENDERERS[name](entries(inventory._replace(reservations=rows)))

    grows_linearly(make, times=2)


def loud(row: Reservation) -> Location:
    return row.location._replace(path=Loud(row.location.path))


@pytest.mark.parametrize("tree", TREES)
def test_units(tmp_path: Path, tree: Callable[[int], dict[str, str]]) -> None:
    def make(count: int) -> Callable[[], str]:
        inventory = read(tmp_path / str(count), tree(count))
        return lambda: unitlist.render(inventory)

    grows_linearly(make, times=2)


def test_units_of_many_files_say_that_there_are_more(tmp_path: Path) -> None:
    files = {f"f{index}.yaml": service(f"s{index}", 30080) for index in range(unitlist.MAX_SIDES + 1)}
    assert "190 pairs of claims of one number (and more)\n" in unitlist.render(read(tmp_path, files))


@pytest.mark.parametrize("tree", TREES)
def test_next(tmp_path: Path, tree: Callable[[int], dict[str, str]]) -> None:
    def make(count: int) -> Callable[[], Any]:
        inventory = read(tmp_path / str(count), tree(count))
        among = PortRange(30000, 30000 + 4 * count)
        return lambda: list(islice(Allocation(inventory).free_numbers(30000, among), count))

    grows_linearly(make, times=2)


# --- checks ---------------------------------------------------------------------------------------


@pytest.fixture
def small_totals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Totals that both sizes reach: up to a total, work is exact and may be a square."""
    monkeypatch.setattr(allocation, "MAX_STEPS", 1000)
    monkeypatch.setattr(allocation, "MAX_COMPARED", 1000)
    monkeypatch.setattr(unique, "MAX_OF_NUMBER", 500)
    monkeypatch.setattr(dynamic_band, "MAX_VERDICTS", 500)


def examples(count: int) -> dict[str, str]:
    """Pairs that are never sure: each side is compared with all others."""
    return {f"d{index}/examples/a.yaml": service(f"s{index}", 30080) for index in range(count)}


def copies(count: int) -> dict[str, str]:
    return {f"d{index}/a.yaml": service("web", 30080) for index in range(count)}


def clashes_of_environments(count: int) -> dict[str, str]:
    """Each a finding of its own, which only doubt connects with the others."""
    return {
        f"envs/e{index}/a.yaml": "---\n".join(service(f"{name}{index}", 30080) for name in "ab")
        for index in range(count // 2)
    }


def in_the_band(count: int) -> dict[str, str]:
    fixed = "---\n".join(service(f"s{i}", 31000 + i) for i in range(count))
    return {"a.yaml": fixed, "b.yaml": "---\n".join(service(f"d{i}", None) for i in range(count))}


def in_the_bands(count: int) -> dict[str, str]:
    """Fixed numbers of one cluster beside one that is chosen, and as many that are chosen in another."""
    one = in_the_band(count)
    return {"b/a.yaml": one["a.yaml"], "a/b.yaml": one["b.yaml"], "b/b.yaml": service("d", None)}


CLUSTERS = "clusters: [{name: a, paths: [a/**]}, {name: b, paths: [b/**]}]\n"


def repeated_keys(count: int) -> dict[str, str]:
    head = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  type: NodePort\n  ports:\n  - port: 80\n"
    return {"a.yaml": head + "    nodePort: 30080\n" * count}


@pytest.mark.parametrize("name", FORMATS)
def test_numbers_of_one_service(tmp_path: Path, name: str) -> None:
    """A message stands at each of its parties."""

    def make(count: int) -> Callable[[], str]:
        root = tmp_path / str(count)
        write_tree(root, ports_of_one_service(count))
        found = lint_tree(root)
        return lambda: str(load_format(name).render(found))

    grows_linearly(make, times=2)


@pytest.mark.usefixtures("small_totals")
@pytest.mark.parametrize("tree", [*TREES, examples, copies, clashes_of_environments, in_the_band, repeated_keys])
def test_checks(tmp_path: Path, tree: Callable[[int], dict[str, str]]) -> None:
    def make(count: int) -> Callable[[], str]:
        root = tmp_path / str(count)
        write_tree(root, tree(count))
        return lambda: str(load_format("json").render(lint_tree(root, profile="production")))

    grows_linearly(make, times=2)


@pytest.mark.usefixtures("small_totals")
@pytest.mark.parametrize("tree", [in_the_bands])
def test_checks_of_declared_clusters(tmp_path: Path, tree: Callable[[int], dict[str, str]]) -> None:
    config = parse_config(CLUSTERS, "c.yaml")

    def make(count: int) -> Callable[[], str]:
        root = tmp_path / str(count)
        write_tree(root, tree(count))
        return lambda: str(load_format("json").render(lint_tree(root, config, profile="production")))

    grows_linearly(make)


@pytest.mark.usefixtures("small_totals")
@pytest.mark.parametrize("count", [50, 100, 400])
def test_what_another_cluster_chooses_hides_nothing(tmp_path: Path, count: int) -> None:
    write_tree(tmp_path, in_the_bands(count))
    found = lint_tree(tmp_path, parse_config(CLUSTERS, "c.yaml"), profile="production").findings
    reasons = {one.reason for one in found if "lies where the cluster" in one.message}
    assert sum("lies where the cluster" in one.message for one in found) == count
    assert all(reason.startswith("Service d may get it first") for reason in reasons)
    assert not [reason for reason in reasons if "not looked at" in reason]


@pytest.mark.usefixtures("small_totals")
def test_what_is_near_none_that_was_looked_at_is_not_judged(tmp_path: Path) -> None:
    """Releases and copies are apart without a word of the configuration: here an object and its copies."""
    files = {f"d{index}/a.yaml": service("s1", None) for index in range(100)}
    files["a.yaml"] = "---\n".join(service("s1", 31000 + i) for i in range(20))
    write_tree(tmp_path, {**files, "z.yaml": service("other", None)})
    (found,) = (one for one in lint_tree(tmp_path, profile="production").findings if "band" in one.rule)
    assert found.message == "node port 31000 of Service s1 and 19 others not judged by this rule"
    assert found.reason == "compared with 25 of 101 ports for which the cluster chooses a number, and no more"
    assert found.severity.word == "note"
    assert len(found.parties) == 20


def test_claims_of_many_declared_clusters(tmp_path: Path) -> None:
    config = parse_config("clusters: [{each: 'clusters/*', registry: [ports.md]}]\n", "c.yaml")

    def make(count: int) -> Callable[[], str]:
        root = tmp_path / str(count)
        write_tree(root, {f"clusters/c{i}/a.yaml": service("web", 30080) for i in range(count)})
        write_tree(root, {f"clusters/c{i}/ports.md": table(iter([f"x{i} | 30080"])) for i in range(count)})
        return lambda: str(load_format("json").render(lint_tree(root, config)))

    grows_linearly(make, times=2)


def test_rows_of_many_clusters() -> None:
    def make(count: int) -> Callable[[], Any]:
        names = tuple(f"c{index}" for index in range(count))
        location = Location("ports.md")
        rows = tuple(Reservation(30080, 30080, "used", f"o{i}", location, clusters=(names[i],)) for i in range(count))
        inventory = Inventory(reservations=rows)
        found = Allocation(inventory)

        def ask() -> None:
            for name in names:
                assert len(found._rows.ranks(30080, name)) == 1

        return ask

    grows_linearly(make, times=2)


@pytest.mark.usefixtures("small_totals")
def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    write_tree(tmp_path / "a", examples(100))
    (found,) = lint_tree(tmp_path / "a").findings
    assert found.reason.endswith("; 90 of 100 claims were compared with 10 others each, and no more")
    write_tree(tmp_path / "b", in_the_band(100))
    reasons = {one.reason for one in lint_tree(tmp_path / "b", profile="production").findings if "band" in one.rule}
    assert reasons
    assert all(reason.endswith("; 90 more are not looked at") for reason in reasons)
    write_tree(tmp_path / "c", one_number(300))
    owners = [one for one in lint_tree(tmp_path / "c").findings if "is reserved for" in one.message]
    assert owners[0].reason == "only the first 5 rows of the number are looked at"
    write_tree(tmp_path / "d", spread(60))
    helps = [one.help for one in lint_tree(tmp_path / "d").findings if "is reserved for" in one.message]
    assert helps[0] == "30060 is the next free node port"
    assert helps[-1] == "nodeport-lint next names a free node port"


def test_claims_that_clash_with_nothing_looked_at_are_a_likely_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unique, "MAX_OF_NUMBER", 10)
    chart = {"k/argo.yaml": ""}
    for index in range(30):
        destination = f"destination: {{server: https://c{index}}}"
        source = f"source: {{path: d{index}, repoURL: https://e.org/r}}"
        chart[f"apps/{index}.yaml"] = (
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
            f"metadata: {{name: a{index}}}\nspec: {{{source}, {destination}}}\n"
        )
        chart[f"d{index}/a.yaml"] = service(f"s{index}", 30080)
    write_tree(tmp_path, chart)
    (found,) = (one for one in lint_tree(tmp_path).findings if one.rule == "duplicate-node-port")
    assert found.reason == "20 of 30 claims were compared with 10 others each, and no more"
    assert found.confidence.word == "likely"
    monkeypatch.undo()
    assert not [one for one in lint_tree(tmp_path).findings if one.rule == "duplicate-node-port"]


def test_a_full_range_is_found_full_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(count: int) -> Callable[[], Any]:

        claims = [declaration("x", number=30000 + index) for index in range(count)]
        inventory = Inventory(values=tuple(claims))
        among = PortRange(30000, 30000 + count - 1)

        def ask() -> None:
            found = Allocation(inventory)
            for claim in claims:
                assert found.suggestion(claim, among) == "no node port of the range is free"

        return ask

    grows_linearly(make, times=2)


def test_findings_that_are_alike_are_united() -> None:
    def make(count: int) -> Callable[[], Any]:
        units = [Unit(UnitKind.CHART, "charts/a", Loud(f"values-{index}.yaml")) for index in range(count)]
        found = [finding([party("a.yaml", 0)._replace(units=(unit,))] * 2) for unit in units]

        def unite() -> None:
            (one,) = linter._united(found)
            assert len(one.parties[0].units) == count

        return unite

    grows_linearly(make, times=2)


def test_paths_that_are_asked_for() -> None:
    def make(count: int) -> Callable[[], Any]:
        found = many_findings(count)
        only = frozenset(Loud(f"x{index}") for index in range(count))
        return lambda: [linter._concerns(one, only) for one in found]

    grows_linearly(make, times=2)


def test_directories_of_copies() -> None:
    def make(count: int) -> Callable[[], Any]:
        names = [Object("Service", None, f"s{index}") for index in range(6)]
        census = tuple((one, f"d{index}/a.yaml") for index in range(count) for one in names)
        counted = Census(Layout(census=census))
        return lambda: [counted.is_collection(f"d{index}", lowest=True) for index in range(count)]

    grows_linearly(make, 1200, times=2)
