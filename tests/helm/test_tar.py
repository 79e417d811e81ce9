"""Packed charts: read as tarfile writes them, as Helm reads them, and within bounds whatever they hold."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nodeport_lint.helm import chart_files as files_room
from nodeport_lint.helm import tar
from nodeport_lint.helm.bundle import Charts, UnbundledError
from nodeport_lint.helm.chart_files import MAX_FILE, LeftOut, read_archive
from nodeport_lint.helm.tar import Allowance, TooMuchError, members
from nodeport_lint.tree.files import OnDisk
from tests.components import helm
from tests.counting import calls_of
from tests.make import write_tree

CHART = "apiVersion: v2\nname: sub\nversion: 1.0.0\n"
TEMPLATE = "sub/templates/a.yaml"


def ample() -> list[Allowance]:
    return [Allowance(100 << 20, 300_000, "a test")]


def tarred(given: Iterable[tuple[Any, ...]], end: bool = True, kind: int = tarfile.GNU_FORMAT) -> bytes:
    """``name, text, attributes of the TarInfo``; without ``end`` the blocks of zeros are missing."""
    out = io.BytesIO()
    archive = tarfile.TarFile(fileobj=out, mode="w", format=kind)
    for name, text, *rest in given:
        member = tarfile.TarInfo(name)
        data = text if isinstance(text, bytes) else text.encode()
        member.size = len(data)
        for key, value in rest[0].items() if rest else ():
            setattr(member, key, value)
        archive.addfile(member, io.BytesIO(data))
    if end:
        archive.close()
    return out.getvalue()


USTAR, GNU, V7 = b"ustar\x0000", b"ustar  \0", bytes(8)


def header(
    name: str = "sub/x",
    kind: bytes = b"0",
    size: bytes = b"00000000000\0",
    mode: bytes = b"0000644\0",
    magic: bytes = USTAR,
    fields: Mapping[int, bytes] | None = None,
    signed: bool = False,
) -> bytes:
    """One header with a right checksum, of bytes or of ``signed`` ones. ``fields``: what else stands in it, and from
    which byte on."""
    block = bytearray(512)
    block[: len(name)] = name.encode()
    block[100:108], block[124:136], block[156:157], block[257:265] = mode, size, kind, magic
    for at, field in (fields or {}).items():
        block[at : at + len(field)] = field
    block[148:156] = b" " * 8
    total = sum(block) - (256 * sum(byte > 127 for byte in block) if signed else 0)
    block[148:156] = f"{total:06o}\0 ".encode()
    return bytes(block)


def extended(text: bytes, kind: bytes = b"x") -> bytes:
    return header(kind=kind, size=f"{len(text):011o}\0".encode()) + text + bytes(-len(text) % 512)


def filled(text: str) -> bytes:
    return text.encode() + bytes(-len(text) % 512)


def sized(text: str) -> bytes:
    return f"{len(text):011o}\0".encode()


def read(data: bytes) -> list[tuple[str, bytes]]:
    return [(member.name, member.data) for member in members(gzip.compress(data), MAX_FILE, ample())]


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_what_tarfile_writes(kind: int) -> None:
    long = "/".join(["sub", *["d" * 40] * 3, "e" * 60])
    longer = [] if kind == tarfile.USTAR_FORMAT else [(f"sub/{'ö' * 60}/{'f' * 300}", "ö"), ("sub/é\udcff.txt", "x")]
    given = [
        ("sub/Chart.yaml", CHART), (long, "long"), ("sub/empty", ""), ("sub/block", "x" * 512), *longer,
        ("sub/dir", "", {"type": tarfile.DIRTYPE}),
        *((f"sub/templates/{index}.yaml", f"{index}" * (index % 1500)) for index in range(1200)),
    ]  # fmt: skip
    data = tarred(given, kind=kind)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        told = [(one.name, file.read()) for one in archive if (file := archive.extractfile(one)) is not None]
    assert len(told) > 1200
    assert read(data) == told


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (header(size=b"\xff" * 12), "negative size"),
        (header(size=b"\xff" * 11 + b"\x00"), "negative size"),
        (header(size=b"\x80" + b"\xff" * 11), "too large"),
        (header(size=b"77777777777\0"), "too early"),
        (header(size=b"9999\0" + bytes(7)), "is none"),
        (header(kind=b"x", size=b"\x80" + bytes(7) + b"\x7f" + bytes(3)), "more than 64 kB"),
        (header(kind=b"L", size=b"00000200001\0"), "more than 64 kB"),
        (extended(b"9" * 50_000), "is none"),
        (extended(b"9" * 6 + b" path=x\n"), "is none"),
        (extended(b"0 path=x\n"), "is none"),
        (extended(b"-9 path=x\n"), "is none"),
        (extended(b"8 path=x\n"), "is none"),
        (extended(b"9 pathxx\n"), "is none"),
        (extended(b"9 path\0=\n"), "is none"),
        (extended(b"11 size=-1\n") + header(), "size that is none"),
        (extended(b"99 path=" + b"x" * 90 + b"\n", b"g")[:560], "too early"),
        (header()[:148] + b"0000000\0" + header()[156:], "checksum"),
        (header() + b"x" * 512, "is none"),
        (header() + bytes(512) + header(), "zeros"),
        (header()[:300], "too early"),
        (header(kind=b"S"), "not GNU's"),
        (header(kind=b"S", magic=GNU, fields={482: b"\1"}), "too early"),
        (header(kind=b"x", size=b"\xff" * 12), "negative size"),
        (header(fields={108: b"9"}), "is none"),
        (header(magic=GNU, fields={337: b"x"}), "is none"),
        (header(fields={508: b"tar\0", 476: b"x"}), "is none"),
        (extended(b"11 mtime=x\n") + header(), "mtime that is none"),
        (extended(b"15 linkpath=a\0\n"), "name that is none"),
    ],
)  # fmt: skip
def test_what_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(data)


def test_a_negative_size_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    headers = calls_of(monkeypatch, tar, "_parsed")
    chart = tarred([("sub/Chart.yaml", CHART)], end=False)
    with pytest.raises(ValueError, match="negative"):
        read_archive(gzip.compress(chart + header(size=b"\xff" * 10 + b"\xfe\x00")), "x.tgz")
    assert len(headers) == 2


@pytest.mark.parametrize("count", [1000, 2000])
def test_digits_of_a_pax_header_are_looked_at_once(count: int) -> None:
    """Whatever stands in it: the allowance counts every record, and each record is looked for in few bytes."""
    text = b"9 path=x\n" * count
    allowance = Allowance(1 << 20, 10 * count, "a test")
    list(members(gzip.compress(extended(text) + header()), MAX_FILE, [allowance]))
    assert allowance.headers == count + 2


def test_members_that_only_mean_something() -> None:
    data = b"".join(
        [
            extended(b"14 path=sub/a\n"), header(), extended(b"14 path=sub/g\n", b"g"), header("sub/b"),
            extended(b"sub/c\0", b"L"), extended(b"18 path=sub/other\n"), header(), extended(b"x", b"K"), header("sub/d"),
            header("sub/directory", mode=b"0040755\0"), header("sub/old/", b"\0"), header("sub/link", b"2", b"00000001000\0"),
            extended(b"22 GNU.sparse.major=1\n"), header("sub/sparse"), header("sub/s", b"S", magic=GNU),
            extended(b"10 size=3\n"), header("sub/e"), b"abc" + bytes(509), header("sub/f"),
        ]
    )  # fmt: skip
    found = list(members(gzip.compress(data), MAX_FILE, ample()))
    assert [(one.name, one.kind, one.data) for one in found] == [
        ("sub/a", "file", b""), ("sub/b", "file", b""), ("sub/c", "file", b""), ("sub/d", "file", b""),
        ("sub/link", "empty", b""), ("sub/sparse", "sparse", b""), ("sub/s", "sparse", b""), ("sub/e", "file", b"abc"),
        ("sub/f", "file", b""),
    ]  # fmt: skip


def test_blocks_of_a_sparse_file_are_counted() -> None:
    blocks = (bytes(504) + b"\1" + bytes(7)) * 100
    with pytest.raises(TooMuchError, match="more than 50 members"):
        list(members(gzip.compress(header(kind=b"S", magic=GNU, fields={482: b"\1"}) + blocks), MAX_FILE,
                     [Allowance(1 << 20, 50, "a test")]))  # fmt: skip


def test_what_is_too_large_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    original = tar._Inflated._more

    def more(self: Any) -> bool:
        result = original(self)
        held.append(len(self.buffer))
        return result

    monkeypatch.setattr(tar._Inflated, "_more", more)
    packed = gzip.compress(tarred([("sub/Chart.yaml", CHART), ("sub/zeros", bytes(20 << 20))]))
    assert read_archive(packed, "x.tgz").left_out == (LeftOut("zeros", "larger than 5 MB", limit=True, own=False),)
    assert len(held) > 100
    assert max(held) <= 2 << 16


@pytest.mark.parametrize(("zeros", "others"), [(40, 0), (2, 30)])
def test_what_charts_unpack_to_has_a_total(
    tmp_path: Path, zeros: int, others: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal archives are unpacked once; different ones until the total of all charts is spent."""
    monkeypatch.setattr(files_room, "MAX_UNPACKED", 3 << 20)
    monkeypatch.setattr(files_room, "MAX_UNPACKED_OF_ALL", 20 << 20)
    inflated = calls_of(monkeypatch, tar._Inflated, "_more")
    charts = [f"c{index}" for index in range(zeros + others)]
    for index, name in enumerate(charts):
        text = "0" * (2 << 20) + ("" if index < zeros else str(index))
        packed = gzip.compress(tarred([("sub/Chart.yaml", CHART), ("sub/z", text)]))
        write_tree(tmp_path, {f"{name}/Chart.yaml": CHART, f"{name}/charts/sub.tgz": packed})
    found, spent = Charts(OnDisk(str(tmp_path)), charts), 0
    for name in charts:
        try:
            assert len(found.bundle(name).inputs) == 3
        except UnbundledError as error:
            assert "more than 20 MB in all charts" in error.message
            spent += 1
    assert spent == max(0, others - 8)
    assert len(inflated) < 12 * 40


