"""Real components that some tests run: skipped where they are missing, failed where CI requires them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

from nodeport_lint.reading import Rendering

BUILD = Path(__file__).parent.parent / "build"
NODE_MODULES = BUILD / "consumers" / "node_modules"
ENGINES = ("helm3", "helm4", "sdk")
"""What renders charts: the two living versions of helm, and the embedded engine."""
KUBECTLS = ("helm3", "helm4")
"""What builds kustomizations: the packages of helm 3 and 4 carry kubectl with kustomize 5.4 and 5.7."""


def _missing(what: str) -> None:
    if os.environ.get("NODEPORT_LINT_REQUIRE"):
        pytest.fail(f"{what} is required here and missing")
    pytest.skip(f"{what} is not installed")


def _processes() -> None:
    """Python for WebAssembly starts none."""
    if sys.platform == "emscripten":
        pytest.skip("there are no processes here")


def command(name: str) -> str:
    """The path of a program. ``.ci/run`` puts them on PATH."""
    _processes()
    path = shutil.which(name)
    if path is None:
        _missing(name)
    assert path is not None
    return path


def helm(name: str = "helm4") -> str:
    """The path of ``helm``, version 3 or 4. ``.ci/run`` puts them in build/."""
    _processes()
    path = BUILD / name / "helm" / "helm"
    if path.is_file():
        return str(path)
    found = shutil.which("helm")
    if found is None or name == "helm3":
        _missing(name)
    return str(found)


def kubectl(name: str = "helm4") -> str:
    """The path of ``kubectl`` beside helm 3 (kustomize 5.4) or helm 4 (5.7), or an old one of helm24 (4.5)."""
    _processes()
    path = BUILD / name / "kubectl" / "kubectl"
    if path.is_file():
        return str(path)
    found = shutil.which("kubectl")
    if found is None or name != "helm4":
        _missing(f"the kubectl of {name}")
    return str(found)


def rendering(engine: str = "helm4", cache: str | None = None) -> Rendering:
    """How a run renders charts with one of ENGINES."""
    if engine != "sdk":
        return Rendering("cli", os.path.dirname(helm(engine)), cache)
    if importlib.util.find_spec("helm_python") is None:
        _missing("the extra nodeport-lint[helm]")
    return Rendering("sdk", "", cache)


def kustomizing(version: str = "helm4", cache: str | None = None) -> Rendering:
    """How a run builds kustomizations with one of KUBECTLS, and renders no charts."""
    return Rendering("none", os.path.dirname(kubectl(version)), cache, kustomize=True)


def node_module(name: str) -> Path:
    """The directory of an npm package. ``.ci/run`` installs them in build/consumers."""
    path = NODE_MODULES / name
    if not path.is_dir():
        _missing(f"the npm package {name}")
    return path
