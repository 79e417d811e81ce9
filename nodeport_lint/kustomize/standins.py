"""Kustomizations of which a part is missing: something empty in its place, so that the engine builds the rest.

A patch that finds nothing ends a build. What the missing part would hold is not known, but what a patch names is: an
object of that kind and name takes it, and shows the node ports that the patch sets.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Any, NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.engines.outcome import GIVEN_UP
from nodeport_lint.expressions import expression
from nodeport_lint.kustomize.nouns import Gap, Kustomization
from nodeport_lint.kustomize.patches import named_by_patches, services_of_patches
from nodeport_lint.model.render import Engine, Inputs, Rendered, RenderError, RenderOptions
from nodeport_lint.yamltext import mapping

MARK = "nodeport-lint/stands-in"
"""An annotation by which an object that stands in is told from one that somebody wrote."""
MAX_BUILDS = 20
"""Builds of one root, in the time of one at most; each names one more patch that finds nothing."""
_NOTHING = expression(r"no matches for Id ([^.\s]+)\.([^.\s]+)\.([^/\s]+)/(\S+)\.([^.\s;]+)")
_NAME = expression(rb"name[\"']?:[ \t]*[\"']?([\w.-]+)")


class Mended(NamedTuple):
    """Inputs that can be built. ``files`` are the empty ones that stand in for resources; ``services`` are objects
    for the first of them, ``others`` what else patches name that no file does, with the index of the file below the
    kustomization that patches. ``mark``: the value of MARK."""

    inputs: dict[str, bytes]
    files: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    others: Mapping[str, int] = MappingProxyType({})
    mark: str = ""


class Part(NamedTuple):
    """One kustomization with its gaps filled: its text, what lies beside it, and which of that are resources."""

    text: bytes
    beside: dict[str, bytes]
    resources: tuple[str, ...]


class Mender:
    """Fills the gaps of kustomizations, each once: a base belongs to many roots. ``services_in`` gives the names of
    the Services that a file holds."""

    def __init__(self, services_in: Callable[[str, bytes], Iterable[str]]) -> None:
        self.services_in = services_in
        self._parts: dict[str, Part] = {}
        self._names: dict[str, frozenset[str]] = {}

    def mended(self, inputs: dict[str, bytes], line: Sequence[Kustomization]) -> Mended:
        """``line``: a root and all that it refers to, the root first."""
        if not any(one.gaps for one in line):
            return Mended(inputs)
        changed, files = dict(inputs), list[str]()
        for one in line:
            if one.gaps:
                part = self._part(one, inputs)
                changed[one.path] = part.text
                changed.update(part.beside)
                files += part.resources
        if not files:
            return Mended(changed)
        # Nobody can write the mark into a file that takes part in it.
        mark = sha256(b"\0".join(changed[path] for path in sorted(changed))).hexdigest()[:16]
        held = [path for one in line for path in one.resources if path in inputs]
        services = {name for path in held for name in self.services_in(path, inputs[path])}
        names = {name for path in held for name in self._names_in(path, inputs[path])}
        absent = (one for one in services_of_patches(inputs, line) if one["metadata"]["name"] not in services)
        others: dict[str, int] = {}
        for by, value in named_by_patches(inputs, line):
            below = (file for one in _below(by, line) if one.gaps for file in self._part(one, inputs).resources)
            file = next(below, None)
            if value["metadata"]["name"] not in names and file is not None:
                others.setdefault(_written(_typed(value), mark), files.index(file))
        return Mended(changed, tuple(files), tuple(_written(one, mark) for one in absent), others, mark)

    def _part(self, one: Kustomization, inputs: Mapping[str, bytes]) -> Part:
        if one.path not in self._parts:
            prefix = f"{one.directory}/" if one.directory else ""
            text, beside, resources = yamltext.decode(inputs[one.path]), dict[str, bytes](), list[str]()
            free = _free_names(prefix, inputs)
            pieces, end = list[str](), len(text)
            for gap in sorted(one.gaps, key=lambda gap: gap.start, reverse=True):
                place = gap.path or f"{prefix}{next(free)}"
                files = _files(gap, place, one.has_resources)
                beside.update(files)
                if gap.kind in ("resource", "charts"):
                    resources += files
                if not gap.path:
                    name = place.removeprefix(prefix)
                    charts = f"resources: [{name}]" if files else ""
                    pieces += [text[gap.end : end], _filled(text, gap, charts if gap.kind == "charts" else name)]
                    end = gap.start
            whole = "".join(reversed([*pieces, text[:end]]))
            self._parts[one.path] = Part(whole.encode("utf-8", "surrogateescape"), beside, tuple(resources))
        return self._parts[one.path]

    def _names_in(self, path: str, data: bytes) -> frozenset[str]:
        if path not in self._names:
            self._names[path] = frozenset(name.decode("utf-8", "replace") for name in _NAME.findall(data))
        return self._names[path]


def _below(one: Kustomization, line: Sequence[Kustomization]) -> Iterator[Kustomization]:
    """A kustomization of a line and all that it refers to."""
    known = {other.directory: other for other in line}
    seen, waiting = {one.directory}, [one.directory]
    while waiting:
        here = known.get(waiting.pop())
        if here is not None:
            yield here
            waiting += [directory for directory in here.directories if directory not in seen]
            seen.update(here.directories)


def _free_names(prefix: str, inputs: Iterable[str]) -> Iterator[str]:
    """Short, so that a line keeps its length, and not the name of anything that is there."""
    taken = {path.removeprefix(prefix).partition("/")[0] for path in inputs if path.startswith(prefix)}
    count = 0
    while True:
        if f"np{count}" not in taken:
            yield f"np{count}"
        count += 1


def _files(gap: Gap, place: str, has_resources: bool) -> dict[str, bytes]:
    """What lies at the place of a gap."""
    if gap.kind == "component":
        component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [none.yaml]\n"
        return {f"{place}/kustomization.yaml": component.encode(), f"{place}/none.yaml": b""}
    return {} if gap.kind == "charts" and has_resources else {place: b""}


def _filled(text: str, gap: Gap, new: str) -> str:
    """The characters of a gap with ``new`` in their place: what follows stays in its line, and in its column where the
    new text is not longer."""
    old = text[gap.start : gap.end]
    told = old.rstrip()
    lines = told.count("\n")
    padding = "\n" * lines + " " * (len(told.rpartition("\n")[2]) if lines else len(told) - len(new))
    return f"{new}{padding}{old[len(told) :]}"


def build(engine: Engine, parts: Mended, options: RenderOptions) -> tuple[Inputs, Rendered, list[str]]:
    """The output, the inputs that gave it, and the Services whose patches of single fields did not fit what stood in
    for them. Raises RenderError where no object that stands in helps."""
    objects, lost = dict.fromkeys(parts.services, 0), list[str]()
    end = time.monotonic() + min(options.wall, options.timeout)
    together, one_by_one = bool(parts.others), dict[str, int]()
    for _ in range(MAX_BUILDS):
        inputs = _with(parts, objects)
        try:
            # All builds share the time of one.
            left = options._replace(wall=max(1.0, end - time.monotonic()))
            return inputs, engine.render(inputs, left), lost
        except RenderError as error:
            if time.monotonic() > end:
                raise RenderError("timeout", f"{options.timeout:.0f} s were not enough to find {_WHAT}") from None
            wanted = _wanted(error.message, parts.mark)
            if wanted is not None and together:
                # What no file names is in what is missing, all of it: one build more, not one for each.
                objects = {wanted: 0, **objects, **parts.others}
                together, one_by_one = False, {**dict.fromkeys(parts.services, 0), wanted: objects[wanted]}
            elif wanted is None and one_by_one:
                # Some of them are there after all, under a name that is made up.
                objects, one_by_one = one_by_one, {}
            elif wanted is not None and objects.get(wanted, -1) + 1 < len(parts.files):
                objects[wanted] = objects.get(wanted, -1) + 1
            elif wanted is None and any(text in objects for text in parts.services):
                text = _misfit(error.message, [text for text in parts.services if text in objects])
                lost.append(json.loads(text)["metadata"]["name"])
                del objects[text]
            else:
                raise
    raise RenderError(GIVEN_UP, f"{MAX_BUILDS} builds were not enough to find {_WHAT}")


_WHAT = "what its patches name and the repository lacks"


def _misfit(message: str, services: Sequence[str]) -> str:
    """The one that an error names, else the last."""
    return next((text for text in services if json.loads(text)["metadata"]["name"] in message), services[-1])


def _with(parts: Mended, objects: Mapping[str, int]) -> dict[str, bytes]:
    inputs = dict(parts.inputs)
    for text, at in objects.items():
        inputs[parts.files[at]] += f"---\n{text}\n".encode()
    return inputs


def _wanted(message: str, mark: str) -> str | None:
    """The object that a patch did not find, from the words of the engine."""
    found = _NOTHING.search(message)
    if found is None:
        return None
    kind, version, group, name, namespace = (("" if part.startswith("[no") else part) for part in found.groups())
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    api = f"{group}/{version}" if group else version
    return _written(_typed({"apiVersion": api, "kind": kind, "metadata": metadata}), mark)


def _typed(value: dict[str, Any]) -> dict[str, Any]:
    """A patch that gives a node port and no type is for a Service that has the type."""
    is_service = (value.get("apiVersion"), value.get("kind")) == ("v1", "Service")
    return {**value, "spec": {"type": "NodePort"}} if is_service else value


def _written(value: Mapping[str, Any], mark: str) -> str:
    return json.dumps({**value, "metadata": {**value["metadata"], "annotations": {MARK: mark}}})


def stands_in(value: Mapping[str, Any], parts: Mended) -> bool:
    """Whether an object of the output stands in for one that is missing."""
    mark = mapping(mapping(value.get("metadata")).get("annotations")).get(MARK)
    return bool(parts.mark) and mark == parts.mark
