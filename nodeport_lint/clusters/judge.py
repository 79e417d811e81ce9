"""Can two declarations of one number be live in one cluster? A verdict: how sure, why, and which evidence decided.

First the ground: the first of ``GROUNDS`` that speaks of the pair. Then the pieces of evidence that are heard against
it, in the order of ``clusters/evidence.py``: the first that speaks decides, and where none does, the ground. What is
declared in the configuration beats what the tree suggests. Reads no disk, and leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from nodeport_lint.clusters import evidence, grounds
from nodeport_lint.clusters.evidence import EVIDENCE, Cap, Evidence
from nodeport_lint.clusters.known import Known
from nodeport_lint.model import Confidence, Declaration, Inventory, Party, Verdict

SETTLED = frozenset(
    {evidence.values_sets_of_one_chart, evidence.clusters_of_releases, evidence.one_value, evidence.one_object,
     evidence.inert_side}
)  # fmt: skip
"""What holds in a cluster that the configuration declares, too."""
LIFTED = frozenset(
    {evidence.namesakes, evidence.shared_object, evidence.overlays_of_one_base, evidence.environments,
     evidence.places_of_their_own, evidence.variants}
)  # fmt: skip
"""Signs of two environments or of two ways to deploy one thing. They do not count where both sides are sent to one
cluster, or have been given numbers of their own for one."""
ENVIRONMENTS = LIFTED - {evidence.shared_object, evidence.variants}
"""Signs of two environments, which do not count where the configuration calls the repository one cluster."""


class Ground(NamedTuple):
    """What may hold of a pair, and the pieces that are heard against it, in their order."""

    says: Evidence
    heard: tuple[Evidence, ...]


def _only(pieces: Collection[Evidence]) -> tuple[Evidence, ...]:
    return tuple(piece for piece in EVIDENCE if piece in pieces)


def _but(pieces: Collection[Evidence]) -> tuple[Evidence, ...]:
    return tuple(piece for piece in EVIDENCE if piece not in pieces)


GROUNDS: tuple[Ground, ...] = (
    Ground(grounds.not_in_one_declared_cluster, ()),
    Ground(grounds.declared_clusters, _only(SETTLED)),
    Ground(grounds.one_unit, _only(SETTLED | {evidence.roles})),
    Ground(grounds.applied_together, _only(SETTLED | {evidence.roles})),
    Ground(grounds.sent_to_one_cluster, _but(LIFTED)),
    Ground(grounds.numbers_of_their_own, _but(LIFTED)),
    Ground(grounds.layout_one_cluster, _but(ENVIRONMENTS)),
)
"""In the order in which they are asked: what is declared, what is applied together, what is sent to one place, and what
looks like one cluster."""
NOTHING = Verdict(Confidence.LIKELY, "nothing says that they go to different clusters", "nothing-separates-them")
"""Two files of one repository, and no ground speaks of them: all evidence is heard."""


def judge(inventory: Inventory, known: Known | None = None) -> Callable[[Declaration, Declaration], Verdict]:
    """How sure it is that one cluster gets both of two declarations; symmetric in them but for the words."""
    known = known or Known(inventory)

    def verdict(a: Declaration, b: Declaration) -> Verdict:
        for ground in GROUNDS:
            found = _first((ground.says,), a, b, known)
            if found is not None:
                return _first(ground.heard, a, b, known) or found
        return _first(EVIDENCE, a, b, known) or NOTHING

    return verdict


def stored(parties: Sequence[Party], known: Known) -> Verdict | None:
    """What is said of a fault that needs no second claim: where all its parties lie in testdata/ or archive/, a cluster
    hardly sees it. None where that is not so."""
    caps = [cap for party in parties if (cap := evidence.stored(party, known)) is not None]
    return _verdict(evidence.roles, min(caps)) if caps and len(caps) == len(parties) else None


def name_of(piece: Evidence) -> str:
    """What the function says, in words with hyphens."""
    return piece.__name__.replace("_", "-")


def _first(pieces: Iterable[Evidence], a: Declaration, b: Declaration, known: Known) -> Verdict | None:
    """What the first of the pieces that speaks of a pair says, under its name."""
    for piece in pieces:
        cap = piece(a, b, known)
        if cap is not None:
            return _verdict(piece, cap)
    return None


def _verdict(piece: Evidence, cap: Cap) -> Verdict:
    return Verdict(cap.level, cap.reason, name_of(piece), cap.notice)
