"""The OPRF from trees, one evaluation a bin (8.11), both sides of it."""

from __future__ import annotations

import blake3
import tree_code as words
from cipher import stream
from labelled import labelled_hash
from ot import OT_CHOICES, QUERIES, ColumnHash, InconsistentOt
from seals import u32

OPRF_CHALLENGE = "blindlink/2 oprf challenge"
OPRF_COLUMNS = "blindlink/2 oprf columns"
OPRF_OUTPUT = "blindlink/2 oprf output"


def blocks_of(bins: int) -> int:
    return -(-bins // 128) + 2


def _bytes(column: int, blocks: int) -> bytes:
    return column.to_bytes(16 * blocks, "little")


def _planes(leaf: bytes, beta: bytes, chunk: int, blocks: int) -> list[int]:
    """The stream of a leaf as a vector over GF(16)."""
    out = stream(blake3.keyed_hash(leaf, beta, 16), chunk, 4 * blocks)
    size = 16 * blocks
    return [int.from_bytes(out[a * size : (a + 1) * size], "little") for a in range(4)]


def vole(leaves: dict[int, bytes], distance: int, beta: bytes, chunk: int, blocks: int) -> tuple[list[int], list[int]]:
    """u and v of a tree; positions are counted from `distance`."""
    u, t = [0] * 4, [[0] * 4 for _ in range(4)]
    for position, leaf in leaves.items():
        planes = _planes(leaf, beta, chunk, blocks)
        u = words.add(u, planes)
        for bit in range(4):
            if (position ^ distance) >> bit & 1:
                t[bit] = words.add(t[bit], planes)
    v = t[3]
    for bit in (2, 1, 0):
        v = words.add(words.z(v), t[bit])
    return u, v


def challenge(digest: bytes, chunk: int, beta: bytes, matrix: bytes) -> ColumnHash:
    """V-OPRF-007: the same keys for all columns."""
    return ColumnHash(labelled_hash(OPRF_CHALLENGE, [digest, u32(chunk), beta, matrix]))


def output(late_id: bytes, number: int, x: bytes, row: int) -> bytes:
    """V-OPRF-008."""
    message = u32(number) + x + row.to_bytes(words.ROW_BYTES, "little")
    return blake3.keyed_hash(labelled_hash(OPRF_OUTPUT, [late_id]), message, 32)


def input_columns(inputs: list[bytes]) -> list[int]:
    numbers = [int.from_bytes(x, "little") for x in inputs]
    return [sum((number >> j & 1) << i for i, number in enumerate(numbers)) for j in range(words.INPUT_BITS)]


def query(
    leaves: list[list[bytes]], digest: bytes, beta: bytes, mask_key: bytes, chunk: int, inputs: list[bytes]
) -> tuple[bytes, list[int]]:
    """The message for the inputs of a chunk, and R's rows."""
    blocks = blocks_of(len(inputs))
    own = input_columns(inputs)
    before = b"".join(_bytes(column, blocks - 2) for column in own)
    masks = blake3.keyed_hash(
        mask_key, labelled_hash(OT_CHOICES, [u32(chunk), bytes([QUERIES]), beta, before]), 32 * words.INPUT_BITS
    )
    shift = 128 * (blocks - 2)
    x = [c | int.from_bytes(masks[32 * j : 32 * j + 32], "little") << shift for j, c in enumerate(own)]
    sent, v = words.columns(x), []
    for i, tree in enumerate(leaves):
        u, of_tree = vole(dict(enumerate(tree)), 0, beta, chunk, blocks)
        sent[4 * i : 4 * i + 4] = words.add(sent[4 * i : 4 * i + 4], u)
        v += of_tree
    matrix = b"".join(_bytes(column, blocks) for column in sent)
    hashed = challenge(digest, chunk, beta, matrix)
    message = matrix + b"".join(hashed(_bytes(column, blocks)) for column in x)
    message += labelled_hash(OPRF_COLUMNS, [hashed(_bytes(column, blocks)) for column in v])
    return message, words.rows([column & (1 << len(inputs)) - 1 for column in v], len(inputs))


def check(
    leaves: list[dict[int, bytes]], delta: int, digest: bytes, beta: bytes, chunk: int, message: bytes, bins: int
) -> list[int]:
    """S's rows q. Raises InconsistentOt."""
    blocks = blocks_of(bins)
    size = 16 * blocks
    matrix, tail = message[: words.BITS * size], message[words.BITS * size :]
    if len(tail) != 32 * words.INPUT_BITS + 32:
        raise ValueError("length")
    hashed = challenge(digest, chunk, beta, matrix)
    said = words.columns([int.from_bytes(tail[32 * j : 32 * j + 32], "little") for j in range(words.INPUT_BITS)])
    q, expected = [], []
    for i, tree in enumerate(leaves):
        element = delta >> 4 * i & 15
        c = [int.from_bytes(matrix[(4 * i + a) * size : (4 * i + a + 1) * size], "little") for a in range(4)]
        _, w = vole(tree, element, beta, chunk, blocks)
        of_tree = words.add(w, words.scaled(element, c))
        more = words.scaled(element, said[4 * i : 4 * i + 4])
        hashes = [int.from_bytes(hashed(_bytes(plane, blocks)), "little") for plane in of_tree]
        expected += [plane.to_bytes(32, "little") for plane in words.add(hashes, more)]
        q += of_tree
    if labelled_hash(OPRF_COLUMNS, expected) != tail[-32:]:
        raise InconsistentOt(f"query chunk {chunk}")
    return words.rows([column & (1 << bins) - 1 for column in q], bins)


def at(row: int, delta: int, x: bytes) -> int:
    """S's row for an input: q + Delta C(x), symbol by symbol."""
    for i, symbol in enumerate(words.word(x)):
        row ^= words.times16(delta >> 4 * i & 15, symbol) << 4 * i
    return row
