import unittest

from aes import Aes128
from cipher import Tccr, stream
from polyval import MODULUS, X_TO_MINUS_128, Polyval, multiply


class Aes(unittest.TestCase):
    def test_fips_197_appendix_b_and_c(self) -> None:
        for key, plain, cipher in (
            ("2b7e151628aed2a6abf7158809cf4f3c", "3243f6a8885a308d313198a2e0370734", "3925841d02dc09fbdc118597196a0b32"),
            ("000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff", "69c4e0d86a7b0430d8cdb78070b4c55a"),
        ):
            self.assertEqual(Aes128(bytes.fromhex(key)).encrypt(bytes.fromhex(plain)).hex(), cipher)


class PolyvalHash(unittest.TestCase):
    def test_rfc_8452_appendix_a(self) -> None:
        key = bytes.fromhex("25629347589242761d31f826ba4b757b")
        data = bytes.fromhex("4f4f95668c83dfb6401762bb2d01a262" "d1a24ddd2721d006bbe45f20d3c9f362")
        self.assertEqual(Polyval(key).hash(data).hex(), "f7a3b47b846119fae5b7866cf5e5b77e")

    def test_field(self) -> None:
        x_to_128 = MODULUS ^ 1 << 128
        self.assertEqual(multiply(x_to_128, X_TO_MINUS_128), 1)
        self.assertEqual(multiply(3, 7), multiply(7, 3))

    def test_linear(self) -> None:
        hash_of = Polyval(bytes(range(16))).hash
        a, b = bytes(range(32)), bytes(range(100, 132))
        both = bytes(x ^ y for x, y in zip(a, b))
        self.assertEqual(hash_of(both), bytes(x ^ y for x, y in zip(hash_of(a), hash_of(b))))


class Uses(unittest.TestCase):
    def test_stream_blocks_depend_on_chunk_and_position(self) -> None:
        first, second = stream(bytes(16), 0, 3), stream(bytes(16), 1, 3)
        self.assertEqual(len({first[i : i + 16] for i in (0, 16, 32)} | {second[:16]}), 4)
        self.assertEqual(stream(bytes(16), 0, 2), first[:32])

    def test_tweakable_hash_by_its_definition(self) -> None:
        key, x, tweak = bytes(range(16)), 2**127 + 5, 77
        permute = lambda v: int.from_bytes(Aes128(key).encrypt(v.to_bytes(16, "little")), "little")  # noqa: E731
        self.assertEqual(Tccr(key).hash([x], [tweak])[0], permute(permute(x) ^ tweak) ^ permute(x))


if __name__ == "__main__":
    unittest.main()
