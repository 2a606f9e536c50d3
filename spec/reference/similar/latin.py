"""Latin: names with letters beyond a to z.

Schemes: ICAO Doc 9303-3 (8th ed.) section 6 table A, its recommended outputs and its permitted alternatives, which take
the letter without its mark. `ß` is SS in the same document.
"""

from __future__ import annotations

import unicodedata

CODE = "Latn"

GIVEN = {
    "F": ["Jürgita", "Käthe", "Åsa", "Mária", "Zoë", "Gülşen", "Łucja", "Françoise", "Ștefania", "Bjørg", "Thảo", "Núria"],
    "M": ["Jörg", "Günther", "Øyvind", "Björn", "José", "Çağrı", "Paweł", "Håkon", "Răzvan", "François", "Đức", "Niño"],
}
FAMILY = [
    "Müller", "Schäfer", "Größmann", "Ångström", "Sørensen", "Peña", "Yıldırım", "Wójcik", "Popović", "Nguyễn", "Škoda",
    "Țăranu", "Lefèvre", "Gonçalves", "Öztürk", "Dvořák", "Bjørnæs", "Kovács",
]  # fmt: skip
PLACES = ["Kraków", "Łódź", "Malmö", "Århus", "Köln", "Zürich", "São Paulo", "Bogotá", "Tromsø", "Diyarbakır"]
LETTERS = "abcdefghijklmnoprstuvw"

RECOMMENDED = {"ä": "ae", "å": "aa", "æ": "ae", "ö": "oe", "ø": "oe", "ü": "ue", "ß": "ss", "đ": "d", "ı": "i", "ł": "l"}
ALTERNATIVE = RECOMMENDED | {"ä": "a", "å": "a", "ö": "o", "ü": "u"}


def written(name: str, rules: dict[str, str]) -> str:
    text = "".join(rules.get(c, c) for c in name.lower())
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).upper()


def spellings(name: str) -> dict[str, str]:
    return {
        "ICAO Doc 9303-3 table A": written(name, RECOMMENDED),
        "ICAO Doc 9303-3 table A, alternatives": written(name, ALTERNATIVE),
    }
