"""Plain manifest files: their objects, lists taken apart, numbers of values, and what could not be read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.expressions import expression
from nodeport_lint.manifests.custom import is_custom
from nodeport_lint.manifests.objects import TooManyObjectsError, objects
from nodeport_lint.manifests.services import is_service
from nodeport_lint.manifests.values import declarations
from nodeport_lint.model import (
    COMMENT,
    LIMIT,
    Comment,
    Declaration,
    Document,
    Location,
    Notice,
    PortRange,
    Problem,
    Read,
    Route,
    Unit,
    UnitKind,
    few,
)
from nodeport_lint.model.clock import Stage
from nodeport_lint.model.words import counted
from nodeport_lint.tree import given_up, unreadable
from nodeport_lint.tree.files import OnDisk
from nodeport_lint.yamltext.escapes import unescaped

LARGE = 1_000_000
"""Bytes. A larger file is parsed only if a token occurs in it that an enabled verb looks for."""
TOO_LARGE = 5_000_000
"""Bytes. A larger file is never parsed."""
SEARCHED = 100_000_000
"""Bytes of a large file that are searched for a token."""
SEARCHED_OF_ALL = 500_000_000
"""Bytes of all files that are too large to be parsed."""
MAX_FAULTY = 50
"""Texts with faults that are kept for equal ones; the first goes first."""
SHARE = 0.5
"""Of the time that is left."""

UNPARSABLE = "unparsable"
"""The kind of a problem of what is wrong."""
NODE_PORT_TEXT = expression("node_?port", re.IGNORECASE)
_BINARY = r"[!:]binary\b|^%TAG|![^\s%]{0,50}%[46]"
_ENCODED, _ENCODED_DATA = expression(_BINARY, re.MULTILINE), expression(_BINARY.encode(), re.MULTILINE)
"""The tag of text in base64, however it is written: a key can be such text."""
_SPELLING = expression("\\\\[xuU\r\n\x85\u2028\u2029]")
"""An escape that stands for a letter, or for nothing at all."""
_TEMPLATE = expression(r"^[^\"'#\n]*\{\{|^[ \t-]*</?#|\{%|<%", re.MULTILINE)
"""Text of a template language where YAML cannot have it: no braces behind a quote."""
_KEY_API_VERSION = expression(r"""^[ \t{,-]*["']?apiVersion["']?[ \t]*:""", re.MULTILINE)
_KEY_KIND = expression(r"""^[ \t{,-]*["']?kind["']?[ \t]*:""", re.MULTILINE)


class Wanted(NamedTuple):
    """Which files are parsed: all whose text a pattern finds (None: all), and of large ones those that hold one of
    ``tokens``, which an enabled verb looks for."""

    tokens: Iterable[str] = ()
    pattern: re.Pattern[str] | None = None


def read_manifests(
    files: OnDisk,
    paths: Iterable[str],
    wanted: Wanted,
    among: PortRange,
    expansion: yamltext.Expansion,
    units: Mapping[str, Unit] = MappingProxyType({}),
) -> Read:
    """The objects of files, in the order of ``paths`` and of the text; of files of values, the node ports.

    ``among``: the range that node ports are taken from. ``expansion``: what is left of what aliases of all files may
    lead to. ``units``: what files are parts of, where they are not applied by themselves.
    """
    reader = _Reader(files, wanted, among, expansion, units)
    stage = expansion.clock.stage("reading manifests", SHARE)
    documents = tuple(document for path in paths for document in reader.documents(path, stage))
    return Read(
        documents=documents,
        values=tuple(reader.values),
        problems=tuple(reader.problems),
        comments=tuple(reader.comments),
        notices=tuple(reader.notices()),
    )


class _Reader:
    def __init__(
        self,
        files: OnDisk,
        wanted: Wanted,
        among: PortRange,
        expansion: yamltext.Expansion,
        units: Mapping[str, Unit],
    ) -> None:
        self.files, self.wanted, self.among, self.expansion, self.units = files, wanted, among, expansion, units
        self.left = SEARCHED_OF_ALL
        """Bytes that may still be searched of files that are too large."""
        self.values: list[Declaration] = []
        self.problems: list[Problem] = []
        self.comments: list[Comment] = []
        self.templates: dict[str, None] = {}
        """Files of another tool's template language."""
        self.skipped: list[str] = []
        """Large files without a token."""
        self.slight: dict[tuple[bool, bytes], list[dict[str, Any]]] = {}
        """What is kept of texts that ask for no node port, by what they hold: versions of a thing hold much alike."""

        self.faulty: dict[tuple[bool, bytes], yamltext.Stream] = {}
        """Texts with faults, which take the longest to be read, as long as there are few."""

    def documents(self, path: str, stage: Stage) -> Iterator[Document]:
        why = stage.over()
        if why:
            self.problems.append(given_up(path, why))
            return
        text = self._text(path)
        if text is not None and (self.wanted.pattern is None or self.wanted.pattern.search(text)):
            yield from self._objects(path, text)

    def notices(self) -> Iterator[Notice]:
        if self.templates:
            count = counted(len(self.templates), "file")
            yield Notice(f"{count} with template text ({{{{ }}}}) that is not YAML set aside", tuple(self.templates))
        if self.skipped:
            count = counted(len(self.skipped), "large file")
            yield Notice(f"{count} without node-port text not parsed", tuple(self.skipped))

    def _text(self, path: str) -> str | None:
        try:
            size = self.files.size(path)
            # No more than the size that says what becomes of it: a file may grow meanwhile.
            data = self.files.read(path, min(size, SEARCHED if size <= TOO_LARGE else min(SEARCHED, self.left)))
        except OSError as error:
            self.problems.append(unreadable(path, error))
            return None
        if size > LARGE and not self._is_wanted(path, size, data):
            return None
        try:
            return yamltext.decode(data)
        except UnicodeDecodeError as error:
            rough = data.decode("latin-1")
            if looks_like_manifest(rough):
                self.problems.append(_undecodable(path, data, error))
            return None

    def _is_wanted(self, path: str, size: int, data: bytes) -> bool:
        """Whether a large file is to be parsed."""
        self.left -= len(data) if size > TOO_LARGE else 0
        lowered = data.lower().replace(b"\0", b"")
        if not self._has_token(lowered) and not self._may_have_token(data):
            if len(data) < size:
                message = (
                    f"not read: {size / 1e6:.0f} MB, of which {len(data) / 1e6:.0f} MB were searched for node ports"
                )
                self.problems.append(Problem(LIMIT, message, Location(path)))
            elif b"apiversion" in lowered and b"kind" in lowered:
                self.skipped.append(path)
            return False
        if size > TOO_LARGE:
            message = f"not read: {size / 1e6:.0f} MB, more than {TOO_LARGE / 1e6:.0f} MB"
            self.problems.append(Problem(LIMIT, message, Location(path)))
            return False
        return True

    def _has_token(self, lowered: bytes) -> bool:
        return any(token.lower().encode() in lowered for token in self.wanted.tokens)

    def _may_have_token(self, data: bytes) -> bool:
        """Whether a token may be written otherwise."""
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            data = data.decode("utf-16", "replace").encode("utf-8", "replace")
        return self._has_token(unescaped(data).lower()) or _ENCODED_DATA.search(data) is not None

    def _objects(self, path: str, text: str) -> Iterator[Document]:
        if "\0" in text[:1000] and looks_like_manifest(text[:LARGE].replace("\0", "")):
            self.problems.append(Problem(UNPARSABLE, "holds NUL bytes: UTF-16 needs a byte-order mark", Location(path)))
            return
        speaks = _speaks(text)
        if not speaks and not _may_hold_objects(text):
            return
        known = path.lower().endswith(".json"), _digest(text)
        if known in self.slight:
            yield from (Document(item, self._unit(path), path, InFile(path)) for item in self.slight[known])
            return
        stream = self._stream(known, text)
        if COMMENT in text:
            self.comments.extend(few(comments_of(stream, path)))
        bombs = [broken for broken in stream.broken if speaks and broken.limit]
        for broken in bombs:
            # Whatever it is: a file of values can hold node ports, too.
            self._tell(stream, path, broken.message, broken.offset)
        if speaks and stream.roots and not any(_has_kind(root) for root in stream.roots):
            if path.lower().endswith(".schema.json"):
                return
            self.values += declarations(stream, path, Unit(UnitKind.VALUES, path), self.among)
            return
        for broken in (one for one in stream.broken if one not in bombs):
            kind = LIMIT if broken.limit else UNPARSABLE
            self._unparsable(stream, path, broken.message, broken.offset, text[broken.start : broken.end], kind)
        told = len(self.problems) + len(self.templates)
        found = [one for root in filter(_has_kind, stream.roots) for one in self._objects_of(root, stream, path)]
        if speaks or any(is_service(item) for _, item in found):
            for node, item in found:
                yield Document(item, self._unit(path), path, yamltext.NodePlaces(stream, node, path))
            return
        slight = [item if is_custom(item) else _named(item) for _, item in found]
        if not stream.broken and len(self.problems) + len(self.templates) == told:
            self.slight[known] = slight
        yield from (Document(item, self._unit(path), path, InFile(path)) for item in slight)

    def _stream(self, known: tuple[bool, bytes], text: str) -> yamltext.Stream:
        stream = self.faulty.get(known) or yamltext.read(text, known[0], expansion=self.expansion)
        if stream.broken:
            if len(self.faulty) >= MAX_FAULTY:
                del self.faulty[next(iter(self.faulty))]
            self.faulty[known] = stream
        return stream

    def _unit(self, path: str) -> Unit:
        return self.units.get(path) or Unit(UnitKind.MANIFEST, path)

    def _objects_of(
        self, root: yamltext.Content, stream: yamltext.Stream, path: str
    ) -> Iterator[tuple[yamltext.Content, dict[str, Any]]]:
        """The objects of one document of a text; why there are no more of them is told."""
        try:
            yield from objects(root, yamltext.plain(root), self.expansion)
        except yamltext.YamlError as error:
            kind = LIMIT if error.limit else UNPARSABLE
            self._unparsable(stream, path, error.message, error.offset, stream.text[root.start : root.end], kind)
        except TooManyObjectsError as error:
            self._tell(stream, path, str(error), error.offset)

    def _tell(self, stream: yamltext.Stream, path: str, message: str, offset: int) -> None:
        """A bound that a text exceeds, once: what it holds behind that does so, too."""
        known = ((one.message, one.location.path) for one in self.problems[-1:])
        if (message, path) not in known:
            self.problems.append(Problem(LIMIT, message, Location(path, stream.line_region(offset))))

    def _unparsable(self, stream: yamltext.Stream, path: str, message: str, offset: int, text: str, kind: str) -> None:
        if not looks_like_manifest(text):
            return
        if _TEMPLATE.search(text):
            self.templates[path] = None
            return
        self.problems.append(Problem(kind, message, Location(path, stream.line_region(offset))))


def _digest(text: str) -> bytes:
    from hashlib import sha256

    return sha256(text.encode()).digest()


def _may_hold_objects(text: str) -> bool:
    """Whether a text that speaks of no node ports may hold an object.

    Without an escape in it, a text that lacks the word has no such key.
    """
    if _ENCODED.search(text):
        return True
    return ("kind" in text and "apiVersion" in text) or ("\\" in text and _SPELLING.search(text) is not None)


def _named(item: Mapping[str, Any]) -> dict[str, Any]:
    """What tells an object from others: of one that asks for no node port nothing else is ever looked at."""
    metadata = yamltext.mapping(item.get("metadata"))
    identity = {key: metadata[key] for key in ("name", "namespace") if isinstance(metadata.get(key), str)}
    return {"apiVersion": item["apiVersion"], "kind": item["kind"], "metadata": identity}


class InFile:
    """The places of an object of which no more is kept than its file (``model.Places``)."""

    def __init__(self, path: str) -> None:
        self.location = Location(path)

    def locate(self, route: Route) -> Location:
        return self.location

    def locate_key(self, route: Route) -> Location:
        return self.location

    def trail(self, route: Route) -> tuple[Location, ...]:
        return ()

    def repeated_keys(self) -> Iterator[tuple[Route, tuple[Location, ...]]]:
        return iter(())

    def fixed(self, route: Route) -> bool:
        return False


def comments_of(stream: yamltext.Stream, path: str) -> Iterator[Comment]:
    """The comments of a text that speak to us."""
    for offset, text in yamltext.comments(stream, COMMENT):
        alone = not stream.text[offset - stream.position(offset)[1] + 1 : offset].strip("\ufeff \t")
        yield Comment(text, Location(path, stream.line_region(offset)), alone)


def _speaks(text: str) -> bool:
    """Of node ports, in letters or in escapes that stand for them."""
    if NODE_PORT_TEXT.search(text) is not None:
        return True
    return "\\" in text and NODE_PORT_TEXT.search(unescaped(text.encode()).decode("latin-1")) is not None


def looks_like_manifest(text: str) -> bool:
    """Whether somebody meant this text to hold a Kubernetes object."""
    return bool(_KEY_API_VERSION.search(text) and _KEY_KIND.search(text))


def _has_kind(root: yamltext.Content) -> bool:
    if not isinstance(root, yamltext.Mapping):
        return False
    return any(
        not isinstance(key, yamltext.Scalar) or key.tag is not None or key.text in ("kind", "<<")
        for key, _ in root.entries
    )


def _undecodable(path: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    stream = yamltext.Stream(data[: error.start].decode("utf-8", "replace"))
    region = stream.region(len(stream.text), len(stream.text))
    message = f"not UTF-8: byte {data[error.start]:#04x}" if error.encoding == "utf-8" else f"not {error.encoding}"
    return Problem(UNPARSABLE, message, Location(path, region))
