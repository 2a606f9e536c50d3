"""One party of a round: frames in, frames out (chapter 7), and what both parties check of what they receive."""

from __future__ import annotations

from collections.abc import Callable

import agree
import log_head
from agree import REQUESTER, RESPONDER, VERSION, Commitment, Record
from agreement import Reader, Refused
from going_on import file_binding
from kinds import ABORT, COMMIT, COSIGNATURE, HELLO, RECEIPT
from labelled import labelled_hash
from ot import InconsistentOt
from plan import COMPARE_CHUNK, WINDOW, Plan, Shape
from receipt import Statement, check_message
from ristretto255 import BadElement, BadScalar
from schedule import QUESTIONS, schedules
from setting import Result, Setting
from sides import Pair
from trees import InconsistentTree

MAX_POLICY, MAX_AGREEMENT = 65_535, 8_192


def check_records(shape: Shape, records: list[Record], padded: int) -> None:
    """What the own caller may not hand over."""
    if len(records) > padded:
        raise Refused("TooManyRecords")
    bits = shape.filter_bits + len(shape.segments)
    for record in records:
        filters = [record.filter, *(own for own, _ in record.others)]
        fits = all(len(own) == -(-bits // 8) and int.from_bytes(own, "little") >> bits == 0 for own in filters)
        fits = fits and len(record.others) <= 8 and all(len(own) == len(shape.tables) for _, own in record.others)
        slots = [slots.most for _, slots in shape.tables]
        if not fits or len(record.tokens) != len(slots) or any(len(t) > s for t, s in zip(record.tokens, slots)):
            raise Refused("WrongEncoding")


def named(error: ValueError) -> Refused:
    """The error of chapter 10 that a fault in a primitive is."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, (BadElement, BadScalar, InconsistentOt, InconsistentTree)):
        return Refused(type(error).__name__)
    raise error


class Machine:
    """What both parties do alike."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.plan = setting, Plan(setting.shape, setting.suite)
        shape, party = setting.shape, setting.party
        padded = shape.records_requester if setting.role == REQUESTER else shape.records_responder
        check_records(shape, party.records, padded)
        keys = (setting.own, setting.peer) if setting.role == REQUESTER else (setting.peer, setting.own)
        # V-FILES-002: that the frames go by files shows in the binding.
        by_files = setting.binding == file_binding(*keys)
        self.window = len(self.plan.chunks(COMPARE_CHUNK)) if by_files else WINDOW
        schedule = schedules(self.plan, self.window)
        self.outbox = [(kind, index) for kind, index, _ in schedule[setting.role]]
        self.inbox = schedule[REQUESTER + RESPONDER - setting.role]
        tables = [table for table, _ in shape.tables]
        contents = [(record.digest, record.encoding(tables)) for record in party.records]
        self.commitment = Commitment(party.seed, contents, padded)
        self.made: dict[tuple[int, int], bytes] = {}
        self.sent: list[bytes] = []
        """Digests of the own frames that have left."""
        self.received: list[bytes] = []
        self.own_chain, self.their_chain = bytes(32), bytes(32)
        self.own_chains: dict[tuple[int, int], bytes] = {}
        """That of 12.1 up to each own frame that has left."""
        self.their_chains: dict[tuple[int, int], bytes] = {}
        self.failed: Refused | None = None
        self.round_id: bytes | None = None
        self.pairs: list[Pair] | None = None
        self.claimed: list[tuple[int, bytes]] | None = None
        self.peer_receipt: bytes | None = None
        self.result: Result | None = None
        self.cosigned = log_head.NOTHING
        self.peer_cosignature = b""
        self.hello = agree.hello(
            setting.role, setting.own, self.commitment.nonce, setting.binding, setting.policy, setting.agreement, setting.head,
            setting.suite,
        )  # fmt: skip
        self.send(HELLO, 0, self.hello)

    # What goes out

    def send(self, kind: int, index: int, body: bytes) -> None:
        """A frame leaves when those before it in the schedule have."""
        self.made[kind, index] = agree.frame(kind, index, body)

    def leave(self) -> list[bytes]:
        """The frames that may leave now."""
        frames: list[bytes] = []
        while len(self.sent) < len(self.outbox) and self.outbox[len(self.sent)] in self.made:
            frames.append(self.made[self.outbox[len(self.sent)]])
            self._left(agree.frame_digest(frames[-1]))
        return frames

    def _left(self, digest: bytes) -> None:
        self.own_chain = agree.link(self.own_chain, digest)
        self.own_chains[self.outbox[len(self.sent)]] = self.own_chain
        self.sent.append(digest)

    def stands_for_cosignature(self, digest: bytes) -> None:
        """A side that is made again cannot make its own cosignature; this is the digest of the one that was sent."""
        if self.outbox[len(self.sent)] == (COSIGNATURE, 0):
            self._left(digest)

    # What comes in

    def receive(self, frame: bytes) -> list[bytes]:
        """Takes a frame; gives those that leave because of it. After its first error a party does nothing more
        (V-WIRE-004)."""
        return self._guarded(lambda: self._receive(frame))

    def persisted(self, count: int) -> list[bytes]:
        """Hears that so many received frames are durable. This reference keeps nothing and holds nothing back."""
        return self._guarded(lambda: self._persisted(count))

    def finish(self) -> list[bytes]:
        """Gets a result of work. This reference gives no work out, so it is never one that it asked for."""
        return self._guarded(self._finish)

    def _finish(self) -> None:
        raise Refused("UnknownJob")

    def abort(self) -> None:
        self.failed = self.failed or Refused("AbortedHere")

    def _guarded(self, step: Callable[[], None]) -> list[bytes]:
        if self.failed:
            raise self.failed
        try:
            step()
            frames = self.leave()
            self._settle()
            frames += self.leave()
            self._end()
        except ValueError as error:
            self.failed = named(error)
            raise self.failed from error
        return frames

    def _persisted(self, count: int) -> None:
        if count > len(self.received):
            raise Refused("UnknownPersist")

    def _receive(self, frame: bytes) -> None:
        if self.result:
            raise Refused("SessionOver")
        kind, index, body = self._scheduled(frame)
        digest = agree.frame_digest(frame)
        self.received.append(digest)
        self.their_chain = self.their_chains[kind, index] = agree.link(self.their_chain, digest)
        if kind == HELLO:
            self._check_hello(body)
            self.send(COMMIT, 0, self.commitment.body)
            self._cosign()
        elif kind == COMMIT:
            mine, theirs = [self.sent[0], self.commitment.body], [self.received[0], body]
            first, second = (mine, theirs) if self.setting.role == REQUESTER else (theirs, mine)
            self.round_id = agree.round_id(first[0], second[0], first[1], second[1])
            self.begin(self.round_id)
        elif kind == COSIGNATURE:
            head = log_head.read(self.setting.head)
            log_head.check_cosignature(body, self.setting.peer, self.setting.own, (head.size, head.root))
            self.peer_cosignature = body
        elif kind == RECEIPT:
            self.peer_receipt = body
        else:
            self.handle(kind, index, body)

    def _cosign(self) -> None:
        setting = self.setting
        if setting.party.identity:
            body = log_head.cosignature(setting.party.identity, setting.time, setting.peer, self.cosigned)
            self.send(COSIGNATURE, 0, body)

    def _scheduled(self, frame: bytes) -> tuple[int, int, bytes]:
        """V-WIRE-001, V-WIRE-002, V-WIRE-006."""
        if len(frame) < 5:
            raise Refused("Truncated")
        kind, index, body = frame[0], int.from_bytes(frame[1:5], "big"), frame[5:]
        if kind == ABORT and index == 0:
            reader = Reader(body)
            reader.take(2)
            reader.end()
            raise Refused("Aborted")
        at = len(self.received)
        if at == len(self.inbox) or self.inbox[at][:2] != (kind, index):
            came = [(k, i) for k, i, _ in self.inbox[:at]]
            raise Refused("Replayed" if (kind, index) in came else "Unexpected")
        length = self.inbox[at][2]
        if len(frame) > length or kind != HELLO and len(frame) < length:
            raise Refused("Length")
        question = QUESTIONS.get(kind)
        if question and (question, index) not in self.outbox[: len(self.sent)]:
            raise Refused("Unexpected")
        return kind, index, body

    def _check_hello(self, body: bytes) -> None:
        """7.4, in its order."""
        r, setting = Reader(body), self.setting
        if r.number(2) != VERSION:
            raise Refused("Version")
        if r.number(2) != setting.suite:
            raise Refused("Suite")
        role, identity, nonce, binding = r.number(1), r.take(32), r.take(32), r.take(32)
        parts = []
        for most in (MAX_POLICY, MAX_AGREEMENT):
            length = r.number(2)
            if length > most:
                raise Refused("BadField")
            parts.append(r.take(length))
        head = r.take(log_head.HEAD_BYTES)
        r.end()
        own_nonce, own_role = self.commitment.nonce, setting.role
        for wrong, fault in (
            (identity != setting.peer, "BadField"),
            (role == own_role, "Role"),
            (role not in (REQUESTER, RESPONDER), "BadField"),
            (nonce == own_nonce, "BadField"),
            (binding != setting.binding, "ChannelBinding"),
            (parts[0] != setting.policy, "Policy"),
            (parts[1] != setting.agreement, "Agreement"),
        ):
            if wrong:
                raise Refused(fault)
        self.cosigned = log_head.check(head, setting.peer, setting.known)

    # The receipt (chapter 12)

    def statement(self) -> Statement:
        setting, shape = self.setting, self.setting.shape
        mine, theirs = self.sent[: len(self.outbox) - 1], self.received[: len(self.inbox) - 1]
        chains, keys = (mine, theirs), (setting.own, setting.peer)
        if setting.role == RESPONDER:
            chains, keys = chains[::-1], keys[::-1]
        policy = labelled_hash("blindlink/1 policy digest", [setting.policy])
        numbers = shape.records_requester, shape.records_responder, self.plan.bins
        round_id = self.round_id or b""
        return Statement(round_id, agree.transcript(*chains), policy, setting.agreement_digest, *keys, numbers)

    def _settle(self) -> None:
        """Signs the receipt when everything else has crossed."""
        learnt = self.pairs is not None and self.claimed is not None
        crossed = len(self.sent) == len(self.outbox) - 1 and len(self.received) >= len(self.inbox) - 1
        if learnt and crossed and self.setting.party.identity:
            self.send(RECEIPT, 0, self.statement().message(self.setting.party.identity))

    def _end(self) -> None:
        """Checks the peer's receipt when the own one has left; a side that is made again makes none, but checks."""
        made_again = not self.setting.party.identity
        if self.result or self.peer_receipt is None or len(self.sent) < len(self.outbox) - made_again:
            return
        statement = self.statement()
        theirs = check_message(statement, self.setting.peer, self.peer_receipt)
        if made_again:
            return
        own = self.made[RECEIPT, 0][-64:]
        both = [own, theirs] if self.setting.role == REQUESTER else [theirs, own]
        receipt = statement.encode() + b"".join(both)
        self.result = Result(self.pairs or [], self.claimed or [], statement.transcript, receipt, self.cosigned, self.peer_cosignature)

    def begin(self, round_id: bytes) -> None:
        raise NotImplementedError

    def handle(self, kind: int, index: int, body: bytes) -> None:
        raise NotImplementedError
