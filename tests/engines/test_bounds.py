"""What an engine may print: so many Services, numbers and characters, and what aliases lead to."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeport_lint.engines import rendered
from nodeport_lint.engines.outcome import traced
from nodeport_lint.engines.rendered import Watch
from nodeport_lint.model.render import RenderOptions
from tests.counting import calls_of
from tests.make import WEB, check_charts, lists
from tests.provenance.fake import Printing, many, service


def printed(texts: list[str]) -> tuple[int, list[str]]:
    """How many Services are kept of an output, and what is said of it."""
    engine, inputs = Printing(texts), {"chart/values.yaml": b""}
    documents, failures, _ = traced(engine, inputs, RenderOptions(), engine.render(inputs, RenderOptions()))
    return sum(len(document.objects) for document in documents), [failure.message for failure in failures]


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("equal", [False, True])
def test_services_of_one_output(monkeypatch: pytest.MonkeyPatch, together: bool, equal: bool) -> None:
    monkeypatch.setattr(rendered, "MAX_SERVICES", 30)
    texts = [service(30000, name="web")] * 50 if equal else many(50)
    if together:
        items = "".join(f"- {text.rstrip()}\n".replace("\n", "\n  ").rstrip() + "\n" for text in texts)
        texts = [f"apiVersion: v1\nkind: List\nitems:\n{items}"]
    assert printed(texts) == (30, ["it gives more than 30 Services"])
    assert printed(many(30)) == (30, [])


def test_numbers_and_text_of_one_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered, "MAX_NUMBERS", 10)
    assert printed([service(*range(30000, 30006)), service(*range(30010, 30016), name="b")])[1] == [
        "it gives more than 10 node ports"
    ]
    monkeypatch.setattr(rendered, "MAX_TEXT", 1000)
    assert printed([f"{text}# {'x' * 300}\n" for text in many(5)]) == (2, ["it gives Services in more than 0 MB"])


def test_outputs_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = calls_of(monkeypatch, rendered, "read_objects")
    watch = Watch()
    for _ in range(5):
        assert len(watch(many(20))) == 20
    assert len(parsed) == 20


def test_aliases_in_an_output(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = lists(60)
    assert printed([text])[1] == ["it gives more than 3,000 Services"]
    bomb = f"{service(30080)}x: &a [{', '.join(['1'] * 1000)}]\ny: [{', '.join(['*a'] * 150)}]\n"
    kept, told = printed([bomb.replace("name: web", f"name: w{index}") for index in range(9)])
    assert (kept, told) == (6, ["its aliases lead to more than is read"])
    report = check_charts(tmp_path, {**WEB, **{f"web/crds/{index}.yaml": bomb for index in range(9)}})
    findings = [finding for finding in report.findings if "aliases lead to too much" in finding.message]
    assert findings[0].location.path == "web/crds/6.yaml"
