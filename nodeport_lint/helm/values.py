"""The values files of charts that were asked for last, and the key of every value by its place.

Files of the same bytes are one: of the versions of a chart many have the same values.
"""

from __future__ import annotations

from typing import Any

from nodeport_lint import yamltext
from nodeport_lint.helm.bundle import Bundle
from nodeport_lint.manifests.values import KEY_TEXT, leaves
from nodeport_lint.model import Region, Route

MAX_KEPT = 20
"""Values files whose values are kept: as many as a chart has."""


class ValuesTexts:
    """The values files that were asked for last, and the key of every value by its place. ``expansion``: what is left
    of what aliases of all files may lead to."""

    def __init__(self, expansion: yamltext.Expansion) -> None:
        self.expansion = expansion
        self._streams: dict[bytes, yamltext.Stream] = {}
        self._routes: dict[bytes, dict[tuple[int, int], Route]] = {}

    def of(self, bundle: Bundle, path: str) -> yamltext.Stream:
        """The text of an input. Empty where it does not speak of node ports."""
        data = bundle.inputs[path]
        if data in self._streams:
            return self._streams[data]
        text = data.decode("utf-8", "replace")
        stream = yamltext.read(text if KEY_TEXT.search(text) else "", expansion=self.expansion)
        if not stream.broken:
            # What is wrong is told of each file.
            _make_room(self._streams)
            self._streams[data] = stream
        return stream

    def route(self, bundle: Bundle, path: str, region: Region) -> Route:
        """The key of the value that is written at a place; nothing where the text is no YAML, or there is no time."""
        key = bundle.inputs[path]
        if key not in self._routes and self.expansion.clock.late:
            # The place is known without it.
            return ()
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


def _make_room(kept: dict[bytes, Any]) -> None:
    """Forgets the file that was read first of MAX_KEPT."""
    if len(kept) >= MAX_KEPT:
        del kept[next(iter(kept))]
