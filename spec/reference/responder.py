"""What the responder computes (chapter 8), from the bodies that it received to those that it sends."""

from __future__ import annotations

import bins
import blake3
import compare
import cuckoo
import engine
import okvs
import seals
from labelled import prf
from ot import MASKS, QUERIES, SHARES, Extension, extend_as_receiver, extend_as_sender
from plan import TablePlan
from ristretto255 import G
from seals import shown, u32
from sides import ANSWERS, OFFERS, OFFERS_OF_QUERIES, TREES_BYTES, Chooser, Offerer, Side, elements, padded, scalar

Row = tuple[int, bytes, bytes]
"""Bin in its table, input, and what the row has besides the mask: payload, pseudonym token and tag, or zeros."""


def grouped(table: TablePlan, rows: list[Row], filler_key: bytes, width: int) -> list[list[Row]]:
    """Rows of every group (8.10): those beyond its number are left out, missing ones are filled up."""
    out: list[list[Row]] = [[] for _ in table.groups]
    for row in rows:
        out[table.group_of(row[0])].append(row)
    for g, (group, own) in enumerate(zip(table.groups, out)):
        del own[group.rows :]
        for f in range(group.rows - len(own)):
            own.append((group.first_bin + f % group.bins, prf(filler_key, [table.id, g, f], 18), bytes(width)))
    return out


