"""Layer `session`: one party of a round, what it is given in order, and where it stops with which error.

The first test is a whole honest round with all frames. Every other test is one of its parties with the same inputs, which
gets the other's frames with one change. This reference says what comes of it.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import ed25519
from agree import REQUESTER, RESPONDER, Record
from agreement import Refused
from labelled import labelled_hash
from parties import Machine, Setting, machine
from ristretto255 import L
from sides import (
    BASE_REQUESTER, BASE_RESPONDER, CHOICE, CLAIMS, COMMIT, CORRECTION, EVALUATION, GARBLED, HELLO, KEYS, QUERY,
    QUERY_DIGESTS, RECEIPT, REVEAL, TABLE, TREES, Party,
)  # fmt: skip

from layers import evidence as base_layer
from layers.common import ABORTED_HERE, SESSION_CODES, Tests, error, seed_bytes

SIDES = {REQUESTER: "requester", RESPONDER: "responder"}
NAMES = {
    HELLO: "hello", COMMIT: "commit", KEYS: "keys", BASE_REQUESTER: "base requester", BASE_RESPONDER: "base responder",
    QUERY_DIGESTS: "query digests", QUERY: "query", EVALUATION: "evaluation", TABLE: "table", CHOICE: "choice",
    CORRECTION: "correction", GARBLED: "garbled", REVEAL: "reveal", CLAIMS: "claims", RECEIPT: "receipt", TREES: "trees",
}  # fmt: skip
BODY = 5
IDENTITY, NOT_AN_ELEMENT, TOO_LARGE = bytes(32), b"\xff" * 32, L.to_bytes(32, "little")

Op = dict[str, Any]


class Cases:
    """Makes tests, and asks the reference what comes of each."""

    def __init__(self, tests: Tests) -> None:
        self.tests, self.round = tests, base_layer.the_round()
        self.frames = self.round.outcome.frames
        self.snapshots = self.round.steps

    def setting(self, role: int, records: list[Record] | None = None) -> Setting:
        party, other = self.round.parties[role], self.round.parties[REQUESTER + RESPONDER - role]
        own = Party(party.seed, party.identity, party.records if records is None else records)
        keys = ed25519.public_key(party.identity), ed25519.public_key(other.identity)
        return Setting(role, self.round.shape, self.round.policy, base_layer.BINDING, own, *keys)

    def theirs(self, role: int) -> list[bytes]:
        return self.frames[REQUESTER + RESPONDER - role]

    def at(self, role: int, kind: int, index: int = 0) -> int:
        """Number of the peer's frame of this kind."""
        wanted = bytes([kind]) + index.to_bytes(4, "big")
        return next(n for n, frame in enumerate(self.theirs(role)) if frame[:BODY] == wanted)

    def _do(self, party: Machine, op: Op) -> None:
        theirs = self.theirs(party.setting.role)
        if "persisted" in op:
            party.persisted(op["persisted"] + 1)
        elif "abort" in op:
            party.abort()
        elif "foreign_result" in op:
            party.finish()
        else:
            party.receive(changed(theirs[op["frame"]] if "frame" in op else b"", op["edits"]))

    def case(self, comment: str, flag: str, role: int, upto: int, *ops: Op, then: int | None = None, **inputs: Any) -> None:
        """The peer's frames before number `upto` as they are, then `ops`, then those from number `then` on."""
        party = copy.deepcopy(self.snapshots[role][upto])
        rest = [] if then is None else [{"frame": n, "edits": []} for n in range(then, len(self.theirs(role)))]
        given, fault = [{"frames": upto}] if upto else [], ""
        for op in [*ops, *rest]:
            given.append(op)
            try:
                self._do(party, op)
            except Refused as refused:
                fault = str(refused)
                break
        if fault and len(given) - (1 if upto else 0) < len(ops):
            raise AssertionError(f"{comment}: {fault} too early")
        self._add(comment, flag, fault, role, given, len(party.sent), inputs)

    def never(self, comment: str, fault: str, role: int, records: list[Record]) -> None:
        """Inputs with which no party begins."""
        try:
            machine(self.setting(role, records))
        except Refused as refused:
            if str(refused) == fault:
                written = [base_layer._written(record) for record in records]
                return self._add(comment, "Misuse", fault, role, [], 0, {"records": written})
        raise AssertionError(comment)

    def _add(self, comment: str, flag: str, fault: str, role: int, ops: list[Op], sent: int, inputs: Op) -> None:
        fields = {"kind": "session", "role": SIDES[role], "ops": ops, "sent": sent, **inputs}
        if not fault:
            return self.tests.valid(comment, flag, **fields)
        said = ABORTED_HERE if fault == "AbortedHere" else error(fault, SESSION_CODES)
        return self.tests._add(comment, flag, "invalid", fields | {"error": said})

    def edited(self, comment: str, flag: str, role: int, number: int, *edits: Op, go_on: bool = False) -> None:
        """The peer's frame with so many changes; then those after it as they are, where it is not refused at once."""
        op = {"frame": number, "edits": list(edits)}
        self.case(comment, flag, role, number, op, then=number + 1 if go_on else None)


