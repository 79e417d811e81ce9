"""What a hostile tree may cost that tells what it applies: work is counted at two sizes, and what is left out is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from nodeport_lint.clusters import applied, commands
from nodeport_lint.clusters import known as clusters_known
from nodeport_lint.clusters.commands import applied_by_commands
from nodeport_lint.clusters.known import Known
from nodeport_lint.kustomize.closures import told_apart
from nodeport_lint.model import Inventory, Object, Unit, UnitKind
from nodeport_lint.model.clock import Clock
from nodeport_lint.tree import read_tree
from nodeport_lint.tree.files import OnDisk
from tests.clusters.claims import holds
from tests.counting import giving_back, grows_linearly, lines_in
from tests.make import Lint, given_up, service, write_tree

# --- commands in prose ---------------------------------------------------------------------------


def test_options_of_kubectl_without_a_command_are_read_once() -> None:
    for count in (10, 100_000):
        assert [match.span() for match in commands._COMMAND.finditer("kubectl -a " * count)] == [
            (0, count * len("kubectl -a ") - 1)
        ]


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "kubectl" + " -a" * n + " apply -f k8s\n",
        lambda n: "kubectl " + "--a " * n + "apply -f k8s\n",
        lambda n: "kubectl apply" + " -f x" * n + " -f k8s\n",
        lambda n: "kubectl apply -f k8s\n" * n,
    ],
    ids=["short options", "long options", "files", "commands"],
)
def test_commands_are_read_once(text: Callable[[int], str]) -> None:
    """The options by a pattern that gives nothing back, and what is applied name by name."""
    assert giving_back(commands._COMMAND) == []

    def found_in(text: str) -> list[tuple[str, bool]]:
        return list(commands._directories(text, "README.md", {"k8s"}, ["k8s"]))

    assert set(found_in(text(1_000))) == {("k8s", False)}
    grows_linearly(lambda n: partial(found_in, text(n)), measure=lines_in)


class Counted(list[str]):
    """A list that counts how often something is taken from it."""

    taken = 0

    def __getitem__(self, index: Any) -> Any:
        Counted.taken += 1
        return super().__getitem__(index)


def test_directories_below_a_recursive_command_are_found_by_halving() -> None:
    for count in (1_000, 64_000):
        ordered = Counted(sorted(f"d{index:05}/x" for index in range(count)))
        Counted.taken = 0
        assert commands._is_above("d00500", ordered)
        assert not commands._is_above("d0050", ordered)
        assert not commands._is_above("e", ordered)
        assert Counted.taken < 60


def test_prose_is_read_up_to_a_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x" * 950 + "\nkubectl apply -f apps\n"
    write_tree(tmp_path, {"apps/a.yaml": service("a", 30080), "other/a.yaml": service("b", 30081)})
    write_tree(tmp_path, {f"deep/{index}/README.md": text for index in range(20)})
    write_tree(tmp_path, {"README.md": "kubectl apply -f other\n"})
    monkeypatch.setattr(commands, "MAX_TOTAL", 5_000)
    read: list[int] = []
    sorted_tree = told_apart(read_tree(str(tmp_path)))
    actual = OnDisk.read_sized

    def noting(files: OnDisk, path: str, most: int) -> tuple[bytes, int]:
        data, size = actual(files, path, most)
        read.append(len(data))
        return data, size

    monkeypatch.setattr(OnDisk, "read_sized", noting)
    found = applied_by_commands(sorted_tree, Clock())
    assert sum(read) == 5_000
    assert [(one.path, one.told_in) for one in found.applied] == [
        ("other", "README.md"), ("apps", "deep/0/README.md"),
    ]  # fmt: skip
    assert len(found.unsearched) == 15


def test_prose_that_is_not_searched_is_told(lint_files: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a/a.yaml": service("a", 30080), "README.md": "kubectl apply -f a\n" * 10, "b/README.md": "x\n"}
    monkeypatch.setattr(commands, "MAX_SEARCHED", 100)
    assert given_up(lint_files(files)) == {"README.md": "not searched to the end for commands of kubectl"}
    monkeypatch.setattr(commands, "MAX_SEARCHED", 1_000)
    monkeypatch.setattr(commands, "MAX_FILES", 1)
    assert given_up(lint_files({})) == {"b/README.md": "not searched to the end for commands of kubectl"}


# --- what Argo CD and Flux apply -----------------------------------------------------------------

FLUX = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: %s}\nspec: {path: %s}\n"


def test_directories_beyond_the_bound_are_told(lint_files: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applied, "MAX_APPLIED", 2)
    files = {f"{name}.yaml": FLUX % (name, f"apps/{name}") for name in "abcde"}
    why = "not all read that Argo CD and Flux apply by it: too many directories"
    assert given_up(lint_files(files)) == {"d.yaml": why, "e.yaml": why}


# --- what evidence looks at -----------------------------------------------------------------------


def test_objects_of_few_units_are_kept_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters_known, "MAX_KEPT", 3)
    units = [Unit(UnitKind.MANIFEST, f"{index}.yaml") for index in range(50)]
    known = Known(Inventory(layout=holds(*(unit.path for unit in units))))
    first, second = (known.objects(unit, units[0]) for unit in units[1:3])
    assert known.objects(units[1], units[0]) is first and known.objects(units[2], units[0]) is second
    for unit in units:
        assert known.objects(unit, units[0]) is known.objects(unit, units[0])
        assert [*known.shared(unit, units[7], ())] == [Object("Deployment", "shop", "db")] * (unit != units[7])
        assert len(known._objects) <= 3
