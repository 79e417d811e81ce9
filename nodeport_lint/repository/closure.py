"""Which files a kustomization uses, found by reading alone, and every reference that cannot be followed.

Kustomize itself seldom says where a bad reference stands; here each problem has its line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.model import Location, Problem, Route, Severity

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
PROBLEM = "unrendered-kustomization"
MAX_BYTES = 5_000_000
"""Bytes of one file."""

_LISTS = (
    "resources", "bases", "components", "crds", "configurations", "generators", "transformers", "validators",
    "patchesStrategicMerge",
)  # fmt: skip
_PLUGIN_LISTS = ("generators", "transformers", "validators")
_LISTS_OF_OBJECTS = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_INPUTS = ("files", "envs", "env")
"""Keys of generators whose files hold settings: no object and no node port is in them."""
_REMOTE = re.compile(r"^(https?://|ssh://|git::|git@|github\.com[/:]|gh:|file://|oci://|bitbucket\.org/|gitlab\.com/)")
_REMOTE_PARTS = re.compile(r"\?(ref|version|timeout|submodules)=|\.git(/|\?|$)|//")


_MENDABLE = {
    "resources": "resource", "bases": "resource", "components": "component", "generators": "plugin",
    "transformers": "plugin", "validators": "plugin",
}  # fmt: skip


class Gap(NamedTuple):
    """Characters of a kustomization that cannot be followed here, and without which the rest can be rendered.

    ``kind``: ``resource``, ``component`` or ``plugin`` for a reference to such a thing, ``charts`` for a key with its
    value, which gives resources.
    """

    kind: str
    start: int
    end: int


class Kustomization(NamedTuple):
    """One directory with a kustomization. Paths are relative to the root; ``files`` and ``directories`` exist.

    ``blocked``: a reference that nobody can follow here, so that it does not render, ``gaps`` aside.
    """

    path: str
    directory: str
    component: bool
    files: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    """Those of the files that hold objects, and no patches or settings."""
    problems: tuple[Problem, ...] = ()
    blocked: bool = False
    gaps: tuple[Gap, ...] = ()
    inputs: tuple[str, ...] = ()
    """Those of the files of which ConfigMaps and Secrets are made."""
    chart_values: tuple[str, ...] = ()
    """Values for charts that it would inflate; none of the files."""
    has_resources: bool = False
    """Whether there is a list of them, empty or not."""
    namespace: str = ""
    """Of all its objects, whatever they say themselves."""
    absent: tuple[str, ...] = ()
    """Files for generators of ConfigMaps and Secrets that are not in the repository, as is usual for secrets."""


class Closures:
    """All kustomizations of a tree, by directory."""

    def __init__(self, found: Mapping[str, Kustomization]) -> None:
        self.found = found
        referenced = {
            directory for one in found.values() for directory in one.directories if directory != one.directory
        }
        self.roots = tuple(sorted(one for one in found if one not in referenced and not found[one].component))

    def line(self, directory: str) -> list[Kustomization]:
        """The kustomization of a directory and all below it, each once."""
        order: list[Kustomization] = []
        seen, waiting = {directory}, [directory]
        while waiting:
            one = self.found.get(waiting.pop())
            if one is not None:
                order.append(one)
                new = [below for below in one.directories if below not in seen]
                seen.update(new)
                waiting += reversed(new)
        return order

    def files(self, directory: str) -> set[str]:
        """Every file that takes part, kustomizations included."""
        return {path for one in self.line(directory) for path in (one.path, *one.files)}

    def all_files(self) -> set[str]:
        return {path for one in self.found.values() for path in (one.path, *one.files)}


def read_closures(root: str, paths: Collection[str]) -> Closures:
    """From the paths of kustomization files. What they name outside ``root`` is never opened."""
    known = {path.rpartition("/")[0]: path for path in sorted(paths, key=_precedence, reverse=True)}
    return Closures({directory: _Reader(root, known, path).read() for directory, path in known.items()})


def _precedence(path: str) -> tuple[int, str]:
    return NAMES.index(path.rpartition("/")[2]), path


def is_kustomization(root: str, path: str) -> bool:
    """Flux and others have a kind of that name; only kustomize's own file is one (or has no kind)."""
    _, value = _parsed(os.path.join(root, path))
    version = value.get("apiVersion") or "kustomize.config.k8s.io/v1beta1"
    if not isinstance(version, str):
        return True
    return version.startswith("kustomize.config.k8s.io/") or value.get("kind") not in ("Kustomization", "Component")


