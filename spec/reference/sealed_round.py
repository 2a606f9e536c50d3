"""One whole round (chapter 7): both parties in one process, every frame that they send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import compare
import ed25519
import okvs
from agree import REQUESTER, RESPONDER
from parties import Machine, RequesterMachine, ResponderMachine, Setting
from plan import COMPARE_CHUNK, Shape
from sides import (
    BASE_REQUESTER, BASE_RESPONDER, CHOICE, CLAIMS, COMMIT, CORRECTION, EVALUATION, GARBLED, HELLO, KEYS, POSSIBLE,
    QUERY, QUERY_DIGESTS, RECEIPT, REVEAL, STRONG, TABLE, TREES, Pair, Party,
)  # fmt: skip

__all__ = [
    "BASE_REQUESTER", "BASE_RESPONDER", "CHOICE", "CLAIMS", "COMMIT", "CORRECTION", "EVALUATION", "GARBLED", "HELLO",
    "KEYS", "POSSIBLE", "QUERY", "QUERY_DIGESTS", "RECEIPT", "REVEAL", "STRONG", "TABLE", "TREES", "Outcome", "Pair",
    "Party", "run",
]  # fmt: skip

STEPS = (HELLO, COMMIT, KEYS, BASE_REQUESTER, BASE_RESPONDER, QUERY_DIGESTS, QUERY, TABLE, TREES, CHOICE, CORRECTION,
         REVEAL, CLAIMS, RECEIPT)  # fmt: skip

Watch = Callable[[Machine], None]


@dataclass
class Outcome:
    """All frames in each party's order, and what each party learned."""

    round_id: bytes
    frames: dict[int, list[bytes]] = field(default_factory=lambda: {REQUESTER: [], RESPONDER: []})
    order: list[int] = field(default_factory=list)
    """Whose frame came next, in an order in which each side has what its frame depends on."""
    pairs: list[Pair] = field(default_factory=list)
    claims: list[tuple[int, bytes]] = field(default_factory=list)
    """Position of the own record and its pseudonym."""
    transcript: bytes = b""
    receipt: bytes = b""


def run(
    shape: Shape, policy: bytes, binding: bytes, requester: Party, responder: Party, watch: Watch = lambda _: None
) -> Outcome:
    """A round between two honest parties, in training. Checks besides that shares add up to scores. `watch` sees each
    party before every frame that it receives, and at the end."""
    keys = ed25519.public_key(requester.identity), ed25519.public_key(responder.identity)
    r = RequesterMachine(Setting(REQUESTER, shape, policy, binding, requester, *keys))
    s = ResponderMachine(Setting(RESPONDER, shape, policy, binding, responder, *keys[::-1]))
    frames = exchange(r, s, watch)
    if r.result is None or s.result is None or r.result.receipt != s.result.receipt:
        raise AssertionError("the round does not end")
    _check_shares(shape, r, s)
    outcome = Outcome(r.round_id or b"", frames, _order(frames, r.window), r.result.pairs, s.result.claims)
    outcome.transcript, outcome.receipt = r.result.transcript, r.result.receipt
    return outcome


def exchange(r: Machine, s: Machine, watch: Watch) -> dict[int, list[bytes]]:
    """Carries frames until none is left."""
    frames: dict[int, list[bytes]] = {REQUESTER: r.leave(), RESPONDER: s.leave()}
    taken = {REQUESTER: 0, RESPONDER: 0}
    while any(taken[role] < len(frames[role]) for role in frames):
        for machine, role in ((s, REQUESTER), (r, RESPONDER)):
            while taken[role] < len(frames[role]):
                taken[role] += 1
                watch(machine)
                frames[machine.setting.role] += machine.receive(frames[role][taken[role] - 1])
    watch(r)
    watch(s)
    return frames


def _order(frames: dict[int, list[bytes]], window: int) -> list[int]:
    """Step by step of 7.3. An evaluation follows its query; a garbled chunk its correction, and then a choice."""
    places = []
    for role, own in frames.items():
        for number, frame in enumerate(own):
            kind, index = frame[0], int.from_bytes(frame[1:5], "big")
            if kind == CHOICE and index >= window:
                kind, index = CORRECTION, index - window
            step = STEPS.index({EVALUATION: QUERY, GARBLED: CORRECTION}.get(kind, kind))
            places.append((step, index, role, number))
    return [role for _, _, role, _ in sorted(places)]


def _check_shares(shape: Shape, r: RequesterMachine, s: ResponderMachine) -> None:
    """rho + sigma = d for the payload that each bin really holds, noise included."""
    for number, chunk in enumerate(r.plan.chunks(COMPARE_CHUNK)):
        for i, b in enumerate(chunk):
            owner, value = r.side.owners[b], r.values[number][i]
            own = bytes(len(value)) if owner is None else r.side.party.records[owner].filter
            payload = okvs.xor(value[:-16], s.side.mask(b)[:-16])
            shares = r.side.shares[number][i] + s.side.shares[number][i]
            if (shares - compare.score(shape, own, payload)) % (1 << shape.ring_bits):
                raise AssertionError(f"shares of bin {b} do not add up")
