"""Documents in, Services and the node ports that they ask for out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nodeport_lint.model import Declaration, Document, Inventory, Object, Route, Service
from nodeport_lint.ports import NODE_PORT_TYPES
from nodeport_lint.yamltext import mapping

MAX_NAME = 253
"""Characters of a name (RFC 1123 subdomain, the longest that Kubernetes takes); more is cut off."""
INT32 = range(-(2**31), 2**31)


def collect(documents: Iterable[Document]) -> Inventory:
    """Objects, and the Services among them, in their order."""
    kept = tuple(documents)
    return Inventory(documents=kept, services=tuple(map(_service, (one for one in kept if is_service(one.value)))))


def is_service(value: Mapping[str, Any]) -> bool:
    """Only ``v1`` has node ports: other groups (Knative, for one) use the kind for something else."""
    return value.get("kind") == "Service" and value.get("apiVersion") == "v1"


def _service(document: Document) -> Service:
    value = document.value
    metadata = mapping(value.get("metadata"))
    name, namespace = metadata.get("name"), metadata.get("namespace")
    identity = Object("Service", _text(namespace) or None, _text(name))
    spec = mapping(value.get("spec"))
    kind = spec.get("type")
    service_type = _text(kind) or ("ClusterIP" if kind in (None, "") else "a mapping or list")
    reader = _Reader(document, identity, spec, service_type)
    return Service(identity, service_type, document, tuple(reader.declarations()))


def _text(value: object) -> str:
    """A value as the manifest means it: an unquoted y is true to Kubernetes, and not Python's True."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, dict | list):
        return ""
    text = str(value)
    return text if len(text) <= MAX_NAME else f"{text[:MAX_NAME]}..."


class _Reader:
    """Reads the ports of one Service. A value that does not decode declares nothing: a verb reports it."""

    def __init__(self, document: Document, identity: Object, spec: Mapping[str, Any], service_type: str) -> None:
        self.document, self.identity, self.spec, self.type = document, identity, spec, service_type

    def declarations(self) -> Iterator[Declaration]:
        ports = self.spec.get("ports")
        for index, entry in enumerate(ports if isinstance(ports, list) else ()):
            if isinstance(entry, dict):
                yield from self._node_port(index, entry)
        number = decoded(self.spec.get("healthCheckNodePort"))
        if number:
            # Valid only here (validation.go, validateServiceExternalTrafficPolicy); from the same pool.
            live = self.type == "LoadBalancer" and self.spec.get("externalTrafficPolicy") == "Local"
            yield self._declare(number, "healthCheckNodePort", {}, ("spec", "healthCheckNodePort"), live)

    def _node_port(self, index: int, entry: Mapping[str, Any]) -> Iterator[Declaration]:
        number = decoded(entry.get("nodePort"))
        if number:
            # An ExternalName Service stores the number, and the repair loop of the API server reserves it.
            live = self.type in NODE_PORT_TYPES or self.type == "ExternalName"
            yield self._declare(number, "nodePort", entry, ("spec", "ports", index, "nodePort"), live)
        elif number == 0 and self._allocates():
            yield self._declare(None, "nodePort", entry, ("spec", "ports", index), True)

    def _allocates(self) -> bool:
        if self.type == "LoadBalancer":
            return self.spec.get("allocateLoadBalancerNodePorts") is not False
        return self.type == "NodePort"

    def _declare(
        self, number: int | None, field: str, entry: Mapping[str, Any], route: Route, live: bool
    ) -> Declaration:
        port, target = entry.get("port"), entry.get("targetPort")
        return Declaration(
            number=number,
            field=field,
            protocol=_text(entry.get("protocol")) or "TCP",
            port=port if isinstance(port, int) else None,
            target_port=target if isinstance(target, int) else _text(target) or None,
            object=self.identity,
            service_type=self.type,
            live=live,
            unit=self.document.unit,
            document=self.document,
            route=route,
            location=self.document.locate(route),
            trail=self.document.places.trail(route),
            fixed=self.document.places.fixed(route),
        )


def decoded(value: object) -> int | None:
    """The int32 that the API server decodes; 0 where the value is unset; None where it refuses it."""
    if value is None:
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and value in INT32:
        return value
    return None
