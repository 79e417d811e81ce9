"""Which of several places is named: what moves a number again, alone or together, and no more than that."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from nodeport_lint.provenance import COMPUTED, EXACT, JOINT, MOVED, RANDOM, SINGLE, TEMPLATE, tokens
from tests.provenance.fake import VALUES, FakeEngine, failing, service, whole_trace, written

Make = Callable[[dict[str, Any], list[int]], list[str]]
INSIDE = "chart/templates/service.yaml"


def told(make: Make, values: str, template: str = "", **more: Any) -> list[tuple[str, list[str]]]:
    """Label and places of every number, in the order of the output."""
    found, inputs, _ = whole_trace(make, values, template, **more)
    return [(source.label, written(inputs, source)) for source in found.sources.values()]


def renders(make: Make, values: str, template: str = "", **more: Any) -> int:
    found, _, engine = whole_trace(make, values, template, **more)
    assert engine.renders == found.renders + 1
    return found.renders


# --- one place ---------------------------------------------------------------------------------


def test_each_number_has_its_own_place() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(v["b"], v["a"]), service(v["c"], name="db")]

    assert told(make, "a: 30080\nb: 30081\nc: 30082\n") == [
        (EXACT, [f"{VALUES}:2:30081"]), (EXACT, [f"{VALUES}:1:30080"]), (EXACT, [f"{VALUES}:3:30082"]),
    ]  # fmt: skip
    assert renders(make, "a: 30080\nb: 30081\nc: 30082\n") == 1


def either(v: dict[str, Any]) -> int:
    """With a, b and c all different it is that of b; with b alone changed it is still that of a."""
    number: int = v["a"] if v["a"] == v["c"] else v["b"]
    return number


def test_a_place_that_fits_by_luck_is_not_named() -> None:
    ((label, places),) = told(lambda v, t: [service(either(v))], "a: 30080\nb: 30080\nc: 30080\n")
    assert (label, len(places)) == (JOINT, 2)
    assert f"{VALUES}:3:30080" in places


def test_what_is_confirmed_stays_where_another_is_not() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(v["x"]), service(either(v), name="db")]

    first, (label, places) = told(make, "x: 30081\ny: 30081\na: 30080\nb: 30080\nc: 30080\n")
    assert first == (EXACT, [f"{VALUES}:1:30081"])
    assert (label, len(places)) == (JOINT, 2)


def test_a_number_is_confirmed_only_where_there_was_a_choice() -> None:
    # Of the number that is no output's there is no place that could have lost.
    assert renders(lambda v, t: [service(v["a"])], "a: 30080\nb: 30081\n") == 1
    assert renders(lambda v, t: [service(v["a"])], "a: 30080\nb: 30080\n") == 2
    assert renders(lambda v, t: [service(v["a"], v["b"])], "a: 30080\nb: 30080\n") == 1


def one_change(v: dict[str, Any], before: dict[str, int]) -> None:
    if sum(v[key] != number for key, number in before.items()) > 1:
        raise failing("one change at a time")


def test_single_changes_are_tried_until_every_number_is_known() -> None:
    before = {"a": 30080, "b": 30081, "c": 30080, "d": 30081}

    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        one_change(v, before)
        return [service(v["a"], v["b"])]

    text = "a: 30080\nb: 30081\nc: 30080\nd: 30081\n"
    assert told(make, text) == [(SINGLE, [f"{VALUES}:1:30080"]), (SINGLE, [f"{VALUES}:2:30081"])]
    # All at once; then a and b, and neither c nor d.
    assert renders(make, text) == 3


def test_single_changes_begin_with_what_a_user_wrote() -> None:
    """The user's file, the expression, the chart's values, its other files, its templates."""
    tried: list[str] = []

    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        now = {"user": v["u"], "set": v["s"], "values": v["a"], "template": t[0]}
        tried.append(" ".join(name for name, number in now.items() if number != 30080))
        if len(tried) > 1:
            raise failing("no")
        return [service(30080)]

    whole_trace(make, "a: 30080\n", "= 30080", user="u: 30080\n", expression="s=30080", most=5)
    assert tried == ["", "user set values template", "set", "user", "values", "template"]


def test_renders_that_fail_tell_nothing_and_end_nothing() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        one_change(v, {"a": 30080, "b": 30080, "c": 30080})
        if v["a"] != 30080:
            raise failing("a is fixed")
        return [service(v["b"])]

    assert told(make, "a: 30080\nb: 30080\nc: 30080\n") == [(SINGLE, [f"{VALUES}:2:30080"])]


def test_a_number_that_changes_to_another_is_computed_from_all_that_change_it() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        changed = sum(v[key] != 30080 for key in "ab")
        return [service(30080 + 100 * changed)]

    assert told(make, "b: 30080\nc: 30080\na: 30080\n") == [(COMPUTED, [f"{VALUES}:1:30080", f"{VALUES}:3:30080"])]


def test_a_place_that_is_proven_is_not_called_computed() -> None:
    """b moves the number as it is, a changes it to another: b is its source."""

    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        one_change(v, {"a": 30080, "b": 30080})
        return [service(v["b"] if v["a"] == 30080 else 30099)]

    assert told(make, "a: 30080\nb: 30080\n") == [(SINGLE, [f"{VALUES}:2:30080"])]


def test_no_number_that_is_written_already_takes_the_place_of_another() -> None:
    """Of a number that is in use nobody could say where it comes from."""
    given: list[int] = []

    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        given.extend(number for key, number in v.items() if key != "free" and number not in used)
        raised = v["a"] != 30080 and v["b"] != 30080
        if raised:
            raise failing("both")
        return [service(v["a"], v["b"], 30083)]

    used = [30080, 30081, 30082, 30083]
    labels = told(make, "a: 30080\nb: 30080\nfree: 30081 30082\n")
    assert [label for label, _ in labels] == [SINGLE, SINGLE, TEMPLATE]
    assert set(given) >= {30084}
    assert not set(given) & set(used)


# --- an object of another name -----------------------------------------------------------------


def renamed(number: int, name: str = "x", **more: Any) -> str:
    """A Service whose name is made from its number, and does not hold it."""
    return service(number, name=f"{name}-{number * 7}", **more)


def test_of_two_that_could_have_moved_none_is_named() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [renamed(v["a"]), renamed(v["b"], "y")]

    text = "a: 30080\nb: 30081\n"
    assert told(make, text) == [(MOVED, [f"{VALUES}:1:30080"]), (MOVED, [f"{VALUES}:2:30081"])]
    # Equal numbers: one of them at a time is known, as one has moved and the other is where it was.
    assert [label for label, _ in told(make, "a: 30080\nb: 30080\n")] == [SINGLE, SINGLE]


def test_a_number_has_moved_only_to_the_same_field() -> None:
    """The number of the Service that has gone is now the health check's of another: that is another field."""

    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        if v["a"] == 30080:
            return [service(v["a"])]
        return [service(31000, name="y") + f"  healthCheckNodePort: {v['a']}\n"]

    assert told(make, "a: 30080\n") == [(TEMPLATE, [])]


