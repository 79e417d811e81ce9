"""The verbs: what a rule page can apply. One file each, found through the table below.

A verb is a module with ``Options`` (a frozen dataclass, built when a page is loaded), ``TOKENS`` (texts
without which a large file cannot matter to it) and ``check(options, context) -> Iterator[Finding]``. No
module is named like a builtin: once imported it is a name in this one.
An installed package adds verbs through the entry point group ``nodeport_lint.checks``; a scanned
repository cannot.
"""

from __future__ import annotations

import dataclasses
from importlib import import_module
from typing import Any

from nodeport_lint.config import Item, did_you_mean, spoken
from nodeport_lint.model import Location, NodeportLintError

VERBS = {
    "agreement": "nodeport_lint.checks.agreement",
    "decode": "nodeport_lint.checks.decode",
    "dynamic-band": "nodeport_lint.checks.dynamic_band",
    "fixed": "nodeport_lint.checks.fixed",
    "match": "nodeport_lint.checks.match",
    "owner": "nodeport_lint.checks.owner",
    "problem": "nodeport_lint.checks.problem",
    "range": "nodeport_lint.checks.in_range",
    "registered": "nodeport_lint.checks.registered",
    "repeated-key": "nodeport_lint.checks.repeated_key",
    "reservation": "nodeport_lint.checks.reservation",
    "sensitive": "nodeport_lint.checks.sensitive",
    "spelling": "nodeport_lint.checks.spelling",
    "type": "nodeport_lint.checks.service_type",
    "unique": "nodeport_lint.checks.unique",
}

ENTRY_POINTS = "nodeport_lint.checks"


@dataclasses.dataclass(frozen=True, slots=True)
class NoOptions:
    """For a verb that has none."""


def load_verb(name: str, location: Location | None = None) -> Any:
    """The module of a verb, built in or installed. Raises NodeportLintError for a name nobody has."""
    if name in VERBS:
        return import_module(VERBS[name])
    from importlib.metadata import entry_points

    installed = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if name not in installed:
        hint = did_you_mean(name, [*VERBS, *installed])
        raise NodeportLintError(f"unknown check {name!r}{hint}", location)
    try:
        module = installed[name].load()
    except Exception as error:
        raise NodeportLintError(
            f"the check {name!r} of an installed package cannot be loaded: {type(error).__name__}: {error}", location
        ) from error
    for part in ("Options", "check"):
        if not hasattr(module, part):
            raise NodeportLintError(f"the check {name!r} of an installed package has no {part!r}", location)
    return module


def build_options(verb: Any, name: str, given: dict[str, Item], place: Location | None) -> Any:
    """The options of a verb from a page. Raises NodeportLintError: unknown, missing or of the wrong kind."""
    fields = {field.name.replace("_", "-"): field for field in dataclasses.fields(verb.Options)}
    values: dict[str, Any] = {}
    for key, item in given.items():
        if key not in fields:
            hint = did_you_mean(key, list(fields)) if fields else " (it has none)"
            raise NodeportLintError(f"unknown option {key!r} of check {name!r}{hint}", _key_place(item))
        values[fields[key].name] = _converted(item, str(fields[key].type))
    for key, field in fields.items():
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if required and key not in given:
            raise NodeportLintError(f"check {name!r} needs the option {key!r}", place)
    try:
        return verb.Options(**values)
    except ValueError as error:
        raise NodeportLintError(f"options of check {name!r}: {error}", place) from None


def _key_place(item: Item) -> Location:
    return item.places.locate_key(item.route)


_KINDS: dict[str, tuple[type, str]] = {
    "str": (str, "a text"),
    "int": (int, "a whole number"),
    "bool": (bool, "true or false"),
}


def _converted(item: Item, kind: str) -> Any:
    if kind == "tuple[str, ...]":
        return tuple(entry.text() for entry in item.list())
    expected, words = _KINDS[kind]
    if not isinstance(item.value, expected) or (expected is int and isinstance(item.value, bool)):
        raise item.error(f"{item.name} must be {words}, not {spoken(item.value)}")
    return item.value
