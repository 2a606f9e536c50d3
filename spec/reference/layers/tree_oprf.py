"""Layers `oprf_code` and `oprf_query`: the OPRF from trees (8.11)."""

from __future__ import annotations

from typing import Any

import cuckoo
import engine
import tree_code
from agree import REQUESTER, RESPONDER, Randomness
from labelled import prf
from layers.common import Tests, seed_bytes
from layers.round import written_shape
from ot import QUERIES, InconsistentOt
from plan import Plan, Segment, Shape, both
from ristretto255 import BadElement, Element
from sides import OFFERS_OF_QUERIES, Chooser, Offerer, split
from trees import InconsistentTree

SHAPE = Shape([Segment(8, 12, -2, 0)], -10, [4], [(3, both(1))], 1, 1, 1, 1, False, 8)
ROUND, TO_KEYS, LATE = seed_bytes("oprf query round"), seed_bytes("oprf query chain"), seed_bytes("oprf query late id")
BINS_SHOWN = 5


def _code() -> dict[str, Any]:
    tests = Tests()
    inputs = {"0 to 15": bytes(range(16)), "zero": bytes(16), "all ones": b"\xff" * 16}
    inputs |= {f"one bit, {j}": (1 << j).to_bytes(16, "little") for j in (0, 3, 4, 7, 8, 63, 120, 127)}
    inputs |= {f"random, {n}": seed_bytes(f"oprf code {n}", 16) for n in range(5)}
    for number, (comment, x) in enumerate(inputs.items()):
        delta, word = number % 16, tree_code.word(x)
        product = [tree_code.times16(delta, symbol) for symbol in word]
        tests.valid(
            comment, "Code", x=x.hex(), word=tree_code.packed(word).hex(), delta=delta, product=tree_code.packed(product).hex()
        )  # fmt: skip
    if len({sum(1 for s in tree_code.word(x) if s) >= 32 for x in inputs.values() if any(x)}) != 1:
        raise ValueError("a word is too light")
    notes = {"Code": "V-OPRF-006: the word of an input, and the word with each symbol times an element of GF(16)"}
    return tests.document("oprf_code", "spec/08-primitives.md section 8.11", "spec/reference", notes)


class _Query:
    """Both sides of one query chunk."""

    def __init__(self) -> None:
        self.plan = Plan(SHAPE, 2)
        self.random = {
            role: Randomness.of_party(seed_bytes(f"oprf query seed {role}"), ROUND, seed_bytes(f"oprf query root {role}"), role)
            for role in (REQUESTER, RESPONDER)
        }
        key = self.random[RESPONDER].key("base ot", b"choose", bytes([QUERIES]))
        self.chooser = Chooser(ROUND, QUERIES, key)
        self.answers = self.chooser.answer()
        key = self.random[REQUESTER].key("base ot", b"offer", bytes([QUERIES]), TO_KEYS)
        self.offerer = Offerer(ROUND, QUERIES, key, self.answers)
        dummies = seed_bytes("oprf query inputs")
        self.inputs = [prf(dummies, [b], 18) for b in range(self.plan.bins)]
        place = cuckoo.bin_key(ROUND, SHAPE.tables[0][0])
        self.x = [cuckoo.code_input(place, item) for item in self.inputs]
        masks = self.random[REQUESTER].key("ot mask")
        of = self.offerer
        self.message, self.rows = engine.query(of.leaves, of.digest, TO_KEYS, masks, 0, self.x)
        self.outputs = [engine.output(LATE, b, x, row) for b, (x, row) in enumerate(zip(self.x, self.rows))]

    def fields(self, base: bytes, message: bytes) -> dict[str, Any]:
        return {
            "shape": written_shape(SHAPE), "round_id": ROUND.hex(), "late_id": LATE.hex(), "to_keys": TO_KEYS.hex(),
            "seeds": [seed_bytes(f"oprf query seed {role}").hex() for role in (REQUESTER, RESPONDER)],
            "roots": [seed_bytes(f"oprf query root {role}").hex() for role in (REQUESTER, RESPONDER)],
            "inputs": [item.hex() for item in self.inputs], "key": self.answers.hex(), "base": base.hex(),
            "query": message.hex(),
        }  # fmt: skip

    def fault(self, base: bytes, message: bytes) -> str:
        """What S says of these, after the rows that it computes of honest ones were compared with R's."""
        offers, trees = base[:OFFERS_OF_QUERIES], base[OFFERS_OF_QUERIES:]
        try:
            for offer in split(offers, 32):
                Element.decode_not_identity(offer)
            self.chooser.open(offers, trees)
            of = self.chooser
            q = engine.check(of.leaves, of.delta, of.digest, TO_KEYS, 0, message, self.plan.bins)
        except (BadElement, InconsistentTree, InconsistentOt) as error:
            return type(error).__name__
        own = [engine.at(row, of.delta, x) for row, x in zip(q, self.x)]
        other = [engine.at(row, of.delta, x) for row, x in zip(q, self.x[1:])]
        if own != self.rows or any(a == b for a, b in zip(other, self.rows)):
            raise ValueError("the rows of both sides are not the same at the input, and at no other")
        return ""


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _query() -> dict[str, Any]:
    tests, pair = Tests(), _Query()
    base, message, matrix = pair.offerer.message, pair.message, tree_code.BITS * 16 * engine.blocks_of(pair.plan.bins)
    if pair.fault(base, message):
        raise ValueError("an honest query is refused")
    shown = range(BINS_SHOWN)
    tests.valid(
        "all bins of a small table", "Query", **pair.fields(base, message),
        code_inputs=[pair.x[b].hex() for b in shown],
        rows=[pair.rows[b].to_bytes(tree_code.ROW_BYTES, "little").hex() for b in shown],
        outputs=[pair.outputs[b].hex() for b in shown], delta=pair.chooser.delta.to_bytes(47, "little").hex(),
    )  # fmt: skip
    for comment, fault, wrong_base, wrong_message in (
        ("a bit of the first column", "InconsistentOt", base, _flip(message, 0)),
        ("a bit of the last column", "InconsistentOt", base, _flip(message, matrix - 1)),
        ("a bit of the hashes of the inputs", "InconsistentOt", base, _flip(message, matrix + 40)),
        ("a bit of the digest", "InconsistentOt", base, _flip(message, len(message) - 1)),
        ("a bit of the first tree's check", "InconsistentTree", _flip(base, OFFERS_OF_QUERIES + 127), message),
        ("a bit of the trees' digest", "InconsistentTree", _flip(base, len(base) - 1), message),
        ("an offer that is no element", "BadElement", b"\xff" * 32 + base[32:], message),
    ):
        said = pair.fault(wrong_base, wrong_message)
        tests.judged(comment, "Damage", fault, said, **pair.fields(wrong_base, wrong_message))
    notes = {
        "Query": "V-OPRF-007, V-OPRF-008: one query chunk from both sides' seeds: what crosses, and rows and outputs of the first bins",
        "Damage": "V-OPRF-010: messages that the responder must refuse",
    }
    return tests.document("oprf_query", "spec/08-primitives.md section 8.11", "spec/reference", notes)


def files() -> dict[str, dict[str, Any]]:
    return {"oprf_code": _code(), "oprf_query": _query()}
