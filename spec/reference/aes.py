"""AES-128 encryption of single blocks, FIPS 197. The OT layers use it with fixed, public keys and as a stream."""

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


S_BOX = _s_box()


def _column_tables() -> list[list[int]]:
    """For each row, what an S-box output in that row adds to a column after MixColumns, as a big-endian word."""
    tables = []
    for row in range(4):
        table = []
        for value in S_BOX:
            column = [0, 0, 0, 0]
            # The MixColumns matrix is circulant: 2, 1, 1, 3 down the first column.
            for offset, factor in enumerate((2, 1, 1, 3)):
                column[(row + offset) % 4] = _multiply(value, factor)
            table.append(int.from_bytes(bytes(column), "big"))
        tables.append(table)
    return tables


T0, T1, T2, T3 = _column_tables()


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
        self._round_keys = [int.from_bytes(bytes(word), "big") for word in words]

    def encrypt(self, block: bytes) -> bytes:
        """One block of 16 bytes. SubBytes, ShiftRows and MixColumns of a column are four table look-ups; ShiftRows
        takes row r from the column r to the right."""
        if len(block) != 16:
            raise ValueError("an AES block has 16 bytes")
        keys = self._round_keys
        a, b, c, d = (int.from_bytes(block[4 * i : 4 * i + 4], "big") ^ keys[i] for i in range(4))
        for i in range(4, 40, 4):
            a, b, c, d = (
                T0[a >> 24] ^ T1[b >> 16 & 255] ^ T2[c >> 8 & 255] ^ T3[d & 255] ^ keys[i],
                T0[b >> 24] ^ T1[c >> 16 & 255] ^ T2[d >> 8 & 255] ^ T3[a & 255] ^ keys[i + 1],
                T0[c >> 24] ^ T1[d >> 16 & 255] ^ T2[a >> 8 & 255] ^ T3[b & 255] ^ keys[i + 2],
                T0[d >> 24] ^ T1[a >> 16 & 255] ^ T2[b >> 8 & 255] ^ T3[c & 255] ^ keys[i + 3],
            )
        columns = (a, b, c, d)
        out = 0
        for i in range(4):
            rows = [columns[(i + row) % 4] >> 24 - 8 * row & 255 for row in range(4)]
            word = int.from_bytes(bytes(S_BOX[value] for value in rows), "big")
            out = out << 32 | word ^ keys[40 + i]
        return out.to_bytes(16, "big")
