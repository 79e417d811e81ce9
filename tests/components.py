"""Real components that some tests run: skipped where they are missing, failed where CI requires them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

NODE_MODULES = Path(__file__).parent.parent / "build" / "consumers" / "node_modules"


def _missing(what: str) -> None:
    if os.environ.get("NODEPORT_LINT_REQUIRE"):
        pytest.fail(f"{what} is required here and missing")
    pytest.skip(f"{what} is not installed")


def command(name: str) -> str:
    """The path of a program. ``.ci/run`` puts them on PATH."""
    path = shutil.which(name)
    if path is None:
        _missing(name)
    assert path is not None
    return path


def node_module(name: str) -> Path:
    """The directory of an npm package. ``.ci/run`` installs them in build/consumers."""
    path = NODE_MODULES / name
    if not path.is_dir():
        _missing(f"the npm package {name}")
    return path
