"""What was rendered once: JSON by key in a directory of the user, bounded in size.

A key holds everything that a result depends on. A directory that cannot be written, or a file that is none of
ours, is as good as an empty cache.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from hashlib import sha256
from typing import Any

from nodeport_lint.model.render import Inputs, RenderOptions

MAX_BYTES = 200_000_000
"""Of all results together; the oldest go first."""
_SUFFIX = ".json"


def key_of(engine: str, version: str, inputs: Inputs, options: RenderOptions) -> str:
    """A name for the result of rendering inputs, the same on every machine."""
    whole = sha256(repr((engine, version, options._replace(timeout=0, wall=0, whole=0, memory=0))).encode())
    for path in sorted(inputs):
        whole.update(path.encode("utf-8", "surrogateescape") + b"\0" + sha256(inputs[path]).digest())
    return whole.hexdigest()


class Cache:
    """``directory`` None: nothing is kept."""

    def __init__(self, directory: str | None) -> None:
        self.directory = directory
        self._wrote = False

    def get(self, key: str) -> Any:
        """The value that was put under a key, or None."""
        if self.directory is None:
            return None
        path = _path(self.directory, key)
        try:
            with open(path, encoding="utf-8", errors="surrogatepass") as file:
                total, _, text = file.read(MAX_BYTES).partition("\n")
            if total != _sum(text):
                return None
            value = json.loads(text)
            os.utime(path)
        except (OSError, ValueError, RecursionError):
            return None
        return value

    def put(self, key: str, value: Any) -> None:
        """Keeps a value, at once or not at all."""
        if self.directory is None:
            return
        path = _path(self.directory, key)
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=os.path.dirname(path))
            with open(handle, "w", encoding="utf-8", errors="surrogatepass") as file:
                text = json.dumps(value, separators=(",", ":"))
                file.write(f"{_sum(text)}\n{text}")
            os.replace(draft, path)
            self._wrote = True
        except (OSError, ValueError):
            self.directory = None

    def trim(self) -> None:
        """Takes the oldest results away where there are too many bytes; only after something was put."""
        if self.directory is None or not self._wrote:
            return
        found = []
        for folder, _, names in os.walk(self.directory):
            for name in names:
                path = os.path.join(folder, name)
                with contextlib.suppress(OSError):
                    state = os.stat(path)
                    found.append((state.st_mtime, state.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= MAX_BYTES:
                return
            with contextlib.suppress(OSError):
                os.remove(path)
                total -= size


def _sum(text: str) -> str:
    """What shows that a file is whole, and ours."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _path(directory: str, key: str) -> str:
    return os.path.join(directory, key[:2], key[2:] + _SUFFIX)
