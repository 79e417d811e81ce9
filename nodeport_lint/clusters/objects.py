"""Objects of the tree by file and by directory: which of them are copies of one another.

Reads no disk: it is handed the objects and their paths.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from nodeport_lint.clusters.words import words, words_of
from nodeport_lint.model import Document, Layout, Object

PRINCIPAL = frozenset(
    {"Service", "Deployment", "StatefulSet", "DaemonSet", "Pod", "ReplicaSet", "ReplicationController", "Ingress",
     "Job", "CronJob"}
)  # fmt: skip
"""Kinds by which copies are told: what an application consists of."""
CUSTOM = r"(?!monitoring\.coreos\.com/)[\w-]+\.(?!(?:[\w-]+\.)*k8s\.io/)[\w.-]+/"
"""apiVersions of custom resources, monitoring apart: everybody watches everything."""
MAX_COPIES = 500
"""Files of one object that are looked at for each of them."""
LEAST_OBJECTS = 8
"""Objects of a directory from which its copies say something."""


class Declared(NamedTuple):
    """A principal object and the file that declares it."""

    object: Object
    path: str


def principal(documents: Iterable[Document]) -> list[Declared]:
    """The principal objects of plain files, and custom resources; those without a name have no identity."""
    found = []
    for document in documents:
        kind, metadata = document.value.get("kind"), document.value.get("metadata")
        told = kind in PRINCIPAL or re.match(CUSTOM, str(document.value.get("apiVersion")))
        if told and isinstance(metadata, dict) and isinstance(metadata.get("name"), str):
            namespace = metadata.get("namespace")
            identity = Object(str(kind), namespace if isinstance(namespace, str) else None, metadata["name"])
            found.append(Declared(identity, document.path))
    return found


class Census:
    """Objects of the tree by file and by directory, counted when they are first asked for."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._collections: dict[tuple[str, bool], bool] = {}

    @cached_property
    def by_file(self) -> Mapping[str, list[Object]]:
        found: dict[str, list[Object]] = defaultdict(list)
        for identity, path in self.layout.census:
            found[path].append(identity)
        return found

    def is_collection(self, directory: str, lowest: bool) -> bool:
        """Whether the objects below a directory are copies of one another to such a share that they are never
        applied together. ``lowest``: the directory is the closest that two files share."""
        key = (directory, lowest)
        if key not in self._collections:
            self._collections[key] = self._judge(directory, lowest)
        return self._collections[key]

    def _judge(self, directory: str, lowest: bool) -> bool:
        places: dict[tuple[str, str], set[tuple[str, str | None]]] = defaultdict(set)
        count = named = 0
        for path in self._below.get(directory, ()):
            for one in self._counted[path]:
                places[one.kind, one.name].add((path.rpartition("/")[0], one.namespace))
                count += 1
                named += one.namespace is not None
        if len(places) < LEAST_OBJECTS:
            return False
        share = sum(map(_in_two_directories, places.values())) / len(places)
        return (lowest and share >= 0.20) or (share >= 0.08 and named / count < 0.80)

    @cached_property
    def _below(self) -> Mapping[str, list[str]]:
        """The counted files at and below each directory; the root is empty."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in self._counted:
            directory = path
            while directory:
                directory = directory.rpartition("/")[0]
                found[directory].append(path)
        return found

    @cached_property
    def _counted(self) -> dict[str, list[Object]]:
        """Files without a word that says they are not deployed, and without all-in-one copies of others."""
        role = words_of("role")
        usual = {
            path: [one for one in objects if one.kind in PRINCIPAL]
            for path, objects in self.by_file.items()
            if not role.intersection(words(path))
        }
        files: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for path, objects in usual.items():
            for one in objects:
                files[one.kind, one.name][path] = None
        return {path: objects for path, objects in usual.items() if not _is_aggregate(path, objects, files)}


def _is_aggregate(path: str, objects: list[Object], files: Mapping[tuple[str, str], Iterable[str]]) -> bool:
    """A file that holds what others hold, each a part of it."""
    keys = {(one.kind, one.name) for one in objects}
    if len(keys) < 5:
        return False
    others = ([other for other in islice(files[key], MAX_COPIES) if other != path] for key in keys)
    also = [found for found in others if found]
    spread: dict[str, int] = defaultdict(int)
    for found in also:
        for other in found:
            spread[other] += 1
    return len(also) >= 0.8 * len(keys) and len(spread) >= 3 and max(spread.values()) <= 0.5 * len(keys)


def _in_two_directories(places: set[tuple[str, str | None]]) -> bool:
    known = list(places)
    return any(
        a[0] != b[0] and compatible(a[1], b[1]) for index, a in enumerate(known[:50]) for b in known[index + 1 : 50]
    )


def compatible(a: str | None, b: str | None) -> bool:
    """Whether two namespaces may be one: an unknown one may be any."""
    return a is None or b is None or a == b
