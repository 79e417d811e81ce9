"""What hostile allocation documents and owners may cost: work is counted at two sizes, and what is left out is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from nodeport_lint import registry
from nodeport_lint.checks import NoOptions, owner, reservation
from nodeport_lint.model import LIMIT, Declaration, Inventory, Layout, Location, Region, Reservation, Service
from nodeport_lint.ports import DEFAULT_RANGE
from nodeport_lint.registry import Registries, read_registries
from nodeport_lint.registry import owners as owners_module
from nodeport_lint.registry.allocation import Allocation
from nodeport_lint.registry.documents import Listed
from nodeport_lint.registry.markdown import read_markdown
from nodeport_lint.registry.owners import Owners
from nodeport_lint.tree.files import OnDisk
from tests.counting import calls_of, grows_linearly, lines_in
from tests.make import context, declaration, row, write_tree


def documented(count: int, line: str) -> str:
    return "| Service | NodePort |\n|---|---|\n" + "".join(line % {"n": index} for index in range(count))


def registries(tmp_path: Path, files: dict[str, str]) -> Registries:
    write_tree(tmp_path, files)
    return read_registries(OnDisk(str(tmp_path)), [Listed(path, (), (DEFAULT_RANGE,)) for path in files])


def told(found: Registries) -> list[str]:
    return [f"{problem.location.label}: {problem.message}" for problem in found.read.problems]


@pytest.mark.parametrize("lines", [">+\na\n", "> # b\na\n", "> |a|\n> |-|\n|x\n"], ids=["list", "heading", "table"])
def test_quotes_that_end_early_cost_what_they_are(lines: str) -> None:
    grows_linearly(lambda size: partial(read_markdown, lines * size, "x.md", DEFAULT_RANGE), size=400)


def test_where_quotes_take_too_many_steps_is_told(tmp_path: Path) -> None:
    above, below = documented(1, "| a | 30080 |\n"), documented(1, "| b | 30081 |\n")
    found = registries(tmp_path, {"x.md": f"{above}\n" + ">+\na\n" * 2000 + f"\n{below}", "y.md": above})
    assert [(row.owner, row.location.path) for row in found.reservations] == [("a", "x.md"), ("a", "y.md")]
    (problem,) = found.read.problems
    assert (problem.kind, problem.message) == (LIMIT, "not read from here on: its quotes and lists take too many steps")
    assert problem.location.region is not None
    assert 4 < problem.location.region.line < 4004


def test_rows_beyond_those_of_one_number_are_counted_in_one_problem(tmp_path: Path) -> None:
    found = registries(tmp_path, {"a.md": documented(150, "| web %(n)s | 30080 |\n| db %(n)s | 31%(n)03d |\n")})
    assert len(found.reservations) == 250
    assert told(found) == ["a.md:203:13: 50 further rows are not read: more than 100 of one number"]


def test_blocks_are_bounded(tmp_path: Path) -> None:
    found = registries(tmp_path, {"a.md": documented(600, "| web %(n)s | 30000-30100 |\n")})
    assert len(found.reservations) == 500
    assert told(found) == ["a.md:503:13: 100 further rows are not read: more than 500 blocks of numbers"]


def test_rows_of_all_documents_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MAX_ROWS", 30)
    text = documented(20, "| web %(n)s | 31%(n)03d |\n")
    found = registries(tmp_path, {"a.md": text, "b.md": text})
    assert len(found.reservations) == 30
    assert told(found) == ["b.md:13:12: 10 further rows are not read: more than 30 in all"]


def test_lines_of_allocation_documents_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MAX_LINES", 10)
    monkeypatch.setattr(registry, "MAX_TOTAL", 25)
    files = {f"{name}.md": documented(20, "| web %(n)s | 31%(n)03d |\n") for name in "abcde"}
    found = registries(tmp_path, files)
    assert [Counter(one.location.path for one in found.reservations)[path] for path in files] == [8, 8, 3, 0, 0]
    assert told(found) == [
        "a.md: only the first 10 lines are read",
        "b.md: only the first 10 lines are read",
        "c.md: only the first 5 lines are read",
        "d.md: not read: the allocation documents have more than 25 lines",
        "e.md: not read: the allocation documents have more than 25 lines",
    ]


def test_cells_that_are_not_understood_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MAX_UNREAD", 3)
    found = registries(tmp_path, {"a.md": documented(9, "| web | port xx |\n")})
    assert len(told(found)) == 4
    assert told(found)[-1] == "a.md:6:9: 6 further cells are not understood"


@pytest.mark.parametrize("case", ["one owner", "one alias", "a part"])
def test_rows_of_a_service_cost_what_they_are(case: str) -> None:
    """Rows of one owner, owners of one alias, owners that share a word and are another part of the product."""
    asked, expected = {"one owner": ("web-shop", 3), "one alias": ("olap", 3), "a part": ("web", 0)}[case]

    def run(count: int) -> None:
        names = {"one owner": "Web Shop", "one alias": "Owner X%d", "a part": "Web Console X%d"}
        rows = [row(names[case] % index if "%" in names[case] else names[case]) for index in range(count)]
        owners = Owners(rows, {one.owner: ["olap"] for one in rows} if case == "one alias" else {})
        for index in range(count):
            of = declaration(asked, path=f"{index}.yaml")
            assert len(list(islice(owners.rows_of(of), 3))) == expected

    grows_linearly(lambda count: partial(run, count), 400, measure=lines_in)


def test_an_owner_is_judged_whatever_the_others_are_called() -> None:
    def run(count: int) -> None:
        rows = [row(f"Owner X{index}") for index in range(count)]
        owners = Owners(rows, {one.owner: ["olap", f"olap-{index}"] for index, one in enumerate(rows)})
        assert owners.of(rows[0], declaration("olap")) == "same"
        assert owners.of(rows[0], declaration("olap-1")) == "another"
        assert owners.of(row("Shop"), declaration("olap")) == "another"

    grows_linearly(lambda count: partial(run, count), measure=lines_in)


def test_beginnings_of_words_are_looked_up() -> None:
    for name, called, related in (("graf", "grafana", True), ("grafana", "graf", True), ("gr", "grafana", False)):
        assert owners_module._related(frozenset({name, "x"}), frozenset({called, "y"})) is related


def allocated(rows: Sequence[Reservation], claims: Sequence[Declaration], clusters: bool) -> Allocation:
    services = tuple(Service(one.object, "NodePort", one.document, (one,)) for one in claims)
    layout = Layout(cluster_of=(lambda path: path.partition("/")[0]) if clusters else None)
    return Allocation(Inventory(services=services, reservations=tuple(rows), layout=layout))


@pytest.mark.parametrize("clusters", [False, True])
def test_rows_of_claims_cost_what_they_are(clusters: bool) -> None:
    """Rows and claims are many, and each claim has a cluster of its own, or none has one."""

    def run(count: int) -> None:
        claims = [
            declaration(f"s{index}", path=f"c{index}/a.yaml")._replace(number=index + 1) for index in range(count)
        ]
        rows = [row("a", index + 1, clusters=(f"c{index}",) if clusters else ()) for index in range(count)]
        blocks = [row("b", 20 * index + 1, 20 * index + 15) for index in range(5)]
        allocation = allocated([*rows, *blocks], claims, clusters)
        for one in claims:
            assert len(allocation.rows_for(one)) == len(allocation.rows_of_number(one)) == 1
            assert allocation.documents_for(one) == ["x.md"]
            assert not allocation.has_claims(2 * count + 50, one)

    grows_linearly(lambda count: partial(run, count), measure=lines_in)


def test_rows_that_say_the_same_are_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = calls_of(monkeypatch, reservation, "_contradict")
    for count in (100, 400):
        calls.clear()
        rows = tuple(
            row("web", namespace="a")._replace(location=Location("a.md", Region(line, 1, line, 2)))
            for line in range(count)
        )
        given = context(rows)
        assert list(reservation.check(reservation.Options("duplicate"), given)) == []
        assert len(calls) == count - 1


def test_a_number_of_many_owners_names_a_few() -> None:
    of = declaration("shop")
    rows = [row(f"Owner {index}") for index in range(40)]
    allocation = allocated(rows, [of._replace(live=True)], clusters=False)
    given = context(rows)._replace(
        inventory=allocation.inventory,
        allocation=allocation,
        ownership=Owners(rows, {}).of,
        range_for=lambda _: DEFAULT_RANGE,
    )
    found = list(owner.check(NoOptions(), given))
    assert found[0].message.endswith("Owner 8 and Owner 9 and 30 others")
