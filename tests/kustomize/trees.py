"""Random kustomizations that look for a way out: texts that two parsers may read differently, near what they accept.

Each tree has canaries beside it. ``trees(seed, count)`` gives the same trees for the same numbers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  type: NodePort\n  ports:\n"
    "  - port: 80\n    nodePort: 30080\n"
)
PATCH = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80, nodePort: 31999}]}\n"
CANARIES: Mapping[str, str] = {
    "s.yaml": SERVICE.replace("web", "outside").replace("30080", "31999"),
    "p.yaml": PATCH,
    "t.yaml": "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: x}\nprefix: canary-secret\n"
    "fieldSpecs: [{path: metadata/name}]\n",
    "e.env": "canary=secret\n",
    "kustomization.yaml": "resources: [s.yaml]\n",
}
"""Files that are never to be opened, of every kind that kustomize reads."""


LIKELY = ("transformers", "generators", "patchesStrategicMerge")
"""Where a text may be an object in place or a path."""
SELDOM = ("validators", "patches", "resources", "components", "crds", "configurations", "replacements", "patchesJson6902",
          "bases", "Transformers", "openapi", "configMapGenerator", "secretGenerator", "imageTags")  # fmt: skip


class Tree:
    """A builder of one tree, by one generator of chance. ``outside``: the directory of the canaries; ``address``: that
    of a server that is never to be asked."""

    def __init__(self, chance: random.Random, outside: str, address: str) -> None:
        self.chance, self.outside, self.address = chance, outside, address

    def one_of(self, *texts: str) -> str:
        return self.chance.choice(texts)

    def way_out(self) -> str:
        name = self.chance.choice(list(CANARIES))
        # Up to the top from wherever the workspace lies, and down again.
        far = f"{'../' * 30}{self.outside.lstrip('/')}/{name}"
        return self.one_of(far, far, far, f"{self.outside}/{name}", f"../outside/{name}", f"{self.address}/{name}",
                           f"HTTP:{self.address.partition(':')[2]}/{name}", f"30080/{far}")  # fmt: skip

    def path(self) -> str:
        return self.one_of("in.yaml", "30080.yaml", "d-30080/in.yaml", "t.yaml", self.way_out(), self.way_out())

    def flow(self) -> str:
        """An object on one line, whole or not."""
        kind = self.one_of("PatchTransformer", "HashTransformer", "ConfigMapGenerator", "PrefixTransformer", "Service", "List",
                           "PatchStrategicMergeTransformer", "ReplacementTransformer", "SecretGenerator")  # fmt: skip
        metadata = self.one_of(
            "{name: x}", "{name: x}", "{}", "[x]", "x", "null", "{name: 30080}", "{name: ''}", "{name: {}}"
        )
        version = self.one_of("builtin", "v1", "builtin/v1", "'builtin'", "!!str builtin", "")
        keys = self.one_of(
            "", f", path: '{self.path()}'", f", PATH: '{self.path()}'", f", paths: ['{self.path()}']",
            f", files: ['{self.path()}']", f", envs: ['{self.path()}']", f", env: '{self.path()}'", f", pa\u017fhs: ['{self.path()}']",
            f", path: in.yaml, path: '{self.path()}'", f", replacements: [{{path: '{self.path()}'}}]", f", path: &30080 '{self.path()}'",
            f", <<: {{path: '{self.path()}'}}", f", valuesFile: '{self.path()}'", f", patch: '{PATCH!r}'",
        )  # fmt: skip
        deep = "{a: " * self.chance.choice((0, 0, 0, 0, 0, 1, 190, 300))
        text = f"{{apiVersion: {version}, kind: {kind}, metadata: {metadata}{keys}, x: {deep}1{'}' * deep.count('{')}}}"
        cut = text[: self.chance.randrange(1, len(text))]
        return self.one_of(text, text, cut, f"{{a: b, {text[1:]}", "{a: b}", "{a: b}", "[]", "{kind: Service}", "a: b")

    def tail(self) -> str:
        """What stands behind an object, and makes a path of it."""
        out = self.way_out()
        return self.one_of(
            "",
            "",
            f" #/../{out}",
            f" # /../../{out}",
            f" #/../../../{out}",
            f"\t#/../{out}",
            f"?a:{out}",
            f" /../{out}",
        )

    def block(self) -> str:
        """An object on several lines, or documents."""
        out, separator = (
            self.way_out(),
            self.one_of("---", "---#x: 1", "--- # x", "---x", "--- #x\ra: b", "--- {a: b}", "----", " ---", "..."),
        )
        plugin = f"apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata:\n  name: x\nfiles:\n- {out}\n"
        merge = f"a: &a {{path: {out}}}\nb: &b {{path: in.yaml}}\n"
        return self.one_of(
            f"{PATCH}{separator}\n{plugin}", f"x: y\n{separator}\n{plugin}", f"{plugin}", f"{PATCH}#{out}\n", f"\ufeff{plugin}",
            f"apiVersion: builtin\nkind: PatchTransformer\nmetadata: {{name: x}}\nx: [&1 {out}, &2 in.yaml]\npath: *{self.one_of('1', '2', '30080')}\n",
            f"x: &30080 in.yaml\nx2: &30081 {out}\napiVersion: builtin\nkind: PatchTransformer\nmetadata: {{name: x}}\npath: *30080\ntarget: {{kind: Service}}\n",
            f"{merge}apiVersion: builtin\nkind: PatchTransformer\nmetadata: {{name: x}}\n<<: *a\n",
            f"apiVersion: builtin\nkind: PatchTransformer\nmetadata: {{name: x}}\npath: in.yaml\u2028path: {out}\n",
            f"apiVersion: builtin\nkind: PatchTransformer\nmetadata: {{name: x}}\npath: |-\n  {out}\ntarget: {{kind: Service}}\n",
            f"apiVersion: builtin\nkind: PatchTransformer\nmetadata: {{name: x}}\npath: !!binary {self.one_of('Li4vb3V0c2lkZS9wLnlhbWw=', 'aW4ueWFtbA==')}\n",
        )  # fmt: skip

    def entry(self) -> str:
        objects = (self.flow() + self.tail() for _ in range(3))
        return self.one_of(*objects, self.block(), self.block(), self.path(), "in.yaml")

    def quoted(self, text: str) -> str:
        """A text as a value of YAML."""
        if self.chance.random() < 0.5 and "'" not in text and "\n" not in text:
            return f"'{text}'"
        escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
        return '"' + "".join(escapes.get(one, one) for one in text) + '"'

    def kustomization(self) -> str:
        lines = ["resources: [svc.yaml]"]
        for _ in range(self.chance.choice((1, 1, 2))):
            key = self.one_of(*LIKELY * 6, *SELDOM)
            text = self.quoted(self.entry())
            mapped = f"{{path: {text}, target: {{kind: Service}}}}"
            named = f"{{name: x, {self.one_of('files', 'envs', 'kvSources', 'Files')}: [{text}]}}"
            value = {
                "openapi": f"{{path: {text}}}",
                "configMapGenerator": f"[{named}]",
                "secretGenerator": f"[{named}]",
            }.get(key, f"[{self.chance.choice((text, text, mapped))}]")
            lines.append(f"{key}: {value}")
        if self.chance.random() < 0.2:
            # What one reader stops at, and another one passes over.
            lines.append(self.one_of("commonLabels: {a: .nan, a: b}", "namePrefix: .inf\nnamePrefix: x", "namePrefix: 1.5\nnamePrefix: x",
                                     "commonLabels: {a: 'b', a: !!float 'x'}", "labels: []\nlabels: []", "? [a]\n: b"))  # fmt: skip
        if self.chance.random() < 0.2:
            # An anchor again within its node, or behind it: which one an alias means, readers may see differently.
            out = self.way_out()
            lines[0] = self.one_of(f"commonAnnotations: &a {{k: &a '{out}'}}", f"commonAnnotations: {{k: &a in.yaml, l: &a '{out}'}}",
                                   f"commonAnnotations: &a {{&a '{out}': x}}") + "\nresources: [svc.yaml]"  # fmt: skip
            lines[1:] = [self.one_of("patches: [{path: *a}]", "openapi: {path: *a}", "configMapGenerator: [{name: x, envs: [*a]}]",
                                     "replacements: [{path: *a}]", "transformers: [*a]", "resources: [*a]", "components: [*a]",
                                     "configMapGenerator: [{name: x, files: [*a]}]", "patchesStrategicMerge: [*a]")]  # fmt: skip
            return "\n".join(lines) + "\n"
        return "\n".join(self.chance.sample(lines, len(lines))) + self.one_of("\n", "\n# nodePort\n", "\n---\n")

    def spoilt(self, text: str) -> str | bytes:
        """A text, seldom with a byte or a line end that readers differ about."""
        kind = self.chance.random()
        if kind < 0.9:
            return text
        if kind < 0.94:
            return f"{text}\n---\n{'#' * 1100}\n".encode() + self.chance.choice(
                (b"\xff", b"\xc3", b"\x00", b"\xed\xa0\x80")
            )
        if kind < 0.96:
            return text.encode(self.chance.choice(("utf-16", "utf-8-sig", "utf-16-be")))
        places = [at for at, character in enumerate(text) if character in " \n"]
        at = self.chance.choice(places)
        return text[:at] + self.chance.choice(("\r", "\x85", "\u2028", "\x0b", "\r\n", "\x00")) + text[at + 1 :]

    def files(self) -> dict[str, str | bytes]:
        inner = self.one_of(PATCH, self.block(), self.flow() + "\n", SERVICE.replace("web", "in"))
        files = {
            "kustomization.yaml": self.kustomization(),
            "svc.yaml": SERVICE,
            "in.yaml": inner,
            "30080.yaml": inner,
            "d-30080/in.yaml": inner,
        }
        files["t.yaml"] = self.one_of(CANARIES["t.yaml"], self.block(), self.flow() + "\n")
        if self.chance.random() < 0.7:
            # One ../ anywhere makes kustomize read whatever it is told to.
            files = {f"app/{path}": text for path, text in files.items()} | {"up.yaml": SERVICE.replace("web", "up")}
            whole = files["app/kustomization.yaml"].replace("[svc.yaml]", "[svc.yaml, ../up.yaml]")
            files["app/kustomization.yaml"] = whole
        return {path: self.spoilt(text) for path, text in files.items()}


def trees(seed: int, count: int, outside: Path, address: str) -> Iterator[dict[str, str | bytes]]:
    """The files of ``count`` trees."""
    for number in range(seed, seed + count):
        yield Tree(random.Random(number), str(outside), address).files()
