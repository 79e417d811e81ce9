"""Which entries of one Service the API server refuses to give a number together."""

from __future__ import annotations

import pytest

from nodeport_lint.ports import PortEntry, clashes_in_service


@pytest.mark.parametrize(
    ("entries", "pairs"),
    [
        ([(80, "TCP", 1), (443, "TCP", 2)], []),
        ([(80, "TCP", 1), (443, "TCP", 1)], [(0, 1)]),
        ([(53, "TCP", 1), (53, "UDP", 1)], []),
        ([(93, "TCP", 1), (76, "UDP", 1)], [(0, 1)]),
        ([(53, "TCP", 1), (53, "TCP", 1)], [(0, 1)]),
        ([(53, "TCP", 1), (53, "UDP", 2), (53, "SCTP", 1)], []),
        ([(53, "TCP", 2), (53, "UDP", 1), (53, "SCTP", 1)], [(1, 2)]),
        ([(53, "TCP", 0), (53, "UDP", 0)], []),
        ([(1, "TCP", 5), (2, "TCP", 5), (3, "TCP", 5)], [(0, 1), (0, 2)]),
    ],
)
def test_clashes_in_one_service(entries: list[tuple[int, str, int]], pairs: list[tuple[int, int]]) -> None:
    assert clashes_in_service([PortEntry(*entry) for entry in entries]) == pairs


def test_a_service_that_only_stores_its_numbers_clashes_by_protocol() -> None:
    entries = [PortEntry(93, "TCP", 1), PortEntry(76, "UDP", 1), PortEntry(77, "TCP", 1)]
    assert clashes_in_service(entries, allocates=False) == [(0, 2)]
