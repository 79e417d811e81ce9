"""SARIF: GitHub's fingerprint, Microsoft's validator with GitHub's rules, and what the validator does not see."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from nodeport_lint.formats.linehash import line_hashes
from tests.command import run
from tests.components import node_module
from tests.make import service, write_tree

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
CASES = sorted(path.parent.name for path in FIXTURES.glob("*/repo"))

ALLOWED = {"SARIF2002", "SARIF2003", "SARIF2006", "SARIF2009", "SARIF2010", "SARIF2011", "SARIF2013", "SARIF2015"}
"""Notes of style: message arguments, version control, a look-up over the network, numbers for names, snippets."""


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        ("", ["c129715d7a2bc9a3:1"]),
        (" a\nb\n  \t\tc\n d", ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]),
        (
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
            [
                "8b7cf3e952e7aeb2:1",
                "b1ae1287ec4718d9:1",
                "bff680108adb0fcc:1",
                "c6805c5e1288b612:1",
                "b86d3392aea1be30:1",
                "e6ceba753e1a442:1",
            ],
        ),
        ("a\nb\n", ["81b8d8db678b2bbe:1", "ade70578248be16f:1", "c129715d7a2bc9a3:1"]),
        ("a\r\nb\r\n", ["81b8d8db678b2bbe:1", "ade70578248be16f:1", "c129715d7a2bc9a3:1"]),
        ("a\rb\r", ["81b8d8db678b2bbe:1", "ade70578248be16f:1", "c129715d7a2bc9a3:1"]),
        ("\U0001f600\n", ["49e42825ed591e1a:1", "c129715d7a2bc9a3:1"]),
    ],
)
def test_line_hash(text: str, hashes: list[str]) -> None:
    assert line_hashes(text.encode()) == hashes


def test_line_hash_counts_repeated_lines() -> None:
    hashes = line_hashes(b"x\n" * 60)
    assert hashes[:11] == [f"c0fe7b2700d6c254:{number}" for number in range(1, 12)]
    assert (hashes[11], hashes[60]) == ("c0fe7b2700fbb0cd:1", "c129715d7a2bc9a3:1")


def sarif(directory: Path, *arguments: str) -> dict[str, Any]:
    result = run("check", "--format", "sarif", *arguments, cwd=directory)
    assert result.stderr == ""
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def contract(log: dict[str, Any], root: Path) -> list[str]:
    """What GitHub needs and no validator looks at."""
    faults = []
    for run_of in log["runs"]:
        rules = [rule["id"] for rule in run_of["tool"]["driver"]["rules"]]
        seen = set()
        for result in run_of["results"]:
            if rules[result["ruleIndex"]] != result["ruleId"]:
                faults.append("ruleId and ruleIndex differ")
            related = {place["id"] for place in result.get("relatedLocations", [])}
            linked = {int(number) for number in re.findall(r"(?<!\\)\]\((\d+)\)", result["message"]["text"])}
            if linked != related:
                faults.append(f"links {linked} and related locations {related} differ")
            (location,) = result["locations"]
            physical = location["physicalLocation"]
            path, region = unquote(physical["artifactLocation"]["uri"]), physical.get("region")
            if Path(path).is_absolute() or not (root / path).is_file():
                faults.append(f"{path} is no file of the repository")
            if region is None:
                continue
            key = (result["ruleId"], path, region["startLine"], "suppressions" in result)
            if key in seen:
                faults.append(f"two results for {key}")
            seen.add(key)
            if set(region) != {"startLine", "startColumn", "endLine", "endColumn"}:
                faults.append("a region needs four numbers")
            if "primaryLocationLineHash" not in result["partialFingerprints"]:
                faults.append("no fingerprint")
    return faults


@pytest.mark.parametrize("case", CASES)
def test_contract(case: str) -> None:
    root = FIXTURES / case / "repo"
    for arguments in ((), ("--show-suppressed", "--min-confidence", "possible", "--profile", "production")):
        assert contract(sarif(root, *arguments), root) == []


def test_the_text_at_every_region_of_a_port_is_the_number() -> None:
    root = FIXTURES / "quantumlayer" / "repo"
    checked = 0
    for result in sarif(root)["runs"][0]["results"]:
        number = re.match(r"node port (\d+)", result["message"]["text"])
        physical = result["locations"][0]["physicalLocation"]
        if number and result["ruleId"] != "unused-reservation":
            line = (
                (root / physical["artifactLocation"]["uri"])
                .read_text(encoding="utf-8")
                .splitlines()[physical["region"]["startLine"] - 1]
            )
            shown = line[physical["region"]["startColumn"] - 1 : physical["region"]["endColumn"] - 1]
            assert number[1] in shown
            checked += 1
    assert checked >= 8


def test_suppressed_results_are_left_out_unless_asked_for() -> None:
    root = FIXTURES / "quantumlayer" / "repo"
    assert not any("suppressions" in result for result in sarif(root)["runs"][0]["results"])
    shown = [
        result["suppressions"]
        for result in sarif(root, "--show-suppressed")["runs"][0]["results"]
        if "suppressions" in result
    ]
    assert [suppression[0]["kind"] for suppression in shown] == ["external", "inSource", "inSource", "inSource"]
    assert all(suppression[0]["justification"] for suppression in shown)


def test_category_only_where_asked_for() -> None:
    root = FIXTURES / "quantumlayer" / "repo"
    assert "automationDetails" not in sarif(root)["runs"][0]
    assert sarif(root, "--sarif-category", "prod")["runs"][0]["automationDetails"] == {"id": "prod/"}


def test_hostile_names(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "a b%/ü[1](2).yaml": service('"x{0}[y](9)"', 80),
            "two.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: t}\nspec: {type: NodePort, ports: [{name: a, port: 1, nodePort: 80}, {name: b, port: 2, nodePort: 81}]}\n",
        },
    )
    log = sarif(tmp_path)
    assert contract(log, tmp_path) == []
    assert sum(result["ruleId"] == "node-port-outside-range" for result in log["runs"][0]["results"]) == 2
    texts = [result["message"]["text"] for result in log["runs"][0]["results"]]
    assert any("x{{0}}\\[y\\](9)" in text for text in texts)
    assert any("node port 80 of Service t" in text and "node port 81 of Service t" in text for text in texts)
    assert validate(log, tmp_path) == []


def schema_faults(log: dict[str, Any]) -> list[str]:
    from jsonschema import Draft202012Validator

    path = node_module("@microsoft/sarif-multitool-linux") / "sarif-2.1.0.json"
    validator = Draft202012Validator(json.loads(path.read_text(encoding="utf-8-sig")))
    return [f"schema: {error.message[:200]}" for error in validator.iter_errors(log)]


def validate(log: dict[str, Any], directory: Path) -> list[str]:
    """What the schema and Microsoft's validator find, with GitHub's rules: all errors and warnings, no note of style."""
    faults = schema_faults(log)
    if faults:
        # A value that is not in the schema can make the validator end without a word.
        return faults
    program = node_module("@microsoft/sarif-multitool-linux") / "Sarif.Multitool"
    program.chmod(0o755)
    source, output = directory / "in.sarif", directory / "out.sarif"
    source.write_text(json.dumps(log), encoding="utf-8")
    command = [str(program), "validate", str(source), "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note", "--output", str(output), "--log", "ForceOverwrite"]  # fmt: skip
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    # The exit status is 0 even with errors: what counts is in the log that it writes.
    assert process.returncode == 0, process.stdout
    result = json.loads(output.read_text(encoding="utf-8-sig"))["runs"][0]
    assert result["invocations"][0]["executionSuccessful"]
    results = result.get("results", [])
    assert results, "the notes of style are always there; without them no rule ran"
    return [
        f"{item['ruleId']} {item.get('message', {})}"
        for item in results
        if item.get("level", "warning") != "note" or item["ruleId"] not in ALLOWED
    ]


@pytest.mark.parametrize("case", CASES)
def test_validator(case: str, tmp_path: Path) -> None:
    root = FIXTURES / case / "repo"
    assert validate(sarif(root), tmp_path) == []
    assert (
        validate(sarif(root, "--show-suppressed", "--profile", "production", "--sarif-category", "x"), tmp_path) == []
    )


def spoilt(name: str, log: dict[str, Any]) -> dict[str, Any]:
    log = copy.deepcopy(log)
    run_of = log["runs"][0]
    result = next(result for result in run_of["results"] if "relatedLocations" in result)
    match name:
        case "no locations":
            result["locations"] = []
        case "no help":
            del run_of["tool"]["driver"]["rules"][0]["help"]
        case "absolute uri":
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "/etc/passwd"
        case "level":
            result["level"] = "critical"
        case "line 0":
            result["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
        case "rule index":
            result["ruleIndex"] = (result["ruleIndex"] + 1) % len(run_of["tool"]["driver"]["rules"])
        case "dangling link":
            result["message"]["text"] += " [x](99)"
        case "same line twice":
            run_of["results"].append(result)
        case "no fingerprint":
            result["partialFingerprints"] = {}
    return log


@pytest.mark.parametrize("name", ["no locations", "no help", "absolute uri", "level", "line 0"])
def test_the_validator_sees_a_spoilt_copy(name: str, tmp_path: Path) -> None:
    assert validate(spoilt(name, sarif(FIXTURES / "quantumlayer" / "repo")), tmp_path) != []


@pytest.mark.parametrize("name", ["rule index", "dangling link", "same line twice", "no fingerprint", "absolute uri"])
def test_the_contract_sees_a_spoilt_copy(name: str) -> None:
    root = FIXTURES / "quantumlayer" / "repo"
    assert contract(spoilt(name, sarif(root)), root) != []
