"""The nouns that every room speaks: values only, no reading and no judging.

Standard library only, so that any room may import it. The terms are those of Kubernetes, Helm and SARIF.
Nothing here changes once made: named tuples, which cost a tenth of a frozen dataclass to define (at every
start) and a third to make (for every place of every value).
"""

from __future__ import annotations

from nodeport_lint.model.comments import few
from nodeport_lint.model.found import (
    Answer,
    Confidence,
    Finding,
    Party,
    Verdict,
)
from nodeport_lint.model.inventory import Inventory, Read, UsedEngine
from nodeport_lint.model.layout import Applied, Layout
from nodeport_lint.model.ranges import PortRange
from nodeport_lint.model.read import (
    COMMENT,
    LIMIT,
    Comment,
    Declaration,
    Document,
    Location,
    NodeportLintError,
    Notice,
    Object,
    Places,
    Problem,
    Region,
    Reservation,
    Route,
    Service,
    Severity,
    Suppression,
    Unit,
    UnitKind,
    Word,
)
from nodeport_lint.model.report import Report
from nodeport_lint.model.rules import Context, Rule, Rules

__all__ = [
    "COMMENT",
    "LIMIT",
    "Answer",
    "Applied",
    "Comment",
    "Confidence",
    "Context",
    "Declaration",
    "Document",
    "Finding",
    "Inventory",
    "Layout",
    "Location",
    "NodeportLintError",
    "Notice",
    "Object",
    "Party",
    "Places",
    "PortRange",
    "Problem",
    "Read",
    "Region",
    "Report",
    "Reservation",
    "Route",
    "Rule",
    "Rules",
    "Service",
    "Severity",
    "Suppression",
    "Unit",
    "UnitKind",
    "UsedEngine",
    "Verdict",
    "Word",
    "few",
]
