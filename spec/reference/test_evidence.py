"""Evidence (chapter 16) and the reading of policies (6.3)."""

import json
import unittest
from dataclasses import replace

import agreement
import evidence
import generate
import policy as policies
from layers.evidence import POLICY

VECTOR = json.loads((generate.VECTORS / "v1" / "evidence.json").read_text(encoding="utf-8"))["tests"][0]
WHOLE = bytes.fromhex(VECTOR["evidence"])


class Evidence(unittest.TestCase):
    def test_the_published_evidence_verifies(self) -> None:
        found = evidence.verify(WHOLE)
        self.assertEqual(found.round_id.hex(), VECTOR["round_id"])
        self.assertEqual(found.receipt.hex(), VECTOR["receipt"])

    def test_one_flipped_bit_anywhere_is_found(self) -> None:
        for at in range(11, len(WHOLE), len(WHOLE) // 12):
            with self.subTest(byte=at), self.assertRaises(evidence.Refused):
                evidence.verify(WHOLE[:at] + bytes([WHOLE[at] ^ 16]) + WHOLE[at + 1 :])

    def test_every_beginning_is_refused(self) -> None:
        for end in range(0, len(WHOLE), len(WHOLE) // 12):
            with self.subTest(end=end), self.assertRaises(evidence.Refused):
                evidence.verify(WHOLE[:end])


class Policies(unittest.TestCase):
    def test_canonical_bytes_come_back(self) -> None:
        dice = replace(
            POLICY, score=(policies.DICE, 4, 5), fields=(("alias", 1),), segments=(
                policies.FilterSegment("a", ((1, ""), (64, "alias")), 8, 2, None),
            ),
        )  # fmt: skip
        for policy in (POLICY, dice):
            self.assertEqual(policies.decode(policy.encode()), policy)
        self.assertEqual(policies.shape(dice).thresholds, [0])

    def test_what_is_not_canonical_is_refused(self) -> None:
        data = POLICY.encode()
        for bad in (data[:-1], data + b"\0", b"\0\2" + data[2:], b""):
            with self.assertRaises(agreement.Refused):
                policies.decode(bad)

    def test_what_the_computation_cannot_bear_is_refused(self) -> None:
        for bad in (
            replace(POLICY, copies=(0, 1)),
            replace(POLICY, records=(3, 2**20 + 1)),
            replace(POLICY, tables=()),
            replace(POLICY, segments=()),
            replace(POLICY, score=(policies.WEIGHTED, 9, 8)),
            replace(POLICY, score=(policies.DICE, 4, 5)),
        ):
            with self.assertRaises(agreement.Refused):
                policies.shape(bad)


if __name__ == "__main__":
    unittest.main()
