"""Dates, documents, contacts, countries, places and zones of norm-v1 (spec/13-normalisation.md, 13.6 to 13.11).

Every reader returns a list of texts; an empty one means that the value is absent or refused.
"""

from __future__ import annotations

import datetime
import re

import normalise
import normalise_tables as tables

LONGEST = 1024
FIRST, LAST = datetime.date(1850, 1, 1).toordinal(), datetime.date(2100, 12, 31).toordinal()
ZEROS = (
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
    0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0xFF10,
)  # fmt: skip


# 13.6.2: the days of a month, and the number of its first day


def hebrew_elapsed(year: int) -> int:
    months = (235 * year - 234) // 19
    parts = 12084 + 13753 * months
    day = 29 * months + parts // 25920
    return day + 1 if 3 * (day + 1) % 7 < 3 else day


def hebrew_new_year(year: int) -> int:
    before, this, after = (hebrew_elapsed(y) for y in (year - 1, year, year + 1))
    return -1373427 + this + (2 if after - this == 356 else 1 if this - before == 382 else 0)


def hebrew_months(year: int) -> list[tuple[int, int]]:
    """Months in the order of the year, Tishri first, with their days."""
    leap = (7 * year + 1) % 19 < 7
    length = hebrew_new_year(year + 1) - hebrew_new_year(year)
    days = {1: 30, 2: 29, 3: 30, 4: 29, 5: 30, 6: 29, 7: 30, 8: 30 if length in (355, 385) else 29}
    days |= {9: 29 if length in (353, 383) else 30, 10: 29, 11: 30, 12: 30 if leap else 29}
    order = [7, 8, 9, 10, 11, 12, *([13] if leap else []), 1, 2, 3, 4, 5, 6]
    return [(m, days.get(m, 29)) for m in order]


