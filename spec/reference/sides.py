"""What each side of a round computes (chapter 8), from the bodies that it received to those that it sends.

Deterministic: the points at which randomness is drawn are those of chapter 9.4. When a side does what, and what it checks
of a frame as such, is in `parties.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import agree
import bins
import blake3
import compare
import cuckoo
import okvs
from agree import REQUESTER, RESPONDER, Commitment, Randomness, Record
from agreement import Refused
from cipher import Tccr
from labelled import labelled_hash, prf
from oprf import Proof
from ot import MASKS, SHARES, BaseOt, extend_as_receiver, extend_as_sender
from plan import Plan
from ristretto255 import G, L, Element
from trees import Trees

HELLO, COMMIT, KEYS, BASE_REQUESTER, BASE_RESPONDER = 0x01, 0x02, 0x03, 0x04, 0x05
QUERY_DIGESTS, QUERY, EVALUATION, TABLE = 0x06, 0x07, 0x08, 0x09
CHOICE, CORRECTION, GARBLED, REVEAL, CLAIMS, RECEIPT, TREES = 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10

POSSIBLE, STRONG = 0, 1


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


def shown(token: bytes) -> bytes:
    """What both sides show of a pseudonym token."""
    return labelled_hash("blindlink/1 pseudonym shown", [token])[:16]


def _ascending(texts: list[bytes]) -> None:
    if any(a >= b for a, b in zip(texts, texts[1:])):
        raise Refused("BadField")


def scalar(wide: bytes) -> int:
    return int.from_bytes(wide, "little") % L


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def elements(data: bytes) -> list[Element]:
    return [Element.decode_not_identity(data[i : i + 32]) for i in range(0, len(data), 32)]


def kept(records: list[Record], table: int, copies: int, keep_key: bytes) -> list[tuple[bytes, int, int]]:
    """(token, copy, record), sorted: at most so many records for each token (V-ENCODE-008)."""
    key = labelled_hash("blindlink/1 keep priority", [keep_key])
    holders: dict[bytes, list[tuple[bytes, int]]] = {}
    for position, record in enumerate(records):
        for token in set(record.tokens[table]):
            high, low = int.from_bytes(token[:8], "big"), int.from_bytes(token[8:], "big")
            priority = prf(key, [table, high, low, position], 8)
            holders.setdefault(token, []).append((priority, position))
    return [
        (token, copy, position)
        for token, drawn in sorted(holders.items())
        for copy, (_, position) in enumerate(sorted(drawn)[:copies])
    ]


def padded(own: list[tuple[int, bytes]], dummies: bytes, table: int, count: int) -> list[tuple[int | None, bytes]]:
    """Own inputs, then dummies, as many together as agreed (V-CUCKOO-002, V-OKVS-001)."""
    return [*own, *((None, prf(dummies, [table, i], 18)) for i in range(len(own), count))]


class _Side:
    """What both parties do alike."""

    def __init__(self, party: Party, plan: Plan, round_id: bytes, commitment: Commitment, role: int) -> None:
        self.party, self.plan, self.shape, self.id, self.role = party, plan, plan.shape, round_id, role
        self.keep_key = commitment.keep_key
        self.random = Randomness(party.seed, round_id, commitment.root, role)
        self.offers = BaseOt(round_id, MASKS if role == RESPONDER else SHARES, self.random.key("base ot", b"offer"))
        self.choosing_key = self.random.key("base ot", b"choose")
        self.choices = BaseOt(round_id, SHARES if role == RESPONDER else MASKS, self.choosing_key)
        self.delta = 0
        self.opening: tuple[Trees, list[bytes]]
        self.own_trees: list[list[bytes]] = []
        self.their_trees: list[dict[int, bytes]] = []
        self.mask_key = self.random.key("ot mask")
        self.shares: dict[int, list[int]] = {}
        """Of the scores of each comparison chunk."""
        self.labels: dict[int, list[int]] = {}
        self.blinds: dict[int, int] = {}

    def answer(self, offers: list[bytes]) -> bytes:
        """Base OT answers, with the complement of Delta for choices."""
        answers, keys = self.choices.choose(self.delta ^ 2**128 - 1, offers)
        direction = MASKS if self.role == REQUESTER else SHARES
        self.opening = Trees(self.id, direction, b"".join(answers)), keys
        return b"".join(answers)

    def open_trees(self, message: bytes) -> None:
        trees, keys = self.opening
        self.their_trees = trees.open(self.delta, keys, message)

    def grow(self, answers: bytes) -> bytes:
        """The own trees' message, from the other side's base OT answers."""
        keys = self.offers.accept([answers[i : i + 64] for i in range(0, len(answers), 64)])
        direction = SHARES if self.role == REQUESTER else MASKS
        self.own_trees, message = Trees(self.id, direction, answers).grow(keys)
        return message

    def draw_delta(self) -> int:
        return int.from_bytes(prf(self.choosing_key, [2**64 - 1], 16), "little")

    def tccr(self, label: str, chunk: int, digest: bytes) -> Tccr:
        return Tccr(labelled_hash(f"blindlink/1 {label}", [self.id, u32(chunk), digest])[:16])


class Requester(_Side):
    def place(self) -> None:
        """Cuckoo tables: an input for every bin, and the record that it came from."""
        self.inputs: list[bytes] = []
        self.owners: list[int | None] = []
        dummies, walk = self.random.key("dummy"), self.random.key("cuckoo walk")
        for index, table in enumerate(self.plan.tables):
            own = [
                (record, token + bytes([copy, j]))
                for token, copy, record in kept(self.party.records, index, self.shape.copies_requester, self.keep_key)
                for j in range(self.shape.copies_responder)
            ]
            items = padded(own, dummies, table.id, table.queries)
            key = cuckoo.bin_key(self.id, table.id)
            places = [cuckoo.bins_of(key, item, table.bins) for _, item in items]
            for local, number in enumerate(cuckoo.place(places, table.bins, walk, table.id)):
                at = table.first_bin + local
                self.inputs.append(prf(dummies, [at], 18) if number is None else items[number][1])
                self.owners.append(None if number is None else items[number][0])

    def keys(self, body: bytes) -> bytes:
        self.public = Element.decode_not_identity(body[:32])
        if not bins.verify_key(self.id, self.public, Proof.decode(body[32:96])):
            raise Refused("BadProof")
        self.key_commitment = body[96:128]
        offers = [body[i : i + 32] for i in range(128, len(body), 32)]
        self.delta = self.draw_delta()
        return b"".join(self.offers.offer()) + self.answer(offers)

    def query(self, chunk: range) -> bytes:
        key = self.random.key("blind")
        self.blinds |= {b: scalar(prf(key, [b], 64)) for b in chunk}
        return b"".join(bins.blind(self.inputs[b], self.blinds[b]).encode() for b in chunk)

    def info(self, number: int) -> bytes:
        table, local = self.plan.locate(number)
        return bins.info(self.id, table.id, local)

    def open(self, number: int, chunk: range, asked: bytes, answer: bytes) -> list[bytes]:
        evaluated, proof = answer[:-64], Proof.decode(answer[-64:])
        digest = bins.chunk_digest(self.id, self.public, number, asked, evaluated)
        infos = [self.info(b) for b in chunk]
        if not bins.verify_chunk(self.public, digest, infos, elements(asked), elements(evaluated), proof):
            raise Refused("BadProof")
        unblinded = [pow(self.blinds[b], -1, L) * e for b, e in zip(chunk, elements(evaluated), strict=True)]
        return [bins.output(self.inputs[b], i, n) for b, i, n in zip(chunk, infos, unblinded, strict=True)]

    def base_answers(self, body: bytes) -> bytes:
        """Opens the responder's trees; returns the own."""
        self.open_trees(body[128 * 64 :])
        return self.grow(body[: 128 * 64])

    def decode(self, number: int, outputs: list[bytes], tables: list[list[bytes]]) -> bytes:
        table, _ = self.plan.locate(number)
        band, mask = okvs.row(self.id, table.id, outputs[number], table.columns, self.plan.value_bytes)
        return okvs.xor(mask, okvs.decode(tables[self.plan.tables.index(table)], band))

    def correct(self, number: int, chunk: range, choice: bytes, values: list[bytes]) -> bytes:
        """`values` are the decoded values of the chunk's bins; `choice` is the whole frame."""
        w, k = self.shape.payload_bits, self.shape.ring_bits
        rows = extend_as_sender(self.id, MASKS, number, self.delta, self.their_trees, choice[5:], len(chunk) * w)
        empty = bytes(-(-(w - self.shape.check_bits) // 8))
        owners = [self.owners[b] for b in chunk]
        filters = [empty if owner is None else self.party.records[owner].filter for owner in owners]
        weights = [compare.coefficients(self.shape, f) for f in filters]
        pads = self.tccr("pad key", number, agree.frame_digest(choice))
        payloads = [value[: w // 8] for value in values]
        corrections, shares = compare.correct(self.shape, pads, rows, self.delta, payloads, weights)
        self.shares[number], bits = shares, compare.pack(shares, k)
        extension, self.labels[number] = extend_as_receiver(
            self.id, SHARES, number, self.own_trees, self.mask_key, bits, len(chunk) * k
        )
        return corrections + extension

    def evaluate(self, number: int, n: int, correction: bytes, body: bytes) -> list[list[int]]:
        k, circuits = self.shape.ring_bits, len(self.shape.thresholds)
        size = n * (k - 1) * 32
        gates = self.tccr("gate key", number, agree.frame_digest(correction))
        labels = []
        for circuit in range(circuits):
            tables = body[16 + circuit * size : 16 + (circuit + 1) * size]
            theirs = compare.active_labels(body[:16], circuit, n * k)
            labels.append(compare.evaluate(gates, k, circuit * (k - 1), self.labels[number], theirs, tables))
        return labels

    def reveal(self, body: bytes, sealed: list[tuple[int, bytes, bytes, list[int]]]) -> list[Pair]:
        """`sealed` has bin, label ciphertexts, pseudonym share and output labels of every bin."""
        key, pseudonyms = body[:32], [body[i : i + 16] for i in range(32, len(body), 16)]
        if labelled_hash("blindlink/1 round key commitment", [self.id, key]) != self.key_commitment:
            raise Refused("BrokenCommitment")
        _ascending(pseudonyms)
        listed = set(pseudonyms)
        found: dict[tuple[int, bytes], tuple[int, set[int]]] = {}
        for number, ciphertexts, share, labels in sealed:
            owner = self.owners[number]
            mask = open_sealed(self.id, key, number, 0, labels[0], ciphertexts[:24])
            if owner is None or mask is None:
                continue
            strong = len(labels) > 1 and open_sealed(self.id, key, number, 1, labels[1], ciphertexts[24:]) is not None
            table, _ = self.plan.locate(number)
            pair = owner, okvs.xor(mask, share)
            # V-SETTLE-008
            if shown(pair[1]) not in listed:
                continue
            grade, tables = found.get(pair, (POSSIBLE, set()))
            found[pair] = max(grade, STRONG if strong else POSSIBLE), tables | {table.id}
        return [Pair(own, token, g, sorted(t)) for (own, token), (g, t) in sorted(found.items())]

    def claims(self, pairs: list[Pair], most: int) -> bytes:
        graded = [(pair.token, pair.grade) for pair in pairs]
        return claims_of(graded, most, self.shape.records_requester, self.random.key("claim padding"))


def claims_of(pairs: list[tuple[bytes, int]], most: int, padded: int, padding: bytes) -> bytes:
    """Body of the claims of pairs, each with token and grade (V-SETTLE-005, V-SETTLE-006)."""
    best: dict[bytes, int] = {}
    for token, grade in pairs:
        best[token] = max(best.get(token, POSSIBLE), grade)
    tokens = sorted(best, key=lambda token: (-best[token], token))[:most]
    tokens += [prf(padding, [i], 16) for i in range(padded)]
    return b"".join(sorted(tokens[:padded]))


def _seal_pad(round_id: bytes, key: bytes, number: int, circuit: int, label: int, length: int) -> bytes:
    sealing = labelled_hash("blindlink/1 seal", [round_id, key])
    return blake3.keyed_hash(sealing, u32(number) + bytes([circuit]) + label.to_bytes(16, "little"), length)


def seal(round_id: bytes, key: bytes, number: int, circuit: int, label: int, content: bytes) -> bytes:
    plain = content + bytes(8)
    return okvs.xor(plain, _seal_pad(round_id, key, number, circuit, label, len(plain)))


def open_sealed(round_id: bytes, key: bytes, number: int, circuit: int, label: int, sealed: bytes) -> bytes | None:
    plain = okvs.xor(sealed, _seal_pad(round_id, key, number, circuit, label, len(sealed)))
    return plain[:-8] if plain[-8:] == bytes(8) else None


class Responder(_Side):
    def keys(self) -> bytes:
        self.oprf_key = scalar(prf(self.random.key("oprf key"), [0], 64))
        self.nonces = self.random.key("proof nonce")
        self.round_key = prf(self.random.key("round key"), [0], 32)
        proof = bins.prove_key(self.id, self.oprf_key, scalar(prf(self.nonces, [0], 64)))
        commitment = labelled_hash("blindlink/1 round key commitment", [self.id, self.round_key])
        offers = b"".join(self.offers.offer())
        return (self.oprf_key * G).encode() + proof.encode() + commitment + offers

    def base(self, body: bytes) -> bytes:
        offers = [body[i : i + 32] for i in range(0, 4096, 32)]
        trees = self.grow(body[4096:])
        self.delta = self.draw_delta() | 1
        return self.answer(offers) + trees

    def evaluate(self, number: int, chunk: range, asked: bytes) -> bytes:
        infos = []
        for b in chunk:
            table, local = self.plan.locate(b)
            infos.append(bins.info(self.id, table.id, local))
        blinded = elements(asked)
        evaluated = [bins.evaluate(self.oprf_key, i, b) for i, b in zip(infos, blinded, strict=True)]
        body = b"".join(e.encode() for e in evaluated)
        digest = bins.chunk_digest(self.id, self.oprf_key * G, number, asked, body)
        nonce = scalar(blake3.keyed_hash(self.nonces, digest, 64))
        return body + bins.prove_chunk(self.oprf_key, digest, evaluated, nonce).encode()

    def mask(self, number: int) -> bytes:
        return prf(self.random.key("bin mask"), [number], self.plan.value_bytes)

    def pseudonym(self, record: int) -> bytes:
        return prf(self.random.key("pseudonym"), [record], 16)

    def table(self, index: int) -> list[bytes]:
        table, width = self.plan.tables[index], self.plan.value_bytes
        own = [
            (record, token + bytes([i, copy]))
            for token, copy, record in kept(self.party.records, index, self.shape.copies_responder, self.keep_key)
            for i in range(self.shape.copies_requester)
        ]
        items = padded(own, self.random.key("dummy"), table.id, table.tokens)
        key = cuckoo.bin_key(self.id, table.id)
        rows = []
        for record, item in items:
            for local in cuckoo.bins_of(key, item, table.bins):
                output = bins.direct(self.oprf_key, bins.info(self.id, table.id, local), item)
                band, value = okvs.row(self.id, table.id, output, table.columns, width)
                value = okvs.xor(value, self.mask(table.first_bin + local))
                if record is not None:
                    payload = self.party.records[record].filter.ljust(width - 16, b"\0")
                    value = okvs.xor(value, payload + self.pseudonym(record))
                rows.append((band, value))
        return okvs.encode(rows, table.columns, width, self.random.key("okvs free"), table.id)

    def choose(self, number: int, chunk: range) -> tuple[bytes, list[int]]:
        masks = b"".join(self.mask(b)[:-16] for b in chunk)
        return extend_as_receiver(self.id, MASKS, number, self.own_trees, self.mask_key, masks, len(masks) * 8)

    def garble(self, number: int, chunk: range, rows: list[int], choice: bytes, correction: bytes) -> bytes:
        """`choice` and `correction` are whole frames."""
        k, n, body = self.shape.ring_bits, len(chunk), correction[5:]
        cut = -(-n * self.shape.payload_bits * k // 8)
        theirs = extend_as_sender(self.id, SHARES, number, self.delta, self.their_trees, body[cut:], n * k)
        masks = [self.mask(b) for b in chunk]
        pads = self.tccr("pad key", number, agree.frame_digest(choice))
        self.shares[number] = compare.absorb(self.shape, pads, rows, body[:cut], [mask[:-16] for mask in masks])
        digest = agree.frame_digest(correction)
        seed = self.random.key("label seed", u32(number), digest)[:16]
        gates = self.tccr("gate key", number, digest)
        out, reached = seed, []
        for circuit, threshold in enumerate(self.shape.thresholds):
            shares = [(share - threshold) % (1 << k) for share in self.shares[number]]
            active = compare.active_labels(seed, circuit, n * k)
            tables, labels = compare.garble(gates, self.delta, k, circuit * (k - 1), theirs, active, shares)
            out += tables
            reached.append(labels)
        for i, (b, mask) in enumerate(zip(chunk, masks)):
            for circuit, labels in enumerate(reached):
                content = mask[-16:] if circuit == 0 else b""
                out += seal(self.id, self.round_key, b, circuit, labels[i], content)
        return out

    def reveal(self) -> bytes:
        pseudonyms = sorted(shown(self.pseudonym(record)) for record in range(self.shape.records_responder))
        return self.round_key + b"".join(pseudonyms)

    def claimed(self, body: bytes) -> list[tuple[int, bytes]]:
        tokens = [body[i : i + 16] for i in range(0, len(body), 16)]
        _ascending(tokens)
        own = {self.pseudonym(r): r for r in range(len(self.party.records))}
        return sorted((own[t], shown(t)) for t in tokens if t in own)
