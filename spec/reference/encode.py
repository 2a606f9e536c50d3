"""Records to filters and tokens (spec/04-records.md, spec/05-encode.md).

A record is given by its cells: a list of identities, each from field to values. What chapter 4 refuses is left out before
(`record_check.py`).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from itertools import combinations, islice, product

import agree
import blake3
import normalise
import normalise_tables as tables
import normalise_values as values
from agreement import text as str16
from labelled import labelled_hash
from policy import DECLARED, Policy

Cells = dict[str, list[str]]
NAMES = {
    "family_names": ("family", 1, 3), "given_names": ("given", 1, 1), "father_names": ("father", 1, 2),
    "full_names": ("full", 1, 4), "other_names": ("full", 2, 4), "previous_names": ("full", 3, 4),
    "mrz_names": ("mrz", 4, 4), "weak_names": ("full", 5, 4),
}  # fmt: skip
"""In the order of V-ENCODE-011: kind of chapter 13, then kind and role of 4.4."""
WEAK = 5
WHOLE = 4
MAX_OTHER_NAMES = 8
LANES = ("", "suspect", "convicted", "victim", "missing", "unidentified")
STATUS = ("", "confirmed", "unconfirmed", "alias", "misused")
BASIS = ("", "document", "statement", "age_assessment", "inferred")
OWNERS = ("", "own", "shared", "controlled_by_other", "unknown")
SUSPECTS = (1, 2)
"""Lane pairs of which one lane is `suspect`."""
MAX_PARTS = 24
MAX_FORMS = 65_536


@dataclass(frozen=True)
class Record:
    id: str
    identities: list[Cells]
    lane: str = ""
    case_ref: str = ""
    declared: list[list[str]] = field(default_factory=list)


@dataclass
class Declared:
    words: list[str]
    whole: list[str]
    dates: list[tuple[int, int, int]]


@dataclass(frozen=True)
class Values:
    parts: list[str]
    keys: list[str]
    k4: list[str]
    k5: list[str]
    s3: list[str]
    wholes: list[list[str]]
    dates: list[tuple[int, int, int]]
    known_dates: list[tuple[int, int, int]]
    sexes: list[str]
    nationalities: list[str]
    known_nationalities: list[str]
    birth_countries: list[str]
    known_birth_countries: list[str]
    places: list[str]
    documents: list[str]
    phones: list[str]
    emails: list[str]
    declared: list[Declared]
    other_names: list[tuple[list[str], ...]]

    def under(self, name: tuple[list[str], ...]) -> Values:
        """The same record under another name."""
        parts, keys, k4, k5, s3, wholes = name
        return replace(self, parts=parts, keys=keys, k4=k4, k5=k5, s3=s3, wholes=wholes, other_names=[])


def _of(cells: Cells, name: str) -> list[str]:
    return [v.strip() for v in cells.get(name, []) if v.strip()]


def _beside(cells: Cells, name: str, other: str) -> list[tuple[str, str]]:
    """The values of a field with those of the field beside it."""
    main, more = cells.get(name, []), cells.get(other, [])
    return [(v.strip(), more[i].strip() if i < len(more) else "") for i, v in enumerate(main) if v.strip()]


def _unique(items: list) -> list:
    return sorted(set(items))


# 4.1.1, 13.6: what enters an encoding


def _ymd(compared: str) -> tuple[int, int, int]:
    year, month, day = ([int(n) for n in compared.split("-")] + [0, 0])[:3]
    return year, month, day


def _birth(date: str, basis: str) -> tuple[int, int, int]:
    compared = _ymd(values.date(date)[0])
    return (compared[0], 0, 0) if basis in ("age_assessment", "inferred") else compared


def _featured(date: str, basis: str) -> tuple[int, int, int]:
    """V-ENCODE-017."""
    year, month, day = _birth(date, basis)
    return (year, 0, 0) if (month, day) == (7, 1) else (year, month, day)


def _codes(codes: list[str], known: bool) -> list[str]:
    read = [found for basis, *found in map(values.country, codes) if basis not in ("organisation", "status")]
    # V-ENCODE-012
    return _unique([c for found in read if not known or len(found) == 1 for c in found])


class Name:
    """One name of a record: its parts with the roles that they have in it, and what else they may be written like."""

    def __init__(self) -> None:
        self.parts: dict[str, set[str]] = {}
        self.others: list[str] = []

    def part(self, text: str, roles: set[str]) -> None:
        if text in self.parts or len(self.parts) < MAX_PARTS:
            self.parts.setdefault(text, set()).update(roles)

    def add(self, written: str, kind: str, weak: bool) -> None:
        forms = normalise.normalise(written, kind)
        for part, role in forms.parts:
            doubtful = {"doubtful"} if role == "patronymic" and kind in ("full", "mrz") else set()
            self.part(part, set() if weak else {role} | doubtful)
        if not weak and len(self.others) < MAX_PARTS:
            self.others += [other for other, _ in forms.others]

    def is_part(self) -> bool:
        return sum(1 for roles in self.parts.values() if roles & {"name", "patronymic"}) < 2

    def beside(self, first: Name) -> Name:
        """V-ENCODE-015: with the parts of the first name before its own."""
        both = Name()
        for name in (first, self):
            for part, roles in name.parts.items():
                both.part(part, roles)
        both.others = self.others + (first.others if len(self.others) < MAX_PARTS else [])
        return both

    def read(self) -> tuple[list[str], ...]:
        """V-ENCODE-011, V-ENCODE-016: parts, key parts, K4, K5, S3, wholes."""
        keys = [part for part, roles in self.parts.items() if "name" in roles]
        wholes = []
        if len(keys) >= 2 and any("doubtful" in roles and "name" not in roles for roles in self.parts.values()):
            wholes = [[part for part, roles in self.parts.items() if roles & {"name", "doubtful"}]]
        if len(keys) < 2:
            keys += [part for part, roles in self.parts.items() if "patronymic" in roles and part not in keys]
        forms = [
            _unique([k for part in keys + self.others if (k := skeleton(part))])
            for skeleton in (normalise.k4, normalise.k5, normalise.s3)
        ]
        return _unique(list(self.parts)), _unique(keys), *forms, [keys, *wholes]


def _names(identities: list[Cells]) -> list[tuple[list[str], ...]]:
    """V-ENCODE-010, V-ENCODE-015: the names of a record, the first one first."""
    found: list[Name] = []
    weak: list[str] = []
    for cells in identities:
        of_parts, whole = Name(), []
        for name, (kind, code, role) in NAMES.items():
            for written in _of(cells, name):
                if code == WEAK:
                    weak.append(written)
                elif role == WHOLE:
                    whole.append(Name())
                    whole[-1].add(written, kind, False)
                else:
                    of_parts.add(written, kind, False)
        found += [name for name in (of_parts, *whole) if name.parts or name.others]
    at = next((i for i, name in enumerate(found) if not name.is_part()), 0)
    first = found.pop(at) if found else Name()
    rest = [name.beside(first) if name.is_part() else name for name in found]
    for written in weak:
        first.add(written, "full", True)
    names = [first.read()]
    for name in rest:
        if name.read()[0] not in [parts for parts, *_ in names] and len(names) <= MAX_OTHER_NAMES:
            names.append(name.read())
    return names


def code(text: str) -> str:
    """V-RECORD-014."""
    out = ""
    for c in text:
        if (digit := values.digit(c)) is not None:
            out += digit
        elif c.isascii():
            out += c if c.isalpha() else ""
        else:
            points = tables.folds().get(ord(c), (ord(c),))
            out += "".join(tables.letters().get(p, "") for p in points)
    return out.upper()


def words(text: str) -> list[str]:
    """V-RECORD-014."""
    found, word, letters = [], "", ""

    def flushed() -> str:
        run = normalise.Found()
        normalise.read_name(letters, "full", run)
        return "".join(part.text for part in run.parts)

    for c in text:
        if (digit := values.digit(c)) is not None:
            word, letters = word + flushed() + digit, ""
        elif [u.point for u in normalise.units(c)] in ([normalise.BREAK], [normalise.HYPHEN]):
            found.append(word + flushed())
            word = letters = ""
        else:
            letters += c
    found.append(word + flushed())
    return [w for w in found if w]


def _declared(kind: int, cells: list[str]) -> Declared:
    read = Declared([], [], [])
    for value in (v.strip() for v in cells if v.strip()):
        match kind:
            case 1:
                read.words += [part for part, _ in normalise.normalise(value, "full").parts]
            case 2:
                read.dates.append(_ymd(values.date(value)[0]))
            case 3:
                read.whole.append(code(value))
            case 4:
                read.words += words(value)
                read.whole += [" ".join(words(value))] if words(value) else []
            case 5:
                read.words.append(code(value))
                read.whole.append(code(value))
    return Declared(_unique(read.words), _unique(read.whole), _unique(read.dates))


def read(record: Record, policy: Policy) -> Values:
    suspects = policy.lanes in SUSPECTS
    used = [c for c in record.identities if not (suspects and _of(c, "identity_status") == ["misused"])]

    def contacts(name: str) -> list[str]:
        pairs = [pair for cells in used for pair in _beside(cells, name, f"{name}_owner")]
        return [value for value, owner in pairs if not (suspects and owner == "controlled_by_other")]

    def each(name: str) -> list[str]:
        return [value for cells in used for value in _of(cells, name)]

    first, *others = _names(used)
    births = [pair for cells in used for pair in _beside(cells, "birth_date", "birth_basis")]
    return Values(
        *first,
        _unique([_birth(*pair) for pair in births]),
        _unique([_featured(*pair) for pair in births if pair[1] not in ("age_assessment", "inferred")]),
        _unique([sex.upper() for sex in each("sex") if sex.upper() != "X"]),
        _codes(each("nationality"), False),
        _codes(each("nationality"), True),
        _codes(each("birth_country"), False),
        _codes(each("birth_country"), True),
        _unique([p for place in each("birth_place") for p in values.place(place)]),
        _unique([n for number in each("document_number") for n in values.document(number)]),
        _unique([values.phone(phone)[0] for phone in contacts("phone")]),
        _unique([address for email in contacts("email") for address in values.email(email)]),
        [_declared(kind, cells) for (_, kind), cells in zip(policy.fields, record.declared)],
        others,
    )


# 5.1 to 5.3 Filter


def _context(policy: Policy) -> bytes:
    out = str16(policy.schema) + str16(policy.normalisation) + policy.tables_digest + str16(policy.agreement)
    return out + bytes([policy.lanes]) + str16(policy.purpose) + policy.epoch.to_bytes(4, "big")


def _prefix(kind: int, name: str) -> bytes:
    return bytes([kind]) + (bytes([len(name)]) + name.encode() if kind >= DECLARED else b"")


def _u16(number: int) -> bytes:
    return number.to_bytes(2, "big")


def _windows(texts: list[str]) -> list[bytes]:
    return [f"_{t}_".encode()[i : i + 2] for t in texts for i in range(len(t) + 1)]


def _years(dates: list[tuple[int, int, int]]) -> list[bytes]:
    return [tag + _u16(y % modulus) for y, _, _ in dates for tag, modulus in ((b"y", 10**4), (b"t", 100), (b"o", 10))]


def _month_days(dates: list[tuple[int, int, int]]) -> list[bytes]:
    out = [b"n" + bytes([number]) for _, month, day in dates for number in (month, day) if number]
    return out + [b"p" + bytes(sorted((month, day))) for _, month, day in dates if month and day]


def _digits(number: int, first: int, places: int) -> list[bytes]:
    return [bytes([first + i, int(digit)]) for i, digit in enumerate(f"{number:0{places}}")]


def _k3(of: Values) -> list[bytes]:
    return _unique([k[:3].encode() for k in of.k4])


def features(kind: int, of: Values, declared: Declared | None) -> list[bytes]:
    """V-ENCODE-004."""
    match kind:
        case 1:
            return _windows(of.parts)
        case 2:
            return [k.encode() for k in of.k5]
        case 3:
            return _k3(of)
        case 4:
            return _windows([normalise.sounds(part) for part in of.parts])
        case 5:
            return _windows([normalise.uncut(part, False) for part in of.parts])
        case 18:
            return [value for year, _, _ in of.known_dates for value in _digits(year, 0, 4)]
        case 19:
            parts = [(n, first) for _, month, day in of.known_dates for n, first in ((month, 0), (day, 2)) if n]
            return [value for number, first in parts for value in _digits(number, first, 2)]
        case 16:
            return _years(of.known_dates)
        case 17:
            return _month_days(of.known_dates)
        case 32:
            return [sex.encode() for sex in of.sexes]
        case 33:
            return [c.encode() for c in of.known_nationalities]
        case 34:
            return [c.encode() for c in of.known_birth_countries]
        case 35:
            return _windows(of.places)
        case 48:
            return _windows(of.documents)
        case 49:
            return _windows(of.phones)
        case 50:
            return _windows([address.split("@")[0] for address in of.emails])
    if declared is None:
        return []
    match kind:
        case 64:
            return _windows(declared.words)
        case 65:
            return [w.encode() for w in declared.whole]
        case 66:
            return [normalise.k5(w).encode() for w in declared.words]
        case 67:
            return _years(declared.dates)
        case _:
            return _month_days(declared.dates)


def filter_of(policy: Policy, of: Values) -> bytes:
    root = labelled_hash("blindlink/1 linkage root", [_context(policy)])
    bits, start, present = set(), 0, []
    for segment in policy.segments:
        key = labelled_hash("blindlink/1 filter segment key", [root, segment.id.encode()])
        found = [
            _prefix(kind, name) + value
            for kind, name in segment.features
            for value in features(kind, of, _field(policy, of, name))
        ]
        for message in found:
            drawn = blake3.keyed_hash(key, message, 8 * segment.hashes)
            for i in range(segment.hashes):
                bits.add(start + (int.from_bytes(drawn[8 * i : 8 * i + 8], "big") * segment.bits >> 64))
        present.append(bool(found))
        start += segment.bits
    bits |= {start + i for i, there in enumerate(present) if there}
    out = bytearray(-(-(start + len(present)) // 8))
    for bit in bits:
        out[bit // 8] |= 1 << bit % 8
    return bytes(out)


def _field(policy: Policy, of: Values, name: str) -> Declared | None:
    names = [n for n, _ in policy.fields]
    return of.declared[names.index(name)] if name and names.index(name) < len(of.declared) else None


# 5.4 Tokens


def _pair(k: list[bytes]) -> list[bytes]:
    return [a + b"/" + b for a, b in combinations(k, 2)]


def _all(of: Values, skeleton) -> list[bytes]:
    """V-ENCODE-016"""
    wholes = [_unique([k.encode() for part in parts if (k := skeleton(part))]) for parts in of.wholes]
    return _unique([b"/".join(forms) for forms in wholes if len(forms) > 1])


def _full(dates: list[tuple[int, int, int]]) -> list[bytes]:
    return _unique([_u16(y) + bytes(sorted((m, d))) for y, m, d in dates if m and d])


def _month_day(dates: list[tuple[int, int, int]]) -> list[bytes]:
    return _unique([bytes(sorted((m, d))) for _, m, d in dates if m and d])


def _year(dates: list[tuple[int, int, int]]) -> list[bytes]:
    return _unique([_u16(y) for y, _, _ in dates])


def part_values(kind: int, of: Values, declared: Declared | None) -> list[bytes]:
    k4, k5 = [k.encode() for k in of.k4], [k.encode() for k in of.k5]
    p3, initials = (_unique([k[:n].encode() for k in of.keys]) for n in (3, 1))
    skeletons = _unique([k.encode() for w in of.places if (k := normalise.k5(w))])
    simple = {
        1: k4, 2: k5, 3: _pair(k4), 4: _pair(k5), 5: _all(of, normalise.k4), 6: _all(of, normalise.k5), 7: p3, 8: _pair(p3), 9: initials,
        10: _k3(of), 11: [k.encode() for k in of.s3], 12: _pair(_k3(of)),
        16: _full(of.dates), 17: _year(of.dates), 18: _month_day(of.dates),
        19: _unique([_u16(y) + bytes([m]) for y, m, _ in of.dates if m]),
        32: [s.encode() for s in of.sexes], 33: [c.encode() for c in of.nationalities],
        34: [c.encode() for c in of.birth_countries], 35: skeletons,
        36: [c.encode() for c in _unique(of.nationalities + of.birth_countries)], 48: [d.encode() for d in of.documents],
        49: [p.encode() for p in of.phones], 50: [e.encode() for e in of.emails],
        51: [b"d" + d.encode() for d in of.documents] + [b"p" + p.encode() for p in of.phones],
        52: [b"d" + d.encode() for d in of.documents] + [b"e" + e.encode() for e in of.emails]
        + [b"p" + p.encode() for p in of.phones],
    }  # fmt: skip
    if kind in simple:
        return simple[kind]
    if declared is None:
        return []
    return {
        64: [w.encode() for w in declared.whole], 65: [w.encode() for w in declared.words],
        66: _unique([k.encode() for w in declared.words if (k := normalise.k4(w))]),
        67: _full(declared.dates), 68: _year(declared.dates), 69: _month_day(declared.dates),
    }[kind]  # fmt: skip


def tokens_of(policy: Policy, of: Values) -> list[list[bytes]]:
    root = labelled_hash("blindlink/1 linkage root", [_context(policy)])
    key = labelled_hash("blindlink/1 token key", [root])
    tables_of = []
    for table in policy.tables:
        choices = [
            [_prefix(kind, name) + _u16(len(v)) + v for v in part_values(kind, of, _field(policy, of, name))]
            for kind, name in table.key
        ]
        made = {
            blake3.keyed_hash(key, _u16(table.id) + b"".join(chosen), 16)
            for chosen in islice(product(*choices), MAX_FORMS)
        }
        tables_of.append(sorted(made)[: table.slots.most])
    return tables_of


# 4.4 Digest


def _list(items: list[bytes]) -> bytes:
    return bytes([len(items)]) + b"".join(items)


def _as_read(date: str) -> bytes:
    """Date, first and last day: unlike what is compared, they keep a 1 January or 31 December."""
    compared, first, last = values.date(date)
    year, month, day = _ymd(compared)
    calendar, _, written = date.rpartition(":")
    if calendar in ("", "gregorian"):
        year, month, day = _ymd(written)
    else:
        ends = [datetime.date.fromisoformat(d).toordinal() for d in (first, last)]
        # A range of more than three days is that of a month, a year or a filler: then it is what is compared.
        if ends[1] - ends[0] <= 2:
            year, month, day = _ymd(datetime.date.fromordinal(sum(ends) // 2).isoformat())
    out = _u16(year) + bytes([month, day])
    return out + b"".join(_u16(y) + bytes([m, d]) for y, m, d in map(_ymd, (first, last)))


def _identity(cells: Cells) -> bytes:
    status = (_of(cells, "identity_status") or ["unconfirmed"])[0]
    names = [bytes([kind, role]) + str16(v) for name, (_, kind, role) in NAMES.items() for v in _of(cells, name)]
    births = _beside(cells, "birth_date", "birth_basis")
    places = [b"\x01" + _code3(c) for c in _of(cells, "birth_country")]
    places += [b"\x02" + str16(p) for p in _of(cells, "birth_place")]
    kinds, issuers = cells.get("document_type", []), cells.get("document_issuer", [])
    documents = []
    for i, number in enumerate(cells.get("document_number", [])):
        if number.strip():
            kind, issuer = (more[i].strip() if i < len(more) else "" for more in (kinds, issuers))
            documents.append(str16(kind) + (_code3(issuer) if issuer else bytes(3)) + str16(number.strip()))
    contacts = [
        bytes([code, OWNERS.index(owner or "unknown")]) + str16(value)
        for code, name in ((1, "phone"), (2, "email"))
        for value, owner in _beside(cells, name, f"{name}_owner")
    ]
    out = bytes([STATUS.index(status)]) + _list(names)
    out += _list([_as_read(date) + bytes([BASIS.index(basis or "statement")]) for date, basis in births])
    out += _list([s.upper().encode() for s in _of(cells, "sex") if s.upper() != "X"])
    out += _list([_code3(c) for c in _of(cells, "nationality")])
    return out + _list(places) + _list(documents) + _list(contacts)


def _code3(written: str) -> bytes:
    return written[:3].upper().ljust(3, "<").encode()


def digest(record: Record) -> bytes:
    """V-RECORD-007."""
    out = str16(record.id) + bytes([LANES.index(record.lane)]) + str16(record.case_ref)
    out += _list([_identity(cells) for cells in record.identities])
    out += _list([_list([str16(v.strip()) for v in cells if v.strip()]) for cells in record.declared])
    return labelled_hash("blindlink/1 record digest", [out])


def encoded(record: Record, policy: Policy) -> agree.Record:
    """What a round knows of a record."""
    of = read(record, policy)
    tokens = tokens_of(policy, of)
    named = [of.under(name) for name in of.other_names]
    own = [tokens_of(policy, values_of) for values_of in named]
    others = [(filter_of(policy, values_of), [[] for _ in tokens]) for values_of in named]
    # V-ENCODE-015: of every name in turn the smallest that is not there yet.
    for at, table in enumerate(policy.tables):
        for _ in range(table.slots.most):
            for of_name, (_, kept) in zip(own, others):
                new = [token for token in of_name[at] if token not in tokens[at]]
                if new and len(tokens[at]) < table.slots.most:
                    tokens[at].append(new[0])
                    kept[at].append(new[0])
    return agree.Record(digest(record), filter_of(policy, of), tokens, tuple(other for other in others if any(other[1])))