class Responder(Side):
    def keys(self) -> bytes:
        """Answers direction 2 before R has offered."""
        self.chooser = Chooser(self.id, SHARES, self.random.key("base ot", b"choose", bytes([SHARES])))
        if self.plan.suite == 2:
            self.of_queries = Chooser(self.id, QUERIES, self.random.key("base ot", b"choose", bytes([QUERIES])))
            self.rows: list[int] = []
            return self.of_queries.answer() + self.chooser.answer()
        self.oprf_key = scalar(prf(self.random.key("oprf key"), [0], 64))
        self.nonces = self.random.key("proof nonce")
        proof = bins.prove_key(self.id, self.oprf_key, scalar(prf(self.nonces, [0], 64)))
        return (self.oprf_key * G).encode() + proof.encode() + self.chooser.answer()

    def base(self, body: bytes, to_keys: bytes) -> None:
        """Checks base requester: first every element, then the trees of direction 2; in suite 2 direction 3 after it.
        `to_keys` is the chain of S's frames up to keys."""
        self.answers, rest = body[:ANSWERS], body[ANSWERS:]
        offers, trees, own = rest[:OFFERS], rest[OFFERS : OFFERS + TREES_BYTES], rest[OFFERS + TREES_BYTES :]
        elements(self.answers + offers)
        self.chooser.open(offers, trees)
        if self.plan.suite == 2:
            elements(own[:OFFERS_OF_QUERIES])
            self.of_queries.open(own[:OFFERS_OF_QUERIES], own[OFFERS_OF_QUERIES:])
            self.to_keys = to_keys

    def check(self, number: int, chunk: range, message: bytes) -> None:
        """A query of suite 2."""
        of = self.of_queries
        self.rows += engine.check(of.leaves, of.delta, of.digest, self.to_keys, number, message, len(chunk))

    def output(self, table: TablePlan, local: int, item: bytes) -> bytes:
        """The function of a bin at an own input."""
        if self.plan.suite == 2:
            number, x = table.first_bin + local, cuckoo.code_input(cuckoo.bin_key(self.id, table.id), item)
            return engine.output(self.late_id, number, x, engine.at(self.rows[number], self.of_queries.delta, x))
        return bins.direct(self.oprf_key, bins.info(self.late_id, table.id, local), item)

    def late(self, late_id: bytes) -> bytes:
        """From here on all randomness depends on the query digests. Gives the body of base responder."""
        self.late_id, self.late_random = late_id, self.random.late(late_id)
        key = self.late_random.key("base ot", b"offer", bytes([MASKS]))
        self.offerer = Offerer(self.id, MASKS, key, self.answers)
        return self.offerer.message

    def evaluate(self, number: int, chunk: range, asked: bytes) -> bytes:
        infos = []
        for b in chunk:
            table, local = self.plan.locate(b)
            infos.append(bins.info(self.late_id, table.id, local))
        blinded = elements(asked)
        evaluated = [bins.evaluate(self.oprf_key, i, b) for i, b in zip(infos, blinded, strict=True)]
        body = b"".join(e.encode() for e in evaluated)
        digest = bins.chunk_digest(self.late_id, self.oprf_key * G, number, asked, body)
        nonce = scalar(blake3.keyed_hash(self.nonces, digest, 64))
        return body + bins.prove_chunk(self.oprf_key, digest, evaluated, nonce).encode()

    def mask(self, number: int) -> bytes:
        """s_b, g_b and, where there is a grade strong, h_b."""
        return prf(self.late_random.key("bin mask"), [number], self.plan.value_bytes)

    def pseudonym(self, record: int) -> bytes:
        return prf(self.late_random.key("pseudonym"), [record], 16)

    def _content(self, record: int, table: int, item: bytes, number: int) -> bytes:
        token, w = self.pseudonym(record), self.shape.payload_bits
        tag = seals.strong_tag(self.late_id, token, number) if len(self.shape.thresholds) > 1 else b""
        return self.party.records[record].filter_of(table, item[:16]).ljust(w // 8, b"\0") + token + tag

    def table(self, index: int) -> list[list[bytes]]:
        """Columns of every group."""
        table, width = self.plan.tables[index], self.plan.value_bytes
        own = [
            (record, token + bytes([i, copy]))
            for token, copy, record in self.kept(index)
            for i in range(self.shape.copies_requester)
        ]
        items = padded(own, self.random.key("dummy"), table.id, table.tokens)
        key = cuckoo.bin_key(self.id, table.id)
        rows: list[Row] = []
        for record, item in items:
            for local in cuckoo.bins_of(key, item, table.bins):
                number = table.first_bin + local
                content = bytes(width) if record is None else self._content(record, index, item, number)
                rows.append((local, item, content))
        of_groups = grouped(table, rows, self.late_random.key("okvs filler"), width)
        return [self._store(table, g, of_group) for g, of_group in enumerate(of_groups)]

    def _store(self, table: TablePlan, g: int, rows: list[Row]) -> list[bytes]:
        width, columns = self.plan.value_bytes, table.groups[g].columns
        encoded = []
        for local, item, content in rows:
            output = self.output(table, local, item)
            band, stream = okvs.row(self.late_id, table.id, g, output, columns, width)
            encoded.append((band, okvs.xor(okvs.xor(stream, self.mask(table.first_bin + local)), content)))
        return okvs.encode(encoded, columns, width, self.late_random.key("okvs free"), table.id, g)

    def choose(self, number: int, chunk: range) -> tuple[bytes, list[int]]:
        masks = b"".join(self.mask(b)[: self.shape.payload_bits // 8] for b in chunk)
        of = Extension(MASKS, number, self.offerer.digest, self.late_id)
        return extend_as_receiver(of, self.offerer.leaves, self.late_random.key("ot mask"), masks, len(masks) * 8)

    def seal_key(self, number: int, chain: bytes) -> bytes:
        return self.late_random.key("seal key", u32(number), chain)

    def garble(self, number: int, chunk: range, rows: list[int], chains: tuple[bytes, bytes], body: bytes) -> bytes:
        """`chains` are those of S's frames up to the choice and of R's up to the correction; `body` the correction's."""
        w, k, n = self.shape.payload_bits, self.shape.ring_bits, len(chunk)
        to_choice, to_correction = chains
        cut = -(-n * w * k // 8)
        of = Extension(SHARES, number, self.chooser.digest, to_choice)
        theirs = extend_as_sender(of, self.chooser.delta, self.chooser.leaves, body[cut:], n * k)
        masks = [self.mask(b) for b in chunk]
        pads = self.tccr("pad key", number, to_choice)
        self.shares[number] = compare.absorb(self.shape, pads, rows, body[:cut], [mask[: w // 8] for mask in masks])
        seed = self.late_random.key("label seed", u32(number), to_correction)[:16]
        gates, key = self.tccr("gate key", number, to_correction), self.seal_key(number, to_correction)
        out, reached = seed + seals.commitment(self.late_id, number, key), []
        for circuit, threshold in enumerate(self.shape.thresholds):
            shares = [(share - threshold) % (1 << k) for share in self.shares[number]]
            active = compare.active_labels(seed, circuit, n * k)
            tables, labels = compare.garble(gates, self.chooser.delta, k, circuit * (k - 1), theirs, active, shares)
            out += tables
            reached.append(labels)
        sealing = seals.sealing_key(self.late_id, number, key)
        for i, (b, mask) in enumerate(zip(chunk, masks)):
            labels = [of_circuit[i] for of_circuit in reached]
            out += seals.seal(sealing, b, mask[w // 8 :], labels, self.chooser.delta, self.shape.mutual)
        return out

    def pseudonyms(self) -> list[bytes]:
        return sorted(shown(self.pseudonym(record)) for record in range(self.shape.records_responder))

    def claimed(self, tokens: list[bytes]) -> list[tuple[int, bytes]]:
        own = {self.pseudonym(r): r for r in range(len(self.party.records))}
        return sorted((own[t], shown(t)) for t in tokens if t in own)