def test_equal_archives_are_held_once(tmp_path: Path) -> None:
    packed = gzip.compress(tarred([("sub/Chart.yaml", CHART), ("sub/values.yaml", "a: 1")]))
    for name in "ab":
        write_tree(tmp_path / name, {"Chart.yaml": CHART, "charts/sub.tgz": packed})
    charts = Charts(OnDisk(str(tmp_path)), ["a", "b"])
    one, other = charts.bundle("a"), charts.bundle("b")
    assert one.inputs["chart/charts/sub/values.yaml"] is other.inputs["chart/charts/sub/values.yaml"]
    assert other.location("chart/charts/sub/values.yaml").path == "b/charts/sub.tgz"


def test_headers_have_a_total() -> None:
    chart = tarred([("sub/Chart.yaml", CHART)], end=False)
    with pytest.raises(TooMuchError, match="more than 50 members"):
        read_archive(gzip.compress(chart + header() * 100), "x.tgz", [Allowance(1 << 20, 50, "a test")])


def test_gzip_streams_are_counted() -> None:
    with pytest.raises(ValueError, match="more than 100 gzip streams"):
        read_archive(gzip.compress(b"") * 1000, "x.tgz")


# --- as Helm does --------------------------------------------------------------------------------

PARENT = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
Z = gzip.compress
FIRST = tarred([("sub/Chart.yaml", CHART), (TEMPLATE, "a: 1\n")], end=False)
SECOND = tarred([("sub/templates/b.yaml", "b: 1\n")])


