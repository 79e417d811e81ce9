"""What ends a search: too many renders, too long, a limit of the engine. What is known by then stays, and nothing else
is made up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nodeport_lint.engines.rendered import Watch
from nodeport_lint.model.render import Inputs, Rendered, RenderError, RenderOptions
from nodeport_lint.provenance import COMPUTED, EXACT, JOINT, SINGLE, TEMPLATE, Trace, tokens, trace, tracing
from tests.counting import calls_of
from tests.provenance.fake import TEMPLATE as INSIDE
from tests.provenance.fake import VALUES, FakeEngine, Make, failing, service, vote, whole_trace, written


def found_with(most: int, make: Make, values: str, template: str = "") -> tuple[str, list[str]]:
    found, inputs, engine = whole_trace(make, values, template, most=most)
    assert found.renders <= most
    assert engine.renders == found.renders + 1
    assert found.limit == ""
    (source,) = found.sources.values()
    return source.label, written(inputs, source)


def test_places_together_are_told_once_some_have_been_left_out() -> None:
    """All at once, the confirmation, each of three, all together, then without each of them."""
    every = [f"{VALUES}:1:30080", f"{VALUES}:2:30080", f"{INSIDE}:1:30080"]
    told = [found_with(most, vote, "a: 30080\nb: 30080\n", "= 30080") for most in range(12)]
    assert told[:7] == [(TEMPLATE, [])] * 7
    assert told[7:] == [(JOINT, every[:2])] * 5


def test_single_changes_end_with_the_renders() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        if sum(number != 30080 for number in v.values()) > 1:
            raise failing("one change at a time")
        return [service(v["c"])]

    told = [found_with(most, make, "a: 30080\nb: 30080\nc: 30080\n") for most in range(6)]
    assert told == [(TEMPLATE, [])] * 4 + [(SINGLE, [f"{VALUES}:3:30080"])] * 2


def test_halving_ends_with_the_renders() -> None:
    text = "".join(f"k{index}: {100 + index}\n" for index in range(64))
    told = [found_with(most, lambda v, t: [service(30000 + v["k63"])], text) for most in range(16)]
    assert told[0] == (TEMPLATE, [])
    assert told[-1] == (COMPUTED, [f"{VALUES}:64:163"])
    assert told == sorted(told, key=lambda one: one[0] == COMPUTED)


def test_no_render_is_none() -> None:
    found, _, engine = whole_trace(lambda v, t: [service(v["a"])], "a: 30080\n", most=0)
    assert (found.renders, engine.renders) == (0, 1)
    assert [source.label for source in found.sources.values()] == [TEMPLATE]


class Ending(FakeEngine):
    """Ends with an error at its render of that number, the first output not counted."""

    def __init__(self, make: Make, at: int, error: RenderError) -> None:
        super().__init__(make)
        self.at, self.error = at + 1, error

    def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
        rendered = super().render(inputs, options)
        if self.renders == self.at:
            raise self.error
        return rendered


def traced(engine: FakeEngine, values: str, template: str = "", options: RenderOptions | None = None) -> Trace:
    inputs = {VALUES: values.encode(), INSIDE: template.encode()}
    options = options or RenderOptions()
    return trace(engine, inputs, options, engine.render(inputs, options), Watch())


@pytest.mark.parametrize("kind", ["timeout", "memory", "output", "crash"])
@pytest.mark.parametrize("at", range(1, 10))
def test_a_limit_of_the_engine_ends_the_search(kind: str, at: int) -> None:
    """It would be hit again."""
    engine = Ending(vote, at, RenderError(kind, "more than 2 s"))
    found = traced(engine, "a: 30080\nb: 30080\n", "= 30080")
    assert (found.limit, found.renders, engine.renders) == ("more than 2 s", at, at + 1)
    assert {source.label for source in found.sources.values()} == ({TEMPLATE} if at < 7 else {JOINT})


@pytest.mark.parametrize("at", range(1, 10))
def test_an_error_of_a_template_does_not(at: int) -> None:
    engine = Ending(vote, at, failing("no"))
    found = traced(engine, "a: 30080\nb: 30080\n", "= 30080")
    assert found.limit == ""
    assert engine.renders >= 9


@pytest.mark.parametrize("at", range(1, 17))
def test_no_inputs_are_made_that_nobody_renders(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """All at once, the confirmation, six places alone, and for each of two numbers its three places together."""

    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [*vote(v, t), *vote({"a": v["c"], "b": v["d"]}, t[1:])]

    calls = calls_of(monkeypatch, tokens, "replaced")
    engine = Ending(make, at, RenderError("timeout", "slow"))
    found = traced(engine, "a: 30080\nb: 30080\nc: 30081\nd: 30081\n", "= 30080\n= 30081")
    assert len(calls) == found.renders == at


class Clock:
    """A clock that every render moves."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.now = seconds, 1000.0

    def monotonic(self) -> float:
        return self.now


