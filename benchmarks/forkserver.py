"""Runs tests in forks of a process that has in memory what they need and no mutant changes.

    python benchmarks/forkserver.py MODULE... < ORDERS

Used by mutants.py, in a copy of the tree. An order is a line of JSON: the files of tests, which of their tests, in
which order, whether the first failure ends the run, after how many seconds it is ended, and where the report goes.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import importlib.util
import json
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HEAVY = ("pytest", "ruamel.yaml", "markdown_it", "jsonpath_ng.ext", "jsonschema", "click", "hypothesis.strategies")
MEMORY = 8 << 30
"""Bytes that a mutant may fill before it fails."""


class Chosen:
    """A plugin of pytest: runs the chosen tests in their order, or all, and writes outcomes and seconds to a file."""

    def __init__(self, tests: Sequence[str] | None, report: str, current: str) -> None:
        self.rank = None if tests is None else {test: index for index, test in enumerate(tests)}
        self.report, self.current = report, current
        self.seconds: dict[str, float] = defaultdict(float)
        self.failed: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        if self.rank is not None:
            rank = self.rank
            items[:] = sorted((item for item in items if item.nodeid in rank), key=lambda item: rank[item.nodeid])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        Path(self.current).write_text(f"{nodeid} (call)", encoding="utf-8")

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds[report.nodeid] += report.duration
        if report.failed:
            self.failed[report.nodeid] = str(report.longrepr)[-500:]

    def pytest_sessionfinish(self) -> None:
        Path(self.report).write_text(json.dumps([self.seconds, self.failed]), encoding="utf-8")


def serve(modules: Sequence[str]) -> None:
    """Answers each line of standard input, an order to run tests, with a line: the status, None after a timeout."""
    for name in [*HEAVY, *independent(modules)]:
        if importlib.util.find_spec(name.partition(".")[0]) is not None:
            importlib.import_module(name)
    assert not sys.modules.keys() & {_name(Path(module)) for module in modules}
    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(forked(json.loads(line))), flush=True)


def independent(modules: Sequence[str]) -> list[str]:
    """The names of the package's modules in which none of the modules is imported, not even through others."""
    paths = {_name(path): path for path in sorted(Path("nodeport_lint").rglob("*.py"))}
    imports = {name: _imported(path, paths) for name, path in paths.items()}
    tainted: set[str] = set()
    more = {_name(Path(module)) for module in modules}
    while more:
        tainted |= more
        more = {name for name, others in imports.items() if others & tainted} - tainted
    return sorted(paths.keys() - tainted - {"nodeport_lint.__main__"})


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _imported(path: Path, known: Mapping[str, Path]) -> set[str]:
    """The modules that a file imports, and the packages that they are in."""
    names = {_name(path).rpartition(".")[0]}
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    every = {".".join(name.split(".")[: count + 1]) for name in names for count in range(name.count(".") + 1)}
    return every & known.keys()


def forked(order: Mapping[str, Any]) -> int | None:
    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        _run(order)
    deadline = time.monotonic() + order["seconds"]
    status = None
    while time.monotonic() < deadline:
        ended, code = os.waitpid(child, os.WNOHANG)
        if ended:
            status = os.waitstatus_to_exitcode(code)
            break
        time.sleep(0.01)
    # What it has started ends with it.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    if status is None:
        os.waitpid(child, 0)
    return status


def _run(order: Mapping[str, Any]) -> None:
    """In the child: does not come back."""
    code = 70
    try:
        silent = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(silent, number)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        import pytest

        options = ["-q", "-p", "no:cacheprovider", "-n", "0", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        options += ["-x"] if order["stop"] else []
        plugin = Chosen(order["tests"], order["report"], order["current"])
        code = int(pytest.main([*options, f"--basetemp={order['base']}", *order["files"]], plugins=[plugin]))
    finally:
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1:])
