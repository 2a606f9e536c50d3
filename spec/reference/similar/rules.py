"""The rules of Annex II, section 3: from a person, two records that differ by one rule, and how."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from types import ModuleType
from typing import Callable

from similar import arabic, calendars, cyrillic, devanagari, ethiopic, han, latin, places
from similar.draw import Draw

SCRIPTS = {m.CODE: m for m in (latin, cyrillic, arabic, ethiopic, han, devanagari)}
Record = dict[str, str]


@dataclass
class Person:
    """Names in the native script: one or more given names and one family name or more."""

    script: ModuleType
    sex: str
    given: list[str]
    family: list[str]
    birth: datetime.date

    def record(self, **changes: str) -> Record:
        """The record with all fields, other values for some, and without those that become empty."""
        fields = {
            "given_names": " ".join(self.given),
            "family_names": " ".join(self.family),
            "other_names": "",
            "mrz_names": "",
            "birth_date": self.birth.isoformat(),
            "sex": self.sex,
            "nationality": "UTO",
            "birth_country": "",
            "birth_place": "",
        }
        return {key: value for key, value in (fields | changes).items() if value}


@dataclass
class Pair:
    """Two records of one person, what differs and where the other form comes from."""

    a: Record
    b: Record
    comment: str
    source: str


def birth(draw: Draw) -> datetime.date:
    """From 1950 to 2006, no first of January, which registers write for "unknown", and no 29 February."""
    return datetime.date(1950 + draw.below(57), 1 + draw.below(12), 2 + draw.below(27))


def person(script: ModuleType, draw: Draw, given: int = 1, family: int = 1) -> Person:
    sex = draw.one("FM")
    first = [draw.one(script.GIVEN[sex])]
    while len(first) < given:
        first = list(dict.fromkeys([*first, draw.one(script.GIVEN[sex])]))
    last = [draw.one(script.FAMILY)]
    while len(last) < family:
        last = list(dict.fromkeys([*last, draw.one(script.FAMILY)]))
    return Person(script, sex, first, last, birth(draw))


def whole(script: ModuleType, given: list[str], family: list[str]) -> str:
    """A whole name in one field; Chinese has the family name first and no spaces."""
    return "".join(family + given) if script is han else " ".join(given + family)


def cased(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- letters ----------------------------------------------------------------------------------------------------------


def exchange(script: ModuleType, name: str, draw: Draw) -> tuple[str, str] | None:
    """Two letters inverted, adjacent or not; letters with an inherent vowel move without their signs."""
    letters = list(name.lower())
    free = [i for i, c in enumerate(letters) if c.isalpha()]
    pairs = [(i, j) for i in free for j in free if i < j and letters[i] != letters[j]]
    if not pairs:
        return None
    near = [p for p in pairs if free.index(p[1]) - free.index(p[0]) == 1]
    i, j = draw.one(near if near and draw.below(2) else pairs)
    kind = "adjacent" if (i, j) in near else "not adjacent"
    letters[i], letters[j] = letters[j], letters[i]
    return cased("".join(letters)), kind


def edit(script: ModuleType, name: str, draw: Draw) -> tuple[str, str]:
    """One letter inserted, deleted or replaced."""
    letters = list(name.lower())
    free = [i for i, c in enumerate(letters) if c.isalpha()]
    i, new = draw.one(free), draw.one(script.LETTERS)
    while new in letters:
        new = draw.one(script.LETTERS)
    kinds = ["insertion", "substitution"] + ["deletion"] * (len(free) > 2)
    kind = draw.one(kinds)
    if kind == "insertion":
        letters.insert(i + 1, new)
        # Vowel signs stay with their consonant.
        while i + 2 < len(letters) and not letters[i + 2].isalpha():
            letters[i + 1], letters[i + 2] = letters[i + 2], letters[i + 1]
            i += 1
    elif kind == "substitution":
        letters[i] = new
    else:
        del letters[i]
        # Vowel signs go with their consonant.
        while i < len(letters) and not letters[i].isalpha():
            del letters[i]
    return cased("".join(letters)), kind


def cut(name: str, draw: Draw) -> str | None:
    """A name that lost up to a third of its letters at the end, and keeps at least two."""
    most = min(max(1, len(name) // 3), len(name) - 2)
    if most < 1:
        return None
    kept = name[: len(name) - 1 - draw.below(most)]
    # A sign that joins two letters does not stay behind alone.
    return kept.rstrip("्·")


Damage = Callable[[ModuleType, str, Draw], tuple[str, str] | None]


def damaged(someone: Person, draw: Draw, field: str, damage: Damage) -> tuple[Record, str] | None:
    """The record with one word of a field damaged."""
    words = list(getattr(someone, field))
    at = draw.below(len(words))
    made = damage(someone.script, words[at], draw)
    if made is None or made[0] == words[at]:
        return None
    words[at], kind = made
    return someone.record(**{f"{field}_names": " ".join(words)}), kind


# --- names ------------------------------------------------------------------------------------------------------------


def transliterated(script: ModuleType, draw: Draw) -> Pair | None:
    someone = person(script, draw)
    forms = [script.spellings(name) for name in someone.given + someone.family]
    # Names of two languages may share no scheme: then there is no such pair.
    shared = [scheme for scheme in forms[0] if scheme in forms[1]]
    if not shared:
        return None

    def in_scheme(scheme: str) -> Record:
        given, family = forms[0][scheme], forms[1][scheme]
        if scheme != arabic.MRZ:
            return someone.record(given_names=given, family_names=family)
        # Names are spelled like this in machine-readable zones only.
        return someone.record(given_names="", family_names="", mrz_names=f"{family}<<{given}")

    if len(shared) > 1 and draw.below(2):
        one, other = draw.two(shared)
        if other == arabic.MRZ:
            one, other = other, one
        a, b = in_scheme(one), in_scheme(other)
        if all(a.get(field, "").casefold() == b[field].casefold() for field in ("given_names", "family_names")):
            return None
        return Pair(a, b, "two romanisations", f"{one}; {other}")
    scheme = draw.one(shared)
    a, b = in_scheme(scheme), someone.record()
    return Pair(a, b, "native form and romanisation", scheme) if a != b else None


def exchanged_fields(script: ModuleType, draw: Draw) -> Pair:
    """The present name of one record is the other name of the other: birth name, previous name, alias."""
    someone = person(script, draw, family=2)
    field, other = ("family", "surname and previous surname") if draw.below(3) else ("given", "forename and alias")
    if field == "family":
        (one, two), first = someone.family, someone.given
        a = someone.record(family_names=one, other_names=whole(script, first, [two]))
        b = someone.record(family_names=two, other_names=whole(script, first, [one]))
    else:
        one, two = draw.two(script.GIVEN[someone.sex])
        last = someone.family[:1]
        a = someone.record(given_names=one, family_names=last[0], other_names=whole(script, [two], last))
        b = someone.record(given_names=two, family_names=last[0], other_names=whole(script, [one], last))
    return Pair(a, b, other, "Annex II 3.1 (b)")


def regrouped(script: ModuleType, draw: Draw) -> Pair:
    someone = person(script, draw, given=1 + draw.below(2) * (script is not han))
    field = draw.one(["given_names", "family_names"])
    given, family = someone.given, someone.family
    text = whole(script, given, family) if draw.below(2) or script is han else " ".join(family + given)
    changes = {"given_names": "", "family_names": ""} | {field: text}
    return Pair(someone.record(), someone.record(**changes), f"all in {field}", "Annex II 3.1 (c)")


def words_inverted(script: ModuleType, draw: Draw) -> Pair:
    kind = "fields" if script is han else draw.one(["given", "family", "fields", "far"])
    someone = person(script, draw, given=2 if kind in ("given", "far") else 1, family=2 if kind == "family" else 1)
    given, family = someone.given, someone.family
    if kind == "given":
        changes, comment = {"given_names": " ".join(given[::-1])}, "two given names"
    elif kind == "family":
        changes, comment = {"family_names": " ".join(family[::-1])}, "two family names"
    elif kind == "fields":
        changes, comment = {"given_names": family[0], "family_names": given[0]}, "given and family name"
    else:
        changes = {"given_names": f"{family[0]} {given[1]}", "family_names": given[0]}
        comment = "first given name and family name, not adjacent"
    return Pair(someone.record(), someone.record(**changes), comment, "Annex II 3.1 (d)")


def one_word(rule: str, damage: Damage) -> Callable[[ModuleType, Draw], Pair | None]:
    def made(script: ModuleType, draw: Draw) -> Pair | None:
        someone = person(script, draw)
        field = draw.one(["given", "family"])
        found = damaged(someone, draw, field, damage)
        if found is None:
            return None
        return Pair(someone.record(), found[0], f"{found[1]} in the {field} name", f"Annex II 3.1 ({rule})")

    return made


def punctuated(script: ModuleType, draw: Draw) -> Pair:
    source = "Annex II 3.1 (g)"
    if script is han:
        # Han names have no such marks; their romanisations do.
        someone = person(script, draw)
        while len(someone.given[0]) < 2:
            someone = person(script, draw)
        scheme = "Wade-Giles"
        given, family = (script.spellings(n[0])[scheme] for n in (someone.given, someone.family))
        other = draw.one([given.replace("-", ""), given.replace("-", " ")])
        a = someone.record(given_names=given, family_names=family)
        b = someone.record(given_names=other.replace("’", ""), family_names=family.replace("’", ""))
        return Pair(a, b, "hyphen of a romanisation", f"{source}; {scheme}")
    someone = person(script, draw, family=2)
    one, two = someone.family
    comma = {"Arab": "، ", "Ethi": "፣ "}.get(script.CODE, ", ")
    forms = {"hyphen": f"{one}-{two}", "space": f"{one} {two}", "comma": one + comma + two}
    if script in (latin, cyrillic):
        # An apostrophe after the first letter, in two of the forms that keyboards have, or none.
        stem = person(script, draw).family[0]
        mark, other = draw.two(["'", "’", ""])
        if draw.below(2):
            forms = {name or "none": stem[0] + name + stem[1:] for name in (mark, other)}
    one, two = draw.two(list(forms))
    comment = " and ".join(f"apostrophe {n}" if n in ("'", "’", "none") else n for n in (one, two))
    return Pair(someone.record(family_names=forms[one]), someone.record(family_names=forms[two]), comment, source)


def truncated(script: ModuleType, name: str, draw: Draw) -> tuple[str, str] | None:
    if script is han:
        return (name[0], "truncation") if len(name) == 2 else None
    short = cut(name, draw)
    return (short, "truncation") if short else None


# --- dates ------------------------------------------------------------------------------------------------------------


def month_and_day(script: ModuleType, draw: Draw) -> Pair | None:
    someone = person(script, draw)
    date = someone.birth
    if date.day > 12 or date.day == date.month:
        return None
    inverted = date.replace(month=date.day, day=date.month).isoformat()
    return Pair(someone.record(), someone.record(birth_date=inverted), "month and day inverted", "Annex II 3.2 (a)")


CALENDARS: dict[str, list[tuple[str, str, tuple[int, int], Callable[[int, int, int], int]]]] = {
    "Arab": [
        ("hijri", "Umm al-Qura calendar (KACST)", (1385, 1423), calendars.umm_al_qura),
        ("hijri", "arithmetical Islamic calendar", (1370, 1425), calendars.islamic),
        ("solar_hijri", "Solar Hijri calendar, 33-year cycle", (1330, 1384), calendars.solar_hijri),
    ],
    "Ethi": [("ethiopian", "Ethiopian calendar", (1943, 1998), calendars.ethiopian)],
    "Latn": [
        ("buddhist", "Buddhist era of Thailand", (2493, 2549), calendars.buddhist),
        ("hebrew", "Hebrew calendar", (5711, 5766), calendars.hebrew),
        ("ethiopian", "Ethiopian calendar", (1943, 1998), calendars.ethiopian),
        ("solar_hijri", "Solar Hijri calendar, 33-year cycle", (1330, 1384), calendars.solar_hijri),
    ],
}  # fmt: skip


def other_calendar(script: ModuleType, draw: Draw) -> Pair | None:
    if script.CODE not in CALENDARS:
        return None
    someone = person(script, draw)
    prefix, source, (first, last), ordinal = draw.one(CALENDARS[script.CODE])
    year = first + draw.below(last + 1 - first)
    if ordinal is calendars.umm_al_qura and year not in calendars.UMM_AL_QURA:
        return None
    month, day = 1 + draw.below(12), 1 + draw.below(29 if prefix in ("hijri", "hebrew") else 28)
    date = calendars.gregorian(ordinal(year, month, day))
    if date.endswith("-01-01"):
        return None
    other = f"{prefix}:{year:04}-{month:02}-{day:02}"
    return Pair(someone.record(birth_date=date), someone.record(birth_date=other), f"{prefix} date", source)


def digit(script: ModuleType, draw: Draw) -> Pair | None:
    """One digit replaced. An insertion or a deletion leaves no date: a record with one is refused (V-RECORD-003)."""
    someone = person(script, draw)
    text = someone.birth.isoformat()
    at = draw.one([2, 3, 5, 6, 8, 9])
    other = text[:at] + draw.one("0123456789".replace(text[at], "")) + text[at + 1 :]
    try:
        date = datetime.date.fromisoformat(other)
    except ValueError:
        return None
    if not 1920 <= date.year <= 2012 or (date.month, date.day) == (1, 1):
        return None
    part = {2: "decade", 3: "year", 5: "month", 6: "month", 8: "day", 9: "day"}[at]
    return Pair(someone.record(), someone.record(birth_date=other), f"digit of the {part}", "Annex II 3.2 (c)")


# --- places and nationalities ----------------------------------------------------------------------------------------


def placed(someone: Person, one: str, other: str, comment: str, source: str) -> Pair:
    """Records whose only place or nationality is a place of birth."""
    record = lambda place: someone.record(nationality="", birth_place=place)
    return Pair(record(one), record(other), comment, source)


def place_transliterated(script: ModuleType, draw: Draw) -> Pair | None:
    place = draw.one(script.PLACES)
    forms = script.spellings(place)
    scheme = draw.one(list(forms))
    return placed(person(script, draw), place, forms[scheme], "native form and romanisation", scheme)


def place_edit(script: ModuleType, draw: Draw) -> Pair | None:
    place = draw.one(script.PLACES)
    other, kind = edit(script, place, draw)
    if other == place:
        return None
    return placed(person(script, draw), place, other, f"{kind} in the place", "Annex II 3.4 (b)")


def renamed(script: ModuleType, draw: Draw) -> Pair:
    someone = person(script, draw)
    if draw.below(3):
        one, other, year = draw.one(places.CITIES[script.CODE])
        return placed(someone, one, other, "city", f"renamed about {year}")
    one, other = draw.one(places.COUNTRIES)
    field = draw.one(["nationality", "birth_country"])
    record = lambda code: someone.record(**({"nationality": ""} | {field: code}))
    return Pair(record(one), record(other), f"{field} of a former state", "ISO 3166-3")


RULES: dict[str, tuple[str, Callable[[ModuleType, Draw], Pair | None]]] = {
    "names_a": ("known transliteration", transliterated),
    "names_b": ("surnames, or forenames, exchanged among their fields", exchanged_fields),
    "names_c": ("forenames and surname together in one field", regrouped),
    "names_d": ("order of two words inverted", words_inverted),
    "names_e": ("order of two letters inverted", one_word("e", exchange)),
    "names_f": ("one letter inserted, deleted or replaced", one_word("f", edit)),
    "names_g": ("hyphens, commas, apostrophes", punctuated),
    "names_h": ("truncated", one_word("h", truncated)),
    "dates_a": ("month and day inverted", month_and_day),
    "dates_b": ("conversion between calendars", other_calendar),
    "dates_c": ("one digit replaced", digit),
    "places_a": ("known transliteration of a place", place_transliterated),
    "places_b": ("one letter of a place inserted, deleted or replaced", place_edit),
    "places_c": ("place or country renamed", renamed),
}
"""Rule: what it says in short, and what makes a pair under it; None if a draw gives none."""


# --- near misses ------------------------------------------------------------------------------------------------------


def another_birth(date: str, draw: Draw) -> str:
    """A date with another year, month and day, by two years or more, and not the same with month and day inverted."""
    year, month, day = (int(part) for part in date.split("-"))
    while True:
        other = birth(draw)
        if abs(other.year - year) >= 2 and not {other.month, other.day} & {month, day}:
            return other.isoformat()


def near_miss(pair: Pair, script: ModuleType, draw: Draw) -> Pair | None:
    """Another person: the rule's difference, one more letter changed in a name that the rule left alone, and another date
    of birth; for the rules on dates and places, a letter changed in both names."""
    b = dict(pair.b)
    names = [field for field in ("given_names", "family_names") if field in b]
    same = [field for field in names if pair.a.get(field) == b[field]]
    about_names = pair.a.get("given_names") != b.get("given_names") or pair.a.get("family_names") != b.get("family_names")
    alphabet = latin if b[names[0]][0].isascii() else script
    for field in [draw.one(same or names)] if about_names else names:
        words = b[field].split(" ")
        at = draw.below(len(words))
        words[at] = edit(alphabet, words[at], draw)[0]
        b[field] = " ".join(words)
    reference = pair.a["birth_date"]
    b["birth_date"] = another_birth(reference, draw)
    return Pair(pair.a, b, f"{pair.comment}; a further letter and another date of birth", pair.source)
