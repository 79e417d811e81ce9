"""Allocation documents: what their rows reserve."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.model import COMMENT, Comment, Location, Problem, Reservation, few
from nodeport_lint.ports import PortRange
from nodeport_lint.registry.documents import Listed

MAX_SIZE = 1_000_000
"""Bytes of one document."""


class Registries(NamedTuple):
    """What all documents together say. ``without`` are documents in which no table of ports was found."""

    reservations: tuple[Reservation, ...]
    documents: tuple[str, ...]
    without: tuple[str, ...]
    problems: tuple[Problem, ...]
    comments: tuple[Comment, ...]


def read_registries(root: str, listed: Iterable[Listed]) -> Registries:
    """Reads the documents, whose paths are relative to ``root``.

    A document that cannot be read is a problem; one without a table is named in ``without``.
    """
    from nodeport_lint.registry.markdown import read_comments, read_markdown

    reservations: list[Reservation] = []
    problems: list[Problem] = []
    comments: list[Comment] = []
    documents: list[str] = []
    without: list[str] = []
    for path, clusters, ranges in listed:
        try:
            with open(os.path.join(root, path), "rb") as file:
                data = file.read(MAX_SIZE + 1)
            text = yamltext.decode(data[: data.rfind(b"\n", 0, MAX_SIZE) + 1] if len(data) > MAX_SIZE else data)
        except OSError as error:
            problems.append(Problem("unreadable", f"cannot be read: {error.strerror or error}", Location(path)))
            continue
        except UnicodeDecodeError:
            problems.append(Problem("unparsable", "not UTF-8", Location(path)))
            continue
        if len(data) > MAX_SIZE:
            problems.append(Problem("unparsable", f"only the first {MAX_SIZE // 1_000_000} MB is read", Location(path)))
        among = PortRange(min(one.first for one in ranges), max(one.last for one in ranges))
        found, unread = read_markdown(text, path, among)
        reservations += [row._replace(clusters=clusters) for row in found] if clusters else found
        problems += unread
        (documents if found else without).append(path)
        if COMMENT in text:
            comments += few(read_comments(text, path))
    return Registries(tuple(reservations), tuple(documents), tuple(without), tuple(problems), tuple(comments))
