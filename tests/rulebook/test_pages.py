"""Rule pages from a scanned repository and from packages: what they may do and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nodeport_lint.model import NodeportLintError
from nodeport_lint.rulebook.pages import parse_page
from tests.command import run
from tests.make import service, write_tree

PAGE = """---
check: match
options:
  select: $[?(@.metadata.namespace == 'shop')].spec.ports[*].nodePort
  unless: $[?(@.metadata.name == 'spared')]
  message: $object has $value
severity: warning
---

# A shop with a node port

## Bad

```yaml title="a.yaml"
apiVersion: v1
kind: Service
metadata: {name: a, namespace: shop}
spec:
  type: NodePort
  ports:
    - port: 80
      nodePort: 30080  # finding: Service shop/a has 30080
```

## Good

```yaml title="a.yaml"
apiVersion: v1
kind: Service
metadata: {name: spared, namespace: shop}
spec:
  type: NodePort
  ports: [{port: 80, nodePort: 30080}]
```
"""


def test_a_page_of_the_scanned_repository(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "ci/rules/shop-port.md": PAGE,
            ".nodeport-lint.yaml": "extra-rules: [ci/rules]\n",
            "a.yaml": service("a", 30080),
            "b.yaml": service("spared", 30081),
        },
    )
    result = run("check", "--format", "concise", cwd=tmp_path)
    assert result.stdout == "a.yaml:8:17: warning: Service shop/a has 30080 [shop-port]\n"
    assert run("test-rules", "ci/rules", cwd=tmp_path).stdout == "1 rule page tested, 0 failures\n"
    assert "shop-port" in run("rules", cwd=tmp_path).stdout
    assert run("explain", "shop-port", cwd=tmp_path).stdout.startswith(
        "shop-port (warning, profile default)\n\n# A shop"
    )
    write_tree(
        tmp_path,
        {
            ".nodeport-lint.yaml": "extra-rules: [ci/rules]\nrules: {shop-port: {options: {message: 'look: $name'}, severity: error}}\n"
        },
    )
    assert run("check", "--format", "concise", cwd=tmp_path).stdout == "a.yaml:8:17: error: look: a [shop-port]\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("check: match", "check: mtach", "2:8: unknown check 'mtach' (did you mean 'match'?)"),
        ("  unless:", "  unles:", "5:3: unknown option 'unles' of check 'match' (did you mean 'unless'?)"),
        ("  select: ", "  select: 3 #", "4:11: options.select must be a text, not 3"),
        ("  message: $object has $value\n", "", "2:8: check 'match' needs the option 'message'"),
        ("$object has", "$objekt has", "2:8: options of check 'match': the message uses $objekt; it may use $kind, "),
        ("$object has", "$ has", "2:8: options of check 'match': the message holds a $ that starts no name"),
        ("$[?(@.metadata.namespace", "$[[?(@.metadata", "2:8: options of check 'match': "),
        ("'shop')]", "'shop' & @.x)]", "write && for and"),
        ("namespace == 'shop'", "namespace =~ '(a+)+b'", "2:8: a page or configuration of the repository may not use =~"),
        ("$[?(@.metadata.namespace == 'shop')].spec.ports[*].nodePort", "$..ports..nodePort", "2:8: a page or configuration of the repository may not use .. more than once"),
        ("severity: warning", "severity: bad", "7:11: severity must be one of error, warning, note, not 'bad'"),
        ("severity: warning\n", "", "the front matter needs the key 'severity'"),
        ("severity: warning", "severity: warning\nprofile: fast", "8:10: profile must be one of default, production, off, not 'fast'"),
        ("severity: warning", "severity: warning\nlevel: 3", "8:1: unknown key 'level'"),
        ("# A shop with a node port", "A shop", "a rule page needs a title"),
        ("---\ncheck", "check", "a rule page must begin with front matter"),
        ("severity: warning", "severity: [warning", "8:1: "),
    ],
)  # fmt: skip
def test_mistakes_in_pages(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in PAGE
    write_tree(
        tmp_path,
        {
            "ci/shop-port.md": PAGE.replace(old, new),
            ".nodeport-lint.yaml": "extra-rules: [ci]\n",
            "a.yaml": service("a", 30080),
        },
    )
    result = run("check", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("nodeport-lint: error: ci/shop-port.md:")
    assert message in result.stderr


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"ci/duplicate-node-port.md": PAGE}, "ci/duplicate-node-port.md: there is a rule 'duplicate-node-port' already, in <built in>/duplicate-node-port.md"),
        ({"ci/Shop_Port.md": PAGE}, "ci/Shop_Port.md: the name of a rule page must be words in lower case with hyphens"),
        ({"ci/a-b.md": b"\xff"}, "ci/a-b.md: not UTF-8"),
        ({"ci/a-b.md": PAGE + "x" * 300_000}, "ci/a-b.md: a rule page must be smaller than 200 kB"),
        ({"ci/README.md": ""}, "the directory 'ci' holds no rule pages (*.md)"),
    ],
)  # fmt: skip
def test_mistakes_in_directories(files: dict[str, str], message: str, tmp_path: Path) -> None:
    write_tree(tmp_path, {**files, ".nodeport-lint.yaml": "extra-rules: [ci]\n"})
    result = run("check", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr


def test_pages_of_the_user_may_use_regular_expressions(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "mine/shop-port.md": PAGE.replace("namespace == 'shop'", "namespace =~ '^sh'"),
            "repo/a.yaml": service("a", 30080),
        },
    )
    result = run("check", "--extra-rules", str(tmp_path / "mine"), "--format", "concise", cwd=tmp_path / "repo")
    assert result.stdout == "a.yaml:8:17: warning: Service shop/a has 30080 [shop-port]\n"


def test_an_example_cannot_leave_its_directory(tmp_path: Path) -> None:
    for title in ("../x.yaml", "/etc/x.yaml", "a/../../x.yaml"):
        write_tree(tmp_path, {"shop-port.md": PAGE.replace('title="a.yaml"', f'title="{title}"')})
        result = run("test-rules", str(tmp_path))
        assert result.returncode == 2
        assert f"the title {title!r} is not a path inside the example" in result.stderr


def test_a_message_is_no_format_string() -> None:
    page = parse_page(PAGE.replace("$object has $value", "'{value.__class__} {0:>999999999} $value'"), "a-b.md")
    assert page.rule().options.message == "{value.__class__} {0:>999999999} $value"


def test_a_page_name_is_checked() -> None:
    with pytest.raises(NodeportLintError, match="words in lower case"):
        parse_page(PAGE, "rules/x_y.md")


def test_an_installed_package_brings_verbs_and_pages(tmp_path: Path) -> None:
    plugin = Path(__file__).parent.parent.parent / "fixtures" / "plugin"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check", "--target", str(tmp_path / "site"), str(plugin)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    environment = {"PYTHONPATH": str(tmp_path / "site")}
    write_tree(
        tmp_path, {"repo/a.yaml": service("a", 30085), "repo/.nodeport-lint.yaml": "extra-rules: [package:example]\n"}
    )
    result = run("check", "--format", "concise", cwd=tmp_path / "repo", environment=environment)
    assert (
        result.stdout
        == "a.yaml:8:17: warning: node port 30085 of Service shop/a is no multiple of 10 [odd-node-port]\n"
    )
    pages = str(tmp_path / "site" / "nodeport_lint_example" / "rules")
    assert run("test-rules", pages, environment=environment).stdout == "1 rule page tested, 0 failures\n"
    missing = run("check", cwd=tmp_path / "repo")
    assert missing.returncode == 2
    assert "no installed package offers rule pages named 'example'" in missing.stderr
    unknown = run("test-rules", pages)
    assert unknown.returncode == 2
    assert "unknown check 'even-port'" in unknown.stderr


def test_a_package_that_does_not_load_is_status_2(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "site/bad.py": "1 / 0\n",
            "site/bad-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: bad\nVersion: 1\n",
            "site/bad-1.dist-info/entry_points.txt": "[nodeport_lint.checks]\nbad-check = bad\n\n[nodeport_lint.rules]\nbad-rules = bad\n",
            "repo/ci/shop-port.md": PAGE.replace("check: match", "check: bad-check"),
            "repo/.nodeport-lint.yaml": "extra-rules: [ci]\n",
            "other/.nodeport-lint.yaml": "extra-rules: ['package:bad-rules']\n",
        },
    )
    for repository, message in (("repo", "the check 'bad-check'"), ("other", "the rule pages 'bad-rules'")):
        result = run("check", cwd=tmp_path / repository, environment={"PYTHONPATH": str(tmp_path / "site")})
        assert (result.returncode, result.stdout) == (2, "")
        assert f"{message} of an installed package cannot be loaded: ZeroDivisionError" in result.stderr
        assert "Traceback" not in result.stderr


def test_and_is_written_the_same_everywhere(tmp_path: Path) -> None:
    page = PAGE.replace("== 'shop'", "== 'shop' && @.metadata.name != 'R&D && x'")
    write_tree(
        tmp_path, {"ci/shop-port.md": page, ".nodeport-lint.yaml": "extra-rules: [ci]\n", "a.yaml": service("a", 30080)}
    )
    result = run("check", "--format", "concise", cwd=tmp_path)
    assert result.stdout == "a.yaml:8:17: warning: Service shop/a has 30080 [shop-port]\n"
