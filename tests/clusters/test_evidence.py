"""Pieces of evidence, one by one: what each says of a pair, of which neighbour it says nothing, and in which order they
speak. No repository is read: claims and what is known of them are made here."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from nodeport_lint.clusters import evidence, judge
from nodeport_lint.clusters.evidence import EVIDENCE, RULES_OUT, Cap, Evidence
from nodeport_lint.clusters.judge import GROUNDS, NOTHING, name_of
from nodeport_lint.clusters.known import Known
from nodeport_lint.model import (
    Confidence,
    Declaration,
    Inventory,
    Layout,
    Location,
    Object,
    Unit,
    UnitKind,
    Verdict,
)
from tests.clusters.claims import CHART, ROOTS, TWICE, A, B, argo, built, command, flux, holds, plain, value

POSSIBLE = Confidence.POSSIBLE


class Case(NamedTuple):
    """``says``: the reason of the piece, empty where it says nothing. ``layout`` may be a whole inventory."""

    piece: Evidence
    a: Declaration
    b: Declaration
    says: str = ""
    layout: Layout | Inventory = Layout()
    notice: str = ""
    decides: bool = True

    @property
    def inventory(self) -> Inventory:
        return self.layout if isinstance(self.layout, Inventory) else Inventory(layout=self.layout)


e = evidence
NORTH, SOUTH = argo("a", "name north", plain=True), argo("b", "name south", plain=True)
OFFERED = Inventory(catalogue=frozenset({"charts/web"}))
COURSE = Layout(titles=("platform", "Kubernetes course"))
CALLED = "the repository is called 'Kubernetes course'"
AGAIN = "declares the same objects again and again"

CASES = [
    Case(e.clusters_of_releases, built("release", "c", cluster="x"), built("release", "c", cluster="y"), "one goes to x, the other to y"),
    Case(e.clusters_of_releases, built("release", "c", cluster="x"), built("release", "c", "api", cluster="x")),
    Case(e.clusters_of_releases, built("release", "c", cluster="x"), built("release", "c", "api")),

    Case(e.destinations, plain("a/a.yaml"), plain("b/b.yaml", "api"), "Argo CD sends one to north, the other to south", Layout(applied=(NORTH, SOUTH))),
    Case(e.destinations, built("kustomization", "a"), built("kustomization", "b", "api"), "Argo CD sends one to north, the other to south", Layout(applied=(NORTH, SOUTH))),
    Case(e.destinations, plain("a/a.yaml"), plain("b/b.yaml", "api"), "Argo CD sends one to north, the other to east", Layout(applied=(NORTH, SOUTH, argo("b", "name east", plain=True)))),
    # One side is not sent; both are, to both; an address is compared with a name; a place that is not told; Flux.
    Case(e.destinations, plain("a/a.yaml"), plain("b/b.yaml", "api"), "", Layout(applied=(NORTH,))),
    Case(e.destinations, plain("a/a.yaml"), plain("b/b.yaml", "api"), "", Layout(applied=(NORTH, SOUTH, argo("b", "name north", plain=True)))),
    Case(e.destinations, plain("a/a.yaml"), plain("b/b.yaml", "api"), "", Layout(applied=(NORTH, argo("b", "server south", plain=True)))),
    Case(e.destinations, plain("a/a.yaml"), plain("b/b.yaml", "api"), "", Layout(applied=(argo("a", plain=True), SOUTH))),
    Case(e.destinations, plain("a/a.yaml"), plain("b/b.yaml", "api"), "", Layout(applied=(argo("a", plain=True), argo("b", plain=True)))),
    Case(e.destinations, plain("a/a.yaml"), plain("b/b.yaml", "api"), "", Layout(applied=(flux("a", destination="kubeConfig x", plain=True), flux("b", destination="kubeConfig y", plain=True)))),

    Case(e.values_sets_of_one_chart, CHART, built("chart", "charts/web", "api", "values-dev.yaml"), "two values sets of charts/web"),
    Case(e.values_sets_of_one_chart, CHART, built("chart", "charts/api", "api", "values-dev.yaml")),
    Case(e.values_sets_of_one_chart, CHART, built("chart", "charts/web", "api")),
    Case(e.values_sets_of_one_chart, built("release", "charts/web"), built("release", "charts/web", "api", "two")),
    Case(e.values_sets_of_one_chart, CHART, built("release", "charts/web", "api", "two")),

    Case(e.one_value, value("c/values.yaml", "a.nodePort", "c"), value("c/dev.yaml", "a.nodePort", "c"), "one value, a.nodePort, in several layers"),
    Case(e.one_value, value("c/values.yaml", "a.nodePort", "c"), value("c/dev.yaml", "b.nodePort", "c")),
    Case(e.one_value, value("c/values.yaml", "a.nodePort", "c"), value("d/values.yaml", "a.nodePort", "d")),
    Case(e.one_value, value("x.yaml", "a.nodePort"), value("y.yaml", "a.nodePort"), "one value, a.nodePort, in several layers"),
    Case(e.one_value, value("x.yaml", "a.nodePort"), value("c/values.yaml", "a.nodePort", "c")),
    Case(e.one_value, value("x.yaml", "n"), plain("y.yaml", location=Location("y.yaml", None, ("n",)))),
    # What renders it, in the same chart, at the same key; and in another one.
    Case(e.one_value, CHART._replace(location=Location("charts/web/values.yaml", None, ("n",))), value("charts/web/dev.yaml", "n", "charts/web"), "one value, n, in several layers"),
    Case(e.one_value, CHART._replace(location=Location("charts/web/values.yaml", None, ("n",))), value("charts/api/dev.yaml", "n", "charts/api")),
    Case(e.one_value, CHART._replace(location=Location("charts/web/values.yaml", None, ("n",))), value("x.yaml", "n")),
    Case(e.one_value, CHART._replace(unit=Unit(UnitKind.CHART, "c")), built("chart", "c", "api")),
    # Custom resources are called by what they are.
    Case(e.one_value, value("a.yaml", "x", variant="Odd shop/x"), value("b.yaml", "y", variant="Odd shop/x"), "Odd shop/x and its copy"),
    Case(e.one_value, value("a.yaml", "x", variant="Odd shop/x"), value("a.yaml", "y", variant="Odd shop/x")),
    Case(e.one_value, value("a.yaml", "x", variant="Odd shop/x"), value("b.yaml", "y", variant="Odd shop/y")),
    Case(e.one_value, value("a.yaml", "x"), value("b.yaml", "y")),

    Case(e.one_object, A, plain("b.yaml"), "Service shop/web and its copy"),
    Case(e.one_object, A, plain("b.yaml", namespace=None), "Service shop/web and Service web may be one object"),
    Case(e.one_object, plain("a.yaml", namespace=None), plain("b.yaml", namespace=None), "Service web and its copy"),
    Case(e.one_object, A, A, "Service shop/web and its copy"),
    Case(e.one_object, A, plain("a.yaml", namespace=None)),
    Case(e.one_object, A, plain("b.yaml", namespace="blog")),
    Case(e.one_object, A, B),
    Case(e.one_object, A, plain("b.yaml", object=Object("Other", "shop", "web"))),
    Case(e.one_object, value("a.yaml", "x"), value("b.yaml", "x", chart="c"), ""),
    # The namespace that Flux gives counts, but not within one file.
    Case(e.one_object, plain("a/a.yaml"), plain("b/b.yaml", namespace=None), "", Layout(applied=(flux("b", namespace="blog", plain=True),))),
    Case(e.one_object, plain("a/a.yaml"), plain("b/b.yaml", namespace=None), "Service shop/web and its copy", Layout(applied=(flux("b", namespace="shop", plain=True),))),
    Case(e.one_object, plain("b/b.yaml"), plain("b/b.yaml", namespace=None), "", Layout(applied=(flux("b", namespace="shop", plain=True),))),

    Case(e.inert_side, A, value("x.yaml", "n"), "a values file holds the number, and nothing that was rendered asks for it"),
    Case(e.inert_side, value("x.yaml", "m"), value("y.yaml", "n"), "a values file holds the number, and nothing that was rendered asks for it"),
    Case(e.inert_side, A, value("x.yaml", "n", variant="Odd x"), "Odd x holds the number, and what becomes of it is not known"),
    Case(e.inert_side, A, plain("b.yaml", "api", live=False), "a values file holds the number, and nothing that was rendered asks for it"),
    Case(e.inert_side, built("chart", "c", variant="dev.yaml"), built("chart", "d", "api", "dev.yaml", live=False), "a values file holds the number, and nothing that was rendered asks for it"),
    Case(e.inert_side, A, B),

    Case(e.namesakes, A, plain("b.yaml", namespace="blog"), "Service shop/web and Service blog/web may be one application in two environments"),
    Case(e.namesakes, A, B),
    Case(e.namesakes, A, plain("b.yaml", namespace="blog", object=Object("Other", "blog", "web"))),
    Case(e.namesakes, plain("a.yaml", ""), plain("b.yaml", "", "blog")),
    Case(e.namesakes, built("release", "c", variant="x"), built("release", "c", variant="y")._replace(object=Object("Service", "blog", "web"))),
    Case(e.namesakes, built("release", "c", variant="x"), plain("b.yaml", namespace="blog"), "Service shop/web and Service blog/web may be one application in two environments"),
    Case(e.namesakes, value("a.yaml", "n", "c"), value("b.yaml", "n", "d")),

    Case(e.shared_object, A, B, "both declare Deployment shop/db: one replaces the other", holds("a.yaml", "b.yaml")),
    Case(e.shared_object, *ROOTS, "both declare Deployment shop/db: one replaces the other", Layout(closures={"one": frozenset({"a.yaml"}), "two": frozenset({"b.yaml"})}, census=holds("a.yaml", "b.yaml").census)),
    Case(e.shared_object, A, ROOTS[1], "both declare Deployment shop/db: one replaces the other", Layout(closures={"two": frozenset({"b.yaml"})}, census=holds("a.yaml", "b.yaml").census)),
    # Another namespace, in the file or by the kustomization; another file; a base of both.
    Case(e.shared_object, A, B, "", Layout(census=(*holds("a.yaml").census, *holds("b.yaml", namespace="blog").census))),
    Case(e.shared_object, A, B, "both declare Deployment shop/db: one replaces the other", Layout(census=(*holds("a.yaml").census, *holds("b.yaml", namespace=None).census))),
    Case(e.shared_object, *ROOTS, "", Layout(closures={"one": frozenset({"a.yaml"}), "two": frozenset({"b.yaml"})}, namespaces={"one": "x", "two": "y"}, census=holds("a.yaml", "b.yaml").census)),
    Case(e.shared_object, A, B, "", holds("a.yaml", "c.yaml")),
    Case(e.shared_object, *ROOTS, "", Layout(closures=TWICE, census=holds("base/a.yaml", "base/b.yaml").census)),
    # What a chart renders is not counted, and a Service replaces nothing but its own copy.
    Case(e.shared_object, built("chart", "a.yaml"), B, "", holds("a.yaml", "b.yaml")),
    Case(e.shared_object, A, B, "", Layout(census=tuple((claim.object, path) for claim in (A, B) for path in ("a.yaml", "b.yaml")))),
    Case(e.shared_object, A, B, "both declare Pod shop/web: one replaces the other", Layout(census=tuple((Object("Pod", "shop", "web"), path) for path in ("a.yaml", "b.yaml")))),

    Case(e.overlays_of_one_base, *ROOTS, "one and two both use base/a.yaml", Layout(closures=TWICE)),
    Case(e.overlays_of_one_base, *ROOTS, "", Layout(closures={"one": frozenset({"a"}), "two": frozenset({"b"})})),
    Case(e.overlays_of_one_base, ROOTS[0], plain("base/a.yaml", "api"), "", Layout(closures=TWICE)),
    Case(e.overlays_of_one_base, plain("base/a.yaml", "api"), ROOTS[0], "", Layout(closures=TWICE)),

    Case(e.unlisted, A, B, "the kustomization beside b.yaml does not list it", Layout(unlisted=frozenset({"b.yaml"}))),
    Case(e.unlisted, A, B, "", Layout(unlisted=frozenset({"c.yaml"}))),
    Case(e.unlisted, A, built("kustomization", "b.yaml", "api"), "", Layout(unlisted=frozenset({"b.yaml"}))),

    Case(e.not_deployed, *ROOTS, "nothing that is deployed refers to two", Layout(deploy_roots=frozenset({"one"}))),
    Case(e.not_deployed, *ROOTS, "nothing that is deployed refers to one", Layout(deploy_roots=frozenset())),
    Case(e.not_deployed, *ROOTS, "", Layout(deploy_roots=frozenset({"one", "two"}))),
    Case(e.not_deployed, *ROOTS, "", Layout(deploy_roots=None)),
    Case(e.not_deployed, A, B, "", Layout(deploy_roots=frozenset({"one"}))),

    Case(e.offered_by_chart, B, CHART, "the default values of charts/web are an offer, and an install may change them", OFFERED),
    Case(e.offered_by_chart, B, built("chart", "charts/web", variant="ci/x-values.yaml"), "the default values of charts/web are an offer, and an install may change them", OFFERED),
    Case(e.offered_by_chart, B, built("chart", "charts/web", variant="values-dev.yaml"), "", OFFERED),
    Case(e.offered_by_chart, B, built("chart", "charts/own"), "", OFFERED),
    Case(e.offered_by_chart, B, built("release", "charts/web"), "", OFFERED),
    Case(e.offered_by_chart, B, CHART, "", OFFERED._replace(layout=Layout(applied=(argo("charts/web"),)))),
    Case(e.offered_by_chart, B, CHART, "the default values of charts/web are an offer, and an install may change them", OFFERED._replace(layout=Layout(applied=(command("charts/web"),)))),

    Case(e.environments, plain("dev/a.yaml"), plain("prod/b.yaml", "api"), "one is of dev, the other of prod"),
    Case(e.environments, plain("a.yaml", namespace="shop-dev"), plain("prod/b.yaml", "api"), "one is of dev, the other of prod"),
    Case(e.environments, plain("stage/prod/a.yaml"), plain("qa/dev/b.yaml", "api"), "one is of prod, the other of dev"),
    Case(e.environments, plain("dev/a.yaml"), plain("dev/b.yaml", "api")),
    Case(e.environments, plain("dev/prod/a.yaml"), plain("prod/b.yaml", "api")),
    Case(e.environments, plain("dev/a.yaml"), B),
    Case(e.environments, A, plain("dev/b.yaml", "api")),
    Case(e.environments, plain("device/a.yaml"), plain("product/b.yaml", "api")),

    Case(e.places_of_their_own, plain("clusters/north/a.yaml"), plain("clusters/south/b.yaml", "api"), "one is in clusters/north, the other in clusters/south"),
    Case(e.places_of_their_own, plain("x/sites/north/a.yaml"), plain("x/sites/south/b/c.yaml", "api"), "one is in sites/north, the other in sites/south"),
    Case(e.places_of_their_own, plain("clusters/north/a.yaml"), plain("clusters/north/b.yaml", "api")),
    Case(e.places_of_their_own, plain("x/clusters/north/a.yaml"), plain("y/clusters/south/b.yaml", "api")),
    Case(e.places_of_their_own, plain("apps/north/a.yaml"), plain("apps/south/b.yaml", "api")),
    Case(e.places_of_their_own, built("kustomization", "clusters/north"), built("kustomization", "clusters/north/x", "api")),
    # The first name of two paths is beside nothing, though the last one of a path is a place.
    Case(e.places_of_their_own, built("kustomization", "north/clusters"), built("kustomization", "south/clusters", "api")),

    Case(e.variants, plain("a.yaml", "db"), plain("b.yaml", "db-v2"), "db and db-v2 are variants of one name"),
    Case(e.variants, plain("a.yaml", "v1"), plain("b.yaml", "v2")),
    Case(e.variants, plain("a.yaml", "db"), plain("b.yaml", "dc-v2")),
    Case(e.variants, plain("x/a.yaml", "db"), plain("y/b.yaml", "db-nodeport"), "db and db-nodeport are variants of one name"),
    Case(e.variants, plain("a.yaml", "db"), plain("b.yaml", "db-nodeport", namespace="blog"), "db and db-nodeport are variants of one name"),
    Case(e.variants, plain("a.yaml", "db"), plain("b.yaml", "db-nodeport")),
    Case(e.variants, built("chart", "c", "db"), built("chart", "d", "db-nodeport"), "db and db-nodeport are variants of one name"),
    Case(e.variants, built("chart", "c", "db"), built("chart", "c", "db-nodeport", "dev.yaml")),
    Case(e.variants, plain("x/db.yaml"), plain("x/db-ha.yaml", "api"), "x/db.yaml and x/db-ha.yaml are variants of one file"),
    Case(e.variants, plain("x/db.yaml"), plain("x/db-external.yaml", "api")),
    Case(e.variants, plain("x/db.yaml"), plain("y/db-ha.yaml", "api")),
    Case(e.variants, plain("x/db.yaml"), plain("x/db-ha.yaml", "api", "blog")),
    Case(e.variants, plain("x/v1.yaml"), plain("x/v2.yaml", "api")),
    Case(e.variants, plain("x/db.yaml"), plain("x/dc-ha.yaml", "api")),
    Case(e.variants, built("kustomization", "x"), built("kustomization", "x", "api")),
    Case(e.variants, plain("a.yaml", "web-ui"), plain("b.yaml", "web-ui-admin"), "web-ui and web-ui-admin may be variants: one name is a part of the other"),
    Case(e.variants, plain("a.yaml", "web-ui"), plain("b.yaml", "web-ui-admin", port=81)),
    Case(e.variants, plain("a.yaml", "web-ui", port=None), plain("b.yaml", "web-ui-admin", port=None)),
    Case(e.variants, plain("a.yaml", "web"), plain("b.yaml", "web-admin")),
    Case(e.variants, plain("a.yaml", "web-ui"), plain("b.yaml", "web-admin-x")),
    Case(e.variants, plain("a.yaml", "web-ui"), plain("b.yaml", "web-ui-external")),
    Case(e.variants, plain("a.yaml", "web-ui"), plain("b.yaml", "web-ui-external-admin"), "web-ui and web-ui-external-admin may be variants: one name is a part of the other"),
    Case(e.variants, plain("a.yaml", "web-ui"), plain("b.yaml", "ui-web")._replace(object=Object("Other", "shop", "ui-web")), "web-ui and ui-web are variants of one name"),
    Case(e.variants, value("a.yaml", "db"), plain("b.yaml", "db-v2")),
    Case(e.variants, plain("b.yaml", "db-v2"), value("a.yaml", "db")),

    Case(e.roles, plain("archive/a.yaml"), B, "the path archive/a.yaml says archive"),
    Case(e.roles, A, plain("x/examples/b.yaml", "api"), "the path x/examples/b.yaml says examples"),
    Case(e.roles, plain("backup/a.yaml", "backup-agent"), B),
    Case(e.roles, plain("backup/a.yaml", namespace="backup"), B),
    Case(e.roles, plain("backup/old/a.yaml", namespace="backup"), B, "the path backup/old/a.yaml says old"),
    Case(e.roles, plain("contest/a.yaml"), B),
    Case(e.roles, value("archive/a.yaml", "n"), B),
    Case(e.roles, value("a.yaml", "n"), plain("archive/b.yaml", "api"), "the path archive/b.yaml says archive", decides=False),

    Case(e.layout_collection, A, B, "the configuration calls the repository a collection", Layout(layout="collection")),
    Case(e.layout_collection, A, B, "", Layout(layout="one-cluster")),
    Case(e.layout_collection, A, B),

    Case(e.collection, plain("one/a.yaml"), plain("two/b.yaml", "api"), f"the repository {AGAIN}: copies that are not applied together", holds("one/m.yaml", "two/m.yaml", more=9), f"the repository {AGAIN}"),
    Case(e.collection, plain("x/one/a.yaml"), plain("x/two/b.yaml", "api"), f"x {AGAIN}: copies that are not applied together", holds("x/one/m.yaml", "x/two/m.yaml", more=9), f"x {AGAIN}"),
    # A directory above is one, too, but not where its objects say their namespaces.
    Case(e.collection, plain("x/y/z/a.yaml"), plain("x/y/z/b.yaml", "api"), f"x {AGAIN}: copies that are not applied together", holds("x/one/m.yaml", "x/two/m.yaml", more=9, namespace=None), f"x {AGAIN}"),
    Case(e.collection, plain("x/y/z/a.yaml"), plain("x/y/z/b.yaml", "api"), "", holds("x/one/m.yaml", "x/two/m.yaml", more=9)),
    Case(e.collection, plain("x/a.yaml"), plain("x/b.yaml", "api"), "", holds("y/one/m.yaml", more=9)),
    Case(e.collection, plain("one/a.yaml"), plain("two/b.yaml", "api"), "", holds("one/m.yaml", "two/m.yaml", more=6)),
    Case(e.collection, plain("one/a.yaml"), plain("two/b.yaml", "api"), f"the repository {AGAIN}: copies that are not applied together", holds("one/m.yaml", "two/m.yaml", more=7), f"the repository {AGAIN}"),
    Case(e.collection, plain("one/a.yaml"), built("chart", "two", "api"), f"the repository {AGAIN}: copies that are not applied together", holds("one/m.yaml", "two/m.yaml", more=9), f"the repository {AGAIN}"),
    Case(e.collection, built("chart", "one"), built("chart", "two", "api"), "", holds("one/m.yaml", "two/m.yaml", more=9)),
    Case(e.collection, plain("one/a.yaml"), plain("two/b.yaml", "api"), "", holds("one/m.yaml", "two/m.yaml", more=9)._replace(layout="one-cluster")),

    Case(e.title, A, B, f"{CALLED}: its files are not applied together", COURSE, CALLED),
    Case(e.title, A, B, "the repository is called 'course of events': its files are not applied together", Layout(titles=("course of events",)), "the repository is called 'course of events'"),
    Case(e.title, A, B, "the repository is called 'my course': its files are not applied together", Layout(titles=("my course",)), "the repository is called 'my course'"),
    Case(e.title, A, B, "the repository is called 'a docker course here': its files are not applied together", Layout(titles=("a docker course here",)), "the repository is called 'a docker course here'"),
    Case(e.title, A, B, "", Layout(titles=("golf course api",))),
    Case(e.title, A, B, "", Layout(titles=("docker", "...", "of kubernetes"))),
    Case(e.title, A, B, "", COURSE._replace(layout="one-cluster")),
    Case(e.title, A, B),
]  # fmt: skip


def label(case: Case) -> str:
    return f"{name_of(case.piece)}-{case.says or 'says nothing'}"


@pytest.mark.parametrize("case", CASES, ids=label)
def test_a_piece_says_so_of_this_pair_and_decides(case: Case) -> None:
    level = None if case.piece in RULES_OUT else POSSIBLE
    expected = Cap(level, case.says, case.notice) if case.says else None
    known = Known(case.inventory)
    assert case.piece(case.a, case.b, known) == expected
    swapped = case.piece(case.b, case.a, known)
    assert (swapped and swapped[0::2]) == (expected and expected[0::2])
    verdict = judge.judge(case.inventory)(case.a, case.b)
    if expected is None:
        assert verdict.evidence != name_of(case.piece)
    elif case.decides:
        assert verdict == Verdict(level, case.says, name_of(case.piece), case.notice)


def test_every_piece_has_a_case_in_which_it_decides_and_one_in_which_it_says_nothing() -> None:
    assert {case.piece for case in CASES if case.says and case.decides} == set(EVIDENCE)
    assert {case.piece for case in CASES if not case.says} == set(EVIDENCE)


def test_every_name_is_one_piece() -> None:
    names = [*map(name_of, EVIDENCE), *(name_of(ground.says) for ground in GROUNDS), NOTHING.evidence]
    assert len(set(names)) == len(names) == len(EVIDENCE) + len(GROUNDS) + 1
    functions = {name for name, one in vars(evidence).items() if getattr(one, "__module__", "") == evidence.__name__}
    public = {name for name in functions if name.islower() and not name.startswith("_")}
    assert public - {"stored"} == {piece.__name__ for piece in EVIDENCE}


# --- the order in which they speak ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "a", "b", "layout"),
    [
        # What rules a clash out, before what makes it doubtful.
        (e.destinations, e.inert_side, plain("a/a.yaml"), plain("b/b.yaml", "api", live=False), Layout(applied=(NORTH, SOUTH))),
        (e.one_value, e.inert_side, value("x.yaml", "n"), value("y.yaml", "n"), Layout()),
        (e.one_object, e.namesakes, A, plain("b.yaml"), Layout()),
        # What is said of this pair, before what two files share.
        (e.inert_side, e.namesakes, A, plain("b.yaml", namespace="blog", live=False), Layout()),
        (e.namesakes, e.shared_object, A, plain("b.yaml", namespace="blog"), holds("a.yaml", "b.yaml")),
        # That, before what the tree says of one side.
        (e.shared_object, e.overlays_of_one_base, *ROOTS, Layout(closures={"one": frozenset({"a", "x"}), "two": frozenset({"b", "x"})}, census=holds("a", "b").census)),
        (e.overlays_of_one_base, e.not_deployed, *ROOTS, Layout(closures=TWICE, deploy_roots=frozenset())),
        (e.shared_object, e.unlisted, A, B, holds("a.yaml", "b.yaml")._replace(unlisted=frozenset({"a.yaml"}))),
        (e.unlisted, e.not_deployed, A, ROOTS[1], Layout(unlisted=frozenset({"a.yaml"}), deploy_roots=frozenset())),
        # That, before words.
        (e.not_deployed, e.environments, built("kustomization", "dev"), built("kustomization", "prod", "api"), Layout(deploy_roots=frozenset())),
        (e.offered_by_chart, e.roles, plain("archive/b.yaml", "api"), CHART, OFFERED),
        (e.environments, e.places_of_their_own, plain("envs/dev/a.yaml"), plain("envs/prod/b.yaml", "api"), Layout()),
        (e.places_of_their_own, e.variants, plain("sites/x/a.yaml", "db"), plain("sites/y/b.yaml", "db-v2"), Layout()),
        (e.variants, e.roles, plain("archive/a.yaml", "db"), plain("archive/b.yaml", "db-v2"), Layout()),
        # Words, before what the whole repository is called.
        (e.roles, e.layout_collection, plain("archive/a.yaml"), B, Layout(layout="collection")),
        (e.roles, e.title, plain("archive/a.yaml"), B, COURSE),
        (e.roles, e.collection, plain("examples/a.yaml"), B, holds("one/m.yaml", "two/m.yaml", more=9)),
        (e.layout_collection, e.collection, A, B, holds("one/m.yaml", "two/m.yaml", more=9)._replace(layout="collection")),
        (e.collection, e.title, A, B, holds("one/m.yaml", "two/m.yaml", more=9)._replace(titles=COURSE.titles)),
    ],
)  # fmt: skip
def test_the_more_telling_of_two_speaks(
    first: Evidence, second: Evidence, a: Declaration, b: Declaration, layout: Layout | Inventory
) -> None:
    inventory = layout if isinstance(layout, Inventory) else Inventory(layout=layout)
    assert [piece for piece in EVIDENCE if piece(a, b, Known(inventory))][:2] == [first, second]
    assert judge.judge(inventory)(a, b).evidence == name_of(first)
