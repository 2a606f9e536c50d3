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
from kinds import (
    BASE_REQUESTER, BASE_RESPONDER, CHOICE, CLAIMS, CORRECTION, COSIGNATURE, EVALUATION, GARBLED, KEYS, NAMES, PSEUDONYMS,
    QUERY, QUERY_DIGESTS, RECEIPT, SEAL_KEYS,
)  # fmt: skip
from log_head import HEAD_BYTES
from sides import Party

from layers import evidence as base_layer
from layers import logs
from layers.common import ABORTED_HERE, SESSION_CODES, Tests, error, seed_bytes

SIDES = {REQUESTER: "requester", RESPONDER: "responder"}
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
        log = self.round.logs[role]
        return Setting(
            role, self.round.shape, self.round.policy, base_layer.BINDING, own, *keys, head=log.head, known=log.known,
            time=log.time,
        )  # fmt: skip

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

    def limited(self, comment: str, setting: Setting) -> None:
        """R, with a bound of matches: it is given everything up to the receipt."""
        upto = self.at(REQUESTER, PSEUDONYMS)
        party = copy.deepcopy(self.snapshots[REQUESTER][upto])
        party.setting = setting
        op, fault = {"frame": upto, "edits": []}, ""
        try:
            self._do(party, op)
        except Refused as refused:
            fault = str(refused)
        self._add(comment, "Matches", fault, REQUESTER, [{"frames": upto}, op], len(party.sent), {"matches": setting.matches})

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
        head, party = len(hello) - HEAD_BYTES, cases.round.parties[REQUESTER + RESPONDER - role]
        name = SIDES[REQUESTER + RESPONDER - role]
        shorter, other = (
            logs.log(party.identity, of, size, since, side, 0).head for of, size, since in ((name, 3, 1), ("nobody", 11, 7))
        )
        several = [put(BODY, b"\0\1"), put(BODY + 2, b"\0\2"), put(BODY + 5, stranger)]
        for comment, edits in (
            ("another version", [put(BODY, b"\0\1")]),
            ("another version, and nothing after it", [put(BODY, b"\0\1"), put(BODY + 2, b"", len(hello) - BODY - 2)]),
            ("another suite", [put(BODY + 2, b"\0\2")]),
            ("an unknown suite, and nothing after it", [put(BODY + 2, b"\0\3"), put(BODY + 4, b"", len(hello) - BODY - 4)]),
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
            ("a log without entries", [put(head, bytes(8))]),
            ("65 hashes", [put(head + 112, b"\x41")]),
            ("a byte after the hashes", [put(len(hello) - 1, b"\1")]),
            ("one bit of the log's root", [flip(hello, head + 8)]),
            ("one bit of the log's signature", [flip(hello, head + 40)]),
            ("agreement and log", [put(agreement, b"\0\1\0", 2), flip(hello, head + 9)]),
            ("another log, well signed", [put(head, other)]),
        ):
            cases.edited(f"{side}: {comment}", "Hello", role, 0, *edits)
        if role == RESPONDER:
            cases.edited(f"{side}: a log that went back", "Hello", role, 0, put(head, shorter))
            cases.edited(f"{side}: one hash of the proof", "Hello", role, 0, flip(hello, head + 113))
            cases.edited(f"{side}: a proof from before what was cosigned", "Hello", role, 0, put(head + 111, b"\5"))


def _elements(cases: Cases) -> None:
    r, s = REQUESTER, RESPONDER
    keys, base, evaluation = cases.at(r, KEYS), cases.at(r, BASE_RESPONDER), cases.at(r, EVALUATION)
    base_r, query = cases.at(s, BASE_REQUESTER), cases.at(s, QUERY)
    for comment, role, number, at in (
        ("the public key", r, keys, BODY), ("half an answer of S", r, keys, BODY + 96 + 8160),
        ("an offer of S", r, base, BODY + 64), ("an evaluation", r, evaluation, BODY + 320),
        ("half an answer of R", s, base_r, BODY + 96), ("an offer of R", s, base_r, BODY + 8192 + 32),
        ("a query, its digest aside", s, query, BODY + 64),
    ):  # fmt: skip
        for data, what in ((IDENTITY, "the identity"), (NOT_AN_ELEMENT, "no element")):
            if number == query and role == s:
                op = {"frame": number, "edits": [put(at, data)]}
                cases.case(f"{comment}: {what}", "Element", role, number - 1, _announce(cases, put(at, data)), op)
            else:
                cases.edited(f"{comment}: {what}", "Element", role, number, put(at, data))


