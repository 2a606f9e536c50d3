"""Normalisation (spec/13-normalisation.md).

`normalise_forms` and `normalise_skeletons` hold what published schemes say: rows of ICAO's tables, and names with their
romanisation by a named scheme in `official/normalise/`. The reference is only asked whether it agrees; where it does not,
the generator stops, or the name is listed in APART. `normalise_names` pins every byte of the outcome, over seeded
random texts of all scripts and over the fate of what is no letter.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import normalise
import normalise_tables as tables
import normalise_values as values
from layers.common import Tests, seed_bytes

OFFICIAL = Path(__file__).resolve().parents[1] / "official" / "normalise"
SPEC = "spec/13-normalisation.md"
KINDS = ("full", "given", "father", "family", "mrz")
APART = {"สมศรี", "ประเสริฐ", "กมล", "ไพศาล", "อนันต์", "เพชร"}
"""Thai names whose published form follows the sound of final and silent letters; norm-v1 reads the letters."""


def _official(name: str) -> list[list[str]]:
    lines = (OFFICIAL / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


def _all_forms(text: str, kind: str) -> set[str]:
    forms = normalise.normalise(text, kind)
    return {t for t, _ in forms.parts + forms.others}


def _keys(text: str, kind: str) -> set[str]:
    forms = normalise.normalise(text, kind)
    return {normalise.k4(t) for t, role in forms.parts + forms.others if role in ("name", "patronymic")}


def _forms() -> dict[str, Any]:
    tests = Tests()

    def add(comment: str, flag: str, source: str, text: str, kind: str, form: str) -> None:
        if form not in _all_forms(text, kind):
            raise ValueError(f"{source}: {text} does not give {form}")
        tests.valid(comment, flag, source=source, text=text, kind=kind, form=form)

    for _, character, main, alternatives, row in tables.rows("icao_latin"):
        source = f"ICAO Doc 9303-3 section 6 table A row {row}"
        # XX forms are read in zones only (V-NORM-013); they are no form of a written name.
        for form in [main, *(a for a in alternatives.split(";") if a and not a.endswith("XX"))]:
            if not form.endswith("XX"):
                add(f"{character} in a word", "IcaoLatin", source, f"ma{character.lower()}ma", "given", f"ma{form.lower()}ma")
    for _, character, main, alternatives, row in tables.rows("icao_cyrillic"):
        source = f"ICAO Doc 9303-3 section 6 table B row {row}"
        exceptions = [a.split("=") for a in alternatives.split(";") if a]
        for language, form in [("any", main), *exceptions]:
            before = "" if language.endswith("@initial") else "та"
            expected = ("ta" if before else "") + form.lower() + "ta"
            add(f"{character}, language {language}", "IcaoCyrillic", source, f"{before}{character.lower()}та", "given", expected)
    for check, kind, native, latin, source in _official("names"):
        if check == "form":
            add("published romanisation", "Published", source, native, kind, re.sub("[^a-z]", "", latin.lower()))
    notes = {
        "IcaoLatin": "`form` is what table A writes, between `ma` and `ma`; it is among the parts or others",
        "IcaoCyrillic": "`form` is what table B writes, with its exceptions by language",
        "Published": "`form` is what the scheme of `source` writes, without marks and apostrophes",
    }
    return tests.document("normalise_forms", SPEC, "ICAO Doc 9303-3 and the scheme named in each test", notes)


def _skeletons() -> dict[str, Any]:
    tests = Tests()
    for check, kind, native, latin, source in _official("names"):
        if check == "skeleton":
            shared = bool(_keys(native, kind) & _keys(latin, kind))
            if shared == (native in APART):
                raise ValueError(f"{source}: {native} and {latin}: shared is {shared}")
            flag = "Shared" if shared else "Apart"
            tests.valid("published romanisation", flag, source=source, text=native, kind=kind, latin=latin, shared=shared)
    for _, character, main, _, row in tables.rows("icao_arabic"):
        if main.isupper() and tables.icao_arabic()[main] == tables.points(f"{ord(character):04X}")[0]:
            zone, written = f"BXSH{main}B", f"بش{character}ب"
            if [p for p, _ in normalise.normalise(zone, "mrz").parts] != [p for p, _ in normalise.normalise(written).parts]:
                raise ValueError(f"table C row {row}")
            source = f"ICAO Doc 9303-3 section 6 table C row {row}"
            tests.valid("a zone form and its letters", "Shared", source=source, text=written, kind="mrz", latin=zone, shared=True)
    notes = {
        "Shared": "a key part or other of `text` and one of `latin` have the same K4",
        "Apart": "known not to agree: the scheme follows the sound, norm-v1 the letters",
    }
    return tests.document("normalise_skeletons", SPEC, "the scheme named in each test", notes)


def _random_texts(count: int) -> list[tuple[str, str]]:
    """Seeded texts: letters of one script or two, marks, signs, strangers."""
    letters = [p for p in sorted(set(tables.letters()) | set(tables.folds())) if p < 0x20000]
    blocks: dict[int, list[int]] = {}
    for p in letters:
        blocks.setdefault(p >> 8, []).append(p)
    scripts = sorted(blocks)
    strangers = [0x20, 0x2D, 0x27, 0x2019, 0x200D, 0x301, 0x308, 0x30C, 0x64E, 0x640, 0x3099, 0x93C, 0x1F600, 0xE000, 0x378, 0x37]
    found = []
    for i in range(count):
        numbers = iter(int.from_bytes(seed_bytes(f"normalise text {i}", 512)[j : j + 4], "big") for j in range(0, 512, 4))
        script = blocks[scripts[next(numbers) % len(scripts)]]
        second = blocks[scripts[next(numbers) % len(scripts)]]
        text = ""
        for _ in range(1 + next(numbers) % 20):
            chance, pick = next(numbers) % 10, next(numbers)
            pool = strangers if chance < 3 else second if chance == 3 else script
            text += chr(pool[pick % len(pool)])
        found.append((text, KINDS[i % len(KINDS)]))
    return found


FATES = (
    ("control characters are breaks", "ana\u0007eva"),
    ("bidirectional controls are ignored", "ana\u202eeva\u2066"),
    ("zero-width characters are ignored", "an\u200ba\u200d\ufeff"),
    ("emoji are breaks", "ana\U0001f600eva"),
    ("private use is a break", "ana\ue000eva"),
    ("a code point that Unicode 14.0 does not assign is a break", "ana\u0378eva"),
    ("a script without a table is a break", "ana\U00013000eva"),
    ("digits are breaks", "an4 eva\u0664a"),
    ("nothing but breaks is no name", "\u0378\ue000 3"),
    ("an empty name", ""),
    ("a part of more than 40 letters is cut", "a" * 1024),
    ("a name of more than 1,024 bytes is none", "a" * 1025),
    ("ten thousand letters", "\u0436" * 10000),
    ("more than sixteen parts", " ".join(f"a{chr(98 + i)}a" for i in range(20))),
    ("Cyrillic with a mark that the table of passports lacks", "\u04ba\u0450"),
    ("the same decomposed", "\u04ba\u0435\u0300"),
    ("Cyrillic with Latin lookalikes", "\u0418\u0432a\u043do\u0432"),
    ("Latin with Greek lookalikes", "m\u03b1ri\u03b1"),
    ("three scripts that no lookalike joins", "\u0436\u03c8q"),
    ("decomposed Hangul", "\u1100\u1175\u11b7\u110e\u1165\u11af\u1109\u116e"),
    ("decomposed kana", "\u304b\u3099\u304d\u3099"),
    ("full-width letters", "\uff21\uff4e\uff41"),
    ("compounds, split", "Abdul Rahman"),
    ("compounds, joined", "Abdurrahman Nureddin"),
    ("a title, an initial, a particle", "Dr. J. van Berg"),
    ("nothing but a particle", "Le"),
    ("a patronymic", "Roman Petrovich Ivanov"),
    ("a father's name with its word", "Ali Hasan oglu Aliyev"),
    ("hyphen and apostrophe", "Jean-Pierre d'Angelo"),
    ("Wade-Giles with aspirates", "Ts\u2019ao Te-ch'eng"),
    ("Wade-Giles by its first letters", "Hsieh Hs\u00fceh-ching"),
    ("Wade-Giles without its signs", "Chang Jen-tao"),
    ("an Arabic article", "\u0627\u0644\u062d\u0633\u0646"),
)  # fmt: skip


def _names() -> dict[str, Any]:
    tests = Tests()

    def add(comment: str, flag: str, text: str, kind: str) -> None:
        forms = normalise.normalise(text, kind)
        tests.valid(
            comment, flag, text=text, kind=kind, parts=[t for t, _ in forms.parts], roles=[r for _, r in forms.parts],
            others=[t for t, _ in forms.others], exact=forms.exact,
            skeletons=[f"{normalise.k4(t)} {normalise.k5(t)}" for t, _ in forms.parts],
        )  # fmt: skip

    for comment, text in FATES:
        add(comment, "Fate", text, "full")
    for kind in KINDS:
        add(f"one text as {kind}", "Fate", "MUXXLLER<<ANXXA XH", kind)
        for text in ("\u6b27\u9633\u5c0f\u660e", "\u738b\u5c0f\u660e", "\u674e\u660e", "\uae40\ucca0\uc218"):
            add(f"one text as {kind}", "Fate", text, kind)
    for i, (text, kind) in enumerate(_random_texts(400)):
        add(f"random text {i}", "Random", text, kind)
    add("a Greek lookalike before Latin letters begins no syllable of Wade and Giles", "Fate", "\u03b7sieh", "full")
    notes = {"Fate": "what `comment` says", "Random": "letters of one or two blocks, with marks and signs, from a seed"}
    return tests.document("normalise_names", SPEC, "spec/reference", notes)


READERS = {
    "date": values.date,
    "document": values.document,
    "check_digit": values.check_digit,
    "phone": values.phone,
    "phone_home_44": lambda text: values.phone(text, "44"),
    "email": values.email,
    "country": values.country,
    "place": values.place,
    "zone": values.zone,
}


def _values() -> dict[str, Any]:
    tests = Tests()
    for reader, text, output, source in _official("values"):
        text = text.replace("\\n", "\n")
        expected = output.split("|") if output else []
        got = READERS[reader.removesuffix("_within")](text)
        if reader.endswith("_within"):
            [_, first, last] = got
            if not first <= expected[0] <= last:
                raise ValueError(f"{source}: {text} is {got}")
        elif got != expected:
            raise ValueError(f"{source}: {text} gives {got}, not {expected}")
        flag = "Within" if reader.endswith("_within") else "Refused" if not expected or expected[0] == "error" else "Read"
        tests.valid(f"{reader} by {source}", flag, source=source, reader=reader.removesuffix("_within"), text=text, output=expected)
    notes = {
        "Read": "`output` is the value: for a date what is compared, the first and the last day; for a country the basis "
        "and the codes; for a telephone number what is compared and, if its country is known, the whole number; for a zone "
        "document code, issuer, number, primary and secondary identifier, birth, sex, expiry, nationality, optional data",
        "Within": "the day `output` is in the range of the date",
        "Refused": "the value is refused; of a zone, with the error",
    }
    return tests.document("normalise_values", SPEC, "the source named in each test", notes)


def files() -> dict[str, dict[str, Any]]:
    return {
        "normalise_forms": _forms(),
        "normalise_skeletons": _skeletons(),
        "normalise_names": _names(),
        "normalise_values": _values(),
    }
