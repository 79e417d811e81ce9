"""Which text may give a node port, so that an engine is asked about it."""

from __future__ import annotations

import pytest

from nodeport_lint.engines.speaking import speaks_of_node_ports
from tests.counting import grows_linearly


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("nodePort: 30080", True), ("type: LoadBalancer", True), ("node{{ .Values.a }}: 30080", True),
        ("{{ .Values.a }}Port: 30080", True), ('- "n{{ .a }}": 3', True), ("n{{ .a }}x{{ .b }}: 1", True),
        ("node\n{{- .a }}: 3", True), ("{{ .a -}}\n  Port: 3", True), ("{{ if x }}node{{ .y }}: 3{{ end }}", True),
        ('{"node{{ . }}":3}', True), ("node{{ .a }}:{{ .b }}", True), ("node{{\n.a }}: 3", True),
        ('"node\\x50ort": 3', True), ('"\\u006eodePort": 3', True), ('"\\U0000006eodePort": 3', True),
        ('? "node\\\n   Port"\n: 3', True), ("healthCheck{{ .a }}: 3", True),
        ("{{ .a }}: 30080", False), ("host: node{{ .i }}", False), ("host: node{{ .i }}:8080", False),
        ("{{- end -}}\n  port: 80", False), ("my-node{{ . }}: 3", False), ("{{ .x }}-port: 1", False),
        ("node{{ .a", False), ("x: {{ .x }}t", False), ('"node\\\\x50ort": 3', False), ("port: 80", False),
    ],
)  # fmt: skip
def test_which_text_speaks_of_node_ports(text: str, speaks: bool) -> None:
    assert speaks_of_node_ports(text.encode()) == speaks
    assert speaks_of_node_ports(text.encode("utf-16")) == speaks


def test_keys_of_actions_are_followed_once() -> None:
    grows_linearly(lambda n: lambda: speaks_of_node_ports(b"n{{}}" * n))
    grows_linearly(lambda n: lambda: speaks_of_node_ports(b"n{{" * n))
