"""The fence: what an engine's process may not do, on every engine there is, and what is said where nothing holds it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from nodeport_lint.cli import cli
from nodeport_lint.engines import child, fence, kernel
from nodeport_lint.engines.cache import Cache
from nodeport_lint.engines.fence import Fence, Held, Needs, needs_of
from nodeport_lint.engines.programs import find, version
from nodeport_lint.helm.embedded import OWN, HelmEmbedded, _needs
from nodeport_lint.kustomize.command import KustomizeCommand
from nodeport_lint.model.render import RenderError, RenderOptions
from tests.command import run
from tests.components import helm, kubectl, rendering
from tests.make import lint_tree, write_tree

PROGRAMS = {"helm3": helm, "helm4": helm}
LIMITS = child.Limits(60, 7000 << 20, 1 << 20)
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}\n"
CHART = {"Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n", "templates/web.yaml": SERVICE}
CANARY = "canary-secret"

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has this fence")


@pytest.fixture(params=["fenced", "free"])
def fenced(request: pytest.FixtureRequest) -> bool:
    """Each attempt is made without the fence, too: there it succeeds, or the test would show nothing."""
    return bool(request.param == "fenced")


def attempt(program: str, arguments: list[str], workspace: Path, fenced: bool) -> str:
    """What a program prints in a workspace, its errors included."""
    (workspace / "empty").mkdir(parents=True, exist_ok=True)
    round_it = child.fence_round(program, str(workspace), fenced)
    assert not fenced or round_it.held.lacks == ""
    env = {"PATH": "", "HOME": str(workspace / "empty"), "HELM_PLUGINS": str(workspace / "plugins")}
    done = child.Running([program, *arguments], str(workspace), env, LIMITS, round_it.start).finish()
    round_it.close()
    return (done.output + done.errors).decode()


@linux
@pytest.mark.parametrize("name", PROGRAMS)
def test_helm_reads_nothing_beside_its_workspace(tmp_path: Path, name: str, fenced: bool) -> None:
    write_tree(tmp_path / "workspace/chart", CHART)
    write_tree(
        tmp_path / "beside", {"templates/x.yaml": SERVICE.replace("web", CANARY), "Chart.yaml": CHART["Chart.yaml"]}
    )
    inside = attempt(helm(name), ["template", "x", "./chart"], tmp_path / "workspace", fenced)
    assert "nodePort: 30080" in inside
    beside = attempt(helm(name), ["template", "x", "../beside"], tmp_path / "workspace", fenced)
    assert (CANARY in beside) is not fenced


@linux
@pytest.mark.parametrize("name", PROGRAMS)
def test_kustomize_reads_nothing_beside_its_workspace(tmp_path: Path, name: str, fenced: bool) -> None:
    write_tree(tmp_path / "workspace", {"kustomization.yaml": "resources: [../beside.yaml]\n"})
    write_tree(tmp_path, {"beside.yaml": SERVICE.replace("web", CANARY)})
    arguments = ["kustomize", ".", "--load-restrictor", "LoadRestrictionsNone"]
    found = attempt(kubectl(name), arguments, tmp_path / "workspace", fenced)
    assert (CANARY in found) is not fenced


@linux
@pytest.mark.parametrize("name", PROGRAMS)
def test_no_socket_is_opened(tmp_path: Path, name: str, fenced: bool, server: tuple[str, list[str]]) -> None:
    host, asked = server
    address = f"http://{host}"
    write_tree(tmp_path / "kustomize", {"kustomization.yaml": f"resources: [{address}/x.yaml]\n"})
    attempt(kubectl(name), ["kustomize", "."], tmp_path / "kustomize", fenced)
    assert asked == ([] if fenced else ["/x.yaml"])
    asked.clear()
    attempt(helm(name), ["template", "x", f"{address}/x.tgz"], tmp_path / "helm", fenced)
    assert asked == ([] if fenced else ["/x.tgz"])


@linux
@pytest.mark.parametrize("name", PROGRAMS)
def test_no_program_is_started(tmp_path: Path, name: str, fenced: bool) -> None:
    trace = tmp_path / "trace"
    program = tmp_path / "workspace/program"
    write_tree(tmp_path / "workspace", {"program": f"#!/bin/sh\necho ran > {trace}\ncat\n", "kustomization.yaml":
        "generators:\n- |\n  apiVersion: x/v1\n  kind: X\n  metadata:\n    name: x\n    annotations:\n      config.kubernetes.io/function: |\n        exec: {path: ./program}\n"})  # fmt: skip
    program.chmod(0o755)
    arguments = ["kustomize", ".", "--enable-alpha-plugins", "--enable-exec"]
    if "unknown flag" in attempt(kubectl(name), arguments, tmp_path / "workspace", fenced):
        # kubectl runs no plugins of this kind: helm's post-renderer stands for both.
        write_tree(tmp_path / "workspace/chart", CHART)
        write_tree(
            tmp_path / "workspace/plugins/p",
            {"plugin.yaml": "name: p\nversion: 0.1.0\ncommand: $HELM_PLUGIN_DIR/../../program\n"},
        )
        attempt(helm(name), ["p"], tmp_path / "workspace", fenced)
    assert trace.exists() is not fenced


@linux
def test_the_worker_of_the_embedded_engine_is_inside_before_it_reads_a_chart(tmp_path: Path) -> None:
    how = rendering("sdk")
    assert how.helm == "sdk"
    engine = HelmEmbedded.start(str(tmp_path))
    try:
        assert engine.held.lacks == ""
        write_tree(tmp_path / "beside", CHART)
        write_tree(Path(engine.spaces.top), {f"inside/{path}": text for path, text in CHART.items()})
        request = {"seconds": 60, "release": "x", "namespace": "x", "sets": []}
        for chart, values, error in (
            ("inside", "", ""),
            (str(tmp_path / "beside"), "", "Chart.yaml file is missing"),
            ("inside", str(tmp_path / "beside/Chart.yaml"), "Permission denied"),
        ):
            given = {"chart": os.path.join(engine.spaces.top, chart), "values": [("v", values)] if values else []}
            answer = engine._running().ask({**request, **given}, RenderOptions())
            assert error in str(answer.get("error", "")), answer
            assert ("templates" in answer) is (error == "")
        inputs = {f"chart/{path}": text.encode() for path, text in CHART.items()}
        assert "30080" in engine.render(inputs, RenderOptions()).documents[0].text
    finally:
        engine.close()


@linux
def test_what_a_thread_inside_may_not_do(tmp_path: Path) -> None:
    code = (
        "import ctypes, json, os, socket, subprocess, sys\n"
        "def tried(act):\n"
        "    try:\n        act()\n    except OSError as error:\n        return error.errno\n    return 0\n"
        "syscall = ctypes.CDLL(None, use_errno=True).syscall\n"
        "def number(*arguments):\n"
        "    ctypes.set_errno(0)\n"
        "    return syscall(*map(ctypes.c_long, arguments)) < 0 and ctypes.get_errno()\n"
        "print(json.dumps([tried(lambda: open(sys.argv[1])), tried(lambda: os.listdir('/')), tried(socket.socket),\n"
        "    tried(lambda: socket.socket(socket.AF_UNIX)), tried(lambda: open('x', 'w')), tried(lambda: subprocess.run(['/bin/true'])),\n"
        "    tried(lambda: os.memfd_create('x')), number(425, 1, 0), tried(lambda: open('inside')), tried(lambda: open('/dev/null', 'w'))]))\n"
    )
    write_tree(tmp_path, {"beside": CANARY, "workspace/inside": ""})
    workspace = str(tmp_path / "workspace")
    inside = Fence((workspace,), _needs([OWN]))
    arguments = [sys.executable, "-c", code, str(tmp_path / "beside")]
    done = child.Running(arguments, workspace, {}, LIMITS, inside.start).finish()
    inside.close()
    assert json.loads(done.output) == [13] * 8 + [0, 0], done.errors.decode()


@linux
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="these numbers are those of x86_64")
def test_calls_by_other_numbers_are_refused(tmp_path: Path) -> None:
    code = (
        "import ctypes\nlibrary = ctypes.CDLL(None, use_errno=True)\n"
        "library.syscall(ctypes.c_long(0x40000000 | 41), 1, 1, 0)\nprint(ctypes.get_errno())\n"
    )
    inside = Fence((str(tmp_path),), _needs([OWN]))
    done = child.Running([sys.executable, "-c", code], str(tmp_path), {}, LIMITS, inside.start).finish()
    inside.close()
    assert done.output == b"13\n"


@linux
def test_the_rest_of_this_process_stays_free(tmp_path: Path) -> None:
    inside = Fence((str(tmp_path),), needs_of(helm()))
    try:
        assert inside.held.holds
        assert "test_the_rest_of_this_process_stays_free" in Path(__file__).read_text(encoding="utf-8")
        (tmp_path / "written").write_text("x")
        assert subprocess.run([sys.executable, "-c", "print('x')"], capture_output=True, check=True).stdout == b"x\n"
    finally:
        inside.close()


@linux
def test_what_the_fence_refused_is_told_at_the_line_that_asked(tmp_path: Path) -> None:
    write_tree(tmp_path, {"beside-secret.yaml": SERVICE})
    text = f"namePrefix: x-\nresources:\n- {os.path.relpath('/', '/a/b')}{tmp_path}/beside-secret.yaml\n"
    engine = KustomizeCommand(kubectl(), "kustomize/v5.7.1", True)
    # Where the workspace lies nobody knows: up to the top, and down again.
    inputs = {"kustomization.yaml": text.replace("../..", "/".join([".."] * 30)).encode()}
    with pytest.raises(RenderError) as raised:
        engine.render(inputs, RenderOptions(root="."))
    engine.close()
    assert "permission denied" in raised.value.message
    assert (raised.value.file, raised.value.line) == ("kustomization.yaml", 3)


# --- where it does not hold ----------------------------------------------------------------------


def no_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "landlock_version", lambda: 0)


@linux
def test_a_kernel_without_landlock_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_landlock(monkeypatch)
    write_tree(tmp_path, {f"chart/{path}": text for path, text in CHART.items()})
    found = lint_tree(tmp_path, rendering=rendering("helm4"))
    lacks = "no landlock for files (the kernel has none, or a container forbids it)"
    assert [engine[1:] for engine in found.engines] == [("seccomp", lacks)]
    told = [notice.message for notice in found.notices if "fence" in notice.message]
    assert told == [f"{found.engines[0].id} ran without a whole fence of the operating system: {lacks}"]
    assert found.statistics["charts_rendered"] == 1


@linux
@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
def test_older_kernels_hold_the_same_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    """Debian 12 has version 2: a kernel that knows more takes the rights of an older one as that one did."""
    if version > kernel.landlock_version():
        pytest.skip("this kernel is older")
    monkeypatch.setattr(kernel, "landlock_version", lambda: version)
    write_tree(tmp_path / "workspace/chart", CHART)
    write_tree(tmp_path / "beside", {**CHART, "templates/x.yaml": SERVICE.replace("web", CANARY)})
    for name in PROGRAMS:
        assert "nodePort: 30080" in attempt(helm(name), ["template", "x", "./chart"], tmp_path / "workspace", True)
        assert CANARY not in attempt(helm(name), ["template", "x", "../beside"], tmp_path / "workspace", True)
    report = lint_tree(tmp_path / "workspace", rendering=rendering("sdk"))
    assert [(engine.fence, engine.lacks) for engine in report.engines] == [(f"landlock {version}, seccomp", "")]
    assert report.statistics["charts_rendered"] == 1


@linux
def test_a_container_whose_profile_forbids_landlock(tmp_path: Path) -> None:
    """A real filter refuses the calls, as Docker's profiles did before 23.0 (moby profiles/seccomp/default.json)."""
    write_tree(tmp_path, {f"chart/{path}": text for path, text in CHART.items()})
    code = (
        "from nodeport_lint.engines import kernel\n"
        "usual = kernel._REFUSED\n"
        "kernel._REFUSED = {str(number): (number, number) for number in (444, 445, 446)}\n"
        "kernel.no_new_privileges()\nkernel.restrict_calls()\nkernel._REFUSED = usual\n"
        "from nodeport_lint.cli import main\nmain()"
    )
    for engine, path in (("cli", os.path.dirname(helm())), ("sdk", "")):
        arguments = ["check", "--helm-engine", engine, "--no-cache", "--format", "json", str(tmp_path)]
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env={**os.environ, "PATH": path},
            check=False,
        )  # fmt: skip
        report = json.loads(done.stdout)
        (used,) = report["engines"]
        assert used["fence"] == "seccomp"
        assert used["lacks"] == "no landlock for files (the kernel has none, or a container forbids it)"
        assert report["statistics"]["charts_rendered"] == 1
        assert done.returncode == 0


