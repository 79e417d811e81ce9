"""What a repository calls itself, whichever line ends its README has."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeport_lint.clusters.titles import titles_of
from nodeport_lint.tree.files import OnDisk
from tests.make import write_tree


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "lines", [["A course", "========"], ["", "# A course", "x"], ["x", "", "## A course"], ["<h1>A course</h1>"]]
)
def test_headings(tmp_path: Path, lines: list[str], end: str) -> None:
    write_tree(tmp_path, {"platform/README.md": end.join([*lines, ""])})
    assert titles_of(OnDisk(str(tmp_path / "platform"))) == ("platform", "A course")
