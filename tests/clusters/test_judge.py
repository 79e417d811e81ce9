"""Verdicts: what holds of a pair before anything speaks against a clash, what is heard against each such ground, and
what is said of a fault that needs no second claim."""

from __future__ import annotations

import pytest

from nodeport_lint.clusters import evidence as e
from nodeport_lint.clusters import grounds as g
from nodeport_lint.clusters.evidence import Cap, Evidence
from nodeport_lint.clusters.judge import GROUNDS, NOTHING, judge, name_of, stored
from nodeport_lint.clusters.known import Known
from nodeport_lint.model import (
    Confidence,
    Declaration,
    Inventory,
    Layout,
    Location,
    Object,
    Party,
    Service,
    Unit,
    UnitKind,
    Verdict,
)
from tests.clusters.claims import CHART, ROOTS, TWICE, A, B, argo, built, command, flux, holds, plain, value

LIKELY, POSSIBLE, CERTAIN = Confidence.LIKELY, Confidence.POSSIBLE, Confidence.CERTAIN


def north(path: str) -> str:
    """Declared clusters: the paths of two of them, and of none."""
    return path.partition("/")[0] if path.startswith(("north/", "south/")) else ""


def numbered(*numbers: tuple[int, ...], live: bool = True) -> Inventory:
    """Plain files a.yaml and b.yaml with Services s0, s1, … of these numbers."""
    claims = [
        plain(f"{'ab'[file]}.yaml", f"s{index}", number=number or None, live=live)
        for file, given in enumerate(numbers)
        for index, number in enumerate(given)
    ]
    return Inventory(services=tuple(Service(one.object, "NodePort", one.document, (one,)) for one in claims))


DECLARED = Layout(cluster_of=north)
HOME = "server https://kubernetes.default.svc"
INTO = plain("a/x.yaml"), plain("b/y.yaml", "api")
APART = "Services that both have carry different numbers, as they must in one cluster"

