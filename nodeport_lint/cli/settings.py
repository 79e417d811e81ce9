"""Arguments and the environment to settings: the root, the configuration, how charts are rendered."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from nodeport_lint.cli.printing import warn

if TYPE_CHECKING:
    from nodeport_lint.config import Config
    from nodeport_lint.config.clusters import Clusters
    from nodeport_lint.model import Inventory
    from nodeport_lint.reading import Rendering

MAX_CONFIG = 1_000_000
"""Characters of a configuration file that are read."""


def root_of(paths: tuple[str, ...]) -> tuple[str, list[str]]:
    """The common root of the paths, and the paths relative to it."""
    from nodeport_lint.model import NodeportLintError
    from nodeport_lint.tree import find_root

    root = find_root(paths[0])
    only = []
    for name in paths:
        if find_root(name) != root:
            raise NodeportLintError(f"{name!r} is in another repository than {paths[0]!r}: run once for each")
        # A link means what it leads to, as it does to every other program.
        only.append(os.path.relpath(os.path.realpath(name), root).replace(os.sep, "/"))
    return root, only


def inventory_of(path: str, options: dict[str, Any]) -> tuple[Inventory, Config]:
    from nodeport_lint.formats.words import printable
    from nodeport_lint.reading import read_all

    root, _ = root_of((path,))
    config = config_of(root, options["config_file"], options["isolated"], options["range_text"], options["registry"])
    inventory, _, notices = read_all(root, config, ["nodePort"], rendering=rendering_of(options))
    for notice in notices:
        warn(f"notice: {printable(notice.message)}")
    return inventory, config


def cluster_called(name: str, clusters: Clusters, inventory: Inventory) -> str:
    """The cluster that a person names, whole or by the last part of its directory."""
    from nodeport_lint.config import did_you_mean
    from nodeport_lint.model import NodeportLintError

    known = clusters.names(claim.file for claim in inventory.declarations)
    known += sorted({claim.unit.cluster for claim in inventory.declarations if claim.unit.cluster} - set(known))
    meant = [one for one in known if one == name] or [one for one in known if one.rpartition("/")[2] == name]
    if len(meant) == 1:
        return meant[0]
    raise NodeportLintError(f"the configuration declares no cluster {name!r}{did_you_mean(name, known)}")


def rendering_of(options: dict[str, Any]) -> Rendering:
    from nodeport_lint.reading import Rendering

    cache = None
    if not options["no_cache"]:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        cache = os.path.join(home, "nodeport-lint") if os.path.isabs(home) else None
    progress = _on_terminal if sys.stderr.isatty() else _Log()
    kustomize = options["kustomize_engine"] != "none"
    search = os.environ.get("PATH", "")
    return Rendering(options["helm_engine"], search, cache, progress, kustomize, options["timeout"])


class _Log:
    """Signs of life for a log, seldom: a job that says nothing for minutes is taken for dead."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self.last > 20:
            self.last = time.monotonic()
            warn(f"nodeport-lint: rendering: {done} of {total}")


def engine_reason(name: str, rendering: Rendering) -> str:
    """Why no engine renders charts (``helm``) or kustomizations (``kustomize``); nothing where one does."""
    from nodeport_lint.engines.cache import Cache
    from nodeport_lint.helm.engines import choose_helm
    from nodeport_lint.kustomize.engines import choose_kustomize

    search, here, cache = rendering.search, os.getcwd(), Cache(rendering.cache)
    if name == "helm":
        chosen = choose_helm(rendering.helm, search, here, cache)
    else:
        chosen = choose_kustomize(rendering.kustomize, search, here, cache)
    if chosen.engine is not None:
        chosen.engine.close()
    return chosen.reason


def _on_terminal(done: int, total: int) -> None:
    """One line of standard error that is written over; nothing is left of it at the end."""
    text = f"rendering: {done} of {total}" if done < total else ""
    click.echo(f"\r\x1b[K{text}", nl=False, err=True)


def config_of(
    root: str, file: str | None, isolated: bool, range_text: str | None = None, registry: tuple[str, ...] = ()
) -> Config:
    from nodeport_lint.config import FILE_NAMES, Config, parse_config
    from nodeport_lint.model import NodeportLintError
    from nodeport_lint.ports import parse_range
    from nodeport_lint.tree.files import OnDisk

    if file and isolated:
        raise NodeportLintError("--config and --isolated exclude each other")
    config = Config()
    here = [name for name in FILE_NAMES if os.path.lexists(os.path.join(root, name))]
    if len(here) > 1:
        raise NodeportLintError(f"there are two configuration files, {here[0]} and {here[1]}: keep one")
    label = file or (here[0] if here and not isolated else None)
    if label is not None:
        if file is None and not OnDisk(root).is_plain(label):
            raise NodeportLintError(f"the configuration {label!r} of the repository must be a file, and no link")
        try:
            with open(file or os.path.join(root, label), encoding="utf-8-sig") as opened:
                text = opened.read(MAX_CONFIG + 1)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise NodeportLintError(f"the configuration {label!r} cannot be read: {reason}") from None
        if len(text) > MAX_CONFIG:
            raise NodeportLintError(f"the configuration {label!r} is longer than {MAX_CONFIG} characters")
        config = parse_config(text, label)
    if range_text is not None:
        try:
            config = config._replace(range=parse_range(range_text))
        except ValueError as error:
            raise NodeportLintError(f"--range: {error}") from None
    return _with_registries(root, config, registry)


def _with_registries(root: str, config: Config, given: tuple[str, ...]) -> Config:
    """The allocation documents of the command line are relative to where the user is, and replace the others."""
    from nodeport_lint.model import NodeportLintError
    from nodeport_lint.tree.files import OnDisk

    if given:
        paths = [os.path.relpath(os.path.realpath(path), root).replace(os.sep, "/") for path in given]
        alone = tuple(cluster._replace(registry=()) for cluster in config.clusters)
        config = config._replace(registry=tuple(paths), clusters=alone)
    # What lies in each of several directories need not lie in all of them.
    of_one = [path for cluster in config.clusters if not cluster.each for path in cluster.registry]
    for path in (*(config.registry or ()), *of_one):
        if path.startswith("../"):
            raise NodeportLintError(f"the allocation document {path!r} is outside the repository")
        if not OnDisk(root).is_plain(path):
            raise NodeportLintError(f"the allocation document {path!r} does not exist, or is no file")
    return config
