"""What a tree says about which of its files belong together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import NamedTuple

from nodeport_lint.model.read import Declaration, Object


class Applied(NamedTuple):
    """A directory that is applied. ``path`` may hold stars; the root is ``.``.

    ``by``: ``argo``, ``flux`` or ``kubectl``. ``destination`` is the cluster as an Application names it (``server
    URL`` or ``name NAME``), ``namespace`` the one for objects that name none; both empty where they are not told.
    ``recursive``: with the files of directories below, which Flux always takes. ``plain``: one directory with neither
    a chart nor a kustomization, so that all its files are applied together. ``told_in``: the file that says
    so.
    """

    path: str
    by: str
    destination: str = ""
    namespace: str = ""
    recursive: bool = False
    plain: bool = False
    told_in: str = ""

    def covers(self, directory: str) -> bool:
        """Whether it is this very directory that is applied."""
        return fnmatchcase(directory or ".", self.path) and self.path.count("/") == directory.count("/")


class Layout(NamedTuple):
    """What the tree says about which of its files belong together.

    ``closures``: the files of each root of kustomize. ``unlisted``: manifests beside a kustomization that does not
    list them. ``deploy_roots``: roots that something deploys, None where the tree does not say. ``applied``: what
    Argo CD and Flux apply. ``census``: the objects of files. ``namespaces``: those that roots of kustomize give.
    ``titles``: what the repository calls itself. ``layout``: the configuration's word, ``one-cluster`` or
    ``collection``. ``cluster_of``: the declared cluster of a path, empty for a path in none; None where no clusters
    are declared. ``left_out``: what of the tree was not looked at, in words, with its paths.
    """

    closures: Mapping[str, frozenset[str]] = MappingProxyType({})
    unlisted: frozenset[str] = frozenset()
    deploy_roots: frozenset[str] | None = None
    applied: tuple[Applied, ...] = ()
    census: tuple[tuple[Object, str], ...] = ()
    namespaces: Mapping[str, str] = MappingProxyType({})
    titles: tuple[str, ...] = ()
    layout: str = ""
    cluster_of: Callable[[str], str] | None = None
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def cluster(self, claim: Declaration) -> str:
        """The cluster that a declaration goes to, as far as the configuration tells it; else empty."""
        return claim.unit.cluster or (self.cluster_of(claim.file) if self.cluster_of is not None else "")
