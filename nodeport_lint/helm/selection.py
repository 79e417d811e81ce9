"""The charts of a tree that are worth rendering, and what becomes of each of the others."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from nodeport_lint.config import Config, Release
from nodeport_lint.engines.speaking import speaks_of_node_ports
from nodeport_lint.helm import problems, templates
from nodeport_lint.helm.bundle import Bundle, Charts, UnbundledError
from nodeport_lint.helm.chart_files import LeftOut
from nodeport_lint.helm.comments import comments_of_chart
from nodeport_lint.helm.release_files import ReleaseFiles
from nodeport_lint.helm.states import State
from nodeport_lint.model import LIMIT, Comment, NodeportLintError, Notice, Problem, Read, few
from nodeport_lint.model.words import counted

MAX_INPUTS = 500_000
"""Files of all charts that are rendered, counted for each that they are a part of."""


class Selection(NamedTuple):
    """``bundles`` are to be rendered; ``states`` are those of all other charts, by path. ``read`` is what was found on
    the way: comments, problems and notices."""

    bundles: tuple[Bundle, ...]
    states: dict[str, State]
    read: Read


class Releases:
    """The releases that the configuration declares, by the chart that they install, and the values that they give."""

    def __init__(self, config: Config, files: ReleaseFiles) -> None:
        self.files = files
        self._of: dict[str, list[Release]] = {}
        for release in config.releases:
            self._of.setdefault(os.path.normpath(release.chart), []).append(release)

    def of(self, path: str) -> Sequence[Release]:
        """Those of the chart at a path."""
        return self._of.get(os.path.normpath(path), ())

    @property
    def charts(self) -> Iterable[str]:
        return self._of

    def check(self, charts: Iterable[str]) -> None:
        """Raises NodeportLintError where a release installs none of the charts."""
        known = {os.path.normpath(path) for path in charts}
        for path, releases in self._of.items():
            if path not in known:
                raise NodeportLintError(f"there is no chart in {releases[0].chart!r}", releases[0].location)


def select(charts: Charts, releases: Releases) -> Selection:
    """Reads the charts, and tells apart those that may ask for a node port."""
    return _Selector(charts, releases).run()


class _Selector:
    def __init__(self, charts: Charts, releases: Releases) -> None:
        self.charts, self.releases = charts, releases
        self.states: dict[str, State] = {}
        self.comments: dict[Comment, None] = {}
        self.problems: list[Problem] = []
        self.left_out: dict[str, None] = {}
        self.lost: set[LeftOut] = set()
        """What is told as a limit: a chart may be a part of many."""
        self.borrowed: list[str] = []
        self.inputs = 0
        self.speaking: dict[bytes, bool] = {}
        """Whether texts speak of node ports: many charts may share one."""

    def run(self) -> Selection:
        bundles = [bundle for path in self.charts.paths if (bundle := self._bundle(path)) is not None]
        notices = tuple(_notices(tuple(self.left_out), self.borrowed))
        read = Read(comments=tuple(self.comments), problems=tuple(self.problems), notices=notices)
        return Selection(tuple(bundles), self.states, read)

    def _bundle(self, path: str) -> Bundle | None:
        try:
            bundle = self.charts.bundle(path)
        except UnbundledError as error:
            self.states[path] = State.NOT_RENDERED
            kind = LIMIT if error.limit else problems.KIND
            self.problems.append(problems.problem(path, error.message, error.location, kind))
            return None
        self._tell_left_out(bundle)
        self.borrowed += [f"{path}: {part}" for part in bundle.borrowed]
        self.comments.update(dict.fromkeys(few(comments_of_chart(bundle))))
        if bundle.is_library:
            self.states[path] = State.LIBRARY
            return None
        if not self._may_ask(bundle):
            self.states[path] = State.WITHOUT_NODE_PORTS
            return None
        self.inputs += len(bundle.inputs)
        if self.inputs > MAX_INPUTS:
            self.states[path] = State.NOT_RENDERED
            message = f"more than {MAX_INPUTS:,} files in all charts, with what they depend on"
            self.problems.append(problems.problem(path, message, bundle.location(""), LIMIT))
            return None
        return bundle

    def _tell_left_out(self, bundle: Bundle) -> None:
        """What a bound took is a limit where Helm would have read it; of other files, where a template reads such."""
        beyond = [one for one in bundle.left_out if one.limit]
        reads = any(not one.own for one in beyond) and _reads_files(bundle)
        lost = dict.fromkeys(one for one in beyond if one.own or reads)
        self.left_out.update((f"{one.path}: {one.why}", None) for one in bundle.left_out if one not in lost)
        new = [one for one in lost if one not in self.lost]
        self.lost.update(new)
        if new:
            more = f" and {counted(len(new) - 1, 'other')}" if len(new) > 1 else ""
            message = f"the chart in {bundle.path} is read without {os.path.normpath(new[0].path)}{more}: {new[0].why}"
            self.problems.append(Problem(LIMIT, message, bundle.location("")))

    def _may_ask(self, bundle: Bundle) -> bool:
        """Whether a template, or values that somebody gives, speak of node ports."""
        releases = self.releases.of(bundle.path)
        own = (data for name, data in bundle.inputs.items() if templates.scannable(name))
        expressions = (given.text.encode("utf-8", "replace") for one in releases for given in one.sets)
        files = (data for one in releases for data in self.releases.files.of(one).values())
        return any(map(self._speaks, chain(own, expressions, files)))

    def _speaks(self, data: bytes) -> bool:
        if data not in self.speaking:
            self.speaking[data] = speaks_of_node_ports(data)
        return self.speaking[data]


def _reads_files(bundle: Bundle) -> bool:
    """Whether a template asks for files that are none."""
    return any(b"Files" in data for name, data in bundle.inputs.items() if "/templates/" in name)


def _notices(left_out: Sequence[str], borrowed: Sequence[str]) -> Iterator[Notice]:
    if left_out:
        yield Notice(f"{counted(len(left_out), 'file')} of charts not read", tuple(left_out))
    if borrowed:
        count = counted(len(borrowed), "dependency")
        yield Notice(f"{count} of charts taken from elsewhere in the repository", tuple(borrowed))
