"""Evidence (chapter 16) and the reading of policies (6.3)."""

import contextlib
import io
import json
import json
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

import agreement
import ed25519
import encode
import evidence
import generate
import lists
import policy as policies
from agree import RESPONDER
from going_on import file_binding
from layers.common import seed_bytes
from layers.evidence import POLICY, SIDES, Round
from log_head import HEAD_BYTES
from plan import COMPARE_CHUNK, WINDOW, Plan
from schedule import schedules
from sides import Party

VECTOR = json.loads((generate.VECTORS / "v2" / "evidence.json").read_text(encoding="utf-8"))["tests"][0]
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


    def test_by_files_the_window_is_all_of_the_round(self) -> None:
        policy = replace(POLICY, records=(800, 2)).encode()
        plan = Plan(policies.shape(policies.decode(policy)))
        chunks = len(plan.chunks(COMPARE_CHUNK))
        self.assertGreater(chunks, WINDOW)
        requester, responder = (ed25519.public_key(bytes([n]) * 32) for n in (1, 2))
        files = file_binding(requester, responder)
        for binding, window in ((files, chunks), (file_binding(responder, requester), WINDOW), (bytes(32), WINDOW)):
            for role, own, peer in ((1, requester, responder), (2, responder, requester)):
                header = evidence.Header(role, 1, own, peer, bytes(32), binding, bytes(32), bytes(32), bytes(HEAD_BYTES), policy, b"")
                self.assertEqual(evidence.Verifier(header.encode()).schedule, schedules(plan, window))


class CommandLine(unittest.TestCase):
    """A round between lists, checked from its files."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        csv = b"record_id,full_names,birth_date,sex\na,Ana Lopez,1990-05-06,F\nb,Bea Diaz,1991-03-01\n"
        records = [encode.encoded(record, POLICY) for record in lists.read(csv, POLICY.fields, POLICY.lanes).records]
        secrets = {role: seed_bytes(f"evidence identity {side}") for role, side in SIDES.items()}
        parties = {role: Party(bytes([role]) * 32, secret, records) for role, secret in secrets.items()}
        self.evidence, self.seed = Round(parties).evidence(RESPONDER), parties[RESPONDER].seed
        (self.folder / "evidence").write_bytes(self.evidence)
        (self.folder / "list.csv").write_bytes(csv)
        (self.folder / "seed").write_text(f"{evidence.SEED_LINE}{self.seed.hex()}\n")

    def run_with(self, *arguments: str) -> tuple[int, str]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = evidence.main([str(self.folder / a) if a in ("evidence", "seed", "list.csv") else a for a in arguments])
        return code, out.getvalue()

    def test_verify_and_reexecute(self) -> None:
        again = ("reexecute", "evidence", "--seed-file", "seed", "--records", "list.csv")
        code, said = self.run_with("verify", "evidence")
        self.assertEqual(code, 0, said)
        self.assertIn("finished: yes", said)
        code, said = self.run_with(*again)
        self.assertEqual(code, 0, said)
        self.assertIn("left out: line 3, row: cells", said)
        self.assertIn("made again from 1 records", said)
        self.assertNotIn(self.seed.hex(), said)
        entity = {"name": ["Ana Lopez"], "birthDate": ["1990-05-06"], "gender": ["female"]}
        same = self.folder / "list.jsonl"
        same.write_text(json.dumps({"id": "a", "schema": "Person", "properties": entity}))
        self.assertEqual(self.run_with(*again[:-1], str(same))[0], 0)
        (self.folder / "list.csv").write_bytes(b"record_id,full_names\na,Ana Lopes\n")
        self.assertEqual(self.run_with(*again), (1, "fault: 821 Records\n"))
        (self.folder / "seed").write_text("no seed")
        self.assertEqual(self.run_with(*again)[0], 2)
        (self.folder / "evidence").write_bytes(self.evidence[:-1])
        self.assertEqual(self.run_with("verify", "evidence"), (1, "fault: 800 Format receipt\n"))


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
