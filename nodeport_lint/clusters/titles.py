"""What a repository calls itself: the name of its directory, and the first heading of its README."""

from __future__ import annotations

import os
import re

from nodeport_lint.expressions import expression
from nodeport_lint.tree.files import OnDisk

NAMES = ("README.md", "readme.md", "Readme.md", "README.rst", "README.txt", "README")
MAX_READ = 20_000
"""Bytes in which a heading is looked for."""
_HEADING = expression(
    r"^#{1,2}[ \t]+(.+)$|^(.+)\n(?:===+|---+)[ \t\r]*$|<h1[^<>]{0,500}>(.{0,500}?)</h1>", re.MULTILINE
)


def titles_of(files: OnDisk) -> tuple[str, ...]:
    """The name first; each once."""
    return tuple(dict.fromkeys(filter(None, (os.path.basename(files.root), _heading(files)))))


def _heading(files: OnDisk) -> str:
    name = next(filter(files.is_plain, NAMES), None)
    if name is None:
        return ""
    try:
        found = _HEADING.search(files.read(name, MAX_READ).decode("utf-8", "replace"))
    except OSError:
        return ""
    text = next(filter(None, found.groups()), "") if found else ""
    return " ".join(re.sub(r"[^\w .-]", " ", text)[:120].split())
