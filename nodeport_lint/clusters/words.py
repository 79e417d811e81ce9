"""Words of paths and names, and the lists of those that say something."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from nodeport_lint.data import load


@cache
def words_of(name: str) -> frozenset[str]:
    """One of the lists of data/coexistence_words.yaml."""
    return frozenset(str(word) for word in load("coexistence_words")[name])


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """Lower-case words and numbers of a path or a name."""
    return tuple(re.findall(r"[a-z]+[0-9]*|[0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).lower()))