def put(at: int, data: bytes, cut: int | None = None) -> Op:
    return {"at": at, "cut": len(data) if cut is None else cut, "put": data.hex()}


def changed(frame: bytes, edits: list[Op]) -> bytes:
    for edit in edits:
        frame = frame[: edit["at"]] + bytes.fromhex(edit["put"]) + frame[edit["at"] + edit["cut"] :]
    return frame


def flip(frame: bytes, at: int) -> Op:
    return put(at, bytes([frame[at] ^ 1]))


def _form(cases: Cases) -> None:
    """Of every kind once: each fault of a frame as such."""
    for role in (REQUESTER, RESPONDER):
        seen: set[int] = set()
        for number, frame in enumerate(cases.theirs(role)):
            kind, end = frame[0], len(frame)
            if kind in seen:
                continue
            seen.add(kind)
            name = f"{SIDES[role]}, {NAMES[kind]}"
            cases.edited(f"{name}: four bytes", "Form", role, number, put(4, b"", end - 4))
            cases.edited(f"{name}: a byte less", "Form", role, number, put(end - 1, b"", 1))
            cases.edited(f"{name}: a byte more", "Form", role, number, put(end, b"\0", 0))
            cases.edited(f"{name}: another kind", "Order", role, number, put(0, b"\x7e"))
            cases.edited(f"{name}: another index", "Order", role, number, put(4, b"\xee"))
            if number + 1 < len(cases.theirs(role)):
                cases.case(f"{name}: left out", "Order", role, number, {"frame": number + 1, "edits": []})
            again = {"frame": number, "edits": []}
            if kind != RECEIPT:
                cases.case(f"{name}: twice", "Order", role, number + 1, again)
            abort = {"edits": [put(0, b"\x7f\0\0\0\0\0\xcf", 0)]}
            cases.case(f"{name}: an abort in its place", "Abort", role, number, abort)
        first = {"frame": 0, "edits": []}
        cases.case(f"{SIDES[role]}: the hello again at the end", "Order", role, len(cases.theirs(role)) - 1, first)
    for role in (REQUESTER, RESPONDER):
        empty = {"edits": [put(0, b"\x7f\0\0\0\0\0", 0)]}
        cases.case(f"{SIDES[role]}: an abort of one byte", "Abort", role, 0, empty)
        longer = {"edits": [put(0, b"\x7f\0\0\0\0\0\xcf\0", 0)]}
        cases.case(f"{SIDES[role]}: an abort of three bytes", "Abort", role, 0, longer)
        elsewhere = {"edits": [put(0, b"\x7f\0\0\0\1\0\xcf", 0)]}
        cases.case(f"{SIDES[role]}: an abort with an index", "Abort", role, 0, elsewhere)
        cases.case(f"{SIDES[role]}: no byte at all", "Form", role, 0, {"edits": []})


