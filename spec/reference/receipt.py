"""Receipts (12.2)."""

from __future__ import annotations

from dataclasses import dataclass

import ed25519
from agreement import Reader, Refused
from labelled import labelled_hash


@dataclass(frozen=True)
class Statement:
    round: bytes
    transcript: bytes
    policy: bytes
    agreement: bytes
    requester: bytes
    responder: bytes
    numbers: tuple[int, int, int]
    """Padded sizes of requester and responder, bins in all."""

    def encode(self) -> bytes:
        digests = self.round + self.transcript + self.policy + self.agreement + self.requester + self.responder
        return digests + b"".join(number.to_bytes(4, "big") for number in self.numbers)

    def signed(self) -> bytes:
        return labelled_hash("blindlink/2 receipt", [self.encode()])

    def message(self, secret: bytes) -> bytes:
        """Body of the receipt message."""
        return self.transcript + ed25519.sign(secret, self.signed())


def check_message(own: Statement, peer: bytes, body: bytes) -> bytes:
    """V-RECEIPT-001, V-RECEIPT-002: the peer's signature."""
    r = Reader(body)
    transcript, signature = r.take(32), r.take(64)
    r.end()
    if transcript != own.transcript:
        raise Refused("TranscriptMismatch")
    if not ed25519.verify(peer, own.signed(), signature):
        raise Refused("BadSignature")
    return signature


def read(data: bytes) -> Statement:
    """A receipt whose two signatures verify under the keys that it names."""
    r = Reader(data)
    parts = [r.take(32) for _ in range(6)]
    statement = Statement(*parts, (r.number(4), r.number(4), r.number(4)))
    signatures = (r.take(64), r.take(64))
    r.end()
    for key, signature in zip((statement.requester, statement.responder), signatures):
        if not ed25519.is_key(key):
            raise Refused("BadField")
        if not ed25519.verify(key, statement.signed(), signature):
            raise Refused("BadSignature")
    return statement
