"""Node ports written in values files that nothing rendered: inert, until a switch is flipped."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from nodeport_lint import yamltext
from nodeport_lint.expressions import expression
from nodeport_lint.model import Declaration, Document, Location, Object, PortRange, Region, Route, Unit

_KEY = expression(r"node_?ports?$", re.IGNORECASE)
KEY_TEXT = expression("node_?port", re.IGNORECASE)
_LITERAL = expression(r"""[ \t-]*["']?nodePort["']?:[ \t]*["']?([1-9][0-9]{3,4})["']?[ \t]*(?:#.*)?\r?$""")
_NOT_A_NUMBER = expression(r"range|enabled|annotations", re.IGNORECASE)
MAX_NUMBERS = 5_000
"""Places of numbers in one file, behind which only numbers are told that it does not hold before."""


def declarations(
    stream: yamltext.Stream, path: str, unit: Unit, among: PortRange, without: Collection[tuple[str, int, int]] = ()
) -> Iterator[Declaration]:
    """Every number under a key such as ``nodePort`` or ``node_ports`` that lies in the range.

    ``without``: places (path, line, column) that rendering has shown to be asked for. Numbers out of the range
    are prefixes, ports of containers, or examples: there are more of them than of node ports.
    """
    count, seen = 0, set[int]()
    for root in stream.roots:
        places = yamltext.NodePlaces(stream, root, path)
        document = Document({}, unit, path, places)
        for route, number, node in numbers(root):
            line, column = stream.position(node.start)
            if number not in among or (path, line, column + (not node.plain)) in without:
                continue
            count += 1
            if count > MAX_NUMBERS and number in seen:
                continue
            seen.add(number)
            location = places.locate(route)
            yield named(number, route, location, unit, document)


def literals(
    text: str, path: str, unit: Unit, among: PortRange, without: Collection[tuple[str, int, int]] = ()
) -> Iterator[Declaration]:
    """Numbers that a template holds, behind a switch that no values turn on."""
    if not KEY_TEXT.search(text):
        return
    top = yamltext.Scalar("", None, True, 0, 0)
    document = Document({}, unit, path, yamltext.NodePlaces(yamltext.Stream(text), top, path))
    for line, content in enumerate(yamltext.lines_of(text), 1):
        found = _LITERAL.match(content)
        if found is not None and int(found[1]) in among and (path, line, found.start(1) + 1) not in without:
            region = Region.within(line, found.start(1), found.end(1))
            name = f"nodePort in {path}"
            yield named(int(found[1]), ("nodePort",), Location(path, region), unit, document, name, (path, line))


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


def named(
    number: int,
    route: Route,
    location: Location,
    unit: Unit,
    document: Document,
    name: str = "",
    key: Route = (),
) -> Declaration:
    """A number that nothing rendered asks for. ``name``: what it is called, by its route where nothing else tells;
    ``key``: what tells it from others, where the route does not."""
    written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route).lstrip(".")
    told = name or (f"{unit.variant} {written}" if unit.variant else written)
    return Declaration(
        number=number, field="nodePort", protocol="TCP", port=None, target_port=None,
        object=Object("value", None, told[:250]), service_type="", live=False, unit=unit, document=document,
        route=route, location=location, key=key or route,
    )  # fmt: skip


def leaves(root: yamltext.Content) -> Iterator[tuple[Route, yamltext.Scalar]]:
    """Every scalar that is a value, as far as the text can be read."""
    try:
        yield from yamltext.leaves(root)
    except yamltext.YamlError:
        return
