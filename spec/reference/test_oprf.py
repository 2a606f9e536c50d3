import unittest

import official
import oprf
from oprf import BadProof, Proof
from ristretto255 import G, Element, decode_scalar, encode_scalar

RFC = official.load("rfc9497")


def unhex(joined: str) -> list[bytes]:
    return [bytes.fromhex(part) for part in joined.split(",")]


class Rfc9497(unittest.TestCase):
    def test_all_eight_vectors(self) -> None:
        count = 0
        for suite in RFC["suites"]:
            mode = suite["mode"]
            secret, public = oprf.derive_key_pair(
                bytes.fromhex(suite["seed"]), bytes.fromhex(suite["keyInfo"]), mode
            )
            self.assertEqual(encode_scalar(secret).hex(), suite["skSm"])
            if mode != oprf.MODE_OPRF:
                self.assertEqual(public.encode().hex(), suite["pkSm"])
            self.assertEqual(b"HashToGroup-" + oprf.context_string(mode), bytes.fromhex(suite["groupDST"]))
            for vector in suite["vectors"]:
                self.one(mode, secret, public, vector)
                count += 1
        self.assertEqual(count, 8)

    def one(self, mode: int, secret: int, public: Element, vector: dict) -> None:
        inputs = unhex(vector["Input"])
        blinds = [decode_scalar(b) for b in unhex(vector["Blind"])]
        info = bytes.fromhex(vector.get("Info", ""))
        blinded = [oprf.blind(m, r, mode) for m, r in zip(inputs, blinds, strict=True)]
        self.assertEqual([b.encode() for b in blinded], unhex(vector["BlindedElement"]))
        random = decode_scalar(bytes.fromhex(vector["Proof"]["r"])) if "Proof" in vector else 0
        evaluated, proof = oprf.blind_evaluate(mode, secret, blinded, random, info)
        self.assertEqual([e.encode() for e in evaluated], unhex(vector["EvaluationElement"]))
        if proof is not None:
            self.assertEqual(proof.encode().hex(), vector["Proof"]["proof"])
        outputs = oprf.finalize(mode, inputs, blinds, evaluated, blinded, public, proof, info)
        self.assertEqual(outputs, unhex(vector["Output"]))
        self.assertEqual([oprf.evaluate(mode, secret, m, info) for m in inputs], outputs)


class Proofs(unittest.TestCase):
    def setUp(self) -> None:
        self.secret, self.public = oprf.derive_key_pair(bytes(range(32)), b"test", oprf.MODE_VOPRF)
        self.blinded = [oprf.blind(bytes([i]), i + 2, oprf.MODE_VOPRF) for i in range(4)]
        self.evaluated, self.proof = oprf.blind_evaluate(oprf.MODE_VOPRF, self.secret, self.blinded, 99)

    def verify(self, blinded: list[Element], evaluated: list[Element], proof: Proof, public: Element) -> None:
        oprf.verify_proof(G, public, blinded, evaluated, proof, oprf.MODE_VOPRF)

    def test_honest(self) -> None:
        self.verify(self.blinded, self.evaluated, self.proof, self.public)

    def test_each_single_change_is_refused(self) -> None:
        swapped = [self.evaluated[1], self.evaluated[0], *self.evaluated[2:]]
        altered = [self.evaluated[0] + G, *self.evaluated[1:]]
        for blinded, evaluated, proof, public in (
            (self.blinded, swapped, self.proof, self.public),
            (self.blinded, altered, self.proof, self.public),
            (self.blinded[:3], self.evaluated[:3], self.proof, self.public),
            (self.blinded, self.evaluated, Proof(self.proof.c + 1, self.proof.s), self.public),
            (self.blinded, self.evaluated, Proof(self.proof.c, self.proof.s + 1), self.public),
            (self.blinded, self.evaluated, self.proof, self.public + G),
        ):
            with self.assertRaises(BadProof):
                self.verify(blinded, evaluated, proof, public)

    def test_batch_bounds(self) -> None:
        with self.assertRaises(ValueError):
            self.verify([], [], self.proof, self.public)
        many = [G] * (oprf.MAX_BATCH + 1)
        with self.assertRaises(ValueError):
            self.verify(many, many, self.proof, self.public)

    def test_wrong_info_gives_another_output(self) -> None:
        first = oprf.evaluate(oprf.MODE_POPRF, self.secret, b"x", b"bin 1")
        second = oprf.evaluate(oprf.MODE_POPRF, self.secret, b"x", b"bin 2")
        self.assertNotEqual(first, second)


class ExpandMessage(unittest.TestCase):
    def test_prefix_and_length(self) -> None:
        # The length enters the hash, so a shorter output is no prefix of a longer one (RFC 9380 section 5.3.1).
        self.assertNotEqual(oprf.expand_message_xmd(b"m", b"d", 32), oprf.expand_message_xmd(b"m", b"d", 64)[:32])
        self.assertEqual(len(oprf.expand_message_xmd(b"m", b"d" * 300, 100)), 100)
        with self.assertRaises(ValueError):
            oprf.expand_message_xmd(b"m", b"d", 64 * 256)


if __name__ == "__main__":
    unittest.main()
