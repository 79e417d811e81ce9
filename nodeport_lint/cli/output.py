"""A report to where it is wanted: standard output, files, and what GitHub Actions reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from nodeport_lint.model import Report

Say = Callable[[str], None]
ONLY_FINDINGS = ("concise", "github")
"""Formats of lines for programs, which have no place for notices: those go to standard error."""
COMMANDS = "github"
"""The format whose lines are meant to be commands."""


def write_report(
    report: Report,
    formats: list[tuple[str, str | None]],
    color: bool,
    say: Say,
    warn: Say,
    environment: Mapping[str, str],
) -> None:
    """``formats``: pairs of a name and a file, None for standard output, where text goes if nothing else does.

    In GitHub Actions annotations and the job summary are written beside the text, unless a format was asked
    for there; in a pre-commit run they are not, since its output is folded away. A format of lines for programs has
    no place for notices: they are given to ``warn``, so that nothing is passed over without a word. No line of
    any other format than ``github`` is a command to the runner of a CI job, however it was put together.
    """
    from nodeport_lint.formats.words import hidden_line, printable

    to_stdout = [name for name, file in formats if file is None]
    for name, file in formats:
        if file is not None:
            write_file(file, _rendered(name, report))
    say(_rendered(to_stdout[0] if to_stdout else "text", report, color))
    if to_stdout and to_stdout[0] in ONLY_FINDINGS:
        notices = [notice.message for notice in report.notices]
        for notice in filter(None, (*notices, hidden_line(report))):
            warn(f"notice: {printable(notice)}")
    if not to_stdout and environment.get("GITHUB_ACTIONS") == "true" and "PRE_COMMIT" not in environment:
        say(_rendered(COMMANDS, report))
        summary = environment.get("GITHUB_STEP_SUMMARY")
        if summary:
            write_file(summary, _rendered("markdown", report), mode="a")


def _rendered(name: str, report: Report, color: bool = False) -> str:
    from nodeport_lint.formats import load_format
    from nodeport_lint.formats.words import disarmed

    text: str = load_format(name).render(report, color=color)
    return text if name == COMMANDS else disarmed(text)


def write_file(file: str, text: str, mode: str = "w") -> None:
    """Raises NodeportLintError where the file cannot be written."""
    from nodeport_lint.model import NodeportLintError

    try:
        with open(file, mode, encoding="utf-8", errors="backslashreplace") as opened:
            opened.write(text)
    except OSError as error:
        raise NodeportLintError(f"{file!r} cannot be written: {error.strerror}") from None


def wants_color(choice: str, stream: TextIO | None, environment: Mapping[str, str]) -> bool:
    """The flag, then NO_COLOR, then FORCE_COLOR, then a terminal or the log of GitHub Actions, which shows colours."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if any(environment.get(name) not in (None, "", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    if environment.get("TERM") == "dumb":
        return False
    return (stream is not None and stream.isatty()) or environment.get("GITHUB_ACTIONS") == "true"
