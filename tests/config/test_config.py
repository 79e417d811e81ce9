"""The configuration: every key, every mistake with its place, and the schema that says the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nodeport_lint import config as room
from nodeport_lint.config import parse_config
from nodeport_lint.model import NodeportLintError, PortRange, Severity
from tests.command import run
from tests.make import service, write_tree

FULL = """
range: 20000-40000
exclude: [vendor/**, testdata/]
rules:
  node-port-service: warning
  duplicate-yaml-key: off
  duplicate-node-port:
    severity: note
  unparsable-manifest:
    options:
      kinds: [unparsable]
extra-rules: [ci/rules, package:acme]
registry: [docs/ports.md, ./more.md]
owners: {PostgreSQL: [warehouse]}
suppressions:
  - {rule: node-port-outside-range, path: legacy/**, reason: wide range, until: 2027-01-31}
  - {rule: duplicate-node-port, port: 30080, reason: blue and green}
"""

GOOD = [
    "",
    "# nothing\n",
    "{}\n",
    FULL,
    "range: 30000\n",
    "range: 30000+10\n",
    "exclude: []\n",
    "rules: {a-b: error}\n",
]

BAD = [
    ("rnage: 1-2\n", ":1:1: unknown key 'rnage' (did you mean 'range'?)"),
    ("- a\n", ":1:1: the file must be a mapping of keys to values, not a list"),
    ("range: [1]\n", ":1:8: range must be a text, not a list"),
    ("range: 5-1\n", ":1:8: range: 5-1 ends before it begins"),
    ("exclude: vendor\n", ":1:10: exclude must be a list, not 'vendor'"),
    ("exclude:\n  - 1\n", ":2:5: exclude[0] must be a text, not 1"),
    ("rules: [a]\n", ":1:8: rules must be a mapping of keys to values, not a list"),
    ("rules:\n  a-b: fatal\n", ":2:8: rules.a-b must be error, warning, note, off or a mapping, not 'fatal'"),
    ("rules:\n  a-b: {severty: error}\n", ":2:9: unknown key 'severty' (did you mean 'severity'?)"),
    ("rules:\n  a-b: {severity: 3}\n", ":2:19: rules.a-b.severity must be a text, not 3"),
    ("registry: [/etc/ports.md]\n", ":1:12: registry[0] must be a path inside the repository, not '/etc/ports.md'"),
    ("registry: ../ports.md\n", ":1:11: registry must be a path inside the repository"),
    ("owners: {A: b}\n", ":1:13: owners.A must be a list, not 'b'"),
    ("suppressions: [{rule: a-b, path: x}]\n", ":1:16: suppressions[0] needs the key 'reason'"),
    ("suppressions: [{rule: a-b, reason: x}]\n", ":1:16: suppressions[0] needs the key 'path' or 'port'"),
    (
        "suppressions: [{rule: a-b, reason: x, port: '1'}]\n",
        ":1:45: suppressions[0].port must be a whole number, not '1'",
    ),
    (
        "suppressions: [{rule: a-b, reason: x, port: 1, until: soon}]\n",
        ":1:55: suppressions[0].until must be a date such as 2027-01-31, not 'soon'",
    ),
    ("extra-rules: ci\n", ":1:14: extra-rules must be a list, not 'ci'"),
    ("range: 1-2\nrange: 1-3\n", ":2:1: the key 'range' is written twice"),
    ("range: 1-2\n---\nrange: 1-3\n", ":3:1: the file must hold one document only"),
]
NOT_YAML = [("range: [\n", ":2:1: "), ("a: {{ x }}\n", ":1:5: a mapping or list cannot be a key")]


def test_every_key() -> None:
    config = parse_config(FULL, "x.yaml")
    assert config.range == PortRange(20000, 40000)
    assert config.exclude == ("vendor/**", "testdata/")
    assert config.rules["node-port-service"].severity == Severity.WARNING
    assert config.rules["duplicate-yaml-key"].off
    assert config.rules["duplicate-node-port"].severity == Severity.NOTE
    assert config.rules["unparsable-manifest"].options["kinds"].value == ["unparsable"]
    assert config.registry == ("docs/ports.md", "more.md")
    assert config.owners == {"PostgreSQL": ("warehouse",)}
    assert [(item.rule, item.path, item.port, item.until) for item in config.suppressions] == [
        ("node-port-outside-range", "legacy/**", None, "2027-01-31"),
        ("duplicate-node-port", "**", 30080, None),
    ]
    assert [source.name for source in config.extra_rules] == ["ci/rules", "package:acme"]


@pytest.mark.parametrize(("text", "message"), [*BAD, *NOT_YAML])
def test_mistakes(text: str, message: str) -> None:
    with pytest.raises(NodeportLintError) as error:
        parse_config(text, "x.yaml")
    assert str(error.value).startswith(f"x.yaml{message}")


def validator() -> object:
    from jsonschema import Draft7Validator

    schema = json.loads((Path(room.__file__).parent.parent / "data" / "config.schema.json").read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def value_of(text: str) -> object:
    from nodeport_lint import yamltext

    roots = yamltext.read(text).roots
    return yamltext.plain(roots[0]) if roots else None


@pytest.mark.parametrize("text", GOOD)
def test_schema_takes_what_the_code_takes(text: str) -> None:
    parse_config(text, "x.yaml")
    assert list(validator().iter_errors(value_of(text))) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    [
        text
        for text, message in BAD
        if "ends before" not in message and "twice" not in message and "one document" not in message
    ],
)
def test_schema_refuses_what_the_code_refuses(text: str) -> None:
    assert list(validator().iter_errors(value_of(text))) != []  # type: ignore[attr-defined]


def test_schema_has_the_keys_of_the_code() -> None:
    assert set(validator().schema["properties"]) == set(room._KEYS)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({".nodeport-lint.yaml": "rules: {duplicate-port: error}"}, ".nodeport-lint.yaml:1:9: unknown rule 'duplicate-port' (did you mean 'duplicate-node-port'?)"),
        ({".nodeport-lint.yaml": "rules: {duplicate-node-port: {options: {x: 1}}}"}, ".nodeport-lint.yaml:1:41: unknown option 'x' of check 'unique' (it has none)"),
        ({".nodeport-lint.yaml": "", ".nodeport-lint.yml": ""}, "there are two configuration files"),
        ({".nodeport-lint.yaml": "extra-rules: [../x]"}, ".nodeport-lint.yaml:1:15: '../x' leads out of the repository"),
        ({".nodeport-lint.yaml": "suppressions: [{rule: x-y, path: a, reason: b}]"}, ".nodeport-lint.yaml:1:16: unknown rule 'x-y'"),
        ({".nodeport-lint.yaml": "registry: docs/ports.md"}, "the allocation document 'docs/ports.md' does not exist"),
        ({".nodeport-lint.yaml": "extra-rules: [ci]"}, ".nodeport-lint.yaml:1:15: the directory 'ci' does not exist"),
        ({".nodeport-lint.yaml": b"range: \xff"}, "the configuration '.nodeport-lint.yaml' cannot be read: not UTF-8"),
    ],
)  # fmt: skip
def test_mistakes_at_the_command_line(files: dict[str, str], message: str, tmp_path: Path) -> None:

    write_tree(tmp_path, files)
    result = run("check", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("nodeport-lint: error: ")
    assert message in result.stderr


def test_config_and_isolated(tmp_path: Path) -> None:

    write_tree(
        tmp_path, {".nodeport-lint.yaml": "range: 100-200\n", "other.yaml": "range: 1-99\n", "a.yml": service("a", 80)}
    )
    assert "not in the range 100-200" in run("check", cwd=tmp_path).stdout
    assert "not in the range 30000-32767" in run("check", "--isolated", cwd=tmp_path).stdout
    assert run("check", "--config", "other.yaml", cwd=tmp_path).returncode == 0
    assert "not in the range 1-2" in run("check", "--config", "other.yaml", "--range", "1-2", cwd=tmp_path).stdout
