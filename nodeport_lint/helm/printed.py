"""What Helm prints: documents with their templates, and errors with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from nodeport_lint import yamltext
from nodeport_lint.expressions import expression
from nodeport_lint.model.render import MAX_METADATA, Inputs, RenderedText, RenderError
from nodeport_lint.model.words import MAX_SENTENCE, sentence


class ChartPaths:
    """From the paths that Helm prints to those of the inputs.

    Helm names charts by their names and sub-charts by alias or name, wherever they lie.
    """

    def __init__(self, inputs: Inputs, root: str) -> None:
        self.inputs, self.root = inputs, root
        self._below: dict[str, dict[str, str]] = {}

    def input_path(self, printed: str) -> str | None:
        """``shop/charts/one/templates/a.yaml`` to the input, or None where there is no such file."""
        parts = printed.split("/")
        directory, index = self.root, 1
        while index + 1 < len(parts) and parts[index] == "charts":
            below = self._children(directory)
            if parts[index + 1] not in below:
                return None
            directory = below[parts[index + 1]]
            index += 2
        path = "/".join([directory, *parts[index:]])
        return path if path in self.inputs else None

    def _children(self, directory: str) -> dict[str, str]:
        """Every name under which a sub-chart of a chart may be printed, with its directory."""
        if directory not in self._below:
            found: dict[str, str] = {}
            for folder in self._folders:
                parent, _, last = folder.rpartition("/charts/")
                if parent == directory:
                    found.setdefault(last, folder)
                    name = self._metadata(f"{folder}/Chart.yaml").get("name")
                    if isinstance(name, str):
                        found[name] = folder
            named = dict(found)
            for entry in self._dependencies(directory):
                alias, name = entry.get("alias"), entry.get("name")
                if isinstance(alias, str) and isinstance(name, str) and name in named:
                    found[alias] = named[name]
            self._below[directory] = found
        return self._below[directory]

    @cached_property
    def _folders(self) -> list[str]:
        suffix = "/Chart.yaml"
        return sorted(path.removesuffix(suffix) for path in self.inputs if path.endswith(suffix))

    def _dependencies(self, directory: str) -> Iterator[dict[str, object]]:
        for file in ("Chart.yaml", "requirements.yaml"):
            listed = self._metadata(f"{directory}/{file}").get("dependencies")
            yield from (entry for entry in (listed if isinstance(listed, list) else ()) if isinstance(entry, dict))

    def _metadata(self, path: str) -> dict[str, object]:
        data = self.inputs.get(path)
        return {} if data is None or len(data) > MAX_METADATA else yamltext.mapping_of(data)[1]


_SOURCE = expression(r"^---\r?\n# Source: (.*?)\r?\n", re.MULTILINE)


def documents(output: str, paths: ChartPaths) -> Iterator[RenderedText]:
    """The documents of ``helm template``. Only a ``# Source:`` right behind ``---`` is Helm's own."""
    heads = list(_SOURCE.finditer(output))
    ends = [*(head.start() for head in heads[1:]), len(output)] if heads else []
    for head, end in zip(heads, ends, strict=True):
        yield RenderedText(output[head.end() : end], paths.input_path(head[1]))


_SEPARATOR = expression(r"(?m)^---[ \t]*(?:#.*)?\r?$\n?")


def template_documents(text: str, source: str | None) -> Iterator[RenderedText]:
    """The documents of one rendered template."""
    for part in _SEPARATOR.split(text):
        if part.strip():
            yield RenderedText(part, source)


# --- errors ------------------------------------------------------------------------------------

_NOISE = expression(
    r"^(?:level=\S+ |time=\S+ |\S+\.go:\d+: |WARNING: |\d{4}/\d\d/\d\d |walk\.go|coalesce|Use --debug).*\n?",
    re.MULTILINE,
)
_BARE_PLACE = expression(
    r"^(?=\S(?>(?:[^\s/]|/(?![^\s:]))*)/[^\s:])((?>(?:[^\s:]|:(?!\d++:\d++\n))+)):(\d++):\d++\n(.*+)", re.DOTALL
)
"""A path with a slash, a line and a column without a word in front. What it took it never gives back."""
_PLACES = (
    ("template", expression(r"^execution error at \((\S+?):(\d+):\d+\): (.*)", re.DOTALL)),
    ("template", expression(r"^parse error at \((\S+?):(\d+)\): (.*)", re.DOTALL)),
    ("template", expression(r"^template: (\S+?):(\d+)(?::\d+)?: (.*)", re.DOTALL)),
    ("template", _BARE_PLACE),
    ("template", expression(r"^YAML parse error on (\S+?):()? ?(.*)", re.DOTALL)),
    ("load", expression(r"^failed to parse (\S+?): (?:.*line (\d+))?(.*)", re.DOTALL)),
    ("load", expression(r"^cannot load (\S+?): (?:.*line (\d+))?(.*)", re.DOTALL)),
)
_INCLUDE = expression(r'no template "([^"]*)"|template "([^"]*)" not defined')


def error_of(status: int, errors: str, paths: ChartPaths) -> RenderError:
    """What Helm says when it fails, with the place that it names."""
    text = _NOISE.sub("", errors).strip()
    if re.search(r"stack exceeds|stack overflow", text):
        return RenderError("crash", "the engine called itself without an end")
    if re.search(r"out of memory|cannot allocate memory|runtime: |^fatal error", text):
        return RenderError("memory", "the engine ran out of memory")
    if "Error: " not in text:
        first = text.splitlines()[0][:MAX_SENTENCE] if text else f"it ended with status {status} and said nothing"
        return RenderError("crash" if status < 0 else "load", first)
    return engine_error(text.partition("Error: ")[2].strip(), paths)


def engine_error(text: str, paths: ChartPaths) -> RenderError:
    """An error of the engine by its own words, without the ``Error:`` in front."""
    kind, file, line = "load", None, None
    if "requires kubeVersion" in text:
        kind = "version"
    for name, pattern in _PLACES:
        found = pattern.search(text)
        if found:
            kind = name
            printed = found[1]
            file = paths.input_path(printed) or _file_of_chart(printed, paths)
            line = int(found[2]) if found[2] and "YAML parse" not in text[:20] else None
            break
    if kind == "template" and _INCLUDE.search(text):
        kind = "include"
    return RenderError(kind, sentence(text), file, line)


def renamed(error: RenderError, names: Mapping[str, str]) -> RenderError:
    """An error about a values file under its own name: ``names`` are those that the engine knows, with theirs."""
    for name, path in names.items():
        if re.search(rf"(?<![\w/]){re.escape(name)}(?!\w)", error.message):
            line = re.search(r"\bline (\d+)", error.message)
            message = error.message.replace(name, path.removeprefix("user/"))
            return RenderError(error.kind, message, path, error.line or (int(line[1]) if line else None))
    return error


def _file_of_chart(printed: str, paths: ChartPaths) -> str | None:
    path = f"{paths.root}/{printed}"
    return path if path in paths.inputs else None
