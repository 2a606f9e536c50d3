"""What a record must be (4.1), and what the readers of lists share: records that are kept, and what is left out and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import normalise_values as values
from encode import BASIS, LANES, OWNERS, STATUS, Cells, Record, code
from policy_validator import FORBIDDEN, SCHEMA_FIELDS

WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""Unicode White_Space."""
OF_RECORD = ("record_id", "lane", "case_ref")
MAX_VALUES, MAX_VALUE, MAX_ID, MAX_IDENTITIES, MAX_RECORDS = 16, 256, 64, 8, 1 << 20
DATE, CODE, IDENTIFIER = 2, 3, 5
"""Types of declared fields (6.2)."""
LANES_OF_PAIR = {1: ("suspect",), 2: ("suspect", "convicted"), 3: ("victim",), 4: ("victim", "missing"), 5: ("missing", "unidentified")}

Fields = tuple[tuple[str, int], ...]
"""Name and type of each declared field."""


class LeftOut(ValueError):
    """Why a record is left out, and the field."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.column = column


class FileRefused(ValueError):
    """Why a whole file is refused, with lines or the position of a column."""

    def __init__(self, reason: str, *at: int) -> None:
        super().__init__(reason)
        self.at = list(at)


@dataclass(frozen=True)
class Reject:
    line: int
    column: str
    reason: str


@dataclass
class Found:
    """What was read of a list."""

    records: list[Record] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def name(self, name: str, line: int) -> None:
        """V-CSV-003."""
        if name and name in self.seen:
            raise FileRefused("duplicate_id", self.seen[name], line)
        self.seen[name] = line

    def add(self, line: int, make: Callable[[], Record]) -> None:
        if len(self.records) == MAX_RECORDS:
            raise FileRefused("too_many")
        try:
            self.records.append(make())
        except LeftOut as left:
            self.rejects.append(Reject(line, left.column, str(left)))


def trim(value: str) -> str:
    return value.strip(WHITE)


def forbidden(name: str) -> bool:
    """V-RECORD-008."""
    pieces = re.split("[^A-Za-z]|(?<=[a-z])(?=[A-Z])", name)
    return any(piece.lower() in FORBIDDEN for piece in pieces)


def check(identities: list[Cells], declared: list[list[str]], fields: Fields, lanes: int | None) -> Record:
    """A record of these identities; the first has the fields that belong to the record."""
    for cells in identities:
        for name in SCHEMA_FIELDS:
            _bounded(name, cells.get(name, []), MAX_ID if name == "record_id" else MAX_VALUE)
    # V-RECORD-010
    if len(identities) > MAX_IDENTITIES:
        raise LeftOut("too_many", "identity_status")
    of_record = identities[0]
    number = of_record["record_id"][0]
    if not trim(number):
        raise LeftOut("empty", "record_id")
    lane = _one(of_record, "lane", lambda v: v in LANES)
    case_ref = _one(of_record, "case_ref", lambda v: True)
    for cells in identities:
        _identity(cells)
    for (name, kind), given in zip(fields, declared):
        _bounded(name, given, MAX_VALUE)
        # V-RECORD-013
        for value in filter(None, map(trim, given)):
            if kind == DATE and not values.date(value):
                raise LeftOut("date", name)
            if kind in (CODE, IDENTIFIER) and not code(value):
                raise LeftOut("code", name)
    # V-RECORD-009
    if lanes is not None and lane and lane not in LANES_OF_PAIR[lanes]:
        raise LeftOut("other_lane")
    plain = [{name: found for name, found in cells.items() if name not in OF_RECORD} for cells in identities]
    return Record(number, plain, lane, case_ref, declared)


def _identity(cells: Cells) -> None:
    _one(cells, "identity_status", lambda v: v in STATUS)
    _beside(cells, "birth_date", "birth_basis", BASIS, "date", values.date)
    _each(cells, "sex", "sex", lambda v: v in ("F", "f", "M", "m", "X", "x"))
    _each(cells, "nationality", "country", values.country)
    _each(cells, "birth_country", "country", values.country)
    _beside(cells, "document_number", "document_type", None, "document", values.document)
    _beside(cells, "document_number", "document_issuer", None, "document", values.document)
    _each(cells, "document_issuer", "country", values.country)
    _beside(cells, "phone", "phone_owner", OWNERS, "phone", values.phone)
    _beside(cells, "email", "email_owner", OWNERS, "email", values.email)


def _bounded(name: str, found: list[str], longest: int) -> None:
    """V-RECORD-001: before anything is trimmed."""
    if len(found) > MAX_VALUES:
        raise LeftOut("too_many", name)
    if any(len(value.encode()) > longest for value in found):
        raise LeftOut("too_long", name)
    if any(c < " " or "\x7f" <= c <= "\x9f" for value in found for c in value):
        raise LeftOut("control", name)


def _each(cells: Cells, name: str, reason: str, good: Callable[[str], object]) -> list[str]:
    found = [value for value in map(trim, cells.get(name, [])) if value]
    if not all(map(good, found)):
        raise LeftOut(reason, name)
    return found


def _one(cells: Cells, name: str, good: Callable[[str], object]) -> str:
    """At most one value."""
    found = _each(cells, name, {"lane": "lane", "identity_status": "status"}.get(name, ""), good)
    if len(found) > 1:
        raise LeftOut("too_many", name)
    return found[0] if found else ""


def _beside(
    cells: Cells, name: str, other: str, known: tuple[str, ...] | None, reason: str, good: Callable[[str], object]
) -> None:
    """V-RECORD-005, V-RECORD-011, V-RECORD-012: of the other field a value for each of the field's, or none at all."""
    main, more = ([trim(value) for value in cells.get(of, [])] for of in (name, other))
    if any(more):
        if len(more) != len(main):
            raise LeftOut("unpaired", other)
        if any(value and not main[i] for i, value in enumerate(more)):
            raise LeftOut("empty", name)
    _each(cells, name, reason, good)
    if known is not None and not all(value in known for value in more):
        raise LeftOut("basis" if other == "birth_basis" else "owner", other)
