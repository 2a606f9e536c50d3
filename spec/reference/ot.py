"""Base OT (8.5) and OT extension with its consistency check (8.6)."""

from __future__ import annotations

import blake3
from cipher import stream
from labelled import labelled_hash, prf
from okvs import xor
from polyval import Polyval
from ristretto255 import G, L, Element
from trees import K, LEAVES, TREES, total

BASE_OT_GROUP = "blindlink/1 base ot group"
BASE_OT_KEY = "blindlink/1 base ot key"
OT_CHOICES = "blindlink/1 ot choices"
OT_CHALLENGE = "blindlink/1 ot challenge"
OT_COLUMNS = "blindlink/1 ot columns"

INSTANCES = 128
MASKS, SHARES = 1, 2
"""Directions: the responder chooses with its bin masks, the requester with its score shares."""


class InconsistentOt(ValueError):
    """The extension's check failed."""


class BaseOt:
    """One direction of a round's base OTs. `key` is the party's randomness for its role in it."""

    def __init__(self, round_id: bytes, direction: int, key: bytes) -> None:
        self._round, self._direction, self._key = round_id, direction, key

    def _place(self, instance: int, branch: int) -> bytes:
        return bytes([self._direction, instance, branch])

    def _oracle(self, instance: int, branch: int, other: bytes) -> Element:
        parts = [self._round, self._place(instance, branch), other]
        return Element.from_uniform_bytes(labelled_hash(BASE_OT_GROUP, parts, 64))

    def _derive(self, instance: int, branch: int, offer: bytes, answer: bytes, shared: Element) -> bytes:
        parts = [self._round, self._place(instance, branch), offer, answer, shared.encode()]
        return labelled_hash(BASE_OT_KEY, parts)[:16]

    def _scalar(self, instance: int) -> int:
        return int.from_bytes(prf(self._key, [instance, 0], 64), "little") % L

    def offer(self) -> list[bytes]:
        return [(self._scalar(i) * G).encode() for i in range(INSTANCES)]

    def choose(self, choices: int, offers: list[bytes]) -> tuple[list[bytes], list[bytes]]:
        """Answers of 64 bytes, and the keys of the choices (bit i of `choices` belongs to instance i)."""
        answers, keys = [], []
        for i, offer in enumerate(offers):
            c = choices >> i & 1
            b = self._scalar(i)
            other = Element.from_uniform_bytes(prf(self._key, [i, 1], 64)).encode()
            own = (b * G - self._oracle(i, c, other)).encode()
            answer = other + own if c else own + other
            answers.append(answer)
            keys.append(self._derive(i, c, offer, answer, b * Element.decode_not_identity(offer)))
        return answers, keys

    def accept(self, answers: list[bytes]) -> list[tuple[bytes, bytes]]:
        """Both keys of every instance."""
        pairs = []
        for i, answer in enumerate(answers):
            a = self._scalar(i)
            offer = (a * G).encode()
            halves = answer[:32], answer[32:]
            keys = []
            for branch in (0, 1):
                element = Element.decode_not_identity(halves[branch])
                shared = a * (element + self._oracle(i, branch, halves[1 - branch]))
                keys.append(self._derive(i, branch, offer, answer, shared))
            pairs.append((keys[0], keys[1]))
        return pairs


class _ColumnHash:
    """Two POLYVALs of all blocks but the last two, xor the last two."""

    def __init__(self, keys: bytes) -> None:
        self._hashes = Polyval(keys[:16]), Polyval(keys[16:])

    def __call__(self, column: bytes) -> bytes:
        body, mask = column[:-32], column[-32:]
        return xor(b"".join(h.hash(body) for h in self._hashes), mask)


def _challenge(round_id: bytes, direction: int, chunk: int, matrix: bytes) -> _ColumnHash:
    return _ColumnHash(labelled_hash(OT_CHALLENGE, [round_id, bytes([direction]), chunk.to_bytes(4, "big"), matrix]))


def _blocks(bits: int) -> int:
    return -(-bits // 128) + 2


def _rows(columns: list[bytes], count: int) -> list[int]:
    """Row i has bit j = bit i of column j."""
    digits = [format(int.from_bytes(column, "little"), f"0{8 * len(column)}b")[::-1][:count] for column in columns]
    return [int("".join(row), 2) for row in zip(*reversed(digits))]


def _columns(leaves: dict[int, bytes], distance: int, chunk: int, blocks: int) -> tuple[bytes, list[bytes]]:
    """u, the sum of all streams; and t^b for every bit b, the sum of those whose position differs there from
    `distance`."""
    streams = {p ^ distance: stream(key, chunk, blocks) for p, key in leaves.items()}
    bits = [total([s for p, s in streams.items() if p >> b & 1]) for b in range(K)]
    return total(list(streams.values())), bits


def extend_as_receiver(
    round_id: bytes, direction: int, chunk: int, trees: list[list[bytes]], mask_key: bytes, choices: bytes, bits: int
) -> tuple[bytes, list[int]]:
    """Message, and rows t_i. `choices` has bit i of the choices in bit i mod 8 of byte i / 8."""
    blocks = _blocks(bits)
    seed = labelled_hash(OT_CHOICES, [chunk.to_bytes(4, "big"), bytes([direction]), choices])
    x = choices.ljust(16 * (blocks - 2), b"\0") + blake3.keyed_hash(mask_key, seed, 32)
    matrix, t = b"", []
    for leaves in trees:
        u, columns = _columns(dict(enumerate(leaves)), 0, chunk, blocks)
        matrix += xor(u, x)
        t += columns
    hashed = _challenge(round_id, direction, chunk, matrix)
    digest = labelled_hash(OT_COLUMNS, [hashed(column) for column in t])
    return matrix + hashed(x) + digest, _rows(t, bits)


def extend_as_sender(
    round_id: bytes, direction: int, chunk: int, delta: int, trees: list[dict[int, bytes]], message: bytes, bits: int
) -> list[int]:
    """Rows q_i = t_i xor x_i Delta. Raises InconsistentOt."""
    size = 16 * _blocks(bits)
    if len(message) != TREES * size + 64:
        raise ValueError("length")
    matrix, x_hash, digest = message[: TREES * size], message[-64:-32], message[-32:]
    hashed = _challenge(round_id, direction, chunk, matrix)
    q, expected = [], []
    for i, leaves in enumerate(trees):
        correction = matrix[i * size : (i + 1) * size]
        _, columns = _columns(leaves, delta >> K * i & LEAVES - 1, chunk, size // 16)
        for b, column in enumerate(columns):
            bit = delta >> K * i + b & 1
            q.append(xor(column, correction) if bit else column)
            expected.append(xor(hashed(q[-1]), x_hash) if bit else hashed(q[-1]))
    if labelled_hash(OT_COLUMNS, expected) != digest:
        raise InconsistentOt(f"chunk {chunk}")
    return _rows(q, bits)
