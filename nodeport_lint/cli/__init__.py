"""The command line: the only place that reads arguments and the environment, prints, and exits.

Everything heavier than click is imported inside the command that needs it.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import click

from nodeport_lint import __version__
from nodeport_lint.cli.options import (
    CONFIDENCE_WORDS,
    LIST_FORMATS,
    PROFILE_WORDS,
    SEVERITY_WORDS,
    config_option,
    extra_option,
    helm_option,
    isolated_option,
    kustomize_option,
    paths_argument,
    read_formats,
    read_required,
    reading_options,
    timeout_option,
)
from nodeport_lint.cli.printing import say, warn, warn_of, write
from nodeport_lint.formats import FORMATS

if TYPE_CHECKING:
    from nodeport_lint.model import Report

SCHEMAS = ("config", "report")

OK, FINDINGS, FAILED = 0, 1, 2


_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name))


def main() -> None:
    """The program. Status 0: nothing at or above the threshold; 1: findings; 2: the job could not be done."""
    # What is read stays until the end and holds no cycles: looking for garbage at the usual pace costs a sixth.
    gc.set_threshold(20_000, 20, 20)
    for number in _ENDING:
        # A job that is cancelled leaves no processes and no files behind; one in the background ignores interrupts.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        sys.exit(cli.main(standalone_mode=False))
    except click.ClickException as error:
        from io import StringIO

        # What is named like an option may be a file of the repository.
        shown = StringIO()
        error.show(shown)
        warn_of(shown.getvalue())
        sys.exit(FAILED)
    except click.Abort:
        sys.exit(FAILED)
    except Exception as error:
        from nodeport_lint.model import NodeportLintError

        if isinstance(error, NodeportLintError | OSError):
            from nodeport_lint.formats.words import printable

            warn(f"nodeport-lint: error: {printable(str(error))[:2000]}")
        else:
            import traceback

            warn_of(traceback.format_exc())
            warn("nodeport-lint: error: this is a bug in nodeport-lint, please report it")
        sys.exit(FAILED)


def _end(number: int, _: object) -> None:
    """Ends the run; another signal while it tidies up would leave what is not tidied yet."""
    for one in _ENDING:
        signal.signal(one, signal.SIG_IGN)
    sys.exit(128 + number)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="nodeport-lint")
def cli() -> None:
    """Find every node port that a repository asks for, and its faults, before a deployment does.

    \b
    nodeport-lint check              check the repository around the current directory
    nodeport-lint explain RULE       what a rule says, why, and how to answer it
    nodeport-lint ports              who asks for which number, and who holds it
    nodeport-lint next               a number that is free
    nodeport-lint units              what shares a cluster, and why it is thought so
    """


@cli.command(short_help="Report the faults of the node ports of a repository.")
@paths_argument
@click.option(
    "--format", "formats", multiple=True, callback=read_formats, metavar="NAME[=FILE]",
    help=f"{', '.join(FORMATS)}. With =FILE it is written there, besides the text on standard output. Repeatable.",
)  # fmt: skip
@click.option(
    "--fail-on", type=click.Choice([*SEVERITY_WORDS, "never"]), default="error", show_default=True,
    help="The lowest severity that makes the exit status 1.",
)  # fmt: skip
@click.option(
    "--min-confidence", type=click.Choice(CONFIDENCE_WORDS), default="likely", show_default=True,
    help="Show findings that are as sure as this; less sure ones are counted, and fail nothing.",
)  # fmt: skip
@click.option(
    "--profile", type=click.Choice(PROFILE_WORDS), default="default", show_default=True,
    help="production adds rules for clusters that face the world.",
)  # fmt: skip
@click.option("--select", multiple=True, metavar="RULE", help="Run this rule and no others. Repeatable.")
@click.option("--ignore-rule", multiple=True, metavar="RULE", help="Do not run this rule. Repeatable.")
@extra_option
@reading_options
@click.option(
    "--require", "required", callback=read_required, metavar="ENGINE", default="",
    help="helm, kustomize: exit status 1 where a chart or kustomization is not rendered, or not whole; fence: where an "
    "engine ran outside of what Landlock and seccomp hold. With commas.",
)  # fmt: skip
@click.option(
    "--sarif-category", default="", metavar="NAME", help="Category of the SARIF run, where one job uploads several."
)
@click.option("--show-suppressed", is_flag=True, help="Show what suppressions answered, too; it does not count.")
@click.option("--no-suppressions", is_flag=True, help="Take no notice of suppressions.")
@click.option("--no-gitignore", is_flag=True, help="Read files that .gitignore names, too.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colours; NO_COLOR and FORCE_COLOR are heeded.",
)
@click.option("--verbose", "-v", is_flag=True, help="List what each notice is about (text format).")
def check(paths: tuple[str, ...], **options: Any) -> int:
    """Check the repository that PATH is in, or the current directory.

    The root is the nearest directory upwards with a .nodeport-lint.yaml or .git, else PATH itself. The
    whole root is read, since a node port is unique in a cluster; PATH limits what is reported.

    Exit status: 0 no finding at or above --fail-on, 1 findings, 2 the job could not be done.
    """
    from nodeport_lint.cli.output import wants_color, write_report
    from nodeport_lint.cli.settings import config_of, rendering_of, root_of
    from nodeport_lint.linter import Run, lint
    from nodeport_lint.model import Confidence, Severity
    from nodeport_lint.rulebook.choice import choose_rules, load_pages

    root, only = root_of(paths or (".",))
    config = config_of(root, options["config_file"], options["isolated"], options["range_text"], options["registry"])
    pages = load_pages(root, config, options["extra_rules"])
    rules = choose_rules(pages, config, options["profile"], options["select"], options["ignore_rule"])
    run = Run(
        only=only,
        min_confidence=Confidence[options["min_confidence"].upper()],
        gitignore=not options["no_gitignore"],
        suppressions=not options["no_suppressions"],
        known=pages.keys(),
        rendering=rendering_of(options),
    )
    report = lint(root, config, rules, run)
    report = report._replace(
        show_answered=options["show_suppressed"], show_details=options["verbose"], category=options["sarif_category"]
    )
    color = wants_color(options["color"], sys.stdout, os.environ)
    write_report(report, options["formats"], color, write, warn, os.environ)
    if _say_unrendered(report, options["required"]):
        return FINDINGS
    if options["fail_on"] == "never":
        return OK
    threshold = Severity[options["fail_on"].upper()]
    return FINDINGS if any(finding.severity >= threshold for finding in report.findings) else OK


@cli.command(short_help="List the rules.")
@extra_option
@config_option
@isolated_option
def rules(extra_rules: tuple[str, ...], config_file: str | None, isolated: bool) -> int:
    """List the rules: id, severity, profile and summary."""
    from nodeport_lint.cli.settings import config_of, root_of
    from nodeport_lint.formats.words import printable
    from nodeport_lint.rulebook.choice import load_pages

    root, _ = root_of((".",))
    config = config_of(root, config_file, isolated)
    pages = load_pages(root, config, extra_rules)
    width = max(len(name) for name in pages)
    for name, page in sorted(pages.items()):
        setting = config.rules.get(name)
        severity = "off" if setting and setting.off else ((setting and setting.severity) or page.severity).word
        say(printable(f"{name:<{width}}  {severity:<8} {page.profile:<11} {page.summary}") + "\n")
    return OK


@cli.command(short_help="Print the page of a rule.")
@click.argument("rule")
@extra_option
@config_option
@isolated_option
def explain(rule: str, extra_rules: tuple[str, ...], config_file: str | None, isolated: bool) -> int:
    """Print the page of a rule: what it finds, why it matters, and how to answer it."""
    from nodeport_lint.cli.settings import config_of, root_of
    from nodeport_lint.config import did_you_mean
    from nodeport_lint.formats.words import printable
    from nodeport_lint.model import NodeportLintError
    from nodeport_lint.rulebook.choice import load_pages

    root, _ = root_of((".",))
    pages = load_pages(root, config_of(root, config_file, isolated), extra_rules)
    if rule not in pages:
        raise NodeportLintError(f"unknown rule {rule!r}{did_you_mean(rule, list(pages))}")
    page = pages[rule]
    say(f"{rule} ({page.severity.word}, profile {page.profile})\n\n")
    for line in page.body.splitlines():
        say(printable(line) + "\n")
    return OK


@cli.command("test-rules", short_help="Run the examples of rule pages.")
@click.argument("directory", metavar="DIR")
@click.option("--update", is_flag=True, help="Rewrite the fences of expected findings to what the examples give.")
@helm_option
@kustomize_option
@timeout_option
def test_rules(directory: str, update: bool, **options: Any) -> int:
    """Run the examples of the rule pages in DIR; each must give the findings that it marks.

    A page with a chart or a kustomization needs an engine and is skipped without one.
    """
    from itertools import chain

    from nodeport_lint.cli.output import write_file
    from nodeport_lint.cli.settings import engine_reason, rendering_of
    from nodeport_lint.formats.words import printable
    from nodeport_lint.model.words import counted
    from nodeport_lint.rulebook.pages import read_pages
    from nodeport_lint.rulebook.trial import engines_needed, test_page, updated

    pages = read_pages(directory, directory.rstrip("/"))
    rendering = rendering_of({**options, "no_cache": False})
    needed = {page.id: engines_needed(page) for page in pages.values()}
    missing = {name: engine_reason(name, rendering) for name in set(chain.from_iterable(needed.values()))}
    failed = skipped = 0
    for page in pages.values():
        reason = ", ".join(filter(None, (missing[name] for name in needed[page.id])))
        if reason:
            say(printable(f"{page.path}: skipped: {reason}") + "\n")
            skipped += 1
            continue
        if update:
            text = updated(page, rendering)
            if text != page.text:
                write_file(os.path.join(directory, os.path.basename(page.path)), text)
                say(printable(f"{page.path}: updated") + "\n")
            continue
        for failure in test_page(page, rendering):
            failed += 1
            say(printable(f"{failure.location.label}: {failure.message}") + "\n")
    if not update:
        left = f", {skipped} skipped" if skipped else ""
        click.echo(f"{counted(len(pages) - skipped, 'rule page')} tested{left}, {counted(failed, 'failure')}")
    return FINDINGS if failed else OK


@cli.command(short_help="Print the JSON Schema of the configuration or the report.")
@click.argument("name", type=click.Choice(SCHEMAS), metavar="|".join(SCHEMAS))
def schema(name: str) -> int:
    """Print the JSON Schema of the configuration file or of the JSON report."""
    package = os.path.dirname(os.path.dirname(__file__))
    with open(os.path.join(package, "data", f"{name}.schema.json"), encoding="utf-8") as file:
        click.echo(file.read(), nl=False)
    return OK


@cli.command(short_help="List every node port that is asked for or reserved.")
@click.argument("path", default=".", metavar="[PATH]")
@click.option("--format", "name", type=click.Choice(LIST_FORMATS), default="text", show_default=True)
@reading_options
def ports(path: str, name: str, **options: Any) -> int:
    """List every node port that the repository asks for or reserves, by number."""
    from nodeport_lint.cli.portlist import RENDERERS, entries
    from nodeport_lint.cli.settings import inventory_of

    say(RENDERERS[name](entries(inventory_of(path, options)[0])))
    return OK


@cli.command(short_help="List what was found, and how clashing pairs were judged.")
@click.argument("path", default=".", metavar="[PATH]")
@reading_options
def units(path: str, **options: Any) -> int:
    """List what is applied together, and for every pair of claims of one number whether it can clash, and why.

    Each pair comes with the lines of configuration that would settle it.
    """
    from nodeport_lint.cli.settings import inventory_of
    from nodeport_lint.cli.unitlist import render

    say(render(inventory_of(path, options)[0]))
    return OK


@cli.command("next", short_help="Print the next free node port.")
@click.argument("path", default=".", metavar="[PATH]")
@click.option("--near", type=int, metavar="PORT", help="Look above this number first. Default: the start of the range.")
@click.option("--count", type=click.IntRange(1, 1000), default=1, show_default=True, help="How many numbers.")
@click.option(
    "--cluster", default="", metavar="NAME", help="Of this cluster of the configuration. Default: free in all of them."
)
@reading_options
def next_port(path: str, near: int | None, count: int, cluster: str, **options: Any) -> int:
    """Print the next free node port: in the range, asked for by nobody and in no row.

    The low end of the range comes first: Kubernetes takes it last when it chooses a number by itself.
    """
    from itertools import islice

    from nodeport_lint.cli.settings import cluster_called, inventory_of
    from nodeport_lint.config.clusters import Clusters
    from nodeport_lint.model import NodeportLintError
    from nodeport_lint.registry.allocation import Allocation

    inventory, config = inventory_of(path, options)
    clusters = Clusters(config.clusters, config.range)
    cluster = cluster and cluster_called(cluster, clusters, inventory)
    among = clusters.range_of(cluster)
    start = among.first if near is None else near
    free = Allocation(inventory).free_numbers(start, among, including=True, cluster=cluster)
    numbers = list(islice(free, count))
    if len(numbers) < count:
        raise NodeportLintError(f"only {len(numbers)} node ports of {among} are free")
    for number in numbers:
        click.echo(number)
    return OK


def _say_unrendered(report: Report, required: tuple[str, ...]) -> bool:
    """Whether --require is not met, and says so."""
    found = report.statistics
    missing = {
        "helm": (found["charts_not_rendered"] + found["charts_in_part"], found["charts"], "charts"),
        "kustomize": (
            found["kustomizations_not_rendered"] + found["kustomizations_in_part"],
            found["kustomizations"],
            "kustomizations",
        ),
    }
    unmet = [(name, *missing[name]) for name in required if name in missing and missing[name][0]]
    for name, count, of, what in unmet:
        warn(f"nodeport-lint: --require {name}: {count} of {of} {what} not rendered whole")
    outside = [engine for engine in report.engines if engine.lacks and "fence" in required]
    for engine in outside:
        warn(f"nodeport-lint: --require fence: {engine.id}: {engine.lacks}")
    return bool(unmet or outside)
