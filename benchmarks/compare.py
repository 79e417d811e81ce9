"""nodeport-lint against yamllint, as ratios of wall time in one run.

    python benchmarks/compare.py [DIRECTORY | COUNT]

Without a directory, COUNT (2,000) files of one Service each are made in a temporary one. Three lines come out:
``check`` against ``yamllint -d relaxed`` over the same files, the same with the pure parser, and ``check``
on an empty directory against ``yamllint --version``. Runs alternate and the fastest of each counts, since
other work on the machine only ever adds time. Needs yamllint and nodeport-lint beside this Python, both with
their compiled modules, as an install leaves them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SERVICE = """apiVersion: v1
kind: Service
metadata:
  name: web-{index}
  namespace: shop
  labels:
    app.kubernetes.io/name: web
    app.kubernetes.io/part-of: shop
spec:
  type: NodePort
  selector:
    app.kubernetes.io/name: web
  ports:
    - name: http
      protocol: TCP
      port: 80
      targetPort: 8080
      nodePort: {port}
"""
FILES = 2000
ROUNDS, ROUNDS_OF_START = 5, 25
BIN = Path(sys.executable).parent
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
# The C parser is found by import; a meta path finder that refuses it leaves the pure one.
WITHOUT_C = (
    "import sys; sys.modules['_ruamel_yaml'] = None; sys.argv[0] = 'nodeport-lint'; "
    "from nodeport_lint.cli import main; main()"
)


def make_files(directory: Path, count: int) -> None:
    for index in range(count):
        path = directory / f"team-{index % 40}" / f"web-{index}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(SERVICE.format(index=index, port=30000 + index % 20_000))


def seconds(command: list[str], directory: Path) -> float:
    start = time.perf_counter()
    run = subprocess.run(
        command, cwd=directory, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    if run.returncode not in (0, 1):
        raise SystemExit(f"{command}: status {run.returncode}: {run.stderr.decode()}")
    return time.perf_counter() - start


def compare(name: str, ours: list[str], theirs: list[str], directory: Path, rounds: int = ROUNDS) -> None:
    pairs = [(seconds(ours, directory), seconds(theirs, directory)) for _ in range(rounds)]
    mine, other = (min(times) for times in zip(*pairs, strict=True))
    print(f"{name}: {mine:.3f} s against {other:.3f} s, ratio {mine / other:.2f}")


def main() -> None:
    check, yamllint = [str(BIN / "nodeport-lint"), "check"], str(BIN / "yamllint")
    with tempfile.TemporaryDirectory() as name:
        given = sys.argv[1] if len(sys.argv) > 1 else str(FILES)
        directory = Path(name if given.isdigit() else given)
        if given.isdigit():
            make_files(directory, int(given))
        relaxed = [yamllint, "-d", "relaxed", "."]
        compare("check / yamllint -d relaxed", check, relaxed, directory)
        compare(
            "check, pure parser / yamllint -d relaxed", [sys.executable, "-c", WITHOUT_C, "check"], relaxed, directory
        )
    with tempfile.TemporaryDirectory() as name:
        version = [yamllint, "--version"]
        compare("check on nothing / yamllint --version", check, version, Path(name), ROUNDS_OF_START)


if __name__ == "__main__":
    main()
