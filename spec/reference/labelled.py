"""Labelled hashes and the keyed PRF of spec/03-conventions.md, section 3.3."""

from __future__ import annotations

from collections.abc import Iterable

import blake3


def labelled_hash(label: str, parts: Iterable[bytes], length: int = 32) -> bytes:
    """BLAKE3 derive_key with the label as context; each part has its length in 8 bytes, big-endian, in front."""
    return blake3.derive_key(label, b"".join(len(part).to_bytes(8, "big") + part for part in parts), length)


def prf(key: bytes, point: Iterable[int], length: int) -> bytes:
    """BLAKE3 keyed mode over the point's numbers, 8 bytes each, big-endian."""
    return blake3.keyed_hash(key, b"".join(number.to_bytes(8, "big") for number in point), length)
