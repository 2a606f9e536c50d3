"""What a policy must hold before anybody encodes a record under it (6.6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import normalise_tables
from agreement_validator import Broken, ascii_name, demand
from budget import bins, key_name, kinds, related, tried
from plan import Shape
from policy import DECLARED, MAX_BYTES, WEIGHTED, Policy, Table, score_range, shape

Demand = tuple[bool, str, str]
NAME, DATE, CODE, TEXT, IDENTIFIER = 1, 2, 3, 4, 5
FEATURE_TYPES = {64: (NAME, TEXT, IDENTIFIER), 65: (CODE, TEXT, IDENTIFIER), 66: (NAME,), 67: (DATE,), 68: (DATE,)}
PART_TYPES = {64: (CODE, TEXT, IDENTIFIER), 65: (TEXT,), 66: (NAME,), 67: (DATE,), 68: (DATE,), 69: (DATE,)}
"""Types of declared fields that have a feature or part (V-POLICY-022)."""
DOMAIN_BITS = {
    1: 10, 2: 11, 3: 19, 4: 21, 5: 24, 6: 24, 7: 9, 8: 17, 9: 4, 10: 9, 11: 9, 12: 17, 16: 15, 17: 7, 18: 8, 19: 10, 32: 1, 33: 6, 34: 6,
    35: 12, 36: 6, 48: 30, 49: 30, 50: 30, 51: 30, 52: 30, 64: 24, 65: 12, 66: 10, 67: 15, 68: 7, 69: 8,
}  # fmt: skip
SCHEMA_FIELDS = (
    "record_id lane case_ref identity_status given_names father_names family_names full_names other_names previous_names "
    "weak_names mrz_names birth_date birth_basis sex nationality birth_country birth_place document_type document_issuer "
    "document_number phone phone_owner email email_owner"
).split()
FORBIDDEN = (
    "abuse belief biometric blood caste confession dactyl diagnosis disability disease dna ethnic ethnicity exploitation "
    "face faith fingerprint fingerprints gait genetic genome health hiv immigration injury iris medical narrative opinion "
    "orientation party political politics pregnancy pregnant race racial religion religious residence sexuality trauma "
    "tribe union visa"
).split()
"""V-RECORD-008."""
MAX_WEIGHT, MUTUAL = 2**20, 2


def _is_id(text: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9_]{0,31}", text) is not None


def _names(it: Policy) -> Iterator[Demand]:
    yield ascii_name(it.name), "V-POLICY-004", "name"
    yield ascii_name(it.agreement), "V-POLICY-004", "context.agreement"
    yield ascii_name(it.purpose), "V-POLICY-004", "context.purpose"
    yield it.schema == "person/1", "V-POLICY-005", "schema"
    yield it.normalisation == "norm-v1", "V-POLICY-005", "normalisation.version"
    yield it.tables_digest == normalise_tables.digest(), "V-POLICY-005", "normalisation.tables"


def _fields(it: Policy) -> Iterator[Demand]:
    yield len(it.fields) <= 16, "V-POLICY-022", "field"
    for i, (name, _) in enumerate(it.fields):
        others = [other for other, _ in it.fields[:i]]
        yield _is_id(name) and name not in [*others, *SCHEMA_FIELDS], "V-POLICY-022", f"field[{i}].name"
        yield not any(word in FORBIDDEN for word in re.split("[^a-z]", name)), "V-RECORD-008", f"field[{i}].name"


def _sources(it: Policy, kinds: tuple[tuple[int, str], ...], types: dict[int, tuple[int, ...]], path: str) -> Iterator[Demand]:
    declared = dict(it.fields)
    for kind, name in kinds:
        yield kind < DECLARED or declared.get(name) in types[kind], "V-POLICY-022", path


def _segments(it: Policy) -> Iterator[Demand]:
    yield 1 <= len(it.segments) <= 32, "V-POLICY-006", "segment"
    used: list[tuple[int, str]] = []
    for i, s in enumerate(it.segments):
        path = f"segment[{i}]"
        yield _is_id(s.id) and s.id not in [other.id for other in it.segments[:i]], "V-POLICY-006", f"{path}.id"
        yield 1 <= len(s.features) <= 8, "V-POLICY-006", f"{path}.features"
        used += s.features
        yield len(set(used)) == len(used), "V-POLICY-006", f"{path}.features"
        yield from _sources(it, s.features, FEATURE_TYPES, f"{path}.features")
        yield s.bits >= 8, "V-POLICY-006", f"{path}.bits"
        yield 1 <= s.hashes <= min(64, s.bits // 2), "V-POLICY-006", f"{path}.hashes"
    yield sum(s.bits for s in it.segments) <= 4096, "V-POLICY-006", "segment"


def _tables(it: Policy) -> Iterator[Demand]:
    yield 1 <= len(it.tables) <= 32, "V-POLICY-007", "table"
    for i, t in enumerate(it.tables):
        path, before = f"table[{i}]", it.tables[:i]
        yield all(t.id > other.id for other in before), "V-POLICY-007", f"{path}.id"
        yield _is_id(t.name) and t.name not in [other.name for other in before], "V-POLICY-007", f"{path}.name"
        for side, slots, room in (
            ("requester", t.slots.requester, t.slots.room_requester),
            ("responder", t.slots.responder, t.slots.room_responder),
        ):
            yield 1 <= slots <= 16, "V-POLICY-007", f"{path}.slots_{side}"
            yield 1 <= room <= 100 * slots, "V-POLICY-007", f"{path}.room_{side}"
        yield 1 <= len(t.key) <= 6, "V-POLICY-007", f"{path}.key"
        yield from _sources(it, t.key, PART_TYPES, f"{path}.key")
        codes = [kind for kind, _ in t.key]
        one_each = sum(code < 16 for code in codes) <= 1 and sum(16 <= code < 32 for code in codes) <= 1
        yield one_each and len(set(t.key)) == len(t.key), "V-POLICY-007", f"{path}.key"
        most = min(60, sum(DOMAIN_BITS[code] for code in codes))
        yield t.domain_bits <= most, "V-POLICY-010", f"{path}.domain_bits"


def _sizes(it: Policy) -> Iterator[Demand]:
    for side, n in zip(("requester", "responder"), it.records):
        yield 1 <= n <= 2**20, "V-POLICY-008", f"round.records_{side}"
    for side, n in zip(("requester", "responder"), it.copies):
        yield 1 <= n <= 8, "V-POLICY-008", f"round.copies_{side}"
    total = 0
    for i, t in enumerate(it.tables):
        total += _bins(it, t)
        yield 3 * _tokens(it, t) <= 2**28, "V-POLICY-009", f"table[{i}].room_responder"
        yield total <= 2**26, "V-POLICY-009", f"table[{i}].room_requester"
        yield _swept(it, i, _bins), "V-POLICY-011", f"table[{i}].domain_bits"
        yield it.output != MUTUAL or _swept(it, i, tried), "V-POLICY-032", f"table[{i}].domain_bits"


def _bins(it: Policy, t: Table) -> int:
    return bins(t.slots.asked(it.records[0]) * it.copies[1])


def _tokens(it: Policy, t: Table) -> int:
    return t.slots.stored(it.records[1]) * it.copies[0]


def _swept(it: Policy, last: int, count: Callable[[Policy, Table], int]) -> bool:
    """Whether the tables up to this one leave seven eighths of every key's values alone, where this one counts."""
    seen = [(kinds(key_name(t.key)), t) for t in it.tables[: last + 1]]
    own = seen[-1][0]
    return all(
        8 * sum(count(it, other) for key, other in seen if related(key, of)) <= 2**t.domain_bits
        for of, t in seen
        if related(of, own)
    )


