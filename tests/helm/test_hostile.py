"""Charts made to do harm: each of these once did."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from nodeport_lint.engines.workspace import Workspaces
from nodeport_lint.helm import bundle as bundle_room
from nodeport_lint.helm.bundle import Charts, UnbundledError
from nodeport_lint.helm.command import HelmCommand
from nodeport_lint.helm.embedded import HelmEmbedded
from nodeport_lint.model.render import RenderError, RenderOptions
from nodeport_lint.tree.files import OnDisk
from tests.components import ENGINES, helm, rendering
from tests.counting import calls_of
from tests.make import CHART, LOW, TEMPLATE, WEB, chart, check_charts, labels, of_rule, packed, write_tree


@pytest.mark.parametrize("name", ["../../../pwned", "/tmp/pwned", "..", ".", "", "a/b", "x\0y", "x" * 300, "x\ud800y"])
@pytest.mark.parametrize("engine", ["helm4", "sdk"])
def test_a_dependency_that_is_named_like_a_path(tmp_path: Path, engine: str, name: str) -> None:
    quoted = "".join(f"\\u{ord(letter):04x}" for letter in name)
    evil = (
        CHART.replace("web", "a") + f'dependencies: [{{name: "{quoted}", version: 1.0.0, repository: "file://../b"}}]\n'
    )
    files = {
        **WEB,
        "a/Chart.yaml": evil,
        "a/values.yaml": "nodePort: 30081\n",
        "a/templates/s.yaml": TEMPLATE,
        "b/Chart.yaml": chart("b"),
        "b/pwned.txt": "pwned",
    }
    report = check_charts(tmp_path / "root", files, engine)
    assert labels(report)[-1:] == ["web/values.yaml:1:11 30080 web"]
    assert not any("pwned" in name for _, _, names in os.walk(tmp_path) for name in names if name != "pwned.txt")
    assert [str(path) for path in tmp_path.rglob("pwned.txt")] == [str(tmp_path / "root" / "b" / "pwned.txt")]


@pytest.mark.parametrize("path", ["../a", "/a", "a/../../b", "a\\b", ""])
def test_nothing_is_written_outside_the_workspace(path: str) -> None:
    spaces = Workspaces()
    with pytest.raises(RenderError, match="cannot be written"):
        spaces.hold({"chart/a": b"", path: b""})
    spaces.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_values_file_that_is_named_like_two(tmp_path: Path, engine: str) -> None:
    (tmp_path / "outside.yaml").write_text("nodePort: 31999\n")
    root = tmp_path / "root"
    write_tree(
        root,
        {
            **WEB,
            "w": "a: 1\n",
            f"w,{tmp_path}/outside.yaml": "b: 1\n",
            "web/values-a,b.yaml": "nodePort: 30082\n",
            "web/values-http:x.yaml": "nodePort: 30083\n",
        },
    )
    assert sorted(labels(check_charts(root, {}, engine))) == [
        "web/values-a,b.yaml:1:11 30082 web", "web/values-http:x.yaml:1:11 30083 web", "web/values.yaml:1:11 30080 web",
    ]  # fmt: skip
    config = f'{LOW}releases: [{{chart: web, values: [w, "w,{tmp_path}/outside.yaml"]}}]\n'
    assert labels(check_charts(root, {}, engine, config)) == ["web/values.yaml:1:11 30080 web"]


@pytest.mark.parametrize("engine", ["helm4"])
def test_a_values_file_behind_a_link(tmp_path: Path, engine: str) -> None:
    from nodeport_lint.model import NodeportLintError

    root = tmp_path / "root"
    write_tree(root, WEB)
    (tmp_path / "v.yaml").write_text("nodePort: 31999\n")
    os.symlink(tmp_path, root / "out")
    with pytest.raises(NodeportLintError, match=r"out.v.yaml' does not exist, or is no file"):
        check_charts(root, {}, engine, "releases: [{chart: web, values: [out/v.yaml]}]\n")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "files",
    [
        {"a/Chart.yaml": CHART + "dependencies: [{name: [x]}, 3, {name: x, version: 1.0.0}]\n"},
        {"a/charts/x.tgz": packed({"Chart.yaml": chart("x"), "templates/a": "", "templates/a/b.yaml": ""}, "x")},
        {
            "a/charts/x.tgz": packed({"Chart.yaml": chart("x"), "templates/a.yaml": ""}, "x"),
            "a/charts/x/templates": "a file",
        },
        {"a/templates/s.yaml": TEMPLATE.replace("port: 80", f"port: 80 # npl:{'9' * 5000};")},
        {"a/values.yaml": "nodePort: '٣٠٠٨٠'\n"},
    ],
    ids=["dependencies", "file and directory", "archive and file", "mark", "digits"],
)
def test_no_chart_ends_the_run(tmp_path: Path, engine: str, files: dict[str, str | bytes]) -> None:
    own = {path.replace("web", "a"): text for path, text in WEB.items()}
    report = check_charts(tmp_path, {**WEB, **own, **files}, engine)
    assert "web/values.yaml:1:11 30080 web" in labels(report)


@pytest.mark.parametrize("text", ["x=\\0", "x=\\ud800", "x=\\n", "x=\\x1b[31m"])
def test_expressions_are_texts(tmp_path: Path, text: str) -> None:
    from nodeport_lint.model import NodeportLintError

    with pytest.raises(
        NodeportLintError,
        match=r"^\.nodeport-lint\.yaml:1:31: releases\[0\]\.set\[0\] holds characters that no argument can hold: ",
    ):
        check_charts(tmp_path, WEB, config=f'releases: [{{chart: web, set: ["{text}"]}}]\n')


def test_limits_within_a_trace_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodeport_lint.engines.workers.TIMEOUTS", ((0, 2.0),))
    loop = "{{ range until 10000 }}" * 3 + "{{ end }}" * 3
    slow = f"{{{{ range .Values.l }}}}{{{{ if ne (int .) 30080 }}}}{loop}{{{{ end }}}}{{{{ end }}}}"
    values = "nodePort: 30080\nl:\n" + "- 30080\n" * 300
    renders = calls_of(monkeypatch, HelmCommand, "render")
    report = check_charts(tmp_path, {**WEB, "web/values.yaml": values, "web/templates/service.yaml": TEMPLATE + slow})
    assert len(renders) == 2, "the first, and the one that came to no end"
    assert labels(report)[0].endswith(" 30080 web")
    (note,) = of_rule(report, "unrendered-chart")
    start = "the lines of the node ports of the chart in web are not all known: helm did not end within "
    assert note.message.removeprefix(start) in ("2 s of processor time", "8 s"), "by the clock on a busy machine"


@pytest.mark.parametrize("engine", ENGINES)
def test_output_beyond_what_is_read(tmp_path: Path, engine: str) -> None:
    files = {path.replace("web/", "chart/"): text.encode() for path, text in WEB.items()}
    options = RenderOptions(max_output=1 << 20)
    renders = HelmEmbedded.start(str(tmp_path)) if engine == "sdk" else HelmCommand(helm(engine), "v", True)
    try:
        assert renders.render(files, options).documents
        files["chart/templates/long.yaml"] = b'x: {{ repeat 1100000 "x" }}\n'
        with pytest.raises(RenderError, match=r"printed more than 1 MB$") as raised:
            renders.render(files, options)
        assert raised.value.kind == "output"
        assert len(renders.render(files, options._replace(max_output=2 << 20)).documents) == 2
    finally:
        renders.close()


def test_sub_charts_that_multiply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    added = calls_of(monkeypatch, bundle_room._Builder, "add")
    for levels in (8, 12):
        files = {}
        for level in range(levels):
            for letter in "abc":
                below = (
                    "".join(
                        f"\n- {{name: {other}{level + 1}, version: 1.0.0, repository: 'file://../{other}{level + 1}'}}"
                        for other in "abc"
                    )
                    if level < levels - 1
                    else " []"
                )
                files[f"{letter}{level}/Chart.yaml"] = chart(f"{letter}{level}", f"dependencies:{below}\n")
        write_tree(tmp_path, files)
        added.clear()
        with pytest.raises(UnbundledError, match="more than 1,500 sub-charts"):
            Charts(OnDisk(str(tmp_path)), sorted(path.removesuffix("/Chart.yaml") for path in files)).bundle("a0")
        assert len(added) == 1_501


def test_archives_that_multiply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = packed({"Chart.yaml": chart("i"), "zero": "0" * (30 << 20)}, "i")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, data in {
            "m/Chart.yaml": chart("m").encode(),
            **{f"m/charts/i{index}.tgz": zeros for index in range(50)},
        }.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    write_tree(tmp_path, {"web/Chart.yaml": CHART, "web/charts/m.tgz": out.getvalue()})
    counted, inflated = (calls_of(monkeypatch, *of) for of in ((Charts, "unpacked"), (bundle_room, "read_archive")))
    with pytest.raises(UnbundledError, match="archives of more than 100 MB in one chart, unpacked"):
        Charts(OnDisk(str(tmp_path)), ["web"]).bundle("web")
    assert len(counted) == 5, "the outer one, and those inside up to the fourth of 30 MB"
    assert len(inflated) == 2, "equal ones once"


def test_a_service_with_a_port_for_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = (
        TEMPLATE.partition("  ports:")[0]
        + "  ports:\n{{ range until 100000 }}\n    - {port: 80, nodePort: 30080}\n{{ end }}\n"
    )
    renders = calls_of(monkeypatch, HelmCommand, "render")
    report = check_charts(tmp_path, {**WEB, "web/templates/many.yaml": many})
    assert labels(report) == ["web/values.yaml:1:11 30080 web"]
    (finding,) = of_rule(report, "limit-reached")
    assert finding.location.path == "web/templates/many.yaml"
    assert finding.message.endswith("it gives an object of more than 1.5 MB")
    assert len(renders) <= 3


def test_thousands_of_equal_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = "l:\n" + "- 30080\n" * 2_000 + "nodePort: 30080\nm:\n" + "- 30080\n" * 18_000
    data = {f"web/files/{index}.txt": "1234567 " * 500_000 for index in range(6)}
    renders = calls_of(monkeypatch, HelmCommand, "render")
    report = check_charts(tmp_path, {**WEB, **data, "web/values.yaml": values})
    assert labels(report) == ["web/values.yaml:2002:11 30080 web"]
    assert len(renders) <= 3, "all numbers are changed at once, and those that moved another time"


def test_charts_in_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_room, "MAX_NESTING", 3)
    data = packed({"Chart.yaml": chart("c9"), "templates/s.yaml": "nodePort: 1"}, "c9")
    for level in range(8, 0, -1):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            for path, content in {
                f"c{level}/Chart.yaml": chart(f"c{level}").encode(),
                f"c{level}/charts/c{level + 1}.tgz": data,
            }.items():
                member = tarfile.TarInfo(path)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        data = out.getvalue()
    report = check_charts(tmp_path, {**WEB, "web/charts/c1.tgz": data})
    assert [finding.message for finding in of_rule(report, "limit-reached")] == [
        "the chart in web is read without web/charts/c1.tgz: more than 3 charts in each other"
    ]


@pytest.mark.parametrize(
    "place", ["templates/venv/s.yaml", "templates/x/s.yaml", "templates/node_modules/s.yaml", "crds/x.json"]
)
def test_all_that_helm_knows_is_read(tmp_path: Path, place: str) -> None:
    service = '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"type": "NodePort", "ports": [{"port": 1, "nodePort": 30099}]}}'
    report = check_charts(tmp_path, {**WEB, f"web/{place}": service, "web/templates/x/Chart.yaml": ""})
    assert any(" 30099 x" in label for label in labels(report))


@pytest.mark.parametrize(
    "kind",
    [
        "kind: !!str Service",
        "kind: &a Service",
        "kind: >-\n  Service",
        '"kin\\x64": Service',
        'kind: "Ser\\x76ice"',
        "kind: 'Service'",
    ],
)
def test_a_kind_in_another_spelling(tmp_path: Path, kind: str) -> None:
    report = check_charts(tmp_path, {**WEB, "web/templates/service.yaml": TEMPLATE.replace("kind: Service", kind)})
    assert labels(report) == ["web/values.yaml:1:11 30080 web"]


def test_values_of_a_release_are_not_cut(tmp_path: Path) -> None:
    from nodeport_lint.model import NodeportLintError

    with pytest.raises(NodeportLintError, match="larger than 5 MB"):
        check_charts(
            tmp_path,
            {**WEB, "big.yaml": "# comment\n" * 600_000 + "nodePort: 1\n"},
            config="releases: [{chart: web, values: [big.yaml]}]\n",
        )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked up in /proc")
@pytest.mark.parametrize(
    ("engine", "number"),
    [("cli", signal.SIGINT), ("cli", signal.SIGTERM), ("cli", signal.SIGHUP), ("sdk", signal.SIGTERM)],
)
def test_nothing_is_left_of_a_run_that_is_cancelled(tmp_path: Path, engine: str, number: signal.Signals) -> None:
    rendering("sdk" if engine == "sdk" else "helm4")
    loop = "kind: Service\n{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"
    write_tree(tmp_path, {**WEB, "web/templates/loop.yaml": loop})
    # More than one, so that a thread is there which would start the next.
    write_tree(tmp_path, {path.replace("web/", f"web{more}/"): text for more in range(4) for path, text in
                          {**WEB, "web/templates/loop.yaml": loop}.items()})  # fmt: skip
    code = "from nodeport_lint.cli import main; main()"
    environment = {"PATH": os.path.dirname(helm()), "HOME": str(tmp_path), "MARK": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-c", code, "check", "--no-cache", "--helm-engine", engine],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # A job in the background of a shell ignores interrupts, and so do its children.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )
    try:
        children: list[int] = []
        for _ in range(200):
            time.sleep(0.05)
            children = [
                child
                for child in _children(process.pid)
                if "template" in _command(child) or "helm.worker" in _command(child)
            ]
            if children:
                break
        assert children
        workspace = os.path.dirname(os.readlink(f"/proc/{children[0]}/cwd"))
        time.sleep(0.2 if engine == "cli" else 3)
        process.send_signal(number)
        process.wait(15)
    finally:
        process.kill()
        process.wait()
    assert process.returncode != 0
    for _ in range(40):
        if not _inside(workspace):
            break
        time.sleep(0.05)
    assert _inside(workspace) == []
    assert not os.path.exists(workspace)


def _inside(workspace: str) -> list[str]:
    """Processes whose directory is a workspace, or was."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{name}/cwd").startswith(workspace):
                    found.append(name)
    return found


def _children(pid: int) -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(name))
    return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


@pytest.mark.parametrize(
    "text",
    [
        "kind: # c\n  Service\n",
        "kind: !!str Service\n",
        "x: &a Service\nkind: *a\n",
        "? kind\n: !!str Service\n",
    ],
)
def test_a_service_of_a_template_however_it_is_written(tmp_path: Path, text: str) -> None:
    plain = "apiVersion: v1\nmetadata: {name: web}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}\n"
    report = check_charts(tmp_path, {**WEB, "web/templates/service.yaml": plain + text})
    assert [label.split()[1:] for label in labels(report)] == [["30080", "web"]]
