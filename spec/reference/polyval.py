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


def dot(a: int, b: int) -> int:
    """a b x^-128: the product of RFC 8452."""
    return multiply(multiply(a, b), X_TO_MINUS_128)


def polyval(key: bytes, data: bytes) -> bytes:
    """POLYVAL(H, X_1, ..., X_s) of whole blocks of 16 bytes."""
    if len(key) != 16 or len(data) % 16:
        raise ValueError("POLYVAL takes a key and blocks of 16 bytes")
    h = int.from_bytes(key, "little")
    total = 0
    for start in range(0, len(data), 16):
        total = dot(total ^ int.from_bytes(data[start : start + 16], "little"), h)
    return total.to_bytes(16, "little")
