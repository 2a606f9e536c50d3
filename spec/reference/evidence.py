"""Evidence of a round (chapter 16): writing, verification, re-execution, samples.

    python3 spec/reference/evidence.py verify FILE
    python3 spec/reference/evidence.py reexecute FILE --seed-file FILE --records CSV

The policy is that of the evidence's header; the seed's file has the line that `blindlink audit evidence --seed-out` writes,
or the 64 digits alone. Prints what was found, a line each, or the fault with its code and place (chapter 10). Exit codes: 0
it holds, 1 it does not, 2 a file or argument is of no use.
"""

from __future__ import annotations

import argparse
import copy
import functools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import agree
import agreement as terms
import agreement_validator
import ed25519
import encode
import lists
import log_head
import policy as policies
import policy_validator
from agree import REQUESTER, RESPONDER, Commitment, Record
from agreement_validator import Broken
from labelled import labelled_hash
from layers.common import EVIDENCE_CODES, SESSION_CODES
from going_on import file_binding
from kinds import COMMIT, COSIGNATURE, HELLO, RECEIPT
from parties import Machine, Setting, machine
from plan import COMPARE_CHUNK, WINDOW, Plan
from record_check import FileRefused
from schedule import QUESTIONS, schedules
from sides import Party

MAGIC = b"blindlink-evidence/2\n"
SEED_LINE = "blindlink-round-seed-1 "
SENT, RECEIVED, END = 1, 2, 4
RECEIPT_BYTES = 332
frame_digest = functools.lru_cache(maxsize=1024)(agree.frame_digest)


class Refused(ValueError):
    """The error class of chapter 10, and the place."""

    def __init__(self, fault: str, place: str = "", stopped: str = "") -> None:
        super().__init__(fault)
        self.place = place
        self.stopped = stopped
        """Of a refused frame: the class of chapter 10 with which the side stops."""


@dataclass(frozen=True)
class Header:
    role: int
    suite: int
    own: bytes
    peer: bytes
    nonce: bytes
    binding: bytes
    seed_commitment: bytes
    root: bytes
    head: bytes
    """Of the own log, as in the own hello."""
    policy: bytes
    agreement: bytes

    def encode(self) -> bytes:
        body = MAGIC + bytes([self.role]) + self.suite.to_bytes(2, "big") + self.own + self.peer + self.nonce + self.binding
        body += self.seed_commitment + self.root + self.head
        body += b"".join(len(part).to_bytes(2, "big") + part for part in (self.policy, self.agreement))
        return body + labelled_hash("blindlink/2 evidence header", [body])

    @property
    def hello(self) -> bytes:
        body = agree.hello(self.role, self.own, self.nonce, self.binding, self.policy, self.agreement, self.head, self.suite)
        return agree.frame(HELLO, 0, body)

    @property
    def commit(self) -> bytes:
        return agree.frame(COMMIT, 0, self.seed_commitment + self.root)


def write(header: Header, order: list[int], frames: dict[int, list[bytes]], receipt: bytes) -> bytes:
    """Evidence of the side whose header it is, over both sides' frames in this order; unfinished without a receipt."""
    out, states = header.encode(), {REQUESTER: bytes(32), RESPONDER: bytes(32)}
    left = {role: iter(list(own)) for role, own in frames.items()}
    for role in order:
        frame = next(left[role])
        states[role] = _link(states[role], frame_digest(frame))
        if role == header.role:
            out += bytes([SENT]) + frame_digest(frame)
        else:
            out += bytes([RECEIVED]) + len(frame).to_bytes(4, "big") + frame
        out += states[role]
    return out + (bytes([END]) + receipt if receipt else b"")


def _link(state: bytes, digest: bytes) -> bytes:
    return labelled_hash("blindlink/2 transcript link", [state, digest])


