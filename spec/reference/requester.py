"""What the requester computes (chapter 8), from the bodies that it received to those that it sends."""

from __future__ import annotations

import bins
import compare
import cuckoo
import engine
import okvs
import seals
from agreement import Refused
from labelled import prf
from oprf import Proof
from ot import MASKS, QUERIES, SHARES, Extension, extend_as_receiver, extend_as_sender
from ristretto255 import L, Element
from seals import POSSIBLE, STRONG, shown
from sides import ANSWERS_OF_QUERIES, OFFERS, Chooser, Offerer, Pair, Side, elements, padded, scalar

Sealed = tuple[int, int, bytes, bytes, list[int]]
"""Comparison chunk, bin, its seal, the decoded shares, and the output labels."""


class Requester(Side):
    def place(self) -> None:
        """Cuckoo tables: an input for every bin, and the record that it came from."""
        self.inputs: list[bytes] = []
        self.owners: list[int | None] = []
        self.filters: list[bytes] = []
        self.walks = 0
        self.blinds: dict[int, int] = {}
        self.labels: dict[int, list[int]] = {}
        dummies, walk = self.random.key("dummy"), self.random.key("cuckoo walk")
        for index, table in enumerate(self.plan.tables):
            own = [
                (record, token + bytes([copy, j]))
                for token, copy, record in self.kept(index)
                for j in range(self.shape.copies_responder)
            ]
            items = padded(own, dummies, table.id, table.queries)
            key = cuckoo.bin_key(self.id, table.id)
            places = [cuckoo.bins_of(key, item, table.bins) for _, item in items]
            moved: list[int] = []
            placed = cuckoo.place(places, table.bins, walk, table.id, moved)
            self.walks += len(moved)
            for local, number in enumerate(placed):
                at = table.first_bin + local
                self.inputs.append(prf(dummies, [at], 18) if number is None else items[number][1])
                owner = None if number is None else items[number][0]
                self.owners.append(owner)
                record = None if owner is None else self.party.records[owner]
                self.filters.append(b"" if record is None else record.filter_of(index, self.inputs[-1][:16]))

    def keys(self, body: bytes, chain: bytes) -> bytes:
        """Checks the keys frame; gives the body of base requester. `chain` is that of S's frames up to keys."""
        if self.plan.suite == 2:
            return self._keys_of_trees(body, chain)
        self.public = Element.decode_not_identity(body[:32])
        if not bins.verify_key(self.id, self.public, Proof.decode(body[32:96])):
            raise Refused("BadProof")
        return self._base(body[96:], chain)

    def _keys_of_trees(self, body: bytes, chain: bytes) -> bytes:
        key = self.random.key("base ot", b"offer", bytes([QUERIES]), chain)
        self.of_queries, self.to_keys = Offerer(self.id, QUERIES, key, body[:ANSWERS_OF_QUERIES]), chain
        self.rows: list[int] = []
        return self._base(body[ANSWERS_OF_QUERIES:], chain) + self.of_queries.message

    def _base(self, answers: bytes, chain: bytes) -> bytes:
        self.chooser = Chooser(self.id, MASKS, self.random.key("base ot", b"choose", bytes([MASKS]), chain))
        key = self.random.key("base ot", b"offer", bytes([SHARES]), chain)
        self.offerer = Offerer(self.id, SHARES, key, answers)
        return self.chooser.answer() + self.offerer.message

    def code_input(self, number: int) -> bytes:
        table, _ = self.plan.locate(number)
        return cuckoo.code_input(cuckoo.bin_key(self.id, table.id), self.inputs[number])

    def query(self, number: int, chunk: range) -> bytes:
        if self.plan.suite == 2:
            of, masks = self.of_queries, self.random.key("ot mask")
            inputs = [self.code_input(b) for b in chunk]
            message, rows = engine.query(of.leaves, of.digest, self.to_keys, masks, number, inputs)
            self.rows += rows
            return message
        key = self.random.key("blind")
        self.blinds |= {b: scalar(prf(key, [b], 64)) for b in chunk}
        return b"".join(bins.blind(self.inputs[b], self.blinds[b]).encode() for b in chunk)

    def base(self, body: bytes) -> None:
        """V-OT-004: at once, when the frame comes."""
        self.chooser.open(body[:OFFERS], body[OFFERS:])

    def outputs(self) -> list[bytes]:
        """Of all bins, in the suite whose queries are not evaluated."""
        return [engine.output(self.late_id, b, self.code_input(b), row) for b, row in enumerate(self.rows)]

    def info(self, number: int) -> bytes:
        table, local = self.plan.locate(number)
        return bins.info(self.late_id, table.id, local)

    def open(self, number: int, chunk: range, asked: bytes, answer: bytes) -> list[bytes]:
        evaluated, proof = elements(answer[:-64]), Proof.decode(answer[-64:])
        digest = bins.chunk_digest(self.late_id, self.public, number, asked, answer[:-64])
        infos = [self.info(b) for b in chunk]
        if not bins.verify_chunk(self.public, digest, infos, elements(asked), evaluated, proof):
            raise Refused("BadProof")
        unblinded = [pow(self.blinds[b], -1, L) * e for b, e in zip(chunk, evaluated, strict=True)]
        return [bins.output(self.inputs[b], i, n) for b, i, n in zip(chunk, infos, unblinded, strict=True)]

    def decode(self, number: int, output: bytes, stores: list[list[list[bytes]]]) -> bytes:
        """`stores` has the columns of every group of every table."""
        table, local = self.plan.locate(number)
        group = table.group_of(local)
        columns = stores[self.plan.tables.index(table)][group]
        band, mask = okvs.row(self.late_id, table.id, group, output, len(columns), self.plan.value_bytes)
        return okvs.xor(mask, okvs.decode(columns, band))

    def correct(self, number: int, chunk: range, message: bytes, values: list[bytes], chain: bytes) -> bytes:
        """`values` are the decoded values of the chunk's bins; `chain` is that of S's frames up to this choice."""
        w, k = self.shape.payload_bits, self.shape.ring_bits
        of = Extension(MASKS, number, self.chooser.digest, self.late_id)
        rows = extend_as_sender(of, self.chooser.delta, self.chooser.leaves, message, len(chunk) * w)
        empty = bytes(w // 8)
        weights = [compare.coefficients(self.shape, self.filters[b] or empty) for b in chunk]
        pads = self.tccr("pad key", number, chain)
        payloads = [value[: w // 8] for value in values]
        corrections, shares = compare.correct(self.shape, pads, rows, self.chooser.delta, payloads, weights)
        self.shares[number], bits = shares, compare.pack(shares, k)
        of = Extension(SHARES, number, self.offerer.digest, chain)
        extension, self.labels[number] = extend_as_receiver(
            of, self.offerer.leaves, self.random.key("ot mask"), bits, len(chunk) * k
        )
        return corrections + extension

    def evaluate(self, number: int, n: int, chain: bytes, body: bytes) -> list[list[int]]:
        """Output labels of each circuit; `chain` is that of R's frames up to this correction."""
        k, circuits = self.shape.ring_bits, len(self.shape.thresholds)
        size = n * (k - 1) * 32
        gates = self.tccr("gate key", number, chain)
        labels = []
        for circuit in range(circuits):
            tables = body[48 + circuit * size : 48 + (circuit + 1) * size]
            theirs = compare.active_labels(body[:16], circuit, n * k)
            labels.append(compare.evaluate(gates, k, circuit * (k - 1), self.labels[number], theirs, tables))
        return labels

    def reveal(self, keys: list[bytes], pseudonyms: list[bytes], sealed: list[Sealed]) -> list[Pair]:
        """Opens every bin (V-SETTLE-007)."""
        listed, mutual = set(pseudonyms), self.shape.mutual
        sealing = [seals.sealing_key(self.late_id, chunk, key) for chunk, key in enumerate(keys)]
        found: dict[tuple[int, bytes], tuple[int, set[int]]] = {}
        for chunk, number, seal, share, labels in sealed:
            owner = self.owners[number]
            token, tag, checked = seals.opened(sealing[chunk], number, seal, share, labels, mutual)
            # V-SETTLE-008, V-SETTLE-011
            if shown(token) not in listed or not checked or owner is None:
                continue
            # V-SETTLE-010
            strong = len(labels) > 1 and tag == seals.strong_tag(self.late_id, token, number)
            table, _ = self.plan.locate(number)
            grade, tables = found.get((owner, token), (POSSIBLE, set()))
            found[owner, token] = max(grade, STRONG if strong else POSSIBLE), tables | {table.id}
        return [Pair(own, token, g, sorted(t)) for (own, token), (g, t) in sorted(found.items())]

    def claims(self, pairs: list[Pair], most: int) -> list[bytes]:
        graded = [(pair.token, pair.grade) for pair in pairs]
        return seals.claims_of(graded, most, self.shape.records_requester, self.random.key("claim padding"))
