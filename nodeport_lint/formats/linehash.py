"""GitHub's fingerprint of a line, ``primaryLocationLineHash``.

Computed exactly as github/codeql-action does in ``src/fingerprints.ts``: the upload keeps a value that is
there, so a different one would make every alert a new one.
"""

from __future__ import annotations

WINDOW = 100
"""UTF-16 units that one hash covers, from the start of its line on."""
_MOD = 2**64
_END = 65535
_FIRST = pow(37, WINDOW, _MOD)


def line_hashes(data: bytes) -> list[str]:
    """``hash:occurrence`` of every line of a file; a final line end starts one more line."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace(" ", "").replace("\t", "")
    encoded = text.encode("utf-16-le", "surrogatepass")
    units = [encoded[index] | encoded[index + 1] << 8 for index in range(0, len(encoded), 2)]
    units.append(_END)
    starts = [0, *(index + 1 for index, unit in enumerate(units) if unit == 10)]
    hashes = _windows(units, set(starts))
    seen: dict[int, int] = {}
    found = []
    for start in starts:
        value = hashes[start]
        seen[value] = seen.get(value, 0) + 1
        found.append(f"{value:x}:{seen[value]}")
    return found


def _windows(units: list[int], wanted: set[int]) -> dict[int, int]:
    """The hash of the window at each wanted start, rolling once over all units; zeros stand behind the end."""
    padded = units + [0] * WINDOW
    value = 0
    for unit in padded[:WINDOW]:
        value = (37 * value + unit) % _MOD
    found = {}
    for start in range(len(units)):
        if start in wanted:
            found[start] = value
        value = (37 * value + padded[start + WINDOW] - _FIRST * padded[start]) % _MOD
    return found