def one(name: str, text: str = "a: 1\n", **attributes: Any) -> bytes:
    return Z(tarred([("sub/Chart.yaml", CHART), (name, text, attributes)]))


A, B = "a: 1\n", "b: 1\n"
BEHIND = header("sub/templates/b.yaml", size=sized(B)) + filled(B) + bytes(1024)


def template(**given: Any) -> bytes:
    """One template whose header says something odd, or is said something odd of, and a plain one behind it."""
    return header(**{"name": "sub/templates/c.yaml", "size": sized(A), **given}) + filled(A) + BEHIND


def headed(*headers: bytes) -> bytes:
    """Headers in front of a template, and a plain one behind it."""
    return Z(FIRST + b"".join(headers) + template())


def told(*records: str) -> bytes:
    """An extended header, with the length in front of each record: ``KEY=VALUE``."""
    return extended("".join(f"{len(one.encode()) + 5:03} {one}\n" for one in records).encode())


HIDING = header(size=b"00000002000\0")
"""The size of all that ``BEHIND`` has in front of its end."""
SPARSE = header("sub/notes", b"S", b"00000001000\0", magic=GNU, fields={
    386: b"00000000000\x0000000001000\0", 482: b"\1", 483: b"00000001000\0"
})  # fmt: skip
LARGE_MODE = b"\x80\0\0\1\0\0\x40\0"
"""A directory in its lower 32 bits."""

