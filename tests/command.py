"""Runs the program as a user does: a process of its own, with a scrubbed environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_KEPT = ("PATH", "HOME", "PYTHONPATH", "SYSTEMROOT")


def run(
    *arguments: str, cwd: Path | str | None = None, timeout: float = 60, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Status, standard output and error of ``nodeport-lint ARGUMENTS``."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "from nodeport_lint.cli import main; main()", *arguments],
        cwd=cwd,
        env={**kept, **(environment or {})},
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
