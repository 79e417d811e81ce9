"""The embedded engine in a process of its own: frames on standard input and output, one render each.

Run by ``helm_embedded``, never imported. A frame is its length in bytes, a line end, and JSON. Helm's Go code
writes to standard output and error as it likes, so the answers go out through a copy of the descriptor.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from typing import Any, BinaryIO


def main() -> None:
    """Answers frames until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        import helm_python
        from helm_python import _native
    except Exception as error:
        # Where no wheel fits, pip installs the package without its library: not an ImportError.
        _send(answers, {"error": f"{type(error).__name__}: {error}"})
        return
    _send(answers, {"version": helm_python.helm_sdk_version()})
    while (request := _receive(sys.stdin.buffer)) is not None:
        _limit(request["seconds"])
        _send(answers, _answer(request, helm_python, _native))


def _receive(stream: BinaryIO) -> Any:
    size = stream.readline()
    return json.loads(stream.read(int(size))) if size.strip() else None


def _send(stream: BinaryIO, value: Any) -> None:
    data = json.dumps(value).encode()
    stream.write(b"%d\n" % len(data))
    stream.write(data)
    stream.flush()


def _limit(seconds: float) -> None:
    """Bounds the processor time of one render, which ends this process; also where the one that asked was killed."""
    try:
        import resource
    except ImportError:
        return
    most = math.ceil(time.process_time() + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answer(request: dict[str, Any], helm: Any, native: Any) -> dict[str, Any]:
    try:
        values = _values(request, helm)
        options = {"name": request["release"], "namespace": request["namespace"]}
        # A render changes its chart, so each gets one of its own; it lives until the call has returned.
        chart = helm.Chart.load(request["chart"])
        rendered = native.call_string("helm_render", chart._raw(), json.dumps(values), json.dumps(options))
        chart.close()
        return {"templates": json.loads(rendered)}
    except Exception as error:
        return {"error": str(error)}


def _values(request: dict[str, Any], helm: Any) -> dict[str, Any]:
    """Values files in their order, and then the expressions, as the command line lays them over each other."""
    values: dict[str, Any] = {}
    for name, path in request["values"]:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        try:
            values = merged(values, helm.values_from_yaml(text) or {})
        except Exception as error:
            # As the command says it, so that the place is found in the same way.
            raise ValueError(f"failed to parse {name}: {error}") from error
    parsers = {
        "--set": helm.parse_set_string, "--set-string": helm.parse_set_string_values, "--set-json": helm.parse_set_json,
    }  # fmt: skip
    for flag, text in request["sets"]:
        values = merged(values, parsers[flag](text), lists=True)
    return values


def merged(under: Any, over: Any, lists: bool = False) -> Any:
    """Maps merge, anything else replaces. ``lists``: an expression names items of a list, and None stands for
    those that it does not name."""
    if isinstance(under, dict) and isinstance(over, dict):
        return {**under, **{key: merged(under.get(key), value, lists) for key, value in over.items()}}
    if lists and isinstance(under, list) and isinstance(over, list):
        both = min(len(under), len(over))
        pairs = zip(under[:both], over[:both], strict=True)
        merged_items = [merged(old, new, lists) if new is not None else old for old, new in pairs]
        return [*merged_items, *under[both:], *over[both:]]
    return over


if __name__ == "__main__":
    main()
