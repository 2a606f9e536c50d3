"""Layer `records`: a list to the records that are kept, and what is left out (4.1, 4.2)."""

from __future__ import annotations

from typing import Any

import encode
import lists
import mapping_file
from record_check import Fields, FileRefused, Reject

from layers import records_entities, records_reading, records_zones
from layers.common import Tests

FIELDS = (("suburb", 4), ("postcode", 3), ("since", 2), ("clan", 1), ("register", 5))
TYPES = {1: "name", 2: "date", 3: "code", 4: "text", 5: "identifier"}


def outcome(asked: dict[str, Any]) -> dict[str, Any]:
    """What becomes of the list of a test."""
    codes = {name: kind for kind, name in TYPES.items()}
    fields = tuple((field["name"], codes[field["type"]]) for field in asked["fields"])
    try:
        mapping = mapping_file.parse(asked.get("mapping", ""))
        data, lanes = bytes.fromhex(asked["list"]), asked.get("lanes")
        found = lists.read(data, fields, lanes, asked["form"], asked["year"], mapping)
    except FileRefused as refused:
        return {"refused": {"reason": str(refused), "at": refused.at}}
    return {
        "kept": [{"record_id": r.id, "digest": encode.digest(r).hex()} for r in found.records],
        "left_out": _reasons(found.rejects),
        "told": _reasons(found.told),
    }


def _reasons(of: list[Reject]) -> list[dict[str, Any]]:
    return [{"line": left.line, "reason": left.reason} | ({"column": left.column} if left.column else {}) for left in of]


class Cases:
    def __init__(self) -> None:
        self.tests = Tests()

    def file(
        self, comment: str, flag: str, data: bytes | str, expected: str = "", fields: Fields = (),
        lanes: int | None = None, form: str = "csv", year: int = 2026, mapping: str = "",
    ) -> None:  # fmt: skip
        """`expected`: the reasons for rows that are left out, or for the file to be refused, then those of values that are told."""
        data = data.encode() if isinstance(data, str) else data
        named = [{"name": name, "type": TYPES[kind]} for name, kind in fields]
        inputs: dict[str, Any] = {"form": form, "list": data.hex(), "fields": named}
        inputs |= {} if lanes is None else {"lanes": lanes}
        inputs |= {"year": year} | ({"mapping": mapping} if mapping else {})
        found = outcome(inputs)
        reasons = [refused["reason"] for refused in found.get("left_out", [found.get("refused")])]
        told = [one["reason"] for one in found.get("told", [])]
        if " ".join(reasons + told) != expected:
            raise ValueError(f"{comment}: {reasons} {told}")
        self.tests.valid(comment, flag, **inputs, **found)

    def row(self, comment: str, expected: str = "", fields: Fields = (), **cells: str) -> None:
        """One row with these cells between two good ones."""
        quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells.values())
        others = "," * len(cells)
        text = f"record_id,{','.join(cells)}\na{others}\nb,{quoted}\nc{others}\n"
        self.file(comment, "Row", text, expected, fields)


def _form(cases: Cases) -> None:
    """What RFC 4180 leaves open."""
    for comment, text in (
        ("lines that end with CR and LF", "record_id,given_names\r\na,Ana\r\nb,Bea\r\n"),
        ("no line end after the last row", "record_id,given_names\na,Ana\nb,Bea"),
        ("with a byte order mark", "\ufeffrecord_id,given_names\na,Ana\n"),
        ("columns in another order, with blanks around them", " given_names ,\trecord_id\nAna,a\n"),
        ("a header and no row", "record_id\n"),
        ("a cell in quotation marks", 'record_id,given_names\na,"Ana, ""Bea"""\n'),
        ("quotation marks within a cell", 'record_id,given_names\na,Ana "Bea"\n'),
        ("what follows a closing quotation mark", 'record_id,given_names\na,"Ana" "Bea"\nb,"Ana"x\n'),
        ("several values", "record_id,given_names,birth_date\na,Ana| Bea |,1990|1991-02\n"),
        ("white space of all kinds", "record_id,given_names\na,\u00a0\u2003Ana\u3000\nb,\u200bAna\nc, \n"),
        ("an identifier is not trimmed", "record_id\n a \na\n"),
    ):
        cases.file(comment, "Form", text)
    cases.file("empty lines, counted and passed over", "Form", "\n\nrecord_id,sex\r\n\r\n\n\na,F\n\nb,Q\n\n", "sex")
    cases.file("lines that end with CR, LF or both, within quotation marks too", "Form", 'record_id,sex\ra,Q\n\r\rb,"Q\r\n\r"\r\nc,Q\r', "sex sex sex")
    cases.file("lines after CR and LF", "Form", "record_id,sex\r\na,Q\r\nb,F\r\nc,Q\r\n", "sex sex")
    cases.file("a line feed in a cell counts", "Form", 'record_id,sex\na,"\n"\nb,Q\n', "sex")
    cases.file("too few and too many cells", "Form", "record_id,sex\na\nb,F,F\nc,F\n", "cells cells")
    cases.file("a row of one cell, empty", "Form", 'record_id,sex\n""\na,F\n', "cells")


