"""Chapter 8 below the round: OPRF per bin, its proofs, cuckoo bins, OKVS, OT extension."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bins
import cuckoo
import okvs
import ot
import trees
from layers.common import Tests, seed_bytes, seed_scalar
from oprf import Proof
from ristretto255 import G, L, Element, encode_scalar

ROUND = seed_bytes("primitives round")
TABLE = 7
KEY = seed_scalar("primitives oprf key")


def _join(elements: list[Element]) -> bytes:
    return b"".join(e.encode() for e in elements)


def _oprf() -> dict[str, Any]:
    tests = Tests()
    for comment, flag, table, number, item in (
        ("bin 0", "Normal", TABLE, 0, seed_bytes("primitives input 0", 18)),
        ("the same input in another bin", "OtherInfo", TABLE, 1, seed_bytes("primitives input 0", 18)),
        ("the same input in another table", "OtherInfo", TABLE + 1, 0, seed_bytes("primitives input 0", 18)),
        ("the largest bin and table number", "Normal", 2**16 - 1, 2**32 - 1, seed_bytes("primitives input 1", 18)),
        ("an input of zeros", "Normal", TABLE, 2, bytes(18)),
    ):
        r = seed_scalar(f"primitives blind {comment}")
        info = bins.info(ROUND, table, number)
        blinded = bins.blind(item, r)
        evaluated = bins.evaluate(KEY, info, blinded)
        output = bins.output(item, info, pow(r, -1, L) * evaluated)
        if output != bins.direct(KEY, info, item):
            raise ValueError("the two sides of the OPRF differ")
        tests.valid(
            comment, flag,
            late_id=ROUND.hex(), table=table, bin=number, key=encode_scalar(KEY).hex(), input=item.hex(),
            blind=encode_scalar(r).hex(), info=info.hex(), blinded=blinded.encode().hex(),
            evaluated=evaluated.encode().hex(), output=output.hex(),
        )  # fmt: skip
    notes = {"Normal": "blind, evaluate, unblind", "OtherInfo": "V-OPRF-005: unrelated outputs for one input"}
    return tests.document("bin_oprf", "spec/08-primitives.md section 8.1", "spec/reference", notes)


class _Chunk:
    """Three bins of a query chunk with an honest proof, and ways to spoil it."""

    def __init__(self) -> None:
        self.fields = {"late_id": ROUND, "chunk": 5, "numbers": [4, 5, 6], "public": KEY * G}
        infos = [bins.info(ROUND, TABLE, n) for n in self.fields["numbers"]]
        self.blinded = [seed_scalar(f"primitives chunk blind {i}") * G for i in range(3)]
        self.evaluated = [bins.evaluate(KEY, info, b) for info, b in zip(infos, self.blinded)]
        self.proof = self.prove(5, self.evaluated)

    def prove(self, chunk: int, evaluated: list[Element]) -> Proof:
        digest = bins.chunk_digest(ROUND, KEY * G, chunk, _join(self.blinded), _join(evaluated))
        return bins.prove_chunk(KEY, digest, evaluated, seed_scalar(f"primitives proof nonce {chunk}"))

    def test(self, proof: bytes | None = None, evaluated: list[bytes] | None = None, **changed: Any) -> dict[str, Any]:
        fields = self.fields | changed
        sent = evaluated or [e.encode() for e in self.evaluated]
        return {
            "late_id": fields["late_id"].hex(),
            "table": TABLE,
            "bins": fields["numbers"],
            "chunk": fields["chunk"],
            "public_key": fields["public"].encode().hex(),
            "blinded": [e.encode().hex() for e in self.blinded],
            "evaluated": [e.hex() for e in sent],
            "proof": (proof or self.proof.encode()).hex(),
        }


def _verifies(test: dict[str, Any]) -> bool:
    blinded, evaluated = (
        [Element.decode_not_identity(bytes.fromhex(e)) for e in test[name]] for name in ("blinded", "evaluated")
    )
    late_id, public = bytes.fromhex(test["late_id"]), Element.decode(bytes.fromhex(test["public_key"]))
    digest = bins.chunk_digest(late_id, public, test["chunk"], _join(blinded), _join(evaluated))
    infos = [bins.info(late_id, test["table"], n) for n in test["bins"]]
    return bins.verify_chunk(public, digest, infos, blinded, evaluated, Proof.decode(bytes.fromhex(test["proof"])))


def _proofs() -> dict[str, Any]:
    chunk, tests = _Chunk(), Tests()
    d, proof = chunk.evaluated, chunk.proof
    honest = chunk.test()
    if not _verifies(honest):
        raise ValueError("an honest proof fails")
    tests.valid("three bins", "Normal", **honest)
    swapped = [d[1].encode(), d[0].encode(), d[2].encode()]
    altered = [(d[0] + G).encode(), d[1].encode(), d[2].encode()]
    # Two errors that cancel in an unweighted sum.
    cancelling = [(d[0] + G).encode(), (d[1] - G).encode(), d[2].encode()]
    # An evaluation under another bin's key, proved honestly by a responder that swaps its keys.
    wrong_bin = [bins.evaluate(KEY, bins.info(ROUND, TABLE, 9), chunk.blinded[0]), *d[1:]]
    for comment, flag, test in (
        ("an evaluation is another element", "AlteredElement", chunk.test(evaluated=altered)),
        ("two errors that cancel without weights", "AlteredElement", chunk.test(evaluated=cancelling)),
        ("two evaluations are swapped", "SwappedElements", chunk.test(evaluated=swapped)),
        ("an evaluation under another bin's key", "OtherBin", chunk.test(
            evaluated=[e.encode() for e in wrong_bin], proof=chunk.prove(5, wrong_bin).encode())),
        ("the bins are counted from another number", "OtherBin", chunk.test(numbers=[5, 6, 7])),
        ("the proof of another chunk", "OtherChunk", chunk.test(proof=chunk.prove(6, d).encode())),
        ("the proof of another round", "OtherChunk", chunk.test(late_id=seed_bytes("primitives other round"))),
        ("another public key", "OtherKey", chunk.test(public=KEY * G + G)),
        ("c is one more", "AlteredProof", chunk.test(proof=Proof((proof.c + 1) % L, proof.s).encode())),
        ("s is one more", "AlteredProof", chunk.test(proof=Proof(proof.c, (proof.s + 1) % L).encode())),
    ):  # fmt: skip
        if _verifies(test):
            raise ValueError(f"accepted: {comment}")
        tests.invalid(comment, flag, "BadProof", **test)
    unreduced = (proof.c + L).to_bytes(32, "little") + encode_scalar(proof.s)
    tests.invalid("c plus the group order", "UnreducedScalar", "BadScalar", **chunk.test(proof=unreduced))
    identity = [bytes(32), d[1].encode(), d[2].encode()]
    tests.invalid("an evaluation is the identity", "BadEncoding", "BadElement", **chunk.test(evaluated=identity))
    odd = [b"\x01" + bytes(31), d[1].encode(), d[2].encode()]
    tests.invalid("an evaluation is no element", "BadEncoding", "BadElement", **chunk.test(evaluated=odd))
    notes = {
        "Normal": "an honest proof",
        "AlteredElement": "V-OPRF-004",
        "SwappedElements": "V-OPRF-004",
        "OtherBin": "V-OPRF-004: every bin has a key of its own",
        "OtherChunk": "V-OPRF-004: round and chunk enter the weights",
        "OtherKey": "V-OPRF-004",
        "AlteredProof": "V-OPRF-004",
        "UnreducedScalar": "V-OPRF-004, V-CODEC-006",
        "BadEncoding": "V-OPRF-001, V-CODEC-005",
    }
    return tests.document("bin_proof", "spec/08-primitives.md section 8.2", "spec/reference", notes)


def _key_proofs() -> dict[str, Any]:
    tests = Tests()
    proof = bins.prove_key(ROUND, KEY, seed_scalar("primitives key nonce"))
    changed = Proof(proof.c, (proof.s + 1) % L)
    for comment, flag, round_id, public, given in (
        ("honest", "Normal", ROUND, KEY * G, proof),
        ("another key", "WrongProof", ROUND, KEY * G + G, proof),
        ("another round", "WrongProof", seed_bytes("primitives other round"), KEY * G, proof),
        ("s is one more", "WrongProof", ROUND, KEY * G, changed),
    ):
        fields = {"round_id": round_id.hex(), "public_key": public.encode().hex(), "proof": given.encode().hex()}
        if bins.verify_key(round_id, public, given) != (flag == "Normal"):
            raise ValueError(f"key proof: {comment}")
        if flag == "Normal":
            tests.valid(comment, flag, **fields)
        else:
            tests.invalid(comment, flag, "BadProof", **fields)
    tests.invalid(
        "the key is the identity", "BadEncoding", "BadElement",
        round_id=ROUND.hex(), public_key=bytes(32).hex(), proof=proof.encode().hex(),
    )  # fmt: skip
    notes = {
        "Normal": "an honest proof",
        "WrongProof": "V-OPRF-002",
        "BadEncoding": "V-OPRF-001, V-CODEC-005",
    }
    return tests.document("key_proof", "spec/08-primitives.md section 8.1", "spec/reference", notes)


def _cuckoo() -> dict[str, Any]:
    tests = Tests()
    for size in (3, 4, 129, 7620, 2**32 - 1):
        for i in range(4):
            item = seed_bytes(f"primitives cuckoo {size} {i}", 18)
            found = cuckoo.bins_of(cuckoo.bin_key(ROUND, TABLE), item, size)
            tests.valid(
                f"{size} bins", "Normal", round_id=ROUND.hex(), table=TABLE, bins=size, input=item.hex(), found=list(found)
            )
    notes = {"Normal": "three distinct bins, in this order"}
    return tests.document("cuckoo_bins", "spec/08-primitives.md section 8.3", "spec/reference", notes)


def _okvs() -> dict[str, Any]:
    tests = Tests()
    width, free = 24, seed_bytes("primitives okvs free")
    for comment, flag, group, count, repeated in (
        ("twenty rows", "Normal", 0, 20, False),
        ("the same outputs in another group", "OtherGroup", 1, 20, False),
        ("no row: all columns are free", "Empty", 0, 0, False),
        ("a row that is there twice with another value", "Dependent", 0, 5, True),
    ):
        columns = -(-11 * count // 10) + 256
        outputs = [seed_bytes(f"primitives okvs output {i}") for i in range(count)] + [seed_bytes("primitives okvs output 0")] * repeated
        rows = [okvs.row(ROUND, TABLE, group, output, columns, width) for output in outputs]
        values = [seed_bytes(f"primitives okvs value {i}", width) for i in range(len(rows))]
        pairs = [(band, value) for (band, _), value in zip(rows, values)]
        table = okvs.encode(pairs, columns, width, free, TABLE, group)
        reads = [okvs.decode(table, band) for band, _ in rows]
        if reads[:count] != values[:count]:
            raise ValueError("a row does not read its value")
        tests.valid(
            comment, flag, late_id=ROUND.hex(), table=TABLE, group=group, columns=columns, width=width, free_key=free.hex(),
            rows=[
                {"output": output.hex(), "value": value.hex(), "mask": mask.hex(), "read": read.hex()}
                for output, value, (_, mask), read in zip(outputs, values, rows, reads)
            ],
            encoded=b"".join(table).hex(),
        )  # fmt: skip
    notes = {
        "Normal": "every row reads its value",
        "OtherGroup": "the group enters the band, the mask stream and the free columns",
        "Empty": "a table without rows is as long and looks the same",
        "Dependent": "the second is left out and reads the first's value",
    }
    return tests.document("okvs", "spec/08-primitives.md section 8.4", "spec/reference", notes)


class _Opened:
    """Trees of one direction, from random base OT keys and answers: binding, both keys, message, and what is opened."""

    def __init__(self) -> None:
        self.delta = int.from_bytes(seed_bytes("primitives delta", 16), "little")
        self.answers, self.offers = seed_bytes("primitives ot answers", 8192), seed_bytes("primitives ot offers", 4096)
        self.pairs = [(seed_bytes(f"primitives ot {j} 0", 16), seed_bytes(f"primitives ot {j} 1", 16)) for j in range(128)]
        self.keys = [pair[1 - (self.delta >> j & 1)] for j, pair in enumerate(self.pairs)]
        self.trees = trees.Trees(ROUND, ot.SHARES, self.answers, self.offers)
        self.leaves, self.message = self.trees.grow(self.pairs)
        self.opened = self.trees.open(self.delta, self.keys, self.message)
        for i, (leaves, opened) in enumerate(zip(self.leaves, self.opened)):
            missing = self.delta >> trees.K * i & trees.LEAVES - 1
            if opened != {p: key for p, key in enumerate(leaves) if p != missing}:
                raise ValueError("leaves differ")
        self.fields = {
            "round_id": ROUND.hex(), "direction": ot.SHARES, "answers": self.answers.hex(), "offers": self.offers.hex(),
            "delta": self.delta.to_bytes(16, "little").hex(), "keys": b"".join(self.keys).hex(),
        }  # fmt: skip


def _flipped(message: bytes, position: int) -> bytes:
    return message[:position] + bytes([message[position] ^ 1]) + message[position + 1 :]


def _trees() -> dict[str, Any]:
    tests = Tests()
    made = _Opened()
    both = b"".join(a + b for a, b in made.pairs).hex()
    tests.valid(
        "leaves of the owner; the opener has all but those at Delta", "Normal", **made.fields, both=both,
        message=made.message.hex(), leaves=["".join(key.hex() for key in leaves) for leaves in made.leaves],
    )  # fmt: skip

    def sum_at(tree: int, level: int, branch: int) -> int:
        return tree * trees.TREE_BYTES + 32 * (level - 1) + 16 * branch

    def branch_of(tree: int, level: int) -> int:
        """The branch whose sum the opener takes."""
        return 1 - (made.delta >> trees.K * tree + trees.K - 1 - level & 1)

    # A sum that Delta's path leaves out is not noticed: the owner guessed right.
    unused = _flipped(made.message, sum_at(5, 3, 1 - branch_of(5, 3)))
    made.trees.open(made.delta, made.keys, unused)
    tests.valid("a sum that the opener does not take is another", "Guessed", **made.fields, message=unused.hex())
    for comment, flag, changed in (
        ("a sum of the second level", "OtherSum", _flipped(made.message, sum_at(0, 1, branch_of(0, 1)))),
        ("a sum of the last level", "OtherSum", _flipped(made.message, sum_at(31, 3, branch_of(31, 3)) + 15)),
        ("the xor of a tree's checks", "OtherCheck", _flipped(made.message, 7 * trees.TREE_BYTES + 100)),
        ("the digest of all checks", "OtherCheck", _flipped(made.message, len(made.message) - 1)),
        (
            "two trees are exchanged",
            "OtherPlace",
            made.message[trees.TREE_BYTES : 2 * trees.TREE_BYTES] + made.message[: trees.TREE_BYTES] + made.message[2 * trees.TREE_BYTES :],
        ),
    ):
        _refused(made, changed)
        tests.invalid(comment, flag, "InconsistentTree", **made.fields, message=changed.hex())
    for comment, name, value in (
        ("trees of direction 1", "direction", ot.MASKS),
        ("trees that are bound to other answers", "answers", _flipped(made.answers, 8191).hex()),
        ("trees that are bound to other offers", "offers", _flipped(made.offers, 4095).hex()),
    ):
        fields = made.fields | {name: value}
        try:
            bound = bytes.fromhex(fields["answers"]), bytes.fromhex(fields["offers"])
            trees.Trees(ROUND, fields["direction"], *bound).open(made.delta, made.keys, made.message)
        except trees.InconsistentTree:
            tests.invalid(comment, "OtherBinding", "InconsistentTree", **fields, message=made.message.hex())
        else:
            raise ValueError(f"accepted: {comment}")
    tests.invalid("a byte is missing", "WrongLength", "Length", **made.fields, message=made.message[:-1].hex())
    tests.invalid("a byte too many", "WrongLength", "Length", **made.fields, message=(made.message + b"\0").hex())
    notes = {
        "Normal": "from both keys of every instance: the message and all leaves; from the keys of the complement of delta: the leaves but those at delta",
        "Guessed": "V-OT-004: passes; an owner that sends a false sum is caught with probability one half",
        "OtherSum": "V-OT-004",
        "OtherCheck": "V-OT-004",
        "OtherPlace": "V-OT-004: the number of the tree enters every node",
        "OtherBinding": "V-OT-005",
        "WrongLength": "V-WIRE-002",
    }
    return tests.document("ot_trees", "spec/08-primitives.md section 8.6", "spec/reference", notes)


def _refused(made: _Opened, message: bytes) -> None:
    try:
        made.trees.open(made.delta, made.keys, message)
    except trees.InconsistentTree:
        return
    raise ValueError("accepted")


def _extension() -> dict[str, Any]:
    tests = Tests()
    bits = 11
    made = _Opened()
    of = ot.Extension(ot.SHARES, 3, trees.digest_of(made.message), seed_bytes("primitives ot beta"))
    choices = (0b10110011101).to_bytes(2, "little")
    mask_key = seed_bytes("primitives ot mask")
    message, received = ot.extend_as_receiver(of, made.leaves, mask_key, choices, bits)
    rows = ot.extend_as_sender(of, made.delta, made.opened, message, bits)
    for i, (q, t) in enumerate(zip(rows, received)):
        if q != t ^ (made.delta if choices[i // 8] >> i % 8 & 1 else 0):
            raise ValueError("rows do not correlate")

    def fields(of: ot.Extension) -> dict[str, Any]:
        return made.fields | {"trees": made.message.hex(), "chunk": of.chunk, "beta": of.beta.hex(), "bits": bits}

    tests.valid(
        "eleven choices", "Normal", **fields(of), both=b"".join(a + b for a, b in made.pairs).hex(), mask_key=mask_key.hex(), choices=choices.hex(), message=message.hex(),
        rows=[row.to_bytes(16, "little").hex() for row in rows],
    )  # fmt: skip
    column = next(i for i in range(trees.TREES) if made.delta >> trees.K * i & trees.LEAVES - 1)
    for comment, flag, where, changed in (
        ("one column was made from other choices", "OtherChoices", of, _flipped(message, 48 * column)),
        ("the hash of the choices is another", "AlteredCheck", of, _flipped(message, len(message) - 64)),
        ("the digest of the columns is another", "AlteredCheck", of, _flipped(message, len(message) - 1)),
        ("the message of chunk 3 as chunk 4", "OtherChunk", replace(of, chunk=4), message),
        ("the message under another beta", "OtherBeta", replace(of, beta=bytes(32)), message),
    ):
        try:
            ot.extend_as_sender(where, made.delta, made.opened, changed, bits)
        except ot.InconsistentOt:
            tests.invalid(comment, flag, "InconsistentOt", **fields(where), message=changed.hex())
        else:
            raise ValueError(f"accepted: {comment}")
    tests.invalid("a byte is missing", "WrongLength", "Length", **fields(of), message=message[:-1].hex())
    notes = {
        "Normal": "the receiver's message from its leaves, and the sender's rows",
        "OtherChoices": "V-OT-001",
        "AlteredCheck": "V-OT-001",
        "OtherChunk": "V-OT-003",
        "OtherBeta": "V-OT-006, V-OT-007",
        "WrongLength": "V-WIRE-002",
    }
    return tests.document("ot_extension", "spec/08-primitives.md section 8.6", "spec/reference", notes)


def _base() -> dict[str, Any]:
    tests = Tests()
    offer_key, choose_key = seed_bytes("primitives base offer"), seed_bytes("primitives base choose")
    choices = int.from_bytes(seed_bytes("primitives base choices", 16), "little")
    seen: set[bytes] = set()
    for direction, comment, flag in (
        (ot.MASKS, "direction 1", "Normal"),
        (ot.SHARES, "the same randomness in direction 2", "OtherDirection"),
    ):
        offers = ot.BaseOt(ROUND, direction, offer_key).offer()
        chooser = ot.BaseOt(ROUND, direction, choose_key)
        answers = chooser.answer(choices)
        chosen = chooser.chosen(choices, answers, offers)
        both = ot.BaseOt(ROUND, direction, offer_key).accept(answers)
        if any(pair[choices >> i & 1] != key for i, (pair, key) in enumerate(zip(both, chosen))):
            raise ValueError("the chosen keys differ")
        new = {key for pair in both for key in pair}
        if len(new) != 256 or new & seen:
            raise ValueError("a key came twice")
        seen |= new
        shared = {
            "round_id": ROUND.hex(), "direction": direction, "offer_key": offer_key.hex(),
            "choose_key": choose_key.hex(), "choices": choices.to_bytes(16, "little").hex(),
        }  # fmt: skip
        offer, answer = b"".join(offers), b"".join(answers)
        tests.valid(
            comment, flag, **shared, offer=offer.hex(), answer=answer.hex(), chosen=b"".join(chosen).hex(),
            both=b"".join(a + b for a, b in both).hex(),
        )  # fmt: skip
    spoilt = offer[:64] + bytes(32) + offer[96:]
    tests.invalid("an offer is the identity", "BadEncoding", "BadElement", **shared, offer=spoilt.hex(), answer=answer.hex())
    spoilt = answer[:96] + b"\xff" * 32 + answer[128:]
    tests.invalid("half an answer is no element", "BadEncoding", "BadElement", **shared, offer=offer.hex(), answer=spoilt.hex())
    notes = {
        "Normal": "offer, answer, the keys of the choices, both keys of the sender",
        "OtherDirection": "V-OT-002: the direction enters the oracles, so no key is that of direction 1",
        "BadEncoding": "V-CODEC-005",
    }
    return tests.document("base_ot", "spec/08-primitives.md section 8.5", "spec/reference", notes)


def files() -> dict[str, dict[str, Any]]:
    return {
        "bin_oprf": _oprf(),
        "bin_proof": _proofs(),
        "key_proof": _key_proofs(),
        "cuckoo_bins": _cuckoo(),
        "okvs": _okvs(),
        "base_ot": _base(),
        "ot_trees": _trees(),
        "ot_extension": _extension(),
    }
