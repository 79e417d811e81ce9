"""All that was read: by one reader, and of the whole tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from nodeport_lint.model.layout import Layout
from nodeport_lint.model.read import Comment, Declaration, Document, Notice, Problem, Reservation, Service


class UsedEngine(NamedTuple):
    """An engine that rendered: its name and version, what the operating system held round it, and what it did not."""

    id: str
    fence: str
    lacks: str


class Read(NamedTuple):
    """What one reader found; what several found is their sum.

    ``values``: node ports that nothing rendered asks for. ``counts`` by the names of the report's statistics.
    ``offers``: charts whose default values are an offer, and not what somebody installs. ``engines`` rendered.
    """

    documents: tuple[Document, ...] = ()
    values: tuple[Declaration, ...] = ()
    problems: tuple[Problem, ...] = ()
    comments: tuple[Comment, ...] = ()
    notices: tuple[Notice, ...] = ()
    counts: Mapping[str, int] = MappingProxyType({})
    offers: frozenset[str] = frozenset()
    engines: tuple[UsedEngine, ...] = ()

    def __add__(self, other: Read) -> Read:  # type: ignore[override]
        """Everything of both, in this order; counts of one name are added."""
        names = dict.fromkeys((*self.counts, *other.counts))
        return Read(
            documents=self.documents + other.documents,
            values=self.values + other.values,
            problems=self.problems + other.problems,
            comments=self.comments + other.comments,
            notices=self.notices + other.notices,
            counts={name: self.counts.get(name, 0) + other.counts.get(name, 0) for name in names},
            offers=self.offers | other.offers,
            engines=self.engines + other.engines,
        )


class Inventory(NamedTuple):
    """All that was read."""

    documents: tuple[Document, ...] = ()
    services: tuple[Service, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    registries: tuple[str, ...] = ()
    """Paths of the allocation documents that hold at least one reservation."""
    problems: tuple[Problem, ...] = ()
    comments: tuple[Comment, ...] = ()
    values: tuple[Declaration, ...] = ()
    """Node ports in values files that nothing rendered."""
    layout: Layout = Layout()
    catalogue: frozenset[str] = frozenset()
    """Charts whose default values are an offer, and not what somebody installs."""
    engines: tuple[UsedEngine, ...] = ()

    @property
    def is_bare(self) -> bool:
        """Whether nothing was found that a built-in rule could judge."""
        return not (self.services or self.values or self.reservations or self.problems)

    @property
    def declarations(self) -> Iterator[Declaration]:
        """Every node port asked for, in the order of the files, and then those of values files."""
        for service in self.services:
            yield from service.declarations
        yield from self.values

    @property
    def claims(self) -> Iterator[tuple[int, Declaration]]:
        """Every number that a cluster would hold for somebody, with its declaration."""
        for declaration in self.declarations:
            if declaration.number is not None and declaration.live:
                yield declaration.number, declaration
