"""Whole small repositories with golden outputs, compared in full.

``UPDATE_GOLDEN=1 pytest tests/test_fixtures.py`` rewrites the expected files; read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from nodeport_lint import __version__
from tests.command import run
from tests.components import helm, kubectl

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted(path.parent.name for path in FIXTURES.glob("*/repo"))
FORMATS = {"expected.txt": "text", "expected.concise": "concise", "expected.json": "json", "expected.sarif": "sarif"}


def test_there_are_cases() -> None:
    assert CASES


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", FORMATS)
def test_golden(case: str, name: str) -> None:
    expected = FIXTURES / case / name
    engine = ("--helm-engine", "cli", "--no-cache") if case == "charts" else ("--helm-engine", "none")
    environment = {"PATH": os.path.dirname(helm() if case == "charts" else kubectl())}
    result = run("check", *engine, "--format", FORMATS[name], cwd=FIXTURES / case / "repo", environment=environment)
    notices = [
        line for line in result.stderr.splitlines() if name == "expected.concise" and line.startswith("notice: ")
    ]
    assert result.stderr.splitlines() == notices
    output = result.stdout.replace(f'"{__version__}"', '"VERSION"')
    # Which version rendered, and what this machine holds round it.
    output = re.sub(r'("engines": \[\n    \{).*?(\}\n  \])', r"\1 ... \2", output, flags=re.DOTALL)
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(output, encoding="utf-8")
    assert output == expected.read_text(encoding="utf-8")
