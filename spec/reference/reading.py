"""How values are read (4.5): what is unambiguous is read, what is not is left out and told; the person stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import normalise_values as values
import reading_dates as dates
import reading_tables as tables
from encode import BASIS, OWNERS, STATUS, Cells, code
from reading_dates import Rules
from reading_tables import folded, meanings

WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""Unicode White_Space."""
INVISIBLE = "\xad\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
MAX_VALUES, MAX_VALUE = 16, 256
NAMES = (
    "given_names", "father_names", "family_names", "full_names", "other_names", "previous_names", "weak_names", "mrz_names",
)  # fmt: skip
COUNTRIES = ("nationality", "birth_country", "document_issuer")
WINDOWS_1252 = {
    0x20AC: 0x80, 0x201A: 0x82, 0x192: 0x83, 0x201E: 0x84, 0x2026: 0x85, 0x2020: 0x86, 0x2021: 0x87, 0x2C6: 0x88,
    0x2030: 0x89, 0x160: 0x8A, 0x2039: 0x8B, 0x152: 0x8C, 0x17D: 0x8E, 0x2018: 0x91, 0x2019: 0x92, 0x201C: 0x93,
    0x201D: 0x94, 0x2022: 0x95, 0x2013: 0x96, 0x2014: 0x97, 0x2DC: 0x98, 0x2122: 0x99, 0x161: 0x9A, 0x203A: 0x9B,
    0x153: 0x9C, 0x17E: 0x9E, 0x178: 0x9F,
}  # fmt: skip
DATE, CODE, IDENTIFIER, NAME = 2, 3, 5, 1


@dataclass(frozen=True)
class Told:
    """A value that was left out, or read otherwise than it was written (V-READ-001)."""

    column: str
    reason: str


