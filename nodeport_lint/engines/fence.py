"""A fence round the programs that read what strangers wrote, held by the operating system where it can.

The kernel binds a thread, and all that it starts, for good: so a thread of its own enters the fence and starts every
child of an engine, and the rest of this process stays free. No wrapper program, and no code between fork and exec.
"""

from __future__ import annotations

import errno
import os
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any, BinaryIO, NamedTuple, Protocol


class Launch(Protocol):
    """Starts a program as ``subprocess.Popen`` does."""

    def __call__(self, arguments: Sequence[str], /, **options: Any) -> subprocess.Popen[bytes]: ...


def outside(arguments: Sequence[str], /, **options: Any) -> subprocess.Popen[bytes]:
    """Starts a program without a fence."""
    return subprocess.Popen(arguments, **options)  # noqa: S603  the caller's list of arguments


class Held(NamedTuple):
    """What the operating system holds (``landlock 7, seccomp``), and what it does not; empty where there is nothing
    to be said."""

    holds: str = ""
    lacks: str = ""


LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/etc/ld.so.preload")
"""Where the loader of a dynamic program looks."""
_STORES = ("/nix/store", "/gnu/store")
"""Stores of package managers: a program in one has its libraries there, too."""


class Needs(NamedTuple):
    """What a program is given: files that it may start, its own and its loader, and what it reads beside its inputs."""

    run: tuple[str, ...]
    read: tuple[str, ...] = ()


def needs_of(program: str) -> Needs | None:
    """From the header of its ELF file; None where it is none, but a script of another program."""
    real = os.path.realpath(program)
    try:
        with open(real, "rb") as file:
            loader = _loader(file)
    except (OSError, ValueError, struct.error):
        return None
    if not loader:
        return Needs((real,))
    stores = tuple(store for store in _STORES if f"{real}{loader}".find(f"{store}/") >= 0)
    return Needs((real, loader), (os.path.dirname(os.path.realpath(loader)), *LIBRARIES, *stores))


def _loader(file: BinaryIO) -> str:
    """The path of the loader of a dynamic program (PT_INTERP), empty for a static one.

    Raises ValueError where the file is no program of 64 bits in the order of this machine (elf.h, Elf64_Ehdr).
    """
    head = file.read(64)
    if head[:6] != b"\x7fELF\x02" + (b"\x01" if sys.byteorder == "little" else b"\x02"):
        raise ValueError("no program of 64 bits")
    start, size, count = struct.unpack_from("=Q", head, 32)[0], *struct.unpack_from("=HH", head, 54)
    for index in range(min(count, 100)):
        file.seek(start + index * size)
        entry = file.read(56)
        kind, offset, length = struct.unpack_from("=I4xQ", entry)[0:2] + struct.unpack_from("=Q", entry, 32)
        if kind == 3:
            file.seek(offset)
            return os.fsdecode(file.read(min(length, 4096)).rstrip(b"\0"))
    return ""


class Fence:
    """A thread that starts programs inside the fence. ``held`` says what holds; a fence that does not hold starts them
    all the same, and who must not do without looks at ``held.lacks``.

    ``readable``: what children read. ``needs``: what else they need; None for a program of which that is not known,
    which is then started outside.
    """

    def __init__(self, readable: Sequence[str], needs: Needs | None) -> None:
        self.held = Held(lacks=NOT_CONTAINED)
        self._jobs: queue.SimpleQueue[tuple[Future[subprocess.Popen[bytes]], Sequence[str], dict[str, Any]] | None]
        self._jobs = queue.SimpleQueue()
        self.inside = needs is not None
        self.closed, self._lock = False, threading.Lock()
        if needs is not None:
            ready, allowed = threading.Event(), _allowed((*readable, *needs.read), needs.run)
            self._thread = threading.Thread(target=self._serve, args=(allowed, ready), daemon=True, name="fence")
            self._thread.start()
            ready.wait()

    def start(self, arguments: Sequence[str], /, **options: Any) -> subprocess.Popen[bytes]:
        """As ``subprocess.Popen``, inside the fence.

        Raises what that raises, and OSError once it is closed: who renders in another thread when a run is ended must
        not start what nobody ends.
        """
        with self._lock:
            if self.closed:
                raise OSError(errno.ECANCELED, os.strerror(errno.ECANCELED))
            if not self.inside:
                return outside(arguments, **options)
            started: Future[subprocess.Popen[bytes]] = Future()
            self._jobs.put((started, arguments, options))
            return started.result()

    def close(self) -> None:
        """Ends the thread; children that run go on, and nothing more is started."""
        with self._lock:
            first, self.closed = not self.closed, True
        if self.inside and first:
            self._jobs.put(None)
            self._thread.join(5)

    def _serve(self, allowed: Mapping[str, int], ready: threading.Event) -> None:
        try:
            self.held = _enter(allowed)
        except Exception as error:
            # What cannot be restricted starts programs as before; that is said.
            self.held = Held(lacks=f"{type(error).__name__}: {error}")
        ready.set()
        while (job := self._jobs.get()) is not None:
            started, arguments, options = job
            try:
                started.set_result(outside(arguments, **options))
            except BaseException as error:
                # It is raised where the program was asked for.
                started.set_exception(error)


NOT_CONTAINED = "it is no program of its own, or needs files that are not known"


def _allowed(readable: Sequence[str], executable: Sequence[str]) -> Mapping[str, int]:
    if not sys.platform.startswith("linux"):
        return {}
    from nodeport_lint.engines import kernel

    read = kernel.READ_FILE | kernel.READ_DIR
    allowed = {os.path.realpath(path): read for path in readable}
    allowed.update(dict.fromkeys(map(os.path.realpath, executable), kernel.READ_FILE | kernel.EXECUTE))
    allowed[os.devnull] = kernel.READ_FILE | kernel.WRITE_FILE
    return allowed


def _enter(allowed: Mapping[str, int]) -> Held:
    """Restricts the calling thread as far as this machine can."""
    if not sys.platform.startswith("linux"):
        return Held(lacks=f"there is none on {sys.platform}")
    from nodeport_lint.engines import kernel

    try:
        kernel.no_new_privileges()
    except OSError as error:
        return Held(lacks=f"the kernel refuses to take rights away ({error.strerror})")
    holds, lacks = [], []
    version = kernel.landlock_version()
    try:
        if version == 0:
            raise OSError(0, "the kernel has none, or a container forbids it")
        kernel.restrict_files(version, allowed.items())
        holds.append(f"landlock {version}")
    except OSError as error:
        lacks.append(f"no landlock for files ({error.strerror})")
    try:
        if not kernel.has_filter():
            raise OSError(0, "not written for this processor")
        kernel.restrict_calls()
        holds.append("seccomp")
    except OSError as error:
        lacks.append(f"no seccomp filter for sockets ({error.strerror})")
    return Held(", ".join(holds), ", ".join(lacks))
