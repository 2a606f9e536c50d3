"""One whole round (chapter 7): both parties in one process, every frame that they send.

Deterministic: the points at which randomness is drawn are those of chapter 9.4.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import agree
import bins
import blake3
import compare
import cuckoo
import ed25519
import okvs
from agree import REQUESTER, RESPONDER, Commitment, Randomness, Record
from cipher import Tccr
from labelled import labelled_hash, prf
from oprf import Proof
from ot import MASKS, SHARES, BaseOt, extend_as_receiver, extend_as_sender
from plan import COMPARE_CHUNK, QUERY_CHUNK, TABLE_CHUNK, WINDOW, Plan, Shape
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
        return labelled_hash("blindlink/1 pseudonym shown", [self.token])[:16]


@dataclass
class Outcome:
    """All frames in each party's order, and what each party learned."""

    round_id: bytes
    frames: dict[int, list[bytes]] = field(default_factory=lambda: {REQUESTER: [], RESPONDER: []})
    order: list[int] = field(default_factory=list)
    """Whose frame came next, in an order in which each side has what its frame depends on."""
    pairs: list[Pair] = field(default_factory=list)
    claims: list[tuple[int, bytes]] = field(default_factory=list)
    """Position of the own record and its pseudonym."""
    transcript: bytes = b""
    receipt: bytes = b""

    def add(self, role: int, frame: bytes) -> None:
        self.frames[role].append(frame)
        self.order.append(role)


def scalar(wide: bytes) -> int:
    return int.from_bytes(wide, "little") % L


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def elements(data: bytes) -> list[Element]:
    return [Element.decode_not_identity(data[i : i + 32]) for i in range(0, len(data), 32)]


def kept(records: list[Record], table: int, copies: int) -> list[tuple[bytes, int, int]]:
    """(token, copy, record), sorted. Lists in which more records share a token than there are copies are chapter 5.5's
    business; this reference does not choose among them."""
    holders: dict[bytes, list[int]] = {}
    for position, record in enumerate(records):
        for token in record.tokens[table]:
            holders.setdefault(token, []).append(position)
    if any(len(positions) > 1 for positions in holders.values()):
        raise ValueError("this reference wants distinct tokens in a table")
    return [(token, 0, positions[0]) for token, positions in sorted(holders.items())]