class _Bytes:
    """Reads front to back; what is missing is a fault of the place where it is missing."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def over(self) -> bool:
        return self.at == len(self.data)

    def take(self, n: int, place: str) -> bytes:
        if self.at + n > len(self.data):
            raise Refused("Format", place)
        self.at += n
        return self.data[self.at - n : self.at]


def _read_header(r: _Bytes) -> Header:
    """V-EVIDENCE-001."""
    fixed = r.take(len(MAGIC) + 3 + 6 * 32 + log_head.HEAD_BYTES, "header")
    if not fixed.startswith(MAGIC):
        raise Refused("Format", "header")
    parts = []
    for most in (65_535, 8_192):
        length = int.from_bytes(r.take(2, "header"), "big")
        if length > most:
            raise Refused("Format", "header")
        parts.append(r.take(length, "header"))
    body = r.data[: r.at]
    end = r.data[r.at : r.at + 32]
    r.at += len(end)
    if end != labelled_hash("blindlink/2 evidence header", [body]):
        raise Refused("Header", "header")
    role, rest = fixed[len(MAGIC)], fixed[len(MAGIC) + 3 :]
    suite = int.from_bytes(fixed[len(MAGIC) + 1 : len(MAGIC) + 3], "big")
    own, peer, nonce, binding, seed, root = (rest[i : i + 32] for i in range(0, 192, 32))
    if role not in (REQUESTER, RESPONDER) or suite not in (1, 2) or not ed25519.is_key(own) or not ed25519.is_key(peer):
        raise Refused("Format", "header")
    return Header(role, suite, own, peer, nonce, binding, seed, root, rest[192:], *parts)


def _check_hello(header: Header, frame: bytes) -> bool:
    """7.4, against the own hello; which of its checks fails does not matter here."""
    theirs = RESPONDER if header.role == REQUESTER else REQUESTER
    body = frame[5:]
    nonce = body[37:69]
    head = body[-log_head.HEAD_BYTES :]
    wanted = agree.hello(theirs, header.peer, nonce, header.binding, header.policy, header.agreement, head, header.suite)
    try:
        # What the owner had cosigned before stands in its audit log, not here.
        log_head.check_signed(head, header.peer)
    except terms.Refused:
        return False
    return body == wanted and nonce != header.nonce


class Verifier:
    """16.3, entry by entry."""

    def __init__(self, data: bytes) -> None:
        self.bytes = _Bytes(data)
        self.header = _read_header(self.bytes)
        self._check_policy()
        self._check_agreement()
        self.peer_role = RESPONDER if self.header.role == REQUESTER else REQUESTER
        self.frames: dict[int, list[bytes]] = {REQUESTER: [], RESPONDER: []}
        """Digests of all frames so far."""
        self.states = {REQUESTER: bytes(32), RESPONDER: bytes(32)}
        self.commit = self.receipt = b""
        self.entry_of_receipt = 0
        self.received_receipt = b""

    def _check_policy(self) -> None:
        try:
            self.policy = policies.decode(self.header.policy)
            self.plan = Plan(policy_validator.check(self.policy), self.header.suite)
        except (terms.Refused, Broken) as refused:
            raise Refused("Policy", "header") from refused
        keys = (self.header.own, self.header.peer)
        by_files = self.header.binding == file_binding(*(keys if self.header.role == REQUESTER else keys[::-1]))
        # V-FILES-002
        self.schedule = schedules(self.plan, len(self.plan.chunks(COMPARE_CHUNK)) if by_files else WINDOW)

    def _check_agreement(self) -> None:
        """V-EVIDENCE-002."""
        self.agreement_digest = bytes(32)
        if not self.header.agreement:
            return
        try:
            agreed = terms.decode(self.header.agreement)
            agreement_validator.check(agreed)
        except (terms.Refused, Broken) as refused:
            raise Refused("Agreement", "header") from refused
        nodes = [party.node for party in agreed.parties]
        own = next((p for p in agreed.parties if p.node == self.header.own), None)
        if sorted(nodes) != sorted([self.header.own, self.header.peer]) or own is None:
            raise Refused("Agreement", "header")
        if own.role not in (3, self.header.role) or agreed.policy != self.policy.digest() or agreed.suite != self.header.suite:
            raise Refused("Agreement", "header")
        self.agreement_digest = agreed.digest()

    def entries(self) -> Iterator[tuple[int, int, bytes]]:
        """Number, sender and digest or frame of each entry, checked."""
        number, r = 0, self.bytes
        while not r.over():
            place = f"entry {number}"
            kind = r.take(1, place)[0]
            if kind == END:
                self._end(number)
                return
            if kind not in (SENT, RECEIVED):
                raise Refused("Format", place)
            role = self.header.role if kind == SENT else self.peer_role
            at, schedule = len(self.frames[role]), self.schedule[role]
            longest = schedule[at][2] if at < len(schedule) else 0
            if kind == SENT:
                content = digest = r.take(32, place)
            else:
                length = int.from_bytes(r.take(4, place), "big")
                if length > longest:
                    raise Refused("Schedule", place)
                content = r.take(length, place)
            said = r.take(32, place)
            if at == len(schedule):
                raise Refused("Schedule", place)
            if kind == RECEIVED:
                self._check_scheduled(content, schedule[at], place)
                digest = frame_digest(content)
            self.states[role] = _link(self.states[role], digest)
            if self.states[role] != said:
                raise Refused("Chain", place)
            self.frames[role].append(digest)
            self._check_known(role, schedule[at][0], content, number)
            yield number, role, content
            number += 1

    @staticmethod
    def _check_scheduled(frame: bytes, wanted: tuple[int, int, int], place: str) -> None:
        kind, index, length = wanted
        fits = len(frame) <= length if kind == HELLO else len(frame) == length
        if frame[:5] != bytes([kind]) + index.to_bytes(4, "big") or not fits:
            raise Refused("Schedule", place)

    def _check_known(self, role: int, kind: int, content: bytes, number: int) -> None:
        """V-EVIDENCE-005."""
        if role == self.header.role:
            own = {HELLO: self.header.hello, COMMIT: self.header.commit}.get(kind)
            if own is not None and content != frame_digest(own):
                raise Refused("OwnFrame", f"entry {number}")
            if kind == RECEIPT:
                self.entry_of_receipt = number
        elif kind == HELLO and not _check_hello(self.header, content):
            raise Refused("PeerHello", f"entry {number}")
        elif kind == COMMIT:
            self.commit = content[5:]
        elif kind == RECEIPT:
            self.received_receipt = content[5:]

    @property
    def round_id(self) -> bytes:
        hellos = [self.frames[role][0] for role in (REQUESTER, RESPONDER)]
        commits = [self.header.commit[5:], self.commit]
        return agree.round_id(*hellos, *(commits if self.header.role == REQUESTER else commits[::-1]))

    def _end(self, number: int) -> None:
        """V-EVIDENCE-006."""
        receipt = self.bytes.take(RECEIPT_BYTES, "receipt")
        if not self.bytes.over():
            raise Refused("Format", "end")
        if any(len(self.frames[role]) < len(self.schedule[role]) for role in (REQUESTER, RESPONDER)):
            raise Refused("Schedule", f"entry {number}")
        transcript = agree.transcript(self.frames[REQUESTER][:-1], self.frames[RESPONDER][:-1])
        identities = [self.header.own, self.header.peer]
        identities = identities if self.header.role == REQUESTER else identities[::-1]
        numbers = (self.plan.shape.records_requester, self.plan.shape.records_responder, self.plan.bins)
        statement = self.round_id + transcript + self.policy.digest() + self.agreement_digest
        statement += b"".join(identities) + b"".join(n.to_bytes(4, "big") for n in numbers)
        if receipt[:204] != statement:
            raise Refused("Receipt", "receipt")
        signed, signatures = labelled_hash("blindlink/2 receipt", [statement]), [receipt[204:268], receipt[268:]]
        if not all(ed25519.verify(key, signed, s) for key, s in zip(identities, signatures)):
            raise Refused("Signature", "receipt")
        own, theirs = signatures if self.header.role == REQUESTER else signatures[::-1]
        if self.received_receipt != transcript + theirs:
            raise Refused("Receipt", "receipt")
        if self.frames[self.header.role][-1] != frame_digest(agree.frame(RECEIPT, 0, transcript + own)):
            raise Refused("OwnFrame", f"entry {self.entry_of_receipt}")
        self.receipt = receipt


def verify(data: bytes) -> Verifier:
    verifier = Verifier(data)
    entries = sum(1 for _ in verifier.entries())
    if not verifier.receipt:
        raise Refused("Unfinished", f"entry {entries}")
    return verifier


def again(verifier: Verifier, seed: bytes, records: list[Record]) -> Machine:
    """The owner of the evidence, made again. It has no secret key, and so it makes no receipt; it checks the peer's."""
    header, shape = verifier.header, verifier.plan.shape
    padded = shape.records_requester if header.role == REQUESTER else shape.records_responder
    tables = [table for table, _ in shape.tables]
    if any(len(record.tokens) != len(tables) for record in records):
        raise Refused("Records")
    commitment = Commitment(seed, [(record.digest, record.encoding(tables)) for record in records], padded)
    if commitment.body[:32] != header.seed_commitment:
        raise Refused("Seed")
    if commitment.root != header.root:
        raise Refused("Records")
    agreed = terms.decode(header.agreement) if header.agreement else None
    caps = (agreed.claims, agreed.matches) if agreed and shape.mutual else (None, None)
    return machine(Setting(
        header.role, shape, header.policy, header.binding, Party(seed, b"", records), header.own, header.peer,
        header.agreement, verifier.agreement_digest, *caps, header.suite, header.head, None,
    ))  # fmt: skip


