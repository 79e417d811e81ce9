"""Whether a text can ask for node ports at all: what does not is passed over, so that in doubt it does."""

from __future__ import annotations

import re

from nodeport_lint.expressions import expression
from nodeport_lint.yamltext.escapes import unescaped

_LOAD_BALANCER = expression(rb"^[^#\n]*type[\"']?:[ \t]*[\"']?LoadBalancer", re.IGNORECASE | re.MULTILINE)
"""For which the cluster opens node ports."""

_KEYS = (b"nodePort", b"healthCheckNodePort")
_BEGINNINGS = b"|".join(sorted({key[:end] for key in _KEYS for end in range(1, len(key))}, reverse=True))
_ENDS = b"|".join(sorted({key[begin:] for key in _KEYS for begin in range(1, len(key))}, reverse=True))
_COLON = rb"(?:[\"'][ \t]*+:|[ \t]*+:(?=\s|\{\{|\Z))"
_ENDS_KEY = expression(rb"(?:\}\}|-\}\}\s++)(?:%b)%b" % (_ENDS, _COLON))
"""``}}Port:``: the key began in front of an action, or is what it gives."""
_BEGINS_KEY = expression(rb"(?<![\w.-])(?:%b)(?:\{\{|\s++\{\{-)" % _BEGINNINGS)
"""``node{{``"""
_GOES_ON = expression(rb"\}\}(?:[\w-]*+\{\{|%b)" % _COLON)
"""Behind an action, with text or none: another one, or the end of the key."""
_LETTER = expression(rb"[nodePrthealCkc](?:\{\{|\s++\{\{-)")
"""A letter of the key in front of an action: without one, nothing begins there."""


def speaks_of_node_ports(data: bytes) -> bool:
    """Whether a template, values or a manifest does: in words, with a key of which an action gives a part, or with one
    that is written with escapes. One in which no text does asks for none."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    if _says_so(data):
        return True
    if b"{{" in data and (_ENDS_KEY.search(data) or _begins_key(data)):
        return True
    return _says_so(unescaped(data))


def _says_so(data: bytes) -> bool:
    """Node ports by name, or a load balancer. Looked for as plain text, which is ten times as fast as a pattern."""
    lowered = data.lower()
    if b"nodeport" in lowered or b"node_port" in lowered:
        return True
    return b"loadbalancer" in lowered and _LOAD_BALANCER.search(data) is not None


def _begins_key(data: bytes) -> bool:
    """Whether ``node`` or a beginning of it stands in front of actions, and a colon behind them."""
    at = 0 if _LETTER.search(data) else len(data)
    while found := _BEGINS_KEY.search(data, at):
        at = found.end()
        while True:
            at = data.find(b"}}", at)
            if at < 0:
                return False
            more = _GOES_ON.match(data, at)
            at += 2
            if more is None:
                # What begins within these actions would go the same way.
                break
            if not more[0].endswith(b"{{"):
                return True
            at = more.end()
    return False
