"""Which engine renders charts: the user's own helm, else the embedded one, else none."""

from __future__ import annotations

import os
from typing import NamedTuple

from nodeport_lint.model import NodeportLintError
from nodeport_lint.model.render import Engine, RenderError
from nodeport_lint.renderers.cache import Cache

ENGINES = ("auto", "cli", "sdk", "none")
REMEDY = "put helm 3 or 4 on PATH, or pip install 'nodeport-lint[helm]'"


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
        chosen = _command(search, root, cache) if name == "cli" else _embedded(root)
        if chosen.engine is not None:
            return chosen
        reasons.append(chosen.reason)
    if kind != "auto":
        raise NodeportLintError(f"--helm-engine {kind}: {reasons[0]}")
    # Where nothing is installed the first reason says enough; a broken installation is worth a word.
    told = [reason for reason in reasons[1:] if "not installed" not in reason]
    return Chosen(None, ", ".join([reasons[0], *told]))


def _command(search: str, root: str, cache: Cache) -> Chosen:
    from nodeport_lint.renderers.helm_command import HelmCommand, find, version_of

    command = find(search, root)
    if command is None:
        return Chosen(None, "no helm found on PATH")
    try:
        state = os.stat(command)
        key = f"engine-{state.st_size}-{state.st_mtime_ns}-{abs(hash_of(command))}"
        version = cache.get(key)
        if not isinstance(version, str):
            version = version_of(command)
            cache.put(key, version)
    except RenderError as error:
        return Chosen(None, error.message)
    except OSError as error:
        return Chosen(None, f"{command}: {error.strerror}")
    return Chosen(HelmCommand(command, version))


def hash_of(text: str) -> int:
    """A number for a text, the same in every run."""
    from zlib import crc32

    return crc32(text.encode("utf-8", "surrogateescape"))


def _embedded(root: str) -> Chosen:
    from nodeport_lint.renderers.helm_embedded import HelmEmbedded

    try:
        return Chosen(HelmEmbedded.start(root))
    except RenderError as error:
        return Chosen(None, error.message)
