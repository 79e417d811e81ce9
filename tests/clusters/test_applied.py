"""What Argo CD and Flux apply, as evidence on what shares a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nodeport_lint import yamltext
from nodeport_lint.clusters import applied
from nodeport_lint.clusters.applied import applied_in
from nodeport_lint.model import Applied, Confidence, Document, Unit, UnitKind
from tests.make import deployment, level, report, service, verdict

LIKELY, POSSIBLE, CERTAIN = Confidence.LIKELY, Confidence.POSSIBLE, Confidence.CERTAIN
WEB, API = service("web"), service("api")
MANY = "".join(deployment(f"app{index}") for index in range(10))
SERVER = "https://10.0.0.1:6443"


def application(path: str, destination: str, repository: str = "platform", more: str = "") -> str:
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n"
        f"  source: {{repoURL: 'https://git.example/team/{repository}.git', path: {path}{more}}}\n"
        f"  destination: {{{destination}, namespace: shop}}\n"
    )


def flux(path: str, namespace: str = "") -> str:
    target = f", targetNamespace: {namespace}" if namespace else ""
    return f"apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: x}}\nspec: {{path: ./{path}{target}}}\n"


def apps(*texts: str) -> dict[str, str]:
    return {f"apps/{index}.yaml": text for index, text in enumerate(texts)}


FILES = {"a/web.yaml": WEB, "b/api.yaml": API}
ROOT = "resources: [app.yaml]\n"


@pytest.mark.parametrize(
    ("files", "expected", "evidence"),
    [
        # Destinations
        ({**FILES, **apps(application("a", f"server: '{SERVER}'"), application("b", "name: in-cluster"))}, None, "destinations"),
        ({**FILES, **apps(application("a", "name: north"), application("b", "name: south"))}, None, "destinations"),
        ({**FILES, **apps(application("a", "name: north"), application("b", "name: north"))}, LIKELY, "sent-to-one-cluster"),
        # An address and a name may be one cluster; a placeholder may be any.
        ({**FILES, **apps(application("a", f"server: '{SERVER}'"), application("b", "name: south"))}, LIKELY, "nothing-separates-them"),
        ({**FILES, **apps(application("a", "name: '{{n}}'"), application("b", "name: south"))}, LIKELY, "nothing-separates-them"),
        ({**FILES, **apps(application("a", "name: north"))}, LIKELY, "nothing-separates-them"),
        # One of them goes to both clusters.
        ({**FILES, **apps(*(application(*one) for one in (("a", "name: n"), ("b", "name: n"), ("b", "name: s"))))}, LIKELY, "nothing-separates-them"),
        # Of another repository, once one of this is known.
        ({**FILES, **apps(application("a", "name: north"), application("b", "name: south", "other"))}, LIKELY, "nothing-separates-them"),
        ({**FILES, **apps(application("a", "name: north", "x"), application("b", "name: south", "y"))}, None, "destinations"),
        # A directory applied as a whole settles what would be a guess.
        ({"a/dev.yaml": WEB, "a/prod.yaml": API, **apps(application("a", "name: north"))}, CERTAIN, "applied-together"),
        ({"a/dev/x.yaml": WEB, "a/prod/y.yaml": API, **apps(application("a", "name: north"))}, POSSIBLE, "environments"),
        ({"a/dev/x.yaml": WEB, "a/prod/y.yaml": API, **apps(application("a", "name: n", more=", directory: {recurse: true}"))}, CERTAIN, "applied-together"),
        ({"a/dev.yaml": WEB, "a/prod.yaml": API, **apps(application("a", "name: n", more=", directory: {exclude: '*v.yaml'}"))}, POSSIBLE, "environments"),
        ({"a/dev.yaml": WEB, "a/prod.yaml": API, **apps(application("a", "name: n", more=", kustomize: {namePrefix: x-}"))}, POSSIBLE, "environments"),
        ({"a/dev/x.yaml": WEB, "a/prod/y.yaml": API, **apps(flux("a"))}, CERTAIN, "applied-together"),
        ({"a/dev/x.yaml": WEB, "a/prod/y.yaml": API, "a/kustomization.yaml": "resources: []\n", **apps(flux("a"))}, POSSIBLE, "environments"),
        ({"a/archive/x.yaml": WEB, "a/y.yaml": API, **apps(flux("a"))}, POSSIBLE, "roles"),
        ({"a/one/w.yaml": WEB + MANY, "a/two/v.yaml": API + MANY, **apps(flux("a"))}, CERTAIN, "applied-together"),
        ({"x.yaml": WEB, "dev/y.yaml": API, "prod/z.yaml": "a: 1\n", **apps(flux("."))}, CERTAIN, "applied-together"),
        # Sent to one cluster, whatever they are called.
        (
            {"a/dev/w.yaml": WEB, "a/prod/v.yaml": API, "argo/x.yaml": application("a/dev", "name: north"),
             "argo/y.yaml": application("a/prod", "name: north")},
            LIKELY, "sent-to-one-cluster",
        ),
        (
            {"a/dev/w.yaml": WEB, "a/prod/v.yaml": API, "argo/x.yaml": application("a/dev", "name: in-cluster"),
             "argo/y.yaml": application("a/prod", "name: in-cluster")},
            LIKELY, "sent-to-one-cluster",
        ),
        # Each is the cluster of its own Argo CD.
        (
            {"a/dev/w.yaml": WEB, "a/prod/v.yaml": API, "argo/dev/x.yaml": application("a/dev", "name: in-cluster"),
             "argo/prod/y.yaml": application("a/prod", "name: in-cluster")},
            POSSIBLE, "environments",
        ),
        ({"a/dev/w.yaml": WEB, "a/prod/v.yaml": API, "flux/x.yaml": flux("a/dev"), "flux/y.yaml": flux("a/prod")}, LIKELY, "sent-to-one-cluster"),
        ({"a/dev/w.yaml": WEB, "a/prod/v.yaml": API, "dev/x.yaml": flux("a/dev"), "prod/y.yaml": flux("a/prod")}, POSSIBLE, "environments"),
        # One object of two roots of kustomize, in the namespaces that these, or Flux, give
        (
            {"a/kustomization.yaml": ROOT, "a/app.yaml": WEB + deployment("db", None),
             "b/kustomization.yaml": ROOT, "b/app.yaml": API + deployment("db", None)},
            POSSIBLE, "shared-object",
        ),
        (
            {"a/kustomization.yaml": f"{ROOT}namespace: one\n", "a/app.yaml": WEB + deployment("db", None),
             "b/kustomization.yaml": f"{ROOT}namespace: two\n", "b/app.yaml": API + deployment("db", None)},
            LIKELY, "nothing-separates-them",
        ),
        (
            {"a/kustomization.yaml": ROOT, "a/app.yaml": WEB + deployment("db", None),
             "b/kustomization.yaml": ROOT, "b/app.yaml": API + deployment("db", None),
             "x/a.yaml": flux("a", "one"), "y/b.yaml": flux("b", "two")},
            LIKELY, "nothing-separates-them",
        ),
        (
            {"a/kustomization.yaml": ROOT, "a/app.yaml": WEB + deployment("db", None),
             "b/kustomization.yaml": ROOT, "b/app.yaml": API + deployment("db", None),
             "x/a.yaml": flux("a", "one"), "y/b.yaml": flux("b", "one")},
            POSSIBLE, "shared-object",
        ),
        ({"a/kustomization.yaml": ROOT, "a/app.yaml": WEB + deployment("db"), "b/app.yaml": API + deployment("db")}, POSSIBLE, "shared-object"),
        # A kustomization that lists what Flux applies tells what is deployed, too.
        (
            {"a/kustomization.yaml": ROOT, "a/app.yaml": WEB, "b/kustomization.yaml": ROOT, "b/app.yaml": API,
             "c/kustomization.yaml": "resources: [flux.yaml]\n", "c/flux.yaml": f"{flux('a')}---\n{flux('c')}"},
            POSSIBLE, "not-deployed",
        ),
    ],
)  # fmt: skip
def test_evidence(tmp_path: Path, files: dict[str, str], expected: Confidence | None, evidence: str) -> None:
    assert verdict(tmp_path, files)[::2] == (expected, evidence)


def test_reasons(tmp_path: Path) -> None:
    files = {"a/dev.yaml": WEB, "a/prod.yaml": API, **apps(application("a", "name: north"))}
    (finding,) = report(tmp_path / "a", files).findings
    assert finding.reason == "Argo CD applies a as a whole"
    files = {"a/dev.yaml": WEB, "a/prod.yaml": API, **apps(flux("a"))}
    (finding,) = report(tmp_path / "b", files).findings
    assert finding.reason == "Flux applies a as a whole"


def documents(text: str) -> list[Document]:
    values: list[Any] = [yamltext.plain(root) for root in yamltext.read(text).roots]
    return [Document(value, Unit(UnitKind.MANIFEST, "x"), "x", None) for value in values]  # type: ignore[arg-type]


SET = """
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
spec:
  generators: GENERATORS
  template:
    spec:
      source: {repoURL: x, path: 'PATH'}
      destination: {name: '{{cluster}}'}
