"""A kept outcome comes back as it was; anything else under its key is made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nodeport_lint.engines.cache import Cache, key_of
from nodeport_lint.engines.outcome import (
    FORMAT,
    Failure,
    InputRegion,
    Outcome,
    TracedDocument,
    TracedNumber,
    TracedObject,
    kept_or_made,
)
from nodeport_lint.model import Region
from nodeport_lint.model.render import RenderOptions
from tests.provenance.fake import FakeEngine

PLACE = InputRegion("chart/a", Region(1, 2, 3, 4))
OBJECT = TracedObject((TracedNumber(("spec", 0), "exact", False, (PLACE,)),), ((("kind",), PLACE),))
OUTCOME = Outcome(
    [TracedDocument("kind: Service", "chart/a", (OBJECT,)), TracedDocument("x", None, ())],
    [Failure("template", "load", "why", None, 3)],
)
INPUTS, OPTIONS = {"chart/a": b"1"}, RenderOptions()


def kept(directory: Path) -> Outcome:
    return kept_or_made(FakeEngine(lambda values, numbers: []), Cache(str(directory)), INPUTS, OPTIONS, lambda: OUTCOME)


def test_an_outcome_comes_back(tmp_path: Path) -> None:
    assert kept(tmp_path) == OUTCOME
    assert kept(tmp_path) == OUTCOME._replace(cached=True)


@pytest.mark.parametrize(
    "value",
    [
        None, 1, "ab", {"documents": [], "failures": []}, {"a": 1, "b": 2}, [], [[]], [[], [], []], ["", ""], [{}, {}],
        [[["x", None, ""]], []], [[[1, None, []]], []], [[["x", 1, []]], []], [[["x", None]], []],
        [[], [["chart", "load", "why", None]]], [[], [["chart", "load", None, None, None]]],
        [[["x", None, [[[], [[["kind"], ["a", [1, 2, 3]]]]]]]], []],
        [[["x", None, [[[], [[["kind"], ["a", "1234"]]]]]]], []],
        [[["x", None, [[[[[[]], "exact", False, []]], []]]]], []],
        [[["x", None, [[[["spec", "exact", False, []]], []]]]], []],
    ],
)  # fmt: skip
def test_another_shape_is_as_good_as_none(tmp_path: Path, value: Any) -> None:
    engine = FakeEngine(lambda values, numbers: [])
    Cache(str(tmp_path)).put(key_of(engine.id, FORMAT, INPUTS, OPTIONS), value)
    assert kept(tmp_path) == OUTCOME
