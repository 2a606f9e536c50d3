"""Dates as offices write them (4.5.3), read into the form of 13.6 or left out with a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import normalise_values as values
import reading_tables as tables
from reading_tables import folded

CALENDARS = ("gregorian", "hijri", "solar_hijri", "ethiopian", "buddhist", "hebrew", "nepali")
FIRST, LAST, MOST = 1850, 2100, 16
MONTHS_AND_DAYS = tuple(map(folded, "months weeks days monate wochen tage mois meses месяцев мес شهر 个月 months_old".split(" ")))


@dataclass(frozen=True)
class Rules:
    """What a mapping says of dates: the order of day and month, the calendar, whether numbers are days of a spreadsheet."""

    order: str = ""
    calendar: str = ""
    excel: bool = False
    year: int | None = None
    """The present one: a later year is left out."""
    age_on: int | None = None
    """Year in which ages of the column were true."""


@dataclass
class Dates:
    found: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    aged: bool = False


def read(text: str, rules: Rules) -> Dates:
    """V-READ-006 to V-READ-009: the dates of a value, and what is told of it."""
    for pieces in _pieces(text):
        each = [_one(piece, rules) for piece in pieces]
        if all(one.found for one in each):
            return Dates(
                list(dict.fromkeys(d for one in each for d in one.found))[:MOST],
                list(dict.fromkeys(r for one in each for r in one.reasons)),
                any(one.aged for one in each),
            )
    return _one(text, rules)


def _pieces(text: str) -> list[list[str]]:
    """V-READ-006: where a value may be several; the first way in which each piece is a date counts."""
    ways = (re.split(r"[;|&\n\r]", text), re.split(r"[,\u060c\u3001]", text), text.split(" / "))
    return [pieces for way in ways if len(pieces := [p for p in (piece.strip(" ") for piece in way) if p]) > 1]


Token = tuple[str, str]
"""Kind (`n` number, `w` word, `s` sign) and text."""


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    kind = ""
    for c in text:
        if values.digit(c) is not None:
            new, c = "n", values.digit(c) or ""
        elif c in "?*_\u2026":
            new = "u"
        elif folded(c) or (kind == "w" and values.tables.signs().get(ord(c)) in ("ignore", "apostrophe")):
            new = "w"
        elif values.tables.signs().get(ord(c)) == "ignore":
            continue
        elif c.isspace():
            kind = ""
            continue
        else:
            new = "s"
        if new == kind and new != "s":
            found[-1] = (new, found[-1][1] + c)
        else:
            found.append((new, c))
        kind = new
    unknown = lambda t: t[0] == "u" or (t[0] == "w" and folded(t[1]) in ("x", "xx"))  # noqa: E731
    return [("n", "00") if unknown(t) else (t[0], folded(t[1]) if t[0] == "w" else t[1]) for t in found]


def _without_time(text: str) -> str:
    """V-READ-007: a time of day behind the date."""
    match = re.search(r"(?<![0-9])[0-9]{1,2}:[0-9]{2}", text)
    if not match or not match.start():
        return text
    return text[: match.start()].rstrip("Tt, \t")


def _one(text: str, rules: Rules) -> Dates:
    text = "".join(values.digit(c) or c for c in text.strip(" "))
    calendar, head, rest = "", *text.partition(":")[::2]
    if head in CALENDARS:
        calendar, text = head, rest
    elif head == "age":
        return _age(rest, rules)
    text = _without_time(text)
    if re.fullmatch(r"[0-9]{5}([.,][0-9]+)?", text):
        return _excel(int(text[:5]), rules)
    tokens = _tokens(text)
    if any(kind == "s" and sign not in "-./,()[]\u2010\u2011\u2012\u2013\u2014~:'\u2019\u060c\u3001" for kind, sign in tokens):
        return Dates([], ["date"])
    numbers, month, words = [t for k, t in tokens if k == "n"], 0, set[str]()
    table, dates = tables.meanings("months"), tables.meanings("date_words")
    run = [t for k, t in tokens if k == "w"]
    while run:
        size = next((n for n in (3, 2, 1) if " ".join(run[:n]) in table or " ".join(run[:n]) in dates), 0)
        if not size:
            return Dates([], ["date"])
        word, run = " ".join(run[:size]), run[size:]
        if word in table and not month:
            *of, number = table[word].split(" ")
            month, calendar = int(number), calendar or (of[0] if of else "")
        elif word in table:
            return Dates([], ["date"])
        else:
            words.add(dates[word])
    if calendar != "solar_hijri":
        calendar = next((name for name in ("solar_hijri", *CALENDARS) if name in words), calendar)
    if "vague" in words:
        return Dates([], ["vague"])
    if "age" in words:
        return _age(text, rules)
    dashes = [t for k, t in tokens if k == "s"]
    return _shape(numbers, month, dashes, words, calendar, rules)


def _age(text: str, rules: Rules) -> Dates:
    """V-READ-009: an age, and behind `@` the date at which it was true."""
    age, _, on = text.partition("@")
    numbers = re.findall("[0-9]+", age)
    then = _one(on, Rules(rules.order, rules.calendar, rules.excel, rules.year)).found if on.strip() else []
    years = [int(values.date(date)[0][:4]) for date in then] or ([rules.age_on] if rules.age_on else [])
    words = {tables.meanings("date_words").get(w) for k, w in _tokens(age) if k == "w"}
    in_years = not any(folded(w) in MONTHS_AND_DAYS for k, w in _tokens(age) if k == "w")
    if len(numbers) != 1 or len(numbers[0]) > 3 or int(numbers[0]) > 120 or not years or not in_years or words - {"age", "circa", "skip"}:
        return Dates([], ["age"])
    born = years[0] - int(numbers[0])
    return Dates([f"{year:04}" for year in (born - 1, born) if FIRST <= year <= LAST], [], True)


def _excel(days: int, rules: Rules) -> Dates:
    if not rules.excel or not 61 <= days <= 73415:
        return Dates([], ["excel"])
    first = values.datetime.date(1899, 12, 30).toordinal()
    day = values.datetime.date.fromordinal(first + days)
    return _finish("", day.year, day.month, day.day, set(), rules)


def _shape(numbers: list[str], month: int, signs: list[str], words: set[str], calendar: str, rules: Rules) -> Dates:
    """V-READ-007: which number is what."""
    sizes = [len(n) for n in numbers]
    n = [int(number) for number in numbers]
    none = Dates([], ["date"])
    if any(size > 4 for size in sizes) and sizes != [8]:
        return none
    if month:
        if sizes == [4]:
            return _finish(calendar, n[0], month, 0, words, rules)
        if len(sizes) == 2 and sizes[0] <= 2 and sizes[1] == 4:
            return _finish(calendar, n[1], month, n[0], words, rules)
        if len(sizes) == 2 and sizes[1] <= 2 and sizes[0] == 4:
            return _finish(calendar, n[0], month, n[1], words, rules)
        return Dates([], ["two_digit_year"]) if len(sizes) == 2 and max(sizes) <= 2 else none
    if sizes and all(size == 4 for size in sizes):
        return _years(n, signs, words, calendar, rules)
    if sizes == [8]:
        return _eight(numbers[0], words, calendar, rules)
    if len(sizes) == 1:
        return _age(numbers[0], rules) if sizes[0] <= 3 and n[0] <= 120 else none
    if len(sizes) == 2 and sizes[0] == 4 and sizes[1] <= 2:
        return _finish(calendar, n[0], n[1], 0, words, rules)
    if len(sizes) == 2 and sizes[1] == 4 and sizes[0] <= 2:
        return _finish(calendar, n[1], n[0], 0, words, rules)
    if len(sizes) == 3 and max(sizes) <= 2:
        return Dates([], ["two_digit_year"])
    if len(sizes) == 3 and sizes[0] == 4 and max(sizes[1:]) <= 2:
        swapped = n[1] > 13 >= n[2]
        return _finish(calendar, n[0], n[2] if swapped else n[1], n[1] if swapped else n[2], words, rules)
    if len(sizes) == 3 and sizes[2] == 4 and max(sizes[:2]) <= 2:
        return _day_or_month(n, signs, words, calendar, rules)
    return none


def _day_or_month(n: list[int], signs: list[str], words: set[str], calendar: str, rules: Rules) -> Dates:
    """V-READ-008."""
    a, b, year = n
    if a == b or a > 12 or 0 in (a, b) or signs[:2] == [".", "."] or rules.order == "dmy":
        day, month = (a, b) if b <= 12 or a > 12 else (b, a)
    elif b > 12 or rules.order == "mdy":
        day, month = b, a
    else:
        found = _finish(calendar, year, 0, 0, words, rules)
        return Dates(found.found, found.reasons or ["day_or_month"])
    return _finish(calendar, year, month, day, words, rules)


def _years(n: list[int], signs: list[str], words: set[str], calendar: str, rules: Rules) -> Dates:
    between = "range" in words or any(sign in "-\u2010\u2011\u2012\u2013\u2014~" for sign in signs)
    if len(n) == 2 and between:
        if not n[0] <= n[1] <= n[0] + 1:
            return Dates([], ["range"])
        n = list(range(n[0], n[1] + 1))
    each = [_finish(calendar, year, 0, 0, words, rules) for year in n[:MOST]]
    return Dates(
        list(dict.fromkeys(d for one in each for d in one.found)),
        list(dict.fromkeys(r for one in each for r in one.reasons)),
    )


def _eight(text: str, words: set[str], calendar: str, rules: Rules) -> Dates:
    first = _finish(calendar, int(text[:4]), int(text[4:6]), int(text[6:]), words, rules)
    last = _day_or_month([int(text[:2]), int(text[2:4]), int(text[4:])], [], words, calendar, rules)
    ways = [way for way in (first, last) if way.found and not way.reasons]
    if not first.found and last.reasons == ["day_or_month"]:
        return last
    return ways[0] if len(ways) == 1 else Dates([], ["date"])


def _finish(calendar: str, year: int, month: int, day: int, words: set[str], rules: Rules) -> Dates:
    """V-READ-007, V-READ-009: a date of numbers, 0 for what is not known."""
    if year == 0:
        return Dates([], ["filler_date"])
    if f"{year:04}-{month:02}-{day:02}" in tables.exact("dates"):
        return Dates([], ["filler_date"])
    if not calendar and rules.calendar:
        other = {"hijri": year < 1700, "solar_hijri": year < 1700, "buddhist": year > 2300, "hebrew": year > 5000}
        calendar = rules.calendar if other.get(rules.calendar, True) else ""
    if calendar in ("", "gregorian"):
        return _gregorian(year, month, day, words, rules)
    if month == 0 or "circa" in words:
        month = day = 0
    if calendar == "nepali":
        return _nepali(year, month, day)
    for known in ((month, day), (month, 0), (0, 0)):
        text = f"{calendar}:{year:04}-{known[0]:02}-{known[1]:02}"
        if read_as := values.date(text):
            if rules.year is not None and int(read_as[1][:4]) > rules.year:
                return Dates([], ["future"])
            if known == (0, 0) and month > 13:
                break
            return Dates([text], [] if known == (month, day) else ["day"])
    return Dates([], ["date"])


def _gregorian(year: int, month: int, day: int, words: set[str], rules: Rules) -> Dates:
    if not FIRST <= year <= LAST:
        ranges = {"hijri": (1200, 1500), "buddhist": (2400, 2700), "hebrew": (5500, 5900)}
        of = next((name for name, (first, last) in ranges.items() if first <= year <= last), "year")
        return Dates([], [of])
    if rules.year is not None and year > rules.year:
        return Dates([], ["future"])
    if month > 12:
        return Dates([], ["date"])
    if month == 0 or "circa" in words:
        return Dates([f"{year:04}"], [])
    text = f"{year:04}-{month:02}" + (f"-{day:02}" if day else "")
    return Dates([text], []) if values.date(text) else Dates([text[:7]], ["day"])


def _nepali(year: int, month: int, day: int) -> Dates:
    """V-READ-009: Bikram Sambat years begin in the middle of April, 57 years before."""
    if not FIRST + 57 <= year <= LAST + 56 or month > 12 or day > 32:
        return Dates([], ["date"])
    before, after = f"{year - 57:04}", f"{year - 56:04}"
    return Dates([before] if 1 <= month <= 8 else [after] if month >= 10 else [before, after], [])