class Reader:
    """Reads the values of one record."""

    def __init__(self, rules: dict[str, Rules]) -> None:
        self.rules = rules
        self.told: list[Told] = []
        self.aged: set[str] = set()

    def tell(self, column: str, reason: str) -> None:
        self.told.append(Told(column, reason))

    # V-READ-003

    def clean(self, column: str, value: str) -> str:
        """The value with its white space and its letters in order; empty if it is left out or absent."""
        if (repaired := mojibake(value)) is not None:
            value = repaired
            self.tell(column, "mojibake")
        value = entities(value)
        text = "".join("\n" if c in "\n\r\v\f\x85\u2028\u2029" else " " if c in WHITE else c for c in value if c not in INVISIBLE)
        text = re.sub("[ \n]*\n[ \n]*", "\n", text).strip(" \n")
        if any((c < " " and c != "\n") or "\x7f" <= c <= "\x9f" for c in text):
            self.tell(column, "control")
            return ""
        if "\ufffd" in text or (re.search(r"\?\?", text) and folded(text) == "" and column in NAMES):
            self.tell(column, "broken")
            return ""
        if not text.strip("".join(map(chr, range(0x21, 0x30))) + ":;<=>?@[\\]^_`{|}~ \n\u2010\u2011\u2012\u2013\u2014\u2015\u2026"):
            return ""
        if len(text.encode()) > MAX_VALUE:
            self.tell(column, "too_long")
            return ""
        return text

    def few(self, column: str, found: list) -> list:
        """V-READ-004: the first different ones that fit."""
        found = list(dict.fromkeys(found))
        if len(found) > MAX_VALUES:
            self.tell(column, "too_many")
        return found[:MAX_VALUES]

    # V-READ-005

    def names(self, column: str, given: list[str]) -> list[str]:
        found = []
        for value in given:
            text = self.clean(column, value).replace("\n", " ")
            pieces = several_names(text) if column != "mrz_names" else [text]
            if len(pieces) > 1:
                self.tell(column, "several")
            for piece in pieces:
                name, nobody = placeholder(piece.strip(), column)
                if nobody:
                    self.tell(column, "nobody")
                if name:
                    found.append(name)
        return self.few(column, found)

    def each(self, column: str, given: list[str], signs: str, read: Callable[[str], list[str] | None]) -> list[str]:
        """Values of a field that has no other beside it. `read` gives what is compared, or None and tells."""
        return self.few(column, [one for value in given for one in self.split(column, self.clean(column, value), signs, read)])

    def split(self, column: str, text: str, signs: str, read: Callable[[str], list[str] | None]) -> list[str]:
        if not text or absent_in(column, text):
            return []
        before = len(self.told)
        for sign in signs:
            pieces = [p for p in (piece.strip(" \n") for piece in text.split(sign)) if p and not absent_in(column, p)]
            if sign in text and len(pieces) > 0:
                each = [self.split(column, piece, signs.replace(sign, ""), read) for piece in pieces]
                if sign in ";|\n" or all(each):
                    return [one for found in each for one in found]
                del self.told[before:]
        return read(text.replace("\n", " ")) or []

    def beside(
        self, column: str, cells: Cells, others: tuple[str, ...], signs: str, read: Callable[[str], list[str] | None],
        word: Callable[[str, str], str], standing: Callable[[str], str | None] = lambda value: None,
    ) -> None:  # fmt: skip
        """V-READ-010: values with those of the fields beside them."""
        main = cells.get(column, [])
        more: dict[str, list[str]] = {}
        for other in others:
            given = [self.clean(other, value).replace("\n", " ") for value in cells.get(other, [])]
            if any(given) and len(given) != len(main):
                self.tell(other, "unpaired")
                given = []
            more[other] = given if any(given) else [""] * len(main)
        found: list[tuple[str, ...]] = []
        for i, value in enumerate(main):
            got = self.split(column, self.clean(column, value), signs, read)
            words = [more[other][i] for other in others]
            if not got:
                for other, text in zip(others, words):
                    if text and not value.strip(WHITE):
                        self.tell(other, "empty")
                continue
            words = [word(other, text) if text else "" for other, text in zip(others, words)]
            found += [(one, *words) for one in got]
        kept = self.few(column, found)
        cells[column] = [row[0] for row in kept]
        for n, other in enumerate(others, 1):
            cells[other] = [row[n] for row in kept] if any(row[n] for row in kept) else []

    # one value each

    def date(self, column: str) -> Callable[[str], list[str]]:
        def read(text: str) -> list[str]:
            got = dates.read(text, self.rules.get(column, self.rules.get("", Rules())))
            self.aged |= set(got.found) if got.aged else set()
            for reason in got.reasons:
                self.tell(column, reason)
            return got.found

        return read

    def sex(self, text: str) -> list[str]:
        found = meanings("sexes").get(folded(text))
        if found is None:
            self.tell("sex", "sex")
        return [found] if found in ("F", "M") else []

    def country(self, column: str) -> Callable[[str], list[str]]:
        def read(text: str) -> list[str]:
            code = country(text)
            if code is None:
                self.tell(column, "country")
                return []
            if values.country(code)[0] == "unknown":
                self.tell(column, "unknown_country")
            return [code]

        return read

    def document(self, text: str) -> list[str]:
        number = values.document(text)
        reason = ""
        if scientific(text):
            reason = "scientific"
        elif not number:
            reason = "document"
        elif len(set(number[0])) == 1 or number[0] in ("123456", "1234567", "12345678", "123456789", "1234567890", "0123456789"):
            reason = "repeated"
        elif placeholder(text, "document_number")[0] == "":
            reason = "nobody"
        if reason:
            self.tell("document_number", reason)
        return [] if reason else [text]

    def phone(self, text: str) -> list[str]:
        text, cut = without_extension(text)
        digits = [d for c in text if (d := values.digit(c)) is not None]
        reason = ""
        if scientific(text):
            reason = "scientific"
        elif not values.phone(text):
            reason = "phone_long" if len(digits) > 15 else "phone"
        elif len(set(digits[-7:])) == 1:
            reason = "repeated"
        if reason:
            self.tell("phone", reason)
        elif cut:
            self.tell("phone", "extension")
        return [] if reason else [text]

    def email(self, text: str) -> list[str]:
        if match := re.search(r"<([^<>]*@[^<>]*)>", text):
            text = match[1]
        text = text.strip(" .,;<>()[]\"'")
        if text[:7].lower() == "mailto:":
            text = text[7:]
        if not values.email(text):
            self.tell("email", "email")
            return []
        return [text]

    def known(self, words: tuple[str, ...], reason: str) -> Callable[[str, str], str]:
        def read(column: str, text: str) -> str:
            word = text.lower().replace(" ", "_").replace("-", "_")
            if word in words:
                return word
            if not absent(text):
                self.tell(column, reason)
            return ""

        return read

    def of_document(self, column: str, text: str) -> str:
        if absent_in(column, text):
            return ""
        return text if column == "document_type" else next(iter(self.country(column)(text)), "")

    def identity(self, cells: Cells) -> None:
        """In the order in which a report has them."""
        for column in NAMES:
            if column in cells:
                cells[column] = self.names(column, cells[column])
        statuses = [self.clean("identity_status", value) for value in cells.get("identity_status", [])]
        found = [word for value in statuses if value and (word := self.known(STATUS[1:], "status")("identity_status", value))]
        if len(found) > 1:
            self.tell("identity_status", "too_many")
        cells["identity_status"] = found[:1]
        self.beside("birth_date", cells, ("birth_basis",), ";|\n", self.date("birth_date"), self.known(BASIS[1:], "basis"))
        if any(self.aged.intersection(cells["birth_date"])):
            # V-READ-009
            bases = cells["birth_basis"] or [""] * len(cells["birth_date"])
            cells["birth_basis"] = [b or ("age_assessment" if d in self.aged else "") for d, b in zip(cells["birth_date"], bases)]
        cells["sex"] = self.each("sex", cells.get("sex", []), ";|\n/,", self.sex)
        for column in ("nationality", "birth_country"):
            cells[column] = self.each(column, cells.get(column, []), ";|\n/,", self.country(column))
        cells["birth_place"] = self.each("birth_place", cells.get("birth_place", []), ";|\n", lambda text: [text])
        self.beside(
            "document_number", cells, ("document_type", "document_issuer"), ";|\n,", self.document, self.of_document
        )
        self.beside("phone", cells, ("phone_owner",), ";|\n,/", self.phone, self.known(OWNERS[1:], "owner"))
        self.beside("email", cells, ("email_owner",), ";|\n,/ ", self.email, self.known(OWNERS[1:], "owner"))

    def declared(self, column: str, kind: int, given: list[str]) -> list[str]:
        """V-READ-011."""
        if kind == NAME:
            return self.names(column, given)
        if kind == DATE:
            return self.each(column, given, ";|\n", self.date(column))
        found = []
        for value in given:
            text = self.clean(column, value).replace("\n", " ")
            if kind in (CODE, IDENTIFIER) and text and not code(text):
                self.tell(column, "code")
            elif text and not absent(text):
                found.append(text)
        return self.few(column, found)


