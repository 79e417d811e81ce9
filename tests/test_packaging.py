"""What is installed: the wheel and the source archive hold the rules, and both run."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def build(target: str, directory: Path, source: Path = ROOT) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(directory)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (made,) = directory.iterdir()
    return made


def check_fixture(wheel: Path, directory: Path) -> str:
    """Installs the wheel alone, away from the checkout, and runs it on a fixture."""
    venv.create(directory, with_pip=False)
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--disable-pip-version-check", "--target", str(directory / "site"), str(wheel)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    needed = [path for path in sys.path if path.endswith("site-packages")]
    run = subprocess.run(
        [str(directory / "bin" / "python"), "-c", "import nodeport_lint, sys; sys.argv[0] = 'nodeport-lint'; print(nodeport_lint.__file__, file=sys.stderr)\nfrom nodeport_lint.cli import main; main()", "check", "--helm-engine", "none", "--format", "concise"],
        cwd=ROOT / "fixtures" / "plain-conflicts" / "repo",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join([str(directory / "site"), *needed])},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert run.stderr.startswith(str(directory / "site")), "the wheel must run, not the checkout"
    assert run.returncode == 1, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def expected() -> str:
    return (ROOT / "fixtures" / "plain-conflicts" / "expected.concise").read_text(encoding="utf-8")


def test_the_wheel_runs(tmp_path: Path, expected: str) -> None:
    assert check_fixture(build("wheel", tmp_path / "dist"), tmp_path / "env") == expected


def test_the_source_archive_makes_the_same_wheel(tmp_path: Path, expected: str) -> None:
    archive = build("sdist", tmp_path / "sdist")
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(tmp_path / "source", filter="data")
        else:
            tar.extractall(tmp_path / "source")
    (source,) = (tmp_path / "source").iterdir()
    assert check_fixture(build("wheel", tmp_path / "dist", source), tmp_path / "env") == expected


def test_an_install_without_rules_does_not_look_green(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from nodeport_lint.model import NodeportLintError
    from nodeport_lint.rulebook import pages as rulefile

    monkeypatch.setattr(rulefile, "builtin_directory", lambda: str(tmp_path))
    with pytest.raises(NodeportLintError, match="holds no rule pages"):
        rulefile.builtin_pages.__wrapped__()
