"""Layer `policy`: policies as files and as canonical bytes, what follows from them, and what must be refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import normalise_tables
import policy as policies
import policy_file
import policy_validator as validator
from agreement import Refused
from agreement_validator import Broken
from layers import small
from layers.common import ERROR_CODES, MISUSE_CODES, Tests
from plan import Plan, Slots, both
from policy import DICE, WEIGHTED, FilterSegment, Policy, Table

FILES = Path(__file__).resolve().parents[3] / "protocol/src/policy"
DECLARED = """# Three declared fields and a Dice threshold.
name = "register"
schema = "person/1"
normalisation = { version = "norm-v1", tables = "TABLES" }
score = { kind = "dice", numerator = 3, denominator = 4 }

[context]
agreement = "vectors"
lanes = "missing-unidentified"
purpose = "vectors"
epoch = 4294967295

[round]
records_requester = 40
records_responder = 50
copies_requester = 2
copies_responder = 3
output = "requester"

[[field]]
name = "suburb"
type = "text"
[[field]]
name = "since"
type = "date"
[[field]]
name = "register_no"
type = "identifier"

[[segment]]
id = "words"
features = ["suburb.bigrams", "register_no.bigrams"]
bits = 100
hashes = 3
[[segment]]
id = "since"
features = ["since.year", "since.month_day", "birth_year"]
bits = 60
hashes = 4

