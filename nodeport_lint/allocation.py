"""Which numbers are free: what help texts suggest."""

from __future__ import annotations

from collections.abc import Iterable

from nodeport_lint.model import Declaration
from nodeport_lint.ports import PortRange, nearest_free


def free_number(near: int, declarations: Iterable[Declaration], among: PortRange) -> int | None:
    """The free node port of ``among`` that is nearest above ``near``, else the nearest below.

    A number that is written anywhere counts as taken, whether or not a cluster would hold it: the switch
    that makes it live is one edit away. None where the range is full.
    """
    return nearest_free(near, (item.number for item in declarations if item.number is not None), among)
