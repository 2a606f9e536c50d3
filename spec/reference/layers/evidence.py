"""Evidence of a small round: what verifies, what must be found in it and where, re-execution, samples."""

from __future__ import annotations

import copy
import functools
from dataclasses import replace
from typing import Any

import agree
import ed25519
import evidence
import going_on
import log_head
import normalise_tables
import policy as policies
import sample
import sealed_round
from agree import REQUESTER, RESPONDER, Commitment, Record
from evidence import Header, Refused
from labelled import labelled_hash, prf
from layers import logs, small
from layers.common import EVIDENCE_CODES, SESSION_CODES, Tests, seed_bytes
from parties import Machine
from plan import Plan, Shape, both
from policy import FilterSegment, Policy, Table
from sealed_round import EVALUATION, QUERY, RECEIPT, Outcome
from sides import Party

POLICY = Policy(
    name="vector evidence", schema="person/1", normalisation="norm-v1", tables_digest=normalise_tables.digest(),
    agreement="vectors", lanes=1, purpose="vectors", epoch=1, records=(3, 2), copies=(1, 1), output=2,
    score=(policies.WEIGHTED, -2, 2, 4), fields=(),
    segments=(FilterSegment("names", ((1, ""),), 16, 2, (5, -1, 1)), FilterSegment("sex", ((32, ""),), 8, 2, (4, -2, 0))),
    tables=(Table(1, "birth_date", ((16, ""),), both(1), 15),),
)  # fmt: skip
SIDES = {REQUESTER: "requester", RESPONDER: "responder"}
IDENTITIES = [ed25519.public_key(seed_bytes(f"evidence identity {side}")) for side in SIDES.values()]
BINDING = going_on.file_binding(*IDENTITIES)
"""It goes by files: the layer `file_round` has its turns."""


def _record(side: str, number: int, person: str, token: str) -> Record:
    bits = int.from_bytes(seed_bytes(f"evidence {person}", 3), "little") & 0xAAAAAA | 0b11 << 24
    tokens = [seed_bytes(f"evidence token {token}", 16)]
    return Record(seed_bytes(f"evidence record {side} {number}"), bits.to_bytes(4, "little"), [tokens])


def _party(side: str, people: list[tuple[str, str]]) -> Party:
    records = [_record(side, n, person, token) for n, (person, token) in enumerate(people)]
    return Party(seed_bytes(f"evidence seed {side}"), seed_bytes(f"evidence identity {side}"), records)


