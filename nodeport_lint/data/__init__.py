"""Word lists and tables as YAML beside this file: what people may extend without code."""

from __future__ import annotations

import os
from functools import cache
from typing import Any


@cache
def load(name: str) -> Any:
    """The value of ``NAME.yaml``. Treat it as read-only."""
    from nodeport_lint import yamltext

    with open(os.path.join(os.path.dirname(__file__), f"{name}.yaml"), encoding="utf-8") as file:
        return yamltext.plain(yamltext.read(file.read()).roots[0])