@linux
@pytest.mark.parametrize(("required", "status"), [("", 0), ("fence", 1)])
def test_require_fence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, required: str, status: int) -> None:
    write_tree(tmp_path, {f"chart/{path}": text for path, text in CHART.items()})
    monkeypatch.setenv("PATH", os.path.dirname(helm()))
    arguments = ["check", str(tmp_path), "--no-cache", "--require", required]
    assert CliRunner().invoke(cli, arguments, standalone_mode=False).return_value == 0
    no_landlock(monkeypatch)
    done = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert done.return_value == status
    assert ("--require fence: helm/v" in done.output) is (status == 1)


@linux
def test_verbose_says_what_holds(tmp_path: Path) -> None:
    write_tree(tmp_path, {f"chart/{path}": text for path, text in CHART.items()})
    environment = {"PATH": os.path.dirname(helm())}
    quiet, told = (run("check", *more, cwd=tmp_path, environment=environment).stdout for more in ((), ("-v",)))
    assert "landlock" not in quiet
    assert "inside landlock" in told


def test_an_engine_behind_a_script_runs_outside_and_that_is_told(tmp_path: Path) -> None:
    script = tmp_path / "bin/helm"
    write_tree(
        tmp_path,
        {
            "bin/helm": f'#!/bin/sh\nexec {helm()} "$@"\n',
            **{f"tree/chart/{path}": text for path, text in CHART.items()},
        },
    )
    script.chmod(0o755)
    assert needs_of(str(script)) is None
    found = lint_tree(tmp_path / "tree", rendering=rendering("helm4")._replace(search=str(tmp_path / "bin")))
    assert found.statistics["charts_rendered"] == 1
    assert [engine[1:] for engine in found.engines] == [("", fence.NOT_CONTAINED)]


