"""What a rule is, and what its verb is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from functools import cached_property
from typing import Any, NamedTuple, Protocol, overload

from nodeport_lint.model.found import Finding, Verdict
from nodeport_lint.model.inventory import Inventory
from nodeport_lint.model.ranges import PortRange
from nodeport_lint.model.read import Declaration, Reservation, Severity


class Numbers(Protocol):
    """Free numbers, and the rows that speak of a number (``registry.allocation``)."""

    def suggestion(self, claim: Declaration, among: PortRange) -> str:
        """A help text that names a free number near the one of a claim, or says that there is none."""

    def rows_for(self, claim: Declaration) -> list[Reservation]:
        """The rows that speak of the number of a claim: rows of its own, or else blocks that it lies in."""

    def rows_of_number(self, claim: Declaration) -> list[Reservation]:
        """The rows that give this very number to somebody, or the first of them."""

    def cut(self, claim: Declaration, rows: Sized) -> str:
        """A word for the rows that ``rows_of_number`` left out; empty where ``rows`` are all."""

    def first_row(self, claim: Declaration) -> int | None:
        """The rank of the first row of the number's own."""

    def has_claims(self, number: int, claim: Declaration) -> bool:
        """Whether a number is written anywhere in the cluster of a claim."""

    def documents_for(self, claim: Declaration) -> list[str]:
        """The allocation documents that speak of the cluster of a claim."""


class Context(NamedTuple):
    """What a verb is given: everything that was read, and the judgements it may need."""

    inventory: Inventory
    verdict: Callable[[Declaration, Declaration], Verdict]
    range_for: Callable[[Declaration], PortRange]
    """The node-port range of the cluster that a declaration goes to."""
    ranges_of: Callable[[Reservation], tuple[PortRange, ...]]
    """The ranges of the clusters that a row speaks of."""
    allocation: Numbers
    own_rows: Callable[[Declaration], Iterable[Reservation]]
    """The first rows that belong to the declaration's Service for sure, each looked for when it is wanted."""
    ownership: Callable[[Reservation, Declaration], str]
    """``same``, ``another`` or ``unknown``: does the row speak of the declaration's Service?"""
    kept: dict[str, object] | None = None
    """What a verb keeps for the next page that uses it, under its name; None where nothing is kept."""
    late: Callable[[], bool] = lambda: False
    """Whether the time of the run is over, so that only what is cheap is still judged."""


class Rule(NamedTuple):
    """An enabled page of rules/: a verb with its options, and words for a person.

    ``tokens``: a file of several megabytes in which none of these texts occurs cannot matter to the verb.
    """

    id: str
    summary: str
    severity: Severity
    tags: tuple[str, ...]
    options: Any
    run: Callable[[Any, Context], Iterator[Finding]]
    tokens: tuple[str, ...]
    page: str
    builtin: bool = False
    security: str = ""
    """GitHub's security-severity, 0.1 to 10.0, for rules about exposure; empty for rules about correctness."""


class Rules(Sequence[Rule]):
    """The rules of a run, by id. ``first`` are those that are built; the others, which are built in, are made when one
    first looks at the whole: a run that finds nothing they could judge never does."""

    def __init__(self, first: tuple[Rule, ...], every: Callable[[], Iterable[Rule]]) -> None:
        self.first, self._every = first, every

    @cached_property
    def _all(self) -> tuple[Rule, ...]:
        return tuple(self._every())

    @overload
    def __getitem__(self, index: int) -> Rule: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Rule]: ...
    def __getitem__(self, index: int | slice) -> Rule | Sequence[Rule]:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)
