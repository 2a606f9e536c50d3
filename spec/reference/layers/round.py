"""One whole small round, every frame by its digest."""

from __future__ import annotations

from typing import Any

import agree
import compare
import sealed_round
from agree import REQUESTER, RESPONDER, Record
from layers import logs
from layers.common import Tests, seed_bytes
from plan import Plan, Segment, Shape
from sealed_round import Log
from seals import POSSIBLE, STRONG
from sides import Party, kept

SHAPE = Shape(
    segments=[Segment(18, 12, -2, 0), Segment(10, 14, -3, 2)],
    constant=-10,
    thresholds=[44, 56],
    tables=[(1, 2), (7, 1)],
    copies_requester=1,
    copies_responder=2,
    records_requester=3,
    records_responder=4,
    mutual=True,
    ring_bits=9,
)
POLICY = b"vector: the round takes the policy as opaque bytes"


def _filter(label: str, flips: list[int] | None = None) -> bytes:
    """Bits of density 1/4 from a label, some of them flipped; both fields present."""
    first, second = seed_bytes(f"{label} first", 4), seed_bytes(f"{label} second", 4)
    bits = int.from_bytes(first, "little") & int.from_bytes(second, "little") & (1 << SHAPE.filter_bits) - 1
    for flip in flips or []:
        bits ^= 1 << flip
    bits |= 0b11 << SHAPE.filter_bits
    return bits.to_bytes(4, "little")


def _token(label: str) -> bytes:
    return seed_bytes(f"round token {label}", 16)


def _record(side: str, number: int, filter_bits: bytes, tokens: list[list[str]]) -> Record:
    digest = seed_bytes(f"round record {side} {number}")
    return Record(digest, filter_bits, [[_token(label) for label in labels] for labels in tokens])


def _parties() -> tuple[Party, Party]:
    """Met: 0 with 1 in both tables (equal filters, score 56), 1 with 2 (two bits differ, score 44), 2 with 0 (others).
    The scores are exactly at the thresholds."""
    requester = [
        _record("requester", 0, _filter("person 0"), [["x0", "x1"], ["y0"]]),
        _record("requester", 1, _filter("person 1"), [["x2"], ["y1"]]),
        _record("requester", 2, _filter("person 2"), [["x3", "x4"], []]),
    ]
    responder = [
        _record("responder", 0, _filter("person 3"), [["x4", "x9"], ["y5"]]),
        _record("responder", 1, _filter("person 0"), [["x0"], ["y0"]]),
        _record("responder", 2, _filter("person 1", [2, 5]), [["x2", "x8"], []]),
    ]
    return tuple(
        Party(seed_bytes(f"round seed {side}"), seed_bytes(f"round identity {side}"), records)
        for side, records in (("requester", requester), ("responder", responder))
    )  # type: ignore[return-value]


def _party(party: Party) -> dict[str, Any]:
    return {
        "seed": party.seed.hex(),
        "identity_secret": party.identity.hex(),
        "records": [
            {
                "digest": record.digest.hex(),
                "filter": record.filter.hex(),
                "tokens": [[token.hex() for token in table] for table in record.tokens],
            }
            for record in party.records
        ],
    }


def _frames(frames: list[bytes]) -> list[dict[str, Any]]:
    return [
        {
            "kind": frame[0],
            "index": int.from_bytes(frame[1:5], "big"),
            "length": len(frame),
            "digest": agree.frame_digest(frame).hex(),
        }
        | ({"frame": frame.hex()} if len(frame) <= 300 else {})
        for frame in frames
    ]


def _shape() -> dict[str, Any]:
    return {
        "segments": [{"bits": s.bits, "alpha": s.alpha, "beta": s.beta, "nu": s.nu} for s in SHAPE.segments],
        "constant": SHAPE.constant,
        "possible": SHAPE.thresholds[0],
        "strong": SHAPE.thresholds[1],
        "tables": [{"id": table, "slots": slots} for table, slots in SHAPE.tables],
        "copies_requester": SHAPE.copies_requester,
        "copies_responder": SHAPE.copies_responder,
        "records_requester": SHAPE.records_requester,
        "records_responder": SHAPE.records_responder,
        "mutual": SHAPE.mutual,
                "ring_bits": SHAPE.ring_bits,
    }


def _expected_pairs(requester: Party, responder: Party) -> list[tuple[int, int, int, list[int]]]:
    """The ideal functionality: (own, theirs, grade, tables)."""
    found = []
    for i, own in enumerate(requester.records):
        for j, theirs in enumerate(responder.records):
            met = [t for (t, _), x, y in zip(SHAPE.tables, own.tokens, theirs.tokens) if set(x) & set(y)]
            reached = [compare.score(SHAPE, own.filter, theirs.filter) >= threshold for threshold in SHAPE.thresholds]
            if met and reached[0]:
                found.append((i, j, sealed_round.STRONG if reached[1] else sealed_round.POSSIBLE, met))
    return found


def files() -> dict[str, dict[str, Any]]:
    requester, responder = _parties()
    binding = seed_bytes("round binding")
    outcome = sealed_round.run(SHAPE, POLICY, binding, requester, responder)
    positions = {pseudonym: own for own, pseudonym in outcome.claims}
    learned = [(p.own, positions[p.pseudonym], p.grade, p.tables) for p in outcome.pairs]
    if sorted(learned) != _expected_pairs(requester, responder) or {g for _, _, g, _ in learned} != {0, 1}:
        raise ValueError(f"the round did not give what it must: {learned}")
    tests = Tests()
    tests.valid(
        "three against three records, two tables, two thresholds, mutual",
        "Round",
        shape=_shape(),
        policy=POLICY.hex(),
        binding=binding.hex(),
        requester=_party(requester),
        responder=_party(responder),
        round_id=outcome.round_id.hex(),
        requester_frames=_frames(outcome.frames[REQUESTER]),
        responder_frames=_frames(outcome.frames[RESPONDER]),
        pairs=[
            {"own": p.own, "pseudonym": p.pseudonym.hex(), "grade": ("possible", "strong")[p.grade], "tables": p.tables}
            for p in outcome.pairs
        ],
        claims=[{"own": own, "pseudonym": pseudonym.hex()} for own, pseudonym in outcome.claims],
        transcript=outcome.transcript.hex(),
        receipt=outcome.receipt.hex(),
    )
    notes = {"Round": "every frame of both parties from their seeds and inputs; long frames by length and digest"}
    return {"round": tests.document("round", "spec/07-round.md to spec/12-receipt.md", "spec/reference", notes)}
