"""What a cluster would say, as far as our findings say it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nodeport_lint.config import Config
from nodeport_lint.model import Report, Severity
from nodeport_lint.ports import parse_range
from nodeport_lint.reading import Rendering
from tests.components import kustomizing, rendering
from tests.make import lint_tree, write_tree


def report_on(root: Path, files: Mapping[str, str], node_port_range: str) -> Report:
    """Our report on manifests that are applied together to an empty cluster with that range."""
    write_tree(root, files)
    how = rendering() if any(root.rglob("Chart.yaml")) else Rendering()
    if any(root.rglob("kustomization.yaml")):
        how = kustomizing()
    return lint_tree(root, Config(range=parse_range(node_port_range)), rendering=how)


def refused(report: Report) -> set[str]:
    """``namespace/name`` of every Service that an error is about."""
    return {
        f"{party.object.namespace or 'default'}/{party.object.name}"
        for finding in report.findings
        if finding.severity == Severity.ERROR
        for party in finding.parties
        if party.object is not None
    }
