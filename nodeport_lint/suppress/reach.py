"""Which suppression answers a party: an index, so that many of both are not compared in pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from nodeport_lint.config import ANY_PATH, is_plain_pattern
from nodeport_lint.model import Party, Suppression
from nodeport_lint.patterns import Patterns

_BELOW = "/"
"""Behind the key of a pattern that takes directories only; a key begins with ``/`` where it is the whole path."""
_PATTERN = "\0"
"""Before the key of a pattern that has to be matched: no path holds it."""


class Reach:
    """Suppressions by what they answer; of several, the first. They are told by their index."""

    def __init__(self, suppressions: Sequence[Suppression]) -> None:
        self._by_line: dict[tuple[str, int, str], int] = {}
        self._by_path: dict[tuple[str, int | None], dict[str, int]] = {}
        wild: dict[str, str] = {}
        for index, item in enumerate(suppressions):
            for line in item.lines:
                for rule in item.rules:
                    self._by_line.setdefault((item.location.path, line, rule), index)
            if item.pattern is not None:
                key = _key(item.pattern)
                for rule in item.rules:
                    self._by_path.setdefault((rule, item.port), {}).setdefault(key, index)
                if key.startswith(_PATTERN):
                    wild[key] = item.pattern
        self._wild = [(key, _matcher(pattern)) for key, pattern in wild.items()]
        self._matching: dict[str, list[str]] = {}

    def find(self, rule: str, party: Party) -> int | None:
        """The index of the suppression that answers a party of a finding of a rule."""
        for place in (party.location, *party.trail):
            if place.region is not None:
                index = self._by_line.get((place.path, place.region.line, rule))
                if index is not None:
                    return index
        tables = [self._by_path.get((rule, port)) for port in dict.fromkeys((None, party.number))]
        found = [table[key] for table in tables if table for key in self._keys(party.location.path) if key in table]
        return min(found, default=None)

    def _keys(self, path: str) -> Iterator[str]:
        """All that a pattern may be that matches a path."""
        yield ANY_PATH
        yield from _plain_keys(path)
        if path not in self._matching:
            self._matching[path] = [key for key, matches in self._wild if matches(path)]
        yield from self._matching[path]


def _key(pattern: str) -> str:
    """A pattern without wildcards as the text that it is compared with; any other under a sign of its own."""
    if pattern == ANY_PATH:
        return pattern
    if not is_plain_pattern(pattern):
        return _PATTERN + pattern
    bare = pattern.strip("/")
    below = _BELOW if pattern.endswith("/") else ""
    return f"/{bare}{below}" if "/" in pattern.rstrip("/") else f"{bare}{below}"


def _plain_keys(path: str) -> Iterable[str]:
    """What ``_key`` gives for the patterns without wildcards that match a path: git takes all below a directory."""
    parts = path.split("/")
    keys = dict.fromkeys((*parts, *(f"{part}{_BELOW}" for part in parts[:-1])))
    whole = ""
    for part in parts:
        whole = f"{whole}/{part}"
        keys[whole] = None
        keys[f"{whole}{_BELOW}"] = None
    keys.pop(f"{whole}{_BELOW}")
    return keys


def _matcher(pattern: str) -> Callable[[str], bool]:
    return Patterns([pattern]).matches