def _hello(cases: Cases) -> None:
    """7.4, field by field, and the order of its checks."""
    for role in (REQUESTER, RESPONDER):
        side, hello, own = SIDES[role], cases.theirs(role)[0], cases.frames[role][0]
        policy = len(cases.round.policy)
        agreement = BODY + 101 + 2 + policy
        stranger = ed25519.public_key(seed_bytes("session stranger"))
        several = [put(BODY, b"\0\2"), put(BODY + 2, b"\0\2"), put(BODY + 5, stranger)]
        for comment, edits in (
            ("another version", [put(BODY, b"\0\2")]),
            ("another version, and nothing after it", [put(BODY, b"\0\2"), put(BODY + 2, b"", len(hello) - BODY - 2)]),
            ("another suite", [put(BODY + 2, b"\0\2")]),
            ("another suite, and nothing after it", [put(BODY + 2, b"\0\2"), put(BODY + 4, b"", len(hello) - BODY - 4)]),
            ("the own role", [put(BODY + 4, bytes([role]))]),
            ("no role", [put(BODY + 4, b"\3")]),
            ("another identity", [put(BODY + 5, stranger)]),
            ("the own nonce", [put(BODY + 37, own[BODY + 37 : BODY + 69])]),
            ("another binding", [flip(hello, BODY + 69)]),
            ("one byte of the policy", [flip(hello, BODY + 103 + policy - 1)]),
            ("a shorter policy", [put(BODY + 101, (policy - 1).to_bytes(2, "big")), put(BODY + 103, b"", 1)]),
            ("a policy longer than what follows", [put(BODY + 101, b"\xff\xff")]),
            ("an agreement, where this side trains", [put(agreement, b"\0\1\0", 2)]),
            ("an agreement longer than may be", [put(agreement, b"\x20\x01" + bytes(8193), 2)]),
            ("version, suite and identity", several),
            ("suite and identity", several[1:]),
            ("identity and role", [several[2], put(BODY + 4, bytes([role]))]),
            ("role and nonce", [put(BODY + 4, bytes([role])), put(BODY + 37, own[BODY + 37 : BODY + 69])]),
            ("nonce and binding", [put(BODY + 37, own[BODY + 37 : BODY + 69]), flip(hello, BODY + 69)]),
            ("binding and policy", [flip(hello, BODY + 69), flip(hello, BODY + 110)]),
            ("policy and agreement", [flip(hello, BODY + 110), put(agreement, b"\0\1\0", 2)]),
        ):
            cases.edited(f"{side}: {comment}", "Hello", role, 0, *edits)


