"""What holds for any rule page, any configuration and any tree: each is run, and its report printed in every format."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from nodeport_lint.checks.match import MAX_FINDINGS
from nodeport_lint.cli.output import COMMANDS
from nodeport_lint.cli.portlist import RENDERERS, entries
from nodeport_lint.cli.settings import config_of
from nodeport_lint.cli.unitlist import render as render_units
from nodeport_lint.config import Config, parse_config
from nodeport_lint.data import __file__ as data
from nodeport_lint.formats import FORMATS, load_format
from nodeport_lint.formats.words import disarmed, printable
from nodeport_lint.linter import Run, lint
from nodeport_lint.model import Confidence, Inventory, Location, NodeportLintError, Report, Rule
from nodeport_lint.reading import read_all
from nodeport_lint.rulebook.choice import choose_rules, load_pages
from nodeport_lint.rulebook.examples import examples
from nodeport_lint.rulebook.pages import parse_page
from tests.fuzz.mutation import data_of, text_of
from tests.fuzz.texts import lines_of, within
from tests.make import context, manifest, row, service, table, write_tree
from tests.printed import CONTROL, obeyed

TODAY = date(2027, 1, 15)
_TO_BE_LEFT = "canary-secret"
CANARIES = {
    "s.yaml": manifest(_TO_BE_LEFT, 31999),
    "ports.md": table((_TO_BE_LEFT, 31998, "used")),
    "values.yaml": f"nodePort: 31997\nname: {_TO_BE_LEFT}\n",
    "kustomization.yaml": f"resources: [s.yaml]\nnamePrefix: {_TO_BE_LEFT}\n",
    ".gitignore": "*\n",
    ".nodeport-lint.yaml": "range: 1-2\n",
    "rules/canary.md": f"# {_TO_BE_LEFT}\n",
}
SMALL: Mapping[str, str] = {
    "a/web.yaml": service("web", 30080) + "---\n" + service("db", 30080, namespace="data", port=5432),
    "a/list.yaml": manifest("many", 30081, 30081, 70, "'30082'"),
    "b/odd.yaml": manifest("odd", "0x7580", kind="LoadBalancer", more="  healthCheckNodePort: 30090\n"),
    "nodeports.md": table(("web", 30080, "used"), ("free", 30083, "available"), ("other", 30081, "reserved")),
    "clusters/x/ports.md": table(("db", 30080, "used")),
}
"""What rules and configurations are tried on."""


@cache
def _top() -> Path:
    """A directory of this process, with the canaries that nobody may open."""
    top = Path(os.path.realpath(tempfile.mkdtemp(prefix="fuzz-")))
    atexit.register(shutil.rmtree, top, ignore_errors=True)
    write_tree(top / "outside", CANARIES)
    write_tree(top / "small", SMALL)
    sys.addaudithook(_look)
    return top


_opened: list[str] | None = None


def _look(event: str, given: tuple[Any, ...]) -> None:
    if _opened is not None and event in (
        "open",
        "os.listdir",
        "os.scandir",
        "os.chdir",
        "subprocess.Popen",
        "socket.connect",
    ):
        _opened.append(f"{event} {os.fsdecode(given[0])}" if isinstance(given[0], str | bytes) else event)


@contextmanager
def nothing_outside() -> Iterator[None]:
    """Fails where a canary is opened, a program started, or a connection made."""
    global _opened
    outside, seen = str(_top() / "outside"), list[str]()
    _opened = seen
    try:
        yield
    finally:
        _opened = None
    for one in seen:
        event, _, path = one.partition(" ")
        assert event not in ("subprocess.Popen", "socket.connect"), one
        assert not os.path.realpath(path).startswith(outside), one


# --- what is printed ------------------------------------------------------------------------------


@cache
def _schema() -> Draft7Validator:
    text = (Path(data).parent / "report.schema.json").read_text(encoding="utf-8")
    return Draft7Validator(json.loads(text))


def _harmless(name: str, text: str) -> None:
    text.encode()
    assert _TO_BE_LEFT not in text, name
    if name.endswith(("json", "sarif")):
        json.dumps(json.loads(text), ensure_ascii=False).encode()
        return
    found = CONTROL.search(text)
    assert found is None, f"{found and found[0]!r} in {name}"
    commands = [line for line in obeyed(text) if name != COMMANDS or not line.startswith("::")]
    assert commands == [], name


def printed(report: Report) -> None:
    """Every format gives Unicode without commands and control characters, and JSON is what its schema says."""
    for name in FORMATS:
        for how in (report, report._replace(show_answered=True, show_details=True)):
            text = load_format(name).render(how)
            _harmless(name, text if name == COMMANDS else disarmed(text))
            if name == "json":
                _schema().validate(json.loads(text))


def listed(inventory: Inventory) -> None:
    """So do the lists of node ports and units."""
    found = entries(inventory)
    for name, render in RENDERERS.items():
        _harmless(f"ports {name}", disarmed(render(found)))
    _harmless("units", disarmed(render_units(inventory)))


def _said(error: NodeportLintError) -> None:
    assert str(error).strip(), "an error without words"
    printable(str(error)).encode()


# --- rule pages -----------------------------------------------------------------------------------


@cache
def _inventory() -> Inventory:
    inventory, *_ = read_all(str(_top() / "small"), Config(), ["nodePort"])
    return inventory


def page(text: str) -> None:
    """A rule that runs over a few Services, or an error that has a place in the page."""
    data_of(text)
    for trusted in (False, True):
        try:
            made = parse_page(text, "rules/odd-port.md", trusted)
            rule = made.rule()
            examples(made)
            found = _findings_of(rule)
        except NodeportLintError as error:
            _said(error)
            if error.location is not None:
                _in_text(error.location, text)
            continue
        assert len(found) <= MAX_FINDINGS
        if not trusted:
            assert getattr(rule.options, "costly", str)() == ""


def _findings_of(rule: Rule) -> list[Any]:
    rows = [row("web"), row("db", 30081, 30090), row("free", 30083, meaning="free")]
    return list(islice(rule.run(rule.options, context(rows, _inventory(), Confidence.LIKELY)), MAX_FINDINGS + 1))


def _in_text(location: Location, text: str) -> None:
    if location.region is not None:
        within(location.region, lines_of(text))


# --- configuration --------------------------------------------------------------------------------


def config(text: str) -> None:
    """A configuration that works on a small tree, or an error with words and a place in its text."""
    root = str(_top() / "small")
    with nothing_outside():
        try:
            made = parse_config(text, ".nodeport-lint.yaml")
            pages = load_pages(root, made)
            rules = choose_rules(pages, made, "production")
            report = lint(root, made, rules, Run(known=pages.keys(), today=TODAY))
        except NodeportLintError as error:
            _said(error)
            if error.location is not None and error.location.path == ".nodeport-lint.yaml":
                _in_text(error.location, text)
            return
    printed(report)


# --- whole trees ----------------------------------------------------------------------------------

MARK = "=== "
"""What begins the line of a path; ``=== a -> b`` is a link."""
OUTSIDE = "OUTSIDE"
MAX_FILES, MAX_NAME = 60, 200


def files_of(text: str) -> list[tuple[str, str | None, str]]:
    """Path, where a link leads, and text of each file of an input."""
    found = []
    for part in f"\n{text}".split(f"\n{MARK}")[1 : MAX_FILES + 1]:
        head, _, content = part.partition("\n")
        path, _, target = head.partition(" -> ")
        steps = [step[:MAX_NAME] for step in path.replace("\0", "").split("/") if step not in ("", ".", "..")]
        found.append(("/".join(steps[:20]), target.replace("\0", "") or None, content))
    return found


def _written(text: str) -> Path:
    """The tree of an input, on disk. What the system does not take is left out."""
    root, outside = _top() / "tree", str(_top() / "outside")
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for path, target, content in files_of(text):
        place = os.path.join(os.fsencode(root), data_of(path))
        try:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            if target is not None:
                os.symlink(data_of(target.replace(OUTSIDE, outside)), place)
            elif path and not os.path.lexists(place):
                with open(place, "wb") as file:
                    file.write(data_of(content.replace(OUTSIDE, outside)))
        except (OSError, ValueError):
            continue
    return root


def tree(text: str) -> None:
    """A report that every format prints, or an error with words; nothing outside is opened."""
    root = str(_written(text))
    with nothing_outside():
        try:
            settings = config_of(root, None, isolated=False)
            pages = load_pages(root, settings)
            rules = choose_rules(pages, settings, "production")
            run = Run(min_confidence=Confidence.LIKELY, known=pages.keys(), today=TODAY)
            report = lint(root, settings, rules, run)
            printed(report)
            inventory, *_ = read_all(root, settings, ["nodePort"])
        except NodeportLintError as error:
            _said(error)
            return
    listed(inventory)
    _places(report, root)


def _places(report: Report, root: str) -> None:
    """Every place of a report is one of the tree, and of its text."""
    for finding in (*report.findings, *report.hidden):
        assert finding.message.strip()
        for place in (*(party.location for party in finding.parties), *finding.helpful):
            where = os.path.realpath(os.path.join(root, place.path))
            assert f"{where}/".startswith(f"{root}/"), place
            if place.region is not None and os.path.isfile(where) and stat.S_ISREG(os.stat(where).st_mode):
                _in_file(place, Path(where).read_bytes())


def _in_file(place: Location, content: bytes) -> None:
    try:
        text = content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8")
    except UnicodeDecodeError:
        text = text_of(content)
    _in_text(place, text)
