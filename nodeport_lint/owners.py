"""Whose number is it? The owner of a row against the Service that asks for its number.

The numbers agree already, so the question is only: the same owner, another one, or unknown. Unknown is an
answer: a guess is never reported as a fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from nodeport_lint.data import load
from nodeport_lint.model import Declaration, Reservation
from nodeport_lint.yamltext import mapping

SAME, ANOTHER, UNKNOWN = "same", "another", "unknown"

_PARENTHESES = re.compile(r"\([^()]*\)")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")


class Owners:
    """Compares owners of rows with Services. ``aliases``: an owner's name, and what its Services are called."""

    def __init__(self, reservations: Iterable[Reservation], aliases: Mapping[str, Iterable[str]]) -> None:
        self.aliases: dict[frozenset[str], set[frozenset[str]]] = {}
        for name, names in aliases.items():
            self.aliases.setdefault(words(name), set()).update(map(words, names))
        self.rows = [row for row in reservations if row.meaning != "free"]
        self.known = {words(row.owner) for row in self.rows if row.owner}
        self.by_word: dict[str, list[int]] = {}
        for index, row in enumerate(self.rows):
            for word in (*words(row.owner), squeezed(row.owner), row.service or "", row.manifest or ""):
                self.by_word.setdefault(word, []).append(index)
        self.names_of: dict[frozenset[str], set[frozenset[str]]] = {}
        for owner, called in self.aliases.items():
            for other in called:
                self.names_of.setdefault(other, set()).add(owner)

    def of(self, row: Reservation, claim: Declaration) -> str:
        """SAME, ANOTHER or UNKNOWN."""
        decided = _by_name(row, claim)
        if decided is not None:
            return decided
        owner = words(row.owner)
        if not owner:
            return UNKNOWN
        titles = list(candidates(claim))
        names = [words(title) for title in titles]
        if owner in names or any(name in self.aliases.get(owner, ()) for name in names):
            return SAME
        if squeezed(row.owner) in map(squeezed, titles):
            return SAME
        if names[0] in self.known or any(names[0] in aliased for aliased in self.aliases.values()):
            return ANOTHER
        if any(_holds(name, owner) for name in names):
            return SAME
        if not any(_related(name, owner) for name in names):
            return ANOTHER
        return UNKNOWN

    def rows_of(self, claim: Declaration) -> list[Reservation]:
        """The rows that belong to the Service of a declaration for sure, in their order.

        Only rows that share a word with it are compared, so many rows cost little.
        """
        titles = list(candidates(claim))
        names = [words(title) for title in titles]
        keys = {word for name in names for word in name} | {squeezed(title) for title in titles}
        keys |= {word for name in names for owner in self.names_of.get(name, ()) for word in owner}
        parts = claim.location.path.split("/")
        keys |= {claim.object.name, *("/".join(parts[index:]) for index in range(len(parts)))}
        found = {index for key in keys for index in self.by_word.get(key, ())}
        return [self.rows[index] for index in sorted(found) if self.of(self.rows[index], claim) == SAME]


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


def words(name: str) -> frozenset[str]:
    """The words of a name that say what it is: no suffix in parentheses, no noise, short forms spelt out."""
    return frozenset(_told(name))


def squeezed(name: str) -> str:
    """The same words in one, so that ``mini-io`` and ``MiniIO`` are equal."""
    split = _split(name)
    return "".join([word for word in split if word not in _noise()] or split)


def _split(name: str) -> list[str]:
    return _WORD.findall(_CAMEL.sub(" ", _PARENTHESES.sub(" ", name)).lower())


@lru_cache(maxsize=4096)
def _told(name: str) -> tuple[str, ...]:
    split = _split(name)
    table = _synonyms()
    spelt = [table.get(word, word) for word in split]
    told = [word for word in spelt if word not in _noise()]
    return tuple(told or spelt)


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


def _holds(name: frozenset[str], owner: frozenset[str]) -> bool:
    """One set of words holds the other, and the rest does not name another part of the product."""
    if name <= owner:
        return not (owner - name) & (_parts() - _optional())
    if owner <= name:
        return not (name - owner) & _parts() and not owner <= _parts()
    return False


def _related(name: frozenset[str], owner: frozenset[str]) -> bool:
    """Some word is shared, or one is the beginning of the other."""
    if name & owner:
        return True
    return any(len(a) > 2 and len(b) > 2 and (a.startswith(b) or b.startswith(a)) for a in name for b in owner)


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
