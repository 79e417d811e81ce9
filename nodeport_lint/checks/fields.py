"""What several verbs need to know about the fields of a Service that carry node ports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nodeport_lint.model import Route, Service
from nodeport_lint.yamltext import mapping

FIELDS_OF_PORT = ("appProtocol", "name", "nodePort", "port", "protocol", "targetPort")
"""The keys of an entry of ``spec.ports`` (kubernetes api core/v1 types.go, ServicePort)."""

HEALTH_CHECK = "healthCheckNodePort"
ALLOCATE = "allocateLoadBalancerNodePorts"


def spec_of(service: Service) -> Any:
    return mapping(service.document.value.get("spec"))


def port_entries(service: Service) -> Iterator[tuple[Route, dict[str, Any]]]:
    """The entries of ``spec.ports`` that are mappings, each with its route."""
    ports = spec_of(service).get("ports")
    for index, entry in enumerate(ports if isinstance(ports, list) else ()):
        if isinstance(entry, dict):
            yield ("spec", "ports", index), entry
