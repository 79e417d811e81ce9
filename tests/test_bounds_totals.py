"""What one Service, one chart or one number may cost of what all share, and that a word stands for what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeport_lint import suppress
from tests.command import run
from tests.conftest import Lint, write_tree

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec: {type: NodePort, ports: [%s]}\n"

# --- comments -------------------------------------------------------------------------------------


def borrowed(count: int) -> dict[str, str]:
    """A library chart with two comments that answer nothing, and charts that take it in."""
    files = {
        "lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n",
        "lib/values.yaml": "a: 1 # nodeport-lint: hello\nb: 1 # nodeport-lint: hello\n",
    }
    needs = "dependencies:\n- {name: lib, version: 1.0.0, repository: 'file://../lib'}\n"
    for index in range(count):
        files[f"c{index}/Chart.yaml"] = f"apiVersion: v2\nname: c{index}\nversion: 1.0.0\n{needs}"
    return files


@pytest.mark.parametrize("count", [4, 40])
def test_comments_of_a_chart_that_many_take_in_count_once(
    lint_files: Lint, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(suppress, "MAX_OF_RUN", 3)
    answered = SERVICE % ("a", "{port: 80, nodePort: 80}")
    answered = f"{answered.rstrip()} # nodeport-lint: ignore[node-port-outside-range] why\n"
    files = {**borrowed(count), "k/base.yaml": answered, "k/kustomization.yaml": "resources: [base.yaml]\n"}
    report = lint_files(files)
    assert len(report.answered) == 1
    assert not [one for one in report.findings if "further comments" in one.message]
    assert len([one for one in report.findings if one.rule == "malformed-suppression"]) == 2


# --- pages ----------------------------------------------------------------------------------------


def test_a_page_is_printed_through_the_one_door(tmp_path: Path) -> None:
    text = "::error::x\n\n  \u200b::warning::y\n\n##[error]z\n\na ::b\n"
    page = f"---\ncheck: range\nseverity: error\n---\n\n# A rule\n\n{text}\n## Bad\n\n## Good\n\n## When to leave it\n"
    write_tree(tmp_path, {".nodeport-lint.yaml": "extra-rules: [r]\n", "r/my-rule.md": page})
    lines = run("explain", "my-rule", cwd=tmp_path).stdout.splitlines()
    assert [line for line in lines if ":" in line or "#[" in line or "\\x23" in line] == [
        "\\x3a:error::x", "  \u200b\\x3a:warning::y", "#\\x23[error]z", "a ::b",
    ]  # fmt: skip
