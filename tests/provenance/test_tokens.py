"""Number tokens, sentinels, and comments that mark lines."""

from __future__ import annotations

import pytest

from nodeport_lint.provenance.nouns import Place
from nodeport_lint.provenance.tokens import MARK, Candidate, candidates, marked, replaced, restored, sentinels, value_of


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("30080", 30080), ("0x7580", 30080), ("30_080", 30080), ("072600", 30080), ("0o72600", 30080),
        ("30080.0", 30080), ("3.008e4", 30080), ("3.5", None), ("09", None), ("0x", None),
    ],
)  # fmt: skip
def test_value_of(token: str, value: int | None) -> None:
    assert value_of(token) == value


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("values.yaml", "a: 30080", 1),
        ("values.yaml", "a: v30080 1.30080 30080.1 x-30080x", 0),
        ("values.yaml", "# a: 30080\n  # 30080", 0),
        ("values.yaml", 'a: "x # 30080"', 1),
        ("values.yaml", "a: b-30080", 1),
        ("t.yaml", "{{/* 30080 */}}{{- /* 30080\n30080 */ -}}", 0),
        ("t.yaml", "{{ 30080 }}", 1),
        ("a.env", "PORT=30080 # 30080", 2),
        ("a.yaml", "a: &30080 b\nc: *30080\nd: !30080 x\ne: [*a-30080, &x-y-30080 1]", 0),
        ("a.yaml", "resources: [d-30080/x.yaml, a/30080, 30080/../b, x/30080/y]\n", 1),
        ("a.yaml", "a: 80:30080/tcp\nb: http://x:30080/\nc: 2*30080\nd: a & 30080", 4),
    ],
)
def test_candidates(path: str, text: str, found: int) -> None:
    assert len(candidates({path: text}, {30080}, {})) == found


def test_replaced_only_there() -> None:
    text = "a: 30080\nb: 0x7580 # 30080\n"
    first, second = candidates({"v": text}, {30080}, {})[:2]
    assert replaced({"v": text.encode(), "w": b"30080"}, {"v": text}, {first: 1, second: 2}) == {
        "v": b"a: 1\nb: 2 # 30080\n", "w": b"30080",
    }  # fmt: skip


def test_restored() -> None:
    back = {31000: 30080}
    assert restored({"a-31000": [31000, "x31000", "131000", True, None, 1.5]}, back) == {
        "a-30080": [30080, "x30080", "131000", True, None, 1.5]
    }


@pytest.mark.parametrize("count", [1, 2, 3, 100, 1400, 5000])
@pytest.mark.parametrize("shift", [0, 1])
def test_sentinels_ascend_and_are_free(count: int, shift: int) -> None:
    numbers = sentinels(count, lambda number: number % 3 == 0, shift)
    assert len(numbers) == count
    assert numbers == sorted(set(numbers))
    assert all(number % 3 for number in numbers)
    assert all(1025 <= number <= 65535 for number in numbers)
    if count <= 1400:
        assert all(30001 <= number <= 32767 + 1400 for number in numbers)


def test_a_second_round_has_other_numbers() -> None:
    assert not set(sentinels(20, lambda _: False)) & set(sentinels(20, lambda _: False, shift=1))


@pytest.mark.parametrize(
    ("line", "is_marked"),
    [
        ("    nodePort: {{ .Values.port }}", True),
        ("    nodePort: 30080\r", True),
        ("  type: {{ .Values.type }}", True),
        ("kind: Service", True),
        ("  - port: 80", True),
        ('  {"port": 80}', True),
        ("# nodePort: 1", False),
        ("{{ if .Values.port: }}", False),
        ("  port: {{ .Values.port -}}", False),
        ("  port: |", False),
        ("  port: >-", False),
        ("  port: `x`", False),
        ("  port: \\", False),
        ("  ports:", False),
        ("  port: {{ include", False),
        ("  image: web", False),
    ],
)
def test_lines_that_a_comment_may_end(line: str, is_marked: bool) -> None:
    text = f"a: 1\n{line}\nb: 2\n"
    found = list(marked({"t": text}, {"t": text.encode()}, ["t"]))
    assert bool(found) == is_marked
    for _, data, places in found:
        assert data.decode().split("\n")[1].rstrip("\r").endswith("# npl:0;")
        assert data.decode().count("\r") == text.count("\r")
        (place,) = places
        assert text[place.start : place.end] == line.strip()
        marks = [mark[1] for mark in MARK.finditer(data.decode())]
        assert marks == ["0"]


def test_no_comment_inside_an_action() -> None:
    text = '{{ include "x" (dict\n  "port: " 1\n  ) }}\nport: 1\n'
    ((_, data, places),) = marked({"t": text}, {"t": text.encode()}, ["t"])
    assert data.decode().split("\n")[3] == "port: 1 # npl:0;"
    assert len(places) == 1


def test_candidates_sort_by_value_and_place() -> None:
    found = candidates({"b": "2 1", "a": "1 2"}, {1, 2}, {"b": 0})
    assert found == [
        Candidate(Place("a", 0, 1), 1, 9), Candidate(Place("b", 2, 3), 1, 0),
        Candidate(Place("a", 2, 3), 2, 9), Candidate(Place("b", 0, 1), 2, 0),
    ]  # fmt: skip
