"""rules/*.md to pages, and pages to rules.

A page has front matter (check, options, severity, profile, tags), a title that is the rule's summary, prose, and
examples.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import NamedTuple

from nodeport_lint.config import Item, did_you_mean, read_mapping, spoken
from nodeport_lint.expressions import expression
from nodeport_lint.model import Location, NodeportLintError, Rule, Severity

PROFILES = ("default", "production", "off")
"""``production`` adds to ``default``; a page with ``off`` runs only where a configuration names it."""

ENTRY_POINTS = "nodeport_lint.rules"
PACKAGE_PREFIX = "package:"
BUILTIN = "<built in>"
"""Stands for the directory of the built-in pages in messages."""

_ID = expression(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FRONT_MATTER = expression(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?", re.MULTILINE | re.DOTALL)
_TITLE = expression(r"^# +(\S.*)$", re.MULTILINE)
MAX_PAGE = 200_000
"""Bytes of one page."""
MAX_PAGES = 200
"""Pages that a scanned tree may bring."""


class Page(NamedTuple):
    """A rule page as written. ``trusted`` is False for pages that come from the scanned tree."""

    id: str
    summary: str
    severity: Severity
    profile: str
    tags: tuple[str, ...]
    security: str
    check: Item
    options: Mapping[str, Item]
    text: str
    path: str
    trusted: bool

    @property
    def body(self) -> str:
        """The page without its front matter: what a person reads."""
        return _FRONT_MATTER.sub("", self.text, count=1).lstrip("\n")

    def rule(self, severity: Severity | None = None, changes: Mapping[str, Item] | None = None) -> Rule:
        """The page as a rule that can run; ``changes`` replace options. Raises NodeportLintError."""
        from nodeport_lint.checks import build_options, load_verb

        name = self.check.value
        verb = load_verb(name, self.check.location)
        options = build_options(verb, name, {**self.options, **(changes or {})}, self.check.location)
        costly = "" if self.trusted and not changes else getattr(options, "costly", str)()
        if costly:
            raise NodeportLintError(
                f"a page or configuration of the repository may not use {costly}", self.check.location
            )
        return Rule(
            id=self.id,
            summary=self.summary,
            severity=severity or self.severity,
            tags=self.tags,
            options=options,
            run=verb.check,
            tokens=tuple(getattr(verb, "TOKENS", ())),
            page=self.body,
            builtin=self.path.startswith(f"{BUILTIN}/"),
            security=self.security,
        )


_KEYS = {"check": 1, "options": 1, "severity": 1, "profile": 1, "tags": 1, "security-severity": 1}


def parse_page(text: str, path: str, trusted: bool = True) -> Page:
    """Raises NodeportLintError with the place of the fault and what was expected."""
    rule_id = os.path.basename(path).removesuffix(".md")
    if not _ID.fullmatch(rule_id):
        raise NodeportLintError(
            f"the name of a rule page must be words in lower case with hyphens, not {rule_id!r}", Location(path)
        )
    match = _FRONT_MATTER.match(text)
    front = read_mapping(match[1], path, line_shift=1) if match else None
    if match is None or front is None:
        raise NodeportLintError("a rule page must begin with front matter between two lines of ---", Location(path))
    given = dict(front.entries(_KEYS))
    for key in ("check", "severity"):
        if key not in given:
            raise NodeportLintError(f"the front matter needs the key {key!r}", Location(path))
    given["check"].text()
    title = _TITLE.search(text, match.end())
    if title is None:
        raise NodeportLintError("a rule page needs a title (# ...), which is the rule's summary", Location(path))
    profile = given["profile"].text() if "profile" in given else "default"
    if profile not in PROFILES:
        raise given["profile"].error(f"profile must be one of {', '.join(PROFILES)}, not {profile!r}")
    return Page(
        id=rule_id,
        summary=title[1].strip(),
        severity=given["severity"].severity(),
        profile=profile,
        tags=tuple(tag.text() for tag in given["tags"].list()) if "tags" in given else (),
        security=_security(given.get("security-severity")),
        check=given["check"],
        options=dict(given["options"].entries()) if "options" in given else {},
        text=text,
        path=path,
        trusted=trusted,
    )


def _security(item: Item | None) -> str:
    """GitHub takes a text that holds a number above 0.0 up to 10.0, and refuses the whole upload otherwise."""
    if item is None:
        return ""
    if not isinstance(item.value, str) or not re.fullmatch(r"10\.0|\d\.\d", item.value) or item.value == "0.0":
        raise item.error(f"security-severity must be a text from '0.1' to '10.0', not {spoken(item.value)}")
    return item.value


def builtin_directory() -> str:
    """Where the built-in pages lie: inside the wheel, or beside the package in a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    shipped = os.path.join(package, "rules")
    return shipped if os.path.isdir(shipped) else os.path.join(os.path.dirname(package), "rules")


