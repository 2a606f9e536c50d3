import unittest

import ed25519


class Rfc8032(unittest.TestCase):
    def test_section_7_1_test_2(self) -> None:
        secret = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        signature = (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        )
        self.assertEqual(ed25519.public_key(secret).hex(), public)
        self.assertEqual(ed25519.sign(secret, b"\x72").hex(), signature)
        key, signed = bytes.fromhex(public), bytes.fromhex(signature)
        self.assertTrue(ed25519.verify(key, b"\x72", signed))
        self.assertFalse(ed25519.verify(key, b"\x73", signed))
        self.assertFalse(ed25519.verify(key, b"\x72", signed[:32] + bytes(32)))


if __name__ == "__main__":
    unittest.main()
