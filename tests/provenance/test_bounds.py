"""What many numbers of a chart may cost: texts are looked at once, and the work grows no faster than they do."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from nodeport_lint.engines.rendered import Watch
from nodeport_lint.model.render import Rendered, RenderedText, RenderOptions
from nodeport_lint.provenance import tokens
from nodeport_lint.provenance.tracing import Seen, trace
from tests.counting import Looked, calls_in, calls_of, giving_back, grows_linearly
from tests.provenance.fake import Printing, many, service, whole_trace


@pytest.mark.parametrize(
    "pattern",
    [tokens._NUMBER, tokens._COMMENT, tokens._COMMENT_END, tokens.DECIMAL, tokens._FOUR_OR_FIVE, tokens._MARKED,
     tokens._UNMARKABLE_END, tokens.MARK],
    ids=lambda pattern: pattern.pattern[:20],
)  # fmt: skip
def test_no_pattern_of_tokens_gives_back(pattern: re.Pattern[str]) -> None:
    assert giving_back(pattern) == []


def test_comments_are_found_once() -> None:
    grows_linearly(lambda n: lambda: tokens.candidates({"a": "30080\n" * n + "{{/*" * n}, {30080}, {}))
    grows_linearly(lambda n: lambda: tokens.candidates({"a": "30080 {{/* 30080 */}}" * n}, {30080}, {}))


def test_a_line_of_numbers_is_looked_at_once() -> None:
    looked = []
    for count in (500, 2000):
        Looked.looked = 0
        assert len(tokens.candidates({"a.yaml": Looked("a: 30080 " * count)}, {30080}, {})) == count
        looked.append(Looked.looked)
    assert looked[1] <= 5 * looked[0]


def test_the_first_numbers_are_kept_and_no_more() -> None:
    text = "30081 30080 " * 5000
    held = []
    for most in (None, 10):
        tracemalloc.start()
        found = tokens.candidates({"b": text, "a": text}, {30080, 30081}, {}, most)
        held.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert [one.place.path for one in found[:2]] == ["a", "a"]
        assert {one.value for one in found[:10]} == {30080}
    assert len(found) == 10
    assert held[1] < held[0] / 50


def test_many_values_are_not_looked_for_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    spelt = calls_of(monkeypatch, tokens, "_spellings")
    assert len(tokens.candidates({"a": "30080"}, set(range(30000, 32767)), {})) == 1
    assert len(spelt) == 0


@pytest.mark.parametrize("digits", [5000, 50_000])
def test_numbers_of_many_digits_are_none(digits: int) -> None:
    assert tokens.value_of("9" * digits) is None
    assert tokens.value_of(f"1.{'0' * digits}") is None


def test_texts_are_decoded_one_by_one() -> None:
    inputs = {f"chart/{index}.txt": b"30080 " + b"x" * (1 << 20) for index in range(20)}
    tracemalloc.start()
    texts = tokens.Texts(inputs, inputs)
    assert len(tokens.candidates(texts, {30080}, {})) == 20
    assert tokens.written_numbers(texts.values()) == {30080}
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < 4 << 20


def test_names_of_documents_are_not_copied_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    copied = []

    class Counted(tuple[Any, ...]):
        def __new__(cls, items: Any = ()) -> Any:
            made = tuple(items)
            copied.append(len(made))
            return made

    monkeypatch.setattr("nodeport_lint.provenance.tracing.tuple", Counted, raising=False)
    for count in (50, 200):
        copied.clear()
        Seen(Rendered(tuple(RenderedText(text, None) for text in many(count))), Watch(), {})
        assert sum(copied) <= 5 * count


@pytest.mark.parametrize(
    "make",
    [
        lambda numbers: [service(number, name=f"web-{number * 7}") for number in numbers],
        lambda numbers: [service(number + 1, name=f"web-{number}") for number in numbers],
        lambda numbers: [service(number, name=f"web-{index}") for index, number in enumerate(numbers)],
        lambda numbers: [service(*numbers)],
        lambda numbers: [service(*([numbers[0]] * len(numbers)))],
    ],
    ids=["moved", "computed", "as they are", "of one Service", "one number for all"],
)
def test_tracing_many_numbers(make: Callable[[list[int]], list[str]]) -> None:
    def traces(count: int) -> Callable[[], object]:
        values = "".join(f"p{index}: {30000 + index}\n" for index in range(count))
        return lambda: whole_trace(lambda v, t: make([v[f"p{index}"] for index in range(count)]), values, most=6)

    grows_linearly(traces, 100)


def test_tracing_one_of_many_equal_numbers() -> None:
    def traces(count: int) -> Callable[[], object]:
        values = "a: 30080\n" + "".join(f"b{index}: 30080\n" for index in range(count))
        return lambda: whole_trace(lambda v, t: [service(v["a"])], values)

    grows_linearly(traces, 100)


def test_a_document_of_many_services_is_cut_into_lines_once() -> None:
    one = "{{apiVersion: v1, kind: Service, metadata: {{name: a{0}}}, spec: {{ports: [{{nodePort: {0}}}]}}}}"
    items = ",\n".join(one.format(30000 + index) for index in range(50))
    engine = Printing([f"kind: List\napiVersion: v1\nitems: [{items}]\n"], keeps_comments=True)
    inputs = {"chart/templates/service.yaml": b"nodePort: 30000\n"}
    first = engine.render(inputs, RenderOptions())
    assert calls_in(lambda: trace(engine, inputs, RenderOptions(), first, Watch(), 1), "split") < 10