CASES: Mapping[str, bytes] = {
    "plain": one(TEMPLATE),
    "two streams": Z(FIRST) + Z(SECOND),
    "two streams, the first ended": one(TEMPLATE) + Z(SECOND),
    "garbage behind the end": Z(FIRST + SECOND) + b"garbage",
    "garbage": Z(FIRST) + b"garbage",
    "zeros": Z(FIRST) + bytes(20),
    "no end": Z(FIRST),
    "truncated": Z(FIRST + SECOND)[:-12],
    "a block of zeros": Z(FIRST + bytes(512) + SECOND),
    "garbage behind two blocks of zeros": Z(FIRST + bytes(1024) + b"x" * 512),
    "a template twice": Z(tarred([("sub/Chart.yaml", CHART), (TEMPLATE, "a: 1\n"), (TEMPLATE, "a: 2\n")])),
    "values twice": Z(tarred([("sub/Chart.yaml", CHART), (TEMPLATE, "a: {{ .Values }}\n"), ("sub/values.yaml", "x: 1"),
                              ("sub/values.yaml", "z: 1")])),
    "a link over a template": Z(FIRST + tarred([(TEMPLATE, "", {"type": b"2", "linkname": "x"})])),
    "a dot": Z(tarred([("./sub/Chart.yaml", CHART)])),
    "a dot in front of one": one("./templates/a.yaml"),
    "two slashes": one("sub//templates/a.yaml"),
    "to be cleaned": one("sub/x/../templates/./a.yaml"),
    "absolute": one("/sub/templates/a.yaml"),
    "absolute, the chart's own": one("/templates/a.yaml"),
    "above": one("sub/../templates/a.yaml"),
    "above in front": one("../templates/a.yaml"),
    "another directory": one("other/templates/a.yaml"),
    "backslashes": one("sub\\templates\\a.yaml"),
    "one backslash": one("sub/templates\\templates/a.yaml"),
    "no directory": one("x.yaml"),
    "a drive": one("sub/c:/x.yaml"),
    "an unknown type": one(TEMPLATE, type=b"Z"),
    "a directory by its mode": Z(FIRST[:-1024] + header(TEMPLATE, mode=b"0040755\0")),
    "a global header": Z(extended(b"34 path=sub/templates/global.yaml\n", b"g") + FIRST),
    "a negative size": Z(FIRST + header(size=b"\xff" * 12)),
    "a negative size of a directory": Z(FIRST + header("sub/d", b"5", b"\xff" * 12) + BEHIND),
    "an old directory with a size": Z(FIRST + header("sub/d/", b"\0", b"00000002000\0") + BEHIND),
    "an old directory by its long name": Z(FIRST + extended(b"sub/d/", b"L") + header("x", b"\0", b"00000002000\0") + BEHIND),
    "an old file": Z(FIRST + template(kind=b"\0")),
    "a slash behind a file": Z(FIRST + template(name="sub/templates/c.yaml/")),
    "a prefix in place of atime": Z(FIRST + template(name="c.yaml", magic=GNU, fields={345: b"sub/templates"})),
    "a prefix in place of ctime": Z(FIRST + template(name="c.yaml", magic=GNU, fields={345: b"0" * 12, 357: b"x"})),
    "a prefix that is not ASCII": Z(FIRST + template(magic=GNU, fields={345: "ü".encode()})),
    "times of GNU": Z(FIRST + template(magic=GNU, fields={345: b"00000000001\x0000000000001\0"})),
    "times of GNU that are not used": Z(FIRST + template(magic=GNU, fields={345: b"\0sub"})),
    "a prefix": Z(FIRST + template(name="c.yaml", fields={345: b"sub/templates"})),
    "a prefix of star": Z(FIRST + template(name="c.yaml", fields={345: b"sub/templates", 508: b"tar\0"})),
    "a prefix of no format": Z(FIRST + template(magic=V7, fields={345: b"sub/templates", 329: b"x"})),
    "a half magic": Z(FIRST + template(magic=b"ustar  0", fields={345: b"sub/templates", 329: b"x"})),
    "a sparse file": Z(FIRST + SPARSE + bytes(512) + HIDING + BEHIND),
    "more places of a sparse file": Z(FIRST + SPARSE + bytes(504) + b"\1" + bytes(519) + HIDING + BEHIND),
    "a sparse file of another format": Z(FIRST + header("sub/notes", b"S") + BEHIND),
    "a directory by the lower bits of its mode": Z(FIRST + template(mode=LARGE_MODE)),
    "a negative mode": Z(FIRST + template(mode=b"\xff" * 8)),
    "a mode that is none": Z(FIRST + template(mode=b"rwxrwx\0\0")),
    "an owner in binary": Z(FIRST + template(fields={108: b"\x80" + bytes(6) + b"\1"})),
    "an owner that is none": Z(FIRST + template(fields={108: b"root"})),
    "a device that is none": Z(FIRST + template(fields={329: b"x"})),
    "a time that is none": Z(FIRST + template(fields={136: b"now"})),
    "a link's name of high bytes": Z(FIRST + template(fields={157: b"\xff\xff"})),
    "a checksum of signed bytes": Z(FIRST + template(fields={157: b"\xff"}, signed=True)),
    "contiguous": Z(FIRST + template(kind=b"7")),
    "a path twice": headed(told("path=sub/x", "path=sub/templates/d.yaml")),
    "two extended headers": headed(told("path=sub/templates/d.yaml"), told("uid=12")),
    "a size twice": headed(told("size=512", "size=5")),
    "a size with a sign": headed(told("size=+5")),
    "a size of nothing": headed(told("size=")),
    "a time of an extended header": headed(told("mtime=1.5")),
    "a time of an extended header that is none": headed(told("mtime=x")),
    "a path with a zero": headed(told("path=sub/\0ab")),
    "a user with a zero": headed(told("uname=a\0")),
    "a long name and a path": headed(extended(b"sub/templates/e.yaml\0", b"L"), told("path=sub/templates/d.yaml")),
    "a path and a long name": headed(told("path=sub/templates/d.yaml"), extended(b"sub/templates/e.yaml", b"L")),
    "an empty long name": headed(extended(b"sub/templates/e.yaml", b"L"), extended(b"", b"L")),
    "an extended header of a directory": Z(
        FIRST + told("path=sub/templates/d.yaml") + header("sub/d", b"5", b"00000001000\0") + BEHIND
    ),
    "an extended header and no more": Z(FIRST + told("path=sub/templates/d.yaml")),
    "an end of half a block": Z(FIRST + bytes(300)),
    "an end of a block and a half": Z(FIRST + bytes(700)),
    "contents without all of their block": Z(FIRST[:-100]),
}  # fmt: skip


