"""Repositories are untrusted: a clear message or a finding, never a trace, never a silent pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import run
from tests.make import Lint, service, write_tree

GOOD = {"good/a.yaml": service("a", 30080), "good/b.yaml": service("b", 30080)}
CONFLICT = "node port 30080 is asked for by Service shop/a and Service shop/b"
HEAD = "apiVersion: v1\nkind: Service\n"

BROKEN: dict[str, tuple[str | bytes, str]] = {
    "not YAML": (HEAD + "metadata: [\n", "bad.yaml:4:1: warning: expected the node content"),
    "tabs": (HEAD + "metadata:\n\tname: a\n", "bad.yaml:4:1: warning: found character '\\t' that cannot start any token"),
    "Latin-1": ((HEAD + "metadata: {name: ä}\n").encode("latin-1"), "bad.yaml:3:18: warning: not UTF-8: byte 0xe4"),
    "half of a UTF-16 pair": ((HEAD + "a: b").encode("utf-16")[:-1], ""),
    "100,000 brackets": (HEAD + "a: " + "[" * 100_000, "bad.yaml:3:203: error: nested deeper than 200 levels"),
    "100,000 braces": (HEAD + "a: " + "{a: " * 100_000, "error: nested deeper than 200 levels"),
    "100,000 dashes": (HEAD + "a:\n" + "- " * 100_000, "error: nested deeper than 200 levels"),
    "an alias bomb": (
        HEAD + "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(f"{n}: &{n} [{', '.join(['*' + chr(ord(n) - 1)] * 9)}]\n" for n in "bcdefghijkl"),
        "error: aliases expand to more than 200,000 nodes",
    ),
    "an anchor in itself": (HEAD + "a: &a [*a]\n", "bad.yaml:3:8: warning: anchor 'a' value contains itself"),
    "an unknown anchor": (HEAD + "a: *b\n", "bad.yaml:3:4: warning: unknown anchor 'b' referenced"),
    "a control character": (HEAD + 'a: "\x1b[31m"\n', "bad.yaml:3:5: warning: special characters are not allowed (U+001B)"),
    "a broken tag": (HEAD + "a: !!int x\n", "bad.yaml:3:10: warning: cannot decode 'x' as a !!int"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_a_finding_and_the_rest_goes_on(case: str, lint_files: Lint) -> None:
    content, expected = BROKEN[case]
    report = lint_files({**GOOD, "bad.yaml": content})
    messages = [f"{finding.location.label}: {finding.severity.word}: {finding.message}" for finding in report.findings]
    assert any(message.endswith(CONFLICT) for message in messages)
    others = [message for message in messages if not message.endswith(CONFLICT)]
    assert len(others) == (1 if expected else 0), others
    assert not others or expected in others[0]


WEIRD = [
    "[]", "null", "x", "3", "{}", "{name: [a]}", "{name: {a: b}}", "{name: 1e999}", "{name: null}", "{name: 2020-01-01}", "{namespace: [x], name: 3}",
]  # fmt: skip
WEIRD_SPEC = [
    "[]", "x", "null", "{ports: {}}", "{ports: x}", "{ports: [x, 1, null, [], {}]}", "{type: [NodePort], ports: [{nodePort: 30080}]}",
    "{type: {a: b}, ports: [{nodePort: 1}]}", "{type: NodePort, ports: [{port: [], protocol: {}, name: [], targetPort: {}, nodePort: {a: [b]}}]}",
    "{type: NodePort, ports: [{port: true, protocol: 3, nodePort: 99999999999999999999999999}]}", "{healthCheckNodePort: [], allocateLoadBalancerNodePorts: {}}",
    f"{{type: NodePort, ports: [{{nodePort: {'9' * 5000}}}]}}", "{type: NodePort, ports: [{nodePort: 0x" + "f" * 5000 + "}]}",
    "{type: 30080, clusterIP: [], ports: [{nodePort: 30080.0}]}", "{type: NodePort, ports: [{nodePort: .5}, {nodePort: -1}, {nodePort: ''}]}",
]  # fmt: skip


@pytest.mark.parametrize("metadata", WEIRD)
@pytest.mark.parametrize("spec", WEIRD_SPEC)
def test_no_shape_of_a_service_crashes(metadata: str, spec: str, lint_files: Lint) -> None:
    text = f"apiVersion: v1\nkind: Service\nmetadata: {metadata}\nspec: {spec}\n"
    report = lint_files({**GOOD, "weird.yaml": text}, profile="production")
    assert any(
        finding.message.endswith(CONFLICT.removeprefix("node port 30080 ")) for finding in report.findings
    ) or any(finding.message.startswith("node port 30080 is asked for by") for finding in report.findings)
    assert not any(finding.rule == "unparsable-manifest" for finding in report.findings)


def test_lists_of_lists(lint_files: Lint) -> None:
    item = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: NodePort, ports: [{port: 80, nodePort: 80}]}}"
    text = f"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items: [null, x, [], {item}]\n- kind: List\n  items: null\n"
    assert [finding.location.label for finding in lint_files({"a.yaml": text}).findings] == ["a.yaml:6:129"]


def test_a_bomb_of_lists_is_bounded(lint_files: Lint) -> None:
    level = "&l0 {apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: NodePort, ports: [{port: 80, nodePort: 80}]}}"
    text = f"x0: {level}\n" + "".join(
        f"x{n}: &l{n} {{kind: List, apiVersion: v1, items: [{', '.join([f'*l{n - 1}'] * 10)}]}}\n" for n in range(1, 6)
    )
    report = lint_files({"a.yaml": text + "apiVersion: v1\nkind: List\nitems: [*l5, *l5]\n"})
    assert len(report.findings) <= 200_000


def test_large_files(tmp_path: Path) -> None:
    filler = "# " + "x" * 97 + "\n"
    write_tree(
        tmp_path,
        {
            **GOOD,
            "bundle.yaml": filler * 15_000 + service("c", 80),
            "data.yaml": HEAD + filler * 15_000,
            "huge.yaml": filler * 500_000 + service("d", 80),
            "huge-data.json": '{"apiVersion": "kind", "a": "' + "x" * 50_000_000 + '"}',
            "package-lock.json": '{"a": "' + "x" * 2_000_000 + '"}',
        },
    )
    result = run("check", "--format", "json", cwd=tmp_path)
    report = json.loads(result.stdout)
    assert {(finding["parties"][0]["location"]["path"], finding["message"]) for finding in report["findings"]} == {
        ("good/a.yaml", CONFLICT),
        ("bundle.yaml", "node port 80 of Service shop/c is not in the range 30000-32767"),
        ("huge.yaml", "not read: 50 MB, more than 5 MB"),
    }
    details = {notice["message"]: notice["details"] for notice in report["notices"]}
    assert details == {"2 large files without node-port text not parsed": ["data.yaml", "huge-data.json"]}


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
def test_unreadable_files_and_directories(tmp_path: Path) -> None:
    write_tree(tmp_path, {**GOOD, "secret.yaml": "", "locked/a.yaml": ""})
    (tmp_path / "secret.yaml").chmod(0)
    (tmp_path / "locked").chmod(0)
    # Root reads everything, unless it gives up the capability to.
    lowered = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.getuid() == 0 else []
    code = "from nodeport_lint.cli import main; main()"
    command = [*lowered, sys.executable, "-c", code, "check", "--format", "concise", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    (tmp_path / "locked").chmod(0o755)
    assert result.stderr == ""
    assert "locked:1:1: warning: cannot be read: Permission denied [unparsable-manifest]\n" in result.stdout
    assert "secret.yaml:1:1: warning: cannot be read: Permission denied [unparsable-manifest]\n" in result.stdout
    assert CONFLICT in result.stdout


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    write_tree(
        tmp_path, {"outside/secret.yaml": service("secret", 1), **{f"root/{path}": text for path, text in GOOD.items()}}
    )
    os.symlink(tmp_path / "outside", tmp_path / "root" / "way-out")
    os.symlink(tmp_path / "outside" / "secret.yaml", tmp_path / "root" / "secret.yaml")
    os.symlink("/dev/zero", tmp_path / "root" / "zero.yaml")
    os.symlink(tmp_path / "root", tmp_path / "root" / "good" / "loop")
    result = run("check", str(tmp_path / "root"), "--verbose")
    assert "Service shop/secret" not in result.stdout
    assert "notice: 3 links not followed: outside the repository, or nothing there\n" in result.stdout
    assert "\n  way-out\n" in result.stdout
    assert CONFLICT in result.stdout


def test_names_cannot_move_the_cursor_or_command_the_runner(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "::error::x.yaml": service("a", 80),
            "a\n::warning::b.yaml": service("b", 81),
            "\x1b[31mred.yaml": service("c", 82),
            "e.yaml": service('"x\\n::error::y\\e[2J"', 83),
        },
    )
    (tmp_path / os.fsdecode(b"\xff.yaml")).write_text(service("f", 84))
    for name in ("text", "concise"):
        result = run("check", "--format", name, cwd=tmp_path)
        assert (result.returncode, result.stderr) == (1, "")
        assert "\x1b" not in result.stdout
        assert not any(line.startswith("::") for line in result.stdout.splitlines())
        assert result.stdout.count("is not in the range") == 5
    assert len(json.loads(run("check", "--format", "json", cwd=tmp_path).stdout)["findings"]) == 5


def test_output_survives_a_poor_terminal(tmp_path: Path) -> None:
    write_tree(tmp_path, {"ä😀.yaml": service("ü", 80)})
    for environment in ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"}):
        result = run("check", cwd=tmp_path, environment=environment)
        assert (result.returncode, result.stderr) == (1, "")
        assert "node port 80 of Service shop/" in result.stdout


def test_templates_of_other_tools_are_set_aside_and_said(lint_files: Lint) -> None:
    report = lint_files(
        {
            "a.yaml": HEAD + "metadata: {name: x}\nspec: {ports: [{nodePort: {{ port }} }]}\n",
            "b.yaml": HEAD + "{% if x %}\n",
        }
    )
    assert report.findings == ()
    assert [notice.message for notice in report.notices] == [
        "2 files with template text ({{ }}) that is not YAML set aside"
    ]


def test_many_services_on_one_number_stay_bounded(lint_files: Lint) -> None:
    files = {f"{index}.yaml": service(f"s{index}", 30080) for index in range(1500)}
    report = lint_files(files)
    assert [len(finding.parties) for finding in report.findings] == [1500]
    same = {f"same/{index}.yaml": service("one", 30081) for index in range(1500)}
    assert len(lint_files(same).findings) == 1


def test_many_faults_in_one_file_are_reported_up_to_a_limit(lint_files: Lint) -> None:
    report = lint_files({"a.yaml": (HEAD + "x: [\n---\n") * 5000})
    assert 40 <= len(report.findings) <= 60


HOSTILE = {
    "ports of one Service": {"a.yaml": HEAD + "metadata: {name: a}\nspec:\n  type: NodePort\n  ports:\n" + "".join(f"  - {{port: {n}, nodePort: 30080}}\n" for n in range(1, 6000))},
    "one key again and again": {"a.yaml": HEAD + "metadata: {name: a}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 80}]}\n" + "k: 1\n" * 20_000},
    "rows of one number": {"nodeports.md": "| Service | NodePort |\n|---|---|\n" + "".join(f"| s{n} | 30000-30009 |\n" for n in range(3000))},
    "settings of one number": {"nodeports.md": "| Env | Service | NodePort |\n|---|---|---|\n" + "".join(f"| e{n} | s{n} | 30000 |\n" for n in range(3000))},
    "cells without an end": {"nodeports.md": "| Service | NodePort |\n|---|---|\n" + "".join(f"| {text * 20_000} | {text * 20_000} |\n" for text in ("(", "[a", "<a ", "*`", "a.", "1-"))},
    "comments above comments": {"a.yaml": service("a", 80) + "# nodeport-lint: ignore[duplicate-node-port] x\n" * 20_000},
    "patterns that backtrack": {".gitignore": "".join("*a" * 30 + f"*{n}\n" for n in range(50)), "a" * 200 + ".yaml": service("a", 80)},
    "a large text for the pure parser": {"a.yaml": "# \x85\n" + service("a", 80) + "".join(f"k{n}: [a, b]\n" for n in range(100_000))},
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_no_file_costs_its_square(case: str, tmp_path: Path) -> None:
    """The time limit is a hundred times what each takes now and a fraction of what the square takes."""
    write_tree(tmp_path, HOSTILE[case])
    result = run("check", "--format", "json", "--format", "sarif=out.sarif", cwd=tmp_path, timeout=100)
    assert result.stderr == ""
    assert result.returncode == (0 if case == "cells without an end" else 1)
    json.loads(result.stdout)
    json.loads((tmp_path / "out.sarif").read_text(encoding="utf-8"))


def test_costly_patterns_hold_as_others_do(tmp_path: Path) -> None:
    files = {"aaaaa.yaml": service("a", 80), "bb.yaml": service("b", 80), "c.yaml": service("c", 80)}
    write_tree(tmp_path, {".gitignore": "*a*a*a*a*.yaml\nb*.yaml\n", **files})
    found = run("check", "--format", "concise", cwd=tmp_path).stdout.splitlines()
    assert [line.partition(":")[0] for line in found] == ["c.yaml"]
    write_tree(tmp_path, {".nodeport-lint.yaml": "exclude: ['*a*a*a*a*', '**/**/**/**/c*']\n", ".gitignore": ""})
    found = run("check", "--format", "concise", cwd=tmp_path).stdout.splitlines()
    assert [line.partition(":")[0] for line in found] == ["bb.yaml"]


@pytest.mark.parametrize(
    "text",
    ['kind: "\\UFFFFFFFF"\n', 'apiVersion: v1\nkind: "\\U00110000"\n', "x: 1\nkind: &k {a: &k [*k]}\n"],
)
def test_escapes_and_anchors_that_stop_the_library(text: str, lint_files: Lint) -> None:
    assert any(finding.message == CONFLICT for finding in lint_files({**GOOD, "bad.yaml": text}).findings)


def test_containers_where_names_belong(lint_files: Lint) -> None:
    chain = "k0: &a0 [x]\n" + "".join(f"k{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 190))
    big = 'z: &z "' + "A" * 200_000 + '"\n'
    report = lint_files(
        {
            **GOOD,
            "deep.yaml": chain + HEAD + "metadata: {name: *a180, namespace: *a180}\nspec: {type: *a180, ports: [{protocol: *a180, name: *a180, port: *a180, nodePort: 80}]}\n",
            "wide.yaml": big + HEAD + f"metadata: {{name: [{', '.join(['*z'] * 2000)}]}}\nspec: {{type: NodePort, ports: [{{port: 80, nodePort: 81}}]}}\n",
            "long.yaml": HEAD + f"metadata: {{name: {'n' * 100_000}}}\nspec: {{type: NodePort, ports: [{', '.join(f'{{port: {n}, nodePort: {n}}}' for n in range(1, 400))}]}}\n",
        }
    )  # fmt: skip
    assert max(len(finding.message) for finding in report.findings) < 1000
    assert any(finding.message == CONFLICT for finding in report.findings)


def test_chains_of_merge_keys_are_refused(lint_files: Lint) -> None:
    text = "x0: &m0 {a: 1}\n" + "".join(f"x{n}: &m{n} {{<<: *m{n - 1}}}\n" for n in range(1, 1200))
    report = lint_files(
        {**GOOD, "bad.yaml": text + HEAD + "spec: {<<: *m1199, type: NodePort, ports: [{port: 80, nodePort: 80}]}\n"}
    )
    assert any("aliases followed" in finding.message for finding in report.findings)


def test_wide_objects_are_looked_up_once(lint_files: Lint) -> None:
    ports = ", ".join(f"{{port: {n}, nodePort: {n}}}" for n in range(1, 4000))
    keys = "".join(f"  k{n}: 1\n" for n in range(4000))
    report = lint_files(
        {"a.yaml": HEAD + f"metadata: {{name: a}}\nspec:\n  type: NodePort\n{keys}  ports: [{ports}]\n"}
    )
    found = [finding.message for finding in report.findings if finding.rule == "node-port-outside-range"]
    assert len(found) == 1001
    assert found[-1] == "2,999 further findings of this rule in Service a, from here on"


def test_the_configuration_and_pages_are_no_links_or_pipes(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0\n")
    root = tmp_path / "root"
    write_tree(root, {"a.yaml": service("a", 80)})
    (root / ".nodeport-lint.yaml").symlink_to(secret)
    (root / "nodeports.md").symlink_to(secret)
    result = run("check", cwd=root)
    assert result.returncode == 2
    assert "root:x" not in result.stderr
    assert "must be a file, and no link" in result.stderr
    (root / ".nodeport-lint.yaml").unlink()
    os.mkfifo(root / ".nodeport-lint.yaml")
    assert run("check", cwd=root, timeout=20).returncode == 2
    (root / ".nodeport-lint.yaml").unlink()
    write_tree(root, {".nodeport-lint.yaml": "extra-rules: [ci]\n", "ci/x.txt": ""})
    (root / "ci" / "a-b.md").symlink_to(secret)
    page = run("check", cwd=root)
    assert (page.returncode, "root:x" in page.stderr) == (2, False)
    write_tree(root, {".nodeport-lint.yaml": "registry: [nodeports.md]\n"})
    assert run("check", cwd=root).returncode == 2


@pytest.mark.parametrize(
    "config",
    ['extra-rules: ["a\\0b"]', f"extra-rules: [{'x' * 300}]", "exclude: ['!']", "exclude: ['[z-a]']", 'rules: {"x\\n::error::pwn": 5}',
     "rules: {node-port-service: {options: {select: '$[0].metadata.name.`sub(/(a|aa)+$/, x)`'}}}", "rules: {node-port-service: {options: {select: '$[0].metadata.name * 9999999999'}}}",
     "rules: {node-port-service: {options: {select: \"$[?(@.metadata.name =~ '(a+)+b')]\"}}}"],
)  # fmt: skip
def test_hostile_configurations(config: str, tmp_path: Path) -> None:
    write_tree(tmp_path, {".nodeport-lint.yaml": config + "\n", "a.yaml": service("a", 80)})
    result = run("check", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    assert not any(line.lstrip().startswith("::") for line in result.stderr.splitlines())


def test_patterns_that_are_none_are_passed_over(tmp_path: Path) -> None:
    write_tree(
        tmp_path, {".gitignore": "!\n\\\n[z-a]\nb.yaml\n", "a.yaml": service("a", 80), "b.yaml": service("b", 80)}
    )
    assert run("check", "--format", "concise", cwd=tmp_path).stdout.startswith("a.yaml:8:17")


def test_nothing_is_passed_over_without_a_word(lint_files: Lint) -> None:
    for files, expected in (
        ({"a.yaml": "---\n@\n" * 60 + "---\n" + service("a", 80)}, "not read from here on"),
        ({"a.yaml": '{"kind":1}\n{"kind":1}\n---\n' + service("a", 80)}, "not valid JSON"),
        ({"a.yaml": service("a", 80).encode("utf-16-le")}, "holds NUL bytes"),
    ):
        assert any(expected in finding.message for finding in lint_files(files).findings), expected
    aliased = "x: &k kind\n*k : Service\napiVersion: v1\nmetadata: {name: a}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 80}]}\n"
    assert [finding.rule for finding in lint_files({"a.yaml": aliased}).findings] == ["node-port-outside-range"]


def test_commands_of_the_runner_are_broken(tmp_path: Path) -> None:
    write_tree(tmp_path, {" ::error::x.yaml": service("a", 80), "b.yaml": service("b", "81  # ##[error]pwn")})
    for name in ("text", "concise"):
        output = run("check", "--format", name, cwd=tmp_path).stdout
        assert "##[" not in output
        assert not any(line.lstrip().startswith("::") for line in output.splitlines() if not line.startswith(" ::: "))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('metadata: {name: vm, annotations: {note: "{{ x }}"}}', True),
        ("metadata: {name: '{{ x }}'}", True),
        ("metadata: {name: {{ x }}}", False),
        ("metadata: {name: vm}\n{{- if x }}", False),
        ("metadata: {name: vm}\n<#if x>", False),
        ("metadata:\n  name: web-{{ x }}", False),
    ],
)
def test_a_broken_manifest_with_braces_in_quotes_is_no_template(tmp_path: Path, text: str, told: bool) -> None:
    broken = f"apiVersion: v1\nkind: Service\n{text}\nspec:\n  ports:\n    - nodePort: 31597\n   bad: 1\n"
    write_tree(tmp_path, {".nodeport-lint.yaml": "", "a.yaml": broken})
    assert ("unparsable-manifest" in run("check", cwd=tmp_path).stdout) == told
