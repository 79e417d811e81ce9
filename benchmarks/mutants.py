"""Which changes of a module do the tests notice? Each mutant of it is one change, and is killed where a test fails.

    python benchmarks/mutants.py nodeport_lint/ROOM/MODULE.py... [--limit N] [--seed S] [--line N]... [--jobs N]
                                 [--near-only] [--wide SECONDS] [--limits]

For each module a row: its mutants, those killed by the tests near it, by the wide ones, and the survivors, which follow
with their lines before and after. Near are ``tests/ROOM/``, ``tests/test_ROOM.py`` and what NEAR names for the room;
wide are all other tests, and only what survived the near ones meets them. A mutant meets the tests that reach its
statement, the quick ones first, then those near that reach only the module; of the wide ones those that take ``--wide``
seconds together. A timeout kills.

Everything happens in a copy of the tree. A server (forkserver.py) that has pytest in memory, and all rooms but those
that depend on the module, forks one process for each mutant. operators.py says what a mutant is. Not mutated are
docstrings, annotations, decorators, ``__all__``, texts of messages (whatever stands in an f-string), patterns, and
numbers that have a name in capitals: documented limits, unless ``--limits``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from operators import Mutant, instrumented, mutants_of

ROOT = Path(__file__).resolve().parent.parent
NEAR = {"suppress": ("tests/config/test_config.py",), "registry": ("tests/checks/test_checks.py",)}
"""Tests of a room that the rule does not find."""
NO_JUDGES = ("tests/test_house.py", "tests/test_packaging.py", "tests/formats/test_github.py")
"""They look at the source, or run what is installed elsewhere."""
LEFT_OUT = (".git", ".venv*", "build", "dist", "__pycache__", ".*_cache", ".hypothesis")
WHOLE = 3600.0
"""Seconds for all tests once."""


class Reach(NamedTuple):
    """What a run of unchanged modules tells: the tests of each statement and each module, and their seconds."""

    of_statement: Mapping[tuple[str, int], frozenset[str]]
    of_module: Mapping[str, frozenset[str]]
    seconds: Mapping[str, float]

    def tests(self, module: str, mutant: Mutant) -> list[str]:
        """Those that reach a mutant, the quick ones first."""
        of_module = self.of_module.get(module, frozenset())
        everywhere = mutant.cached or not mutant.statement
        found = of_module if everywhere else self.of_statement.get((module, mutant.statement), frozenset())
        return self.sorted(found)

    def sorted(self, tests: Iterable[str]) -> list[str]:
        return sorted(tests, key=lambda test: (self.seconds[test], test))


class Tree:
    """A copy of the tree with a server in it, and with the modules as they were when it all began."""

    def __init__(self, directory: Path, sources: Mapping[str, bytes]) -> None:
        self.sources = sources
        self.root, self.own = directory / "tree", directory / "own"
        shutil.copytree(ROOT, self.root, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
        for name in ("build", ".venv-tools"):
            if (ROOT / name).exists():
                (self.root / name).symlink_to((ROOT / name).resolve())
        self.own.mkdir()
        self.hits, self.current, self.report = self.own / "hits", self.own / "current", self.own / "report"
        for module, source in sources.items():
            (self.root / module).write_bytes(source)
            # A process must never meet the compiled form of another mutant: where a file is, none can be written.
            (self.root / module).with_name("__pycache__").write_text("")
        environment = {**os.environ, "PYTHONPATH": str(self.root), "TMPDIR": str(self.own)}
        self.trusted: dict[str, bool] = {}
        """Whether a test that failed with a mutant passes without."""
        self.server = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve().with_name("forkserver.py")), *sources],
            cwd=self.root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, tests: Sequence[str] | None, files: Iterable[str], seconds: float, stop: bool = True) -> int | None:
        """pytest's status; None after a timeout. ``tests`` of the files, or all."""
        order = {
            "tests": tests, "files": sorted(set(files)), "seconds": seconds, "stop": stop, "report": str(self.report),
            "current": str(self.current), "base": str(self.own / "base"),
        }  # fmt: skip
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        print(json.dumps(order), file=self.server.stdin, flush=True)
        status: int | None = json.loads(self.server.stdout.readline())
        return status

    def judge(self, module: str, mutant: Mutant, tests: Sequence[str], reach: Reach) -> bool:
        """Whether a test fails because of a mutant: the same tests pass without it."""
        source = self.sources[module]
        while judges := [test for test in tests if self.trusted.get(test, True)]:
            (self.root / module).write_bytes(mutant.applied(source))
            status = self._run_first(judges, reach)
            (self.root / module).write_bytes(source)
            if status is None:
                print(f"timeout: {module}:{mutant.line}: {mutant.operator}", file=sys.stderr)
            if status in (None, 0):
                return status is None
            failed = next(iter(self.failed()), "")
            if failed not in self.trusted and failed in judges:
                self.trusted[failed] = self._run_first(judges[: judges.index(failed) + 1], reach) == 0
            if self.trusted.get(failed, True):
                return True
            print(f"no judge, it fails without a change: {failed}", file=sys.stderr)
        return False

    def _run_first(self, tests: Sequence[str], reach: Reach) -> int | None:
        """Runs tests up to the first failure."""
        self.report.write_text("[{}, {}]")
        return self.run(tests, _files(tests), 10 + 5 * sum(reach.seconds[test] for test in tests))

    def failed(self) -> dict[str, str]:
        """Tests that failed in the last run, with the end of what they said."""
        failed: dict[str, str] = json.loads(self.report.read_text(encoding="utf-8"))[1]
        return failed

    def reach(self, files: Iterable[str]) -> Reach:
        """Runs all tests of the files with each module unchanged, but telling. Tests that fail then are not judges."""
        self.hits.write_text("")
        self.current.write_text("")
        for module, source in self.sources.items():
            text = instrumented(source, module, str(self.hits), str(self.current))
            (self.root / module).write_bytes(text)
        status = self.run(None, files, WHOLE, stop=False)
        for module, source in self.sources.items():
            (self.root / module).write_bytes(source)
        if status not in (0, 1):
            raise SystemExit(f"the tests did not run: status {status}")
        seconds, failed = json.loads(self.report.read_text(encoding="utf-8"))[0], self.failed()
        for test, message in failed.items():
            print(f"no judge, it fails without a change: {test}: {message.splitlines()[-1:]}", file=sys.stderr)
        return _reach(self.hits.read_text(encoding="utf-8").splitlines(), seconds, failed)

    def close(self) -> None:
        assert self.server.stdin is not None
        self.server.stdin.close()
        self.server.wait()


