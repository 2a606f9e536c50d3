"""AES-128 in its two uses: column streams of the OT extension (8.6), and the tweakable hash (8.7)."""

from __future__ import annotations

from collections.abc import Iterable

from aes import Aes128
from okvs import xor


def stream(key: bytes, chunk: int, blocks: int) -> bytes:
    """Block i of a chunk is AES_key(LE128(2^64 chunk + i))."""
    return Aes128(key).encrypt(b"".join((chunk << 64 | i).to_bytes(16, "little") for i in range(blocks)))


def _join(blocks: Iterable[int]) -> bytes:
    return b"".join(block.to_bytes(16, "little") for block in blocks)


class Tccr:
    """H(x, t) = p(p(x) xor t) xor p(x) with p = AES-128 under a public key; blocks are little-endian."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Aes128(key)

    def hash(self, xs: Iterable[int], tweaks: Iterable[int]) -> list[int]:
        """Of each block under its tweak."""
        inner = self._cipher.encrypt(_join(xs))
        out = xor(self._cipher.encrypt(xor(inner, _join(tweaks))), inner)
        return [int.from_bytes(out[i : i + 16], "little") for i in range(0, len(out), 16)]
