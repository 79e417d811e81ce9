"""``kustomize build`` or ``kubectl kustomize`` as an engine: a process for each root."""

from __future__ import annotations

import os
import re

from nodeport_lint.engines import child
from nodeport_lint.engines.workspace import Workspaces
from nodeport_lint.expressions import expression
from nodeport_lint.model.render import Inputs, Rendered, RenderedText, RenderError, RenderOptions
from nodeport_lint.model.words import sentence

STARLARK = 5 << 30
"""Bytes of address space that older versions reserve at their start, and do not use (go.starlark.net, 4 GB)."""
DISPATCHER = "-dispatcher"
"""What Google Cloud's kubectl calls itself: it asks a server at every run, to choose among versions of kubectl."""
PROBE = child.Limits(seconds=20, memory=600 << 20, output=20_000)
_SEPARATOR = expression(r"^---[ \t]*\r?\n", re.MULTILINE)
_SCANNED = expression(r"\.(ya?ml|json|env|properties|txt|cfg|conf|ini|toml)$|(^|/)[^/.]+$", re.IGNORECASE)
_FILE = expression(r"in File: (\S+)|file '([^']+)'|lstat (\S+): no such file")
_DENIED = expression(r"(?:open|lstat|readlink|stat) ([^\n:]+): permission denied")
_LOGGED = expression(r'E\d{4} [\d:.]+ +\d+ \S+\] "command failed" err="(.*)"', re.DOTALL)
"""Some errors kubectl gives to its log."""
_POINTER = expression(r"(?<![\w.])(/[\w~-]{1,100}(?:/[\w~.-]{1,100}){1,20})")
MAX_POINTERS = 5
"""Pointers of one message that are looked for."""
_NOISE = expression(r"^#? ?Warning: .*\n?|^.*Starlark failed.*\n?", re.MULTILINE)


def version_of(command: str, fenced: bool) -> str:
    """``kustomize/v5.7.1``, with DISPATCHER behind it where that is what the program is.

    Raises RenderError where the program does not answer as kustomize or kubectl does, inside the fence or not.
    """
    name = os.path.basename(command).removesuffix(".exe")
    arguments = [command, "version"] if name == "kustomize" else [command, "version", "--client", "--output=json"]
    done = child.Probe(arguments, _environment, PROBE, fenced, STARLARK).finish()
    text = done.output.decode("utf-8", "replace")
    pattern = r"(v\d+\.\d+\.\d+\S*)" if name == "kustomize" else r'"kustomizeVersion": "(v[^"]+)"'
    found = re.search(pattern, text)
    if done.status != 0 or found is None:
        raise RenderError("load", f"{command} does not answer as kustomize does")
    return f"kustomize/{found[1]}{DISPATCHER if '-dispatcher' in text else ''}"


class KustomizeCommand:
    """Builds a root among inputs that lie in a directory of ours at their paths in the repository."""

    keeps_comments = False

    def __init__(self, command: str, version: str, fenced: bool) -> None:
        self.command, self.id = command, version
        name = os.path.basename(command).removesuffix(".exe")
        found = re.search(r"v(\d+)\.(\d+)", version)
        old = found is not None and (int(found[1]), int(found[2])) < (5, 6)
        self.reserved = STARLARK if old else 0
        self.verb = "build" if name == "kustomize" else "kustomize"
        self.spaces = Workspaces()
        self.fence = child.fence_round(command, self.spaces.top, fenced)
        self.environment = _environment(self.spaces.empty)

    def scannable(self, path: str) -> bool:
        return _SCANNED.search(path) is not None

    def markable(self, path: str) -> bool:
        return False

    def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
        directory = self.spaces.hold(inputs)
        restrictor = "LoadRestrictionsRootOnly" if options.restricted else "LoadRestrictionsNone"
        # A directory may be called like an option.
        arguments = [self.command, self.verb, f"./{options.root}", "--load-restrictor", restrictor]
        done = child.run_engine(
            "kustomize", arguments, directory, self.environment, options, self.fence.start, self.reserved
        )
        if done.status != 0:
            raise _error(done.errors.decode("utf-8", "replace"), directory, inputs)
        text = done.output.decode("utf-8", "replace")
        return Rendered(tuple(RenderedText(part, None) for part in _SEPARATOR.split(text) if part.strip()))

    def close(self) -> None:
        self.fence.close()
        self.spaces.close()


def _error(errors: str, directory: str, inputs: Inputs) -> RenderError:
    """The last words count: what is in front of them is the way down to the cause."""
    text = _NOISE.sub("", errors).strip().replace(f"{directory}/", "").replace(directory, ".")
    if re.search(r"out of memory|cannot allocate memory|^fatal error", text):
        return RenderError("memory", "kustomize ran out of memory")
    logged = _LOGGED.fullmatch(text)
    if logged is not None:
        text = logged[1].replace('\\"', '"').replace("\\n", "\n")
    text = text.removeprefix("error: ").removeprefix("Error: ")
    found = _FILE.search(text)
    named = next(filter(None, found.groups()), "") if found else ""
    matching = [path for path in inputs if path == named or path.endswith(f"/{named}")] if named else []
    line = re.search(r"yaml: line (\d+)|line (\d+): mapping key", text)
    number = int(line[1] or line[2]) if line else None
    if not matching:
        matching, number = _refused(text, inputs) or _of_field(text, inputs)
    return RenderError("load", sentence(text), matching[0] if len(matching) == 1 else None, number)


def _refused(text: str, inputs: Inputs) -> tuple[list[str], int | None] | None:
    """Where the path is written that the fence, or another right of a file, kept from being read."""
    for path in _DENIED.findall(text):
        name = os.path.basename(path).encode("utf-8", "surrogateescape")
        found = [(file, data.find(name)) for file, data in inputs.items() if name and name in data]
        if len(found) == 1:
            file, at = found[0]
            return [file], inputs[file].count(b"\n", 0, at) + 1
    return None


def _of_field(text: str, inputs: Inputs) -> tuple[list[str], int | None]:
    """The one operation on a field that an error names: ``path: /spec/ports/3/nodePort`` in a patch."""
    for pointer in reversed(_POINTER.findall(text)[-MAX_POINTERS:]):
        operation = re.compile(rb"path[\"']?[ \t]*:[ \t]*[\"']?" + re.escape(pointer.encode()) + rb"(?![\w/~-])")
        found = [(path, match) for path, data in inputs.items() for match in operation.finditer(data)]
        if len({path for path, _ in found}) == 1:
            path, match = found[0]
            return [path], inputs[path].count(b"\n", 0, match.start()) + 1 if len(found) == 1 else None
    return [], None


def _environment(empty: str) -> dict[str, str]:
    # ~/.kube/kuberc can change flags of kubectl.
    return child.environment(empty, {"KUBECTL_KUBERC": "false"})
