"""What the vector files share: the envelope, error classes, labelled seeds."""

from __future__ import annotations

from typing import Any

import blake3
from ristretto255 import L

SEED_CONTEXT = "blindlink/1 test vector seed"

ERROR_CODES = {
    "Truncated": 200,
    "TrailingBytes": 201,
    "Length": 202,
    "Unexpected": 203,
    "Replayed": 204,
    "BadElement": 205,
    "BadScalar": 206,
    "BadProof": 207,
    "InconsistentOt": 208,
    "BrokenCommitment": 209,
    "BadField": 210,
    "BadSignature": 211,
    "TranscriptMismatch": 212,
    "UnknownRound": 214,
    "HistoryMismatch": 215,
    "StateLost": 216,
    "OverAcknowledged": 217,
    "TurnOutOfOrder": 218,
    "ChannelBinding": 304,
    "InconsistentTree": 219,
    "BadStatement": 602,
    "Format": 700,
    "Unsigned": 701,
    "Signature": 702,
    "Origin": 703,
    "Inclusion": 704,
    "Consistency": 705,
    "Root": 706,
    "Entry": 707,
    "Missing": 708,
}
"""Classes and codes of spec/10-errors.md that vectors use."""

EVIDENCE_CODES = {
    "Format": 800,
    "Header": 801,
    "Policy": 802,
    "Agreement": 803,
    "Schedule": 804,
    "Chain": 805,
    "OwnFrame": 806,
    "PeerHello": 807,
    "Receipt": 808,
    "Signature": 809,
    "Unfinished": 810,
    "Seed": 820,
    "Records": 821,
    "Differs": 822,
    "Early": 823,
    "Refused": 824,
    "Positions": 830,
    "Opening": 831,
}
"""Those of evidence: some classes have the names of others."""

SESSION_CODES = ERROR_CODES | {
    "Aborted": 213, "Version": 300, "Suite": 301, "Policy": 302, "Role": 303, "ChannelBinding": 304, "Agreement": 305,
    "TooManyRecords": 400, "WrongEncoding": 401, "SessionOver": 402, "UnknownJob": 403, "UnknownPersist": 404,
    "Matches": 624,
}  # fmt: skip
"""Those that a session meets."""
ABORTED_HERE = {"class": "Aborted", "code": 406}
"""The one class whose name another has too."""

REFUSAL_CODES = {
    "NoAgreement": 600,
    "MissingSignature": 601,
    "BadStatement": 602,
    "NotYetValid": 603,
    "Expired": 604,
    "Suspended": 605,
    "Superseded": 606,
    "Party": 607,
    "Role": 608,
    "Lanes": 609,
    "Purpose": 610,
    "Epoch": 611,
    "Name": 612,
    "Policy": 613,
    "Size": 614,
    "Output": 615,
    "Bins": 620,
    "Rounds": 621,
    "Changes": 622,
    "Batch": 623,
    "Matches": 624,
}
"""What an agreement or its budget refuses."""

MISUSE_CODES = {"Policy": 405, "Agreement": 407}
"""Of what a validator refuses."""


def seed_bytes(label: str, length: int = 32) -> bytes:
    """Reproducible bytes: BLAKE3 derive_key(SEED_CONTEXT, label), extended to `length`."""
    return blake3.derive_key(SEED_CONTEXT, label.encode(), length)


def seed_scalar(label: str) -> int:
    """A reproducible scalar: 64 seed bytes, little-endian, modulo L."""
    return int.from_bytes(seed_bytes(label, 64), "little") % L


def error(name: str, codes: dict[str, int] = ERROR_CODES) -> dict[str, Any]:
    return {"class": name, "code": codes[name]}


class Tests:
    """Collects a file's tests and numbers them from 1."""

    def __init__(self, codes: dict[str, int] = ERROR_CODES) -> None:
        self.tests: list[dict[str, Any]] = []
        self.codes = codes

    def valid(self, comment: str, flag: str, **fields: Any) -> None:
        self._add(comment, flag, "valid", fields)

    def invalid(self, comment: str, flag: str, fault: str, **fields: Any) -> None:
        self._add(comment, flag, "invalid", fields | {"error": error(fault, self.codes)})

    def judged(self, comment: str, flag: str, fault: str, said: str, **fields: Any) -> None:
        """Valid without a fault, else invalid; the reference itself must have said just that."""
        if said != fault:
            raise ValueError(f"{comment}: {said or 'accepted'}")
        if fault:
            self.invalid(comment, flag, fault, **fields)
        else:
            self.valid(comment, flag, **fields)

    def _add(self, comment: str, flag: str, result: str, fields: dict[str, Any]) -> None:
        head = {"id": len(self.tests) + 1, "comment": comment, "flags": [flag], "result": result}
        self.tests.append(head | fields)

    def document(self, layer: str, spec: str, source: str, notes: dict[str, str]) -> dict[str, Any]:
        used = {flag for test in self.tests for flag in test["flags"]}
        if used != set(notes):
            raise ValueError(f"{layer}: flags {used ^ set(notes)} without a note or a use")
        return {
            "schema": f"schemas/{layer}.json",
            "layer": layer,
            "spec": spec,
            "source": source,
            "notes": notes,
            "tests": self.tests,
        }
