import unittest

import bins
import cuckoo
import okvs
from layers.common import seed_bytes, seed_scalar
from oprf import Proof
from ristretto255 import G, Element

ROUND = seed_bytes("test round")


class Cuckoo(unittest.TestCase):
    def test_bins_are_distinct_and_in_range(self) -> None:
        key = cuckoo.bin_key(ROUND, 3)
        for size in (3, 4, 129):
            for i in range(200):
                found = cuckoo.bins_of(key, i.to_bytes(18, "big"), size)
                self.assertEqual(len(set(found)), 3)
                self.assertTrue(all(0 <= b < size for b in found))

    def test_every_item_lies_in_one_of_its_bins_once(self) -> None:
        key = cuckoo.bin_key(ROUND, 3)
        places = [cuckoo.bins_of(key, i.to_bytes(18, "big"), 228) for i in range(100)]
        table = cuckoo.place(places, 228, ROUND, 3)
        self.assertEqual(sorted(i for i in table if i is not None), list(range(100)))
        for at, item in enumerate(table):
            self.assertTrue(item is None or at in places[item])

    def test_what_finds_no_place_is_dropped(self) -> None:
        table = cuckoo.place([(0, 1, 2)] * 5, 3, ROUND, 3)
        self.assertEqual(len([i for i in table if i is not None]), 3)


class Okvs(unittest.TestCase):
    def test_every_row_reads_its_value(self) -> None:
        columns, width = 11 * 300 // 10 + 256, 20
        rows = []
        for i in range(300):
            band, _ = okvs.row(ROUND, 1, 0, seed_bytes(f"row {i}"), columns, width)
            self.assertTrue(0 <= band.first <= columns - 256 and band.bits & 1)
            rows.append((band, seed_bytes(f"value {i}", width)))
        table = okvs.encode(rows, columns, width, ROUND, 1, 0)
        self.assertEqual(len(table), columns)
        for band, value in rows:
            self.assertEqual(okvs.decode(table, band), value)

    def test_a_dependent_row_is_dropped(self) -> None:
        band, _ = okvs.row(ROUND, 1, 0, ROUND, 300, 4)
        table = okvs.encode([(band, b"aaaa"), (band, b"bbbb")], 300, 4, ROUND, 1, 0)
        self.assertEqual(okvs.decode(table, band), b"aaaa")


class Bins(unittest.TestCase):
    def setUp(self) -> None:
        self.key = seed_scalar("test key")
        self.public = self.key * G
        self.infos = [bins.info(ROUND, 7, i) for i in range(3)]
        self.items = [bytes([i]) * 18 for i in range(3)]
        blinds = [seed_scalar(f"blind {i}") for i in range(3)]
        self.blinded = [bins.blind(item, r) for item, r in zip(self.items, blinds)]
        self.evaluated = [bins.evaluate(self.key, i, b) for i, b in zip(self.infos, self.blinded)]
        self.digest = self.digest_of(self.evaluated)
        self.proof = bins.prove_chunk(self.key, self.digest, self.evaluated, seed_scalar("nonce"))
        self.unblinded = [pow(r, -1, bins.L) * e for r, e in zip(blinds, self.evaluated)]

    def digest_of(self, evaluated: list[Element]) -> bytes:
        parts = (b"".join(e.encode() for e in elements) for elements in (self.blinded, evaluated))
        return bins.chunk_digest(ROUND, self.public, 0, *parts)

    def test_both_sides_get_the_same_output_and_bins_differ(self) -> None:
        for item, bin_info, element in zip(self.items, self.infos, self.unblinded):
            self.assertEqual(bins.output(item, bin_info, element), bins.direct(self.key, bin_info, item))
        outputs = {bins.direct(self.key, bin_info, self.items[0]) for bin_info in self.infos}
        self.assertEqual(len(outputs), 3)

    def test_proofs(self) -> None:
        def verify(evaluated: list[Element], infos: list[bytes], proof: Proof) -> bool:
            digest = self.digest_of(evaluated)
            return bins.verify_chunk(self.public, digest, infos, self.blinded, evaluated, proof)

        self.assertTrue(verify(self.evaluated, self.infos, self.proof))
        self.assertFalse(verify(self.evaluated, self.infos[::-1], self.proof))
        self.assertFalse(verify([self.evaluated[0] + G, *self.evaluated[1:]], self.infos, self.proof))
        self.assertFalse(verify(self.evaluated, self.infos, Proof(self.proof.c, self.proof.s + 1)))

    def test_key_knowledge(self) -> None:
        proof = bins.prove_key(ROUND, self.key, seed_scalar("u"))
        self.assertTrue(bins.verify_key(ROUND, self.public, proof))
        self.assertFalse(bins.verify_key(bytes(32), self.public, proof))
        self.assertFalse(bins.verify_key(ROUND, self.public + G, proof))


if __name__ == "__main__":
    unittest.main()
