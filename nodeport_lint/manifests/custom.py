"""Node ports in custom resources: of an operator's own fields, or values of a chart for Argo CD, Flux or k3s.

What becomes of such a number only its controller knows, so that it counts like one in values that nothing rendered:
it is taken, and clashes at most possibly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nodeport_lint import yamltext
from nodeport_lint.manifests.values import KEY_TEXT, MAX_NUMBERS, is_node_port, leaves, named, numbers
from nodeport_lint.model import Declaration, Document, Location, PortRange, Region, Route, Unit, UnitKind
from nodeport_lint.yamltext import NodePlaces, mapping


def in_custom_resources(documents: Iterable[Document], among: PortRange) -> Iterator[Declaration]:
    """``in_documents``, of those of groups that Kubernetes itself does not have."""
    return in_documents((document for document in documents if is_custom(document.value)), among)


def in_documents(documents: Iterable[Document], among: PortRange) -> Iterator[Declaration]:
    """Every number of the range under a key such as ``nodePort``, in fields and in values that are given as text."""
    speaking: dict[int, bool] = {}
    lines = _Lines()
    for document in documents:
        places = document.places
        if not isinstance(places, NodePlaces):
            continue
        key = id(places.stream)
        if key not in speaking:
            speaking[key] = KEY_TEXT.search(places.stream.text) is not None
        if speaking[key]:
            yield from _of(document, places, among, lines)


def is_custom(value: Mapping[str, object]) -> bool:
    """Whether an object is of a group that Kubernetes itself does not have."""
    group = str(value.get("apiVersion")).rpartition("/")[0]
    return "." in group and group != "k8s.io" and not group.endswith(".k8s.io")


class _Lines:
    """The lines of the text that was asked for last: its objects follow each other."""

    def __init__(self) -> None:
        self.stream: yamltext.Stream | None = None
        self.lines: list[str] = []

    def of(self, stream: yamltext.Stream) -> list[str]:
        if stream is not self.stream:
            self.stream, self.lines = stream, yamltext.lines_of(stream.text)
        return self.lines


def _of(document: Document, places: NodePlaces, among: PortRange, lines: _Lines) -> Iterator[Declaration]:
    kind, name = str(document.value.get("kind")), str(mapping(document.value.get("metadata")).get("name") or "")
    unit = Unit(UnitKind.CUSTOM, places.path, f"{kind} {name}".strip())
    count, seen = 0, set[int]()
    for route, number, location in _places(places, lines):
        if number in among:
            count += 1
            if count > MAX_NUMBERS and number in seen:
                continue
            seen.add(number)
            # One key of two objects is not one value.
            yield named(number, route, location, unit, document, key=(kind, name, *route))


def _places(places: NodePlaces, lines: _Lines) -> Iterator[tuple[Route, int, Location]]:
    for route, number, node in numbers(places.root):
        yield route, number, Location(places.path, places.stream.node_region(node), route)
    for route, node in leaves(places.root):
        if "\n" in node.text and KEY_TEXT.search(node.text):
            yield from _in_text(places, lines.of(places.stream), route, node)
        elif route[-1:] == ("value",) and node.text.isdecimal() and len(node.text) <= 5:
            # A parameter of Argo CD: {name: service.nodePort, value: "30080"}.
            found, depth = yamltext.find(places.root, (*route[:-1], "name"))
            key = yamltext.content(found.node)
            if depth == len(route) and isinstance(key, yamltext.Scalar) and is_node_port(key.text):
                location = Location(places.path, places.stream.node_region(node), route)
                yield (*route[:-1], key.text), int(node.text), location


def _in_text(
    places: NodePlaces, lines: list[str], route: Route, node: yamltext.Scalar
) -> Iterator[tuple[Route, int, Location]]:
    stream, inner = places.stream, yamltext.read(node.text)
    first = stream.position(node.start)[0]
    written = yamltext.lines_of(node.text)
    for root in inner.roots:
        for below, number, leaf in numbers(root):
            line, column = inner.position(leaf.start)
            region = _region(lines, written[line - 1], first + line, column, leaf.text)
            # That of the text: what is in it has no route in the file.
            location = Location(places.path, region or stream.line_region(node.start), route)
            yield (*route, *below), number, location if region else location._replace(exactness="line")


def _region(lines: list[str], inner: str, at: int, column: int, number: str) -> Region | None:
    """Where a number of a block of text stands in its file, if the block is written as it is read."""
    if at > len(lines):
        return None
    outer = lines[at - 1]
    start = len(outer.rstrip()) - len(inner.rstrip()) + column - 1
    if not outer.rstrip().endswith(inner.rstrip()) or not outer[start:].lstrip("\"'").startswith(number):
        return None
    return Region.within(at, start, start + len(number) + (0 if outer[start:].startswith(number) else 2))
