"""Kustomizations of which a part is missing: something empty in its place, so that the engine builds the rest.

A patch that finds nothing ends a build. What the missing part would hold is not known, but what a patch names is: an
object of that kind and name takes it, and shows the node ports that the patch sets.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.model.render import Engine, Inputs, Rendered, RenderError, RenderOptions
from nodeport_lint.repository.closure import Gap, Kustomization
from nodeport_lint.yamltext import mapping

NAME = "nodeport-lint-stands-in-{}"
MARK = "nodeport-lint/stands-in"
"""An annotation by which an object that stands in is told from one that somebody wrote."""
MAX_BUILDS = 20
"""Builds of one root, in the time of one at most; each names one more patch that finds nothing."""
_NOTHING = re.compile(r"no matches for Id ([^.\s]+)\.([^.\s]+)\.([^/\s]+)/(\S+)\.([^.\s;]+)")
_PORT_OF = re.compile(r"/spec/ports/(\d{1,2})/(\w+)")


class Mended(NamedTuple):
    """Inputs that can be built. ``files`` are the empty ones that stand in for resources; ``services`` are objects
    for the first of them."""

    inputs: dict[str, bytes]
    files: tuple[str, ...]
    services: tuple[Mapping[str, Any], ...]


def mended(inputs: dict[str, bytes], line: Sequence[Kustomization]) -> Mended:
    """``line``: a root and all that it refers to, the root first."""
    if not any(one.gaps for one in line):
        return Mended(inputs, (), ())
    changed, resources = dict(inputs), []
    for one in line:
        prefix = f"{one.directory}/" if one.directory else ""
        text = yamltext.decode(inputs[one.path]) if one.gaps else ""
        for index, gap in sorted(enumerate(one.gaps), key=lambda item: item[1].start, reverse=True):
            new, files = _stand_in(gap, NAME.format(index), one.has_resources)
            text = _replaced(text, gap, new)
            changed.update({f"{prefix}{name}": data for name, data in files.items()})
            if gap.kind in ("resource", "charts"):
                resources += [f"{prefix}{name}" for name in files]
        if one.gaps:
            changed[one.path] = text.encode("utf-8", "surrogateescape")
    return Mended(changed, tuple(resources), tuple(_services(inputs, line)) if resources else ())


def _stand_in(gap: Gap, name: str, has_resources: bool) -> tuple[str, dict[str, bytes]]:
    """What to write in the place of a gap, and the files that it names."""
    if gap.kind == "component":
        component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [none.yaml]\n"
        return name, {f"{name}/kustomization.yaml": component.encode(), f"{name}/none.yaml": b""}
    if gap.kind == "charts":
        return ("", {}) if has_resources else (f"resources: [{name}.yaml]", {f"{name}.yaml": b""})
    return f"{name}.yaml", {f"{name}.yaml": b""}


def _replaced(text: str, gap: Gap, new: str) -> str:
    """Lines stay where they are."""
    old = text[gap.start : gap.end]
    told = old.rstrip()
    return f"{text[: gap.start]}{new}{chr(10) * told.count(chr(10))}{old[len(told) :]}{text[gap.end :]}"


def build(engine: Engine, parts: Mended, options: RenderOptions) -> tuple[Inputs, Rendered]:
    """The output, and the inputs that gave it. Raises RenderError where no object that stands in helps."""
    objects = {json.dumps(service): 0 for service in parts.services}
    end = time.monotonic() + options.timeout
    for _ in range(MAX_BUILDS):
        inputs = _with(parts, objects)
        try:
            return inputs, engine.render(inputs, options)
        except RenderError as error:
            if time.monotonic() > end:
                raise
            wanted = _wanted(error.message)
            if wanted is not None and objects.get(wanted, -1) + 1 < len(parts.files):
                objects[wanted] = objects.get(wanted, -1) + 1
            elif wanted is None and parts.services:
                # What was put there for a patch of single fields did not fit it.
                parts, objects = parts._replace(services=()), {}
            else:
                raise
    raise RenderError("load", f"more than {MAX_BUILDS} patches match nothing that is there")


def _with(parts: Mended, objects: Mapping[str, int]) -> dict[str, bytes]:
    inputs = dict(parts.inputs)
    for text, at in objects.items():
        inputs[parts.files[at]] += f"---\n{text}\n".encode()
    return inputs


def _wanted(message: str) -> str | None:
    """The object that a patch did not find, from the words of the engine."""
    found = _NOTHING.search(message)
    if found is None:
        return None
    kind, version, group, name, namespace = (("" if part.startswith("[no") else part) for part in found.groups())
    # A patch that gives a node port and no type is for a Service that has the type.
    spec = {"type": "NodePort"} if (kind, group) == ("Service", "") else {}
    return json.dumps(_object(f"{group}/{version}" if group else version, kind, name, namespace, spec))


def _object(version: str, kind: str, name: str, namespace: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "annotations": {MARK: "true"}}
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {key: value for key, value in metadata.items() if value},
        **({"spec": spec} if spec else {}),
    }


def stands_in(value: Mapping[str, Any]) -> bool:
    """Whether an object of the output stands in for one that is missing."""
    return MARK in mapping(mapping(value.get("metadata")).get("annotations"))


# --- patches of single fields (JSON 6902), which the engine drops where their target is missing -------------------


def _services(inputs: Mapping[str, bytes], line: Sequence[Kustomization]) -> Iterator[dict[str, Any]]:
    """A Service for each that such a patch names and gives a node port, and that no file holds."""
    held = b"\n".join(inputs[path] for one in line for path in one.resources if path in inputs)
    told: set[str] = set()
    for target, operations in _patches(inputs, line):
        name, namespace = target.get("name"), target.get("namespace")
        if target.get("kind") != "Service" or not isinstance(name, str) or not re.fullmatch(r"[\w.-]+", name):
            continue
        if name in told or re.search(rb"name:\s*[\"']?" + re.escape(name.encode()) + rb"\b", held):
            continue
        if any(_gives_number(operation) for operation in operations):
            told.add(name)
            spec = {"type": "NodePort", "ports": _ports(operations)}
            yield _object("v1", "Service", name, namespace if isinstance(namespace, str) else "", spec)


def _patches(
    inputs: Mapping[str, bytes], line: Sequence[Kustomization]
) -> Iterator[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    for one in line:
        _, value = yamltext.mapping_of(inputs[one.path])
        for key in ("patches", "patchesJson6902"):
            entries = value.get(key)
            for entry in entries if isinstance(entries, list) else ():
                entry = mapping(entry)
                path = f"{one.directory}/{entry.get('path')}".lstrip("/")
                text = entry["patch"].encode() if isinstance(entry.get("patch"), str) else inputs.get(path, b"")
                operations = _list_of(text)
                if operations:
                    yield mapping(entry.get("target")), operations


def _list_of(data: bytes) -> list[Mapping[str, Any]]:
    try:
        roots = yamltext.read(yamltext.decode(data)).roots
        value = yamltext.plain(roots[0]) if roots else None
    except (UnicodeDecodeError, yamltext.YamlError):
        return []
    return [mapping(item) for item in value] if isinstance(value, list) else []


def _gives_number(operation: Mapping[str, Any]) -> bool:
    return "nodePort" in json.dumps([operation.get("path"), operation.get("value")], default=str)


def _ports(operations: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Entries with the fields that the operations expect to be there; their values are not known."""
    ports: list[dict[str, Any]] = []
    for operation in operations:
        found = _PORT_OF.fullmatch(str(operation.get("path")))
        if found is not None:
            ports += [{} for _ in range(int(found[1]) + 1 - len(ports))]
            if operation.get("op") != "add":
                ports[int(found[1])][found[2]] = None
    return ports