[[table]]
id = 3
name = "since_word"
key = ["suburb.word", "since.year"]
slots_requester = 2
slots_responder = 3
room_requester = 150
room_responder = 205
domain_bits = 19
[[table]]
id = 65535
name = "register"
key = ["register_no.exact"]
slots_requester = 1
slots_responder = 1
domain_bits = 24
"""
SMALL = """name = "small"
schema = "person/1"
score = { kind = "weighted", constant = -10, possible = 8, strong = 20 }
[normalisation]
version = "norm-v1"
[context]
agreement = "small"
lanes = "suspect-suspect"
purpose = "vectors"
epoch = 1
[round]
records_requester = 3
records_responder = 2
copies_requester = 1
copies_responder = 1
output = "mutual"
[[segment]]
id = "names"
features = ["name_bigrams"]
bits = 16
hashes = 2
weights = { alpha = 5, beta = -1, nu = 1 }
[[segment]]
id = "sex"
features = ["sex"]
bits = 8
hashes = 2
weights = { alpha = 4, beta = -2, nu = 0 }
[[table]]
id = 1
name = "birth_date"
key = ["birth_date"]
slots_requester = 1
slots_responder = 1
domain_bits = 15
"""


def _table(*parts: int, bits: int, number: int = 1, name: str = "birth_date", slots: int = 1, declared: str = "") -> Table:
    return Table(number, name, tuple((part, declared if part >= 64 else "") for part in parts), both(slots), bits)


def _slots(it: Policy, *numbers: int) -> Table:
    return replace(it.tables[0], slots=Slots(*numbers))


def _segment(it: Policy, place: int, **changes: Any) -> Policy:
    segments = list(it.segments)
    segments[place] = replace(segments[place], **changes)
    return replace(it, segments=tuple(segments))


def _weights(it: Policy, *weights: int) -> Policy:
    return _segment(it, 0, weights=weights)


def _dice(it: Policy, p: int, q: int) -> Policy:
    return replace(it, score=(DICE, p, q), segments=tuple(replace(s, weights=None) for s in it.segments))


class Cases:
    def __init__(self) -> None:
        self.tests = Tests(ERROR_CODES | MISUSE_CODES)

    def good(self, comment: str, flag: str, it: Policy, toml: str = "") -> None:
        if policies.decode(it.encode()) != it:
            raise ValueError(f"{comment}: does not come back")
        try:
            shape = validator.check(it)
        except Broken as broken:
            raise ValueError(f"{comment}: {broken}") from broken
        self.tests.valid(
            comment, flag, **({"toml": toml} if toml else {}), policy=it.encode().hex(), digest=it.digest().hex(),
            payload_bits=shape.payload_bits, value_bytes=shape.value_bytes, ring_bits=shape.ring_bits, bins=Plan(shape).bins,
        )  # fmt: skip

    def broken(self, comment: str, requirement: str, field: str, it: Policy) -> None:
        """One violation."""
        if policies.decode(it.encode()) != it:
            raise ValueError(f"{comment}: does not come back")
        try:
            validator.check(it)
        except Broken as broken:
            if (broken.requirement, broken.field) != (requirement, field):
                raise ValueError(f"{comment}: {broken}") from broken
        else:
            raise ValueError(f"{comment}: accepted")
        how = {"field": field, "requirement": requirement}
        self.tests.invalid(comment, "Broken", "Policy", policy=it.encode().hex(), **how)

    def unread(self, comment: str, fault: str, data: bytes) -> None:
        try:
            policies.decode(data)
        except Refused as refused:
            if str(refused) != fault:
                raise ValueError(f"{comment}: {refused}") from refused
        else:
            raise ValueError(f"{comment}: accepted")
        self.tests.invalid(comment, "Bytes", fault, policy=data.hex())

    def bad_file(self, comment: str, field: str, old: str, new: str, missing: bool = False) -> None:
        if old not in SMALL:
            raise ValueError(f"{comment}: there is no {old!r}")
        text = SMALL.replace(old, new, 1)
        try:
            policy_file.read(text)
        except Broken as broken:
            if (broken.requirement, broken.field) != ("V-POLICY-002", field):
                raise ValueError(f"{comment}: {broken}") from broken
        else:
            raise ValueError(f"{comment}: accepted")
        # A field that is not there has no place in the file.
        how = {} if missing else {"field": field}
        self.tests.invalid(comment, "File", "Policy", toml=text, **how, requirement="V-POLICY-002")


def _accepted(cases: Cases) -> None:
    it = small.policy()
    for name in ("default", "thorough"):
        text = (FILES / f"{name}.toml").read_text(encoding="utf-8")
        cases.good(f"the policy `{name}` that comes along", "File", policy_file.read(text), text)
    if policy_file.read(SMALL) != it:
        raise ValueError("the small policy is another in its file")
    cases.good("a small policy", "File", it, SMALL)
    text = DECLARED.replace("TABLES", normalise_tables.digest().hex())
    cases.good("declared fields, Dice, the tables' digest written out", "File", policy_file.read(text), text)
    many = tuple(_table(16, 32, bits=16, number=n, name=f"t{n}") for n in range(1, 33))
    segments = tuple(FilterSegment(f"s{n}", ((kind, ""),), 64, 32, (1, 0, 0)) for n, kind in enumerate((1, 2, 16, 17, 32, 33)))
    wide = FilterSegment("all", tuple((kind, "") for kind in (1, 2, 16, 17, 32, 33, 34, 35)), 4096, 64, (3, -1, 1))
    top = -10 + 1 + 16 * (5 - 2)
    for comment, good in (
        ("no threshold `strong`", replace(it, score=(WEIGHTED, -10, 8))),
        ("the longest names", replace(it, name="n" * 128, agreement="~" * 128, purpose=" " * 128)),
        ("padded sizes of one", replace(it, records=(1, 1))),
        ("every lane pair: 2", replace(it, lanes=2)),
        ("every lane pair: 3", replace(it, lanes=3)),
        ("every lane pair: 4", replace(it, lanes=4)),
        ("every lane pair: 5", replace(it, lanes=5)),
        ("the last epoch", replace(it, epoch=2**32 - 1)),
        ("128 queries above a hundred: bins round up", replace(it, records=(475, 2), tables=(_table(16, bits=15),))),
        ("as many bins as an eighth of the key's values", replace(it, records=(128, 2), tables=(_table(16, bits=11),))),
        ("the entropy that the parts have", replace(it, tables=(_table(4, 16, 34, bits=42),))),
        ("mutual: tokens of an eighth of the key's values", replace(it, records=(3, 4096))),
        ("more where only the requester learns", replace(it, records=(3, 4097), output=1)),
        ("two keys that share a part and no more", replace(it, records=(128, 2), tables=(_table(17, 34, bits=11), _table(18, 34, bits=11, number=2, name="other")))),
        ("32 tables", replace(it, tables=many)),
        ("six segments of half their bits", replace(it, segments=segments)),
        ("4096 bits, 64 hashes, eight features", replace(it, segments=(wide,))),
        ("the least segment", replace(it, segments=(FilterSegment("s", ((32, ""),), 8, 4, (5, -1, 9)),))),
        ("slots and room of each side's own", replace(it, tables=(_slots(it, 16, 3, 70, 300),))),
        ("room for less than one token of a record", replace(it, records=(3, 4096), tables=(_slots(it, 1, 1, 1, 1),))),
        ("room for less where only the requester learns", replace(it, records=(3, 4097), output=1, tables=(_slots(it, 1, 1, 1, 1),))),
        ("mutual: as much room as leaves seven eighths of the key's values alone", replace(it, records=(3, 2048), tables=(_slots(it, 1, 3, 100, 200),))),
        ("sixteen slots, eight copies", replace(it, copies=(8, 8), tables=(_table(48, bits=30, slots=16),))),
        ("the constant just below `possible`", replace(it, score=(WEIGHTED, 7, 8, 20))),
        ("`strong` just above `possible`", replace(it, score=(WEIGHTED, -10, 8, 9))),
        ("`strong` is the greatest score", replace(it, score=(WEIGHTED, -10, 8, top))),
        ("a positive nu makes up for what beta takes", _weights(it, 0, -1, 60)),
        ("the greatest weights", replace(_segment(_segment(it, 0, bits=8, weights=(2**20, 0, 2**20)), 1, weights=(0, -8, 0)), score=(WEIGHTED, -(2**20), 2**20 - 1, 2**20))),
        ("exact Dice of one half", _dice(it, 1, 2)),
        ("Dice of one", _dice(it, 1000, 1000)),
        ("the least Dice", _dice(it, 1, 1000)),
        ("2^26 bins", replace(it, records=(2**20, 2), copies=(1, 5), tables=(_table(48, bits=30, slots=8), _table(49, bits=30, slots=2, number=2, name="phone")))),
    ):  # fmt: skip
        cases.good(comment, "Accepted", good)


def _broken(cases: Cases) -> None:
    it = small.policy()
    names, versions, segment, table = "V-POLICY-004", "V-POLICY-005", "V-POLICY-006", "V-POLICY-007"
    one, two = it.segments
    top = -10 + 1 + 16 * (5 - 2)

    def tables(*all_of: Table) -> Policy:
        return replace(it, tables=all_of)

    for comment, requirement, field, bad in (
        ("no name", names, "name", replace(it, name="")),
        ("a tab in the name", names, "name", replace(it, name="a\tb")),
        ("no agreement", names, "context.agreement", replace(it, agreement="")),
        ("a letter beyond ASCII", names, "context.agreement", replace(it, agreement="caf\u00e9")),
        ("a delete character in the purpose", names, "context.purpose", replace(it, purpose="a\x7f")),
        ("another schema", versions, "schema", replace(it, schema="person/2")),
        ("another normalisation", versions, "normalisation.version", replace(it, normalisation="norm-v2")),
        ("other tables of the normalisation", versions, "normalisation.tables", replace(it, tables_digest=bytes(32))),
        ("no segment", segment, "segment", replace(it, segments=())),
        ("an id with a capital", segment, "segment[1].id", _segment(it, 1, id="Sex")),
        ("an id that begins with a digit", segment, "segment[0].id", _segment(it, 0, id="1st")),
        ("no id", segment, "segment[0].id", _segment(it, 0, id="")),
        ("one id twice", segment, "segment[1].id", _segment(it, 1, id="names")),
        ("no feature", segment, "segment[1].features", _segment(it, 1, features=())),
        ("a feature twice in a segment", segment, "segment[0].features", _segment(it, 0, features=(*one.features, *one.features))),
        ("a feature in two segments", segment, "segment[1].features", _segment(it, 1, features=one.features)),
        ("seven bits", segment, "segment[1].bits", replace(_segment(it, 1, bits=7), score=(WEIGHTED, -10, 8))),
        ("no hash", segment, "segment[0].hashes", _segment(it, 0, hashes=0)),
        ("more hashes than half of the bits", segment, "segment[0].hashes", _segment(it, 0, hashes=9)),
        ("65 hashes", segment, "segment[0].hashes", _segment(it, 0, bits=256, hashes=65)),
        ("4097 bits in all", segment, "segment", _segment(it, 0, bits=4089)),
        ("no table", table, "table", tables()),
        ("an id twice", table, "table[1].id", tables(_table(16, bits=15), _table(49, bits=30, name="phone"))),
        ("ids that descend", table, "table[1].id", tables(_table(16, bits=15, number=2), _table(49, bits=30, name="phone"))),
        ("a name twice", table, "table[1].name", tables(_table(16, bits=15), _table(49, bits=30, number=2))),
        ("a name with a blank", table, "table[0].name", tables(_table(16, bits=15, name="birth date"))),
        ("no slot", table, "table[0].slots_requester", tables(_table(16, bits=15, slots=0))),
        ("no slot of the responder", table, "table[0].slots_responder", tables(_slots(it, 1, 0, 100, 1))),
        ("no room", table, "table[0].room_requester", tables(_slots(it, 1, 1, 0, 100))),
        ("no room of the responder", table, "table[0].room_responder", tables(_slots(it, 1, 1, 100, 0))),
        ("more room than slots", table, "table[0].room_requester", tables(_slots(it, 2, 1, 201, 100))),
        ("more room than slots of the responder", table, "table[0].room_responder", tables(_slots(it, 1, 2, 100, 201))),
        ("17 slots", table, "table[0].slots_requester", tables(_table(16, bits=15, slots=17))),
        ("no part", table, "table[0].key", tables(_table(bits=0))),
        ("a part twice", table, "table[0].key", tables(_table(48, 48, bits=30))),
        ("two name parts", table, "table[0].key", tables(_table(1, 7, bits=15))),
        ("two dates", table, "table[0].key", tables(_table(16, 17, bits=15))),
        ("no record of the requester", "V-POLICY-008", "round.records_requester", replace(it, records=(0, 2))),
        ("no record of the responder", "V-POLICY-008", "round.records_responder", replace(it, records=(3, 0))),
        ("a record too many of the requester", "V-POLICY-008", "round.records_requester", replace(it, records=(2**20 + 1, 2), tables=(_table(48, bits=30),))),
        ("a record too many of the responder", "V-POLICY-008", "round.records_responder", replace(it, records=(3, 2**20 + 1))),
        ("no copy at the requester", "V-POLICY-008", "round.copies_requester", replace(it, copies=(0, 1))),
        ("no copy at the responder", "V-POLICY-008", "round.copies_responder", replace(it, copies=(1, 0))),
        ("nine copies at the requester", "V-POLICY-008", "round.copies_requester", replace(it, copies=(9, 1))),
        ("nine copies at the responder", "V-POLICY-008", "round.copies_responder", replace(it, copies=(1, 9))),
        ("rows above 2^28", "V-POLICY-009", "table[0].room_responder", replace(it, records=(3, 2**20), copies=(8, 1), tables=(_table(16, bits=15, slots=16),))),
        ("bins above 2^26", "V-POLICY-009", "table[1].room_requester", replace(it, records=(2**20, 2), copies=(1, 5), tables=(_table(48, bits=30, slots=9), _table(49, bits=30, number=2, name="phone", slots=2)))),
        ("more entropy than its part has", "V-POLICY-010", "table[0].domain_bits", tables(_table(16, bits=16))),
        ("more entropy than its parts have", "V-POLICY-010", "table[0].domain_bits", tables(_table(1, 17, 32, bits=19))),
        ("more than 60 bits", "V-POLICY-010", "table[0].domain_bits", tables(_table(48, 49, 50, bits=61))),
        ("a sweep of more than an eighth", "V-POLICY-011", "table[0].domain_bits", tables(_table(16, bits=10))),
        ("a sweep by two tables of one key", "V-POLICY-011", "table[1].domain_bits", tables(_table(16, 32, bits=12), _table(32, 16, bits=11, number=2, name="again"))),
        ("the same for more records", "V-POLICY-011", "table[0].domain_bits", replace(it, records=(3226, 2))),
        ("a sweep by a key that contains the other", "V-POLICY-011", "table[1].domain_bits", tables(_table(16, bits=11), _table(16, 32, bits=16, number=2, name="longer"))),
        ("a sweep by the key that the other contains", "V-POLICY-011", "table[1].domain_bits", tables(_table(16, 32, bits=16), _table(16, bits=11, number=2, name="shorter"))),
        ("a sweep by a skeleton and the beginning of one name", "V-POLICY-011", "table[1].domain_bits", tables(_table(1, 34, bits=11), _table(7, 34, bits=11, number=2, name="again"))),
        ("mutual: a sweep by the responder's tokens", "V-POLICY-032", "table[0].domain_bits", replace(it, records=(3, 4097))),
        ("mutual: a sweep by the responder's room", "V-POLICY-032", "table[0].domain_bits", replace(it, records=(3, 2049), tables=(_slots(it, 1, 3, 100, 200),))),
        ("mutual: a sweep by a list that is longer than the room", "V-POLICY-032", "table[0].domain_bits", replace(it, records=(3, 4097), tables=(_slots(it, 1, 1, 1, 1),))),
        ("mutual: a sweep by a list that two tables have no room for", "V-POLICY-032", "table[1].domain_bits", replace(it, records=(3, 2049), tables=(_slots(it, 1, 1, 100, 1), replace(_slots(it, 1, 1, 100, 1), id=2, name="longer", key=((16, ""), (32, "")), domain_bits=16)))),
        ("mutual: a sweep by the tokens of two tables", "V-POLICY-032", "table[1].domain_bits", replace(it, records=(3, 2049), tables=(_table(16, bits=15), _table(16, 32, bits=16, number=2, name="longer")))),
        ("a segment without weights", "V-POLICY-012", "segment[1].weights", _segment(it, 1, weights=None)),
        ("a negative alpha", "V-POLICY-012", "segment[0].weights", _weights(it, -1, -1, 100)),
        ("a positive beta", "V-POLICY-012", "segment[0].weights", _weights(it, 5, 1, 1)),
        ("alpha above 2^20", "V-POLICY-012", "segment[0].weights", _weights(it, 2**20 + 1, -1, 1)),
        ("beta below -2^20", "V-POLICY-012", "segment[0].weights", _weights(it, 5, -(2**20) - 1, 1)),
        ("nu above 2^20", "V-POLICY-012", "segment[0].weights", _weights(it, 5, -1, 2**20 + 1)),
        ("a constant below -2^20", "V-POLICY-012", "score.constant", replace(it, score=(WEIGHTED, -(2**20) - 1, 8 - 2**20))),
        ("weights under Dice", "V-POLICY-012", "segment[1].weights", _segment(_dice(it, 1, 2), 1, weights=two.weights)),
        ("the constant is `possible`", "V-POLICY-013", "score.constant", replace(it, score=(WEIGHTED, 8, 8, 20))),
        ("the constant above `possible`", "V-POLICY-013", "score.constant", replace(it, score=(WEIGHTED, 9, 8, 20))),
        ("`strong` is `possible`", "V-POLICY-014", "score.strong", replace(it, score=(WEIGHTED, -10, 8, 8))),
        ("a ring of 32 bits", "V-POLICY-017", "segment", _segment(it, 0, bits=1032, weights=(2**20, 0, 0))),
        ("p above q", "V-POLICY-018", "score.numerator", _dice(it, 5, 4)),
        ("p is 0", "V-POLICY-018", "score.numerator", _dice(it, 0, 4)),
        ("q above 1000", "V-POLICY-018", "score.denominator", _dice(it, 1000, 1001)),
        ("`strong` out of reach", "V-POLICY-019", "score.strong", replace(it, score=(WEIGHTED, -10, 8, top + 1))),
        ("`possible` out of reach", "V-POLICY-019", "score.possible", replace(it, score=(WEIGHTED, -10, top + 1))),
    ):  # fmt: skip
        cases.broken(comment, requirement, field, bad)


def _declared(cases: Cases) -> None:
    """V-POLICY-022, V-RECORD-008."""
    it = small.policy(fields=(("suburb", 4), ("since", 2), ("clan", 1), ("postcode", 3), ("register", 5)))

    def feature(kind: int, name: str) -> Policy:
        return _segment(it, 0, features=((kind, name),))

    def part(kind: int, name: str, bits: int) -> Policy:
        return replace(it, tables=(Table(1, "birth_date", ((kind, name), (49, "")), both(1), bits),))

    full = replace(it, fields=tuple((f"f{n}", 1 + n % 5) for n in range(16)))
    cases.good("five declared fields", "Accepted", it)
    cases.good("sixteen declared fields", "Accepted", full)
    for kind, types in ((64, "suburb clan register"), (65, "suburb postcode register"), (66, "clan"), (67, "since"), (68, "since")):
        for name in ("suburb", "since", "clan", "postcode", "register"):
            bad = feature(kind, name)
            if name in types.split():
                cases.good(f"feature {kind} of `{name}`", "Accepted", bad)
            else:
                cases.broken(f"feature {kind} of `{name}`", "V-POLICY-022", "segment[0].features", bad)
    for kind, types in ((64, "suburb postcode register"), (65, "suburb"), (66, "clan"), (67, "since"), (68, "since"), (69, "since")):
        for name in ("suburb", "since", "clan", "postcode", "register"):
            bad = part(kind, name, 30)
            if name in types.split():
                cases.good(f"key part {kind} of `{name}`", "Accepted", bad)
            else:
                cases.broken(f"key part {kind} of `{name}`", "V-POLICY-022", "table[0].key", bad)
    own = "V-POLICY-022"
    for comment, requirement, bad in (
        ("a name of the schema", own, (("suburb", 4), ("birth_place", 4))),
        ("a name twice", own, (("suburb", 4), ("suburb", 3))),
        ("a name with a hyphen", own, (("suburb", 4), ("post-code", 3))),
        ("no name", own, (("suburb", 4), ("", 3))),
        ("what no linkage may use", "V-RECORD-008", (("suburb", 4), ("religion", 3))),
        ("the same within a longer name", "V-RECORD-008", (("suburb", 4), ("family_tribe_2", 3))),
    ):
        cases.broken(comment, requirement, "field[1].name", replace(it, fields=bad))
    cases.good("but a word that only holds one", "Accepted", replace(it, fields=(("interface", 4),)))
    cases.broken("a feature of a field that is not declared", own, "segment[0].features", feature(64, "street"))
    cases.broken("a part of a field that is not declared", own, "table[0].key", part(64, "street", 30))


def _bytes(cases: Cases) -> None:
    it, data = small.policy(), small.policy().encode()
    key = it.tables[0]
    pairs = data.index(b"\0\5small", 10) + 7
    for comment, fault, raw in (
        ("nothing", "Truncated", b""),
        ("cut short", "Truncated", data[:-1]),
        ("a byte too many", "TrailingBytes", data + b"\0"),
        ("format 2", "BadField", b"\0\2" + data[2:]),
        ("format 0", "BadField", b"\0\0" + data[2:]),
        ("a name of 129 bytes", "BadField", replace(it, name="n" * 129).encode()),
        ("an id of 33 bytes", "BadField", _segment(it, 0, id="n" * 33).encode()),
        ("a name that is not UTF-8", "BadField", data.replace(b"small", b"sm\xffll", 1)),
        ("victims with suspects: no code point", "BadField", data[:pairs] + b"\6" + data[pairs + 1 :]),
        ("no lane pair 0", "BadField", data[:pairs] + b"\0" + data[pairs + 1 :]),
        ("no output 3", "BadField", replace(it, output=3).encode()),
        ("17 declared fields", "BadField", replace(it, fields=tuple((f"f{n}", 1) for n in range(17))).encode()),
        ("a type of no declared field", "BadField", replace(it, fields=(("suburb", 6),)).encode()),
        ("33 segments", "BadField", replace(it, segments=it.segments[:1] * 33).encode()),
        ("nine features", "BadField", _segment(it, 0, features=it.segments[0].features * 9).encode()),
        ("a feature of no name", "BadField", _segment(it, 0, features=((6, ""),)).encode()),
        ("33 tables", "BadField", replace(it, tables=(key,) * 33).encode()),
        ("seven parts", "BadField", replace(it, tables=(replace(key, key=key.key * 7),)).encode()),
        ("a part of no name", "BadField", replace(it, tables=(replace(key, key=((20, ""),)),)).encode()),
        ("a flag of 2", "BadField", data.replace((8).to_bytes(4, "big") + b"\1", (8).to_bytes(4, "big") + b"\2", 1)),
        ("no kind of score 3", "BadField", data.replace(b"\2\1" + (-10).to_bytes(4, "big", signed=True), b"\2\3" + (-10).to_bytes(4, "big", signed=True), 1)),
        ("more than 65,535 bytes", "BadField", data + bytes(65_536 - len(data))),
    ):  # fmt: skip
        if raw == data:
            raise ValueError(f"{comment}: nothing changed")
        cases.unread(comment, fault, raw)


def _files(cases: Cases) -> None:
    for comment, field, old, new in (
        ("a field that nobody knows", "context.country", "epoch = 1", "epoch = 1\ncountry = \"UTO\""),
        ("one in a segment", "segment[1].colour", "hashes = 2\nweights = { alpha = 4", "hashes = 2\ncolour = 1\nweights = { alpha = 4"),
        ("a section that nobody knows", "extra", "[context]", "[extra]\n[context]"),
        ("a number for a text", "name", "name = \"small\"", "name = 7"),
        ("a text for a number", "segment[0].bits", "bits = 16", "bits = \"16\""),
        ("a fraction", "table[0].slots_requester", "slots_requester = 1", "slots_requester = 1.5"),
        ("a truth value for a number", "context.epoch", "epoch = 1", "epoch = true"),
        ("a negative epoch", "context.epoch", "epoch = 1", "epoch = -1"),
        ("an epoch above 32 bits", "context.epoch", "epoch = 1", "epoch = 4294967296"),
        ("victims with suspects", "context.lanes", "suspect-suspect", "victim-suspect"),
        ("suspects with victims", "context.lanes", "suspect-suspect", "suspect-victim"),
        ("an output of no name", "round.output", "mutual", "responder"),
        ("a feature of no name", "segment[1].features", "[\"sex\"]", "[\"income\"]"),
        ("a declared feature without its field", "segment[1].features", "[\"sex\"]", "[\"bigrams\"]"),
        ("a feature of the schema with a field", "segment[1].features", "[\"sex\"]", "[\"sex.sex\"]"),
        ("a part of no name", "table[0].key", "[\"birth_date\"]", "[\"shoe_size\"]"),
        ("slots above 16 bits", "table[0].slots_requester", "slots_requester = 1", "slots_requester = 65536"),
        ("one number for both sides", "table[0].slots", "slots_requester = 1\n", "slots = 1\nslots_requester = 1\n"),
        ("a digest of 63 digits", "normalisation.tables", "\"norm-v1\"", f"\"norm-v1\"\ntables = \"{'0' * 63}\""),
    ):  # fmt: skip
        cases.bad_file(comment, field, old, new)
    for comment, field, old in (
        ("no epoch", "context.epoch", "epoch = 1\n"),
        ("no bits", "segment[0].bits", "bits = 16\n"),
        ("no name of a table", "table[0].name", "name = \"birth_date\"\n"),
        ("no constant", "score.constant", "constant = -10, "),
        ("no TOML", "", "[[table]]"),
    ):
        new = "[[table]" if not field else ""
        cases.bad_file(comment, field, old, new, missing=True)


def files() -> dict[str, dict[str, Any]]:
    cases = Cases()
    for part in (_accepted, _broken, _declared, _bytes, _files):
        part(cases)
    notes = {
        "File": "V-POLICY-002: a policy file and its canonical bytes, or the field for which it is refused, if it has a place",
        "Accepted": "V-POLICY-004 to V-POLICY-014, V-POLICY-017 to V-POLICY-019, V-POLICY-022, V-POLICY-032: at a bound and within it; sizes of 7.1, and the ring of V-POLICY-017",
        "Broken": "V-POLICY-004 to V-POLICY-014, V-POLICY-017 to V-POLICY-022, V-POLICY-032, V-RECORD-008: `field` breaks `requirement`, and nothing else is wrong",
        "Bytes": "V-POLICY-001: canonical bytes that must be refused",
    }
    return {"policy": cases.tests.document("policy", "spec/06-policy.md", "spec/reference", notes)}
