"""Inquiries (11.8) and check words (11.9)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agreement import APPROVE, Reader, Refused, Statement, decode_statement
from labelled import labelled_hash

INQUIRY, ABORT = 0x72, 0x7F
VERSION = 2
MAX_AGREEMENTS, MAX_STATEMENTS = 16, 32
WORDS = Path(__file__).resolve().parents[1] / "tables" / "check_words.txt"


@dataclass(frozen=True)
class Inquiry:
    version: int
    time: int
    closed_until: int
    cosigned: int
    """Size of the receiver's audit log that the sender cosigned last."""
    agreements: tuple[tuple[bytes, bytes], ...]
    """Digests of agreement and policy."""
    statements: tuple[Statement, ...]

    def encode(self) -> bytes:
        data = bytes([INQUIRY]) + bytes(4) + self.version.to_bytes(2, "big")
        data += self.time.to_bytes(8, "big") + self.closed_until.to_bytes(8, "big")
        data += self.cosigned.to_bytes(8, "big")
        data += bytes([len(self.agreements)]) + b"".join(a + p for a, p in self.agreements)
        statements = [s.encode() for s in self.statements]
        return data + bytes([len(statements)]) + b"".join(bytes([len(s)]) + s for s in statements)


def inquiry(
    time: int, closed_until: int, cosigned: int, agreements: list[tuple[bytes, bytes]], statements: list[Statement]
) -> Inquiry:
    """What a side says: V-CHECK-002, and suspensions and what lifts them before approvals."""
    named = tuple(sorted(set(agreements))[:MAX_AGREEMENTS])
    said = tuple(sorted(statements, key=lambda s: s.kind == APPROVE)[:MAX_STATEMENTS])
    return Inquiry(VERSION, time, closed_until, cosigned, named, said)


def decode(frame: bytes) -> Inquiry:
    """V-CHECK-003, V-CHECK-004: the form; who may have said a statement is not asked here."""
    if len(frame) < 5:
        raise Refused("Truncated")
    kind, index = frame[0], int.from_bytes(frame[1:5], "big")
    if kind == ABORT:
        raise Refused("Aborted" if len(frame) == 7 else "Truncated")
    if kind != INQUIRY or index != 0:
        raise Refused("Unexpected")
    r = Reader(frame[5:])
    version, time, closed_until, cosigned = r.number(2), r.number(8), r.number(8), r.number(8)
    count = r.number(1)
    if count > MAX_AGREEMENTS:
        raise Refused("BadField")
    agreements = tuple((r.take(32), r.take(32)) for _ in range(count))
    if any(one >= two for one, two in zip(agreements, agreements[1:], strict=False)):
        raise Refused("BadField")
    count = r.number(1)
    if count > MAX_STATEMENTS:
        raise Refused("BadField")
    statements = tuple(decode_statement(r.take(r.number(1))) for _ in range(count))
    r.end()
    return Inquiry(version, time, closed_until, cosigned, agreements, statements)


def check_words(one: bytes, other: bytes) -> list[str]:
    """V-PAIR-001."""
    words = WORDS.read_text(encoding="ascii").split()
    digest = labelled_hash("blindlink/2 check words", sorted((one, other)))
    return [words[byte] for byte in digest[:16]]
