"""A key that is meant to be a node-port field and is not: ignored or refused by the API server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from nodeport_lint.checks import NoOptions as Options
from nodeport_lint.checks.fields import ALLOCATE, FIELDS_OF_PORT, HEALTH_CHECK, port_entries, spec_of
from nodeport_lint.model import Context, Finding, Party, Route, Service
from nodeport_lint.yamltext import mapping

TOKENS = ("nodePort", "node_port", "node-port")

ALIKE = 0.82
"""Share of equal letters from which an unknown key counts as a slip: one letter of nodePort lost, added,
changed or two swapped, and not another word such as hostPort (0.75)."""


def check(options: Options, context: Context) -> Iterator[Finding]:
    for service in context.inventory.services:
        for route, entry in port_entries(service):
            unknown = {key: value for key, value in entry.items() if key not in FIELDS_OF_PORT}
            yield from _findings(
                service, route, unknown, {"nodePort": "nodePort", HEALTH_CHECK: f"spec.{HEALTH_CHECK}"}
            )
        right = {
            "nodePort": "spec.ports[].nodePort",
            HEALTH_CHECK: HEALTH_CHECK,
            ALLOCATE: ALLOCATE,
        }
        spec = {key: value for key, value in spec_of(service).items() if key not in (HEALTH_CHECK, ALLOCATE)}
        yield from _findings(service, ("spec",), spec, right)
        metadata = mapping(service.document.value.get("metadata"))
        for route, keys in ((("metadata",), metadata), ((), service.document.value)):
            yield from _findings(service, route, keys, {"nodePort": "spec.ports[].nodePort"})


def _findings(service: Service, route: Route, keys: Mapping[str, Any], right: Mapping[str, str]) -> Iterator[Finding]:
    for key in keys:
        meant = next((field for field in right if _is_slip(key, field)), None)
        if meant is None:
            continue
        place = service.document.places.locate_key((*route, key))
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in (*route, key)).lstrip(".")
        yield Finding(
            f"{path} of {service.object} is not a field of a Service",
            (Party.of_service(service, place, "unknown field"),),
            help=f"{right[meant]} is the field",
        )


@lru_cache(maxsize=4096)
def _is_slip(key: str, field: str) -> bool:
    folded, target = key.replace("_", "").replace("-", "").rstrip(":").lower(), field.lower()
    if folded in (target, f"{target}s") or key == field:
        return True
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, folded, target, autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE
