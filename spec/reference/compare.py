"""Corrections (8.7) and the garbled sign (8.8)."""

from __future__ import annotations

from cipher import Tccr, stream
from plan import Shape


def bit(data: bytes, i: int) -> int:
    return data[i // 8] >> i % 8 & 1 if i // 8 < len(data) else 0


def coefficients(shape: Shape, filter_bits: bytes) -> list[int]:
    """One number a payload bit: filter, presence, and 0 for what fills the last byte. `filter_bits` holds the presence
    bits after the filter."""
    own, presence, first = [], [], 0
    for f, segment in enumerate(shape.segments):
        present = bit(filter_bits, shape.filter_bits + f)
        bits = [bit(filter_bits, first + b) for b in range(segment.bits)]
        own += [segment.alpha * x + segment.beta * present for x in bits]
        presence.append(segment.beta * sum(bits) + segment.nu * present)
        first += segment.bits
    return own + presence + [0] * (shape.payload_bits - len(own) - len(presence))


def score(shape: Shape, requester: bytes, responder: bytes) -> int:
    """The score in the clear: what the shares must add up to."""
    return shape.constant + sum(a for i, a in enumerate(coefficients(shape, requester)) if bit(responder, i))


def pack(numbers: list[int], bits: int) -> bytes:
    """Numbers of so many bits, least significant bit first, one after another."""
    total = sum((number & (1 << bits) - 1) << i * bits for i, number in enumerate(numbers))
    return total.to_bytes(-(-len(numbers) * bits // 8), "little")


def unpack(data: bytes, bits: int, count: int) -> list[int]:
    total = int.from_bytes(data, "little")
    return [total >> i * bits & (1 << bits) - 1 for i in range(count)]


def correct(
    shape: Shape, pads: Tccr, rows: list[int], delta: int, payloads: list[bytes], weights: list[list[int]]
) -> tuple[bytes, list[int]]:
    """The requester's corrections and its shares of the scores."""
    w, k = shape.payload_bits, shape.ring_bits
    modulus = 1 << k
    places = range(len(payloads) * w)
    zeros, ones = pads.hash(rows, places), pads.hash([row ^ delta for row in rows], places)
    corrections, shares = [], []
    for i, (payload, own) in enumerate(zip(payloads, weights, strict=True)):
        share = shape.constant
        for b, a in enumerate(own):
            tweak = i * w + b
            r = bit(payload, b)
            corrections.append((zeros[tweak] + a * (1 - 2 * r) - ones[tweak]) % modulus)
            share += a * r - zeros[tweak]
        shares.append(share % modulus)
    return pack(corrections, k), shares


def absorb(shape: Shape, pads: Tccr, rows: list[int], corrections: bytes, masks: list[bytes]) -> list[int]:
    """The responder's shares."""
    w, k = shape.payload_bits, shape.ring_bits
    numbers = unpack(corrections, k, len(masks) * w)
    hashes = pads.hash(rows, range(len(masks) * w))
    shares = []
    for i, mask in enumerate(masks):
        share = 0
        for b in range(w):
            tweak = i * w + b
            share += hashes[tweak] + bit(mask, b) * numbers[tweak]
        shares.append(share % (1 << k))
    return shares


def active_labels(seed: bytes, circuit: int, count: int) -> list[int]:
    """The labels that the requester will hold for the responder's input bits."""
    data = stream(seed, circuit, count)
    return [int.from_bytes(data[i : i + 16], "little") for i in range(0, len(data), 16)]


class _Gates:
    """AND gates over all bins of a chunk, counted through all circuits; XOR is free."""

    def __init__(self, gate_hash: Tccr, first_gate: int) -> None:
        self._hash, self._gate = gate_hash, first_gate

    def _hashes(self, wire: list[int], half: int) -> list[int]:
        n = len(wire)
        return self._hash.hash(wire, [2 * (self._gate * n + i) + half for i in range(n)])

    def conjunction(self, a: list[int], b: list[int]) -> list[int]:
        raise NotImplementedError

    def top_bit(self, a: list[list[int]], b: list[list[int]]) -> list[int]:
        """Top bit of the sum of two numbers, given as wires from the least significant bit on."""
        carry = self.conjunction(a[0], b[0])
        for x, y in zip(a[1:-1], b[1:-1]):
            carry = _xor(carry, self.conjunction(_xor(x, carry), _xor(y, carry)))
        return _xor(_xor(a[-1], b[-1]), carry)


def _xor(a: list[int], b: list[int]) -> list[int]:
    return [x ^ y for x, y in zip(a, b, strict=True)]


class Garbler(_Gates):
    def __init__(self, gate_hash: Tccr, first_gate: int, delta: int) -> None:
        super().__init__(gate_hash, first_gate)
        self._delta, self.tables = delta, b""

    def conjunction(self, a: list[int], b: list[int]) -> list[int]:
        """Half gates (eprint 2014/756): garbler's half with a's colour, evaluator's half with b's."""
        d = self._delta
        a0, a1 = self._hashes(a, 0), self._hashes([x ^ d for x in a], 0)
        b0, b1 = self._hashes(b, 1), self._hashes([x ^ d for x in b], 1)
        self._gate += 1
        out = []
        for i in range(len(a)):
            garbler = a0[i] ^ a1[i] ^ (d if b[i] & 1 else 0)
            evaluator = b0[i] ^ b1[i] ^ a[i]
            self.tables += garbler.to_bytes(16, "little") + evaluator.to_bytes(16, "little")
            out.append(a0[i] ^ (garbler if a[i] & 1 else 0) ^ b0[i] ^ (evaluator ^ a[i] if b[i] & 1 else 0))
        return out


class Evaluator(_Gates):
    def __init__(self, gate_hash: Tccr, first_gate: int, tables: bytes) -> None:
        super().__init__(gate_hash, first_gate)
        self._tables = [int.from_bytes(tables[i : i + 16], "little") for i in range(0, len(tables), 16)]

    def conjunction(self, a: list[int], b: list[int]) -> list[int]:
        ha, hb = self._hashes(a, 0), self._hashes(b, 1)
        self._gate += 1
        out = []
        for i in range(len(a)):
            garbler, evaluator = self._tables[2 * i : 2 * i + 2]
            out.append(ha[i] ^ (garbler if a[i] & 1 else 0) ^ hb[i] ^ (evaluator ^ a[i] if b[i] & 1 else 0))
        self._tables = self._tables[2 * len(a) :]
        return out


def wires(labels: list[int], k: int) -> list[list[int]]:
    """k labels a bin, bin after bin, to one list a wire."""
    return [labels[i::k] for i in range(k)]


def garble(
    gate_hash: Tccr, delta: int, k: int, first_gate: int, theirs: list[int], active: list[int], shares: list[int]
) -> tuple[bytes, list[int]]:
    """Tables, and the label that means "reached" (top bit 0) for every bin."""
    own = [label ^ (delta if shares[i // k] >> i % k & 1 else 0) for i, label in enumerate(active)]
    garbler = Garbler(gate_hash, first_gate, delta)
    reached = garbler.top_bit(wires(theirs, k), wires(own, k))
    return garbler.tables, reached


def evaluate(
    gate_hash: Tccr, k: int, first_gate: int, own: list[int], theirs: list[int], tables: bytes
) -> list[int]:
    return Evaluator(gate_hash, first_gate, tables).top_bit(wires(own, k), wires(theirs, k))
