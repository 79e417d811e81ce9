"""Where a kustomization looks for what it names: the tree on disk, or inputs as an engine would get them.

Both are judged by one reader, so that what is built is judged once more as it is built, and again whenever a number
in it is changed.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from typing import Protocol

MAX_BYTES = 5_000_000
"""Bytes of one file."""
FILE, DIRECTORY, OUTSIDE, NOTHING = "file", "directory", "outside", ""


class Files(Protocol):
    """Files by their paths relative to a root; a path that leads out of it is never asked for."""

    def kind(self, path: str) -> str:
        """FILE, DIRECTORY, OUTSIDE (a link that leads out), or NOTHING that can be read."""

    def read(self, path: str) -> bytes:
        """At most MAX_BYTES of a file. Raises OSError."""


class OnDisk:
    """The files below a directory."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)

    def kind(self, path: str) -> str:
        place = os.path.join(self.root, path)
        try:
            if _has_too_many_links(place):
                return OUTSIDE
            real = os.path.realpath(place)
        except (OSError, ValueError):
            return NOTHING
        if not f"{real}{os.sep}".startswith(self.root.rstrip(os.sep) + os.sep):
            return OUTSIDE
        return DIRECTORY if os.path.isdir(real) else FILE if os.path.isfile(real) else NOTHING

    def read(self, path: str) -> bytes:
        with open(os.path.join(self.root, path), "rb") as file:
            return file.read(MAX_BYTES)


def _has_too_many_links(place: str) -> bool:
    """Whether the system gives up, after some forty links; the library would follow any number, and end in a crash."""
    try:
        os.stat(place)
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


class InMemory:
    """Inputs of an engine."""

    def __init__(self, inputs: Mapping[str, bytes]) -> None:
        # Expressions are no files, and are never written.
        self.inputs = {path: data for path, data in inputs.items() if not path.startswith("@set/")}
        self.directories = {""}
        for path in self.inputs:
            while path := path.rpartition("/")[0]:
                if path in self.directories:
                    break
                self.directories.add(path)

    def kind(self, path: str) -> str:
        return FILE if path in self.inputs else DIRECTORY if path in self.directories else NOTHING

    def read(self, path: str) -> bytes:
        if path not in self.inputs:
            raise FileNotFoundError(path)
        return self.inputs[path][:MAX_BYTES]
