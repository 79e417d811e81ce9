"""The user's helm is asked what it is while charts are read: once, only where it is not known, and never for long."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from nodeport_lint.config import Config
from nodeport_lint.engines import child
from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.outcome import Outcome
from nodeport_lint.helm import reader
from nodeport_lint.helm.engines import AskedAhead
from nodeport_lint.linter import Run, lint
from nodeport_lint.model import NodeportLintError, Rule, Rules
from tests.components import rendering
from tests.make import WEB, lint_tree, write_tree

pytestmark = pytest.mark.skipif(os.name != "posix", reason="programs of these tests are scripts of a shell")


def program(directory: Path, does: str) -> str:
    """A PATH on which helm is a script."""
    directory.mkdir()
    path = directory / "helm"
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
    return str(directory)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by the arguments of every program that is started, without its path."""
    found: list[str] = []
    original = child.start

    def start(arguments: list[str], *given: object, **named: object) -> object:
        found.append(" ".join(arguments[1:3]))
        return original(arguments, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(child, "start", start)
    return found


def test_it_is_asked_once(tmp_path: Path, started: list[str]) -> None:
    search = program(tmp_path / "bin", "echo v4.1.0")
    ahead = AskedAhead("auto", search, str(tmp_path / "root"), Cache(None))
    assert started == ["version --template"]
    chosen = ahead.choose()
    assert chosen.engine is not None
    assert chosen.engine.id == "helm/v4.1.0"
    chosen.engine.close()
    ahead.close()
    assert started == ["version --template"]


def test_and_not_again_where_it_is_known(tmp_path: Path, started: list[str]) -> None:
    search, cache = program(tmp_path / "bin", "echo v4.1.0"), Cache(str(tmp_path / "cache"))
    for _ in range(2):
        ahead = AskedAhead("cli", search, str(tmp_path / "root"), cache)
        chosen = ahead.choose()
        assert chosen.engine is not None
        chosen.engine.close()
        ahead.close()
    assert started == ["version --template"]


@pytest.mark.parametrize("kind", ["none", "sdk"])
def test_nor_for_another_engine(kind: str, tmp_path: Path, started: list[str]) -> None:
    AskedAhead(kind, program(tmp_path / "bin", "echo v4.1.0"), str(tmp_path / "root"), Cache(None)).close()
    assert started == []


def test_nor_what_lies_in_the_tree(tmp_path: Path, started: list[str]) -> None:
    AskedAhead("auto", program(tmp_path / "bin", "echo v4.1.0"), str(tmp_path), Cache(None)).close()
    assert started == []


def test_where_nobody_chooses_it_is_ended(tmp_path: Path) -> None:
    """Long before it would end, and with the directories that were made for it."""
    before = set(child._LIVE)
    ahead = AskedAhead("cli", program(tmp_path / "bin", "exec sleep 60"), str(tmp_path / "root"), Cache(None))
    assert ahead.asked is not None
    process = ahead.asked.running.process
    assert process in child._LIVE
    ahead.close()
    assert process.returncode is not None
    assert process.returncode != 0
    assert before == child._LIVE


def test_what_does_not_answer_as_helm_is_told_when_somebody_chooses(tmp_path: Path) -> None:
    ahead = AskedAhead("cli", program(tmp_path / "bin", "echo nothing"), str(tmp_path / "root"), Cache(None))
    with pytest.raises(NodeportLintError, match="does not answer as helm does"):
        ahead.choose()
    ahead.close()


def test_a_tree_without_charts_starts_nothing(tmp_path: Path, started: list[str]) -> None:
    write_tree(tmp_path, {"web.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"})
    lint_tree(tmp_path, rendering=rendering("helm4"))
    assert started == []


@pytest.mark.parametrize("count", [1, 2])
def test_a_small_chart_is_rendered_twice(count: int, tmp_path: Path, started: list[str]) -> None:
    """As it is, and with another number, which shows where the one comes from; the version is asked once for all."""
    for index in range(count):
        chart = {path.replace("web/", f"web{index}/"): text for path, text in WEB.items()}
        write_tree(tmp_path, {**chart, f"web{index}/values.yaml": f"nodePort: {30080 + index}\n"})
    report = lint_tree(tmp_path, rendering=rendering("helm4"))
    assert report.statistics["node_ports"] == count
    assert started.count("version --template") == 1
    assert sum(arguments.startswith("template ") for arguments in started) == 2 * count
    assert len(started) == 1 + 2 * count


def test_the_rules_are_read_while_it_renders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The render waits for the rules here: one after the other, it would wait in vain."""
    write_tree(tmp_path, WEB)
    read, waited = threading.Event(), list[bool]()

    def every() -> list[Rule]:
        read.set()
        return []

    def rendered(*_: object) -> Outcome:
        waited.append(read.wait(10))
        return Outcome([], [])

    monkeypatch.setattr(reader, "render_set", rendered)
    lint(str(tmp_path), Config(), Rules((), every), Run(rendering=rendering("helm4")))
    assert waited == [True]
