"""What both sides of a round compute alike (chapter 8).

Deterministic: the points at which randomness is drawn are those of chapter 9.4. When a side does what, and what it checks
of a frame as such, is in `machine.py` and `parties.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from agree import REQUESTER, Commitment, Randomness, Record
from cipher import Tccr
from labelled import labelled_hash, prf
from ot import INSTANCES, SHARES, BaseOt
from plan import Plan
from ristretto255 import L, Element
from seals import shown, u32
from trees import Trees, digest_of

ANSWERS = 64 * 128
OFFERS = 32 * 128
TREES_BYTES = 4128
ANSWERS_OF_QUERIES = 64 * 372
OFFERS_OF_QUERIES = 32 * 372


@dataclass(frozen=True)
class Party:
    """One side's inputs."""

    seed: bytes
    identity: bytes
    """Ed25519 secret."""
    records: list[Record]


@dataclass(frozen=True)
class Pair:
    """What the requester learns of one pair."""

    own: int
    token: bytes
    grade: int
    tables: list[int]

    @property
    def pseudonym(self) -> bytes:
        return shown(self.token)


def scalar(wide: bytes) -> int:
    return int.from_bytes(wide, "little") % L


def split(data: bytes, width: int) -> list[bytes]:
    return [data[i : i + width] for i in range(0, len(data), width)]


def elements(data: bytes) -> list[Element]:
    return [Element.decode_not_identity(part) for part in split(data, 32)]


def _copies(key: bytes, table: int, token: tuple[int, int], most: int) -> list[int]:
    """V-ENCODE-013: copy indices in the order in which the kept records get them."""
    return sorted(range(most), key=lambda s: (prf(key, [table, *token, s], 8), s))


def kept(records: list[Record], table: int, slots: int, most: int, room: int, keep_key: bytes) -> list[tuple[bytes, int, int]]:
    """(token, copy, record), sorted: at most so many records for each token, and at most `room` in all (V-ENCODE-008,
    V-ENCODE-014)."""
    key = labelled_hash("blindlink/1 keep priority", [keep_key])
    places = labelled_hash("blindlink/2 keep place", [keep_key])
    holders: dict[bytes, list[tuple[tuple[int, bytes, int], int]]] = {}
    for position, record in enumerate(records):
        tables = sum(1 for tokens in record.tokens if tokens)
        for place, token in enumerate(record.tokens[table][:slots]):
            high, low = int.from_bytes(token[:8], "big"), int.from_bytes(token[8:], "big")
            priority = (tables, prf(key, [table, high, low, position], 8), position)
            holders.setdefault(token, []).append((priority, place))
    found: list[tuple[int, tuple[int, bytes, int], bytes, int]] = []
    for token, drawn in holders.items():
        parts = int.from_bytes(token[:8], "big"), int.from_bytes(token[8:], "big")
        copies = _copies(places, table, parts, most)
        found += [(place, priority, token, copy) for copy, (priority, place) in zip(copies, sorted(drawn))]
    return sorted((token, copy, position) for _, (_, _, position), token, copy in sorted(found)[:room])


def padded(own: list[tuple[int, bytes]], dummies: bytes, table: int, count: int) -> list[tuple[int | None, bytes]]:
    """Own inputs, then dummies, as many together as agreed (V-CUCKOO-002, V-OKVS-001)."""
    return [*own, *((None, prf(dummies, [table, i], 18)) for i in range(len(own), count))]


class Chooser:
    """The side that chooses in one direction: it answers first, and opens the other side's trees."""

    def __init__(self, round_id: bytes, direction: int, key: bytes) -> None:
        self.base, self.round, self.direction = BaseOt(round_id, direction, key), round_id, direction
        self.ones = (1 << INSTANCES[direction]) - 1
        drawn = prf(key, [2**64 - 1], -(-INSTANCES[direction] // 8))
        self.delta = int.from_bytes(drawn, "little") & self.ones
        if direction == SHARES:
            self.delta |= 1
        self.leaves: list[dict[int, bytes]] = []
        self.digest = b""

    def answer(self) -> bytes:
        """With the complement of Delta for choices."""
        self.answers = self.base.answer(self.delta ^ self.ones)
        return b"".join(self.answers)

    def open(self, offers: bytes, message: bytes) -> None:
        """V-OT-004."""
        keys = self.base.chosen(self.delta ^ self.ones, self.answers, split(offers, 32))
        trees = Trees(self.round, self.direction, b"".join(self.answers), offers)
        self.leaves, self.digest = trees.open(self.delta, keys, message), digest_of(message)


class Offerer:
    """The side that offers in one direction, grows the trees and extends."""

    def __init__(self, round_id: bytes, direction: int, key: bytes, answers: bytes) -> None:
        base = BaseOt(round_id, direction, key)
        offers = b"".join(base.offer())
        self.leaves, trees = Trees(round_id, direction, answers, offers).grow(base.accept(split(answers, 64)))
        self.message = offers + trees
        self.digest = digest_of(trees)


class Side:
    """What both parties do alike."""

    def __init__(self, party: Party, plan: Plan, round_id: bytes, commitment: Commitment, role: int) -> None:
        self.party, self.plan, self.shape, self.id, self.role = party, plan, plan.shape, round_id, role
        self.keep_key = commitment.keep_key
        self.random = Randomness.of_party(party.seed, round_id, commitment.root, role)
        self.late_id = b""
        self.shares: dict[int, list[int]] = {}
        """Of the scores of each comparison chunk."""

    def kept(self, table: int) -> list[tuple[bytes, int, int]]:
        it, slots = self.shape, self.shape.tables[table][1]
        if self.role == REQUESTER:
            of = slots.requester, it.copies_requester, slots.asked(it.records_requester)
        else:
            of = slots.responder, it.copies_responder, slots.stored(it.records_responder)
        return kept(self.party.records, table, *of, self.keep_key)

    def tccr(self, label: str, chunk: int, chain: bytes) -> Tccr:
        return Tccr(labelled_hash(f"blindlink/2 {label}", [self.late_id, u32(chunk), chain])[:16])
