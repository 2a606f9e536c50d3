"""Cyrillic: Russian, Ukrainian, Bulgarian and Serbian names.

Schemes: ICAO Doc 9303-3 (8th ed.) section 6 table B; ISO 9:1995; BGN/PCGN 1947 (Russian); DIN 1460 (1982); ALA-LC (Russian,
2012) without its ligature marks; Ukraine, Resolution 55 of 2010; Bulgaria, Transliteration Act of 2009; Serbian Latin
(Gaj).
"""

from __future__ import annotations

CODE = "Cyrl"

RUSSIAN = {
    "F": ["Анастасия", "Екатерина", "Людмила", "Ксения", "Юлия", "Татьяна", "Щедрана", "Зоя"],
    "M": ["Дмитрий", "Сергей", "Алексей", "Михаил", "Юрий", "Геннадий", "Евгений", "Захар"],
}
RUSSIAN_FAMILY = [
    "Хрущёв", "Журавлев", "Щербаков", "Чайковский", "Цветаев", "Яковлев", "Шаповалов", "Емельянов",
    "Кузнецов", "Воробьёв", "Юдин", "Жуковский",
]  # fmt: skip
UKRAINIAN = {"F": ["Єлизавета", "Ганна", "Надія", "Ярина"], "M": ["Андрій", "Юхим", "Григорій", "Сергій"]}
UKRAINIAN_FAMILY = ["Шевченко", "Гончарук", "Щербина", "Яценюк", "Їжакевич", "Ткаченко"]
BULGARIAN = {"F": ["Жасмина", "Цветелина"], "M": ["Йордан", "Христо"]}
BULGARIAN_FAMILY = ["Стоичков", "Райчев", "Хаджийски", "Гъбев"]
SERBIAN = {"F": ["Љубица", "Снежана"], "M": ["Ђорђе", "Жељко"]}
SERBIAN_FAMILY = ["Јовановић", "Обрадовић", "Чолић", "Његош"]

GIVEN = {sex: RUSSIAN[sex] + UKRAINIAN[sex] + BULGARIAN[sex] + SERBIAN[sex] for sex in "FM"}
FAMILY = RUSSIAN_FAMILY + UKRAINIAN_FAMILY + BULGARIAN_FAMILY + SERBIAN_FAMILY
PLACES = [
    "Саратов", "Ярославль", "Чебоксары", "Ишимбай", "Хабаровск", "Екатеринбург", "Псков", "Щёлково", "Жигулёвск", "Тюмень",
]  # fmt: skip
LETTERS = "абвгдезиклмнопрстуфхцчш"

COMMON = dict(zip("абвгдезиклмнопрстуф", "a b v g d e z i k l m n o p r s t u f".split()))


def table(pairs: str) -> dict[str, str]:
    return COMMON | {key: value for key, _, value in (pair.partition(":") for pair in pairs.split())}


ICAO = table("ё:e ж:zh й:i х:kh ц:ts ч:ch ш:sh щ:shch ъ:ie ы:y ь: э:e ю:iu я:ia і:i ї:i є:ie ґ:g ђ:d ј:j љ:lj њ:nj ћ:c џ:dz")
ISO9 = table("ё:ë ж:ž й:j х:h ц:c ч:č ш:š щ:ŝ ъ:ʺ ы:y ь:ʹ э:è ю:û я:â")
BGN = table("ё:ë ж:zh й:y х:kh ц:ts ч:ch ш:sh щ:shch ъ:” ы:y ь:’ э:e ю:yu я:ya")
DIN = table("ё:ë ж:ž й:j х:ch ц:c ч:č ш:š щ:šč ъ:- ы:y ь:’ э:ė ю:ju я:ja")
ALA = table("ё:ë ж:zh й:ĭ х:kh ц:ts ч:ch ш:sh щ:shch ъ:” ы:y ь:’ э:ė ю:iu я:ia")
KMU = table("г:h ґ:g є:ie ж:zh и:y і:i ї:i й:i х:kh ц:ts ч:ch ш:sh щ:shch ь: ю:iu я:ia")
KMU_FIRST = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
BULGARIA = table("ж:zh й:y х:h ц:ts ч:ch ш:sh щ:sht ъ:a ь:y ю:yu я:ya")
GAJ = table("ђ:đ ж:ž ј:j љ:lj њ:nj ћ:ć х:h ц:c ч:č џ:dž ш:š")
ICAO_UKRAINE = ICAO | {"г": "h", "и": "y"}


def written(name: str, rules: dict[str, str], first: dict[str, str] | None = None) -> str:
    lower = name.lower()
    text = ((first or {}).get(lower[0]) or rules[lower[0]]) + "".join(rules[c] for c in lower[1:])
    return text[0].upper() + text[1:]


def bgn(name: str) -> str:
    """е and ё are ye and yë at the beginning, after a vowel and after й, ъ and ь."""
    text, before = "", ""
    for letter in name.lower():
        glide = letter in "её" and (not before or before in "аеёиоуыэюяйъь")
        text += "y" * glide + BGN[letter]
        before = letter
    return text[0].upper() + text[1:]


def spellings(name: str) -> dict[str, str]:
    if name in UKRAINIAN_FAMILY + UKRAINIAN["F"] + UKRAINIAN["M"]:
        icao_first = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
        return {
            "ICAO Doc 9303-3 table B (uk)": written(name, ICAO_UKRAINE, icao_first),
            "Ukraine, Resolution 55 of 2010": written(name, KMU, KMU_FIRST),
        }
    if name in BULGARIAN_FAMILY + BULGARIAN["F"] + BULGARIAN["M"]:
        icao = ICAO | {"щ": "sht"}
        return {
            "ICAO Doc 9303-3 table B (bg)": written(name, icao),
            "Bulgaria, Transliteration Act of 2009": written(name, BULGARIA),
        }
    if name in SERBIAN_FAMILY + SERBIAN["F"] + SERBIAN["M"]:
        icao = ICAO | {"ж": "z", "х": "h", "ц": "c", "ч": "c", "ш": "s"}
        return {"ICAO Doc 9303-3 table B (sr)": written(name, icao), "Serbian Latin": written(name, GAJ)}
    return {
        "ICAO Doc 9303-3 table B": written(name, ICAO),
        "ISO 9:1995": written(name, ISO9),
        "BGN/PCGN 1947": bgn(name),
        "DIN 1460": written(name, DIN),
        "ALA-LC 2012": written(name, ALA),
    }