def rendered(tmp_path: Path, engine: str) -> str:
    """The output, or ``refused``; ``# Source:`` names the same path whether packed or not."""
    run = subprocess.run(
        [helm(engine), "template", str(tmp_path)], capture_output=True, text=True, env={"HOME": str(tmp_path)}
    )
    return run.stdout.strip() if run.returncode == 0 else "refused"


@pytest.mark.parametrize("engine", ["helm3", "helm4"])
@pytest.mark.parametrize("case", CASES)
def test_as_helm_reads_it(tmp_path: Path, engine: str, case: str) -> None:
    write_tree(tmp_path / "packed", {"Chart.yaml": PARENT, "charts/sub.tgz": CASES[case]})
    theirs = rendered(tmp_path / "packed", engine)
    try:
        found = read_archive(CASES[case], "x.tgz")
    except ValueError:
        assert theirs == "refused"
        return
    write_tree(tmp_path / "read", {"Chart.yaml": PARENT})
    write_tree(tmp_path / "read/charts/sub", found.files)
    assert rendered(tmp_path / "read", engine) == theirs


@pytest.mark.parametrize("path", ["Chart.yaml", "charts/in.tgz", "charts/in/Chart.yaml"])
def test_what_helm_unites_or_takes_first_is_refused(path: str) -> None:
    data = Z(tarred([("sub/Chart.yaml", CHART), (f"sub/{path}", CHART + "a: 1"), (f"sub/{path}", CHART + "a: 2")]))
    with pytest.raises(ValueError, match=f"it holds {path} twice"):
        read_archive(data, "x.tgz")


def test_a_fault_behind_the_end_of_a_large_archive() -> None:
    data = Z(tarred([("sub/Chart.yaml", CHART), ("sub/x", bytes(1 << 20))])) + b"garbage"
    assert sorted(read_archive(data, "x.tgz").files) == ["Chart.yaml", "x"]
