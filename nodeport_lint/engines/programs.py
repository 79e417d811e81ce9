"""Programs of the user's that render: found on PATH, and asked what they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import NamedTuple
from zlib import crc32

from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.fence import Held
from nodeport_lint.model import Notice, UsedEngine
from nodeport_lint.model.render import Engine, RenderError


class Chosen(NamedTuple):
    """An engine, or the reason why there is none; and the fence that its programs run in."""

    engine: Engine | None
    reason: str = ""
    held: Held = Held()

    @property
    def used(self) -> tuple[UsedEngine, ...]:
        """What a report says of it: nothing where there is none."""
        return () if self.engine is None else (UsedEngine(self.engine.id, *self.held),)


def without_engine(message: str, reason: str, remedy: str, paths: Iterable[str]) -> Notice:
    """What is not rendered for want of an engine. Who has switched it off needs no advice."""
    advice = "" if reason.startswith("--") else f" ({remedy})"
    return Notice(f"{message}: {reason}{advice}", tuple(paths))


def find(name: str, paths: str, outside: str) -> str | None:
    """A program on PATH; never one that lies below ``outside``, the tree that is read. Links are followed."""
    top = outside.rstrip(os.sep) + os.sep if outside else "\0"
    for directory in paths.split(os.pathsep):
        command = os.path.join(directory, f"{name}.exe" if os.name == "nt" else name)
        real = os.path.realpath(command)
        # A link may lead into the tree, to a link that leads out of it again: the tree would choose the program.
        ways = (real, command, os.path.join(os.path.realpath(directory), name))
        if not os.path.isabs(directory) or any(way.startswith(top) for way in ways):
            continue
        if os.path.isfile(real) and os.access(real, os.X_OK):
            return command
    return None


def version(command: str, probe: Callable[[str, bool], str], cache: Cache) -> tuple[str, bool]:
    """What a program says of itself, and whether it says so inside the fence: remembered by its path, size and time.

    Raises RenderError where it does not answer outside of the fence either.
    """
    try:
        key = _key(command)
    except OSError as error:
        raise RenderError("load", f"{command}: {error.strerror}") from None
    kept = _answer(cache.get(key))
    if kept is not None:
        return kept
    try:
        found = probe(command, True), True
    except RenderError:
        # A wrapper that starts the real program is none that can be fenced in.
        found = probe(command, False), False
    if found[1]:
        cache.put(key, list(found))
    return found


def is_known(command: str, cache: Cache) -> bool:
    """Whether ``version`` need not run the program."""
    try:
        return _answer(cache.get(_key(command))) is not None
    except OSError:
        return False


def _key(command: str) -> str:
    """Raises OSError."""
    state = os.stat(command)
    path = crc32(os.path.realpath(command).encode("utf-8", "surrogateescape"))
    return f"engine-2-{state.st_size}-{state.st_mtime_ns}-{path}"


def _answer(kept: object) -> tuple[str, bool] | None:
    """What was kept, where it is an answer."""
    if isinstance(kept, list) and list(map(type, kept)) == [str, bool]:
        return kept[0], kept[1]
    return None
