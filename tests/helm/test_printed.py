"""What Helm prints, as versions 3.17 and 4.1 were seen to print it."""

from __future__ import annotations

import pytest

from nodeport_lint.helm.printed import ChartPaths, documents, error_of, template_documents
from nodeport_lint.helm.templates import Literals, markable, scannable

INPUTS = {
    "chart/Chart.yaml": b"name: shop\ndependencies:\n- {name: kid, alias: one}\n- {name: kid, alias: two}\n",
    "chart/values.yaml": b"",
    "chart/templates/a.yaml": b"",
    "chart/charts/kid-1.0.0/Chart.yaml": b"name: kid\n",
    "chart/charts/kid-1.0.0/templates/svc.yaml": b"",
    "chart/charts/kid-1.0.0/charts/deep/Chart.yaml": b"name: deep\n",
    "chart/charts/kid-1.0.0/charts/deep/templates/d.yaml": b"",
}
PATHS = ChartPaths(INPUTS, "chart")


@pytest.mark.parametrize(
    ("printed", "path"),
    [
        ("shop/templates/a.yaml", "chart/templates/a.yaml"),
        ("shop/charts/one/templates/svc.yaml", "chart/charts/kid-1.0.0/templates/svc.yaml"),
        ("shop/charts/two/templates/svc.yaml", "chart/charts/kid-1.0.0/templates/svc.yaml"),
        ("shop/charts/kid/charts/deep/templates/d.yaml", "chart/charts/kid-1.0.0/charts/deep/templates/d.yaml"),
        ("shop/charts/none/templates/svc.yaml", None),
        ("shop/templates/none.yaml", None),
        ("", None),
        ("../../etc/passwd", None),
    ],
)
def test_paths(printed: str, path: str | None) -> None:
    assert PATHS.input_path(printed) == path


def test_documents_have_the_template_that_helm_names() -> None:
    output = (
        "---\n# Source: shop/templates/a.yaml\na: 1\n"
        "---\n# Source: shop/charts/one/templates/svc.yaml\n# Source: shop/templates/a.yaml\nb: 2\n"
        "---\r\n# Source: shop/templates/gone.yaml\r\nc: 3\r\n"
    )
    assert [tuple(document) for document in documents(output, PATHS)] == [
        ("a: 1\n", "chart/templates/a.yaml"),
        ("# Source: shop/templates/a.yaml\nb: 2\n", "chart/charts/kid-1.0.0/templates/svc.yaml"),
        ("c: 3\r\n", None),
    ]
    assert list(documents("", PATHS)) == []


def test_documents_of_one_template() -> None:
    text = "a: 1\n--- # comment\n\n---\nb: '---'\n"
    assert [document.text for document in template_documents(text, None)] == ["a: 1\n", "b: '---'\n"]


@pytest.mark.parametrize(
    ("errors", "kind", "file", "line"),
    [
        ("Error: template: shop/templates/a.yaml:3:12: executing \"x\" at <f>: error calling f: no", "template", "chart/templates/a.yaml", 3),
        ("Error: shop/charts/one/templates/svc.yaml:3:12\n  executing \"x\" at <f>:\n    error calling f", "template", "chart/charts/kid-1.0.0/templates/svc.yaml", 3),
        ("Error: execution error at (shop/templates/a.yaml:2:3): set it\n\nUse --debug flag to render out invalid YAML", "template", "chart/templates/a.yaml", 2),
        ("Error: parse error at (shop/templates/a.yaml:7): unclosed action", "template", "chart/templates/a.yaml", 7),
        ("Error: YAML parse error on shop/templates/a.yaml: error converting YAML to JSON: yaml: line 2: did not find", "template", "chart/templates/a.yaml", None),
        ("Error: cannot load values.yaml: error converting YAML to JSON: yaml: line 5: no", "load", "chart/values.yaml", 5),
        ("Error: failed to parse chart/values.yaml: error converting YAML to JSON: yaml: line 9: x", "load", "chart/values.yaml", 9),
        ("Error: chart requires kubeVersion: >=9 which is incompatible with Kubernetes v1.32.0", "version", None, None),
        ("level=WARN msg=x\nError: template: shop/templates/a.yaml:1:3: executing \"a\" at <include \"x.y\" .>: error calling include: template: no template \"x.y\" associated with template \"gotpl\"", "include", "chart/templates/a.yaml", 1),
        ("runtime: out of memory: cannot allocate\nfatal error: out of memory\n\ngoroutine 1", "memory", None, None),
        ("runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow", "crash", None, None),
        ("boom", "load", None, None),
        ("", "load", None, None),
    ],
)  # fmt: skip
def test_errors(errors: str, kind: str, file: str | None, line: int | None) -> None:
    error = error_of(1, errors, PATHS)
    assert (error.kind, error.file, error.line) == (kind, file, line)
    assert error.message
    assert "\n" not in error.message


def test_long_errors_are_cut_in_the_middle() -> None:
    error = error_of(1, f"Error: begin {'x' * 5000} end", PATHS)
    assert error.message.startswith("begin")
    assert error.message.endswith("end")
    assert len(error.message) < 500


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("nodePort: 30080", True),
        ("nodePort: {{ .Values.port | default 30080 }}", False),
        ("nodePort: {{ .Values.port }} # {{ x }} 30080", True),
        ("{{- $port := 30080 }}", True),
        ("{{ ternary 30080 1 .Values.on }}", False),
        ("{{ default 30080 .port }}", False),
    ],
)
def test_literals(text: str, literal: bool) -> None:
    assert Literals(text).holds(text.index("30080")) == literal


def test_which_files_matter() -> None:
    assert scannable("chart/values.yaml")
    assert scannable("chart/files/ports.env")
    assert scannable("@set/0")
    assert not any(map(scannable, ["chart/Chart.yaml", "chart/README.md", "chart/templates/NOTES.txt", "a/logo.png"]))
    assert markable("chart/templates/a.yaml")
    assert markable("chart/charts/x/templates/_helpers.tpl")
    assert not any(map(markable, ["chart/values.yaml", "chart/templates/NOTES.txt", "chart/files/templates.txt"]))
