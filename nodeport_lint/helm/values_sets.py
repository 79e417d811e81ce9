"""With which values a chart is rendered: its defaults, the sets beside it by convention, releases of the config."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from nodeport_lint.expressions import expression
from nodeport_lint.helm.bundle import TOP, Bundle
from nodeport_lint.helm.chart_files import FileOrigin

MAX_SETS = 300
"""Sets by convention of one chart that are rendered."""

_BY_CONVENTION = expression(r"(?:values[-.][^/]+|[^/]+[-.]values|ci/[^/]*values)\.ya?ml")


class ValuesSet(NamedTuple):
    """``variant`` names it for people: the file relative to the chart, or the release. ``release`` and ``namespace``
    are known only for releases of the configuration."""

    variant: str
    values: tuple[str, ...] = ()
    sets: tuple[tuple[str, str], ...] = ()
    release: str = ""
    namespace: str = ""
    declared: bool = False
    cluster: str = ""

    @property
    def is_sure(self) -> bool:
        """Whether these are values of the chart; a file beside it may be something else."""
        return self.declared or not self.variant


DEFAULTS = ValuesSet("")


def is_set_by_convention(path: str) -> bool:
    """``values-prod.yaml``, ``values.prod.yaml``, ``prod-values.yaml``, ``ci/some-values.yaml``, in the chart."""
    return _BY_CONVENTION.fullmatch(path) is not None


def by_convention(bundle: Bundle, without: Collection[str] = ()) -> tuple[list[ValuesSet], int]:
    """The defaults and the sets beside the chart, and how many more there are than are taken.

    ``without``: paths in the repository of files that are none of its own.
    """
    prefix = f"{TOP}/"
    found = sorted(
        path.removeprefix(prefix)
        for path in bundle.inputs
        if is_set_by_convention(path.removeprefix(prefix)) and bundle.origins[path].path not in without
    )
    taken = [ValuesSet(path, (f"{prefix}{path}",)) for path in found[:MAX_SETS]]
    return [DEFAULTS, *taken], len(found) - len(taken)


def inputs_for(bundle: Bundle, chosen: ValuesSet) -> dict[str, bytes]:
    """The inputs of one set: files of other sets, of the chart's own tests, and prose are left out.

    They take no part, and each number in them would be one more to tell apart.
    """
    prefix = f"{TOP}/"
    return {
        path: data
        for path, data in bundle.inputs.items()
        if path in chosen.values or not _takes_no_part(path.removeprefix(prefix))
    }


_PROSE = expression(r"(?:charts/[^/]+/)*(?:README|CHANGELOG|LICENSE)[^/]*", re.IGNORECASE)


def _takes_no_part(path: str) -> bool:
    return is_set_by_convention(path) or path.startswith(("ci/", "tests/")) or _PROSE.fullmatch(path) is not None


def with_files(bundle: Bundle, files: Mapping[str, bytes], expressions: Iterable[tuple[str, str]]) -> Bundle:
    """A bundle with further inputs: ``files`` by their path in the repository, and ``--set`` expressions by theirs."""
    inputs = {f"user/{path}": data for path, data in files.items()}
    origins = {f"user/{path}": FileOrigin(path) for path in files}
    expression_inputs = {path: text.encode("utf-8", "surrogateescape") for path, text in expressions}
    # A view of both: there may be many releases of a chart of many files.
    return bundle._replace(
        inputs=ChainMap({**inputs, **expression_inputs}, bundle.inputs), origins=ChainMap(origins, bundle.origins)
    )


def release_name(chart: str) -> str:
    """A name for an install that nobody named: the chart's own, as far as Helm takes it."""
    name = re.sub("[^a-z0-9-]", "-", chart.lower())[:53].strip("-")
    return name or "release-name"
