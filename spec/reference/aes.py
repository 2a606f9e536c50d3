"""AES-128 encryption of blocks, FIPS 197. The OT layers use it with fixed, public keys and as a stream."""

from __future__ import annotations


def _xtime(a: int) -> int:
    """Multiplication by x in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1."""
    a <<= 1
    return a ^ 0x11B if a & 0x100 else a


def _multiply(a: int, b: int) -> int:
    product = 0
    while b:
        if b & 1:
            product ^= a
        a, b = _xtime(a), b >> 1
    return product


def _s_box() -> list[int]:
    """Inverse in GF(2^8), then the affine map (FIPS 197 section 5.1.1)."""
    table = []
    for value in range(256):
        inverse = next((x for x in range(256) if _multiply(value, x) == 1), 0)
        rotations = inverse
        for i in range(1, 5):
            rotations ^= (inverse << i | inverse >> 8 - i) & 0xFF
        table.append(rotations ^ 0x63)
    return table


S_BOX = bytes(_s_box())


TIMES_2 = bytes(_xtime(value) for value in range(256))
"""Multiplication by x of every byte, as a table for `bytes.translate`."""


def _xor(*rows: bytes) -> bytes:
    total = 0
    for row in rows:
        total ^= int.from_bytes(row, "little")
    return total.to_bytes(len(rows[0]), "little")


def _mix(rows: list[bytes]) -> list[bytes]:
    """MixColumns: the matrix is circulant, 2 3 1 1 in its first row."""
    doubled = [row.translate(TIMES_2) for row in rows]
    everything = _xor(*rows)
    return [_xor(everything, rows[r], doubled[r], doubled[(r + 1) % 4]) for r in range(4)]


class Aes128:
    """AES under one 16-byte key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 16:
            raise ValueError("an AES-128 key has 16 bytes")
        words = [list(key[i : i + 4]) for i in range(0, 16, 4)]
        constant = 1
        for i in range(4, 44):
            word = list(words[i - 1])
            if i % 4 == 0:
                word = [S_BOX[b] for b in word[1:] + word[:1]]
                word[0] ^= constant
                constant = _xtime(constant)
            words.append([a ^ b for a, b in zip(words[i - 4], word)])
        self._round_keys = [bytes(b for word in words[i : i + 4] for b in word) for i in range(0, 44, 4)]

    def encrypt(self, data: bytes) -> bytes:
        """Whole blocks of 16 bytes, each by itself. They are worked off side by side: row r of the state holds row r of
        all blocks, its first column of each, then the second, so that every step is one operation on whole rows."""
        if len(data) % 16:
            raise ValueError("an AES block has 16 bytes")
        n = len(data) // 16
        rows = [b"".join(data[4 * column + r :: 16] for column in range(4)) for r in range(4)]
        rows = self._add(rows, 0, n)
        for number in range(1, 11):
            # SubBytes; then ShiftRows: row r takes from the column r to the right.
            rows = [row.translate(S_BOX) for row in rows]
            rows = [row[r * n :] + row[: r * n] for r, row in enumerate(rows)]
            rows = self._add(_mix(rows) if number < 10 else rows, number, n)
        out = bytearray(len(data))
        for r, row in enumerate(rows):
            for column in range(4):
                out[4 * column + r :: 16] = row[column * n : (column + 1) * n]
        return bytes(out)

    def _add(self, rows: list[bytes], number: int, n: int) -> list[bytes]:
        """AddRoundKey."""
        key = self._round_keys[number]
        return [_xor(row, b"".join(key[i : i + 1] * n for i in range(r, 16, 4))) for r, row in enumerate(rows)]
