"""One whole small round, every frame by its digest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import agree
import compare
import sealed_round
from agree import REQUESTER, RESPONDER, Record
from layers import logs
from layers.common import Tests, seed_bytes
from plan import Segment, Shape, Slots, both
from sealed_round import Log
from seals import POSSIBLE, STRONG
from sides import Party, kept

SHAPE = Shape(
    segments=[Segment(18, 12, -2, 0), Segment(10, 14, -3, 2)],
    constant=-10,
    thresholds=[44, 56],
    tables=[(1, Slots(2, 3, 150, 250)), (7, both(1))],
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


def _party(party: Party, of: Log) -> dict[str, Any]:
    return {
        "log": logs.written(of),
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


def written_slots(table: int, slots: Slots) -> dict[str, int]:
    return {
        "id": table, "slots_requester": slots.requester, "slots_responder": slots.responder,
        "room_requester": slots.room_requester, "room_responder": slots.room_responder,
    }  # fmt: skip


def written_shape(shape: Shape) -> dict[str, Any]:
    return {
        "segments": [{"bits": s.bits, "alpha": s.alpha, "beta": s.beta, "nu": s.nu} for s in shape.segments],
        "constant": shape.constant, **dict(zip(("possible", "strong"), shape.thresholds)),
        "tables": [written_slots(table, slots) for table, slots in shape.tables],
        "copies_requester": shape.copies_requester, "copies_responder": shape.copies_responder,
        "records_requester": shape.records_requester, "records_responder": shape.records_responder,
        "mutual": shape.mutual, "ring_bits": shape.ring_bits,
    }  # fmt: skip


def _expected(shape: Shape, parties: tuple[Party, Party]) -> list[tuple[int, int, int, list[int]]]:
    """The ideal functionality: (own, theirs, grade, tables), where every holder of a token is kept."""
    found = []
    for i, own in enumerate(parties[0].records):
        for j, theirs in enumerate(parties[1].records):
            met = [t for (t, _), x, y in zip(shape.tables, own.tokens, theirs.tokens) if set(x) & set(y)]
            reached = [compare.score(shape, own.filter, theirs.filter) >= threshold for threshold in shape.thresholds]
            if met and reached[0]:
                found.append((i, j, STRONG if reached[-1] and len(reached) > 1 else POSSIBLE, met))
    return found


def _test(
    tests: Tests, comment: str, shape: Shape, parties: tuple[Party, Party], both: tuple[Log, Log], suite: int = 1
) -> sealed_round.Outcome:  # fmt: skip
    binding = seed_bytes("round binding")
    outcome = sealed_round.run(shape, POLICY, binding, parties, both, suite=suite)
    tests.valid(
        comment, "Round", suite=suite, shape=written_shape(shape), policy=POLICY.hex(), binding=binding.hex(),
        requester=_party(parties[0], both[0]), responder=_party(parties[1], both[1]), round_id=outcome.round_id.hex(),
        late_id=outcome.late_id.hex(), requester_frames=_frames(outcome.frames[REQUESTER]),
        responder_frames=_frames(outcome.frames[RESPONDER]),
        pairs=[
            {"own": p.own, "pseudonym": p.pseudonym.hex(), "grade": ("possible", "strong")[p.grade], "tables": p.tables}
            for p in outcome.pairs
        ],
        claims=[{"own": own, "pseudonym": pseudonym.hex()} for own, pseudonym in outcome.claims],
        transcript=outcome.transcript.hex(), receipt=outcome.receipt.hex(),
    )  # fmt: skip
    return outcome


def _crowded() -> tuple[Shape, tuple[Party, Party]]:
    """Forty records against twelve; a token that nine share, and tables so full that queries walk."""
    shape = replace(
        SHAPE, segments=[Segment(10, 14, -3, 2)], constant=-10, thresholds=[8], tables=[(3, both(2))], copies_requester=2,
        records_requester=40, records_responder=12, ring_bits=8,
    )  # fmt: skip
    parties = []
    for side, count in (("requester", 40), ("responder", 12)):
        records = [
            Record(
                seed_bytes(f"crowded record {side} {n}"), (3 * (n % 4 + 5) | 1 << 10).to_bytes(2, "little"),
                [sorted({_token(f"crowd {n % 3}") if n < 9 else _token(f"of {n}"), _token(f"other {n}")})],
            )
            for n in range(count)
        ]  # fmt: skip
        parties.append(Party(seed_bytes(f"crowded seed {side}"), seed_bytes(f"crowded identity {side}"), records))
    return shape, (parties[0], parties[1])


def _check_crowded(shape: Shape, parties: tuple[Party, Party], outcome: sealed_round.Outcome) -> None:
    """What the test is for does happen: holders that are not kept, and walks."""
    for role, party, copies in ((0, parties[0], 2), (1, parties[1], 2)):
        tokens = [token for record in party.records for token in record.tokens[0]]
        if len(kept(party.records, 0, 2, copies, 2**20, bytes(32))) >= len(tokens):
            raise ValueError(f"side {role} keeps every holder")
    if outcome.walks < 3 or not outcome.pairs:
        raise ValueError(f"{outcome.walks} walks, {len(outcome.pairs)} pairs")


def files() -> dict[str, dict[str, Any]]:
    parties, tests = _parties(), Tests()
    both = logs.logs([party.identity for party in parties])
    outcome = _test(tests, "three against three records, two tables, two thresholds, mutual", SHAPE, parties, both)
    positions = {pseudonym: own for own, pseudonym in outcome.claims}
    learned = [(p.own, positions[p.pseudonym], p.grade, p.tables) for p in outcome.pairs]
    if sorted(learned) != _expected(SHAPE, parties) or {g for _, _, g, _ in learned} != {0, 1}:
        raise ValueError(f"the round did not give what it must: {learned}")
    alone = replace(SHAPE, mutual=False, thresholds=SHAPE.thresholds[:1])
    outcome = _test(tests, "the same lists, one threshold, only the requester learns", alone, parties, both)
    if [(p.own, p.grade, p.tables) for p in outcome.pairs] != [(i, g, t) for i, _, g, t in _expected(alone, parties)] or outcome.claims:
        raise ValueError("the round for the requester alone did not give what it must")
    by_suite = outcome
    for comment, of in (("suite 2, mutual", SHAPE), ("suite 2, one threshold, only the requester learns", alone)):
        outcome = _test(tests, comment, of, parties, both, 2)
        if [(p.own, p.grade, p.tables) for p in outcome.pairs] != [(i, g, t) for i, _, g, t in _expected(of, parties)]:
            raise ValueError("suite 2 did not give what it must")
    if outcome.round_id == by_suite.round_id:
        raise ValueError("the suite does not show in the round's id")
    shape, crowd = _crowded()
    outcome = _test(tests, "tokens with more holders than are kept, queries that walk", shape, crowd, logs.logs([p.identity for p in crowd]))
    _check_crowded(shape, crowd, outcome)
    notes = {"Round": "every frame of both parties from their seeds and inputs; long frames by length and digest"}
    return {"round": tests.document("round", "spec/07-round.md to spec/12-receipt.md", "spec/reference", notes)}
