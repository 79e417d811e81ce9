"""One kustomization: what it refers to, and what is to be said of each reference that cannot be followed.

The engine may open what this has not seen, so that anything unusual is left out or ends the reading: keys that only
kustomize's case-blind reader knows, plugins of unknown kinds, texts that are no paths.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from nodeport_lint import yamltext
from nodeport_lint.expressions import expression
from nodeport_lint.kustomize.inplace import NEITHER, OBJECT, ODD, PATH, is_odd, is_usual, kind_of
from nodeport_lint.kustomize.nouns import PROBLEM, Gap, Kustomization
from nodeport_lint.kustomize.parsing import parsed
from nodeport_lint.model import LIMIT, Location, Problem, Route, Severity
from nodeport_lint.tree.files import DIRECTORY, FILE, MAX_SETTINGS, NOTHING, OUTSIDE, Files

MAX_TOLD = 50
"""Faults of one kustomization that are told one by one."""
_LISTS = (
    "resources", "bases", "components", "crds", "configurations", "generators", "transformers", "validators",
    "patchesStrategicMerge",
)  # fmt: skip
_PLUGIN_LISTS = ("generators", "transformers", "validators")
_LISTS_OF_OBJECTS = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_CHARTS = ("helmCharts", "helmChartInflationGenerator")
_INPUTS = ("files", "envs", "env")
"""Keys of generators whose files hold settings: no object and no node port is in them."""
_FIELDS = frozenset(
    {*_LISTS, *_LISTS_OF_OBJECTS, *_GENERATORS, *_CHARTS, "apiVersion", "kind", "metadata", "openapi", "namePrefix",
     "nameSuffix", "namespace", "commonLabels", "labels", "commonAnnotations", "images", "imageTags", "replicas",
     "vars", "sortOptions", "helmGlobals", "generatorOptions", "buildMetadata"}
)  # fmt: skip
_FIELDS_OF = {
    "patches": {"path", "patch", "target", "options"},
    "patchesJson6902": {"path", "patch", "target"},
    "replacements": {"path", "source", "targets"},
    "openapi": {"path"},
    **{key: {"name", "namespace", "behavior", "type", "literals", "options", *_INPUTS} for key in _GENERATORS},
}
_FOLLOWED = {key.lower() for key in (*_INPUTS, "path", "paths", "replacements")}
_BUILTIN = frozenset(
    {"AnnotationsTransformer", "ConfigMapGenerator", "HashTransformer", "ImageTagTransformer", "LabelTransformer",
     "NamespaceTransformer", "PatchJson6902Transformer", "PatchStrategicMergeTransformer", "PatchTransformer",
     "PrefixSuffixTransformer", "PrefixTransformer", "ReplacementTransformer", "ReplicaCountTransformer",
     "SecretGenerator", "SortOrderTransformer", "SuffixTransformer"}
)  # fmt: skip
"""Kinds of kustomize's own plugins that open no other files than those under the keys that are followed."""
_MENDABLE = {
    "resources": "resource", "bases": "resource", "components": "component", "generators": "plugin",
    "transformers": "plugin", "validators": "plugin",
}  # fmt: skip
_REPOSITORY = expression(r"^[A-Za-z0-9][\w.-]*@|(^|/)_git(/|$)")
"""What kustomize takes for a repository before it looks whether there is a directory of that name."""
_RENAMED = "imageTags:"
"""Before it parses anything, kustomize writes ``images:`` for it (api/types/fix.go), also within a path."""
_REMOTE = expression(
    r"^(https?:|ssh:|git:|git@|github\.com[/:]|gh:|file:|oci:|bitbucket\.org/|gitlab\.com/)|://|^[\w.-]+@[^/]*:"
    r"|\?(ref|version|timeout|submodules)=|\.git(/|\?|$)",
    re.IGNORECASE,
)


