"""The JSON report, and the schema that says the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from nodeport_lint.data import __file__ as data
from nodeport_lint.formats.json import render
from nodeport_lint.model import Confidence
from tests.make import lint_tree, manifest, write_tree

SCHEMA: dict[str, Any] = json.loads((Path(data).parent / "report.schema.json").read_text(encoding="utf-8"))
KEYS = ["rule", "severity", "confidence", "message", "reason", "evidence", "help", "parties", "related"]


def rendered(root: Path) -> dict[str, Any]:
    """A report that holds something of everything."""
    ignored = manifest("old", 80).rstrip("\n") + "  # nodeport-lint: ignore[node-port-outside-range] 2099-01-01 moved\n"
    files = {
        "a.yaml": manifest("web", 32767),
        "b.yaml": manifest("range", 70),
        "c.yaml": ignored,
        "archive/d.yaml": manifest("x", 71),
        "README.md": "# Kubernetes course\n",
        "dev/e.yaml": manifest("p", 32000),
        "f.yaml": manifest("q", 32000),
    }
    write_tree(root, files)
    return json.loads(render(lint_tree(root, min_confidence=Confidence.LIKELY)))  # type: ignore[no-any-return]


def test_the_schema_takes_the_report(tmp_path: Path) -> None:
    Draft7Validator.check_schema(SCHEMA)
    report = rendered(tmp_path)
    assert all(report[name] for name in ("findings", "hidden", "suppressed", "notices", "rules", "statistics"))
    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(report)] == []


def test_the_schema_has_the_keys_of_a_finding(tmp_path: Path) -> None:
    report = rendered(tmp_path)
    answered = SCHEMA["properties"]["suppressed"]["items"]
    for told, keys, found in (
        (SCHEMA["definitions"]["finding"], KEYS, [*report["findings"], *report["hidden"]]),
        (answered, [*KEYS, "suppression"], report["suppressed"]),
    ):
        assert told["required"] == keys
        assert sorted(told["properties"]) == sorted(keys)
        assert [list(finding) for finding in found] == [keys] * len(found)


def test_what_decided_is_named(tmp_path: Path) -> None:
    report = rendered(tmp_path)
    assert [(one["message"], one["evidence"]) for one in report["findings"]] == [
        ("node port 70 of Service range is not in the range 30000-32767", ""),
    ]
    told = {one["reason"]: one["evidence"] for one in report["hidden"]}
    assert told["the path archive/d.yaml says archive"] == "roles"
