"""The walk: nothing is left out without a word, and no tree makes it long."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nodeport_lint.config import parse_config
from nodeport_lint.model import LIMIT, NodeportLintError, Report
from nodeport_lint.patterns import MAX_PATTERNS, Effort
from nodeport_lint.tree import find_root, ignores, read_tree
from nodeport_lint.tree.files import OnDisk
from nodeport_lint.tree.ignores import Ignores
from tests.command import run
from tests.make import Lint, lint_tree, write_tree

BAD = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 80}]}\n"
ENVIRONMENT = "home = /usr/bin\nversion = 3.11\n"


def notices(report: Report) -> dict[str, tuple[str, ...]]:
    return {notice.message: notice.details for notice in report.notices}


# --- patterns ----------------------------------------------------------------------------------


def test_a_costly_pattern_is_heeded_and_ends(tmp_path: Path) -> None:
    directory = "/".join(["a" * 200] * 10)
    write_tree(tmp_path, {".gitignore": "**/*a*a*a/**/*a*a*ab\n", f"{directory}/x.yaml": BAD, f"{directory}/aab": ""})
    assert read_tree(str(tmp_path)).manifests == (f"{directory}/x.yaml",)


def test_negations_of_costly_patterns_hold(tmp_path: Path) -> None:
    write_tree(tmp_path, {".gitignore": "*.yaml\n!*a*a*a*a*.yaml\n", "aaaa.yaml": BAD, "b.yaml": BAD})
    assert read_tree(str(tmp_path)).manifests == ("aaaa.yaml",)


def test_directories_of_lists_of_what_is_kept_are_entered(tmp_path: Path) -> None:
    write_tree(tmp_path, {".gitignore": "*\n!*/\n!*.yaml\nd/**\n!d/keep.yaml\n", "a/b/c.yaml": BAD, "d/keep.yaml": BAD})
    write_tree(tmp_path, {"d/other.yaml": BAD})
    assert read_tree(str(tmp_path)).manifests == ("a/b/c.yaml", "d/keep.yaml")


def test_patterns_behind_wide_characters_are_heeded(tmp_path: Path) -> None:
    write_tree(tmp_path, {".gitignore": f"# {'é' * 300_000}\nb.yaml\n", "a.yaml": BAD, "b.yaml": BAD})
    assert read_tree(str(tmp_path)).manifests == ("a.yaml",)


@pytest.mark.parametrize(
    ("last", "told"),
    [("!web.yaml", True), ("!web.yaml\n", True), (f"# {'x' * 500_000}\n!web.yaml", True), ("web.yaml", False)],
)
def test_a_pattern_beyond_the_limit_that_takes_back_is_told(last: str, told: bool, tmp_path: Path) -> None:
    lines = ["!a.yaml", "*.yaml", *(f"x{number}" for number in range(MAX_PATTERNS)), last]
    write_tree(tmp_path, {".gitignore": "\n".join(lines), "web.yaml": BAD})
    tree = read_tree(str(tmp_path))
    found = [(problem.kind, problem.location.path) for problem in tree.problems]
    assert found == ([(LIMIT, ".gitignore")] if told else [])
    assert len(tree.notices) == (not told)
    assert all("2000 are heeded: the rest takes back some of what is left out" in one.message for one in tree.problems)


def test_wide_characters_beyond_the_limit_are_told(tmp_path: Path) -> None:
    write_tree(tmp_path, {".gitignore": f"a.yaml\n# {'é' * 500_000}\nb.yaml\n", "a.yaml": BAD, "b.yaml": BAD})
    tree = read_tree(str(tmp_path))
    assert tree.manifests == ("b.yaml",)
    assert [notice.message for notice in tree.notices] == [
        ".gitignore has more than 500000 characters: the rest is not heeded"
    ]


def test_a_directory_that_keeps_something_does_not_ignore_itself(tmp_path: Path) -> None:
    write_tree(tmp_path, {"venv/.gitignore": f"*\n# {'é' * 600}\n!x\n", "venv/x.yaml": BAD})
    write_tree(tmp_path, {".venv/.gitignore": f"*\n# {'é' * 600}\n", ".venv/x.yaml": BAD})
    assert [notice.details for notice in read_tree(str(tmp_path)).notices] == [("venv",)]


def test_patterns_of_gitignore_beyond_the_limit_are_told(lint_files: Lint) -> None:
    many = "".join(f"x{n}\n" for n in range(2010))
    report = lint_files({".gitignore": f"# a\n\n{many}a.yaml\n", "a.yaml": BAD})
    assert notices(report) == {
        ".gitignore has 2011 patterns, of which the first 2000 are heeded: the rest is not heeded": ()
    }
    assert report.findings
    report = lint_files({"d/.gitignore": f"{many}a.yaml\n" + "#" * 2_000_000, "d/a.yaml": BAD})
    assert notices(report) == {
        "the rest of 2 files called .gitignore not heeded: they are too long": (
            ".gitignore has 2011 patterns, of which the first 2000 are heeded",
            "d/.gitignore has 2011 or more patterns, of which the first 2000 are heeded",
        )
    }
    assert {finding.location.path for finding in report.findings} == {"a.yaml", "d/a.yaml"}


def test_a_long_gitignore_is_told(lint_files: Lint) -> None:
    report = lint_files({".gitignore": "b.yaml\n" + "#" * 1_000_000 + "\na.yaml\n", "a.yaml": BAD, "b.yaml": BAD})
    assert notices(report) == {".gitignore has more than 500000 characters: the rest is not heeded": ()}


@pytest.mark.parametrize("key", ["exclude", "clusters"])
def test_patterns_of_the_configuration_beyond_the_limit_are_an_error(key: str) -> None:
    lines = "".join(f"    - x{n}\n" for n in range(2001))
    text = f"exclude:\n{lines}" if key == "exclude" else f"clusters:\n- name: a\n  paths:\n{lines}"
    with pytest.raises(NodeportLintError, match="holds 2001 patterns, and 2000 are the most") as error:
        parse_config(text, "c.yaml")
    assert str(error.value).startswith(f"c.yaml:{2002 if key == 'exclude' else 2004}:7: ")
    parse_config(text.replace("    - x2000\n", ""), "c.yaml")


def test_patterns_of_a_whole_tree_have_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path, {f"d{n}/.gitignore": "*a[ab]*b\nx.yaml\n" for n in range(20)})
    write_tree(tmp_path, {f"d{n}/x.yaml": BAD for n in range(20)})
    assert read_tree(str(tmp_path)).manifests == ()
    monkeypatch.setattr(ignores, "MAX_EFFORT", 20_000)
    monkeypatch.setattr(ignores, "EFFORT_OF_PATH", 10)
    tree = read_tree(str(tmp_path))
    assert 0 < len(tree.manifests) < 20
    (notice,) = tree.notices
    assert notice.message.startswith(
        "the patterns of .gitignore and exclude take too long for so many paths: not heeded from d"
    )


def effort_of(top: Path, files: int) -> int:
    spent: list[Effort] = []
    lines = "".join(f"*a{n}[bc]*d\n**/e{n}*/f\n" for n in range(200))
    root = top / str(files)
    write_tree(root, {".gitignore": lines, **{f"d/n{n:03}.txt.yaml": "" for n in range(files)}})
    held = Ignores(OnDisk(str(root)), (), True)
    with os.scandir(root) as found:
        levels = held.below("", {entry.name: entry for entry in found}, ())
    before = held.effort.spent
    for number in range(files):
        held.ignored(f"d/n{number:03}.txt.yaml", levels)
    spent.append(held.effort)
    return held.effort.spent - before


def test_effort_grows_with_the_files(tmp_path: Path) -> None:
    assert effort_of(tmp_path, 200) < 2.1 * effort_of(tmp_path, 100)


# --- directories -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "beside",
    [
        {"pyvenv.cfg": ""},
        {"pyvenv.cfg": ENVIRONMENT},
        {"pyvenv.cfg": "", "bin/x": ""},
        {"pyvenv.cfg": "# home = x\n", "bin/x": ""},
        {"pyvenv.cfg": ENVIRONMENT, "bin": ""},
        {"pyvenv.cfg/x": ENVIRONMENT, "bin/x": ""},
    ],
)
def test_what_is_no_environment_is_read(beside: dict[str, str], lint_files: Lint) -> None:
    report = lint_files({**{f"deploy/{name}": text for name, text in beside.items()}, "deploy/a.yaml": BAD})
    assert [finding.location.path for finding in report.findings] == ["deploy/a.yaml"]
    assert report.notices == ()


def test_a_link_makes_no_environment(tmp_path: Path) -> None:
    write_tree(tmp_path, {"x.cfg": ENVIRONMENT, "deploy/bin/x": "", "deploy/a.yaml": BAD})
    os.symlink("../x.cfg", tmp_path / "deploy" / "pyvenv.cfg")
    assert read_tree(str(tmp_path)).manifests == ("deploy/a.yaml",)


LEFT_OUT = "not read, for the name (node_modules, venv and such) or as a Python environment: .gitignore does not say so"


def test_directories_left_out_are_told(lint_files: Lint) -> None:
    files = {"deploy/pyvenv.cfg": ENVIRONMENT, "deploy/bin/x": "", "deploy/a.yaml": BAD, "x/node_modules/a.yaml": BAD}
    report = lint_files({**files, "venv/a.yaml": BAD, ".git/a.yaml": BAD, "d/.svn/a.yaml": BAD})
    assert report.findings == ()
    assert notices(report) == {f"3 directories {LEFT_OUT}": ("deploy", "venv", "x/node_modules")}
    said = lint_files({".gitignore": "deploy\n**/node_modules/**\n/venv/*\n"})
    assert said.notices == ()
    one = lint_files({".gitignore": "deploy\nvenv\n"})
    assert notices(one) == {f"1 directory {LEFT_OUT}": ("x/node_modules",)}
    assert lint_files({}, config=parse_config("exclude: [node_modules]\n", "c")).notices == ()


def test_what_a_tool_ignores_itself_is_not_told(lint_files: Lint) -> None:
    files = {".ruff_cache/.gitignore": "# Made by ruff\n*\n", ".venv/.gitignore": "*", ".venv/a.yaml": BAD}
    assert lint_files(files).notices == ()
    assert lint_files({".venv/.gitignore": "*\n!a.yaml\n"}).notices != ()
    assert lint_files({".venv/.gitignore": "*\n" + "#" * 1200 + "\n!a.yaml\n"}).notices != ()


# --- links -------------------------------------------------------------------------------------


def test_links_whose_targets_are_not_read_are_told(tmp_path: Path) -> None:
    write_tree(
        tmp_path, {"hidden.txt": BAD, "node_modules/a.yaml": BAD, "a.yaml": "", "gen/b.yaml": BAD, "d/c.yaml": ""}
    )
    write_tree(tmp_path, {".gitignore": "gen\nlocal.yaml\nnode_modules\n", "c/Chart.yaml": "", "c/values.yaml": ""})
    write_tree(tmp_path, {"c/templates/t.yaml": "", "k/kustomization.yaml": "resources: [r.txt]\n", "k/r.txt": ""})
    write_tree(tmp_path, {"ports.txt": "", "n/nodeports.md": ""})
    told = {
        "b.yaml": "gen/b.yaml", "g": "gen", "m": "node_modules", "n.yaml": "node_modules/a.yaml",
        "nodeports.md": "ports.txt", "svc.yaml": "hidden.txt",
    }  # fmt: skip
    untold = {
        "local.yaml": "hidden.txt", "link.txt": "hidden.txt", "same.yaml": "a.yaml", "d2": "d", "top": ".", "v.yaml": "c/values.yaml",
        "t": "c/templates", "t.yaml": "c/templates/t.yaml", "r.yaml": "k/r.txt", "node-ports.md": "n/nodeports.md",
    }  # fmt: skip
    for name, target in {**told, **untold}.items():
        os.symlink(target, tmp_path / name)
    report = lint_tree(tmp_path)
    message = "6 links not followed, and what is there is not read under its own name"
    assert notices(report)[message] == tuple(f"{name} -> {target}" for name, target in told.items())
    assert read_tree(str(tmp_path)).links_out == ()


def test_chains_of_links_are_no_crash(tmp_path: Path) -> None:
    write_tree(
        tmp_path, {"a.yaml": BAD, "k/kustomization.yaml": "resources: [../l0.yaml]\n", "c/Chart.yaml": "name: c\n"}
    )
    write_tree(tmp_path, {"c/templates/a.yaml": BAD, ".nodeport-lint.yaml": "extra-rules: [l0.yaml]\n"})
    for number in range(1200):
        os.symlink(f"l{number + 1}.yaml", tmp_path / f"l{number}.yaml")
        os.symlink(f"l{number + 1}.yaml", tmp_path / "c" / "templates" / f"l{number}.yaml")
    os.symlink("a.yaml", tmp_path / "l1200.yaml")
    report = lint_tree(tmp_path)
    assert {finding.location.path for finding in report.findings} >= {"a.yaml"}
    assert any("not followed: outside the repository, or nothing there" in message for message in notices(report))
    result = run("check", cwd=tmp_path)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


# --- paths of the command line -----------------------------------------------------------------


def test_a_path_that_is_a_link_means_its_target(tmp_path: Path) -> None:
    write_tree(tmp_path, {"repo/.git/HEAD": "", "repo/d/a.yaml": BAD, "repo/b.yaml": BAD, "other/.git/HEAD": ""})
    for name, target in {"l": "repo", "ld": "repo/d", "lf": "repo/d/a.yaml", "ll": "lf", "gone": "nowhere"}.items():
        os.symlink(target, tmp_path / name)
    found = {name: run("check", "--format", "concise", name, cwd=tmp_path) for name in ("l", "ld", "lf", "ll", "l/d")}
    paths = {name: [line.partition(":")[0] for line in one.stdout.splitlines()] for name, one in found.items()}
    assert paths == {"l": ["b.yaml", "d/a.yaml"], **{key: ["d/a.yaml"] for key in ("ld", "lf", "ll", "l/d")}}
    assert {one.returncode for one in found.values()} == {1}
    os.symlink("../repo/d", tmp_path / "other" / "l")
    assert "is in another repository than" in run("check", "other", "other/l", cwd=tmp_path).stderr
    assert find_root(str(tmp_path / "lf")) == str(tmp_path.resolve() / "repo")


@pytest.mark.parametrize(
    ("name", "message"),
    [("gone", "is a link to nothing"), ("self", "is a link to nothing"), ("a.yaml/", "does not exist"),
     ("link.yaml/", "does not exist"), ("no", "does not exist"), ("", "does not exist")],
)  # fmt: skip
def test_paths_that_do_not_exist(name: str, message: str, tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.yaml": BAD})
    for link, target in {"gone": "nowhere", "self": "self", "link.yaml": "a.yaml"}.items():
        os.symlink(target, tmp_path / link)
    result = run("check", name, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert f"path {name!r} {message}" in result.stderr


def test_paths_that_hold_nothing_are_told(tmp_path: Path) -> None:
    write_tree(tmp_path, {".git/HEAD": "", "docs/x.txt": "", "a.yaml": BAD, "a.yaml.d/x.txt": "", "nodeports.md": ""})
    write_tree(tmp_path, {"c/Chart.yaml": "", "c/templates/t.yaml": "", "k/kustomization.yaml": "resources: [r.txt]\n"})
    write_tree(tmp_path, {"k/r.txt": "", "e/gen.yaml": BAD, ".gitignore": "e\n"})
    held = ("a.yaml", "nodeports.md", "c", "c/templates", "c/templates/t.yaml", "k", "k/r.txt", ".")
    for path in held:
        assert not any("nothing that is read" in message for message in notices(lint_tree(tmp_path, only=(path,))))
    empty = ("docs", "docs/x.txt", "a.yaml.d", "e", "e/gen.yaml")
    told = notices(lint_tree(tmp_path, only=(*held[:-1], *empty)))
    assert [message for message in told if "nothing" in message] == [
        f"nothing that is read lies in {one!r}" for one in empty
    ]
    result = run("check", "../docs", cwd=tmp_path / "c")
    assert (result.returncode, "nothing that is read lies in 'docs'" in result.stdout) == (0, True)