def _parsed(path: str) -> tuple[yamltext.Stream, dict[str, Any]]:
    try:
        with open(path, "rb") as file:
            return yamltext.mapping_of(file.read(MAX_BYTES))
    except OSError:
        return yamltext.Stream(""), {}


class _Reader:
    """Reads one kustomization."""

    def __init__(self, root: str, known: Mapping[str, str], path: str) -> None:
        self.root, self.known, self.path = root, known, path
        self.directory = path.rpartition("/")[0]
        self.files: dict[str, None] = {}
        self.directories: dict[str, None] = {}
        self.resources: dict[str, None] = {}
        self.missing: list[tuple[str, str, Route]] = []
        self.gaps: dict[Gap, None] = {}
        self.inputs: dict[str, None] = {}
        self.chart_values: dict[str, None] = {}
        self.left_out: list[tuple[str, Route]] = []
        self.absent: dict[str, tuple[str, Route]] = {}
        self.problems: list[Problem] = []
        self.blocked = False

    def read(self) -> Kustomization:
        stream, value = _parsed(os.path.join(self.root, self.path))
        self.node = stream.roots[0] if stream.roots else None
        self.places = yamltext.NodePlaces(stream, stream.roots[0], self.path) if stream.roots else None
        for key in _LISTS:
            for index, entry in enumerate(_list(value.get(key))):
                self._entry(key, entry, (key, index))
        for key in _LISTS_OF_OBJECTS:
            for index, entry in enumerate(_list(value.get(key))):
                if isinstance(entry, dict):
                    self._entry(key, entry.get("path"), (key, index, "path"))
        openapi = value.get("openapi")
        if isinstance(openapi, dict):
            self._entry("openapi", openapi.get("path"), ("openapi", "path"))
        for key in _GENERATORS:
            for index, entry in enumerate(_list(value.get(key))):
                self._generator(entry, (key, index))
        for key in ("helmCharts", "helmChartInflationGenerator"):
            if _list(value.get(key)):
                self._without("a Helm chart, which it inflates", key, (key,))
                self._chart_values(value[key])
        self._tell_missing()
        namespace = value.get("namespace")
        return Kustomization(
            path=self.path,
            directory=self.directory,
            component=value.get("kind") == "Component",
            files=tuple(self.files),
            directories=tuple(self.directories),
            resources=tuple(self.resources),
            problems=tuple(self.problems),
            blocked=self.blocked,
            gaps=tuple(self.gaps),
            inputs=tuple(self.inputs),
            chart_values=tuple(self.chart_values),
            has_resources="resources" in value,
            namespace=namespace if isinstance(namespace, str) else "",
            absent=tuple(self.absent),
        )

    def _chart_values(self, charts: list[Any]) -> None:
        for chart in charts:
            given = yamltext.mapping(chart)
            names = (given.get("valuesFile"), *_list(given.get("additionalValuesFiles")))
            for name in filter(lambda name: isinstance(name, str), names):
                path = os.path.normpath(os.path.join(self.directory, name)).replace(os.sep, "/")
                if not path.startswith("../") and self._inside(os.path.join(self.root, path)):
                    self.chart_values[path] = None

    def _generator(self, entry: Any, route: Route) -> None:
        if not isinstance(entry, dict):
            return
        for index, item in enumerate(_list(entry.get("files"))):
            if isinstance(item, str):
                self._entry("files", item.rpartition("=")[2], (*route, "files", index))
        for index, item in enumerate(_list(entry.get("envs"))):
            self._entry("envs", item, (*route, "envs", index))
        self._entry("env", entry.get("env"), (*route, "env"))

    def _entry(self, key: str, text: Any, route: Route) -> None:
        """One reference: a file, a directory, text in place, or something that cannot be followed."""
        if not isinstance(text, str) or not text:
            return
        if "\n" in text:
            if key in _PLUGIN_LISTS:
                self._plugins(text, route)
            return
        path = os.path.normpath(os.path.join(self.directory, text)).replace(os.sep, "/")
        path = "" if path == "." else path
        place = os.path.join(self.root, path)
        if _REMOTE.match(text) or (_REMOTE_PARTS.search(text) and not os.path.lexists(place)):
            self._without(f"{_short(text)}, which is remote: nothing is fetched", key, route)
        elif path.startswith(("../", "/")) or path == "..":
            self._problem(f"{_short(text)} leads out of the repository", route, key)
        elif not self._inside(place):
            self._problem(f"{_short(text)} is a link that leads out of the repository", route, key)
        elif os.path.isdir(place):
            self._directory(text, path, route, key)
        elif os.path.isfile(place):
            self.files[path] = None
            if key in ("resources", "bases"):
                self.resources[path] = None
            if key in _INPUTS:
                self.inputs[path] = None
            if key in _PLUGIN_LISTS:
                self._plugin_file(place, route)
        elif key in _INPUTS:
            self.absent[path] = text, route
        else:
            self.missing.append((text, key, route))

    def _tell_missing(self) -> None:
        """One problem for all that is missing: who has forgotten one file has forgotten several. One for all that is
        left out, too."""
        if self.left_out:
            what, route = self.left_out[0]
            more = f" (and {len(self.left_out) - 1} more)" if len(self.left_out) > 1 else ""
            self._tell(f"is read without {what}{more}", route, Severity.NOTE)
        if self.missing:
            text, key, route = self.missing[0]
            more = f", nor do {len(self.missing) - 1} more" if len(self.missing) > 1 else ""
            self._problem(f"{_short(text)} does not exist{more}", route, key)
            for _, key, route in self.missing[1:]:
                self._block(key, route)
        if self.absent:
            places = self.places
            found = [
                (places.locate(route).order if places else (), text, route) for text, route in self.absent.values()
            ]
            _, text, route = min(found)
            more = f" and {len(self.absent) - 1} more" if len(self.absent) > 1 else ""
            location = self.places.locate(route) if self.places is not None else Location(self.path)
            where = self.directory or "."
            message = (
                f"the kustomization in {where} is read with nothing in {_short(text)}{more}, which the repository lacks"
            )
            self.problems.append(Problem(PROBLEM, message, location, severity=Severity.NOTE))

    def _directory(self, text: str, path: str, route: Route, key: str) -> None:
        if path in self.known:
            self.directories[path] = None
        else:
            self._problem(f"the directory {_short(text)} holds no kustomization", route, key)

    def _inside(self, place: str) -> bool:
        top = os.path.realpath(self.root)
        return f"{os.path.realpath(place)}{os.sep}".startswith(top.rstrip(os.sep) + os.sep)

    def _plugin_file(self, place: str, route: Route) -> None:
        try:
            with open(place, encoding="utf-8", errors="replace") as file:
                self._plugins(file.read(MAX_BYTES), route)
        except OSError as error:
            self._problem(f"cannot be read: {error.strerror}", route)

    def _plugins(self, text: str, route: Route) -> None:
        """Files that a builtin generator or transformer names; any other is a program, which is not run."""
        for root in yamltext.read(text).roots:
            try:
                value = yamltext.plain(root)
            except yamltext.YamlError:
                continue
            if not isinstance(value, dict):
                continue
            if value.get("apiVersion") != "builtin":
                self._without(f"{_short(str(value.get('kind')))}, a plugin, which is not run", "generators", route)
                continue
            for key in ("path", "paths", "files", "envs"):
                entry = value.get(key)
                for item in entry if isinstance(entry, list) else [entry]:
                    self._entry(key, item.rpartition("=")[2] if isinstance(item, str) else None, route)
            for item in _list(value.get("replacements")):
                self._entry("path", item.get("path") if isinstance(item, dict) else None, route)

    def _problem(self, message: str, route: Route, key: str = "") -> None:
        """A reference that kustomize itself could not follow either."""
        self._tell(f"does not render: {message}", route, None)
        self._block(key, route)

    def _without(self, what: str, key: str, route: Route) -> None:
        """Something that is left out on purpose, and is nobody's mistake."""
        self.left_out.append((what, route))
        self._block(key, route)

    def _tell(self, text: str, route: Route, severity: Severity | None) -> None:
        location = self.places.locate(route) if self.places is not None else Location(self.path)
        where = self.directory or "."
        self.problems.append(Problem(PROBLEM, f"the kustomization in {where} {text}", location, severity=severity))

    def _block(self, key: str, route: Route) -> None:
        """Notes where the rest can be rendered without a reference, or that it cannot."""
        kind = "charts" if route == (key,) else _MENDABLE.get(key)
        found, depth = yamltext.find(self.node, route) if self.node is not None else (None, -1)
        if kind is None or found is None or depth < len(route):
            self.blocked = True
            return
        start = found.key.start if kind == "charts" and found.key is not None else found.node.start
        self.gaps[Gap(kind, start, found.node.end)] = None


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117]}..."


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