# --- several places together -------------------------------------------------------------------


def vote(v: dict[str, Any], t: list[int]) -> list[str]:
    """The number that most of them have; where all differ, the first."""
    numbers = [v["a"], v["b"], t[0]]
    return [service(Counter(numbers).most_common(1)[0][0])]


def test_of_places_that_only_together_move_it_as_few_as_can_be() -> None:
    """Two of the three would do. What stays is what a user is most likely to edit."""
    assert told(vote, "a: 30080\nb: 30080\n", "= 30080") == [(JOINT, [f"{VALUES}:1:30080", f"{VALUES}:2:30080"])]
    assert told(vote, "a: 30080\n", "= 30080", user="b: 30080\n") == [
        (JOINT, ["user/0.yaml:1:30080", f"{VALUES}:1:30080"])
    ]
    # What has no part in it is left out, however near it stands.
    text = "".join(f"{key}: 30080\n" for key in "xaybz")
    assert told(vote, text, "= 30080") == [(JOINT, [f"{VALUES}:2:30080", f"{VALUES}:4:30080"])]


def test_each_number_has_its_own_places_together() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [
            service(v["a"] if v["a"] == v["b"] else 30080, v["c"] if v["c"] == v["d"] else 30081),
        ]

    assert told(make, "a: 30080\nb: 30080\nc: 30081\nd: 30081\n") == [
        (JOINT, [f"{VALUES}:1:30080", f"{VALUES}:2:30080"]), (JOINT, [f"{VALUES}:3:30081", f"{VALUES}:4:30081"]),
    ]  # fmt: skip


def test_places_that_do_not_move_it_together_are_not_named() -> None:
    assert told(lambda v, t: [service(30080)], "a: 30080\nb: 30080\n") == [(TEMPLATE, [])]


# --- no number of its own ----------------------------------------------------------------------


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
        (COMPUTED, [f"{INSIDE}:1:30000", f"{INSIDE}:3:1000"])
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


def test_the_engine_is_asked_which_inputs_count() -> None:
    class Choosy(FakeEngine):
        def scannable(self, path: str) -> bool:
            return path != "chart/notes.txt"

    from nodeport_lint.engines.rendered import Watch
    from nodeport_lint.model.render import RenderOptions
    from nodeport_lint.provenance import trace

    engine = Choosy(lambda v, t: [service(v["a"])])
    inputs = {VALUES: b"a: 30080\n", "chart/notes.txt": b"30080\n"}
    found = trace(engine, inputs, RenderOptions(), engine.render(inputs, RenderOptions()), Watch())
    assert [source.label for source in found.sources.values()] == [EXACT]
    assert found.renders == 1