class Pages(Mapping[str, Page]):
    """Pages by id. Those that are ``unread`` are read when one first asks for them."""

    def __init__(self, unread: Mapping[str, Callable[[], Page]], read: Mapping[str, Page] | None = None) -> None:
        self.unread = unread
        self._read = dict(read or {})

    def __getitem__(self, rule: str) -> Page:
        if rule not in self._read:
            self._read[rule] = self.unread[rule]()
        return self._read[rule]

    def __iter__(self) -> Iterator[str]:
        yield from self.unread
        yield from (rule for rule in self._read if rule not in self.unread)

    def __len__(self) -> int:
        return len(self.unread.keys() | self._read.keys())

    def __contains__(self, rule: object) -> bool:
        return rule in self.unread or rule in self._read


@lru_cache(maxsize=1)
def builtin_pages() -> Pages:
    """The built-in pages by id, none of them read. Raises NodeportLintError where there are none: a broken install."""
    directory = builtin_directory()
    return Pages(
        {name.removesuffix(".md"): partial(_page, directory, name, BUILTIN) for name in _names(directory, BUILTIN)}
    )


def read_pages(directory: str, label: str, trusted: bool = True) -> dict[str, Page]:
    """The pages of a directory by id, README.md left out; ``label`` stands for it in messages."""
    pages = {}
    names = _names(directory, label)
    if not trusted and len(names) > MAX_PAGES:
        raise NodeportLintError(f"the directory {label!r} holds more than {MAX_PAGES} rule pages")
    for name in names:
        if not trusted and not stat.S_ISREG(os.lstat(os.path.join(directory, name)).st_mode):
            raise NodeportLintError(
                "a rule page of the repository must be a file, and no link", Location(f"{label}/{name}")
            )
        page = _page(directory, name, label, trusted)
        pages[page.id] = page
    return pages


def _names(directory: str, label: str) -> list[str]:
    """The files of the pages of a directory, README.md left out."""
    if not os.path.isdir(directory):
        raise NodeportLintError(f"the directory of rule pages {label!r} does not exist")
    names = [name for name in sorted(os.listdir(directory)) if name.endswith(".md") and name != "README.md"]
    if not names:
        raise NodeportLintError(f"the directory {label!r} holds no rule pages (*.md)")
    return names


def _page(directory: str, name: str, label: str, trusted: bool = True) -> Page:
    return parse_page(page_text(os.path.join(directory, name), f"{label}/{name}"), f"{label}/{name}", trusted)


def page_text(path: str, label: str) -> str:
    """Raises NodeportLintError where the file is no UTF-8 text of a page's size."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_PAGE + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise NodeportLintError(f"cannot be read: {error.strerror}", Location(label)) from None
    except UnicodeDecodeError:
        raise NodeportLintError("not UTF-8", Location(label)) from None
    if len(data) > MAX_PAGE:
        raise NodeportLintError(f"a rule page must be smaller than {MAX_PAGE // 1000} kB", Location(label))
    return text


def package_directory(name: str, location: Location | None) -> str:
    """The ``rules`` directory of the package that an entry point called ``name`` names."""
    from importlib.metadata import entry_points
    from importlib.resources import files

    installed = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if name not in installed:
        raise NodeportLintError(
            f"no installed package offers rule pages named {name!r}{did_you_mean(name, list(installed))}", location
        )
    try:
        return os.path.join(str(files(installed[name].module)), "rules")
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise NodeportLintError(
            f"the rule pages {name!r} of an installed package cannot be loaded: {reason}", location
        ) from error
