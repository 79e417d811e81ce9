"""Which characters that a person wrote produced a number of an engine's output.

The engine is a black box. Numbers that could be the source are replaced by others, everything is rendered
again, and what moves tells. Two safeguards make "exact" an honest word: the list that holds a number must
otherwise be what it was (certificate), and where several candidates had the value, the winners alone must
move the output again (confirmation). Knows no engine and no Kubernetes.
"""

from __future__ import annotations

from nodeport_lint.provenance.nouns import (
    COMPUTED,
    EXACT,
    JOINT,
    LABELS,
    MOVED,
    RANDOM,
    SINGLE,
    TEMPLATE,
    Locus,
    Name,
    Number,
    Observed,
    Place,
    Source,
    Trace,
)
from nodeport_lint.provenance.tracing import ALGORITHM, trace

__all__ = [
    "ALGORITHM", "COMPUTED", "EXACT", "JOINT", "LABELS", "MOVED", "RANDOM", "SINGLE", "TEMPLATE", "Locus", "Name",
    "Number", "Observed", "Place", "Source", "Trace", "trace",
]  # fmt: skip
