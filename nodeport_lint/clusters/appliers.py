"""By what a directory, a file or a declaration is applied: what Argo CD, Flux and commands apply, found by path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from nodeport_lint.model import Applied, Declaration, Unit, UnitKind


class Appliers:
    """What is applied, by path: a tree may hold thousands of Applications."""

    def __init__(self, applied: Iterable[Applied]) -> None:
        self._exact: dict[str, list[Applied]] = defaultdict(list)
        self._patterns = []
        self._of: dict[Unit, frozenset[Applied]] = {}
        for one in applied:
            if "*" in one.path:
                self._patterns.append(one)
            else:
                self._exact[one.path].append(one)

    def covering(self, directory: str) -> Iterator[Applied]:
        """Those that apply this very directory; the root is empty, or a dot."""
        yield from self._exact.get(directory or ".", ())
        yield from (one for one in self._patterns if one.covers(directory))

    def taking(self, path: str) -> Iterator[Applied]:
        """Those that apply a plain file, by the directory that holds it or by one above."""
        parts = path.split("/")[:-1]
        for count in range(len(parts) + 1):
            for one in self.covering("/".join(parts[:count])):
                if one.plain and (one.recursive or count == len(parts)):
                    yield one

    def of(self, claim: Declaration) -> frozenset[Applied]:
        """Those that apply a claim: its file where it is plain, else the directory that is rendered. What a command
        applies as it lies there is not rendered."""
        unit = claim.unit
        if unit not in self._of:
            plain = unit.kind == UnitKind.MANIFEST
            found = self.taking(unit.path) if plain else self.covering(unit.path)
            self._of[unit] = frozenset(one for one in found if plain or one.by != "kubectl")
        return self._of[unit]

    def namespace(self, claim: Declaration) -> str | None:
        """A claim's own namespace, or the one that Argo CD or Flux gives to what has none."""
        given = {one.namespace for one in self.of(claim) if one.namespace}
        return claim.object.namespace or (given.pop() if len(given) == 1 else None)
