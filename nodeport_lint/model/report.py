"""The report of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from nodeport_lint.model.found import Answer, Finding
from nodeport_lint.model.inventory import UsedEngine
from nodeport_lint.model.read import Notice, Severity
from nodeport_lint.model.rules import Rule


class Report(NamedTuple):
    """What a run has to say; formats turn it into text."""

    findings: tuple[Finding, ...]
    hidden: tuple[Finding, ...]
    """Findings below the wanted confidence: counted, and always in the JSON report."""
    answered: tuple[Answer, ...]
    """What suppressions answered: counted, and always in the JSON report."""
    notices: tuple[Notice, ...]
    rules: Sequence[Rule]
    statistics: Mapping[str, int]
    read: Callable[[str], bytes | None]
    """A file of the repository by its path, for source lines and fingerprints."""
    engines: tuple[UsedEngine, ...] = ()
    """What rendered, and inside which fence."""
    show_answered: bool = False
    """Whether formats for people and for code scanning show what is answered."""
    show_details: bool = False
    """Whether the text lists what each notice is about."""
    category: str = ""
    """SARIF's automation category; empty: none, so that the upload's own holds."""

    def number_of(self, severity: Severity) -> int:
        return sum(finding.severity == severity for finding in self.findings)
