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


_ARCHITECTURES: Mapping[str, int] = MappingProxyType({"x86_64": 0xC000003E, "aarch64": 0xC00000B7})
"""Processors as the kernel names them to a filter."""
_REFUSED: Mapping[str, tuple[int | None, int | None]] = MappingProxyType(
    {
        # Ways out: sockets (io_uring opens them, too), other processes, programs in memory, memory that others share.
        "socket": (41, 198), "socketpair": (53, 199), "io_uring_setup": (425, 425), "ptrace": (101, 117),
        "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
        "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186),
        "semget": (64, 190),
        # What Landlock does not hold of files: their rights, owners, times and attributes.
        "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
        "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
        "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6),
        "fsetxattr": (190, 7), "setxattrat": (463, 463), "removexattr": (197, 14), "lremovexattr": (198, 15),
        "fremovexattr": (199, 16), "removexattrat": (466, 466), "open_by_handle_at": (304, 265),
        # The system: namespaces, mounts, keys, the kernel itself.
        "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
        "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
        "mount_setattr": (442, 442), "sethostname": (170, 161), "setdomainname": (171, 162), "add_key": (248, 217),
        "request_key": (249, 218), "keyctl": (250, 219), "userfaultfd": (323, 282), "bpf": (321, 280),
        "perf_event_open": (298, 241), "init_module": (175, 105), "finit_module": (313, 273), "kexec_load": (246, 104),
        "setpriority": (141, 140),
    }
)  # fmt: skip
"""System calls with their numbers on x86_64 and aarch64: no engine needs them to render."""


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
    return platform.machine() in _ARCHITECTURES and struct.calcsize("P") == 8


def restrict_calls() -> None:
    """From here on this thread opens no socket, looks into no other process, makes no program in memory, and changes
    neither the rights of files nor the system.

    Calls by the numbers of another processor are refused as a whole. Raises OSError.
    """
    machine = platform.machine()
    column = list(_ARCHITECTURES).index(machine)
    calls = [number for numbers in _REFUSED.values() if (number := numbers[column]) is not None]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    last = len(calls) + 4
    program = [
        (load, 0, 0, 4), (equal, 0, last - 1, _ARCHITECTURES[machine]), (load, 0, 0, 0),
        (at_least, last - 3, 0, _FOREIGN_CALLS),
    ]  # fmt: skip
    program += [(equal, len(calls) - index, 0, number) for index, number in enumerate(calls)]
    program += [(give, 0, 0, _ALLOW), (give, 0, 0, _REFUSE)]
    text = b"".join(struct.pack("=HBBI", *step) for step in program)
    steps = ctypes.create_string_buffer(text, len(text))
    header = struct.pack("@HP", len(program), ctypes.addressof(steps))
    _prctl(_SET_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.c_char_p(header))
