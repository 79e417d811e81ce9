"""The memory of a process and of all that descend from it."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


def memory_of(process: int) -> int:
    """Resident bytes of a process and of all that descend from it, shared pages counted once for each."""
    parents, sizes = {}, {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
                parents[int(name)], sizes[int(name)] = int(fields[1]), (int(fields[20]), int(fields[21]))
            except OSError:
                continue
    total = 0
    for one, size in sizes.items():
        at = one
        while at and at != process:
            at = parents.get(at, 0)
        # A child that has not yet become another program lives in the very memory of its parent (vfork).
        total += size[1] if at == process and (one == process or size != sizes.get(parents[one])) else 0
    return total * resource.getpagesize()


class Most(NamedTuple):
    """The most bytes that a command's ``own`` process held, and that its whole ``tree`` of processes did."""

    own: int
    tree: int


def most_of(command: Sequence[str], env: Mapping[str, str]) -> Most:
    """Runs a command to its end, without its output."""
    own = tree = 0
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        own, tree = max(own, _most_of(process.pid)), max(tree, memory_of(process.pid))
        time.sleep(0.02)
    return Most(own, tree)


def _most_of(process: int) -> int:
    try:
        lines = Path("/proc", str(process), "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:")), 0)
