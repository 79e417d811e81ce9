"""Which documents of an output are parsed: all that may hold a Service, and no others for what they speak of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeport_lint import yamltext
from nodeport_lint.engines import rendered
from nodeport_lint.engines.rendered import Watch, holds_service, services
from tests.counting import calls_of

SPEC = "spec:\n  ports:\n  - nodePort: 30080\n"
SERVICE = f"apiVersion: v1\nkind: Service\n{SPEC}"


@pytest.mark.parametrize(
    "text",
    [
        "kind: CustomResourceDefinition\napiVersion: v1\nspec: {nodePort: 1}\n",
        "# a comment\n\n  # another\napiVersion: v1\nkind: Deployment # of it\nspec:\n- nodePort: 1\n-\n# end\n",
        'kind: ConfigMap\ndata:\n  a: |\n    kind: Service\n  b: "\\u003c"\n',
    ],
)
def test_what_is_plainly_of_another_kind_is_not_parsed(text: str) -> None:
    assert not holds_service(text)
    assert services(text) == []


@pytest.mark.parametrize(
    "text",
    [
        SERVICE,
        SERVICE.replace("kind: Service", "kind : Service\nKind: Deployment"),
        SERVICE.replace("kind: Service", "kind: Deployment\nkind: Service"),
        SERVICE.replace("kind: Service", 'a: "x\nkind: Deployment\n"\nkind: Service'),
        SERVICE.replace("kind: Service", 'a: "x\nkind: Deployment\n  y"\n"kind": Service'),
        SERVICE.replace("kind: Service", "kind: Deployment\n? kind\n: Service"),
        SERVICE.replace("kind: Service", "<<: {kind: Service}"),
        SERVICE.replace("kind: Service", "kind: Deployment\n<<: {kind: Service}"),
        'b:\n  kind: &x Service\na: &m {kind: *x}\n<<: *m\nk: "\nkind: Deployment"\n' + SERVICE.partition("kind")[0] + SPEC,
        '  a: "x\nkind: Deployment\n  y"\n  apiVersion: v1\n  kind: Service\n  spec: {ports: [nodePort: 30080]}\n',
        f"kind: WebList\nitems:\n- {SERVICE.replace(chr(10), chr(10) + '  ')}\n",
        f"a: b\rkind: Deployment\rb: c\nkind: Service\n{SPEC}apiVersion: v1\n",
        "{\nkind: Service, apiVersion: v1, spec: {ports: [{nodePort: 30080}]},\nx:\n 1}",
    ],
)  # fmt: skip
def test_what_may_be_a_service_is_parsed(text: str) -> None:
    assert holds_service(text)


_LINES = st.lists(
    st.sampled_from(
        ["kind: Service", "kind: Deployment", "apiVersion: v1", 'a: "x', '"', "  y", '  y"', "'", "b: 'x", "- a", "-",
         "<<: *a", "? kind", ": Service", "b: &a {kind: Service}", "c: |", " kind: Service", "  kind: Deployment",
         '"kind": Service', "kind:", "  Service", "nodePort: 1", "# nodePort", "{", "}", "d: {", "kind: List", "items:",
         "- kind: Service", "  apiVersion: v1", "kind: Service\r", "x: y\rkind: Service", "kind: *k", "e: &k Service"]
    ),
    max_size=9,
)  # fmt: skip


@given(_LINES)
def test_no_service_is_passed_over(lines: list[str]) -> None:
    text = "\n".join(["nodePort: 2", *lines]) if lines else ""
    if not holds_service(text):
        found = [one.value.get("kind") for one in rendered.read_objects(text)]
        assert "Service" not in found, text


def test_a_large_schema_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n" + "  nodePort: {a: b}\n" * 500
    )
    reads = calls_of(monkeypatch, yamltext, "read")
    found = Watch()([schema, SERVICE, schema])
    assert [len(each) for each in found] == [0, 1, 0]
    assert len(reads) == 1
