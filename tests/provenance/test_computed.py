"""Numbers that stand nowhere as they are: random ones, and those that are computed from others."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from nodeport_lint.engines.rendered import Watch
from nodeport_lint.model.render import Inputs, Rendered, RenderedText, RenderOptions
from nodeport_lint.provenance import COMPUTED, EXACT, RANDOM, TEMPLATE, tokens, trace
from tests.provenance.fake import TEMPLATE as TEMPLATES
from tests.provenance.fake import VALUES, FakeEngine, failing, renders, service, told, whole_trace, written


def test_a_service_of_a_random_name_is_random() -> None:
    names = itertools.count()
    assert told(lambda v, t: [service(30080, name=f"x-{next(names)}")], "a: 1\n") == [(RANDOM, [])]


def test_only_what_differs_is_random() -> None:
    numbers = itertools.count(31000)
    assert told(lambda v, t: [service(30080, next(numbers))], "a: 1\n") == [(TEMPLATE, []), (RANDOM, [])]


def test_of_what_it_is_computed_from_its_own_comes_first() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(v["base"] + v["a"], v["base"] + v["b"], name="web"), service(v["base"], name="db")]

    text = "base: 30000\nother: 7\na: 80\nb: 81\n"
    assert told(make, text) == [
        (COMPUTED, [f"{VALUES}:3:80", f"{VALUES}:1:30000"]),
        (COMPUTED, [f"{VALUES}:4:81", f"{VALUES}:1:30000"]),
        (EXACT, [f"{VALUES}:1:30000"]),
    ]


def test_numbers_of_its_template_are_looked_at_last_and_only_large_ones() -> None:
    template = "= 30000\n= 80\n= 1000\n= 999\n"
    assert told(lambda v, t: [service(sum(t))], "a: 1\n", template) == [
        (COMPUTED, [f"{TEMPLATES}:1:30000", f"{TEMPLATES}:3:1000"])
    ]
    # A value that it is computed from is told, and the template is not looked at.
    assert told(lambda v, t: [service(t[0] + v["a"])], "a: 80\n", "= 30000\n") == [(COMPUTED, [f"{VALUES}:1:80"])]


def test_numbers_are_made_larger_by_one() -> None:
    """So that an index stays one, and a flag that is a number becomes another."""
    seen = set()

    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        seen.add(v["a"])
        return [service([30000, 30010, 30020][v["a"]])]

    assert told(make, "a: 1\n") == [(COMPUTED, [f"{VALUES}:1:1"])]
    assert seen == {1, 2}


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64])
def test_contributors_are_found_by_halving(count: int) -> None:
    keys = [f"k{index}" for index in range(count)]
    text = "".join(f"{key}: {100 + index}\n" for index, key in enumerate(keys))
    last = keys[-1]
    found, inputs, _ = whole_trace(lambda v, t: [service(30000 + v[last])], text)
    assert [(one.label, written(inputs, one)) for one in found.sources.values()] == [
        (COMPUTED, [f"{VALUES}:{count}:{99 + count}"])
    ]
    # The same once more for chance, then two for each halving, and the whole.
    assert found.renders <= 2 + 2 * count.bit_length()


def test_contributors_are_found_beside_numbers_that_must_stay() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        if v["replicas"] != 3:
            raise failing("three or none")
        return [service(v["base"] + v["a"])]

    assert told(make, "replicas: 3\nbase: 30000\na: 80\n") == [(COMPUTED, [f"{VALUES}:2:30000", f"{VALUES}:3:80"])]


def test_large_texts_are_not_searched_for_contributors(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(30000 + v["a"])]

    text = "a: 80\n# a comment\n"
    monkeypatch.setattr(tokens, "LARGE", len(text) + 1)
    assert told(make, text) == [(COMPUTED, [f"{VALUES}:1:80"])]
    monkeypatch.setattr(tokens, "LARGE", len(text))
    assert told(make, text) == [(TEMPLATE, [])]


def test_a_number_that_nothing_moves_is_the_template_s() -> None:
    assert told(lambda v, t: [service(30080)], "a: 1\n", "= 5000") == [(TEMPLATE, [])]


def test_numbers_of_other_templates_are_not_looked_at() -> None:
    class Two(FakeEngine):
        def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
            added = int(inputs["chart/templates/other.yaml"])
            return Rendered((RenderedText(service(20000 + added), TEMPLATES),))

    inputs = {VALUES: b"a: 1\n", TEMPLATES: b"= 20000\n", "chart/templates/other.yaml": b"10080"}
    engine = Two(lambda v, t: [])
    found = trace(engine, inputs, RenderOptions(), engine.render(inputs, RenderOptions()), Watch())
    assert [(source.label, source.places) for source in found.sources.values()] == [(TEMPLATE, ())]


def test_numbers_of_other_files_are_looked_at() -> None:
    class Reading(FakeEngine):
        def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
            return Rendered((RenderedText(service(20000 + int(inputs["chart/files/base.txt"])), TEMPLATES),))

    inputs = {VALUES: b"a: 1\n", "chart/files/base.txt": b"10080"}
    engine = Reading(lambda v, t: [])
    found = trace(engine, inputs, RenderOptions(), engine.render(inputs, RenderOptions()), Watch())
    assert [(one.label, written(inputs, one)) for one in found.sources.values()] == [
        (COMPUTED, ["chart/files/base.txt:1:10080"])
    ]


@pytest.mark.parametrize(
    ("number", "label"), [("100000000080", COMPUTED), ("1000000000080", TEMPLATE), ("9" * 4990 + "080", TEMPLATE)]
)
def test_numbers_of_more_than_twelve_digits_are_none_that_it_is_computed_from(number: str, label: str) -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(30000 + int(v["a"][-3:]))]

    ((found, _),) = told(make, f'a: "{number}"\n')
    assert found == label


def test_no_render_is_spent_on_what_could_tell_nothing() -> None:
    # Nothing to replace: once more, to see whether it is random.
    assert renders(lambda v, t: [service(30080)], "a: b\n") == 1
    # One place: all at once, alone, and not together with others; once more; one larger.
    assert renders(lambda v, t: [service(30080)], "a: 30080\n") == 4
    # Known from the values: the numbers of the template are not tried.
    alone = renders(lambda v, t: [service(30000 + v["a"])], "a: 80\n")
    assert renders(lambda v, t: [service(30000 + v["a"])], "a: 80\n", "= 5000\n") == alone


def test_the_engine_is_asked_which_inputs_count() -> None:
    class Choosy(FakeEngine):
        def scannable(self, path: str) -> bool:
            return path != "chart/notes.txt"

    engine = Choosy(lambda v, t: [service(v["a"])])
    inputs = {VALUES: b"a: 30080\n", "chart/notes.txt": b"30080\n"}
    found = trace(engine, inputs, RenderOptions(), engine.render(inputs, RenderOptions()), Watch())
    assert [source.label for source in found.sources.values()] == [EXACT]
    assert found.renders == 1