class Slow(FakeEngine):
    def __init__(self, make: Make, clock: Clock) -> None:
        super().__init__(make)
        self.clock = clock

    def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
        # The first output is not part of the search.
        self.clock.now += self.clock.seconds if self.renders else 0
        return super().render(inputs, options)


@pytest.mark.parametrize(
    ("seconds", "renders", "limit"),
    [(20.0, 4, "more than 60 s for one chart"), (25.0, 3, "more than 60 s for one chart"), (1.0, 9, "")],
)
def test_time_ends_the_search(monkeypatch: pytest.MonkeyPatch, seconds: float, renders: int, limit: str) -> None:
    """60 seconds are not more than 60."""
    clock = Clock(seconds)
    monkeypatch.setattr(tracing, "time", clock)
    engine = Slow(vote, clock)
    found = traced(engine, "a: 30080\nb: 30080\n", "= 30080", RenderOptions(whole=60.0))
    assert (found.limit, found.renders) == (limit, renders)
    assert [source.label for source in found.sources.values()] == [TEMPLATE if limit else JOINT]


def test_what_is_known_before_the_end_stays() -> None:
    def make(v: dict[str, Any], t: list[int]) -> list[str]:
        return [service(v["x"]), *vote(v, t)]

    found = traced(Ending(make, 3, RenderError("timeout", "slow")), "x: 30081\na: 30080\nb: 30080\n", "= 30080")
    assert [source.label for source in found.sources.values()] == [EXACT, TEMPLATE]
    assert found.limit == "slow"


def test_only_so_many_candidates_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: 30080\nb: 30080\nc: 30080\n"
    for most, expected in ((3, EXACT), (2, COMPUTED)):
        monkeypatch.setattr(tracing, "MAX_CANDIDATES", most)
        found, _, _ = whole_trace(lambda v, t: [service(v["c"])], text)
        assert [source.label for source in found.sources.values()] == [expected]


def test_candidates_without_a_number_of_their_own_are_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """More candidates than ports: those beyond are tried alone."""
    sentinels = tokens.sentinels

    def fewer(count: int, is_taken: Callable[[int], bool], shift: int = 0) -> list[int]:
        return sentinels(count, is_taken, shift)[:2]

    monkeypatch.setattr(tokens, "sentinels", fewer)
    text = "a: 30080\nb: 30080\nc: 30080\n"
    assert found_with(40, lambda v, t: [service(v["b"])], text) == (EXACT, [f"{VALUES}:2:30080"])
    assert found_with(40, lambda v, t: [service(v["c"])], text) == (SINGLE, [f"{VALUES}:3:30080"])


def test_only_so_many_contributors_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: 11\nb: 12\nc: 13\n"
    for most, expected in ((3, COMPUTED), (2, TEMPLATE)):
        monkeypatch.setattr(tracing, "MAX_CONTRIBUTORS", most)
        found, _, _ = whole_trace(lambda v, t: [service(30000 + v["c"])], text)
        assert [source.label for source in found.sources.values()] == [expected]
