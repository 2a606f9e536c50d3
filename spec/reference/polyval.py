"""POLYVAL, RFC 8452 section 3: a universal hash over GF(2^128), used by the OT extension's consistency check."""

from __future__ import annotations

MODULUS = 1 << 128 | 1 << 127 | 1 << 126 | 1 << 121 | 1
"""x^128 + x^127 + x^126 + x^121 + 1; bit i of a little-endian block is the coefficient of x^i."""

X_TO_MINUS_128 = 1 << 127 | 1 << 124 | 1 << 121 | 1 << 114 | 1
"""x^-128 modulo MODULUS (RFC 8452 section 3)."""


def multiply(a: int, b: int) -> int:
    """a b in GF(2^128)."""
    product = 0
    for i in range(128):
        if b >> i & 1:
            product ^= a << i
    for i in range(254, 127, -1):
        if product >> i & 1:
            product ^= MODULUS << i - 128
    return product


class Polyval:
    """POLYVAL under one key H of 16 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 16:
            raise ValueError("a POLYVAL key has 16 bytes")
        # dot(a, H) = a H x^-128 is linear in a: keep what each byte of a contributes.
        power = multiply(int.from_bytes(key, "little"), X_TO_MINUS_128)
        of_bit = []
        for _ in range(128):
            of_bit.append(power)
            power <<= 1
            if power >> 128:
                power ^= MODULUS
        self._of_byte = []
        for first in range(0, 128, 8):
            table = [0]
            for value in range(1, 256):
                table.append(table[value & value - 1] ^ of_bit[first + (value & -value).bit_length() - 1])
            self._of_byte.append(table)

    def _dot(self, a: int) -> int:
        product = 0
        for table, value in zip(self._of_byte, a.to_bytes(16, "little")):
            product ^= table[value]
        return product

    def hash(self, data: bytes) -> bytes:
        """POLYVAL(H, X_1, ..., X_s) of whole blocks of 16 bytes."""
        if len(data) % 16:
            raise ValueError("POLYVAL takes whole blocks")
        total = 0
        for start in range(0, len(data), 16):
            total = self._dot(total ^ int.from_bytes(data[start : start + 16], "little"))
        return total.to_bytes(16, "little")
