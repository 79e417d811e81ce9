"""By whom a directory, a file or a claim is applied."""

from __future__ import annotations

import pytest

from nodeport_lint.clusters.appliers import Appliers
from nodeport_lint.model import Applied, Declaration
from tests.clusters.claims import argo, built, command, flux, plain


@pytest.mark.parametrize(
    ("paths", "directory", "expected"),
    [
        (["a", "b", "a/b"], "a", ["a"]),
        (["a/*", "a/b", "*/b", "b/*"], "a/b", ["a/b", "a/*", "*/b"]),
        ([".", "a"], "", ["."]),
        ([".", "a"], ".", ["."]),
        (["*"], ".", ["*"]),
        (["."], "a", []),
    ],
)
def test_what_applies_this_very_directory(paths: list[str], directory: str, expected: list[str]) -> None:
    assert [one.path for one in Appliers(map(argo, paths)).covering(directory)] == expected


@pytest.mark.parametrize(
    ("applied", "path", "is_taken"),
    [
        (argo("a", plain=True), "a/x.yaml", True),
        (argo("a", plain=True), "a/b/x.yaml", False),
        (argo("a", plain=True, recursive=True), "a/b/x.yaml", True),
        (argo("a", plain=True, recursive=True), "a/x.yaml", True),
        (argo("a", recursive=True), "a/b/x.yaml", False),
        (argo("a"), "a/x.yaml", False),
        (argo("a/b", plain=True, recursive=True), "a/x.yaml", False),
        (argo("a/x.yaml", plain=True, recursive=True), "a/x.yaml", False),
        (argo("*", plain=True), "a/x.yaml", True),
        (argo(".", plain=True), "x.yaml", True),
        (argo(".", plain=True), "a/x.yaml", False),
        (flux(".", plain=True), "a/x.yaml", True),
    ],
)
def test_what_takes_a_file(applied: Applied, path: str, is_taken: bool) -> None:
    assert list(Appliers([applied]).taking(path)) == [applied] * is_taken


ROOT, CHARTS = argo("."), argo("charts/web")
FILES, PLAIN = flux("a", plain=True), command("a")


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (plain("a/x.yaml"), {FILES, PLAIN}),
        (plain("x.yaml"), set()),
        (built("kustomization", "a"), {FILES}),
        (built("chart", "charts/web", variant="dev.yaml"), {CHARTS}),
        (built("chart", "."), {ROOT}),
        (built("chart", "charts"), set()),
    ],
)
def test_what_applies_a_claim(claim: Declaration, expected: set[Applied]) -> None:
    appliers = Appliers([ROOT, CHARTS, FILES, PLAIN])
    assert appliers.of(claim) == expected
    assert appliers.of(claim) == expected


def test_a_file_and_what_is_rendered_of_a_path_of_that_name_are_two() -> None:
    appliers = Appliers([argo("a.yaml"), argo(".", plain=True)])
    assert [one.path for one in appliers.of(plain("a.yaml"))] == ["."]
    assert [one.path for one in appliers.of(built("chart", "a.yaml"))] == ["a.yaml"]


@pytest.mark.parametrize(
    ("given", "own", "expected"),
    [
        (["blog"], None, "blog"),
        (["blog"], "shop", "shop"),
        (["blog", ""], None, "blog"),
        (["blog", "shop"], None, None),
        ([""], None, None),
        ([], None, None),
    ],
)
def test_the_namespace_of_a_claim(given: list[str], own: str | None, expected: str | None) -> None:
    appliers = Appliers(argo("a", namespace=name, plain=True) for name in given)
    assert appliers.namespace(plain("a/x.yaml", namespace=own)) == expected
