"""Layer `log_head`: the head of an audit log in a hello, and the cosignature of one (7.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import audit
import ed25519
import log_head
from agreement import Refused
from layers.common import Tests, seed_bytes
from layers.logs import TIME, checkpoint, leaves
from log_head import NOTHING, Checkpoint, LogHead

SECRET, OWN = seed_bytes("log head node"), seed_bytes("log head own node")
PEER = ed25519.public_key(SECRET)


def _head(size: int, since: int = 0, name: str = "peer") -> LogHead:
    return log_head.head_of(SECRET, leaves(name, size), since)


def _heads(tests: Tests) -> None:
    def case(comment: str, flag: str, data: bytes, known: Checkpoint, fault: str = "") -> None:
        fields: dict[str, Any] = {
            "kind": "head", "peer": PEER.hex(), "known": {"size": known[0], "root": known[1].hex()}, "head": data.hex(),
        }  # fmt: skip
        _judge(tests, comment, flag, fault, fields, lambda: log_head.check(data, PEER, known))

    good, six = _head(11, 6).encode(), checkpoint("peer", 6)
    case("five entries more", "Grown", good, six)
    case("the first time: nothing was cosigned", "Grown", _head(11).encode(), NOTHING)
    case("one entry, the first time", "Grown", _head(1).encode(), NOTHING)
    case("from a whole subtree", "Grown", _head(9, 8).encode(), checkpoint("peer", 8))
    case("the one that was cosigned last", "Same", _head(6, 3).encode(), six)
    case("the same, as if none had been cosigned", "Same", _head(6).encode(), six)
    proof = 8 + 32 + 64 + 8 + 1
    case("no entry", "Form", bytes(8) + good[8:], six, "BadField")
    case("65 hashes", "Form", good[: proof - 1] + b"\x41" + good[proof:], six, "BadField")
    case("a byte after the hashes", "Form", good[:-1] + b"\1", six, "BadField")
    case("one bit of the root", "Unsigned", good[:8] + bytes([good[8] ^ 1]) + good[9:], six, "BadSignature")
    case("one bit of the size", "Unsigned", good[:7] + bytes([good[7] ^ 1]) + good[8:], six, "BadSignature")
    forged = log_head.head_of(OWN, leaves("peer", 11), 6)
    case("signed by another key", "Unsigned", forged.encode(), six, "BadSignature")
    case("a shorter log", "Back", _head(5, 3).encode(), six, "StateLost")
    case("grown again, from before what was cosigned", "Back", _head(11, 3).encode(), six, "StateLost")
    case("grown again, as if nothing had been cosigned", "Back", _head(11).encode(), six, "StateLost")
    case("as long, with another root", "Forked", _head(6, 6, "fork").encode(), six, "HistoryMismatch")
    case("a proof from more than was cosigned", "Forked", _head(11, 8).encode(), six, "HistoryMismatch")
    case("another log", "Forked", _head(11, 6, "fork").encode(), six, "HistoryMismatch")
    head = _head(11, 6)
    for comment, changed in (
        ("a hash too few", head.proof[:-1]), ("a hash too many", [*head.proof, bytes(32)]), ("another hash", [bytes(32), *head.proof[1:]]),
        ("no hash", []),
    ):  # fmt: skip
        case(comment, "Forked", replace(head, proof=changed).encode(), six, "HistoryMismatch")


def _cosignatures(tests: Tests) -> None:
    own = ed25519.public_key(OWN)
    of = checkpoint("own", 7)
    body = log_head.cosignature(SECRET, TIME, own, of)

    def case(comment: str, flag: str, body: bytes, fault: str = "") -> None:
        fields: dict[str, Any] = {
            "kind": "cosignature", "peer": PEER.hex(), "own": own.hex(), "checkpoint": {"size": of[0], "root": of[1].hex()},
            "body": body.hex(),
        }  # fmt: skip

        def run() -> Checkpoint:
            log_head.check_cosignature(body, PEER, own, of)
            return of

        _judge(tests, comment, flag, fault, fields, run)

    case("a cosignature", "Cosigned", body)
    case("another time", "NotCosigned", bytes(8) + body[8:], "BadSignature")
    case("one bit of the signature", "NotCosigned", body[:-1] + bytes([body[-1] ^ 1]), "BadSignature")
    case("of another checkpoint", "NotCosigned", log_head.cosignature(SECRET, TIME, own, checkpoint("own", 6)), "BadSignature")
    case("of another log", "NotCosigned", log_head.cosignature(SECRET, TIME, PEER, of), "BadSignature")
    case("by another key", "NotCosigned", log_head.cosignature(OWN, TIME, own, of), "BadSignature")
    signed = audit.timed(TIME, log_head.text_of(own, of))
    bare = TIME.to_bytes(8, "big") + ed25519.sign(SECRET, signed.split(b"\n", 2)[2])
    case("the checkpoint's own text signed", "NotCosigned", bare, "BadSignature")


def _judge(tests: Tests, comment: str, flag: str, fault: str, fields: dict[str, Any], run: Callable[[], Checkpoint]) -> None:
    try:
        size, top = run()
        fields |= {"size": size, "root": top.hex()}
        said = ""
    except Refused as refused:
        said = str(refused)
    tests.judged(comment, flag, fault, said, **fields)


def files() -> dict[str, dict[str, Any]]:
    tests = Tests()
    _heads(tests)
    _cosignatures(tests)
    notes = {
        "Grown": "V-HELLO-010: the log of `peer`, of which `known` was cosigned last, has grown",
        "Same": "V-HELLO-010: what was cosigned last is cosigned again, from whichever size the proof starts",
        "Form": "V-HELLO-009",
        "Unsigned": "V-HELLO-009",
        "Back": "V-HELLO-010: the peer's log went back",
        "Forked": "V-HELLO-010: the peer's log is not the one that was cosigned",
        "Cosigned": "V-COSIGN-002: the body of the frame, over the own `checkpoint`",
        "NotCosigned": "V-COSIGN-002",
    }
    return {"log_head": tests.document("log_head", "spec/07-round.md section 7.5", "spec/reference", notes)}
