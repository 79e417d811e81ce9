"""The text of a kustomization to what it holds, with a word for every text that two parsers may see differently."""

from __future__ import annotations

from typing import Any, NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.tree.files import MAX_SETTINGS, Files

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""How a text begins that kustomize and we take apart at different places."""


class Parsed(NamedTuple):
    """A kustomization's text and what its first document holds. ``fault``: why that is not known, where it is not: such
    a text is never taken for one that holds nothing."""

    stream: yamltext.Stream
    value: dict[str, Any]
    fault: str = ""


def parsed(files: Files, path: str) -> Parsed:
    """Never raises: what cannot be read is in ``fault``."""
    try:
        data = files.read(path, MAX_SETTINGS)
        if data.startswith(UTF_16):
            return Parsed(yamltext.Stream(""), {}, "it is no UTF-8")
        stream = yamltext.read(data.decode("utf-8"))
        value = yamltext.plain(stream.roots[0]) if stream.roots else None
    except OSError as error:
        return Parsed(yamltext.Stream(""), {}, f"it cannot be read: {error.strerror or error}")
    except UnicodeDecodeError:
        return Parsed(yamltext.Stream(""), {}, "it is no UTF-8")
    except yamltext.YamlError as error:
        return Parsed(stream, {}, error.message)
    if not stream.roots and not stream.broken:
        # Nothing but blanks and comments: kustomize refuses it, and nothing is lost.
        return Parsed(stream, {})
    if not isinstance(value, dict):
        return Parsed(stream, {}, "" if stream.broken else "it holds no mapping of keys to values")
    return Parsed(stream, value)


def is_kustomization(files: Files, path: str) -> bool:
    """Flux and others have a kind of that name; only kustomize's own file is one (or has no kind)."""
    value = parsed(files, path).value
    version = value.get("apiVersion") or "kustomize.config.k8s.io/v1beta1"
    if not isinstance(version, str):
        return True
    return version.startswith("kustomize.config.k8s.io/") or value.get("kind") not in ("Kustomization", "Component")
