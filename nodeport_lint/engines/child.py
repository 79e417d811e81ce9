"""A bounded child process: wall clock, memory and output are limited, and its whole group ends with it."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, NamedTuple

from nodeport_lint.engines.fence import Fence, Launch, needs_of, outside
from nodeport_lint.engines.workspace import Workspaces
from nodeport_lint.model.render import RenderError, RenderOptions

MAX_ERRORS = 64 << 10
"""Bytes of standard error that are kept. A crash of a Go program prints tens of kilobytes of stacks."""


USUAL_MEMORY = 500 << 20
"""Bytes that a program of Go holds before it collects its garbage at the cost of its time."""
GO = 1_600 << 20
"""Bytes of address space that a Go program reserves at its start for what it may come to hold."""


class Limits(NamedTuple):
    """``seconds`` of processor time, where the system can bound that, and ``wall`` by the clock; ``memory`` (what is
    written to) and ``output`` in bytes."""

    seconds: float
    memory: int
    output: int
    wall: float = 60.0


class Finished(NamedTuple):
    """How a child ended. ``cut``: the limit that ended it, ``processor``, ``time`` or ``output``, or nothing."""

    status: int
    output: bytes
    errors: bytes
    cut: str = ""


def environment(home: str, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment in which a program finds no settings of the user, no other program and no way out.

    ``home`` is an empty directory. Proxies lead to a port where nothing listens: what tries to reach the
    network in spite of everything fails at once. A program that lives for a tenth of a second need not tidy up:
    the memory is bounded anyway.
    """
    dead = "http://127.0.0.1:9"
    return {
        "PATH": home, "HOME": home, "LANG": "C.UTF-8", "TMPDIR": home, "KUBECONFIG": os.devnull,
        "HTTP_PROXY": dead, "HTTPS_PROXY": dead, "GOTRACEBACK": "none", "GOGC": "400", **(extra or {}),
    }  # fmt: skip


class Running:
    """A program that runs and is read from the start on; who has started it does something else until ``finish``.

    Raises OSError where it cannot be started.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        directory: str,
        env: Mapping[str, str],
        limits: Limits,
        launch: Launch = outside,
        reserved: int = 0,
    ) -> None:
        self.process = start(arguments, directory, env, limits.memory, launch=launch, reserved=reserved)
        self.begin, self.seconds, self.wall = time.monotonic(), limits.seconds, limits.wall
        try:
            if not limit_time(self.process.pid, limits.seconds):
                self.wall = min(self.wall, limits.seconds)
            self.output = _Reader(self.process, self.process.stdout, limits.output, kill=True)
            self.errors = _Reader(self.process, self.process.stderr, MAX_ERRORS)
        except BaseException:
            kill(self.process)
            raise

    def finish(self) -> Finished:
        """Waits for its end, or the first limit; the clock counts from here."""
        try:
            late = not _ends(self.process, self.output, self.wall)
        finally:
            self.close()
        cut = "output" if self.output.over else "time" if late else ""
        if not cut and self.process.returncode == -signal.SIGKILL:
            # Nobody else of us ended it; without so much time it was not the kernel for the limit, either.
            spent = (time.monotonic() - self.begin) * (os.cpu_count() or 1)
            cut = "processor" if spent >= self.seconds else ""
        return Finished(self.process.returncode, self.output.data, self.errors.data, cut)

    def close(self) -> None:
        """Ends it, wherever it is; what it has written is there."""
        with self.process:
            kill(self.process)
            self.output.join()
            self.errors.join()


def _ends(process: subprocess.Popen[bytes], output: _Reader, seconds: float) -> bool:
    """Waits for the end of the output and then of the process: to ask the process itself is to poll."""
    deadline = time.monotonic() + seconds
    output.join(seconds)
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def run_engine(
    name: str,
    arguments: Sequence[str],
    directory: str,
    env: Mapping[str, str],
    options: RenderOptions,
    launch: Launch,
    reserved: int = 0,
) -> Finished:
    """Runs the program of an engine within the limits of a render; ``reserved`` bytes of address space come on top of
    what Go reserves. ``launch`` starts it.

    Raises RenderError where it cannot be started or hits a limit; a status that is not 0 is left to the caller.
    """
    limits = Limits(options.timeout, options.memory, options.max_output, options.wall)
    try:
        done = Running(arguments, directory, {**env, **collecting(options.memory)}, limits, launch, reserved).finish()
    except OSError as error:
        # Another time it can: nothing of this is kept.
        raise RenderError("crash", f"{name} cannot be started: {error.strerror}") from None
    if done.cut in ("processor", "time"):
        raise late(name, options, done.cut == "processor")
    if done.cut == "output":
        raise RenderError("output", f"{name} printed more than {options.max_output >> 20} MB")
    return done


def fence_round(command: str, readable: str, fenced: bool) -> Fence:
    """A fence in which ``command`` reads what lies below ``readable`` and its own libraries, and nothing else."""
    return Fence((readable,), needs_of(command) if fenced else None)


class Probe:
    """A program that runs once in an empty directory, to tell what it is; ``env`` makes an environment for that
    directory. Other work may lie between its start and ``finish``; who does not want the answer closes it.

    Raises RenderError where it cannot be started.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        env: Callable[[str], Mapping[str, str]],
        limits: Limits,
        fenced: bool,
        reserved: int = 0,
    ) -> None:
        with contextlib.ExitStack() as held:
            spaces = Workspaces()
            held.callback(spaces.close)
            fence = fence_round(arguments[0], spaces.top, fenced)
            held.callback(fence.close)
            try:
                self.running = Running(arguments, spaces.empty, env(spaces.empty), limits, fence.start, reserved)
            except OSError as error:
                raise RenderError("load", f"{arguments[0]} cannot be started: {error.strerror}") from None
            held.callback(self.running.close)
            self._held = held.pop_all()

    def finish(self) -> Finished:
        with self._held:
            return self.running.finish()

    def close(self) -> None:
        self._held.close()


