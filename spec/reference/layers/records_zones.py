"""Lists of machine-readable zones, for layer `records` (4.2.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import normalise_values as values

PASSPORT = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
CARD = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
SMALL = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"
"""The specimens of ICAO Doc 9303, parts 4, 5 and 6."""


def passport(name: str, number: str = "XY1234567", birth: str = "740812", sex: str = "F", of: str = "UTO", code: str = "P<") -> str:
    """A zone of two lines of 44 with the right check digits."""

    def checked(field: str) -> str:
        return field + values.check_digit(field)[0]

    parts = checked(number.ljust(9, "<")), checked(birth), checked("300101"), checked("<" * 14)
    composite = checked("".join(parts))[-1]
    return f"{f'{code}{of}{name}'.ljust(44, '<')}\n{parts[0]}{of}{parts[1]}{sex}{parts[2]}{parts[3]}{composite}"


def add(file: Callable[..., None]) -> None:
    def case(comment: str, expected: str, *zones: str, year: int = 2026, **more: Any) -> None:
        file(comment, "Zone", "\n".join(zones) + "\n", expected, form="mrz", year=year, **more)

    case("nothing", "")
    case("the three sizes, and empty lines", "", PASSPORT, "", CARD, " \u2003", SMALL)
    case("lines that end with CR", "", PASSPORT.replace("\n", "\r") + "\r" + CARD.replace("\n", "\r"))
    case("lines that end with CR and LF", "", PASSPORT.replace("\n", "\r\n") + "\r\n\r", SMALL)
    case("white space at the ends of lines, and small letters", "", PASSPORT.lower().replace("\n", "\u00a0\n\t"))
    case("with a byte order mark", "", "\ufeff" + CARD)
    case("a lonely line before a zone", "zone_shape", "P<UTO", SMALL)
    case("a zone that lacks its last line", "zone_shape zone_shape", CARD.rpartition("\n")[0], PASSPORT, "I<UTO")
    case("a letter that zones do not have shifts nothing", "zone_character", CARD.replace("I<", "\u0130<"), CARD)
    case("the same in a passport", "zone_character", PASSPORT.replace("ANNA", "\u00c5NNA"), CARD)
    case("a line too many of the same length", "zone_shape", PASSPORT, PASSPORT.partition("\n")[0], CARD)
    for old, new, reason in (
        ("L898902C36", "L898902C37", "document_number"), ("7408122", "7408123", "birth_date"),
        ("1204159", "1204158", "expiry_date"), ("<<<<<10", "<<<<<20", "optional_data"), ("<<<<<10", "<<<<<11", "composite"),
    ):  # fmt: skip
        case(f"a check digit, {reason}", " ".join(dict.fromkeys((f"zone_{reason}", "zone_composite"))), PASSPORT.replace(old, new), SMALL)
    case("a date of birth that is none", "zone_impossible_date", passport("A<<B", birth="740231"))
    case("a sex that is none", "zone_sex", passport("A<<B", sex="W"))
    case("one name", "", passport("<<ANNA"))
    case("no name", "zone_name", passport("<<"))
    case("a digit in a name", "zone_name", passport("ER1KSSON<<ANNA"))
    case("no secondary identifier", "", passport("ARKFREITH"))
    case("names of several parts, and a name that fills its field", "", passport("DA<SILVA<<ANA<MARIA"), passport("A" * 30 + "<<" + "B" * 7))
    for year in (2026, 2074, 2075, 1999, 2000):
        case(f"centuries, read in {year}", "", passport("A<<B"), passport("A<<B", birth="750101"), passport("A<<B", birth="000228"), year=year)
    case("29 February of a year that had none", "day", passport("A<<B", birth="000229"), passport("A<<B", birth="000228"), year=1999)
    case("dates that are not whole", "", *(passport("A<<B", birth=birth) for birth in ("74<<<<", "7408<<", "<<<<<<")))
    case("sexes", "", *(passport("A<<B", sex=sex) for sex in "FMX<"))
    case("nationalities", "country country", passport("A<<B", of="D<<"), passport("A<<B", of="<<<"), passport("A<<B", of="QQ<"))
    case("documents", "document", *(passport("A<<B", code=code) for code in ("P<", "PD", "V<", "I<", "AC")), passport("A<<B", number="A1"))
    case("no document number", "", passport("A<<B", number="<<<<<<<<<"))
    # V-MRZ-003
    visa = "V<UTODARZADEH<<SAMIRA<LALE<<<<<<<<<<<<<<<<<<\nX1234567<7UTO8505154F3001019B1234567890<<<<<"
    small = "V<UTOKOLMEN<<OMAR<SELIM<<<<<<<<<<<<<\nY7654321<2UTO9007080M3001019<<<<<<<<"
    french = "IDFRADARZADEH<<<<<<<<<<<<<<<<<751001\n8505751001235SAMIRA<<LALE<<8505154F8"
    case("visas of both sizes", "", visa, small)
    case("a visa with a wrong date of birth", "zone_birth_date", visa.replace("8505154", "8505155"))
    case("a French identity card before 2021", "", french)
    case("the same with a wrong composite check digit", "zone_composite", french[:-1] + "7")
    case("the same with a wrong date of birth", "zone_birth_date zone_composite", french.replace("8505154", "8505155"))
    case("a day and a month that are 00", "", *(passport("A<<B", birth=birth) for birth in ("740800", "740000")))
    case("a month 00 with a day", "zone_impossible_date", passport("A<<B", birth="740012"))
    case("a placeholder for a name", "nobody", passport("UNKNOWN<<UNKNOWN"))
    case("a placeholder beside a name", "nobody", passport("GULMIRZA<<FNU"))
