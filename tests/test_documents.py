"""What the documents say is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nodeport_lint import HOME, __version__
from tests.command import run

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_of_the_readme_is_real_output() -> None:
    block = re.search(r"<!-- output of the first command, shortened -->\n\n```text\n(.*?)```", README, re.DOTALL)
    assert block is not None
    output = run("check", cwd=ROOT / "fixtures" / "quantumlayer" / "repo").stdout
    parts = [part for part in block[1].split("...\n") if part.strip()]
    assert len(parts) >= 2
    assert all(part.strip("\n") in output for part in parts)


def test_the_chart_example_of_the_readme_is_real_output() -> None:
    block = re.search(r"## Helm charts\n.*?```text\n(.*?)```", README, re.DOTALL)
    assert block is not None
    output = (ROOT / "fixtures" / "charts" / "expected.txt").read_text(encoding="utf-8")
    parts = [part for part in block[1].split("...\n") if part.strip()]
    assert len(parts) == 3
    assert all(part.strip("\n") in output for part in parts)


def test_the_rule_of_the_contributing_page_passes_its_own_test(tmp_path: Path) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    page = re.search(r"cat > rules/(\S+) <<'PAGE'\n(.*?)\nPAGE\n", text, re.DOTALL)
    assert page is not None
    (tmp_path / page[1]).write_text(f"{page[2]}\n", encoding="utf-8")
    assert run("test-rules", str(tmp_path)).stdout == "1 rule page tested, 0 failures\n"


def test_options_in_the_readme_exist() -> None:
    options = set(re.findall(r"`(--[a-z-]+)", README))
    helps = "".join(
        run(*command, "--help").stdout
        for command in (
            [],
            ["check"],
            ["rules"],
            ["explain"],
            ["test-rules"],
            ["schema"],
            ["ports"],
            ["next"],
            ["units"],
        )
    )
    assert {option for option in options if option not in helps} == set()


def test_home_is_written_once() -> None:
    assert f'Homepage = "{HOME}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert HOME in README


def test_versions_in_the_readme_are_this_one() -> None:
    assert set(re.findall(r"\bv(\d+\.\d+\.\d+)\b", README)) == {__version__}


def test_changelog_has_the_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "rules/README.md"])
def test_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in target]
    assert [target for target in targets if not (ROOT / name).parent.joinpath(target).exists()] == []


def test_own_repository_is_clean() -> None:
    result = run("check", cwd=ROOT)
    assert (result.returncode, result.stderr) == (0, "")
