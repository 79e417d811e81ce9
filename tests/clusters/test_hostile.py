"""Clusters made to do harm, or to make the tool say something false: each of these once did."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from nodeport_lint.clusters import applied
from nodeport_lint.config import parse_config
from nodeport_lint.model import NodeportLintError
from tests.counting import calls_in, grows_linearly, lines_in
from tests.make import (
    lint_tree,
    report,
    service,
    table,
    write_tree,
)


@pytest.mark.parametrize("each", ["../*", "/", "a/../b", "/tmp/*", ".", "a//b", "/".join("*" * 13)])
def test_directories_of_clusters_lie_below_the_root(each: str) -> None:
    with pytest.raises(NodeportLintError, match="must match directories below the root"):
        parse_config(f"clusters: [{{each: '{each}', registry: P.md}}]\n", "c")


def test_documents_of_clusters_are_no_links(tmp_path: Path) -> None:
    write_tree(tmp_path / "out", {"P.md": table(("secret", 30999, "")), "x/P.md": table(("secret", 30998, ""))})
    root = tmp_path / "root"
    write_tree(root, {"clusters/one/web.yaml": service("web", 30080)})
    os.symlink(tmp_path / "out" / "P.md", root / "clusters" / "one" / "P.md")
    os.symlink(tmp_path / "out" / "x", root / "clusters" / "link")
    os.mkfifo(root / "clusters" / "one" / "Q.md")
    config = parse_config("clusters: [{each: 'clusters/*', registry: [P.md, Q.md]}]\n", "c")
    assert lint_tree(root, config).statistics["reservations"] == 0


def test_one_document_under_several_spellings(tmp_path: Path) -> None:
    config = "registry: [docs/P.md, docs/./P.md, docs//P.md, ././docs/P.md]\n"
    found = report(tmp_path, {"docs/P.md": table(("web", 30080, ""))}, config)
    assert found.statistics["reservations"] == 1


def application(path: str) -> str:
    return f"---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {{source: {{repoURL: x, path: '{path}', directory: {{recurse: true}}}}}}\n"


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  generators: [{list: {elements: ["
        + "{}, " * n + "]}}]\n  template: {spec: {sources: [" + "{}, " * n + "]}}\n",
        lambda n: "".join(application(f"svc/d{index}/*") for index in range(n)),
        lambda n: "".join(application(f"svc/d{index}/x") for index in range(n)),
    ],
    ids=["elements and sources", "patterns", "paths"],
)  # fmt: skip
def test_applications_take_no_more_work_than_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: Callable[[int], str]
) -> None:
    """As many directories, which two Services each lie in. Patterns are compared with every directory, so few are."""
    monkeypatch.setattr(applied, "MAX_PATTERNS", 10)

    def make(count: int) -> Callable[[], object]:
        files = {
            f"svc/d{index}/x/{name}.yaml": service(f"{name}{index}", 30000 + index)
            for index in range(count)
            for name in "ab"
        }
        files |= {f"k/{index}/kustomization.yaml": "resources: []\n" for index in range(count)}
        return partial(report, tmp_path / str(count), {"apps.yaml": text(count), **files})

    grows_linearly(make, size=60, measure=lines_in)


def test_long_paths_of_applications_are_not_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []

    class Noting:
        def sub(self, _: object, text: str) -> str:
            searched.append(len(text))
            return text

    monkeypatch.setattr(applied, "_PLACEHOLDER", Noting())
    report(tmp_path, {"apps.yaml": application("{{" * 60_000) + application("{{a}}" + "/x" * 200)})
    assert searched == [405]


def test_links_in_a_circle_cost_nothing(tmp_path: Path) -> None:
    for name in "abc":
        os.symlink(".", tmp_path / name)

    def looked_through(depth: int) -> int:
        pattern = "/".join("*" * depth)
        config = parse_config(f"clusters: [{{each: '{pattern}', registry: P.md}}]\n", "c")
        return calls_in(lambda: lint_tree(tmp_path, config))

    looked_through(1)
    assert looked_through(12) <= looked_through(2) + 100
