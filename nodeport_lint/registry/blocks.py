"""Markdown to its blocks, by markdown-it, in bounded time: a quote is read to where it might end, and again from where
it did, so that a few kilobytes take minutes."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

STEPS_OF_LINE, STEPS = 60, 10_000
"""How often a rule may look at a line, for each line of a text, and besides. Documents that people write take up to 25,
quotes in eight quotes 50; each takes half a microsecond."""


class Blocks(NamedTuple):
    """The tokens of markdown-it. ``stopped``: the line (from 0) at which the steps were spent, None where they were
    enough."""

    tokens: list[Any]
    stopped: int | None = None


class _SpentError(Exception):
    """Too many steps."""


def blocks_of(text: str) -> Blocks:
    """``text``: its lines end at line feeds."""
    parser, counted = _machine()
    state = counted(text.replace("\0", "\ufffd"), parser, {}, [])
    state.left = STEPS + STEPS_OF_LINE * state.lineMax
    try:
        parser.block.tokenize(state, state.line, state.lineMax)
    except _SpentError:
        return Blocks(state.tokens, state.line)
    return Blocks(state.tokens)


@cache
def _machine() -> tuple[Any, Any]:
    """The parser, and what it keeps of one text."""
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

    class Counted(StateBlock):
        left = 0

        def is_code_block(self, line: int) -> bool:
            # Nearly every rule asks for it at every line that it looks at.
            self.left -= 1
            if self.left < 0:
                raise _SpentError
            return super().is_code_block(line)

    return MarkdownIt("commonmark").enable("table").disable("inline"), Counted
