"""Which rules there are, and which of them run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nodeport_lint.config import Config, RuleSource, did_you_mean
from nodeport_lint.model import LIMIT, Location, NodeportLintError, Rule, Rules
from nodeport_lint.rulebook.pages import (
    MAX_PAGES,
    PACKAGE_PREFIX,
    Page,
    Pages,
    builtin_pages,
    package_directory,
    read_pages,
)

ALWAYS = frozenset({LIMIT})
"""Rules that also run where others are selected: what was not read to its end is never passed."""


def load_pages(root: str, config: Config, extra: Iterable[str] = ()) -> Pages:
    """All pages by id: built in, named by the configuration, and the directories ``extra`` of the user. The built-in
    ones are not read yet: their ids are the names of files."""
    builtin, further = builtin_pages(), dict[str, Page]()
    for source in (*config.extra_rules, *(RuleSource(name) for name in extra)):
        found = _pages_of(root, source)
        for rule, page in found.items():
            other = further.get(rule) or builtin.get(rule)
            if other is not None:
                raise NodeportLintError(f"there is a rule {rule!r} already, in {other.path}", Location(page.path))
        further.update(found)
        if sum(not page.trusted for page in further.values()) > MAX_PAGES:
            message = f"the repository brings more than {MAX_PAGES} rule pages"
            raise NodeportLintError(message, source.location)
    return Pages(builtin.unread, further)


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
) -> Rules:
    """The rules that run, by id. ``select`` runs these and no others, but for ALWAYS; ``ignore`` leaves some out.

    Raises NodeportLintError for what the user or the repository got wrong: names, settings, and pages of their own.
    A built-in page that nobody changes is read when the run first asks for its rule.
    """
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
    later = pages.unread.keys() - config.rules.keys() if isinstance(pages, Pages) else frozenset()

    def rules(names: Iterable[str]) -> dict[str, Rule]:
        return {
            name: pages[name].rule(setting.severity if setting else None, setting.options if setting else None)
            for name in sorted(names)
            for setting in [config.rules.get(name)]
            if name not in ignore and _runs(name, pages, config, profile, select)
        }

    first = rules(pages.keys() - later)

    def every() -> Iterator[Rule]:
        return (rule for _, rule in sorted({**first, **rules(later)}.items()))

    return Rules(tuple(first.values()), every)


def _runs(name: str, pages: Mapping[str, Page], config: Config, profile: str, select: Sequence[str]) -> bool:
    if select and name not in ALWAYS:
        return name in select
    return name in select or _is_on(name, pages, config, profile)


def _is_on(name: str, pages: Mapping[str, Page], config: Config, profile: str) -> bool:
    setting = config.rules.get(name)
    if setting is not None:
        return not setting.off
    return pages[name].profile in ("default", profile)
