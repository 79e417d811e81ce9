"""The kustomizations of a repository: how many render, and what the check costs against a loop of ``kustomize``.

    python benchmarks/kustomizations.py DIRECTORY [KUBECTL_OR_KUSTOMIZE]

Counts first; then the wall time of the whole check without a cache and with a warm one, and of a loop that builds
every root of the repository with the same program, one after another; then the peak memory of the check and of its
largest child. The check builds only roots whose files speak of node ports; the loop is timed over these, too.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nodeport_lint.config import Config
from nodeport_lint.engines.speaking import speaks_of_node_ports
from nodeport_lint.kustomize.closures import told_apart
from nodeport_lint.linter import Run, lint
from nodeport_lint.reading import Rendering
from nodeport_lint.tree import read_tree

ROUNDS = 3


def build(program: str, directory: str) -> bool:
    verb = ["build"] if os.path.basename(program) == "kustomize" else ["kustomize"]
    env = {"PATH": "", "HOME": "/nonexistent", "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    return (
        subprocess.run(
            [program, *verb, directory], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        ).returncode
        == 0
    )


def loop(program: str, root: str, directories: list[str]) -> tuple[float, int]:
    start = time.perf_counter()
    good = sum(build(program, os.path.join(root, directory)) for directory in directories)
    return time.perf_counter() - start, good


def check(root: str, program: str, cache: str) -> float:
    command = [str(Path(sys.executable).parent / "nodeport-lint"), "check", "--isolated", "--helm-engine", "none", root]
    env = {"PATH": os.path.dirname(program), "HOME": cache, "XDG_CACHE_HOME": cache}
    start = time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def main() -> None:
    root = os.path.realpath(sys.argv[1])
    program = sys.argv[2] if len(sys.argv) > 2 else shutil.which("kustomize") or shutil.which("kubectl") or ""
    closures = told_apart(read_tree(root)).closures
    roots = list(closures.roots)
    speaking = [
        one
        for one in roots
        if any(speaks_of_node_ports((Path(root) / path).read_bytes()) for path in closures.files(one))
    ]
    report = lint(root, Config(), [], Run(rendering=Rendering("none", os.path.dirname(program), kustomize=True)))
    found = report.statistics
    whole, part = found["kustomizations_rendered"], found["kustomizations_in_part"]
    failed = found["kustomizations_not_rendered"]
    print(f"{len(roots)} roots: {len(speaking)} speak of node ports, {whole} rendered, {part} in part, {failed} not")
    with tempfile.TemporaryDirectory() as name:
        times = []
        for index in range(ROUNDS):
            cache = f"{name}/{index}"
            all_roots, good = loop(program, root, roots)
            some, _ = loop(program, root, speaking)
            times.append((all_roots, some, check(root, program, cache), check(root, program, cache)))
    every, some, cold, warm = (min(column) for column in zip(*times, strict=True))
    print(f"loop over all roots {every:.2f} s ({good} build), over those that speak of node ports {some:.2f} s")
    ratios = f"{cold / every:.2f} and {warm / every:.2f}"
    print(f"check {cold:.2f} s, with a warm cache {warm:.2f} s; against all roots {ratios}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory: {peak:.0f} MB for the largest process")


if __name__ == "__main__":
    main()
