"""What plain files cost that ask for nothing: which are parsed, how often, and what is kept of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeport_lint import yamltext
from nodeport_lint.manifests.reader import InFile, Wanted, read_manifests
from nodeport_lint.model import Location, Read
from nodeport_lint.ports import DEFAULT_RANGE
from nodeport_lint.tree import read_tree
from tests.counting import calls_of
from tests.make import lint_tree, write_tree

SCHEMA = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x, labels: {}}\nspec: {a: 1}\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: LoadBalancer, ports: [{port: 80}]}\n"
PLACE = ("spec", "ports", 0)
HIDDEN = '{"\\u006bind": "Service", "apiVersion": "v1", "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}}'


def plain(root: Path, files: dict[str, str]) -> Read:
    write_tree(root, files)
    tree = read_tree(str(root))
    return read_manifests(tree.files, tree.manifests, Wanted(["nodePort"]), DEFAULT_RANGE, yamltext.Expansion())


@pytest.mark.parametrize("count", [2, 20])
def test_equal_texts_are_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    reads = calls_of(monkeypatch, yamltext, "read")
    found = plain(tmp_path, {f"{index:02}.yaml": SCHEMA for index in range(count)})
    assert len(reads) == 1
    assert [document.path for document in found.documents] == [f"{index:02}.yaml" for index in range(count)]
    assert [document.unit.path for document in found.documents] == [document.path for document in found.documents]
    assert {document.value["metadata"]["name"] for document in found.documents} == {"x"}


def test_no_more_is_kept_of_what_asks_for_nothing_than_its_name(tmp_path: Path) -> None:
    (document,) = plain(tmp_path, {"a.yaml": SCHEMA}).documents
    assert document.value == {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "x"},
    }  # fmt: skip
    places = document.places
    assert isinstance(places, InFile)
    assert places.locate(PLACE) == places.locate_key(PLACE) == Location("a.yaml")
    assert (places.trail(PLACE), list(places.repeated_keys()), places.fixed(PLACE)) == ((), [], False)


@pytest.mark.parametrize(
    "text",
    [SERVICE, f"{SCHEMA}---\n{SERVICE}", SCHEMA + "x: nodePort\n", SCHEMA + "# nodeport-lint: ignore[x]\n", HIDDEN],
    ids=["service", "beside a service", "speaks", "answers", "escaped"],
)
def test_places_are_kept_of_what_may_ask(tmp_path: Path, text: str) -> None:
    for document in plain(tmp_path, {"a.yaml": text, "b.yaml": text}).documents:
        assert isinstance(document.places, yamltext.NodePlaces)
        assert document.places.locate(("kind",)).path == document.path
        assert document.places.locate(("kind",)).region


def test_custom_resources_are_kept_whole(tmp_path: Path) -> None:
    text = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec: {source: {path: a}}\n"
    (document,) = plain(tmp_path, {"a.yaml": text}).documents
    assert document.value["spec"] == {"source": {"path": "a"}}


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ('{"kind": "row", "text": "a \\"b\\" \\n"}', 0),
        ('{"\\u006bind": "row"}', 1),
        ('"ki\\\nnd": row\n', 1),
        ("kind: row # nodeport-lint: ignore[x]\n", 1),
        ("a: b\\c\n", 0),
        ("kind: row\nx: !!binary a2luZA==\n", 1),
        ("kind: row\nnode_port: 1\n", 1),
        ("kind: row\n# apiVersion\n", 1),
        ("apiVersion: v1\n", 0),
    ],
)
def test_which_texts_are_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, parsed: int) -> None:
    reads = calls_of(monkeypatch, yamltext, "read")
    assert plain(tmp_path, {"a.json" if text[0] == "{" else "a.yaml": text}).documents == ()
    assert len(reads) == parsed


def test_what_is_wrong_is_found_once_in_equal_texts_and_told_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nodeport_lint.manifests.reader.MAX_FAULTY", 2)
    reads = calls_of(monkeypatch, yamltext, "read")
    broken = [f"{SCHEMA}---\napiVersion: v1\nkind: {kind}\n  x: [\n" for kind in ("Service", "Pod", "Job")]
    texts = [*broken[:2] * 2, broken[2], *broken[:2]]
    found = plain(tmp_path, {f"{index}.yaml": text for index, text in enumerate(texts)})
    assert [problem.location.path for problem in found.problems] == [f"{index}.yaml" for index in range(7)]
    assert len(found.documents) == 7
    assert [given[0] for given in reads] == [*broken, *broken[:2]], "no more than two are kept, the first goes first"


def test_objects_are_counted_all_the_same(tmp_path: Path) -> None:
    write_tree(tmp_path, {f"{index}/a.yaml": f"{SCHEMA}---\n{SCHEMA}" for index in range(3)})
    assert lint_tree(tmp_path).statistics["objects"] == 6
