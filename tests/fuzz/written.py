"""Inputs from grammars, near what the readers accept: each function makes one text by a generator of chance."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from tests.fuzz.mutation import OF_COMMENTS, OF_NUMBERS, OF_TEMPLATES, OF_TEXT

OF_PAGES = (
    "check: match\n", "severity: note\n", "options:\n", "  select: ", "  unless: ", "$[*]", "$..", ".*", "$.*.spec.ports[*].nodePort",
    "[?(@.a == 1)]", "[?(@.spec.type == 'NodePort')]", " =~ '(a+)+$'", "[0:1]", "[::2]", "|", "`parent`", "`len`", "`this`", "&", "&&", "[*]",
    "where", "~", "[\\a]", ".`sub(/a/, b)`", "[1,2,3]", "*", " + 1", "'30080'", "security-severity: '5.0'\n", "profile: off\n", "kinds: [x]",
    "fault: duplicate", "```yaml title=\"a.yaml\"\n", "```text title=\"findings\"\n", "title=\"../x\"", "# finding: x", "$object", "$value", "$$",
)  # fmt: skip
OF_CONFIG = (
    "range: 30000-32767\n", "exclude: [", "rules:\n", "extra-rules: [", "registry: [nodeports.md]\n", "owners: {web: [db]}\n", "suppressions:\n",
    "releases:\n", "layout: one-cluster\n", "clusters:\n", "  - each: clusters/*\n", "  - {name: a, paths: [a/**]}\n", "duplicate-node-port: off\n",
    "duplicate-node-port: {severity: note, options: {}}\n", "rule: duplicate-node-port", "path: '**'", "reason: x", "port: 30080",
    "until: 2027-01-20", "until: '2027-01-20'", "package:x", "!a/**", "**/", "[!a-z]", "[[:alpha:]]", "\\*", "a/**/b/**/c", "***", "chart: web",
    "set: [a=b]", "set-json: ['a={}']", "values: [v.yaml]", "cluster: a", "namespace: shop", "unregistered-node-port: error\n",
)  # fmt: skip
OF_TREES = (
    "\n=== a.yaml\n", "\n=== b/c.yaml\n", "\n=== nodeports.md\n", "\n=== .gitignore\n", "\n=== .nodeport-lint.yaml\n", "\n=== kustomization.yaml\n",
    "\n=== web/Chart.yaml\n", "\n=== web/values.yaml\n", "\n=== web/templates/a.yaml\n", "\n=== l -> OUTSIDE\n", "\n=== l.yaml -> OUTSIDE/s.yaml\n",
    "\n=== l -> .\n", "\n=== l.yaml -> a.yaml\n", "\n=== nodeports.md -> OUTSIDE/ports.md\n", "\n=== README.md\n", "OUTSIDE", "OUTSIDE/s.yaml",
    "\n=== web/charts/sub/Chart.yaml\n", "resources: [a.yaml, ../b, OUTSIDE/s.yaml]\n", "kubectl apply -f a.yaml\n", "helm install web ./web\n",
    "patches: [{path: OUTSIDE/values.yaml}]\n", "bases: [../..]\n", "\n=== web/values.yaml -> OUTSIDE/values.yaml\n",
)  # fmt: skip


def _one_of(chance: random.Random, *texts: str) -> str:
    return chance.choice(texts)


# --- YAML -----------------------------------------------------------------------------------------


def _scalar(chance: random.Random) -> str:
    plain = _one_of(
        chance,
        "a",
        "web",
        "b c",
        "x: y",
        "30080",
        "~",
        "yes",
        "",
        "-",
        "é",
        "a#b",
        "a #b",
        "http://x:80/",
        "<<",
        "=",
        "*",
        "&",
    )
    return _one_of(
        chance, plain, plain, plain, f"'{plain}'", f'"{plain}"', f"'{plain}\n  {plain}'", f'"{plain}\\n\\x41\\u00e9"', f"!!str {plain}",
        f"!!int {plain}", f"!x {plain}", f"&a {plain}", "*a", f"&b !!str {plain}", chance.choice(OF_NUMBERS), f"{plain}{chance.choice(OF_TEXT)}",
        chance.choice(OF_TEMPLATES), f"{plain}\n  {plain}", "!!binary YQ==", "!!float 1", "!!null ''",
    )  # fmt: skip


def _flow(chance: random.Random, levels: int) -> str:
    if levels <= 0 or chance.random() < 0.4:
        return _scalar(chance)
    some = [_flow(chance, levels - 1) for _ in range(chance.randint(0, 3))]
    if chance.random() < 0.5:
        return f"[{', '.join(some)}{_one_of(chance, '', ',', ' ')}]"
    keyed = (
        f"{_one_of(chance, 'a', 'b', '<<', '? x', 'nodePort', _scalar(chance))}{_one_of(chance, ': ', ': ', ':', ' ')}{one}"
        for one in some
    )
    return f"{{{', '.join(keyed)}}}"


def _block(chance: random.Random, indent: int, levels: int) -> str:
    """What stands behind a colon or a dash, with its line end."""
    pad = " " * indent
    kind = chance.random()
    if levels <= 0 or kind < 0.35:
        return f" {_flow(chance, 2)}{_one_of(chance, '', '', '', '  # c', ' ' + chance.choice(OF_COMMENTS))}\n"
    if kind < 0.45:
        header = _one_of(chance, "|", ">", "|-", ">+", "|2", "| # c")
        return f" {header}\n" + "".join(f"{pad}  {_one_of(chance, 'a', '', ' b', '# c', 'x: y')}\n" for _ in range(3))
    head = _one_of(chance, "", "", "", " &a", " &b", " !!map", " # c") + "\n"
    if kind < 0.65:
        return head + "".join(f"{pad}-{_block(chance, indent + 2, levels - 1)}" for _ in range(chance.randint(1, 3)))
    return head + _mapping(chance, indent, levels)


def _mapping(chance: random.Random, indent: int, levels: int) -> str:
    keys = ("a", "b", "b", "spec", "ports", "nodePort", "'q'", "<<", "? k\n" + " " * indent, "30080", "yes", "&a k")
    return "".join(
        f"{' ' * indent}{chance.choice(keys)}:{_block(chance, indent + 2, levels - 1)}"
        for _ in range(chance.randint(1, 4))
    )


def manifest(chance: random.Random) -> str:
    """One object near a Service."""
    ports = []
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        number = _one_of(
            chance, "30080", "30081", "31999", "80", "'30080'", chance.choice(OF_NUMBERS), _flow(chance, 1)
        )
        key = _one_of(
            chance,
            "nodePort",
            "nodePort",
            "nodePort",
            "nodeport",
            "node_port",
            "'nodePort'",
            "nodePort: 1\n      nodePort",
        )
        comment = _one_of(chance, "", "", f"  {chance.choice(OF_COMMENTS)}")
        ports.append(f"    - port: {_one_of(chance, '80', '443', _scalar(chance))}\n      {key}: {number}{comment}\n")
    head = _one_of(
        chance, "apiVersion: v1\n", "apiVersion: v1\n", "apiVersion: serving.x.io/v1\n", "", '"apiVersion": "v1"\n'
    )
    kind = _one_of(
        chance,
        "Service",
        "Service",
        "Service",
        "List",
        "ServiceList",
        "Deployment",
        "ConfigMap",
        "Gateway",
        _scalar(chance),
    )
    name = _one_of(chance, "web", "db", "web", _scalar(chance))
    space = _one_of(chance, "", ", namespace: shop", f", namespace: {_scalar(chance)}", ", labels: {app: web}")
    odd = _one_of(
        chance, "", "", "", f"  selector:{_block(chance, 4, 2)}", "  healthCheckNodePort: 30090\n", "  <<: *a\n"
    )
    kinds = _one_of(chance, "NodePort", "NodePort", "LoadBalancer", "ClusterIP", _scalar(chance))
    return f"{head}kind: {kind}\nmetadata: {{name: {name}{space}}}\nspec:\n  type: {kinds}\n{odd}  ports:\n{''.join(ports)}"


def _value(chance: random.Random, levels: int) -> Any:
    kind = chance.randrange(8) if levels else chance.randrange(6)
    if kind == 6:
        return [_value(chance, levels - 1) for _ in range(chance.randint(0, 3))]
    if kind == 7:
        return {
            _one_of(chance, "a", "nodePort", "", "\u2028"): _value(chance, levels - 1)
            for _ in range(chance.randint(0, 3))
        }
    return (None, True, 30080, chance.choice((1.5, 1e20, 1e21, 2**53, 2**64, -0.0, 1e-7)), chance.choice(OF_TEXT), "a")[
        kind
    ]


def yaml(chance: random.Random) -> str:
    """One or several documents, or JSON."""
    kind = chance.random()
    if kind < 0.15:
        separator = _one_of(chance, "\n", "", " ", "\n---\n", ",")
        return separator.join(
            json.dumps(_value(chance, 4), ensure_ascii=chance.random() < 0.5) for _ in range(chance.randint(1, 3))
        )
    documents = [
        manifest(chance)
        if chance.random() < 0.3
        else _mapping(chance, 0, 4)
        if chance.random() < 0.8
        else _flow(chance, 4)
        for _ in range(chance.choice((1, 1, 1, 2, 3)))
    ]
    text = _one_of(chance, "", "", "", "\ufeff", "%YAML 1.1\n---\n", "# c\n") + _one_of(
        chance, "---\n", "---\n", "--- ", "...\n"
    ).join(documents)
    return text.replace("\n", "\r\n") if chance.random() < 0.05 else text


# --- allocation documents -------------------------------------------------------------------------

_HEADERS = ("Service", "NodePort", "Port", "Status", "Namespace", "Target Port", "Owner", "Purpose", "Environment", "**Node Port**", "`NodePort`",
            "x", "", "Range", "Node-Port", "Description")  # fmt: skip
_CELLS = ("web", "db", "30080", "30081", "30000-30010", "300xx", "80:30080/TCP", "-", "n/a", "used", "reserved", "available", "shop", "`30080`",
          "[30080](x)", "30080, 30081", "(30080)", "web.shop.svc:8080", "k8s/web.yaml", "a \\| b", "✅ Active", "30090 to 30080", "99999", "٣٠٠٨٠",
          "**AVAILABLE**", "<b>30080</b>", "http://x:30080/", "30080 (http), 30443 (https)", "30 080", "TBD")  # fmt: skip


def document(chance: random.Random) -> str:
    """Markdown with tables of ports."""
    parts = []
    for _ in range(chance.choice((1, 1, 2, 4))):
        width = chance.randint(1, 6)
        edge = _one_of(chance, "| ", "| ", "", "> | ", "  | ", "* | ")
        lines = [_HEADERS[1:2] if width == 1 else chance.sample(_HEADERS, width)]
        rows = [
            [chance.choice(_CELLS) for _ in range(max(0, width + chance.choice((0, 0, 0, -1, 1))))]
            for _ in range(chance.choice((1, 3, 10)))
        ]
        ruler = edge + "|".join(chance.choice(("---", ":-:", "--", "-")) for _ in range(width))
        text = [
            edge + " | ".join(lines[0]) + _one_of(chance, " |", ""),
            ruler,
            *(edge + " | ".join(one) + _one_of(chance, " |", "") for one in rows),
        ]
        above = _one_of(chance, "", "# NodePorts\n\n", "## Namespace: shop\n\n", "**shop namespace**\n\n", "```\n", "<!-- namespace: db -->\n\n",
                        "Some words\n", "- item\n\n", chance.choice(OF_TEXT), "<!-- nodeport-lint: ignore[duplicate-reservation] x -->\n")  # fmt: skip
        parts.append(above + "\n".join(text) + "\n")
    return _one_of(chance, "\n", "", "\n\n---\n\n", chance.choice(OF_TEXT)).join(parts)


# --- rule pages -----------------------------------------------------------------------------------

_CHECKS = ("match", "match", "match", "match", "problem", "reservation", "unique", "range", "type", "sensitive", "spelling", "decode", "fixed", "owner",
           "agreement", "registered", "repeated-key", "dynamic-band")  # fmt: skip


def _path(chance: random.Random, levels: int = 3) -> str:
    steps = []
    for _ in range(chance.randint(1, 5)):
        inner = _path(chance, levels - 1)[1:] if levels > 0 else ".a"
        steps.append(
            _one_of(
                chance, ".spec", ".ports", ".metadata.name", "[*]", "[0]", "[-1]", "[0:2]", "..nodePort", ".*", "..*", "['a b']", "[0,1]", ".a,b",
                f"[?(@{inner} == 'NodePort')]", f"[?(@{inner} > 30000 && @{inner} < 31000)]", f"[?(@{inner})]", f"[?(@{inner} =~ '(a|b)+')]", "~",
                f".({inner.lstrip('.')} | spec)", ".`parent`", ".`len`", "[\\name]", " where spec", ".`sub(/a/, b)`", "[?(@.a == @.b)]", " + 1",
            )
        )  # fmt: skip
    return _one_of(chance, "$", "$", "$[*]", "$[*].spec", "@", "") + "".join(steps)


def _or(chance: random.Random, usual: str, *odd: str) -> str:
    """What is right, and seldom what is not: a page with one fault is not run."""
    return usual if chance.random() < 0.95 else chance.choice(odd)


def _message(chance: random.Random) -> str:
    usual = _one_of(
        chance, "$object has $value", "x", "$name $namespace $type $kind", "$$", "'##[x] $value'", "${value}"
    )
    return _or(chance, usual, "$", "$odd", f"'{chance.choice(OF_TEXT)}'")


def page(chance: random.Random) -> str:
    """A rule page."""
    check = _or(chance, chance.choice(_CHECKS), "none")
    unless = _one_of(chance, "", f"  unless: {json.dumps(_path(chance))}\n")
    options = {
        "match": f"  select: {json.dumps(_path(chance))}\n  message: {_message(chance)}\n{unless}",
        "problem": f"  kinds: [{_one_of(chance, 'unparsable', 'unreadable, x', '')}]\n",
        "reservation": f"  fault: {_or(chance, _one_of(chance, 'duplicate', 'outside-range', 'unused'), 'x')}\n",
    }.get(check, _or(chance, "", "  x: 1\n"))
    severity = _or(chance, _one_of(chance, "error", "warning", "note"), "Error", "7")
    usual = _one_of(chance, "", "", "profile: production\n", "tags: [a, b]\n", "security-severity: '7.5'\n")
    more = _or(chance, usual, "profile: x\n", "tags: a\n")
    head = f"---\ncheck: {check}\n" + (f"options:\n{options}" if options else "") + f"severity: {severity}\n{more}---\n"
    place = _or(chance, _one_of(chance, "a.yaml", "b/c.yaml", ""), "../x", "/x")
    fence = f'```yaml title="{place}"\n{manifest(chance)}```\n'
    return head + _or(chance, "\n# A title\n", "# \n", "") + f"\n## Bad\n\n{fence}\n## Good\n\n{fence}\n"


# --- configuration --------------------------------------------------------------------------------


def _pattern(chance: random.Random) -> str:
    steps = (
        _one_of(chance, "a", "*", "**", "*.yaml", "[ab]", "[!a]", "?", "web.yaml", "\\*", "{a,b}", "b*", "")
        for _ in range(chance.randint(1, 4))
    )
    return json.dumps(_one_of(chance, "", "", "/", "!") + "/".join(steps) + _one_of(chance, "", "", "/"))


def _odd(chance: random.Random, *usual: str) -> str:
    return chance.choice(usual) if chance.random() < 0.97 else _flow(chance, 2)


def _of_key(chance: random.Random, key: str) -> str:
    rules = (
        "duplicate-node-port",
        "node-port-outside-range",
        "sensitive-port-on-node-port",
        "unregistered-node-port",
        "duplicate-nodeport",
    )
    rule = chance.choice(rules)
    patterns = ", ".join(_pattern(chance) for _ in range(chance.randint(1, 3)))
    made: dict[str, Callable[[], str]] = {
        "range": lambda: _odd(chance, "30000-32767", "30080", "32767-30000", "1-65535", "30000-99999", "'30000-30100'"),
        "exclude": lambda: _odd(chance, f"[{patterns}]"),
        "rules": lambda: _odd(
            chance,
            f"{{{rule}: {_odd(chance, 'off', 'note', 'error', 'false', '{severity: note}', '{options: {x: 1}}')}}}",
        ),
        "extra-rules": lambda: _odd(chance, "[rules]", "[rules]", "[package:x]", "[../x]", "[/etc]"),
        "registry": lambda: _odd(chance, "[nodeports.md]", "nodeports.md", "[]", "[../x.md]", "[a/web.yaml]"),
        "owners": lambda: _odd(chance, "{web: [web, db]}", "{Team A: [web]}", "{}"),
        "suppressions": lambda: (
            "["
            + ", ".join(
                f"{{rule: {rule}, path: {_pattern(chance)}, reason: x{_odd(chance, '', ', port: 30080', ', until: 2027-01-20', ', until: 2026-01-01')}}}"
                for _ in range(chance.randint(1, 3))
            )
            + "]"
        ),
        "releases": lambda: _odd(
            chance, "[{chart: web, name: web, values: [v.yaml], set: [nodePort=30080]}]", "[{chart: ., cluster: x}]"
        ),
        "layout": lambda: _odd(chance, "one-cluster", "collection"),
        "clusters": lambda: _odd(
            chance,
            f"[{{name: p, paths: [{patterns}]}}]",
            "[{each: '*'}]",
            "[{each: clusters/*, registry: ports.md, range: 30000-30090}]",
            f"[{{name: p, paths: [a], exclude: [{patterns}]}}, {{name: q, paths: ['**'], registry: clusters/x/ports.md}}]",
        ),
        "rang": lambda: "1",
    }
    return made[key]()


def config(chance: random.Random) -> str:
    """A configuration."""
    keys = [
        "range",
        "exclude",
        "rules",
        "extra-rules",
        "registry",
        "owners",
        "suppressions",
        "releases",
        "layout",
        "clusters",
        "rang",
    ]
    weights = [3, 3, 3, 1, 2, 3, 4, 1, 3, 4, 1]
    chosen = dict.fromkeys(chance.choices(keys, weights, k=chance.randint(1, 4)))
    return "".join(f"{key}: {_of_key(chance, key)}{_one_of(chance, '', '', '  # c')}\n" for key in chosen)


# --- whole trees ----------------------------------------------------------------------------------


def _kustomization(chance: random.Random) -> str:
    lines = [
        "resources: [a.yaml, web.yaml]", "resources: [../a]", "resources: [OUTSIDE/s.yaml]", "namePrefix: x-", "namespace: shop",
        "patches: [{path: patch.yaml}]", "patches: [{target: {kind: Service}, patch: '[{op: add, path: /spec/x, value: 1}]'}]",
        "patchesStrategicMerge: [patch.yaml]", "configMapGenerator: [{name: x, files: [a.yaml]}]", "components: [../b]", "resources: [link.yaml]",
        "helmCharts: [{name: web, valuesFile: OUTSIDE/values.yaml}]", "replacements: [{path: OUTSIDE/s.yaml}]",
    ]  # fmt: skip
    return "".join(f"{line}\n" for line in dict.fromkeys(chance.choices(lines, k=chance.randint(1, 4))))


def _template(chance: random.Random) -> str:
    number = _one_of(
        chance,
        "{{ .Values.nodePort }}",
        "30080",
        "{{ .Values.service.nodePort | default 30081 }}",
        '{{ include "x" . }}',
    )
    return manifest(chance).replace("30080", number) + _one_of(chance, "", "{{- end }}\n", "{{ if }}\n")


_PROSE = ("kubectl apply -f a/ --context prod\n", "helm install web ./web -f values-prod.yaml --set nodePort=30080\n", "# Course\n",
          "kubectl --kubeconfig x apply -k b\n", "```\nhelm upgrade --install web web\n```\n", "oc apply -f a.yaml; kubectl delete -f b\n")  # fmt: skip


def _application(chance: random.Random) -> str:
    path = _one_of(chance, "a", "web", "../x", "clusters/*", "OUTSIDE")
    values = _one_of(chance, "parameters: [{name: nodePort, value: '30080'}]", "valueFiles: [values-prod.yaml, OUTSIDE/values.yaml]",
                     "values: |\n        nodePort: 30081\n", "valuesObject: {nodePort: 30080}")  # fmt: skip
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  destination: {name: x, namespace: shop}\n"
        f"  source:\n    repoURL: https://example.org/x.git\n    path: {path}\n    helm:\n      {values}\n"
    )


def tree(chance: random.Random) -> str:
    """A small repository, in the form that ``reports.files_of`` reads."""
    made: list[tuple[str, Callable[[random.Random], str], int]] = [
        ("a/web.yaml", lambda one: "---\n".join(manifest(one) for _ in range(one.randint(1, 4))), 8), ("a/a.yaml", manifest, 6),
        ("b/web.yml", manifest, 4), ("b/list.json", lambda one: json.dumps(_value(one, 5)), 2), ("x.yaml", yaml, 4), ("nodeports.md", document, 5),
        ("clusters/x/ports.md", document, 2), ("clusters/x/web.yaml", manifest, 3), ("clusters/y/web.yaml", manifest, 3),
        (".nodeport-lint.yaml", config, 4), (".gitignore", lambda one: "".join(f"{json.loads(_pattern(one))}\n" for _ in range(4)), 2),
        ("b/kustomization.yaml", _kustomization, 3), ("kustomization.yml", _kustomization, 1), ("b/patch.yaml", manifest, 2),
        ("web/Chart.yaml", lambda one: _one_of(one, "apiVersion: v2\nname: web\nversion: 1.0.0\n", yaml(one)), 4), ("web/values.yaml", yaml, 3),
        ("web/values-prod.yaml", lambda one: f"nodePort: {_one_of(one, '30080', _scalar(one))}\n", 2), ("web/templates/service.yaml", _template, 4),
        ("web/charts/sub/Chart.yaml", lambda one: "apiVersion: v1\nname: sub\nversion: 1\n", 1), ("web/charts/sub/templates/a.yaml", _template, 1),
        ("README.md", lambda one: "".join(one.choices(_PROSE, k=3)), 3), ("apps/app.yaml", _application, 2), ("rules/odd-port.md", page, 2),
        ("prod/docker-compose.yaml", yaml, 1), (".github/workflows/x.yml", lambda one: f"run: {one.choice(_PROSE)}", 1),
        (f"{chance.choice(OF_TEXT)}##[x].yaml".replace("/", ""), manifest, 2), ("archive/web.yaml", manifest, 1),
    ]  # fmt: skip
    chosen = chance.choices(made, [weight for *_, weight in made], k=chance.randint(1, 8))
    text = "".join(f"=== {path.replace(chr(10), '')}\n{write(chance)}\n" for path, write, _ in chosen)
    links = ("=== link.yaml -> a/web.yaml\n", "=== b/link.yaml -> OUTSIDE/s.yaml\n", "=== l -> a\n", "=== l -> OUTSIDE\n", "=== nodeports.md -> OUTSIDE/ports.md\n",
             "=== web/values.yaml -> OUTSIDE/values.yaml\n", "=== a/l -> ..\n", "=== .gitignore -> OUTSIDE/.gitignore\n", "=== l.yaml -> l.yaml\n",
             "=== .nodeport-lint.yaml -> OUTSIDE/.nodeport-lint.yaml\n", "=== rules -> OUTSIDE/rules\n")  # fmt: skip
    return text + "".join(chance.choices(links, k=chance.choice((0, 0, 1, 2))))
