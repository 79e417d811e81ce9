"""Allocation tables as people write them. The shapes are those of public repositories, the rows are made up."""

from __future__ import annotations

import pytest

from nodeport_lint.model import PortRange
from nodeport_lint.ports import DEFAULT_RANGE
from nodeport_lint.registry.cells import is_no_port, meaning_of, numbers_in, plain_text
from nodeport_lint.registry.markdown import read_comments, read_markdown, split_row
from nodeport_lint.tree import is_registry_name
from tests.make import markdown


def read(text: str, among: PortRange = DEFAULT_RANGE) -> list[tuple[str, str, str, str | None, int | None]]:
    found, problems = read_markdown(text, "x.md", among)
    assert problems == []
    return [(row.numbers, row.meaning, row.owner, row.namespace, row.target_port) for row in found]


SHAPES = {
    "namespace in the heading, then in a column": (
        "## Allocated (shop namespace)\n\n"
        + markdown("Service | Internal Port | NodePort | Status", "Checkout API | 8000 | 30810 | Reserved", "PostgreSQL | 5432 | 30433 | ✅ Active")
        + "\n## Other Namespaces (for reference)\n\n"
        + markdown("Namespace | Service | NodePort | Notes", "shop-dev | Test agent | 30093-30094 | legacy"),
        [("30810", "held", "Checkout API", "shop", 8000), ("30433", "used", "PostgreSQL", "shop", 5432), ("30093-30094", "held", "Test agent", "shop-dev", None)],
    ),
    "blocks, and rows that are free": (
        markdown("Range | Purpose", "31400-31449 | Build farm") + "\n## Workers\n\n" + markdown("Port | Service | Description", "31461 | **AVAILABLE** | -", "31462 | notes | Notes"),
        [("31400-31449", "held", "Build farm", None, None), ("31461", "free", "", None, None), ("31462", "held", "notes", None, None)],
    ),
    "an ordinal, pairs, and words for none": (
        markdown("# | Service | Port | NodePort | Status", "1 | git | 3000, 22 | 30121, 30122 | Active", "2 | cache | 6379 | ClusterIP | Active", "3 | probe | 9100 | Host | Active"),
        [("30121", "used", "git", None, 3000), ("30122", "used", "git", None, 22)],
    ),
    "a bold paragraph names the namespace, a DNS name everything": (
        "**shop-dev namespace**\n\n" + markdown("Service | NodePort | In-cluster host", "api | 30151 | `api.shop-dev.svc.cluster.local:8080`"),
        [("30151", "held", "api", "shop-dev", 8080)],
    ),
    "a comment names the namespace": (
        "<!-- (namespace: jobs) -->\n\n" + markdown("Service | NodePort | Status", "scheduler | 30161 | ✅ Running", "worker | — | ✅ Running"),
        [("30161", "used", "scheduler", "jobs", None)],
    ),
    "a range for a namespace": (
        markdown("DC | Namespace | NodePorts", "dc1 | db-dc1 | 30410-30412"),
        [("30410-30412", "held", "", "db-dc1", None)],
    ),
    "labelled ports in one cell": (
        markdown("Environment | Namespace | NodePorts", "production | edge | 30180 (HTTP), 30543 (HTTPS)"),
        [("30180", "held", "", "edge", None), ("30543", "held", "", "edge", None)],
    ),
    "a slash is a pair": (markdown("Service | NodePort", "message queue | 30590/30591"), [("30590", "held", "message queue", None, None), ("30591", "held", "message queue", None, None)]),
    "a tick and a number in parentheses": (markdown("Daemonset | NodePort", "runner | ✔ (30804)", "cleaner | -"), [("30804", "held", "runner", None, None)]),
    "decoration": (markdown("Service | Namespace | NodePort", "**mirror** | `mirror` | **30484**", "[stats](x.md) | `mirror` | `30485`"), [("30484", "held", "mirror", "mirror", None), ("30485", "held", "stats", "mirror", None)]),
    "three columns of ports, of which one counts": (markdown("Mac Port | Docker Container Port | NodePort | Service", "8080 | 8081 | 3080 | web"), [("3080", "held", "web", None, 8081)]),
    "no outer pipes": ("Service       | TCP port\n--------------|---------\ngateway       | 31113\n  dashboard   | 31114\n", [("31113", "held", "gateway", None, None), ("31114", "held", "dashboard", None, None)]),
    "a block pattern": (markdown("Service | NodePort", "core | 308xx"), [("30800-30899", "held", "core", None, None)]),
    "an unknown status counts as used": (markdown("Service | NodePort | Status", "web | 30300 | 🚀 Shipping"), [("30300", "used", "web", None, None)]),
    "ports that are no node ports": (markdown("Service | Port", "web | 8080", "db | 5432"), []),
    "ports under a heading that says node ports": ("## NodePort overview\n\n" + markdown("Service | Port", "web | 3080"), [("3080", "held", "web", None, None)]),
    "fences and prose allocate nothing": ("```bash\ncurl :30500\n```\n\nOpen http://10.0.0.5:30700 and `nodePort: 30701`.\n\n```\n| Service | NodePort |\n|---|---|\n| x | 30702 |\n```\n", []),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape: str) -> None:
    text, expected = SHAPES[shape]
    assert read(text) == expected
    assert read(text.replace("\n", "\r\n")) == expected
    assert read("\ufeff" + text) == expected