def _reach(lines: Iterable[str], seconds: Mapping[str, float], failed: Mapping[str, str]) -> Reach:
    of_file: dict[str, set[str]] = defaultdict(set)
    for test in seconds.keys() - failed.keys():
        of_file[_file(test)].add(test)
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for line in lines:
        module, number, told = line.split("\t")
        test, _, phase = told.rpartition(" ")
        # What a fixture has made may serve all tests of its file.
        tests = of_file[_file(test)] if phase == "(setup)" else {test} & of_file[_file(test)]
        found[module, int(number)] |= tests
    of_module: dict[str, set[str]] = defaultdict(set)
    for (module, _), tests in found.items():
        of_module[module] |= tests
    return Reach(
        {place: frozenset(tests) for place, tests in found.items()},
        {module: frozenset(tests) for module, tests in of_module.items()},
        seconds,
    )


def _file(test: str) -> str:
    return test.partition("::")[0]


def _files(tests: Iterable[str]) -> set[str]:
    return {_file(test) for test in tests}


def near(module: str) -> list[str]:
    """The test files near a module."""
    room = Path(module).with_suffix("").parts[1]
    places = [*(ROOT / "tests" / room).rglob("test_*.py"), ROOT / "tests" / f"test_{room}.py"]
    found = {str(path.relative_to(ROOT)) for path in places if path.exists()}
    return sorted({*found, *NEAR.get(room, ())} - set(NO_JUDGES))


def cheapest(tests: Sequence[str], seconds: Mapping[str, float], most: float) -> list[str]:
    """The first tests that take so many seconds together."""
    chosen, spent = [], 0.0
    for test in tests:
        spent += seconds[test]
        if spent > most:
            break
        chosen.append(test)
    return chosen


class Judged(NamedTuple):
    module: str
    mutant: Mutant
    by: str
    """``near``, ``wide``, or empty for a survivor."""
    tests: int
    """Tests that reach a survivor."""


