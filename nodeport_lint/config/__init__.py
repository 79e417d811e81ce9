"""``.nodeport-lint.yaml`` to Config; an unknown key or a wrong value is an error with its line and column."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from nodeport_lint.config.items import Item, did_you_mean, parse_date, read_mapping, spoken
from nodeport_lint.expressions import expression
from nodeport_lint.model import Location, NodeportLintError, PortRange, Severity
from nodeport_lint.patterns import MAX_PATTERNS, is_pattern
from nodeport_lint.ports import DEFAULT_RANGE, parse_range

__all__ = [
    "ANY_PATH", "FILE_NAME", "FILE_NAMES", "Cluster", "Config", "Item", "PathSuppression", "Release", "RuleSetting",
    "RuleSource", "SetExpression", "did_you_mean", "is_plain_pattern", "parse_config", "parse_date", "read_mapping",
    "spoken",
]  # fmt: skip

FILE_NAME = ".nodeport-lint.yaml"
FILE_NAMES = (FILE_NAME, ".nodeport-lint.yml")


class RuleSetting(NamedTuple):
    """What a configuration says about one rule. ``severity`` None: as the page has it."""

    location: Location | None = None
    off: bool = False
    severity: Severity | None = None
    options: Mapping[str, Item] = MappingProxyType({})


class RuleSource(NamedTuple):
    """Further rule pages: a directory below the root, or ``package:NAME`` of an installed package."""

    name: str
    location: Location | None = None


class PathSuppression(NamedTuple):
    """A suppression that the configuration holds: ``rule`` for parties whose path matches ``path``."""

    rule: str
    path: str
    reason: str
    port: int | None
    until: str | None
    location: Location


ANY_PATH = "**"
"""The pattern of a suppression that is for a port, wherever it is asked for."""


class SetExpression(NamedTuple):
    """One ``--set`` of a release: the flag, and the expression with the place where it is written."""

    flag: str
    text: str
    location: Location


class Release(NamedTuple):
    """A Helm install that the repository does not describe elsewhere. Paths are relative to the root."""

    chart: str
    location: Location
    name: str = ""
    namespace: str = ""
    values: tuple[tuple[str, Location], ...] = ()
    sets: tuple[SetExpression, ...] = ()
    cluster: str = ""


class Cluster(NamedTuple):
    """What shares one pool of node ports: ``paths`` without ``exclude``, in the syntax of .gitignore; or ``each``
    directory that matches a pattern is one, named after it."""

    name: str = ""
    paths: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    each: str = ""
    range: PortRange | None = None
    registry: tuple[str, ...] = ()
    """Allocation documents that speak of this cluster only; of ``each``, relative to its directory."""


class Config(NamedTuple):
    """One run's settings, all optional."""

    range: PortRange = DEFAULT_RANGE
    exclude: tuple[str, ...] = ()
    rules: Mapping[str, RuleSetting] = MappingProxyType({})
    extra_rules: tuple[RuleSource, ...] = ()
    registry: tuple[str, ...] | None = None
    """Allocation documents; None: those that are called like one."""
    owners: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """Names in an allocation document, and what the Services of that owner are called."""
    suppressions: tuple[PathSuppression, ...] = ()
    releases: tuple[Release, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    layout: str = ""
    """``one-cluster`` or ``collection``, where the configuration overrules what the tree looks like."""
    path: str | None = None


def parse_config(text: str, path: str) -> Config:
    """Raises NodeportLintError at the first fault, with its place and the key or value that was expected."""
    top = read_mapping(text, path)
    if top is None:
        return Config(path=path)
    values: dict[str, Any] = {"path": path}
    for key, item in top.entries(_KEYS):
        values[key.replace("-", "_")] = _KEYS[key](item)
    return Config(**values)


# --- the keys ---------------------------------------------------------------------------------


def _range(item: Item) -> PortRange:
    text = str(item.value) if isinstance(item.value, int) and not isinstance(item.value, bool) else item.text()
    try:
        return parse_range(text)
    except ValueError as error:
        raise item.error(f"range: {error}") from None


def is_plain_pattern(pattern: str) -> bool:
    """Whether a pattern in the syntax of .gitignore is a path or a name, without wildcards or signs."""
    bare = pattern.removeprefix("/").removesuffix("/")
    return re.fullmatch(r"[\w./-]+", bare) is not None and not {"", ".", ".."}.intersection(bare.split("/"))


def _pattern(item: Item) -> str:
    pattern = item.text()
    if not is_pattern(pattern):
        raise item.error(f"{item.name} is no pattern in the syntax of .gitignore: {spoken(pattern)}")
    return pattern


def _exclude(item: Item) -> tuple[str, ...]:
    entries = list(item.list())
    for entry in entries[MAX_PATTERNS:]:
        raise entry.error(f"{item.name} holds {len(entries)} patterns, and {MAX_PATTERNS} are the most")
    return tuple(map(_pattern, entries))


def _rules(item: Item) -> dict[str, RuleSetting]:
    settings = {}
    for rule, entry in item.entries():
        place = item.places.locate_key(entry.route)
        if entry.value is False or entry.value == "off":
            settings[rule] = RuleSetting(place, off=True)
        elif isinstance(entry.value, dict):
            severity, options = None, {}
            for key, value in entry.entries({"severity": 1, "options": 1}):
                if key == "severity":
                    severity = value.severity()
                else:
                    options = dict(value.entries())
            settings[rule] = RuleSetting(place, severity=severity, options=options)
        else:
            words = ", ".join(Severity.words())
            if not isinstance(entry.value, str) or entry.value not in Severity.words():
                raise entry.error(f"{entry.name} must be {words}, off or a mapping, not {spoken(entry.value)}")
            settings[rule] = RuleSetting(place, severity=entry.severity())
    return settings


def _extra_rules(item: Item) -> tuple[RuleSource, ...]:
    return tuple(RuleSource(entry.text(), entry.location) for entry in item.list())


LAYOUTS = ("one-cluster", "collection")


def _layout(item: Item) -> str:
    if item.value not in LAYOUTS:
        raise item.error(f"{item.name} must be {' or '.join(LAYOUTS)}, not {spoken(item.value)}")
    return item.text()


def _clusters(item: Item) -> tuple[Cluster, ...]:
    entries = list(item.list())
    if len(entries) > MAX_CLUSTERS:
        raise item.error(f"{item.name} has more than {MAX_CLUSTERS} entries; 'each' declares one for each directory")
    found = tuple(map(_cluster, entries))
    names = Counter(cluster.name for cluster in found if cluster.name)
    for name, count in names.items():
        if count > 1:
            raise item.error(f"{'two' if count == 2 else count} clusters are called {name!r}")
    return found


MAX_CLUSTERS = 500
"""Entries: each file of a tree is held against the patterns of each."""


MAX_LEVELS = 12
"""Levels of directories of one pattern."""


def _is_of_directories(pattern: str) -> bool:
    parts = pattern.rstrip("/").split("/")
    return len(parts) <= MAX_LEVELS and not {"", ".", ".."}.intersection(parts)


def _cluster(item: Item) -> Cluster:
    given = dict(item.entries({"name": 1, "paths": 1, "exclude": 1, "each": 1, "range": 1, "registry": 1}))
    if "each" in given and not _is_of_directories(given["each"].text()):
        raise given["each"].error(f"{given['each'].name} must match directories below the root, such as clusters/*")
    if "each" in given and ("name" in given or "paths" in given):
        raise item.error(f"{item.name} has 'each', so that its name and paths are those of the directories")
    if "each" not in given and not {"name", "paths"} <= given.keys():
        raise item.error(f"{item.name} needs the keys 'name' and 'paths', or the key 'each'")
    return Cluster(
        name=given["name"].text() if "name" in given else "",
        paths=_exclude(given["paths"]) if "paths" in given else (),
        exclude=_exclude(given["exclude"]) if "exclude" in given else (),
        each=_pattern(given["each"]).strip("/") if "each" in given else "",
        range=_range(given["range"]) if "range" in given else None,
        registry=_registry(given["registry"]) if "registry" in given else (),
    )


def _registry(item: Item) -> tuple[str, ...]:
    entries = item.list() if isinstance(item.value, list) else [item]
    return tuple(_path(entry) for entry in entries)


def _path(item: Item) -> str:
    path = item.text()
    if path.startswith("/") or ".." in path.split("/"):
        raise item.error(f"{item.name} must be a path inside the repository, not {path!r}")
    return posixpath.normpath(path)


def _releases(item: Item) -> tuple[Release, ...]:
    return tuple(_release(entry) for entry in item.list())


_SET_FLAGS = {"set": "--set", "set-string": "--set-string", "set-json": "--set-json"}
_RELEASE_KEYS = {"chart": 1, "name": 1, "namespace": 1, "values": 1, "cluster": 1, **_SET_FLAGS}
_DNS_LABEL = expression("[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def _release(item: Item) -> Release:
    given = dict(item.entries(_RELEASE_KEYS))
    if "chart" not in given:
        raise item.error(f"{item.name} needs the key 'chart'")
    names = {key: _name(given[key]) for key in ("name", "namespace") if key in given}
    return Release(
        chart=_path(given["chart"]).rstrip("/"),
        location=given["chart"].location,
        values=tuple((_path(entry), entry.location) for entry in given["values"].list()) if "values" in given else (),
        sets=tuple(
            SetExpression(flag, _expression(entry), entry.location)
            for key, flag in _SET_FLAGS.items()
            if key in given
            for entry in given[key].list()
        ),
        cluster=given["cluster"].text() if "cluster" in given else "",
        **names,
    )


def _expression(item: Item) -> str:
    """An argument of a program: no NUL, and nothing that is no character."""
    text = item.text()
    if "\0" in text or not text.isprintable():
        raise item.error(f"{item.name} holds characters that no argument can hold: {spoken(text)}")
    return text


def _name(item: Item) -> str:
    """A name of a release or a namespace, as Helm and Kubernetes take it."""
    if not _DNS_LABEL.fullmatch(item.text()) or len(item.text()) > 63:
        raise item.error(f"{item.name} must be lower-case letters, digits and hyphens, not {spoken(item.value)}")
    return item.text()


def _owners(item: Item) -> dict[str, tuple[str, ...]]:
    return {name: tuple(entry.text() for entry in names.list()) for name, names in item.entries()}


MAX_WILDCARDS = 500
"""Different patterns of suppressions that are no plain paths: every path with a finding is matched against each."""


def _suppressions(item: Item) -> tuple[PathSuppression, ...]:
    found = tuple(_suppression(entry) for entry in item.list())
    wild: set[str] = set()
    for suppression in found:
        if suppression.path != ANY_PATH and not is_plain_pattern(suppression.path):
            wild.add(suppression.path)
        if len(wild) > MAX_WILDCARDS:
            message = f"{item.name} has more than {MAX_WILDCARDS:,} patterns with wildcards"
            raise NodeportLintError(message, suppression.location)
    return found


def _suppression(item: Item) -> PathSuppression:
    given = dict(item.entries({"rule": 1, "path": 1, "reason": 1, "port": 1, "until": 1}))
    for key in ("rule", "reason"):
        if key not in given:
            raise item.error(f"{item.name} needs the key {key!r}")
    if "path" not in given and "port" not in given:
        raise item.error(f"{item.name} needs the key 'path' or 'port'")
    port = given["port"].value if "port" in given else None
    if port is not None and (not isinstance(port, int) or isinstance(port, bool)):
        raise given["port"].error(f"{given['port'].name} must be a whole number, not {spoken(port)}")
    return PathSuppression(
        rule=given["rule"].text(),
        path=_pattern(given["path"]) if "path" in given else ANY_PATH,
        reason=given["reason"].text(),
        port=port,
        until=given["until"].date() if "until" in given else None,
        location=item.location,
    )


_KEYS: dict[str, Callable[[Item], Any]] = {
    "range": _range,
    "exclude": _exclude,
    "rules": _rules,
    "extra-rules": _extra_rules,
    "registry": _registry,
    "owners": _owners,
    "suppressions": _suppressions,
    "releases": _releases,
    "layout": _layout,
    "clusters": _clusters,
}
