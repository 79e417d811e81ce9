"""Charts with sets of values as jobs for an engine, and where a person wrote the characters of their inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from nodeport_lint.config import Release
from nodeport_lint.helm import templates
from nodeport_lint.helm.bundle import Bundle
from nodeport_lint.helm.release_files import ReleaseFiles
from nodeport_lint.helm.values import ValuesTexts
from nodeport_lint.helm.values_sets import ValuesSet, with_files
from nodeport_lint.model import Location, Region, Unit, UnitKind


class Job(NamedTuple):
    """One chart with one set of values. ``expressions``: where each ``--set`` expression is written, and how long it
    is."""

    bundle: Bundle
    values: ValuesSet
    expressions: Mapping[str, tuple[Location, int]] = MappingProxyType({})

    @property
    def unit(self) -> Unit:
        kind = UnitKind.RELEASE if self.values.declared else UnitKind.CHART
        return Unit(kind, self.bundle.path, self.values.variant, self.values.cluster)


def jobs_of(bundle: Bundle, releases: Sequence[Release], files: ReleaseFiles, sets: Sequence[ValuesSet]) -> list[Job]:
    """The releases of a chart; where nobody declares one, ``sets``."""
    return [_of_release(bundle, one, files) for one in releases] or [Job(bundle, one) for one in sets]


def _of_release(bundle: Bundle, release: Release, files: ReleaseFiles) -> Job:
    held = files.of(release)
    expressions = {f"@set/{index}": given for index, given in enumerate(release.sets)}
    chosen = ValuesSet(
        variant="/".join(filter(None, (release.namespace, release.name))),
        values=tuple(f"user/{path}" for path in held),
        sets=tuple((given.flag, path) for path, given in expressions.items()),
        release=release.name,
        namespace=release.namespace,
        declared=True,
        cluster=release.cluster,
    )
    whole = with_files(bundle, held, [(path, given.text) for path, given in expressions.items()])
    return Job(whole, chosen, {path: (given.location, len(given.text)) for path, given in expressions.items()})


def location_of(job: Job, texts: ValuesTexts, path: str, region: Region) -> Location:
    """Where characters of an input stand in the tree, with the key of a value."""
    if path in job.expressions:
        return _in_expression(*job.expressions[path], region)
    place = job.bundle.location(path)
    if place.note:
        return place._replace(note=f"{place.note}, line {region.line}")
    if templates.markable(path):
        return place._replace(region=region)
    return place._replace(region=region, route=texts.route(job.bundle, path, region))


def _in_expression(place: Location, length: int, region: Region) -> Location:
    """Characters of a ``--set`` expression where the configuration holds it as it is, else the whole of it."""
    own = place.region
    if own is None or own.line != own.end_line or own.end_column - own.column != length:
        return place
    start = own.column + region.column - 2
    return place._replace(region=Region.within(own.line, start, start + region.end_column - region.column))