"""


@pytest.mark.parametrize(
    ("generators", "path", "expected"),
    [
        ("[{list: {elements: [{cluster: a, dir: one}, {cluster: b, dir: two}]}}]", "apps/{{dir}}", {("apps/one", "name a"), ("apps/two", "name b")}),
        ("[{list: {elements: [{cluster: a, dir: one}]}}]", "apps/{{ .dir }}/x", {("apps/one/x", "name a")}),
        ("[{git: {directories: [{path: 'apps/*'}, {path: apps/no, exclude: true}]}}]", "{{path}}", {("apps/*", "")}),
        ("[{git: {directories: [{path: 'apps/*'}]}}]", "{{.path.path}}", {("apps/*", "")}),
        ("[{matrix: {generators: [{git: {directories: [{path: 'apps/*'}]}}, {clusters: {}}]}}]", "{{path}}", {("apps/*", "")}),
        ("[{clusters: {}}]", "apps/{{name}}/overlay", {("apps/*/overlay", "")}),
        # A path that is anything tells nothing.
        ("[{clusters: {}}]", "{{path}}", set()),
        ("[{clusters: {}}]", "{{index .path.segments 1}}/x", {("*/x", "")}),
        ("7", "apps", {("apps", "")}),
        ("[7, {list: 7}, {list: {elements: [7]}}, {git: {directories: 7}}]", "apps", {("apps", "")}),
    ],
)  # fmt: skip
def test_application_sets(generators: str, path: str, expected: set[tuple[str, str]]) -> None:
    found = applied_in(documents(SET.replace("GENERATORS", generators).replace("PATH", path)), "x").applied
    assert {(one.path, one.destination) for one in found} == expected


def test_many_elements_are_bounded() -> None:
    elements = ", ".join(f"{{dir: d{index}}}" for index in range(5000))
    text = SET.replace("GENERATORS", f"[{{list: {{elements: [{elements}]}}}}]").replace("PATH", "{{dir}}")
    assert len(applied_in(documents(text), "x").applied) == 1000


@pytest.mark.parametrize(
    ("path", "directory", "expected"),
    [("a", "a", True), ("a/*", "a/b", True), ("a/*", "a/b/c", False), (".", "", True), (".", "a", False), ("*", "a", True)],
)  # fmt: skip
def test_covers(path: str, directory: str, expected: bool) -> None:
    assert Applied(path, "argo").covers(directory) == expected


def test_a_directory_applied_as_a_whole_is_one_cluster_for_the_units(tmp_path: Path) -> None:
    text = service("web", 30081)
    assert level(tmp_path, {"a/web.yaml": text, "a/api.yaml": text.replace("web", "api"), **apps(flux("a"))}) == CERTAIN


VARIANTS = {"k8s/db.yaml": service("db"), "k8s/db-ha.yaml": service("db-nodeport")}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("README.md", "Run `kubectl apply -f k8s/` once.\n", LIKELY),
        ("docs/install.md", "    kubectl -n shop apply -f k8s\n", LIKELY),
        ("k8s/README.md", "kubectl apply -f ../k8s\n", LIKELY),
        ("deploy.sh", "kubectl --context=home apply \\\n  -n shop --filename=./k8s/ | tee log\n", LIKELY),
        ("Makefile", "up:\n\tkubectl create -f 'k8s/*.yaml'\n", LIKELY),
        (".github/workflows/up.yml", "steps:\n- run: kubectl apply -R -f .\n- run: kubectl apply -R -f ./k8s\n", LIKELY),
        ("README.md", "kubectl apply -f ns.yaml -f k8s/\n", LIKELY),
        # One file, another directory, something to fill in, an address, another command.
        ("README.md", "kubectl apply -f k8s/db.yaml\n", POSSIBLE),
        ("README.md", "kubectl apply -f other/\n", POSSIBLE),
        ("README.md", "kubectl apply -f $DIR/\n", POSSIBLE),
        ("README.md", "kubectl apply -f https://example.org/k8s\n", POSSIBLE),
        ("README.md", "kubectl delete -f k8s/; cat -f k8s/\n", POSSIBLE),
        ("README.md", "kubectl apply -k k8s/\n", POSSIBLE),
        ("README.md", "kubectl apply -f .\n", POSSIBLE),
        ("values.txt", "kubectl apply -f k8s/\n", POSSIBLE),
    ],
)  # fmt: skip
def test_commands(tmp_path: Path, name: str, text: str, expected: Confidence) -> None:
    found = verdict(tmp_path, {**VARIANTS, name: text})
    assert found[::2] == (expected, "applied-together" if expected == LIKELY else "variants")
    if expected == LIKELY:
        assert found.reason == f"a command in {name} applies k8s as a whole"


# --- what each resource tells ---------------------------------------------------------------------

FLUX = "kustomize.toolkit.fluxcd.io/v1"
RELEASE = "helm.toolkit.fluxcd.io/v2"


def told(group: str, kind: str, spec: str, repository: str = "x") -> list[Applied]:
    found = applied_in(documents(f"apiVersion: {group}\nkind: {kind}\nspec: {spec}\n"), repository)
    assert found.cut == ()
    return [one._replace(told_in="") for one in found.applied]


def of_flux(path: str, destination: str = "", namespace: str = "") -> list[Applied]:
    return [Applied(path, "flux", destination, namespace, recursive=True, plain=True)]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("{path: ./a/b/}", of_flux("a/b")),
        ("{path: ./}", of_flux(".")),
        ("{path: /a}", of_flux("a")),
        ("{path: a, targetNamespace: blog}", of_flux("a", namespace="blog")),
        ("{path: a, targetNamespace: 7}", of_flux("a")),
        ("{path: a, kubeConfig: {secretRef: {name: north}}}", of_flux("a", "kubeConfig north")),
        ("{path: a, kubeConfig: {secretRef: {name: 7}}}", of_flux("a")),
        ("{path: a, kubeConfig: {secretRef: north}}", of_flux("a")),
        ("{path: a, kubeConfig: north}", of_flux("a")),
        ("{path: 7}", []),
        ("{targetNamespace: blog}", []),
        ("7", []),
    ],
)
def test_kustomizations_of_flux(spec: str, expected: list[Applied]) -> None:
    assert told(FLUX, "Kustomization", spec) == expected
    assert told("kustomize.config.k8s.io/v1beta1", "Kustomization", spec) == []


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("{chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository}}}}", [Applied("charts/web", "flux")]),
        ("{chart: {spec: {chart: ./charts/web, sourceRef: {kind: Bucket}}}}", [Applied("charts/web", "flux")]),
        ("{chart: {spec: {chart: web, sourceRef: {kind: HelmRepository}}}}", []),
        ("{chart: {spec: {chart: web}}}", []),
        ("{chart: {spec: {chart: 7, sourceRef: {kind: GitRepository}}}}", []),
        ("{chart: {chart: web, sourceRef: {kind: GitRepository}}}", []),
    ],
)
def test_releases_of_flux(spec: str, expected: list[Applied]) -> None:
    assert told(RELEASE, "HelmRelease", spec) == expected
    assert told(FLUX, "HelmRelease", spec) == []


def of_argo(
    path: str, destination: str = "", namespace: str = "", recursive: bool = False, plain: bool = True
) -> Applied:
    return Applied(path, "argo", destination, namespace, recursive, plain)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("{source: {path: a}}", [of_argo("a")]),
        ("{sources: [{path: a}, {path: ./b/}, {chart: c}, 7]}", [of_argo("a"), of_argo("b")]),
        ("{source: {path: a}, sources: [{path: b}]}", [of_argo("a"), of_argo("b")]),
        ("{sources: [{path: a}, {path: a}]}", [of_argo("a")]),
        ("{sources: {path: a}}", []),
        ("{source: {path: ./}}", []),
        ("{source: {path: '*/*'}}", []),
        ("{source: {path: 'a/*'}}", [of_argo("a/*")]),
        ("{source: {path: 7}}", []),
        (f"{{source: {{path: {'a' * 500}}}}}", [of_argo("a" * 500)]),
        (f"{{source: {{path: {'a' * 501}}}}}", []),
        # Where it goes.
        ("{source: {path: a}, destination: {server: 'https://x', namespace: shop}}", [of_argo("a", "server https://x", "shop")]),
        ("{source: {path: a}, destination: {name: north}}", [of_argo("a", "name north")]),
        ("{source: {path: a}, destination: {name: in-cluster}}", [of_argo("a", "server https://kubernetes.default.svc")]),
        ("{source: {path: a}, destination: {server: 'https://x', name: north}}", [of_argo("a", "server https://x")]),
        ("{source: {path: a}, destination: {name: '{{name}}', namespace: '{{n}}'}}", [of_argo("a")]),
        ("{source: {path: a}, destination: {name: 'x{{name}}', namespace: shop}}", [of_argo("a", "", "shop")]),
        ("{source: {path: a}, destination: {name: north, namespace: '{{n}}-x'}}", [of_argo("a", "name north")]),
        ("{source: {path: a}, destination: {name: 7, namespace: 7}}", [of_argo("a")]),
        # What of the directory is applied.
        ("{source: {path: a, directory: {recurse: true}}}", [of_argo("a", recursive=True)]),
        ("{source: {path: a, directory: {recurse: 'true'}}}", [of_argo("a")]),
        ("{source: {path: a, directory: 7}}", [of_argo("a")]),
        ("{source: {path: a, directory: {include: '*.yaml'}}}", [of_argo("a", plain=False)]),
        ("{source: {path: a, directory: {exclude: '*.yaml'}}}", [of_argo("a", plain=False)]),
        *((f"{{source: {{path: a, {tool}: {{}}}}}}", [of_argo("a", plain=False)]) for tool in ("kustomize", "helm", "plugin", "chart")),
        ("{source: {path: a, ref: x}}", [of_argo("a")]),
    ],
)  # fmt: skip
def test_applications(spec: str, expected: list[Applied]) -> None:
    assert told("argoproj.io/v1alpha1", "Application", spec) == expected
    assert told("argoproj.io/v1alpha1", "ApplicationSet", f"{{template: {{spec: {spec}}}}}") == expected
    assert told("example.org/v1", "Application", spec) == []


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("https://git.example/team/platform.git", True),
        ("https://git.example/team/platform", True),
        ("https://git.example/team/platform/", True),
        ("git@git.example:platform.git", True),
        ("https://git.example/platform/other", False),
        ("https://git.example/team/platform-x", False),
    ],
)
def test_sources_of_other_repositories_do_not_count_once_one_of_this_is_known(url: str, is_own: bool) -> None:
    spec = f"{{sources: [{{path: a, repoURL: '{url}'}}, {{path: b, repoURL: 'https://git.example/x'}}, {{path: c}}]}}"
    paths = [one.path for one in told("argoproj.io/v1alpha1", "Application", spec, "platform")]
    assert paths == (["a", "c"] if is_own else ["a", "b", "c"])


def test_what_flux_applies_is_of_this_repository() -> None:
    text = f"{application('a', 'name: x')}---\n{application('b', 'name: x', 'other')}---\n{flux('c')}"
    assert [one.path for one in applied_in(documents(text), "platform").applied] == ["a", "c"]


@pytest.mark.parametrize(
    ("generators", "path", "expected"),
    [
        ("[{list: {elements: [{d: a}, {d: 7}]}}]", "x/{{d}}", ["x/a", "x/*"]),
        ("[{list: {elements: [{d: a}]}}]", "x/{{- d -}}", ["x/a"]),
        ("[{list: {elements: [{d: a}]}}]", "{{d}}/{{d}}/{{other}}", ["a/a/*"]),
        ("[{list: {elements: [{d: a}]}}]", "{{ .d | lower }}/x", ["*/x"]),
        ("[{list: {elements: [{'7': a}]}}]", "{{7}}", ["a"]),
        (f"[{{list: {{elements: [{{d: {'a' * 500}}}]}}}}]", "{{d}}", ["a" * 500]),
        (f"[{{list: {{elements: [{{d: {'a' * 501}}}]}}}}]", "{{d}}/x", ["*/x"]),
        (f"[{{list: {{elements: [{{d: {'a' * 300}}}]}}}}]", "{{d}}{{d}}", []),
        ("[{git: {directories: [{path: a}, {path: b, exclude: true}, {path: c, exclude: false}, {path: 7}, 7]}}]", "{{path}}", ["a", "c"]),
        (f"[{{git: {{directories: [{{path: {'a' * 501}}}, {{path: {'b' * 500}}}]}}}}]", "{{path}}", ["b" * 500]),
        ("[{merge: {generators: [{list: {elements: [{d: a}]}}]}}]", "{{d}}", ["a"]),
        ("[{matrix: {generators: [{matrix: {generators: [{list: {elements: [{d: a}]}}]}}]}}]", "{{d}}", ["a"]),
        ("[{matrix: {generators: [{matrix: {generators: [{matrix: {generators: [{list: {elements: [{d: a}]}}]}}]}}]}}]", "x/{{d}}", ["x/*"]),
        ("[{matrix: {generators: 7}}, {list: {elements: [{d: a}]}}]", "{{d}}", ["a"]),
    ],
)  # fmt: skip
def test_what_generators_give(generators: str, path: str, expected: list[str]) -> None:
    found = applied_in(documents(SET.replace("GENERATORS", generators).replace("PATH", path)), "x").applied
    assert [one.path for one in found] == expected


# --- bounds ---------------------------------------------------------------------------------------


def in_files(*texts: str) -> list[Document]:
    return [one._replace(path=f"{index}.yaml") for index, text in enumerate(texts) for one in documents(text)]


def test_sources_of_an_application_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applied, "MAX_SOURCES", 2)
    spec = "{source: {path: z}, sources: [{path: a}, {path: b}, {path: c}]}"
    assert [one.path for one in told("argoproj.io/v1alpha1", "Application", spec)] == ["z", "a", "b"]


def test_a_resource_of_too_many_directories_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applied, "MAX_ELEMENTS", 2)
    texts = [
        f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {{sources: [{', '.join(sources)}]}}\n"
        for sources in (["{path: a}", "{path: b}"], ["{path: c}", "{path: d}", "{path: e}"])
    ]
    found = applied_in(in_files(*texts), "x")
    assert ([one.path for one in found.applied], found.cut) == (["a", "b", "c", "d"], ("1.yaml",))
    assert [one.told_in for one in found.applied] == ["0.yaml", "0.yaml", "1.yaml", "1.yaml"]


def test_too_many_directories_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applied, "MAX_APPLIED", 2)
    other = "apiVersion: v1\nkind: Service\n"
    found = applied_in(in_files(flux("a"), flux("b"), flux("c"), other, flux("d"), flux("e")), "x")
    assert ([one.path for one in found.applied], found.cut) == (["a", "b", "c"], ("4.yaml", "5.yaml"))


def test_too_many_patterns_are_told_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applied, "MAX_PATTERNS", 1)
    found = applied_in(in_files(flux("a/*"), flux("b"), flux("c/*"), flux("d")), "x")
    assert ([one.path for one in found.applied], found.cut) == (["a/*", "b", "d"], ("2.yaml",))
