"""Base OT (8.5) and OT extension with its consistency check (8.6)."""

from __future__ import annotations

from dataclasses import dataclass

import blake3
from cipher import stream
from labelled import labelled_hash, prf
from okvs import xor
from polyval import Polyval
from ristretto255 import G, L, Element
from trees import K, LEAVES, TREES, total

BASE_OT_GROUP = "blindlink/2 base ot group"
BASE_OT_KEY = "blindlink/2 base ot key"
OT_CHOICES = "blindlink/2 ot choices"
OT_CHALLENGE = "blindlink/2 ot challenge"
OT_COLUMNS = "blindlink/2 ot columns"

MASKS, SHARES, QUERIES = 1, 2, 3
"""Directions: the responder chooses with its bin masks, the requester with its score shares; the requester's queries in an
OPRF from trees (8.11)."""
INSTANCES = {MASKS: 128, SHARES: 128, QUERIES: 372}


class InconsistentOt(ValueError):
    """The extension's check failed."""


class BaseOt:
    """One direction of a round's base OTs. `key` is the party's randomness for its role in it."""

    def __init__(self, round_id: bytes, direction: int, key: bytes) -> None:
        self._round, self._direction, self._key = round_id, direction, key

    def _place(self, instance: int, branch: int) -> bytes:
        return bytes([self._direction]) + instance.to_bytes(2, "big") + bytes([branch])

    def _oracle(self, instance: int, branch: int, other: bytes) -> Element:
        parts = [self._round, self._place(instance, branch), other]
        return Element.from_uniform_bytes(labelled_hash(BASE_OT_GROUP, parts, 64))

    def _derive(self, instance: int, branch: int, offer: bytes, answer: bytes, shared: Element) -> bytes:
        parts = [self._round, self._place(instance, branch), offer, answer, shared.encode()]
        return labelled_hash(BASE_OT_KEY, parts)[:16]

    def _scalar(self, instance: int) -> int:
        return int.from_bytes(prf(self._key, [instance, 0], 64), "little") % L

    def offer(self) -> list[bytes]:
        return [(self._scalar(i) * G).encode() for i in range(INSTANCES[self._direction])]

    def answer(self, choices: int) -> list[bytes]:
        """Answers of 64 bytes; bit i of `choices` belongs to instance i. They go first, whatever the offers are."""
        answers = []
        for i in range(INSTANCES[self._direction]):
            c = choices >> i & 1
            other = Element.from_uniform_bytes(prf(self._key, [i, 1], 64)).encode()
            own = (self._scalar(i) * G - self._oracle(i, c, other)).encode()
            answers.append(other + own if c else own + other)
        return answers

    def chosen(self, choices: int, answers: list[bytes], offers: list[bytes]) -> list[bytes]:
        """The keys of the choices, once the offers are here."""
        keys = []
        for i, (answer, offer) in enumerate(zip(answers, offers, strict=True)):
            shared = self._scalar(i) * Element.decode_not_identity(offer)
            keys.append(self._derive(i, choices >> i & 1, offer, answer, shared))
        return keys

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


class ColumnHash:
    """Two POLYVALs of all blocks but the last two, xor the last two."""

    def __init__(self, keys: bytes) -> None:
        self._hashes = Polyval(keys[:16]), Polyval(keys[16:])

    def __call__(self, column: bytes) -> bytes:
        body, mask = column[:-32], column[-32:]
        return xor(b"".join(h.hash(body) for h in self._hashes), mask)


@dataclass(frozen=True)
class Extension:
    """What one extension is bound to: its direction and chunk, the trees and beta (9.2.1)."""

    direction: int
    chunk: int
    trees: bytes
    """`e` of the trees' message."""
    beta: bytes

    def _place(self) -> list[bytes]:
        return [bytes([self.direction]), self.chunk.to_bytes(4, "big"), self.beta]

    def challenge(self, matrix: bytes) -> ColumnHash:
        """V-OT-006."""
        return ColumnHash(labelled_hash(OT_CHALLENGE, [self.trees, *self._place(), matrix]))

    def masks(self, key: bytes, choices: bytes) -> bytes:
        parts = [self.chunk.to_bytes(4, "big"), bytes([self.direction]), self.beta, choices]
        return blake3.keyed_hash(key, labelled_hash(OT_CHOICES, parts), 32)

    def stream(self, leaf: bytes, blocks: int) -> bytes:
        """V-OT-007."""
        return stream(blake3.keyed_hash(leaf, self.beta, 16), self.chunk, blocks)


def _blocks(bits: int) -> int:
    return -(-bits // 128) + 2


def _rows(columns: list[bytes], count: int) -> list[int]:
    """Row i has bit j = bit i of column j."""
    digits = [format(int.from_bytes(column, "little"), f"0{8 * len(column)}b")[::-1][:count] for column in columns]
    return [int("".join(row), 2) for row in zip(*reversed(digits))]


def _columns(of: Extension, leaves: dict[int, bytes], distance: int, blocks: int) -> tuple[bytes, list[bytes]]:
    """u, the sum of all streams; and t^b for every bit b, the sum of those whose position differs there from
    `distance`."""
    streams = {p ^ distance: of.stream(key, blocks) for p, key in leaves.items()}
    bits = [total([s for p, s in streams.items() if p >> b & 1]) for b in range(K)]
    return total(list(streams.values())), bits


def extend_as_receiver(
    of: Extension, trees: list[list[bytes]], mask_key: bytes, choices: bytes, bits: int
) -> tuple[bytes, list[int]]:
    """Message, and rows t_i. `choices` has bit i of the choices in bit i mod 8 of byte i / 8."""
    blocks = _blocks(bits)
    x = choices.ljust(16 * (blocks - 2), b"\0") + of.masks(mask_key, choices)
    matrix, t = b"", []
    for leaves in trees:
        u, columns = _columns(of, dict(enumerate(leaves)), 0, blocks)
        matrix += xor(u, x)
        t += columns
    hashed = of.challenge(matrix)
    digest = labelled_hash(OT_COLUMNS, [hashed(column) for column in t])
    return matrix + hashed(x) + digest, _rows(t, bits)


def extend_as_sender(of: Extension, delta: int, trees: list[dict[int, bytes]], message: bytes, bits: int) -> list[int]:
    """Rows q_i = t_i xor x_i Delta. Raises InconsistentOt."""
    size = 16 * _blocks(bits)
    if len(message) != TREES * size + 64:
        raise ValueError("length")
    matrix, x_hash, digest = message[: TREES * size], message[-64:-32], message[-32:]
    hashed = of.challenge(matrix)
    q, expected = [], []
    for i, leaves in enumerate(trees):
        correction = matrix[i * size : (i + 1) * size]
        _, columns = _columns(of, leaves, delta >> K * i & LEAVES - 1, size // 16)
        for b, column in enumerate(columns):
            bit = delta >> K * i + b & 1
            q.append(xor(column, correction) if bit else column)
            expected.append(xor(hashed(q[-1]), x_hash) if bit else hashed(q[-1]))
    if labelled_hash(OT_COLUMNS, expected) != digest:
        raise InconsistentOt(f"chunk {of.chunk}")
    return _rows(q, bits)
