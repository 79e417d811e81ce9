"""Members of a packed chart, read as Helm's library reads them (Go's ``compress/gzip`` and ``archive/tar``).

One pass forward through what is inflated piece by piece, within an ``Allowance``. What Go refuses is refused, and what
no archive of a chart has. Written for text that somebody made to do harm: every size is bounded before it is used.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nodeport_lint.expressions import expression

BLOCK = 512
"""Bytes. Headers are one, contents are filled up to whole ones."""
MAX_EXTRA = 1 << 16
"""Bytes of one extended header or long name. Go takes 1 MiB."""
MAX_LENGTH = 7
"""Digits of the length of one record of an extended header."""
MAX_STREAMS = 100
"""Gzip streams behind each other that are read as one."""
_PIECE = 1 << 16
_ZEROS = bytes(BLOCK)
_WITHOUT_CONTENT = b"123456"
"""Links, devices, directories and pipes have none, whatever their size says."""
_OF_ALL = ((108, 116), (116, 124), (136, 148))
_OF_NEWER = ((329, 337), (337, 345))
_OF_STAR = ((476, 488), (488, 500))
"""Where numbers stand that nothing here depends on: owners, devices, times. Go wants each to be one."""
_WHOLE, _TIME = expression(r"[+-]?[0-9]{1,18}"), expression(r"[+-]?[0-9]{1,18}(?:\.[0-9]*)?")
_RECORDS = {
    "size": expression(r"\+?[0-9]{1,18}"), "uid": _WHOLE, "gid": _WHOLE,
    "atime": _TIME, "mtime": _TIME, "ctime": _TIME,
}  # fmt: skip
"""Records of extended headers that must be numbers."""


class TooMuchError(Exception):
    """A chart exceeds a bound, and which one."""


@dataclass(slots=True)
class Allowance:
    """What archives may be unpacked to: bytes, and headers with their records. ``of`` names whose it is."""

    max_bytes: int
    max_headers: int
    of: str
    bytes: int = 0
    headers: int = 0

    def take(self, count: int, headers: int = 0) -> None:
        """Raises TooMuchError where it is spent."""
        self.bytes += count
        self.headers += headers
        if self.bytes > self.max_bytes:
            raise TooMuchError(f"archives of more than {self.max_bytes >> 20} MB in {self.of}, unpacked")
        if self.headers > self.max_headers:
            raise TooMuchError(f"archives with more than {self.max_headers:,} members and marks of them in {self.of}")


class Member(NamedTuple):
    """``kind``: ``file``, ``empty`` (a link or device, of which Helm makes an empty file) or ``sparse``, which is not
    read. ``data`` is empty for a file that is too large."""

    name: str
    kind: str
    size: int
    data: bytes


class _Header(NamedTuple):
    """What a header says itself. ``size``: bytes. ``is_extended``: more places of a sparse file follow, in a block."""

    name: str
    kind: bytes
    size: int
    mode: int
    is_extended: bool


def members(packed: bytes, largest: int, allowances: Sequence[Allowance]) -> Iterator[Member]:
    """All that is no directory, in the order of the archive; files of more than ``largest`` bytes without their data.

    Raises ValueError where Go refuses it, TooMuchError where an allowance is spent.
    """
    source = _Inflated(packed, allowances)
    long_name, records = "", dict[str, str]()
    while (header := _header(source)) is not None:
        source.count()
        if header.kind in b"xgLK":
            extra = _extra(source, header.size)
            if header.kind == b"x":
                records = _records(source, extra)
            elif header.kind == b"L":
                long_name = _text(extra)
            elif header.kind == b"g":
                # Go gives it as a member of its own, and forgets what came before.
                _records(source, extra)
                long_name, records = "", {}
            continue
        yield from _member(source, header, long_name, records, largest)
        long_name, records = "", {}


def _member(
    source: _Inflated, header: _Header, long_name: str, records: Mapping[str, str], largest: int
) -> Iterator[Member]:
    for key, pattern in _RECORDS.items():
        if records.get(key) and not pattern.fullmatch(records[key]):
            raise ValueError(f"an extended header with a {key} that is none")
    kind, name = header.kind, long_name or records.get("path") or header.name
    size = int(records.get("size") or header.size)
    if kind == b"\0" and name.endswith("/"):
        kind = b"5"
    # Go takes the bits of the mode for a directory, too: the lower 32.
    is_directory = kind == b"5" or header.mode & 0xFFFFF000 == 0o40000
    is_sparse = kind == b"S" or any(key.startswith("GNU.sparse.") for key in records)
    if kind in _WITHOUT_CONTENT:
        size = 0
    is_extended = header.is_extended
    while is_extended:
        source.count()
        is_extended = source.read(BLOCK)[504] > 0
    data = source.read(size) if size <= largest and not is_sparse else b""
    source.skip(size - len(data))
    source.skip(-size % BLOCK, is_padding=True)
    if is_sparse:
        # Where its blocks lie is told in more than one way, and no chart has any.
        yield Member(name, "sparse", size, b"")
    elif not is_directory:
        yield Member(name, "empty" if kind in _WITHOUT_CONTENT else "file", size, data)


def _header(source: _Inflated) -> _Header | None:
    """The next header, None behind the last: two blocks of zeros, or no more blocks."""
    block = source.read(BLOCK, may_end=True)
    if not block:
        return None
    if block == _ZEROS:
        following = source.read(BLOCK, may_end=True)
        if following.strip(b"\0"):
            raise ValueError("a block of zeros between members")
        return None
    told = _number(block[148:156], octal=True)
    without = block[:148] + b" " * 8 + block[156:]
    if told != sum(without) and told != sum(without) - 256 * sum(byte > 127 for byte in without):
        raise ValueError("a header whose checksum is wrong")
    return _parsed(block)


def _parsed(block: bytes) -> _Header:
    """Raises ValueError where one of its numbers is none."""
    kind, size = block[156:157], _number(block[124:136])
    if size < 0 and kind not in _WITHOUT_CONTENT:
        raise ValueError("a member of negative size")
    is_gnu, is_posix = block[257:265] == b"ustar  \0", block[257:263] == b"ustar\0"
    is_star = is_posix and block[508:512] == b"tar\0"
    for first, last in (*_OF_ALL, *(_OF_NEWER if is_gnu or is_posix else ()), *(_OF_STAR if is_star else ())):
        _number(block[first:last])
    if kind == b"S" and not is_gnu:
        raise ValueError("a sparse file in a header that is not GNU's")
    name, prefix = _text(block[:100]), ""
    if is_posix:
        prefix = _text(block[345:476] if is_star else block[345:500])
    elif is_gnu and not (_is_time(block[345:357]) and _is_time(block[357:369])):
        # Go once wrote a prefix where GNU has times, and reads it to this day.
        prefix = _text(block[345:500])
        prefix = prefix if prefix.isascii() else ""
    name = f"{prefix}/{name}" if prefix else name
    return _Header(name, kind, size, _number(block[100:108]), kind == b"S" and block[482] > 0)


def _is_time(field: bytes) -> bool:
    """Whether a field of a GNU header is a number, or not used."""
    try:
        return field[0] == 0 or _number(field) is not None
    except ValueError:
        return False


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _number(field: bytes, octal: bool = False) -> int:
    """A number of a header: octal digits, or binary where the highest bit is set."""
    if field[0] & 0x80 and not octal:
        negative = field[0] & 0x40
        value = int.from_bytes(bytes([field[0] if negative else field[0] & 0x7F]) + field[1:], "big", signed=True)
        if not -1 << 63 <= value < 1 << 63:
            raise ValueError("a number of a header that is too large")
        return value
    digits = field.strip(b" \0").partition(b"\0")[0]
    if digits.strip(b"01234567"):
        raise ValueError("a number of a header that is none")
    return int(digits or b"0", 8)


def _extra(source: _Inflated, size: int) -> bytes:
    if size > MAX_EXTRA:
        raise ValueError(f"an extended header of more than {MAX_EXTRA >> 10} kB")
    data = source.read(size)
    source.skip(-size % BLOCK, is_padding=True)
    return data


def _records(source: _Inflated, data: bytes) -> dict[str, str]:
    """``LENGTH KEY=VALUE`` and a line break, where LENGTH counts all of it."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data):
        source.count()
        blank = data.find(b" ", at, at + MAX_LENGTH + 1)
        digits = data[at:blank] if blank >= 0 else b""
        end = at + int(digits) if digits.isdigit() else 0
        key, equals, value = data[blank + 1 : end - 1].partition(b"=")
        if not blank + 1 < end <= len(data) or data[end - 1] != 0x0A or not key or not equals or b"\0" in key:
            raise ValueError("an extended header that is none")
        if key in (b"path", b"linkpath", b"uname", b"gname") and b"\0" in value:
            raise ValueError("an extended header with a name that is none")
        found[key.decode("utf-8", "surrogateescape")] = value.decode("utf-8", "surrogateescape")
        at = end
    return found