class Round:
    """A round and the evidence of both sides."""

    def __init__(self, parties: dict[int, Party] | None = None, policy: Policy = POLICY) -> None:
        self.policy = policy.encode()
        if policies.decode(self.policy) != policy:
            raise ValueError("the policy does not read back")
        self.shape: Shape = policies.shape(policy)
        self.parties = parties or {
            REQUESTER: _party("requester", [("ada", "x"), ("bea", "y")]),
            RESPONDER: _party("responder", [("ada", "x"), ("cleo", "z")]),
        }
        self.steps: dict[int, list[Machine]] = {REQUESTER: [], RESPONDER: []}
        """Each party before every frame that it received, and at the end."""
        parties = self.parties[REQUESTER], self.parties[RESPONDER]
        self.logs = dict(zip(SIDES, logs.logs([party.identity for party in parties])))
        self.outcome: Outcome = sealed_round.run(
            self.shape, self.policy, BINDING, parties, (self.logs[REQUESTER], self.logs[RESPONDER]), self._watch
        )

    def _watch(self, party: Machine) -> None:
        self.steps[party.setting.role].append(copy.deepcopy(party))

    def header(self, role: int) -> Header:
        own, peer = self.parties[role], self.parties[REQUESTER + RESPONDER - role]
        padded = (self.shape.records_requester, self.shape.records_responder)[role - 1]
        tables = [table for table, _ in self.shape.tables]
        commitment = Commitment(own.seed, [(r.digest, r.encoding(tables)) for r in own.records], padded)
        keys = [ed25519.public_key(party.identity) for party in (own, peer)]
        return Header(
            role, 1, *keys, commitment.nonce, BINDING, commitment.body[:32], commitment.root, self.logs[role].head,
            self.policy, b"",
        )  # fmt: skip

    def inputs(self) -> dict[str, Any]:
        """Of both parties, as vectors give them."""
        return {
            side: {
                "seed": self.parties[role].seed.hex(),
                "identity_secret": self.parties[role].identity.hex(),
                "records": [_written(r) for r in self.parties[role].records],
                "log": logs.written(self.logs[role]),
            }
            for role, side in SIDES.items()
        }

    def evidence(self, role: int) -> bytes:
        return evidence.write(self.header(role), self.outcome.order, self.outcome.frames, self.outcome.receipt)

    def signed(self, frames: dict[int, list[bytes]], order: list[int] | None = None) -> bytes:
        """The responder's evidence over other frames, with receipts that both sides have signed over them."""
        bare = {role: [f for f in own if f[0] != RECEIPT] for role, own in frames.items()}
        digests = [[agree.frame_digest(f) for f in bare[role]] for role in (REQUESTER, RESPONDER)]
        transcript = agree.transcript(*digests)
        statement = self.outcome.receipt[:32] + transcript + self.outcome.receipt[64:204]
        receipt, all_frames = statement, {}
        for role in (REQUESTER, RESPONDER):
            signature = ed25519.sign(self.parties[role].identity, labelled_hash("blindlink/2 receipt", [statement]))
            receipt += signature
            all_frames[role] = [*bare[role], agree.frame(RECEIPT, 0, transcript + signature)]
        return evidence.write(self.header(RESPONDER), order or self.outcome.order, all_frames, receipt)


@functools.cache
def the_round() -> Round:
    """The round that several layers share: it takes its time."""
    return Round()


def edits(base: bytes, changed: bytes) -> list[dict[str, Any]]:
    """How to make `changed` from `base`: at a byte of the base, cut so many, put these. From the end to the front, so
    that the places stay right."""
    if len(base) != len(changed):
        same = next((i for i, (a, b) in enumerate(zip(base, changed)) if a != b), min(len(base), len(changed)))
        tail = 0
        while tail < min(len(base), len(changed)) - same and base[-1 - tail] == changed[-1 - tail]:
            tail += 1
        return [{"at": same, "cut": len(base) - same - tail, "put": changed[same : len(changed) - tail].hex()}]
    out, at = [], 0
    while at < len(base):
        if base[at] == changed[at]:
            at += 1
            continue
        end = at
        while end < len(base) and base[end : end + 8] != changed[end : end + 8]:
            end += 1
        out.append({"at": at, "cut": end - at, "put": changed[at:end].hex()})
        at = end
    return out[::-1]


class Cases:
    """Adds tests, each with what the reference says of it."""

    def __init__(self, tests: Tests, round_: Round) -> None:
        self.tests, self.round, self.base = tests, round_, round_.evidence(RESPONDER)
        self.memory: dict[str, Any] = {}

    def refused(self, comment: str, fault: str, place: str, changed: bytes, flag: str = "Refused", **how: Any) -> None:
        party = self.round.parties[RESPONDER]
        try:
            if flag == "Refused":
                evidence.verify(changed)
            else:
                records = [_read(r) for r in how["records"]] if "records" in how else party.records
                evidence.reexecute(changed, bytes.fromhex(how.get("seed", party.seed.hex())), records, self.memory)
            said = ("accepted", "")
        except Refused as refused:
            said = (str(refused), refused.place)
            if refused.stopped and how.setdefault("stopped", stopped := SESSION_CODES[refused.stopped]) != stopped:
                raise ValueError(f"{comment}: stopped with {stopped}") from refused
        if said != (fault, place):
            raise ValueError(f"{comment}: {said}, not {(fault, place)}")
        kind = "verify" if flag == "Refused" else "reexecute"
        self.tests.invalid(comment, flag, fault, kind=kind, edits=edits(self.base, changed), place=place, **how)


