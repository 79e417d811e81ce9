"""Every page runs, has its sections, and is in the index; every verb is in the table and used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nodeport_lint.checks import VERBS, load_verb
from nodeport_lint.reading import Rendering
from nodeport_lint.rulebook.examples import examples
from nodeport_lint.rulebook.pages import builtin_pages
from nodeport_lint.rulebook.trial import engines_needed
from nodeport_lint.rulebook.trial import test_page as failures_of
from tests.components import kustomizing, rendering

PAGES = builtin_pages()
RULES = Path(__file__).parent.parent.parent / "rules"


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_page(page) -> None:  # type: ignore[no-untyped-def]
    how = Rendering()
    for engine in engines_needed(page):
        how = rendering() if engine == "helm" else kustomizing()
    assert [f"{failure.location.label}: {failure.message}" for failure in failures_of(page, how)] == []


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_sections(page) -> None:  # type: ignore[no-untyped-def]
    headings = re.findall(r"^## (.+)$", page.body, re.MULTILINE)
    kinds = [heading.partition(":")[0] for heading in headings]
    assert list(dict.fromkeys(kinds)) == ["Bad", "Good", "When to leave it"]
    assert kinds == sorted(kinds, key=["Bad", "Good", "When to leave it"].index)
    assert page.tags
    assert not page.summary.endswith(".")
    assert not re.match(r"(no|non|never|always|require|check)-", page.id), "named for the problem"
    assert all(example.heading.startswith(("Bad", "Good")) for example in examples(page))


def test_index_lists_every_page() -> None:
    index = (RULES / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[`([a-z-]+)`\]\(\1\.md\) \| (\w+) \| (\w+) \| (.+?) \|$", index, re.MULTILINE)
    assert listed == [(page.id, page.severity.word, page.profile, page.summary) for _, page in sorted(PAGES.items())]


def test_verbs_are_their_files() -> None:
    directory = Path(load_verb("unique").__file__).parent
    modules = {path.stem for path in directory.glob("*.py") if "\ndef check(" in path.read_text(encoding="utf-8")}
    assert modules == {module.rpartition(".")[2] for module in VERBS.values()}
    assert {page.check.value for page in PAGES.values()} == set(VERBS)


def test_a_page_that_marks_what_does_not_happen_fails() -> None:
    page = PAGES["node-port-outside-range"]
    spoilt = page._replace(text=page.text.replace("node port 8080 of", "node port 8081 of"))
    messages = [failure.message for failure in failures_of(spoilt)]
    assert any(message.startswith("expected at web.yaml:") for message in messages)
    assert any(message.startswith("not expected at web.yaml:") for message in messages)
    silent = page._replace(text=page.text.replace("# finding:", "# nothing:"))
    assert any("no example has a finding" in failure.message for failure in failures_of(silent))
