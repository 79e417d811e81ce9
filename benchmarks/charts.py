"""The charts of a repository: how many render, and what the check costs against a loop of ``helm template``.

    python benchmarks/charts.py DIRECTORY [PATH_OF_HELM]...

For each helm (default: the one on PATH) a line of counts, then the ratios of wall time: the whole check without
a cache, and with a warm one, against a loop that runs plain ``helm template`` once for each chart and set of
values that the check renders, one after another. The loop gets the same charts, with the dependencies that lie
in the tree put in place, ready on disk. Runs alternate and the fastest of each counts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nodeport_lint.config import Config
from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.programs import Chosen
from nodeport_lint.engines.workers import Workers
from nodeport_lint.helm.engines import choose_helm
from nodeport_lint.helm.reader import read_charts
from nodeport_lint.linter import Run, lint
from nodeport_lint.model.render import Engine, Inputs, Rendered, RenderError, RenderOptions
from nodeport_lint.reading import Rendering
from nodeport_lint.tree import read_tree
from nodeport_lint.yamltext import Expansion

ROUNDS = 3


class Recorder:
    """An engine that keeps what it is asked to render first of each chart and set, and renders nothing."""

    id = "recorder"
    keeps_comments = False

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.asked: list[tuple[Inputs, RenderOptions]] = []

    def scannable(self, path: str) -> bool:
        return self.engine.scannable(path)

    def markable(self, path: str) -> bool:
        return self.engine.markable(path)

    def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
        self.asked.append((inputs, options))
        raise RenderError("timeout", "recorded")

    def close(self) -> None:
        pass


def prepare(root: str, helm: str, directory: Path) -> list[list[str]]:
    """Every chart and set of values on disk, and the command that renders it."""
    chosen = choose_helm("cli", os.path.dirname(helm), root, Cache(None))
    assert chosen.engine is not None, chosen.reason
    recorder = Recorder(chosen.engine)
    read_charts(read_tree(root), Config(), lambda: Chosen(recorder), Cache(None), Workers(), Expansion())
    commands = []
    for index, (inputs, options) in enumerate(recorder.asked):
        for path, data in inputs.items():
            target = directory / str(index) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        files = [argument for path in options.values for argument in ("--values", path)]
        chart = str(directory / str(index) / options.root)
        commands.append(
            [
                helm,
                "template",
                options.release,
                chart,
                *(f"{directory}/{index}/{one}" if "/" in one else one for one in files),
            ]
        )
    chosen.engine.close()
    return commands


def loop(commands: list[list[str]]) -> float:
    start = time.perf_counter()
    for command in commands:
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def check(root: str, helm: str, cache: Path) -> float:
    program = [str(Path(sys.executable).parent / "nodeport-lint"), "check", "--isolated", root]
    env = {"PATH": os.path.dirname(helm), "HOME": str(cache), "XDG_CACHE_HOME": str(cache)}
    start = time.perf_counter()
    subprocess.run(program, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def counts(root: str, helm: str) -> None:
    report = lint(root, Config(), [], Run(rendering=Rendering("cli", os.path.dirname(helm))))
    found = report.statistics
    idle = found["charts"] - sum(found[f"charts_{state}"] for state in ("rendered", "in_part", "not_rendered"))
    print(
        f"{found['charts']} charts: {found['charts_rendered']} rendered whole, {found['charts_in_part']} in part, "
        f"{found['charts_not_rendered']} not; {idle} without node-port text or libraries"
    )


def main() -> None:
    root = os.path.realpath(sys.argv[1])
    for helm in sys.argv[2:] or [shutil.which("helm") or ""]:
        version = subprocess.run([helm, "version", "--short"], capture_output=True, text=True, check=True).stdout
        print(f"helm {version.strip()}")
        counts(root, helm)
        with tempfile.TemporaryDirectory() as name:
            commands = prepare(root, helm, Path(name))
            times = []
            for index in range(ROUNDS):
                cache = Path(name) / f"cache-{index}"
                times.append((loop(commands), check(root, helm, cache), check(root, helm, cache)))
        plain, cold, warm = (min(column) for column in zip(*times, strict=True))
        print(
            f"{len(commands)} renders: loop {plain:.2f} s, check {cold:.2f} s, with a warm cache {warm:.2f} s; "
            f"ratios {cold / plain:.2f} and {warm / plain:.2f}"
        )


if __name__ == "__main__":
    main()
