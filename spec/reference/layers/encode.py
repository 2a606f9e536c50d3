"""Layer `encode`: records and policies to digest, filter and tokens (chapters 4 to 6)."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import encode
import normalise_tables as tables
from encode import Record
from plan import both
from policy import FilterSegment, Policy, Table

from layers.common import Tests

SPEC = "spec/05-encode.md"
FIELDS = (("suburb", 4), ("postcode", 3), ("since", 2), ("clan", 1), ("register", 5))
DECLARED_FEATURES = ((64, "suburb"), (65, "postcode"), (66, "clan"), (67, "since"), (68, "since"), (64, "register"))
KEYS = (
    ((1, ""), (16, "")), ((2, ""), (17, "")), ((3, ""), (18, "")), ((4, ""), (19, "")), ((5, ""), (32, "")),
    ((6, ""), (33, "")), ((7, ""), (34, "")), ((8, ""), (35, "")), ((9, ""), (49, "")), ((48, ""),), ((50, ""),),
    ((51, ""), (32, "")), ((64, "postcode"), (65, "suburb")), ((66, "clan"), (67, "since")), ((68, "since"), (1, "")),
    ((69, "since"), (64, "register")),
    ((10, ""), (16, "")), ((11, ""), (36, "")), ((12, ""), (17, "")), ((52, ""),),
)  # fmt: skip
"""Every part at least once."""


@functools.cache
def _digest() -> bytes:
    return tables.digest()


def _policy(lanes: int = 1, epoch: int = 1, agreement: str = "vectors", slots: int = 4) -> Policy:
    features = [((kind, ""),) for kind in (1, 2, 3, 4, 5, 16, 17, 18, 19, 32, 33, 34, 35, 48, 49, 50)] + [DECLARED_FEATURES[:3]]
    features += [DECLARED_FEATURES[3:], ((1, ""), (2, ""))]
    segments = [FilterSegment(f"segment {i}", f, 61 + 32 * i, 1 + i % 16, (2, -1, 3)) for i, f in enumerate(features)]
    keys = [Table(10 + i, f"table {i}", key, both(slots), 20) for i, key in enumerate(KEYS)]
    digest = _digest()
    return Policy(
        "vectors", "person/1", "norm-v1", digest, agreement, lanes, "vectors", epoch, (8, 8), (1, 1), 2,
        (1, -10, 0, 50), FIELDS, tuple(segments), tuple(keys),
    )  # fmt: skip


FULL = {
    "family_names": ["Lopez Garc\u00eda", "\u041f\u0435\u0442\u0440\u043e\u0432"], "given_names": ["Ana Mar\u00eda"],
    "father_names": ["Ivanovich"], "other_names": ["Anita de la Cruz"], "weak_names": ["Nena"],
    "birth_date": ["1990-05-06", "1990-06-05"], "sex": ["f"], "nationality": ["uto", "YU"], "birth_country": ["D"],
    "birth_place": ["Utopia City"], "document_type": ["passport"], "document_issuer": ["UTO"],
    "document_number": ["L898902C3"], "phone": ["+44 20 7946 0123"], "phone_owner": ["shared"],
    "email": ["Ana.Lopez+x@Example.org"],
}  # fmt: skip
DECLARED = [["Old Town 7"], ["ab-12"], ["2001-02-03"], ["Mac Donald"], ["r 77-1"]]


def _cases() -> list[tuple[str, str, Record, Policy]]:
    def one(cells: dict[str, list[str]], *, lanes: int = 1, declared: list[list[str]] | None = None, **more: str) -> Any:
        return Record("r1", [cells], declared=declared or [[] for _ in FIELDS], **more), _policy(lanes)

    named = {"given_names": ["Ana"], "family_names": ["Lopez"]}
    misused = {"identity_status": ["misused"], "given_names": ["Eva"], "birth_date": ["1980-02-03"]}
    held = {"phone": ["+44 20 7946 0001", "+44 20 7946 0002"], "phone_owner": ["controlled_by_other", "own"]}
    many = " ".join(a + b for a, b in itertools.product("bdfgk", "aeiou"))
    record, policy = one(FULL, declared=DECLARED, lane="suspect", case_ref="c 1")
    cases = [
        ("every field", "Field", record, policy),
        ("nothing but an identifier", "Absent", *one({})),
        ("names only: no key with another part has a token", "Absent", *one(named)),
        ("the same person in another epoch", "Context", record, _policy(epoch=2)),
        ("under another agreement", "Context", record, _policy(agreement="other")),
        ("in another lane", "Context", record, _policy(lanes=2)),
        ("one slot", "Slots", record, _policy(slots=1)),
        ("sixteen slots", "Slots", record, _policy(slots=16)),
    ]
    none = [[] for _ in FIELDS]
    two = [named | {"birth_date": ["1990-05-06"]}, misused]
    cases += [
        ("a misused identity is no suspect's", "Lane", Record("r2", two, declared=none), _policy(1)),
        ("but may be a missing person's", "Lane", Record("r2", two, declared=none), _policy(4)),
        ("a contact that another controls is no suspect's", "Lane", *one(named | held)),
        ("but may be a victim's", "Lane", *one(named | held, lanes=3)),
    ]
    for date in (
        "1990", "1990-05", "1990-05-00", "1990-01-01", "1990-12-31", "hijri:1410-03-02", "hijri:1410-01-01",
        "solar_hijri:1368-10-11", "solar_hijri:1368-05-06", "ethiopian:1982-04-23", "buddhist:2533-05-06",
        "hebrew:5750-04-04", "1990-07-01",
    ):  # fmt: skip
        cases.append((f"born {date}", "Date", *one(named | {"birth_date": [date], "sex": ["M"]})))
    for basis in ("document", "statement", "age_assessment", "inferred"):
        cells = named | {"birth_date": ["1990-05-06"], "birth_basis": [basis]}
        cases.append((f"a date by {basis}", "Date", *one(cells)))
    for comment, cells in (
        ("a patronymic beside one name", {"given_names": ["Roman"], "father_names": ["Petrovich"]}),
        ("a patronymic beside two names", {"given_names": ["Roman"], "father_names": ["Petrovich"], "family_names": ["Ivanov"]}),
        ("a weak name makes no key", {"given_names": ["Ana"], "weak_names": ["Shorty"]}),
        ("more than 24 parts", {"full_names": [many[:36], many[36:]], "other_names": ["Zyx Wvut"]}),
        ("the last part of a whole name may be a father's or a family name", {"full_names": ["Anna Maria Stankevich"]}),
        ("what a mark may be written like is in no key of all names",
         {"given_names": ["Ionu\u021b Alexandru"], "family_names": ["Constantinescu"]}),
        ("a particle beside one name", {"full_names": ["Li Xiaoming"]}),
        ("syllables", {"given_names": ["\u1021\u1031\u102c\u1004\u103a\u1019\u103c\u1004\u1037\u103a"], "family_names": ["\u0f62\u0fa1\u0f7c\u0f0b\u0f62\u0f97\u0f7a"]}),
        ("one name in two fields", {"given_names": ["Ana Lopez"], "family_names": ["Lopez"]}),
        ("a name of a machine-readable zone", {"mrz_names": ["LOPEZ GARCIA<<ANA"]}),
        ("Arabic, Han, Devanagari", {"full_names": ["\u0627\u0644\u062d\u0633\u0646", "\u738b\u5c0f\u660e", "\u0915\u092e\u0932"]}),
        ("codes that are no nationality", {"nationality": ["UNO", "XXA", "UTO"], "birth_country": ["XXX"]}),
        ("a state that is no more", {"nationality": ["SUN"], "birth_country": ["YUG"]}),
        ("sex that says nothing", {"sex": ["X"]}),
        ("codes with fillers", {"nationality": ["d", "uto<", "FRA"], "birth_country": ["uto<"]}),
        ("what is read from others has skeletons and no first letters",
         {"full_names": ["Abdul Rahman Hassan"], "birth_country": ["UTO"], "birth_place": ["Utopia"], "phone": ["020 7946 0123"]}),
        ("several documents and telephones", {"document_number": ["AB 12-34", "CD 56-78"], "phone": ["020 7946 0123", "+1 202 555 0101"]}),
    ):  # fmt: skip
        birth = {} if "birth_date" in cells else {"birth_date": ["1975-08-09"], "sex": cells.get("sex", ["F"])}
        cases.append((comment, "Value", *one(cells | birth)))
    born = {"birth_date": ["1975-08-09"], "sex": ["F"], "birth_country": ["UTO"]}
    aliases = [f"{a}ela {b}orin" for a, b in zip("BDFGKLMPR", "RPMLKGFDB")]
    for comment, cells in (
        ("another whole name", named | {"other_names": ["Bea Diaz"]}),
        ("another family name stands beside the given names", named | {"previous_names": ["Garcia"]}),
        ("the same name again", named | {"full_names": ["Lopez, Ana"]}),
        ("a whole name before a part of one", {"given_names": ["Ana"], "full_names": ["Ana Lopez"]}),
        ("nine other names, of which eight count", named | {"other_names": aliases}),
        ("a weak name belongs to the first", named | {"other_names": ["Bea Diaz"], "weak_names": ["Nena"]}),
        ("a name that shares a part", named | {"other_names": ["Ana Diaz"]}),
    ):
        cases.append((comment, "Names", *one(cells | born)))
    cases.append(("few slots: the first name before others", "Names", Record("r3", [named | born | {"other_names": aliases[:3]}], declared=none), _policy(slots=3)))
    cases.append(("each identity has names", "Names", Record("r4", [named | born, {"given_names": ["Bea"], "family_names": ["Diaz"]}], declared=none), _policy()))
    for comment, at, cells in (
        ("words with digits", 0, ["Stra\u00dfe 12a-14"]), ("a code in another script", 1, ["\u0430-1"]),
        ("a date that stands for unknown", 2, ["2001-01-01"]), ("a name", 3, ["\u041e\u0445\u0440\u0438\u043c"]),
        ("an identifier", 4, ["r/77.1", "77"]), ("values that are empty", 1, ["", " ab-1 ", " "]),
    ):  # fmt: skip
        declared = [cells if i == at else [] for i in range(len(FIELDS))]
        cases.append((comment, "Declared", *one(named, declared=declared)))
    return cases


def _hex(tokens: list[list[bytes]]) -> list[list[str]]:
    return [[token.hex() for token in table] for table in tokens]


def files() -> dict[str, dict[str, Any]]:
    tests = Tests()
    for comment, flag, record, policy in _cases():
        of = encode.encoded(record, policy)
        tests.valid(
            comment, flag, policy=policy.encode().hex(), record_id=record.id, lane=record.lane,
            case_ref=record.case_ref, identities=record.identities, declared=record.declared,
            digest=of.digest.hex(), filter=of.filter.hex(), tokens=_hex(of.tokens),
            others=[{"filter": own.hex(), "tokens": _hex(tokens)} for own, tokens in of.others],
        )  # fmt: skip
    notes = {
        "Field": "all fields of a record",
        "Absent": "fields without a value leave their segments zero and their tables without a token",
        "Context": "keys depend on agreement, lane pair, purpose and epoch",
        "Slots": "of several match keys those with the smallest tokens",
        "Names": "V-ENCODE-015: each name has a filter of its own, and some of the tokens lead to it",
        "Lane": "what another is or controls enters no comparison with suspects",
        "Date": "precision, calendar, basis; V-ENCODE-017: 1 July makes keys and only the features of its year",
        "Value": "what `comment` says",
        "Declared": "fields that the policy declares",
    }
    return {"encode": tests.document("encode", SPEC, "spec/reference", notes)}
