"""The examples of a rule page: all titled fences under one heading are the files of one small repository."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from nodeport_lint.expressions import expression
from nodeport_lint.model import Location, NodeportLintError
from nodeport_lint.rulebook.pages import Page


class Fence(NamedTuple):
    """One fenced block: ``line`` is the page's line of its first content line (1-based)."""

    title: str
    text: str
    line: int
    today: str = ""
    """The day on which the example runs, for what depends on it."""


class Example(NamedTuple):
    """The titled fences under one heading: a small repository, and the findings expected of it."""

    heading: str
    line: int
    fences: tuple[Fence, ...]

    @property
    def files(self) -> dict[str, str]:
        """Path to text; the fence of expected findings is none of them."""
        return {fence.title: fence.text for fence in self.fences if fence.title != FINDINGS}

    @property
    def findings(self) -> Fence | None:
        """The fence of expected findings, in lines of the concise format."""
        return next((fence for fence in self.fences if fence.title == FINDINGS), None)


FINDINGS = "findings"
_HEADING = expression(r"(#{1,6}) +(\S.*)$")
_FENCE = expression(r"(`{3,}|~{3,})\s*([\w+-]*)(.*)$")
_FENCE_TITLE = expression(r'title="([^"]*)"')
_FENCE_TODAY = expression(r'today="(\d{4}-\d\d-\d\d)"')


def examples(page: Page) -> list[Example]:
    """The examples of a page in its order. Raises NodeportLintError for a path that leaves the example."""
    found: list[Example] = []
    for heading, line, fences in _sections(page.text):
        titled = tuple(fence for fence in fences if fence.title)
        if not titled:
            continue
        for fence in titled:
            if os.path.isabs(fence.title) or ".." in fence.title.split("/") or "\\" in fence.title:
                raise NodeportLintError(
                    f"the title {fence.title!r} is not a path inside the example", Location(page.path)
                )
        found.append(Example(heading, line, titled))
    return found


def _sections(text: str) -> Iterator[tuple[str, int, list[Fence]]]:
    heading, heading_line, fences = "", 1, list[Fence]()
    mark, opened = "", Fence("", "", 0)
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if mark:
            if line.startswith(mark) and not line.strip(mark[0] + " "):
                fences.append(opened._replace(text="".join(f"{content}\n" for content in lines)))
                mark = ""
            else:
                lines.append(line)
            continue
        fence, title = _FENCE.match(line), _HEADING.match(line)
        if fence is not None:
            name, today = _FENCE_TITLE.search(fence[3]), _FENCE_TODAY.search(fence[3])
            mark, lines = fence[1], []
            opened = Fence(name[1] if name else "", "", number + 1, today[1] if today else "")
        elif title is not None:
            yield heading, heading_line, fences
            heading, heading_line, fences = title[2].strip(), number, []
    yield heading, heading_line, fences
