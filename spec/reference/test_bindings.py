"""A side that was put back to an earlier state, and gets other frames, shares nothing with what it sent before (9.2.1)."""

from __future__ import annotations

import copy
import unittest
from typing import Any

import okvs
from agree import REQUESTER, RESPONDER
from agreement import Refused
from kinds import BASE_RESPONDER, CHOICE, CORRECTION, GARBLED, QUERY_DIGESTS, TABLE
from layers.evidence import the_round
from machine import Machine
from seals import opened, sealing_key, shown

OTHER = {REQUESTER: RESPONDER, RESPONDER: REQUESTER}


def flipped(frame: bytes, at: int) -> bytes:
    return frame[:at] + bytes([frame[at] ^ 1]) + frame[at + 1 :]


def agreeing(a: bytes, b: bytes) -> float:
    """Share of equal bits."""
    return 1 - bin(int.from_bytes(okvs.xor(a, b), "little")).count("1") / (8 * len(a))


class Bindings(unittest.TestCase):
    def setUp(self) -> None:
        self.round = the_round()

    def place(self, role: int, kind: int, index: int = 0) -> int:
        """Of a frame among those that this side receives."""
        theirs = self.round.outcome.frames[OTHER[role]]
        return next(n for n, f in enumerate(theirs) if f[0] == kind and int.from_bytes(f[1:5], "big") == index)

    def put_back(self, role: int, kind: int, index: int = 0) -> tuple[Any, int]:
        """The side as it was before it received this frame."""
        place = self.place(role, kind, index)
        return copy.deepcopy(self.round.steps[role][place]), place

    def again(self, side: Machine, role: int, frames: list[bytes]) -> None:
        for frame in frames:
            side.receive(frame)

    def sent(self, role: int, kind: int, index: int = 0) -> bytes:
        own = self.round.outcome.frames[role]
        return next(f for f in own if f[0] == kind and int.from_bytes(f[1:5], "big") == index)

    def test_the_same_frames_give_the_same_bytes(self) -> None:
        side, place = self.put_back(RESPONDER, CORRECTION)
        self.again(side, RESPONDER, [self.round.outcome.frames[REQUESTER][place]])
        self.assertEqual(side.made[GARBLED, 0], self.sent(RESPONDER, GARBLED))

    def test_s_before_the_queries(self) -> None:
        side, place = self.put_back(RESPONDER, QUERY_DIGESTS)
        digests = self.round.outcome.frames[REQUESTER][place]
        self.again(side, RESPONDER, [flipped(digests, 9)])
        before = self.round.steps[RESPONDER][-1]
        self.assertNotEqual(side.made[BASE_RESPONDER, 0], self.sent(RESPONDER, BASE_RESPONDER))
        assert isinstance(before, type(side))
        joined = [b"".join(of.side.mask(b) for b in range(120)) for of in (side, before)]
        self.assertAlmostEqual(agreeing(*joined), 0.5, delta=0.03)
        self.assertFalse({side.side.pseudonym(r) for r in range(2)} & {before.side.pseudonym(r) for r in range(2)})

    def test_s_behind_its_seal_keys(self) -> None:
        """Old keys open nothing of what is garbled for another correction."""
        side, place = self.put_back(RESPONDER, CORRECTION)
        correction = self.round.outcome.frames[REQUESTER][place]
        self.again(side, RESPONDER, [flipped(correction, 6)])
        old, new = self.sent(RESPONDER, GARBLED), side.made[GARBLED, 0]
        self.assertAlmostEqual(agreeing(old[5:], new[5:]), 0.5, delta=0.02)
        before = self.round.steps[RESPONDER][-1]
        chains = [of.their_chains[CORRECTION, 0] for of in (before, side)]
        keys = [side.side.seal_key(0, chain) for chain in chains]
        self.assertNotEqual(*keys)
        listed = {shown(side.side.pseudonym(r)) for r in range(2)}
        size = 16 + 24 + 8
        seals = new[len(new) - 128 * size :]
        sealing = sealing_key(side.side.late_id, 0, keys[0])
        reader = self.round.steps[REQUESTER][-1]
        assert hasattr(reader, "sealed")
        for _, number, _, share, labels in reader.sealed[:128]:
            token, _, _ = opened(sealing, number, seals[number * size : (number + 1) * size], share, labels, True)
            self.assertNotIn(shown(token), listed)

    def test_r_before_the_tables(self) -> None:
        """Other tables, the same choices: neither coefficients nor shares are left in the difference."""
        side, place = self.put_back(REQUESTER, TABLE)
        theirs = self.round.outcome.frames[RESPONDER]
        choice = self.place(REQUESTER, CHOICE)
        changed = [theirs[place][:5] + bytes(b ^ 1 for b in theirs[place][5:]), *theirs[place + 1 : choice + 1]]
        self.again(side, REQUESTER, changed)
        old, new = self.sent(REQUESTER, CORRECTION), side.made[CORRECTION, 0]
        self.assertAlmostEqual(agreeing(old[5:], new[5:]), 0.5, delta=0.02)
        tilde = [frame[-64:-32] for frame in (old, new)]
        self.assertNotEqual(*tilde)

    def test_a_choice_for_other_keys_is_refused(self) -> None:
        """The trees of direction 1 are bound to R's answers, and these to S's keys."""
        side, place = self.put_back(REQUESTER, BASE_RESPONDER)
        frame = self.round.outcome.frames[RESPONDER][place]
        # A change in one tree passes for half of the leaves that R may lack there: each tree gets one.
        for at in range(5 + 4096, len(frame) - 64, 64):
            frame = flipped(frame, at)
        with self.assertRaisesRegex(Refused, "InconsistentTree"):
            side.receive(frame)


if __name__ == "__main__":
    unittest.main()
