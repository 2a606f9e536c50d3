"""Mutual confirmation and notices (spec/18-confirmation.md), in plain Python.

A party takes the frames of the other in their order and gives its own; whatever it must refuse is a Refused with the class
of chapter 10.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import blake3
import ed25519
from labelled import labelled_hash, prf
from oprf import MODE_POPRF, Proof, challenge, context_string, framed, hash_to_scalar
from ristretto255 import G, L, BadElement, BadScalar, Element

REQUESTER, RESPONDER = 1, 2
HELLO, COMMIT, SET, BLIND, SHARE, RECEIPT = range(1, 7)
MOST_SLOTS = 2**16
BODY, NOTICE, ACKNOWLEDGEMENT = 256, 505, 104
DISCLOSURE, WITHDRAWAL = 1, 2
TURNS = {0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


class Refused(ValueError):
    """What a party must refuse, by its class."""


def _h(label: str, *parts: bytes) -> bytes:
    return labelled_hash(f"blindlink/2 confirm {label}", parts)


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def _element(encoded: bytes) -> Element:
    try:
        return Element.decode_not_identity(encoded)
    except BadElement:
        raise Refused("BadElement") from None


def _proof(encoded: bytes) -> Proof:
    try:
        return Proof.decode(encoded)
    except BadScalar:
        raise Refused("BadScalar") from None


def _not_identity(element: Element) -> Element:
    if element == Element.identity():
        raise Refused("BadElement")
    return element


@dataclass(frozen=True)
class Statement:
    """18.3: what a run is about."""

    agreement: bytes
    round: bytes
    requester: bytes
    responder: bytes
    run: int
    slots: int
    pseudonyms: tuple[bytes, ...]

    def encode(self) -> bytes:
        items = sorted(self.pseudonyms)
        if len(set(items)) != len(items) or len(items) > self.slots or self.slots > MOST_SLOTS:
            raise Refused("TooManyRecords")
        head = b"\x01" + self.agreement + self.round + self.requester + self.responder
        return head + u32(self.run) + u32(self.slots) + _h("items", b"".join(items))

    def digest(self) -> bytes:
        return _h("run", self.encode())


def key_challenge(context: bytes, public: Element, commitment: Element) -> int:
    """The challenge of 8.1's proof of knowledge."""
    text = b"KeyKnowledge" + context + framed(public.encode()) + framed(commitment.encode())
    return hash_to_scalar(text, context_string(MODE_POPRF))


def scale_challenge(context: bytes, elements: tuple[Element, ...]) -> int:
    text = b"ScaledPair" + context + b"".join(framed(element.encode()) for element in elements)
    return hash_to_scalar(text, context_string(MODE_POPRF))


def share_weights(digest: bytes, count: int) -> list[int]:
    """The weights of 8.2."""
    key = labelled_hash("blindlink/2 dleq weight", [digest])
    return [int.from_bytes(prf(key, [i], 16), "little") for i in range(count)]


def combine(weights: list[int], elements: list[Element]) -> Element:
    total = Element.identity()
    for weight, element in zip(weights, elements, strict=True):
        total = total + weight * element
    return total


