"""The declarative verb: Services that a JSONPath selects.

``select`` and ``unless`` run over the list of all Services, as the API server would get them, so a
filter can look at any field: ``$[?(@.spec.type == 'NodePort')].spec.type``. The first step of a match
names the Service, the rest the value that the finding points at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import Template
from typing import Any

from nodeport_lint.checks import paths
from nodeport_lint.config import spoken
from nodeport_lint.model import Context, Finding, Inventory, Party, Route, Service

TOKENS = ("nodePort",)

MAX_TEXT = 1_000
"""Characters of a message or a help text."""
MAX_SIZE = 20_000
"""Values of one Service, with aliases followed; real ones have a hundred."""
MAX_WORK = 20_000_000
"""Values that all pages of a run look at."""
MAX_AT_ONCE = 1_000_000
"""Values that one expression looks at where the Services cannot be taken one by one."""
MAX_FINDINGS = 50_000
"""Findings of all pages of a run."""

FIELDS = ("kind", "name", "namespace", "object", "type", "value")
"""What a message may use, as ``$name``."""


@dataclass(frozen=True, slots=True)
class Options:
    """``select``: JSONPath. ``message``: text with ``$object``, ``$name``, ``$namespace``, ``$type``, ``$value``.

    ``unless``: JSONPath of Services to leave out. ``help``: what to do about it.
    """

    select: str
    message: str
    unless: str = ""
    help: str = ""

    def __post_init__(self) -> None:
        paths.compiled(self.select)
        paths.compiled(self.unless or "$")
        if max(len(self.message), len(self.help)) > MAX_TEXT:
            raise ValueError(f"a message or help of more than {MAX_TEXT:,} characters")
        template = Template(self.message)
        try:
            template.substitute(dict.fromkeys(FIELDS, ""))
        except KeyError as error:
            raise ValueError(f"the message uses ${error.args[0]}; it may use ${', $'.join(FIELDS)}") from None
        except ValueError:
            raise ValueError("the message holds a $ that starts no name; write $$ for the character") from None

    def costly(self) -> str:
        """What a page of a scanned tree may not use, since it can run for ever; empty where there is none of it."""
        return next(filter(None, map(paths.costly, filter(None, (self.select, self.unless)))), "")


class _Judged:
    """The Services as pages are run over them, and what the pages of a run have left. ``values`` is empty for a Service
    that is too large."""

    def __init__(self, inventory: Inventory) -> None:
        self.services = inventory.services
        self.work, self.findings = MAX_WORK, MAX_FINDINGS

    @cached_property
    def sizes(self) -> list[int]:
        return [paths.size_of(dict(service.document.value)) for service in self.services]

    @cached_property
    def values(self) -> list[dict[str, Any]]:
        pairs = zip(self.services, self.sizes, strict=True)
        return [dict(service.document.value) if size <= MAX_SIZE else {} for service, size in pairs]

    def portions(self, select: str, unless: str) -> Iterator[range]:
        """Indices of Services that are judged together, as far as the work that is left allows."""
        expressions = list(filter(None, (select, unless)))
        if all(map(paths.is_separable, expressions)):
            costs = [paths.cost_of(expression) for expression in expressions]
            for index, size in enumerate(self.sizes):
                if size > MAX_SIZE:
                    yield range(index + 1, index + 1)
                    continue
                self.work -= sum(cost.over(size) for cost in costs)
                if self.work < 0:
                    return
                yield range(index, index + 1)
        else:
            size = sum(size for size in self.sizes if size <= MAX_SIZE)
            cost = sum(paths.cost_of(expression).over(size) for expression in expressions)
            if cost <= min(self.work, MAX_AT_ONCE):
                self.work -= cost
                yield range(len(self.values))


def _judged(context: Context) -> _Judged:
    """One for all pages of a run, which share what they may cost."""
    kept = None if context.kept is None else context.kept.get("match")
    if isinstance(kept, _Judged):
        return kept
    made = _Judged(context.inventory)
    if context.kept is not None:
        context.kept["match"] = made
    return made


def check(options: Options, context: Context) -> Iterator[Finding]:
    judged = _judged(context)
    done = 0
    for portion in judged.portions(options.select, options.unless):
        for index, route, value in _found(options, judged.values[portion.start : portion.stop]):
            if judged.sizes[portion.start + index] > MAX_SIZE:
                continue
            judged.findings -= 1
            if judged.findings < 0:
                break
            yield _finding(options, judged.services[portion.start + index], route, value)
        if judged.findings < 0:
            break
        done = portion.stop
    why = f"more than {MAX_FINDINGS:,} findings" if judged.findings < 0 else "too many values to look at"
    yield from _not_judged(judged.services[done:], why)
    large = [
        service for service, size in zip(judged.services[:done], judged.sizes[:done], strict=True) if size > MAX_SIZE
    ]
    yield from _not_judged(large, f"more than {MAX_SIZE:,} values with aliases followed")


def _found(options: Options, values: list[Any]) -> Iterator[tuple[int, Route, Any]]:
    spared = {index for index, _, _ in paths.matches(options.unless, values)} if options.unless else set()
    return (match for match in paths.matches(options.select, values) if match[0] not in spared)


def _not_judged(services: Sequence[Service], why: str) -> Iterator[Finding]:
    """One finding for all, at the first."""
    if services:
        first = services[0]
        count = len(services) - 1
        others = f" and {count:,} other{'s' if count > 1 else ''}" if count else ""
        place = first.document.locate(("metadata", "name"))
        yield Finding(f"{first.object}{others} not judged by this rule: {why}", (Party.of_service(first, place),))


def _finding(options: Options, service: Service, route: Route, value: Any) -> Finding:
    identity = service.object
    message = Template(options.message).substitute(
        kind=identity.kind,
        name=identity.name,
        namespace=identity.namespace or "",
        object=str(identity),
        type=service.type,
        value=spoken(value) if isinstance(value, dict | list) else str(value)[:80],
    )
    trail = service.document.places.trail(route)
    party = Party.of_service(service, service.document.locate(route), trail=trail)
    return Finding(message[:MAX_TEXT], (party,), help=options.help)
