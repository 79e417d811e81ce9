"""Are the source lines true? Every node port of every chart, all with one number, against unique numbers.

    python benchmarks/lines.py DIRECTORY [PATH_OF_HELM | sdk]

For each chart of the directory a values file is made that sets every node-port key of the chart and of its
sub-charts and makes every Service a NodePort. With unique numbers the output itself says which line each port
came from: that is the truth. Then all lines get the number 30080, and the tool must find the same lines.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from nodeport_lint import yamltext
from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.outcome import Outcome
from nodeport_lint.engines.rendered import Watch
from nodeport_lint.engines.speaking import speaks_of_node_ports
from nodeport_lint.helm import templates
from nodeport_lint.helm.bundle import TOP, Bundle, Charts, UnbundledError
from nodeport_lint.helm.engines import choose_helm
from nodeport_lint.helm.render import render_set
from nodeport_lint.helm.values_sets import ValuesSet, with_files
from nodeport_lint.model.render import Engine
from nodeport_lint.tree import read_tree

KEY = re.compile(r"^(?:[a-z0-9]*[-_.]?)node_?ports?$", re.IGNORECASE)
TYPES = {"ClusterIP", "LoadBalancer", "NodePort"}
SAME = 30080
FILE = "user/values.yaml"


def switched_on(value: Any, numbers: Iterator[int]) -> Any:
    """A copy that keeps only what switches node ports on, with a number at each; None where there is nothing."""
    if isinstance(value, list):
        # A list is replaced as a whole, so all of it must be kept.
        items = [switched_on(item, numbers) for item in value]
        if any(item is not None for item in items) and all(isinstance(item, dict) for item in value):
            return [{**old, **(new or {})} for old, new in zip(value, items, strict=True)]
        return None
    if not isinstance(value, dict):
        return None
    kept: dict[str, Any] = {}
    for key, below in value.items():
        if KEY.match(key):
            kept[key] = _numbered(below, numbers)
        elif re.search("type$", key, re.IGNORECASE) and below in TYPES:
            kept[key] = "NodePort"
        else:
            kept[key] = switched_on(below, numbers)
    kept = {key: below for key, below in kept.items() if below is not None}
    return kept or None


def _numbered(value: Any, numbers: Iterator[int]) -> Any:
    if isinstance(value, dict):
        switch = {key: True if key == "enabled" else _numbered(below, numbers) for key, below in value.items()}
        return {key: below for key, below in switch.items() if below is not None} or None
    if isinstance(value, list):
        return None
    return next(numbers) if value is None or value == "" or re.fullmatch(r"\d*", str(value)) else None


def values_of(bundle: Bundle, directory: str = TOP) -> dict[str, Any]:
    """The values of a chart with those of its sub-charts below their names."""
    merged: dict[str, Any] = {}
    for path in bundle.inputs:
        match = re.fullmatch(rf"{re.escape(directory)}/charts/([^/]+)/Chart\.yaml", path)
        if match:
            name = yamltext.mapping_of(bundle.inputs[path])[1].get("name")
            merged[str(name)] = values_of(bundle, f"{directory}/charts/{match[1]}")
    own = yamltext.mapping_of(bundle.inputs.get(f"{directory}/values.yaml", b""))[1]
    return _laid_over(merged, own)


def _laid_over(under: Any, over: Any) -> Any:
    if isinstance(under, dict) and isinstance(over, dict):
        return {**under, **{key: _laid_over(under.get(key), value) for key, value in over.items()}}
    return over


def dumped(value: Any, indent: int = 0) -> str:
    """Plain YAML, a line for each scalar."""
    import json

    pad = "  " * indent
    if isinstance(value, dict):
        return "".join(f"{pad}{json.dumps(key)}:{_below(below, indent)}" for key, below in value.items())
    return "".join(f"{pad}-{_below(below, indent)}" for below in value)


def _below(value: Any, indent: int) -> str:
    import json

    if isinstance(value, dict | list) and value:
        return f"\n{dumped(value, indent + 1)}"
    return f" {json.dumps(value)}\n"


def compare(engine: Engine, bundle: Bundle, count: Counter[str]) -> None:
    values = values_of(bundle)
    unique = dumped(switched_on(values, iter(range(31000, 32767))) or {})
    if not re.search(r": 3[12]\d\d\d$", unique, re.MULTILINE):
        return
    same = re.sub(r": 3[12]\d\d\d$", f": {SAME}", unique, flags=re.MULTILINE)
    line_of = {
        int(number): line
        for line, number in enumerate(unique.split("\n"), 1)
        for number in re.findall(r": (3[12]\d\d\d)$", number)
    }
    whole = {text: with_files(bundle, {"values.yaml": text.encode()}, []) for text in (unique, same)}
    chosen = ValuesSet("values.yaml", (FILE,), declared=True)
    outcome = render_set(engine, Cache(None), whole[same], chosen, 60)
    truth = render_set(engine, Cache(None), whole[unique], chosen, 60)
    if not outcome.rendered or not truth.rendered:
        count["charts that do not render so"] += 1
        return
    count["charts"] += 1
    true_numbers = _numbers(truth)
    for key, (label, places, _) in _numbers(outcome).items():
        number = true_numbers.get(key, (None, None, None))[2]
        if number is None:
            count["not in the truth"] += 1
        elif number not in line_of:
            count["of the chart, not of the file"] += 1
        elif not places:
            count[f"unknown ({label})"] += 1
        elif places[0].path == FILE and places[0].region.line == line_of[number]:
            count[f"right ({label})"] += 1
        else:
            count["WRONG"] += 1
            print(f"wrong: {bundle.path} {key}: {places} instead of line {line_of[number]}")


def _numbers(outcome: Outcome) -> dict[Any, Any]:
    """Label, places and number of every node port, by template, object and route."""
    found = {}
    times: Counter[Any] = Counter()
    for document in outcome.documents:
        for seen, traced in zip(Watch()([document.text])[0], document.objects, strict=True):
            name = (document.source, re.sub(r"3\d{4}", "N", str(seen.identity)))
            times[name] += 1
            values = {number.route: number.value for number in seen.numbers}
            for route, label, _, places in traced.numbers:
                found[(*name, times[name], route)] = (label, places, values[route])
    return found


def main() -> None:
    root = os.path.realpath(sys.argv[1])
    helm = sys.argv[2] if len(sys.argv) > 2 else shutil.which("helm") or ""
    chosen = choose_helm("sdk" if helm == "sdk" else "cli", os.path.dirname(helm), root, Cache(None))
    assert chosen.engine is not None, chosen.reason
    tree = read_tree(root)
    charts = Charts(tree.files, tree.charts)
    count: Counter[str] = Counter()
    for path in tree.charts:
        try:
            bundle = charts.bundle(path)
        except UnbundledError as error:
            count["not read"] += 1
            print(f"{path}: {error}")
            continue
        texts = (data for name, data in bundle.inputs.items() if templates.scannable(name))
        if not bundle.is_library and any(map(speaks_of_node_ports, texts)):
            compare(chosen.engine, bundle, count)
    chosen.engine.close()
    ports = sum(number for name, number in count.items() if name.startswith(("right", "WRONG", "unknown")))
    print(f"{chosen.engine.id}: {count['charts']} charts, {ports} node ports of their files")
    for name, number in sorted(count.items()):
        print(f"  {name}: {number}")


if __name__ == "__main__":
    main()
