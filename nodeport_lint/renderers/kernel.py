"""Landlock and seccomp, by their system calls: what a thread, and all that it starts, may never do again.

Numbers and structures are those of the kernel's own headers: linux/landlock.h, linux/seccomp.h, linux/filter.h,
linux/audit.h. The three calls of Landlock have one number on every processor.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import struct
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights on files a version of Landlock knows."""
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | 1 << 15
_TCP, _SCOPES = 0b11, 0b11
"""Bind and connect, from version 4; abstract sockets and signals to others, from version 6."""
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13
_FOREIGN_CALLS = 0x40000000
"""Numbers of x32 on x86_64: the same calls by other numbers."""


class _Processor:
    """``arch`` as the kernel names it to a filter, and the numbers of the calls that are refused."""

    def __init__(self, arch: int, calls: Mapping[str, int]) -> None:
        self.arch, self.calls = arch, calls


_IO_URING_SETUP = 425
"""It can open sockets without the system call ``socket``."""
_PROCESSORS: Mapping[str, _Processor] = MappingProxyType(
    {
        "x86_64": _Processor(
            0xC000003E,
            {"socket": 41, "socketpair": 53, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
             "memfd_create": 319, "io_uring_setup": _IO_URING_SETUP},
        ),
        "aarch64": _Processor(
            0xC00000B7,
            {"socket": 198, "socketpair": 199, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
             "memfd_create": 279, "io_uring_setup": _IO_URING_SETUP},
        ),
    }
)  # fmt: skip


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: object) -> int:
    """A system call. Raises OSError."""
    done = _library().syscall(ctypes.c_long(number), *arguments)
    if done < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(done)


def _prctl(option: int, *arguments: object) -> None:
    padded = [*arguments, *(ctypes.c_ulong(0) for _ in range(4 - len(arguments)))]
    if _library().prctl(ctypes.c_int(option), *padded) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def no_new_privileges() -> None:
    """No program that this thread starts gains rights by its file. Raises OSError."""
    with contextlib.suppress(OSError):
        # What glibc loads when a thread ends; from inside the fence it could not, and would abort the process.
        ctypes.CDLL("libgcc_s.so.1")
    _prctl(_NO_NEW_PRIVILEGES, ctypes.c_ulong(1))


def landlock_version() -> int:
    """0 where the kernel has no Landlock, or does not let us use it."""
    try:
        return _call(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    except OSError:
        return 0


def restrict_files(version: int, allowed: Iterable[tuple[str, int]]) -> None:
    """From here on this thread may do with files what ``allowed`` says, a path and rights below it, and nothing else.

    Later versions also close TCP and the ways to other processes. Paths that are not there are passed over. Raises
    OSError.
    """
    every = (1 << _RIGHTS.get(version, 16)) - 1
    attributes = struct.pack("=QQQ", every, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _call(CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path, rights in allowed:
            _allow(ruleset, path, rights & every)
        _call(RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, place)
        _call(ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint32(0))
    finally:
        os.close(place)


def has_filter() -> bool:
    """Whether there is a filter for the system calls of this processor."""
    return platform.machine() in _PROCESSORS and struct.calcsize("P") == 8


def restrict_calls() -> None:
    """From here on this thread opens no socket, looks into no other process, and makes no program in memory.

    Calls by the numbers of another processor are refused as a whole. Raises OSError.
    """
    processor = _PROCESSORS[platform.machine()]
    calls = tuple(processor.calls.values())
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    last = len(calls) + 4
    program = [
        (load, 0, 0, 4), (equal, 0, last - 1, processor.arch), (load, 0, 0, 0),
        (at_least, last - 3, 0, _FOREIGN_CALLS),
    ]  # fmt: skip
    program += [(equal, len(calls) - index, 0, number) for index, number in enumerate(calls)]
    program += [(give, 0, 0, _ALLOW), (give, 0, 0, _REFUSE)]
    text = b"".join(struct.pack("=HBBI", *step) for step in program)
    steps = ctypes.create_string_buffer(text, len(text))
    header = struct.pack("@HP", len(program), ctypes.addressof(steps))
    _prctl(_SET_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.c_char_p(header))
