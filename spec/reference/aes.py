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
        self._round_keys = [sum(words[i : i + 4], []) for i in range(0, 44, 4)]

    def encrypt(self, block: bytes) -> bytes:
        """One block of 16 bytes; the state is held column by column, as in the standard."""
        if len(block) != 16:
            raise ValueError("an AES block has 16 bytes")
        state = [a ^ b for a, b in zip(block, self._round_keys[0])]
        for number in range(1, 11):
            state = [S_BOX[b] for b in state]
            # ShiftRows: row r moves left by r columns.
            state = [state[(4 * (column + row) + row) % 16] for column in range(4) for row in range(4)]
            if number != 10:
                state = [byte for column in range(4) for byte in self._mix(state[4 * column : 4 * column + 4])]
            state = [a ^ b for a, b in zip(state, self._round_keys[number])]
        return bytes(state)

    @staticmethod
    def _mix(column: list[int]) -> list[int]:
        """MixColumns of one column (FIPS 197 section 5.1.3)."""
        a, b, c, d = column
        return [
            _xtime(a) ^ _xtime(b) ^ b ^ c ^ d,
            a ^ _xtime(b) ^ _xtime(c) ^ c ^ d,
            a ^ b ^ _xtime(c) ^ _xtime(d) ^ d,
            _xtime(a) ^ a ^ b ^ c ^ _xtime(d),
        ]
