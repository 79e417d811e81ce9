"""An input to another one near it: pieces moved, doubled, cut, and texts put in that readers differ about."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

MAX_INPUT = 30_000
"""Characters of an input that is made: enough for what grows with the square to show."""
MAX_PIECE = 400

OF_YAML = (
    "&a ", "*a", "&a &b ", "<<: *a", "<<: [*a, *a]", "? ", ": ", ":", "- ", "-", "{", "}", "[", "]", ",", "'", '"', "|", ">", "|2-\n",
    ">+\n", "!!int ", "!!binary ", "!!float ", "!!null ", "!!str ", "!!set ", "!x ", "!", "!<tag:yaml.org,2002:int> ", "# ", "#", "---\n",
    "--- ", "...\n", "%YAML 1.1\n", "%TAG ! tag:x,2000:\n", "~", "null", "yes", ".nan", ".inf", "1e400", "{port: 80, nodePort:}",
)  # fmt: skip
"""What YAML gives a meaning."""
OF_NUMBERS = (
    "30080", "30081", "32767", "29999", "0", "-1", "0x7580", "072600", "0o72600", "30_080", "30080.0", "3e4", "3.008e4", "1" * 30,
    "9" * 320, "1e309", "18446744073709551616", "0b111010110000000", "'30080'", "65536", "300xx", "30080-30090", "30000 - 32767", "+30080",
)  # fmt: skip
OF_TEXT = (
    "\t", "\r", "\r\n", "\n", "\n\n", " ", "  ", "\x85", "\u2028", "\u2029", "\ufeff", "\x00", "\x0b", "\x0c", "\x1b[31m", "\x7f", "\x1c",
    "\u200b", "\u202e", "\xa0", "\ud800", "\udcff", "\\ud800", "\\", "\\\\", "\\x", "\\UFFFFFFFF", "\\n", "e\u0301", "\u0130", "\u01c5",
    "\U0001f600", "\U000e0041", "\u0663\u0660", "\ufffe", "##[error]x", "::error::x", "\n::warning file=a::b\n", "%0A", "$object", "${x}",
)  # fmt: skip
OF_MARKDOWN = (
    "|", "||", "\\|", "|---|", "|:-:|", "| Service | NodePort | Status |\n|---|---|---|\n", "| web | 30080 | used |\n", "`", "```\n", "~~~\n",
    "# ", "### ", "**", "__", "<!-- nodeport-lint: ignore[duplicate-reservation] x -->", "<!--", "-->", "> ", "* ", "1. ", "    ", "[x](y)",
    "[", "](", ")", "<div>", "</div>\n\n", "namespace: shop", "web.shop.svc.cluster.local:8080", "k8s/web.yaml", "(30081)", "30080:80/TCP",
    "80:30080/TCP", "30XX", "n/a", "\u2014", "&nbsp;", "|\n|",
)  # fmt: skip
OF_KUBERNETES = (
    "apiVersion: v1\n", "kind: Service\n", "kind: List\nitems:\n", "metadata: {name: web, namespace: shop}\n", "spec:\n  type: NodePort\n",
    "nodePort: 30080", "nodePort:", "NodePort", "nodeport", "healthCheckNodePort: 30082", "ports: [{port: 80, nodePort: 30080}]", "items: []",
    "type: LoadBalancer", "externalTrafficPolicy: Local", "kind: ServiceList", "protocol: UDP", "targetPort: http", "generateName: x",
)  # fmt: skip
OF_TEMPLATES = (
    "{{", "}}", "{{ .Values.nodePort }}", "{{- if .Values.x }}", "{{- end }}", "{{ include \"x\" . }}", "{{/* ", "*/}}", "{%", "${PORT}", "$(PORT)",
    "<% %>", "@@", "{{ range $i, $e := until 1000000 }}",
)  # fmt: skip
OF_COMMENTS = (
    "# nodeport-lint: ignore[duplicate-node-port] x", "# nodeport-lint: ignore[node-port-outside-range] until=2030-01-01 x",
    "# nodeport-lint: ignore[", "# nodeport-lint:", "# nodeport-lint: ignore[a,b,,] until=2030-02-30", "#nodeport-lint: ignore[x]",
)  # fmt: skip
WORDS = (*OF_YAML, *OF_NUMBERS, *OF_TEXT, *OF_MARKDOWN, *OF_KUBERNETES, *OF_TEMPLATES, *OF_COMMENTS)

_NUMBER = re.compile(r"[0-9]+")
_LINE = re.compile(r"[^\n]*\n?")


def text_of(data: bytes) -> str:
    """The text of an input; bytes that are no UTF-8 become lone surrogates."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "surrogateescape")


