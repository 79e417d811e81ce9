"""Inputs on disk: a directory of our own in which only what changed is written again."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import threading

from nodeport_lint.model.render import Inputs, RenderError, is_safe

MEMORY = "/dev/shm"  # noqa: S108  a directory of our own is made there
_PASSING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO, errno.EAGAIN})
ROOM = 1 << 30
"""Bytes that must be free in memory: what charts may have at most in all threads, and as much again."""


class Workspaces:
    """A directory for each thread, each with the inputs of its last render, and an empty one for all."""

    def __init__(self) -> None:
        self.top = tempfile.mkdtemp(prefix="nodeport-lint-", dir=_in_memory())
        self.empty = os.path.join(self.top, "empty")
        os.mkdir(self.empty)
        self._own = threading.local()
        self._lock = threading.Lock()
        self._count = 0

    def hold(self, inputs: Inputs) -> str:
        """The directory of this thread, holding just ``inputs``; expressions (``@set/...``) are not written.

        Raises RenderError where the inputs cannot lie side by side.
        """
        workspace = getattr(self._own, "workspace", None)
        if workspace is None:
            with self._lock:
                self._count += 1
                workspace = self._own.workspace = _Workspace(os.path.join(self.top, str(self._count)))
        try:
            workspace.update(inputs)
        except (OSError, ValueError) as error:
            workspace.held = {"": b""}
            told = str(error).replace(str(workspace.path), ".")
            # A disk that is full has room another time; a name that cannot be written stays so.
            kind = "crash" if isinstance(error, OSError) and error.errno in _PASSING else "load"
            raise RenderError(kind, f"its files cannot be written side by side: {told}") from None
        return str(workspace.path)

    def close(self) -> None:
        shutil.rmtree(self.top, ignore_errors=True)


def _in_memory() -> str | None:
    """A directory that is no disk, where there is one with room: a chart is hundreds of small files."""
    try:
        room = os.statvfs(MEMORY)
    except (OSError, AttributeError):
        return None
    enough = room.f_bavail * room.f_frsize >= ROOM and room.f_favail >= 50_000
    return MEMORY if enough and os.access(MEMORY, os.W_OK | os.X_OK) else None


class _Workspace:
    def __init__(self, path: str) -> None:
        self.path = path
        self.held: dict[str, bytes] = {}

    def update(self, inputs: Inputs) -> None:
        if any(path not in inputs for path in self.held):
            # Another chart, or a file less: a directory that was must not stand where a file is to be.
            shutil.rmtree(self.path, ignore_errors=True)
            self.held = {}
        made: set[str] = set()
        for path, data in inputs.items():
            if path.startswith("@set/") or self.held.get(path) == data:
                continue
            if not is_safe(path):
                raise ValueError(f"{path[:100]!r} is no path for a file")
            target = os.path.join(self.path, path)
            directory = os.path.dirname(target)
            if directory not in made:
                os.makedirs(directory, exist_ok=True)
                made.add(directory)
            with open(target, "wb") as file:
                file.write(data)
            self.held[path] = data
