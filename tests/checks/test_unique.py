"""What of one number is one finding, how sure it is, and what it says of that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nodeport_lint.checks import NoOptions, unique
from nodeport_lint.model import Confidence, Declaration, Finding, Inventory, Layout, Report, Verdict
from tests.make import CHART, WEB, Lint, check_charts, context, declaration, manifest, of_rule, report, service

RULE = "duplicate-node-port"
POSSIBLE, LIKELY, CERTAIN = Confidence


def clashes(found: Report) -> list[Finding]:
    return of_rule(found, RULE)


def both(*names: str) -> str:
    """Services of one file."""
    return "---\n".join(manifest(name, 30080) for name in names)


def objects(finding: Finding) -> list[str]:
    return [str(party.object) for party in finding.parties]


def test_clashes_of_two_declared_clusters_are_two_findings(tmp_path: Path) -> None:
    files = {"east/a.yaml": both("a", "b"), "west/c.yaml": manifest("c", 30080), "west/d.yaml": manifest("d", 30080)}
    config = "clusters: [{name: east, paths: ['east/**']}, {name: west, paths: ['west/**']}]\n"
    found = clashes(report(tmp_path, files, config))
    assert [(one.message, objects(one)) for one in found] == [
        ("node port 30080 is asked for by Service a and Service b in cluster east", ["Service a", "Service b"]),
        ("node port 30080 is asked for by Service c and Service d in cluster west", ["Service c", "Service d"]),
    ]
    assert [(one.confidence, one.reason, one.related) for one in found] == [
        (CERTAIN, "both are in the cluster east", ()), (CERTAIN, "both are in the cluster west", ()),
    ]  # fmt: skip
    assert {one.severity.word for one in found} == {"error"}


def test_clusters_that_argo_cd_tells_are_two_findings(tmp_path: Path) -> None:
    files = {}
    for name in ("east", "west"):
        source = f"source: {{path: {name}, repoURL: https://e.org/r}}"
        files[f"apps/{name}.yaml"] = (
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
            f"metadata: {{name: {name}}}\nspec: {{{source}, destination: {{server: https://{name}}}}}\n"
        )
        files[f"{name}/a.yaml"] = both(f"{name}-a", f"{name}-b")
    found = clashes(report(tmp_path, files))
    assert [(objects(one), one.confidence) for one in found] == [
        (["Service east-a", "Service east-b"], CERTAIN), (["Service west-a", "Service west-b"], CERTAIN),
    ]  # fmt: skip
    assert [one.related for one in found] == [(), ()]


def test_what_is_only_possible_is_named_beside_each_finding(tmp_path: Path) -> None:
    """Two environments, each with its own clash, and a third that clashes with each only possibly."""
    files = {f"envs/{name}/a.yaml": both(f"{name}-a", f"{name}-b") for name in ("dev", "prod")}
    files["envs/stage/a.yaml"] = manifest("stage-a", 30080)
    found = clashes(report(tmp_path, files))
    assert [(objects(one), one.confidence) for one in found] == [
        (["Service dev-a", "Service dev-b"], CERTAIN), (["Service prod-a", "Service prod-b"], CERTAIN),
    ]  # fmt: skip
    assert [[(place.path, place.note) for place in one.related] for one in found] == 2 * [
        [("envs/stage/a.yaml", "also asked for by Service stage-a")]
    ]


def test_what_only_doubt_connects_is_one_finding(tmp_path: Path) -> None:
    files = {f"envs/{name}/a.yaml": manifest(name, 30080) for name in ("dev", "prod", "stage")}
    (found,) = clashes(report(tmp_path, files))
    assert (objects(found), found.confidence) == (["Service dev", "Service prod", "Service stage"], POSSIBLE)
    assert found.related == ()


def by_levels(*pairs: tuple[str, str, Confidence, str]) -> Callable[[Declaration, Declaration], Verdict]:
    """Verdicts as a table tells them; the others are that there is no clash."""
    found = {frozenset((one, other)): Verdict(level, reason, f"of {reason}") for one, other, level, reason in pairs}
    return lambda a, b: found.get(frozenset((a.object.name, b.object.name)), Verdict(None, "apart"))


def judged(names: dict[str, str], *pairs: tuple[str, str, Confidence, str]) -> list[Finding]:
    """The findings of claims of names, each in a file."""
    claims = tuple(declaration(name, path=path) for name, path in names.items())
    given = context([], Inventory(values=claims))._replace(verdict=by_levels(*pairs))
    return list(unique.check(NoOptions(), given))


@pytest.mark.parametrize(
    ("names", "pairs", "reason", "evidence"),
    [
        (
            {"a": "x", "b": "x", "c": "y"},
            [("a", "b", CERTAIN, "one file"), ("a", "c", LIKELY, "two files")],
            "Service a and Service b: one file; Service c is only likely: two files",
            "of two files",
        ),
        # The order in which they come does not matter, and a doubt beside a surer way counts for nothing.
        (
            {"c": "y", "a": "x", "b": "x"},
            [("a", "b", CERTAIN, "one file"), ("b", "c", LIKELY, "two files"), ("a", "c", POSSIBLE, "in doubt")],
            "Service a and Service b: one file; Service c is only likely: two files",
            "of two files",
        ),
        # A third that came first and connected both leaves their own verdict to be asked for.
        (
            {"c": "y", "a": "x", "b": "x"},
            [("a", "b", CERTAIN, "one file"), ("c", "a", LIKELY, "two files"), ("c", "b", LIKELY, "others")],
            "Service a and Service b: one file; Service c is only likely: two files",
            "of two files",
        ),
        (
            {"a": "x", "b": "x", "c": "y", "d": "z"},
            [("a", "b", CERTAIN, "one file"), ("a", "c", LIKELY, "of c"), ("c", "d", LIKELY, "of d")],
            "Service a and Service b: one file; Service c and Service d are only likely: of c",
            "of of c",
        ),
        (
            {"a": "x", "b": "x", "c": "y", "d": "y"},
            [("a", "b", CERTAIN, "x"), ("b", "c", LIKELY, "two files"), ("c", "d", CERTAIN, "y")],
            "Service a and Service b: x; Service c and Service d: y; the rest is only likely: two files",
            "of two files",
        ),
        (
            {"a": "x", "b": "y", "c": "z"},
            [("a", "b", LIKELY, "two files"), ("b", "c", LIKELY, "others")],
            "two files",
            "of two files",
        ),
    ],
)
def test_a_finding_is_as_sure_as_what_holds_it_together(
    names: dict[str, str], pairs: list[tuple[str, str, Confidence, str]], reason: str, evidence: str
) -> None:
    (found,) = judged(names, *pairs)
    assert (found.confidence, found.reason, found.evidence) == (LIKELY, reason, evidence)
    assert len(found.parties) == len(names)


def test_a_certain_clash_of_three_needs_not_every_pair() -> None:
    (found,) = judged({"a": "x", "b": "x", "c": "x"}, ("a", "b", CERTAIN, "first"), ("b", "c", CERTAIN, "second"))
    assert (found.confidence, found.reason, found.evidence) == (CERTAIN, "first", "of first")


def test_what_is_only_possible_is_named_where_it_is_so() -> None:
    """Beside the second of two groups, and what is connected with neither but through another one, beside the first."""
    sure = [("a", "b", CERTAIN, ""), ("c", "d", CERTAIN, "")]
    doubts = [("a", "c", POSSIBLE, ""), ("d", "e", POSSIBLE, ""), ("e", "f", POSSIBLE, "")]
    found = judged(dict(zip("abcdef", "xxyyzw", strict=True)), *sure, *doubts)
    assert [(objects(one), [place.note for place in one.related]) for one in found] == [
        (["Service a", "Service b"], ["also asked for by Service f"]),
        (["Service c", "Service d"], ["also asked for by Service e"]),
    ]


def test_namesakes_are_told_by_their_files(lint_files: Lint) -> None:
    (found,) = clashes(lint_files({"a.yaml": both("web", "api"), "b.yaml": manifest("web", 30080)}))
    assert found.reason == (
        "Service web in a.yaml and Service api: both are in a.yaml; Service web in b.yaml is only likely: nothing says that "
        "they go to different clusters"
    )


def test_many_parts_are_counted() -> None:
    names = {f"{letter}{index}": letter for letter in "vwxyz" for index in (1, 2)}
    sure = [(f"{letter}1", f"{letter}2", CERTAIN, f"both in {letter}") for letter in "vwxyz"]
    (found,) = judged(names, *sure, *(("v1", f"{letter}1", LIKELY, "apart") for letter in "wxyz"))
    assert found.reason == (
        "Service v1 and Service v2: both in v; Service w1 and Service w2: both in w; Service x1 and Service x2: both in x; "
        "2 more as sure; the rest is only likely: apart"
    )


def test_a_clash_of_several_values_sets_is_one_finding(tmp_path: Path) -> None:
    text = "---\n".join(service(name, 30080, namespace=None) for name in ("web", "api"))
    files = {
        "c/Chart.yaml": CHART,
        "c/values.yaml": "a: 1\n",
        "c/values-prod.yaml": "a: 2\n",
        "c/templates/a.yaml": text,
    }
    (found,) = clashes(check_charts(tmp_path, files, config=""))
    assert [[unit.variant for unit in party.units] for party in found.parties] == 2 * [["", "values-prod.yaml"]]
    assert found.reason == "both are in c"


def test_what_was_not_compared_is_told_in_its_own_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unique, "MAX_OF_NUMBER", 10)
    claims = [declaration(f"s{index}", path=f"east/{index}.yaml") for index in range(30)]
    claims += [declaration(name, path="west/a.yaml") for name in ("a", "b")]
    read = Inventory(values=tuple(claims), layout=Layout(cluster_of=lambda path: path.split("/")[0]))
    given = context([], read)._replace(verdict=by_levels(("a", "b", CERTAIN, "both are in west")))
    east, west = unique.check(NoOptions(), given)
    assert (east.confidence, east.reason) == (
        LIKELY, "20 of 30 claims were compared with 10 others each, and no more",
    )  # fmt: skip
    assert len(east.parties) == 30
    assert (west.confidence, west.reason, len(west.parties)) == (CERTAIN, "both are in west", 2)


def test_what_one_number_costs_is_left_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unique, "MAX_VERDICTS", 30 * 29 // 2 + 10)
    claims = (declaration(f"s{i}", path=f"{i}.yaml", number=number) for number in (30080, 30081) for i in range(30))
    (found,) = unique.check(NoOptions(), context([], Inventory(values=tuple(claims))))
    assert found.message.startswith("node port 30081 is asked for by ")
    assert found.reason == "20 of 30 claims were compared with 10 others each, and no more"


def test_a_cluster_that_only_releases_name_is_not_named() -> None:
    claims = [declaration(name, kind="release") for name in ("a", "b")]
    named = tuple(claim._replace(unit=claim.unit._replace(cluster="east")) for claim in claims)
    (found,) = unique.check(NoOptions(), context([], Inventory(values=named), CERTAIN))
    assert found.message == "node port 30080 is asked for by Service a and Service b"


def test_every_port_of_a_side_is_shown(tmp_path: Path) -> None:
    """Of a party, and of what is only possible."""
    dns = (
        "apiVersion: v1\nkind: Service\nmetadata: {{name: {0}}}\nspec:\n  type: NodePort\n  ports:\n"
        "  - {{port: 53, nodePort: 30080, protocol: TCP}}\n  - {{port: 53, nodePort: 30080, protocol: UDP}}\n"
    )
    files = {
        "envs/dev/a.yaml": f"{dns.format('dns')}---\n{manifest('web', 30080)}",
        "envs/prod/a.yaml": dns.format("far"),
    }
    (found,) = clashes(report(tmp_path, files))
    assert objects(found) == ["Service dns", "Service dns", "Service web"]
    assert [place.note for place in found.related] == 2 * ["also asked for by Service far"]


TWO = "{{{{ if .Values.on }}}}\nspec:\n  ports:\n  - nodePort: {0}\n  - nodePort: {1}\n{{{{ end }}}}\n"


def test_numbers_of_one_template_are_values_and_no_services(tmp_path: Path) -> None:
    files = {**WEB, "web/templates/inert.yaml": TWO.format(30085, 30085)}
    (found,) = clashes(check_charts(tmp_path, files, config=""))
    assert found.message == "node port 30085 is asked for by 2 values named nodePort in web/templates/inert.yaml"
    assert [party.location.route for party in found.parties] == [(), ()]
    assert len({party.identity for party in found.parties}) == 2


def test_numbers_of_one_template_are_given_different_free_numbers(tmp_path: Path) -> None:
    files = {**WEB, "web/templates/inert.yaml": TWO.format(30085, 30086), "a.yaml": manifest("a", 30085, 30086)}
    helps = {one.message.split()[2]: one.help for one in clashes(check_charts(tmp_path, files, config=""))}
    assert helps == {"30085": "30087 is the next free node port", "30086": "30088 is the next free node port"}


@pytest.mark.parametrize("third", ["0.yaml", "z.yaml"])
def test_what_is_applied_together_is_seen_in_every_order_of_files(lint_files: Lint, third: str) -> None:
    flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec: {path: ./a}\n"
    files = {
        "a/one.yaml": manifest("web", 30080), "a/two.yaml": manifest("api", 30080), third: manifest("other", 30080),
        "flux.yaml": flux,
    }  # fmt: skip
    (finding,) = lint_files(files).findings
    assert "Service web and Service api: Flux applies a as a whole" in finding.reason
    assert "Service other is only likely" in finding.reason
