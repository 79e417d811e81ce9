"""What becomes of each chart of a tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum


class State(StrEnum):
    """What became of a chart, by the name that the report's statistics count it under."""

    RENDERED = "charts_rendered"
    IN_PART = "charts_in_part"
    NOT_RENDERED = "charts_not_rendered"
    WITHOUT_NODE_PORTS = "charts_without_node_ports"
    PART_OF_OTHERS = "charts_as_parts"
    LIBRARY = "library_charts"


def counted_states(states: Iterable[State]) -> dict[str, int]:
    """How many charts there are of each state, and in all."""
    found = Counter(states)
    return {"charts": found.total(), **{state.value: found[state] for state in State}}
