"""Options that several commands have, and how their values are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from nodeport_lint.formats import FORMATS

_Command = TypeVar("_Command", bound=Callable[..., Any])

LIST_FORMATS = ("text", "json", "csv", "markdown")
SEVERITY_WORDS = ("error", "warning", "note")
CONFIDENCE_WORDS = ("certain", "likely", "possible")
PROFILE_WORDS = ("default", "production")
HELM_ENGINES = ("auto", "cli", "sdk", "none")
KUSTOMIZE_ENGINES = ("auto", "none")
REQUIRABLE = ("helm", "kustomize", "fence")


def read_formats(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[tuple[str, str | None]]:
    chosen = []
    for value in values:
        name, sign, file = value.partition("=")
        if name not in FORMATS:
            raise click.BadParameter(f"{name!r} is none of {', '.join(FORMATS)}")
        if sign and not file:
            raise click.BadParameter(f"{value!r} names no file")
        chosen.append((name, file or None))
    if sum(file is None for _, file in chosen) > 1:
        raise click.BadParameter("only one format can go to standard output; give the others a file: NAME=FILE")
    return chosen


paths_argument = click.argument("paths", nargs=-1, metavar="[PATH]...")
config_option = click.option(
    "--config", "config_file", metavar="FILE", help="Read this configuration, not the repository's own."
)
isolated_option = click.option("--isolated", is_flag=True, help="Read no configuration.")
extra_option = click.option(
    "--extra-rules",
    multiple=True,
    metavar="DIR",
    help="A directory of further rule pages, or package:NAME. Repeatable.",
)

range_option = click.option(
    "--range", "range_text", metavar="RANGE", help="The cluster's node-port range, such as 30000-32767."
)
registry_option = click.option(
    "--registry", multiple=True, metavar="FILE", help="An allocation document, instead of those found. Repeatable."
)


helm_option = click.option(
    "--helm-engine", type=click.Choice(HELM_ENGINES), default="auto", show_default=True,
    help="What renders charts: helm on PATH (cli), the extra nodeport-lint[helm] (sdk), the first there is, or none.",
)  # fmt: skip
kustomize_option = click.option(
    "--kustomize-engine", type=click.Choice(KUSTOMIZE_ENGINES), default="auto", show_default=True,
    help="What renders kustomizations: kustomize or kubectl on PATH, or the extra nodeport-lint[kustomize]; or none.",
)  # fmt: skip
USUAL_TIMEOUT = "10m"
"""What most runs have: nothing is compiled to read it."""
_DURATION = r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?"


def read_seconds(_: click.Context, __: click.Parameter, value: str) -> float:
    """``90``, ``90s``, ``1h30m``: as helm and kubectl write a duration, and plain seconds besides."""
    if value == USUAL_TIMEOUT:
        from nodeport_lint.model.clock import SECONDS

        return SECONDS
    import re

    found = re.fullmatch(_DURATION, value) if len(value) < 30 else None
    seconds = sum(float(part or 0) * of for part, of in zip(found.groups(), (3600, 60, 1), strict=True)) if found else 0
    if seconds <= 0:
        raise click.BadParameter(f"{value!r} is no duration such as 90s or 10m")
    return seconds


timeout_option = click.option(
    "--timeout", callback=read_seconds, default=USUAL_TIMEOUT, show_default=True, metavar="DURATION",
    help="For the whole run, such as 90s. What is not read by then is a finding, and the rest is judged.",
)  # fmt: skip
no_cache_option = click.option("--no-cache", is_flag=True, help="Render everything again, and keep nothing.")


def read_required(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(name for name in value.split(",") if name)
    for name in names:
        if name not in REQUIRABLE:
            raise click.BadParameter(f"{name!r} is none of {', '.join(REQUIRABLE)}")
    return names


def reading_options(command: _Command) -> _Command:
    """What every command has that reads a repository, in the order of its help."""
    engines = (helm_option, kustomize_option, no_cache_option, timeout_option)
    for option in reversed((range_option, registry_option, config_option, isolated_option, *engines)):
        command = option(command)
    return command
