"""Directories that a person applies as a whole: ``kubectl apply -f DIRECTORY`` in prose, scripts and workflows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from nodeport_lint.model import Applied
from nodeport_lint.repository import Tree

MAX_FILES = 1_000
"""Files that are searched, those near the top first."""
MAX_BYTES = 300_000
"""Bytes of one of them that are searched."""
_COMMAND = re.compile(
    r"\bkubectl\b(?:[ \t]+-{1,2}\w[\w-]*(?:=\S+|[ \t]+(?!-)\S+)?)*[ \t]+(?:apply|create)\b([^\n|;&>]*)"
)
_FILE = re.compile(r"(?:^|[ \t])(?:-f|--filename)[ =]?[ \t]*([^\s`\"'),]+|\"[^\"\n]+\"|'[^'\n]+')")
_RECURSIVE = re.compile(r"(?:^|[ \t])(?:-R|--recursive)\b")
_ALL_OF = re.compile(r"/?\*\.(?:ya?ml|\{[\w,]+\})$")


def applied_by_commands(tree: Tree) -> tuple[Applied, ...]:
    """Each directory of plain manifests once, with the first file that says so."""
    directories = {path.rpartition("/")[0] for path in tree.manifests} - set(tree.closures.found)
    found: dict[tuple[str, bool], Applied] = {}
    for path in sorted(tree.prose, key=lambda path: (path.count("/"), path))[:MAX_FILES]:
        for directory, recursive in _directories(_text(tree.root, path), path, directories):
            one = Applied(directory or ".", "kubectl", recursive=recursive, plain=True, told_in=path)
            found.setdefault((directory, recursive), one)
    return tuple(found.values())


def _text(root: str, path: str) -> str:
    try:
        with open(os.path.join(root, path), "rb") as file:
            data = file.read(MAX_BYTES)
    except OSError:
        return ""
    return data.decode("utf-8", "replace").replace("\\\n", " ") if b"kubectl" in data else ""


def _directories(text: str, path: str, known: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Relative to the root or to the file: a person may stand in either."""
    for command in _COMMAND.finditer(text):
        recursive = _RECURSIVE.search(command[1]) is not None
        for name in _FILE.findall(command[1]):
            name = _ALL_OF.sub("", name.strip("\"'"))
            if not name.strip("./") or re.search(r"[$<>{*:]", name) or name.startswith(("/", "~")):
                # Here, wherever that is; a placeholder; an address.
                continue
            places = (os.path.normpath(os.path.join(start, name)) for start in ("", path.rpartition("/")[0]))
            place = next((place for place in places if _holds(place, known, recursive)), None)
            if place is not None:
                yield place.replace(os.sep, "/"), recursive


def _holds(place: str, known: Iterable[str], recursive: bool) -> bool:
    return place in known or (recursive and any(one.startswith(f"{place}/") for one in known))
