"""What is observed in an output, and what is found out about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from nodeport_lint.model import Route

EXACT = "exact"
"""One render with all candidates replaced named it, certified, and confirmed where there was a choice."""
MOVED = "exact-moved"
"""The same, though the object has another name or place in the list now."""
SINGLE = "exact-single"
"""Proven by changing it alone."""
JOINT = "joint"
"""No single place moves it; these together do."""
COMPUTED = "computed"
"""It changes with these places and is not the number written there."""
RANDOM = "random"
"""It differs from render to render."""
TEMPLATE = "template"
"""No number of the inputs moves it."""
LABELS = frozenset({EXACT, MOVED, SINGLE, JOINT, COMPUTED, RANDOM, TEMPLATE})


class Number(NamedTuple):
    """A number of interest in one object. ``certificate``: the list or mapping that holds it."""

    route: Route
    value: int
    certificate: Any


class Observed(NamedTuple):
    """One object of an output that may hold numbers of interest. ``lines()``: the line of every value in its text,
    counted from 0; ``text`` is the document that it is in. ``wanted``: its lines are of interest even if it holds
    no such number."""

    identity: tuple[str, ...]
    numbers: tuple[Number, ...]
    text: str
    lines: Callable[[], Mapping[Route, int]]
    wanted: bool = True


Name = tuple[str | None, tuple[str, ...], int]
"""An object of an output: its template, its identity, and the how-manieth with both."""


class Locus(NamedTuple):
    """A number's place in the output. Never a document's index: engines sort their output."""

    name: Name
    route: Route


class Place(NamedTuple):
    """Characters of an input: its path and offsets in its text."""

    path: str
    start: int
    end: int


class Source(NamedTuple):
    """Where a number comes from: one of the labels above, and the places, the most telling first."""

    label: str
    places: tuple[Place, ...] = ()


class Trace(NamedTuple):
    """``names`` of the objects of each document; ``sources`` of every number of interest; ``templates``: the
    template line that wrote each value of an object, as far as markers told. ``renders`` counts what it took."""

    names: tuple[tuple[Name, ...], ...]
    sources: Mapping[Locus, Source]
    templates: Mapping[Name, Mapping[Route, Place]]
    renders: int = 0
    limit: str = ""
    """Why it was given up, where a limit of the engine or of time ended it."""
