"""Directories that a person applies as a whole: ``kubectl apply -f DIRECTORY`` in prose, scripts and workflows."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from nodeport_lint.expressions import expression
from nodeport_lint.kustomize.closures import Sorted
from nodeport_lint.model import Applied
from nodeport_lint.model.clock import Clock

SHARE = 0.2
"""Of the time that is left."""
MAX_FILES = 20_000
"""Files that are searched, those near the top first."""
MAX_SEARCHED = 5_000_000
"""Bytes of one of them that are searched."""
MAX_TOTAL = 100_000_000
"""Bytes of all of them that are searched."""
_COMMAND = expression(
    r"\bkubectl\b(?>(?:[ \t]++-{1,2}+\w[\w-]*+(?>(?:=\S++|[ \t]++(?!-|(?:apply|create)\b)\S++)?))*)"
    r"(?>(?:[ \t]++(?:apply|create)\b([^\n|;&>]*+))?)"
)
"""Takes the options also where no command follows, so that none of them is read again."""
_FILE = expression(r"(?:^|[ \t])(?:-f|--filename)[ =]?[ \t]*([^\s`\"'),]+|\"[^\"\n]+\"|'[^'\n]+')")
_RECURSIVE = expression(r"(?:^|[ \t])(?:-R|--recursive)\b")
_ALL_OF = expression(r"/?\*\.(?:ya?ml|\{[\w,]+\})$")


class Commands(NamedTuple):
    """``applied``: directories. ``unsearched``: the files that were not read, or not to their end."""

    applied: tuple[Applied, ...]
    unsearched: tuple[str, ...]


def applied_by_commands(told_apart: Sorted, clock: Clock) -> Commands:
    """Each directory of plain manifests once, with the first file that says so."""
    tree, closures, manifests = told_apart
    directories = {path.rpartition("/")[0] for path in manifests} - set(closures.found)
    ordered = sorted(directories)
    found: dict[tuple[str, bool], Applied] = {}
    prose = sorted(tree.prose, key=lambda path: (path.count("/"), path)) if directories else []
    unsearched = prose[MAX_FILES:]
    left, stage = MAX_TOTAL, clock.stage("searching for commands of kubectl", SHARE)
    for path in prose[:MAX_FILES]:
        if stage.over():
            unsearched.append(path)
            continue
        try:
            data, size = tree.files.read_sized(path, min(left, MAX_SEARCHED))
        except OSError:
            continue
        left -= len(data)
        if len(data) < size:
            unsearched.append(path)
        for directory, recursive in _directories(_text(data), path, directories, ordered):
            one = Applied(directory or ".", "kubectl", recursive=recursive, plain=True, told_in=path)
            found.setdefault((directory, recursive), one)
    return Commands(tuple(found.values()), tuple(unsearched))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\\\n", " ") if b"kubectl" in data else ""


def _directories(text: str, path: str, known: Collection[str], ordered: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Relative to the root or to the file: a person may stand in either."""
    for command in _COMMAND.finditer(text):
        if command[1] is None:
            continue
        recursive = _RECURSIVE.search(command[1]) is not None
        for name in _FILE.findall(command[1]):
            name = _ALL_OF.sub("", name.strip("\"'"))
            if not name.strip("./") or re.search(r"[$<>{*:]", name) or name.startswith(("/", "~")):
                # Here, wherever that is; a placeholder; an address.
                continue
            places = (os.path.normpath(os.path.join(start, name)) for start in ("", path.rpartition("/")[0]))
            place = next(
                (place for place in places if place in known or (recursive and _is_above(place, ordered))), None
            )
            if place is not None:
                yield place.replace(os.sep, "/"), recursive


def _is_above(place: str, ordered: Sequence[str]) -> bool:
    """Whether one of the directories, in their order, lies below a place."""
    prefix = f"{place}/"
    at = bisect_left(ordered, prefix)
    return at < len(ordered) and ordered[at].startswith(prefix)