def test_a_fence_that_cannot_be_made_starts_programs_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(allowed: object) -> Held:
        raise ValueError("nothing is as it should be")

    monkeypatch.setattr(fence, "_enter", broken)
    made = Fence((str(tmp_path),), Needs((sys.executable,)))
    assert made.held == Held(lacks="ValueError: nothing is as it should be")
    done = child.Running([sys.executable, "-c", "print(1)"], str(tmp_path), {}, LIMITS, made.start).finish()
    made.close()
    assert done.output == b"1\n"
    with pytest.raises(FileNotFoundError):
        Fence((str(tmp_path),), Needs((sys.executable,))).start([str(tmp_path / "none")])


SYSTEM = "/usr/bin/python3"


@linux
@pytest.mark.skipif(not os.path.exists(SYSTEM), reason="this machine has no Python of its own")
def test_a_python_of_the_system_starts_no_program(tmp_path: Path) -> None:
    """Its prefix is /usr, where all programs lie: these may not be started, and it must start itself."""
    tried = "".join(
        f"try:\n    subprocess.run({command!r}, check=True); print('ran')\nexcept OSError as error: print(error.errno)\n"
        for command in (["/usr/bin/id"], ["/bin/sh", "-c", "true"], ["/usr/bin/env", "true"])
    )
    needs = needs_of(SYSTEM)
    assert needs is not None
    inside = Fence((str(tmp_path),), needs._replace(read=(*needs.read, "/usr")))
    arguments = [SYSTEM, "-I", "-c", f"import subprocess\n{tried}"]
    done = child.Running(arguments, str(tmp_path), {}, LIMITS, inside.start).finish()
    inside.close()
    assert done.output == b"13\n13\n13\n", done.errors


