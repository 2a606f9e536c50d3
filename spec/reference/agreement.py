"""Agreements, statements of their signers, states (chapter 14)."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, replace

import ed25519
from labelled import labelled_hash

FORMAT, URGENT_FORMAT, MAX_BYTES, MAX_STATEMENTS = 2, 3, 8192, 256
is_key, verify = functools.cache(ed25519.is_key), functools.cache(ed25519.verify)
APPROVE, SUSPEND, RESUME = 1, 2, 3
CAPS = (4, 4, 2, 2, 8, 4, 4, 4, 2, 1)
"""Bytes of each cap."""


class Refused(ValueError):
    """The error class of chapter 10."""


class Reader:
    """Section 3.3."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def take(self, n: int) -> bytes:
        if len(self.rest) < n:
            raise Refused("Truncated")
        head, self.rest = self.rest[:n], self.rest[n:]
        return head

    def number(self, n: int) -> int:
        return int.from_bytes(self.take(n), "big")

    def code(self, allowed: Iterable[int]) -> int:
        code = self.number(1)
        if code not in allowed:
            raise Refused("BadField")
        return code

    def text(self, most: int) -> str:
        n = self.number(2)
        if n > most:
            raise Refused("BadField")
        try:
            return self.take(n).decode()
        except UnicodeDecodeError as error:
            raise Refused("BadField") from error

    def key(self) -> bytes:
        key = self.take(32)
        if not is_key(key):
            raise Refused("BadField")
        return key

    def end(self) -> None:
        if self.rest:
            raise Refused("TrailingBytes")


def text(value: str) -> bytes:
    data = value.encode()
    return len(data).to_bytes(2, "big") + data


@dataclass(frozen=True)
class Party:
    name: str
    kind: int
    role: int
    lane: int
    node: bytes
    legal_basis: str
    signers: tuple[tuple[str, bytes], tuple[str, bytes]]

    def encode(self) -> bytes:
        head = text(self.name) + bytes([self.kind, self.role, self.lane]) + self.node + text(self.legal_basis)
        return head + b"".join(text(name) + key for name, key in self.signers)


@dataclass(frozen=True)
class Urgent:
    """What it says of urgent rounds (14.9)."""

    policy: bytes
    rounds_per_day: int
    bins_per_table: int
    again_days: int

    def encode(self) -> bytes:
        numbers = ((self.rounds_per_day, 2), (self.bins_per_table, 8), (self.again_days, 2))
        return self.policy + b"".join(number.to_bytes(size, "big") for number, size in numbers)


@dataclass(frozen=True)
class Agreement:
    name: str
    version: int
    previous: bytes
    purpose: str
    lanes: int
    epoch: int
    policy: bytes
    output: int
    valid: tuple[int, int]
    caps: tuple[int, int, int, int, int, int, int, int, int, int]
    """In the order of 14.3."""
    retention: tuple[int, int, int]
    parties: tuple[Party, Party]
    suite: int = 1
    urgent: Urgent | None = None

    @property
    def claims(self) -> int:
        """Matches that the requester returns at most."""
        return self.caps[5]

    @property
    def matches(self) -> int:
        """More than these end a round (V-SETTLE-012)."""
        return self.caps[6]

    def encode(self) -> bytes:
        parts = [
            (URGENT_FORMAT if self.urgent else FORMAT).to_bytes(2, "big"), text(self.name), self.version.to_bytes(4, "big"), self.previous,
            text(self.purpose), bytes([self.lanes]), self.epoch.to_bytes(4, "big"), self.policy,
            self.suite.to_bytes(2, "big"), bytes([self.output]),
            *(second.to_bytes(8, "big") for second in self.valid),
            *(cap.to_bytes(size, "big") for cap, size in zip(self.caps, CAPS)),
            *(days.to_bytes(2, "big") for days in self.retention),
            self.urgent.encode() if self.urgent else b"",
            *(party.encode() for party in self.parties),
        ]  # fmt: skip
        return b"".join(parts)

    def digest(self) -> bytes:
        return labelled_hash("blindlink/1 agreement digest", [self.encode()])

    def side_of(self, key: bytes) -> int | None:
        return next((i for i, p in enumerate(self.parties) if key in (k for _, k in p.signers)), None)


