"""Runs of mutual confirmation, and notices about confirmed pairs (chapter 18)."""

from __future__ import annotations

from typing import Any

import confirm
import ed25519
from confirm import About, Party, Refused, Statement
from layers.common import Tests, seed_bytes
from ristretto255 import L, encode_scalar

SECRETS = seed_bytes("confirm requester"), seed_bytes("confirm responder")
NODES = ed25519.public_key(SECRETS[0]), ed25519.public_key(SECRETS[1])
AGREEMENT, ROUND = seed_bytes("confirm agreement"), seed_bytes("confirm round")
ITEMS = tuple(sorted(seed_bytes(f"confirm item {i}", 16) for i in range(4)))


def _statement(run: int = 0, slots: int = 5, items: tuple[bytes, ...] = ITEMS, round_id: bytes = ROUND) -> Statement:
    return Statement(AGREEMENT, round_id, *NODES, run, slots, items)


def _party(statement: Statement, role: int, yes: str, seed: str = "") -> Party:
    bits = [bit == "y" for bit in yes]
    return Party(statement, role, SECRETS[role - 1], bits, seed_bytes(f"confirm seed {role} {seed}"))


def _fields(statement: Statement) -> dict[str, Any]:
    return {
        "agreement": statement.agreement.hex(), "round": statement.round.hex(), "requester": statement.requester.hex(),
        "responder": statement.responder.hex(), "run": statement.run, "slots": statement.slots,
        "pseudonyms": [item.hex() for item in statement.pseudonyms],
    }  # fmt: skip


def _own(party: Party) -> dict[str, Any]:
    return {"secret": party.secret.hex(), "seed": party.seed.hex(), "yes": party.yes}


def _valid(tests: Tests) -> None:
    for comment, flag, run, slots, items, ours, theirs in (
        ("some of both", "Run", 0, 5, ITEMS, "yyny", "ynny"),
        ("the responder shares first", "Run", 1, 5, ITEMS, "yyny", "ynny"),
        ("nobody said yes", "None", 2, 5, ITEMS, "nnnn", "nnnn"),
        ("all yes on one side, no on the other", "None", 3, 4, ITEMS, "yyyy", "nnnn"),
        ("all yes on both sides", "All", 4, 4, ITEMS, "yyyy", "yyyy"),
        ("no item at all", "None", 5, 2, (), "", ""),
    ):
        statement = _statement(run, slots, items)
        parties = _party(statement, 1, ours), _party(statement, 2, theirs)
        confirm.play(*parties)
        expected = [a == b == "y" for a, b in zip(ours, theirs)]
        if not parties[0].confirmed == parties[1].confirmed == expected:
            raise ValueError(comment)
        tests.valid(
            comment, flag, **_fields(statement), parties=[_own(party) for party in parties], id_of_run=parties[0].id.hex(),
            frames_requester=[frame.hex() for frame in parties[0].sent],
            frames_responder=[frame.hex() for frame in parties[1].sent], confirmed=expected,
        )  # fmt: skip


def _changed(frame: bytes, at: int, new: bytes) -> bytes:
    return frame[:at] + new + frame[at + len(new) :]


def _swapped(frame: bytes, one: int, other: int, length: int) -> bytes:
    first, second = frame[one : one + length], frame[other : other + length]
    return _changed(_changed(frame, one, second), other, first)


