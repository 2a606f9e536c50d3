"""Lists to records (4.2): CSV here, the other forms in `entities.py` and `zones.py`."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import re
from collections.abc import Iterator

import entities
import zones
import reading_tables as tables
from encode import Cells
from policy_validator import SCHEMA_FIELDS
from reading import Told
from record_check import OF_RECORD, Checked, Fields, FileRefused, Found, LeftOut, Mapping, check, forbidden, trim
from reading_dates import Rules
from reading_tables import folded

ENDS = {"json": "ftm", "jsonl": "ftm", "ndjson": "ftm", "ijson": "ftm", "ftm": "ftm", "mrz": "mrz"}


def form_of(file_name: str) -> str:
    """`csv`, `ftm` or `mrz`, by the end of the name."""
    return ENDS.get(file_name.rpartition(".")[2].lower(), "csv") if "." in file_name else "csv"


def lines_ended(text: str) -> int:
    """V-CSV-004: as an editor counts."""
    return len(re.findall("\r\n|\r|\n", text))


SEPARATORS = ",;\t|"


def rows(text: str, separator: str = ",") -> Iterator[tuple[int, list[str]]]:
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
            elif c == separator and not quoted:
                cells.append("")
            else:
                cells[-1] += c
            begins = c == separator and not quoted
            at += 1
        yield line, cells


def read(
    data: bytes, fields: Fields = (), lanes: int | None = None, form: str = "csv", year: int | None = None,
    mapping: Mapping = Mapping(),
) -> Found:  # fmt: skip
    """The records of a file, in its order, and what is left out. `year` is that in which it is read (V-READ-009)."""
    text = decoded(data)
    given = year or datetime.date.today().year
    rules = {name: dataclasses.replace(of, year=given) for name, of in ({"": Rules()} | mapping.rules).items()}
    mapping = dataclasses.replace(mapping, rules=rules)
    match form:
        case "ftm":
            return entities.read(text, fields, lanes, mapping)
        case "mrz":
            return zones.read(text, fields, lanes, given, mapping)
    return _csv(text, fields, lanes, mapping)


def decoded(data: bytes) -> str:
    """V-CSV-001."""
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            try:
                return data[2:].decode(name)
            except UnicodeDecodeError as error:
                raise FileRefused("not_utf8", 1) from error
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise FileRefused("not_utf8", 1 + lines_ended(data[: error.start].decode())) from error


def _csv(text: str, fields: Fields, lanes: int | None, mapping: Mapping) -> Found:
    if text.count('"') % 2:
        raise FileRefused("quotes")
    declared = [name for name, _ in fields]
    separator, passed = mapping.separator, 0
    # V-MAP-002: a line `sep=;` before the header
    if match := re.match("[\r\n]*sep=([,;\t|])[\r\n]", text, re.IGNORECASE):
        separator, passed = separator or match[1], 1
    separator = separator or max(SEPARATORS, key=lambda sign: _known(text, sign, passed, declared, mapping))
    lines = rows(text, separator)
    for _ in range(passed):
        next(lines, None)
    columns = _columns(next(lines, (1, []))[1], declared, mapping)
    found, number = Found(), columns.index("record_id")
    for line, cells in lines:
        found.name(cells[number] if number < len(cells) else "", line)
        found.add(line, lambda: _row(columns, cells, separator, fields, lanes, mapping))
    return found


def _known(text: str, separator: str, passed: int, declared: list[str], mapping: Mapping) -> int:
    """How many columns of the header are known with this separator."""
    lines = rows(text, separator)
    for _ in range(passed):
        next(lines, None)
    header = next(lines, (1, []))[1]
    return sum(field_of(trim(name), declared, mapping) is not None for name in header)


AGE = ("age", "age_on")
"""V-READ-009: columns of a file that become dates of birth."""


def field_of(name: str, declared: list[str], mapping: Mapping) -> str | None:
    """V-MAP-003: the field of a column; empty if the column is passed over."""
    if name in mapping.columns:
        return mapping.columns[name]
    if name in SCHEMA_FIELDS or name in declared or name in AGE:
        return name
    if not name:
        return ""
    key = folded(name).replace(" ", "")
    found = _headers().get(key)
    return found if found is not None else "" if mapping.ignore_unknown else None


@functools.cache
def _headers() -> dict[str, str]:
    known = {folded(name).replace(" ", ""): name for name in (*SCHEMA_FIELDS, *AGE)}
    return {word.replace(" ", ""): field for word, field in tables.meanings("headers").items()} | known


def _columns(header: list[str], declared: list[str], mapping: Mapping) -> list[str]:
    """V-CSV-002."""
    names = [trim(name) for name in header]
    for i, name in enumerate(names):
        if forbidden(name):
            raise FileRefused("forbidden_column", i + 1)
    columns = [field_of(name, declared, mapping) for name in names]
    if not any(columns):
        raise FileRefused("no_header")
    for i, (name, column) in enumerate(zip(names, columns)):
        if column is None:
            raise FileRefused("unknown_column", i + 1)
        twice = name in names[:i] or column in (*OF_RECORD, *AGE)
        if column and column in columns[:i] and twice:
            raise FileRefused("duplicate_column")
    if "record_id" not in columns:
        raise FileRefused("missing_id")
    return [column or "" for column in columns]


def _row(columns: list[str], cells: list[str], separator: str, fields: Fields, lanes: int | None, mapping: Mapping) -> Checked:
    """V-CSV-004."""
    while len(cells) > len(columns) and not trim(cells[-1]):
        cells = cells[:-1]
    if len(cells) != len(columns):
        raise LeftOut("cells")
    found: Cells = {}
    for name, cell in zip(columns, cells):
        if name == "record_id":
            found[name] = [cell]
        elif name and cell:
            found.setdefault(name, []).extend([cell] if separator == "|" else cell.split("|"))
    if age := trim("".join(found.pop("age", []))):
        on = trim("".join(found.pop("age_on", [])))
        found.setdefault("birth_date", []).append(f"age:{age}@{on}")
        if found.get("birth_basis"):
            found["birth_basis"].append("")
    found.pop("age_on", None)
    person = {name: found.pop(name) for name in SCHEMA_FIELDS if name in found}
    checked = check([person], [found.get(name, []) for name, _ in fields], fields, lanes, mapping)
    unnamed = [Told("", "unnamed")] if any(trim(cell) and not name and not mapping.columns and not mapping.ignore_unknown for name, cell in zip(columns, cells)) else []
    return Checked(checked.record, unnamed + checked.told)