def reexecute(
    data: bytes, seed: bytes, records: list[Record], memory: dict[str, Machine] | None = None, verifier: Verifier | None = None
) -> int:
    """16.4; gives the number of frames compared. What a `memory` holds of the same seed, records and frames is not
    computed twice. A `verifier` of this evidence is used and knows at the end what it says."""
    verifier = verifier or Verifier(data)
    side, sent = again(verifier, seed, records), 0
    left = set[tuple[int, int]]()
    side.leave()
    so_far = repr((seed, records))
    for number, role, content in verifier.entries():
        place = f"entry {number}"
        if role != verifier.header.role:
            # V-WIRE-006: the side is made again ahead of what it had sent by then.
            index = int.from_bytes(content[1:5], "big")
            if content[0] in QUESTIONS and (QUESTIONS[content[0]], index) not in left:
                raise Refused("Refused", place, "Unexpected")
            so_far += frame_digest(content).hex()
            if memory is not None and so_far in memory:
                side = copy.deepcopy(memory[so_far])
                continue
            try:
                side.receive(content)
            except ValueError as refused:
                # V-EVIDENCE-011
                raise Refused("Refused", place, str(refused)) from refused
            if memory is not None:
                memory[so_far] = copy.deepcopy(side)
            continue
        if verifier.schedule[role][sent][0] == RECEIPT:
            continue
        if verifier.schedule[role][sent][0] == COSIGNATURE and len(side.sent) == sent:
            # It takes the identity's secret key, like the receipt.
            side.stands_for_cosignature(content)
            so_far += content.hex()
        if sent >= len(side.sent):
            raise Refused("Early", place)
        if side.sent[sent] != content:
            raise Refused("Differs", place)
        left.add(verifier.schedule[role][sent][:2])
        sent += 1
    return sent


