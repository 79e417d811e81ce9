"""Children end at their limits, with all that they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nodeport_lint.engines import child
from nodeport_lint.engines.child import Finished, Limits

PLENTY = Limits(30, 2000 << 20, 1 << 20)


def python(code: str, directory: Path, limits: Limits = PLENTY) -> Finished:
    return child.Running(
        [sys.executable, "-c", code], str(directory), child.environment(str(directory)), limits
    ).finish()


def test_output_status_and_errors(tmp_path: Path) -> None:
    done = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", tmp_path)
    assert done == Finished(3, b"out\n", b"err\n", "")


def test_time_is_bounded(tmp_path: Path) -> None:
    done = python("import time; time.sleep(60)", tmp_path, PLENTY._replace(wall=0.5))
    assert done == Finished(-signal.SIGKILL, b"", b"", "time"), "ended, and not waited for"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux bounds a running process")
def test_processor_time_is_bounded(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 60: pass"
    assert python(busy, tmp_path, PLENTY._replace(seconds=1)) == Finished(-signal.SIGKILL, b"", b"", "processor")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux bounds a running process")
def test_who_waits_is_not_late(tmp_path: Path) -> None:
    done = python("import time; time.sleep(2); print('done')", tmp_path, PLENTY._replace(seconds=1))
    assert (done.status, done.output) == (0, b"done\n")


def test_what_is_killed_by_others_is_not_late(tmp_path: Path) -> None:
    done = python("import os; os.kill(os.getpid(), 9)", tmp_path)
    assert done == Finished(-signal.SIGKILL, b"", b"", "")


def test_time_is_bounded_when_the_output_is_closed(tmp_path: Path) -> None:
    code = "import os, time; os.close(1); os.close(2); time.sleep(60)"
    done = python(code, tmp_path, PLENTY._replace(wall=0.5))
    assert (done.cut, done.status) == ("time", -signal.SIGKILL)


def test_output_is_bounded(tmp_path: Path) -> None:
    done = python("while True: print('x' * 100000)", tmp_path)
    assert done.cut == "output"
    assert len(done.output) == PLENTY.output


def test_errors_are_bounded_and_do_not_stop_it(tmp_path: Path) -> None:
    done = python("import sys; sys.stderr.write('x' * 10_000_000); print('done')", tmp_path)
    assert (done.status, done.output, len(done.errors)) == (0, b"done\n", child.MAX_ERRORS)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux bounds the memory of a running process")
def test_memory_is_bounded(tmp_path: Path) -> None:
    code = "import time; time.sleep(0.5); x = bytearray(3 << 30); print(len(x))"
    done = python(code, tmp_path)
    assert done.status != 0
    assert b"MemoryError" in done.errors


def test_what_it_started_ends_with_it(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(p.pid, flush=True); import time; time.sleep(60)"
    )
    done = python(code, tmp_path, PLENTY._replace(wall=1))
    pid = int(done.output)
    for _ in range(100):
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
        if not state.strip() or state.startswith("Z"):
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} is still there: {state}")


def test_a_program_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        child.Running([str(tmp_path / "none")], str(tmp_path), {}, PLENTY).finish()


def test_the_environment_is_scrubbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KUBECONFIG", "HELM_DRIVER", "HELM_PLUGINS", "HELM_DEBUG", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH"):
        monkeypatch.setenv(name, "hostile")
    done = python("import os, json; print(json.dumps(dict(os.environ)))", tmp_path)
    assert b"hostile" not in done.output
    assert str(tmp_path).encode() in done.output
    assert os.environ["PATH"].encode() not in done.output
