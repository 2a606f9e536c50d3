"""The head of a node's audit log in its hello, and the cosignature of the peer's (7.5)."""

from __future__ import annotations

from dataclasses import dataclass, field

import audit
import ed25519
from agreement import Reader, Refused
from audit_log import origin

MOST = 64
"""Hashes of a consistency proof."""
HEAD_BYTES = 8 + 32 + 64 + 8 + 1 + 32 * MOST
NOTHING = (0, audit.root([]))
"""What a node has cosigned of a log that it does not know yet."""

Checkpoint = tuple[int, bytes]
"""Size and root."""


def text_of(identity: bytes, checkpoint: Checkpoint) -> str:
    return audit.checkpoint(origin(identity), *checkpoint)


@dataclass(frozen=True)
class LogHead:
    size: int
    root: bytes
    signature: bytes
    since: int
    """Size of the checkpoint that the peer cosigned last, as far as the sender knows; 0 if none."""
    proof: list[bytes] = field(default_factory=list)

    def encode(self) -> bytes:
        proof = b"".join(self.proof).ljust(32 * MOST, b"\0")
        numbers = self.since.to_bytes(8, "big") + bytes([len(self.proof)])
        return self.size.to_bytes(8, "big") + self.root + self.signature + numbers + proof


def head_of(secret: bytes, leaves: list[bytes], since: int = 0) -> LogHead:
    """Of a log with these leaf hashes."""
    checkpoint = len(leaves), audit.root(leaves)
    signature = ed25519.sign(secret, text_of(ed25519.public_key(secret), checkpoint).encode())
    return LogHead(*checkpoint, signature, since, audit.consistency(leaves, since) if since else [])


def read(data: bytes) -> LogHead:
    """The form."""
    r = Reader(data)
    size, root, signature, since, count = r.number(8), r.take(32), r.take(64), r.number(8), r.number(1)
    hashes = r.take(32 * MOST)
    r.end()
    if size == 0 or count > MOST or any(hashes[32 * count :]):
        raise Refused("BadField")
    return LogHead(size, root, signature, since, [hashes[32 * i : 32 * i + 32] for i in range(count)])


def check_signed(data: bytes, peer: bytes) -> LogHead:
    """V-HELLO-009."""
    head = read(data)
    if not ed25519.verify(peer, text_of(peer, (head.size, head.root)).encode(), head.signature):
        raise Refused("BadSignature")
    return head


def check(data: bytes, peer: bytes, known: Checkpoint | None) -> Checkpoint:
    """The peer's checkpoint, if it is one that this side may cosign after the one that it cosigned last. Without that,
    as when a side is made again, only form and signature are checked."""
    head = check_signed(data, peer)
    found = head.size, head.root
    if known is None or found == known:
        return found
    # V-HELLO-010
    if head.size < known[0] or head.since < known[0]:
        raise Refused("StateLost")
    if head.size == known[0] or head.since > known[0]:
        raise Refused("HistoryMismatch")
    try:
        audit.check_consistency(*known, *found, head.proof)
    except audit.Refused as refused:
        raise Refused("HistoryMismatch") from refused
    return found


def cosignature(secret: bytes, time: int, peer: bytes, checkpoint: Checkpoint) -> bytes:
    """Body of the frame."""
    return time.to_bytes(8, "big") + ed25519.sign(secret, audit.timed(time, text_of(peer, checkpoint)))


def check_cosignature(body: bytes, peer: bytes, own: bytes, checkpoint: Checkpoint) -> None:
    """V-COSIGN-002."""
    signed = audit.timed(int.from_bytes(body[:8], "big"), text_of(own, checkpoint))
    if not ed25519.verify(peer, signed, body[8:]):
        raise Refused("BadSignature")
