"""The two parties of a round: what each does with the frames that it receives (7.3)."""

from __future__ import annotations

import agree
import bins
import seals
from agree import REQUESTER, RESPONDER
from agreement import Refused
from kinds import (
    BASE_REQUESTER, BASE_RESPONDER, CHOICE, CLAIMS, CORRECTION, EVALUATION, GARBLED, KEYS, PSEUDONYMS, QUERY, QUERY_DIGESTS,
    SEAL_KEYS, TABLE,
)  # fmt: skip
from labelled import labelled_hash
from machine import Machine, named
from plan import COMPARE_CHUNK, TABLE_CHUNK, TOKENS, pieces
from plan import SEAL_KEYS as KEYS_OF_A_FRAME
from requester import Requester, Sealed
from responder import Responder
from setting import Result, Setting
from sides import split

__all__ = ["Machine", "RequesterMachine", "ResponderMachine", "Result", "Setting", "machine", "named"]


class RequesterMachine(Machine):
    def begin(self, round_id: bytes) -> None:
        self.side = Requester(self.setting.party, self.plan, round_id, self.commitment, REQUESTER)
        self.side.place()
        self.claimed = []
        self.outputs: list[bytes] = []
        self.columns: list[bytes] = []
        self.stores: list[list[list[bytes]]] = []
        self.values: dict[int, list[bytes]] = {}
        self.sealed: list[Sealed] = []
        self.commitments: list[bytes] = []
        self.seal_keys: list[bytes] = []
        self.pseudonyms: list[bytes] = []

    def handle(self, kind: int, index: int, body: bytes) -> None:
        if kind == KEYS:
            self.send(BASE_REQUESTER, 0, self.side.keys(body, self.their_chain))
            self._ask()
        elif kind == BASE_RESPONDER:
            to_keys, to_digests = self.their_chains[KEYS, 0], self.own_chains[QUERY_DIGESTS, 0]
            self.side.late_id = agree.late_id(self.side.id, to_keys, to_digests)
            self.side.base(body)
            if self.setting.suite == 2:
                self.outputs = self.side.outputs()
        elif kind == EVALUATION:
            chunk = self.plan.query_chunks()[index]
            self.outputs += self.side.open(index, chunk, self.made[QUERY, index][5:], body)
        elif kind == TABLE:
            self.columns += split(body, self.plan.value_bytes)
        elif kind == CHOICE:
            self._correct(index, body)
        elif kind == GARBLED:
            self._evaluate(index, body)
        elif kind == SEAL_KEYS:
            self._unseal(split(body, 32))
        elif kind == PSEUDONYMS:
            self._list(split(body, 16))

    def _ask(self) -> None:
        """All digests, then all chunks: no query depends on an answer."""
        queries = [self.side.query(number, chunk) for number, chunk in enumerate(self.plan.query_chunks())]
        self.send(QUERY_DIGESTS, 0, b"".join(labelled_hash(bins.QUERY_CHUNK, [query]) for query in queries))
        for index, query in enumerate(queries):
            self.send(QUERY, index, query)

    def _correct(self, index: int, body: bytes) -> None:
        if not self.stores:
            columns = iter(self.columns)
            self.stores = [
                [[next(columns) for _ in range(group.columns)] for group in table.groups] for table in self.plan.tables
            ]
        chunk = self.plan.chunks(COMPARE_CHUNK)[index]
        self.values[index] = [self.side.decode(b, self.outputs[b], self.stores) for b in chunk]
        self.send(CORRECTION, index, self.side.correct(index, chunk, body, self.values[index], self.their_chain))

    def _evaluate(self, index: int, body: bytes) -> None:
        chunk, w = self.plan.chunks(COMPARE_CHUNK)[index], self.setting.shape.payload_bits
        labels = self.side.evaluate(index, len(chunk), self.own_chains[CORRECTION, index], body)
        self.commitments.append(body[16:48])
        circuits = len(self.setting.shape.thresholds)
        size = 16 + 24 * self.setting.shape.mutual + 8 * (circuits - 1)
        seals_of = split(body[len(body) - len(chunk) * size :], size)
        for i, b in enumerate(chunk):
            share = self.values[index][i][w // 8 :]
            self.sealed.append((index, b, seals_of[i], share, [wire[i] for wire in labels]))

    def _unseal(self, keys: list[bytes]) -> None:
        """V-SETTLE-002."""
        for key in keys:
            chunk = len(self.seal_keys)
            if seals.commitment(self.side.late_id, chunk, key) != self.commitments[chunk]:
                raise Refused("BrokenCommitment")
            self.seal_keys.append(key)

    def _list(self, pseudonyms: list[bytes]) -> None:
        self.pseudonyms += pseudonyms
        seals.ascending(self.pseudonyms)
        shape = self.setting.shape
        if len(self.pseudonyms) < shape.records_responder:
            return
        self.pairs = self.side.reveal(self.seal_keys, self.pseudonyms, self.sealed)
        if not shape.mutual:
            return
        # V-SETTLE-012
        if self.setting.matches is not None and len({pair.token for pair in self.pairs}) > self.setting.matches:
            raise Refused("Matches")
        cap = shape.records_requester if self.setting.claims is None else self.setting.claims
        tokens = self.side.claims(self.pairs, cap)
        for number, piece in enumerate(pieces(len(tokens), TOKENS)):
            self.send(CLAIMS, number, b"".join(tokens[i] for i in piece))


class ResponderMachine(Machine):
    def begin(self, round_id: bytes) -> None:
        self.side = Responder(self.setting.party, self.plan, round_id, self.commitment, RESPONDER)
        self.pairs = []
        self.chosen: dict[int, list[int]] = {}
        self.announced: list[bytes] = []
        self.tokens: list[bytes] = []
        self.send(KEYS, 0, self.side.keys())

    def handle(self, kind: int, index: int, body: bytes) -> None:
        if kind == BASE_REQUESTER:
            self.side.base(body, self.own_chains[KEYS, 0])
        elif kind == QUERY_DIGESTS:
            self.announced = split(body, 32)
            late = agree.late_id(self.side.id, self.own_chains[KEYS, 0], self.their_chain)
            self.send(BASE_RESPONDER, 0, self.side.late(late))
        elif kind == QUERY:
            # V-OPRF-003
            if labelled_hash(bins.QUERY_CHUNK, [body]) != self.announced[index]:
                raise Refused("BrokenCommitment")
            chunk = self.plan.query_chunks()[index]
            if self.setting.suite == 2:
                self.side.check(index, chunk, body)
            else:
                self.send(EVALUATION, index, self.side.evaluate(index, chunk, body))
            if index + 1 == len(self.announced):
                self._offer()
        elif kind == CORRECTION:
            self._garble(index, body)
        elif kind == CLAIMS:
            self.tokens += split(body, 16)
            seals.ascending(self.tokens)
            if len(self.tokens) == self.setting.shape.records_requester:
                self.claimed = self.side.claimed(self.tokens)

    def _offer(self) -> None:
        """Tables, when every query has been checked (V-OPRF-009), and the choices that go before any correction."""
        stores = [store for i in range(len(self.plan.tables)) for store in self.side.table(i)]
        chunks = [store[p.start : p.stop] for store in stores for p in pieces(len(store), TABLE_CHUNK)]
        for number, chunk in enumerate(chunks):
            self.send(TABLE, number, b"".join(chunk))
        for number in range(self.window):
            self._choose(number)

    def _choose(self, number: int) -> None:
        chunks = self.plan.chunks(COMPARE_CHUNK)
        if number < len(chunks):
            body, self.chosen[number] = self.side.choose(number, chunks[number])
            self.send(CHOICE, number, body)

    def _garble(self, index: int, body: bytes) -> None:
        chunk = self.plan.chunks(COMPARE_CHUNK)[index]
        chains = self.own_chains[CHOICE, index], self.their_chain
        self.send(GARBLED, index, self.side.garble(index, chunk, self.chosen[index], chains, body))
        self._choose(index + self.window)
        # V-SETTLE-001: after the last correction, not before.
        if index + 1 == len(self.plan.chunks(COMPARE_CHUNK)):
            self._reveal()

    def _reveal(self) -> None:
        count = len(self.plan.chunks(COMPARE_CHUNK))
        keys = [self.side.seal_key(c, self.their_chains[CORRECTION, c]) for c in range(count)]
        pseudonyms = self.side.pseudonyms()
        for number, piece in enumerate(pieces(count, KEYS_OF_A_FRAME)):
            self.send(SEAL_KEYS, number, b"".join(keys[c] for c in piece))
        for number, piece in enumerate(pieces(len(pseudonyms), TOKENS)):
            self.send(PSEUDONYMS, number, b"".join(pseudonyms[i] for i in piece))
        self.claimed = None if self.setting.shape.mutual else []


def machine(setting: Setting) -> Machine:
    return (RequesterMachine if setting.role == REQUESTER else ResponderMachine)(setting)