@dataclass
class Party:
    """One side of a run. `yes` has a bit for each item, in ascending order of pseudonyms."""

    statement: Statement
    role: int
    secret: bytes
    yes: list[bool]
    seed: bytes
    sent: list[bytes] = field(default_factory=list)
    got: list[bytes] = field(default_factory=list)
    confirmed: list[bool] | None = None
    signed: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.t = self.statement.digest()
        self.z = _h("random", self.seed, self.t, bytes([self.role]))
        self.nonces = _h("nonce", self.seed, self.t, bytes([self.role]))
        self.peer = self.statement.responder if self.role == REQUESTER else self.statement.requester

    # Randomness.

    def scalar(self, *point: int) -> int:
        return int.from_bytes(prf(self.z, point, 64), "little") % L

    def nonce(self, digest: bytes) -> int:
        return int.from_bytes(blake3.keyed_hash(self.nonces, digest, 64), "little") % L

    # Making frames.

    def begin(self) -> list[bytes]:
        self.k = self.scalar(0)
        self.public = self.k * G
        context = _h("key", self.t, bytes([self.role]))
        n = self.nonce(context)
        c = key_challenge(context, self.public, n * G)
        proof = Proof(c, (n - c * self.k) % L)
        return self._send(HELLO, self.t + self.public.encode() + proof.encode())

    def _send(self, kind: int, body: bytes) -> list[bytes]:
        frame = bytes([kind]) + body
        self.sent.append(frame)
        return [frame]

    def _set(self) -> bytes:
        pairs = []
        for i in range(self.statement.slots):
            r, v = self.scalar(1, i), self.scalar(2, i)
            second = r * self.joint
            if i >= len(self.yes) or not self.yes[i]:
                second = second + v * G
            pairs.append((r * G).encode() + second.encode())
        return prf(self.z, [3], 32) + b"".join(pairs)

    def _commitment(self, role: int, body: bytes) -> bytes:
        return _h("commitment", self.id, bytes([role]), body[:32], body[32:])

    def _ours_first(self, ours: bytes, theirs: bytes) -> tuple[bytes, bytes]:
        """(R's, S's) of two things, ours and theirs."""
        return (ours, theirs) if self.role == REQUESTER else (theirs, ours)

    def _blind(self) -> bytes:
        out = b""
        for i, (s1, s2) in enumerate(self.sums):
            w = self.scalar(4, i)
            f1, f2 = w * s1, w * s2
            context = self._scale_context(self.role, i, s1, f1, s2, f2)
            n = self.nonce(context)
            c = scale_challenge(context, (s1, f1, s2, f2, n * s1, n * s2))
            out += f1.encode() + f2.encode() + Proof(c, (n - c * w) % L).encode()
        return out + ed25519.sign(self.secret, self._promise(self.role, out))

    def _scale_context(self, role: int, i: int, *elements: Element) -> bytes:
        return _h("scale", self.id, bytes([role]), u32(i), *(element.encode() for element in elements))

    def _promise(self, role: int, blinded: bytes) -> bytes:
        return _h("promise", self.id, bytes([role]), *self._ours_first(self.sent[2], self.got[2]), blinded)

    def _share(self) -> bytes:
        shares = [self.k * e1 for e1, _ in self.blinded]
        self.own_shares = shares
        digest = self._share_digest(self.role, self.public, shares)
        weights = share_weights(digest, len(shares))
        m = combine(weights, [e1 for e1, _ in self.blinded])
        z = self.k * m
        n = self.nonce(digest)
        c = challenge(self.public, m, z, n * G, n * m, context_string(MODE_POPRF))
        return b"".join(share.encode() for share in shares) + Proof(c, (n - c * self.k) % L).encode()

    def _share_digest(self, role: int, public: Element, shares: list[Element]) -> bytes:
        all_e1 = b"".join(e1.encode() for e1, _ in self.blinded)
        return _h("share", self.id, bytes([role]), public.encode(), all_e1, b"".join(s.encode() for s in shares))

    def _receipt(self) -> bytes:
        self.transcript = _h("transcript", *(f for pair in zip(self.sent, self.got) for f in self._ours_first(*pair)))
        return self.transcript + ed25519.sign(self.secret, self._receipt_text())

    def _receipt_text(self) -> bytes:
        return _h("receipt", self.statement.encode(), self.id, self.transcript)

    def shares_first(self) -> bool:
        return (self.statement.run % 2 == 0) == (self.role == REQUESTER)

    # Taking frames.

    def lengths(self) -> dict[int, int]:
        n = self.statement.slots
        return {HELLO: 129, COMMIT: 33, SET: 33 + 64 * n, BLIND: 65 + 128 * n, SHARE: 65 + 32 * n, RECEIPT: 97}

    def take(self, frame: bytes) -> list[bytes]:
        """Takes the other's next frame and gives the frames that follow from it."""
        kind = len(self.got) + 1
        if kind > RECEIPT:
            raise Refused("SessionOver")
        if not frame:
            raise Refused("Truncated")
        if frame[0] != kind:
            raise Refused("Unexpected")
        if len(frame) != self.lengths()[kind]:
            raise Refused("Length")
        body = frame[1:]
        steps = {
            HELLO: self._take_hello, COMMIT: self._take_commit, SET: self._take_set, BLIND: self._take_blind,
            SHARE: self._take_share, RECEIPT: self._take_receipt,
        }  # fmt: skip
        self.got.append(frame)
        return steps[kind](body)

    def _take_hello(self, body: bytes) -> list[bytes]:
        if body[:32] != self.t:
            raise Refused("HistoryMismatch")
        self.theirs = _element(body[32:64])
        proof = _proof(body[64:])
        context = _h("key", self.t, bytes([3 - self.role]))
        if key_challenge(context, self.theirs, proof.s * G + proof.c * self.theirs) != proof.c:
            raise Refused("BadProof")
        self.joint = _not_identity(self.public + self.theirs)
        self.id = _h("id", *self._ours_first(self.sent[0], self.got[0]))
        self.own_set = self._set()
        return self._send(COMMIT, self._commitment(self.role, self.own_set))

    def _take_commit(self, body: bytes) -> list[bytes]:
        return self._send(SET, self.own_set)

    def _take_set(self, body: bytes) -> list[bytes]:
        if self._commitment(3 - self.role, body) != self.got[1][1:]:
            raise Refused("BrokenCommitment")
        self.sums = []
        for i in range(self.statement.slots):
            at = 32 + 64 * i
            c1, c2 = _element(body[at : at + 32]), _element(body[at + 32 : at + 64])
            own1, own2 = _element(self.own_set[at : at + 32]), _element(self.own_set[at + 32 : at + 64])
            self.sums.append((_not_identity(c1 + own1), _not_identity(c2 + own2)))
        return self._send(BLIND, self._blind())

    def _take_blind(self, body: bytes) -> list[bytes]:
        self.blinded = []
        own = self.sent[3][1:]
        for i, (s1, s2) in enumerate(self.sums):
            at = 128 * i
            f1, f2, proof = _element(body[at : at + 32]), _element(body[at + 32 : at + 64]), _proof(body[at + 64 : at + 128])
            context = self._scale_context(3 - self.role, i, s1, f1, s2, f2)
            t1, t2 = proof.s * s1 + proof.c * f1, proof.s * s2 + proof.c * f2
            if scale_challenge(context, (s1, f1, s2, f2, t1, t2)) != proof.c:
                raise Refused("BadProof")
            own1, own2 = _element(own[at : at + 32]), _element(own[at + 32 : at + 64])
            self.blinded.append((_not_identity(f1 + own1), f2 + own2))
        if not ed25519.verify(self.peer, self._promise(3 - self.role, body[:-64]), body[-64:]):
            raise Refused("BadSignature")
        return self._send(SHARE, self._share()) if self.shares_first() else []

    def _take_share(self, body: bytes) -> list[bytes]:
        shares = [_element(body[32 * i : 32 * i + 32]) for i in range(self.statement.slots)]
        proof = _proof(body[-64:])
        digest = self._share_digest(3 - self.role, self.theirs, shares)
        weights = share_weights(digest, len(shares))
        m, z = combine(weights, [e1 for e1, _ in self.blinded]), combine(weights, shares)
        t2, t3 = proof.s * G + proof.c * self.theirs, proof.s * m + proof.c * z
        if challenge(self.theirs, m, z, t2, t3, context_string(MODE_POPRF)) != proof.c:
            raise Refused("BadProof")
        sent = [] if self.shares_first() else self._send(SHARE, self._share())
        opened = [e2 - own - other for (_, e2), own, other in zip(self.blinded, self.own_shares, shares)]
        found = [element == Element.identity() for element in opened]
        if any(found[i] and not (i < len(self.yes) and self.yes[i]) for i in range(len(found))):
            raise Refused("BadField")
        self.confirmed = found[: len(self.yes)]
        return sent + self._send(RECEIPT, self._receipt())

    def _take_receipt(self, body: bytes) -> list[bytes]:
        if body[:32] != self.transcript:
            raise Refused("TranscriptMismatch")
        if not ed25519.verify(self.peer, self._receipt_text(), body[32:]):
            raise Refused("BadSignature")
        return []


