"""Node ports written in values files that nothing rendered: inert, until a switch is flipped."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from nodeport_lint import yamltext
from nodeport_lint.model import Declaration, Document, Location, Object, Region, Route, Unit
from nodeport_lint.ports import PortRange

if TYPE_CHECKING:
    from nodeport_lint.charts.bundle import Bundle

_KEY = re.compile(r"node_?ports?$", re.IGNORECASE)
KEY_TEXT = re.compile("node_?port", re.IGNORECASE)
_LITERAL = re.compile(r"""[ \t-]*["']?nodePort["']?:[ \t]*["']?([1-9][0-9]{3,4})["']?[ \t]*(?:#.*)?\r?$""")
_NOT_A_NUMBER = re.compile(r"range|enabled|annotations", re.IGNORECASE)
MAX_BYTES = 5_000_000
"""Bytes of a values file that are read."""
MAX_NUMBERS = 5_000
"""Numbers of one file."""
MAX_KEPT = 20
"""Values files whose values are kept: as many as a chart has."""


def declarations(
    stream: yamltext.Stream, path: str, unit: Unit, among: PortRange, without: Collection[tuple[str, int, int]] = ()
) -> Iterator[Declaration]:
    """Every number under a key such as ``nodePort`` or ``node_ports`` that lies in the range.

    ``without``: places (path, line, column) that rendering has shown to be asked for. Numbers out of the range
    are prefixes, ports of containers, or examples: there are more of them than of node ports.
    """
    count = 0
    for root in stream.roots:
        places = yamltext.NodePlaces(stream, root, path)
        document = Document({}, unit, path, places)
        for route, number, node in numbers(root):
            line, column = stream.position(node.start)
            if number not in among or (path, line, column + (not node.plain)) in without:
                continue
            location = places.locate(route)
            count += 1
            if count > MAX_NUMBERS:
                return
            yield named(number, route, location, unit, document)


def literals(
    text: str, path: str, unit: Unit, among: PortRange, without: Collection[tuple[str, int, int]] = ()
) -> Iterator[Declaration]:
    """Numbers that a template holds, behind a switch that no values turn on."""
    if not KEY_TEXT.search(text):
        return
    top = yamltext.Scalar("", None, True, 0, 0)
    document = Document({}, unit, path, yamltext.NodePlaces(yamltext.Stream(text), top, path))
    for line, content in enumerate(text.split("\n"), 1):
        found = _LITERAL.match(content)
        if found is not None and int(found[1]) in among and (path, line, found.start(1) + 1) not in without:
            region = Region(line, found.start(1) + 1, line, found.end(1) + 1)
            route: Route = ("template", line, "nodePort")
            yield named(int(found[1]), route, Location(path, region, (path, line)), unit, document)


def is_node_port(key: str) -> bool:
    """Whether a key is called like one that holds a node port."""
    return _KEY.search(key) is not None and _NOT_A_NUMBER.search(key) is None


def numbers(root: yamltext.Content) -> Iterator[tuple[Route, int, yamltext.Scalar]]:
    """Every whole number below a key that is called like a node port, with its route and its place."""
    for route, node in leaves(root):
        if not any(isinstance(step, str) and _KEY.search(step) for step in route[-3:]):
            continue
        if any(isinstance(step, str) and _NOT_A_NUMBER.search(step) for step in route[-2:]):
            continue
        text = node.text.replace("_", "")
        if text.isascii() and text.isdecimal() and len(text) <= 5:
            yield route, int(text), node


def named(number: int, route: Route, location: Location, unit: Unit, document: Document) -> Declaration:
    """A number that nothing rendered asks for, named by its key, and by the object that holds it where there is one."""
    key = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route).lstrip(".")
    key = f"{unit.variant} {key}" if unit.variant else key
    return Declaration(
        number=number, field="nodePort", protocol="TCP", port=None, port_name=None, target_port=None,
        object=Object("value", None, key[:250]), service_type="", live=False, unit=unit, document=document,
        route=route, location=location,
    )  # fmt: skip


class ValuesTexts:
    """The values files that were asked for last, and the key of every value by its place. ``expansion``: what is left
    of what aliases of all files may lead to."""

    def __init__(self, expansion: yamltext.Expansion) -> None:
        self.expansion = expansion
        self._streams: dict[str, yamltext.Stream] = {}
        self._routes: dict[str, dict[tuple[int, int], Route]] = {}

    def of(self, bundle: Bundle, path: str) -> yamltext.Stream:
        """The text of an input. Empty where it does not speak of node ports."""
        origin = bundle.location(path)
        key = f"{origin.path}\0{origin.note}"
        if key not in self._streams:
            text = bundle.inputs[path].decode("utf-8", "replace")
            _make_room(self._streams)
            self._streams[key] = yamltext.read(text if KEY_TEXT.search(text) else "", expansion=self.expansion)
        return self._streams[key]

    def route(self, bundle: Bundle, path: str, region: Region) -> Route:
        """The key of the value that is written at a place; nothing where the text is no YAML."""
        key = bundle.location(path).path
        if key not in self._routes:
            stream = self.of(bundle, path)
            _make_room(self._routes)
            self._routes[key] = {
                # A number in quotes begins behind them.
                stream.position(node.start + (not node.plain)): route
                for root in stream.roots
                for route, node in leaves(root)
            }
        return self._routes[key].get((region.line, region.column), ())


def _make_room(kept: dict[str, Any]) -> None:
    """Forgets the file that was read first of MAX_KEPT."""
    if len(kept) >= MAX_KEPT:
        del kept[next(iter(kept))]


def leaves(root: yamltext.Content) -> Iterator[tuple[Route, yamltext.Scalar]]:
    """Every scalar that is a value, as far as the text can be read."""
    try:
        yield from yamltext.leaves(root)
    except yamltext.YamlError:
        return