def _contents(cases: Cases) -> None:
    """What only the contents of a frame show."""
    r, s = REQUESTER, RESPONDER
    keys, base, evaluation = cases.at(r, KEYS), cases.at(r, BASE_RESPONDER), cases.at(r, EVALUATION)
    base_r, query = cases.at(s, BASE_REQUESTER), cases.at(s, QUERY)
    of_r, of_s = cases.theirs(r), cases.theirs(s)
    proof = len(of_r[evaluation]) - 64
    for comment, number, at in (
        ("challenge of the key's proof", keys, BODY + 32), ("response of the key's proof", keys, BODY + 64),
        ("challenge of a chunk's proof", evaluation, proof), ("response of a chunk's proof", evaluation, proof + 32),
    ):  # fmt: skip
        cases.edited(f"{comment}: not reduced", "Scalar", r, number, put(at, TOO_LARGE))
        cases.edited(f"{comment}: another", "Proof", r, number, flip(of_r[number], at))
    other = of_r[evaluation][BODY + 32 : BODY + 64]
    cases.edited("an evaluation twice", "Proof", r, evaluation, put(BODY, other))
    cases.edited("another public key", "Proof", r, keys, put(BODY, of_r[keys][BODY + 96 : BODY + 128]))

    for comment, role, number, at in (
        ("a sum", r, base, BODY + 4096 + 3), ("a check", r, base, BODY + 4096 + 100), ("the digest", r, base, BODY + 8223),
        ("another offer, an element", r, base, -1), ("a sum", s, base_r, BODY + 12_288 + 3),
        ("the digest", s, base_r, BODY + 16_415),
    ):  # fmt: skip
        frame = cases.theirs(role)[number]
        edit = put(BODY, frame[BODY + 32 : BODY + 64]) if at < 0 else flip(frame, at)
        cases.edited(f"{SIDES[role]}, trees: {comment}", "Trees", role, number, edit)
    for role, kind in ((r, CHOICE), (s, CORRECTION)):
        number = cases.at(role, kind)
        frame = cases.theirs(role)[number]
        for comment, back in (("a column", 200), ("the hash of the choices", 64), ("the digest of the columns", 1)):
            edit = flip(frame, len(frame) - back)
            cases.edited(f"{NAMES[kind]}: {comment}", "Extension", role, number, edit)

    swapped = [put(BODY, of_s[query][BODY + 32 : BODY + 64] + of_s[query][BODY : BODY + 32])]
    cases.edited("two queries changed places", "Commitment", s, query, *swapped)
    cases.edited("another digest was announced", "Commitment", s, query - 1, flip(of_s[query - 1], BODY), go_on=True)
    unsealing, listing = cases.at(r, SEAL_KEYS), cases.at(r, PSEUDONYMS)
    cases.edited("another seal key", "Commitment", r, unsealing, flip(of_r[unsealing], BODY + 31))
    cases.edited("the seal keys of two chunks changed places", "Commitment", r, unsealing, put(BODY, of_r[unsealing][BODY + 32 : BODY + 64] + of_r[unsealing][BODY : BODY + 32]))
    garbled = cases.at(r, GARBLED)
    cases.edited("another commitment to a seal key", "Commitment", r, garbled, flip(of_r[garbled], BODY + 20), go_on=True)
    first, second = of_r[listing][BODY : BODY + 16], of_r[listing][BODY + 16 : BODY + 32]
    cases.edited("two pseudonyms changed places", "Claims", r, listing, put(BODY, second + first))
    cases.edited("a pseudonym twice", "Claims", r, listing, put(BODY, second))

    claims = cases.at(s, CLAIMS)
    first, second = of_s[claims][BODY : BODY + 16], of_s[claims][BODY + 16 : BODY + 32]
    cases.edited("two claims changed places", "Claims", s, claims, put(BODY, second + first))
    cases.edited("a claim twice", "Claims", s, claims, put(BODY, second))
    for role in (r, s):
        number = cases.at(role, COSIGNATURE)
        frame = cases.theirs(role)[number]
        for comment, at in (("the time", BODY), ("the signature", BODY + 8)):
            cases.edited(f"{SIDES[role]}, cosignature: {comment}", "Cosignature", role, number, flip(frame, at))
    many = replace(cases.setting(r), matches=0)
    cases.limited("more matches than were agreed", many)
    cases.limited("as many as were agreed", replace(many, matches=1))


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
        ("a seal", REQUESTER, GARBLED, 1, -1), ("a garbled table", REQUESTER, GARBLED, 1, 60),
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
    for part in (_whole, _form, _hello, _elements, _contents, _receipts, _misuse):
        part(cases)
    notes = {
        "Honest": "no error; `sent` own frames have left",
        "Form": "V-WIRE-002, V-CODEC-001, V-CODEC-002: a frame of another length",
        "Order": "V-WIRE-001, V-RAND-004: not the next frame of the schedule",
        "Abort": "V-WIRE-005: an abort ends the round at any place",
        "Hello": "V-HELLO-001 to V-HELLO-010, and which of two faults is reported",
        "Element": "V-CODEC-005, V-OPRF-001",
        "Scalar": "V-CODEC-006",
        "Proof": "V-OPRF-002, V-OPRF-004",
        "Trees": "V-OT-004",
        "Extension": "V-OT-001",
        "Commitment": "V-OPRF-003, V-SETTLE-002",
        "Cosignature": "V-COSIGN-002",
        "Matches": "V-SETTLE-012: more tokens of pairs than `matches`; the peer is told nothing",
        "Claims": "V-SETTLE-004, V-SETTLE-008",
        "Receipt": "V-RECEIPT-001, V-RECEIPT-002, V-SETTLE-003, V-SETTLE-005",
        "Misuse": "what the own caller did wrong; after any error the session says the same again (V-WIRE-004)",
    }
    source = "spec/reference"
    return {"session": tests.document("session", "spec/07-round.md and spec/10-errors.md", source, notes)}