CASES: list[tuple[Evidence, Declaration, Declaration, Layout | Inventory, Cap | None]] = [
    (g.not_in_one_declared_cluster, plain("north/a.yaml"), plain("south/a.yaml"), DECLARED, Cap(None, "not in one declared cluster")),
    (g.not_in_one_declared_cluster, plain("north/a.yaml"), plain("b.yaml"), DECLARED, Cap(None, "not in one declared cluster")),
    (g.not_in_one_declared_cluster, A, B, DECLARED, Cap(None, "not in one declared cluster")),
    (g.not_in_one_declared_cluster, plain("north/a.yaml"), plain("north/b.yaml"), DECLARED, None),
    (g.not_in_one_declared_cluster, A, B, Layout(), None),

    (g.declared_clusters, plain("north/dev/a.yaml"), plain("north/prod/b.yaml", "api"), DECLARED, Cap(CERTAIN, "both are in the cluster north")),
    (g.declared_clusters, built("release", "c", cluster="south"), plain("south/b.yaml", "api"), DECLARED, Cap(CERTAIN, "both are in the cluster south")),
    (g.declared_clusters, A, B, Layout(), None),

    (g.one_unit, A, plain("a.yaml", "api"), Layout(), Cap(CERTAIN, "both are in a.yaml")),
    (g.one_unit, ROOTS[0], built("kustomization", "one", "api"), Layout(), Cap(CERTAIN, "both are in one")),
    (g.one_unit, A, B, Layout(), None),
    (g.one_unit, CHART, built("chart", "charts/web", "api", "dev.yaml"), Layout(), None),

    (g.applied_together, *INTO, Layout(applied=(flux(".", plain=True),)), Cap(CERTAIN, "Flux applies . as a whole")),
    (g.applied_together, *INTO, Layout(applied=(argo(".", recursive=True, plain=True),)), Cap(CERTAIN, "Argo CD applies . as a whole")),
    (g.applied_together, plain("a/x.yaml"), plain("a/y.yaml", "api"), Layout(applied=(command("a"),)), Cap(LIKELY, "a command in README.md applies a as a whole")),
    # Argo CD and Flux say more than a command.
    (g.applied_together, plain("a/x.yaml"), plain("a/y.yaml", "api"), Layout(applied=(command("a"), flux("a", plain=True))), Cap(CERTAIN, "Flux applies a as a whole")),
    (g.applied_together, plain("a/x.yaml"), plain("a/y.yaml", "api"), Layout(applied=(command(".", recursive=True), flux("a", plain=True))), Cap(CERTAIN, "Flux applies a as a whole")),
    (g.applied_together, plain("a/x.yaml"), plain("a/y.yaml", "api"), Layout(applied=(command("a"), argo("a", plain=True))), Cap(CERTAIN, "Argo CD applies a as a whole")),
    (g.applied_together, plain("a/x.yaml"), plain("a/z/y.yaml", "api"), Layout(applied=(command("a"),)), None),
    (g.applied_together, *INTO, Layout(applied=(flux("a", plain=True), flux("b", plain=True))), None),
    (g.applied_together, built("kustomization", "a"), built("kustomization", "a", "api", cluster="x"), Layout(applied=(flux("a"),)), None),
    (g.applied_together, plain("a/x.yaml"), built("kustomization", "a", "api"), Layout(applied=(flux("a", plain=True),)), None),

    (g.sent_to_one_cluster, *INTO, Layout(applied=(argo("a", "name n", plain=True), argo("b", "name n", "q/y.yaml", plain=True))), Cap(LIKELY, "Argo CD sends both to n")),
    (g.sent_to_one_cluster, *INTO, Layout(applied=(argo("a", HOME, plain=True), argo("b", HOME, plain=True))), Cap(LIKELY, "Argo CD sends both to https://kubernetes.default.svc")),
    (g.sent_to_one_cluster, *INTO, Layout(applied=(flux("a", plain=True), flux("b", "flux/y.yaml", plain=True))), Cap(LIKELY, "Flux applies both, by flux/x.yaml")),
    (g.sent_to_one_cluster, *INTO, Layout(applied=(argo("a", "name m", plain=True), argo("b", "name m", plain=True), argo("b", "name l", plain=True))), Cap(LIKELY, "Argo CD sends both to m")),
    # Another cluster; a place that is not told; "this cluster", told elsewhere; another tool; a command.
    (g.sent_to_one_cluster, *INTO, Layout(applied=(argo("a", "name n", plain=True), argo("b", "name m", plain=True))), None),
    (g.sent_to_one_cluster, *INTO, Layout(applied=(argo("a", plain=True), argo("b", plain=True))), None),
    (g.sent_to_one_cluster, *INTO, Layout(applied=(argo("a", HOME, plain=True), argo("b", HOME, "q/y.yaml", plain=True))), None),
    (g.sent_to_one_cluster, *INTO, Layout(applied=(flux("a", plain=True), flux("b", "q/y.yaml", plain=True))), None),
    (g.sent_to_one_cluster, *INTO, Layout(applied=(flux("a", plain=True), flux("b", destination="kubeConfig x", plain=True))), None),
    (g.sent_to_one_cluster, *INTO, Layout(applied=(flux("a", "q/x.yaml", plain=True), argo("b", told_in="q/y.yaml", plain=True))), None),
    (g.sent_to_one_cluster, *INTO, Layout(applied=(command("a"), command("b"))), None),

    (g.numbers_of_their_own, A, B, numbered((1, 2), (3, 4)), Cap(LIKELY, APART)),
    (g.numbers_of_their_own, A, B, numbered((1, 2, 9), (3, 4, 9)), Cap(LIKELY, APART)),
    (g.numbers_of_their_own, A, B, numbered((1, 9), (3, 9)), None),
    (g.numbers_of_their_own, A, B, numbered((1, 2, 5, 9, 9), (3, 4, 6, 9, 9)), None),
    (g.numbers_of_their_own, A, B, numbered((1, 2), (3,)), None),
    (g.numbers_of_their_own, A, B, numbered((1, 2), (3, 0)), None),
    (g.numbers_of_their_own, A, B, numbered((1, 2), (3, 4), live=False), None),

    (g.layout_one_cluster, A, B, Layout(layout="one-cluster"), Cap(LIKELY, "the configuration calls the repository one cluster")),
    (g.layout_one_cluster, A, B, Layout(layout="collection"), None),
]  # fmt: skip


def inventory_of(layout: Layout | Inventory) -> Inventory:
    return layout if isinstance(layout, Inventory) else Inventory(layout=layout)


