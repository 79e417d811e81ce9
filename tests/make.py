"""What several test modules build: files of a repository, texts that stand in them, nouns without a text, and runs."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from nodeport_lint.clusters.judge import judge
from nodeport_lint.config import Config, parse_config
from nodeport_lint.linter import Run, lint
from nodeport_lint.manifests.services import collect
from nodeport_lint.model import (
    LIMIT,
    Confidence,
    Context,
    Declaration,
    Document,
    Finding,
    Inventory,
    Location,
    Region,
    Report,
    Reservation,
    Route,
    Unit,
    Verdict,
)
from nodeport_lint.ports import DEFAULT_RANGE
from nodeport_lint.reading import NOT_RENDERED, Rendering, read_all
from nodeport_lint.registry.allocation import Allocation
from nodeport_lint.rulebook.choice import choose_rules
from nodeport_lint.rulebook.pages import builtin_pages
from tests.components import kustomizing, rendering

Lint = Callable[..., Report]
"""What the fixture ``lint_files`` is: ``lint_files({"a.yaml": "..."}, config=..., only=...)``."""

# --- a repository on disk, and a run over it ------------------------------------------------------

LOW = "range: 32000-32767\n"
"""A configuration whose range makes every number of these tests a finding, which shows its place."""


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Writes the files below ``root``; text goes out as UTF-8 with its line ends as they are."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())


def given_up(report: Report) -> dict[str, str]:
    """What a limit kept from being read, with the reason."""
    found = (one for one in (*report.findings, *report.hidden) if one.rule == LIMIT)
    return {one.location.path: one.message for one in found}


def lint_tree(
    root: Path,
    config: Config | None = None,
    min_confidence: Confidence = Confidence.POSSIBLE,
    only: tuple[str, ...] = (),
    profile: str = "default",
    today: date | None = None,
    rendering: Rendering = NOT_RENDERED,
) -> Report:
    """The report of the built-in rules on what lies below ``root``."""
    config = config or Config()
    rules = choose_rules(builtin_pages(), config, profile)
    run = Run(only, min_confidence, known=builtin_pages().keys(), today=today, rendering=rendering)
    return lint(str(root.resolve()), config, rules, run)


def check_charts(
    root: Path, files: Mapping[str, str | bytes], engine: str = "helm4", config: str = LOW, **options: Any
) -> Report:
    """The report on files whose charts one of ENGINES renders."""
    write_tree(root, files)
    return lint_tree(root, parse_config(config, ".nodeport-lint.yaml"), rendering=rendering(engine), **options)


def check_kustomizations(
    root: Path, files: Mapping[str, str | bytes], version: str = "helm4", config: str = LOW, **options: Any
) -> Report:
    """The report on files whose kustomizations one of KUBECTLS builds."""
    write_tree(root, files)
    return lint_tree(root, parse_config(config, ".nodeport-lint.yaml"), rendering=kustomizing(version), **options)


def report(root: Path, files: Mapping[str, str], config: str = "") -> Report:
    """The report on files of a repository that is called platform; nothing is rendered."""
    write_tree(root / "platform", files)
    return lint_tree(root / "platform", parse_config(config, ".nodeport-lint.yaml"))


def level(root: Path, files: Mapping[str, str], config: str = "") -> Confidence | None:
    """How sure the one clash of ``report`` is, None where there is none."""
    found = of_rule(report(root, files, config), "duplicate-node-port")
    assert len(found) <= 1
    return found[0].confidence if found else None


def verdict(root: Path, files: Mapping[str, str], config: str = "") -> Verdict:
    """What is said of the two claims of 30080 in such a repository."""
    write_tree(root / "platform", files)
    settings = parse_config(config, ".nodeport-lint.yaml")
    inventory, *_ = read_all(str((root / "platform").resolve()), settings, ["nodePort"])
    a, b = (claim for claim in inventory.declarations if claim.number == 30080)
    return judge(inventory)(a, b)


def of_rule(report: Report, rule: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule == rule]


def labels(report: Report, rule: str = "node-port-outside-range") -> list[str]:
    """Place, number and object of every party of a rule's findings."""
    return [
        f"{party.location.label} {party.number} {party.object and party.object.name}"
        for finding in of_rule(report, rule)
        for party in finding.parties
    ]


# --- texts of manifests and allocation documents --------------------------------------------------


def service(name: str, number: object = 30080, namespace: str | None = "shop", port: int = 80) -> str:
    """A Service of one port, each field on a line of its own: the node port stands at 8:17."""
    where = f", namespace: {namespace}" if namespace else ""
    return (
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}{where}}}\nspec:\n  type: NodePort\n  ports:\n"
        f"    - port: {port}\n      nodePort: {number}\n"
    )