class Reader:
    """Reads one kustomization of ``tree``. ``known``: its kustomizations by their directories."""

    def __init__(self, tree: Files, known: Mapping[str, str], path: str) -> None:
        self.tree, self.known, self.path = tree, known, path
        self.directory = path.rpartition("/")[0]
        self.files: dict[str, None] = {}
        self.directories: dict[str, None] = {}
        self.resources: dict[str, None] = {}
        self.inputs: dict[str, None] = {}
        self.plugins: dict[str, None] = {}
        self.chart_values: dict[str, None] = {}
        self.missing: list[tuple[str, str, str, Route]] = []
        self.absent: dict[str, tuple[str, Route]] = {}
        self.left_out: list[tuple[str, Route]] = []
        self.problems: list[Problem] = []
        self.gaps: dict[Gap, None] = {}
        self.further = 0
        self.blocked = False

    def read(self) -> Kustomization:
        stream, value, fault = parsed(self.tree, self.path)
        self.node = stream.roots[0] if stream.roots else None
        self.places = yamltext.NodePlaces(stream, stream.roots[0], self.path) if stream.roots else None
        for broken in stream.broken[:1]:
            self.blocked = True
            text = f"the kustomization in {self.directory or '.'} does not render: {broken.message}"
            kind = LIMIT if broken.limit else PROBLEM
            self.problems.append(Problem(kind, text, Location(self.path, stream.line_region(broken.offset))))
        if fault:
            self.blocked = True
            self._tell(f"does not render: {fault}", (), None)
        if ODD.search(stream.text.removeprefix("\ufeff")) or (self.node is not None and is_odd(self.node, twice=False)):
            self._tell("is not built: it holds control characters, tags, or keys that are merged in", (), Severity.NOTE)
            self.blocked = True
        if any(not isinstance(root, yamltext.Scalar) or root.text for root in stream.roots[1:]):
            self._tell("is read without what follows its first document", (), Severity.NOTE)
        if any(_RENAMED in scalar.text for scalar in yamltext.scalars(stream.roots)):
            self._tell(f"is not built: kustomize reads every {_RENAMED} in it as images:", (), Severity.NOTE)
            self.blocked = True
        self._references(value)
        self._tell_all()
        if self.further:
            text = f"the kustomization in {self.directory or '.'} has {self.further} more faults, which are not listed"
            self.problems.append(Problem(PROBLEM, text, Location(self.path)))
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
            plugins=tuple(self.plugins),
            absent=tuple(self.absent),
        )

    def _references(self, value: Mapping[str, Any]) -> None:
        self._fields(value, (), _FIELDS)
        for key in _LISTS:
            for index, entry in self._entries(value, key, str):
                self._entry(key, entry, (key, index))
        for key in _LISTS_OF_OBJECTS:
            # Older versions take texts among patches for strategic merges, which may be paths.
            for index, entry in self._entries(value, key, dict):
                self._fields(entry, (key, index), _FIELDS_OF[key])
                self._text(key, entry.get("path"), (key, index, "path"))
        openapi = value.get("openapi")
        if isinstance(openapi, dict):
            self._fields(openapi, ("openapi",), _FIELDS_OF["openapi"])
            self._text("openapi", openapi.get("path"), ("openapi", "path"))
        elif openapi is not None:
            self._refused("openapi must be a mapping", [("openapi",)])
        for key in _GENERATORS:
            for index, entry in self._entries(value, key, dict):
                self._generator(entry, (key, index))
        for key in _CHARTS:
            if _list(value.get(key)):
                self._without("a Helm chart, which it inflates", key, (key,))
                self._chart_values(value[key])

    def _entries(self, value: Mapping[str, Any], key: str, kind: type) -> Iterator[tuple[int, Any]]:
        """The entries of a list, which must all be of one kind; kustomize refuses others."""
        listed = value.get(key)
        others: list[Route] = []
        for index, entry in enumerate(_list(listed)):
            if isinstance(entry, kind):
                yield index, entry
            elif entry is not None:
                others.append((key, index))
        if others:
            self._refused(f"an entry of {key} must be {'a text' if kind is str else 'a mapping'}", others)
        if listed is not None and not isinstance(listed, list):
            self._refused(f"{key} must be a list", [(key,)])

    def _refused(self, what: str, routes: Sequence[Route]) -> None:
        """One problem for all that kustomize refuses for one reason, at the first of them."""
        more = f" (and {len(routes) - 1} more)" if len(routes) > 1 else ""
        self._tell(f"does not render: {what}{more}", routes[0], None)
        self.blocked = True

    def _fields(self, value: Mapping[Any, Any], route: Route, known: Collection[str]) -> None:
        """kustomize takes RESOURCES for resources, too, whatever the alphabet; all else that is unknown it refuses."""
        unknown = [str(key) for key in value if key not in known]
        if unknown:
            self._refused(f"unknown field {_short(unknown[0])!r}", [(*route, key) for key in unknown])

    def _chart_values(self, charts: list[Any]) -> None:
        for chart in charts:
            given = yamltext.mapping(chart)
            names = (given.get("valuesFile"), *_list(given.get("additionalValuesFiles")))
            for name in names:
                if isinstance(name, str) and name.isprintable():
                    path = self._path(name)
                    if not _leads_out(path) and self.tree.kind(path) == FILE:
                        self.chart_values[path] = None

    def _generator(self, entry: Any, route: Route) -> None:
        if not isinstance(entry, dict):
            return
        self._fields(entry, route, _FIELDS_OF[str(route[0])])
        for key in ("files", "envs"):
            self._texts(key, entry.get(key), (*route, key))
        self._text("env", entry.get("env"), (*route, "env"))

    # --- one reference ---------------------------------------------------------------------------

    def _texts(self, key: str, value: Any, route: Route) -> None:
        """References that must be a list of texts; null is none."""
        if value is not None and not isinstance(value, list):
            self._refused(f"{key} must be a list", [route])
        for index, item in enumerate(_list(value)):
            self._text(key, item, (*route, index))

    def _text(self, key: str, value: Any, route: Route) -> None:
        """A reference that must be a text: what is none here may be one to another reader."""
        if isinstance(value, str):
            self._entry(key, value.rpartition("=")[2] if key == "files" else value, route)
        elif value is not None:
            self._refused(f"{key} must be a text", [route])

    def _entry(self, key: str, text: str, route: Route) -> None:
        """A file, a directory, text in place, or something that cannot be followed."""
        if not text:
            return
        if key in (*_PLUGIN_LISTS, "patchesStrategicMerge"):
            kind = kind_of(text, self.directory, self.tree)
            if kind == OBJECT and key in _PLUGIN_LISTS:
                self._plugins(text, route)
            elif kind == NEITHER:
                # Kustomize may build it all the same: nobody need have made a mistake.
                what = f"{_short(' '.join(text.split()))!r} is neither an object nor a path beyond doubt"
                self._tell(f"is not built: {what}", route, Severity.NOTE)
                self._block(key, route)
            if kind != PATH:
                return
        if not text.isprintable():
            self._problem(f"{_short(text)!r} is no path", route)
            return
        path = self._path(text)
        kind = NOTHING if _leads_out(path) else self.tree.kind(path)
        is_repository = key in _MENDABLE and _REPOSITORY.search(text) is not None
        if _REMOTE.search(text) or is_repository or ("//" in text and kind == NOTHING):
            self._without(f"{_short(text)}, which is remote: nothing is fetched", key, route)
        elif _leads_out(path):
            self._problem(f"{_short(text)} leads out of the repository", route, key)
        elif kind == OUTSIDE:
            self._problem(f"{_short(text)} is a link that leads out of the repository", route, key)
        elif kind == DIRECTORY:
            self._directory(text, path, route, key)
        elif kind == FILE:
            self._file(path, route, key)
        elif key in _INPUTS:
            self.absent[path] = text, route
        else:
            self.missing.append((text, path, key, route))

    def _path(self, text: str) -> str:
        path = os.path.normpath(os.path.join(self.directory, text)).replace(os.sep, "/")
        return "" if path == "." else path

    def _file(self, path: str, route: Route, key: str) -> None:
        self.files[path] = None
        if key in ("resources", "bases"):
            self.resources[path] = None
        if key in _INPUTS:
            self.inputs[path] = None
        if key in _PLUGIN_LISTS:
            self.plugins[path] = None
            try:
                self._plugins(self.tree.read(path, MAX_SETTINGS).decode("utf-8"), route)
            except (OSError, UnicodeDecodeError) as error:
                self._problem(f"{_short(path)} cannot be read: {error}", route)

    def _directory(self, text: str, path: str, route: Route, key: str) -> None:
        if key in _PLUGIN_LISTS:
            self._without(f"the plugins of {_short(text)}", key, route)
        elif path in self.known:
            self.directories[path] = None
        else:
            self._problem(f"the directory {_short(text)} holds no kustomization", route, key)

    def _plugins(self, text: str, route: Route) -> None:
        """Files that a plugin of kustomize itself names; any other is a program, which is not run."""
        if not is_usual(text):
            self._without("a plugin whose text is unusual", "generators", route)
            return
        for root in yamltext.read(text).roots:
            try:
                value = yamltext.plain(root)
            except yamltext.YamlError:
                value = None
            if not isinstance(value, dict) or not _is_known_plugin(value):
                kind = _short(str(yamltext.mapping(value).get("kind")))
                self._without(f"{kind}, a plugin, which is not run", "generators", route)
                continue
            for key in ("path", "env"):
                self._text(key, value.get(key), route)
            for key in ("paths", "files", "envs"):
                self._texts(key, value.get(key), route)
            replacements = value.get("replacements")
            if replacements is not None and not isinstance(replacements, list):
                self._refused("replacements must be a list", [route])
            for item in _list(replacements):
                if isinstance(item, dict):
                    self._text("path", item.get("path"), route)
                else:
                    self._refused("an entry of replacements must be a mapping", [route])

    # --- what is to be said ----------------------------------------------------------------------

    def _tell_all(self) -> None:
        """One problem for all that is missing: who has forgotten one file has forgotten several. One for all that is
        left out, too."""
        if self.left_out:
            what, route = self.left_out[0]
            more = f" (and {len(self.left_out) - 1} more)" if len(self.left_out) > 1 else ""
            self._tell(f"is read without {what}{more}", route, Severity.NOTE)
        if self.missing:
            text, path, key, route = self.missing[0]
            others = len(self.missing) - 1
            more = f", nor {'does' if others == 1 else 'do'} {others} more" if others else ""
            self._tell(f"does not render: {_short(text)} does not exist{more}", route, None)
            for text, path, key, route in self.missing:
                own = path.startswith(f"{self.directory}/" if self.directory else "") and not text.endswith("/")
                self._block(key, route, path if own else "")
        if self.absent:
            places = self.places
            found = [
                (places.locate(route).order if places else (), text, route) for text, route in self.absent.values()
            ]
            _, text, route = min(found)
            more = f" and {len(self.absent) - 1} more" if len(self.absent) > 1 else ""
            what = f"is read with nothing in {_short(text)}{more}, which the repository lacks"
            self._tell(what, route, Severity.NOTE)

    def _problem(self, message: str, route: Route, key: str = "") -> None:
        """A reference that kustomize itself could not follow either."""
        self._tell(f"does not render: {message}", route, None)
        self._block(key, route)

    def _without(self, what: str, key: str, route: Route) -> None:
        """Something that is left out on purpose, and is nobody's mistake."""
        self.left_out.append((what, route))
        self._block(key, route)

    def _tell(self, text: str, route: Route, severity: Severity | None) -> None:
        if len(self.problems) >= MAX_TOLD:
            self.further += 1
            return
        location = self.places.locate(route) if self.places is not None else Location(self.path)
        where = self.directory or "."
        self.problems.append(Problem(PROBLEM, f"the kustomization in {where} {text}", location, severity=severity))

    def _block(self, key: str, route: Route, path: str = "") -> None:
        """Notes where the rest can be rendered without a reference, or that it cannot."""
        kind = "charts" if route == (key,) else _MENDABLE.get(key)
        found, depth = yamltext.find(self.node, route) if self.node is not None else (None, -1)
        if kind is None or found is None or depth < len(route):
            self.blocked = True
            return
        start = found.key.start if kind == "charts" and found.key is not None else found.node.start
        self.gaps[Gap(kind, start, found.node.end, path)] = None


def _is_known_plugin(value: Mapping[Any, Any]) -> bool:
    """One of kustomize's own, with keys that its case-blind reader and ours take for the same."""
    if value.get("apiVersion") != "builtin" or value.get("kind") not in _BUILTIN:
        return False
    entries = [item for item in _list(value.get("replacements")) if isinstance(item, dict)]
    return all(
        isinstance(key, str) and key.isascii() and (key.lower() not in _FOLLOWED or key == key.lower())
        for one in (value, *entries)
        for key in one
    )


def _leads_out(path: str) -> bool:
    return path.startswith(("../", "/")) or path == ".."


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117]}..."


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