@pytest.mark.parametrize(("ground", "a", "b", "layout", "expected"), CASES)
def test_a_ground_says_so_of_this_pair_and_decides(
    ground: Evidence, a: Declaration, b: Declaration, layout: Layout | Inventory, expected: Cap | None
) -> None:
    inventory = inventory_of(layout)
    assert ground(a, b, Known(inventory)) == expected
    verdict = judge(inventory)(a, b)
    if expected is None:
        assert verdict.evidence != name_of(ground)
    else:
        assert verdict == Verdict(expected.level, expected.reason, name_of(ground))
        assert judge(inventory)(b, a)[::2] == verdict[::2]


def test_every_ground_has_a_case_in_which_it_decides_and_one_in_which_it_says_nothing() -> None:
    grounds = {ground.says for ground in GROUNDS}
    assert {case[0] for case in CASES if case[4]} == {case[0] for case in CASES if not case[4]} == grounds


def test_where_nothing_is_said() -> None:
    assert (
        judge(Inventory())(A, B)
        == NOTHING
        == (LIKELY, "nothing says that they go to different clusters", "nothing-separates-them", "")
    )


# --- what is heard against each ground ------------------------------------------------------------


def sent(a: Declaration, b: Declaration, layout: Layout) -> Inventory:
    """Argo CD sends both to one cluster."""
    places = [one.unit.path if one.unit.kind != "manifest" else one.unit.path.rpartition("/")[0] for one in (a, b)]
    applied = tuple(argo(place, "name n", f"{place}.yaml", plain=True) for place in places)
    return Inventory(layout=layout._replace(applied=applied))


def kept_apart(a: Declaration, b: Declaration, layout: Layout) -> Inventory:
    """Services that both have carry different numbers."""
    claims = [
        one._replace(object=Object("Service", "z", f"s{index}"), number=30000 + 10 * index + side, live=True)
        for index in range(3)
        for side, one in enumerate((a, b))
    ]
    services = tuple(Service(one.object, "NodePort", one.document, (one,)) for one in claims)
    return Inventory(layout=layout, services=services)


def called_one(a: Declaration, b: Declaration, layout: Layout) -> Inventory:
    """The configuration calls the repository one cluster."""
    return Inventory(layout=layout._replace(layout="one-cluster"))


def together(a: Declaration, b: Declaration, layout: Layout) -> Inventory:
    """Flux applies the whole repository."""
    return Inventory(layout=layout._replace(applied=(flux(".", plain=True),)))


def declared(a: Declaration, b: Declaration, layout: Layout) -> Inventory:
    """The configuration puts both into one cluster."""
    return Inventory(layout=layout._replace(cluster_of=lambda path: "north"))


SITUATIONS = {
    "sent-to-one-cluster": sent, "numbers-of-their-own": kept_apart, "layout-one-cluster": called_one,
    "applied-together": together, "declared-clusters": declared,
}  # fmt: skip
ALL = set(SITUATIONS)
TOLD = {"applied-together", "declared-clusters"}
ONE = {"sent-to-one-cluster", "numbers-of-their-own"}
X, Y = plain("x/a.yaml"), plain("y/b.yaml", "api")