def test_every_number_has_its_own_place() -> None:
    lines = [
        "# Ports",
        "",
        "| Service | NodePort |",
        "|---|---|",
        "| ä \\| b | x `30590`/30591 |",
        "| c |  **30600** - 30602 |",
    ]
    found, _ = read_markdown("\n".join(lines), "x.md", DEFAULT_RANGE)
    shown = []
    for row in found:
        region = row.location.region
        assert region is not None
        shown.append(lines[region.line - 1][region.column - 1 : region.end_column - 1])
    assert shown == ["30590", "30591", "30600", "30602"]


def test_cells_that_are_not_understood() -> None:
    text = markdown(
        "Service | NodePort", "web | see wiki", "api | 30092-30091", "db | ", "q | n/a", "r | 30XXX", "s | TBD"
    )
    found, problems = read_markdown(text, "x.md", DEFAULT_RANGE)
    assert found == []
    assert [(problem.kind, problem.location.label) for problem in problems] == [
        ("unread-reservation", "x.md:3:9"),
        ("unread-reservation", "x.md:4:9"),
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("30080", [(30080, 30080)]), ("30091-30092", [(30091, 30092)]), ("30000 \u2013 30010", [(30000, 30010)]), ("30030-30099 / 32222", [(30030, 30099), (32222, 32222)]),
        ("302xx", [(30200, 30299)]), ("300XX", [(30000, 30099)]), ("40xx", [(4000, 4099)]), ("http://ip:30701", [(30701, 30701)]), (":30500", [(30500, 30500)]),
        ("80:30009/TCP", [(30009, 30009)]), ("30080 (HTTP2)", [(30080, 30080)]), ("30080 (was 30081)", [(30080, 30080)]), ("v1.30.2", []), ("port30080", []), ("30080ms", []),
    ],
)  # fmt: skip
def test_numbers(cell: str, expected: list[tuple[int, int]]) -> None:
    assert [(span.first, span.last) for span in numbers_in(cell)] == expected


def test_words() -> None:
    assert plain_text("✅ **Active** `x` [y](z) <br>") == "Active x y"
    assert [
        meaning_of(word, "?") for word in ("✅ Active", "(live)", "Reserved", "AVAILABLE", "internal only", "whatever")
    ] == ["used", "used", "held", "free", "used", "?"]
    assert all(
        is_no_port(cell)
        for cell in ("-", "—", " ", "ClusterIP", "`Host`", "N/A", "30XXX", "<30xxx>", "External", "**none**")
    )
    assert not any(is_no_port(cell) for cell in ("see wiki", "?30080?", "soonish"))


def test_rows() -> None:
    assert [cell.text for cell in split_row("| a | b \\| c |")] == [" a ", " b \\| c "]
    assert [cell.text for cell in split_row("a | b")] == ["a ", " b"]
    assert [cell.text for cell in split_row("| | x |")] == [" ", " x "]


def test_comments() -> None:
    text = "<!-- nodeport-lint: ignore[a-b] why -->\n| x | 1 | <!-- nodeport-lint: ignore[c-d] so -->\n"
    assert [(comment.text, comment.alone, comment.location.label) for comment in read_comments(text, "x.md")] == [
        ("ignore[a-b] why", True, "x.md:1:1"),
        ("ignore[c-d] so", False, "x.md:2:11"),
    ]
    # An editor ends no line at a form feed, nor at U+2028.
    assert [one.location.label for one in read_comments("\x0c\u2028<!-- nodeport-lint: x -->", "x.md")] == ["x.md:1:3"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NODEPORT_ALLOCATION.md", True), ("node-ports.md", True), ("nodeports.markdown", True), ("PORT_REGISTRY.md", True), ("port-map.md", True), ("k8s-port-assignments.md", True),
        ("README.md", False), ("ports.md", False), ("nodeport.yaml", False), ("support.md", False), ("nodeport-lint.md", False), ("export-list.md", False),
    ],
)  # fmt: skip
def test_names_of_documents(name: str, expected: bool) -> None:
    assert is_registry_name(name) is expected


def test_a_document_of_one_endless_row_is_bounded() -> None:
    text = markdown("Service | NodePort", "x | " + "30080, " * 20_000) + markdown("Service | NodePort", "|" * 100_000)
    assert len(read_markdown(text, "x.md", DEFAULT_RANGE)[0]) == 100


def test_comments_of_one_line_of_an_allocation_document() -> None:
    text = "<!-- nodeport-lint: a --> <!-- nodeport-lint: b -->\n  <!-- nodeport-lint: c -->  \n"
    assert [(one.text, one.alone) for one in read_comments(text, "x.md")] == [("a", False), ("b", False), ("c", True)]
