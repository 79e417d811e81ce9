"""The tree that both parsers build: scalars, sequences and mappings with their places in the text.

Offsets are code points from the start of the text. ``size`` counts nodes with every alias followed.
"""

from __future__ import annotations

from typing import Any

MAX_DEPTH = 200
"""Levels of nesting. Kubernetes' own objects stay below 40; deeper text is refused with a message."""
MAX_EXPANSION = 1_000_000
"""Nodes of one document with every alias followed; an alias that leads to more is a bomb."""


class YamlError(Exception):
    """The text at ``offset`` cannot be read, and why."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message, self.offset = message, offset


class Scalar:
    """Text with its style. ``plain``: neither quoted nor a block, so that its form decides its type."""

    __slots__ = ("depth", "end", "expanded", "plain", "size", "start", "tag", "text")

    def __init__(self, text: str, tag: str | None, plain: bool, start: int, end: int) -> None:
        self.text, self.tag, self.plain, self.start, self.end = text, tag, plain, start, end
        self.size, self.depth, self.expanded = 1, 0, False


class Sequence:
    """A list; ``items`` in the order of the text."""

    __slots__ = ("depth", "end", "expanded", "items", "size", "start")

    def __init__(self, start: int) -> None:
        self.items: list[Node] = []
        self.start, self.end, self.size = start, start, 1
        self.depth, self.expanded = 1, False

    def add(self, node: Node) -> None:
        self.items.append(node)
        _count(self, node)


class Mapping:
    """Pairs; ``entries`` holds every pair of the text, repeated keys included."""

    __slots__ = ("depth", "end", "entries", "expanded", "index", "pending", "size", "start")

    def __init__(self, start: int) -> None:
        self.entries: list[tuple[Node, Node]] = []
        self.pending: Node | None = None
        self.index: Any = None
        """What each key leads to, made when the first is looked up."""
        self.start, self.end, self.size = start, start, 1
        self.depth, self.expanded = 1, False

    def add(self, node: Node) -> None:
        """Takes keys and values in turn."""
        _count(self, node)
        if self.pending is None:
            self.pending = node
        else:
            self.entries.append((self.pending, node))
            self.pending = None


class Alias:
    """The use of an anchor: where the ``*name`` stands, and the node that it means."""

    __slots__ = ("depth", "end", "expanded", "size", "start", "target")

    def __init__(self, target: Content, start: int, end: int) -> None:
        self.target, self.start, self.end, self.size = target, start, end, target.size
        self.depth, self.expanded = target.depth, True


def _count(parent: Sequence | Mapping, node: Node) -> None:
    """``depth`` and ``size`` follow aliases, ``expanded`` says whether there are any."""
    parent.size += node.size
    if node.depth >= parent.depth:
        parent.depth = node.depth + 1
    if node.expanded:
        parent.expanded = True


Content = Scalar | Sequence | Mapping
Node = Scalar | Sequence | Mapping | Alias


def content(node: Node) -> Content:
    """The node itself, an alias followed."""
    return node.target if isinstance(node, Alias) else node
