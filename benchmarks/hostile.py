"""Hostile repositories: each is written, checked, and judged by what the tool promises. Status 1 where one breaks it.

    python benchmarks/hostile.py CASES.py [NAME...]

``CASES.py`` holds ``CASES``, a list of objects with ``cls``, ``name``, ``files`` (path to text, bytes, or a function
that makes the entry), ``args``, ``config``, ``good``, ``git``, ``post``, ``cmd``, and ``PORT``, at which nobody may
ask. Printed is a line for each case that breaks something, and the sums. Run it on a machine that may be hurt.
"""

from __future__ import annotations

import http.server
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from memory import memory_of

SECONDS, MEMORY = 20.0, 1_500_000_000
"""Wall clock, and bytes of the whole tree of processes."""
GIVEN_UP = 150.0
_GOOD = (
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: good-{}\n  namespace: shop\n"
    "spec:\n  type: NodePort\n  ports:\n    - port: 80\n      nodePort: 30080\n"
)
GOOD = {f"good/{name}.yaml": _GOOD.format(name) for name in "ab"}
CONTROL = re.compile("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\x1b(?!\\[)")
COMMAND = re.compile(r"^[ \t]*::(?!: )|##\[", re.MULTILINE)
"""Three colons and a blank stand in front of the second file of a frame, and begin no command."""
ASKED: list[str] = []


class Server(http.server.BaseHTTPRequestHandler):
    """Nobody may ask it."""

    def do_GET(self) -> None:
        ASKED.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def write(case: Any, root: Path, canary: Path) -> None:
    files = {**case.files, **(GOOD if case.good else {})}
    if case.config:
        files[".nodeport-lint.yaml"] = case.config
    for path, content in files.items():
        place = os.path.join(root, path.replace("CANARY", str(canary).lstrip("/")))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if callable(content):
            content(place)
        elif isinstance(content, bytes):
            Path(place).write_bytes(content.replace(b"CANARY", str(canary).encode()))
        else:
            Path(place).write_bytes(content.replace("CANARY", str(canary)).encode("utf-8", "surrogatepass"))
    if case.git:
        subprocess.run(["git", "init", "-q", str(root)], check=True)
    if case.post:
        case.post(str(root))


def run(arguments: list[str], cwd: Path, temporary: Path) -> tuple[int, str, float, int]:
    """Status, output with errors, seconds, and the most memory that was seen."""
    env = {**os.environ, "TMPDIR": str(temporary), "XDG_CACHE_HOME": str(temporary / "cache"), "COLUMNS": "120"}
    begin, most = time.monotonic(), 0
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            arguments, cwd=cwd, env=env, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        while process.poll() is None:
            most = max(most, memory_of(process.pid))
            if time.monotonic() - begin > GIVEN_UP or most > 3 * MEMORY:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
            time.sleep(0.05)
        seconds = time.monotonic() - begin
        output.seek(0)
        return process.returncode, output.read().decode("utf-8", "backslashreplace"), seconds, most


def faults(case: Any, status: int, text: str, seconds: float, most: int, made: dict[str, str], root: Path) -> list[str]:
    found = []
    if status not in (0, 1, 2) or "Traceback" in text:
        found.append(f"status {status}" + (" with a trace" if "Traceback" in text else ""))
    if seconds > SECONDS:
        found.append(f"{seconds:.0f} s")
    if most > MEMORY:
        found.append(f"{most / 1e9:.1f} GB")
    if ASKED:
        found.append(f"asked {ASKED}")
        ASKED.clear()
    every = {"stdout": text, **made}
    found += [
        f"canary in {name}" for name, one in every.items() if "canary-secret" in one or re.search(r"\b45999\b", one)
    ]
    if case.cmd == "check" and case.good and status != 2 and not re.search("good/b.yaml|declared clusters", text):
        found.append("the clash is not found")
    lines = {name: one for name, one in every.items() if name not in ("json", "sarif")}
    found += [f"control characters in {name}" for name, one in lines.items() if CONTROL.search(one)]
    # What is written for annotations is commands.
    found += [f"a command in {name}" for name, one in lines.items() if name != "github" and COMMAND.search(one)]
    for name in ("json", "sarif"):
        try:
            if name in made:
                json.dumps(json.loads(made[name]), ensure_ascii=False).encode()
        except ValueError as error:
            found.append(f"{name}: {error}"[:80])
    told = rf"{case.hidden}|notice|not read|read without|not render|librar|cannot|left out"
    if case.hidden and not re.search(told, text):
        # A number without a fault is in no finding, and in the list of ports.
        listed = run([sys.executable, "-I", "-m", "nodeport_lint", "ports", "."], root, root.parent / "tmp")[1]
        if case.hidden not in listed:
            found.append("not a word of what is hidden")
    return found


def check(case: Any, top: Path) -> tuple[list[str], float, int]:
    root, canary, temporary, out = (top / name for name in ("tree", "canary", "tmp", "out"))
    for directory in (canary, temporary, out):
        directory.mkdir(parents=True)
    for name in ("t", "p.yaml", "t.yaml", "s.yaml", "values.yaml", "canary/x"):
        (canary / name).parent.mkdir(exist_ok=True)
        (canary / name).write_text("nodePort: 45999 # canary-secret\n")
    root.mkdir()
    write(case, root, canary)
    command = [sys.executable, "-I", "-m", "nodeport_lint", *case.cmd.split()]
    formats = ("json", "sarif", "markdown", "github", "concise") if case.cmd == "check" else ()
    command += [*case.args, *(f"--format={name}={out / name}" for name in formats), "."]
    if case.cmd == "check":
        command.insert(-1, "--min-confidence=possible")
    status, text, seconds, most = run(command, root, temporary)
    made = {name: (out / name).read_text(errors="backslashreplace") for name in formats if (out / name).exists()}
    found = faults(case, status, text, seconds, most, made, root)
    left = [name for name in os.listdir(temporary) if name != "cache"]
    if left:
        found.append(f"left behind {left[:2]}")
    if (canary / "pwned").exists():
        found.append("a program of the tree was run")
    return found, seconds, most


def main() -> int:
    spec = importlib.util.spec_from_file_location("cases", sys.argv[1])
    assert spec is not None and spec.loader is not None
    sys.dont_write_bytecode = True
    cases = importlib.util.module_from_spec(spec)
    sys.modules["cases"] = cases
    spec.loader.exec_module(cases)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", cases.PORT), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    wanted = sys.argv[2:]
    counts: Counter[str] = Counter()
    slowest: list[tuple[float, str]] = []
    largest: list[tuple[int, str]] = []
    for case in cases.CASES:
        name = f"{case.cls}/{case.name}"
        if wanted and not any(word in name for word in wanted):
            continue
        top = Path(tempfile.mkdtemp(prefix="hostile-"))
        try:
            found, seconds, most = check(case, top)
        finally:
            # A tree may be deeper than what Python takes apart.
            subprocess.run(["rm", "-rf", str(top)], check=False)
        counts["cases"] += 1
        counts["broken"] += bool(found)
        slowest.append((seconds, name))
        largest.append((most, name))
        if found:
            print(f"{name}: {', '.join(found)}", flush=True)
    print(f"{counts['cases']} cases, {counts['broken']} of them break something")
    print("slowest:", ", ".join(f"{name} {seconds:.1f} s" for seconds, name in sorted(slowest, reverse=True)[:5]))
    print("largest:", ", ".join(f"{name} {most / 1e6:.0f} MB" for most, name in sorted(largest, reverse=True)[:5]))
    server.shutdown()
    return 1 if counts["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
