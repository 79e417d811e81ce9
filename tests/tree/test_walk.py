"""The walk: what is a manifest, a chart, a kustomization, ignored, excluded, or a link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nodeport_lint.kustomize.closures import told_apart
from nodeport_lint.model import NodeportLintError
from nodeport_lint.tree import find_root, read_tree
from tests.make import write_tree


def test_root(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "repo/.git/HEAD": "",
            "repo/a/b/x.yaml": "",
            "repo/c/.nodeport-lint.yaml": "",
            "repo/c/d/y.yaml": "",
            "alone/z.yaml": "",
        },
    )
    top = str(tmp_path.resolve())
    assert find_root(f"{top}/repo/a/b/x.yaml") == f"{top}/repo"
    assert find_root(f"{top}/repo/a/b") == f"{top}/repo"
    assert find_root(f"{top}/repo/c/d") == f"{top}/repo/c"
    assert find_root(f"{top}/alone") == f"{top}/alone"
    assert find_root(f"{top}/alone/z.yaml") == f"{top}/alone"
    with pytest.raises(NodeportLintError, match="does not exist"):
        find_root(f"{top}/nowhere")


def test_a_worktree_has_a_file_called_git(tmp_path: Path) -> None:
    write_tree(tmp_path, {".git": "gitdir: elsewhere", "a/x.yaml": ""})
    assert find_root(str(tmp_path / "a")) == str(tmp_path.resolve())


def manifests(root: Path, **options: object) -> list[str]:
    return list(read_tree(str(root), **options).manifests)  # type: ignore[arg-type]


def test_manifests(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        dict.fromkeys(("a.yaml", "b.yml", "c.json", "d.YAML", "e.txt", "f.yaml.bak", "yaml", "x/y/z.yaml", ".git/a.yaml", "node_modules/a.yaml", "x/.terraform/a.yaml", ".venv/a.yaml", "env/bin/python", "env/a.yaml", ".github/a.yml"), ""),
    )  # fmt: skip
    write_tree(tmp_path, {"env/pyvenv.cfg": "home = /usr/bin\n"})
    assert manifests(tmp_path) == [".github/a.yml", "a.yaml", "b.yml", "c.json", "d.YAML", "x/y/z.yaml"]


def test_gitignore_and_exclude(tmp_path: Path) -> None:
    names = (
        "a.yaml",
        "out/b.yaml",
        "x/c.gen.yaml",
        "x/keep.gen.yaml",
        "x/y/d.yaml",
        "x/z/e.yaml",
        "vendor/f.yaml",
        "sub/out/g.yaml",
    )
    write_tree(tmp_path, dict.fromkeys(names, ""))
    write_tree(tmp_path, {".gitignore": "# built\n/out/\n*.gen.yaml\n", "x/.gitignore": "!keep.gen.yaml\nz\n"})
    assert manifests(tmp_path) == ["a.yaml", "sub/out/g.yaml", "vendor/f.yaml", "x/keep.gen.yaml", "x/y/d.yaml"]
    assert manifests(tmp_path, exclude=["vendor/**", "/sub/"]) == ["a.yaml", "x/keep.gen.yaml", "x/y/d.yaml"]
    assert manifests(tmp_path, gitignore=False) == sorted(names)


def test_charts_are_set_aside_and_do_not_swallow_what_lies_beside(tmp_path: Path) -> None:
    names = (
        "Chart.yaml", "values.yaml", "values-prod.yaml", "prod-values.yaml", "templates/a.yaml", "charts/sub/templates/b.yaml", "crds/c.yaml",
        "ci/test-values.yaml", "deploy/web.yaml", "web.yaml", "nested/Chart.yaml", "nested/templates/d.yaml", "nested/other.yaml",
    )  # fmt: skip
    write_tree(tmp_path, dict.fromkeys(names, ""))
    tree = read_tree(str(tmp_path))
    assert tree.charts == (".", "nested")
    assert tree.manifests == ("deploy/web.yaml", "nested/other.yaml", "web.yaml")


def test_kustomizations_take_what_they_use(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml, ../shared/ns.yaml, https://example.com/x.yaml, ../../outside.yaml]\n",
            "base/web.yaml": "",
            "base/unlisted.yaml": "",
            "shared/ns.yaml": "",
            "dev/kustomization.yml": "bases: [../base]\npatches: [{path: p.yaml}, {patch: 'x'}]\npatchesStrategicMerge:\n- s.yaml\n- |\n  kind: x\n",
            "dev/p.yaml": "",
            "dev/s.yaml": "",
            "flux/kustomization.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: x}\n",
            "broken/kustomization.yaml": "resources: [",
        },
    )
    _, closures, manifests = told_apart(read_tree(str(tmp_path)))
    assert tuple(sorted(one.path for one in closures.found.values())) == (
        "base/kustomization.yaml",
        "broken/kustomization.yaml",
        "dev/kustomization.yml",
    )
    resources = {path for one in closures.found.values() for path in one.files}
    assert tuple(sorted(resources)) == ("base/web.yaml", "dev/p.yaml", "dev/s.yaml", "shared/ns.yaml")
    assert manifests == ("base/unlisted.yaml", "flux/kustomization.yaml")


def test_another_kind_in_a_file_that_only_kustomize_would_take_is_a_kustomization(tmp_path: Path) -> None:
    of_flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: x}\nspec: {}\n"
    write_tree(tmp_path, {"a/Kustomization": of_flux, "b/kustomization.yml": of_flux})
    _, closures, manifests = told_apart(read_tree(str(tmp_path)))
    assert manifests == ("b/kustomization.yml",)
    assert [problem.message for problem in closures.found["a"].problems] == [
        "the kustomization in a does not render: unknown field 'spec'"
    ]


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    write_tree(tmp_path, {"outside/secret.yaml": "", "root/a.yaml": "", "root/d/b.yaml": ""})
    os.symlink(outside / "secret.yaml", root / "link.yaml")
    os.symlink(outside, root / "linked")
    os.symlink("nowhere", root / "dangling.yaml")
    os.symlink("nowhere", root / "dangling.txt")
    os.symlink(root, root / "d" / "loop")
    os.symlink(root / "a.yaml", root / "same.yaml")
    os.symlink("self.yaml", root / "self.yaml")
    tree = read_tree(str(root))
    assert tree.manifests == ("a.yaml", "d/b.yaml")
    assert tree.links_out == ("dangling.yaml", "link.yaml", "linked", "self.yaml")
    assert tree.problems == ()


def test_pipes_and_directories_with_the_name_of_a_manifest(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    write_tree(tmp_path, {"dir.yaml/a.yaml": ""})
    assert manifests(tmp_path) == ["dir.yaml/a.yaml"]
