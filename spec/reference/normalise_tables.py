"""The tables of norm-v1 (spec/13-normalisation.md, section 13.2), as the files of spec/tables/norm-v1/ have them."""

from __future__ import annotations

import functools
from pathlib import Path

from labelled import labelled_hash

FOLDER = Path(__file__).resolve().parents[1] / "tables" / "norm-v1"


@functools.cache
def digest() -> bytes:
    """V-NORM-009."""
    parts = [b"norm-v1"]
    for path in sorted(FOLDER.iterdir(), key=lambda p: p.name.encode()):
        parts += [path.name.encode(), path.read_bytes()]
    return labelled_hash("blindlink/1 normalisation tables", parts)


def rows(name: str) -> list[list[str]]:
    lines = (FOLDER / f"{name}.tsv").read_bytes().decode("utf-8").split("\n")
    return [line.split("\t") for line in lines[1:] if line]


def points(cell: str) -> tuple[int, ...]:
    return tuple(int(p.removeprefix("U+"), 16) for p in cell.split(" ") if p)


@functools.cache
def signs() -> dict[int, str]:
    return {p: fate for first, last, fate in rows("signs") for p in range(int(first, 16), int(last, 16) + 1)}


@functools.cache
def folds() -> dict[int, tuple[int, ...]]:
    return {int(point, 16): points(becomes) for point, becomes in rows("fold")}


@functools.cache
def compositions() -> dict[tuple[int, int], int]:
    return {(int(a, 16), int(b, 16)): int(c, 16) for a, b, c in rows("compose")}


@functools.cache
def letters() -> dict[int, str]:
    """Letters of folded code points and readings of Han characters."""
    found = {int(point, 16): text for point, text in rows("romanise")}
    found |= {ord(c): reading for reading, characters in rows("han") for c in characters}
    return found


@functools.cache
def cantonese() -> dict[int, str]:
    """Readings of Han characters in Hong Kong."""
    return {ord(c): reading for reading, characters in rows("han_cantonese") for c in characters}


@functools.cache
def sequences() -> list[tuple[tuple[int, ...], str, str]]:
    """Longest first."""
    found = [(points(cell), at, text) for cell, at, text in rows("sequences")]
    return sorted(found, key=lambda row: -len(row[0]))


@functools.cache
def alternates() -> dict[tuple[int, ...], tuple[str, str]]:
    return {points(cell): (text, number) for cell, text, number in rows("alternates")}


@functools.cache
def homoglyphs() -> dict[tuple[int, str], int]:
    return {(int(point, 16), script): int(twin, 16) for point, twin, script in rows("homoglyphs")}


@functools.cache
def words(name: str) -> frozenset[str]:
    return frozenset(row[0] for row in rows(name))


@functools.cache
def patronymics(kind: str) -> tuple[str, ...]:
    return tuple(form for form, k in rows("patronymics") if k == kind)


@functools.cache
def mapping(name: str) -> dict[str, str]:
    """First column to second."""
    return {row[0]: row[1] for row in rows(name)}


@functools.cache
def surnames(name: str) -> dict[str, tuple[str, list[str]]]:
    return {surname: (reading, [o for o in others.split(" ") if o]) for surname, reading, others in rows(name)}


LANGUAGES = ("", "be", "bg", "mk", "sr", "uk")


@functools.cache
def icao_cyrillic() -> dict[str, dict[int, tuple[str, str]]]:
    """Language to letter to its forms: first in a word, elsewhere."""
    found: dict[str, dict[int, tuple[str, str]]] = {language: {} for language in LANGUAGES}
    for _, character, main, alternatives, _ in rows("icao_cyrillic") + rows("icao_supplement"):
        point = ord(character.lower())
        if not 0x400 <= point < 0x530:
            continue
        main = "" if main == "none" else main.lower()
        other = dict(a.split("=") for a in alternatives.split(";") if "=" in a)
        for language in LANGUAGES:
            anywhere = other.get(language, main).lower()
            found[language][point] = (other.get(f"{language}@initial", anywhere).lower(), anywhere)
    return found


@functools.cache
def icao_arabic() -> dict[str, int]:
    found: dict[str, int] = {}
    for cell, _, main, alternatives, _ in rows("icao_arabic"):
        forms = [main] + [a.removeprefix("@final=") for a in alternatives.split(";") if a.startswith("@final=")]
        for form in forms:
            if form.isupper():
                found.setdefault(form, points(cell)[0])
    return found


@functools.cache
def skeleton_rules() -> list[tuple[str, str]]:
    return [(source, target) for _, source, target in rows("skeleton")]