def _read(fields: dict[str, Any]) -> Record:
    tokens = [[bytes.fromhex(t) for t in table] for table in fields["tokens"]]
    return Record(bytes.fromhex(fields["digest"]), bytes.fromhex(fields["filter"]), tokens)


def _written(record: Record) -> dict[str, Any]:
    tokens = [[token.hex() for token in table] for table in record.tokens]
    return {"digest": record.digest.hex(), "filter": record.filter.hex(), "tokens": tokens}


def _flip(data: bytes, at: int, mask: int = 1) -> bytes:
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]


def _layout(data: bytes, header: Header) -> list[tuple[int, int, int]]:
    """First byte, end and kind of each entry."""
    at, out = len(header.encode()), []
    while data[at] != evidence.END:
        length = 1 + 32 + 32 if data[at] == evidence.SENT else 1 + 4 + int.from_bytes(data[at + 1 : at + 5], "big") + 32
        out.append((at, at + length, data[at]))
        at += length
    return out


def _headers(cases: Cases) -> None:
    round_, base, header = cases.round, cases.base, cases.round.header(RESPONDER)
    rest = base[len(header.encode()) :]
    head = len(evidence.MAGIC)
    policy = head + 195 + log_head.HEAD_BYTES
    for comment, at in (("the role", head), ("the suite", head + 2), ("the own identity", head + 3), ("the nonce", head + 67), ("the root", head + 163), ("the log head", head + 195)):
        cases.refused(f"one bit of {comment} flipped", "Header", "header", _flip(base, at))
    cases.refused("another magic", "Format", "header", _flip(base, 3))
    cases.refused("a policy too long for what follows", "Format", "header", base[: policy] + b"\xff\xff" + base[policy + 2 : 11_000])
    cases.refused("an agreement longer than may be", "Format", "header", base[: len(header.encode()) - 34] + b"\x20\x01" + rest)
    cases.refused("cut in the header", "Format", "header", base[:100])

    def with_header(comment: str, fault: str, place: str, **fields: Any) -> None:
        cases.refused(comment, fault, place, replace(header, **fields).encode() + rest)

    with_header("role 3", "Format", "header", role=3)
    with_header("suite 3", "Format", "header", suite=3)
    with_header("another suite, header made anew", "PeerHello", "entry 0", suite=2)
    with_header("a key of small order", "Format", "header", peer=bytes([1]) + bytes(31))
    with_header("a byte after the policy's end", "Policy", "header", policy=round_.policy + b"\0")
    copies = replace(POLICY, copies=(1, 0)).encode()
    with_header("a policy with no copies", "Policy", "header", policy=copies)
    with_header("a threshold below the constant", "Policy", "header", policy=replace(POLICY, score=(1, -10, -10, 20)).encode())
    with_header("an agreement of one byte", "Agreement", "header", agreement=b"\0")
    with_header("another nonce, header made anew", "OwnFrame", "entry 1", nonce=bytes(32))
    with_header("another binding, header made anew", "PeerHello", "entry 0", binding=bytes(32))
    with_header("another peer, header made anew", "PeerHello", "entry 0", peer=ed25519.public_key(bytes(32)))
    with_header("another log head, header made anew", "OwnFrame", "entry 1", head=bytes(log_head.HEAD_BYTES))
    with_header("another root, header made anew", "OwnFrame", "entry 3", root=bytes(32))
    with_header("another seed commitment, header made anew", "OwnFrame", "entry 3", seed_commitment=bytes(32))