def play(requester: Party, responder: Party) -> None:
    """A whole run of two parties."""
    to_responder, to_requester = requester.begin(), responder.begin()
    while to_responder or to_requester:
        if to_requester:
            to_responder += requester.take(to_requester.pop(0))
        if to_responder:
            to_requester += responder.take(to_responder.pop(0))


# Notices.


@dataclass(frozen=True)
class About:
    """What a notice is about, and between whom."""

    agreement: bytes
    round: bytes
    run: bytes
    pseudonym: bytes
    sender: bytes
    recipient: bytes


def disclosure_body(case: str, desk: str, handling: int) -> bytes:
    text = b"".join(len(t.encode()).to_bytes(2, "big") + t.encode() for t in (case, desk)) + bytes([handling])
    return text.ljust(BODY, b"\0")


def withdrawal_body(reason: int) -> bytes:
    return bytes([reason]).ljust(BODY, b"\0")


def notice(kind: int, about: About, time: int, body: bytes, secret: bytes) -> bytes:
    head = bytes([kind]) + about.agreement + about.round + about.run + about.pseudonym + about.sender + about.recipient
    text = head + time.to_bytes(8, "big") + body
    return text + ed25519.sign(secret, _h("notice", text))


def _text(body: bytes, at: int, least: int, most: int) -> int:
    """Where a text ends."""
    length = int.from_bytes(body[at : at + 2], "big")
    if not least <= length <= most:
        raise Refused("BadField")
    try:
        text = body[at + 2 : at + 2 + length].decode()
    except UnicodeDecodeError:
        raise Refused("BadField") from None
    if any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or ord(c) in TURNS for c in text):
        raise Refused("BadField")
    return at + 2 + length


