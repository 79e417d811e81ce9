"""What could not be read becomes a finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nodeport_lint.model import Context, Finding, Party, Severity

TOKENS = ()


@dataclass(frozen=True, slots=True)
class Options:
    """``kinds``: the problems (``model.Problem.kind``) that the page is about."""

    kinds: tuple[str, ...]


def check(options: Options, context: Context) -> Iterator[Finding]:
    for problem in context.inventory.problems:
        if problem.kind in options.kinds:
            severity = Severity.ERROR if problem.severity is None else problem.severity
            yield Finding(problem.message, (Party(problem.location),), help=problem.help, severity=severity)
