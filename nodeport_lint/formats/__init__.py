"""Report to text: pure functions, one file each, found through the table below.

A format is a module with ``render(report, color=False, width=None) -> str``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

FORMATS = {
    "text": "nodeport_lint.formats.text",
    "concise": "nodeport_lint.formats.concise",
    "json": "nodeport_lint.formats.json",
    "sarif": "nodeport_lint.formats.sarif",
    "github": "nodeport_lint.formats.github",
    "markdown": "nodeport_lint.formats.markdown",
}


def load_format(name: str) -> Any:
    """The module of a format; ``name`` is a key of FORMATS."""
    return import_module(FORMATS[name])
