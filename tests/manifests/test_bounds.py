"""What aliases of all files lead to has a total; large files are searched up to one; values are cut once."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeport_lint import yamltext
from nodeport_lint.manifests import custom, values
from nodeport_lint.manifests import reader as manifests
from nodeport_lint.manifests.custom import in_custom_resources
from nodeport_lint.manifests.objects import MAX_OBJECTS
from nodeport_lint.manifests.reader import Wanted, read_manifests
from nodeport_lint.model import LIMIT, PortRange, Read
from nodeport_lint.ports import DEFAULT_RANGE
from nodeport_lint.tree import read_tree
from nodeport_lint.tree.files import OnDisk
from nodeport_lint.yamltext.nodes import MAX_ALIASED_OBJECTS, MAX_EXPANSION, MAX_EXPANSION_OF_ALL
from tests.counting import calls_in
from tests.make import lint_tree, lists, write_tree


def read(root: Path, files: dict[str, str]) -> tuple[int, list[str], yamltext.Expansion]:
    write_tree(root, files)
    expansion = yamltext.Expansion()
    found = plain(root, expansion)
    return len(found.documents), [problem.message for problem in found.problems], expansion


def plain(root: Path, expansion: yamltext.Expansion | None = None) -> Read:
    """What is read of the plain manifests below a root."""
    paths = read_tree(str(root)).manifests
    left = yamltext.Expansion() if expansion is None else expansion
    return read_manifests(OnDisk(str(root)), paths, Wanted(["nodePort"]), DEFAULT_RANGE, left)


def test_objects_that_aliases_lead_to_have_a_total(tmp_path: Path) -> None:
    found, problems, _ = read(tmp_path, {f"{name}.yaml": lists(60, "ServiceList") for name in "abcdefgh"})
    assert found == MAX_ALIASED_OBJECTS < MAX_OBJECTS
    assert problems == [f"aliases of all files lead to more than {MAX_ALIASED_OBJECTS:,} objects"] * 3


def test_services_that_aliases_lead_to_are_read(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.yaml": lists(3)})
    assert lint_tree(tmp_path).statistics["services"] == 9


@pytest.mark.parametrize("files", [1, 40])
def test_what_aliases_expand_to_has_a_total(tmp_path: Path, files: int) -> None:
    merge = f"x: &a {{{', '.join(f'k{index}: v' for index in range(200))}}}\n"
    document = f"apiVersion: v1\nkind: Service\n{merge}nodePort: [{', '.join(['{<<: *a}'] * 250)}]\n"
    texts = {f"{index}.yaml": "---\n".join([document] * (40 // files)) for index in range(files)}
    found, problems, expansion = read(tmp_path, texts)
    of_one = yamltext.Expansion()
    yamltext.read(document, expansion=of_one)
    each = MAX_EXPANSION_OF_ALL - of_one.nodes
    assert 250 * 380 < each < 250 * 401
    assert (found, expansion.nodes) == divmod(MAX_EXPANSION_OF_ALL, each)
    assert problems == ["aliases of all files expand to more than 1,000,000 nodes"] * min(files, 40 - found)


def test_a_bomb_of_values_is_told(tmp_path: Path) -> None:
    text = f"x: &a [{', '.join(['1'] * 1000)}]\nnodePort: [{', '.join(['*a'] * 300)}]\n"
    assert read(tmp_path, {"values.yaml": text})[:2] == (0, [f"aliases expand to more than {MAX_EXPANSION:,} nodes"])


def test_texts_in_custom_resources_are_cut_once(tmp_path: Path) -> None:
    one = "apiVersion: a.example.com/v1\nkind: A\nmetadata: {name: a}\nspec:\n  values: |\n    nodePort: 30080\n    b: 1\n"
    write_tree(tmp_path, {"a.yaml": "---\n".join([one] * 30)})
    documents = plain(tmp_path).documents
    among = PortRange(30000, 32767)
    assert len(list(in_custom_resources(documents, among))) == 30
    # The lines of each value, and those of the file once.
    assert calls_in(lambda: list(in_custom_resources(documents, among)), "split") == 31


def test_large_files_are_searched_up_to_a_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOO_LARGE", "LARGE"):
        monkeypatch.setattr(manifests, name, 1_000)
    write_tree(tmp_path, {f"{number}.yaml": "# x\n" * 1_000 for number in range(4)})
    monkeypatch.setattr(manifests, "SEARCHED_OF_ALL", 10_000)
    found = plain(tmp_path)
    assert found.documents == ()
    assert [(problem.location.path, problem.message) for problem in found.problems] == [
        ("2.yaml", "not read: 0 MB, of which 0 MB were searched for node ports"),
        ("3.yaml", "not read: 0 MB, of which 0 MB were searched for node ports"),
    ]


class Growing(OnDisk):
    """Every file is longer once its size is known."""

    def size(self, path: str) -> int:
        size = super().size(path)
        with open(Path(self.root) / path, "a") as file:
            file.write("x" * 100)
        return size


def test_of_a_file_that_grows_no_more_is_read_than_its_size_allowed(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    write_tree(tmp_path, {"a.yaml": text})
    wanted, left = Wanted(["nodePort"]), yamltext.Expansion()
    found = read_manifests(Growing(str(tmp_path)), ["a.yaml"], wanted, DEFAULT_RANGE, left)
    assert [document.value["metadata"] for document in found.documents] == [{"name": "a"}]
    assert found.problems == ()


def test_no_number_of_a_long_file_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MAX_NUMBERS", 3)
    numbers = [30001, 30002, 30001, 30001, 30003, 30002, 30004, 30004]
    write_tree(tmp_path, {"values.yaml": "l:\n" + "".join(f"- {{nodePort: {number}}}\n" for number in numbers)})
    assert [claim.number for claim in plain(tmp_path).values] == [30001, 30002, 30001, 30003, 30004]


def test_no_number_of_a_long_custom_resource_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custom, "MAX_NUMBERS", 3)
    numbers = [30001, 30002, 30001, 30001, 30003, 30002, 30004, 30004]
    head = "apiVersion: a.example.com/v1\nkind: A\nmetadata: {name: a}\nspec:\n"
    write_tree(tmp_path, {"a.yaml": head + "".join(f"- {{nodePort: {number}}}\n" for number in numbers)})
    found = in_custom_resources(plain(tmp_path).documents, DEFAULT_RANGE)
    assert [claim.number for claim in found] == [30001, 30002, 30001, 30003, 30004]


SPELLED = [
    "node\\x50ort",
    "node\\u0050ort",
    "node\\U00000050ort",
    "node\\\n  Port",
    "node\\\r  Port",
    "node\\\u2028Port",
]


@pytest.mark.parametrize("key", SPELLED)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_large_file_speaks_in_escapes_too(
    key: str, encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifests, "LARGE", 100)
    text = f'# {"x" * 100}\napiVersion: v1\nkind: Service\nspec: {{ports: [{{? "{key}" : 30080}}]}}\n'
    write_tree(tmp_path, {"a.yaml": text.encode(encoding), "b.yaml": text.replace("P", "Q").replace("50", "51")})
    found = plain(tmp_path)
    assert [document.value["spec"] for document in found.documents] == [{"ports": [{"nodePort": 30080}]}]
    assert [notice.details for notice in found.notices] == [("b.yaml",)]


TAGS = ["!!binary", "!<tag:yaml.org,2002:binary>", "!!b%69nary", "%TAG !e! tag:yaml.org,2002:bin\n---\n!e!ary"]


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("large", [100, 1_000_000])
def test_keys_in_base64_are_read(tag: str, large: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "LARGE", large)
    head, _, tag = tag.rpartition("\n")
    text = f"{head}\n{{apiVersion: v1, {tag} a2luZA==: Service, spec: {{{tag} bm9kZVBvcnQ=: 30080}}, x: {'x' * 100}}}\n"
    write_tree(tmp_path, {"a.yaml": text.lstrip()})
    found = plain(tmp_path)
    assert [(document.value["kind"], document.value.get("spec")) for document in found.documents] == [
        ("Service", {"nodePort": 30080})
    ]


def test_a_bomb_in_a_text_that_speaks_in_escapes_is_told(tmp_path: Path) -> None:
    bomb = f"x: &a [{', '.join(['1'] * 1000)}]\ny: [{', '.join(['*a'] * 300)}]\n"
    text = f'"k\\x69nd": Service\n{bomb}"node\\x50ort": 30080\n'
    assert read(tmp_path, {"a.yaml": text})[:2] == (0, [f"aliases expand to more than {MAX_EXPANSION:,} nodes"])


@pytest.mark.parametrize("head", ["", "apiVersion: v1\nkind: Service\n"])
def test_what_stands_behind_too_many_faults_is_told(tmp_path: Path, head: str) -> None:
    text = "a: [\n---\n" * 60 + f"{head}nodePort: 30080\n"
    write_tree(tmp_path, {"a.yaml": text})
    assert [(problem.kind, problem.message) for problem in plain(tmp_path).problems] == [
        (LIMIT, f"not read from here on: {yamltext.MAX_BROKEN} documents above are broken")
    ]


@pytest.mark.parametrize("path", ["a.yaml", "a.json"])
def test_values_that_are_nested_too_deep_are_told(tmp_path: Path, path: str) -> None:
    write_tree(tmp_path, {path: f'{{"nodePort": 30080, "x": {"[" * 300}{"]" * 300}}}'})
    found = [(problem.kind, problem.message) for problem in plain(tmp_path).problems]
    assert found == [(LIMIT, "nested deeper than 200 levels")]
