"""Whose number is it? The owner of a row against the Service that asks for its number.

The numbers agree already, so the question is only: the same owner, another one, or unknown. Unknown is an
answer: a guess is never reported as a fact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple

from nodeport_lint.data import load
from nodeport_lint.expressions import expression
from nodeport_lint.model import Declaration, Reservation
from nodeport_lint.registry.by_cluster import Clusters, by_cluster
from nodeport_lint.yamltext import mapping

SAME, ANOTHER, UNKNOWN = "same", "another", "unknown"

_PARENTHESES = expression(r"\([^()]*\)")
_CAMEL = expression(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_WORD = expression(r"[^\W_]+")


MAX_ROWS = 10
"""Rows that are named as those of one Service."""
MAX_TRIED = 100
"""Owners that share a Service's rarest word and are compared with it, to find its rows."""
MAX_TITLE = 253
"""Characters of a name or label that are read."""

Words = frozenset[str]


class _Names(NamedTuple):
    """What a Service is called: the ``words`` of each of its names, in their order, and each name ``squeezed``."""

    words: tuple[Words, ...]
    squeezed: frozenset[str]
    every: Words


class Owners:
    """Compares owners of rows with Services. ``aliases``: an owner's name, and what its Services are called."""

    def __init__(self, reservations: Iterable[Reservation], aliases: Mapping[str, Iterable[str]]) -> None:
        self.aliases: dict[Words, set[Words]] = defaultdict(set)
        self.names_of: dict[Words, dict[Words, None]] = defaultdict(dict)
        for name, names in aliases.items():
            owner, called = words(name), set(map(words, names))
            self.aliases[owner] |= called
            for other in called:
                self.names_of[other][owner] = None
        self.rows = [row for row in reservations if row.meaning != "free"]
        self.known = {words(row.owner) for row in self.rows if row.owner}
        self._index = _Index(self.rows)
        self._aliased: dict[tuple[Words, str], list[int]] = {}

    def of(self, row: Reservation, claim: Declaration) -> str:
        """SAME, ANOTHER or UNKNOWN."""
        return _by_name(row, claim) or self._by_owner(row.owner, _called(claim))

    def _by_owner(self, name: str, called: _Names) -> str:
        owner = words(name)
        if not owner:
            return UNKNOWN
        if owner in called.words or not self.aliases.get(owner, frozenset()).isdisjoint(called.words):
            return SAME
        if squeezed(name) in called.squeezed:
            return SAME
        if self._is_somebody(called):
            return ANOTHER
        if any(_holds(each, owner) for each in called.words):
            return SAME
        return UNKNOWN if _related(called.every, owner) else ANOTHER

    def _is_somebody(self, called: _Names) -> bool:
        """Whether its first name is just that of an owner."""
        return called.words[0] in self.known or called.words[0] in self.names_of

    def rows_of(self, claim: Declaration, cluster: str = "") -> Iterator[Reservation]:
        """The first MAX_ROWS rows that belong to the Service of a declaration for sure, in their order; those that do
        not speak of its ``cluster`` left out. Whoever wants fewer takes fewer: each is looked for when it is wanted.
        """
        called, index = _called(claim), self._index
        told = index.speaking(cluster)
        parts = claim.location.path.split("/")
        found = {
            *index.of_service(claim.object.name, claim.object.namespace, told),
            *(row for at in range(len(parts)) for row in index.of_manifest("/".join(parts[at:]), told)),
            *(row for title in called.squeezed for row in index.of_squeezed(title, told)),
            *(row for name in called.words for row in index.of_owner(name, told)),
            *(row for name in called.words if name in self.names_of for row in self._of_alias(name, cluster)),
        }
        if not self._is_somebody(called):
            tried = islice((owner for name in called.words for owner in index.sharing(name)), MAX_TRIED)
            fitting = {owner for owner in tried if any(_holds(name, owner) for name in called.words)}
            found.update(row for owner in fitting for row in index.of_owner(owner, told))
        rows = (self.rows[row] for row in sorted(found))
        return islice((row for row in rows if self.of(row, claim) == SAME), MAX_ROWS)

    def _of_alias(self, name: Words, cluster: str) -> list[int]:
        """The first rows of the owners whose Services are called so."""
        key = name, cluster
        if key not in self._aliased:
            told = self._index.speaking(cluster)
            every = (row for owner in self.names_of[name] for row in self._index.of_owner(owner, told))
            self._aliased[key] = nsmallest(MAX_ROWS, every)
        return self._aliased[key]


