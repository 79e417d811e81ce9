"""Rendered text back to objects: the Services in it, and the numbers of interest in these."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.expressions import expression
from nodeport_lint.manifests.objects import TooManyObjectsError, objects
from nodeport_lint.model import Route
from nodeport_lint.provenance import Number, Observed

_ODD_KIND = expression(r"""^["']?k[^:\n]*:[ \t]*(?:[!&|>*"']|$)|^"[^"\n]*\\[xuU]""", re.MULTILINE)
"""A kind that is not written as it is read: with a tag, an anchor, in a block, or with escapes."""
_HOLDS_SERVICE = expression(r"""kind["']?\s*:\s*["']?(?:Service(?:List)?|List)\b""")
_ESCAPED = expression(r"\\[xuU][0-9a-fA-F]{2}")
_WANTED = expression(r"node_?port|LoadBalancer", re.IGNORECASE)
"""A Service without it has no node port, and none that the cluster chooses."""


class RenderedObject(NamedTuple):
    """An object of rendered text with its node in that text."""

    value: dict[str, Any]
    stream: yamltext.Stream
    node: yamltext.Content


def read_objects(text: str, expansion: yamltext.Expansion | None = None) -> Iterator[RenderedObject]:
    """The objects of one rendered document. What cannot be read is passed over: the engine has parsed it.

    ``expansion``: what aliases may still lead to, here and in others; by itself a document has an own one.
    """
    expansion = yamltext.Expansion() if expansion is None else expansion
    stream = yamltext.read(text, expansion=expansion)
    for root in stream.roots:
        with contextlib.suppress(yamltext.YamlError, TooManyObjectsError):
            for node, item in objects(root, yamltext.plain(root), expansion):
                yield RenderedObject(item, stream, node)


MAX_DOCUMENT = 1_500_000
"""Characters of one document. etcd takes 1.5 MiB of one object (--max-request-bytes)."""


def holds_service(text: str) -> bool:
    """Whether a document may hold a Service: cheap, and never no where it does."""
    # Written with escapes, a kind or a key can look like anything.
    signs = (_HOLDS_SERVICE, _ODD_KIND, _WANTED, _ESCAPED)
    return any(sign.search(text) for sign in signs) and not _is_plainly_of_another_kind(text)


_BREAKS = "\r\x85\u2028\u2029\ufeff"
"""What ends a line for some parsers and not for others, or is a character to some alone."""
_BLANK_LINES = expression(r"(?>(?:[ \t]*+(?:#[^\n]*+)?\n)*)")
_TOP_LINE = expression(r"\n([^ \n#][^\n]*)")
_TOP_KEY = expression(r"[A-Za-z][\w./-]*+:(?: |\Z)|-(?: |\Z)")
_KIND = expression(r"kind: ++([A-Za-z]++)(?: ++#.*+| *+)\Z")


def _is_plainly_of_another_kind(text: str) -> bool:
    """Whether a document is a mapping in block style whose one ``kind`` is written out, and neither a Service's nor a
    list's: the schema of a custom resource, a megabyte that speaks of node ports, need not be parsed to know that.

    Every key of such a mapping begins a line, as its first one does. What else begins a line, in quotes or braces of
    several lines, is a key that it has not, or none at all, which leaves the question open.
    """
    blank = _BLANK_LINES.match(text)
    start = blank.end() if blank is not None else 0
    if text[start : start + 1] in ("", " ", "\t", "-") or any(sign in text for sign in _BREAKS):
        return False
    lines = _TOP_LINE.findall(f"\n{text}")
    kinds = [line for line in lines if line.startswith("kind:")]
    found = _KIND.match(kinds[0]) if len(kinds) == 1 else None
    if found is None or found[1] == "Service" or found[1].endswith("List"):
        return False
    return all(map(_TOP_KEY.match, lines))


def services(text: str, expansion: yamltext.Expansion | None = None) -> list[RenderedObject]:
    """The ``v1`` Services of one rendered document. Cheap for a text that holds none."""
    return list(_services(text, expansion))


def _services(text: str, expansion: yamltext.Expansion | None) -> Iterator[RenderedObject]:
    if len(text) <= MAX_DOCUMENT and holds_service(text):
        for found in read_objects(text, expansion):
            if found.value.get("kind") == "Service" and found.value["apiVersion"] == "v1":
                yield found


MAX_SERVICES, MAX_NUMBERS, MAX_TEXT = 3_000, 10_000, 8_000_000
"""Services of one output, their node ports, and characters of the documents that hold them. The range that Kubernetes
takes node ports from by default has 2,768 numbers."""
MAX_REMEMBERED = 16_000_000
"""Characters of documents whose Services are remembered from output to output."""


class Watch:
    """Observes the outputs of one set of inputs (``provenance.Observe``), each within the bounds above. ``beyond``
    tells which of them the first output exceeds, and in its document of which index; the rest of it is not observed.
    Most documents of a further output are those of the first, and are parsed once."""

    def __init__(self) -> None:
        self.beyond: tuple[int, str] | None = None
        self.outputs = self.remembered = 0
        self.known: dict[str, list[Observed]] = {}

    def __call__(self, texts: Iterable[str]) -> list[list[Observed]]:
        self.outputs += 1
        room, found = _Room(), list[list[Observed]]()
        for text in texts:
            found.append(room.observed(text, self.known.get(text)) if not room.beyond else [])
            if not room.beyond:
                self._remember(text, found[-1])
            elif self.outputs == 1 and self.beyond is None:
                self.beyond = len(found) - 1, room.beyond
        return found

    def _remember(self, text: str, found: list[Observed]) -> None:
        if found and text not in self.known and self.remembered + len(text) <= MAX_REMEMBERED:
            self.remembered += len(text)
            self.known[text] = found


class _Room:
    """What is read of one output; ``beyond`` says what is too much."""

    def __init__(self) -> None:
        self.services = self.numbers = self.text = 0
        self.expansion = yamltext.Expansion()
        self.beyond = ""

    def observed(self, text: str, known: list[Observed] | None) -> list[Observed]:
        """The Services of one document, up to the first that is too much."""
        observed: list[Observed] = []
        fresh = (_observed(found, text) for found in _services(text, self.expansion))
        for one in fresh if known is None else known:
            self.services += 1
            self.numbers += len(one.numbers)
            self.text += 0 if observed else len(text)
            self.beyond = self._beyond()
            if self.beyond:
                return observed
            observed.append(one)
        if self.expansion.refused:
            self.beyond = "its aliases lead to more than is read"
        return observed

    def _beyond(self) -> str:
        if self.services > MAX_SERVICES:
            return f"it gives more than {MAX_SERVICES:,} Services"
        if self.numbers > MAX_NUMBERS:
            return f"it gives more than {MAX_NUMBERS:,} node ports"
        return f"it gives Services in more than {MAX_TEXT / 1e6:.0f} MB" if self.text > MAX_TEXT else ""


def _observed(found: RenderedObject, text: str) -> Observed:
    metadata = found.value.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    identity = ("Service", str(metadata.get("namespace")), str(metadata.get("name")))
    wanted = _WANTED.search(text) is not None
    return Observed(identity, tuple(_numbers(found.value)), text, lambda: _lines(found), wanted)


def _numbers(value: Mapping[str, Any]) -> Iterator[Number]:
    spec = value.get("spec")
    if not isinstance(spec, dict):
        return
    ports = spec.get("ports")
    for index, entry in enumerate(ports if isinstance(ports, list) else ()):
        number = _whole(entry.get("nodePort")) if isinstance(entry, dict) else None
        if number is not None:
            yield Number(("spec", "ports", index, "nodePort"), number, ports)
    health = _whole(spec.get("healthCheckNodePort"))
    if health is not None:
        yield Number(("spec", "healthCheckNodePort"), health, [spec["healthCheckNodePort"]])


def _whole(value: object) -> int | None:
    """A number, or the text of one: a quoted node port is a mistake with a place, too."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _lines(found: RenderedObject) -> dict[Route, int]:
    return {route: found.stream.position(node.start)[0] - 1 for route, node in yamltext.routes(found.node)}
