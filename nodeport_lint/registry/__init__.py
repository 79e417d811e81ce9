"""Allocation documents: what their rows reserve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.model import COMMENT, LIMIT, Comment, Location, Notice, PortRange, Problem, Read, Reservation, few
from nodeport_lint.model.clock import Clock
from nodeport_lint.registry.documents import Listed
from nodeport_lint.tree import given_up
from nodeport_lint.tree.files import OnDisk

MAX_SIZE, MAX_LINES = 1_000_000, 50_000
"""Bytes and lines of one document."""
MAX_TOTAL, LINE = 200_000, 100
"""Lines of all documents, and bytes of a line that counts as one; where rows are more than lines, they count."""
MAX_ROWS, MAX_BLOCKS = 50_000, 500
"""Rows of all documents, and those among them that set aside a block of numbers."""
MAX_OF_NUMBER = 100
"""Rows of one number for the same clusters: every Service that asks for it is compared with each."""
MAX_UNREAD = 2_000
"""Cells of all documents that are reported as not understood, one by one."""


SHARE = 0.5
"""Of the time that is left."""


class Registries(NamedTuple):
    """What all documents together say. ``without`` are documents in which no table of ports was found, ``read`` is what
    else there is to say."""

    reservations: tuple[Reservation, ...]
    documents: tuple[str, ...]
    without: tuple[str, ...]
    read: Read


def read_registries(files: OnDisk, listed: Iterable[Listed], clock: Clock | None = None) -> Registries:
    """Reads the documents, whose paths are relative to the root of ``files``.

    A document that cannot be read is a problem, and so is what is beyond the bounds; one without a table is named in
    ``without``.
    """
    reservations: list[Reservation] = []
    problems: list[Problem] = []
    unread: list[Problem] = []
    comments: list[Comment] = []
    documents: list[str] = []
    without: list[str] = []
    left, stage = MAX_TOTAL, (clock or Clock()).stage("reading allocation documents", SHARE)
    for path, clusters, ranges in listed:
        why = stage.over()
        if why:
            problems.append(given_up(path, why))
            continue
        text = _text(files, path, min(left, MAX_LINES), problems)
        if text is None:
            continue
        from nodeport_lint.registry.markdown import read_comments, read_markdown

        among = PortRange(min(one.first for one in ranges), max(one.last for one in ranges))
        found, not_understood = read_markdown(text, path, among)
        reservations += [row._replace(clusters=clusters) for row in found] if clusters else found
        problems += (problem for problem in not_understood if problem.kind == LIMIT)
        unread += (problem for problem in not_understood if problem.kind != LIMIT)
        left -= max(text.count("\n"), len(text) // LINE, len(found) + len(not_understood))
        (documents if found else without).append(path)
        if COMMENT in text:
            comments += few(read_comments(text, path))
    problems += unread[:MAX_UNREAD]
    if len(unread) > MAX_UNREAD:
        message = f"{len(unread) - MAX_UNREAD:,} further cells are not understood"
        problems.append(Problem("unread-reservation", message, unread[MAX_UNREAD].location))
    kept = _kept(reservations, problems)
    read = Read(
        problems=tuple(problems),
        comments=tuple(comments),
        notices=tuple(_notices(tuple(without))),
        counts={"reservations": len(kept)},
    )
    return Registries(tuple(kept), tuple(documents), tuple(without), read)


def _notices(without: tuple[str, ...]) -> Iterator[Notice]:
    if without:
        yield Notice(f"no table of node ports found in {', '.join(without)}", without)


def _text(files: OnDisk, path: str, lines: int, problems: list[Problem]) -> str | None:
    """A document, or its first ``lines``; None where it cannot be read."""
    if lines <= 0:
        message = f"not read: the allocation documents have more than {MAX_TOTAL:,} lines"
        problems.append(Problem(LIMIT, message, Location(path)))
        return None
    try:
        data = files.read(path, MAX_SIZE + 1)
        text = yamltext.decode(data[: data.rfind(b"\n", 0, MAX_SIZE) + 1] if len(data) > MAX_SIZE else data)
    except OSError as error:
        problems.append(Problem("unreadable", f"cannot be read: {error.strerror or error}", Location(path)))
        return None
    except UnicodeDecodeError:
        problems.append(Problem("unparsable", "not UTF-8", Location(path)))
        return None
    if len(data) > MAX_SIZE:
        problems.append(Problem(LIMIT, f"only the first {MAX_SIZE // 1_000_000} MB is read", Location(path)))
    begun = text.splitlines(keepends=True)
    if len(begun) > lines:
        problems.append(Problem(LIMIT, f"only the first {lines:,} lines are read", Location(path)))
        return "".join(begun[:lines])
    return text


def _kept(rows: Iterable[Reservation], problems: list[Problem]) -> list[Reservation]:
    """The rows within the bounds; those beyond are a problem at the first of them."""
    kept: list[Reservation] = []
    beyond: dict[str, list[Reservation]] = {}
    of_number: Counter[tuple[int, tuple[str, ...]]] = Counter()
    blocks = 0
    for row in rows:
        numbers = [] if row.is_block else [(number, row.clusters) for number in range(row.first, row.last + 1)]
        if len(kept) >= MAX_ROWS:
            beyond.setdefault(f"more than {MAX_ROWS:,} in all", []).append(row)
        elif row.is_block and blocks >= MAX_BLOCKS:
            beyond.setdefault(f"more than {MAX_BLOCKS} blocks of numbers", []).append(row)
        elif any(of_number[key] >= MAX_OF_NUMBER for key in numbers):
            beyond.setdefault(f"more than {MAX_OF_NUMBER} of one number", []).append(row)
        else:
            kept.append(row)
            blocks += row.is_block
            of_number.update(numbers)
    for why, left_out in beyond.items():
        message = f"{len(left_out):,} further rows are not read: {why}"
        problems.append(Problem(LIMIT, message, left_out[0].location))
    return kept
