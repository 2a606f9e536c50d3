"""Lists of machine-readable zones (4.2.2)."""

from __future__ import annotations

import datetime
import re

import normalise_values as values
from encode import Cells
from reading import Told
from record_check import Checked, Fields, Found, LeftOut, Mapping, check, trim


def read(text: str, fields: Fields, lanes: int | None, year: int | None, mapping: Mapping) -> Found:
    found, given = Found(), year or datetime.date.today().year
    lines = [(n, line) for n, line in enumerate(map(trim, re.split("\r\n|\r|\n", text)), 1) if line]
    while lines:
        # V-MRZ-001
        first, line = lines[0]
        most = 3 if len(line) == 30 else 2
        zone = [line]
        while len(zone) < min(most, len(lines)) and len(lines[len(zone)][1]) == len(line):
            zone.append(lines[len(zone)][1])
        lines = lines[len(zone) :]
        found.add(first, lambda: _record(zone, first, given, fields, lanes, mapping))
    return found


def _record(zone: list[str], line: int, year: int, fields: Fields, lanes: int | None, mapping: Mapping) -> Checked:
    """V-MRZ-002, V-MRZ-003."""
    code, *rest = values.zone("\n".join(zone))
    if code == "error":
        raise LeftOut("zone_" + rest[0].replace(" ", "_"))
    issuer, number, primary, secondary, birth, sex, _, nationality, _, *faults = rest
    cells: Cells = {
        "record_id": [f"line-{line}"],
        "mrz_names": [f"{primary}<<{secondary}".strip(" ").replace(" ", "<")] if primary or secondary else [],
        "sex": [sex],
        "nationality": [nationality],
    }
    if (written := birth[:2]).isdigit():
        century = year // 100 * 100
        born = century + int(written) - (100 if century + int(written) > year else 0)
        date = f"{born:04}-{birth[2:4]}-{birth[4:6]}".replace("<<", "00")
        cells |= {"birth_date": [date], "birth_basis": ["document"]}
    if number:
        kind = {"P": "passport", "V": "visa"}.get(code[:1], "national_id")
        cells |= {"document_type": [kind], "document_issuer": [issuer], "document_number": [number]}
    checked = check([cells], [[] for _ in fields], fields, lanes, mapping)
    return Checked(checked.record, [*(Told("", "zone_" + fault.replace(" ", "_")) for fault in faults), *checked.told])
