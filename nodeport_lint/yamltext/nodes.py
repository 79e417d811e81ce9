"""The tree that both parsers build: scalars, sequences and mappings with their places in the text.

Offsets are code points from the start of the text. ``size`` counts nodes with every alias followed, ``expansion`` what
of that only aliases lead to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nodeport_lint.model.clock import Clock

MAX_DEPTH = 200
"""Levels of nesting. Kubernetes' own objects stay below 40; deeper text is refused with a message."""
MAX_EXPANSION = 200_000
"""Nodes that the aliases of one document lead to; more is a bomb. The API server refuses 3 MiB of JSON."""
MAX_REREAD = 2_000_000
"""Characters that the pure parser reads in one run where the C parser stopped, or may read otherwise: it takes seconds
for each million."""
MAX_EXPANSION_OF_ALL, MAX_ALIASED_OBJECTS = 1_000_000, 20_000
"""Nodes that the aliases of all files of a run lead to, and objects that are reached through them."""
ALIASES = "aliases"
"""How every message begins about what leads to too much."""
_LONG = 100
"""Characters of a scalar that count like a node."""


class YamlError(Exception):
    """The text at ``offset`` cannot be read, and why. ``limit``: it is not wrong, and more than is read."""

    def __init__(self, message: str, offset: int, limit: bool = False) -> None:
        super().__init__(message)
        self.message, self.offset, self.limit = message, offset, limit


@dataclass(slots=True)
class Expansion:
    """What may still be spent in all that one run reads. On aliases and merge keys: nodes and objects, where they lead
    to more than is written. On texts that the pure parser reads where there is one in C: characters. On everything:
    time and memory."""

    nodes: int = MAX_EXPANSION_OF_ALL
    objects: int = MAX_ALIASED_OBJECTS
    reread: int = MAX_REREAD
    """Characters that the pure parser may still read where there is one in C. The last text may take more."""
    refused: bool = False
    """Whether something was not read because of its aliases."""
    clock: Clock = field(default_factory=Clock)

    def takes(self, nodes: int) -> bool:
        """Whether a document that leads to so many is read."""
        if nodes > self.nodes:
            self.refused = True
            return False
        self.nodes -= nodes
        return True

    def takes_object(self) -> bool:
        """Whether one more object that an alias leads to is read."""
        self.refused = self.refused or self.objects <= 0
        self.objects -= 1
        return self.objects >= 0


class Scalar:
    """Text with its style. ``plain``: neither quoted nor a block, so that its form decides its type."""

    __slots__ = ("depth", "end", "expansion", "plain", "size", "start", "tag", "text")

    def __init__(self, text: str, tag: str | None, plain: bool, start: int, end: int) -> None:
        self.text, self.tag, self.plain, self.start, self.end = text, tag, plain, start, end
        self.size, self.depth, self.expansion = 1 + len(text) // _LONG, 0, 0


class Sequence:
    """A list; ``items`` in the order of the text."""

    __slots__ = ("depth", "end", "expansion", "items", "size", "start")

    def __init__(self, start: int) -> None:
        self.items: list[Node] = []
        self.start, self.end, self.size = start, start, 1
        self.depth, self.expansion = 1, 0

    def add(self, node: Node) -> None:
        self.items.append(node)
        _count(self, node)


class Mapping:
    """Pairs; ``entries`` holds every pair of the text, repeated keys included."""

    __slots__ = ("depth", "end", "entries", "expansion", "index", "pending", "size", "start")

    def __init__(self, start: int) -> None:
        self.entries: list[tuple[Node, Node]] = []
        self.pending: Node | None = None
        self.index: Any = None
        """What each key leads to, made when the first is looked up."""
        self.start, self.end, self.size = start, start, 1
        self.depth, self.expansion = 1, 0

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

    __slots__ = ("depth", "end", "expansion", "size", "start", "target")

    def __init__(self, target: Content, start: int, end: int) -> None:
        self.target, self.start, self.end, self.size = target, start, end, target.size
        self.depth, self.expansion = target.depth, target.size


def _count(parent: Sequence | Mapping, node: Node) -> None:
    """``depth``, ``size`` and ``expansion`` follow aliases."""
    parent.size += node.size
    parent.expansion += node.expansion
    if node.depth >= parent.depth:
        parent.depth = node.depth + 1


Content = Scalar | Sequence | Mapping
Node = Scalar | Sequence | Mapping | Alias


def content(node: Node) -> Content:
    """The node itself, an alias followed."""
    return node.target if isinstance(node, Alias) else node
