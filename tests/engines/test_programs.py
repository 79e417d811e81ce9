"""Programs are asked once what they are; what else lies under their key is no answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.programs import version
from nodeport_lint.model.render import RenderError


class Program:
    """A program that answers inside the fence, or only outside; ``asked``: whether it was inside, each time."""

    def __init__(self, inside: bool = True) -> None:
        self.inside, self.asked = inside, list[bool]()

    def __call__(self, command: str, fenced: bool) -> str:
        self.asked.append(fenced)
        if fenced and not self.inside:
            raise RenderError("load", f"{command} does not answer")
        return "v1"


@pytest.fixture
def command(tmp_path: Path) -> str:
    path = tmp_path / "program"
    path.write_text("x")
    return str(path)


def test_an_answer_is_kept_while_the_program_stays(tmp_path: Path, command: str) -> None:
    program, cache = Program(), Cache(str(tmp_path / "cache"))
    assert [version(command, program, cache) for _ in range(2)] == [("v1", True)] * 2
    assert program.asked == [True]
    Path(command).write_text("another")
    assert version(command, program, cache) == ("v1", True)
    assert program.asked == [True, True]


def test_an_answer_outside_of_the_fence_is_not_kept(tmp_path: Path, command: str) -> None:
    program, cache = Program(inside=False), Cache(str(tmp_path / "cache"))
    assert [version(command, program, cache) for _ in range(2)] == [("v1", False)] * 2
    assert program.asked == [True, False] * 2


@pytest.mark.parametrize("wrong", [None, 1, "v1", [], ["v1"], ["v1", 1], [1, True], ["v1", True, True], {"v1": True}])
def test_what_is_no_answer_is_as_good_as_nothing(tmp_path: Path, command: str, wrong: Any) -> None:
    program, cache = Program(), Cache(str(tmp_path / "cache"))
    version(command, program, cache)
    (path,) = (tmp_path / "cache").rglob("*.json")
    cache.put(path.parent.name + path.stem, wrong)
    assert version(command, program, cache) == ("v1", True)
    assert program.asked == [True, True]


def test_a_program_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="none: No such file"):
        version(str(tmp_path / "none"), Program(), Cache(None))