# The command line


def _said(verifier: Verifier) -> Iterator[str]:
    header = verifier.header
    yield f"side: {'requester' if header.role == REQUESTER else 'responder'}"
    yield f"own identity: {header.own.hex()}"
    yield f"peer's identity: {header.peer.hex()}"
    yield f"policy: {verifier.policy.digest().hex()}"
    yield f"agreement: {verifier.agreement_digest.hex() if header.agreement else 'none, in training'}"
    if verifier.commit:
        yield f"round: {verifier.round_id.hex()}"
    own, peer = (len(verifier.frames[role]) for role in (header.role, verifier.peer_role))
    yield f"frames: {own} sent, {peer} received"
    if verifier.receipt:
        yield f"transcript: {verifier.receipt[32:64].hex()}"
    yield f"finished: {'yes, both sides have signed' if verifier.receipt else 'no, the peer has signed nothing'}"


def _read_seed(path: Path) -> bytes:
    seed = bytes.fromhex(path.read_text(encoding="ascii").strip().removeprefix(SEED_LINE))
    if len(seed) != 32:
        raise ValueError("no seed")
    return seed


def _reexecute(data: bytes, seed: bytes, listed: Path, year: int | None) -> Iterator[str]:
    verifier = Verifier(data)
    policy = verifier.policy
    found = lists.read(listed.read_bytes(), policy.fields, policy.lanes, lists.form_of(listed.name), year)
    records = found.records
    for left in found.rejects:
        yield f"left out: line {left.line}, {left.column or 'row'}: {left.reason}"
    compared = reexecute(data, seed, [encode.encoded(record, policy) for record in records], verifier=verifier)
    yield from _said(verifier)
    yield f"made again from {len(records)} records: the same {compared} frames were sent"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check evidence of a round (chapter 16).")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("verify", "reexecute"):
        command = commands.add_parser(name)
        command.add_argument("evidence", type=Path)
        if name == "reexecute":
            command.add_argument("--seed-file", type=Path, required=True, help="the round's seed of this side")
            command.add_argument("--records", type=Path, required=True, help="its list at the round (4.2)")
            command.add_argument("--year", type=int, help="in which a list of zones was read for the round (V-MRZ-002)")
    options = parser.parse_args(arguments)
    try:
        data = options.evidence.read_bytes()
        if options.command == "verify":
            print("\n".join(_said(verify(data))))
        else:
            for line in _reexecute(data, _read_seed(options.seed_file), options.records, options.year):
                print(line)
    except Refused as refused:
        stopped = f": {SESSION_CODES[refused.stopped]} {refused.stopped}" if refused.stopped else ""
        print(" ".join(filter(None, ["fault:", str(EVIDENCE_CODES[str(refused)]), str(refused), refused.place])) + stopped)
        return 1
    except FileRefused as refused:
        print(f"the list is refused: {refused} {' '.join(map(str, refused.at))}".rstrip(), file=sys.stderr)
        return 2
    except (OSError, ValueError):
        print("a file cannot be read, or the records do not fit the policy", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
