"""The value that a scalar has for Kubernetes.

kubectl, Helm and the API server read YAML with sigs.k8s.io/yaml, whose resolver is go-yaml v2's: close
to YAML 1.1, and neither PyYAML's 1.1 nor ruamel.yaml's 1.2. Follows ``resolve.go`` of that package.
"""

from __future__ import annotations

import re
from functools import lru_cache

from nodeport_lint.expressions import expression

Value = bool | int | float | str | None

_PREFIX = "tag:yaml.org,2002:"

_WORDS: dict[str, Value] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_NUMBER_STARTS = frozenset("0123456789+-.")
_WORD_STARTS = frozenset("yYnNtTfFoO~.+-")

_FLOAT = expression(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_PREFIXED = expression(r"([-+]?)0([xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)", re.ASCII)
_BASES = {"x": 16, "o": 8, "b": 2}
_DIGITS = expression(r"[-+]?[0-9]+", re.ASCII)
_OCTAL = expression(r"[-+]?0[0-7]+", re.ASCII)


@lru_cache(maxsize=8192)
def resolve(text: str) -> Value:
    """The value of a plain scalar. An integral float is an int: sent as JSON the two are one number."""
    if not text:
        return None
    first = text[0]
    if first in _WORD_STARTS and text in _WORDS:
        return _WORDS[text]
    if first not in _NUMBER_STARTS:
        return text
    if first == ".":
        return _float(text, text) if _FLOAT.fullmatch(text) else text
    digits = text.replace("_", "")
    whole = _whole(digits)
    if whole is not None and -(2**63) <= whole < 2**64:
        return whole
    if _FLOAT.fullmatch(digits):
        return _float(digits, text)
    return text


def _whole(digits: str) -> int | None:
    """As Go's strconv.ParseInt with base 0: a leading zero means octal, unless a digit forbids it."""
    if len(digits) > 80:
        return None
    if _DIGITS.fullmatch(digits):
        if digits.lstrip("+-").startswith("0") and len(digits.lstrip("+-")) > 1:
            return int(digits, 8) if _OCTAL.fullmatch(digits) else None
        return int(digits)
    match = _PREFIXED.fullmatch(digits)
    if match is None:
        return None
    number = int(match[2][1:], _BASES[match[2][0].lower()])
    return -number if match[1] == "-" else number


def _float(digits: str, text: str) -> Value:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        return text
    # encoding/json writes a float64 below 1e21 without an exponent, and an integral one without a point.
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


def resolve_tagged(text: str, tag: str) -> Value:
    """The value of a scalar with an explicit tag. Raises ValueError where the text is none of that type."""
    if not tag.startswith(_PREFIX):
        return text
    kind = tag[len(_PREFIX) :]
    if kind == "str":
        return text
    if kind == "binary":
        import base64
        import binascii

        try:
            return base64.b64decode(text).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise ValueError("!!binary value contains invalid base64 data") from None
    value = resolve(text)
    fits = {
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
        "bool": isinstance(value, bool),
        "null": value is None,
        "timestamp": True,
    }
    if kind not in fits:
        return text
    if not fits[kind]:
        raise ValueError(f"cannot decode {text[:40]!r} as a !!{kind}")
    return text if kind == "timestamp" else value
