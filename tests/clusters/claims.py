"""Claims and what is known of them, made without a repository."""

from __future__ import annotations

from typing import Any

from nodeport_lint.model import Applied, Declaration, Layout, Location, Object, Unit, UnitKind
from tests.make import declaration


def plain(path: str, name: str = "web", namespace: str | None = "shop", **more: Any) -> Declaration:
    """A claim of a Service in a plain file."""
    return declaration(name, namespace, path)._replace(**more)


def built(kind: str, path: str, name: str = "web", variant: str = "", cluster: str = "", **more: Any) -> Declaration:
    """A claim of what a chart, a release or a kustomization makes; all are written in one file."""
    return plain("base/service.yaml", name)._replace(unit=Unit(UnitKind(kind), path, variant, cluster), **more)


def value(path: str, key: str, chart: str = "", variant: str = "") -> Declaration:
    """A number of a values file that nothing renders: loose, or one of a chart."""
    made, route = plain(path, live=False), tuple(key.split("."))
    unit = Unit(UnitKind.CUSTOM if variant else UnitKind.VALUES, chart or path, variant)
    return made._replace(
        object=Object("value", None, key), unit=unit, route=route, location=Location(path, None, route)
    )


def argo(path: str, destination: str = "", told_in: str = "argo/x.yaml", **more: Any) -> Applied:
    return Applied(path, "argo", destination, told_in=told_in, **more)


def flux(path: str, told_in: str = "flux/x.yaml", **more: Any) -> Applied:
    return Applied(path, "flux", told_in=told_in, recursive=True, **more)


def command(path: str, recursive: bool = False) -> Applied:
    return Applied(path, "kubectl", recursive=recursive, plain=True, told_in="README.md")


def holds(*paths: str, more: int = 0, namespace: str | None = "shop", kind: str = "Deployment") -> Layout:
    """Files that declare an object db each, and ``more`` others."""
    names = ["db", *(f"app{index}" for index in range(more))]
    return Layout(census=tuple((Object(kind, namespace, name), path) for path in paths for name in names))


A, B = plain("a.yaml"), plain("b.yaml", "api")
ROOTS = built("kustomization", "one"), built("kustomization", "two", "api")
CHART = built("chart", "charts/web")
TWICE = {"one": frozenset({"base/a.yaml", "base/b.yaml"}), "two": frozenset({"base/a.yaml", "base/b.yaml"})}