def months(calendar: str, year: int) -> dict[int, tuple[int, int]]:
    """Month to its first day's number and its length; the first month of the year comes first."""
    found: dict[int, tuple[int, int]] = {}
    match calendar:
        case "hijri":
            for m in range(1, 13):
                first = 227015 + 354 * (year - 1) + (3 + 11 * year) // 30 + 29 * (m - 1) + m // 2
                found[m] = (first, 30 if m % 2 or (m == 12 and (14 + 11 * year) % 30 < 11) else 29)
        case "solar_hijri":
            leap = (8 * year + 29) // 33 > (8 * year + 21) // 33
            start = 226895 + 365 * (year - 1) + (8 * year + 21) // 33
            for m in range(1, 13):
                before = 31 * (m - 1) if m <= 7 else 30 * (m - 1) + 6
                found[m] = (start + before, 31 if m <= 6 else 29 if m == 12 and not leap else 30)
        case "ethiopian":
            for m in range(1, 14):
                first = 2796 + 365 * (year - 1) + year // 4 + 30 * (m - 1)
                found[m] = (first, 30 if m < 13 else 6 if year % 4 == 3 else 5)
        case "hebrew":
            first = hebrew_new_year(year)
            for m, days in hebrew_months(year):
                found[m] = (first, days)
                first += days
        case "gregorian" | "buddhist":
            year -= 543 if calendar == "buddhist" else 0
            if 1 <= year <= 9998:
                starts = [datetime.date(year + m // 12, m % 12 + 1, 1).toordinal() for m in range(13)]
                found = {m + 1: (starts[m], starts[m + 1] - starts[m]) for m in range(12)}
    return found


def date(text: str) -> list[str]:
    """The compared date, the first and the last day."""
    calendar, _, rest = text.rpartition(":") if ":" in text else ("gregorian", "", text)
    match = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", rest)
    if not match:
        return []
    year, month, day = (int(n or 0) for n in match.groups())
    if (month == 0 and day != 0) or year == 0:
        return []
    known = months(calendar, year)
    if not known or (month and (month not in known or day > known[month][1])):
        return []
    filler = (month, day) == (1, 1) or (calendar == "gregorian" and (month, day) == (12, 31))
    if filler:
        month = day = 0
    chosen = list(known.values()) if month == 0 else [known[month]]
    first, last = (chosen[0][0] + day - 1,) * 2 if day else (chosen[0][0], sum(chosen[-1]) - 1)
    if calendar == "hijri":
        first, last = first - 1, last + 1
    if first < FIRST or last > LAST:
        return []
    earliest, latest, middle = (datetime.date.fromordinal(n) for n in (first, last, (first + last) // 2))
    if day:
        compared = middle.isoformat()
        compared = compared[:4] if compared[5:] in ("01-01", "12-31") else compared
    elif (earliest.year, earliest.month) == (latest.year, latest.month):
        compared = f"{earliest.year:04}-{earliest.month:02}"
    else:
        compared = f"{middle.year:04}"
    return [compared, earliest.isoformat(), latest.isoformat()]


# 13.7 Documents


def digit(c: str) -> str | None:
    return next((str(ord(c) - zero) for zero in ZEROS if zero <= ord(c) < zero + 10), None)


def document(text: str) -> list[str]:
    if len(text.encode()) > LONGEST:
        return []
    number = ""
    for c in text:
        if (d := digit(c)) is not None:
            number += d
        elif c.isascii():
            number += c if c.isalpha() else ""
        else:
            points = tables.folds().get(ord(c), (ord(c),))
            number += "".join(tables.letters().get(p, "") for p in points)
    number = number.upper().replace("O", "0").replace("I", "1")
    return [number] if 4 <= len(number) <= 64 else []


def check_digit(field: str) -> list[str]:
    if not re.fullmatch("[A-Z0-9<]*", field):
        return []
    values = ["<" if c == "<" else c for c in field]
    numbers = [0 if c == "<" else int(c, 36) for c in values]
    return [str(sum(n * w for n, w in zip(numbers, (7, 3, 1) * len(field))) % 10)]


# 13.8 Contacts


def phone(text: str, home: str | None = None) -> list[str]:
    """The compared digits and, if the country is known, the whole number."""
    if len(text.encode()) > LONGEST:
        return []
    digits, plus = "", False
    for c in text:
        if (d := digit(c)) is not None:
            digits += d
        elif c in "+\uff0b" and not digits:
            plus = True
    if not plus and digits.startswith("00"):
        plus, digits = True, digits[2:]
    if not 7 <= len(digits) <= 15:
        return []
    codes, code, rest = tables.mapping("calling_codes"), None, digits
    if plus:
        code = next((digits[:n] for n in (1, 2, 3) if digits[:n] in codes), None)
        if code:
            rest = digits[len(code) :]
            rest = rest.removeprefix("0") if codes[code] == "0" else rest
    elif home is not None and home in codes:
        code, rest = home, digits.removeprefix(codes[home])
    significant = rest.lstrip("0")
    compared = significant if len(significant) >= 5 else digits
    return [compared[-9:]] + ([code + rest] if code else [])


def email(text: str) -> list[str]:
    if len(text.encode()) > LONGEST:
        return []
    folded = ""
    for c in text.strip():
        if tables.signs().get(ord(c)) == "ignore":
            continue
        if c.isascii():
            folded += c.lower()
        elif ord(c) in tables.folds() and ord(c) not in tables.signs():
            folded += "".join(map(chr, tables.folds()[ord(c)]))
        elif "\uff01" <= c <= "\uff5e":
            folded += chr(ord(c) - 0xFEE0).lower()
        else:
            folded += "." if c in "\u3002\uff61" else c
    local, at, domain = folded.partition("@")
    local, domain = local.split("+")[0], domain.rstrip(".")
    rows = {row[0]: row[1:] for row in tables.rows("email_domains")}
    if domain in rows:
        domain, dots = rows[domain]
        local = local.replace(".", "") if dots == "ignored" else local
    bad = not at or not local or any(c.isspace() or c == "@" for c in local + domain)
    labels = domain.split(".")
    return [] if bad or len(labels) < 2 or "" in labels else [f"{local}@{domain}"]


# 13.9, 13.10 Countries, places


def country(text: str) -> list[str]:
    """The basis and the codes."""
    code = text.strip().rstrip("<")
    if not re.fullmatch("[A-Za-z]{1,3}", code):
        return []
    for known, codes, basis in tables.rows("countries"):
        if known == code.upper():
            return [basis, *codes.split(" ")]
    return ["unknown", code.upper()] if len(code) == 3 else []


def place(text: str) -> list[str]:
    if len(text.encode()) > LONGEST:
        return []
    found = normalise.Found()
    normalise.read_name(text, "full", found)
    word = "".join(part.text for part in found.parts)
    name = tables.mapping("places").get(word, word)[:40]
    return [name] if len(name) >= 2 else []


# 13.11 Zones


def is_checked(field: str, digit_: str) -> bool:
    return (digit_ == "<" and not field.strip("<")) or check_digit(field) == [digit_]


def zone(text: str) -> list[str]:
    """Either `error` and its name, or the ten fields and the names of what is wrong with them."""
    if len(text.encode()) > 256:
        return ["error", "shape"]
    lines = [line.strip() for line in normalise.ascii_upper(text).replace("\r\n", "\n").split("\n") if line.strip()]
    shape = [len(line) for line in lines]
    if shape not in ([30] * 3, [36] * 2, [44] * 2):
        return ["error", "shape"]
    faults = ["character"] if any(re.search("[^A-Z0-9<]", line) for line in lines) else []
    a, b = lines[0], lines[1]
    if a.startswith("IDFRA") and shape[0] == 36 and is_checked(b[0:12], b[12]):
        return _french(a, b, faults)
    visa = a[0] == "V" and shape[0] != 30
    if shape[0] == 30:
        number, number_digit, optional = a[5:14], a[14], a[15:30]
        birth, expiry, second, nationality, names = b[0:7], b[8:15], b[18:29], b[15:18], lines[2]
        sex, all_fields, composite = b[7], a[5:30] + b[0:7] + b[8:15] + b[18:29], b[29]
    else:
        number, number_digit, second, nationality, names = b[0:9], b[9], "", b[10:13], a[5:]
        birth, sex, expiry = b[13:20], b[20], b[21:28]
        last = 35 if shape[0] == 36 else 43
        optional = b[28:] if visa else b[28:35] if shape[0] == 36 else b[28:42]
        all_fields, composite = b[0:10] + b[13:20] + b[21:last], b[last]
    more, filler, rest = optional.partition("<")
    if shape[0] != 44 and not visa and number_digit == "<" and filler and more:
        number, number_digit, optional = number + more[:-1], more[-1], rest
    if not is_checked(number, number_digit):
        faults, number = [*faults, "document number"], ""
    if not is_checked(birth[:6], birth[6]):
        faults, birth = [*faults, "birth date"], "<" * 7
    if not is_checked(expiry[:6], expiry[6]):
        faults, expiry = [*faults, "expiry date"], "<" * 7
    if shape[0] == 44 and not visa and not is_checked(b[28:42], b[42]):
        faults = [*faults, "optional data"]
    if not visa and not is_checked(all_fields, composite):
        faults = [*faults, "composite"]
    return _zone([a[0:2], a[2:5], number], names, birth[:6], sex, expiry[:6], nationality, optional + "<" + second, faults)


def _french(a: str, b: str, faults: list[str]) -> list[str]:
    """The French identity card before 2021: its own layout."""
    birth = b[27:33]
    if not is_checked(birth, b[33]):
        faults, birth = [*faults, "birth date"], "<" * 6
    if not is_checked(a + b[:35], b[35]):
        faults = [*faults, "composite"]
    names = a[5:30].rstrip("<") + "<<" + b[13:27].replace("<<", "<")
    return _zone(["ID", "FRA", b[0:12]], names.ljust(39, "<"), birth, b[34], "<" * 6, "FRA", a[30:36], faults)


def _zone(
    plain: list[str], names: str, birth: str, sex: str, expiry: str, nationality: str, optional: str, faults: list[str]
) -> list[str]:
    if not possible(birth):
        faults, birth = [*faults, "impossible date"], birth[:2] + "<<<<" if _digits(birth[:2]) else "<" * 6
    if sex not in "FMX<":
        faults, sex = [*faults, "sex"], "X"
    if re.search("[0-9]", names) or not re.search("[^0-9<]", names):
        faults = [*faults, "name"]
    primary, _, secondary = names.partition("<<")
    primary, secondary, optional = (" ".join(p for p in f.split("<") if p) for f in (primary, secondary, optional))
    kind, issuer, number = (field.replace("<", "") for field in plain)
    return [kind, issuer, number, primary, secondary, birth, sex.replace("<", "X"), expiry, nationality.replace("<", ""),
            optional, *faults]  # fmt: skip


def possible(birth: str) -> bool:
    year, month, day = birth[:2], birth[2:4], birth[4:]
    if birth == "<<<<<<" or (_digits(year) and month in ("<<", "00") and day in ("<<", "00")):
        return True
    if not (_digits(year) and _digits(month) and 1 <= int(month) <= 12):
        return False
    if day in ("<<", "00"):
        return True
    return _digits(day) and 1 <= int(day) <= months("gregorian", 2000 + int(year))[int(month)][1]


def _digits(pair: str) -> bool:
    return re.fullmatch("[0-9]{2}", pair) is not None
