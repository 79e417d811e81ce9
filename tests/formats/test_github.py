"""Annotations as @actions/core escapes them, the job summary, the hook under pre-commit, the action under act."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nodeport_lint import yamltext
from nodeport_lint.formats.github import data_text, property_text
from tests.command import run
from tests.components import command, node_module
from tests.make import service, write_tree

ROOT = Path(__file__).parent.parent.parent
CLASH = {"k8s/a,b:c.yaml": service("web", 30080), "k8s/50%.yaml": service("api", 30080)}


def test_annotations_are_escaped_as_the_toolkit_does() -> None:
    module = node_module("@actions/core")
    text, title, file = "a%b\nline2, x: y", "clash: dup, 50%", "k8s/a,b:c.yaml"
    script = f"const core = require({json.dumps(str(module))}); core.error({json.dumps(text)}, {json.dumps({'title': title, 'file': file, 'startLine': 11, 'endLine': 11, 'startColumn': 17, 'endColumn': 22})})"
    process = subprocess.run([command("node"), "-e", script], capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    expected = f"::error title={property_text(title)},file={property_text(file)},line=11,endLine=11,col=17,endColumn=22::{data_text(text)}"
    assert process.stdout.strip() == expected


def test_annotations(tmp_path: Path) -> None:
    write_tree(tmp_path, CLASH)
    lines = run("check", "--format", "github", cwd=tmp_path).stdout.splitlines()
    what = "node port 30080 is asked for by Service shop/api and Service shop/web"
    assert lines == [
        f"::error title=duplicate-node-port,file=k8s/50%25.yaml,line=8,endLine=8,col=17,endColumn=22::{what} (also at k8s/a,b:c.yaml:8:17)%0A30081 is the next free node port",
        f"::error title=duplicate-node-port,file=k8s/a%2Cb%3Ac.yaml,line=8,endLine=8,col=17,endColumn=22::{what} (also at k8s/50%25.yaml:8:17)%0A30081 is the next free node port",
    ]


def test_annotations_stop_where_github_does(tmp_path: Path) -> None:
    write_tree(tmp_path, {f"{index:02}.yaml": service(f"s{index}", 80 + index) for index in range(25)})
    lines = run("check", "--format", "github", cwd=tmp_path).stdout.splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert lines[10] == "nodeport-lint: 15 more errors not shown as annotations; the job summary has them"


def test_in_actions_annotations_and_summary_come_with_the_text(tmp_path: Path) -> None:
    write_tree(tmp_path, CLASH)
    summary = tmp_path / "summary"
    actions = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    output = run("check", "k8s", cwd=tmp_path, environment=actions).stdout
    assert "\x1b[" in output
    assert output.count("\n::error ") == 2
    assert summary.read_text(encoding="utf-8").startswith("## nodeport-lint: 1 error\n\n2 files read")
    asked = run("check", "--format", "concise", cwd=tmp_path, environment=actions).stdout
    assert "::error" not in asked
    hook = run("check", cwd=tmp_path, environment={**actions, "PRE_COMMIT": "1"}).stdout
    assert "::error" not in hook
    assert summary.read_text(encoding="utf-8").count("## nodeport-lint") == 1


def test_the_summary_is_neither_html_nor_markdown_of_the_repository(tmp_path: Path) -> None:
    write_tree(tmp_path, {"<b>|x`.yaml": service('"<img src=x>|[a](b)"', 80)})
    text = run("check", "--format", "markdown", cwd=tmp_path).stdout
    assert "<img" not in text
    assert "<b>" not in text
    row = next(line for line in text.splitlines() if line.startswith("| error"))
    assert row.count(" | ") == 3
    assert "[a](b)" not in row


def test_the_summary_stays_below_the_limit(tmp_path: Path) -> None:
    name = "x" * 250
    write_tree(tmp_path, {f"{index}.yaml": service(name, 80) for index in range(2500)})
    text = run("check", "--format", "markdown", cwd=tmp_path).stdout
    assert 800_000 < len(text.encode()) < 1_048_576
    assert re.search(r"\* \d+ more findings not shown here\n", text)


# --- the hook ------------------------------------------------------------------------------------

HOOK = yamltext.plain(yamltext.read((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")).roots[0])[0]


@pytest.mark.parametrize(
    ("path", "runs"),
    [
        ("deploy/web.yaml", True), ("web.yml", True), ("list.json", True), ("docs/NODEPORT_ALLOCATION.md", True), ("charts/a/templates/_helpers.tpl", True), ("a/charts/b-1.0.tgz", True), (".nodeport-lint.yaml", True),
        ("main.go", False), ("values.yaml.gotmpl", False), ("image.png", False), ("yaml", False), ("README.rst", False),
    ],
)  # fmt: skip
def test_files_of_the_hook(path: str, runs: bool) -> None:
    assert bool(re.search(HOOK["files"], path)) is runs
    assert HOOK["pass_filenames"] is False


def git(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *settings, *arguments], cwd=directory, capture_output=True, text=True, check=False)


def committed_copy(directory: Path) -> Path:
    """This project as a git repository of its own, as the tools that clone it want it."""
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").stdout.splitlines()
    for name in listed:
        if (ROOT / name).is_file() and not name.startswith(("tests/", "fixtures/")):
            write_tree(directory, {name: (ROOT / name).read_bytes()})
    git(directory, "init", "-q", "-b", "main")
    git(directory, "add", "-A")
    assert git(directory, "commit", "-q", "-m", "copy").returncode == 0
    return directory


def test_pre_commit_blocks_the_commit(tmp_path: Path) -> None:
    pre_commit = command("pre-commit")
    copy = committed_copy(tmp_path / "nodeport-lint")
    repository = tmp_path / "work"
    write_tree(repository, CLASH)
    git(repository, "init", "-q")
    git(repository, "add", "-A")
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache")}
    tried = subprocess.run(
        [pre_commit, "try-repo", str(copy), "nodeport-lint", "--all-files", "--verbose"], cwd=repository, env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert tried.returncode == 1, tried.stdout + tried.stderr
    assert "node port 30080 is asked for by Service shop/api and Service shop/web" in tried.stdout
    revision = git(copy, "rev-parse", "HEAD").stdout.strip()
    write_tree(
        repository,
        {".pre-commit-config.yaml": f"repos:\n- repo: {copy}\n  rev: {revision}\n  hooks: [{{id: nodeport-lint}}]\n"},
    )
    git(repository, "add", "-A")
    subprocess.run([pre_commit, "install"], cwd=repository, env=environment, check=True, capture_output=True)
    blocked = subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-m", "x"], cwd=repository, env=environment, capture_output=True, text=True, check=False)  # fmt: skip
    assert blocked.returncode == 1
    assert "duplicate-node-port" in blocked.stdout + blocked.stderr
    write_tree(repository, {"k8s/50%.yaml": service("api", 30081)})
    git(repository, "add", "-A")
    passed = subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-m", "x"], cwd=repository, env=environment, capture_output=True, text=True, check=False)  # fmt: skip
    assert passed.returncode == 0, passed.stdout + passed.stderr


# --- the action ----------------------------------------------------------------------------------

ACTION = (ROOT / "action.yml").read_text(encoding="utf-8")


def test_no_input_is_text_of_a_script() -> None:
    value = yamltext.plain(yamltext.read(ACTION).roots[0])
    for step in value["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
    used = set(re.findall(r"inputs\.([a-z-]+)", ACTION))
    assert used == set(value["inputs"])
    written = set(re.findall(r"steps\.check\.outputs\.([a-z-]+)", ACTION))
    assert written == set(value["outputs"])


def test_action_schema() -> None:
    program = command("check-jsonschema")
    checked = subprocess.run(
        [program, "--builtin-schema", "vendor.github-actions", str(ROOT / "action.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    hooks = subprocess.run(
        [command("pre-commit"), "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert hooks.returncode == 0, hooks.stdout


def test_action_has_no_known_weakness() -> None:
    audit = subprocess.run(
        [command("zizmor"), "--offline", "--no-progress", str(ROOT / "action.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert audit.returncode == 0, audit.stdout + audit.stderr


WORKFLOW = """on: [push]
permissions: {{}}
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - id: lint
        uses: o/nodeport-lint@v1
        with:
          paths: |
            k8s
            $(touch {marker})
          sarif-file: out.sarif
          python: {python}
      - if: always()
        env:
          FINDINGS: ${{{{ steps.lint.outputs.findings }}}}
          ERRORS: ${{{{ steps.lint.outputs.errors }}}}
          SARIF: ${{{{ steps.lint.outputs.sarif-file }}}}
          CODE: ${{{{ steps.lint.outputs.exit-code }}}}
        run: echo "findings=$FINDINGS errors=$ERRORS sarif=$SARIF code=$CODE"