def _entries(cases: Cases) -> None:
    base = cases.base
    layout = _layout(base, cases.round.header(RESPONDER))
    sent = next(n for n, (_, _, kind) in enumerate(layout) if kind == evidence.SENT and n > 6)
    received = next(n for n, (_, _, kind) in enumerate(layout) if kind == evidence.RECEIVED and n > 6)
    first, end, _ = layout[sent]
    cases.refused("one bit of a sent digest flipped", "Chain", f"entry {sent}", _flip(base, first + 5))
    cases.refused("one bit of its chain value flipped", "Chain", f"entry {sent}", _flip(base, end - 1, 128))
    cases.refused("an unknown kind of entry", "Format", f"entry {sent}", _flip(base, first, 2))
    cases.refused("a sent entry put in twice", "Chain", f"entry {sent + 1}", base[:end] + base[first:end] + base[end:])
    cases.refused("a sent entry left out", "Chain", _next(layout, sent, evidence.SENT), base[:first] + base[end:])
    first, end, _ = layout[received]
    cases.refused("one bit in the middle of a received frame flipped", "Chain", f"entry {received}", _flip(base, (first + end) // 2))
    cases.refused("its kind", "Schedule", f"entry {received}", _flip(base, first + 5, 4))
    cases.refused("its index", "Schedule", f"entry {received}", _flip(base, first + 9))
    cases.refused("a shorter length", "Schedule", f"entry {received}", _flip(base, first + 4, 1) if base[first + 4] & 1 else _flip(base, first + 3, 1))
    cases.refused("a length above all", "Schedule", f"entry {received}", _flip(base, first + 1, 128))
    cases.refused("a received frame left out", "Schedule", _next(layout, received, evidence.RECEIVED), base[:first] + base[end:])
    cases.refused("cut within a received frame", "Format", f"entry {received}", base[: end - 40])
    last = layout[-1][1]
    cases.refused("no receipt", "Unfinished", f"entry {len(layout)}", base[:last])
    cases.refused("nothing but the header", "Unfinished", "entry 0", base[: layout[0][0]])
    cases.refused("the receipt before the last frame", "Schedule", f"entry {len(layout) - 1}", base[: layout[-1][0]] + base[last:])


def _next(layout: list[tuple[int, int, int]], number: int, kind: int) -> str:
    """The entry in the place of the next of this kind, once one is left out."""
    return f"entry {next(n for n in range(number + 1, len(layout)) if layout[n][2] == kind) - 1}"


def _receipts(cases: Cases) -> None:
    base, round_ = cases.base, cases.round
    receipt = len(base) - evidence.RECEIPT_BYTES
    names = ("round", "transcript", "policy", "agreement", "requester", "responder")
    for number, name in enumerate(names):
        cases.refused(f"one bit of the receipt's {name} flipped", "Receipt", "receipt", _flip(base, receipt + 32 * number + 7))
    for number, name in enumerate(("records_requester", "records_responder", "bins")):
        cases.refused(f"another number: {name}", "Receipt", "receipt", _flip(base, receipt + 192 + 4 * number + 3))
    cases.refused("one bit of the requester's signature", "Signature", "receipt", _flip(base, receipt + 204))
    cases.refused("one bit of the responder's signature", "Signature", "receipt", _flip(base, receipt + 268 + 40))
    cases.refused("a receipt cut short", "Format", "receipt", base[:-1])
    cases.refused("a byte after the receipt", "Format", "end", base + b"\0")
    order, frames = round_.outcome.order, round_.outcome.frames
    altered = {role: list(own) for role, own in frames.items()}
    at = next(n for n, f in enumerate(altered[REQUESTER]) if f[0] == QUERY)
    altered[REQUESTER][at] = _flip(altered[REQUESTER][at], 40)
    made_anew = evidence.write(round_.header(RESPONDER), order, altered, round_.outcome.receipt)
    cases.refused("a received frame altered, chains made anew", "Receipt", "receipt", made_anew)
    crossed = {role: [*own[:-1], frames[REQUESTER + RESPONDER - role][-1]] for role, own in frames.items()}
    other = evidence.write(round_.header(RESPONDER), order, {**frames, REQUESTER: crossed[REQUESTER]}, round_.outcome.receipt)
    cases.refused("a receipt message that is the own one", "Receipt", "receipt", other)
    other = evidence.write(round_.header(RESPONDER), order, {**frames, RESPONDER: crossed[RESPONDER]}, round_.outcome.receipt)
    place = f"entry {len(order) - 1}"
    cases.refused("the other's receipt message was sent", "OwnFrame", place, other)


def _again(cases: Cases) -> None:
    """Evidence that verifies, and what re-execution finds."""
    round_, party, base = cases.round, cases.round.parties[RESPONDER], cases.base
    frames, order = round_.outcome.frames, round_.outcome.order

    def number(role: int, nth: int) -> int:
        return [i for i, r in enumerate(order) if r == role][nth]

    def found(comment: str, fault: str, place: str, changed: bytes, **how: Any) -> None:
        evidence.verify(changed)
        cases.refused(comment, fault, place, changed, flag="Reexecution", **how)

    found("another seed", "Seed", "", base, seed=seed_bytes("evidence other seed").hex())
    records = [_written(r) for r in party.records]
    found("a record less", "Records", "", base, records=records[:1])
    found("the records in another order", "Records", "", base, records=records[::-1])
    found("another record", "Records", "", base, records=[records[0], records[1] | {"digest": bytes(32).hex()}])
    tokens = [records[0], records[1] | {"tokens": [[seed_bytes("evidence token w", 16).hex()]]}]
    found("the record that was committed to with another token", "Records", "", base, records=tokens)
    bits = [records[0], records[1] | {"filter": bytes(4).hex()}]
    found("the record that was committed to with another filter", "Records", "", base, records=bits)
    for kind, name in ((EVALUATION, "an evaluation"), (sealed_round.CHOICE, "a choice"), (sealed_round.SEAL_KEYS, "the seal keys"), (sealed_round.PSEUDONYMS, "the pseudonyms")):
        nth = next(n for n, f in enumerate(frames[RESPONDER]) if f[0] == kind)
        own = list(frames[RESPONDER])
        own[nth] = _flip(own[nth], 20)
        changed = round_.signed({**frames, RESPONDER: own})
        found(f"another frame was sent as {name}", "Differs", f"entry {number(RESPONDER, nth)}", changed)
    query = next(n for n, f in enumerate(frames[REQUESTER]) if f[0] == QUERY)
    theirs = list(frames[REQUESTER])
    theirs[query] = _flip(theirs[query], 20)
    changed = round_.signed({**frames, REQUESTER: theirs})
    found("a query that was not announced was answered", "Refused", f"entry {number(REQUESTER, query)}", changed)
    evaluation = next(n for n, f in enumerate(frames[RESPONDER]) if f[0] == EVALUATION)
    asked, answered = number(REQUESTER, query), number(RESPONDER, evaluation)
    if answered != asked + 1:
        raise ValueError("question and answer are not neighbours")
    early = [*order[:asked], RESPONDER, REQUESTER, *order[answered + 1 :]]
    found("an answer before its question", "Early", f"entry {asked}", round_.signed(frames, early))
    choice = number(RESPONDER, next(n for n, f in enumerate(frames[RESPONDER]) if f[0] == sealed_round.CHOICE))
    correction = number(REQUESTER, next(n for n, f in enumerate(frames[REQUESTER]) if f[0] == sealed_round.CORRECTION))
    moved = sorted(order[choice : correction + 1])
    early = [*order[:choice], *moved, *order[correction + 1 :]]
    place = f"entry {choice + moved.count(REQUESTER) - 1}"
    found("a correction before its choices", "Refused", place, round_.signed(frames, early), stopped=203)
    receipt = number(REQUESTER, len(frames[REQUESTER]) - 1)
    for comment, at, stopped in (("names another transcript", 5, 212), ("has a bad signature", 5 + 32, 211)):
        theirs = [*frames[REQUESTER][:-1], _flip(frames[REQUESTER][-1], at)]
        changed = evidence.write(round_.header(RESPONDER), order[: receipt + 1], {**frames, REQUESTER: theirs}, b"")
        comment = f"unfinished: the peer's receipt {comment}"
        cases.refused(comment, "Refused", f"entry {receipt}", changed, flag="Reexecution", stopped=stopped)


def _agreements(cases: Cases) -> None:
    """V-EVIDENCE-002: agreements in the header; that of the round's policy between its nodes was not in its hellos."""
    header = cases.round.header(RESPONDER)
    rest = cases.base[len(header.encode()) :]
    one, two = small.PARTIES
    asks, answers = replace(one, node=header.peer), replace(two, node=header.own)
    good = small.agreement(name=POLICY.agreement, purpose=POLICY.purpose, policy=POLICY.digest(), parties=(asks, answers))

    def case(comment: str, fault: str, place: str, agreed: bytes) -> None:
        cases.refused(comment, fault, place, replace(header, agreement=agreed).encode() + rest)

    case("an agreement that fits, and that the peer's hello has not", "PeerHello", "entry 0", good.encode())
    swapped = replace(good, parties=(answers, asks)).encode()
    case("the same with its parties in the other order", "PeerHello", "entry 0", swapped)
    for comment, agreed in (
        ("on another policy", replace(good, policy=bytes(32))),
        ("between other nodes", replace(good, parties=(asks, two))),
        ("that lets the own side only ask", replace(good, parties=(replace(asks, role=2), replace(answers, role=1)))),
        ("of another suite", replace(good, suite=2)),
        ("that the validator refuses", replace(good, valid=(small.FROM, small.FROM))),
    ):
        case(f"an agreement {comment}", "Agreement", "header", agreed.encode())
    case("an agreement with a byte too many", "Agreement", "header", good.encode() + b"\0")


def _evidence(round_: Round) -> dict[str, Any]:
    tests = Tests(EVIDENCE_CODES)
    own, other = round_.evidence(RESPONDER), round_.evidence(REQUESTER)
    cases = Cases(tests, round_)
    party = round_.parties[RESPONDER]
    sent = evidence.reexecute(own, party.seed, party.records, cases.memory)
    if sent != len(round_.outcome.frames[RESPONDER]) - 1 or not evidence.verify(other).receipt:
        raise ValueError("the evidence does not hold")
    tests.valid(
        "both sides of one round", "Round", kind="round", policy=round_.policy.hex(), binding=BINDING.hex(), **round_.inputs(),
        order="".join("-rs"[role] for role in round_.outcome.order), round_id=round_.outcome.round_id.hex(),
        transcript=round_.outcome.transcript.hex(), receipt=round_.outcome.receipt.hex(), evidence=own.hex(),
        evidence_of_requester={"length": len(other), "digest": labelled_hash("blindlink/2 frame", [other]).hex()},
    )  # fmt: skip
    _headers(cases)
    _entries(cases)
    _receipts(cases)
    _again(cases)
    _agreements(cases)
    notes = {
        "Round": "evidence of both sides from their inputs; it verifies, and re-executes; `order` says whose frame was next",
        "Refused": "V-EVIDENCE-001 to V-EVIDENCE-006: `edits` of the first test's evidence, applied in their order",
        "Reexecution": "V-EVIDENCE-009 to V-EVIDENCE-011: it verifies or is unfinished, and re-execution with the responder's seed and "
        "records, or those given, finds this",
    }
    return tests.document("evidence", "spec/16-evidence.md", "spec/reference", notes)


def _samples(round_: Round) -> dict[str, Any]:
    tests = Tests(EVIDENCE_CODES)

    def case(comment: str, flag: str, size: int, count: int, fault: str = "", change: Any = None, padded: int = 11) -> None:
        seed = seed_bytes("evidence sample seed")
        digests = [seed_bytes(f"evidence sample record {n}") for n in range(size)] + [b""] * (padded - size)
        encodings = [seed_bytes(f"evidence sample encoding {n}") for n in range(size)] + [b""] * (padded - size)
        salts = labelled_hash("blindlink/2 record salt", [seed])
        salt = [prf(salts, [n], 32) for n in range(padded)]
        leaves = [agree.leaf(*parts) for parts in zip(salt, digests, encodings)]
        root, round_id, draw = agree.merkle_root(leaves), seed_bytes("evidence sample round"), seed_bytes("evidence draw")
        drawn = sample.positions(draw, round_id, root, padded, count)
        openings = [(p, salt[p], digests[p], encodings[p], sample.path(leaves, p)) for p in drawn]
        if change:
            openings = change(list(openings))
        try:
            sample.check_sample(root, padded, drawn, openings)
            said = ""
        except Refused as refused:
            said = str(refused)
        if said != fault:
            raise ValueError(f"{comment}: {said}")
        fields = {
            "draw": draw.hex(), "round": round_id.hex(), "root": root.hex(), "padded": padded, "count": count,
            "positions": drawn,
            "openings": [
                {"position": p, "salt": s.hex(), "record": d.hex(), "encoding": e.hex(), "path": [h.hex() for h in siblings]}
                for p, s, d, e, siblings in openings
            ],
        }  # fmt: skip
        tests.invalid(comment, flag, fault, **fields) if fault else tests.valid(comment, flag, **fields)

    def at(index: int, **new: Any) -> Any:
        def change(openings: list[sample.Opening]) -> list[sample.Opening]:
            p, s, d, e, siblings = openings[index]
            given = new.get("p", p), new.get("s", s), new.get("d", d), new.get("e", e)
            openings[index] = (*given, new.get("path", lambda x: x)(siblings))
            return openings

        return change

    case("three of eleven", "Sample", 8, 3)
    case("all of eleven, padding among them", "Sample", 8, 11)
    case("more than there are", "Sample", 8, 20)
    case("the only leaf", "Sample", 1, 1, padded=1)
    case("of two", "Sample", 2, 1, padded=2)
    case("of a power of two", "Sample", 16, 5, padded=16)
    case("none", "Sample", 8, 0)
    case("one opening less", "NotOpened", 8, 3, "Positions", lambda o: o[1:])
    case("two exchanged", "NotOpened", 8, 3, "Positions", lambda o: [o[1], o[0], o[2]])
    case("another position", "NotOpened", 8, 1, "Positions", lambda o: [((o[0][0] + 1) % 11, *o[0][1:])])
    case("another salt", "NotOpened", 8, 3, "Opening", at(1, s=bytes(32)))
    case("another record", "NotOpened", 8, 3, "Opening", at(2, d=seed_bytes("evidence sample record 99")))
    case("another encoding of the record", "NotOpened", 8, 3, "Opening", at(1, e=seed_bytes("evidence sample encoding 99")))
    case("padding for a record", "NotOpened", 11, 3, "Opening", at(0, d=b"", e=b""))
    case("another sibling", "NotOpened", 8, 3, "Opening", at(0, path=lambda x: [bytes(32), *x[1:]]))
    case("a sibling too few", "NotOpened", 8, 3, "Opening", at(0, path=lambda x: x[:-1]))
    case("a sibling too many", "NotOpened", 8, 3, "Opening", at(0, path=lambda x: [*x, bytes(32)]))
    case("siblings in the other order", "NotOpened", 8, 3, "Opening", at(0, path=lambda x: x[::-1]))
    notes = {
        "Sample": "V-EVIDENCE-012, V-EVIDENCE-013: the positions that are drawn, opened; an empty record is padding",
        "NotOpened": "V-EVIDENCE-013: must be refused",
    }
    return tests.document("evidence_sample", "spec/16-evidence.md section 16.5", "spec/reference", notes)


def files() -> dict[str, dict[str, Any]]:
    round_ = the_round()
    if Plan(round_.shape).bins != 131:
        raise ValueError("the round is not as small as it is meant to be")
    return {"evidence": _evidence(round_), "evidence_sample": _samples(round_)}
