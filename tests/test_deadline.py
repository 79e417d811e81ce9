"""What a run has no time or memory for is a finding with its place, at every stage, and the rest goes on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from nodeport_lint.config import parse_config
from nodeport_lint.config.clusters import Clusters
from nodeport_lint.helm.bundle import Charts
from nodeport_lint.helm.release_files import ReleaseFiles
from nodeport_lint.helm.selection import Releases, select
from nodeport_lint.kustomize.closures import told_apart
from nodeport_lint.linter import Run, lint
from nodeport_lint.manifests.reader import Wanted, read_manifests
from nodeport_lint.model import LIMIT, Problem
from nodeport_lint.model.clock import OF_FILE, Clock
from nodeport_lint.ports import DEFAULT_RANGE
from nodeport_lint.reading import Rendering, read_all
from nodeport_lint.registry import read_registries
from nodeport_lint.registry.documents import documents_of
from nodeport_lint.rulebook.choice import choose_rules
from nodeport_lint.rulebook.pages import builtin_pages
from nodeport_lint.tree import read_tree
from nodeport_lint.tree.files import OnDisk
from nodeport_lint.yamltext import Expansion, read
from nodeport_lint.yamltext.compose import AT_ONCE
from tests.command import run
from tests.components import kustomizing, rendering
from tests.counting import Ticks
from tests.make import BARE, WEB, given_up, lint_tree, of_rule, service, write_tree

BASE = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": BARE}
NO_CONFIG = parse_config("", "c.yaml")


def ticking(seconds: float) -> Clock:
    """A clock for which every look takes a second."""
    return Clock(seconds, now=Ticks(), held=lambda: 0)


def full() -> Clock:
    """No memory is left."""
    return Clock(600.0, 10 << 20, held=lambda: 11 << 20)


def told(problems: tuple[Problem, ...]) -> list[tuple[str, str]]:
    assert {problem.kind for problem in problems} <= {LIMIT}
    return [(problem.location.path, problem.message) for problem in problems]


def test_directories_that_are_not_entered(tmp_path: Path) -> None:
    write_tree(tmp_path, {f"{name}/a.yaml": service(name) for name in "abcd"})
    # One look begins the run, two the stage, and one goes before each directory.
    tree = read_tree(str(tmp_path), clock=ticking(12))
    left = {path for path, _ in told(tree.problems)}
    assert 0 < len(tree.manifests) < 4
    assert left == set("abcd") - {path[0] for path in tree.manifests}
    assert {why for _, why in told(tree.problems)} == {"not read: the 3 s for walking through the directories are over"}


def test_manifests_that_are_not_read(tmp_path: Path) -> None:
    write_tree(tmp_path, {f"{name}.yaml": service(name) for name in "abcd"})
    paths = [f"{name}.yaml" for name in "abcd"]
    for clock in (ticking(12), full()):
        found = read_manifests(OnDisk(str(tmp_path)), paths, Wanted(), DEFAULT_RANGE, Expansion(clock=clock))
        count = len(found.documents)
        assert (0 < count < 4) == (clock.memory > 10 << 20)
        assert [path for path, _ in told(found.problems)] == paths[count:]


def test_kustomizations_that_are_not_read(tmp_path: Path) -> None:
    write_tree(tmp_path, {f"{name}/{path}": text for name in "abcd" for path, text in BASE.items()})
    closures = told_apart(read_tree(str(tmp_path)), ticking(20)).closures
    blocked = [one for one in closures.found.values() if one.blocked]
    assert 0 < len(blocked) < 4
    assert [path for one in blocked for path, _ in told(one.problems)] == [one.path for one in blocked]


def test_charts_that_are_not_read(tmp_path: Path) -> None:
    write_tree(tmp_path, {f"{name}/{path[4:]}": text for name in "abcd" for path, text in WEB.items()})
    files = OnDisk(str(tmp_path))
    over = ticking(6).stage("reading charts").over
    found = select(Charts(files, list("abcd"), over), Releases(NO_CONFIG, ReleaseFiles(files)))
    assert [bundle.path for bundle in found.bundles] == ["a", "b"]
    assert [path for path, _ in told(found.read.problems)] == ["c/Chart.yaml", "d/Chart.yaml"]
    assert [found.states[path].value for path in "cd"] == ["charts_not_rendered"] * 2


def test_allocation_documents_that_are_not_read(tmp_path: Path) -> None:
    table = "| Service | NodePort |\n|---|---|\n| web | 30080 |\n"
    write_tree(tmp_path, {f"{name}/node-ports.md": table for name in "abc"})
    tree = read_tree(str(tmp_path))
    listed = documents_of(tree.files, NO_CONFIG, tree.named_registries, Clusters((), DEFAULT_RANGE))
    found = read_registries(tree.files, listed, ticking(6))
    assert len(found.reservations) == 2
    assert [path for path, _ in told(found.read.problems)] == ["c/node-ports.md"]


@pytest.mark.parametrize("clock", [ticking, lambda _: full()], ids=["time", "memory"])
def test_whatever_ends_first_every_part_is_told(tmp_path: Path, clock: object) -> None:
    """Each stage may be the one in which time ends, and none forgets what it did not do."""
    files: Mapping[str, str] = {
        "plain/a.yaml": service("a"), "plain/b.yaml": service("b"), **BASE, **WEB, "README.md": "kubectl apply -f plain\n",
        "node-ports.md": "| Service | NodePort |\n|---|---|\n| a | 30080 |\n",
    }  # fmt: skip
    write_tree(tmp_path, files)
    assert callable(clock)
    for seconds in range(1, 80, 3):
        inventory, *_ = read_all(str(tmp_path), NO_CONFIG, ["nodePort"], clock=clock(float(seconds)))
        over = {problem.location.path for problem in inventory.problems if problem.kind == LIMIT}
        below = {path for path in files if not any(path.startswith(f"{one}/") for one in over) and "." not in over}
        read_of_them = {claim.location.path for _, claim in inventory.claims}
        for path in ("plain/a.yaml", "plain/b.yaml"):
            assert (path in read_of_them) != (path in over or path not in below), seconds


def test_what_is_given_up_by_the_thousand_is_told_in_few_words(tmp_path: Path) -> None:
    write_tree(tmp_path, {f"d{index}/a.yaml": service(f"s{index}") for index in range(150)})
    inventory, *_ = read_all(str(tmp_path), NO_CONFIG, ["nodePort"], clock=full())
    assert [problem.location.path for problem in inventory.problems] == ["."]
    never = Clock(600.0, held=lambda: 0)
    held = iter(range(1 << 60))
    late = Clock(600.0, 151, held=lambda: next(held))
    found, *_ = read_all(str(tmp_path), NO_CONFIG, ["nodePort"], clock=late)
    assert len(found.problems) == 101
    assert found.problems[-1].message == "not read: more than 0 MB of memory are in use (and 48 more like it)"
    assert read_all(str(tmp_path), NO_CONFIG, ["nodePort"], clock=never)[0].problems == ()


# --- one file --------------------------------------------------------------------------------------


@pytest.mark.parametrize("parser", ["auto", "pure"])
def test_a_text_that_takes_too_long(parser: str) -> None:
    text = "- a\n" * (20 * AT_ONCE) + "---\nb: 1\n"
    stream = read(text, parser=parser, expansion=Expansion(clock=ticking(600)))
    (broken,) = stream.broken
    assert (broken.message, broken.limit) == (f"the {OF_FILE:.0f} s for parsing one file are over", True)
    assert broken.end == len(text), "nothing behind it is read, for it would take as long"
    assert stream.roots == []
    looked = broken.offset // len("- a\n")
    assert looked < 20 * AT_ONCE


def test_a_file_has_its_time_also_when_the_run_is_late() -> None:
    stream = read("a: 1\n", expansion=Expansion(clock=ticking(0)))
    assert (len(stream.roots), stream.broken) == (1, [])


def test_a_manifest_that_takes_too_long_is_a_finding(tmp_path: Path) -> None:
    long = service("a") + "---\nx:\n" + "- a\n" * (25 * AT_ONCE) + service("b")
    write_tree(tmp_path, {"a.yaml": long, "c.yaml": service("c")})
    expansion = Expansion(clock=ticking(600))
    found = read_manifests(OnDisk(str(tmp_path)), ["a.yaml", "c.yaml"], Wanted(), DEFAULT_RANGE, expansion)
    assert told(found.problems) == [("a.yaml", "the 20 s for parsing one file are over")]
    assert [document.path for document in found.documents] == ["a.yaml", "c.yaml"], "what was read counts"


# --- the status ------------------------------------------------------------------------------------


def test_what_is_given_up_is_never_green(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.yaml": service("a")})
    whole = run("check", cwd=tmp_path)
    late = run("check", "--timeout", "0.000001s", "--format", "concise", cwd=tmp_path)
    assert (whole.returncode, late.returncode) == (0, 1)
    assert late.stdout == (
        ".:1:1: error: not read: no time is left for walking through the directories [limit-reached]\n"
    )


def test_other_rules_alone_do_not_hide_it(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.yaml": service("a")})
    late = ("check", "--timeout", "0.000001", "--format", "concise")
    assert run(*late, "--select", "duplicate-node-port", cwd=tmp_path).returncode == 1
    assert run(*late, "--ignore-rule", "limit-reached", cwd=tmp_path).returncode == 0
    assert run(*late, "--fail-on", "never", cwd=tmp_path).returncode == 0


def test_what_is_given_up_elsewhere_concerns_every_path(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a/a.yaml": service("a"), "b/b.yaml": "# nodePort\n" + "x: 1\n" * 1_200_000, ".git/x": ""})
    found = run("check", "a", "--format", "concise", cwd=tmp_path)
    assert found.stdout == "b/b.yaml:1:1: error: not read: 6 MB, more than 5 MB [limit-reached]\n"
    assert found.returncode == 1


@pytest.mark.parametrize("text", ["0", "-1", "10", "90s", "1h30m", "1.5m", "5m0s"])
def test_durations_as_helm_writes_them(text: str, tmp_path: Path) -> None:
    found = run("check", "--timeout", text, cwd=tmp_path)
    assert found.returncode == (2 if text in ("0", "-1") else 0), found.stderr


def test_a_duration_is_no_other_text(tmp_path: Path) -> None:
    for text in ("", "10ms", "m", "ten", "1m1h", "9" * 40):
        found = run("check", f"--timeout={text}", cwd=tmp_path)
        assert found.returncode == 2
        assert "is no duration such as 90s or 10m" in found.stderr


@pytest.mark.parametrize("engine", ["helm3", "helm4", "sdk"])
def test_charts_that_are_not_rendered_in_time(tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodeport_lint.engines.workers.TIMEOUTS", ((0, 1.5),))
    loop = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"
    write_tree(tmp_path, {**WEB, "web/templates/loop.yaml": f"kind: Service\n{loop}", "b.yaml": service("b")})
    report = lint_tree(tmp_path, rendering=rendering(engine))
    ((path, message),) = given_up(report).items()
    assert path == "web/Chart.yaml"
    assert message.startswith("the chart in web does not render: ")
    # On a busy machine the clock may come first.
    assert re.search(r"did not end within (?:2 s of processor time|6 s)$", message)
    assert report.statistics["node_ports"] == 1
    assert not of_rule(report, "unrendered-chart")


def test_kustomizations_that_are_not_rendered_in_time(tmp_path: Path) -> None:
    write_tree(tmp_path, {**BASE, "b.yaml": service("b")})
    given = kustomizing("helm4")
    tokens, rules = ["nodePort"], choose_rules(builtin_pages(), NO_CONFIG)
    whole, *_ = read_all(str(tmp_path), NO_CONFIG, tokens, rendering=given)
    assert not any(problem.kind == LIMIT for problem in whole.problems)
    report = lint(str(tmp_path), NO_CONFIG, rules, Run(rendering=Rendering(*given[:-1], seconds=1e-9)))
    assert set(given_up(report)) == {"."}
