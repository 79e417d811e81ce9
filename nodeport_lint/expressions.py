"""Regular expressions that are compiled when they are first used: most runs need few of them, and each takes longer to
compile than a small file to read."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Expression:
    """Whatever is asked of it, the compiled expression answers, and is asked itself from then on."""

    def __init__(self, text: Any, flags: int) -> None:
        self._given = text, flags
        self._compiled: re.Pattern[Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if self._compiled is None:
            self._compiled = re.compile(*self._given)
        found = getattr(self._compiled, name)
        setattr(self, name, found)
        return found


def expression(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As ``re.compile``, for names of modules. It has the methods of a pattern; functions of ``re`` take none."""
    return cast("re.Pattern[AnyStr]", _Expression(text, flags))
