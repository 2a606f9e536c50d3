"""The audit log's formats against published values."""

from __future__ import annotations

import base64
import unittest

import audit
import keytext

# RFC 6962 roots of the test data of Certificate Transparency (github.com/google/certificate-transparency).
DATA = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}

# An example note of c2sp.org/signed-note and its verifier key.
NOTE = (
    "This is an example message.\n\n\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
NAME, KEY_ID, KEY = "example.com/foo", "530d903a", "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


class Audit(unittest.TestCase):
    def test_roots(self) -> None:
        leaves = [audit.leaf(bytes.fromhex(entry)) for entry in DATA]
        for size, root in ROOTS.items():
            self.assertEqual(audit.root(leaves[:size]).hex(), root)

    def test_note(self) -> None:
        kind, public = base64.b64decode(KEY)[0], base64.b64decode(KEY)[1:]
        self.assertEqual((kind, audit.key_id(NAME, kind, public).hex()), (audit.LOG, KEY_ID))
        self.assertEqual(audit.open_note(NOTE.encode(), NAME, kind, public), "This is an example message.\n")
        with self.assertRaisesRegex(audit.Refused, "Signature"):
            audit.open_note(NOTE.replace("example message", "Example message").encode(), NAME, kind, public)

    def test_every_proof_of_small_trees(self) -> None:
        entries = [f"{i}".encode() for i in range(12)]
        leaves = [audit.leaf(entry) for entry in entries]
        for n in range(1, 13):
            top = audit.root(leaves[:n])
            for m in range(n):
                audit.check_inclusion(entries[m], m, n, audit.inclusion(leaves[:n], m), top)
                old = audit.root(leaves[: m + 1])
                audit.check_consistency(m + 1, old, n, top, audit.consistency(leaves[:n], m + 1))

    def test_keys_in_text_form(self) -> None:
        """A valid string of BIP-350: its values run from 31 down to 0."""
        values = range(31, -1, -1)
        bits = sum(value << 5 * (31 - i) for i, value in enumerate(values))
        text = "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx"
        self.assertEqual(keytext.write(bits.to_bytes(20, "big"), "abcdef"), text)
        key = bytes(range(32))
        good = keytext.write(key)
        for text in (good, good.upper(), f" {good[:9]}-{good[9:]}\n", key.hex(), key.hex().upper()):
            self.assertEqual(keytext.read(text), key)
        other = "q" if good[20] != "q" else "p"
        for text in (good[:20] + other + good[21:], good[:-1], good[0].upper() + good[1:], "1" + good[1:], key.hex()[2:]):
            self.assertIsNone(keytext.read(text), text)


if __name__ == "__main__":
    unittest.main()
