"""AES-128 in its two uses: column streams of the OT extension (8.6), and the tweakable hash (8.7)."""

from __future__ import annotations

from aes import Aes128


def stream(key: bytes, chunk: int, blocks: int) -> bytes:
    """Block i of a chunk is AES_key(LE128(2^64 chunk + i))."""
    cipher = Aes128(key)
    return b"".join(cipher.encrypt((chunk << 64 | i).to_bytes(16, "little")) for i in range(blocks))


class Tccr:
    """H(x, t) = p(p(x) xor t) xor p(x) with p = AES-128 under a public key; blocks are little-endian."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Aes128(key)

    def hash(self, x: int, tweak: int) -> int:
        inner = self._permute(x)
        return self._permute(inner ^ tweak) ^ inner

    def _permute(self, x: int) -> int:
        return int.from_bytes(self._cipher.encrypt(x.to_bytes(16, "little")), "little")
