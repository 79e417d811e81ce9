"""Values of a configuration text with their places, for error messages; rule pages use it for their front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from nodeport_lint.model import Location, NodeportLintError, Places, Severity

if TYPE_CHECKING:
    from datetime import date


class Item(NamedTuple):
    """A value of a configuration text, with what an error message needs."""

    value: Any
    name: str
    places: Places
    route: tuple[str | int, ...] = ()

    @property
    def location(self) -> Location:
        return self.places.locate(self.route)

    def error(self, message: str) -> NodeportLintError:
        return NodeportLintError(message, self.location)

    def child(self, step: str | int) -> Item:
        name = (
            str(step) if not self.name else f"{self.name}[{step}]" if isinstance(step, int) else f"{self.name}.{step}"
        )
        return Item(self.value[step], name, self.places, (*self.route, step))

    def entries(self, known: Mapping[str, Any] | None = None) -> Iterator[tuple[str, Item]]:
        """The pairs of a mapping. With ``known``, any other key is an error that names the likely one."""
        if not isinstance(self.value, dict):
            raise self.error(f"{self.name or 'the file'} must be a mapping of keys to values, not {spoken(self.value)}")
        for key in self.value:
            if known is not None and key not in known:
                raise NodeportLintError(
                    f"unknown key {key!r}{did_you_mean(key, known)}", self.places.locate_key((*self.route, key))
                )
            yield key, self.child(key)

    def list(self) -> Iterator[Item]:
        if not isinstance(self.value, list):
            raise self.error(f"{self.name} must be a list, not {spoken(self.value)}")
        for index in range(len(self.value)):
            yield self.child(index)

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value:
            raise self.error(f"{self.name} must be a text, not {spoken(self.value)}")
        return self.value

    def date(self) -> str:
        if parse_date(self.text()) is None:
            raise self.error(f"{self.name} must be a date such as 2027-01-31, not {spoken(self.value)}")
        return self.text()

    def severity(self) -> Severity:
        try:
            return Severity[self.text().upper()]
        except KeyError:
            words = ", ".join(Severity.words())
            raise self.error(f"{self.name} must be one of {words}, not {spoken(self.value)}") from None


def read_mapping(text: str, path: str, line_shift: int = 0) -> Item | None:
    """The one document of a configuration text, or None where it is empty. Raises NodeportLintError."""
    from nodeport_lint import yamltext

    stream = yamltext.read("\n" * line_shift + text)
    for broken in stream.broken:
        raise NodeportLintError(broken.message, Location(path, stream.line_region(broken.offset)))
    if not stream.roots:
        return None
    places = yamltext.NodePlaces(stream, stream.roots[0], path)
    if len(stream.roots) > 1:
        second = yamltext.NodePlaces(stream, stream.roots[1], path)
        raise NodeportLintError("the file must hold one document only", second.locate(()))
    try:
        value = yamltext.plain(stream.roots[0])
        for route, keys in places.repeated_keys():
            raise NodeportLintError(f"the key {route[-1]!r} is written twice", keys[1])
    except yamltext.YamlError as error:
        raise NodeportLintError(error.message, Location(path, stream.line_region(error.offset))) from None
    return None if value is None else Item(value, "", places)


def parse_date(text: str) -> date | None:
    """A date written 2027-01-31; None for any other text. (Newer Pythons take more forms.)"""
    from datetime import date

    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


MAX_WORD, MAX_KNOWN = 100, 1_000
"""Characters of a word, and words, that are compared with one another: each pair takes time with the square of both."""


def did_you_mean(word: str, known: Mapping[str, Any] | Iterator[str] | list[str]) -> str:
    """`` (did you mean 'range'?)``, or the list of what is known, or nothing."""
    from difflib import get_close_matches

    words = sorted(known)
    comparable = [one for one in words if len(one) <= MAX_WORD][:MAX_KNOWN]
    close = get_close_matches(word, comparable, n=1, cutoff=0.6) if len(word) <= MAX_WORD else []
    if close:
        return f" (did you mean {close[0]!r}?)"
    return f" (known: {', '.join(words)})" if 0 < len(words) <= 12 else ""


def spoken(value: Any) -> str:
    """A value as an error message names it."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)[:60]
