"""What a repository calls itself: the name of its directory, and the first heading of its README."""

from __future__ import annotations

import os
import re

NAMES = ("README.md", "readme.md", "Readme.md", "README.rst", "README.txt", "README")
MAX_READ = 20_000
"""Characters in which a heading is looked for."""
_HEADING = re.compile(r"^#{1,2}[ \t]+(.+)$|^(.+)\n(?:===+|---+)[ \t]*$|<h1[^<>]{0,500}>(.{0,500}?)</h1>", re.MULTILINE)


def titles_of(root: str) -> tuple[str, ...]:
    """The name first; each once."""
    return tuple(dict.fromkeys(filter(None, (os.path.basename(root), _heading(root)))))


def _heading(root: str) -> str:
    for name in NAMES:
        path = os.path.join(root, name)
        if os.path.isfile(path) and not os.path.islink(path):
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    found = _HEADING.search(file.read(MAX_READ))
            except OSError:
                return ""
            text = next(filter(None, found.groups()), "") if found else ""
            return " ".join(re.sub(r"[^\w .-]", " ", text)[:120].split())
    return ""
