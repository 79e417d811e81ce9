"""What is known of a kustomization by reading it."""

from __future__ import annotations

from typing import NamedTuple

from nodeport_lint.model import Problem

PROBLEM = "unrendered-kustomization"
"""The kind of what is wrong with one."""


class Gap(NamedTuple):
    """Characters of a kustomization that cannot be followed here, and without which the rest can be rendered.

    ``kind``: ``resource``, ``component`` or ``plugin`` for a reference to such a thing, ``charts`` for a key with its
    value, which gives resources.
    """

    kind: str
    start: int
    end: int
    path: str = ""
    """Where something empty can lie, so that the text need not change."""


class Kustomization(NamedTuple):
    """One directory with a kustomization. Paths are relative to the root; ``files`` and ``directories`` exist.

    ``blocked``: a reference that nobody can follow here, so that it does not render, ``gaps`` aside.
    """

    path: str
    directory: str
    component: bool
    files: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    """Those of the files that hold objects, and no patches or settings."""
    problems: tuple[Problem, ...] = ()
    blocked: bool = False
    gaps: tuple[Gap, ...] = ()
    inputs: tuple[str, ...] = ()
    """Those of the files of which ConfigMaps and Secrets are made."""
    chart_values: tuple[str, ...] = ()
    """Values for charts that it would inflate; none of the files."""
    has_resources: bool = False
    """Whether there is a list of them, empty or not."""
    namespace: str = ""
    """Of all its objects, whatever they say themselves."""
    plugins: tuple[str, ...] = ()
    """Those of the files that refer to others, as kustomizations do."""
    absent: tuple[str, ...] = ()
    """Files for generators of ConfigMaps and Secrets that are not in the repository, as is usual for secrets."""
