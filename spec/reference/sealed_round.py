"""One whole round (chapter 7): both parties in one process, every frame that they send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import compare
import ed25519
import okvs
from agree import REQUESTER, RESPONDER
from kinds import (
    BASE_REQUESTER, BASE_RESPONDER, CHOICE, CLAIMS, COMMIT, CORRECTION, COSIGNATURE, EVALUATION, GARBLED, HELLO, KEYS,
    PSEUDONYMS, QUERY, QUERY_DIGESTS, RECEIPT, SEAL_KEYS, TABLE,
)  # fmt: skip
from log_head import NOTHING, Checkpoint
from parties import Machine, RequesterMachine, ResponderMachine, Setting
from plan import COMPARE_CHUNK, Shape
from sides import Pair, Party

STEPS = (HELLO, COMMIT, KEYS, BASE_REQUESTER, QUERY_DIGESTS, BASE_RESPONDER, QUERY, TABLE, CHOICE, CORRECTION,
         SEAL_KEYS, PSEUDONYMS, CLAIMS, COSIGNATURE, RECEIPT)  # fmt: skip

Watch = Callable[[Machine], None]


@dataclass(frozen=True)
class Log:
    """What a party brings of the audit logs, and its clock."""

    head: bytes
    known: Checkpoint = NOTHING
    time: int = 0


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
    late_id: bytes = b""
    walks: int = 0
    """Queries of R that moved on in its cuckoo tables."""


def run(
    shape: Shape, policy: bytes, binding: bytes, parties: tuple[Party, Party], logs: tuple[Log, Log],
    watch: Watch = lambda _: None, suite: int = 1,
) -> Outcome:  # fmt: skip
    """A round between two honest parties, R's first, in training. Checks besides that shares add up to scores. `watch`
    sees each party before every frame that it receives, and at the end."""
    keys = [ed25519.public_key(party.identity) for party in parties]
    settings = [
        Setting(
            role, shape, policy, binding, parties[i], keys[i], keys[1 - i], head=logs[i].head, known=logs[i].known,
            time=logs[i].time, suite=suite,
        )
        for i, role in enumerate((REQUESTER, RESPONDER))
    ]  # fmt: skip
    r, s = RequesterMachine(settings[0]), ResponderMachine(settings[1])
    frames = exchange(r, s, watch)
    if r.result is None or s.result is None or r.result.receipt != s.result.receipt:
        raise AssertionError("the round does not end")
    _check_shares(shape, r, s)
    outcome = Outcome(r.round_id or b"", frames, _order(frames, r.window), r.result.pairs, s.result.claims)
    outcome.transcript, outcome.receipt = r.result.transcript, r.result.receipt
    outcome.late_id, outcome.walks = r.side.late_id, r.side.walks
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
            own, value = r.side.filters[b], r.values[number][i]
            payload = okvs.xor(value, s.side.mask(b))[: shape.payload_bits // 8]
            shares = r.side.shares[number][i] + s.side.shares[number][i]
            if (shares - compare.score(shape, own, payload)) % (1 << shape.ring_bits):
                raise AssertionError(f"shares of bin {b} do not add up")