def _contents(cases: Cases) -> None:
    """What only the contents of a frame show."""
    r, s = REQUESTER, RESPONDER
    keys, base, evaluation = cases.at(r, KEYS), cases.at(r, BASE_RESPONDER), cases.at(r, EVALUATION)
    base_r, query, trees = cases.at(s, BASE_REQUESTER), cases.at(s, QUERY), cases.at(s, TREES)
    of_r, of_s = cases.theirs(r), cases.theirs(s)
    proof = len(of_r[evaluation]) - 64
    for comment, role, number, at in (
        ("the public key", r, keys, BODY), ("the last offer", r, keys, BODY + 4192),
        ("an evaluation", r, evaluation, BODY + 320), ("an offer", s, base_r, BODY + 32),
        ("half an answer", s, base_r, BODY + 4096 + 96), ("a query, its digest aside", s, query, BODY + 64),
    ):  # fmt: skip
        for data, what in ((IDENTITY, "the identity"), (NOT_AN_ELEMENT, "no element")):
            if number == query:
                announced = _announce(cases, put(at, data))
                op = {"frame": number, "edits": [put(at, data)]}
                cases.case(f"{comment}: {what}", "Element", role, number - 1, announced, op)
            else:
                cases.edited(f"{comment}: {what}", "Element", role, number, put(at, data))
    cases.edited("half an answer: no element", "Element", r, base, put(BODY + 64, NOT_AN_ELEMENT), go_on=True)
    for comment, number, at in (
        ("challenge of the key's proof", keys, BODY + 32), ("response of the key's proof", keys, BODY + 64),
        ("challenge of a chunk's proof", evaluation, proof), ("response of a chunk's proof", evaluation, proof + 32),
    ):  # fmt: skip
        cases.edited(f"{comment}: not reduced", "Scalar", r, number, put(at, TOO_LARGE))
        cases.edited(f"{comment}: another", "Proof", r, number, flip(of_r[number], at))
    other = of_r[evaluation][BODY + 32 : BODY + 64]
    cases.edited("an evaluation twice", "Proof", r, evaluation, put(BODY, other))
    cases.edited("another public key", "Proof", r, keys, put(BODY, of_r[keys][BODY + 128 : BODY + 160]))

    for comment, role, number, at, go_on in (
        ("a sum", r, base, BODY + 8192 + 3, True), ("the digest", r, base, BODY + 12_319, True),
        ("a sum", s, trees, BODY + 3, False), ("a check", s, trees, BODY + 100, False),
        ("the digest", s, trees, BODY + 4127, False),
    ):  # fmt: skip
        frame = cases.theirs(role)[number]
        cases.edited(f"{SIDES[role]}, trees: {comment}", "Trees", role, number, flip(frame, at), go_on=go_on)
    for role, kind in ((r, CHOICE), (s, CORRECTION)):
        number = cases.at(role, kind)
        frame = cases.theirs(role)[number]
        for comment, back in (("a column", 200), ("the hash of the choices", 64), ("the digest of the columns", 1)):
            edit = flip(frame, len(frame) - back)
            cases.edited(f"{NAMES[kind]}: {comment}", "Extension", role, number, edit)

    swapped = [put(BODY, of_s[query][BODY + 32 : BODY + 64] + of_s[query][BODY : BODY + 32])]
    cases.edited("two queries changed places", "Commitment", s, query, *swapped)
    cases.edited("another digest was announced", "Commitment", s, query - 1, flip(of_s[query - 1], BODY), go_on=True)
    reveal = cases.at(r, REVEAL)
    cases.edited("another round key", "Commitment", r, reveal, flip(of_r[reveal], BODY + 31))
    first, second = of_r[reveal][BODY + 32 : BODY + 48], of_r[reveal][BODY + 48 : BODY + 64]
    cases.edited("two pseudonyms changed places", "Claims", r, reveal, put(BODY + 32, second + first))
    cases.edited("a pseudonym twice", "Claims", r, reveal, put(BODY + 32, second))
    cases.edited("another commitment to the round key", "Commitment", r, keys, flip(of_r[keys], BODY + 96), go_on=True)

    claims = cases.at(s, CLAIMS)
    first, second = of_s[claims][BODY : BODY + 16], of_s[claims][BODY + 16 : BODY + 32]
    cases.edited("two claims changed places", "Claims", s, claims, put(BODY, second + first))
    cases.edited("a claim twice", "Claims", s, claims, put(BODY, second))


def _announce(cases: Cases, edit: Op) -> Op:
    """The digests' frame for a query chunk with this change."""
    query = cases.at(RESPONDER, QUERY)
    body = changed(cases.theirs(RESPONDER)[query], [edit])[BODY:]
    return {"frame": query - 1, "edits": [put(BODY, labelled_hash("blindlink/2 query chunk", [body]))]}


def _receipts(cases: Cases) -> None:
    """What shows only at the end, and what ends well."""
    for role in (REQUESTER, RESPONDER):
        frames = cases.theirs(role)
        last = len(frames) - 1
        side = SIDES[role]
        cases.edited(f"{side}: the receipt names another transcript", "Receipt", role, last, flip(frames[last], BODY))
        for comment, at in (("R of its signature", BODY + 32), ("S of its signature", BODY + 64)):
            cases.edited(f"{side}: {comment} is another", "Receipt", role, last, flip(frames[last], at))
        own = cases.frames[role][-1]
        cases.edited(f"{side}: its own receipt", "Receipt", role, last, put(0, own))
        cases.case(f"{side}: every frame as it is", "Honest", role, last, {"frame": last, "edits": []})
    # A damaged table, label or claim is no error by itself: it reads as no match, and shows at the receipt.
    for comment, role, kind, index, at in (
        ("a label ciphertext", REQUESTER, GARBLED, 1, -1), ("a garbled table", REQUESTER, GARBLED, 1, 30),
        ("a claim that is nobody's", RESPONDER, CLAIMS, 0, -1), ("a correction", RESPONDER, CORRECTION, 1, BODY + 3),
    ):  # fmt: skip
        number = cases.at(role, kind, index)
        frame = cases.theirs(role)[number]
        edit = flip(frame, at % len(frame))
        cases.edited(f"{comment} was changed on the way", "Receipt", role, number, edit, go_on=True)


