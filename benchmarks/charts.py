"""The charts of a repository: how many render, and what the check costs against a loop of ``helm template``.

    python benchmarks/charts.py [DIRECTORY [PATH_OF_HELM]...]

Without a directory, repositories of one and of two small charts are made, each chart with a Deployment and a Service.
For each helm (default: the one on PATH) a line of counts, then the ratios of wall time: the whole check without
a cache, and with a warm one, against a loop that runs plain ``helm template`` once for each chart and set of
values that the check renders, one after another. The loop gets the same charts, with the dependencies that lie
in the tree put in place, ready on disk. Runs alternate and the fastest of each counts; the processor's time of all
processes is told, too, since a busy machine changes that least. Then the most memory that the check holds, in its own
process and in all that it starts.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from memory import most_of

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

ROUNDS, ROUNDS_OF_SMALL = 3, 15
SMALL = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "values.yaml": "replicas: 1\nservice:\n  type: NodePort\n  port: 80\n  nodePort: {port}\n",
    "templates/deployment.yaml": """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: nginx
""",
    "templates/service.yaml": """apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-web
spec:
  type: {{ .Values.service.type }}
  selector: {app: web}
  ports:
    - port: {{ .Values.service.port }}
      nodePort: {{ .Values.service.nodePort }}
""",
}
"""A chart; ``{port}`` of its values is another number in each."""


class Cost(NamedTuple):
    """Seconds: of wall clock, and of processors."""

    wall: float
    work: float

    @classmethod
    def of(cls, run: Callable[[], object]) -> Cost:
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        run()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    def over(self, other: Cost) -> str:
        return f"{self.wall / other.wall:.2f} of wall clock and {self.work / other.work:.2f} of the processor's time"


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
        # No limit: after some of these nothing more is asked for.
        raise RenderError("load", "recorded")

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


def loop(commands: list[list[str]]) -> None:
    for command in commands:
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def command_of(root: str, helm: str, cache: Path) -> tuple[list[str], dict[str, str]]:
    """The whole check, and its environment."""
    program = [str(Path(sys.executable).parent / "nodeport-lint"), "check", "--isolated", root]
    return program, {"PATH": os.path.dirname(helm), "HOME": str(cache), "XDG_CACHE_HOME": str(cache)}


def check(root: str, helm: str, cache: Path) -> None:
    program, env = command_of(root, helm, cache)
    subprocess.run(program, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def least(costs: Iterable[Cost]) -> Cost:
    walls, works = zip(*costs, strict=True)
    return Cost(min(walls), min(works))


def counts(root: str, helm: str) -> None:
    report = lint(root, Config(), [], Run(rendering=Rendering("cli", os.path.dirname(helm))))
    found = report.statistics
    idle = found["charts"] - sum(found[f"charts_{state}"] for state in ("rendered", "in_part", "not_rendered"))
    print(
        f"{found['charts']} charts: {found['charts_rendered']} rendered whole, {found['charts_in_part']} in part, "
        f"{found['charts_not_rendered']} not; {idle} without node-port text or libraries"
    )


def measure(root: str, helm: str, rounds: int) -> None:
    version = subprocess.run([helm, "version", "--short"], capture_output=True, text=True, check=True).stdout
    print(f"helm {version.strip()}")
    counts(root, helm)
    with tempfile.TemporaryDirectory() as name:
        commands = prepare(root, helm, Path(name))
        costs = []
        for index in range(rounds):
            cache = Path(name) / f"cache-{index}"
            check_once = partial(check, root, helm, cache)
            costs.append((Cost.of(partial(loop, commands)), Cost.of(check_once), Cost.of(check_once)))
        most = [most_of(*command_of(root, helm, Path(name) / "cache")) for _ in range(2)]
    plain, cold, warm = map(least, zip(*costs, strict=True))
    print(f"{len(commands)} renders: loop {plain.wall:.2f} s")
    print(f"check {cold.wall:.2f} s, ratios {cold.over(plain)}")
    print(f"with a warm cache {warm.wall:.2f} s, ratios {warm.over(plain)}")
    for what, held in zip(("check", "with a warm cache"), most, strict=True):
        print(f"{what}: {held.own / 1e6:.0f} MB in its own process, {held.tree / 1e6:.0f} MB with all that it starts")


def make_small(directory: Path, count: int) -> str:
    for index in range(count):
        for path, text in SMALL.items():
            target = directory / f"web{index}" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text.replace("{port}", str(30080 + index)))
    return os.path.realpath(directory)


def main() -> None:
    helms = sys.argv[2:] or [shutil.which("helm") or ""]
    if len(sys.argv) > 1:
        for helm in helms:
            measure(os.path.realpath(sys.argv[1]), helm, ROUNDS)
        return
    for count in (1, 2):
        with tempfile.TemporaryDirectory() as name:
            measure(make_small(Path(name), count), helms[0], ROUNDS_OF_SMALL)


if __name__ == "__main__":
    main()
