"""The code of the OPRF from trees (8.11): fields, words, columns and planes.

A column of bits is an integer here, bit i of it being that of row i; a vector over GF(16) is four of them, its planes.
"""

from __future__ import annotations

from functools import cache

SYMBOLS = 93
BITS = 4 * SYMBOLS
ROW_BYTES = -(-BITS // 8)
INPUT_BITS = 128


def times16(a: int, b: int) -> int:
    """GF(16) = GF(2)[z] / (z^4 + z + 1)."""
    product = 0
    for i in range(4):
        if b >> i & 1:
            product ^= a << i
    for i in (6, 5, 4):
        if product >> i & 1:
            product ^= 0b10011 << i - 4
    return product


def times(a: int, b: int) -> int:
    """GF(256) = GF(16)[Y] / (Y^2 + Y + z^3), the upper nibble being the coefficient of Y."""
    a1, a0, b1, b0 = a >> 4, a & 15, b >> 4, b & 15
    high = times16(a1, b1) ^ times16(a1, b0) ^ times16(a0, b1)
    return high << 4 | times16(a0, b0) ^ times16(0b1000, times16(a1, b1))


@cache
def inverse(a: int) -> int:
    return next(b for b in range(256) if times(a, b) == 1)


def word(x: bytes) -> list[int]:
    """The 93 symbols of C(x)."""
    outer = list(x)
    for r in range(15):
        byte = 0
        for j in range(16):
            byte ^= times(inverse(16 + r ^ j), x[j])
        outer.append(byte)
    return [symbol for c in outer for symbol in (c & 15, c >> 4, c & 15 ^ c >> 4)]


def packed(symbols: list[int]) -> bytes:
    """Bit 4 i + a is bit a of symbol i."""
    return sum(symbol << 4 * i for i, symbol in enumerate(symbols)).to_bytes(ROW_BYTES, "little")


@cache
def _rows() -> list[int]:
    """Of each bit of an input, the bits of the word that it changes."""
    unit = [(1 << j).to_bytes(16, "little") for j in range(INPUT_BITS)]
    return [int.from_bytes(packed(word(x)), "little") for x in unit]


def columns(x: list[int]) -> list[int]:
    """Columns of the words, from the columns of the inputs."""
    out = [0] * BITS
    for row, column in zip(_rows(), x, strict=True):
        for bit in range(BITS):
            if row >> bit & 1:
                out[bit] ^= column
    return out


def z(planes: list[int]) -> list[int]:
    """z times a vector."""
    p0, p1, p2, p3 = planes
    return [p3, p0 ^ p3, p1, p2]


def add(a: list[int], b: list[int]) -> list[int]:
    return [x ^ y for x, y in zip(a, b, strict=True)]


def scaled(delta: int, planes: list[int]) -> list[int]:
    """delta times a vector."""
    out = [0] * 4
    for bit in range(4):
        if delta >> bit & 1:
            out = add(out, planes)
        planes = z(planes)
    return out


def rows(all_columns: list[int], count: int) -> list[int]:
    """Row i has bit j = bit i of column j."""
    digits = [format(column, f"0{max(count, 1)}b")[::-1][:count] for column in all_columns]
    return [int("".join(row), 2) for row in zip(*reversed(digits))]
