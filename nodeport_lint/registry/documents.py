"""Which allocation documents there are, and of which clusters each speaks."""

from __future__ import annotations

import glob
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nodeport_lint.config import Config
from nodeport_lint.config.clusters import Clusters
from nodeport_lint.ports import PortRange


class Listed(NamedTuple):
    """One document, relative to the root. ``clusters``: those it speaks of, none for every one. ``ranges``: theirs."""

    path: str
    clusters: tuple[str, ...]
    ranges: tuple[PortRange, ...]


def documents_of(root: str, config: Config, called_so: Iterable[str], clusters: Clusters) -> list[Listed]:
    """The documents that the configuration names, for every cluster or for one; without ``registry``, those in the
    tree that are ``called_so``, which speak of the cluster that they lie in."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in config.registry or ():
        found[path] = []
    of_one = list(_of_clusters(root, config, clusters))
    if config.registry is None:
        for path in called_so:
            name = clusters.name_of(path)
            if path not in dict(of_one):
                found[path] = [name] if name else []
    for path, name in of_one:
        if path not in (config.registry or ()):
            found[path].append(name)
    return [Listed(path, tuple(names), clusters.ranges_of(names)) for path, names in found.items()]


def _of_clusters(root: str, config: Config, clusters: Clusters) -> Iterator[tuple[str, str]]:
    for cluster in config.clusters:
        for path in cluster.registry:
            if not cluster.each:
                yield path, cluster.name
                continue
            for place in sorted(glob.glob(f"{cluster.each}/{glob.escape(path)}", root_dir=root)):
                name = clusters.name_of(place.replace(os.sep, "/"))
                if name:
                    yield place.replace(os.sep, "/"), name
