"""Every label, with an engine of which we know what it does."""

from __future__ import annotations

import hashlib
import itertools
import re
from typing import Any

import pytest

from nodeport_lint.provenance import COMPUTED, EXACT, JOINT, MOVED, RANDOM, SINGLE, TEMPLATE, Place, Source
from tests.provenance.fake import VALUES, Make, failing, service, traced, whole_trace, written


def only(make: Make, values: str = "", template: str = "", **more: Any) -> tuple[str, list[str]]:
    """Label and places of the one number there is."""
    trace, inputs, _ = whole_trace(make, values, template, **more)
    (source,) = trace.sources.values()
    return source.label, written(inputs, source)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("a: 30080\n", "chart/values.yaml:1:30080"),
        ("b: 30080\na: 30080\n", "chart/values.yaml:2:30080"),
        ("# a: 30080\na: 30080 # not 30080\n", "chart/values.yaml:2:30080"),
        ("a: 0x7580\n", "chart/values.yaml:1:0x7580"),
        ("a: 30_080\n", "chart/values.yaml:1:30_080"),
        ('a: "30080"\n', "chart/values.yaml:1:30080"),
        ("\ufeffa: 30080\r\nb: 1\r\n", "chart/values.yaml:1:30080"),
        ("x: é\na: 30080\n", "chart/values.yaml:2:30080"),
        ("a: &it 30080\nb: *it\n", "chart/values.yaml:1:30080"),
    ],
)
def test_exact(values: str, expected: str) -> None:
    assert only(lambda v, t: [service(v["a"])], values) == (EXACT, [expected])


def test_the_last_writer_is_named() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(v["a"])]

    same = "a: 30080\n"
    assert only(make, same, user=same) == (EXACT, ["user/0.yaml:1:30080"])
    assert only(make, same, user=same, expression="a=30080") == (EXACT, ["@set/0:1:30080"])


def test_a_default_of_the_template() -> None:
    assert only(lambda v, t: [service(v.get("a", t[0]))], "b: 30080\n", "default = 30080") == (
        EXACT, ["chart/templates/service.yaml:1:30080"],
    )  # fmt: skip


def test_one_value_for_two_ports() -> None:
    trace, inputs, _ = whole_trace(lambda v, t: [service(v["a"], v["a"])], "a: 30080\n")
    assert [(s.label, written(inputs, s)) for s in trace.sources.values()] == [(EXACT, [f"{VALUES}:1:30080"])] * 2


def test_a_name_that_holds_the_number() -> None:
    # The sentinel in a name is turned back before objects are compared.
    assert only(lambda v, t: [service(v["a"], name=f"web-{v['a']}")], "a: 30080\n") == (EXACT, [f"{VALUES}:1:30080"])


def test_moved() -> None:
    # The name is made from the number, and does not hold it.
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(v["a"], name=f"web-{v['a'] % 7}-x")]

    assert only(make, "a: 30080\n") == (MOVED, [f"{VALUES}:1:30080"])


def test_branch_on_the_number_is_joint() -> None:
    # All at once the other branch is taken, and blames b, which shows the right number by luck.
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(v["a"] if v["a"] == t[0] else v["b"])]

    label, places = only(make, "a: 30080\nb: 30080\n", "equal = 30080")
    assert label == JOINT
    assert places[0].startswith(f"{VALUES}:1:")


def test_largest_of_two_is_single() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(max(v["a"], v["b"]))]

    label, places = only(make, "a: 30080\nb: 30080\n")
    assert label in (EXACT, SINGLE)
    assert len(places) == 1


def test_a_list_that_merges_by_port_is_certified() -> None:
    # As Kustomize merges: the entries of base and patch are one where their ports are equal.
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        entries = {v["port"]: v["basePort"]}
        entries[v["patchedPort"]] = v["nodePort"]
        lines = "".join(f"  - port: {port}\n    nodePort: {number}\n" for port, number in entries.items())
        return [service().replace("  ports:\n", f"  ports:\n{lines}")]

    values = "port: 30080\nbasePort: 30081\npatchedPort: 30080\nnodePort: 30080\n"
    assert only(make, values) == (SINGLE, [f"{VALUES}:4:30080"])


def test_computed() -> None:
    assert only(lambda v, t: [service(v["base"] + v["index"])], "x: 4\nbase: 30000\nindex: 80\n") == (
        COMPUTED, [f"{VALUES}:2:30000", f"{VALUES}:3:80"],
    )  # fmt: skip
    assert only(lambda v, t: [service(f"{v['prefix']}{v['suffix']:02}")], "prefix: 300\nsuffix: 80\n") == (
        COMPUTED, [f"{VALUES}:1:300", f"{VALUES}:2:80"],
    )  # fmt: skip


def test_computed_from_the_number_itself() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(v["a"] if v["a"] == 30080 else v["a"] + 1)]

    assert only(make, "a: 30080\n") == (COMPUTED, [f"{VALUES}:1:30080"])


def test_random() -> None:
    numbers = itertools.count(30100)
    assert only(lambda v, t: [service(next(numbers))]) == (RANDOM, [])


def test_template() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(30000 + hashlib.sha256(v["name"].encode()).digest()[0])]

    assert only(make, "name: web\n") == (TEMPLATE, [])


def test_a_render_that_fails_with_other_numbers() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        if v["b"] != 30080:
            raise failing("b must be 30080")
        return [service(v["a"])]

    assert only(make, "a: 30080\nb: 30080\n") == (SINGLE, [f"{VALUES}:1:30080"])


def test_renders_are_bounded() -> None:
    values = "".join(f"k{index}: 30080\n" for index in range(500))
    trace, _, engine = whole_trace(lambda v, t: [service(max(v.values()) if len(set(v.values())) == 1 else 1)], values)
    assert (trace.renders, engine.renders) == (40, 41), "the first is not the trace's"
    ((label, places),) = trace.sources.values()
    # Each number alone was tried as long as there were renders: it changes with them, and follows none.
    assert (label, len(places)) == (COMPUTED, 39)


def test_nothing_to_trace_renders_nothing() -> None:
    trace, _, engine = whole_trace(lambda v, t: ["kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n"])
    assert trace.sources == {}
    assert engine.renders == 1


def test_two_candidates_cost_one_confirmation() -> None:
    _, _, engine = whole_trace(lambda v, t: [service(v["a"])], "a: 30080\nb: 30080\n")
    assert engine.renders == 3
    _, _, engine = whole_trace(lambda v, t: [service(v["a"])], "a: 30080\n")
    assert engine.renders == 2


def test_many_candidates_keep_their_order() -> None:
    """An engine that sorts the numbers gives each its own line, also where there are more than node ports of the range."""
    values = "".join(f"k{index:04}: 30080\n" for index in range(2000))

    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(number, name=f"web-{index}") for index, number in enumerate(sorted(v.values()))]

    sources = list(traced(make, values).values())
    starts = [match.start() for match in re.finditer("30080", values)]
    assert sources == [Source(EXACT, (Place(VALUES, start, start + 5),)) for start in starts]
