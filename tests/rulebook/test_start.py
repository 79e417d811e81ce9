"""What a run that finds nothing spends on rules: nothing, however many there are. And what it tells all the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nodeport_lint.config import Config
from nodeport_lint.linter import lint
from nodeport_lint.rulebook.choice import choose_rules
from nodeport_lint.rulebook.pages import builtin_directory, builtin_pages
from tests.command import run
from tests.make import write_tree

WORK = """
import json, os, re._compiler, sys
from nodeport_lint.rulebook import pages

rules, root = sys.argv[1:]
spent = {"pages": [], "expressions": [], "ours": [], "modules": []}
pages.builtin_directory = lambda: rules
compile = re._compiler.compile

def compiled(expression, *given):
    spent["expressions"].append(str(expression))
    frame = sys._getframe(1)
    while frame.f_globals["__name__"].split(".")[0] == "re":
        frame = frame.f_back
    if frame.f_globals["__name__"].startswith("nodeport_lint"):
        spent["ours"].append(str(expression))
    return compile(expression, *given)

def seen(event, given):
    if event == "open" and str(given[0]).startswith(rules + os.sep):
        spent["pages"].append(str(given[0]))
    elif event == "import":
        spent["modules"].append(given[0])

re._compiler.compile = compiled
sys.addaudithook(seen)
from nodeport_lint.cli import main

sys.argv = ["nodeport-lint", "check", "--no-cache", root]
try:
    main()
except SystemExit as end:
    print(json.dumps({**spent, "status": end.code}))
"""
"""A whole check with the pages of a directory for the built-in ones: pages opened, expressions compiled
(``ours``: by this package), modules."""


def work(rules: Path, root: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(rules), str(root)], capture_output=True, text=True, check=True,
        env={**os.environ, "PATH": ""},
    )  # fmt: skip
    spent: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return spent


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The built-in pages, and each of them twice."""
    once, twice = (tmp_path_factory.mktemp(name).resolve() for name in ("once", "twice"))
    for name in builtin_pages():
        page = Path(builtin_directory(), f"{name}.md")
        shutil.copy(page, once)
        shutil.copy(page, twice)
        shutil.copy(page, twice / f"{name}-again.md")
    return once, twice


CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort, ports: [{port: 80}]}\n"


@pytest.mark.parametrize("files", [{}, {"README.md": "# Nothing"}, {"web.yaml": CONFIG_MAP}])
def test_a_run_that_finds_nothing_reads_no_page(
    files: dict[str, str], tmp_path: Path, sizes: tuple[Path, Path]
) -> None:
    write_tree(tmp_path, files)
    once, twice = (work(rules, tmp_path) for rules in sizes)
    assert once["pages"] == []
    assert once["status"] == 0
    assert once == twice


def test_and_one_that_finds_something_reads_each_once(tmp_path: Path, sizes: tuple[Path, Path]) -> None:
    write_tree(tmp_path, {"web.yaml": SERVICE})
    for rules in sizes:
        assert sorted(work(rules, tmp_path)["pages"]) == sorted(map(str, rules.iterdir()))


def test_a_run_that_finds_nothing_compiles_no_expression_of_ours(tmp_path: Path, sizes: tuple[Path, Path]) -> None:
    spent = work(sizes[0], tmp_path)
    assert spent["expressions"]
    assert spent["ours"] == []


def test_the_built_in_rules_find_nothing_where_nothing_was_found(tmp_path: Path) -> None:
    """Why their pages need not be read then: each of them runs here, over objects that ask for no port."""
    write_tree(tmp_path, {"web.yaml": CONFIG_MAP})
    rules = list(choose_rules(builtin_pages(), Config(), select=list(builtin_pages())))
    assert len(rules) == len(builtin_pages())
    assert lint(str(tmp_path), Config(), rules).findings == ()


OWN = "---\ncheck: {check}\nseverity: {severity}\n---\n\n# A page\n"


@pytest.mark.parametrize(
    ("files", "options", "told"),
    [
        ({".nodeport-lint.yaml": "rules: {no-such-rule: off}"}, [], "unknown rule 'no-such-rule'"),
        ({}, ["--select", "no-such-rule"], "unknown rule 'no-such-rule'"),
        ({}, ["--ignore-rule", "no-such-rule"], "unknown rule 'no-such-rule'"),
        (
            {".nodeport-lint.yaml": "rules: {expired-suppression: {options: {kind: [x]}}}"},
            [], "unknown option 'kind' of check 'problem'",
        ),
        (
            {".nodeport-lint.yaml": "rules: {node-port-service: {options: {select: '$[?(@.a =~ \"b\")]'}}}"},
            [], "may not use =~",
        ),
        (
            {".nodeport-lint.yaml": "extra-rules: [own]", "own/a-b.md": OWN.format(check="fixed", severity="bad")},
            [], "severity must be one of",
        ),
        (
            {".nodeport-lint.yaml": "extra-rules: [own]", "own/a-b.md": OWN.format(check="fixd", severity="error")},
            [], "unknown check 'fixd'",
        ),
        (
            {".nodeport-lint.yaml": "extra-rules: [own]", "own/node-port-service.md": OWN.format(check="fixed", severity="note")},
            [], "there is a rule 'node-port-service' already, in <built in>/node-port-service.md",
        ),
    ],
)  # fmt: skip
def test_mistakes_are_told_before_anything_is_found(
    files: dict[str, str], options: list[str], told: str, tmp_path: Path
) -> None:
    """Of names, of settings and of pages that are not built in."""
    write_tree(tmp_path, files)
    done = run("check", *options, str(tmp_path))
    assert done.returncode == 2
    assert told in done.stderr
