"""What Argo CD and Flux apply: directories, where they send them, and into which namespace."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from nodeport_lint.expressions import expression
from nodeport_lint.model import Applied, Document
from nodeport_lint.yamltext import mapping

IN_CLUSTER = "server https://kubernetes.default.svc"
"""What an Application calls the cluster that Argo CD itself runs in."""

MAX_ELEMENTS, MAX_SOURCES = 1_000, 100
"""Elements of one ApplicationSet, and sources of one Application."""
MAX_PATH = 500
"""Characters of one path or destination."""
MAX_APPLIED, MAX_PATTERNS = 20_000, 200
"""Directories in all, and those among them that are patterns."""
_PLACEHOLDER = expression(r"\{\{-?\s*\.?([\w.-]+?)\s*-?\}\}")
_TOOLS = {"kustomize", "helm", "plugin", "chart"}


class Told(NamedTuple):
    """``applied``: directories. ``cut``: the files of which not all is in it."""

    applied: tuple[Applied, ...]
    cut: tuple[str, ...]


def applied_in(documents: Iterable[Document], repository: str) -> Told:
    """From the Applications, ApplicationSets, and the Kustomizations and HelmReleases of Flux in a tree; each once.

    ``repository`` is the name of the tree. Where a source of that name occurs among the Applications, those of other
    repositories do not count.
    """
    found: dict[tuple[str, Applied], None] = {}
    cut: dict[str, None] = {}
    for document in documents:
        group = str(document.value.get("apiVersion")).rpartition("/")[0]
        read = _READERS.get((group, str(document.value.get("kind"))))
        if read is None:
            continue
        if len(found) > MAX_APPLIED:
            cut[document.path] = None
            continue
        told = read(mapping(document.value.get("spec")))
        for name, one in itertools.islice(told, MAX_ELEMENTS):
            found[name, one._replace(told_in=document.path)] = None
        if next(told, None) is not None:
            cut[document.path] = None
    own = {name for name, _ in found if name == repository}
    every = dict.fromkeys(one for name, one in found if not own or name in ("", repository))
    patterns = [one for one in every if "*" in one.path]
    beyond = set(patterns[MAX_PATTERNS:])
    cut.update((one.told_in, None) for one in patterns[MAX_PATTERNS:])
    return Told(tuple(one for one in every if one not in beyond), tuple(cut))


Found = Iterator[tuple[str, Applied]]


def _of_flux(spec: Mapping[str, Any]) -> Found:
    path, target = spec.get("path"), spec.get("targetNamespace")
    if isinstance(path, str):
        secret = mapping(mapping(spec.get("kubeConfig")).get("secretRef")).get("name")
        to = f"kubeConfig {secret}" if isinstance(secret, str) else ""
        yield "", Applied(_clean(path), "flux", to, target if isinstance(target, str) else "", True, True)


def _of_release(spec: Mapping[str, Any]) -> Found:
    chart = mapping(mapping(spec.get("chart")).get("spec"))
    path, source = chart.get("chart"), mapping(chart.get("sourceRef")).get("kind")
    if isinstance(path, str) and source in ("GitRepository", "Bucket"):
        yield "", Applied(_clean(path), "flux")


def _of_application(spec: Mapping[str, Any], values: Mapping[str, str] = MappingProxyType({})) -> Found:
    """With the name of the repository that each source is in."""
    destination = mapping(spec.get("destination"))
    server, name = (_filled(destination.get(key), values) for key in ("server", "name"))
    to = f"server {server}" if server else IN_CLUSTER if name == "in-cluster" else name and f"name {name}"
    namespace = _filled(destination.get("namespace"), values)
    several = spec.get("sources")
    for source in (spec.get("source"), *(several[:MAX_SOURCES] if isinstance(several, list) else ())):
        source = mapping(source)
        path = _filled(source.get("path"), values, unknown="*")
        if path and set(path) - set("*/."):
            url = str(source.get("repoURL") or "").rstrip("/").removesuffix(".git")
            to, where = ("" if "*" in text else text for text in (to, namespace))
            directory = mapping(source.get("directory"))
            recursive = directory.get("recurse") is True
            # A tool that is named is run whatever the directory holds, and a pattern takes some of the files.
            plain = not _TOOLS & source.keys() and not {"include", "exclude"} & directory.keys()
            yield re.split("[/:]", url)[-1], Applied(_clean(path), "argo", to, where, recursive, plain)


def _of_set(spec: Mapping[str, Any]) -> Found:
    template = mapping(mapping(spec.get("template")).get("spec"))
    elements = [dict(values) for values in itertools.islice(_elements(spec.get("generators"), 0), MAX_ELEMENTS)]
    for values in elements or [{}]:
        yield from _of_application(template, values)


_READERS: dict[tuple[str, str], Callable[[Mapping[str, Any]], Found]] = {
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): _of_flux,
    ("helm.toolkit.fluxcd.io", "HelmRelease"): _of_release,
    ("argoproj.io", "Application"): _of_application,
    ("argoproj.io", "ApplicationSet"): _of_set,
}


def _elements(generators: Any, depth: int) -> Iterator[Mapping[str, str]]:
    """What the generators give that the tree itself tells: elements of lists, and patterns of directories."""
    for generator in generators if isinstance(generators, list) and depth < 3 else ():
        generator = mapping(generator)
        elements = mapping(generator.get("list")).get("elements")
        for element in elements if isinstance(elements, list) else ():
            texts = ((str(key), value) for key, value in mapping(element).items() if isinstance(value, str))
            yield {key: value for key, value in texts if len(value) <= MAX_PATH}
        directories = mapping(generator.get("git")).get("directories")
        for directory in directories if isinstance(directories, list) else ():
            directory = mapping(directory)
            path = directory.get("path")
            if isinstance(path, str) and len(path) <= MAX_PATH and directory.get("exclude") is not True:
                yield dict.fromkeys(("path", "path.path"), path)
        for nested in ("matrix", "merge"):
            yield from _elements(mapping(generator.get(nested)).get("generators"), depth + 1)


def _filled(text: Any, values: Mapping[str, str], unknown: str = "*") -> str:
    """A text with its placeholders filled in; a star where the tree does not tell the value."""
    if not isinstance(text, str) or len(text) > MAX_PATH:
        return ""
    if "{{" not in text:
        return text
    filled = _PLACEHOLDER.sub(lambda found: values.get(found[1], unknown), text)
    filled = re.sub(r"\{\{[^{}]*\}\}", unknown, filled)
    return filled if len(filled) <= MAX_PATH else ""


def _clean(path: str) -> str:
    return path.removeprefix("./").strip("/") or "."
