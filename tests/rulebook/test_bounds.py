"""What rule pages of the scanned tree may cost: expressions are judged, Services measured, work and findings counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nodeport_lint.checks import match, paths
from nodeport_lint.config import parse_config
from nodeport_lint.linter import lint
from nodeport_lint.model import NodeportLintError, Report
from nodeport_lint.rulebook import choice
from nodeport_lint.rulebook import pages as rulefile
from nodeport_lint.rulebook.choice import choose_rules, load_pages
from tests.counting import calls_of
from tests.make import write_tree

PAGE = """---
check: match
options:
  select: >-
    {select}
  unless: >-
    {unless}
  message: $object has it
severity: error
---

# A page
"""
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec: {type: NodePort, ports: [{port: 80}]}\n%s"


def linted(root: Path, files: dict[str, str], *selects: str, unless: str = "$[?(@.none)]") -> Report:
    """The report of pages of the tree, one for each expression, and of no other rules."""
    pages = {f"own/page-{index}.md": PAGE.format(select=one, unless=unless) for index, one in enumerate(selects)}
    write_tree(root, {**files, **pages})
    config = parse_config("extra-rules: [own]\nlayout: one-cluster", ".nodeport-lint.yaml")
    found = load_pages(str(root), config)
    return lint(str(root), config, choose_rules(found, config, select=[name for name in found if "page-" in name]))


def shown(report: Report) -> list[str]:
    return [f"{one.location.label}: {one.message}" for one in report.findings]


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        # Judged at every depth.
        ("$" + ".a" * 120 + ".`sub(/(a|aa)+$/, x)`", "Sub in an expression"),
        ("$[?(" + "@[?(" * 60 + "@.`len`" + ")]" * 60 + ")]", "Len in an expression"),
        ("$" + ".a" * 200, "more than 100 steps in an expression"),
        # All Services for each Service.
        ("$[?($[*].spec.type == 'X')].spec", "$ inside an expression"),
        ("$[?(@.spec.type == $[0].spec.type)].spec", "$ inside an expression"),
        ("$[*].$[*].spec", "$ inside an expression"),
        ("$[*].`parent`.*", "Parent in an expression"),
        # The same again and again.
        ("|".join(["($[*].*.*)"] * 45), "looks at a value more than 50 times"),
        ("$[*]" + ".(@|@)" * 12, "looks at a value more than 50 times"),
        ("$[*]" + ".(*|*)" * 9, "looks at a value more than 50 times"),
        ("$[*].*" + "['a','a']" * 9, "looks at a value more than 50 times"),
        ("$[*].*" + "[0,0]" * 9, "looks at a value more than 50 times"),
        ("$[*].*[?(" + " && ".join(["@.*.*.*"] * 20) + ")]", "looks at a value more than 50 times"),
        ("$..*..*", ".. more than once in an expression"),
        ("$[?(@.metadata.name =~ '(a+)+b')]", "=~"),
    ],
)
def test_what_a_page_of_the_tree_may_not_use(expression: str, why: str, tmp_path: Path) -> None:
    for options in ({"selects": (expression,)}, {"selects": ("$[*].kind",), "unless": expression}):
        with pytest.raises(NodeportLintError, match="a page or configuration of the repository may not use") as raised:
            linted(tmp_path, {}, *options["selects"], unless=str(options.get("unless", "$[?(@.none)]")))
        assert why in str(raised.value)


@pytest.mark.parametrize(
    "expression",
    [
        "$[?(@.spec.type == 'NodePort')].spec.ports[?(@.port == 22)].port",
        "$[?(@.spec.type == 'NodePort' && @.metadata.namespace == 'shop' && !@.spec.selector)].spec.type",
        "$..nodePort", "$[*].metadata['labels','annotations'].*", "$[0:10].spec", "($[*].metadata.name)|($[*].metadata.namespace)",
        "$[?(@.spec.ports[?(@.port == 80)].nodePort)].metadata.name", "$[?(@.spec..nodePort > 30000)].metadata.name",
    ],
)  # fmt: skip
def test_what_a_page_of_the_tree_may_use(expression: str) -> None:
    assert paths.costly(expression) == ""


@pytest.mark.parametrize(
    ("expression", "separable"),
    [
        ("$[*].kind", True), ("$[?(@.kind == 'x')]", True), ("$..kind", True), ("$.*.kind", True), ("$..*[0]", True),
        ("$[*].a[0]", True), ("$[?(@.a || @.b)].c", True), ("($[*].a)|($[*].b)", True), ("$[:].a", True),
        ("$[0].a", False), ("$[1:].a", False), ("$..[0]", False), ("$..@[0]", False), ("$.@[0]", False), ("$.$[0]", False),
        ("($[*].a)|($[0].b)", False), ("$[?($[0].a)].b", False), ("$[*].`parent`", False), ("$.`len`", False),
    ],
)  # fmt: skip
def test_services_are_taken_one_by_one_where_it_makes_no_difference(expression: str, separable: bool) -> None:
    values: list[Any] = [
        {"kind": "x", "a": [1, {"a": 2}], "b": {"c": 3}, "c": 1}, {"kind": "y", "b": 1}, {"a": [[4], 5], "c": 0},
    ]  # fmt: skip
    assert paths.is_separable(expression) is separable
    whole = [(index, route, value) for index, route, value in paths.matches(expression, values)]
    each = [(index, r, v) for index, one in enumerate(values) for _, r, v in paths.matches(expression, [one])]
    if separable:
        assert sorted(map(repr, whole)) == sorted(map(repr, each))


def test_services_are_not_all_held_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    most: list[int] = []
    actual = paths.matches

    def measured(expression: str, values: list[Any]) -> Any:
        most.append(len(values))
        return actual(expression, values)

    monkeypatch.setattr(paths, "matches", measured)
    files = {f"{index}.yaml": SERVICE % (index, "") for index in range(20)}
    assert len(linted(tmp_path, files, "$[?(@.spec.type == 'NodePort')].spec.type").findings) == 20
    assert set(most) == {1}


def test_a_service_of_aliases_is_not_judged_and_that_is_said(tmp_path: Path) -> None:
    bomb = f"x: &x [{', '.join(['1'] * 200)}]\ny: [{', '.join(['*x'] * 200)}]\n"
    files = {"a.yaml": SERVICE % ("a", ""), "b.yaml": SERVICE % ("b", bomb), "c.yaml": SERVICE % ("c", bomb)}
    why = "not judged by this rule: more than 20,000 values with aliases followed"
    assert shown(linted(tmp_path, files, "$..type")) == [
        "a.yaml:4:14: Service a has it", f"b.yaml:3:18: Service b and 1 other {why}",
    ]  # fmt: skip
    assert shown(linted(tmp_path, files, "$[0:5].spec.type"))[1:] == [f"b.yaml:3:18: Service b and 1 other {why}"]


def test_size_follows_aliases_and_takes_no_time_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    value: Any = 1
    for _ in range(60):
        value = [value] * 10
    calls = calls_of(monkeypatch, paths, "_size")
    assert paths.size_of(value) == sum(10**power for power in range(61))
    assert len(calls) <= 60 * 10 + 1
    assert paths.size_of("x" * 1_000) == 11


def test_the_work_of_all_pages_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match, "MAX_WORK", 1_000)
    calls = calls_of(monkeypatch, paths, "matches")
    files = {f"{index:02}.yaml": SERVICE % (f"s{index:02}", "") for index in range(20)}
    found = shown(linted(tmp_path, files, "$..type", "$..port", "$[*].kind"))
    said = [line for line in found if "not judged by this rule: too many values to look at" in line]
    assert said == [
        f"{path}.yaml:3:18: Service s{path} and {others} others not judged by this rule: too many values to look at"
        for path, others in (("00", 19), ("05", 14))
    ]
    assert len(calls) == 2 * (len(found) - len(said)) == 50


def test_the_findings_of_all_pages_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match, "MAX_FINDINGS", 7)
    files = {f"{index}.yaml": SERVICE % (f"s{index}", "") for index in range(5)}
    found = shown(linted(tmp_path, files, "$[*].kind", "$[*].spec.type"))
    said = [line for line in found if "not judged" in line]
    assert said == ["2.yaml:3:18: Service s2 and 2 others not judged by this rule: more than 7 findings"]
    assert len(found) == 8


def test_pages_of_the_tree_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (choice, rulefile):
        monkeypatch.setattr(module, "MAX_PAGES", 3)
    with pytest.raises(NodeportLintError, match="the directory 'own' holds more than 3 rule pages"):
        linted(tmp_path, {}, *["$[*].kind"] * 4)
    write_tree(tmp_path, {f"more/more-{index}.md": PAGE.format(select="$", unless="$") for index in range(3)})
    (tmp_path / "own/page-3.md").unlink()
    config = parse_config("extra-rules: [own, more]", ".nodeport-lint.yaml")
    with pytest.raises(NodeportLintError, match="the repository brings more than 3 rule pages"):
        load_pages(str(tmp_path), config)


def test_texts_of_a_page_are_bounded() -> None:
    with pytest.raises(ValueError, match="a message or help of more than 1,000 characters"):
        match.Options("$", "$object" * 200)
