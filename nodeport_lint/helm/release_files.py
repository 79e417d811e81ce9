"""The values files that releases of the configuration name."""

from __future__ import annotations

import os

from nodeport_lint.config import Release
from nodeport_lint.model import Location, NodeportLintError
from nodeport_lint.tree.files import OnDisk

MAX_FILE = 5_000_000
"""Bytes of one of them."""
MAX_GIVEN = 100_000_000
"""Bytes of values that the engine is given for all releases: each is parsed anew."""


class ReleaseFiles:
    """Each file is read once, whichever releases name it and however they write its path."""

    def __init__(self, files: OnDisk) -> None:
        self.files = files
        self._read: dict[str, bytes] = {}
        self._given = 0
        self._counted: set[int] = set()

    def of(self, release: Release) -> dict[str, bytes]:
        """The files of one release by the names that it gives them. Raises NodeportLintError."""
        files = {name: self._file(name, location) for name, location in release.values}
        if id(release) not in self._counted:
            self._counted.add(id(release))
            self._given += sum(map(len, files.values()))
            if self._given > MAX_GIVEN:
                most = f"{MAX_GIVEN / 1e6:.0f} MB, a file counted for each release that names it"
                raise NodeportLintError(f"the engine would be given values of more than {most}", release.location)
        return files

    def _file(self, name: str, location: Location) -> bytes:
        if not self.files.is_plain(name):
            raise NodeportLintError(f"the values file {name!r} does not exist, or is no file", location)
        path = os.path.normpath(name)
        if path not in self._read:
            data, size = self.files.read_sized(path, MAX_FILE)
            if len(data) < size:
                raise NodeportLintError(f"the values file {name!r} is larger than {MAX_FILE / 1e6:.0f} MB", location)
            self._read[path] = data
        return self._read[path]
