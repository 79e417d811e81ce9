"""What several test modules need: a repository on disk, and a run over it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings

from nodeport_lint.config import Config
from nodeport_lint.linter import Run, choose_rules, lint
from nodeport_lint.model import Confidence, Report
from nodeport_lint.reading import NOT_RENDERED, Rendering
from nodeport_lint.rulefile import builtin_pages

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
def lint_files(tmp_path: Path) -> Lint:
    """Writes files and reports on them: ``lint_files({"a.yaml": "..."}, config=..., only=...)``."""

    def run(files: Mapping[str, str | bytes], **options: object) -> Report:
        write_tree(tmp_path, files)
        return lint_tree(tmp_path, **options)  # type: ignore[arg-type]

    return run
