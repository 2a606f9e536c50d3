"""Lists to records: CSV (4.2) and what a record must be (4.1). A row that breaks a rule is left out with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import normalise_values as values
from encode import BASIS, LANES, OWNERS, STATUS, Cells, Record, code
from policy_validator import FORBIDDEN, SCHEMA_FIELDS

WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""Unicode White_Space."""
OF_RECORD = ("record_id", "lane", "case_ref")
MAX_VALUES, MAX_VALUE, MAX_ID = 16, 256, 64
DATE, CODE, IDENTIFIER = 2, 3, 5
"""Types of declared fields (6.2)."""
LANES_OF_PAIR = {1: ("suspect",), 2: ("suspect", "convicted"), 3: ("victim",), 4: ("victim", "missing"), 5: ("missing", "unidentified")}

Fields = tuple[tuple[str, int], ...]
"""Name and type of each declared field."""


class LeftOut(ValueError):
    """Why a row is left out, and the column."""

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


def trim(value: str) -> str:
    return value.strip(WHITE)


def lines_ended(text: str) -> int:
    """V-CSV-004: as an editor counts."""
    return len(re.findall("\r\n|\r|\n", text))


def rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """V-CSV-006: the line on which each row begins, and its cells."""
    at, line, counted = 0, 1, 0
    while at < len(text):
        if text[at] in "\r\n":
            at += 1
            continue
        line, counted = line + lines_ended(text[counted:at]), at
        cells, quoted, begins = [""], False, True
        while at < len(text) and (quoted or text[at] not in "\r\n"):
            c, then = text[at], text[at + 1 : at + 2]
            if quoted and c == '"' == then:
                cells[-1] += c
                at += 1
            elif c == '"' and (quoted or begins):
                quoted = not quoted
            elif c == "," and not quoted:
                cells.append("")
            else:
                cells[-1] += c
            begins = c == "," and not quoted
            at += 1
        yield line, cells


def read(data: bytes, fields: Fields = (), lanes: int | None = None) -> tuple[list[Record], list[Reject]]:
    """The records of a file, in its order, and the rows left out."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise FileRefused("not_utf8", 1 + lines_ended(data[: error.start].decode())) from error
    if text.count('"') % 2:
        raise FileRefused("quotes")
    found = rows(text)
    columns = _columns(next(found, (1, []))[1], [name for name, _ in fields])
    records, rejects, seen = [], [], dict[str, int]()
    for line, cells in found:
        number = columns.index("record_id")
        name = cells[number] if number < len(cells) else ""
        if name and name in seen:
            raise FileRefused("duplicate_id", seen[name], line)
        seen[name] = line
        try:
            records.append(_row(columns, cells, fields, lanes))
        except LeftOut as left:
            rejects.append(Reject(line, left.column, str(left)))
    return records, rejects


def _forbidden(name: str) -> bool:
    """V-RECORD-008."""
    pieces = re.split("[^A-Za-z]|(?<=[a-z])(?=[A-Z])", name)
    return any(piece.lower() in FORBIDDEN for piece in pieces)


def _columns(header: list[str], declared: list[str]) -> list[str]:
    """V-CSV-002."""
    names, known = [trim(name) for name in header], [*SCHEMA_FIELDS, *declared]
    for i, name in enumerate(names):
        if _forbidden(name):
            raise FileRefused("forbidden_column", i + 1)
    if not any(name in known for name in names):
        raise FileRefused("no_header")
    for i, name in enumerate(names):
        if name not in known:
            raise FileRefused("unknown_column", i + 1)
        if name in names[:i]:
            raise FileRefused("duplicate_column")
    if "record_id" not in names:
        raise FileRefused("missing_id")
    return names


def _row(columns: list[str], cells: list[str], fields: Fields, lanes: int | None) -> Record:
    """V-CSV-004."""
    if len(cells) != len(columns):
        raise LeftOut("cells")
    found = {name: cell.split("|") for name, cell in zip(columns, cells) if cell}
    found["record_id"] = [cells[columns.index("record_id")]]
    person = {name: found.pop(name) for name in SCHEMA_FIELDS if name in found}
    record = check(person, [found.get(name, []) for name, _ in fields], fields)
    # V-RECORD-009
    if lanes is not None and record.lane and record.lane not in LANES_OF_PAIR[lanes]:
        raise LeftOut("other_lane")
    return record


# 4.1


def check(cells: Cells, declared: list[list[str]], fields: Fields) -> Record:
    """A record of one identity."""
    for name in SCHEMA_FIELDS:
        _bounded(name, cells.get(name, []), MAX_ID if name == "record_id" else MAX_VALUE)
    number = cells["record_id"][0]
    if not trim(number):
        raise LeftOut("empty", "record_id")
    lane = _one(cells, "lane", lambda v: v in LANES)
    case_ref = _one(cells, "case_ref", lambda v: True)
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
    for (name, kind), given in zip(fields, declared):
        _bounded(name, given, MAX_VALUE)
        # V-RECORD-013
        for value in filter(None, map(trim, given)):
            if kind == DATE and not values.date(value):
                raise LeftOut("date", name)
            if kind in (CODE, IDENTIFIER) and not code(value):
                raise LeftOut("code", name)
    identity = {name: found for name, found in cells.items() if name not in OF_RECORD}
    return Record(number, [identity], lane, case_ref, declared)


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
