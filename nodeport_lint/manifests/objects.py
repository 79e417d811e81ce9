"""The objects of one YAML document: itself, or the items of a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nodeport_lint import yamltext
from nodeport_lint.yamltext.nodes import MAX_ALIASED_OBJECTS

MAX_OBJECTS = 50_000
"""Objects of one document; lists of aliased lists could hold far more."""


class TooManyObjectsError(Exception):
    """A document holds more objects than are read; ``offset`` is where the first begins that is not."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def objects(
    root: yamltext.Content, value: Any, expansion: yamltext.Expansion
) -> Iterator[tuple[yamltext.Content, dict[str, Any]]]:
    """Every object with the node that it is, in the order of the text; lists in lists are taken apart, too.

    Raises TooManyObjectsError behind the last one that is read, of this document or of all that aliases lead to.
    """
    count = 0
    waiting: list[tuple[yamltext.Content, Any, bool]] = [(root, value, False)]
    while waiting:
        node, value, aliased = waiting.pop()
        if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
            continue
        items = value.get("items")
        if value["kind"].endswith("List") and isinstance(items, list):
            if len(items) > MAX_OBJECTS:
                raise TooManyObjectsError(f"a list of more than {MAX_OBJECTS:,} objects", node.start)
            below = [_item(node, value, index, aliased) for index in range(len(items))]
            waiting.extend(reversed(below))
            continue
        if aliased and not expansion.takes_object():
            raise TooManyObjectsError(
                f"{yamltext.ALIASES} of all files lead to more than {MAX_ALIASED_OBJECTS:,} objects", node.start
            )
        count += 1
        if count > MAX_OBJECTS:
            raise TooManyObjectsError(f"more than {MAX_OBJECTS:,} objects in one file", node.start)
        if isinstance(value.get("apiVersion"), str):
            yield node, value


def _item(
    node: yamltext.Content, value: dict[str, Any], index: int, aliased: bool
) -> tuple[yamltext.Content, Any, bool]:
    found, _ = yamltext.find(node, ("items", index))
    item = value["items"][index]
    if value["kind"] != "List" and isinstance(item, dict):
        # The items of a ServiceList need no kind of their own: kubectl takes it from the list
        # (apimachinery pkg/apis/meta/v1/unstructured, UnstructuredList).
        inherited = {"apiVersion": value.get("apiVersion"), "kind": value["kind"].removesuffix("List")}
        item = {**inherited, **item}
    target = yamltext.content(found.node)
    return target, item, aliased or bool(found.uses) or target is not found.node
