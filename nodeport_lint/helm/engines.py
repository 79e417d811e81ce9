"""Which Helm renders: the user's own program, else the one that comes as a package, else none."""

from __future__ import annotations

from contextlib import suppress

from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.child import Probe
from nodeport_lint.engines.programs import Chosen, find, is_known, version
from nodeport_lint.model import NodeportLintError
from nodeport_lint.model.render import RenderError

REMEDY = "put helm 3 or 4 on PATH, or pip install 'nodeport-lint[helm]'"


def choose_helm(kind: str, search: str, root: str, cache: Cache, asked: Probe | None = None) -> Chosen:
    """``kind`` is ``auto``, ``cli``, ``sdk`` or ``none``, ``search`` a PATH. A program below ``root`` is never run.
    ``asked``: that program, inside the fence, where it was asked already.

    Raises NodeportLintError where the engine that was asked for by name is not there.
    """
    if kind == "none":
        return Chosen(None, "--helm-engine none")
    reasons = []
    for name in ("cli", "sdk") if kind == "auto" else (kind,):
        chosen = _helm_command(search, root, cache, asked) if name == "cli" else _embedded(root)
        if chosen.engine is not None:
            return chosen
        reasons.append(chosen.reason)
    if kind != "auto":
        raise NodeportLintError(f"--helm-engine {kind}: {reasons[0]}")
    # Where nothing is installed the first reason says enough; a broken installation is worth a word.
    told = [reason for reason in reasons[1:] if "not installed" not in reason]
    return Chosen(None, ", ".join([reasons[0], *told]))


class AskedAhead:
    """``choose_helm`` in two steps: the user's program is asked at once what it is, and answers while charts are read.
    Where it is known, or there is none, nothing is started."""

    def __init__(self, kind: str, search: str, root: str, cache: Cache) -> None:
        self.given = kind, search, root, cache
        self.asked: Probe | None = None
        command = find("helm", search, root) if kind in ("auto", "cli") else None
        if command is not None and not is_known(command, cache):
            from nodeport_lint.helm.command import asked

            # What cannot be started is asked again, and then it is told.
            with suppress(RenderError):
                self.asked = asked(command, fenced=True)

    def choose(self) -> Chosen:
        """As ``choose_helm``."""
        return choose_helm(*self.given, self.asked)

    def close(self) -> None:
        """Ends the program, for whom nobody has chosen."""
        if self.asked is not None:
            self.asked.close()


def _helm_command(search: str, root: str, cache: Cache, ahead: Probe | None = None) -> Chosen:
    from nodeport_lint.helm.command import HelmCommand, asked, version_told

    def version_of(command: str, fenced: bool) -> str:
        return version_told(command, ahead if ahead is not None and fenced else asked(command, fenced))

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
