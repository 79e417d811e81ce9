"""Random kustomizations against kustomize, with canaries outside of the tree: how many were built, and what was opened.

    python benchmarks/differential.py KUBECTL TREES [SEED] [--fence]

Without ``--fence`` the kernel holds nothing, and our reading is alone. Status 1 where a canary was opened.
"""

from __future__ import annotations

import contextlib
import http.server
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from nodeport_lint.config import Config
from nodeport_lint.engines import child
from nodeport_lint.linter import Run, lint
from nodeport_lint.reading import Rendering
from tests.kustomize.trees import CANARIES, trees

OLD = 1_000_000_000


class Server(http.server.BaseHTTPRequestHandler):
    """Nobody may ask it."""

    asked = 0

    def do_GET(self) -> None:
        Server.asked += 1
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The address of a server on loopback."""
    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def main() -> int:
    fenced = "--fence" in sys.argv
    kubectl, count, *rest = (word for word in sys.argv[1:] if word != "--fence")
    seed = int(rest[0]) if rest else 1_000_000
    if not fenced:
        child.needs_of = lambda program: None
    how = Rendering("none", os.path.dirname(os.path.abspath(kubectl)), kustomize=True)
    built = opened = 0
    with tempfile.TemporaryDirectory() as top, served() as address:
        outside, root = Path(top, "outside"), Path(top, "tree")
        outside.mkdir()
        for name, text in CANARIES.items():
            (outside / name).write_text(text)
        for number, files in enumerate(trees(seed, int(count), outside, address)):
            shutil.rmtree(root, ignore_errors=True)
            for path, text in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(text if isinstance(text, bytes) else text.encode())
            for name in CANARIES:
                os.utime(outside / name, ns=(OLD, OLD))
            asked = Server.asked
            found = lint(str(root), Config(), [], Run(rendering=how)).statistics
            built += found["kustomizations_rendered"] + found["kustomizations_in_part"]
            if Server.asked != asked or any((outside / name).stat().st_atime_ns != OLD for name in CANARIES):
                opened += 1
                print(f"seed {seed + number}: opened: {files}")
    print(f"{count} trees, {built} built, {opened} read outside, {'with' if fenced else 'without'} the fence")
    return 1 if opened else 0


if __name__ == "__main__":
    sys.exit(main())
