"""A budget is shared by those who ask for it."""

from __future__ import annotations

import pytest

from nodeport_lint.model.budget import Budget


@pytest.mark.parametrize(
    ("count", "others", "expected"),
    [(10, 10, 40), (10, 12, 10), (50, 1, 40), (50, 3, 4), (1_000, 1_000, 4), (1, 400, 40)],
)
def test_each_side_gets_its_share(count: int, others: int, expected: int) -> None:
    budget = Budget(200, most=40, least=4, at_once=100)
    assert budget.share(count, count * others) == expected
    budget.spend(300)
    assert budget.share(count, count * others) == 4