@pytest.mark.parametrize(
    ("piece", "a", "b", "layout", "silent"),
    [
        # What nothing settles.
        (e.clusters_of_releases, built("release", "c", cluster="x"), built("release", "c", cluster="y"), Layout(), {"declared-clusters"}),
        (e.values_sets_of_one_chart, CHART, built("chart", "charts/web", "api", "dev.yaml"), Layout(), set()),
        (e.one_value, value("x/x.yaml", "n"), value("y/y.yaml", "n"), Layout(), set()),
        (e.one_object, X, plain("y/b.yaml"), Layout(), set()),
        (e.inert_side, X, plain("y/b.yaml", "api", live=False), Layout(), set()),
        # Signs of two environments.
        (e.namesakes, plain("x/a.yaml", "ha"), plain("y/b.yaml", "ha", "blog"), Layout(), ALL),
        (e.overlays_of_one_base, *ROOTS, Layout(closures=TWICE), ALL),
        (e.environments, plain("dev/a.yaml"), plain("prod/b.yaml", "api"), Layout(), ALL),
        (e.places_of_their_own, plain("sites/x/a.yaml"), plain("sites/y/b.yaml", "api"), Layout(), ALL),
        # Signs of two ways to deploy one thing.
        (e.shared_object, X, Y, holds("x/a.yaml", "y/b.yaml"), ONE | TOLD),
        (e.variants, plain("x/a.yaml", "db"), plain("y/b.yaml", "db-v2"), Layout(), ONE | TOLD),
        # What is said of one side.
        (e.unlisted, X, Y, Layout(unlisted=frozenset({"x/a.yaml"})), TOLD),
        (e.not_deployed, *ROOTS, Layout(deploy_roots=frozenset()), TOLD),
        (e.roles, plain("archive/a.yaml"), Y, Layout(), {"declared-clusters"}),
        # What the repository is called.
        (e.collection, plain("one/a.yaml"), plain("two/b.yaml", "api"), holds("one/m.yaml", "two/m.yaml", more=9), {"layout-one-cluster"} | TOLD),
        (e.title, X, Y, Layout(titles=("Kubernetes course",)), {"layout-one-cluster"} | TOLD),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ground", SITUATIONS)
def test_what_is_heard_against_a_ground(
    ground: str, piece: Evidence, a: Declaration, b: Declaration, layout: Layout, silent: set[str]
) -> None:
    assert judge(Inventory(layout=layout))(a, b).evidence == name_of(piece)
    if ground == "applied-together" and {a.unit.kind, b.unit.kind} != {"manifest"}:
        # Only plain files are applied as they lie there.
        return
    verdict = judge(SITUATIONS[ground](a, b, layout))(a, b)
    if ground == "declared-clusters" and piece is e.clusters_of_releases:
        ground = "not-in-one-declared-cluster"
    assert verdict.evidence == (ground if ground in silent or ground.startswith("not") else name_of(piece))


def test_a_declared_offer_is_no_offer() -> None:
    offered = Inventory(catalogue=frozenset({"charts/web"}))
    assert judge(offered)(B, CHART).evidence == "offered-by-chart"
    in_one = offered._replace(layout=Layout(cluster_of=lambda path: "north"))
    assert judge(in_one)(B, CHART).evidence == "declared-clusters"


@pytest.mark.parametrize(
    ("a", "b", "layout", "expected"),
    [
        (A, A, Layout(), "one-object"),
        (A, plain("a.yaml", "api", live=False), Layout(), "inert-side"),
        (plain("archive/a.yaml"), plain("archive/a.yaml", "api"), Layout(), "roles"),
        (plain("dev/a.yaml", "db"), plain("dev/a.yaml", "db-v2"), Layout(titles=("course",)), "one-unit"),
        (A, plain("a.yaml", namespace="blog"), Layout(layout="collection"), "one-unit"),
    ],
)  # fmt: skip
def test_what_is_heard_within_one_unit(a: Declaration, b: Declaration, layout: Layout, expected: str) -> None:
    assert judge(Inventory(layout=layout))(a, b).evidence == expected


@pytest.mark.parametrize(
    ("first", "second", "layout"),
    [
        ("declared-clusters", "one-unit", Layout(cluster_of=lambda path: "north")),
        ("not-in-one-declared-cluster", "one-unit", Layout(cluster_of=lambda path: "")),
        ("one-unit", "applied-together", Layout(applied=(flux(".", plain=True),))),
        ("one-unit", "layout-one-cluster", Layout(layout="one-cluster")),
    ],
)
def test_the_surer_ground_comes_first(first: str, second: str, layout: Layout) -> None:
    names = [name_of(ground.says) for ground in GROUNDS]
    assert names.index(first) < names.index(second)
    a, b = plain("a.yaml"), plain("a.yaml", "api")
    assert judge(Inventory(layout=layout))(a, b).evidence == first


def test_a_verdict_leaves_nothing_behind() -> None:
    """Whatever was asked before, a pair gets the same verdict."""
    layout = holds("one/m.yaml", "two/m.yaml", more=9)
    pairs = [
        (plain("one/a.yaml"), plain("two/b.yaml", "api")),
        (plain("dev/a.yaml"), plain("prod/b.yaml", "api")),
        (X, plain("y/b.yaml", namespace="blog")),
        (plain("one/m.yaml"), plain("two/m.yaml", "api")),
    ]
    known = Known(Inventory(layout=layout))
    verdict = judge(known.inventory, known)
    one_by_one = [judge(known.inventory)(*pair) for pair in pairs]
    assert [verdict(*pair) for pair in pairs] == one_by_one == [verdict(*pair) for pair in reversed(pairs)][::-1]
    assert [bool(found.notice) for found in one_by_one] == [True, False, False, False]


# --- faults that need no second claim -------------------------------------------------------------


def party(path: str, *units: Unit, name: str = "web") -> Party:
    return Party(Location(path), object=Object("Service", "shop", name), units=units)


def put(path: str) -> str:
    """Declared clusters: one, of two files."""
    return "north" if path in ("archive/a.yaml", "archive/web/kustomization.yaml") else ""


@pytest.mark.parametrize(
    ("parties", "inventory", "expected"),
    [
        ([party("archive/a.yaml")], Inventory(), "the path archive/a.yaml says archive"),
        ([party("x/testdata/a.yaml"), party("archive/b.yaml")], Inventory(), "the path archive/b.yaml says archive"),
        ([party("archive/a.yaml"), party("b.yaml")], Inventory(), ""),
        ([party("b.yaml"), party("archive/a.yaml")], Inventory(), ""),
        ([party("archive/a.yaml", name="archive")], Inventory(), ""),
        # Words that speak of a pair and not of a fault.
        ([party("examples/a.yaml")], Inventory(), ""),
        ([party("legacy/a.yaml")], Inventory(), ""),
        # test may be an environment: a directory called so, or an entry of envs/.
        ([party("tests/a.yaml")], Inventory(), "the path tests/a.yaml says tests"),
        ([party("test/a.yaml")], Inventory(), ""),
        ([party("my-test/a.yaml")], Inventory(), "the path my-test/a.yaml says test"),
        ([party("envs/my-test/a.yaml")], Inventory(), ""),
        ([party("my-test/envs/a.yaml")], Inventory(), "the path my-test/envs/a.yaml says test"),
        # Of what is rendered, the directory that is.
        ([party("base/a.yaml", Unit(UnitKind.KUSTOMIZATION, "archive/web"))], Inventory(), "the path archive/web says archive"),
        ([party("archive/a.yaml", Unit(UnitKind.KUSTOMIZATION, "web"))], Inventory(), ""),
        ([party("archive/a.yaml", Unit(UnitKind.CHART, "web"))], Inventory(), ""),
        ([party("archive/a.yaml", Unit(UnitKind.MANIFEST, "archive/a.yaml"))], Inventory(), "the path archive/a.yaml says archive"),
        ([party("archive/values.yaml", Unit(UnitKind.VALUES, "web"))], Inventory(), "the path archive/values.yaml says archive"),
        # An allocation document is one wherever it lies; what the configuration puts into a cluster is in it.
        ([party("archive/NODEPORTS.md")], Inventory(registries=("archive/NODEPORTS.md",)), ""),
        ([party("archive/a.yaml", Unit(UnitKind.RELEASE, "archive/web", "x", "north"))], Inventory(), ""),
        ([party("archive/a.yaml")], Inventory(layout=Layout(cluster_of=put)), ""),
        ([party("archive/b.yaml")], Inventory(layout=Layout(cluster_of=put)), "the path archive/b.yaml says archive"),
        ([party("base/a.yaml", Unit(UnitKind.KUSTOMIZATION, "archive/web"))], Inventory(layout=Layout(cluster_of=put)), ""),
        ([party("archive/a.yaml", Unit(UnitKind.MANIFEST, "archive/a.yaml"))], Inventory(layout=Layout(cluster_of=put)), ""),
    ],
)  # fmt: skip
def test_what_is_stored_away(parties: list[Party], inventory: Inventory, expected: str) -> None:
    verdict = stored(parties, Known(inventory))
    assert verdict == (Verdict(POSSIBLE, expected, "roles") if expected else None)


def test_what_has_no_object_is_stored_by_its_path() -> None:
    found = stored([Party(Location("archive/a.yaml"))], Known(Inventory()))
    assert found is not None and found.reason == "the path archive/a.yaml says archive"
