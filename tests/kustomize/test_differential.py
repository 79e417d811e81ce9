"""Our reading of kustomizations against kustomize's own: whatever is built, nothing outside of the tree is opened.

The fence is switched off here, since it would hide what the reading lets through. ``benchmarks/differential.py`` runs as many
trees as one likes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from nodeport_lint.engines import child
from nodeport_lint.model import Report
from tests.components import KUBECTLS, kubectl
from tests.kustomize.trees import CANARIES, PATCH, SERVICE, trees
from tests.make import check_kustomizations, labels, of_rule, write_tree

VERSIONS = ("helm24", *KUBECTLS)
"""kubectl with kustomize 4.5, 5.4 and 5.7."""
OLD = 1_000_000_000
"""Nanoseconds since 1970: the time of access that the canaries are given."""


class Canaries:
    """Files outside of the tree, and whether anybody has opened them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        write_tree(directory, CANARIES)
        self.reset()

    def reset(self) -> None:
        for name in CANARIES:
            os.utime(self.directory / name, ns=(OLD, (self.directory / name).stat().st_mtime_ns))

    def opened(self) -> list[str]:
        return [name for name in CANARIES if (self.directory / name).stat().st_atime_ns != OLD]


@pytest.fixture
def canaries(tmp_path: Path) -> Canaries:
    made = Canaries(tmp_path / "outside")
    (made.directory / "s.yaml").read_text(encoding="utf-8")
    if made.opened() != ["s.yaml"]:
        pytest.skip("times of access are not kept on this file system")
    made.reset()
    return made


@pytest.fixture(autouse=True)
def without_a_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "needs_of", lambda program: None)


def check(root: Path, files: Mapping[str, str | bytes], version: str) -> Report:
    shutil.rmtree(root, ignore_errors=True)
    return check_kustomizations(root, files, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_outside_is_opened(
    tmp_path: Path,
    version: str,
    canaries: Canaries,
    server: tuple[str, list[str]],
) -> None:
    address, asked = server
    built = 0
    for files in trees(20261126, 150, canaries.directory, f"http://{address}"):
        found = check(tmp_path / "tree", files, version)
        built += found.statistics["kustomizations_rendered"] + found.statistics["kustomizations_in_part"]
        assert all(engine.fence == "" for engine in found.engines)
        assert (canaries.opened(), asked) == ([], []), files
    assert built >= 15


CASES: dict[str, str | bytes] = {
    "a patch without a name": "patchesStrategicMerge: ['{a: b} #/../../../OUTSIDE/p.yaml']\n",
    "an address": "patchesStrategicMerge: ['http://ADDRESS/p.yaml?a:']\n",
    "a plugin without a name": "transformers: ['{apiVersion: builtin, kind: HashTransformer} #/../../OUTSIDE/t.yaml']\n",
    "a plugin nested deeply": f"transformers: ['{{x: {'[' * 202}/{']' * 202}, y: /, apiVersion: builtin, kind: PatchTransformer, metadata: {{name: x}}, path: ABSOLUTE/p.yaml, target: {{kind: Service}}}}']\n",
    "a separator that is a key": "generators:\n- |\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n  metadata: {name: x}\n  files: [ABSOLUTE/e.env]\n  ---#x: 1\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n  metadata: {name: y}\n  files: [svc.yaml]\n",
    "a text among patches": "patches: ['OUTSIDE/p.yaml']\n",
    "a value that is none, and another one": "commonLabels: {a: .nan, a: b}\nresources: ['http://ADDRESS/x']  # nodePort\n",
    "a prefix that is none, and another one": "namePrefix: .inf\nnamePrefix: x\nresources: ['http://ADDRESS/x']  # nodePort\n",
    "bytes that are no text, far behind": b"# nodePort\nresources: [OUTSIDE]\n---\n" + b"#" * 1100 + b"\n\xff",
    "a comment that ends early": "transformers:\n- \"apiVersion: builtin\\nkind: HashTransformer\\nmetadata: {name: h}\\n--- #x\\rapiVersion: builtin\\rkind: HashTransformer\\rmetadata: {name: i}\\rx: |\\n  apiVersion: builtin\\n  kind: PatchTransformer\\n  metadata: {name: p}\\n  path: OUTSIDE/p.yaml\\n  target: {kind: Service}\\n\"\n",
    "an anchor again within its node, in a patch": "commonAnnotations: &a {k: &a OUTSIDE/p.yaml}\npatches: [{path: *a, target: {kind: Service}}]\n",
    "an anchor again within its node, in a schema": "commonAnnotations: &a {k: &a OUTSIDE/p.yaml}\nopenapi: {path: *a}\n",
    "an anchor again within its node, in settings": "commonAnnotations: &a {k: &a OUTSIDE/e.env}\nconfigMapGenerator: [{name: x, envs: [*a]}]\n",
    "an anchor again within its node, in an address": "commonAnnotations: &a {k: &a 'http://ADDRESS/x'}\nconfigMapGenerator: [{name: x, files: [*a]}]\n",
    "an anchor again within its node, in a plugin": "transformers:\n- |\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: x, annotations: &a {k: &a OUTSIDE/p.yaml}}\n  path: *a\n  target: {kind: Service}\n",
}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", CASES)
def test_known_ways_out(
    tmp_path: Path,
    case: str,
    version: str,
    canaries: Canaries,
    server: tuple[str, list[str]],
) -> None:
    address, asked = server
    own = CASES[case]
    text = (own if isinstance(own, bytes) else own.encode()).replace(b"ADDRESS", address.encode())
    if b"resources:" not in text:
        text = b"resources: [svc.yaml, ../up.yaml]\n" + text
    up = os.path.relpath("/", "/dev/shm/a/b/c/d/e")
    files: dict[str, str | bytes] = {
        "app/kustomization.yaml": text.replace(b"OUTSIDE", f"{up}{canaries.directory}".encode()).replace(
            b"ABSOLUTE", bytes(canaries.directory)
        ),
        "app/svc.yaml": SERVICE, "up.yaml": SERVICE.replace("web", "up"), "in.yaml": PATCH,
    }  # fmt: skip
    found = check(tmp_path / "tree", files, version)
    assert (canaries.opened(), asked) == ([], [])
    assert of_rule(found, "unrendered-kustomization"), "a word for what is left out"
    # What cannot be read does not tell what it lists.
    assert any("app/svc.yaml" in label for label in labels(found)) or "none" in case or isinstance(own, bytes)


def test_kustomize_itself_would_open_them(tmp_path: Path, canaries: Canaries) -> None:
    """Without this, the tests above could not fail."""
    text = str(CASES["a patch without a name"]).replace("/../../../OUTSIDE", f"/../{'../' * 30}{canaries.directory}")
    write_tree(tmp_path / "app", {"kustomization.yaml": "resources: [svc.yaml]\n" + text, "svc.yaml": SERVICE})
    arguments = [kubectl(), "kustomize", str(tmp_path / "app"), "--load-restrictor", "LoadRestrictionsNone"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert "31999" in done.stdout, done.stderr
    assert canaries.opened() == ["p.yaml"]
