"""What a record must be (4.1), and what the readers of lists share: records that are kept, and what is left out and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import normalise_values as values
from encode import LANES, Cells, Record
from policy_validator import FORBIDDEN
from reading import MAX_VALUES, NAMES, WHITE, Reader, Told, absent
from reading_dates import Rules

OF_RECORD = ("record_id", "lane", "case_ref")
MAX_ID, MAX_IDENTITIES, MAX_RECORDS = 64, 8, 1 << 20
LANES_OF_PAIR = {1: ("suspect",), 2: ("suspect", "convicted"), 3: ("victim",), 4: ("victim", "missing"), 5: ("missing", "unidentified")}

Fields = tuple[tuple[str, int], ...]
"""Name and type of each declared field."""


@dataclass(frozen=True)
class Mapping:
    """What a mapping says of a file (4.6): column to field (empty: passed over), and rules by field."""

    columns: dict[str, str] = field(default_factory=dict)
    rules: dict[str, Rules] = field(default_factory=dict)
    separator: str = ""
    ignore_unknown: bool = False


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
    told: list[Reject] = field(default_factory=list)
    """Values that were left out of records that are kept, or read otherwise than written."""
    seen: dict[str, int] = field(default_factory=dict)

    def name(self, name: str, line: int) -> None:
        """V-CSV-003."""
        if name and name in self.seen:
            raise FileRefused("duplicate_id", self.seen[name], line)
        self.seen[name] = line

    def add(self, line: int, make: Callable[[], Checked]) -> None:
        if len(self.records) == MAX_RECORDS:
            raise FileRefused("too_many")
        try:
            checked = make()
            self.records.append(checked.record)
            self.told += [Reject(line, told.column, told.reason) for told in checked.told]
        except LeftOut as left:
            self.rejects.append(Reject(line, left.column, str(left)))


def trim(value: str) -> str:
    return value.strip(WHITE)


def forbidden(name: str) -> bool:
    """V-RECORD-008."""
    pieces = re.split("[^A-Za-z]|(?<=[a-z])(?=[A-Z])", name)
    return any(piece.lower() in FORBIDDEN for piece in pieces)


@dataclass(frozen=True)
class Checked:
    """A record, and what was left out of it or read otherwise than written."""

    record: Record
    told: list[Told]


def check(identities: list[Cells], declared: list[list[str]], fields: Fields, lanes: int | None, mapping: Mapping) -> Checked:
    """A record of these identities; the first has the fields that belong to the record. V-READ-001."""
    reader = Reader(mapping.rules)
    of_record = identities[0]
    number = _number(of_record["record_id"][0])
    lane = _lane(reader, of_record.get("lane", []))
    if lanes is not None and lane and lane not in LANES_OF_PAIR[lanes]:
        raise LeftOut("other_lane")
    references = [text for value in of_record.get("case_ref", []) if (text := reader.clean("case_ref", value))]
    if len(references) > 1:
        reader.tell("case_ref", "too_many")
    # V-RECORD-010
    if len(identities) > MAX_IDENTITIES:
        reader.tell("identity_status", "too_many")
    plain = [dict(cells) for cells in identities[:MAX_IDENTITIES]]
    for cells in plain:
        for name in OF_RECORD:
            cells.pop(name, None)
        reader.identity(cells)
    # V-PLACEHOLDER-002
    if any(t.reason == "nobody" and t.column in NAMES for t in reader.told) and not any(c.get(n) for c in plain for n in NAMES):
        for cells in plain:
            cells["birth_date"] = [values.date(text)[0][:4] for text in cells["birth_date"]]
    read = [reader.declared(name, kind, given) for (name, kind), given in zip(fields, declared)]
    return Checked(Record(number, plain, lane, (references or [""])[0].replace("\n", " "), read), reader.told)


def _number(number: str) -> str:
    """V-RECORD-002."""
    if not trim(number):
        raise LeftOut("empty", "record_id")
    if len(number.encode()) > MAX_ID:
        raise LeftOut("too_long", "record_id")
    if any(c < " " or "\x7f" <= c <= "\x9f" for c in number):
        raise LeftOut("control", "record_id")
    return number


def _lane(reader: Reader, given: list[str]) -> str:
    """V-RECORD-009."""
    found = [text.lower() for value in given if (text := reader.clean("lane", value))]
    found = [text for text in found if text in LANES or not absent(text)]
    if any(text not in LANES for text in found):
        raise LeftOut("lane", "lane")
    if len(set(found)) > 1:
        raise LeftOut("too_many", "lane")
    return found[0] if found else ""
