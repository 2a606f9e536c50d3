"""What an agreement must hold by itself (14.4)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from agreement import MAX_BYTES, Agreement

LANES = {1: (1, 1), 2: (1, 2), 3: (3, 3), 4: (3, 4), 5: (4, 5)}
"""Lanes of each pair (6.2, 14.2)."""
VICTIM, IMMIGRATION_ENFORCEMENT = 3, 9
REQUESTER, RESPONDER, EITHER = 1, 2, 3
MUTUAL = 2
DAY = 86_400
TURNS = {0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
"""Characters that turn the direction of text."""


class Broken(ValueError):
    """What a validator refuses: the requirement that does not hold, and the path of the field."""

    def __init__(self, requirement: str, field: str) -> None:
        super().__init__(f"{field}: {requirement}")
        self.requirement, self.field = requirement, field


def ascii_name(text: str) -> bool:
    return 1 <= len(text) <= 128 and all(" " <= c <= "~" for c in text)


def _plain(text: str, most: int) -> bool:
    odd = any(unicodedata.category(c) == "Cc" or ord(c) in TURNS for c in text)
    return 1 <= len(text.encode()) <= most and not odd


def _names(it: Agreement) -> Iterator[tuple[bool, str, str]]:
    yield ascii_name(it.name), "V-AGREE-003", "name"
    yield ascii_name(it.purpose), "V-AGREE-003", "purpose"
    for i, party in enumerate(it.parties):
        yield _plain(party.name, 128), "V-AGREE-003", f"party[{i}].name"
        yield _plain(party.legal_basis, 512), "V-AGREE-003", f"party[{i}].legal_basis"
        for j, (name, _) in enumerate(party.signers):
            yield _plain(name, 128), "V-AGREE-003", f"party[{i}].signer[{j}].name"
    yield it.version >= 1, "V-AGREE-004", "version"
    yield (it.previous == bytes(32)) == (it.version == 1), "V-AGREE-004", "previous"


def _parties(it: Agreement) -> Iterator[tuple[bool, str, str]]:
    seen: set[bytes] = set()
    for i, party in enumerate(it.parties):
        keys = [("node", party.node)] + [(f"signer[{j}].key", key) for j, (_, key) in enumerate(party.signers)]
        for name, key in keys:
            yield key not in seen, "V-AGREE-005", f"party[{i}].{name}"
            seen.add(key)
    pair, (one, two) = LANES[it.lanes], it.parties
    yield (one.lane, two.lane) in (pair, pair[::-1]), "V-AGREE-006", "party[0].lane"
    yield (one.role, two.role) in ((1, 2), (2, 1), (EITHER, EITHER)), "V-AGREE-006", "party[0].role"
    for i, party in enumerate(it.parties):
        allowed = VICTIM not in pair or party.kind != IMMIGRATION_ENFORCEMENT
        yield allowed, "V-AGREE-007", f"party[{i}].type"


def _numbers(it: Agreement) -> Iterator[tuple[bool, str, str]]:
    yield it.suite in (1, 2), "V-AGREE-008", "suite"
    requester, responder, rounds, period, bins, claims, matches, delta, _, left_out = it.caps
    least, most = (1, requester) if it.output == MUTUAL else (0, 0)
    yield 1 <= requester <= 2**20, "V-AGREE-009", "caps.records_requester"
    yield 1 <= responder <= 2**20, "V-AGREE-009", "caps.records_responder"
    yield 1 <= rounds <= 1000, "V-AGREE-009", "caps.rounds_per_day"
    yield 1 <= period <= 3660, "V-AGREE-009", "caps.period_days"
    yield 1 <= bins <= 2**40, "V-AGREE-009", "caps.bins_per_table"
    yield least <= claims <= most, "V-AGREE-009", "caps.claims"
    yield claims <= matches <= most, "V-AGREE-009", "caps.matches"
    yield 1 <= delta <= 2**20, "V-AGREE-009", "caps.delta_records"
    yield left_out <= 100, "V-AGREE-009", "caps.left_out_percent"
    for name, days in zip(("journal", "results", "audit"), it.retention):
        yield 1 <= days <= 3660, "V-AGREE-010", f"retention.{name}_days"
    yield it.retention[2] >= period, "V-AGREE-010", "retention.audit_days"
    if (urgent := it.urgent) is not None:
        yield urgent.policy != it.policy, "V-URGENT-002", "urgent.policy"
        yield 1 <= urgent.rounds_per_day <= 100, "V-URGENT-002", "urgent.rounds_per_day"
        yield 1 <= urgent.bins_per_table <= 2**40, "V-URGENT-002", "urgent.bins_per_table"
        yield 1 <= urgent.again_days <= 3660, "V-URGENT-002", "urgent.again_days"
    begin, end = it.valid
    yield begin < end <= begin + 1830 * DAY, "V-AGREE-011", "valid.until"


def demand(demands: Iterator[tuple[bool, str, str]]) -> None:
    """Raises Broken for what does not hold first."""
    for holds, requirement, field in demands:
        if not holds:
            raise Broken(requirement, field)


def check(it: Agreement) -> None:
    """`Agreement` (407)."""
    for demands in (_names, _parties, _numbers):
        demand(demands(it))
    if len(it.encode()) > MAX_BYTES:
        raise Broken("V-AGREE-001", "agreement")
