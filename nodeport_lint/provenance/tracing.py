"""The algorithm: render with other numbers, and see what moves."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from nodeport_lint.expressions import expression
from nodeport_lint.model.render import Engine, Inputs, Rendered, RenderError, RenderOptions
from nodeport_lint.provenance import tokens
from nodeport_lint.provenance.nouns import (
    COMPUTED,
    EXACT,
    JOINT,
    MOVED,
    RANDOM,
    SINGLE,
    TEMPLATE,
    Locus,
    Name,
    Number,
    Observed,
    Place,
    Source,
    Trace,
)
from nodeport_lint.provenance.tokens import Candidate

ALGORITHM = 3
"""Grows when the same inputs could get another result: a part of every cached result's key."""
MAX_CANDIDATES = 5_000
"""Numbers that are replaced at once."""
MAX_CONTRIBUTORS = 100_000
"""Numbers that are looked through for those from which one is computed."""
MAX_RENDERS = 40
"""Renders for one set of inputs; what is not known by then is called ``template``."""

_DEFINES = expression(rb"define|block|set|merge|Merge")

Observe = Callable[[Sequence[str]], Sequence[Sequence[Observed]]]
"""Finds the objects with numbers of interest in each document of one output. Most documents are those of an output
before: it pays to remember them."""


class Seen:
    """The numbers of one output by their loci, with sentinels in names turned back."""

    def __init__(self, rendered: Rendered, observe: Observe, back: Mapping[int, int]) -> None:
        self.numbers: dict[Locus, Number] = {}
        self.objects: dict[Name, Observed] = {}
        self.names: list[tuple[Name, ...]] = []
        count: dict[tuple[str | None, tuple[str, ...]], int] = defaultdict(int)
        observed = observe([document.text for document in rendered.documents])
        for document, every in zip(rendered.documents, observed, strict=True):
            names: list[Name] = []
            for found in every:
                key = (document.source, tuple(tokens.restored(list(found.identity), back)))
                name = (*key, count[key])
                count[key] += 1
                self.objects[name] = found
                names.append(name)
                for number in found.numbers:
                    self.numbers[Locus(name, number.route)] = number
            self.names.append(tuple(names))


def trace(
    engine: Engine, inputs: Inputs, options: RenderOptions, first: Rendered, observe: Observe, most: int = MAX_RENDERS
) -> Trace:
    """The source of every number of interest in ``first``, the output of ``inputs``. Raises nothing of its own:
    a render that fails tells nothing."""
    tracer = _Tracer(engine, inputs, options, observe, most)
    base = Seen(first, observe, {})
    if not any(found.wanted or found.numbers for found in base.objects.values()):
        return Trace(tuple(base.names), {}, {})
    sources = tracer.run(base)
    return Trace(tuple(base.names), sources, tracer.templates, tracer.renders, tracer.limit)


