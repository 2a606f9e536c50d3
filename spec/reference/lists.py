"""Lists to records (4.2): CSV here, the other forms in `entities.py` and `zones.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import entities
import zones
from encode import Record
from policy_validator import SCHEMA_FIELDS
from record_check import Fields, FileRefused, Found, LeftOut, check, forbidden, trim

ENDS = {"json": "ftm", "jsonl": "ftm", "ndjson": "ftm", "ijson": "ftm", "ftm": "ftm", "mrz": "mrz"}


def form_of(file_name: str) -> str:
    """`csv`, `ftm` or `mrz`, by the end of the name."""
    return ENDS.get(file_name.rpartition(".")[2].lower(), "csv") if "." in file_name else "csv"


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


def read(data: bytes, fields: Fields = (), lanes: int | None = None, form: str = "csv", year: int | None = None) -> Found:
    """The records of a file, in its order, and what is left out. `year` is that of V-MRZ-002."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise FileRefused("not_utf8", 1 + lines_ended(data[: error.start].decode())) from error
    match form:
        case "ftm":
            return entities.read(text, fields, lanes)
        case "mrz":
            return zones.read(text, fields, lanes, year)
    return _csv(text, fields, lanes)


def _csv(text: str, fields: Fields, lanes: int | None) -> Found:
    if text.count('"') % 2:
        raise FileRefused("quotes")
    lines = rows(text)
    columns = _columns(next(lines, (1, []))[1], [name for name, _ in fields])
    found, number = Found(), columns.index("record_id")
    for line, cells in lines:
        found.name(cells[number] if number < len(cells) else "", line)
        found.add(line, lambda: _row(columns, cells, fields, lanes))
    return found


def _columns(header: list[str], declared: list[str]) -> list[str]:
    """V-CSV-002."""
    names, known = [trim(name) for name in header], [*SCHEMA_FIELDS, *declared]
    for i, name in enumerate(names):
        if forbidden(name):
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
    return check([person], [found.get(name, []) for name, _ in fields], fields, lanes)
