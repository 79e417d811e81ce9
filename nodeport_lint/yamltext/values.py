"""Nodes to plain values as Kubernetes reads them, and the way back: from a route to its characters.

Mappings are read in the order of the text, as go-yaml does: of a repeated key the last one wins, and a
merge key ``<<`` that stands behind a key overrides it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from nodeport_lint.model import Route
from nodeport_lint.yamltext.nodes import Alias, Content, Mapping, Node, Scalar, Sequence, YamlError, content
from nodeport_lint.yamltext.scalars import Value, resolve, resolve_tagged


def plain(node: Node) -> Any:
    """dict, list, str, int, float, bool or None. Raises YamlError for what has no JSON form.

    A node that is used through several aliases becomes one shared value: treat values as read-only.
    """
    return _Reader().value(node)


def mapping(value: object) -> dict[str, Any]:
    """A plain value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


class _Reader:
    def __init__(self) -> None:
        self.shared: dict[int, Any] = {}

    def value(self, node: Node) -> Any:
        if isinstance(node, Scalar):
            return scalar_value(node)
        if isinstance(node, Alias):
            known = self.shared.get(id(node.target))
            if known is None:
                known = self.shared[id(node.target)] = self.value(node.target)
            return known
        if isinstance(node, Sequence):
            return [self.value(item) for item in node.items]
        values: dict[str, Any] = {}
        for key, entry in node.entries:
            if is_merge(key):
                for source in reversed(merge_sources(entry)):
                    values.update(self.value(source))
            else:
                values[key_text(key)] = self.value(entry)
        return values


def scalar_value(node: Scalar) -> Value:
    """Raises YamlError where the text does not fit its tag, or is a number that JSON cannot write."""
    if node.tag is not None:
        try:
            value = resolve_tagged(node.text, node.tag)
        except ValueError as error:
            raise YamlError(str(error), node.start) from None
    else:
        value = resolve(node.text) if node.plain else node.text
    if isinstance(value, float) and not math.isfinite(value):
        raise YamlError(f"error converting YAML to JSON: unsupported value {node.text}", node.start)
    return value


def key_text(node: Node) -> str:
    """The key as JSON writes it: ``80`` is "80", ``yes`` is "true". Raises YamlError for a key that is none."""
    target = node if node.__class__ is Scalar else content(node)
    if not isinstance(target, Scalar):
        raise YamlError("a mapping or list cannot be a key (template text such as {{ }} must be quoted)", target.start)
    value = scalar_value(target)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        raise YamlError("null cannot be a key", target.start)
    return str(value)


def is_merge(key: Node) -> bool:
    return isinstance(key, Scalar) and key.text == "<<" and key.plain


def merge_sources(node: Node) -> list[Node]:
    """The mappings that a merge key takes in, the one that wins first."""
    target = content(node)
    sources = target.items if isinstance(target, Sequence) else [node]
    for source in sources:
        if not isinstance(content(source), Mapping):
            raise YamlError("map merge requires map or sequence of maps as the value", source.start)
    return list(sources)


class Found:
    """Where a value is written. ``uses``: the aliases and merges on the way to it, outermost first."""

    __slots__ = ("key", "node", "uses")

    def __init__(self, key: Node | None, node: Node, uses: tuple[Alias, ...] = ()) -> None:
        self.key, self.node, self.uses = key, node, uses


def find(root: Content, route: Route) -> tuple[Found, int]:
    """The node at ``route`` and how many steps of the route exist."""
    found = Found(None, root)
    for depth, step in enumerate(route):
        here = content(found.node)
        below: Found | None = None
        if isinstance(here, Mapping) and isinstance(step, str):
            below = _entry(here, step)
        elif isinstance(here, Sequence) and isinstance(step, int) and step < len(here.items):
            below = Found(None, here.items[step])
        if below is None:
            return found, depth
        use = (found.node,) if isinstance(found.node, Alias) else ()
        found = Found(below.key, below.node, found.uses + use + below.uses)
    return found, len(route)


def _entry(mapping: Mapping, name: str) -> Found | None:
    """The pair that decides the value of a key."""
    if mapping.index is None:
        mapping.index = _indexed(mapping)
    found: Found | None = mapping.index.get(name)
    return found


def _indexed(mapping: Mapping) -> dict[str, Found]:
    """Every key of a mapping with the pair that decides it, merge keys followed."""
    index: dict[str, Found] = {}
    for key, entry in mapping.entries:
        if not is_merge(key):
            index[key_text(key)] = Found(key, entry)
            continue
        for source in reversed(merge_sources(entry)):
            target = content(source)
            if isinstance(target, Mapping):
                if target.index is None:
                    target.index = _indexed(target)
                use = (source,) if isinstance(source, Alias) else ()
                index.update(
                    (name, Found(found.key, found.node, use + found.uses)) for name, found in target.index.items()
                )
    return index


def scalars(roots: list[Content]) -> Iterator[Scalar]:
    """Every scalar of the text once, keys included, in no order."""
    waiting: list[Node] = list(roots)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Sequence):
            waiting.extend(node.items)
        elif isinstance(node, Mapping):
            waiting.extend(part for pair in node.entries for part in pair)


def routes(root: Content) -> Iterator[tuple[Route, Node]]:
    """The route of every value, with the node that begins it: the key of a pair, the item of a list."""
    waiting: list[tuple[Route, Node]] = [((), root)]
    while waiting:
        route, here = waiting.pop()
        below: list[tuple[Route, Node, Node]] = []
        if isinstance(here, Sequence):
            below = [((*route, index), item, item) for index, item in enumerate(here.items)]
        elif isinstance(here, Mapping):
            below = [((*route, key_text(key)), key, entry) for key, entry in here.entries if not is_merge(key)]
        for at, first, entry in below:
            yield at, first
            waiting.append((at, entry))


def leaves(root: Content) -> Iterator[tuple[Route, Scalar]]:
    """Every scalar that is a value, with its route; what an alias stands for is not entered again."""
    waiting: list[tuple[Route, Node]] = [((), root)]
    while waiting:
        route, here = waiting.pop()
        if isinstance(here, Scalar):
            yield route, here
        elif isinstance(here, Sequence):
            waiting.extend(reversed([((*route, index), item) for index, item in enumerate(here.items)]))
        elif isinstance(here, Mapping):
            below = [((*route, key_text(key)), entry) for key, entry in here.entries if not is_merge(key)]
            waiting.extend(reversed(below))


def repeated_keys(root: Content) -> Iterator[tuple[Route, list[Node]]]:
    """Every key that one mapping holds more than once: its route, and the keys in the order of the text."""
    waiting: list[tuple[Route, Content]] = [((), root)]
    while waiting:
        route, here = waiting.pop()
        if isinstance(here, Sequence):
            items = [((*route, index), item) for index, item in enumerate(here.items)]
            waiting.extend((at, item) for at, item in reversed(items) if not isinstance(item, Scalar | Alias))
        elif isinstance(here, Mapping):
            pairs = [(key_text(key), key, entry) for key, entry in here.entries if not is_merge(key)]
            if len({name for name, _, _ in pairs}) < len(pairs):
                seen: dict[str, list[Node]] = {}
                for name, key, _ in pairs:
                    seen.setdefault(name, []).append(key)
                yield from (((*route, name), keys) for name, keys in seen.items() if len(keys) > 1)
            below = [((*route, name), entry) for name, _, entry in pairs if not isinstance(entry, Scalar | Alias)]
            waiting.extend(reversed(below))
