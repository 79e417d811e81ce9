"""Which of several places is named: what moves a number again, alone or together, and no more than that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from nodeport_lint.engines.rendered import Watch
from nodeport_lint.model.render import Inputs, Rendered, RenderedText, RenderOptions
from nodeport_lint.provenance import (
    COMPUTED,
    EXACT,
    JOINT,
    MOVED,
    SINGLE,
    TEMPLATE,
    Number,
    Observed,
    tokens,
    trace,
)
from tests.provenance.fake import TEMPLATE as TEMPLATES
from tests.provenance.fake import VALUES, FakeEngine, failing, renders, service, told, vote

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
    """The expression and the user's file, the chart's values, its other files, its templates; each number becomes the
    next one."""
    files = {
        "@set/0": "s=30080", "chart/charts/z/values.yml": "30080", "chart/files/a.txt": "30080", TEMPLATES: "30080",
        "chart/values.yaml": "30080", "chart/zzz.txt": "30080", "user/0.txt": "30080",
    }  # fmt: skip
    tried = []

    class Refusing(FakeEngine):
        def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
            tried.append({path: data.decode() for path, data in inputs.items() if data.decode() != files[path]})
            if self.renders:
                raise failing("no")
            self.renders += 1
            return Rendered((RenderedText(service(30080), TEMPLATES),))

    engine = Refusing(lambda v, t: [])
    inputs = {path: text.encode() for path, text in files.items()}
    options = RenderOptions(values=("user/0.txt",), sets=(("--set", "@set/0"),))
    trace(engine, inputs, options, engine.render(inputs, options), Watch(), 8)
    assert [len(changed) for changed in tried] == [0, 7, 1, 1, 1, 1, 1, 1, 1]
    assert [(path, text[-5:]) for changed in tried[2:] for path, text in changed.items()] == [
        ("@set/0", "30081"), ("user/0.txt", "30081"), ("chart/charts/z/values.yml", "30081"),
        ("chart/values.yaml", "30081"), ("chart/files/a.txt", "30081"), ("chart/zzz.txt", "30081"), (TEMPLATES, "30081"),
    ]  # fmt: skip


def test_a_place_is_confirmed_with_another_number() -> None:
    """What fits one number by luck does not fit a second."""
    given = []

    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        given.append(v["a"])
        return [service(v["a"])]

    assert told(make, "a: 30080\nb: 30080\n") == [(EXACT, [f"{VALUES}:1:30080"])]
    assert len(given) == len(set(given)) == 3


def test_a_number_whose_list_changes_otherwise_is_computed() -> None:
    """The port beside it says that more has happened than that one number is another."""

    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(v["a"], 31000 if v["a"] == 30080 else 31001)]

    assert told(make, "a: 30080\n") == [(COMPUTED, [f"{VALUES}:1:30080"])] * 2


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


def test_a_number_that_it_is_computed_from_may_stand_in_a_large_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own number is looked for in every text; only others are not."""
    monkeypatch.setattr(tokens, "LARGE", 1)

    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(30080 if v["a"] == 30080 else 30099)]

    assert told(make, "b: 30080\na: 30080\n") == [(COMPUTED, [f"{VALUES}:2:30080"])]


def test_a_place_that_is_proven_is_not_called_computed() -> None:
    """b moves the number as it is, a changes it to another: b is its source."""

    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        one_change(v, {"a": 30080, "b": 30080})
        return [service(v["b"] if v["a"] == 30080 else 30099)]

    assert told(make, "a: 30080\nb: 30080\n") == [(SINGLE, [f"{VALUES}:2:30080"])]


def test_no_number_that_is_in_use_takes_the_place_of_another() -> None:
    """Of a number that an input or the output holds already nobody could say where it comes from."""
    given = set[int]()

    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        given.update({v["a"], v["b"]} - {30080})
        one_change(v, {"a": 30080, "b": 30080})
        return [service(v["a"], v["b"], 30083)]

    labels = told(make, "a: 30080\nb: 30080\nused: 30081 30082\n", most=3)
    assert [label for label, _ in labels] == [SINGLE, SINGLE, TEMPLATE]
    assert 30084 in given
    assert not given & {30081, 30082, 30083}


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


def test_a_number_may_move_with_its_list_and_its_namespace() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        first = [] if v["a"] == 30080 else [31000]
        text = service(*first, v["a"], name=f"x-{v['a'] * 7}")
        return [text.replace("metadata:\n", f"metadata:\n  namespace: n-{v['a'] * 7}\n")]

    assert told(make, "a: 30080\n") == [(MOVED, [f"{VALUES}:1:30080"])]


def observed(texts: Sequence[str]) -> list[list[Observed]]:
    """Objects written as ``kind name: number number``; their numbers are one list. ``-`` has neither kind nor name."""
    found = []
    for text in texts:
        name, _, numbers = text.partition(": ")
        values = [int(number) for number in numbers.split()]
        listed = tuple(Number(("numbers", index), number, values) for index, number in enumerate(values))
        found.append([Observed(() if name == "-" else tuple(name.split()), listed, text, dict)])
    return found


@pytest.mark.parametrize(
    ("before", "after", "label"),
    [
        ("Service a: {}", "Service b: {}", MOVED),
        ("Service a: {}", "Service b: 1 {}", MOVED),
        ("Service a: {}", "Gateway a: {}", TEMPLATE),
        ("-: {}", "-: {}", EXACT),
        ("-: {}", "-: 1 {}", COMPUTED),
    ],
)
def test_what_an_object_that_has_moved_has_in_common_with_the_one_it_was(before: str, after: str, label: str) -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [(before if v["a"] == 30080 else after).format(v["a"])]

    inputs = {VALUES: b"a: 30080\n"}
    engine = FakeEngine(make)
    found = trace(engine, inputs, RenderOptions(), engine.render(inputs, RenderOptions()), observed)
    assert [source.label for source in found.sources.values()] == [label]


# --- several places together -------------------------------------------------------------------


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
