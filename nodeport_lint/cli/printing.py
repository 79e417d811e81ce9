"""Where whole lines leave the program: nothing printed here is taken for a command by the runner of a CI job."""

from __future__ import annotations

import click


def say(text: str) -> None:
    """Lines with their ends to standard output."""
    from nodeport_lint.formats.words import disarmed

    write(disarmed(text))


def write(text: str) -> None:
    """As ``say``, for lines that went through that door, and for those that are meant to be commands."""
    click.echo(text, nl=False, color=True)


def warn(text: str) -> None:
    """A line, or several, to standard error."""
    from nodeport_lint.formats.words import disarmed

    click.echo(disarmed(text), err=True)


def warn_of(text: str) -> None:
    """As ``warn``, for lines that somebody else has put together, of things that may be in the repository."""
    from nodeport_lint.formats.words import printable

    warn("\n".join(map(printable, text.rstrip("\n").split("\n"))))
