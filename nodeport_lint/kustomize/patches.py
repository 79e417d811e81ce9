"""What the patches of kustomizations name: the objects of strategic merges, and the targets of single fields."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nodeport_lint import yamltext
from nodeport_lint.expressions import expression
from nodeport_lint.kustomize.nouns import Kustomization
from nodeport_lint.yamltext import mapping

MAX_DIGITS = 2
"""Digits of an index in a list that operations on single fields lead to."""
MAX_STEPS = 30
"""Steps of a path to a field: those of Kubernetes' own objects have a dozen."""
MAX_LAID = 10_000
"""Fields and items that are laid for one object."""
_PLAIN_NAME = expression(r"[\w.-]+")


def named_by_patches(
    inputs: Mapping[str, bytes], line: Sequence[Kustomization]
) -> Iterator[tuple[Kustomization, dict[str, Any]]]:
    """The identity of each object that a strategic merge is for, where no target tells it, with who patches."""
    for one in line:
        for target, values in _patches(one, inputs):
            for value in values if not target else ():
                value = mapping(value)
                metadata = {
                    key: text
                    for key in ("name", "namespace")
                    if isinstance(text := mapping(value.get("metadata")).get(key), str)
                }
                version, kind = value.get("apiVersion"), value.get("kind")
                if isinstance(version, str) and isinstance(kind, str) and "name" in metadata and version != "builtin":
                    yield one, {"apiVersion": version, "kind": kind, "metadata": metadata}


def services_of_patches(inputs: Mapping[str, bytes], line: Sequence[Kustomization]) -> Iterator[dict[str, Any]]:
    """A Service for each that operations on single fields (JSON 6902) name and give a node port, with the fields that
    they expect to be there. The engine drops such a patch without a word where its target is missing."""
    told: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for one in line:
        for target, values in _patches(one, inputs):
            name, namespace = target.get("name"), target.get("namespace")
            if target.get("kind") == "Service" and isinstance(name, str) and _PLAIN_NAME.fullmatch(name):
                key = name, namespace if isinstance(namespace, str) else ""
                operations = [mapping(item) for value in values if isinstance(value, list) for item in value]
                told.setdefault(key, []).extend(operations)
    for (name, namespace), every in told.items():
        if any(map(_gives_number, every)):
            metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
            service = {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"type": "NodePort"}}
            yield _expected(service, every)


def _patches(one: Kustomization, inputs: Mapping[str, bytes]) -> Iterator[tuple[Mapping[str, Any], list[Any]]]:
    """Targets and the documents of the patches, which lie in place or in a file."""
    _, value = yamltext.mapping_of(inputs[one.path])
    for key in ("patches", "patchesJson6902", "patchesStrategicMerge"):
        entries = value.get(key)
        for entry in entries if isinstance(entries, list) else ():
            given = {"patch": entry, "path": entry} if isinstance(entry, str) else mapping(entry)
            path, text = given.get("path"), given.get("patch")
            file = posixpath.normpath(posixpath.join(one.directory, path)) if isinstance(path, str) else ""
            data = inputs.get(file) or (text.encode("utf-8", "replace") if isinstance(text, str) else b"")
            yield mapping(given.get("target")), list(_documents(data))


def _documents(data: bytes) -> Iterator[Any]:
    try:
        for root in yamltext.read(yamltext.decode(data), expansion=yamltext.Expansion()).roots:
            yield yamltext.plain(root)
    except (UnicodeDecodeError, yamltext.YamlError):
        return


def _gives_number(operation: Mapping[str, Any]) -> bool:
    return "nodePort" in json.dumps([operation.get("path"), operation.get("value")], default=str)


def _expected(value: dict[str, Any], operations: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """An object with every field that an operation replaces, removes or tests; what it held is not known."""
    laid = 0
    for operation in operations:
        path, kind = operation.get("path"), operation.get("op")
        if not isinstance(path, str) or not path.startswith("/"):
            continue
        steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
        if len(steps) > MAX_STEPS or laid > MAX_LAID:
            continue
        laid += _lay(value, steps, operation.get("value") if kind == "test" else None, is_needed=kind != "add")
    return value


def _lay(value: Any, steps: Sequence[str], leaf: Any, is_needed: bool) -> int:
    """Makes the way to a field, and the field itself where ``is_needed``; how many fields and items it made."""
    laid = 0
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        is_list = isinstance(value, list)
        if is_list and not (step.isascii() and step.isdecimal() and len(step) <= MAX_DIGITS):
            break
        key: Any = int(step) if is_list else step
        if is_list:
            more = range(key + 1 - len(value))
            value += [{} for _ in more]
            laid += len(more)
        if following is None:
            if is_needed and (is_list or key not in value):
                value[key] = leaf
            break
        below = value[key] if is_list else value.get(key)
        if not isinstance(below, dict | list):
            below = [] if following.isdecimal() or following == "-" else {}
            value[key] = below
            laid += 1
        value = below
    return laid