def _misuse(cases: Cases) -> None:
    for role in (REQUESTER, RESPONDER):
        side, party, last = SIDES[role], cases.round.parties[role], len(cases.theirs(role))
        record = party.records[0]
        shape = cases.round.shape
        padded = (shape.records_requester, shape.records_responder)[role - 1]
        cases.never(f"{side}: a record too many", "TooManyRecords", role, [record] * (padded + 1))
        for comment, odd in (
            ("a filter that is too long", replace(record, filter=record.filter + b"\0")),
            ("a bit behind the filter", replace(record, filter=record.filter[:-1] + b"\x80")),
            ("tokens of one table too many", replace(record, tokens=[*record.tokens, []])),
            ("more tokens than slots", replace(record, tokens=[[bytes(16), bytes([1] * 16)]])),
        ):
            cases.never(f"{side}: {comment}", "WrongEncoding", role, [odd])
        cases.case(f"{side}: a frame after the end", "Misuse", role, last, {"frame": last - 1, "edits": []})
        cases.case(f"{side}: a result that it did not ask for", "Misuse", role, 2, {"foreign_result": True})
        cases.case(f"{side}: durable what came", "Honest", role, 2, {"persisted": 1})
        cases.case(f"{side}: durable what did not come", "Misuse", role, 2, {"persisted": 2})
        cases.case(f"{side}: a frame after its own abort", "Misuse", role, 2, {"abort": True}, then=2)


def _whole(cases: Cases) -> None:
    round_, outcome = cases.round, cases.round.outcome
    if not outcome.pairs or not outcome.claims:
        raise AssertionError("the round finds nobody")
    cases.tests.valid(
        "a whole round, in training", "Honest", kind="round", policy=round_.policy.hex(), binding=base_layer.BINDING.hex(),
        **round_.inputs(), requester_frames=[frame.hex() for frame in outcome.frames[REQUESTER]],
        responder_frames=[frame.hex() for frame in outcome.frames[RESPONDER]], receipt=outcome.receipt.hex(),
    )  # fmt: skip


def files() -> dict[str, dict[str, Any]]:
    tests = Tests(SESSION_CODES)
    cases = Cases(tests)
    for part in (_whole, _form, _hello, _contents, _receipts, _misuse):
        part(cases)
    notes = {
        "Honest": "no error; `sent` own frames have left",
        "Form": "V-WIRE-002, V-CODEC-001, V-CODEC-002: a frame of another length",
        "Order": "V-WIRE-001, V-RAND-004: not the next frame of the schedule",
        "Abort": "V-WIRE-005: an abort ends the round at any place",
        "Hello": "V-HELLO-001 to V-HELLO-008, and which of two faults is reported",
        "Element": "V-CODEC-005, V-OPRF-001",
        "Scalar": "V-CODEC-006",
        "Proof": "V-OPRF-002, V-OPRF-004",
        "Trees": "V-OT-004",
        "Extension": "V-OT-001",
        "Commitment": "V-OPRF-003, V-SETTLE-002",
        "Claims": "V-SETTLE-004, V-SETTLE-008",
        "Receipt": "V-RECEIPT-001, V-RECEIPT-002, V-SETTLE-003, V-SETTLE-005",
        "Misuse": "what the own caller did wrong; after any error the session says the same again (V-WIRE-004)",
    }
    source = "spec/reference"
    return {"session": tests.document("session", "spec/07-round.md and spec/10-errors.md", source, notes)}