def data_of(text: str) -> bytes:
    """The way back."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _piece(chance: random.Random, text: str) -> tuple[int, int]:
    start = chance.randint(0, len(text))
    return start, min(len(text), start + chance.choice((1, 3, 10, 40, MAX_PIECE)))


def _inserted(chance: random.Random, text: str, other: str, words: Sequence[str]) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(words) * chance.choice((1, 1, 1, 1, 2, 5)) + text[at:]


def _replaced(chance: random.Random, text: str, other: str, words: Sequence[str]) -> str:
    start, end = _piece(chance, text)
    return text[:start] + chance.choice(words) + text[end:]


def _cut(chance: random.Random, text: str, other: str, words: Sequence[str]) -> str:
    start, end = _piece(chance, text)
    return text[:start] + text[end:]


def _repeated(chance: random.Random, text: str, other: str, words: Sequence[str]) -> str:
    start, end = _piece(chance, text)
    times = chance.choice((2, 2, 2, 3, 10, 100, 2000))
    return text[:start] + text[start:end] * times + text[end:]


def _spliced(chance: random.Random, text: str, other: str, words: Sequence[str]) -> str:
    start, end = _piece(chance, other)
    at = chance.randint(0, len(text))
    behind = chance.choice((at, at, len(text)))
    return text[:at] + other[start : chance.choice((end, len(other)))] + text[behind:]


def _of_lines(chance: random.Random, text: str, other: str, words: Sequence[str]) -> str:
    """One line doubled, moved, indented, or repeated with other numbers."""
    lines = _LINE.findall(text)
    at = chance.randrange(len(lines))
    line = lines[at]
    how = chance.randrange(5)
    if how == 0:
        lines.insert(chance.randrange(len(lines)), line)
    elif how == 1:
        del lines[at]
        lines.insert(chance.randint(0, len(lines)), line)
    elif how == 2:
        lines[at] = " " * chance.randint(1, 5) + line
    elif how == 3:
        lines[at] = line[chance.randint(0, 3) :]
    else:
        count = chance.choice((2, 5, 50, 300))
        lines[at] = "".join(_NUMBER.sub(lambda one: str(int(one[0][:9]) + step), line) for step in range(count))  # noqa: B023
    return "".join(lines)


def _numbered(chance: random.Random, text: str, other: str, words: Sequence[str]) -> str:
    found = list(_NUMBER.finditer(text))
    if not found:
        return text
    one = chance.choice(found)
    return text[: one.start()] + chance.choice(OF_NUMBERS) + text[one.end() :]


def _of_character(chance: random.Random, text: str, other: str, words: Sequence[str]) -> str:
    start = chance.randint(0, len(text))
    return text[:start] + chr(chance.choice((chance.randrange(128), chance.randrange(0x3000)))) + text[start + 1 :]


_STEPS: Sequence[Callable[[random.Random, str, str, Sequence[str]], str]] = (
    _inserted, _inserted, _inserted, _replaced, _replaced, _cut, _repeated, _spliced, _of_lines, _of_lines, _numbered, _of_character,
)  # fmt: skip


def mutated(chance: random.Random, text: str, other: str, words: Sequence[str] = WORDS, most: int = MAX_INPUT) -> str:
    """A text after a few steps; ``other``: what pieces are taken from."""
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
        made = chance.choice(_STEPS)(chance, text, other, words)
        text = made if len(made) <= most else made[:most]
    return text
