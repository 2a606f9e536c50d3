"""Cuckoo tables of the requester's queries (8.3)."""

from __future__ import annotations

import blake3
from labelled import labelled_hash, prf

CUCKOO = "blindlink/2 cuckoo"
MAX_STEPS = 1000


def bin_key(round_id: bytes, table_id: int) -> bytes:
    return labelled_hash(CUCKOO, [round_id, table_id.to_bytes(2, "big")])


def code_input(key: bytes, item: bytes) -> bytes:
    """What goes into the code of the OPRF from trees (8.3, 8.11)."""
    return blake3.keyed_hash(key, item, 40)[24:]


def bins_of(key: bytes, item: bytes, bins: int) -> tuple[int, int, int]:
    """Three distinct bins."""
    words = blake3.keyed_hash(key, item, 24)
    w0, w1, w2 = (int.from_bytes(words[i : i + 8], "little") for i in (0, 8, 16))
    a = w0 * bins >> 64
    b = w1 * (bins - 1) >> 64
    if b >= a:
        b += 1
    c = w2 * (bins - 2) >> 64
    for taken in sorted((a, b)):
        if c >= taken:
            c += 1
    return a, b, c


def place(
    places: list[tuple[int, int, int]], bins: int, walk_key: bytes, table_id: int, moved: list[int] | None = None
) -> list[int | None]:
    """For every bin the number of the item that lies there. An item that finds no place is dropped. `moved` gets every
    item that was put out of its bin."""
    table: list[int | None] = [None] * bins
    for first in range(len(places)):
        current = first
        for step in range(MAX_STEPS):
            free = [b for b in places[current] if table[b] is None]
            if free:
                table[free[0]] = current
                break
            choice = int.from_bytes(prf(walk_key, [table_id, first, step], 8), "little") % 3
            at = places[current][choice]
            table[at], evicted = current, table[at]
            assert evicted is not None
            current = evicted
            if moved is not None:
                moved.append(evicted)
    return table
