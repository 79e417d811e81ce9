"""The clusters that a configuration declares: which of them a path belongs to, and their ranges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from nodeport_lint.config import Cluster
from nodeport_lint.ports import PortRange


class _Declared:
    """An entry with its patterns ready to match."""

    def __init__(self, entry: Cluster) -> None:
        from pathspec import GitIgnoreSpec

        self.entry = entry
        self.paths, self.exclude = GitIgnoreSpec.from_lines(entry.paths), GitIgnoreSpec.from_lines(entry.exclude)


class Clusters:
    """Declared clusters by path and by name. ``usual`` is the range of a cluster that has none of its own."""

    def __init__(self, declared: Sequence[Cluster], usual: PortRange) -> None:
        self.usual = usual
        self.declared = [_Declared(cluster) for cluster in declared]
        self._known: dict[str, str] = {}

    def name_of(self, path: str) -> str:
        """The first cluster that holds a path; empty where none does."""
        if path not in self._known:
            self._known[path] = next(self._matches(path), "")
        return self._known[path]

    def _matches(self, path: str) -> Iterator[str]:
        for one in self.declared:
            if one.exclude.match_file(path):
                continue
            if one.entry.each:
                yield from _directory(one.entry.each, path)
            elif one.paths.match_file(path):
                yield one.entry.name

    def named(self, name: str) -> Cluster | None:
        """The entry that declares a cluster, by its own name or as one of several directories."""
        entries = [one.entry for one in self.declared]
        by_name = (entry for entry in entries if entry.name == name)
        of_several = (entry for entry in entries if entry.each and name in _directory(entry.each, name))
        return next(by_name, None) or next(of_several, None)

    def names(self, paths: Iterable[str]) -> list[str]:
        """All clusters: those that are declared by name, and the directories above ``paths`` that are one each."""
        declared = [one.entry.name for one in self.declared if one.entry.name]
        return list(dict.fromkeys((*declared, *filter(None, map(self.name_of, paths)))))

    def range_of(self, name: str) -> PortRange:
        """The node ports of a cluster, or of what no declared cluster holds (the empty name)."""
        found = self.named(name) if name else None
        return found.range if found is not None and found.range is not None else self.usual

    def ranges_of(self, names: Sequence[str]) -> tuple[PortRange, ...]:
        """The ranges of several clusters; of no names, all ranges that there are. Each once."""
        if names:
            return tuple(dict.fromkeys(map(self.range_of, names)))
        own = (one.entry.range for one in self.declared if one.entry.range is not None)
        return tuple(dict.fromkeys((self.usual, *own)))


def _directory(pattern: str, path: str) -> Iterator[str]:
    """The directory at or above ``path`` that a pattern of directories matches."""
    parts, wanted = path.split("/"), pattern.split("/")
    if len(parts) >= len(wanted) and all(map(fnmatchcase, parts, wanted)):
        yield "/".join(parts[: len(wanted)])