def _score(it: Policy) -> Iterator[Demand]:
    if it.score[0] == WEIGHTED:
        for name, number in zip(("constant", "possible", "strong"), it.score[1:]):
            yield abs(number) <= MAX_WEIGHT, "V-POLICY-012", f"score.{name}"
        for i, s in enumerate(it.segments):
            alpha, beta, nu = s.weights or (0, 0, 0)
            within = 0 <= alpha <= MAX_WEIGHT and -MAX_WEIGHT <= beta <= 0 and abs(nu) <= MAX_WEIGHT
            yield s.weights is not None and within, "V-POLICY-012", f"segment[{i}].weights"
        constant, possible, *strong = it.score[1:]
        yield constant < possible, "V-POLICY-013", "score.constant"
        yield not strong or strong[0] > possible, "V-POLICY-014", "score.strong"
        return
    p, q = it.score[1:]
    yield 1 <= p <= q, "V-POLICY-018", "score.numerator"
    yield q <= 1000, "V-POLICY-018", "score.denominator"
    for i, s in enumerate(it.segments):
        yield s.weights is None, "V-POLICY-012", f"segment[{i}].weights"


def _numbers(it: Policy) -> Iterator[Demand]:
    found = shape(it)
    field = "score.strong" if it.score[0] == WEIGHTED and len(it.score) == 4 else "score.possible"
    reached = score_range(found.segments, found.constant)[1] >= found.thresholds[-1]
    yield reached, "V-POLICY-019", field
    yield found.ring_bits <= 31, "V-POLICY-017", "segment"


def check(it: Policy) -> Shape:
    """`Policy` (405) for what does not hold first; the shape of the computation if everything does."""
    for demands in (_names, _fields, _segments, _tables, _sizes, _score, _numbers):
        demand(demands(it))
    if len(it.encode()) > MAX_BYTES:
        raise Broken("V-POLICY-001", "policy")
    return shape(it)
