"""Clusters made to do harm, or to make the tool say something false: each of these once did."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from nodeport_lint.config import parse_config
from nodeport_lint.model import NodeportLintError
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
        application("{" * 120_000),
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  generators: [{list: {elements: ["
        + "{}, " * 20_000 + "]}}]\n  template: {spec: {sources: [" + "{}, " * 20_000 + "]}}\n",
        "".join(application(f"svc/d{index}/*") for index in range(4_000)),
        "".join(application(f"svc/d{index}/x") for index in range(4_000)),
    ],
    ids=["braces", "elements and sources", "patterns", "paths"],
)  # fmt: skip
def test_applications_take_bounded_time(tmp_path: Path, text: str) -> None:
    files = {
        f"svc/d{index}/x/{name}.yaml": service(f"{name}{index}", 30000 + index) for index in range(150) for name in "ab"
    }
    files |= {f"k/{index}/kustomization.yaml": "resources: []\n" for index in range(200)}
    begin = time.monotonic()
    report(tmp_path, {"apps.yaml": text, **files})
    assert time.monotonic() - begin < 60
