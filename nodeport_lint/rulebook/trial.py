"""Runs the examples of rule pages: each must give exactly the findings that it marks.

A mark is a comment at the end of a line, ``# finding: message``, or the example has a fence titled
``findings`` with lines of the concise format. Only findings of the page's own rule count.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nodeport_lint.config import FILE_NAMES, Config, parse_config, parse_date
from nodeport_lint.expressions import expression
from nodeport_lint.formats import concise
from nodeport_lint.linter import Run, lint
from nodeport_lint.model import Confidence, Location, NodeportLintError, Region
from nodeport_lint.reading import NOT_RENDERED, Rendering
from nodeport_lint.rulebook.choice import choose_rules
from nodeport_lint.rulebook.examples import Example, examples
from nodeport_lint.rulebook.pages import Page, builtin_pages
from nodeport_lint.tree import KUSTOMIZATION_NAMES

_MARK = "# finding:"


class Failure(NamedTuple):
    """What an example gave and should not have, or the reverse; ``location`` is in the page."""

    location: Location
    message: str


def engines_needed(page: Page) -> list[str]:
    """``helm`` where an example holds a chart, ``kustomize`` where it holds a kustomization: without the engine it says
    nothing."""
    names = {os.path.basename(path) for example in examples(page) for path in example.files}
    needs = {"helm": {"Chart.yaml"}, "kustomize": {*KUSTOMIZATION_NAMES}}
    return [engine for engine, files in needs.items() if files & names]


def test_page(page: Page, rendering: Rendering = NOT_RENDERED) -> Iterator[Failure]:
    """Runs every example of a page, and sees to it that it has a bad and a good one."""
    found = examples(page)
    quiet = [example for example in found if not _expects(example)]
    if len(quiet) == len(found):
        yield Failure(Location(page.path), "no example has a finding: a rule needs one that fails")
    if not quiet:
        yield Failure(Location(page.path), "every example has a finding: a rule needs one that passes")
    for example in found:
        if example.heading.startswith("Good") and _expects(example):
            yield Failure(_place(page, example.line), f"the example {example.heading!r} must have no finding")
        yield from _test_example(page, example, rendering)


def _expects(example: Example) -> bool:
    fence = example.findings
    if fence is not None:
        return bool(fence.text.strip())
    return any(_marks(line) for text in example.files.values() for line in text.splitlines())


def _test_example(page: Page, example: Example, rendering: Rendering) -> Iterator[Failure]:
    got = run_example(page, example, rendering)
    fence = example.findings
    if fence is not None:
        expected = [line for line in fence.text.splitlines() if line.strip()]
        lines = [line for line in got.splitlines() if line.strip()]
        yield from (Failure(_place(page, fence.line), f"expected: {line}") for line in expected if line not in lines)
        yield from (
            Failure(_place(page, fence.line), f"not expected: {line}") for line in lines if line not in expected
        )
        return
    marked: dict[tuple[str, int, str], int] = {}
    for source in example.fences:
        for number, line in enumerate(source.text.splitlines()):
            for mark in _marks(line):
                marked[(source.title, number + 1, mark)] = source.line + number
    found = {(path, int(line), text) for path, line, text in _LINE.findall(got)}
    for key in sorted(marked.keys() - found):
        yield Failure(_place(page, marked[key]), f"expected at {key[0]}:{key[1]}: {key[2]}")
    for key in sorted(found - marked.keys()):
        yield Failure(_place(page, example.line), f"not expected at {key[0]}:{key[1]}: {key[2]}")


def _marks(line: str) -> list[str]:
    """The messages that a line marks."""
    return [mark.strip() for mark in line.split(_MARK)[1:] if mark.strip()]


_LINE = expression(r"^(.+?):(\d+):\d+: (?:error|warning|note): (.*) \[[a-z0-9-]+\]$", re.MULTILINE)


def run_example(page: Page, example: Example, rendering: Rendering) -> str:
    """The findings of an example in the concise format."""
    with tempfile.TemporaryDirectory(prefix="nodeport-lint-") as name:
        root = Path(name)
        try:
            for path, text in example.files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text, encoding="utf-8")
        except (OSError, ValueError) as error:
            place = _place(page, example.line)
            raise NodeportLintError(f"the files of the example cannot be written: {error}", place) from None
        config_text = next((example.files[name] for name in FILE_NAMES if name in example.files), None)
        config = Config() if config_text is None else parse_config(config_text, FILE_NAMES[0])
        # The other rules run too, so that a suppression of theirs is in use; only the page's own findings count.
        pages = {**builtin_pages(), page.id: page}
        others = [other for other in choose_rules(pages, config) if other.id != page.id]
        rules = [*choose_rules(pages, config, select=[page.id]), *others]
        day = next((fence.today for fence in example.fences if fence.today), None)
        today = parse_date(day) if day else None
        run = Run(min_confidence=Confidence.POSSIBLE, known=pages.keys(), today=today, rendering=rendering)
        report = lint(os.path.realpath(root), config, rules, run)
        own = tuple(finding for finding in report.findings if finding.rule == page.id)
        return concise.render(report._replace(findings=own))


def updated(page: Page, rendering: Rendering = NOT_RENDERED) -> str:
    """The page's text with every fence of findings rewritten to what its example gives."""
    lines = page.text.splitlines(keepends=True)
    for example in reversed(examples(page)):
        fence = example.findings
        if fence is not None:
            first = fence.line - 1
            last = first + len(fence.text.splitlines())
            lines[first:last] = [f"{line}\n" for line in run_example(page, example, rendering).splitlines()]
    return "".join(lines)


def _place(page: Page, line: int) -> Location:
    return Location(page.path, Region.within(line, 0, 0))
