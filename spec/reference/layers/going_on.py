"""Resume messages, and turns of a round by files."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import ed25519
import going_on
from going_on import Position, Refused, Turn
from layers.common import Tests, seed_bytes

KEY, OTHER = seed_bytes("going on: requester"), seed_bytes("going on: responder")
FROM_REQUESTER = [seed_bytes(f"going on: frame {i} of the requester") for i in range(6)]
FROM_RESPONDER = [seed_bytes(f"going on: frame {i} of the responder") for i in range(4)]
ROUND, BINDING = seed_bytes("going on: round"), seed_bytes("going on: exporter")


def _resume() -> dict[str, Any]:
    tests = Tests()
    peer = ed25519.public_key(KEY)
    own = Position(ROUND, going_on.RESPONDER, BINDING, FROM_REQUESTER, FROM_RESPONDER, 2)

    def case(comment: str, flag: str, body: bytes, fault: str = "") -> None:
        fields: dict[str, Any] = {
            "round": own.round.hex(), "role": own.role, "exporter": own.binding.hex(), "peer": peer.hex(),
            "received": [d.hex() for d in own.received], "made": [d.hex() for d in own.made],
            "acknowledged": own.acknowledged, "body": body.hex(),
        }  # fmt: skip
        try:
            fields["count"] = going_on.check_resume(own, peer, body)
            said = ""
        except Refused as refused:
            said = str(refused)
        tests.judged(comment, flag, fault, said, **fields)

    def said(secret: bytes = KEY, **changes: Any) -> bytes:
        theirs = Position(ROUND, going_on.REQUESTER, BINDING, FROM_RESPONDER, FROM_REQUESTER)
        return going_on.resume_body(dataclasses.replace(theirs, **changes), secret)

    strange, good = seed_bytes("going on: another frame"), said()
    for count in (2, 3, 4):
        case(f"the peer has {count} of 4 frames", "GoesOn", said(received=FROM_RESPONDER[:count]))
    case("it has made more than came", "GoesOn", said(made=[*FROM_REQUESTER, strange]))
    case("one byte short", "Form", good[:-1], "Truncated")
    case("one byte too many", "Form", good + b"\0", "TrailingBytes")
    case("for another connection", "Elsewhere", said(binding=seed_bytes("going on: other exporter")), "ChannelBinding")
    case("signed by another key", "Elsewhere", said(OTHER), "BadSignature")
    case("one bit of the count changed", "Elsewhere", good[:36] + bytes([good[36] ^ 1]) + good[37:], "BadSignature")
    case("of another round", "Elsewhere", said(round=seed_bytes("going on: other round")), "UnknownRound")
    case("the own role", "Elsewhere", said(role=going_on.RESPONDER), "BadField")
    case("no role", "Elsewhere", said(role=3), "BadField")
    case("more received than was made", "Burns", said(received=[*FROM_RESPONDER, strange]), "OverAcknowledged")
    case("less received than was acknowledged", "Burns", said(received=FROM_RESPONDER[:1]), "StateLost")
    case("less made than came", "Burns", said(made=FROM_REQUESTER[:5]), "StateLost")
    case("another frame received", "Burns", said(received=[*FROM_RESPONDER[:3], strange]), "HistoryMismatch")
    case("another frame received before", "Burns", said(received=[strange, *FROM_RESPONDER[1:3]]), "HistoryMismatch")
    case("another frame made", "Burns", said(made=[*FROM_REQUESTER[:5], strange]), "HistoryMismatch")
    notes = {
        "GoesOn": "V-RESUME-001: the number of own frames that the peer has",
        "Form": "must be refused for its form",
        "Elsewhere": "V-RESUME-003 to V-RESUME-005: must be refused, and the round stays open",
        "Burns": "V-RESUME-006 to V-RESUME-008: must be refused, and the round is burnt",
    }
    return tests.document("resume", "spec/11-transport.md section 11.7", "spec/reference", notes)


def _turn() -> dict[str, Any]:
    tests = Tests()
    sender, recipient = ed25519.public_key(KEY), ed25519.public_key(OTHER)
    exchange, previous = seed_bytes("going on: exchange"), seed_bytes("going on: turn before")
    third = Turn(3, exchange, sender, recipient, previous)
    frames = [b"first frame", b"x", seed_bytes("going on: frame of a turn", 300)]

    def case(comment: str, flag: str, data: bytes, fault: str = "", expected: Turn = third) -> None:
        fields: dict[str, Any] = {
            "file": data.hex(), "number": expected.number, "sender": expected.sender.hex(),
            "recipient": expected.recipient.hex(), "previous": expected.previous.hex(),
        }  # fmt: skip
        if expected.exchange:
            fields["exchange"] = expected.exchange.hex()
        try:
            fields["digest"] = going_on.read_turn(data, expected).hex()
            said = ""
        except Refused as refused:
            said = str(refused)
        tests.judged(comment, flag, fault, said, **fields)

    def changed(secret: bytes = KEY, **changes: Any) -> bytes:
        return going_on.write_turn(dataclasses.replace(third, **changes), frames, secret)

    good, strange = changed(), seed_bytes("going on: strange")
    case("the next turn", "Next", good)
    case("a turn without frames", "Next", going_on.write_turn(third, [], KEY))
    first = Turn(1, None, sender, recipient, bytes(32))
    named = dataclasses.replace(first, exchange=going_on.frame_digest(frames[0]))
    case("the first turn", "Next", going_on.write_turn(named, frames, KEY), expected=first)
    lying = dataclasses.replace(first, exchange=exchange)
    nameless = dataclasses.replace(named, exchange=bytes(32))
    case("a first turn without frames", "NotNext", going_on.write_turn(nameless, [], KEY), "BadField", first)
    case("a first turn that names another exchange", "NotNext", going_on.write_turn(lying, frames, KEY), "UnknownRound", first)
    body = len(third.encode())
    cuts: list[tuple[str, Callable[[bytes], bytes], str]] = [
        ("nothing", lambda data: data[:0], "Truncated"),
        ("cut in its header", lambda data: data[:60], "Truncated"),
        ("cut in a frame", lambda data: data[: body + 8], "Truncated"),
        ("cut in its signature", lambda data: data[:-1], "Truncated"),
        ("one byte too many", lambda data: data + b"\0", "TrailingBytes"),
        ("another format", lambda data: data.replace(b"turn/2", b"turn/1", 1), "BadField"),
        ("a frame of 4 MiB and a byte", lambda data: data[:body] + b"\0\x40\0\1" + data[body + 4 :], "Length"),
        ("another number of frames", lambda data: data[:-65] + b"\x02" + data[-64:], "BadField"),
        ("one bit of a frame changed", lambda data: data[: body + 4] + b"F" + data[body + 5 :], "BadSignature"),
        ("one bit of the signature changed", lambda data: data[:-1] + bytes([data[-1] ^ 1]), "BadSignature"),
    ]
    for comment, cut, fault in cuts:
        case(comment, "Altered", cut(good), fault)
    case("signed by another key", "Altered", changed(OTHER), "BadSignature")
    case("from somebody else", "Altered", changed(OTHER, sender=recipient), "BadField")
    case("for somebody else", "Altered", changed(recipient=sender), "BadField")
    case("of another exchange", "NotNext", changed(exchange=strange), "UnknownRound")
    case("a turn too early", "NotNext", changed(number=1), "TurnOutOfOrder")
    case("a turn too late", "NotNext", changed(number=5), "TurnOutOfOrder")
    case("after another turn", "NotNext", changed(previous=strange), "HistoryMismatch")
    notes = {
        "Next": "V-FILES-005, V-FILES-006: the digest of the turn",
        "Altered": "V-FILES-003, V-FILES-004: must be refused, and nothing of it used",
        "NotNext": "V-FILES-005, V-FILES-006: must be refused, and nothing of it used",
    }
    return tests.document("turn", "spec/17-files.md section 17.2", "spec/reference", notes)


def _binding() -> dict[str, Any]:
    tests = Tests()
    one, two = ed25519.public_key(KEY), ed25519.public_key(OTHER)
    for comment, requester, responder in (("one way", one, two), ("the other way", two, one)):
        output = going_on.file_binding(requester, responder)
        tests.valid(comment, "Binding", requester=requester.hex(), responder=responder.hex(), output=output.hex())
    notes = {"Binding": "V-FILES-001: what both hellos are bound to"}
    return tests.document("file_binding", "spec/17-files.md section 17.1", "spec/reference", notes)


def files() -> dict[str, dict[str, Any]]:
    return {"resume": _resume(), "turn": _turn(), "file_binding": _binding()}
