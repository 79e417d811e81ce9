"""Which allocation documents speak of a cluster, where there may be thousands of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

Clusters = tuple[str, ...]
"""Those that a document speaks of; none: every one."""


def by_cluster(of: Iterable[Clusters]) -> Callable[[str], list[Clusters]]:
    """Of several documents' clusters, a function that gives those with a cluster among them, in their order."""
    every: list[Clusters] = []
    holding: dict[str, list[Clusters]] = defaultdict(list)
    for clusters in dict.fromkeys(of):
        if not clusters:
            every.append(clusters)
        for cluster in dict.fromkeys(clusters):
            holding[cluster].append(clusters)
    return lambda cluster: [*every, *holding.get(cluster, ())]
