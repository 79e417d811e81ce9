"""Numbers: ranges as the API server reads them, the static band, and who clashes inside one Service."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from nodeport_lint.expressions import expression
from nodeport_lint.model import PortRange

NODE_PORT_TYPES = frozenset({"NodePort", "LoadBalancer"})
"""The Service types for which the API server allocates node ports."""

SERVICE_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")

HIGHEST_PORT = 65535


DEFAULT_RANGE = PortRange(30000, 32767)
"""``--service-node-port-range`` where nobody sets it (kubernetes pkg/controlplane/instance.go)."""

_NOTATION = expression(r"(?P<first>\d+)(?:(?P<sign>[-+])(?P<second>\d+))?", re.ASCII)


def parse_range(text: str) -> PortRange:
    """The range that kube-apiserver reads from ``--service-node-port-range``.

    Three notations: ``A-B``, ``A+N`` (N further ports) and a single ``A``; blanks only around the
    whole. Raises ValueError with a reason. Follows apimachinery pkg/util/net/port_range.go.
    """
    text = text.strip()
    if not text:
        return DEFAULT_RANGE
    match = _NOTATION.fullmatch(text)
    if match is None or len(text) > 40:
        raise ValueError(f"{text[:40]!r} is not a range of ports such as 30000-32767, 30000+2767 or 30000")
    first = last = int(match["first"])
    if match["sign"]:
        last = int(match["second"]) + (first if match["sign"] == "+" else 0)
    if max(first, last) > HIGHEST_PORT:
        raise ValueError(f"{text} goes beyond the highest port, {HIGHEST_PORT}")
    if last < first:
        raise ValueError(f"{text} ends before it begins")
    return PortRange(first, last)


class PortEntry(NamedTuple):
    """One entry of ``spec.ports`` as the allocator sees it; ``node_port`` 0 where it names none."""

    port: int | None
    protocol: str
    node_port: int


def clashes_in_service(entries: Sequence[PortEntry], allocates: bool = True) -> list[tuple[int, int]]:
    """Pairs (earlier, later) of entries of one Service whose equal node ports the API server refuses.

    On create the allocator remembers the number it gave to each ``port`` and allocates again for
    every other one, so entries may share a number only where ``port`` is the same and the protocols
    differ. With ``allocates`` False (an ExternalName Service, which only stores the numbers) nothing but
    validation speaks: one number may not stand twice for one protocol. Follows ``initNodePorts`` in
    kubernetes pkg/registry/core/service/storage/alloc.go and the duplicate check of ``ValidateService``
    in pkg/apis/core/validation/validation.go.
    """
    by_port: dict[int | None, int] = {}
    holder: dict[int, int] = {}
    by_protocol: dict[tuple[str, int], int] = {}
    pairs: list[tuple[int, int]] = []
    for index, entry in enumerate(entries):
        number = entry.node_port
        if number == 0:
            continue
        given = by_port.get(entry.port)
        by_port.setdefault(entry.port, number)
        twin = by_protocol.setdefault((entry.protocol, number), index)
        if allocates and given != number and number in holder:
            pairs.append((holder[number], index))
        elif twin != index:
            pairs.append((twin, index))
        holder.setdefault(number, index)
    return pairs
