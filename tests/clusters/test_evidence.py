"""Which pairs can be live together, without a tree around them."""

from __future__ import annotations

import pytest

from nodeport_lint.clusters.evidence import EVIDENCE, judge
from nodeport_lint.clusters.known import Known
from nodeport_lint.model import Confidence, Declaration, Inventory
from tests.make import declaration


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (declaration("web", "a"), declaration("api", "b"), Confidence.CERTAIN),
        (declaration("web", "a"), declaration("api", "b", "b.yaml"), Confidence.LIKELY),
        (declaration("web"), declaration("web", path="b.yaml"), None),
        (declaration("web", "a"), declaration("web", "a", "b.yaml"), None),
        (declaration("web", "a"), declaration("web", path="b.yaml"), None),
        (declaration("web", "a"), declaration("web", "b", "b.yaml"), Confidence.POSSIBLE),
        # In one file the object without a namespace is another one: else it would be written twice.
        (declaration("web", "a"), declaration("web"), Confidence.CERTAIN),
        (declaration("web", "a"), declaration("web", "a"), None),
        (declaration("web", path="c", variant="dev", kind="chart"), declaration("api", path="c", variant="prod", kind="chart"), None),
        (declaration("web", path="c", variant="dev", kind="chart"), declaration("api", path="d", variant="prod", kind="chart"), Confidence.POSSIBLE),
    ],
)  # fmt: skip
def test_verdict(a: Declaration, b: Declaration, expected: Confidence | None) -> None:
    verdict = judge(Inventory())
    assert verdict(a, b).confidence == expected
    assert verdict(b, a) == verdict(a, b)._replace(reason=verdict(b, a).reason)
    assert verdict(a, b).reason


def test_every_piece_of_evidence_can_be_absent() -> None:
    pair = declaration("web"), declaration("api", path="b.yaml")
    assert [evidence(*pair, Known(Inventory())) for evidence in EVIDENCE] == [None] * len(EVIDENCE)
