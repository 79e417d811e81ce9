"""Helm's own engine as a library (``helm-python-sdk``), in a resident worker process, as an engine.

For machines without helm. The library cannot be interrupted, does not survive a fork and dies with the whole
process when a chart eats its memory: so it never runs in ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO, Any

from nodeport_lint.engines import child
from nodeport_lint.engines.fence import Fence, Held, Launch, Needs, needs_of
from nodeport_lint.engines.workers import MEMORY
from nodeport_lint.engines.workspace import Workspaces
from nodeport_lint.helm import printed, templates
from nodeport_lint.model.render import Inputs, Rendered, RenderedText, RenderError, RenderOptions

LOADED = 200 << 20
"""Bytes that Python and the library write to before any chart."""
START = 60.0
"""Seconds for the worker to load the library."""
MODULE = "nodeport_lint.helm.worker"
MISSING = "the extra nodeport-lint[helm] is not installed"


class HelmEmbedded:
    """Renders in one worker, one chart at a time; a worker that a chart has killed is replaced."""

    keeps_comments = True

    def __init__(self, root: str) -> None:
        self.root = root
        self.id = ""
        self.spaces = Workspaces()
        self.search = _search(root)
        self.fence = Fence((self.spaces.top,), _needs(self.search))
        self._worker: _Worker | None = None
        self._lock = threading.Lock()

    @property
    def held(self) -> Held:
        """What the operating system holds round the worker."""
        return self.fence.held

    @classmethod
    def start(cls, root: str) -> HelmEmbedded:
        """Raises RenderError where the library is not there or does not load. No module below ``root`` is used."""
        engine = cls(root)
        try:
            engine._running()
        except RenderError as error:
            if error.message == MISSING or not engine.fence.held.holds:
                engine.close()
                raise
            # Python may lie in places that nobody thinks of: then it runs outside, and that is said.
            engine.fence.close()
            engine.fence = Fence((), None)
            try:
                engine._running()
            except RenderError:
                engine.close()
                raise
        return engine

    def scannable(self, path: str) -> bool:
        return templates.scannable(path)

    def markable(self, path: str) -> bool:
        return templates.markable(path)

    def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
        directory = self.spaces.hold(inputs)
        paths = printed.ChartPaths(inputs, options.root)
        request = {
            "chart": os.path.join(directory, options.root), "release": options.release,
            "namespace": options.namespace,
            "values": [
                (f"values/{index}.yaml", os.path.join(directory, path)) for index, path in enumerate(options.values)
            ],
            "sets": [(flag, inputs[path].decode("utf-8")) for flag, path in options.sets],
            "seconds": options.timeout,
        }  # fmt: skip
        with self._lock:
            answer = self._running().ask(request, options)
        if "error" in answer:
            names = {f"values/{index}.yaml": path for index, path in enumerate(options.values)}
            raise printed.renamed(printed.engine_error(str(answer["error"]), paths), names)
        return Rendered(tuple(_documents(answer["templates"], paths)))

    def close(self) -> None:
        # First, so that no other thread starts a worker behind the one that is ended here.
        self.fence.close()
        if self._worker is not None:
            self._worker.end()
        self.spaces.close()

    def _running(self) -> _Worker:
        if self._worker is None or self._worker.ended:
            try:
                self._worker = _Worker(self.spaces.empty, self.search, self.fence.start)
            except OSError as error:
                raise RenderError("crash", f"the embedded engine cannot be started: {error.strerror}") from None
            if self.fence.closed:
                self._worker.end()
                raise RenderError("crash", "the embedded engine is closed")
            self.id = f"helm-sdk/{self._worker.version}"
        return self._worker


def _documents(rendered: dict[str, str], paths: printed.ChartPaths) -> list[RenderedText]:
    """In the order of paths; notes are no manifests."""
    found: list[RenderedText] = []
    for name, text in sorted(rendered.items()):
        if text.strip() and not name.endswith("NOTES.txt"):
            found += printed.template_documents(text, paths.input_path(name))
    return found


def _is_ours(path: str) -> bool:
    """Below this very Python: its environment may lie in the tree that is read."""
    return f"{path}{os.sep}".startswith(sys.prefix.rstrip(os.sep) + os.sep)


OWN = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
"""The directory that holds this package."""


def _search(root: str) -> list[str]:
    """Where the worker looks for modules: the same packages as ours, but none from the tree that is read."""
    inside = os.path.realpath(root).rstrip(os.sep) + os.sep
    search = [path for path in sys.path if os.path.isabs(path)]
    search = [path for path in search if _is_ours(path) or not f"{os.path.realpath(path)}{os.sep}".startswith(inside)]
    return [OWN, *search]


def _needs(search: Sequence[str]) -> Needs | None:
    """What Python reads and maps before it is given a chart: itself, its modules, and the libraries of the system."""
    import sysconfig

    needs = needs_of(sys.executable)
    if needs is None:
        return None
    modules = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    # Where a libpython lies, and what says that an environment is one.
    beside = [os.path.join(sys.base_prefix, "lib"), os.path.join(sys.prefix, "pyvenv.cfg")]
    return Needs(needs.run, (*needs.read, *modules, *beside, os.path.join(OWN, "nodeport_lint"), *search[1:]))


class _Worker:
    def __init__(self, empty: str, search: Sequence[str], launch: Launch) -> None:
        own = {"PYTHONPATH": os.pathsep.join(search), "PYTHONDONTWRITEBYTECODE": "1"}
        env = child.environment(empty, {**own, **child.collecting(MEMORY)})
        arguments = [sys.executable, "-m", MODULE]
        # Python with the library takes more than a render may: the bound is set once it is loaded.
        self.process = child.start(arguments, empty, env, memory=None, stdin=subprocess.PIPE, launch=launch)
        self.answers: queue.Queue[bytes | None] = queue.Queue()
        self.ended = False
        self.over = False
        self.most = 64 << 20
        pipes = ((self._read, self.process.stdout), (_drain, self.process.stderr))
        self.threads = [threading.Thread(target=read, args=(pipe,), daemon=True) for read, pipe in pipes]
        for thread in self.threads:
            thread.start()
        hello = self._take(START)
        if hello is None or "version" not in hello:
            self.end()
            reason = "" if hello is None else str(hello.get("error", ""))
            missing = "No module named 'helm_python'" in reason
            raise RenderError(
                "load",
                MISSING if missing else reason or "helm-python-sdk does not start",
            )
        self.version = hello["version"]

    def ask(self, request: dict[str, Any], options: RenderOptions) -> dict[str, Any]:
        """The answer to one request. Raises RenderError at a limit; the worker has ended then."""
        # One render at a time, and Python with the library beside it.
        child.limit_memory(self.process.pid, MEMORY + LOADED)
        self.most = options.max_output
        data = json.dumps(request).encode()
        try:
            stdin = self.process.stdin
            if stdin is None:
                raise BrokenPipeError
            stdin.write(b"%d\n" % len(data) + data)
            stdin.flush()
        except OSError:
            self.end()
            raise RenderError("crash", "the embedded engine has ended") from None
        begin = time.monotonic()
        # Where the worker cannot bound its own processor time, the clock has to do.
        wall = options.wall if bounds_processor_time() else min(options.wall, options.timeout)
        answer = self._take(wall)
        if answer is not None:
            return answer
        late = time.monotonic() - begin >= wall
        self.end()
        if self.over:
            raise RenderError("output", f"the embedded engine printed more than {options.max_output >> 20} MB")
        by_processor = bounds_processor_time() and self.process.returncode == -signal.SIGXCPU
        if late or by_processor:
            raise child.late("the embedded engine", options, by_processor)
        # It had all the memory that there is: alone it would get no more.
        raise RenderError("crash", "the embedded engine ran out of memory")

    def end(self) -> None:
        self.ended = True
        child.kill(self.process)
        for thread in self.threads:
            thread.join(5)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _take(self, seconds: float) -> dict[str, Any] | None:
        try:
            data = self.answers.get(timeout=seconds)
        except queue.Empty:
            return None
        return None if data is None else dict(json.loads(data))

    def _read(self, pipe: IO[bytes]) -> None:
        while True:
            size = pipe.readline(20)
            if not size.strip().isdigit():
                break
            if int(size) > self.most:
                self.over = True
                break
            self.answers.put(pipe.read(int(size)))
        self.answers.put(None)


def bounds_processor_time() -> bool:
    """Whether the worker ends by itself when a render has taken its time (``worker``)."""
    return hasattr(signal, "SIGXCPU")


def _drain(pipe: IO[bytes]) -> None:
    """What the library logs is of no use, and a full pipe would stop it."""
    while pipe.read(1 << 16):
        pass
