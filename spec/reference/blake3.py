"""BLAKE3 (hash, keyed hash, derive_key, extendable output), from the BLAKE3 paper, sections 2.1 to 2.6."""

from __future__ import annotations

import functools
import struct

IV = (
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
    0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
)  # fmt: skip
PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
COLUMNS_AND_DIAGONALS = tuple((i, 4 + (i + shift) % 4, 8 + (i + 2 * shift) % 4, 12 + (i + 3 * shift) % 4)
                              for shift in (0, 1) for i in range(4))  # fmt: skip

CHUNK_START, CHUNK_END, PARENT, ROOT = 1 << 0, 1 << 1, 1 << 2, 1 << 3
KEYED_HASH, DERIVE_KEY_CONTEXT, DERIVE_KEY_MATERIAL = 1 << 4, 1 << 5, 1 << 6

BLOCK_LENGTH = 64
CHUNK_LENGTH = 1024
MASK = 0xFFFFFFFF


def _g(a: int, b: int, c: int, d: int, mx: int, my: int) -> tuple[int, int, int, int]:
    """The quarter round: additions modulo 2^32 and right rotations by 16, 12, 8 and 7."""
    a = a + b + mx & MASK
    d ^= a
    d = d >> 16 | d << 16 & MASK
    c = c + d & MASK
    b ^= c
    b = b >> 12 | b << 20 & MASK
    a = a + b + my & MASK
    d ^= a
    d = d >> 8 | d << 24 & MASK
    c = c + d & MASK
    b ^= c
    return a, b >> 7 | b << 25 & MASK, c, d


def _compress(chaining: tuple[int, ...], block: bytes, counter: int, block_length: int, flags: int) -> list[int]:
    """Seven rounds over 16 words; returns all 16 output words."""
    m = list(struct.unpack("<16I", block))
    v = [*chaining, *IV[:4], counter & MASK, counter >> 32 & MASK, block_length, flags]
    for round_number in range(7):
        if round_number:
            m = [m[p] for p in PERMUTATION]
        for i, (a, b, c, d) in enumerate(COLUMNS_AND_DIAGONALS):
            v[a], v[b], v[c], v[d] = _g(v[a], v[b], v[c], v[d], m[2 * i], m[2 * i + 1])
    return [v[i] ^ v[i + 8] for i in range(8)] + [v[i + 8] ^ chaining[i] for i in range(8)]


class _Node:
    """A compression that was not done yet: it may turn out to be the root, which has flags and counters of its own."""

    def __init__(self, chaining: tuple[int, ...], block: bytes, counter: int, block_length: int, flags: int) -> None:
        self.chaining, self.counter, self.block_length, self.flags = chaining, counter, block_length, flags
        self.block = block.ljust(BLOCK_LENGTH, b"\0")

    def chaining_value(self) -> tuple[int, ...]:
        return tuple(_compress(self.chaining, self.block, self.counter, self.block_length, self.flags)[:8])

    def root_bytes(self, length: int) -> bytes:
        out = b""
        counter = 0
        while len(out) < length:
            words = _compress(self.chaining, self.block, counter, self.block_length, self.flags | ROOT)
            out += struct.pack("<16I", *words)
            counter += 1
        return out[:length]


def _chunk(key: tuple[int, ...], data: bytes, index: int, flags: int) -> _Node:
    chaining = key
    starts = list(range(0, len(data), BLOCK_LENGTH)) or [0]
    for start in starts:
        block = data[start : start + BLOCK_LENGTH]
        here = flags | (CHUNK_START if start == 0 else 0) | (CHUNK_END if start == starts[-1] else 0)
        node = _Node(chaining, block, index, len(block), here)
        if start != starts[-1]:
            chaining = node.chaining_value()
    return node


def _tree(key: tuple[int, ...], data: bytes, first_chunk: int, flags: int) -> _Node:
    """The left subtree holds the largest power of two of whole chunks that leaves at least one byte to the right."""
    if len(data) <= CHUNK_LENGTH:
        return _chunk(key, data, first_chunk, flags)
    left_chunks = 1 << (((len(data) - 1) // CHUNK_LENGTH).bit_length() - 1)
    cut = left_chunks * CHUNK_LENGTH
    left = _tree(key, data[:cut], first_chunk, flags).chaining_value()
    right = _tree(key, data[cut:], first_chunk + left_chunks, flags).chaining_value()
    return _Node(key, struct.pack("<16I", *left, *right), 0, BLOCK_LENGTH, flags | PARENT)


def _key_words(key: bytes) -> tuple[int, ...]:
    if len(key) != 32:
        raise ValueError("a BLAKE3 key has 32 bytes")
    return struct.unpack("<8I", key)


def blake3(data: bytes, length: int = 32) -> bytes:
    """Default mode."""
    return _tree(IV, data, 0, 0).root_bytes(length)


def keyed_hash(key: bytes, data: bytes, length: int = 32) -> bytes:
    """Keyed mode: a PRF under a 32-byte key."""
    return _tree(_key_words(key), data, 0, KEYED_HASH).root_bytes(length)


@functools.lru_cache(maxsize=256)
def _context_key(context: str) -> tuple[int, ...]:
    return _key_words(_tree(IV, context.encode(), 0, DERIVE_KEY_CONTEXT).root_bytes(32))


def derive_key(context: str, material: bytes, length: int = 32) -> bytes:
    """Key derivation mode: `context` is a fixed string of the application, `material` may hold variable data."""
    return _tree(_context_key(context), material, 0, DERIVE_KEY_MATERIAL).root_bytes(length)
