"""How `play.py` reads turns: what is refused changes nothing, and another copy may be good."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ed25519
import play
from agree import RESPONDER, frame_digest
from going_on import Turn, write_turn
from layers.common import seed_bytes

OWN, PEER = seed_bytes("play: own identity"), seed_bytes("play: peer's identity")
FRAMES = [b"a first frame", b"another"]


class Reading(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        own, self.peer = (ed25519.public_key(secret) for secret in (OWN, PEER))
        party: Any = SimpleNamespace(identity=OWN)
        machine: Any = SimpleNamespace(setting=SimpleNamespace(role=RESPONDER, party=party, own=own, peer=self.peer))
        self.player = play.Player(machine, self.folder, 0.3)
        self.header = Turn(1, frame_digest(FRAMES[0]), self.peer, own, bytes(32))

    def test_a_good_copy_beside_bad_ones(self) -> None:
        good = write_turn(self.header, FRAMES, PEER)
        (self.folder / "a.turn").write_bytes(good[:-9] + bytes([good[-9] ^ 1]) + good[-8:])
        (self.folder / "b.turn").write_bytes(good[:90])
        with self.assertRaisesRegex(play.Refused, "BadSignature"):
            self.player._read()
        self.assertEqual((self.player.number, self.player.exchange), (0, None))
        (self.folder / "c.turn").write_bytes(good)
        self.assertEqual(self.player._read(), FRAMES)
        self.assertEqual((self.player.number, self.player.exchange), (1, self.header.exchange))

    def test_a_stranger_is_not_read(self) -> None:
        (self.folder / "a.turn").write_bytes(write_turn(self.header, FRAMES, OWN))
        with self.assertRaisesRegex(play.Refused, "BadSignature"):
            self.player._read()

    def test_no_turn(self) -> None:
        with self.assertRaisesRegex(play.Refused, "no turn came"):
            self.player._read()


if __name__ == "__main__":
    unittest.main()
