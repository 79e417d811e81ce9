"""Comments that speak to us, in the values and templates of charts."""

from __future__ import annotations

from collections.abc import Iterator

from nodeport_lint.expressions import expression
from nodeport_lint.helm import templates
from nodeport_lint.helm.bundle import Bundle
from nodeport_lint.model import COMMENT, Comment, Region
from nodeport_lint.yamltext import lines_of

_COMMENT_START = expression(rf"(?:#|(\{{\{{-?[ \t]*+/\*))[ \t]*+{COMMENT}")


def _comment_in(line: str) -> tuple[int, str] | None:
    """Where a comment that speaks to us begins in a line, and what it says."""
    closes = True
    for match in _COMMENT_START.finditer(line):
        if match[1] is None:
            return match.start(), line[match.end() :]
        end = line.find("*/", match.end()) if closes else -1
        if end >= 0:
            return match.start(), line[match.end() : end]
        # Nor does a later one end in this line.
        closes = False
    return None


def comments_of_chart(bundle: Bundle) -> Iterator[Comment]:
    """Comments that speak to us, in values and templates; those are no YAML, so the text is searched."""
    for path, data in bundle.inputs.items():
        if COMMENT.encode() not in data or not templates.scannable(path):
            continue
        place = bundle.location(path)
        if place.note:
            continue
        for number, line in enumerate(lines_of(data.decode("utf-8", "replace")), start=1):
            found = _comment_in(line)
            if found is not None:
                start, text = found
                region = Region.within(number, start, len(line.rstrip()))
                yield Comment(text.strip(), place._replace(region=region), not line[:start].strip())