def _party(r: Reader) -> Party:
    name, kind, role, lane = r.text(128), r.code(range(1, 11)), r.code(range(1, 4)), r.code(range(1, 6))
    node, basis = r.key(), r.text(512)
    return Party(name, kind, role, lane, node, basis, ((r.text(128), r.key()), (r.text(128), r.key())))


def decode(data: bytes) -> Agreement:
    """V-AGREE-001."""
    r = Reader(data)
    if len(data) > MAX_BYTES:
        raise Refused("BadField")
    written = r.number(2)
    if written not in (FORMAT, URGENT_FORMAT):
        raise Refused("BadField")
    name, version, previous, purpose = r.text(128), r.number(4), r.take(32), r.text(128)
    lanes, epoch, policy = r.code(range(1, 6)), r.number(4), r.take(32)
    suite, output = r.number(2), r.code((1, 2))
    valid = (r.number(8), r.number(8))
    caps = tuple(r.number(size) for size in CAPS)
    retention = (r.number(2), r.number(2), r.number(2))
    urgent = Urgent(r.take(32), r.number(2), r.number(8), r.number(2)) if written == URGENT_FORMAT else None
    parties = (_party(r), _party(r))
    r.end()
    return Agreement(
        name, version, previous, purpose, lanes, epoch, policy, output, valid, caps, retention, parties, suite,
        urgent,
    )  # type: ignore[arg-type]


@dataclass(frozen=True)
class Statement:
    kind: int
    agreement: bytes
    signer: bytes
    rest: bytes
    """Time and nonce of a suspension, or the suspension that is lifted."""
    signature: bytes = b""

    def unsigned(self) -> bytes:
        return bytes([self.kind]) + self.agreement + self.signer + self.rest

    def message(self) -> bytes:
        return labelled_hash("blindlink/1 agreement statement", [self.unsigned()])

    def digest(self) -> bytes:
        return labelled_hash("blindlink/1 statement digest", [self.unsigned()])

    def encode(self) -> bytes:
        return self.unsigned() + self.signature


def sign(kind: int, agreement: Agreement, secret: bytes, rest: bytes = b"") -> Statement:
    statement = Statement(kind, agreement.digest(), ed25519.public_key(secret), rest)
    return replace(statement, signature=ed25519.sign(secret, statement.message()))


def decode_statement(data: bytes) -> Statement:
    r = Reader(data)
    kind = r.number(1)
    agreement, signer = r.take(32), r.key()
    if kind not in (APPROVE, SUSPEND, RESUME):
        raise Refused("BadField")
    rest = r.take({APPROVE: 0, SUSPEND: 24, RESUME: 32}[kind])
    signature = r.take(64)
    r.end()
    return Statement(kind, agreement, signer, rest, signature)


def state(agreement: Agreement, statements: list[Statement], now: int) -> str:
    """V-AGREE-012 to V-AGREE-015."""
    if len(statements) > MAX_STATEMENTS:
        raise Refused("BadStatement")
    for s in statements:
        known = s.agreement == agreement.digest() and agreement.side_of(s.signer) is not None
        if not known or not verify(s.signer, s.message(), s.signature):
            raise Refused("BadStatement")
    approved = {s.signer for s in statements if s.kind == APPROVE}
    lifted = {(s.rest, s.signer) for s in statements if s.kind == RESUME}

    def holds(suspension: Statement) -> bool:
        side = agreement.side_of(suspension.signer)
        assert side is not None
        return any((suspension.digest(), key) not in lifted for _, key in agreement.parties[side].signers)

    if not approved:
        return "draft"
    if len(approved) < 4:
        return "partly_signed"
    if now >= agreement.valid[1]:
        return "expired"
    if any(holds(s) for s in statements if s.kind == SUSPEND):
        return "suspended"
    return "not_yet_valid" if now < agreement.valid[0] else "in_force"