def _files(cases: Cases) -> None:
    for comment, data, reason in (
        ("nothing", b"", "no_header"),
        ("no header", b"a,Ana\nb,Bea\n", "no_header"),
        ("an unknown column", b"record_id,income\n", "unknown_column"),
        ("a column in capitals", b"record_id,Sexx\n", "unknown_column"),
        ("a column that is not declared", b"record_id,suburb\n", "unknown_column"),
        ("a column twice", b"record_id,sex,sex\n", "duplicate_column"),
        ("no identifiers", b"given_names\nAna\n", "missing_id"),
        ("a forbidden column", b"record_id,mothersReligion\n", "forbidden_column"),
        ("a forbidden column, and no header", b"Ana,HEALTH-status\n", "forbidden_column"),
        ("an odd number of quotation marks", b'record_id,phone\na,"1\nb,2\n', "quotes"),
        ("no UTF-8", b"record_id\na\n\xe9\n", "not_utf8"),
        ("no UTF-8, and a quotation mark", b'record_id\n"\xc3\n', "not_utf8"),
        ("an identifier twice", b"record_id\na\nb\na\n", "duplicate_id"),
        ("an identifier twice, in rows that are left out", b"record_id,sex\na,Q\nb,F\na,Q\n", "duplicate_id"),
    ):
        cases.file(comment, "File", data, reason)
    cases.file("no identifier twice: two rows that have none", "File", "record_id,sex\n,F\n,F\n", "empty empty")


