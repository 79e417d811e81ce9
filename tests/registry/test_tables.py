"""What a table of node ports says: which one is such a table, what its rows have in common, and where each stands."""

from __future__ import annotations

import pytest

from nodeport_lint.model import Location, Problem, Region, Reservation
from nodeport_lint.ports import DEFAULT_RANGE
from nodeport_lint.registry import cells
from nodeport_lint.registry.markdown import MAX_HEADING, MAX_LINE, read_comments, read_markdown, split_row
from tests.make import markdown


def rows_of(text: str) -> list[Reservation]:
    found, problems = read_markdown(text, "x.md", DEFAULT_RANGE)
    assert problems == []
    return found


def namespaces(text: str) -> list[tuple[int, str | None]]:
    return [(row.first, row.namespace) for row in rows_of(text)]


def ports(*numbers: int) -> str:
    """A table of them, and the line that ends it."""
    return markdown("Service | NodePort", *(f"web | {number}" for number in numbers)) + "\n"


# --- the namespace above a table ---------------------------------------------------------------


@pytest.mark.parametrize(
    "bold",
    ["**shop namespace**", "**Namespace: shop**", "__Namespace: `shop`:__", "**shop namespace**:"],
)  # fmt: skip
def test_a_bold_paragraph_names_the_namespace_of_the_tables_below(bold: str) -> None:
    assert namespaces(f"{bold}\n\n{ports(30001)}") == [(30001, "shop")]
    # Until the next that names one: a bold paragraph of other words changes nothing, a plain one never does.
    text = f"**first namespace**\n\n{ports(30001)}{bold}\n\n{ports(30002)}**Mind the gap**\n\n{ports(30003)}"
    text += f"In the other namespace:\n\n{ports(30004)}In the **other namespace** too\n\n{ports(30005)}"
    assert namespaces(text) == [(30001, "first"), (30002, "shop"), (30003, "shop"), (30004, "shop"), (30005, "shop")]


def test_a_bold_paragraph_without_a_namespace_names_none() -> None:
    assert namespaces(f"**The ports**\n\n{ports(30001)}") == [(30001, None)]


def test_a_heading_ends_the_namespace_of_one_of_its_depth() -> None:
    text = f"# Ports\n\n## shop namespace\n\n{ports(30001)}### Web\n\n{ports(30002)}#### Old\n\n{ports(30003)}"
    text += f"### jobs namespace\n\n{ports(30004)}## Others\n\n{ports(30005)}## edge namespace\n\n{ports(30006)}"
    text += f"# Appendix\n\n{ports(30007)}"
    assert namespaces(text) == [
        (30001, "shop"), (30002, "shop"), (30003, "shop"), (30004, "jobs"), (30005, None), (30006, "edge"), (30007, None),
    ]  # fmt: skip


def test_a_namespace_is_looked_for_at_the_beginning_of_a_heading() -> None:
    room = MAX_HEADING - len("shop namespace")
    assert namespaces(f"## {'x' * (room - 1)} shop namespace\n\n{ports(30001)}") == [(30001, "shop")]
    assert namespaces(f"## {'x' * room} shop namespace\n\n{ports(30001)}") == [(30001, None)]


def test_a_word_about_namespaces_is_no_name() -> None:
    for heading in ("One namespace for all", "Every namespace", "Namespaces"):
        assert namespaces(f"## {heading}\n\n{ports(30001)}") == [(30001, None)]
    assert namespaces(f"## In any namespace: shop namespace\n\n{ports(30001)}") == [(30001, "shop")]


# --- which table it is -------------------------------------------------------------------------


