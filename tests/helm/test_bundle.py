"""What an engine gets of a chart: all that belongs to it, and nothing else."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from nodeport_lint.helm import chart_files as files_room
from nodeport_lint.helm.bundle import Bundle, Charts, UnbundledError
from nodeport_lint.helm.chart_files import is_archive, read_archive
from nodeport_lint.helm.degrade import missing_templates, stubbed, without_version
from nodeport_lint.helm.metadata import read_metadata, without
from nodeport_lint.helm.tar import Allowance, TooMuchError
from nodeport_lint.helm.values_sets import by_convention, inputs_for, is_set_by_convention, release_name
from nodeport_lint.model.render import is_safe
from nodeport_lint.tree.files import OnDisk
from tests.make import CHART, chart, packed, write_tree


def bundle(root: Path, files: Mapping[str, str | bytes], path: str = "web") -> Bundle:
    write_tree(root, files)
    paths = sorted(
        name.removesuffix("/Chart.yaml") for name in files if name.endswith("/Chart.yaml") and "/charts/" not in name
    )
    return Charts(OnDisk(str(root)), paths).bundle(path)


def test_the_files_of_a_chart(tmp_path: Path) -> None:
    found = bundle(
        tmp_path,
        {
            "web/Chart.yaml": CHART, "web/values.yaml": "a: 1", "web/templates/a.yaml": "x", "web/files/f.txt": "f",
            "web/values.schema.json": "{}", "web/charts/kid/values.schema.json": "{}", "web/.git/config": "",
            "web/node_modules/a.js": "", "web/other/Chart.yaml": CHART, "web/other/templates/o.yaml": "",
        },
    )  # fmt: skip
    assert sorted(found.inputs) == [
        "chart/Chart.yaml",
        "chart/files/f.txt",
        "chart/templates/a.yaml",
        "chart/values.yaml",
    ]
    assert found.location("chart/templates/a.yaml").path == "web/templates/a.yaml"
    assert (found.name, found.absent, found.is_library) == ("web", (), False)


def test_links(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text("secret: 1")
    root = tmp_path / "root"
    write_tree(
        root,
        {
            "web/Chart.yaml": CHART,
            "web/files/real.txt": "real",
            "lib/Chart.yaml": chart("lib"),
            "lib/values.yaml": "l: 1",
            "other.txt": "o",
        },
    )
    (root / "web/templates").mkdir()
    (root / "web/charts").mkdir()
    links: dict[str, str | Path] = {
        "web/templates/secret.yaml": outside / "secret.yaml",
        "web/templates/passwd": "/etc/passwd",
        "web/inside.txt": "files/real.txt",
        "web/neighbour.txt": "../other.txt",
        "web/loop": "loop",
        "web/up": "..",
        "web/charts/lib": "../../lib",
        "web/charts/out": outside,
    }
    for link, target in links.items():
        os.symlink(target, root / link)
    found = Charts(OnDisk(str(root)), ["lib", "web"]).bundle("web")
    assert sorted(found.inputs) == [
        "chart/Chart.yaml",
        "chart/charts/lib/Chart.yaml",
        "chart/charts/lib/values.yaml",
        "chart/files/real.txt",
        "chart/inside.txt",
    ]
    assert found.location("chart/charts/lib/values.yaml").path == "lib/values.yaml"
    assert {one.path for one in found.left_out if not one.limit} == {
        "web/templates/secret.yaml", "web/templates/passwd", "web/neighbour.txt", "web/loop", "web/up", "web/charts/out",
    }  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    write_tree(tmp_path, {"web/Chart.yaml": CHART})
    os.mkfifo(tmp_path / "web" / "values.yaml")
    assert sorted(Charts(OnDisk(str(tmp_path)), ["web"]).bundle("web").inputs) == ["chart/Chart.yaml"]


def test_archives_are_expanded(tmp_path: Path) -> None:
    inner = packed({"Chart.yaml": chart("inner"), "values.yaml": "i: 1"}, "inner")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, data in {
            "sub/Chart.yaml": chart("sub").encode(),
            "sub/charts/inner-1.0.0.tgz": inner,
            "sub/values.schema.json": b"{}",
        }.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    found = bundle(
        tmp_path,
        {
            "web/Chart.yaml": chart("web", "dependencies: [{name: sub, version: 1.0.0}]\n"),
            "web/charts/sub-1.0.0.tgz": out.getvalue(),
        },
    )
    assert sorted(found.inputs) == [
        "chart/Chart.yaml", "chart/charts/sub-1.0.0/Chart.yaml", "chart/charts/sub-1.0.0/charts/inner-1.0.0/Chart.yaml",
        "chart/charts/sub-1.0.0/charts/inner-1.0.0/values.yaml",
    ]  # fmt: skip
    place = found.location("chart/charts/sub-1.0.0/charts/inner-1.0.0/values.yaml")
    assert (place.path, place.note) == ("web/charts/sub-1.0.0.tgz", "values.yaml in the archive")
    assert found.absent == ()


@pytest.mark.parametrize(
    ("path", "safe"),
    [("a/b", True), ("", False), ("../a", False), ("a/../b", False), ("/a", False), ("a//b", False), ("a\\b", False), ("a" * 300, False), ("a\0b", False)],
)  # fmt: skip
def test_paths_of_archives(path: str, safe: bool) -> None:
    assert is_safe(path) == safe


@pytest.mark.parametrize(
    "data",
    [b"", b"no gzip", gzip.compress(b"no tar"), packed({"values.yaml": ""})],
    # gzip writes the time: without names every process would have tests of its own.
    ids=["empty", "no gzip", "no tar", "no chart"],
)
def test_archives_that_are_none(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_archive(data, "x.tgz")


def test_an_archive_that_unpacks_to_too_much() -> None:
    with pytest.raises(TooMuchError, match="archives of more than"):
        read_archive(packed({"Chart.yaml": CHART, "a": "0" * (2 << 20)}), "x.tgz", [Allowance(1 << 20, 99, "a test")])


def test_links_of_archives_are_left_out() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, target in (("sub/Chart.yaml", ""), ("sub/link", "/etc/passwd")):
            member = tarfile.TarInfo(path)
            if target:
                member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member, io.BytesIO())
    assert list(read_archive(out.getvalue(), "x.tgz").files) == ["Chart.yaml"]


@pytest.mark.parametrize(
    ("path", "archive"),
    [("charts/a-1.tgz", True), ("charts/a/charts/b.tar.gz", True), ("charts/_a.tgz", False), ("files/a.tgz", False), ("charts/a/b.tgz", False)],
)  # fmt: skip
def test_which_files_are_archives(path: str, archive: bool) -> None:
    assert is_archive(path) == archive


def test_a_dependency_that_lies_beside_the_chart(tmp_path: Path) -> None:
    needs = "dependencies:\n- name: lib\n  version: 1.x\n  repository: https://example.org\n"
    found = bundle(
        tmp_path,
        {
            "web/Chart.yaml": chart("web", needs), "lib/Chart.yaml": chart("lib", needs.replace("lib", "base")),
            "lib/values.yaml": "l: 1", "base/Chart.yaml": chart("base"), "base/values.yaml": "b: 1",
        },
    )  # fmt: skip
    assert found.absent == ()
    assert found.location("chart/charts/lib/values.yaml").path == "lib/values.yaml"
    assert found.location("chart/charts/lib/charts/base/values.yaml").path == "base/values.yaml"


def test_a_file_that_ends_like_the_one_of_a_chart_is_none(tmp_path: Path) -> None:
    text = f"{CHART}dependencies: [{{name: kid, version: 1.0.0}}]\n"
    found = bundle(tmp_path, {"web/Chart.yaml": text, "web/charts/MyChart.yaml": chart("kid")})
    assert [dependency.name for dependency in found.absent] == ["kid"]


def test_a_dependency_by_its_path_wins_over_one_by_name(tmp_path: Path) -> None:
    found = bundle(
        tmp_path,
        {
            "web/Chart.yaml": chart("web", "dependencies: [{name: lib, version: 1.0.0, repository: 'file://../far/lib'}]\n"),
            "lib/Chart.yaml": chart("lib"), "far/lib/Chart.yaml": chart("lib"),
        },
    )  # fmt: skip
    assert found.location("chart/charts/lib/Chart.yaml").path == "far/lib/Chart.yaml"


def test_charts_that_need_each_other(tmp_path: Path) -> None:
    found = bundle(
        tmp_path,
        {
            "web/Chart.yaml": chart("web", "dependencies: [{name: api, version: 1.0.0}]\n"),
            "api/Chart.yaml": chart("api", "dependencies: [{name: web, version: 1.0.0}, {name: api, version: 1.0.0}]\n"),
        },
    )  # fmt: skip
    assert sorted(found.inputs) == ["chart/Chart.yaml", "chart/charts/api/Chart.yaml"]
    assert read_metadata({"Chart.yaml": found.inputs["chart/charts/api/Chart.yaml"]}).dependencies == ()


def test_absent_dependencies_leave_the_declaration(tmp_path: Path) -> None:
    text = chart(
        "web",
        "dependencies:\n- name: kid\n  version: 1.0.0\n- name: gone\n  version: 2.0.0\n  condition: gone.enabled\nappVersion: 1\n",
    )
    found = bundle(
        tmp_path,
        {
            "web/Chart.yaml": text,
            "web/charts/kid/Chart.yaml": chart("kid"),
            "web/requirements.yaml": "dependencies:\n  - {name: old, version: 1}\n",
        },
    )
    assert [(one.name, one.file, one.region and one.region.line) for one in found.absent] == [
        ("gone", "Chart.yaml", 7),
        ("old", "requirements.yaml", 2),
    ]
    left = read_metadata({path: found.inputs[f"chart/{path}"] for path in ("Chart.yaml", "requirements.yaml")})
    assert [one.name for one in left.dependencies] == ["kid"]
    assert left.name == "web"
    assert b"appVersion: 1\n" in found.inputs["chart/Chart.yaml"]


@pytest.mark.parametrize(
    "text",
    [
        "name: a\ndependencies:\n- name: x\n  version: 1\nversion: 2\n",
        "name: a\ndependencies:\n  - name: x\n    version: 1\n\n# end\nversion: 2\n",
        "name: a\r\ndependencies:\r\n- name: x\r\nversion: 2\r\n",
        "{name: a, dependencies: [{name: x}], version: 2}",
        "name: a\nversion: 2\ndependencies:\n- name: x",
        "name: a\nversion: 2\ndependencies: &d\n- name: x\nother: *d\n",
    ],
)
def test_taking_dependencies_out_leaves_a_chart(text: str) -> None:
    found = read_metadata({"Chart.yaml": without(text.encode(), {"x"})})
    assert (found.error, found.name, found.version, found.dependencies) == (None, "a", "2", ())


def test_taking_the_version_out() -> None:
    text = b"name: a\nkubeVersion: '>=9'\nversion: 1\n"
    assert (
        without_version({"chart/Chart.yaml": text})["chart/Chart.yaml"] == b"name: a\nx-kubeVersion: null\nversion: 1\n"
    )


@pytest.mark.parametrize("text", ["[]", "a: [", "", "- x", "\xff\xfe"])
def test_a_chart_file_that_is_none(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnbundledError) as error:
        bundle(tmp_path, {"web/Chart.yaml": text})
    assert error.value.location.path == "web/Chart.yaml"


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_room, "MAX_FILES", 3)
    with pytest.raises(UnbundledError, match="more than 3 files"):
        bundle(tmp_path, {"web/Chart.yaml": CHART, **{f"web/templates/{index}.yaml": "" for index in range(5)}})


def test_missing_templates_get_stand_ins() -> None:
    inputs = {
        "chart/templates/a.yaml": b'{{ include "lib.name" . }}{{ template "lib.labels" . }}{{ include "own" . }}',
        "chart/templates/_h.tpl": b'{{ define "own" }}{{ end }}', "chart/files/x": b'{{ include "none" . }}',
    }  # fmt: skip
    assert missing_templates(inputs) == ["lib.labels", "lib.name"]
    assert missing_templates(stubbed(inputs, ["lib.labels", "lib.name"])) == []


@pytest.mark.parametrize(
    ("path", "is_set"),
    [
        ("values-prod.yaml", True), ("values.prod.yml", True), ("prod-values.yaml", True), ("prod.values.yaml", True),
        ("ci/test-values.yaml", True), ("ci/values.yaml", True), ("values.yaml", False), ("ci/other.yaml", False),
        ("templates/values-x.yaml", False), ("values-prod.json", False),
    ],
)  # fmt: skip
def test_sets_by_convention(path: str, is_set: bool) -> None:
    assert is_set_by_convention(path) == is_set


def test_each_set_gets_its_own_file_only(tmp_path: Path) -> None:
    found = bundle(
        tmp_path,
        {
            "web/Chart.yaml": CHART,
            "web/values.yaml": "",
            "web/values-a.yaml": "",
            "web/ci/b-values.yaml": "",
            "web/README.md": "",
        },
    )
    sets, more = by_convention(found, without=["web/ci/b-values.yaml"])
    assert ([one.variant for one in sets], more) == (["", "values-a.yaml"], 0)
    assert sorted(inputs_for(found, sets[0])) == ["chart/Chart.yaml", "chart/values.yaml"]
    assert sorted(inputs_for(found, sets[1])) == ["chart/Chart.yaml", "chart/values-a.yaml", "chart/values.yaml"]


@pytest.mark.parametrize(
    ("name", "release"), [("web", "web"), ("Web_Shop", "web-shop"), ("é", "release-name"), ("a" * 80, "a" * 53)]
)
def test_release_names(name: str, release: str) -> None:
    assert release_name(name) == release
