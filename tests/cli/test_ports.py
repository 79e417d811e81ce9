"""``ports`` and ``next``: who asks for what, who holds what, and what is free."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from tests.command import run
from tests.make import manifest, write_tree

REPO = Path(__file__).parent.parent.parent / "fixtures" / "quantumlayer" / "repo"


def test_formats_agree() -> None:
    rows = json.loads(run("ports", "--format", "json", cwd=REPO).stdout)
    table = list(csv.DictReader(io.StringIO(run("ports", "--format", "csv", cwd=REPO).stdout)))
    assert table == rows
    text = run("ports", cwd=REPO).stdout.splitlines()
    assert len(text) == len(rows) + 1
    assert text[0].split() == ["PORT", "STATE", "OBJECT", "TYPE", "TARGET", "PLACE", "OWNER", "STATUS", "ROW"]
    assert len(run("ports", "--format", "markdown", cwd=REPO).stdout.splitlines()) == len(rows) + 2
    by_port = {row["port"]: row for row in rows}
    assert by_port["30432"]["object"] == "quantum/postgres-nodeport"
    assert by_port["30432"]["owner"] == "PostgreSQL (quantum)"
    assert by_port["30432"]["row"] == "docs/NODEPORT_ALLOCATION.md:11:23"
    assert by_port["30379"]["state"] == "reserved"
    assert by_port["30880"]["state"] == "asked"
    assert by_port["30880"]["owner"] == ""
    assert [row["port"] for row in rows] == sorted(
        (row["port"] for row in rows), key=lambda port: int(port.split("-")[0])
    )


def test_states(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "a.yaml": manifest("a", 30001, "null") + "---\n" + manifest("b", 30002, kind="ClusterIP"),
            "nodeports.md": "| Service | NodePort |\n|---|---|\n| AVAILABLE | 30003 |\n| core | 301xx |\n",
        },
    )
    rows = json.loads(run("ports", str(tmp_path), "--format", "json").stdout)
    assert [(row["port"], row["state"]) for row in rows] == [
        ("30001", "asked"), ("30002", "inert"), ("30003", "free"), ("30100-30199", "block"), ("dynamic", "dynamic"),
    ]  # fmt: skip


def test_cells_are_no_formulas(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.yaml": manifest('"=1+1"', 30001)})
    assert ",'=1+1," in run("ports", str(tmp_path), "--format", "csv").stdout


def test_next(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "a.yaml": manifest("a", 30000) + "---\n" + manifest("b", 30002, kind="ClusterIP"),
            "nodeports.md": "| Service | NodePort |\n|---|---|\n| web | 30001 |\n| AVAILABLE | 30004 |\n| core | 30010-30029 |\n| db | 30011 |\n",
        },
    )
    assert run("next", str(tmp_path)).stdout == "30003\n"
    assert run("next", str(tmp_path), "--count", "8").stdout.split() == [
        "30003",
        "30004",
        "30005",
        "30006",
        "30007",
        "30008",
        "30009",
        "30030",
    ]
    # A number that lies in a block asks for one of that block.
    assert run("next", str(tmp_path), "--near", "30010").stdout == "30010\n"
    assert run("next", str(tmp_path), "--near", "30011").stdout == "30012\n"
    assert run("next", str(tmp_path), "--near", "32767").stdout == "32767\n"
    full = run("next", str(tmp_path), "--range", "30000-30002")
    assert (full.returncode, full.stdout) == (2, "")
    assert full.stderr == "nodeport-lint: error: only 0 node ports of 30000-30002 are free\n"


def test_registries_of_the_command_line(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "nodeports.md": "| Service | NodePort |\n|---|---|\n| a | 30000 |\n",
            "docs/mine.md": "| Service | NodePort |\n|---|---|\n| b | 30001 |\n",
        },
    )
    assert run("next", cwd=tmp_path).stdout == "30001\n"
    assert run("next", "--registry", "docs/mine.md", cwd=tmp_path).stdout == "30000\n"
    assert run("next", "..", "--registry", "mine.md", cwd=tmp_path / "docs").stdout == "30000\n"
    missing = run("next", "--registry", "nowhere.md", cwd=tmp_path)
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "the allocation document 'nowhere.md' does not exist" in missing.stderr
    outside = run("next", "--registry", "../x.md", cwd=tmp_path)
    assert outside.returncode == 2
    assert "is outside the repository" in outside.stderr


def test_a_document_without_a_table_is_said(tmp_path: Path) -> None:
    write_tree(
        tmp_path, {"docs/NODEPORT_ALLOCATION.md": "# Node ports\n\nWe use 30080.\n", "a.yaml": manifest("a", 30080)}
    )
    output = run("check", cwd=tmp_path).stdout
    assert "notice: no table of node ports found in docs/NODEPORT_ALLOCATION.md\n" in output
    assert "unregistered" not in output
