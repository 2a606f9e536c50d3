"""Layer `file_round`: every turn of a whole round by files (chapter 17)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import agree
import going_on
from agree import REQUESTER, RESPONDER
from going_on import Turn
from layers.common import Tests
from layers.evidence import BINDING, IDENTITIES, POLICY, Round, the_round
from sealed_round import (
    BASE_REQUESTER, BASE_RESPONDER, CHOICE, CLAIMS, COMMIT, CORRECTION, COSIGNATURE, EVALUATION, GARBLED, HELLO, KEYS,
    PSEUDONYMS, QUERY, QUERY_DIGESTS, RECEIPT, SEAL_KEYS, TABLE,
)  # fmt: skip

BEFORE = (
    (HELLO,), (HELLO, COMMIT), (COMMIT,), (KEYS,), (BASE_REQUESTER, QUERY_DIGESTS, QUERY),
    (BASE_RESPONDER, EVALUATION, TABLE, CHOICE),
)  # fmt: skip
SEALED = (GARBLED, SEAL_KEYS, PSEUDONYMS, COSIGNATURE)
MUTUAL = (*BEFORE, (CORRECTION,), SEALED, (CLAIMS, COSIGNATURE, RECEIPT), (RECEIPT,))
ALONE = (*BEFORE, (CORRECTION, COSIGNATURE), (*SEALED, RECEIPT), (RECEIPT,))
"""The table of 17.1 in either mode, the requester's turns and the responder's by turns."""
WHOLE = 700
"""Longest file that a test holds in full."""


def _turns(round_: Round, turns: tuple[tuple[int, ...], ...]) -> list[bytes]:
    left = {role: list(frames) for role, frames in round_.outcome.frames.items()}
    exchange, previous, files = agree.frame_digest(left[REQUESTER][0]), bytes(32), []
    for number, kinds in enumerate(turns, 1):
        role = REQUESTER if number % 2 else RESPONDER
        sender, recipient = IDENTITIES if role == REQUESTER else IDENTITIES[::-1]
        frames = []
        while left[role] and left[role][0][0] in kinds:
            frames.append(left[role].pop(0))
        if {frame[0] for frame in frames} != set(kinds):
            raise ValueError(f"turn {number} is not that of 17.1")
        header = Turn(number, exchange, sender, recipient, previous)
        files.append(going_on.write_turn(header, frames, round_.parties[role].identity))
        previous = going_on.read_turn(files[-1], header)
    if any(left.values()):
        raise ValueError("frames are left that no turn has")
    return files


def files() -> dict[str, dict[str, Any]]:
    tests = Tests()
    for comment, round_, kinds in (
        ("ten turns, mutual mode", the_round(), MUTUAL),
        ("nine turns, only the requester learns", Round(policy=replace(POLICY, output=1)), ALONE),
    ):
        turns = [
            {"from": "SR"[number % 2], "length": len(file), "digest": agree.frame_digest(file).hex()}
            | ({"file": file.hex()} if len(file) <= WHOLE else {})
            for number, file in enumerate(_turns(round_, kinds), 1)
        ]
        tests.valid(
            comment, "Round", policy=round_.policy.hex(), binding=BINDING.hex(), **round_.inputs(), turns=turns,
            round_id=round_.outcome.round_id.hex(), receipt=round_.outcome.receipt.hex(),
        )  # fmt: skip
    notes = {"Round": "V-FILES-001 to V-FILES-006: every file of both sides from their seeds and inputs; length, digest as of a frame (12.1)"}
    return {"file_round": tests.document("file_round", "spec/17-files.md", "spec/reference", notes)}
