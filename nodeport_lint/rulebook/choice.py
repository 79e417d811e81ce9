"""Which rules there are, and which of them run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from nodeport_lint.config import Config, RuleSource, did_you_mean
from nodeport_lint.model import LIMIT, Location, NodeportLintError, Rule
from nodeport_lint.rulebook.pages import MAX_PAGES, PACKAGE_PREFIX, Page, builtin_pages, package_directory, read_pages

ALWAYS = frozenset({LIMIT})
"""Rules that also run where others are selected: what was not read to its end is never passed."""


def load_pages(root: str, config: Config, extra: Iterable[str] = ()) -> dict[str, Page]:
    """All pages by id: built in, named by the configuration, and the directories ``extra`` of the user."""
    pages = dict(builtin_pages())
    for source in (*config.extra_rules, *(RuleSource(name) for name in extra)):
        found = _pages_of(root, source)
        for rule, page in found.items():
            if rule in pages:
                raise NodeportLintError(f"there is a rule {rule!r} already, in {pages[rule].path}", Location(page.path))
        pages.update(found)
        if sum(not page.trusted for page in pages.values()) > MAX_PAGES:
            message = f"the repository brings more than {MAX_PAGES} rule pages"
            raise NodeportLintError(message, source.location)
    return pages


def _pages_of(root: str, source: RuleSource) -> dict[str, Page]:
    if source.name.startswith(PACKAGE_PREFIX):
        name = source.name.removeprefix(PACKAGE_PREFIX)
        return read_pages(package_directory(name, source.location), source.name)
    try:
        directory = os.path.realpath(os.path.join(root, source.name))
        os.path.isdir(directory)
    except (OSError, ValueError, RecursionError) as error:
        raise NodeportLintError(f"{source.name[:100]!r} is no path: {error}", source.location) from None
    inside = directory == root or directory.startswith(root.rstrip(os.sep) + os.sep)
    if source.location is not None and not inside:
        raise NodeportLintError(f"{source.name!r} leads out of the repository", source.location)
    if source.location is not None and not os.path.isdir(directory):
        raise NodeportLintError(f"the directory {source.name!r} does not exist", source.location)
    return read_pages(directory, source.name.rstrip("/"), trusted=not inside)


def choose_rules(
    pages: Mapping[str, Page],
    config: Config,
    profile: str = "default",
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> list[Rule]:
    """The rules that run, by id. ``select`` runs these and no others, but for ALWAYS; ``ignore`` leaves some out."""
    for name in (*select, *ignore):
        if name not in pages:
            raise NodeportLintError(f"unknown rule {name!r}{did_you_mean(name, list(pages))}")
    for suppression in config.suppressions:
        if suppression.rule not in pages:
            hint = did_you_mean(suppression.rule, list(pages))
            raise NodeportLintError(f"unknown rule {suppression.rule!r}{hint}", suppression.location)
    for name, setting in config.rules.items():
        if name not in pages:
            raise NodeportLintError(f"unknown rule {name!r}{did_you_mean(name, list(pages))}", setting.location)
    return [
        page.rule(setting.severity if setting else None, setting.options if setting else None)
        for name, page in sorted(pages.items())
        for setting in [config.rules.get(name)]
        if name not in ignore and _runs(page, config, profile, select)
    ]


def _runs(page: Page, config: Config, profile: str, select: Sequence[str]) -> bool:
    if select and page.id not in ALWAYS:
        return page.id in select
    return page.id in select or _is_on(page, config, profile)


def _is_on(page: Page, config: Config, profile: str) -> bool:
    setting = config.rules.get(page.id)
    if setting is not None:
        return not setting.off
    return page.profile == "default" or page.profile == profile