def _edits(good: list[bytes], other: list[bytes]) -> list[tuple[str, str, str, int, bytes]]:
    """Comment, flag, class, number of the frame, frame; `other` is the same run under another seed."""
    hello, commit, set_, blind, share, receipt = good
    identity, above = bytes(32), encode_scalar(0)[:31] + b"\xff"
    below = encode_scalar(L - 1)
    return [
        ("an empty frame", "Form", "Truncated", 0, b""),
        ("a commit in place of the hello", "Form", "Unexpected", 0, commit),
        ("a hello that is too short", "Form", "Length", 0, hello[:-1]),
        ("a key that is the identity", "Form", "BadElement", 0, _changed(hello, 33, identity)),
        ("the proof of another's key", "Key", "BadProof", 0, _changed(hello, 33, other[0][33:65])),
        ("a scalar that is not reduced", "Form", "BadScalar", 0, _changed(hello, 97, above)),
        ("s is another", "Key", "BadProof", 0, _changed(hello, 97, below)),
        ("a set under the salt of another seed", "Set", "BrokenCommitment", 2, _changed(set_, 1, other[2][1:33])),
        ("two slots of the set swapped", "Set", "BrokenCommitment", 2, _swapped(set_, 33, 97, 64)),
        ("the set of another seed", "Set", "BrokenCommitment", 2, other[2]),
        ("a set with a slot less", "Form", "Length", 2, set_[:-64]),
        ("a blinded slot that is the identity", "Form", "BadElement", 3, _changed(blind, 1, identity)),
        ("two blinded slots swapped", "Blind", "BadProof", 3, _swapped(blind, 1, 129, 128)),
        ("F1 in place of F2", "Blind", "BadProof", 3, _changed(blind, 33, blind[1:33])),
        ("blinded values of another seed", "Blind", "BadProof", 3, other[3]),
        ("a promise that is not signed", "Promise", "BadSignature", 3, _changed(blind, len(blind) - 32, bytes(32))),
        ("a share of another slot", "Share", "BadProof", 4, _swapped(share, 1, 33, 32)),
        ("a share that is the identity", "Form", "BadElement", 4, _changed(share, 1, identity)),
        ("a share under another key", "Share", "BadProof", 4, other[4]),
        ("a proof's scalar that is not reduced", "Form", "BadScalar", 4, _changed(share, len(share) - 32, above)),
        ("a receipt of other frames", "Receipt", "TranscriptMismatch", 5, _changed(receipt, 1, bytes(32))),
        ("a receipt that is not signed", "Receipt", "BadSignature", 5, _changed(receipt, 65, bytes(32))),
    ]  # fmt: skip


def _invalid(tests: Tests) -> None:
    statement = _statement(0, 3, ITEMS[:3])
    good = _party(statement, 1, "yny"), _party(statement, 2, "yyn")
    confirm.play(*good)
    other = _party(statement, 1, "yny"), _party(statement, 2, "yyn", "other")
    confirm.play(*other)

    def refuse(comment: str, flag: str, fault: str, mine: Party, frames: list[bytes]) -> None:
        mine.begin()
        said = ""
        try:
            for frame in frames:
                if said:
                    raise ValueError(comment)
                mine.take(frame)
        except Refused as refused:
            said = str(refused)
        if said != fault:
            raise ValueError(f"{comment}: {said or 'accepted'}")
        tests.invalid(
            comment, flag, fault, **_fields(mine.statement), role=mine.role, parties=[_own(mine)],
            received=[frame.hex() for frame in frames],
        )  # fmt: skip

    for comment, flag, fault, number, frame in _edits(good[1].sent, other[1].sent):
        refuse(comment, flag, fault, _party(statement, 1, "yny"), [*good[1].sent[:number], frame])
    for comment, changed in (
        ("another round", _statement(0, 3, ITEMS[:3], seed_bytes("confirm other round"))),
        ("another number", _statement(1, 3, ITEMS[:3])),
        ("other items", _statement(0, 3, ITEMS[1:])),
        ("more slots", _statement(0, 4, ITEMS[:3])),
    ):
        stranger = _party(changed, 2, "yyn")
        refuse(comment, "Statement", "HistoryMismatch", _party(statement, 1, "yny"), stranger.begin())
    echo = _party(statement, 1, "yny")
    refuse("the own hello sent back", "Key", "BadProof", echo, _party(statement, 1, "yny").begin())


def _runs() -> dict[str, Any]:
    tests = Tests()
    _valid(tests)
    _invalid(tests)
    notes = {
        "Run": "18.4: all frames of both sides",
        "None": "no item has two yeses: frames have the same lengths",
        "All": "every item has two yeses",
        "Statement": "V-CONFIRM-003",
        "Form": "V-CONFIRM-005",
        "Key": "V-CONFIRM-006",
        "Set": "V-CONFIRM-007",
        "Blind": "V-CONFIRM-008: the proof of a slot",
        "Promise": "V-CONFIRM-008: the signature",
        "Share": "V-CONFIRM-009",
        "Receipt": "V-CONFIRM-010",
    }
    return tests.document("confirm", "spec/18-confirmation.md section 18.4", "spec/reference", notes)


