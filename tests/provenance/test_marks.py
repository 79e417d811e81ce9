"""Comments that mark template lines: which line is told for a value, and what becomes of a template that takes none."""

from __future__ import annotations

import re
from collections.abc import Callable

from nodeport_lint import yamltext
from nodeport_lint.engines.rendered import Watch
from nodeport_lint.model.render import Inputs, Rendered, RenderedText, RenderOptions
from nodeport_lint.provenance import EXACT, Trace, trace
from tests.provenance.fake import failing

VALUES = "chart/values.yaml"
PORT = ("spec", "ports", 0, "nodePort")


class Texts:
    """Renders templates line by line: ``{{ .name }}`` is a value, ``{{ include FILE }}`` a line of its own, the lines
    of another. ``refuses`` may end a render with an error, by what it is given. Keeps what it was given."""

    id = "texts/1"
    keeps_comments = True

    def __init__(self, refuses: Callable[[Inputs], bool] = lambda _: False) -> None:
        self.refuses = refuses
        self.given: list[dict[str, str]] = []

    def scannable(self, path: str) -> bool:
        return True

    def markable(self, path: str) -> bool:
        return path.startswith("chart/templates/")

    def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
        self.given.append({path: data.decode() for path, data in inputs.items()})
        if self.refuses(inputs):
            raise failing("no")
        values = yamltext.plain(yamltext.read(inputs[VALUES].decode()).roots[0])
        shown = []
        for path in sorted(inputs):
            name = path.rpartition("/")[2]
            if self.markable(path) and not name.startswith("_") and not name.endswith(".tpl"):
                text = "".join(self._lines(inputs, path)).replace("\r", "")
                text = re.sub(r"\{\{ \.(\w+) \}\}", lambda match: str(values[match[1]]), text)
                shown += [RenderedText(document, path) for document in text.split("---\n")]
        return Rendered(tuple(shown))

    def _lines(self, inputs: Inputs, path: str) -> list[str]:
        lines = []
        for line in inputs[path].decode().splitlines(keepends=True):
            match = re.match(r"\{\{ include (\S+) \}\}", line)
            lines += self._lines(inputs, f"chart/templates/{match[1]}") if match else [line]
        return lines

    def close(self) -> None:
        pass


def service(name: str, port: str = "{{ .a }}", type: str = "NodePort") -> str:
    return (
        f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  type: {type}\n  ports:\n"
        f"    - port: 80\n      nodePort: {port}\n"
    )


WITHOUT = "apiVersion: v1\nkind: Service\nmetadata: {name: inner}\nspec:\n  type: ClusterIP\n"
BALANCED = "apiVersion: v1\nkind: Service\nmetadata: {name: lb}\nspec:\n  type: LoadBalancer\n"


def traced(engine: Texts, templates: dict[str, str], values: str = "a: 30080\n", most: int = 40) -> Trace:
    inputs = {VALUES: values.encode(), **{f"chart/templates/{name}": text.encode() for name, text in templates.items()}}
    first = engine.render(inputs, RenderOptions())
    engine.given.clear()
    return trace(engine, inputs, RenderOptions(), first, Watch(), most)


def lines_of(found: Trace, templates: dict[str, str]) -> dict[tuple[str, str], str]:
    """(name of the Service, last key of the route) to ``template:line: text``."""
    told = {}
    for (_, identity, count), places in found.templates.items():
        for route, place in places.items():
            text = templates[place.path.removeprefix("chart/templates/")]
            line = text.count("\n", 0, place.start) + 1
            key = (identity[2] + "'" * count, str(route[-1]))
            told[key] = f"{place.path.rpartition('/')[2]}:{line}: {text[place.start : place.end]}"
    return told


def labels(found: Trace) -> list[tuple[str, list[str]]]:
    return [(source.label, [place.path for place in source.places]) for source in found.sources.values()]


def test_the_line_of_the_template_is_told_for_each_value_of_interest() -> None:
    templates = {
        "a.yaml": service("web"),
        "b.yaml": "# Two of them\n" + service("api") + "---\n" + service("db", "30081"),
    }
    engine = Texts()
    found = traced(engine, templates)
    assert {key: line for key, line in lines_of(found, templates).items() if key[1] in ("nodePort", "type")} == {
        ("web", "nodePort"): "a.yaml:9: nodePort: {{ .a }}",
        ("web", "type"): "a.yaml:6: type: NodePort",
        ("api", "nodePort"): "b.yaml:10: nodePort: {{ .a }}",
        ("api", "type"): "b.yaml:7: type: NodePort",
        ("db", "nodePort"): "b.yaml:20: nodePort: 30081",
        ("db", "type"): "b.yaml:17: type: NodePort",
    }
    # It costs no render of its own.
    assert (found.renders, len(engine.given)) == (1, 1)
    assert labels(found) == [(EXACT, [VALUES]), (EXACT, [VALUES]), (EXACT, ["chart/templates/b.yaml"])]


