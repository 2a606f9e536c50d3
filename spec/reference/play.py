"""Plays one party of a round by files (chapter 17) against any other implementation.

    python3 spec/reference/play.py --role requester --dir TURNS --identity FILE --peer HEX --policy FILE --records CSV

Reads the other side's turns from the folder as they come, checks all that the specification tells a party to check, and
writes its own. At the end it prints what it learnt and the receipt, as JSON. A fault is printed as its class (chapter 10),
with exit code 1. For invented persons only: this reference keeps no secrets, and remembers nothing between two runs, so
V-FILES-007, V-FILES-008 and V-HELLO-010 are not in it; its audit log always has the same one entry, invented for
the hello.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import agree
import agreement_file
import audit
import ed25519
import encode
import lists
import log_head
import policy as policies
import policy_file
from agree import REQUESTER, RESPONDER
from going_on import Refused, Turn, file_binding, open_turn, read_header, turn_digest, write_turn
from parties import Machine, Setting, machine
from sides import Party


class Player:
    """A machine whose frames go as turns."""

    def __init__(self, party: Machine, folder: Path, patience: float) -> None:
        self.party, self.folder, self.patience = party, folder, patience
        setting = party.setting
        self.secret, self.own, self.peer = setting.party.identity, setting.own, setting.peer
        self.exchange: bytes | None = None
        self.previous = bytes(32)
        self.number = 0

    def play(self) -> None:
        if self.party.setting.role == REQUESTER:
            self._write(self.party.leave())
        while self.party.result is None:
            frames = self.party.leave()
            for frame in self._read():
                frames += self.party.receive(frame)
            if frames:
                self._write(frames)

    def _write(self, frames: list[bytes]) -> None:
        """The next turn, under a name that others see only when it is whole."""
        self.number += 1
        self.exchange = self.exchange or agree.frame_digest(frames[0])
        header = Turn(self.number, self.exchange, self.own, self.peer, self.previous)
        path = self.folder / f"{self.exchange[:16].hex()}-{self.number:02}.turn"
        part = path.with_suffix(".part")
        part.write_bytes(write_turn(header, frames, self.secret))
        part.rename(path)
        self.previous = turn_digest(header.encode(), frames)

    def _read(self) -> list[bytes]:
        """The frames of the peer's next turn, once it has come. A turn that is refused changes nothing: its fault is
        told when no other comes."""
        expected = Turn(self.number + 1, self.exchange, self.peer, self.own, self.previous)
        until, fault = time.monotonic() + self.patience, Refused("no turn came")
        while time.monotonic() < until:
            for data in self._candidates(expected):
                try:
                    self.previous, frames = open_turn(data, expected)
                except Refused as refused:
                    fault = refused
                    continue
                self.number, self.exchange = expected.number, read_header(data).exchange
                return frames
            time.sleep(0.05)
        raise fault

    def _candidates(self, expected: Turn) -> Iterator[bytes]:
        """Files that say that they are the turn: the names of files say nothing."""
        for path in sorted(self.folder.glob("*.turn")):
            data = path.read_bytes()
            try:
                said = read_header(data)
            except Refused:
                continue
            if said.number == expected.number and said.exchange == (expected.exchange or said.exchange):
                yield data


def report(party: Machine, ids: list[str], policy: policies.Policy) -> dict[str, Any]:
    result, names = party.result, {table.id: table.name for table in policy.tables}
    assert result is not None and party.round_id is not None
    return {
        "round": party.round_id.hex(),
        "transcript": result.transcript.hex(),
        "receipt": result.receipt.hex(),
        "pairs": [
            {
                "own_id": ids[pair.own], "pseudonym": pair.pseudonym.hex(), "grade": ("possible", "strong")[pair.grade],
                "tables": [names[table] for table in pair.tables],
            }
            for pair in sorted(result.pairs, key=lambda pair: (pair.own, pair.pseudonym))
        ],
        "claims": [{"own_id": ids[own], "pseudonym": pseudonym.hex()} for own, pseudonym in result.claims],
    }  # fmt: skip


def setting(options: argparse.Namespace, policy: policies.Policy, records: list[encode.Record]) -> Setting:
    role = REQUESTER if options.role == "requester" else RESPONDER
    secret, peer = bytes.fromhex(options.identity.read_text()), bytes.fromhex(options.peer)
    own = ed25519.public_key(secret)
    keys = (own, peer) if role == REQUESTER else (peer, own)
    seed = bytes.fromhex(options.seed) if options.seed else os.urandom(32)
    party = Party(seed, secret, [encode.encoded(record, policy) for record in records])
    of = agreement_file.read(options.agreement.read_text(encoding="utf-8")) if options.agreement else None
    caps = (of.claims, of.matches) if of and policy.output == 2 else None
    return Setting(
        role, policies.shape(policy), policy.encode(), file_binding(*keys), party, own, peer,
        of.encode() if of else b"", of.digest() if of else bytes(32), *(caps or (None, None)), of.suite if of else options.suite,
        log_head.head_of(secret, [audit.leaf(own)]).encode(), None, int(time.time()),
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="Play one party of a round by files.")
    parser.add_argument("--role", choices=("requester", "responder"), required=True)
    parser.add_argument("--dir", type=Path, required=True, help="where turns lie")
    parser.add_argument("--identity", type=Path, required=True, help="file with the Ed25519 secret, hexadecimal")
    parser.add_argument("--peer", required=True, help="the other side's public key, hexadecimal")
    parser.add_argument("--policy", type=Path, required=True, help="policy file (6.1)")
    parser.add_argument("--agreement", type=Path, help="agreement file (14.2); without it: training")
    parser.add_argument("--suite", type=int, choices=(1, 2), default=1, help="in training; an agreement names its own")
    parser.add_argument("--records", type=Path, required=True, help="the list (4.2)")
    parser.add_argument("--seed", help="hexadecimal; otherwise drawn")
    parser.add_argument("--patience", type=float, default=600, help="seconds to wait for a turn")
    options = parser.parse_args()
    policy = policy_file.read(options.policy.read_text(encoding="utf-8"))
    found = lists.read(options.records.read_bytes(), policy.fields, policy.lanes, lists.form_of(options.records.name))
    records = found.records
    for left in found.rejects:
        print(f"left out: line {left.line}, {left.column or 'row'}: {left.reason}", file=sys.stderr)
    party = machine(setting(options, policy, records))
    options.dir.mkdir(parents=True, exist_ok=True)
    try:
        Player(party, options.dir, options.patience).play()
    except ValueError as refused:
        print(json.dumps({"error": str(refused)}))
        return 1
    print(json.dumps(report(party, [record.id for record in records], policy)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