def test_lines_with_pipes_are_no_table_without_a_line_of_dashes() -> None:
    assert rows_of("Service | NodePort\nfirst | 30001\nsecond | 30002\n") == []


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # Most of the numbers of a column of ports are node ports, or it is a column of others.
        (["30080", "30081", "8080"], [30080, 30081, 8080]),
        (["30080", "8080"], []),
        (["30080", "8080", "8081"], []),
        # A block that only begins or ends in the range is none of node ports.
        (["29990-30010"], []),
        (["32760-32770"], []),
        (["30000-30010"], [30000]),
        (["see the wiki"], []),
    ],
)
def test_a_column_of_ports_is_judged_by_its_numbers(cells: list[str], expected: list[int]) -> None:
    assert [row.first for row in rows_of(markdown("Service | Port", *(f"web | {cell}" for cell in cells)))] == expected


# --- what a row says ---------------------------------------------------------------------------


def test_a_row_may_be_shorter_than_its_header() -> None:
    text = "| Service | NodePort | Status |\n|---|---|---|\n| web |\n| db | 30001 |\n| mq | 30002 | active |\n"
    assert [(row.owner, row.first, row.meaning) for row in rows_of(text)] == [
        ("db", 30001, "held"), ("mq", 30002, "used"),
    ]  # fmt: skip


def test_an_empty_first_cell_is_a_cell() -> None:
    assert [cell.text for cell in split_row("||30080|")] == ["", "30080"]
    (row,) = rows_of("|Service|NodePort|\n|---|---|\n||30080|\n")
    assert (row.first, row.owner) == (30080, "")


def test_a_number_with_a_digit_too_many_is_read_and_a_larger_one_is_not() -> None:
    found, problems = read_markdown(ports(655350, 655351), "x.md", DEFAULT_RANGE)
    assert [row.first for row in found] == [655350]
    assert [problem.message for problem in problems] == ["'655351' is no range of ports"]


@pytest.mark.parametrize(
    ("ports", "targets", "expected"),
    [
        ("30001, 30002", "8001, 8002", [8001, 8002]),
        ("30001, 30002", "8001", [8001, 8001]),
        ("30001, 30002, 30003", "8001, 8002", [None, None, None]),
        ("30001", "8001, 8002", [None]),
        ("30001, 30002", "none", [None, None]),
    ],
)
def test_targets_are_those_of_the_numbers_in_their_order(ports: str, targets: str, expected: list[int | None]) -> None:
    found = rows_of(markdown("Service | Target Port | NodePort", f"web | {targets} | {ports}"))
    assert [row.target_port for row in found] == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("`api.shop.svc`", ("api", "shop", None)),
        ("api.shop.svc.cluster.local", ("api", "shop", None)),
        ("http://api.shop.svc.cluster.local:8080/x", ("api", "shop", 8080)),
        ("api.shop", (None, None, None)),
    ],
)
def test_a_dns_name_names_service_namespace_and_port(cell: str, expected: tuple[str | None, ...]) -> None:
    (row,) = rows_of(markdown("Service | NodePort | Address", f"the API | 30001 | {cell}"))
    assert (row.service, row.namespace, row.target_port) == expected


def test_a_path_names_the_manifest() -> None:
    text = markdown(
        "Service | NodePort | File", "api | 30001 | `apps/api/service.yaml`", "db | 30002 | db.yml", "mq | 30003 | wiki"
    )
    assert [row.manifest for row in rows_of(text)] == ["apps/api/service.yaml", "db.yml", None]


def test_names_are_looked_for_at_the_beginning_of_a_row() -> None:
    def row(before: int) -> Reservation:
        start = "| web | 30001 | "
        (found,) = rows_of(
            f"| Service | NodePort | Notes |\n|---|---|---|\n{start}{'x' * (before - len(start))} a/b.yaml c.d.svc |\n"
        )
        return found

    near = row(MAX_LINE - len(" a/b.yaml c.d.svc"))
    assert (near.manifest, near.service, near.namespace) == ("a/b.yaml", "c", "d")
    far = row(MAX_LINE)
    assert (far.manifest, far.service, far.namespace) == (None, None, None)


