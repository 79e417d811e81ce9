"""The values files that releases of the configuration name."""

from __future__ import annotations

import os

from nodeport_lint.config import Release
from nodeport_lint.model import Location, NodeportLintError
from nodeport_lint.repository import is_plain_file
from nodeport_lint.sources.values import MAX_BYTES

MAX_TOTAL = 200_000_000
"""Bytes of all values files of releases."""


class ReleaseFiles:
    """Each file is read once, whichever releases name it and however they write its path."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._read: dict[str, bytes] = {}
        self._total = 0

    def of(self, release: Release) -> dict[str, bytes]:
        """The files of one release by the names that it gives them. Raises NodeportLintError."""
        return {name: self._file(name, location) for name, location in release.values}

    def _file(self, name: str, location: Location) -> bytes:
        place = os.path.join(self.root, name)
        if not is_plain_file(place):
            raise NodeportLintError(f"the values file {name!r} does not exist, or is no file", location)
        place = os.path.realpath(place)
        if place not in self._read:
            if os.path.getsize(place) > MAX_BYTES:
                raise NodeportLintError(f"the values file {name!r} is larger than {MAX_BYTES / 1e6:.0f} MB", location)
            with open(place, "rb") as file:
                self._read[place] = file.read(MAX_BYTES)
            self._total += len(self._read[place])
            if self._total > MAX_TOTAL:
                message = f"the values files of all releases hold more than {MAX_TOTAL / 1e6:.0f} MB"
                raise NodeportLintError(message, location)
        return self._read[place]
