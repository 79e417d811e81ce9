"""Kustomizations made to do harm, or to make the tool say something false: each of these once did."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from nodeport_lint.engines.rendered import services
from nodeport_lint.kustomize import standins
from nodeport_lint.kustomize.command import KustomizeCommand
from nodeport_lint.kustomize.judged import Judged
from nodeport_lint.kustomize.patches import _expected
from nodeport_lint.kustomize.places import Base, Bases
from nodeport_lint.model.render import Rendered, RenderError, RenderOptions
from tests.components import KUBECTLS, kustomizing
from tests.counting import calls_of
from tests.make import (
    BARE,
    REMOTE,
    check_kustomizations,
    labels,
    lint_tree,
    of_rule,
    write_tree,
)

OUTSIDE = BARE.replace("web", "outside").replace("30080", "31999")


@pytest.mark.parametrize("version", KUBECTLS)
@pytest.mark.parametrize("name", ["--output=TOP/pwned", "-o", "--help", "-h", "@base"])
def test_a_directory_that_is_called_like_an_option(tmp_path: Path, version: str, name: str) -> None:
    directory = name.replace("TOP", str(tmp_path))
    files = {f"{directory}/kustomization.yaml": "resources: [svc.yaml]\n", f"{directory}/svc.yaml": BARE}
    found = check_kustomizations(tmp_path / "root", files, version)
    assert sorted(os.listdir(tmp_path)) == ["root"]
    assert labels(found) == [f"{os.path.normpath(directory)}/svc.yaml:9:15 30080 web"]


@pytest.mark.parametrize(
    "files",
    [
        {"kustomization.yaml": "RESOURCES: ['http://ADDRESS/x.yaml', svc.yaml]\n# nodePort\n"},
        {"kustomization.yaml": "resources: ['HTTP://ADDRESS/x.yaml', svc.yaml]\n", "HTTP:/ADDRESS/x.yaml": BARE},
        {"kustomization.yaml": 'resources: ["http://ADDRESS/\\nx.yaml", svc.yaml]\n'},
        {"kustomization.yaml": "resources: [svc.yaml]\npatches: [{PATH: 'http://ADDRESS/x.yaml', path: svc.yaml}]\n"},
        {"kustomization.yaml": "resources: [svc.yaml]\nopenapi: {Path: 'http://ADDRESS/x.yaml'}\n"},
    ],
)
def test_nothing_is_fetched(tmp_path: Path, server: tuple[str, list[str]], files: Mapping[str, str]) -> None:
    address, asked = server
    filled = {path.replace("ADDRESS", address): text.replace("ADDRESS", address) for path, text in files.items()}
    found = check_kustomizations(tmp_path, {"svc.yaml": BARE, **filled})
    assert asked == []
    assert not any("31999" in label for label in labels(found))
    assert of_rule(found, "unrendered-kustomization")


@pytest.mark.parametrize(
    "files",
    [
        {"kustomization.yaml": 'resources: [svc.yaml, "x\\n/../../secret/s.yaml"]\n'},
        {"kustomization.yaml": 'resources: [svc.yaml, "x\\n/../../../../../../../../../../..SECRET/s.yaml"]\n'},
        {"kustomization.yaml": "RESOURCES: [SECRET/s.yaml]\ncomponents: []\n# nodePort\n"},
        {"kustomization.yaml": "Resources: [svc.yaml, ../secret/s.yaml]\n# nodePort\n"},
        {
            "kustomization.yaml": "resources: [svc.yaml]\ntransformers: [t]\n",
            "t/kustomization.yaml": "resources: [p.yaml]\n",
            "t/p.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: x}\npath: SECRET/s.yaml\ntarget: {kind: Service}\n",
        },
        {
            "kustomization.yaml": "resources: [svc.yaml]\ntransformers:\n- |\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: x}\n  path: SECRET/x=y/../s.yaml\n  target: {kind: Service}\n",
            "s.yaml": BARE,
        },
        {
            "kustomization.yaml": "resources: [svc.yaml]\ntransformers:\n- |\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: x}\n  PATH: SECRET/s.yaml\n  target: {kind: Service}\n",
        },
        {
            "kustomization.yaml": "resources: [svc.yaml]\ngenerators:\n- |\n  apiVersion: builtin\n  kind: HelmChartInflationGenerator\n  metadata: {name: x}\n  valuesFile: SECRET/s.yaml\n",
        },
    ],
)  # fmt: skip
def test_nothing_outside_of_the_root_is_read(tmp_path: Path, files: Mapping[str, str]) -> None:
    write_tree(tmp_path / "secret", {"s.yaml": OUTSIDE})
    filled = {path: text.replace("SECRET", str(tmp_path / "secret")) for path, text in files.items()}
    found = check_kustomizations(tmp_path / "root", {"svc.yaml": BARE, **filled})
    assert not any("31999" in label for label in labels(found))
    assert "svc.yaml:9:15 30080 web" in labels(found)
    assert of_rule(found, "unrendered-kustomization")


@pytest.mark.parametrize(
    "text",
    [
        "re\u017fources: ['SECRET/s.yaml', '../svc.yaml']\n",
        "resources: [../svc.yaml]\nba\u017fes: ['SECRET/s.yaml']\n",
        "resources: [../svc.yaml]\npatche\u017fStrategicMerge: ['SECRET/p.yaml']\n",
        "resources: [../svc.yaml]\npatche\u017f: [{path: 'SECRET/p.yaml', target: {kind: Service}}]\n",
        "resources: [../svc.yaml]\n! \"<<\": {bases: ['SECRET/s.yaml']}\n",
        "resources: [../svc.yaml]\n!!merge \"<<\": {bases: ['SECRET/s.yaml']}\n",
        "resources: [../svc.yaml]\n<<: {bases: ['SECRET/s.yaml']}\n",
        "resources: [../svc.yaml]\ntransformers: [\"x\\n/../../../../../../../../../../SECRET/t.yaml\"]\n",
        "resources: [../svc.yaml]\npatchesStrategicMerge: [\"x\\n/../../../../../../../../../../SECRET/p.yaml\"]\n",
        "resources: [../svc.yaml]\ntransformers: ['{apiVersion: builtin, kind: PatchTransformer, metadata: {name: x}, path: SECRET/p.yaml, target: {kind: Service}}']\n",
        "resources: [../svc.yaml]\ntransformers: [t16.yaml]\n",
        "resources: [../svc.yaml]\ntransformers: [deep.yaml]\n",
        "resources: [../svc.yaml]\ntransformers: [break.yaml]\n",
        "resources: [../svc.yaml]\ntransformers: [merge.yaml]\n",
        "resources: [../svc.yaml]\ntransformers: [fold.yaml]\n",
    ],
)  # fmt: skip
def test_what_two_parsers_see_differently(tmp_path: Path, text: str) -> None:
    plugin = "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: x}\ntarget: {kind: Service}\n"
    patch = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80, nodePort: 31999}]}\n"
    secret = tmp_path / "secret"
    inline = "".join(f"  {line}\n" for line in patch.splitlines())
    write_tree(secret, {"s.yaml": OUTSIDE, "p.yaml": patch, "t.yaml": f"{plugin}patch: |\n{inline}"})
    path = f"path: {secret}/p.yaml\n"
    files: dict[str, str | bytes] = {
        "svc.yaml": BARE,
        "o/kustomization.yaml": text.replace("SECRET", str(secret)).replace("..//", "../"),
        "o/t16.yaml": f"{plugin}{path}".encode("utf-16"),
        "o/deep.yaml": f"{plugin}{path}zz: {'[' * 300}{']' * 300}\n",
        "o/break.yaml": f"{plugin}# x\u0085{path}",
        "o/merge.yaml": f'{plugin}!!merge "<<": {{{path.strip()}}}\n',
        "o/fold.yaml": plugin.replace("PatchTransformer", "PatchStrategicMergeTransformer")
        + f"path\u017f: ['{secret}/p.yaml']\n",
    }
    found = check_kustomizations(tmp_path / "root", files)
    assert not any("31999" in label for label in labels(found))
    assert of_rule(found, "unrendered-kustomization")


@pytest.mark.parametrize(
    "text", ['{"resources": ["a\\u0000b"]}', '{"resources": ["\\ud800"]}', 'resources: ["a\\0b"]\n']
)
def test_what_is_no_path(tmp_path: Path, text: str) -> None:
    (problem,) = of_rule(check_kustomizations(tmp_path, {"kustomization.yaml": text}), "unrendered-kustomization")
    assert "is no path" in problem.message


def test_a_name_that_begins_like_another_holds_nothing_back(tmp_path: Path) -> None:
    patch = "- target: {kind: Service, name: web}\n  patch: |\n    - {op: replace, path: /spec/ports/0/nodePort, value: 30092}\n"
    files = {
        "kustomization.yaml": f"resources: [d.yaml, '{REMOTE}']\npatches:\n{patch}",
        "d.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-config}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n",
    }
    assert labels(check_kustomizations(tmp_path, files)) == ["kustomization.yaml:5:58 30092 web"]


def test_one_patch_that_does_not_fit_takes_no_other_along(tmp_path: Path) -> None:
    first = "- target: {kind: Service, name: web}\n  patch: |\n    - {op: replace, path: /spec/ports/0/nodePort, value: 30092}\n"
    fields = "- target: {kind: Service, name: other}\n  patch: |\n    - {op: remove, path: /spec/clusterIP}\n    - {op: test, path: /spec/sessionAffinity, value: None}\n    - {op: add, path: /spec/ports/1/nodePort, value: 30093}\n"
    odd = "- target: {kind: Service, name: third}\n  patch: |\n    - {op: copy, from: /spec/none/of, path: /spec/it}\n    - {op: add, path: /spec/ports/0/nodePort, value: 30094}\n"
    found = check_kustomizations(
        tmp_path, {"kustomization.yaml": f"resources: ['{REMOTE}']\npatches:\n{first}{fields}{odd}"}
    )
    assert labels(found) == ["kustomization.yaml:5:58 30092 web", "kustomization.yaml:10:54 30093 other"]
    notes = [finding.message for finding in of_rule(found, "unrendered-kustomization")]
    assert any("without the patches of Service third" in note for note in notes)


@pytest.mark.parametrize("path", ["./p.yaml", "../patches/p.yaml"])
def test_paths_of_patches_are_those_of_kustomize(tmp_path: Path, path: str) -> None:
    patch = "- {op: add, path: /spec/ports/0/nodePort, value: 30092}\n"
    files = {
        "a/kustomization.yaml": f"resources: ['{REMOTE}']\npatches: [{{path: {path}, target: {{kind: Service, name: web}}}}]\n",
        "a/p.yaml": patch,
        "patches/p.yaml": patch,
    }
    assert [label.split()[1] for label in labels(check_kustomizations(tmp_path, files))] == ["30092"]


def test_several_patches_for_one_name(tmp_path: Path) -> None:
    def patch(namespace: str, operation: str) -> str:
        return f"- target: {{kind: Service, name: web, namespace: {namespace}}}\n  patch: |\n    - {operation}\n"

    number = "{op: replace, path: /spec/ports/0/nodePort, value: NUMBER}"
    patches = (
        patch("a", "{op: replace, path: /metadata/labels/x, value: y}")
        + patch("a", number.replace("NUMBER", "30080"))
        + patch("b", number.replace("NUMBER", "30081"))
    )
    found = check_kustomizations(tmp_path, {"kustomization.yaml": f"resources: ['{REMOTE}']\npatches:\n{patches}"})
    assert [label.split()[1] for label in labels(found)] == ["30080", "30081"]
    digits = patch("a", "{op: add, path: /spec/ports/" + "9" * 5000 + "/nodePort, value: 30080}")
    check_kustomizations(tmp_path / "b", {"kustomization.yaml": f"resources: ['{REMOTE}']\npatches:\n{digits}"})


def test_what_stands_in_is_told_when_it_comes_from_the_cache(tmp_path: Path) -> None:
    merge = (
        "- patch: |\n    {apiVersion: v1, kind: Service, metadata: {name: far}, spec: {externalTrafficPolicy: Local}}\n"
    )
    how = kustomizing(cache=str(tmp_path / "cache"))
    for version in ("v1.0", "v1.1"):
        text = f"resources: [s.yaml, 'https://x.example/y?ref={version}']\npatches:\n{merge}"
        write_tree(tmp_path / "root", {"kustomization.yaml": text, "s.yaml": BARE})
        assert lint_tree(tmp_path / "root", rendering=how).statistics["services"] == 1


@pytest.mark.parametrize("short", [REMOTE, "x", "gone.yaml"])
def test_columns_behind_what_is_missing(tmp_path: Path, short: str) -> None:
    patch = "{apiVersion: v1, kind: Service, metadata: {name: zz}, spec: {ports: [{port: 80, nodePort: 30081}]}}"
    text = f"{{resources: ['{short}'], patches: [{{patch: \"{patch}\"}}]}}\n"
    found = check_kustomizations(tmp_path, {"kustomization.yaml": text})
    assert labels(found) == [f"kustomization.yaml:1:{text.index('30081') + 1} 30081 zz"]


def test_files_that_are_called_like_what_stands_in(tmp_path: Path) -> None:
    files = {
        "kustomization.yaml": f"resources: ['{REMOTE}', np0, np1]\n",
        "np0": BARE,
        "np1/kustomization.yaml": "resources: [s.yaml]\n",
        "np1/s.yaml": BARE.replace("web", "api").replace("30080", "30081"),
    }
    found = check_kustomizations(tmp_path, files)
    assert sorted(labels(found)) == ["np0:9:15 30080 web", "np1/s.yaml:9:15 30081 api"]


def test_nobody_can_hide_a_service_behind_the_mark(tmp_path: Path) -> None:
    files = {
        "kustomization.yaml": f"resources: [s.yaml, '{REMOTE}']\ncommonAnnotations: {{nodeport-lint/stands-in: x}}\n",
        "s.yaml": BARE.replace("    nodePort: 30080\n", "") + "# nodePort\n",
    }
    assert check_kustomizations(tmp_path, files).statistics["services"] == 1


def test_a_broken_kustomization_is_told(tmp_path: Path) -> None:
    files = {"kustomization.yaml": "resources: [s.yaml\n", "s.yaml": BARE}
    (problem,) = of_rule(check_kustomizations(tmp_path, files), "unrendered-kustomization")
    assert problem.location.path == "kustomization.yaml"


def test_a_base_of_many_overlays_is_mended_once(tmp_path: Path) -> None:
    comment = "# nothing\n" * 200_000
    files = {
        "base/kustomization.yaml": f"resources: [s.yaml, 'https://x.example/y']\n{comment}",
        "base/s.yaml": BARE,
    }
    files |= {f"o/{index}/kustomization.yaml": "resources: [../../base]\n" for index in range(10)}
    found = check_kustomizations(tmp_path, files)
    assert found.statistics["kustomizations_in_part"] == 10


def test_a_path_of_a_thousand_steps(tmp_path: Path) -> None:
    steps = "/spec" * 1000
    patch = (
        f"- target: {{kind: Service, name: web}}\n  patch: '[{{op: replace, path: {steps}/nodePort, value: 30081}}]'\n"
    )
    long = f"resources: [{REMOTE}, svc.yaml]\npatches:\n{patch}"
    found = check_kustomizations(tmp_path, {"kustomization.yaml": long, "svc.yaml": BARE.replace("web", "other")})
    assert labels(found) == ["svc.yaml:9:15 30080 other"]
    assert of_rule(found, "unrendered-kustomization")


def test_indices_of_indices_are_not_laid_without_end() -> None:
    operations = [{"op": "replace", "path": f"/spec{'/99' * 29}/x{number}"} for number in range(1000)]
    laid = _expected({"spec": {}}, operations)
    waiting, count = [laid], 0
    while waiting:
        value = waiting.pop()
        count += 1
        waiting += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    assert count < 20_000


class Counted(dict[str, Base]):
    """Counts what is looked up."""

    looked_up = 0

    def get(self, *key: object) -> Any:
        self.looked_up += 1
        return super().get(*key)  # type: ignore[call-overload]


def test_what_was_made_of_what_is_found_without_comparing_all() -> None:
    def work(count: int) -> int:
        text = "---\n".join(BARE.replace("web", f"web{number:04}") for number in range(count))
        bases = Bases(Base("s.yaml", found) for found in services(text))
        counted = bases._named = Counted(bases._named)
        for number in range(count):
            base = bases.of(f"dev-web{number:04}-x")
            assert base is not None and base.object.value["metadata"]["name"] == f"web{number:04}"
        return counted.looked_up

    assert work(200) < 2.2 * work(100)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (BARE.replace("nodePort", '"node\\x50ort"').encode(), "svc.yaml:9:20"),
        (BARE.replace("nodePort", '"n\\u006fdePort"').encode(), "svc.yaml:9:22"),
        # No text of ours that a number could be found in.
        (BARE.encode("utf-16"), "kustomization.yaml"),
    ],
)
def test_a_key_that_is_not_written_as_it_is_read(tmp_path: Path, text: bytes, place: str) -> None:
    found = check_kustomizations(
        tmp_path, {"kustomization.yaml": "resources: [svc.yaml]\nnamePrefix: a-\n", "svc.yaml": text}
    )
    assert labels(found) == [f"{place} 30080 a-web"]
    assert of_rule(found, "unrendered-kustomization") == []


def test_documents_behind_a_kustomization_are_told(tmp_path: Path) -> None:
    found = check_kustomizations(tmp_path, {"kustomization.yaml": f"resources: []\n---\n{BARE}"})
    assert [finding.message for finding in of_rule(found, "unrendered-kustomization")][:1] == [
        "the kustomization in . is read without what follows its first document"
    ]


@pytest.mark.parametrize("version", KUBECTLS)
@pytest.mark.parametrize(
    "patch",
    [
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80, nodePort: 30081}]}\n---\n",
        "--- # a patch\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80, nodePort: 30081}]}\n",
    ],
)
def test_patches_in_place_as_people_write_them(tmp_path: Path, version: str, patch: str) -> None:
    inline = "".join(f"  {line}\n" for line in patch.splitlines())
    text = f"# was imageTags: once\nresources: [svc.yaml]\npatchesStrategicMerge:\n- |-\n{inline}"
    found = check_kustomizations(tmp_path, {"kustomization.yaml": text, "svc.yaml": BARE}, version)
    assert [label.rpartition(" ")[0].rpartition(" ")[2] for label in labels(found)] == ["30081"]


@pytest.mark.parametrize(
    "text", ["".join(f"k{number}: 1\n" for number in range(1000)), "resources: [" + "[], " * 1000 + "]\n"]
)
def test_many_faults_of_one_kind_are_one_finding(tmp_path: Path, text: str) -> None:
    found = check_kustomizations(tmp_path, {"kustomization.yaml": f"{text}# nodePort\n"})
    told = [finding.message for finding in of_rule(found, "unrendered-kustomization")]
    assert len(told) == 1
    assert "(and 999 more)" in told[0]


def test_faults_without_end_are_counted(tmp_path: Path) -> None:
    text = "patches:\n" + "- {x: 1}\n" * 1000 + "resources: [" + "../../x, " * 1000 + "]\n# nodePort\n"
    told = [
        finding.message
        for finding in of_rule(check_kustomizations(tmp_path, {"kustomization.yaml": text}), "unrendered-kustomization")
    ]
    assert len(told) == 51
    assert "the kustomization in . has 1950 more faults, which are not listed" in told


@pytest.mark.parametrize(
    "files",
    [
        {"zz/kustomization.yaml": "kind: Component\nresources: [../app]\n", "app/kustomization.yaml": "resources: [svc.yaml]\n"},
        {"app/kustomization.yaml": "kind: Component\nresources: [svc.yaml]\n"},
        {"app/kustomization.yaml": "resources: [../b, svc.yaml]\n", "b/kustomization.yaml": "resources: [../app]\n"},
        {
            "a/kustomization.yaml": "resources: [../b, ../app]\n",
            "b/kustomization.yaml": "resources: [../a]\n",
            "app/kustomization.yaml": "resources: [svc.yaml]\n",
        },
    ],
)  # fmt: skip
def test_what_nobody_builds_hides_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    found = check_kustomizations(tmp_path, {**files, "app/svc.yaml": BARE})
    assert labels(found) == ["app/svc.yaml:9:15 30080 web"]


def test_a_configuration_of_that_name_further_down_is_a_manifest(tmp_path: Path) -> None:
    assert labels(check_kustomizations(tmp_path, {"deploy/.nodeport-lint.yaml": BARE})) == [
        "deploy/.nodeport-lint.yaml:9:15 30080 web"
    ]


def test_an_object_in_a_file_of_which_a_config_map_is_made_is_known_as_a_number(tmp_path: Path) -> None:
    found = check_kustomizations(
        tmp_path,
        {
            "app/kustomization.yaml": "configMapGenerator: [{name: x, files: [svc.yaml]}]\n",
            "app/svc.yaml": BARE,
            "other.yaml": BARE.replace("web", "other"),
        },
        config="",
    )
    assert found.statistics["inert_node_ports"] == 1
    clashes = [finding for finding in (*found.findings, *found.hidden) if finding.rule == "duplicate-node-port"]
    assert [(finding.confidence.word, finding.reason) for finding in clashes] == [
        ("possible", "Service web holds the number, and what becomes of it is not known")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "components: ['foo@[127.0.0.1]:x/y']\n",
        "components: ['foo@host/b/c']\n",
        "resources: [svc.yaml, 'a@ h:x/y']\n",
        "resources: [svc.yaml, x/_git/y]\n",
        "transformers:\n- |\n  github.com/x/y: x\n  apiVersion: builtin\n  kind: HashTransformer\n  metadata: {name: h}\n",
        "generators:\n- |\n"
        + "  ---\n".join("  apiVersion: builtin\n  kind: HashTransformer\n  metadata: {name: h}\n" for _ in range(2)),
        "configMapGenerator: [{name: x, files: {a: b}}]\n",
        "configMapGenerator: [{name: x, env: [a]}]\n",
        "patches: [{path: {a: b}}]\n",
        "openapi: [x]\n",
        "transformers:\n- |\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: h}\n  path: y\n",
    ],
)
def test_what_may_be_a_repository_or_no_text_is_not_built(tmp_path: Path, text: str) -> None:
    files = {"kustomization.yaml": f"{text}# nodePort\n", "svc.yaml": BARE, "x/_git/y/kustomization.yaml": ""}
    found = check_kustomizations(tmp_path, files)
    assert of_rule(found, "unrendered-kustomization")
    assert found.statistics["kustomizations_rendered"] == 0


def test_changed_inputs_are_judged_like_the_first(tmp_path: Path) -> None:
    built: list[str] = []

    class Engine:
        def render(self, inputs: Mapping[str, bytes], options: RenderOptions) -> Rendered:
            built.append(inputs["kustomization.yaml"].decode())
            return Rendered(())

    text = "x: [&1 a.yaml, &2 b.yaml]\nresources: [*1]\nnameSuffix: '-30080'\n".replace(
        "x: ", "commonAnnotations: {x: ", 1
    )
    text = text.replace("b.yaml]", "b.yaml]}", 1)
    first = {"kustomization.yaml": text.encode(), "a.yaml": b"", "b.yaml": b""}
    judged = Judged(Engine(), "", first)  # type: ignore[arg-type]
    judged.render(first, RenderOptions())
    judged.render({**first, "kustomization.yaml": text.replace("30080", "30081").encode()}, RenderOptions())
    with pytest.raises(RenderError, match="refer to other files"):
        judged.render({**first, "kustomization.yaml": text.replace("*1", "*2").encode()}, RenderOptions())
    with pytest.raises(RenderError, match="leads out"):
        judged.render({**first, "kustomization.yaml": text.replace("*1", "../c.yaml").encode()}, RenderOptions())
    assert [one.count("3008") for one in built] == [1, 1]


def test_what_patches_name_is_looked_for_in_so_many_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patches = "\n".join(
        f"- patch: '{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: d{index}}}, a: {{nodePort: {index}}}}}'"
        for index in range(6)
    )
    files = {"kustomization.yaml": f"resources: [{REMOTE}]\npatches:\n{patches}\n"}
    builds = calls_of(monkeypatch, KustomizeCommand, "render")
    assert not of_rule(check_kustomizations(tmp_path, files), "limit-reached")
    assert len(builds) == 2
    monkeypatch.setattr(standins, "MAX_BUILDS", 1)
    (found,) = of_rule(check_kustomizations(tmp_path, files), "limit-reached")
    why = "1 builds were not enough to find what its patches name and the repository lacks"
    assert found.message == f"the kustomization in . does not render: {why}"
