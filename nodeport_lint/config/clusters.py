"""The clusters that a configuration declares: which of them a path belongs to, and their ranges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from nodeport_lint.config import Cluster
from nodeport_lint.model import PortRange
from nodeport_lint.patterns import Patterns


class _Declared:
    """An entry with its patterns ready to match."""

    def __init__(self, entry: Cluster) -> None:
        self.entry, self.parts = entry, entry.each.split("/") if entry.each else []
        self.paths, self.exclude = Patterns(entry.paths), Patterns(entry.exclude)


class Clusters:
    """Declared clusters by path and by name. ``usual`` is the range of a cluster that has none of its own."""

    def __init__(self, declared: Sequence[Cluster], usual: PortRange) -> None:
        self.usual = usual
        self.declared = [_Declared(cluster) for cluster in declared]
        self._known: dict[str, str] = {}
        self._named: dict[str, Cluster | None] = {}

    def name_of(self, path: str) -> str:
        """The first cluster that holds a file; empty where none does."""
        if path not in self._known:
            self._known[path] = next(self._holding(path), "")
        return self._known[path]

    def _holding(self, path: str) -> Iterator[str]:
        parts = path.split("/")
        for one in self.declared:
            if one.parts and not _is_below(one.parts, parts[:-1]):
                continue
            if one.exclude.matches(path):
                continue
            if one.parts:
                yield "/".join(parts[: len(one.parts)])
            elif one.paths.matches(path):
                yield one.entry.name

    def named(self, name: str) -> Cluster | None:
        """The entry that declares a cluster, by its own name or as one of several directories."""
        parts = name.split("/")
        by_name = (one.entry for one in self.declared if one.entry.name == name)
        of_several = (
            one.entry
            for one in self.declared
            if len(one.parts) == len(parts) and one.parts and _is_below(one.parts, parts)
        )
        return next(by_name, None) or next(of_several, None)

    def names(self, paths: Iterable[str]) -> list[str]:
        """All clusters: those that are declared by name, and the directories above ``paths`` that are one each."""
        declared = [one.entry.name for one in self.declared if one.entry.name]
        return list(dict.fromkeys((*declared, *filter(None, map(self.name_of, paths)))))

    def range_of(self, name: str) -> PortRange:
        """The node ports of a cluster, or of what no declared cluster holds (the empty name)."""
        if name not in self._named:
            self._named[name] = self.named(name) if name else None
        found = self._named[name]
        return found.range if found is not None and found.range is not None else self.usual

    @property
    def widest(self) -> PortRange:
        """From the first to the last number of any cluster."""
        ranges = self.ranges_of(())
        return PortRange(min(one.first for one in ranges), max(one.last for one in ranges))

    def ranges_of(self, names: Sequence[str]) -> tuple[PortRange, ...]:
        """The ranges of several clusters; of no names, all ranges that there are. Each once."""
        if names:
            return tuple(dict.fromkeys(map(self.range_of, names)))
        own = (one.entry.range for one in self.declared if one.entry.range is not None)
        return tuple(dict.fromkeys((self.usual, *own)))


def _is_below(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a pattern of directories matches a path, or a directory above it."""
    return len(parts) >= len(pattern) and all(map(fnmatchcase, parts, pattern))
