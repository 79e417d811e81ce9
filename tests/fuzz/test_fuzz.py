"""Every stored input, and a number of inputs that are made, the same in every run; ``benchmarks/fuzz.py`` makes others."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.mutation import data_of, text_of
from tests.fuzz.reports import files_of
from tests.fuzz.targets import CORPUS, TARGETS, corpus, made

STORED = [(name, path.name) for name in TARGETS for path in corpus(name)]
PORTION = 50


@pytest.mark.parametrize(("name", "file"), STORED, ids=["/".join(one) for one in STORED])
def test_stored(name: str, file: str) -> None:
    TARGETS[name].run(text_of((CORPUS / name / file).read_bytes()))


@pytest.mark.parametrize(
    ("name", "first"), [(name, first) for name, target in TARGETS.items() for first in range(0, target.times, PORTION)]
)
def test_made(name: str, first: int) -> None:
    for seed in range(first, min(first + PORTION, TARGETS[name].times)):
        try:
            TARGETS[name].run(text_of(made(name, seed)))
        except Exception as error:
            error.add_note(f"input {seed} of {name}: {made(name, seed)!r}")
            raise


def test_every_target_has_inputs() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    assert all(corpus(name) for name in TARGETS)


def test_an_input_is_its_bytes() -> None:
    chance = random.Random(1)
    for _ in range(200):
        data = chance.randbytes(chance.randrange(30))
        assert data_of(text_of(data)) == data
    assert data_of(text_of("\ud800".encode("utf-8", "surrogatepass"))) == b"\xed\xa0\x80"


def test_files_of_an_input_lie_below_its_root() -> None:
    text = "=== a.yaml\nx: 1\n=== ../../b//./c -> OUTSIDE/s\n=== /etc/d\n\0"
    assert files_of(text) == [("a.yaml", None, "x: 1"), ("b/c", "OUTSIDE/s", ""), ("etc/d", None, "\0")]
