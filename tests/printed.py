"""What no output may hold, as several test modules ask for it."""

from __future__ import annotations

import re

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What moves the cursor, colours, or turns what follows."""


def obeyed(output: str) -> list[str]:
    """The lines that GitHub's runner takes for commands (ActionCommand.cs of actions/runner)."""
    lines = re.split("\r\n|[\r\n]", output)
    return [line for line in lines if "##[" in line or re.match(r"\s*::(?!: )", line)]