class _Inflated:
    """What gzip packed, in order: streams behind each other are one. Nothing is held but the piece that is read."""

    def __init__(self, packed: bytes, allowances: Sequence[Allowance]) -> None:
        self.packed, self.allowances = packed, allowances
        self.at = self.streams = 0
        self.buffer = bytearray()
        self.inflater: zlib._Decompress | None = None

    def count(self) -> None:
        """One more header or record."""
        for allowance in self.allowances:
            allowance.take(0, 1)

    def read(self, count: int, may_end: bool = False) -> bytes:
        """``count`` bytes; ``may_end``: none at all where nothing is left."""
        while len(self.buffer) < count and self._more():
            pass
        if len(self.buffer) < count and not (may_end and not self.buffer):
            raise ValueError("it ends too early")
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def skip(self, count: int, is_padding: bool = False) -> None:
        """Passes over bytes; the last padding may be missing."""
        while count > 0:
            if not self.buffer and not self._more():
                if is_padding:
                    return
                raise ValueError("it ends too early")
            passed = min(count, len(self.buffer))
            del self.buffer[:passed]
            count -= passed

    def _more(self) -> bool:
        """One piece more, False at the end. A fault counts only when somebody wants what lies behind it."""
        if self.inflater is None or self.inflater.eof:
            if self.streams and self.at >= len(self.packed):
                return False
            self.streams += 1
            if self.streams > MAX_STREAMS:
                raise ValueError(f"more than {MAX_STREAMS} gzip streams")
            self.inflater = zlib.decompressobj(wbits=31)
        chunk = self.packed[self.at : self.at + _PIECE]
        try:
            piece = self.inflater.decompress(chunk, _PIECE)
        except zlib.error as error:
            raise ValueError(f"no gzip: {error}") from None
        self.at += len(chunk) - len(self.inflater.unconsumed_tail) - len(self.inflater.unused_data)
        if not piece and not chunk and not self.inflater.eof:
            raise ValueError("no gzip: it ends too early")
        self.buffer += piece
        for allowance in self.allowances:
            allowance.take(len(piece))
        return True