class _Tracer:
    def __init__(self, engine: Engine, inputs: Inputs, options: RenderOptions, observe: Observe, most: int) -> None:
        self.engine, self.inputs, self.options, self.most = engine, inputs, options, most
        self.observe = observe
        paths = [path for path in sorted(inputs) if engine.scannable(path)]
        self.texts = tokens.Texts(inputs, paths)
        self.rank = {path: self._rank(path) for path in paths}
        self.renders = 0
        self.limit = ""
        self.deadline = time.monotonic() + options.whole
        self.templates: dict[Name, dict[tuple[str | int, ...], Place]] = {}

    def _rank(self, path: str) -> int:
        """What a user gave, then values, then other data, then templates."""
        if path.startswith("@set/") or path in self.options.values:
            return 0
        if self.engine.markable(path):
            return 3
        return 1 if path.endswith(("values.yaml", "values.yml")) else 2

    def run(self, base: Seen) -> dict[Locus, Source]:
        self.base = base
        values = {number.value for number in base.numbers.values()}
        self.candidates = tokens.candidates(self.texts, values, self.rank, MAX_CANDIDATES) if values else []
        self.written = tokens.written_numbers(self.texts.values()) if self.candidates else frozenset()
        self.values = values
        found = self._one_shot()
        if found and self._has_losers(found):
            found = self._confirmed(found)
        for step in (self._single, self._joint, self._random, self._computed):
            left = {locus: number for locus, number in base.numbers.items() if locus not in found}
            if not left or self._is_spent():
                break
            found.update(step(left))
        return {locus: found.get(locus, Source(TEMPLATE)) for locus in base.numbers}

    def _render(self, inputs: Inputs, back: Mapping[int, int]) -> Seen | None:
        """What is seen then; None where it does not render, or may not any more."""
        if self._is_spent():
            return None
        self.renders += 1
        try:
            return Seen(self.engine.render(inputs, self.options), self.observe, back)
        except RenderError as error:
            if error.by_limit:
                self.limit = error.message
            return None

    def _is_spent(self) -> bool:
        """Whether no more may be rendered: too often, too long, or a limit was hit, as it would be again."""
        if not self.limit and time.monotonic() > self.deadline:
            self.limit = f"more than {self.options.whole:.0f} s for one chart"
        return bool(self.limit) or self.renders >= self.most

    def _changed(self, numbers: Mapping[Candidate, int]) -> Seen | None:
        back = {number: candidate.value for candidate, number in numbers.items()}
        return self._render(tokens.replaced(self.inputs, self.texts, numbers), back)

    # --- all at once ---------------------------------------------------------------------------

    def _one_shot(self) -> dict[Locus, Source]:
        numbers = self._assigned(self.candidates)
        back = {number: candidate.value for candidate, number in numbers.items()}
        changed = tokens.replaced(self.inputs, self.texts, numbers)
        seen = self._marked(changed, back) if self.engine.keeps_comments else None
        if seen is None or seen.numbers.keys() != self.base.numbers.keys():
            plain = self._render(changed, back) if numbers else None
            seen = plain or seen
        return {} if seen is None else self._followers(seen, numbers, self.base.numbers)

    def _assigned(self, candidates: Sequence[Candidate], shift: int = 0) -> dict[Candidate, int]:
        numbers = tokens.sentinels(len(candidates), self._is_taken, shift)
        # There may be fewer: candidates beyond them are not replaced, and never named as a source.
        return dict(zip(candidates[: len(numbers)], numbers, strict=True))

    def _is_taken(self, number: int) -> bool:
        """Whether a number is an input's or the output's own already."""
        return number in self.values or number in self.written

    def _marked(self, changed: Mapping[str, bytes], back: Mapping[int, int]) -> Seen | None:
        inputs, places = dict(changed), []
        # A template that gave nothing of interest itself may still be included by one that did.
        sources = {name[0] for name, found in self.base.objects.items() if found.wanted or found.numbers}
        markable = [
            path for path in self.texts if self.engine.markable(path) and (path in sources or _is_partial(path))
        ]
        for path, data, found in tokens.marked(self.texts, changed, markable):
            inputs[path] = data
            places += found
        seen = self._render_few(inputs, back)
        text, lines = "", list[str]()
        for name, seen_object in seen.objects.items() if seen is not None else ():
            if seen_object.text is not text:
                text, lines = seen_object.text, seen_object.text.split("\n")
            self.templates[name] = {
                route: places[int(mark[1])]
                for route, line in seen_object.lines().items()
                for mark in [tokens.MARK.search(lines[line])]
                if mark and int(mark[1]) < len(places)
            }
        return seen

    def _render_few(self, inputs: Mapping[str, bytes], back: Mapping[int, int]) -> Seen | None:
        """What is seen without the templates that give no object, which may cost the most (keys that are made anew, a
        megabyte of schemas). Where that alters an object, with them; where not, later renders go without them, too."""
        blank = dict.fromkeys(self._idle(), b"")
        seen = self._render({**inputs, **blank}, back) if blank else None
        if seen is None or not self._is_like_base(seen, back):
            return self._render(inputs, back)
        self.inputs = {**self.inputs, **blank}
        return seen

    def _idle(self) -> list[str]:
        """Templates that give none of the objects, and that define or alter nothing which another one could take."""
        sources = {name[0] for name in self.base.objects}
        return [
            path
            for path in self.texts
            if None not in sources and path not in sources and self.engine.markable(path) and not _is_partial(path)
            if self.inputs[path] and not _DEFINES.search(self.inputs[path])
        ]

    def _is_like_base(self, seen: Seen, back: Mapping[int, int]) -> bool:
        """Whether all objects are written as in the first output, but for marks and numbers of ours."""
        return seen.objects.keys() == self.base.objects.keys() and all(
            tokens.restored(tokens.unmarked(seen.objects[name].text), back) == tokens.unmarked(found.text)
            for name, found in self.base.objects.items()
        )

    def _followers(
        self, seen: Seen, numbers: Mapping[Candidate, int], loci: Mapping[Locus, Number]
    ) -> dict[Locus, Source]:
        """The loci that show the number which one candidate of their value got."""
        candidate_of = {number: candidate for candidate, number in numbers.items()}
        back = {number: candidate.value for number, candidate in candidate_of.items()}
        moved: dict[tuple[object, int | None], list[Number]] = defaultdict(list)
        for locus, number in seen.numbers.items():
            if locus not in self.base.numbers:
                moved[_field(locus), back.get(number.value)].append(number)
        certified: dict[tuple[int, int], bool] = {}
        found = {}
        for locus, before in loci.items():
            after = seen.numbers.get(locus)
            label = EXACT
            if after is None:
                label = MOVED
                same = moved.get((_field(locus), before.value), [])
                after = same[0] if len(same) == 1 else None
            else:
                # Numbers of one list share it: it is compared once.
                pair = (id(after.certificate), id(before.certificate))
                if pair not in certified:
                    certified[pair] = tokens.restored(after.certificate, back) == before.certificate
                if not certified[pair]:
                    continue
            candidate = candidate_of.get(after.value) if after is not None else None
            if candidate is not None and candidate.value == before.value:
                found[locus] = Source(label, (candidate.place,))
        return found

    def _has_losers(self, found: Mapping[Locus, Source]) -> bool:
        winners = {place for source in found.values() for place in source.places}
        values = {self.base.numbers[locus].value for locus in found}
        return any(one.value in values and one.place not in winners for one in self.candidates)

    def _confirmed(self, found: dict[Locus, Source]) -> dict[Locus, Source]:
        """Only the winners, with other numbers: what does not follow again was luck."""
        winners = {place for source in found.values() for place in source.places}
        numbers = self._assigned([one for one in self.candidates if one.place in winners], shift=1)
        seen = self._changed(numbers)
        if seen is None:
            return {}
        again = self._followers(seen, numbers, {locus: self.base.numbers[locus] for locus in found})
        return {
            locus: source for locus, source in found.items() if locus in again and again[locus].places == source.places
        }

    # --- one at a time, and together -----------------------------------------------------------

    def _single(self, left: Mapping[Locus, Number]) -> dict[Locus, Source]:
        found: dict[Locus, Source] = {}
        changes: dict[Locus, list[Place]] = defaultdict(list)
        same = dict(left)
        open_values = {number.value for number in same.values()}
        for candidate in sorted(self.candidates, key=lambda one: (one.rank, one.place)):
            if candidate.value not in open_values:
                continue
            if self._is_spent():
                break
            numbers = {candidate: self._near(candidate.value)}
            seen = self._changed(numbers)
            if seen is None:
                continue
            follows = self._followers(seen, numbers, same)
            found.update({locus: Source(SINGLE, source.places) for locus, source in follows.items()})
            for locus, before in same.items():
                after = seen.numbers.get(locus)
                if locus not in found and after is not None and after.value != before.value:
                    changes[locus].append(candidate.place)
            same = {locus: number for locus, number in same.items() if locus not in found}
            open_values = {number.value for number in same.values()}
        found.update(
            {locus: Source(COMPUTED, tuple(places)) for locus, places in changes.items() if locus not in found}
        )
        return found

    def _near(self, value: int) -> int:
        return next(number for number in range(value + 1, value + 100_000) if not self._is_taken(number))

    def _joint(self, left: Mapping[Locus, Number]) -> dict[Locus, Source]:
        found: dict[Locus, Source] = {}
        of_value: dict[int, list[Candidate]] = defaultdict(list)
        for one in self.candidates:
            of_value[one.value].append(one)
        for locus, number in left.items():
            members = of_value[number.value]
            if self._is_spent():
                break
            if len(members) < 2 or not self._follow_together(members, locus, number):
                continue
            if self._is_spent():
                break
            for member in sorted(members, key=lambda one: (-one.rank, one.place)):
                if self._is_spent():
                    break
                fewer = [one for one in members if one is not member]
                if fewer and self._follow_together(fewer, locus, number):
                    members = fewer
            ranked = sorted(members, key=lambda one: (one.rank, one.place))
            found[locus] = Source(JOINT, tuple(one.place for one in ranked))
        return found

    def _follow_together(self, members: Sequence[Candidate], locus: Locus, number: Number) -> bool:
        near = self._near(number.value)
        seen = self._render(
            tokens.replaced(self.inputs, self.texts, dict.fromkeys(members, near)), {near: number.value}
        )
        after = seen.numbers.get(locus) if seen is not None else None
        return after is not None and after.value == near

    # --- no number of its own ------------------------------------------------------------------

    def _random(self, left: Mapping[Locus, Number]) -> dict[Locus, Source]:
        seen = self._render(self.inputs, {})
        if seen is None:
            return {}
        return {
            locus: Source(RANDOM)
            for locus, number in left.items()
            if locus not in seen.numbers or seen.numbers[locus].value != number.value
        }

    def _computed(self, left: Mapping[Locus, Number]) -> dict[Locus, Source]:
        """Whole numbers that change it when each grows by one, found by halving: of values, else of its template."""
        outside = [path for path, text in self.texts.items() if self.rank[path] < 3 and len(text) < tokens.LARGE]
        found = self._contributors(left, tokens.Texts(self.inputs, outside), 0)
        rest = {locus: number for locus, number in left.items() if locus not in found}
        sources = {locus.name[0] for locus in rest}
        within = tokens.Texts(self.inputs, [path for path in self.texts if path in sources])
        # In a template small numbers are indices and indents; a base of ports is a large one.
        return {**found, **self._contributors(rest, within, 1000)}

    def _contributors(self, left: Mapping[Locus, Number], texts: Mapping[str, str], least: int) -> dict[Locus, Source]:
        values = {int(found[0][:12]) for text in texts.values() for found in tokens.DECIMAL.finditer(text)}
        every = tokens.candidates(texts, {value for value in values if value >= least}, self.rank, MAX_CONTRIBUTORS)
        found: dict[Locus, list[Place]] = defaultdict(list)
        waiting = [every] if every and left else []
        while waiting and not self._is_spent():
            group = waiting.pop()
            seen = self._render(tokens.replaced(self.inputs, self.texts, {one: one.value + 1 for one in group}), {})
            moved = (
                []
                if seen is None
                else [locus for locus in left if _value(seen, locus) not in (None, left[locus].value)]
            )
            if seen is not None and not moved:
                continue
            if len(group) == 1:
                for locus in moved:
                    found[locus].append(group[0].place)
                continue
            half = len(group) // 2
            waiting += [group[half:], group[:half]]
        shared = Counter(place for places in found.values() for place in set(places))
        # What one port has for itself tells more than what it has in common with others.
        return {
            locus: Source(COMPUTED, tuple(sorted(set(places), key=lambda place: (shared[place], place))))
            for locus, places in found.items()
        }


def _is_partial(path: str) -> bool:
    return path.rpartition("/")[2].startswith("_") or path.endswith(".tpl")


def _value(seen: Seen, locus: Locus) -> int | None:
    number = seen.numbers.get(locus)
    return None if number is None else number.value


def _field(locus: Locus) -> tuple[str | None, str, object]:
    """What an object that got another name has in common with the one that it was."""
    source, identity, _ = locus.name
    return (
        source,
        identity[0] if identity else "",
        next((step for step in reversed(locus.route) if isinstance(step, str)), None),
    )
