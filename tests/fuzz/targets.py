"""The table of targets: what is given any input, and where its inputs come from."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.fuzz import reports, texts, written
from tests.fuzz.mutation import WORDS, data_of, mutated, text_of

CORPUS = Path(__file__).parent.parent / "corpus"


class Target(NamedTuple):
    """``run`` takes any text, and raises where a promise is broken. ``write`` makes a text from a grammar; ``words`` are
    put into others; so many of ``whole``, from 0 to 1, are left as they were written. ``times``: inputs that are made in
    every run of the tests."""

    run: Callable[[str], None]
    write: Callable[[random.Random], str]
    words: Sequence[str]
    whole: float
    times: int


TARGETS = {
    "yamltext": Target(texts.yaml, written.yaml, WORDS, 0.2, 2000),
    "registry": Target(texts.registry, written.document, WORDS, 0.2, 1500),
    "page": Target(reports.page, written.page, (*WORDS, *written.OF_PAGES), 0.5, 2000),
    "config": Target(reports.config, written.config, (*WORDS, *written.OF_CONFIG), 0.5, 1000),
    "tree": Target(reports.tree, written.tree, (*WORDS, *written.OF_TREES, *written.OF_CONFIG), 0.3, 500),
}


@cache
def corpus(name: str) -> list[Path]:
    """The stored inputs of a target."""
    return sorted(path for path in (CORPUS / name).iterdir() if path.is_file())


@cache
def _texts(name: str) -> list[str]:
    return [text_of(path.read_bytes()) for path in corpus(name)]


def made(name: str, seed: int) -> bytes:
    """One input of a target: written anew, or near one that is stored."""
    chance, target = random.Random(seed), TARGETS[name]
    if chance.random() < target.whole:
        return data_of(target.write(chance))
    base, other = (chance.choice(_texts(name)) if chance.random() < 0.5 else target.write(chance) for _ in range(2))
    return data_of(mutated(chance, base, other, target.words))


def near(name: str, data: bytes, seed: int, most: int) -> bytes:
    """An input near another one, of so many bytes at most."""
    chance, target = random.Random(seed), TARGETS[name]
    other = chance.choice(_texts(name)) if chance.random() < 0.5 else target.write(chance)
    return data_of(mutated(chance, text_of(data), other, target.words, most))[:most]
