"""An engine of thirty lines: values files and expressions merged into one mapping, handed to a function."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from nodeport_lint import yamltext
from nodeport_lint.engines.rendered import Watch
from nodeport_lint.model.render import Inputs, Rendered, RenderedText, RenderError, RenderOptions
from nodeport_lint.provenance import Locus, Source, Trace, trace
from nodeport_lint.yamltext.lines import Lines

TEMPLATE = "chart/templates/service.yaml"
VALUES = "chart/values.yaml"

Make = Callable[[dict[str, Any], list[int]], list[str]]
"""What FakeEngine is given."""


def service(*ports: Any, name: str = "web", service_port: int = 80) -> str:
    """A Service as text, with an entry for each node port."""
    lines = [f"  - port: {service_port + index}\n    nodePort: {port}\n" for index, port in enumerate(ports)]
    return (
        f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  type: NodePort\n  ports:\n{''.join(lines)}"
    )


class FakeEngine:
    """``make`` gets the merged values and the numbers of the template, and returns texts of documents."""

    id = "fake/1"

    def __init__(self, make: Make, keeps_comments: bool = False) -> None:
        self.make, self.keeps_comments = make, keeps_comments
        self.renders = 0

    def scannable(self, path: str) -> bool:
        return True

    def markable(self, path: str) -> bool:
        return path.startswith("chart/templates/")

    def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
        self.renders += 1
        values: dict[str, Any] = {}
        for path in (VALUES, *options.values):
            stream = yamltext.read(inputs.get(path, b"").decode())
            values.update(yamltext.plain(stream.roots[0]) if stream.roots else {})
        for _, path in options.sets:
            key, _, value = inputs[path].decode().partition("=")
            values[key] = int(value)
        template = inputs.get(TEMPLATE, b"").decode()
        texts = self.make(values, [int(number) for number in re.findall(r"(?m)= (\d+)$", template)])
        return Rendered(tuple(RenderedText(text, TEMPLATE) for text in texts))

    def close(self) -> None:
        pass


def traced(make: Make, values: str = "") -> Mapping[Locus, Source]:
    """The sources of what ``make`` gives for the texts."""
    return whole_trace(make, values)[0].sources


def whole_trace(
    make: Make,
    values: str = "",
    template: str = "",
    user: str | None = None,
    expression: str | None = None,
    most: int = 40,
) -> tuple[Trace, dict[str, bytes], FakeEngine]:
    inputs = {VALUES: values.encode(), TEMPLATE: template.encode()}
    options = RenderOptions()
    if user is not None:
        inputs["user/0.yaml"] = user.encode()
        options = options._replace(values=("user/0.yaml",))
    if expression is not None:
        inputs["@set/0"] = expression.encode()
        options = options._replace(sets=(("--set", "@set/0"),))
    engine = FakeEngine(make)
    found = trace(engine, inputs, options, engine.render(inputs, options), Watch(), most)
    return found, inputs, engine


def written(inputs: Mapping[str, bytes], source: Source) -> list[str]:
    """The places of a source as ``path:line:text``."""
    told = []
    for place in source.places:
        text = inputs[place.path].decode()
        region = Lines(text).region(place.start, place.end)
        line = text.removeprefix("\ufeff").split("\n")[region.line - 1]
        told.append(f"{place.path}:{region.line}:{line[region.column - 1 : region.end_column - 1]}")
    return told


def told(make: Make, values: str, template: str = "", **more: Any) -> list[tuple[str, list[str]]]:
    """Label and places of every number, in the order of the output."""
    found, inputs, _ = whole_trace(make, values, template, **more)
    return [(source.label, written(inputs, source)) for source in found.sources.values()]


def renders(make: Make, values: str, template: str = "", **more: Any) -> int:
    found, _, engine = whole_trace(make, values, template, **more)
    assert engine.renders == found.renders + 1
    return found.renders


def failing(message: str) -> RenderError:
    return RenderError("template", message)


class Printing(FakeEngine):
    """Prints the texts, whatever it is given."""

    def __init__(self, texts: list[str], keeps_comments: bool = False) -> None:
        super().__init__(lambda v, t: texts, keeps_comments)


def many(count: int) -> list[str]:
    """As many Services, each with a name and a number of its own."""
    return [service(30000 + index, name=f"web-{index}") for index in range(count)]


def vote(v: dict[str, Any], t: list[int]) -> list[str]:
    """The number that most of them have; where all differ, the first."""
    numbers = [v["a"], v["b"], t[0]]
    return [service(Counter(numbers).most_common(1)[0][0])]
