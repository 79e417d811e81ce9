"""JSONPath over a list of Services: what an expression finds, and what it may cost."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from nodeport_lint.expressions import expression
from nodeport_lint.model import NodeportLintError, Route

MAX_LENGTH = 500
"""Characters of an expression."""
MAX_NESTING = 100
"""Levels of an expression of a scanned tree."""
MAX_PASSES, MAX_FIXED = 50, 1_000
"""How often an expression of a scanned tree may look at each value, and at a Service whatever its size."""

_PLAIN = frozenset(
    {"Root", "This", "Child", "Fields", "Wildcard", "Index", "Slice"}
    | {"Filter", "Expression", "Descendants", "Union", "_Union"}
)
"""Steps of a JSONPath that neither compute nor rewrite: no sub(), no arithmetic, no sorting."""
_OF_ONE = _PLAIN | {"And", "Or"}
"""Steps that look at what lies in a value only."""
_UNIONS = ("Union", "_Union")
_BROAD = ("Wildcard", "Slice")
_AND = expression(r"'[^']*'|\"[^\"]*\"|&+")


@lru_cache(maxsize=256)
def compiled(expression: str) -> Any:
    """Raises ValueError for text that is no JSONPath."""
    if len(expression) > MAX_LENGTH:
        raise ValueError(f"a JSONPath of more than {MAX_LENGTH} characters")
    if "&" in _AND.findall(expression):
        raise ValueError(f"{expression!r}: write && for and")
    from jsonpath_ng.exceptions import JSONPathError
    from jsonpath_ng.ext.parser import parse

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return parse(expression)
        except JSONPathError as error:
            raise ValueError(f"{expression!r}: {error}") from None
        except Exception as error:
            # jsonpath-ng's lexer and parser let faults of their own through for some malformed text.
            raise ValueError(f"{expression!r} is not a JSONPath ({type(error).__name__}: {error})") from None


def costly(expression: str) -> str:
    """What a page of a scanned tree may not use, since it can run for ever; empty where there is none of it."""
    if "=~" in expression:
        return "=~"
    if expression.count("..") > 1:
        return ".. more than once in an expression"
    steps = _steps(compiled(expression))
    odd = {step.kind for step in steps} - _PLAIN
    if odd:
        return f"{', '.join(sorted(odd))} in an expression"
    if any(step.level > MAX_NESTING for step in steps):
        return f"more than {MAX_NESTING} steps in an expression"
    if any(step.kind == "Root" and not step.at_top for step in steps):
        return "$ inside an expression"
    cost = cost_of(expression)
    if cost.each > MAX_PASSES or cost.fixed > MAX_FIXED:
        return f"an expression that looks at a value more than {MAX_PASSES} times"
    return ""


# --- the steps of an expression ----------------------------------------------------------------


class _Step(NamedTuple):
    """``at_top``: it may be taken from the list of all Services."""

    node: Any
    level: int
    at_top: bool

    @property
    def kind(self) -> str:
        return type(self.node).__name__


def _steps(root: Any) -> list[_Step]:
    found: list[_Step] = []
    _collect(root, 0, True, found)
    return found


def _collect(node: Any, level: int, at_top: bool, into: list[_Step]) -> bool:
    """Whether a step may give the list of all Services itself; it and those that it is made of go ``into`` a list."""
    step = _Step(node, level, at_top)
    into.append(step)
    if step.kind in ("Child", "Descendants"):
        return _collect(node.right, level + 1, _collect(node.left, level + 1, at_top, into), into)
    if step.kind in _UNIONS:
        given = [_collect(part, level + 1, at_top, into) for part in (node.left, node.right)]
        return any(given)
    for part in _parts(node):
        _collect(part, level + 1, False, into)
    return at_top and step.kind in ("Root", "This")


def _parts(node: Any) -> list[Any]:
    """The steps that a step is made of."""
    found, waiting = [], list(vars(node).values())
    while waiting:
        part = waiting.pop()
        if isinstance(part, list | tuple):
            waiting.extend(part)
        elif type(part).__module__.startswith("jsonpath_ng"):
            found.append(part)
    return found


# --- cost --------------------------------------------------------------------------------------


class Cost(NamedTuple):
    """How many values are looked at: ``fixed``, and ``each`` for every value of what the expression is run over."""

    fixed: int = 0
    each: int = 0

    def over(self, size: int) -> int:
        return self.fixed + self.each * size


def _sum(*costs: Cost) -> Cost:
    return Cost(sum(cost.fixed for cost in costs), sum(cost.each for cost in costs))


class _Found(NamedTuple):
    """Matches of a step: how many at most, and how often one value may be among them. ``listed``: the list itself,
    which holds one Service."""

    matches: Cost
    times: int
    listed: bool = False


@lru_cache(maxsize=256)
def cost_of(expression: str) -> Cost:
    """What one Service costs at most, or all together where they cannot be taken one by one."""
    return _cost(compiled(expression), _Found(Cost(1), 1, is_separable(expression)))[1]


def _cost(node: Any, start: _Found) -> tuple[_Found, Cost]:
    """What a step finds from ``start``, and what that costs."""
    kind = type(node).__name__
    if kind == "Child":
        found, first = _cost(node.left, start)
        found, second = _cost(node.right, found)
        return found, _sum(first, second)
    if kind == "Descendants":
        found, first = _cost(node.left, start)
        below = _Found(Cost(found.matches.fixed, found.times), found.times)
        found, second = _cost(node.right, below)
        return found, _sum(first, second, below.matches)
    if kind in _UNIONS:
        one, first = _cost(node.left, start)
        other, second = _cost(node.right, start)
        return _Found(_sum(one.matches, other.matches), one.times + other.times), _sum(first, second)
    if kind == "Filter":
        found = _broad(start)
        return found, _sum(found.matches, *(_cost(part, found)[1] for part in node.expressions))
    if kind in _BROAD or "*" in getattr(node, "fields", ()):
        found = _broad(start)
        return found, found.matches
    if kind in ("Fields", "Index"):
        return _named(node.fields if kind == "Fields" else [index < 0 or index for index in node.indices], start)
    return start, _sum(start.matches, *(_cost(part, start)[1] for part in _parts(node)))


def _named(names: Sequence[object], start: _Found) -> tuple[_Found, Cost]:
    """Names or places, of which one may be written again and again."""
    often = max(Counter(names).values(), default=1)
    matches = Cost(start.matches.fixed * len(names), start.matches.each * often)
    return _Found(matches, start.times * often), _sum(start.matches, matches)


def _broad(start: _Found) -> _Found:
    """All that lies right below what was found: no value more often than what it lies in."""
    return _Found(Cost(start.times) if start.listed else Cost(0, start.times), start.times)


# --- running -----------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def is_separable(expression: str) -> bool:
    """Whether it finds in each Service what it finds in all: only plain steps, no place in the list, no way back."""
    steps = _steps(compiled(expression))
    return all(step.kind in _OF_ONE and not (step.at_top and _counts(step.node)) for step in steps) and all(
        step.at_top for step in steps if step.kind == "Root"
    )


def _counts(node: Any) -> bool:
    """Whether a step takes some places of a list."""
    kind = type(node).__name__
    return kind == "Index" or (kind == "Slice" and (node.start, node.end, node.step) != (None, None, None))


def matches(expression: str, values: list[Any]) -> Iterator[tuple[int, Route, Any]]:
    """The index of a Service, the route to a value in it, and the value. Raises NodeportLintError."""
    from jsonpath_ng import Fields, Index

    try:
        found = compiled(expression).find(values)
    except Exception as error:
        # Filters compare whatever the manifests hold; jsonpath-ng does not expect every type everywhere.
        reason = f"{type(error).__name__}: {error}"
        raise NodeportLintError(f"the JSONPath {expression!r} cannot be used here ({reason})") from None
    for match in found:
        steps: list[str | int] = []
        at: Any = match
        while at.context is not None:
            path = at.path
            if isinstance(path, Index):
                steps.extend(reversed(path.indices))
            elif isinstance(path, Fields):
                steps.extend(reversed(path.fields))
            at = at.context
        steps.reverse()
        if steps and isinstance(steps[0], int):
            yield steps[0], tuple(steps[1:]), match.value


MAX_TEXT = 100
"""Characters of a text that count as one value."""


def size_of(value: Any) -> int:
    """How many values one holds, itself included, with aliases followed."""
    return _size(value, {})


def _size(value: Any, known: dict[int, int]) -> int:
    if isinstance(value, str):
        return 1 + len(value) // MAX_TEXT
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        below = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_size(one, known) for one in below)
    return known[id(value)]