class _Index:
    """Rows by what a Service may be called, of each entry the first few; they are told by their index."""

    def __init__(self, rows: Sequence[Reservation]) -> None:
        self._first: dict[tuple[str, object, Clusters], list[int]] = defaultdict(list)
        owners: dict[Words, None] = {}
        self.speaking = by_cluster(row.clusters for row in rows)
        for index, row in enumerate(rows):
            for kind, key in _keys(row):
                first = self._first[kind, key, row.clusters]
                if len(first) < MAX_ROWS:
                    first.append(index)
                if kind == "owner":
                    owners[words(row.owner)] = None
        self._with_word: dict[str, list[Words]] = defaultdict(list)
        for owner in owners:
            for word in owner:
                self._with_word[word].append(owner)
        self._rarest: dict[str, list[Words]] = defaultdict(list)
        for owner in owners:
            self._rarest[self._rarest_of(owner)].append(owner)

    def _rarest_of(self, name: Words) -> str:
        return min(name, key=lambda word: (len(self._with_word.get(word, ())), word))

    def sharing(self, name: Words) -> Iterator[Words]:
        """Owners that may hold all words of a name, or have no others."""
        if name:
            yield from self._with_word.get(self._rarest_of(name), ())
        for word in name:
            yield from self._rarest.get(word, ())

    def of_service(self, name: str, namespace: str | None, among: Iterable[Clusters]) -> list[int]:
        if namespace is None:
            return self._of("service", name, among)
        return [row for place in (None, namespace) for row in self._of("service in", (name, place), among)]

    def of_manifest(self, path: str, among: Iterable[Clusters]) -> list[int]:
        return self._of("manifest", path, among)

    def of_squeezed(self, title: str, among: Iterable[Clusters]) -> list[int]:
        return self._of("squeezed", title, among)

    def of_owner(self, name: Words, among: Iterable[Clusters]) -> list[int]:
        return self._of("owner", name, among)

    def _of(self, kind: str, key: object, among: Iterable[Clusters]) -> list[int]:
        return [row for clusters in among for row in self._first.get((kind, key, clusters), ())]


def _keys(row: Reservation) -> Iterator[tuple[str, object]]:
    """What a row is found by. A DNS name decides, whatever the owner is called."""
    if row.service is not None:
        yield "service", row.service
        yield "service in", (row.service, row.namespace)
        return
    if row.manifest is not None:
        yield "manifest", row.manifest
    if words(row.owner):
        yield "owner", words(row.owner)
        yield "squeezed", squeezed(row.owner)


def _by_name(row: Reservation, claim: Declaration) -> str | None:
    """A DNS name or the path of a manifest in the row decides at once."""
    if row.service is not None:
        namespace = claim.object.namespace
        same = row.service == claim.object.name and (namespace is None or row.namespace in (None, namespace))
        return SAME if same else ANOTHER
    if row.manifest is not None and (
        claim.location.path == row.manifest or claim.location.path.endswith(f"/{row.manifest}")
    ):
        return SAME
    return None


def _called(claim: Declaration) -> _Names:
    return _names(tuple(title[:MAX_TITLE] for title in candidates(claim)))


@lru_cache(maxsize=1024)
def _names(titles: tuple[str, ...]) -> _Names:
    told = tuple(dict.fromkeys(map(words, titles)))
    return _Names(told, frozenset(map(squeezed, titles)), frozenset().union(*told))


@lru_cache(maxsize=16384)
def words(name: str) -> Words:
    """The words of a name that say what it is: no suffix in parentheses, no noise, short forms spelt out."""
    split = _split(name)
    table = _synonyms()
    spelt = [table.get(word, word) for word in split]
    return frozenset([word for word in spelt if word not in _noise()] or spelt)


@lru_cache(maxsize=16384)
def squeezed(name: str) -> str:
    """The same words in one, so that ``mini-io`` and ``MiniIO`` are equal."""
    split = _split(name)
    return "".join([word for word in split if word not in _noise()] or split)


def _split(name: str) -> list[str]:
    return _WORD.findall(_CAMEL.sub(" ", _PARENTHESES.sub(" ", name)).lower())


def candidates(claim: Declaration) -> Iterator[str]:
    """What the Service is called: its name first, then the app label of its own and of its selector."""
    value = claim.document.value
    metadata, spec = mapping(value.get("metadata")), mapping(value.get("spec"))
    yield claim.object.name
    if claim.object.namespace and claim.object.name.startswith(f"{claim.object.namespace}-"):
        yield claim.object.name.removeprefix(f"{claim.object.namespace}-")
    for labels in (mapping(metadata.get("labels")), mapping(spec.get("selector"))):
        for key in ("app.kubernetes.io/name", "app", "k8s-app", "name"):
            if isinstance(labels.get(key), str):
                yield labels[key]


def _holds(name: Words, owner: Words) -> bool:
    """One set of words holds the other, and the rest does not name another part of the product."""
    if name <= owner:
        return not (owner - name) & (_parts() - _optional())
    if owner <= name:
        return not (name - owner) & _parts() and not owner <= _parts()
    return False


def _related(name: Words, owner: Words) -> bool:
    """Some word is shared, or one of three letters and more is the beginning of the other."""
    if not name.isdisjoint(owner):
        return True
    return not (_beginnings(owner).isdisjoint(name) and _beginnings(name).isdisjoint(owner))


@lru_cache(maxsize=256)
def _beginnings(name: Words) -> Words:
    return frozenset(word[:length] for word in name for length in range(3, len(word) + 1))


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, str]:
    return {word: row[0] for row in load("owner_words")["synonyms"] for word in row}


@lru_cache(maxsize=1)
def _noise() -> frozenset[str]:
    return frozenset(load("owner_words")["noise"])


@lru_cache(maxsize=1)
def _parts() -> frozenset[str]:
    return frozenset(load("owner_words")["parts"])


@lru_cache(maxsize=1)
def _optional() -> frozenset[str]:
    return frozenset(load("owner_words")["optional"])
