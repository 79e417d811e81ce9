"""Results are kept by what they depend on, within bounds."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from nodeport_lint.engines import cache as room
from nodeport_lint.engines.cache import Cache, key_of
from nodeport_lint.model.render import RenderOptions

INPUTS = {"chart/a": b"1", "chart/b": b"2"}
OPTIONS = RenderOptions()


@pytest.mark.parametrize(
    ("engine", "version", "inputs", "options"),
    [
        ("helm/v2", "1", INPUTS, OPTIONS),
        ("helm/v1", "2", INPUTS, OPTIONS),
        ("helm/v1", "1", {**INPUTS, "chart/a": b"2"}, OPTIONS),
        ("helm/v1", "1", {"chart/a": b"1"}, OPTIONS),
        ("helm/v1", "1", {"chart/a": b"1", "chart/c": b"2"}, OPTIONS),
        ("helm/v1", "1", INPUTS, OPTIONS._replace(namespace="x")),
        ("helm/v1", "1", INPUTS, OPTIONS._replace(values=("chart/a",))),
    ],
)
def test_a_key_holds_all_that_counts(
    engine: str, version: str, inputs: dict[str, bytes], options: RenderOptions
) -> None:
    assert key_of(engine, version, inputs, options) != key_of("helm/v1", "1", INPUTS, OPTIONS)


def test_a_key_does_not_hold_limits_or_order() -> None:
    other = dict(reversed(INPUTS.items()))
    assert key_of("e", "1", other, OPTIONS._replace(timeout=1, wall=1, memory=1)) == key_of("e", "1", INPUTS, OPTIONS)


def test_values_come_back(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path / "new"))
    assert cache.get("abc") is None
    cache.put("abc", {"a": ["é", "\udc80"]})
    assert Cache(str(tmp_path / "new")).get("abc") == {"a": ["é", "\udc80"]}
    assert (os.stat(tmp_path / "new" / "ab").st_mode & 0o077) == 0


WRITTEN = b"[1,2]"
DEEP = b"[" * 200_000


def with_sum(text: bytes, of: bytes | None = None) -> bytes:
    return sha256(text if of is None else of).hexdigest().encode() + b"\n" + text


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", WRITTEN, b"\n" + WRITTEN, with_sum(b""), with_sum(b"{"), with_sum(b"\xff"), with_sum(DEEP),
        with_sum(WRITTEN)[:-1], with_sum(WRITTEN) + b" ", with_sum(b"[1,3]", WRITTEN), with_sum(b"", WRITTEN),
        with_sum(WRITTEN).replace(b"\n", b""), with_sum(WRITTEN).upper(),
    ],
    ids=lambda data: repr(data[:3] + data[-9:]),
)  # fmt: skip
def test_what_is_none_of_ours(tmp_path: Path, data: bytes) -> None:
    """Not whole, of another sum, or whole with a text that is no JSON, or deeper than it can be read."""
    cache = Cache(str(tmp_path))
    cache.put("abc", [1, 2])
    path = tmp_path / "ab" / "c.json"
    assert path.read_bytes() == with_sum(WRITTEN)
    path.write_bytes(data)
    assert cache.get("abc") is None
    cache.put("abc", [1, 2])
    assert cache.get("abc") == [1, 2]


def test_what_is_no_file_is_none_of_ours(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path))
    (tmp_path / "ab" / "c.json").mkdir(parents=True)
    assert cache.get("abc") is None
    cache.put("abc", 1)
    assert cache.get("abc") is None


def test_no_directory() -> None:
    cache = Cache(None)
    cache.put("abc", 1)
    assert cache.get("abc") is None
    cache.trim()


def test_the_oldest_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_BYTES", 2500)
    cache = Cache(str(tmp_path))
    for index, key in enumerate(("aaa", "bbb", "ccc")):
        cache.put(key, "x" * 1000)
        os.utime(tmp_path / key[:2] / f"{key[2:]}.json", (index, index))
    assert cache.get("aaa") == "x" * 1000, "what is read is young again"
    cache.trim()
    assert [cache.get(key) is not None for key in ("aaa", "bbb", "ccc")] == [True, False, True]