def _notices() -> dict[str, Any]:
    tests = Tests()
    run, time = seed_bytes("confirm id of run"), 1_790_000_000
    confirmed = [[run, ITEMS[0]]]
    about = About(AGREEMENT, ROUND, run, ITEMS[0], *NODES)
    body = confirm.disclosure_body("UTO-2026-0017", "desk 4, +999 555 0100", 2)
    good = confirm.notice(confirm.DISCLOSURE, about, time, body, SECRETS[0])
    acknowledged = confirm.acknowledgement(good, time + 60, SECRETS[1])

    def judge(comment: str, flag: str, fault: str, received: bytes, answer: bytes = b"") -> None:
        said = ""
        try:
            confirm.check_notice(received, AGREEMENT, ROUND, NODES[0], NODES[1], confirmed)
            if answer:
                confirm.check_acknowledgement(answer, received, NODES[1])
        except Refused as refused:
            said = str(refused)
        tests.judged(
            comment, flag, fault, said, agreement=AGREEMENT.hex(), round=ROUND.hex(), sender=NODES[0].hex(), recipient=NODES[1].hex(),
            confirmed=[[part.hex() for part in pair] for pair in confirmed], notice=received.hex(), acknowledgement=answer.hex(),
        )  # fmt: skip

    def signed(kind: int, body: bytes, **other: bytes) -> bytes:
        fields = {"agreement": AGREEMENT, "round": ROUND, "run": run, "pseudonym": ITEMS[0], "sender": NODES[0], "recipient": NODES[1]}
        return confirm.notice(kind, About(**(fields | other)), time, body, SECRETS[0])

    judge("a disclosure", "Notice", "", good, acknowledged)
    judge("the longest texts", "Notice", "", signed(1, confirm.disclosure_body("r" * 64, "é" * 64, 3)))
    judge("a withdrawal", "Notice", "", signed(2, confirm.withdrawal_body(5)))
    for comment, fault, received in (
        ("a byte too few", "Length", good[:-1]),
        ("another kind", "BadField", signed(3, body)),
        ("no case reference", "BadField", signed(1, confirm.disclosure_body("", "desk", 0))),
        ("a case reference that is too long", "BadField", signed(1, confirm.disclosure_body("r" * 65, "desk", 0))),
        ("a line break in the contact", "BadField", signed(1, confirm.disclosure_body("r", "desk\nfour", 0))),
        ("a reference that turns the direction of text", "BadField", signed(1, confirm.disclosure_body("r\u202e1", "", 0))),
        ("a reference that is not UTF-8", "BadField", signed(1, b"\x00\x01\xff".ljust(256, b"\0"))),
        ("another handling code", "BadField", signed(1, confirm.disclosure_body("r", "", 4))),
        ("a name in the filling", "BadField", signed(1, confirm.disclosure_body("r", "", 0)[:-8] + b"a person")),
        ("a reason that is none", "BadField", signed(2, confirm.withdrawal_body(9))),
        ("no reason", "BadField", signed(2, confirm.withdrawal_body(0))),
        ("another agreement", "BadField", signed(1, body, agreement=seed_bytes("confirm other"))),
        ("another round", "BadField", signed(1, body, round=seed_bytes("confirm other"))),
        ("for another recipient", "BadField", signed(1, body, recipient=NODES[0])),
        ("a pair that was not confirmed", "UnknownRound", signed(1, body, pseudonym=ITEMS[1])),
        ("another run", "UnknownRound", signed(1, body, run=seed_bytes("confirm other"))),
        ("a time that was changed", "BadSignature", _changed(good, 177, bytes(8))),
    ):
        judge(comment, "Bad", fault, received)
    for comment, fault, answer in (
        ("an acknowledgement that is too long", "Length", acknowledged + b"\0"),
        ("of another notice", "BadField", confirm.acknowledgement(good + b"\0", time, SECRETS[1])),
        ("by the sender itself", "BadSignature", confirm.acknowledgement(good, time, SECRETS[0])),
        ("at another time", "BadSignature", _changed(acknowledged, 32, bytes(8))),
    ):
        judge(comment, "Acknowledgement", fault, good, answer)
    notes = {
        "Notice": "18.7, V-CONFIRM-013",
        "Bad": "V-CONFIRM-014",
        "Acknowledgement": "V-CONFIRM-015",
    }
    return tests.document("confirm_notice", "spec/18-confirmation.md section 18.7", "spec/reference", notes)


def files() -> dict[str, dict[str, Any]]:
    return {"confirm": _runs(), "confirm_notice": _notices()}