_LIVE: set[subprocess.Popen[bytes]] = set()


def kill_all() -> None:
    """Ends every child that is running: for a run that is interrupted."""
    for process in list(_LIVE):
        kill(process)


def start(
    arguments: Sequence[str],
    directory: str,
    env: Mapping[str, str],
    memory: int | None,
    stdin: int = subprocess.DEVNULL,
    launch: Launch = outside,
    reserved: int = 0,
) -> subprocess.Popen[bytes]:
    """Starts a program in a session of its own, with its memory bounded where the system can do that."""
    # A list of arguments, no shell, an absolute path.
    process = launch(
        list(arguments), cwd=directory, env=dict(env), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    _LIVE.add(process)
    if memory is not None:
        limit_memory(process.pid, memory, reserved)
    return process


def limit_memory(pid: int, memory: int, reserved: int = 0) -> None:
    """Bounds what a running process may write to, and its address space, in which Go and ``reserved`` bytes more lie
    that it does not use. Only Linux can; elsewhere the wall clock has to do."""
    with contextlib.suppress(ImportError, AttributeError, OSError, ValueError):
        import resource

        resource.prlimit(pid, resource.RLIMIT_DATA, (memory, memory))
        whole = memory + GO + reserved
        resource.prlimit(pid, resource.RLIMIT_AS, (whole, whole))


def collecting(memory: int) -> dict[str, str]:
    """Makes a Go program (1.19 and newer) collect its garbage before it comes to a bound of its memory, in bytes."""
    return {"GOMEMLIMIT": str(min(memory * 4 // 5, USUAL_MEMORY))}


def limit_time(pid: int, seconds: float) -> bool:
    """Bounds the processor time of a running process, which also ends it should we be killed. Whether the system can
    do that: only Linux."""
    with contextlib.suppress(ImportError, AttributeError, OSError, ValueError):
        import resource

        most = math.ceil(seconds)
        resource.prlimit(pid, resource.RLIMIT_CPU, (most, most))
        return True
    return False


def late(name: str, options: RenderOptions, by_processor: bool) -> RenderError:
    """The limit of time that ended a render."""
    wall = f"{options.wall:.0f} s" if options.wall >= 1 else "the little time that is left"
    least = f"{options.timeout:.0f} s of processor time" if by_processor else wall
    return RenderError("timeout", f"{name} did not end within {least}")


def kill(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and all that it started, once: its number may be another's then."""
    if process not in _LIVE:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (OSError, AttributeError):
        process.kill()
    process.wait()
    _LIVE.discard(process)


class _Reader:
    """Reads a pipe in a thread of its own up to a number of bytes; what comes after is thrown away."""

    def __init__(self, process: subprocess.Popen[bytes], pipe: IO[bytes] | None, most: int, kill: bool = False) -> None:
        self.process, self.pipe, self.most, self.kill = process, pipe, most, kill
        self.parts: list[bytes] = []
        self.over = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        size = 0
        with contextlib.suppress(OSError, ValueError):
            while self.pipe is not None and (data := os.read(self.pipe.fileno(), 1 << 16)):
                if size < self.most:
                    self.parts.append(data[: self.most - size])
                size += len(data)
                if size > self.most and not self.over:
                    self.over = True
                    if self.kill:
                        kill(self.process)

    def join(self, seconds: float = 5) -> None:
        self.thread.join(seconds)

    @property
    def data(self) -> bytes:
        return b"".join(self.parts)
