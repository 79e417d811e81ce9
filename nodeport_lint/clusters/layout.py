"""The layout of a tree, from what was read of it: which things are deployed, and what belongs together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nodeport_lint.clusters.applied import applied_in
from nodeport_lint.clusters.appliers import Appliers
from nodeport_lint.clusters.commands import applied_by_commands
from nodeport_lint.clusters.objects import Declared, principal
from nodeport_lint.clusters.titles import titles_of
from nodeport_lint.config import Config
from nodeport_lint.config.clusters import Clusters
from nodeport_lint.kustomize.closures import Closures, Sorted
from nodeport_lint.model import Applied, Document, Layout
from nodeport_lint.model.clock import Clock

ENOUGH_ROOTS = 3
"""Roots of kustomize that something deploys, from which on the others count as not deployed."""
MAX_FILES = 1_000_000
"""Files of all roots of kustomize; one that several share counts for each."""


def layout_of(
    told_apart: Sorted,
    config: Config,
    clusters: Clusters,
    documents: Sequence[Document],
    listed: Sequence[Document] = (),
    clock: Clock | None = None,
) -> Layout:
    """``documents`` are those of plain manifests, ``listed`` those of files that kustomizations list: what a chart or
    kustomization renders is none of the tree's own."""
    tree, closures, manifests = told_apart
    directories = set(closures.found)
    special = {"" if path == "." else path for path in (*directories, *tree.charts)}
    told = applied_in([*documents, *listed], os.path.basename(tree.root))
    commands = applied_by_commands(told_apart, clock or Clock())
    applied = tuple(
        one._replace(plain=one.plain and "*" not in one.path and ("" if one.path == "." else one.path) not in special)
        for one in told.applied
    )
    applied += commands.applied
    files = _files_of_roots(closures)
    return Layout(
        closures=files,
        unlisted=frozenset(path for path in manifests if path.rpartition("/")[0] in directories),
        deploy_roots=_deploy_roots(closures, applied),
        applied=applied,
        census=tuple((found.object, found.path) for found in _census(closures, documents, listed)),
        namespaces=dict(_namespaces(closures, applied)),
        titles=titles_of(tree.files),
        layout=config.layout,
        cluster_of=clusters.name_of if config.clusters else None,
        left_out=tuple(_left_out(closures, files, told.cut, commands.unsearched)),
    )


def _files_of_roots(closures: Closures) -> dict[str, frozenset[str]]:
    """The files of each root of kustomize, until there are MAX_FILES in all: roots that share much hold it each."""
    found: dict[str, frozenset[str]] = {}
    left = MAX_FILES
    for root in closures.roots:
        if left <= 0:
            break
        found[root or "."] = frozenset(closures.files(root))
        left -= len(found[root or "."])
    return found


def _left_out(
    closures: Closures, files: Mapping[str, object], cut: tuple[str, ...], unsearched: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Why something was not looked at, with the paths of all that it is so for."""
    if cut:
        yield "not all read that Argo CD and Flux apply by it: too many directories", cut
    if unsearched:
        yield "not searched to the end for commands of kubectl", unsearched
    rest = tuple(root or "." for root in closures.roots if (root or ".") not in files)
    if rest:
        yield f"not compared by its files with other kustomizations: more than {MAX_FILES:,} in all", rest


def _deploy_roots(closures: Closures, applied: Sequence[Applied]) -> frozenset[str] | None:
    """Roots of kustomize that lie under clusters/ or that Argo CD or Flux deploys, if the tree tells enough.

    Of a directory without a kustomization Flux applies all that lies below it.
    """
    roots, index = closures.roots, Appliers(one for one in applied if one.by != "kubectl")
    bare = Appliers(one for one in applied if one.by == "flux")
    known = frozenset(
        root or "."
        for root in roots
        if re.match(r"(?:.*/)?clusters/[^/]+(?:/|$)", root)
        or any(index.covering(root))
        or any(bare.taking(f"{root}/kustomization.yaml"))
    )
    return known if len(known) >= ENOUGH_ROOTS or (known and len(known) * 2 >= len(roots)) else None


def _namespaces(closures: Closures, applied: Sequence[Applied]) -> Iterator[tuple[str, str]]:
    """Roots of kustomize whose objects all go to one namespace, which their files need not name."""
    index = Appliers(one for one in applied if one.by == "flux" and one.namespace)
    for root in closures.roots:
        targets = {one.namespace for one in index.covering(root)}
        own = min(targets) if len(targets) == 1 else closures.found[root].namespace
        if own:
            yield root or ".", own


def _census(closures: Closures, documents: Iterable[Document], listed: Iterable[Document]) -> Iterator[Declared]:
    """The objects of plain files, and of the files that kustomizations list, in the namespaces that these give."""
    yield from principal(documents)
    given = {path: one.namespace for one in closures.found.values() if one.namespace for path in one.resources}
    for found in principal(listed):
        namespace = given.get(found.path)
        yield found._replace(object=found.object._replace(namespace=namespace)) if namespace else found
