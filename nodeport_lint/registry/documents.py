"""Which allocation documents there are, and of which clusters each speaks."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import islice
from typing import NamedTuple

from nodeport_lint.config import Config
from nodeport_lint.config.clusters import Clusters
from nodeport_lint.model import PortRange
from nodeport_lint.tree.files import OnDisk

MAX_DIRECTORIES = 10_000
"""Directories that one pattern matches."""


class Listed(NamedTuple):
    """One document, relative to the root. ``clusters``: those it speaks of, none for every one. ``ranges``: theirs."""

    path: str
    clusters: tuple[str, ...]
    ranges: tuple[PortRange, ...]


def documents_of(files: OnDisk, config: Config, called_so: Iterable[str], clusters: Clusters) -> list[Listed]:
    """The documents that the configuration names, for every cluster or for one; without ``registry``, those in the
    tree that are ``called_so``, which speak of the cluster that they lie in."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in config.registry or ():
        found[path] = []
    of_one = list(_of_clusters(files, config, clusters))
    listed = {path for path, _ in of_one}
    if config.registry is None:
        for path in called_so:
            name = clusters.name_of(path)
            if path not in listed:
                found[path] = [name] if name else []
    for path, name in of_one:
        if path not in (config.registry or ()):
            found[path].append(name)
    return [Listed(path, tuple(names), clusters.ranges_of(names)) for path, names in found.items()]


def _of_clusters(files: OnDisk, config: Config, clusters: Clusters) -> Iterator[tuple[str, str]]:
    for cluster in config.clusters:
        if not cluster.each:
            yield from ((path, cluster.name) for path in cluster.registry)
        for directory in _directories(files.root, cluster.each) if cluster.each and cluster.registry else ():
            for path in cluster.registry:
                place = f"{directory}/{path}"
                name = clusters.name_of(place)
                if name and files.is_plain(place):
                    yield place, name


def _directories(root: str, pattern: str) -> list[str]:
    """The directories that a pattern matches; links are not followed."""
    found = [""]
    for segment in pattern.split("/"):
        below = (
            f"{directory}/{entry}".lstrip("/")
            for directory in found
            for entry in _names(os.path.join(root, directory), segment)
        )
        found = list(islice(below, MAX_DIRECTORIES))
    return found


def _names(directory: str, pattern: str) -> list[str]:
    if not set(pattern) & set("*?["):
        place = os.path.join(directory, pattern)
        return [pattern] if os.path.isdir(place) and not os.path.islink(place) else []
    try:
        with os.scandir(directory) as entries:
            found = (entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
            return sorted(name for name in found if fnmatchcase(name, pattern))
    except OSError:
        return []
