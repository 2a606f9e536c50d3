"""What both sides agree on besides the policy: commitments (9.1), transcripts (12.1), receipts (12.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import agree
import ed25519
import receipt
import seals
from agree import Commitment
from agreement import Refused
from layers.common import Tests, seed_bytes
from receipt import Statement
from seals import POSSIBLE, STRONG

SECRETS = [seed_bytes("receipt requester"), seed_bytes("receipt responder")]
KEYS = [ed25519.public_key(secret) for secret in SECRETS]


def _commitment() -> dict[str, Any]:
    tests = Tests()
    for comment, count, padded in (
        ("one record", 1, 1), ("a record and padding", 1, 2), ("nothing but padding", 0, 1), ("three of three", 3, 3),
        ("a power of two", 4, 4), ("five of eleven", 5, 11), ("none of six", 0, 6), ("sixteen of seventeen", 16, 17),
    ):  # fmt: skip
        seed = seed_bytes(f"commitment seed {comment}")
        contents = [(seed_bytes(f"commitment record {n}"), seed_bytes(f"commitment encoding {n}")) for n in range(count)]
        made = Commitment(seed, contents, padded)
        tests.valid(
            comment, "Commitment", seed=seed.hex(), digests=[digest.hex() for digest, _ in contents],
            encodings=[encoding.hex() for _, encoding in contents], padded=padded,
            body=made.body.hex(), nonce=made.nonce.hex(), keep_key=made.keep_key.hex(),
        )  # fmt: skip
    notes = {"Commitment": "V-RAND-002: body of the commit, nonce of the hello, key of the choice of copies"}
    return tests.document("commitment", "spec/09-randomness.md section 9.1", "spec/reference", notes)


def _transcript() -> dict[str, Any]:
    tests = Tests()
    commits = [seed_bytes("transcript commit 1", 64), seed_bytes("transcript commit 2", 64)]

    def frames(side: str, count: int) -> list[bytes]:
        return [agree.frame(n + 1, n, seed_bytes(f"transcript {side} {n}", 7 * n)) for n in range(count)]

    for comment, ours, theirs in (
        ("a hello each", frames("R", 1), frames("S", 1)), ("three and four", frames("R", 3), frames("S", 4)),
        ("the sides exchanged", frames("S", 4), frames("R", 3)),
        ("two of them in the other order", frames("R", 3), [frames("S", 4)[i] for i in (0, 2, 1, 3)]),
        ("the last frame on the other side", frames("R", 3) + frames("S", 4)[3:], frames("S", 3)),
    ):  # fmt: skip
        digests = [[agree.frame_digest(frame) for frame in side] for side in (ours, theirs)]
        tests.valid(
            comment, "Transcript", requester=[frame.hex() for frame in ours], responder=[frame.hex() for frame in theirs],
            commits=[commit.hex() for commit in commits], round=agree.round_id(digests[0][0], digests[1][0], *commits).hex(),
            transcript=agree.transcript(*digests).hex(),
        )  # fmt: skip
    notes = {"Transcript": "both sides' frames to the transcript hash; with the bodies of the commits, the first of each to the round id"}
    return tests.document("transcript", "spec/09-randomness.md section 9.2, spec/12-receipt.md section 12.1", "spec/reference", notes)


def _receipt() -> dict[str, Any]:
    tests = Tests()
    it = Statement(
        *(seed_bytes(f"receipt {name}") for name in ("round", "transcript", "policy", "agreement")), *KEYS, (3, 2, 131)
    )  # fmt: skip
    training = replace(it, agreement=bytes(32))

    def add(comment: str, flag: str, fault: str, fields: dict[str, Any], run: Any) -> None:
        try:
            fields |= run()
            said = ""
        except Refused as refused:
            said = str(refused)
        tests.judged(comment, flag, fault, said, **fields)

    def message(comment: str, own: Statement, body: bytes, fault: str = "", peer: bytes = KEYS[0]) -> None:
        """As the responder, from whom the requester's message is expected."""
        fields = {"kind": "message", "statement": own.encode().hex(), "peer": peer.hex(), "body": body.hex()}
        add(comment, "Message", fault, fields, lambda: {"signature": receipt.check_message(own, peer, body).hex()})

    def whole(comment: str, data: bytes, fault: str = "") -> None:
        fields = {"kind": "receipt", "receipt": data.hex()}
        add(comment, "Receipt", fault, fields, lambda: {"statement": receipt.read(data).encode().hex()})

    body = it.message(SECRETS[0])
    message("the requester's message", it, body)
    message("in training", training, training.message(SECRETS[0]))
    message("the responder's message", it, it.message(SECRETS[1]), peer=KEYS[1])
    message("one bit of the transcript hash flipped", it, bytes([body[0] ^ 1]) + body[1:], "TranscriptMismatch")
    elsewhere = replace(it, transcript=seed_bytes("receipt other transcript"))
    message("over another transcript, well signed", it, elsewhere.message(SECRETS[0]), "TranscriptMismatch")
    message("one bit of the signature flipped", it, body[:50] + bytes([body[50] ^ 16]) + body[51:], "BadSignature")
    message("signed by the own side", it, it.message(SECRETS[1]), "BadSignature")
    order = (1 << 252) + 27742317777372353535851937790883648493
    high = int.from_bytes(body[64:], "little") + order
    message("a signature with s + L", it, body[:64] + high.to_bytes(32, "little"), "BadSignature")
    for name, other in (
        ("round", replace(it, round=bytes(32))), ("policy", replace(it, policy=bytes(32))), ("agreement", training),
        ("requester", replace(it, requester=KEYS[1])), ("number of bins", replace(it, numbers=(3, 2, 132))),
        ("padded size", replace(it, numbers=(3, 3, 131))),
    ):  # fmt: skip
        message(f"signed over another {name}", it, other.message(SECRETS[0]), "BadSignature")
    message("cut short", it, body[:-1], "Truncated")
    message("a byte too many", it, body + b"\0", "TrailingBytes")
    signatures = [ed25519.sign(secret, it.signed()) for secret in SECRETS]
    good = it.encode() + b"".join(signatures)
    whole("a receipt", good)
    whole("in training", training.encode() + b"".join(ed25519.sign(secret, training.signed()) for secret in SECRETS))
    whole("the signatures exchanged", it.encode() + signatures[1] + signatures[0], "BadSignature")
    whole("one signature twice", it.encode() + signatures[0] * 2, "BadSignature")
    whole("the responder's signature missing", it.encode() + signatures[0] + bytes(64), "BadSignature")
    whole("a byte of the numbers changed", good[:203] + b"\x84" + good[204:], "BadSignature")
    whole("a key of small order", good[:128] + b"\1" + bytes(31) + good[160:], "BadField")
    whole("cut short", good[:-1], "Truncated")
    whole("a byte too many", good + b"\0", "TrailingBytes")
    notes = {
        "Message": "V-RECEIPT-001, V-RECEIPT-002: the body of the message of `peer`, against the own `statement`",
        "Receipt": "12.2: a receipt as it is kept, to its `statement`",
    }
    return tests.document("receipt", "spec/12-receipt.md section 12.2", "spec/reference", notes)


