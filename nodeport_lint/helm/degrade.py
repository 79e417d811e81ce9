"""Edits of a bundle by which a chart that does not render whole renders in part."""

from __future__ import annotations

from collections.abc import Mapping

from nodeport_lint.expressions import expression
from nodeport_lint.helm.bundle import TOP
from nodeport_lint.helm.metadata import without

STUBS = f"{TOP}/templates/_stand_in_templates.tpl"
"""The file that defines what nobody else does."""

_USED = expression(rb'(?:include|template)\s+"([^"\s]{1,200})"')
_DEFINED = expression(rb'(?:define|block)\s+"([^"\s]{1,200})"')
_TEXT = (
    b'{{ define "%s" }}{{ $name := "stand-in" }}{{ if kindIs "map" . }}{{ with .Release }}{{ $name = .Name }}{{ end }}'
    b"{{ end }}{{ $name }}{{ end }}\n"
)
_NOTHING = b'{{ define "%s" }}{{ end }}\n'
# By this name libraries render the templates that a value may hold.
_RENDER = (
    b'{{ define "%s" }}{{ $v := .value }}{{ if not (typeIs "string" $v) }}{{ $v = toYaml $v }}{{ end }}'
    b'{{ if contains "{{" $v }}{{ tpl $v .context }}{{ else }}{{ $v }}{{ end }}{{ end }}\n'
)


def is_template(path: str) -> bool:
    return "/templates/" in path


def blanked(inputs: Mapping[str, bytes], path: str) -> dict[str, bytes]:
    """Without the text of one template. The file stays: others may include it by its path."""
    return {**inputs, path: b""}


def missing_templates(inputs: Mapping[str, bytes]) -> list[str]:
    """Named templates that are used and that no file defines."""
    used: set[bytes] = set()
    defined: set[bytes] = set()
    for path, data in inputs.items():
        if is_template(path):
            used.update(_USED.findall(data))
            defined.update(_DEFINED.findall(data))
    return sorted(name.decode("utf-8", "replace") for name in used - defined)


def stubbed(inputs: Mapping[str, bytes], names: list[str]) -> dict[str, bytes]:
    """With a stand-in for each named template: a word where a name is wanted, else nothing."""
    return {**inputs, STUBS: b"".join(_stub(name) % name.encode() for name in names)}


def _stub(name: str) -> bytes:
    last = name.rpartition(".")[2].lower()
    if "tplvalues" in name and last.startswith("render"):
        return _RENDER
    return _TEXT if last.endswith("name") or ".names." in name else _NOTHING


def without_version(inputs: Mapping[str, bytes]) -> dict[str, bytes]:
    """Without the demand of a Kubernetes version, in all charts."""
    return {
        path: without(data, (), "kubeVersion") if path.endswith("/Chart.yaml") and b"kubeVersion" in data else data
        for path, data in inputs.items()
    }
