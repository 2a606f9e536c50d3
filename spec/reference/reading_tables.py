"""The tables of read-v1 (4.5), as the files of spec/tables/read-v1/ have them."""

from __future__ import annotations

import functools
from pathlib import Path

import normalise
import normalise_tables as tables
from normalise_values import digit

FOLDER = Path(__file__).resolve().parents[1] / "tables" / "read-v1"


def folded(text: str) -> str:
    """V-READ-002: letters folded, digits as ASCII, all else one space."""
    out = ""
    for c in text:
        if (found := digit(c)) is not None:
            out += found
        elif (fate := tables.signs().get(ord(c))) is not None:
            out += " " if fate == "hyphen" else ""
        elif ord(c) in tables.folds():
            out += "".join(chr(p) if letter(p) else " " for p in tables.folds()[ord(c)] if p not in tables.signs())
        else:
            out += c if letter(ord(c)) else " "
    return " ".join(word for word in out.split(" ") if word)


def letter(point: int) -> bool:
    return point in tables.letters() or normalise.writing(point) == "hangul"


@functools.cache
def meanings(name: str) -> dict[str, str]:
    """Folded word to meaning."""
    return {folded(word): meaning for word, meaning in _rows(name)}


@functools.cache
def exact(name: str) -> dict[str, str]:
    """Word as written to meaning."""
    return dict(_rows(name))


def _rows(name: str) -> list[tuple[str, str]]:
    lines = (FOLDER / f"{name}.tsv").read_bytes().decode().split("\n")[1:]
    return [(cells[0], cells[1]) for cells in (line.split("\t") for line in lines if line)]
