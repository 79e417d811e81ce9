"""Fixtures that several test modules ask for. What they build is in ``make.py``."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

from nodeport_lint.model import Report
from tests.make import Lint, lint_tree, write_tree

# The same examples in every run: a red build means a change, not luck. HYPOTHESIS_PROFILE=default explores.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """Host and port of a server on loopback that gives everybody a Service, and what was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"apiVersion: v1\nkind: Service\nmetadata: {name: served}\n")
            self.wfile.write(b"spec: {type: NodePort, ports: [{port: 80, nodePort: 31999}]}\n")

        def log_message(self, *_: object) -> None:
            return

    served = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{served.server_port}", asked
    served.shutdown()
    served.server_close()


@pytest.fixture
def lint_files(tmp_path: Path) -> Lint:
    """Writes files and reports on them: ``lint_files({"a.yaml": "..."}, config=..., only=...)``."""

    def run(files: Mapping[str, str | bytes], **options: object) -> Report:
        write_tree(tmp_path, files)
        return lint_tree(tmp_path, **options)  # type: ignore[arg-type]

    return run