def test_services_with_one_name_have_lines_of_their_own() -> None:
    templates = {"a.yaml": service("web") + "---\n" + service("web", "30081")}
    found = lines_of(traced(Texts(), templates), templates)
    assert (found["web", "nodePort"], found["web'", "nodePort"]) == (
        "a.yaml:9: nodePort: {{ .a }}", "a.yaml:19: nodePort: 30081",
    )  # fmt: skip


def test_a_line_may_stand_in_a_file_that_is_included() -> None:
    head, tail = service("web").split("    - port")
    for name in ("_ports.yaml", "ports.tpl"):
        templates = {"a.yaml": f"{head}{{{{ include {name} }}}}\n", name: f"    - port{tail}"}
        found = lines_of(traced(Texts(), templates), templates)
        assert found["web", "nodePort"] == f"{name}:2: nodePort: {{{{ .a }}}}"
        assert found["web", "type"] == "a.yaml:6: type: NodePort"


def test_only_templates_of_what_is_of_interest_get_comments() -> None:
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
    templates = {
        "a.yaml": service("web"), "other.yaml": other, "inner.yaml": WITHOUT, "lb.yaml": BALANCED, "_x.yaml": "kind: x\n",
    }  # fmt: skip
    engine = Texts()
    traced(engine, templates)
    marked = [path.rpartition("/")[2] for path, text in engine.given[0].items() if "# npl:" in text]
    assert marked == ["a.yaml", "lb.yaml", "_x.yaml"]


def test_a_service_without_numbers_may_be_of_interest_for_its_lines() -> None:
    engine = Texts()
    templates = {"lb.yaml": BALANCED}
    found = traced(engine, templates)
    assert lines_of(found, templates)["lb", "type"] == "lb.yaml:5: type: LoadBalancer"
    assert (found.sources, found.renders) == ({}, 1)
    engine.keeps_comments = False
    found = traced(engine, templates)
    assert (found.templates, found.renders, engine.given) == ({}, 0, [])


def test_where_nothing_is_of_interest_nothing_is_rendered() -> None:
    engine = Texts()
    found = traced(engine, {"inner.yaml": WITHOUT})
    assert (found.templates, found.sources, found.renders, engine.given) == ({}, {}, 0, [])
    assert [len(names) for names in found.names] == [1]


def test_a_comment_that_only_looks_like_a_mark_names_no_line() -> None:
    text = service("web").replace("NodePort\n", "NodePort # npl:99;\n").replace("80\n", "80 # npl:999999999;\n")
    found = lines_of(traced(Texts(), {"a.yaml": text}), {"a.yaml": text})
    assert ("web", "type") not in found
    assert found["web", "nodePort"] == "a.yaml:9: nodePort: {{ .a }}"
    # The numbers begin with 0: as many as there are marks is one too many.
    engine = Texts()
    traced(engine, {"a.yaml": service("web")})
    count = engine.given[0]["chart/templates/a.yaml"].count("# npl:")
    text = service("web").replace("NodePort\n", f"NodePort # npl:{count};\n")
    assert ("web", "type") not in lines_of(traced(Texts(), {"a.yaml": text}), {"a.yaml": text})


def test_a_template_that_takes_no_comments_is_rendered_without() -> None:
    engine = Texts(lambda inputs: b"# npl:" in inputs["chart/templates/a.yaml"])
    found = traced(engine, {"a.yaml": service("web")})
    assert labels(found) == [(EXACT, [VALUES])]
    assert found.templates == {}
    assert ["# npl:" in given["chart/templates/a.yaml"] for given in engine.given] == [True, False]
    assert found.renders == 2


def test_a_template_that_shows_other_numbers_with_comments_is_rendered_without() -> None:
    """As one that hashes a file: with the comments the number has gone."""

    class Hashing(Texts):
        def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
            rendered = super().render(inputs, options)
            hide = "# npl:" in self.given[-1]["chart/templates/a.yaml"]
            texts = [text._replace(text=text.text.replace("nodePort:", "other:")) for text in rendered.documents]
            return Rendered(tuple(texts)) if hide else rendered

    engine = Hashing()
    found = traced(engine, {"a.yaml": service("web")})
    assert labels(found) == [(EXACT, [VALUES])]
    assert ["# npl:" in given["chart/templates/a.yaml"] for given in engine.given] == [True, False]


def test_what_the_comments_told_is_kept_where_no_number_can_be_replaced() -> None:
    """A number that is no input's: nothing is replaced, and nothing is rendered for it without comments."""
    templates = {"a.yaml": service("web", "{{ .a }}1")}
    engine = Texts(lambda inputs: b"# npl:" in inputs["chart/templates/a.yaml"])
    found = traced(engine, templates, "a: 3008\n", most=1)
    assert (found.renders, found.templates) == (1, {})
    engine = Texts()
    found = traced(engine, templates, "a: 3008\n", most=1)
    assert lines_of(found, templates)["web", "nodePort"] == "a.yaml:9: nodePort: {{ .a }}1"
