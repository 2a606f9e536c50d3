"""Dates in other calendars and their Gregorian days.

Ethiopian, arithmetical Islamic (civil) and Hebrew: Reingold and Dershowitz, Calendrical Calculations (4th ed., 2018),
chapters 4, 7 and 8. Solar Hijri: the 33-year cycle of leap years, which agrees with the observed new years of 1178 to
1633 SH (Borkowski, Earth, Moon and Planets 74, 1996). Buddhist: Thailand since 1941, the Gregorian date with 543 more years. Umm al-Qura: lengths of months
as published by the King Abdulaziz City for Science and Technology, for the years in `UMM_AL_QURA` (the package hijridate
2.6.0 has the same). Days are numbered from 0001-01-01 = 1, as `datetime.date.toordinal` does.
"""

from __future__ import annotations

import datetime

ETHIOPIAN_EPOCH = 2796  # 8-08-29 Julian
ISLAMIC_EPOCH = 227015  # 622-07-16 Julian
HEBREW_EPOCH = -1373427


def ethiopian(year: int, month: int, day: int) -> int:
    return ETHIOPIAN_EPOCH + 365 * (year - 1) + year // 4 + 30 * (month - 1) + day - 1


def islamic(year: int, month: int, day: int) -> int:
    return ISLAMIC_EPOCH - 1 + (year - 1) * 354 + (3 + 11 * year) // 30 + 29 * (month - 1) + month // 2 + day


def solar_hijri(year: int, month: int, day: int) -> int:
    """Leap years: 1, 5, 9, 13, 17, 22, 26 and 30 of each cycle of 33; 1 Farvardin 1370 was 1991-03-21."""
    leap = lambda y: y % 33 in (1, 5, 9, 13, 17, 22, 26, 30)
    years = range(1370, year) if year >= 1370 else range(year, 1370)
    days = sum(366 if leap(y) else 365 for y in years)
    new_year = datetime.date(1991, 3, 21).toordinal() + (days if year >= 1370 else -days)
    return new_year + (31 * (month - 1) if month <= 7 else 186 + 30 * (month - 7)) + day - 1


def _elapsed(year: int) -> int:
    months = (235 * year - 234) // 19
    days = 29 * months + (12084 + 13753 * months) // 25920
    return days + 1 if 3 * (days + 1) % 7 < 3 else days


def _hebrew_new_year(year: int) -> int:
    before, this, after = _elapsed(year - 1), _elapsed(year), _elapsed(year + 1)
    correction = 2 if after - this == 356 else 1 if this - before == 382 else 0
    return HEBREW_EPOCH + this + correction


def hebrew(year: int, month: int, day: int) -> int:
    """Months from Nisan = 1; the year begins with Tishri = 7."""
    leap = (7 * year + 1) % 19 < 7
    last = 13 if leap else 12
    length_of_year = _hebrew_new_year(year + 1) - _hebrew_new_year(year)

    def length(m: int) -> int:
        short = m in (2, 4, 6, 10, 13) or (m == 12 and not leap)
        short = short or (m == 8 and length_of_year not in (355, 385)) or (m == 9 and length_of_year in (353, 383))
        return 29 if short else 30

    before = range(7, month) if month >= 7 else [*range(7, last + 1), *range(1, month)]
    return _hebrew_new_year(year) + sum(length(m) for m in before) + day - 1


def buddhist(year: int, month: int, day: int) -> int:
    return datetime.date(year - 543, month, day).toordinal()


UMM_AL_QURA: dict[int, tuple[str, str]] = {
    1385: ("1965-05-01", "101100101110"),
    1387: ("1967-04-11", "001010101011"),
    1389: ("1969-03-19", "101010101011"),
    1391: ("1971-02-26", "101010101011"),
    1393: ("1973-02-04", "101000101011"),
    1395: ("1975-01-13", "101101001010"),
    1397: ("1976-12-22", "010110101010"),
    1399: ("1978-12-01", "010101010110"),
    1401: ("1980-11-09", "010101001010"),
    1403: ("1982-10-18", "011101010010"),
    1405: ("1984-09-26", "001101101010"),
    1407: ("1986-09-05", "010101010101"),
    1409: ("1988-08-13", "101101010010"),
    1411: ("1990-07-23", "010110110100"),
    1413: ("1992-07-01", "010011011011"),
    1415: ("1994-06-10", "010100101101"),
    1417: ("1996-05-18", "101011010100"),
    1419: ("1998-04-27", "010101101101"),
    1421: ("2000-04-06", "001000111101"),
    1423: ("2002-03-15", "101010010101"),
}
"""Year: its first day, and the length of each month (1 for 30 days, 0 for 29)."""


def umm_al_qura(year: int, month: int, day: int) -> int:
    first, months = UMM_AL_QURA[year]
    return datetime.date.fromisoformat(first).toordinal() + sum(29 + int(m) for m in months[: month - 1]) + day - 1


def gregorian(ordinal: int) -> str:
    return datetime.date.fromordinal(ordinal).isoformat()
