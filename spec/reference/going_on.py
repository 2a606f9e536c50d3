"""Resume messages (spec section 11.7) and turns of a round by files (chapter 17)."""

from __future__ import annotations

from dataclasses import dataclass, field

import ed25519
from agreement import Refused
from kinds import MAX_FRAME
from labelled import labelled_hash

REQUESTER, RESPONDER = 1, 2
MAGIC = b"blindlink-turn/2\n"


def frame_digest(frame: bytes) -> bytes:
    return labelled_hash("blindlink/2 frame", [frame])


def chains(digests: list[bytes]) -> list[bytes]:
    """The chain over the first 0, 1, 2.. frames of a direction (section 12.1)."""
    values = [bytes(32)]
    for digest in digests:
        values.append(labelled_hash("blindlink/2 transcript link", [values[-1], digest]))
    return values


@dataclass
class Position:
    """Where one side stands."""

    round: bytes
    role: int
    binding: bytes
    received: list[bytes] = field(default_factory=list)
    """Digests of the peer's frames that are durable here."""
    made: list[bytes] = field(default_factory=list)
    """Digests of the own frames."""
    acknowledged: int = 0


def resume_body(at: Position, secret: bytes) -> bytes:
    fields = at.round + bytes([at.role])
    for digests in (at.received, at.made):
        fields += len(digests).to_bytes(4, "big") + chains(digests)[-1]
    fields += at.binding
    return fields + ed25519.sign(secret, labelled_hash("blindlink/2 resume", [fields]))


def check_resume(own: Position, peer: bytes, body: bytes) -> int:
    """The number of own frames that the peer has."""
    if len(body) < 201:
        raise Refused("Truncated")
    if len(body) > 201:
        raise Refused("TrailingBytes")
    fields, signature = body[:137], body[137:]
    number, role = fields[:32], fields[32]
    received, received_chain = int.from_bytes(fields[33:37], "big"), fields[37:69]
    made, made_chain = int.from_bytes(fields[69:73], "big"), fields[73:105]
    if fields[105:] != own.binding:
        raise Refused("ChannelBinding")
    if not ed25519.verify(peer, labelled_hash("blindlink/2 resume", [fields]), signature):
        raise Refused("BadSignature")
    if number != own.round:
        raise Refused("UnknownRound")
    if role != REQUESTER + RESPONDER - own.role:
        raise Refused("BadField")
    if received > len(own.made):
        raise Refused("OverAcknowledged")
    if received < own.acknowledged or made < len(own.received):
        raise Refused("StateLost")
    if received_chain != chains(own.made)[received]:
        raise Refused("HistoryMismatch")
    if made == len(own.received) and made_chain != chains(own.received)[-1]:
        raise Refused("HistoryMismatch")
    return received


@dataclass
class Turn:
    """What stands before a turn's frames."""

    number: int
    exchange: bytes | None
    sender: bytes
    recipient: bytes
    previous: bytes

    def encode(self) -> bytes:
        head = MAGIC + self.number.to_bytes(4, "big") + (self.exchange or bytes(32))
        return head + self.sender + self.recipient + self.previous


def turn_digest(header: bytes, frames: list[bytes]) -> bytes:
    digests = b"".join(frame_digest(frame) for frame in frames)
    return labelled_hash("blindlink/2 turn", [header, len(frames).to_bytes(4, "big"), digests])


def write_turn(header: Turn, frames: list[bytes], secret: bytes) -> bytes:
    head = header.encode()
    body = b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames) + bytes(4)
    return head + body + len(frames).to_bytes(4, "big") + ed25519.sign(secret, turn_digest(head, frames))


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        part = self.data[self.at : self.at + count]
        if len(part) < count:
            raise Refused("Truncated")
        self.at += count
        return part

    def number(self) -> int:
        return int.from_bytes(self.take(4), "big")


def read_header(data: bytes) -> Turn:
    """Who says what of a turn, checked against nothing."""
    reader = _Bytes(data)
    if reader.take(len(MAGIC)) != MAGIC:
        raise Refused("BadField")
    return Turn(reader.number(), reader.take(32), reader.take(32), reader.take(32), reader.take(32))


def read_turn(data: bytes, expected: Turn) -> bytes:
    """The turn's digest, if it is the one that comes next."""
    return open_turn(data, expected)[0]


def open_turn(data: bytes, expected: Turn) -> tuple[bytes, list[bytes]]:
    """The turn's digest and its frames, if it is the one that comes next."""
    reader, said = _Bytes(data), read_header(data)
    header, frames = reader.take(len(said.encode())), []
    while length := reader.number():
        # V-FRAME-005
        if length > MAX_FRAME:
            raise Refused("Length")
        frames.append(reader.take(length))
    count, signature = reader.number(), reader.take(64)
    if reader.at < len(data):
        raise Refused("TrailingBytes")
    if said.sender != expected.sender or said.recipient != expected.recipient or count != len(frames):
        raise Refused("BadField")
    digest = turn_digest(header, frames)
    if not ed25519.verify(said.sender, digest, signature):
        raise Refused("BadSignature")
    if not expected.exchange and not frames:
        raise Refused("BadField")
    this = expected.exchange or frame_digest(frames[0])
    if said.exchange != this:
        raise Refused("UnknownRound")
    if said.number != expected.number:
        raise Refused("TurnOutOfOrder")
    if said.previous != expected.previous:
        raise Refused("HistoryMismatch")
    return digest, frames


def file_binding(requester: bytes, responder: bytes) -> bytes:
    return labelled_hash("blindlink/2 file binding", [requester, responder])
