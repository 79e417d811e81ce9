"""An entry of a kustomization that may be an object in place or the path of one: what it is to every reader.

Kustomize parses such a text, and takes it for a path where that fails; which texts parse, its parser and ours see
differently. So a text in place must be an object beyond doubt, and as a path it must lead to nothing; and a path must
be a plain one. Anything else is refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from nodeport_lint import yamltext
from nodeport_lint.expressions import expression
from nodeport_lint.tree.files import NOTHING, Files

PATH, OBJECT, NEITHER = "path", "object", "neither"

ODD = expression("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]|\r(?!\n)")
"""What YAML 1.1 takes for the end of a line, or nobody writes: parsers differ about it."""
_SEPARATOR = expression(r"^---(?!(?:[ \t]+#[^\r\n]*|[ \t]*)\r?$)", re.MULTILINE)
"""Kustomize splits a text at every line that begins so, whatever follows (kyaml kio/byteio_reader.go)."""
_ADDRESS = expression(r"https?:", re.IGNORECASE)


def kind_of(text: str, directory: str, files: Files) -> str:
    """PATH, OBJECT or NEITHER. ``directory`` is that of the kustomization."""
    roots = _roots(text)
    if roots is not None and len(roots) == 1 and isinstance(roots[0], yamltext.Scalar):
        return PATH if roots[0].plain and roots[0].text == text and text.isprintable() else NEITHER
    if roots and len(roots) > 1 and _is_empty(roots[-1]):
        # Behind a last separator there is nothing.
        roots = roots[:-1]
    if roots and _are_objects(roots) and _leads_to_nothing(text, directory, files):
        return OBJECT
    return NEITHER


def is_usual(text: str) -> bool:
    """Whether every parser reads a text alike: no odd characters and separators, merged keys, keys that are written
    twice, or tags."""
    return _roots(text) is not None


def _roots(text: str) -> list[yamltext.Content] | None:
    if ODD.search(text) or _SEPARATOR.search(text):
        return None
    stream = yamltext.read(text)
    if stream.broken or any(map(is_odd, stream.roots)):
        return None
    return stream.roots


def is_odd(root: yamltext.Content, twice: bool = True) -> bool:
    """Whether a mapping has a key that is no plain text, is merged in (``<<``, in whatever style), or, if that counts
    (``twice``), stands there a second time; or a value has a tag."""
    waiting: list[Any] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yamltext.Mapping):
            keys = [key for key, _ in node.entries if isinstance(key, yamltext.Scalar)]
            if len(keys) < len(node.entries) or any(key.text == "<<" or key.tag is not None for key in keys):
                return True
            if twice and len({key.text for key in keys}) < len(keys):
                return True
            waiting += [value for _, value in node.entries]
        elif isinstance(node, yamltext.Sequence):
            waiting += node.items
        elif isinstance(node, yamltext.Scalar) and node.tag is not None:
            return True
    return False


def _is_empty(root: yamltext.Content) -> bool:
    return isinstance(root, yamltext.Scalar) and not root.text


def _are_objects(roots: Sequence[yamltext.Content]) -> bool:
    """What kustomize demands: every object has a kind and a name, and no two are one (its resource factory refuses
    others). The first key is one that every object has, so that no address can stand there."""
    identities = set()
    for root in roots:
        try:
            value = yamltext.mapping(yamltext.plain(root))
        except yamltext.YamlError:
            return False
        metadata = yamltext.mapping(value.get("metadata"))
        if not all(isinstance(text, str) and text for text in (value.get("kind"), metadata.get("name"))):
            return False
        if next(iter(value)) not in ("apiVersion", "kind", "metadata", "$patch"):
            return False
        identities.add((str(value.get("apiVersion")), value["kind"], metadata["name"], str(metadata.get("namespace"))))
    return len(identities) == len(roots)


def _leads_to_nothing(text: str, directory: str, files: Files) -> bool:
    if text.startswith("/") or _ADDRESS.match(text) or "/_git/" in text:
        return False
    path = os.path.normpath(os.path.join(directory, text)).replace(os.sep, "/")
    return path not in (".", "..") and not path.startswith(("../", "/")) and files.kind(path) == NOTHING
