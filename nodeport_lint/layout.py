"""The layout of a tree, from what was read of it: which things are deployed, and what belongs together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nodeport_lint.census import principal
from nodeport_lint.config import Config
from nodeport_lint.config.clusters import Clusters
from nodeport_lint.model import Document, Layout
from nodeport_lint.repository import Tree
from nodeport_lint.repository.closure import Closures

README = ("README.md", "readme.md", "Readme.md", "README.rst", "README.txt", "README")
MAX_README = 20_000
"""Characters in which a title is looked for."""
ENOUGH_ROOTS = 3
"""Roots of kustomize that something deploys, from which on the others count as not deployed."""


def layout_of(tree: Tree, config: Config, clusters: Clusters, documents: Sequence[Document]) -> Layout:
    """``documents`` are those of plain files: what a chart or kustomization renders is none of the tree's own."""
    closures = tree.closures
    directories = set(closures.found)
    return Layout(
        closures={root or ".": frozenset(closures.files(root)) for root in closures.roots},
        unlisted=frozenset(path for path in tree.manifests if path.rpartition("/")[0] in directories),
        deploy_roots=_deploy_roots(closures, documents),
        census=tuple((found.object, found.path) for found in principal(documents)),
        title=_title(tree.root),
        layout=config.layout,
        cluster_of=clusters.name_of if config.clusters else None,
    )


def _title(root: str) -> str:
    """What the repository calls itself: the name of its directory, and the first heading of its README."""
    heading = ""
    for name in README:
        path = os.path.join(root, name)
        if os.path.isfile(path) and not os.path.islink(path):
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    text = file.read(MAX_README)
            except OSError:
                break
            found = re.search(r"^#{1,2}[ \t]+(.+)$|^(.+)\n(?:===+|---+)[ \t]*$|<h1[^>]*>(.*?)</h1>", text, re.MULTILINE)
            heading = next(filter(None, found.groups()), "") if found else ""
            break
    return " ".join([os.path.basename(root), re.sub(r"[^\w .-]", " ", heading)[:120]]).strip()


def _deploy_roots(closures: Closures, documents: Iterable[Document]) -> frozenset[str] | None:
    """Roots of kustomize that lie under clusters/ or that Argo CD or Flux deploys, if the tree tells enough.

    Of a directory without a kustomization Flux applies all that lies below it.
    """
    roots = closures.roots
    paths = {path.strip("/").removeprefix("./") for document in documents for path in _deployed(document.value)}
    known = frozenset(
        root or "."
        for root in roots
        if root in paths
        or re.match(r"(?:.*/)?clusters/[^/]+(?:/|$)", root)
        or any(root.startswith(f"{path}/") for path in paths if path not in closures.found)
    )
    return known if len(known) >= ENOUGH_ROOTS or (known and len(known) * 2 >= len(roots)) else None


def _deployed(value: Any) -> Iterator[str]:
    """The directories that an Argo CD Application or ApplicationSet, or a Kustomization of Flux, deploys."""
    kind, version = value.get("kind"), str(value.get("apiVersion"))
    spec = value.get("spec")
    if not isinstance(spec, dict):
        return
    if kind == "Kustomization" and version.startswith("kustomize.toolkit.fluxcd.io/"):
        yield from _texts(spec.get("path"))
    if version.startswith("argoproj.io/") and kind in ("Application", "ApplicationSet"):
        template = spec.get("template")
        inner = template.get("spec") if kind == "ApplicationSet" and isinstance(template, dict) else spec
        inner = inner if isinstance(inner, dict) else {}
        sources = inner.get("sources")
        for source in (inner.get("source"), *(sources if isinstance(sources, list) else ())):
            if isinstance(source, dict):
                yield from _texts(source.get("path"))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str) and "{{" not in value:
        yield value
