"""What a render gave is kept, comes back as it was, and nothing else that lies there is taken for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nodeport_lint.config import parse_config
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
from nodeport_lint.model.render import RenderError, RenderOptions
from tests.components import rendering
from tests.make import LOW, WEB, labels, lint_tree, write_tree
from tests.provenance.fake import FakeEngine

ENGINE, INPUTS, OPTIONS = FakeEngine(lambda values, numbers: []), {"chart/values.yaml": b"a: 1\n"}, RenderOptions()
KEY = key_of(ENGINE.id, FORMAT, INPUTS, OPTIONS)
AT = InputRegion("chart/values.yaml", Region(1, 4, 1, 9))
NUMBER = TracedNumber(("spec", "ports", 0, "nodePort"), "exact", False, (AT, AT))
MADE = Outcome(
    [
        TracedDocument("kind: Service\n", "chart/templates/a.yaml", (TracedObject((NUMBER,), ((("kind",), AT),)),)),
        TracedDocument(
            "kind: Service\n", None, (TracedObject(), TracedObject((NUMBER._replace(fixed=True, places=()),)))
        ),
    ],
    [Failure("template", "load", "no such value", "chart/templates/b.yaml", 3), Failure("lines", "x", "", None, None)],
)


def ask(cache: Cache, makes: list[Outcome]) -> Outcome:
    """``makes`` are the outcomes that may be made, one after another."""
    return kept_or_made(ENGINE, cache, INPUTS, OPTIONS, makes.pop)


def test_an_outcome_comes_back_as_it_was(tmp_path: Path) -> None:
    assert ask(Cache(str(tmp_path)), [MADE]) == MADE
    assert ask(Cache(str(tmp_path)), []) == MADE._replace(cached=True)


@pytest.mark.parametrize("kind", sorted(RenderError.LIMITS))
def test_what_hit_a_limit_is_not_kept(tmp_path: Path, kind: str) -> None:
    late = Outcome([], [Failure("template", "load", "", None, None), Failure("chart", kind, "too much", None, None)])
    assert ask(Cache(str(tmp_path)), [late]) == late
    assert ask(Cache(str(tmp_path)), [MADE]) == MADE


def written() -> Any:
    """What is written for MADE."""
    return json.loads(json.dumps([MADE.documents, MADE.failures]))


def changed(*steps: int, to: Any) -> Callable[[], Any]:
    """What is written for MADE, with something else at one place."""

    def value() -> Any:
        whole = written()
        inner = whole
        for step in steps[:-1]:
            inner = inner[step]
        inner[steps[-1]] = to
        return whole

    return value


_OBJECT = (0, 0, 2, 0)
_NUMBER = (*_OBJECT, 0, 0)
WRONG: dict[str, Callable[[], Any]] = {
    "nothing": lambda: None, "a number": lambda: 3, "a text": lambda: "ab", "an empty list": list, "an empty mapping": dict,
    "one list": lambda: written()[:1], "three lists": lambda: [*written(), []],
    "a mapping": lambda: {"documents": [], "failures": []},
    "texts": lambda: ["", ""], "mappings": lambda: [{}, {}],
    "documents that are a text": changed(0, to=""), "failures that are a text": changed(1, to=""),
    "documents that are none": changed(0, to=None), "failures that are none": changed(1, to=None),
    "a document that is a text": changed(0, 0, to="abc"), "a document that is a number": changed(0, 0, to=1),
    "a document of two parts": changed(0, 0, to=["kind: Service\n", None]),
    "a document without a text": changed(0, 0, 0, to=None), "a document whose text is a number": changed(0, 0, 0, to=5),
    "a source that is a number": changed(0, 0, 1, to=5), "a source that is a list": changed(0, 0, 1, to=["a"]),
    "objects that are a text": changed(0, 0, 2, to=""), "objects that are a mapping": changed(0, 0, 2, to={}),
    "an object of one part": changed(*_OBJECT, to=[[]]), "an object of texts": changed(*_OBJECT, to=["", ""]),
    "numbers that are a text": changed(*_OBJECT, 0, to=""), "lines that are a text": changed(*_OBJECT, 1, to=""),
    "a number of three parts": changed(*_NUMBER, to=[["spec"], "exact", False]),
    "a route that is a text": changed(*_NUMBER, 0, to="spec"), "a route of numbers with points": changed(*_NUMBER, 0, to=[1.5]),
    "a label that is none": changed(*_NUMBER, 1, to="exactly"),
    "a label that is a list": changed(*_NUMBER, 1, to=["exact"]), "fixed that is a number": changed(*_NUMBER, 2, to=2),
    "places that are a text": changed(*_NUMBER, 3, to=""), "a place of one part": changed(*_NUMBER, 3, 0, to=["a"]),
    "a place without a path": changed(*_NUMBER, 3, 0, 0, to=None), "a region that is a text": changed(*_NUMBER, 3, 0, 1, to="1111"),
    "a region of three": changed(*_NUMBER, 3, 0, 1, to=[1, 1, 1]), "a region of texts": changed(*_NUMBER, 3, 0, 1, to=["1", "1", "1", "1"]),
    "a line of one part": changed(*_OBJECT, 1, 0, to=[["kind"]]), "a line whose route is a text": changed(*_OBJECT, 1, 0, 0, to="kind"),
    "a line without a place": changed(*_OBJECT, 1, 0, 1, to=None),
    "a failure that is a text": changed(1, 0, to="abcde"), "a failure of four parts": changed(1, 0, to=["chart", "load", "m", None]),
    "a failure of six parts": changed(1, 0, to=["chart", "load", "m", None, None, None]),
    "a failure of what there is not": changed(1, 0, 0, to="charts"), "a failure without words": changed(1, 0, 2, to=None),
    "a failure without a kind": changed(1, 0, 1, to=None),
    "a failure in a number": changed(1, 0, 3, to=1), "a failure in a line that is a text": changed(1, 0, 4, to="3"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_outcome_is_as_good_as_nothing(tmp_path: Path, case: str) -> None:
    """The file is whole, and the sum is right: what it holds has another shape."""
    cache = Cache(str(tmp_path))
    wrong = WRONG[case]()
    assert wrong != written()
    cache.put(KEY, wrong)
    assert cache.get(KEY) == wrong, "what is wrong is what is read"
    assert ask(cache, [MADE]) == MADE
    assert ask(cache, []) == MADE._replace(cached=True), "the right one takes its place"


def kept_below(directory: Path) -> Path:
    """The file of the one outcome. What is known of programs lies beside it."""
    (path,) = (path for path in directory.rglob("*.json") if b"30080" in path.read_bytes())
    return path


def test_a_broken_cache_is_an_empty_one(tmp_path: Path) -> None:
    """From the files to the findings: not whole, of another sum, and whole with something else in it."""
    how = rendering(cache=str(tmp_path / "cache"))
    root = tmp_path / "root"
    write_tree(root, WEB)
    config = parse_config(LOW, ".nodeport-lint.yaml")

    def told() -> tuple[object, ...]:
        report = lint_tree(root, config, rendering=how)
        assert labels(report) == ["web/values.yaml:1:11 30080 web"]
        return report.findings, report.notices, report.statistics

    first = told()
    path = kept_below(tmp_path / "cache")
    right = path.read_bytes()
    documents = json.loads(right.partition(b"\n")[2])[0]
    for text in (b"", b"{}", right[:-1], right.replace(b"30080", b"30081"), b"0" * 64 + right[64:]):
        path.write_bytes(text)
        assert told() == first
        assert path.read_bytes() == right
    for value in (
        [],
        [[], "", ""],
        ["", ""],
        [[[5, *documents[0][1:]]], []],
        [documents, [["all", "load", "", None, None]]],
    ):
        Cache(str(tmp_path / "cache")).put(path.parent.name + path.stem, value)
        assert path.read_bytes() != right
        assert told() == first
        assert path.read_bytes() == right


def test_what_is_kept_is_what_is_reported(tmp_path: Path) -> None:
    """Without this, the test above could not fail: what has the right shape is believed."""
    how = rendering(cache=str(tmp_path / "cache"))
    write_tree(tmp_path / "root", WEB)
    config = parse_config(LOW, ".nodeport-lint.yaml")
    lint_tree(tmp_path / "root", config, rendering=how)
    path = kept_below(tmp_path / "cache")
    documents, failures = json.loads(path.read_bytes().partition(b"\n")[2])
    documents[0][0] = documents[0][0].replace("30080", "30081")
    Cache(str(tmp_path / "cache")).put(path.parent.name + path.stem, [documents, failures])
    assert labels(lint_tree(tmp_path / "root", config, rendering=how)) == ["web/values.yaml:1:11 30081 web"]