def manifest(name: str, *numbers: object, namespace: str = "", kind: str = "NodePort", more: str = "") -> str:
    """A Service of any type with a port for each number, one to a line; ``more`` are lines above them."""
    space = f", namespace: {namespace}" if namespace else ""
    rows = "".join(
        f"    - {{name: p{index}, port: {80 + index}, nodePort: {number}}}\n" for index, number in enumerate(numbers)
    )
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}{space}}}\nspec:\n  type: {kind}\n{more}  ports:\n{rows}"


def deployment(name: str, namespace: str | None = "shop") -> str:
    """A Deployment, with the line that ends the document above it."""
    where = f", namespace: {namespace}" if namespace else ""
    return f"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}{where}}}\n"


def lists(width: int, kind: str = "List") -> str:
    """A list of lists of one Service, by aliases: the square of ``width`` objects."""
    one = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{nodePort: 30080}]}}"
    below = f"{{apiVersion: v1, kind: {kind}, items: [{', '.join(['*s'] * width)}]}}"
    return f"apiVersion: v1\nkind: List\nx: &s {one}\ny: &l {below}\nitems: [{', '.join(['*l'] * width)}]\n"


def markdown(header: str, *rows: str) -> str:
    """A table of Markdown: cells with pipes between them, the outer ones left out."""
    lines = [header, "|".join(["---"] * (header.count("|") + 1)), *rows]
    return "".join(f"| {line} |\n" for line in lines)


def table(*rows: tuple[str, int, str]) -> str:
    """An allocation document: owner, number and status of each row."""
    return markdown("Service | NodePort | Status", *(f"{name} | {number} | {status}" for name, number, status in rows))


# --- charts and kustomizations --------------------------------------------------------------------

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
TEMPLATE = """apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  type: {{ .Values.type | default "NodePort" }}
  ports:
    - port: 80
      nodePort: {{ .Values.nodePort }}
"""
WEB = {"web/Chart.yaml": CHART, "web/values.yaml": "nodePort: 30080\n", "web/templates/service.yaml": TEMPLATE}
"""A chart whose number stands in its values, at 1:11."""
BARE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  type: NodePort\n  ports:\n  - port: 80\n    nodePort: 30080\n"
"""A Service without a namespace, as bases of kustomizations have it; the node port stands at 9:15."""
REMOTE = "https://example.org/x.yaml"


def chart(name: str, dependencies: str = "") -> str:
    """The text of a Chart.yaml."""
    return f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n{dependencies}"


def packed(files: Mapping[str, str], top: str = "sub") -> bytes:
    """A packed chart (.tgz) of that name."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{top}/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


# --- nouns that no text stands behind -------------------------------------------------------------


class NoPlaces:
    """Places for documents that no text stands behind."""

    def __init__(self, path: str) -> None:
        self.path = path

    def locate(self, route: Route) -> Location:
        return Location(self.path, None, route)

    locate_key = locate

    def trail(self, route: Route) -> tuple[Location, ...]:
        return ()

    def repeated_keys(self) -> list[object]:
        return []

    def fixed(self, route: Route) -> bool:
        return False


def declaration(
    name: str,
    namespace: str | None = None,
    path: str = "a.yaml",
    variant: str = "",
    kind: str = "manifest",
    labels: Mapping[str, str] | None = None,
    number: int = 30080,
) -> Declaration:
    """The one claim of a Service."""
    value = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": number}]},
    }
    document = Document(value, Unit(kind, path, variant), path, NoPlaces(path))  # type: ignore[arg-type]
    return next(iter(collect([document]).declarations))


def row(
    owner: str,
    first: int = 30080,
    last: int | None = None,
    line: int = 1,
    meaning: str = "held",
    path: str = "x.md",
    **fields: Any,
) -> Reservation:
    """A row of an allocation document."""
    return Reservation(first, last or first, meaning, owner, Location(path, Region(line, 1, line, 6)), **fields)


def context(
    rows: Sequence[Reservation], inventory: Inventory | None = None, confidence: Confidence | None = None
) -> Context:
    """What a verb is given: any two declarations get that confidence, and no owner is known."""
    read = (inventory or Inventory())._replace(reservations=tuple(rows))
    return Context(
        inventory=read,
        verdict=lambda a, b: Verdict(confidence, "because"),
        ranges_of=lambda _: (DEFAULT_RANGE,),
        range_for=lambda _: DEFAULT_RANGE,
        allocation=Allocation(read),
        own_rows=lambda _: [],
        ownership=lambda *_: "unknown",
    )