def judged(
    trees: Sequence[Tree], chosen: Sequence[tuple[str, Mutant]], reach: Reach, by: str, most: float
) -> list[Judged]:
    """Each mutant with the tests of ``reach``."""
    free: SimpleQueue[Tree] = SimpleQueue()
    for tree in trees:
        free.put(tree)
    start, done = time.monotonic(), Counter[str]()

    def judge(case: tuple[str, Mutant]) -> Judged:
        module, mutant = case
        first = cheapest(reach.tests(module, mutant), reach.seconds, most)
        rest = reach.sorted(reach.of_module.get(module, frozenset()) - set(first)) if by == "near" else []
        tree = free.get()
        killed = tree.judge(module, mutant, first, reach) or tree.judge(module, mutant, rest, reach)
        free.put(tree)
        done[by if killed else "alive"] += 1
        if not killed:
            print(f"alive: {module}:{mutant.line}: {mutant.operator}", file=sys.stderr)
        if not done.total() % 20:
            spent = time.monotonic() - start
            print(f"{by}: {done.total()} of {len(chosen)}, {done['alive']} alive, {spent:.0f} s", file=sys.stderr)
        return Judged(module, mutant, by if killed else "", len(first))

    with ThreadPoolExecutor(len(trees)) as pool:
        return list(pool.map(judge, chosen))


def measure(options: argparse.Namespace, trees: Sequence[Tree]) -> list[Judged]:
    """Each chosen mutant of each module."""
    cases = []
    for module, source in trees[0].sources.items():
        mutants = mutants_of(source, options.limits)
        mutants = [mutant for mutant in mutants if not options.line or mutant.line in options.line]
        count = len(mutants) if options.limit is None else min(options.limit, len(mutants))
        chosen = random.Random(options.seed).sample(mutants, count)
        cases += [(module, mutant) for mutant in sorted(chosen)]
    files = sorted({path for module in options.modules for path in near(module)})
    result = []
    if files:
        reach = trees[0].reach(files)
        print(f"near: {len(reach.seconds)} tests, {sum(reach.seconds.values()):.0f} s", file=sys.stderr)
        result = judged(trees, cases, reach, "near", WHOLE)
    killed = [one for one in result if one.by]
    left = [(one.module, one.mutant) for one in result if not one.by] if files else cases
    if options.near_only or not left:
        return result
    wide = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")} - {*files, *NO_JUDGES}
    reach = trees[0].reach(wide)
    return [*killed, *judged(trees, left, reach, "wide", options.wide)]


def show(sources: Mapping[str, bytes], result: Sequence[Judged]) -> None:
    print("module | mutants | killed near | killed wide | survivors | killed")
    print("--- | --- | --- | --- | --- | ---")
    for module in sources:
        count = Counter(one.by for one in result if one.module == module)
        rate = 100 * (1 - count[""] / max(1, count.total()))
        print(f"{module} | {count.total()} | {count['near']} | {count['wide']} | {count['']} | {rate:.1f} %")
    for one in sorted(one for one in result if not one.by):
        met = f"{one.tests} tests reach it" if one.tests else "no test reaches it"
        print(f"\n{one.module}:{one.mutant.line}: {one.mutant.operator}; {met}")
        print(one.mutant.shown(sources[one.module]))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("modules", nargs="+", metavar="MODULE", type=lambda path: os.path.relpath(path, ROOT))
    parser.add_argument("--limit", type=int, metavar="N", help="judge N mutants of each module, drawn by chance")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another choice of them")
    parser.add_argument("--line", type=int, action="append", metavar="N", help="judge those of this line")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="mutants at the same time")
    parser.add_argument("--near-only", action="store_true", help="run no wide tests")
    parser.add_argument("--wide", type=float, default=60.0, metavar="SECONDS", help="of wide tests for each mutant")
    parser.add_argument("--limits", action="store_true", help="mutate documented limits, too")
    options = parser.parse_args()
    sources = {module: (ROOT / module).read_bytes() for module in options.modules}
    with tempfile.TemporaryDirectory() as directory:
        trees = [Tree(Path(directory) / str(index), sources) for index in range(options.jobs)]
        try:
            result = measure(options, trees)
        finally:
            for tree in trees:
                tree.close()
    show(sources, result)


if __name__ == "__main__":
    main()
