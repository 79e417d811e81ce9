"""What several test modules need: a repository on disk, and a run over it."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings

from nodeport_lint.config import Config
from nodeport_lint.linter import Run, lint
from nodeport_lint.model import Confidence, Report
from nodeport_lint.reading import NOT_RENDERED, Rendering
from nodeport_lint.rulebook.choice import choose_rules
from nodeport_lint.rulebook.pages import builtin_pages

# The same examples in every run: a red build means a change, not luck. HYPOTHESIS_PROFILE=default explores.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

Lint = Callable[..., Report]


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Writes the files below ``root``; text goes out as UTF-8 with its line ends as they are."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())


def lint_tree(
    root: Path,
    config: Config | None = None,
    min_confidence: Confidence = Confidence.POSSIBLE,
    only: tuple[str, ...] = (),
    profile: str = "default",
    today: date | None = None,
    rendering: Rendering = NOT_RENDERED,
) -> Report:
    """The report of the built-in rules on what lies below ``root``."""
    config = config or Config()
    rules = choose_rules(builtin_pages(), config, profile)
    run = Run(only, min_confidence, known=builtin_pages().keys(), today=today, rendering=rendering)
    return lint(str(root.resolve()), config, rules, run)


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
