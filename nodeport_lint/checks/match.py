"""The declarative verb: Services that a JSONPath selects.

``select`` and ``unless`` run over the list of all Services, as the API server would get them, so a
filter can look at any field: ``$[?(@.spec.type == 'NodePort')].spec.type``. The first step of a match
names the Service, the rest the value that the finding points at.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from string import Template
from typing import Any

from nodeport_lint.config import spoken
from nodeport_lint.model import Context, Finding, NodeportLintError, Party, Route, Service

TOKENS = ("nodePort",)

MAX_LENGTH = 500
"""Characters of an expression."""

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
        _compiled(self.select)
        _compiled(self.unless or "$")
        template = Template(self.message)
        try:
            template.substitute(dict.fromkeys(FIELDS, ""))
        except KeyError as error:
            raise ValueError(f"the message uses ${error.args[0]}; it may use ${', $'.join(FIELDS)}") from None
        except ValueError:
            raise ValueError("the message holds a $ that starts no name; write $$ for the character") from None

    def costly(self) -> str:
        """What a page of a scanned tree may not use, since it can run for ever; empty where there is none of it."""
        for expression in filter(None, (self.select, self.unless)):
            if "=~" in expression:
                return "=~"
            if expression.count("..") > 1:
                return ".. more than once in an expression"
            odd = _kinds(_compiled(expression), 0) - _PLAIN
            if odd:
                return f"{', '.join(sorted(odd))} in an expression"
        return ""


_PLAIN = frozenset(
    {"Root", "This", "Child", "Fields", "Wildcard", "Index", "Slice"}
    | {"Filter", "Expression", "Descendants", "Union", "_Union"}
)
"""Steps of a JSONPath that neither compute nor rewrite: no sub(), no arithmetic, no sorting."""


def _kinds(node: Any, depth: int) -> set[str]:
    """The kinds of steps of a compiled expression."""
    if depth > 100 or not type(node).__module__.startswith("jsonpath_ng"):
        return set()
    found = {type(node).__name__}
    for part in vars(node).values():
        for one in part if isinstance(part, list | tuple) else (part,):
            found |= _kinds(one, depth + 1)
    return found


def check(options: Options, context: Context) -> Iterator[Finding]:
    services = context.inventory.services
    values = [dict(service.document.value) for service in services]
    spared = {index for index, _, _ in _matches(options.unless, values)} if options.unless else set()
    for index, route, value in _matches(options.select, values):
        if index not in spared:
            yield _finding(options, services[index], route, value)


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
    return Finding(message, (party,), trail, help=options.help)


def _matches(expression: str, values: list[dict[str, Any]]) -> Iterator[tuple[int, Route, Any]]:
    from jsonpath_ng import Fields, Index

    try:
        matches = _compiled(expression).find(values)
    except Exception as error:
        # Filters compare whatever the manifests hold; jsonpath-ng does not expect every type everywhere.
        reason = f"{type(error).__name__}: {error}"
        raise NodeportLintError(f"the JSONPath {expression!r} cannot be used here ({reason})") from None
    for match in matches:
        steps: list[str | int] = []
        at: Any = match
        while at.context is not None:
            path = at.path
            if isinstance(path, Index):
                steps.extend(reversed(path.indices))
            elif isinstance(path, Fields):
                steps.extend(reversed(path.fields))
            at = at.context
        steps.reverse()
        if steps and isinstance(steps[0], int):
            yield steps[0], tuple(steps[1:]), match.value


_AND = re.compile(r"'[^']*'|\"[^\"]*\"|&+")


@lru_cache(maxsize=256)
def _compiled(expression: str) -> Any:
    """Raises ValueError for text that is no JSONPath."""
    if len(expression) > MAX_LENGTH:
        raise ValueError(f"a JSONPath of more than {MAX_LENGTH} characters")
    if "&" in _AND.findall(expression):
        raise ValueError(f"{expression!r}: write && for and")
    from jsonpath_ng.exceptions import JSONPathError
    from jsonpath_ng.ext.parser import parse

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return parse(expression)
        except JSONPathError as error:
            raise ValueError(f"{expression!r}: {error}") from None
        except Exception as error:
            # jsonpath-ng's lexer and parser let faults of their own through for some malformed text.
            raise ValueError(f"{expression!r} is not a JSONPath ({type(error).__name__}: {error})") from None
