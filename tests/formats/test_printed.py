"""Nothing that is printed is a command of a CI runner, a link of GitHub's, or no Unicode."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path

import pytest

from nodeport_lint.formats import FORMATS
from nodeport_lint.formats.markdown import escaped
from nodeport_lint.formats.words import disarmed, json_text, printable, printable_parts
from tests.command import run
from tests.make import write_tree
from tests.printed import obeyed

HOSTILE = "##[error]pwned"


def service(name: str, port: object, more: str = "") -> str:
    return (
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\n"
        f"spec: {{type: NodePort, ports: [{{port: 80, nodePort: {port}}}]}}{more}\n"
    )


# --- commands -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_a_command_across_the_pieces_of_a_line(tmp_path: Path, name: str) -> None:
    write_tree(tmp_path, {"a.yaml": "apiVersion: v1\nkind: Service\nspec: {ports: [{nodePort: 80##[error]pwned}]}\n"})
    write_tree(tmp_path, {"b.yaml": f"apiVersion: v1\nkind: Service\nspec: {{ports: [{{nodePort: 80{HOSTILE}}}]}}\n"})
    write_tree(tmp_path, {"c.yaml": service("c", 80, " ##[group]a")})
    write_tree(tmp_path, {"d##.yaml": service('"d##"', 80), "e.yaml": service(f"'{HOSTILE}'", 80)})
    write_tree(tmp_path, {"nodeports.md": f"| Service | NodePort |\n|---|---|\n| ##[x | 80 |\n| {HOSTILE} | 30000 |\n"})
    for more in ((), ("-v", "--min-confidence", "possible"), ("--color", "always")):
        found = run("check", "--format", name, *more, cwd=tmp_path)
        lines = obeyed(found.stdout + found.stderr)
        assert [
            line for line in lines if name != "github" or not re.match("::(error|warning|notice) title=", line)
        ] == []


def test_the_underline_stays_in_its_column(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.yaml": service("a", "80", "") + "# \n"})
    write_tree(
        tmp_path,
        {"b.yaml": 'apiVersion: v1\nkind: Service\nmetadata: {name: "##[a"}\nspec: {ports: [{nodePort: "8##[0"}]}\n'},
    )
    lines = run("check", "b.yaml", cwd=tmp_path).stdout.splitlines()
    source = next(index for index, line in enumerate(lines) if '"8#' in line)
    assert lines[source].endswith('{ports: [{nodePort: "8#\\x23[0"}]}')
    assert lines[source + 1].index("^") == lines[source].index('"8#')
    assert lines[source + 1].count("^") == len('"8#\\x23[0"')


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 4), (4, 5), (2, 7), (9, 9), (0, 17)])
def test_parts_of_a_line_are_the_whole_line(start: int, end: int) -> None:
    line = "ab##[e]\x1b##vso[x]é"
    before, part, rest = printable_parts(line, start, end)
    assert before + part + rest == printable(line) == "ab#\\x23[e]\\x1b#\\x23vso[x]é"
    assert len(re.sub(r"\\x[0-9a-f]{2}", "?", before)) == start


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::error::x", "\\x3a:error::x"),
        ("a\n \t\u00a0::error::x\n", "a\n \t\u00a0\\x3a:error::x\n"),
        ("\u200b::error::x", "\u200b\\x3a:error::x"),
        ("a\r::error::x", "a\r\\x3a:error::x"),
        (" ::: a::b.yaml:3:4", " ::: a::b.yaml:3:4"),
        ("a ::error::x", "a ::error::x"),
        ("a ##[group]", "a #\\x23[group]"),
        ("###[group]###[", "##\\x23[group]##\\x23["),
        ("##vso[task.setvariable]", "#\\x23vso[task.setvariable]"),
        ("## heading [x]", "## heading [x]"),
    ],
)
def test_the_last_door(text: str, expected: str) -> None:
    assert disarmed(text) == expected
    assert disarmed(expected) == expected


def test_details_and_lists_begin_no_line_with_a_command(tmp_path: Path) -> None:
    write_tree(
        tmp_path, {"::error::big.yaml": "x: {{ y }}: z\nnodePort: {{ a }}\n", "a.yaml": service("'::error::a'", 80)}
    )
    (tmp_path / "::warning::out.yaml").symlink_to("/nowhere")
    output = run("check", "-v", cwd=tmp_path).stdout
    assert "\n  \\x3a:warning::out.yaml\n" in output
    assert obeyed(output) == []
    for command in ("units", "ports"):
        found = run(command, cwd=tmp_path)
        assert obeyed(found.stdout + found.stderr) == []


def test_what_the_runner_reads_of_errors(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.yaml": service("a", 30080)})
    for arguments in (
        ("check", f"no {HOSTILE}"), ("check", "no\n::error::x"), (f"--{HOSTILE}",), ("check", "--x\n::error::x"),
        ("check", "--format", "x\n ::error::y"), ("next", "--cluster", f"a{HOSTILE}"), ("test-rules", f"no{HOSTILE}"),
        ("explain", "::error::x"), (f"x{HOSTILE}",),
    ):  # fmt: skip
        found = run(*arguments, cwd=tmp_path)
        assert found.returncode == 2
        assert obeyed(found.stdout + found.stderr) == []


def test_pages_of_a_repository_print_no_commands(tmp_path: Path) -> None:
    page = f"---\ncheck: range\nseverity: error\n---\n\n# A rule {HOSTILE}\n\n  ::error::x\n\n{HOSTILE}\n\n## Bad\n\n## Good\n\n## When to leave it\n"
    write_tree(tmp_path, {".nodeport-lint.yaml": "extra-rules: ['##[r]']\n", "##[r]/my-rule.md": page})
    outputs = [run(*args, cwd=tmp_path) for args in (("rules",), ("explain", "my-rule"), ("test-rules", "##[r]"))]
    for found in outputs:
        assert found.stdout
        assert obeyed(found.stdout + found.stderr) == []


# --- Unicode --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("\udcff", "\\udcff"), ("a\ud800b", "a\\ud800b"), ("\\\udc00", "\\\\udc00"), ("\\ud800", "\\ud800"), ("😀", "😀"),
        (HOSTILE, HOSTILE), ("###[\\##vso[", "###[\\##vso["), ("\ud800\ud800", "\\ud800\\ud800"),
    ],
)  # fmt: skip
def test_json_is_unicode_and_no_command(text: str, read: str) -> None:
    written = json_text({text: [text]})
    assert json.loads(written) == {read: [read]}
    assert obeyed(written) == []
    written.encode()
    json.dumps(json.loads(written), ensure_ascii=False).encode()


def test_half_pairs_of_surrogates_reach_no_reader(tmp_path: Path) -> None:
    suppression = 'suppressions:\n  - {rule: node-port-outside-range, path: "a.yaml", reason: "\\ud800"}\n'
    write_tree(tmp_path, {".nodeport-lint.yaml": suppression, "a.yaml": service("a", 80)})
    write_tree(tmp_path, {"b.json": json.dumps({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "\ud800"},
                          "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 81}]}})})  # fmt: skip
    (tmp_path / os.fsdecode(b"\xff.yaml")).write_text(service("c", 82))
    for arguments in (("check", "--format", "json"), ("check", "--format", "sarif", "--show-suppressed"),
                      ("ports", "--format", "json")):  # fmt: skip
        output = run(*arguments, cwd=tmp_path).stdout
        assert "\\\\ud800" in output
        json.dumps(json.loads(output), ensure_ascii=False).encode()
    for row in csv.reader(io.StringIO(run("ports", "--format", "csv", cwd=tmp_path).stdout)):
        ",".join(row).encode()


# --- Markdown -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://e.org/a_b now", "see `https://e.org/a_b` now"),
        ("WWW.e.org", "`WWW.e.org`"),
        ("ask @octocat, or @org/team", "ask `@octocat,` or `@org/team`"),
        ("#123 GH-123 o/r#1 u@e.org", "`#123` `GH-123` `o/r#1` `u@e.org`"),
        ("mailto:a xmpp:b :tada:", "`mailto:a` `xmpp:b` `:tada:`"),
        ("a5c3785ed8d6a35868bc169f07e40e889087fd2e", "`a5c3785ed8d6a35868bc169f07e40e889087fd2e`"),
        ("o/r@a5c3785", "`o/r@a5c3785`"),
        ("a|@b`<i>@c&", "`a`&#124;`@b`&#96;&lt;`i`&gt;`@c`&amp;"),
        ("plain 30080 of Service shop/web: k8s/a.yaml:8:17", "plain 30080 of Service shop/web: k8s/a.yaml:8:17"),
        ("$x$ [a](b) _c_", "&#36;x&#36; &#91;a&#93;(b) &#95;c&#95;"),
    ],
)
def test_markdown_has_no_links_of_the_repository(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_links_in_the_summary_and_the_list(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.yaml": service("'https://e.org/ @octocat #1'", 80), "@b.yaml": service("b", 80)})
    for command in ("check", "ports"):
        output = run(command, "--format", "markdown", cwd=tmp_path).stdout
        bare = re.sub("`[^`]*`", "", output)
        assert "`https://e.org/`" in output
        assert not re.search(r"https?://|@|#\d(?!\d*;)", bare)