class _Side:
    """What both parties do alike."""

    def __init__(self, party: Party, plan: Plan, round_id: bytes, commitment: Commitment, role: int) -> None:
        self.party, self.plan, self.shape, self.id, self.role = party, plan, plan.shape, round_id, role
        self.random = Randomness(party.seed, round_id, commitment.root, role)
        self.offers = BaseOt(round_id, MASKS if role == RESPONDER else SHARES, self.random.key("base ot", b"offer"))
        self.choosing_key = self.random.key("base ot", b"choose")
        self.choices = BaseOt(round_id, SHARES if role == RESPONDER else MASKS, self.choosing_key)
        self.delta = 0
        self.opening: tuple[Trees, list[bytes]]
        self.own_trees: list[list[bytes]] = []
        self.their_trees: list[dict[int, bytes]] = []
        self.mask_key = self.random.key("ot mask")

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
            items = [
                (record, token + bytes([copy, j]))
                for token, copy, record in kept(self.party.records, index, self.shape.copies_requester)
                for j in range(self.shape.copies_responder)
            ]
            key = cuckoo.bin_key(self.id, table.id)
            places = [cuckoo.bins_of(key, item, table.bins) for _, item in items]
            for local, number in enumerate(cuckoo.place(places, table.bins, walk, table.id)):
                at = table.first_bin + local
                self.inputs.append(prf(dummies, [at], 18) if number is None else items[number][1])
                self.owners.append(None if number is None else items[number][0])

    def keys(self, body: bytes) -> bytes:
        self.public = Element.decode_not_identity(body[:32])
        if not bins.verify_key(self.id, self.public, Proof.decode(body[32:96])):
            raise ValueError("proof of the key")
        self.key_commitment = body[96:128]
        offers = [body[i : i + 32] for i in range(128, len(body), 32)]
        self.delta = self.draw_delta()
        return b"".join(self.offers.offer()) + self.answer(offers)

    def query(self, chunk: range) -> bytes:
        key = self.random.key("blind")
        self.blinds = getattr(self, "blinds", {}) | {b: scalar(prf(key, [b], 64)) for b in chunk}
        return b"".join(bins.blind(self.inputs[b], self.blinds[b]).encode() for b in chunk)

    def info(self, number: int) -> bytes:
        table, local = self.plan.locate(number)
        return bins.info(self.id, table.id, local)

    def open(self, number: int, chunk: range, asked: bytes, answer: bytes) -> list[bytes]:
        evaluated, proof = answer[:-64], Proof.decode(answer[-64:])
        digest = bins.chunk_digest(self.id, self.public, number, asked, evaluated)
        infos = [self.info(b) for b in chunk]
        if not bins.verify_chunk(self.public, digest, infos, elements(asked), elements(evaluated), proof):
            raise ValueError("proof of a chunk")
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
        corrections, self.shares = compare.correct(self.shape, pads, rows, self.delta, payloads, weights)
        bits = compare.pack(self.shares, k)
        extension, self.labels = extend_as_receiver(
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
            labels.append(compare.evaluate(gates, k, circuit * (k - 1), self.labels, theirs, tables))
        return labels

    def reveal(self, key: bytes, sealed: list[tuple[int, bytes, bytes, list[int]]]) -> list[Pair]:
        """`sealed` has bin, label ciphertexts, pseudonym share and output labels of every bin."""
        if labelled_hash("blindlink/1 round key commitment", [self.id, key]) != self.key_commitment:
            raise ValueError("round key")
        found: dict[tuple[int, bytes], tuple[int, set[int]]] = {}
        for number, ciphertexts, share, labels in sealed:
            owner = self.owners[number]
            mask = open_sealed(self.id, key, number, 0, labels[0], ciphertexts[:24])
            if owner is None or mask is None:
                continue
            strong = len(labels) > 1 and open_sealed(self.id, key, number, 1, labels[1], ciphertexts[24:]) is not None
            table, _ = self.plan.locate(number)
            pair = owner, okvs.xor(mask, share)
            grade, tables = found.get(pair, (POSSIBLE, set()))
            found[pair] = max(grade, STRONG if strong else POSSIBLE), tables | {table.id}
        return [Pair(own, token, g, sorted(t)) for (own, token), (g, t) in sorted(found.items())]

    def claims(self, pairs: list[Pair]) -> bytes:
        best: dict[bytes, int] = {}
        for pair in pairs:
            best[pair.token] = max(best.get(pair.token, POSSIBLE), pair.grade)
        tokens = sorted(sorted(best), key=lambda token: -best[token])
        padding, padded = self.random.key("claim padding"), self.shape.records_requester
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
        real: list[tuple[int | None, bytes]] = [
            (record, token + bytes([i, copy]))
            for token, copy, record in kept(self.party.records, index, self.shape.copies_responder)
            for i in range(self.shape.copies_requester)
        ]
        dummies = self.random.key("dummy")
        items = real + [(None, prf(dummies, [table.id, i], 18)) for i in range(table.tokens)]
        key = cuckoo.bin_key(self.id, table.id)
        rows = []
        for record, item in items[: table.tokens]:
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
        self.shares = compare.absorb(self.shape, pads, rows, body[:cut], [mask[:-16] for mask in masks])
        digest = agree.frame_digest(correction)
        seed = self.random.key("label seed", u32(number), digest)[:16]
        gates = self.tccr("gate key", number, digest)
        out, reached = seed, []
        for circuit, threshold in enumerate(self.shape.thresholds):
            shares = [(share - threshold) % (1 << k) for share in self.shares]
            active = compare.active_labels(seed, circuit, n * k)
            tables, labels = compare.garble(gates, self.delta, k, circuit * (k - 1), theirs, active, shares)
            out += tables
            reached.append(labels)
        for i, (b, mask) in enumerate(zip(chunk, masks)):
            for circuit, labels in enumerate(reached):
                content = mask[-16:] if circuit == 0 else b""
                out += seal(self.id, self.round_key, b, circuit, labels[i], content)
        return out

    def claimed(self, body: bytes) -> list[tuple[int, bytes]]:
        tokens = [body[i : i + 16] for i in range(0, len(body), 16)]
        if any(a >= b for a, b in zip(tokens, tokens[1:])):
            raise ValueError("claims are not ascending")
        own = {self.pseudonym(r): r for r in range(len(self.party.records))}
        return sorted((own[t], labelled_hash("blindlink/1 pseudonym shown", [t])[:16]) for t in tokens if t in own)


def run(shape: Shape, policy: bytes, binding: bytes, requester: Party, responder: Party) -> Outcome:
    """A round between two honest parties. Checks on the way that shares add up to scores."""
    plan = Plan(shape)
    sizes = {REQUESTER: shape.records_requester, RESPONDER: shape.records_responder}
    parties = {REQUESTER: requester, RESPONDER: responder}
    commitments = {role: Commitment(p.seed, p.records, sizes[role]) for role, p in parties.items()}
    identities = {role: ed25519.public_key(p.identity) for role, p in parties.items()}
    hellos = {
        role: agree.frame(HELLO, 0, agree.hello(role, identities[role], commitments[role].nonce, binding, policy))
        for role in parties
    }
    digests = [agree.frame_digest(hellos[role]) for role in (REQUESTER, RESPONDER)]
    identifier = agree.round_id(*digests, commitments[REQUESTER].body, commitments[RESPONDER].body)
    outcome = Outcome(identifier)

    def send(role: int, kind: int, body: bytes, index: int = 0) -> bytes:
        data = agree.frame(kind, index, body)
        outcome.add(role, data)
        return data

    for role in (REQUESTER, RESPONDER):
        outcome.add(role, hellos[role])
    for role in (REQUESTER, RESPONDER):
        send(role, COMMIT, commitments[role].body)
    r = Requester(requester, plan, identifier, commitments[REQUESTER], REQUESTER)
    s = Responder(responder, plan, identifier, commitments[RESPONDER], RESPONDER)

    keys = s.keys()
    send(RESPONDER, KEYS, keys)
    r.place()
    base = r.keys(keys)
    send(REQUESTER, BASE_REQUESTER, base)
    answer = s.base(base)
    send(RESPONDER, BASE_RESPONDER, answer)
    trees = r.base_answers(answer)

    outputs: list[bytes] = []
    chunks = plan.chunks(QUERY_CHUNK)
    queries = [r.query(chunk) for chunk in chunks]
    send(REQUESTER, QUERY_DIGESTS, b"".join(labelled_hash(bins.QUERY_CHUNK, [q]) for q in queries))
    for number, (chunk, asked) in enumerate(zip(chunks, queries)):
        send(REQUESTER, QUERY, asked, number)
        evaluation = s.evaluate(number, chunk, asked)
        send(RESPONDER, EVALUATION, evaluation, number)
        outputs += r.open(number, chunk, asked, evaluation)
    tables = [s.table(index) for index in range(len(plan.tables))]
    pieces = [table[first : first + TABLE_CHUNK] for table in tables for first in range(0, len(table), TABLE_CHUNK)]
    for number, piece in enumerate(pieces):
        send(RESPONDER, TABLE, b"".join(piece), number)
    send(REQUESTER, TREES, trees)
    s.open_trees(trees)

    chunks = plan.chunks(COMPARE_CHUNK)
    chosen = [s.choose(number, chunk) for number, chunk in enumerate(chunks)]
    choices = [send(RESPONDER, CHOICE, chosen[n][0], n) for n in range(min(WINDOW, len(chunks)))]
    sealed = []
    for number, chunk in enumerate(chunks):
        values = [r.decode(b, outputs, tables) for b in chunk]
        correction = send(REQUESTER, CORRECTION, r.correct(number, chunk, choices[number], values), number)
        body = s.garble(number, chunk, chosen[number][1], choices[number], correction)
        _check_shares(shape, r, s, chunk, values)
        send(RESPONDER, GARBLED, body, number)
        if number + WINDOW < len(chunks):
            choices.append(send(RESPONDER, CHOICE, chosen[number + WINDOW][0], number + WINDOW))
        labels = r.evaluate(number, len(chunk), correction, body)
        size = 16 + 8 * len(shape.thresholds)
        ciphertexts = body[len(body) - len(chunk) * size :]
        for i, b in enumerate(chunk):
            sealed.append((b, ciphertexts[i * size : (i + 1) * size], values[i][-16:], [wire[i] for wire in labels]))

    send(RESPONDER, REVEAL, s.round_key)
    outcome.pairs = r.reveal(s.round_key, sealed)
    if shape.mutual:
        claims = r.claims(outcome.pairs)
        send(REQUESTER, CLAIMS, claims)
        outcome.claims = s.claimed(claims)
    _receipt(outcome, plan, policy, identities, parties)
    return outcome


def _check_shares(shape: Shape, r: Requester, s: Responder, chunk: range, values: list[bytes]) -> None:
    """rho + sigma = d for the payload that each bin really holds, noise included."""
    for i, b in enumerate(chunk):
        owner = r.owners[b]
        own = bytes(len(values[i])) if owner is None else r.party.records[owner].filter
        payload = okvs.xor(values[i][:-16], s.mask(b)[:-16])
        if (r.shares[i] + s.shares[i] - compare.score(shape, own, payload)) % (1 << shape.ring_bits):
            raise AssertionError(f"shares of bin {b} do not add up")


def _receipt(
    outcome: Outcome, plan: Plan, policy: bytes, identities: dict[int, bytes], parties: dict[int, Party]
) -> None:
    digests = {role: [agree.frame_digest(f) for f in frames] for role, frames in outcome.frames.items()}
    outcome.transcript = agree.transcript(digests[REQUESTER], digests[RESPONDER])
    statement = outcome.round_id + outcome.transcript + labelled_hash("blindlink/1 policy digest", [policy])
    statement += bytes(32)  # no agreement: training
    statement += identities[REQUESTER] + identities[RESPONDER]
    statement += u32(plan.shape.records_requester) + u32(plan.shape.records_responder) + u32(plan.bins)
    signed = labelled_hash("blindlink/1 receipt", [statement])
    signatures = {role: ed25519.sign(party.identity, signed) for role, party in parties.items()}
    for role in (REQUESTER, RESPONDER):
        outcome.add(role, agree.frame(RECEIPT, 0, outcome.transcript + signatures[role]))
    outcome.receipt = statement + signatures[REQUESTER] + signatures[RESPONDER]
