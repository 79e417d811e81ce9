"""The one door to the files of a repository: whether a path lies below the root, and what is read of it, with a limit.

A link is followed only to a place below the root, a pipe or device is never opened, and nothing is read without saying
how much of it at most. The same questions can be asked of inputs as an engine would get them, so that what is built is
judged once more as it is built.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from typing import Protocol

FILE, DIRECTORY, OUTSIDE, NOTHING = "file", "directory", "outside", ""
_PIECE = 1 << 13
"""Bytes that are asked for at least."""
MAX_SETTINGS = 5_000_000
"""Bytes of a file that says what belongs together, such as a kustomization."""


class Files(Protocol):
    """Files by their paths relative to a root, POSIX; a path that leads out of it is never asked for."""

    def kind(self, path: str) -> str:
        """FILE, DIRECTORY, OUTSIDE (a link that leads out), or NOTHING that can be read."""

    def read(self, path: str, most: int) -> bytes:
        """The first ``most`` bytes of a file. Raises OSError."""


class OnDisk:
    """The files below a directory."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self._inside = self.root.rstrip(os.sep) + os.sep
        self._real: dict[str, str] = {}
        """Directories that lie below the root, with the places that links on the way lead to."""

    def kind(self, path: str) -> str:
        place = os.path.join(self.root, path)
        try:
            if _has_too_many_links(place):
                return OUTSIDE
            real = os.path.realpath(place)
        except (OSError, ValueError):
            return NOTHING
        if not self._holds(real):
            return OUTSIDE
        return DIRECTORY if os.path.isdir(real) else FILE if os.path.isfile(real) else NOTHING

    def is_plain(self, path: str) -> bool:
        """Whether it is a regular file below the root with no link on the way to it."""
        try:
            place = os.path.normpath(os.path.join(self.root, path))
            return stat.S_ISREG(os.lstat(place).st_mode) and os.path.realpath(place) == place and self._holds(place)
        except (OSError, ValueError):
            return False

    def target(self, path: str) -> str | None:
        """Where a path leads, relative to the root, its links followed; None where that is not below the root."""
        place = os.path.join(self.root, path)
        if not os.path.exists(place):
            return None
        # The system follows some forty links and no more, so that only such are resolved here.
        real = os.path.realpath(place)
        if not self._holds(real):
            return None
        return os.path.relpath(real, self.root).replace(os.sep, "/")

    def read(self, path: str, most: int) -> bytes:
        return self.read_sized(path, most)[0]

    def read_sized(self, path: str, most: int) -> tuple[bytes, int]:
        """The first ``most`` bytes of a file, and how many it has. Raises OSError."""
        descriptor, size = self._opened(path)
        try:
            # One byte more than there should be: a file may grow meanwhile.
            parts, left = [], most
            while left > 0 and (data := os.read(descriptor, min(left, max(size + 1, _PIECE)))):
                parts.append(data)
                left -= len(data)
            return b"".join(parts), size
        finally:
            os.close(descriptor)

    def size(self, path: str) -> int:
        """Bytes of a file. Raises OSError."""
        return os.stat(os.path.join(self.root, path)).st_size

    def _opened(self, path: str) -> tuple[int, int]:
        """A descriptor of a regular file below the root, and its bytes; raises OSError for anything else."""
        place = self._place(path)
        # Nothing waits for the other end of a pipe, and no link is followed that was not looked at.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(place, flags)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.EMLINK):
                raise
            place = _resolved(place)
            if not self._holds(place):
                raise PermissionError(errno.EACCES, "it leads out of the repository", path) from None
            descriptor = os.open(place, flags)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "it is no file", path)
        return descriptor, status.st_size

    def _place(self, path: str) -> str:
        directory, _, name = path.rpartition("/")
        if directory not in self._real:
            real = _resolved(os.path.join(self.root, directory))
            if not self._holds(real):
                raise PermissionError(errno.EACCES, "it leads out of the repository", path)
            self._real[directory] = real
        return os.path.join(self._real[directory], name)

    def _holds(self, place: str) -> bool:
        """Whether a place without links is the root, or lies below it."""
        return f"{place}{os.sep}".startswith(self._inside)


def _has_too_many_links(place: str) -> bool:
    """Whether the system gives up, after some forty links; the library would follow any number, and end in a crash."""
    try:
        os.stat(place)
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _resolved(place: str) -> str:
    """Where a path leads, its links followed, whether there is something or not. Raises OSError for too many links."""
    if _has_too_many_links(place):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), place)
    return os.path.realpath(place)


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

    def read(self, path: str, most: int) -> bytes:
        if path not in self.inputs:
            raise FileNotFoundError(path)
        return self.inputs[path][:most]