"""


def act(repository: Path, copy: Path) -> subprocess.CompletedProcess[str]:
    arguments = [
        "push",
        "-P",
        "ubuntu-latest=-self-hosted",
        "--pull=false",
        "--action-offline-mode",
        "--local-repository",
        f"o/nodeport-lint@v1={copy}",
    ]
    environment = {**os.environ, "HOME": str(repository.parent / "home")}
    return subprocess.run(
        [command("act"), *arguments],
        cwd=repository,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_action_as_a_user_runs_it(tmp_path: Path) -> None:
    command("act")
    copy = committed_copy(tmp_path / "nodeport-lint")
    repository = tmp_path / "work"
    (tmp_path / "home").mkdir()
    marker = tmp_path / "injected"
    write_tree(
        repository,
        {
            **CLASH,
            f"$(touch {marker})/.keep": "",
            ".github/workflows/lint.yml": WORKFLOW.format(marker=marker, python=sys.executable),
        },
    )
    git(repository, "init", "-q", "-b", "main")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "x")
    failed = act(repository, copy)
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "findings=1 errors=1 sarif=out.sarif code=1" in failed.stdout
    assert "duplicate-node-port" in failed.stdout
    assert not marker.exists()
    write_tree(repository, {"k8s/50%.yaml": service("api", 30081)})
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "y")
    passed = act(repository, copy)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "findings=0 errors=0 sarif=out.sarif code=0" in passed.stdout


HOSTILE = "import os\nopen(os.environ['CANARY'], 'a').write(__name__ + '\\n')\n"
"""A module of the checkout that leaves a trace where Python takes it for one of its own."""


def test_the_action_runs_nothing_of_the_checkout(tmp_path: Path) -> None:
    command("act")  # It installs the action, and needs a registry for that like the action itself under act.
    steps = yamltext.plain(yamltext.read(ACTION).roots[0])["runs"]["steps"]
    names = ("venv", "pip", "json", "collections", "ensurepip", "sitecustomize", "usercustomize", "click", "runpy",
             "nodeport_lint", "re", "site", "ruamel", "signal", "hatchling", "encodings")  # fmt: skip
    work = tmp_path / "work"
    write_tree(work, {**CLASH, **{f"{name}.py": HOSTILE for name in names}, "pip/__main__.py": HOSTILE})
    canary, output = tmp_path / "canary", tmp_path / "output"
    environment = {
        **os.environ, "CANARY": str(canary), "RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(committed_copy(tmp_path / "copy")),
        "GITHUB_OUTPUT": str(output), "PYTHON": sys.executable, "PATHS": ".", "FAIL_ON": "error", "PROFILE": "default",
        "MIN_CONFIDENCE": "likely", "RANGE": "", "CONFIG": "", "SARIF_FILE": "out.sarif", "PYTHONPATH": str(work),
    }  # fmt: skip
    bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]
    done = []
    for step in steps:
        own = {name: text for name, text in step["env"].items() if "${{" not in text}
        done.append(subprocess.run([*bash, step["run"]], cwd=work, env={**environment, **own}, check=False).returncode)
    assert done == [0, 1]
    assert "findings=1\nerrors=1\n" in output.read_text()
    assert not canary.exists(), canary.read_text()
