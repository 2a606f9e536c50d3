"""Policies: canonical bytes (6.3) and the shape of the round that follows from them (6.4 to 6.6).

Not the validator, which is `policy_validator.py`: what a round's sizes and numbers need, and the bounds of what is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from agreement import Reader, Refused, text
from labelled import labelled_hash
from plan import Segment, Shape, Slots

MAX_BYTES = 65_535
WEIGHTED, DICE = 1, 2
FEATURES = (1, 2, 3, 4, 5, 16, 17, 18, 19, 32, 33, 34, 35, 48, 49, 50, 64, 65, 66, 67, 68)
PARTS = (*range(1, 13), *range(16, 20), 32, 33, 34, 35, 36, 48, 49, 50, 51, 52, *range(64, 70))
DECLARED = 64
"""Code points from here on are followed by the name of a declared field."""


@dataclass(frozen=True)
class FilterSegment:
    id: str
    features: tuple[tuple[int, str], ...]
    bits: int
    hashes: int
    weights: tuple[int, int, int] | None


@dataclass(frozen=True)
class Table:
    id: int
    name: str
    key: tuple[tuple[int, str], ...]
    slots: Slots
    domain_bits: int


@dataclass(frozen=True)
class Policy:
    name: str
    schema: str
    normalisation: str
    tables_digest: bytes
    agreement: str
    lanes: int
    purpose: str
    epoch: int
    records: tuple[int, int]
    copies: tuple[int, int]
    output: int
    score: tuple[int, ...]
    """Kind, then constant, possible and perhaps strong; or numerator and denominator."""
    fields: tuple[tuple[str, int], ...]
    segments: tuple[FilterSegment, ...]
    tables: tuple[Table, ...]

    def encode(self) -> bytes:
        out = _u(1, 2) + text(self.name) + text(self.schema) + text(self.normalisation) + self.tables_digest
        out += text(self.agreement) + bytes([self.lanes]) + text(self.purpose) + _u(self.epoch, 4)
        out += b"".join(_u(n, 4) for n in self.records) + bytes([*self.copies, self.output, self.score[0]])
        if self.score[0] == WEIGHTED:
            _, constant, possible, *strong = self.score
            out += _i(constant) + _i(possible) + bytes([len(strong)]) + b"".join(map(_i, strong))
        else:
            out += b"".join(_u(n, 2) for n in self.score[1:])
        out += bytes([len(self.fields)]) + b"".join(text(name) + bytes([kind]) for name, kind in self.fields)
        out += bytes([len(self.segments)])
        for s in self.segments:
            out += text(s.id) + _kinds(s.features) + _u(s.bits, 2) + bytes([s.hashes])
            out += bytes([0]) if s.weights is None else bytes([1]) + b"".join(map(_i, s.weights))
        out += bytes([len(self.tables)])
        for t in self.tables:
            out += _u(t.id, 2) + text(t.name) + _kinds(t.key) + _slots(t.slots) + bytes([t.domain_bits])
        return out

    def digest(self) -> bytes:
        return labelled_hash("blindlink/1 policy digest", [self.encode()])


def _u(number: int, size: int) -> bytes:
    return number.to_bytes(size, "big")


def _slots(it: Slots) -> bytes:
    return b"".join(_u(n, 2) for n in (it.requester, it.responder, it.room_requester, it.room_responder))


def _i(number: int) -> bytes:
    return number.to_bytes(4, "big", signed=True)


def _kinds(kinds: tuple[tuple[int, str], ...]) -> bytes:
    return bytes([len(kinds)]) + b"".join(bytes([k]) + (text(name) if k >= DECLARED else b"") for k, name in kinds)


def _count(r: Reader, most: int) -> range:
    n = r.number(1)
    if n > most:
        raise Refused("BadField")
    return range(n)


def _signed(r: Reader) -> int:
    return int.from_bytes(r.take(4), "big", signed=True)


def _read_kinds(r: Reader, most: int, known: tuple[int, ...]) -> tuple[tuple[int, str], ...]:
    kinds = []
    for _ in _count(r, most):
        kind = r.code(known)
        kinds.append((kind, r.text(32) if kind >= DECLARED else ""))
    return tuple(kinds)


def _segment(r: Reader) -> FilterSegment:
    name, features, bits, hashes = r.text(32), _read_kinds(r, 8, FEATURES), r.number(2), r.number(1)
    weights = (_signed(r), _signed(r), _signed(r)) if r.code((0, 1)) else None
    return FilterSegment(name, features, bits, hashes, weights)


def decode(data: bytes) -> Policy:
    """V-POLICY-001."""
    if len(data) > MAX_BYTES:
        raise Refused("BadField")
    r = Reader(data)
    if r.number(2) != 1:
        raise Refused("BadField")
    name, schema, normalisation, tables = r.text(128), r.text(32), r.text(32), r.take(32)
    agreement, lanes, purpose, epoch = r.text(128), r.code(range(1, 6)), r.text(128), r.number(4)
    records, copies = (r.number(4), r.number(4)), (r.number(1), r.number(1))
    output, kind = r.code((1, 2)), r.code((WEIGHTED, DICE))
    if kind == WEIGHTED:
        score = (kind, _signed(r), _signed(r), *([_signed(r)] if r.code((0, 1)) else []))
    else:
        score = (kind, r.number(2), r.number(2))
    fields = tuple((r.text(32), r.code(range(1, 6))) for _ in _count(r, 16))
    segments = tuple(_segment(r) for _ in _count(r, 32))
    keys = []
    for _ in _count(r, 32):
        number, label, key = r.number(2), r.text(32), _read_kinds(r, 6, PARTS)
        slots = Slots(r.number(2), r.number(2), r.number(2), r.number(2))
        keys.append(Table(number, label, key, slots, r.number(1)))
    r.end()
    return Policy(
        name, schema, normalisation, tables, agreement, lanes, purpose, epoch, records, copies, output, score,
        fields, segments, tuple(keys),
    )  # fmt: skip


def score_range(segments: list[Segment], constant: int) -> tuple[int, int]:
    """Least and greatest score of honest pairs (6.5)."""
    low = high = constant
    for s in segments:
        step = s.alpha + 2 * s.beta
        low += min(0, s.nu + s.bits * min(0, s.beta, step))
        high += max(0, s.nu + s.bits * max(0, s.beta, step))
    return low, high


def ring_bits(segments: list[Segment], constant: int, thresholds: list[int]) -> int:
    """V-POLICY-017."""
    ends = score_range(segments, constant)
    largest = max(abs(end - threshold) for end in ends for threshold in thresholds)
    return max(4, largest.bit_length() + 1)


def shape(policy: Policy) -> Shape:
    """The computation; refuses sizes and copies that may not be (V-POLICY-006 to V-POLICY-008, V-POLICY-012,
    V-POLICY-013)."""
    sizes_fit = all(1 <= n <= 2**20 for n in policy.records) and all(1 <= n <= 8 for n in policy.copies)
    tables_fit = 1 <= len(policy.tables) <= 32 and all(1 <= min(t.slots.requester, t.slots.responder) and t.slots.most <= 16 for t in policy.tables)
    if not sizes_fit or not tables_fit or not policy.segments:
        raise Refused("Policy")
    if policy.score[0] == WEIGHTED:
        if any(s.weights is None for s in policy.segments):
            raise Refused("Policy")
        segments = [Segment(s.bits, *s.weights) for s in policy.segments if s.weights is not None]
        constant, thresholds = policy.score[1], list(policy.score[2:])
    else:
        p, q, n = policy.score[1], policy.score[2], len(policy.segments)
        if any(s.weights is not None for s in policy.segments) or not 1 <= p <= q <= 1000:
            raise Refused("Policy")
        segments = [Segment(s.bits, 2 * q * n, -p * n, 1) for s in policy.segments]
        constant, thresholds = -1, [0]
    if constant >= thresholds[0] or thresholds != sorted(set(thresholds)):
        raise Refused("Policy")
    return Shape(
        segments=segments,
        constant=constant,
        thresholds=thresholds,
        tables=[(t.id, t.slots) for t in policy.tables],
        copies_requester=policy.copies[0],
        copies_responder=policy.copies[1],
        records_requester=policy.records[0],
        records_responder=policy.records[1],
        mutual=policy.output == 2,
        ring_bits=ring_bits(segments, constant, thresholds),
    )