def check_notice(received: bytes, agreement: bytes, round_id: bytes, sender: bytes, recipient: bytes, confirmed: list[list[bytes]]) -> None:
    """V-CONFIRM-014: `confirmed` holds pairs of run and pseudonym."""
    if len(received) != NOTICE:
        raise Refused("Length")
    kind, body, signature = received[0], received[NOTICE - 64 - BODY : -64], received[-64:]
    if kind == DISCLOSURE:
        end = _text(body, _text(body, 0, 1, 64), 0, 128) + 1
        if body[end - 1] > 3:
            raise Refused("BadField")
    elif kind == WITHDRAWAL:
        end = 1
        if not 1 <= body[0] <= 8:
            raise Refused("BadField")
    else:
        raise Refused("BadField")
    if any(body[end:]):
        raise Refused("BadField")
    if received[1:65] != agreement + round_id or received[113:177] != sender + recipient:
        raise Refused("BadField")
    if [received[65:97], received[97:113]] not in confirmed:
        raise Refused("UnknownRound")
    if not ed25519.verify(sender, _h("notice", received[:-64]), signature):
        raise Refused("BadSignature")


def notice_digest(sent: bytes) -> bytes:
    return _h("notice digest", sent)


def acknowledgement(sent: bytes, time: int, secret: bytes) -> bytes:
    head = notice_digest(sent) + time.to_bytes(8, "big")
    return head + ed25519.sign(secret, _h("acknowledgement", head[:32], head[32:]))


def check_acknowledgement(received: bytes, sent: bytes, recipient: bytes) -> None:
    """V-CONFIRM-015."""
    if len(received) != ACKNOWLEDGEMENT:
        raise Refused("Length")
    if received[:32] != notice_digest(sent):
        raise Refused("BadField")
    if not ed25519.verify(recipient, _h("acknowledgement", received[:32], received[32:40]), received[40:]):
        raise Refused("BadSignature")