def _rows(cases: Cases) -> None:
    case = cases.row
    case("sixteen values", given_names="|".join(["Ana"] * 16))
    case("seventeen values", "too_many", given_names="|".join(f"Ana{c}" for c in "abcdefghijklmnopq"))
    case("one value seventeen times", given_names="|".join(["Ana"] * 17))
    case("seventeen values, most of them empty", given_names="|" * 16)
    case("a value of 256 bytes", given_names="\u00e9" * 128)
    case("a value of 257 bytes", "too_long", given_names="\u00e9" * 128 + "a")
    case("blanks at the ends do not count", given_names=" " * 256 + "a")
    for c in "\t\x00\x1f\x7f\x85\x9f":
        case(f"a control character, {ord(c):02x}", "" if c in "\t\x85" else "control", given_names=f"Ana{c}")
    case("a line feed at the end", given_names="Ana\n")
    case("a zero-width blank is no control character", given_names="A\u200bna")
    cases.file("an identifier of 64 bytes", "Row", f"record_id\n{'a' * 64}\n")
    cases.file("an identifier of 65 bytes", "Row", f"record_id\n{'a' * 65}\nb\n", "too_long")
    cases.file("a blank identifier", "Row", "record_id,sex\n \u2003,F\nb,F\n", "empty")
    cases.file("a bar in an identifier", "Row", "record_id\na|b\n")
    for date, reason in (
        ("1850", ""), ("2100-12-30", "future"), ("2026-12-30", ""), ("1990-00-00", ""), ("1992-02-29", ""), ("hijri:1410-03-02", ""),
        ("1849-12-31", "year"), ("2101", "year"), ("1990-02-29", "day"), ("1990-00-05", ""), ("1990-13", "date"),
        ("1990-1-1", ""), ("01.02.1990", ""), ("julian:1990-01-01", "date"), ("1990 ", ""), ("unknown", ""),
    ):  # fmt: skip
        case(f"born `{date}`", reason, birth_date=date)
    for sex, reason in (("f", ""), ("X", ""), ("M|F", ""), ("W", ""), ("female", ""), ("Q", "sex")):
        case(f"sex `{sex}`", reason, sex=sex)
    for code, reason in (
        ("D", ""), ("uto", ""), ("QQQ", "unknown_country"), ("UTO<", ""), ("FR", ""), ("QQ", "country"), ("UT0", "country"),
        ("UTOP", "country"), ("<", ""),
    ):  # fmt: skip
        case(f"nationality `{code}`", reason, nationality=code)
    case("country of birth `Utopia`", "country", birth_country="Utopia")
    for number, reason in (("AB12", ""), ("A-1 2", "document"), ("\u0661\u0662\u0663\u0664", ""), ("?", "")):
        case(f"document `{number}`", reason, document_number=number)
    case("two documents and their types", document_number="AB1234|CD5678", document_type="passport|")
    case("two documents and one type", "unpaired", document_number="AB1234|CD5678", document_type="passport")
    case("a type without a document", "unpaired", document_number="", document_type="passport")
    case("a type beside an empty number", "empty", document_number="AB1234|", document_type="passport|visa")
    case("types that are all blank", document_number="AB1234|CD5678", document_type=" | | ")
    case("an issuer that is no code", "country", document_number="AB1234", document_issuer="Utopia")
    for phone, reason in (("+999 123456789", ""), ("555-0123", ""), ("123 456", "phone"), ("1" * 16, "phone_long")):
        case(f"telephone `{phone}`", reason, phone=phone)
    for email, reason in (("a@example.org", ""), ("a@example", "email"), ("example.org", "email"), ("a@b@example.org", "email")):
        case(f"e-mail `{email}`", reason, email=email)
    for owner, reason in (("own|shared", ""), ("own|", ""), ("own", "unpaired"), ("own|theirs", "owner")):
        case(f"owners `{owner}`", reason, phone="+999 1234567|+999 7654321", phone_owner=owner)
    case("an owner in capitals", email="a@example.org", email_owner="Own")
    for basis, reason in (("document|", ""), ("document", "unpaired"), ("document|guess", "basis")):
        case(f"bases `{basis}`", reason, birth_date="1990|1991", birth_basis=basis)
    for status, reason in (("alias", ""), ("Alias", ""), ("stolen", "status"), ("alias|misused", "too_many"), ("", "")):
        case(f"status `{status}`", reason, identity_status=status)
    for lane, reason in (("victim", ""), ("victim|", ""), ("victim|missing", "too_many"), ("witness", "lane")):
        case(f"lane `{lane}`", reason, lane=lane)
    case("two references of cases", "too_many", case_ref="1|2")
    for lanes, reason in ((4, ""), (1, "other_lane"), (3, "other_lane")):
        text = "record_id,lane\na,missing\nb,\n"
        cases.file(f"a missing person's record under lanes {lanes}", "Row", text, reason, lanes=lanes)


def _declared(cases: Cases) -> None:
    for name, cell, reason in (
        ("suburb", "Old Town| |", ""), ("suburb", "|".join("abcdefghijklmnopq"), "too_many"), ("suburb", "a" * 257, "too_long"),
        ("suburb", "a\tb", ""), ("postcode", "ab-12", ""), ("postcode", "--", ""), ("since", "2001-02-03", ""),
        ("since", "2001-02-30", "day"), ("clan", "...", ""), ("register", "r 77", ""), ("register", "?", ""), ("register", "\u2603", "code"),
    ):  # fmt: skip
        cases.row(f"declared: {name} `{cell[:12]}`", reason, FIELDS, **{name: cell})
    cases.file("all declared fields in another order", "Row", "since,record_id,suburb\n2001,a,Old Town\n", "", FIELDS)


def files() -> dict[str, dict[str, Any]]:
    cases = Cases()
    for part in (_form, _files, _rows, _declared):
        part(cases)
    records_entities.add(cases.file)
    records_reading.add(cases.file, cases.row)
    records_zones.add(cases.file)
    notes = {
        "Form": "V-CSV-006: rows and cells, and the lines on which rows begin",
        "File": "V-CSV-001 to V-CSV-003, V-CSV-005, V-RECORD-008: the file is refused whole, `at` lines or a column",
        "Entity": "V-FTM-001 to V-FTM-004: one JSON object a line",
        "Zone": "V-MRZ-001 to V-MRZ-003: machine-readable zones, one after the other",
        "Row": "V-RECORD-001 to V-RECORD-006, V-RECORD-009 to V-RECORD-013, V-CSV-004, V-READ-001 to V-READ-011, V-PLACEHOLDER-001, V-PLACEHOLDER-002: the person is kept, what cannot be read is told",
        "Saved": "V-MAP-001 to V-MAP-003: files as they are saved",
        "Mapped": "V-MAP-004: a mapping",
    }
    return {"records": cases.tests.document("records", "spec/04-records.md", "spec/reference", notes)}
