"""Inquiries, and the words that two operators compare."""

from __future__ import annotations

from typing import Any

import ed25519
import inquiry
from agreement import APPROVE, RESUME, SUSPEND, Refused, Statement
from layers.common import Tests, seed_bytes


def _statement(kind: int, number: int) -> Statement:
    """Of an agreement that is nowhere: an inquiry carries what it is given."""
    rest = seed_bytes(f"inquiry rest {number}", {APPROVE: 0, SUSPEND: 24, RESUME: 32}[kind]) if kind != APPROVE else b""
    signer = ed25519.public_key(seed_bytes(f"inquiry signer {number}"))
    signature = seed_bytes(f"inquiry r {number}") + seed_bytes(f"inquiry s {number}")
    return Statement(kind, seed_bytes(f"inquiry agreement {number}"), signer, rest, signature)


def _agreed(number: int) -> tuple[bytes, bytes]:
    return seed_bytes(f"inquiry agreement {number}"), seed_bytes(f"inquiry policy {number}")


def _fields(said: inquiry.Inquiry) -> dict[str, Any]:
    return {
        "version": said.version, "time": said.time, "closed_until": said.closed_until, "cosigned": said.cosigned,
        "agreements": [[part.hex() for part in pair] for pair in said.agreements],
        "statements": [s.encode().hex() for s in said.statements],
    }  # fmt: skip


def _valid(tests: Tests) -> None:
    time = 1_790_000_000
    for comment, flag, said in (
        ("no agreement", "Form", inquiry.inquiry(time, 0, 0, [], [])),
        ("closed", "Form", inquiry.inquiry(time, time + 3600, 1000, [_agreed(1)], [])),
        ("one agreement given twice", "Form", inquiry.inquiry(time, 0, 0, [_agreed(2), _agreed(1), _agreed(2)], [])),
        ("more agreements than have room", "Most", inquiry.inquiry(time, 0, 0, [_agreed(n) for n in range(20)], [])),
        (
            "a suspension and what lifts one come before approvals", "Statements",
            inquiry.inquiry(time, 0, 0, [_agreed(1)], [_statement(kind, kind) for kind in (APPROVE, SUSPEND, RESUME)]),
        ),
        (
            "more statements than have room", "Most",
            inquiry.inquiry(time, 0, 0, [], [_statement((APPROVE, SUSPEND)[n % 2], n) for n in range(40)]),
        ),
        ("another version is read too", "Form", inquiry.Inquiry(3, time, 0, 2**63, (), ())),
    ):  # fmt: skip
        if inquiry.decode(said.encode()) != said:
            raise ValueError(comment)
        tests.valid(comment, flag, frame=said.encode().hex(), **_fields(said))


def _invalid(tests: Tests) -> None:
    good = inquiry.inquiry(5, 6, 7, [_agreed(1), _agreed(2)], [_statement(APPROVE, 1)]).encode()

    def changed(at: int, byte: int) -> bytes:
        return good[:at] + bytes([byte]) + good[at + 1 :]

    for comment, flag, fault, frame in (
        ("nothing", "Bad", "Truncated", b""),
        ("a header that ends early", "Bad", "Truncated", good[:4]),
        ("a byte too few", "Bad", "Truncated", good[:-1]),
        ("it ends before the statements", "Bad", "Truncated", good[:160]),
        ("a byte too many", "Bad", "TrailingBytes", good + b"\0"),
        ("another kind", "Bad", "Unexpected", changed(0, 0x71)),
        ("an index", "Bad", "Unexpected", changed(4, 1)),
        ("more agreements than have room", "Bad", "BadField", changed(31, 17)),
        ("agreements in another order", "Bad", "BadField", good[:32] + good[96:160] + good[32:96] + good[160:]),
        ("one agreement twice", "Bad", "BadField", good[:32] + good[32:96] * 2 + good[160:]),
        ("more statements than have room", "BadStatement", "BadField", changed(160, 33)),
        ("a statement that is too short", "BadStatement", "Truncated", changed(161, 128)),
        ("a statement of another kind", "BadStatement", "BadField", changed(162, 4)),
        ("a statement that is longer than its kind", "BadStatement", "TrailingBytes", changed(161, 130) + b"\0"),
    ):  # fmt: skip
        said = ""
        try:
            inquiry.decode(frame)
        except Refused as refused:
            said = str(refused)
        tests.judged(comment, flag, fault, said, frame=frame.hex())


def _inquiries() -> dict[str, Any]:
    tests = Tests()
    _valid(tests)
    _invalid(tests)
    notes = {
        "Form": "11.8",
        "Most": "V-CHECK-002",
        "Statements": "11.8: suspensions and what lifts them come first",
        "Bad": "V-CHECK-003",
        "BadStatement": "V-CHECK-004",
    }
    return tests.document("inquiry", "spec/11-transport.md section 11.8", "spec/reference", notes)


def _words() -> dict[str, Any]:
    tests = Tests()
    keys = [ed25519.public_key(seed_bytes(f"check words {n}")) for n in range(6)]
    for n, (one, other) in enumerate(((0, 1), (1, 0), (2, 3), (4, 5), (5, 5))):
        words = " ".join(inquiry.check_words(keys[one], keys[other]))
        comment = ("two keys", "the same from the other side", "two others", "two more", "one key twice")[n]
        tests.valid(comment, "Words", own=keys[one].hex(), peer=keys[other].hex(), words=words)
    notes = {"Words": "V-PAIR-001"}
    return tests.document("check_words", "spec/11-transport.md section 11.9", "spec/reference", notes)


def files() -> dict[str, dict[str, Any]]:
    return {"inquiry": _inquiries(), "check_words": _words()}
