"""The command line: status, formats, colours, and what it says of the user's mistakes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nodeport_lint import __version__, cli
from nodeport_lint.cli import options
from nodeport_lint.cli.output import wants_color
from nodeport_lint.model import Confidence, Severity
from nodeport_lint.rulebook.pages import PROFILES
from tests.command import run
from tests.make import service, write_tree


@pytest.fixture
def clash(tmp_path: Path) -> Path:
    write_tree(tmp_path, {".git/HEAD": "", "a/web.yaml": service("web", 30080), "b/api.yaml": service("api", 30080)})
    return tmp_path


def test_lines_of_a_configuration_outside_are_shown(clash: Path) -> None:
    stale = "suppressions:\n- {rule: duplicate-node-port, path: gone.yaml, reason: none}\n"
    write_tree(clash, {"a/.git/HEAD": "", "c.yaml": stale})
    result = run("check", "--config", str(clash / "c.yaml"), str(clash / "a"))
    assert "2 | - {rule: duplicate-node-port" in result.stdout


def test_words_of_the_command_line_are_those_of_the_model() -> None:
    assert set(options.SEVERITY_WORDS) == set(Severity.words())
    assert set(options.CONFIDENCE_WORDS) == set(Confidence.words())
    assert set(options.PROFILE_WORDS) == set(PROFILES) - {"off"}


def test_version_and_help() -> None:
    assert run("--version").stdout == f"nodeport-lint, version {__version__}\n"
    for arguments in ([], ["check"], ["rules"], ["explain"], ["test-rules"], ["schema"]):
        result = run(*arguments, "--help")
        assert result.returncode == 0
        assert "Usage: " in result.stdout


def test_status_of_findings(clash: Path) -> None:
    assert run("check", str(clash)).returncode == 1
    assert run("check", str(clash), "--fail-on", "never").returncode == 0
    assert run("check", str(clash), "--min-confidence", "certain").returncode == 0
    assert run("check", str(clash), "--ignore-rule", "duplicate-node-port").returncode == 0
    assert run("check", str(clash), "--select", "node-port-outside-range").returncode == 0
    assert run("check", str(clash), "--range", "20000-30000").returncode == 1
    write_tree(clash, {"b/api.yaml": service("api", 30081)})
    assert run("check", str(clash)).returncode == 0
    assert run("check", str(clash), "--profile", "production", "--fail-on", "note").returncode == 1


def test_notices_are_not_lost_with_formats_of_lines(tmp_path: Path) -> None:
    write_tree(tmp_path / "course", {".git/HEAD": "", "a.yaml": service("web", 30080), "b.yaml": service("api", 30080)})
    for name in ("concise", "github"):
        done = run("check", "--format", name, cwd=tmp_path / "course")
        assert (done.stdout, done.returncode) == ("", 0)
        assert done.stderr.splitlines() == [
            "notice: the repository is called 'course': its files are taken for copies, so that clashes among them are "
            "only possible (layout: one-cluster in the configuration overrules it)",
            "notice: 1 finding less sure, 1 of them clashes, hidden (--min-confidence possible shows them)",
        ]


def test_paths_limit_what_is_reported_and_not_what_is_read(clash: Path) -> None:
    write_tree(clash, {"c/far.yaml": service("far", 80)})
    here = run("check", "--format", "concise", cwd=clash / "a").stdout
    assert [line.partition(":")[0] for line in here.splitlines()] == ["a/web.yaml", "b/api.yaml"]
    assert run("check", "--format", "concise", "a/web.yaml", "b", cwd=clash).stdout == here
    assert run("check", "--format", "concise", "c", cwd=clash).stdout.startswith(
        "c/far.yaml:8:17: error: node port 80 "
    )
    assert run("check", "--format", "concise", ".", cwd=clash).stdout.count("\n") == 3


def test_formats_and_files(clash: Path) -> None:
    result = run("check", "--format", "json=out.json", "--format", "concise", cwd=clash)
    assert result.stdout.count("\n") == 2
    assert json.loads((clash / "out.json").read_text())["findings"][0]["rule"] == "duplicate-node-port"
    with_text = run("check", "--format", "json=out.json", cwd=clash).stdout
    assert with_text.endswith("1 error (3 files read: 2 Services, 2 node ports)\n")
    assert run("check", "--format", "json", cwd=clash).stdout == (clash / "out.json").read_text()


def test_hidden_findings_are_counted(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.yaml": service("web", '"${PORT}"')})
    quiet = run("check", str(tmp_path))
    assert quiet.returncode == 0
    assert "notice: 1 finding less sure hidden (--min-confidence possible shows them)\n" in quiet.stdout
    assert run("check", str(tmp_path), "--min-confidence", "possible").returncode == 1
    report = json.loads(run("check", str(tmp_path), "--format", "json").stdout)
    assert [finding["confidence"] for finding in report["hidden"]] == ["possible"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "nowhere"], "path 'nowhere' does not exist"),
        (["check", "--format", "xml"], "'xml' is none of text, concise, json, sarif, github, markdown"),
        (["check", "--format", "json", "--format", "text"], "only one format can go to standard output"),
        (["check", "--format", "json=no/such/dir/x.json"], "'no/such/dir/x.json' cannot be written: No such file"),
        (["check", "--select", "duplicate-nodeport"], "unknown rule 'duplicate-nodeport' (did you mean 'duplicate-node-port'?)"),
        (["check", "--ignore-rule", "x"], "unknown rule 'x'"),
        (["check", "--range", "30000:32767"], "--range: '30000:32767' is not a range of ports"),
        (["check", "--config", "nowhere.yaml"], "the configuration 'nowhere.yaml' cannot be read: No such file"),
        (["check", "--config", "a/web.yaml", "--isolated"], "--config and --isolated exclude each other"),
        (["check", "--extra-rules", "nowhere"], "the directory of rule pages 'nowhere' does not exist"),
        (["check", "--extra-rules", "package:nobody"], "no installed package offers rule pages named 'nobody'"),
        (["check", "--extra-rules", "a"], "the directory 'a' holds no rule pages (*.md)"),
        (["explain", "duplicates"], "unknown rule 'duplicates'"),
        (["test-rules", "nowhere"], "the directory of rule pages 'nowhere' does not exist"),
        (["check", "--fail-on", "fatal"], "'fatal' is not one of"),
    ],
)  # fmt: skip
def test_mistakes_are_status_2_and_one_message(arguments: list[str], message: str, clash: Path) -> None:
    result = run(*arguments, cwd=clash)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_paths_of_two_repositories(clash: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    result = run("check", str(clash), str(other))
    assert (result.returncode, result.stdout) == (2, "")
    assert "is in another repository than" in result.stderr


def test_nothing_to_check(tmp_path: Path) -> None:
    result = run("check", str(tmp_path))
    assert (result.returncode, result.stdout) == (0, "no findings (no manifests found)\n")


def test_rules_and_explain(clash: Path) -> None:
    write_tree(clash, {".nodeport-lint.yaml": "rules: {duplicate-yaml-key: 'off', node-port-service: error}\n"})
    lines = run("rules", cwd=clash).stdout.splitlines()
    words = {line.split()[0]: line.split()[1] for line in lines}
    assert words["duplicate-yaml-key"] == "off"
    assert words["node-port-service"] == "error"
    assert words["duplicate-node-port"] == "error"
    page = run("explain", "duplicate-node-port").stdout
    assert page.startswith(
        "duplicate-node-port (error, profile default)\n\n# Two claims on one node port in one cluster\n"
    )
    assert "## When to leave it" in page


def test_test_rules(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent.parent / "rules" / "unparsable-manifest.md").read_text(encoding="utf-8")
    write_tree(tmp_path, {"broken-thing.md": page.replace("web.yaml:9:6", "web.yaml:9:7")})
    result = run("test-rules", str(tmp_path))
    assert result.returncode == 1
    assert "expected: web.yaml:9:7: warning" in result.stdout
    assert result.stdout.endswith("1 rule page tested, 4 failures\n")
    assert run("test-rules", str(tmp_path), "--update").stdout == f"{tmp_path}/broken-thing.md: updated\n"
    updated = (tmp_path / "broken-thing.md").read_text(encoding="utf-8")
    assert updated == page.replace("[unparsable-manifest]", "[broken-thing]")
    assert run("test-rules", str(tmp_path)).returncode == 0


def test_schemas() -> None:
    for name in cli.SCHEMAS:
        assert json.loads(run("schema", name).stdout)["$schema"] == "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize(
    ("choice", "environment", "tty", "expected"),
    [
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"GITHUB_ACTIONS": "true"}, False, True),
    ],
)
def test_colour(choice: str, environment: dict[str, str], tty: bool, expected: bool) -> None:
    class Stream:
        def isatty(self) -> bool:
            return tty

    assert wants_color(choice, Stream(), environment) is expected  # type: ignore[arg-type]


def test_coloured_output_is_the_plain_one_painted(clash: Path) -> None:
    import re

    plain = run("check", cwd=clash).stdout
    painted = run("check", "--color", "always", cwd=clash).stdout
    assert painted != plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain
    assert "\x1b" not in plain


def test_a_reader_that_stops_is_no_error(clash: Path) -> None:
    write_tree(clash, {f"many/{index}.yaml": service(f"s{index}", 30080) for index in range(300)})
    code = "from nodeport_lint.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "check", "--format", "json", str(clash)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=30) == 1


def test_a_bug_is_status_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], clash: Path) -> None:
    monkeypatch.setattr("nodeport_lint.linter.lint", lambda *_, **__: 1 // 0)
    monkeypatch.setattr(sys, "argv", ["nodeport-lint", "check", str(clash)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    assert "this is a bug in nodeport-lint" in capsys.readouterr().err
