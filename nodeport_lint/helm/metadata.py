"""``Chart.yaml`` and ``requirements.yaml``: what a chart is called and what it depends on."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.model import Region
from nodeport_lint.model.render import MAX_METADATA


class Dependency(NamedTuple):
    """One entry of ``dependencies``; ``region`` is where its name is written in ``file``."""

    name: str
    alias: str
    version: str
    repository: str
    file: str
    region: Region | None


class Fault(NamedTuple):
    """Why a file cannot be read, and where. ``limit``: it is not wrong, and more than is read."""

    message: str
    region: Region | None = None
    limit: bool = False


class Metadata(NamedTuple):
    """What Helm reads of a chart itself. ``error``: why the file cannot be read, or None."""

    name: str = ""
    version: str = ""
    type: str = ""
    dependencies: tuple[Dependency, ...] = ()
    error: Fault | None = None


def read_metadata(files: Mapping[str, bytes]) -> Metadata:
    """From the files of a chart, relative to its top. Dependencies of both files count, as they do for Helm."""
    value, stream, error = _parsed(files.get("Chart.yaml", b""))
    if error is not None:
        return Metadata(error=error)
    dependencies = _dependencies(value, stream, "Chart.yaml")
    if "requirements.yaml" in files:
        below, below_stream, _ = _parsed(files["requirements.yaml"])
        dependencies += _dependencies(below, below_stream, "requirements.yaml")
    return Metadata(
        _text(value.get("name")), _text(value.get("version")), _text(value.get("type")), tuple(dependencies)
    )


def _parsed(data: bytes) -> tuple[dict[str, Any], yamltext.Stream, Fault | None]:
    if len(data) > MAX_METADATA:
        return {}, yamltext.Stream(""), Fault(f"larger than {MAX_METADATA / 1e6} MB", limit=True)
    try:
        stream = yamltext.read(yamltext.decode(data))
    except UnicodeDecodeError:
        return {}, yamltext.Stream(""), Fault("not UTF-8")
    if stream.broken:
        broken = stream.broken[0]
        return {}, stream, Fault(broken.message, stream.line_region(broken.offset), broken.limit)
    try:
        value = yamltext.plain(stream.roots[0]) if stream.roots else None
    except yamltext.YamlError as error:
        return {}, stream, Fault(error.message, stream.line_region(error.offset), error.limit)
    if not isinstance(value, dict):
        return {}, stream, Fault("no mapping of keys to values")
    return value, stream, None


def _dependencies(value: Mapping[str, Any], stream: yamltext.Stream, file: str) -> list[Dependency]:
    found = []
    listed = value.get("dependencies")
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            places = yamltext.NodePlaces(stream, stream.roots[0], file)
            region = places.locate(("dependencies", index, "name")).region
            found.append(
                Dependency(
                    entry["name"], _text(entry.get("alias")), _text(entry.get("version")),
                    _text(entry.get("repository")), file, region,
                )
            )  # fmt: skip
    return found


def without(data: bytes, names: Collection[str], and_key: str = "") -> bytes:
    """The text of a Chart.yaml with the dependencies ``names`` and the key ``and_key`` taken out.

    Lines above and below keep their text. Text that cannot be read is given back as it is.
    """
    value, stream, error = _parsed(data)
    if error is not None:
        return data
    text = stream.text
    root = stream.roots[0]
    cuts: list[tuple[int, int, str]] = []
    for key in ("dependencies", and_key):
        found, depth = yamltext.find(root, (key,)) if key in value else (None, 0)
        if found is None or depth != 1 or found.key is None:
            continue
        end = max(found.key.end, yamltext.content(found.node).end)
        if key != "dependencies":
            cuts.append((found.key.start, end, f"x-{key}: null"))
        elif isinstance(value[key], list):
            kept = [entry for entry in value[key] if not (isinstance(entry, dict) and str(entry.get("name")) in names)]
            cuts.append((found.key.start, end, f"dependencies: {json.dumps(kept)}"))
            value[key] = kept
    for start, end, put in sorted(cuts, reverse=True):
        rest = text[end:].lstrip(" ")
        text = text[:start] + put + ("" if rest[:1] in ("", "\r", "\n", ",", "}") else "\n") + rest
    result = text.encode("utf-8", "surrogateescape")
    if _parsed(result)[2] is None:
        return result
    # An anchor in what was taken out is used elsewhere: then the values count and not the text.
    return json.dumps({key: entry for key, entry in value.items() if key != and_key}).encode()


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)
