import unittest

import blake3
import official

PUBLISHED = official.load("blake3")


class Published(unittest.TestCase):
    def test_every_published_case(self) -> None:
        key, context = PUBLISHED["key"].encode(), PUBLISHED["context_string"]
        for case in PUBLISHED["cases"]:
            data = bytes(i % 251 for i in range(case["input_len"]))
            with self.subTest(length=len(data)):
                self.assertEqual(blake3.blake3(data, 131).hex(), case["hash"])
                self.assertEqual(blake3.keyed_hash(key, data, 131).hex(), case["keyed_hash"])
                self.assertEqual(blake3.derive_key(context, data, 131).hex(), case["derive_key"])

    def test_short_output_is_a_prefix(self) -> None:
        self.assertEqual(blake3.blake3(b"abc"), blake3.blake3(b"abc", 200)[:32])

    def test_key_length(self) -> None:
        with self.assertRaises(ValueError):
            blake3.keyed_hash(bytes(31), b"")


if __name__ == "__main__":
    unittest.main()