# V-READ-003


def mojibake(text: str) -> str | None:
    """The text that was UTF-8 before it was read as Windows-1252 or Latin-1."""
    if text.isascii():
        return None
    data = bytearray()
    for c in text:
        byte = WINDOWS_1252.get(ord(c), ord(c))
        if byte > 255:
            return None
        data.append(byte)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def entities(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        name = match[1]
        if name[:2] in ("#x", "#X"):
            point = int(name[2:], 16) if re.fullmatch("[0-9A-Fa-f]{1,6}", name[2:]) else 0
        elif name[0] == "#":
            point = int(name[1:]) if re.fullmatch("[0-9]{1,7}", name[1:]) else 0
        else:
            point = int(tables.exact("entities").get(name, "0"), 16)
        good = 0 < point < 0x110000 and not 0xD800 <= point < 0xE000
        return chr(point) if good else match[0]

    return re.sub("&(#?[0-9A-Za-z]{1,10});", one, text)


def absent(text: str) -> bool:
    """V-READ-002."""
    word = folded(text)
    return word in meanings("absent") or not text.strip("-?./\\ \n")


def absent_in(column: str, text: str) -> bool:
    """V-READ-002: a code of a country that is a word for nothing elsewhere stays a code."""
    is_code = column in COUNTRIES and values.country(text)[:1] not in ([], ["unknown"])
    return not is_code and absent(text)


def scientific(text: str) -> bool:
    """V-READ-010: what a spreadsheet makes of a long number."""
    plain = "".join(values.digit(c) or c for c in text.strip())
    return re.fullmatch(r"[+-]?[0-9]([.,][0-9]+)?[eE]\+[0-9]{1,3}|[+-]?[0-9][.,][0-9]+[eE][0-9]{1,3}", plain) is not None


def country(text: str) -> str | None:
    """V-READ-010: a code or a name."""
    code = text.strip().rstrip("<")
    known = values.country(code)
    if known and known[0] != "unknown":
        return code
    name = meanings("country_names").get(folded(text)) or tables.exact("country_codes").get(code.upper())
    return name or (code if known else None)


def without_extension(text: str) -> tuple[str, bool]:
    """V-READ-010: cut where an extension begins, behind seven digits."""
    digits, at, known = 0, 0, meanings("extensions")
    while at < len(text):
        if values.digit(text[at]) is not None:
            digits, at = digits + 1, at + 1
        elif folded(text[at]) or text[at] == "#":
            end = at + 1
            while end < len(text) and values.digit(text[end]) is None and folded(text[end]):
                end += 1
            if digits >= 7 and (text[at] == "#" or folded(text[at:end]) in known):
                return text[:at].rstrip(" (,;.-/"), True
            at = end
        else:
            at += 1
    return text, False


# V-READ-005


def several_names(text: str) -> list[str]:
    """A cell of several names."""
    numbers = list(re.finditer(r"(?:^| )\(?([0-9]{1,2})[).:]+ ?", text))
    if len(numbers) > 1 and numbers[0].start() == 0 and [int(n[1]) for n in numbers] == list(range(1, len(numbers) + 1)):
        ends = [n.start() for n in numbers[1:]] + [len(text)]
        pieces = [text[n.end() : end].strip() for n, end in zip(numbers, ends)]
        return [piece for piece in pieces if not absent(piece)]
    pieces = [text]
    for sign in (";", "|", " / "):
        pieces = [piece for whole in pieces for piece in whole.split(sign)]
    return [name for piece in pieces for name in _aliases(piece)]


def _aliases(text: str) -> list[str]:
    """Before and behind `alias`, `a.k.a.` and their like."""
    words, known = [w for w in text.split(" ") if w], meanings("other_names")
    for at in range(1, len(words) - 1):
        for size in (4, 3, 2, 1):
            if at + size < len(words) and folded(" ".join(words[at : at + size])) in known:
                return [" ".join(words[:at]).strip(" (,"), *_aliases(" ".join(words[at + size :]).strip(" ),"))]
    return [text]


def placeholder(text: str, column: str) -> tuple[str, bool]:
    """V-PLACEHOLDER-001: the name without the words that stand for nobody, and whether there were any."""
    words, known = [w for w in text.replace("<", " ").split(" ") if w], meanings("nobody")
    kinds: list[str] = []
    while len(kinds) < len(words):
        at = len(kinds)
        for size in range(min(4, len(words) - at), 0, -1):
            phrase = folded(" ".join(words[at : at + size]))
            kind = known.get(phrase, "")
            if kind == "lead" and at == 0 and column != "document_number":
                return "", True
            if kind and kind != "lead":
                kinds += [kind] * size
                break
        else:
            plain = folded(words[at])
            bare = all(c.isascii() and c.isdigit() for c in plain.replace(" ", "")) or len(plain) == 1
            kinds.append("bare" if bare else "name")
    if not any(kind in ("never", "alone") for kind in kinds):
        return text, False
    if "name" not in kinds:
        return "", True
    if "never" not in kinds:
        return text, False
    return " ".join(word for word, kind in zip(words, kinds) if kind != "never"), True
