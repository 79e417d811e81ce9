"""The door to the files: what lies outside is never opened, and no chain of links ends the run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nodeport_lint.tree.files import DIRECTORY, FILE, NOTHING, OUTSIDE, OnDisk
from tests.make import write_tree


def chained(root: Path, name: str, links: int, target: str) -> None:
    """As many links, of which each leads to the one before; the last is called ``name``."""
    for index in range(links):
        called = name if index == links - 1 else f"{name}{index}"
        os.symlink(target, root / called)
        target = called


@pytest.fixture
def files(tmp_path: Path) -> OnDisk:
    root = tmp_path / "root"
    write_tree(tmp_path, {"root/a": "a", "root/d/b": "b", "outside/c": "CANARY"})
    chained(root, "short", 30, "a")
    chained(root, "long", 3000, "a")
    chained(root, "far", 3000, "d")
    links = {"in": "d/b", "dir": "d", "out": "../outside/c", "beyond": "../outside", "hop": "out", "none": "../no"}
    for name, target in {**links, "self": "self", "zero": "/dev/zero"}.items():
        os.symlink(target, root / name)
    os.mkfifo(root / "pipe")
    return OnDisk(str(root))


@pytest.mark.parametrize(
    ("path", "kind", "target", "text"),
    [
        ("a", FILE, "a", b"a"), ("in", FILE, "d/b", b"b"), ("dir/b", FILE, "d/b", b"b"), ("short", FILE, "a", b"a"),
        ("dir", DIRECTORY, "d", None), ("pipe", NOTHING, "pipe", None), ("nowhere", NOTHING, None, None),
        ("out", OUTSIDE, None, None), ("hop", OUTSIDE, None, None), ("beyond/c", OUTSIDE, None, None),
        ("zero", OUTSIDE, None, None), ("none", OUTSIDE, None, None), ("../outside/c", OUTSIDE, None, None),
        ("self", OUTSIDE, None, None), ("long", OUTSIDE, None, None), ("far", OUTSIDE, None, None),
        ("far/b", OUTSIDE, None, None),
    ],
)  # fmt: skip
def test_only_files_below_the_root_are_read(
    files: OnDisk, path: str, kind: str, target: str | None, text: bytes | None
) -> None:
    assert files.kind(path) == kind
    assert files.target(path) == target
    assert files.is_plain(path) is (path == "a")
    if text is None:
        with pytest.raises(OSError, match=r"out of the repository|no file|No such|Too many levels"):
            files.read(path, 10)
    else:
        assert files.read_sized(path, 10) == (text, 1)


def test_below_the_top_of_all_files_a_link_to_nothing_leads_nowhere(tmp_path: Path) -> None:
    os.symlink("nowhere", tmp_path / "link")
    os.symlink(tmp_path, tmp_path / "here")
    place = str(tmp_path.resolve()).lstrip("/")
    assert OnDisk("/").target(f"{place}/link") is None
    assert OnDisk("/").target(f"{place}/here") == place
