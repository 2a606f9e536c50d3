import unittest

import official
import ristretto255 as r
from ristretto255 import D, G, L, P, BadElement, BadScalar, Element

RFC = official.load("rfc9496")


class Constants(unittest.TestCase):
    def test_constants_satisfy_their_definitions(self) -> None:
        self.assertEqual(D * 121666 % P, -121665 % P)
        self.assertEqual(r.SQRT_M1**2 % P, P - 1)
        self.assertEqual(r.SQRT_AD_MINUS_ONE**2 % P, (-D - 1) % P)
        self.assertEqual(r.INVSQRT_A_MINUS_D**2 * (-1 - D) % P, 1)
        self.assertEqual(r.ONE_MINUS_D_SQ, (1 - D * D) % P)
        self.assertEqual(r.D_MINUS_ONE_SQ, (D - 1) ** 2 % P)

    def test_order(self) -> None:
        total = Element.identity()
        for bit in bin(L)[2:]:
            total = total + total
            if bit == "1":
                total = total + G
        self.assertEqual(total, Element.identity())


class Encodings(unittest.TestCase):
    def test_multiples_of_the_generator(self) -> None:
        total = Element.identity()
        for i, encoded in enumerate(RFC["multiples"]):
            self.assertEqual(total.encode().hex(), encoded)
            self.assertEqual((i * G).encode().hex(), encoded)
            self.assertEqual(Element.decode(bytes.fromhex(encoded)), total)
            total = total + G

    def test_bad_encodings_fail_for_the_reason_that_the_rfc_gives(self) -> None:
        for reason, encodings in RFC["bad_encodings"].items():
            for encoded in encodings:
                with self.assertRaisesRegex(BadElement, f"^{reason}$"):
                    Element.decode(bytes.fromhex(encoded))

    def test_identity_is_refused_where_it_is_forbidden(self) -> None:
        self.assertEqual(Element.decode(bytes(32)), Element.identity())
        with self.assertRaisesRegex(BadElement, "identity"):
            Element.decode_not_identity(bytes(32))

    def test_uniform_bytes(self) -> None:
        for case in RFC["uniform"]:
            self.assertEqual(Element.from_uniform_bytes(bytes.fromhex(case["input"])).encode().hex(), case["output"])

    def test_equality_does_not_see_the_representative(self) -> None:
        # Adding a point of order four gives another representative of the same element.
        torsion = Element(r.SQRT_M1, 0, 1, 0)
        other = G + torsion
        self.assertNotEqual((other.x * G.z - G.x * other.z) % P, 0)
        self.assertEqual(other, G)
        self.assertEqual(other.encode(), G.encode())


class Scalars(unittest.TestCase):
    def test_range(self) -> None:
        self.assertEqual(r.decode_scalar(r.encode_scalar(L - 1)), L - 1)
        for encoded in (L.to_bytes(32, "little"), b"\xff" * 32, bytes(31)):
            with self.assertRaises(BadScalar):
                r.decode_scalar(encoded)

    def test_group_law(self) -> None:
        self.assertEqual(5 * G - 3 * G, 2 * G)
        self.assertEqual((L - 1) * G, -G)


if __name__ == "__main__":
    unittest.main()
