"""Files of a chart as texts: which of them reach the output, where a comment survives, and what no values change."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable

from nodeport_lint.expressions import expression

_BINARY = (".png", ".jpg", ".jpeg", ".gif", ".ico", ".svg", ".pdf", ".gz", ".tgz", ".zip", ".jar", ".woff", ".woff2")
_NOT_SCANNED = expression(
    r"(^|/)(NOTES\.txt|README[^/]*|CHANGELOG[^/]*|LICENSE[^/]*|Chart\.yaml|Chart\.lock|\.helmignore"
    r"|requirements\.(yaml|lock)|[^/]*\.(md|lock|schema\.json))$",
    re.IGNORECASE,
)


def scannable(path: str) -> bool:
    """Whether numbers of a chart's file can reach its output: not those of notes, documents and versions."""
    return not _NOT_SCANNED.search(path) and not path.lower().endswith(_BINARY)


def markable(path: str) -> bool:
    """Whether a comment at a line's end of this file is a comment in the output."""
    return "/templates/" in path and path.lower().endswith((".yaml", ".yml", ".tpl")) and scannable(path)


_ADAPTABLE = expression(r"\.Values|\b(?:default|coalesce|get|dig|pluck|ternary|hasKey)\b|\.\w")


class Literals:
    """Which numbers of one template stand there as they are: outside of actions, or in one that looks at no values
    (``{{ $port := 30080 }}``), so that none can change them. The template is searched once."""

    def __init__(self, text: str) -> None:
        self.opened = array("q", (match.start() for match in re.finditer(r"(?=\{\{)", text)))
        self.closed = array("q", (match.start() for match in re.finditer(r"(?=\}\})", text)))
        self.adaptable = array("q", (match.start() for match in _ADAPTABLE.finditer(text)))
        self.end = len(text)

    def holds(self, offset: int) -> bool:
        """Whether the number at ``offset`` is such a one."""
        opened, closed = bisect_right(self.opened, offset - 2) - 1, bisect_right(self.closed, offset - 2) - 1
        start = self.opened[opened] if opened >= 0 else -1
        if start < 0 or (closed >= 0 and self.closed[closed] >= start):
            return True
        following = bisect_left(self.closed, offset)
        end = self.closed[following] if following < len(self.closed) else self.end
        found = bisect_left(self.adaptable, start)
        # None of these words holds a brace: one that begins in front of the end of the action ends there, too.
        return found == len(self.adaptable) or self.adaptable[found] >= end


def fixed(path: str, text: str) -> Callable[[int], bool]:
    """Whether a number of a chart's file stands there for good (``engines.outcome.Fixed``): only in templates."""
    return Literals(text).holds if markable(path) else _changeable


def _changeable(offset: int) -> bool:
    return False