def _claims() -> dict[str, Any]:
    tests = Tests()
    key = seed_bytes("claims padding")
    tokens = [seed_bytes(f"claims token {n}", 16) for n in range(6)]
    smallest = sorted(tokens)
    names = {POSSIBLE: "possible", STRONG: "strong"}

    def case(comment: str, pairs: list[tuple[bytes, int]], most: int, padded: int) -> None:
        body = b"".join(seals.claims_of(pairs, most, padded, key))
        written = [{"token": token.hex(), "grade": names[grade]} for token, grade in pairs]
        tests.valid(comment, "Claims", pairs=written, most=most, padded=padded, padding_key=key.hex(), body=body.hex())

    every = [(token, POSSIBLE) for token in tokens]
    mixed = [(token, STRONG if token in smallest[3:] else POSSIBLE) for token in tokens]
    case("no pair: nothing but padding", [], 4, 4)
    case("fewer than may be claimed", every[:2], 4, 5)
    case("as many as there are records", every, 6, 6)
    case("of one grade those with the smallest tokens", every, 3, 6)
    case("strong ones first, whatever their tokens", mixed, 4, 6)
    case("of strong ones those with the smallest tokens", mixed, 2, 6)
    case("a token of two pairs is claimed once", [*every[:3], every[0], every[2]], 6, 6)
    case("and has the better of their grades", [*every, (smallest[5], STRONG), (smallest[5], POSSIBLE)], 1, 3)
    case("more than there are records", mixed, 6, 4)
    notes = {"Claims": "V-SETTLE-005, V-SETTLE-006: pairs to the body of the claims; `padding_key` is that of 9.4"}
    return tests.document("claims", "spec/08-primitives.md section 8.9", "spec/reference", notes)


def files() -> dict[str, dict[str, Any]]:
    return {"commitment": _commitment(), "transcript": _transcript(), "receipt": _receipt(), "claims": _claims()}
