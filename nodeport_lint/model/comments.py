"""Comments that speak to us, no more of them than a person writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nodeport_lint.model.read import Comment

MAX_OF_FILE = 2_000
"""Comments of one file that are read."""


def few(comments: Iterable[Comment]) -> Iterator[Comment]:
    """The first MAX_OF_FILE of each file; the next one stands for the others, and says how many they are."""
    seen: dict[str, int] = {}
    first_beyond: dict[str, Comment] = {}
    for comment in comments:
        path = comment.location.path
        seen[path] = seen.get(path, 0) + 1
        if seen[path] <= MAX_OF_FILE:
            yield comment
        else:
            first_beyond.setdefault(path, comment)
    for path, comment in first_beyond.items():
        yield comment._replace(further=seen[path] - MAX_OF_FILE)
