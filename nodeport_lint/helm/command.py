"""The ``helm`` command, version 3 or 4, as an engine: a process for each render."""

from __future__ import annotations

from nodeport_lint.engines import child
from nodeport_lint.engines.workspace import Workspaces
from nodeport_lint.helm import printed, templates
from nodeport_lint.model.render import Inputs, Rendered, RenderError, RenderOptions

PROBE = child.Limits(seconds=20, memory=600 << 20, output=10_000)


def asked(command: str, fenced: bool) -> child.Probe:
    """A program that is about to tell its version, inside the fence or not. Raises RenderError."""
    return child.Probe([command, "version", "--template", "{{.Version}}"], _environment, PROBE, fenced)


def version_told(command: str, probe: child.Probe) -> str:
    """``v4.1.4``. Raises RenderError where the program does not answer as helm 3 or 4 does."""
    done = probe.finish()
    version = done.output.decode("utf-8", "replace").strip()
    if done.status != 0 or not version.startswith("v"):
        raise RenderError("load", f"{command} does not answer as helm does")
    if version.split(".")[0] not in ("v3", "v4"):
        raise RenderError("load", f"{command} is helm {version}; 3 and 4 are understood")
    return version


class HelmCommand:
    """``helm template`` on inputs that it gets in a directory of ours."""

    keeps_comments = True

    def __init__(self, command: str, version: str, fenced: bool) -> None:
        self.command, self.id = command, f"helm/{version}"
        self.spaces = Workspaces()
        self.fence = child.fence_round(command, self.spaces.top, fenced)
        self.environment = _environment(self.spaces.empty)

    def scannable(self, path: str) -> bool:
        return templates.scannable(path)

    def markable(self, path: str) -> bool:
        return templates.markable(path)

    def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
        # helm takes a list of values files with commas, and an address for one: so they get names of ours.
        names = {f"values/{index}.yaml": path for index, path in enumerate(options.values)}
        directory = self.spaces.hold({**inputs, **{name: inputs[path] for name, path in names.items()}})
        done = child.run_engine(
            "helm", self._arguments(inputs, options, list(names)), directory, self.environment, options,
            self.fence.start,
        )  # fmt: skip
        paths = printed.ChartPaths(inputs, options.root)
        if done.status != 0:
            failed = printed.error_of(done.status, done.errors.decode("utf-8", "replace"), paths)
            raise printed.renamed(failed, names)
        return Rendered(tuple(printed.documents(done.output.decode("utf-8", "replace"), paths)))

    def close(self) -> None:
        self.fence.close()
        self.spaces.close()

    def _arguments(self, inputs: Inputs, options: RenderOptions, values: list[str]) -> list[str]:
        # "./" makes it a path: anything else could be looked up in a chart repository.
        arguments = [self.command, "template", options.release, f"./{options.root}", "--namespace", options.namespace]
        for path in values:
            arguments += ["--values", path]
        for flag, path in options.sets:
            arguments += [flag, inputs[path].decode("utf-8")]
        return arguments


def _environment(empty: str) -> dict[str, str]:
    places = dict.fromkeys(("HELM_CONFIG_HOME", "HELM_CACHE_HOME", "HELM_DATA_HOME", "HELM_PLUGINS"), empty)
    return child.environment(empty, {**places, "HELM_NAMESPACE": "default"})
