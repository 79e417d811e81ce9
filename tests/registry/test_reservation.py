"""Allocation documents against themselves, and the numbers that they leave free."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from nodeport_lint.checks.reservation import Options, check
from nodeport_lint.manifests.services import collect
from nodeport_lint.model import Confidence, Inventory, PortRange, Reservation, Verdict
from nodeport_lint.ports import DEFAULT_RANGE
from nodeport_lint.registry.allocation import Allocation
from tests.make import context, declaration, lint_tree, row, write_tree


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("a", 30000), row("b", 30001, line=2)], []),
        ([row("a", 30000), row("b", 30000, line=2)], ["node port 30000 has two rows: a and b"]),
        ([row("b", 30000, line=2), row("a", 30000)], ["node port 30000 has two rows: a and b"]),
        ([row("a", 30000), row("A", 30000, line=2)], []),
        ([row("a", 30000, namespace="x"), row("a", 30000, line=2, namespace="y")], ["node port 30000 has two rows: a (x) and a (y)"]),
        ([row("a", 30000, namespace="x"), row("a", 30000, line=2)], []),
        ([row("a", 30000), row("a", 30000, line=2, namespace="x")], []),
        ([row("a", 30000, 30002), row("b", 30002, 30003, line=2)], ["node port 30002 has two rows: a and b"]),
        ([row("a", 30000, 30003), row("b", 30001, 30002, line=2)], ["node port 30001-30002 has two rows: a and b"]),
        ([row("a", 30000, 30002), row("b", 30003, line=2)], []),
        # A row may lie in a block; two blocks may not overlap.
        ([row("core", 30000, 30099), row("a", 30001, line=2)], []),
        ([row("core", 30000, 30010), row("more", 30010, 30020, line=2)], ["node port 30010 has two rows: core and more"]),
        # Environments apart, one of them unknown, the same.
        ([row("a", 30000, setting="prod"), row("b", 30000, line=2, setting="dev")], []),
        ([row("a", 30000, setting="prod"), row("b", 30000, line=2)], ["node port 30000 has two rows: a and b"]),
        ([row("a", 30000, setting="prod"), row("b", 30000, line=2, setting="prod")], ["node port 30000 has two rows: a and b"]),
        # Free and given away; free twice.
        ([row("", 30000, meaning="free"), row("a", 30000, line=2)], ["node port 30000 has two rows: free and a"]),
        ([row("", 30000, meaning="free"), row("", 30000, line=2, meaning="free")], []),
        ([row("a", 30000), row("b", 30000, line=2), row("c", 30000, path="y.md")], ["node port 30000 has two rows: a and b", "node port 30000 has two rows: a and c"]),
    ],
)  # fmt: skip
def test_duplicates(rows: list[Reservation], expected: list[str]) -> None:
    found = list(check(Options("duplicate"), context(rows)))
    assert sorted(finding.message for finding in found) == expected
    assert all(len(finding.parties) == finding.quorum == 2 for finding in found)


def test_outside_the_range() -> None:
    rows = [
        row("a", 29999),
        row("b", 30000, 32767),
        row("c", 32767, 32768),
        row("", 1, meaning="free"),
        row("d", 1, 40000),
    ]
    messages = [finding.message for finding in check(Options("outside-range"), context(rows))]
    assert [message.split()[3] for message in messages] == ["a", "c", "d"]
    assert messages[0] == "the row of a has 29999, which is not in the range 30000-32767"


def test_unused() -> None:
    rows = [
        row("a", 30080, meaning="used", status="Active"),
        row("b", 30079, 30081, meaning="used"),
        row("c", 30082, meaning="used", status="Running"),
        row("d", 30083, 30084, meaning="used"),
        row("e", 30085),
        row("f", 30100, 30199, meaning="used"),
    ]
    inventory = collect([declaration("web").document])
    found = [finding.message for finding in check(Options("unused"), context(rows, inventory))]
    assert found == [
        "node port 30082 of c is called running, and nothing asks for it",
        "node port 30083-30084 of d is called in use, and nothing asks for it",
    ]


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match=r"fault must be one of duplicate, outside-range, unused, not 'x'"):
        Options("x")


ROWS = [
    row("a", 30001),
    row("", 30002, meaning="free"),
    row("core", 30010, 30029),
    row("b", 30012),
    row("wide", 1, 29999),
]


def test_free_numbers() -> None:
    free = Allocation(collect([declaration("web").document])._replace(reservations=tuple(ROWS)))
    among = PortRange(30000, 30100)
    assert list(islice(free.free_numbers(30000, among, including=True), 3)) == [30000, 30002, 30003]
    assert list(islice(free.free_numbers(30000, among), 2)) == [30002, 30003]
    nearest = [next(free.free_numbers(near, among)) for near in (30009, 30010, 30011, 30029, 30079, 30100)]
    assert nearest == [30030, 30011, 30013, 30030, 30081, 30099]
    everything = set(free.free_numbers(29999, among))
    assert everything == set(range(30000, 30101)) - {30001, 30080, *range(30010, 30030)}


def test_rows_of_a_number() -> None:
    rows = Allocation(Inventory(reservations=tuple(ROWS)))
    owners = {
        number: [one.owner for one in rows.rows_for(declaration("x", number=number))]
        for number in (30001, 30002, 30011, 30012, 30050)
    }
    assert owners == {30001: ["a"], 30002: [""], 30011: ["core"], 30012: ["b"], 30050: []}
    assert [
        len(rows.rows_of_number(declaration("x", number=number))) for number in (30001, 30002, 30011, 30012, 30050)
    ] == [
        1,
        0,
        0,
        1,
        0,
    ]


def test_pairs_that_are_only_possible_are_one_doubtful_finding() -> None:
    from nodeport_lint.checks import NoOptions, unique

    claims = [declaration(name, path=f"{name}.yaml") for name in "abc"]
    inventory = collect([claim.document for claim in claims])
    (finding,) = unique.check(NoOptions(), context([], inventory, Confidence.POSSIBLE))
    assert (finding.confidence, finding.reason, len(finding.parties)) == (Confidence.POSSIBLE, "because", 3)
    assert list(unique.check(NoOptions(), context([], inventory, None))) == []

    def mixed(a: object, b: object) -> Verdict:
        doubtful = "c.yaml" in (a.location.path, b.location.path)  # type: ignore[attr-defined]
        return Verdict(Confidence.POSSIBLE if doubtful else Confidence.CERTAIN, "so")

    (finding,) = unique.check(NoOptions(), context([], inventory)._replace(verdict=mixed))
    assert finding.confidence == Confidence.CERTAIN
    assert [party.location.path for party in finding.parties] == ["a.yaml", "b.yaml"]
    assert [(place.path, place.note) for place in finding.related] == [("c.yaml", "also asked for by Service c")]


def test_suggestions_make_no_new_clash() -> None:
    claims = [declaration(name, path=f"{name}.yaml") for name in "abc"]
    free = Allocation(collect([claim.document for claim in claims]))
    first = [free.suggestion(claim, DEFAULT_RANGE) for claim in claims]
    assert first == [f"{number} is the next free node port" for number in (30081, 30082, 30083)]
    assert [free.suggestion(claim, DEFAULT_RANGE) for claim in claims] == first
    assert (
        Allocation(free.inventory).suggestion(claims[0], PortRange(30080, 30080)) == "no node port of the range is free"
    )


NATS = "| Service | Internal Port | NodePort |\n|---|---|---|\n| NATS | 4222 | 30222 |\n"


def test_the_number_of_a_row_is_advised_once_and_only_where_it_is_free(tmp_path: Path) -> None:
    ports = "[{name: a, port: 4222, nodePort: 30422}, {name: b, port: 8222, nodePort: 30822}]"
    nats = f"apiVersion: v1\nkind: Service\nmetadata: {{name: nats}}\nspec: {{type: NodePort, ports: {ports}}}\n"
    write_tree(tmp_path, {"NODEPORTS.md": NATS, "nats.yaml": nats})

    def advice() -> list[str]:
        found = lint_tree(tmp_path).findings
        return [finding.help for finding in found if finding.rule == "unregistered-node-port"]

    assert advice() == [
        "NATS has 30222 there: use that number, or change the row",
        "NATS has 30222 there: change the row, or add one",
    ]
    write_tree(tmp_path, {"other.yaml": nats.replace("nats", "x").replace("30422", "30222").replace("30822", "30999")})
    assert advice()[:2] == ["NATS has 30222 there: change the row, or add one"] * 2