def test_a_program_that_the_tree_chooses_by_a_link_is_none(tmp_path: Path) -> None:
    (tmp_path / "repo/bin").mkdir(parents=True)
    (tmp_path / "repo/bin/helm").symlink_to(helm())
    (tmp_path / "link").symlink_to(tmp_path / "repo")
    assert find("helm", str(tmp_path / "link/bin"), str(tmp_path / "repo")) is None
    assert find("helm", str(tmp_path / "link/bin"), str(tmp_path / "other")) is not None


def test_what_is_not_done_for_want_of_something_passing_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(tmp_path / "tree", {f"chart/{path}": text for path, text in CHART.items()})
    how = rendering("helm4", str(tmp_path / "cache"))

    def full(*_: object, **__: object) -> object:
        raise OSError(11, "Resource temporarily unavailable")

    # So that the version of helm is known.
    write_tree(tmp_path / "first", {f"chart/{path}": text.replace("30080", "30081") for path, text in CHART.items()})
    lint_tree(tmp_path / "first", rendering=how)
    with monkeypatch.context() as patched:
        patched.setattr(Fence, "start", full)
        lint_tree(tmp_path / "tree", rendering=how)
    assert lint_tree(tmp_path / "tree", rendering=how).statistics["charts_rendered"] == 1


def test_a_probe_that_fails_once_is_made_again(tmp_path: Path) -> None:
    answers = [False, True, True]

    def probe(command: str, fenced: bool) -> str:
        if not answers.pop(0):
            raise RenderError("load", "it did not answer in time")
        return "v4.0.0"

    cache = Cache(str(tmp_path))
    assert version(helm(), probe, cache) == ("v4.0.0", False)
    assert version(helm(), probe, cache) == ("v4.0.0", True)
    assert version(helm(), probe, cache) == ("v4.0.0", True)
    assert answers == []
