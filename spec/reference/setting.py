"""What one party of a round has when it begins, and when it is over."""

from __future__ import annotations

from dataclasses import dataclass

import log_head
from plan import Shape
from sides import Pair, Party


@dataclass(frozen=True)
class Setting:
    """What one party has when a round begins."""

    role: int
    shape: Shape
    policy: bytes
    binding: bytes
    party: Party
    """Without an identity's secret there is no receipt: so a side is made again (16.4)."""
    own: bytes
    peer: bytes
    agreement: bytes = b""
    """Canonical bytes; empty in training."""
    agreement_digest: bytes = bytes(32)
    claims: int | None = None
    """`caps.claims` of the agreement."""
    matches: int | None = None
    """`caps.matches` of the agreement, in mutual mode."""
    suite: int = 1
    head: bytes = bytes(log_head.HEAD_BYTES)
    """Of the own log, as in the hello (7.5)."""
    known: log_head.Checkpoint | None = log_head.NOTHING
    """What this side cosigned last of the peer's log; None where it is made again and nobody knows."""
    time: int = 0
    """Of the cosignature."""


@dataclass
class Result:
    """What a party has when the round is over."""

    pairs: list[Pair]
    claims: list[tuple[int, bytes]]
    transcript: bytes
    receipt: bytes
    cosigned: log_head.Checkpoint
    """Of the peer's log: durable before anything that depends on the round id leaves (V-COSIGN-001)."""
    cosignature: bytes
    """The peer's, of the own log."""
