"""One target of ``tests/fuzz`` for some seconds: how many inputs, what breaks a promise, and the slowest input.

    python benchmarks/fuzz.py TARGET SECONDS [SEED] [--found DIRECTORY] [--coverage]

An input that breaks a promise, or takes longer than its length allows, is made smaller and written to DIRECTORY; then
status is 1. What was mended becomes a file of ``tests/corpus/TARGET``. With ``--coverage`` (pip install atheris) inputs
grow from those that reached new code, a tenth as many; they are kept in ``DIRECTORY/reached-TARGET``.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

INSTRUMENTED = ("nodeport_lint", "ruamel.yaml", "markdown_it", "jsonpath_ng")
MOST = 4_000
"""Bytes of an input that coverage guides: nearly all that was reached is kept, and grows."""
FIXED, EACH, WITH_COVERAGE = 1.0, 200e-6, 4
"""Seconds of processor time that an input may take, whatever its length and for each byte; so many times as long where
each step is told."""
ATTEMPTS, SHRINKING = 400, 60.0
"""To make an input smaller: how often it is tried, and seconds."""


class Fuzzed:
    """What was run so far."""

    def __init__(self, run: Callable[[bytes], object], label: str, found: Path, coverage: bool) -> None:
        self.run, self.label, self.found, self.coverage = run, label, found, coverage
        self.inputs = self.bytes = 0
        self.shrinking = 0.0
        self.kinds: dict[str, bytes] = {}
        self.slowest: tuple[float, bytes] = (0.0, b"")
        self.begin = time.monotonic()

    def one(self, data: bytes) -> None:
        self.inputs += 1
        self.bytes += len(data)
        what, seconds = self._tried(data)
        if seconds > self.slowest[0]:
            self.slowest = (seconds, data)
        if not what and seconds > self._allowed(data) and self._tried(data)[1] > self._allowed(data):
            what = "slow"
        if what and what not in self.kinds:
            self._keep(what, data)

    def _tried(self, data: bytes) -> tuple[str, float]:
        """What is broken, in few words and the place in the code, and seconds of processor time."""
        begin = time.process_time()
        try:
            self.run(data)
            what = ""
        except (Exception, RecursionError) as error:
            frames = traceback.extract_tb(error.__traceback__)
            what = (
                f"{type(error).__name__} {' '.join(f'{Path(one.filename).name}:{one.lineno}' for one in frames[-3:])}"
            )
        return what, time.process_time() - begin

    def _keep(self, what: str, data: bytes) -> None:
        self.kinds[what] = data
        name = hashlib.sha256(what.encode()).hexdigest()[:8]
        place = self.found / f"{self.label}-{name}"
        place.write_bytes(data)
        begin = time.monotonic()
        small = smaller(data, self._is_slow if what == "slow" else lambda one: self._tried(one)[0] == what)
        self.shrinking += time.monotonic() - begin
        place.write_bytes(small)
        print(f"{self.label}: {what}: {place} ({len(small)} of {len(data)} bytes)", flush=True)
        with contextlib.suppress(Exception):
            print("".join(self._trace(small)[-6:]), flush=True)

    def _allowed(self, data: bytes) -> float:
        return (FIXED + EACH * len(data)) * (WITH_COVERAGE if self.coverage else 1)

    def _is_slow(self, data: bytes) -> bool:
        return self._tried(data)[1] > self._allowed(data)

    def _trace(self, data: bytes) -> list[str]:
        try:
            self.run(data)
        except Exception as error:
            return traceback.format_exception(error)
        return []

    def summary(self) -> str:
        seconds = time.monotonic() - self.begin - self.shrinking
        took, data = self.slowest
        place = self.found / f"{self.label}-slowest"
        place.write_bytes(data)
        return (
            f"{self.label}: {seconds:.0f} s{' by coverage' if self.coverage else ''}, {self.inputs} inputs of "
            f"{self.bytes // max(self.inputs, 1)} bytes, {len(self.kinds)} kinds of faults; the slowest input: "
            f"{took:.2f} s of processor time, {len(data)} bytes, {calls_in(lambda: self._trace(data))} calls, {place}"
        )


def calls_in(work: Callable[[], object]) -> int:
    count = 0

    def seen(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count // 2


def smaller(data: bytes, broken: Callable[[bytes], bool]) -> bytes:
    """A part of an input that breaks the same, by cutting pieces out."""
    end, left, size = time.monotonic() + SHRINKING, ATTEMPTS, max(len(data) // 2, 1)
    while size:
        at = 0
        while at < len(data):
            if not left or time.monotonic() > end:
                return data
            left -= 1
            less = data[:at] + data[at + size :]
            if broken(less):
                data = less
            else:
                at += size
        size //= 2
    return data


def by_chance(fuzzed: Fuzzed, target: str, seconds: float, seed: int) -> None:
    from tests.fuzz.targets import made

    while time.monotonic() - fuzzed.begin - fuzzed.shrinking < seconds:
        fuzzed.one(made(target, seed))
        seed += 1


def by_coverage(fuzzed: Fuzzed, target: str, seconds: float, seed: int) -> None:
    import atheris

    from tests.fuzz.targets import CORPUS, near

    def one(data: bytes) -> None:
        fuzzed.one(data)
        if time.monotonic() - fuzzed.begin - fuzzed.shrinking > seconds:
            finish(fuzzed)

    def mutate(data: bytes, most: int, chance: int) -> bytes:
        own = random.Random(chance).random() < 0.15
        return atheris.Mutate(data, len(data)) if own and data else near(target, data, chance, most)

    reached = fuzzed.found / f"reached-{target}"
    reached.mkdir(exist_ok=True)
    # libFuzzer's own limits would end the run; ours are told, and it goes on.
    options = [
        f"-seed={seed % 2**31 or 1}",
        f"-max_len={MOST}",
        "-timeout=600",
        "-rss_limit_mb=6000",
        "-verbosity=0",
        "-print_final_stats=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(reached), str(CORPUS / target)], one, custom_mutator=mutate)
    atheris.Fuzz()


def finish(fuzzed: Fuzzed) -> None:
    print(fuzzed.summary(), flush=True)
    import atexit

    atexit._run_exitfuncs()
    os._exit(1 if fuzzed.kinds else 0)


def telling(coverage: bool) -> Any:
    """While this is open, what is imported will tell where it comes by."""
    if not coverage:
        return contextlib.nullcontext()
    import atheris

    return atheris.instrument_imports(include=list(INSTRUMENTED))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("seconds", type=float)
    parser.add_argument("seed", type=int, nargs="?", default=random.SystemRandom().randrange(2**31))
    parser.add_argument("--found", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--coverage", action="store_true")
    given = parser.parse_args()
    given.found.mkdir(parents=True, exist_ok=True)
    with telling(given.coverage):
        from tests.fuzz.mutation import text_of
        from tests.fuzz.targets import TARGETS

        for module in _modules():
            __import__(module)
    run = TARGETS[given.target].run
    fuzzed = Fuzzed(lambda data: run(text_of(data)), given.target, given.found, given.coverage)
    print(f"{given.target}: seed {given.seed}", flush=True)
    (by_coverage if given.coverage else by_chance)(fuzzed, given.target, given.seconds, given.seed)
    finish(fuzzed)


def _modules() -> Iterator[str]:
    """What is imported only when it is needed, and so after the door is shut."""
    from nodeport_lint.checks import VERBS
    from nodeport_lint.formats import FORMATS

    yield from (*VERBS.values(), *FORMATS.values(), "markdown_it", "jsonpath_ng.ext.parser")
    rooms = (
        "registry.markdown",
        "yamltext.pure",
        "yamltext.jsontext",
        "helm.reader",
        "kustomize.reader",
        "patterns.globs",
    )
    yield from (f"nodeport_lint.{name}" for name in (*rooms, "engines.workers"))


if __name__ == "__main__":
    main()