@pytest.mark.parametrize("header", ["Service | NodePort", "Purpose | NodePort"])
def test_a_row_whose_owner_is_a_dash_is_free(header: str) -> None:
    found = rows_of(markdown(header, "- | 30001", "AVAILABLE | 30002", "web | 30003", "Ingress | 30004"))
    assert [(row.meaning, row.owner) for row in found] == [
        ("free", ""),
        ("free", ""),
        ("held", "web"),
        ("held", "Ingress"),
    ]


def test_a_row_of_a_table_without_owners_is_nobody_s_and_not_free() -> None:
    assert [row.meaning for row in rows_of(markdown("Namespace | NodePort", "shop | 30001"))] == ["held"]


def test_a_number_with_a_status_that_says_none_is_held() -> None:
    found = rows_of(
        markdown("Service | NodePort | Status", "web | 30001 | n/a", "db | 30002 | ClusterIP", "mq | 30003 | done")
    )
    assert [row.meaning for row in found] == ["held", "held", "used"]


# --- where it stands ---------------------------------------------------------------------------


def test_regions_hold_what_is_written() -> None:
    text = markdown("Service | NodePort", "web | 30001, 30002-30003", "db |  see wiki  ")
    found, problems = read_markdown(text, "x.md", DEFAULT_RANGE)
    assert [row.location for row in found] == [
        Location("x.md", Region(3, 9, 3, 14)), Location("x.md", Region(3, 16, 3, 27)),
    ]  # fmt: skip
    assert problems == [
        Problem(
            "unread-reservation",
            "'see wiki' is no port number and no word that says there is none",
            Location("x.md", Region(4, 9, 4, 17)),
        )
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("<!--nodeport-lint:ignore[a-b] why-->", [("ignore[a-b] why", True, 1, 37)]),
        ("  <!-- nodeport-lint: x -->  ", [("x", True, 3, 28)]),
        ("a <!-- nodeport-lint: x --> b <!-- nodeport-lint: y -->", [("x", False, 3, 28), ("y", False, 31, 56)]),
        ("<!-- other --><!-- nodeport-lint: y -->", [("y", False, 15, 40)]),
        ("<!-- nodeport-lint: never closed", []),
        ("a --> <!-- nodeport-lint: never closed", []),
        ("<!-- nodeport-linter: x -->", []),
    ],
)
def test_comments_and_their_places(line: str, expected: list[tuple[str, bool, int, int]]) -> None:
    found = list(read_comments(f"# Ports\n{line}\n", "x.md"))
    assert [(one.text, one.alone) for one in found] == [(text, alone) for text, alone, _, _ in expected]
    assert [one.location for one in found] == [
        Location("x.md", Region(2, start, 2, end)) for _, _, start, end in expected
    ]


# --- cells -------------------------------------------------------------------------------------


def test_the_beginning_of_a_cell_is_read() -> None:
    room = cells.MAX_NUMBERS_CELL - len("30001")
    assert len(cells.numbers_in(f"{' ' * room}30001")) == 1
    assert cells.numbers_in(f"{' ' * cells.MAX_NUMBERS_CELL}30001") == []
    assert cells.plain_text("x" * (cells.MAX_WORDS_CELL + 1)) == "x" * cells.MAX_WORDS_CELL


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("active since May", "used"), ("reserved, then free", "held"), ("free (was used)", "free"), ("May: active", "?"),
        ("in use", "used"), ("✅", "none"),
    ],
)  # fmt: skip
def test_the_first_word_of_a_status_decides(status: str, meaning: str) -> None:
    assert cells.meaning_of(status, "?") == meaning


def test_a_cell_whose_first_word_says_none_has_no_port() -> None:
    for cell in ("ClusterIP only", "none (internal)", "`Host` network", "\U0001f6ab", "<br>"):
        assert cells.is_no_port(cell)
        assert rows_of(markdown("Service | NodePort", f"web | {cell}")) == []
