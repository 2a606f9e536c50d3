"""Random-band oblivious key-value store (8.4): values are byte strings, columns combine by xor."""

from __future__ import annotations

from dataclasses import dataclass

import blake3
from labelled import labelled_hash, prf

OKVS_ROW = "blindlink/2 okvs row"
BAND = 256


@dataclass(frozen=True)
class Band:
    """The row's first column, and its coefficients as an integer: bit i belongs to column first + i. Bit 0 is set."""

    first: int
    bits: int

    def columns(self) -> list[int]:
        return [self.first + i for i in range(BAND) if self.bits >> i & 1]


def row(late_id: bytes, table_id: int, group: int, output: bytes, columns: int, width: int) -> tuple[Band, bytes]:
    """Band and mask stream of an OPRF output, in one group of a table."""
    context = labelled_hash(OKVS_ROW, [late_id, table_id.to_bytes(2, "big"), group.to_bytes(4, "big")])
    stream = blake3.keyed_hash(output, context, 40 + width)
    first = int.from_bytes(stream[:8], "little") * (columns - (BAND - 1)) >> 64
    return Band(first, int.from_bytes(stream[8:40], "little") | 1), stream[40:]


def xor(a: bytes, b: bytes) -> bytes:
    return (int.from_bytes(a, "little") ^ int.from_bytes(b, "little")).to_bytes(len(a), "little")


def encode(
    rows: list[tuple[Band, bytes]], columns: int, width: int, free_key: bytes, table_id: int, group: int
) -> list[bytes]:
    """Columns such that every row's selected columns add up to its value. Columns without a pivot are random."""
    pivots: dict[int, tuple[int, int]] = {}
    for band, value in sorted(rows, key=lambda entry: entry[0].first):
        at, bits, number = band.first, band.bits, int.from_bytes(value, "little")
        while at in pivots and bits:
            other_bits, other_number = pivots[at]
            bits, number = bits ^ other_bits, number ^ other_number
            while bits and not bits & 1:
                bits, at = bits >> 1, at + 1
        # A row that depends on the others has no bits left: it is dropped.
        if bits:
            pivots[at] = bits, number
    solved: dict[int, int] = {}
    for at in reversed(range(columns)):
        if at not in pivots:
            solved[at] = int.from_bytes(prf(free_key, [table_id, group, at], width), "little")
            continue
        bits, number = pivots[at]
        for i in range(1, BAND):
            if bits >> i & 1:
                number ^= solved[at + i]
        solved[at] = number
    return [solved[at].to_bytes(width, "little") for at in range(columns)]


def decode(table: list[bytes], band: Band) -> bytes:
    """Sum of the columns that the band selects."""
    total = bytes(len(table[0]))
    for at in band.columns():
        total = xor(total, table[at])
    return total
