"""Arabic: names in full vocalisation, from which schemes with vowels are computed; records have them without.

Schemes: ICAO Doc 9303-3 (8th ed.) section 6 table C, letter by letter, as a machine readable zone has it; DIN 31635 (2011);
BGN/PCGN 1956; ALA-LC (2012).
"""

from __future__ import annotations

CODE = "Arab"
MRZ = "ICAO Doc 9303-3 table C"

VOCALISED_GIVEN = {
    "F": ["فَاطِمَة", "زَيْنَب", "خَدِيجَة", "مَرْيَم", "سُعَاد", "نُور", "هُدَى", "شَيْمَاء", "رَشِيدَة", "غَادَة"],
    "M": ["مُحَمَّد", "أَحْمَد", "حُسَيْن", "يُوسُف", "إِبْرَاهِيم", "خَالِد", "عَلِيّ", "طَارِق", "حَسَن", "جَمَال", "عُثْمَان", "صَالِح"],
}
VOCALISED_FAMILY = [
    "الحَرْبِيّ", "الشَّرِيف", "القَحْطَانِيّ", "البَغْدَادِيّ", "الدُّورِيّ", "النَّجَّار", "الخَطِيب", "الغَامِدِيّ", "الصَّبَّاغ",
    "مَنْصُور", "حَدَّاد", "سُلَيْمَان", "خَلِيفَة", "رَمَضَان", "شَاهِين", "عَبَّاس",
]  # fmt: skip
VOCALISED_PLACES = [
    "دِمَشْق", "بَغْدَاد", "الخُرْطُوم", "الرِّيَاض", "حَلَب", "صَنْعَاء", "بَيْرُوت", "عَمَّان", "القَاهِرَة", "المَنْصُورَة",
]  # fmt: skip
LETTERS = "بتجحدرزسشطعفقكلمنهي"

FATHA, DAMMA, KASRA, SHADDA, SUKUN = "\u064e", "\u064f", "\u0650", "\u0651", "\u0652"
MARKS = FATHA + DAMMA + KASRA + SHADDA + SUKUN


def bare(name: str) -> str:
    return "".join(c for c in name if c not in MARKS)


GIVEN = {sex: [bare(name) for name in names] for sex, names in VOCALISED_GIVEN.items()}
FAMILY = [bare(name) for name in VOCALISED_FAMILY]
PLACES = [bare(name) for name in VOCALISED_PLACES]
VOCALISED = {bare(name): name for name in VOCALISED_GIVEN["F"] + VOCALISED_GIVEN["M"] + VOCALISED_FAMILY + VOCALISED_PLACES}

ICAO = {
    "ء": "XE", "آ": "XAA", "أ": "XAE", "ؤ": "U", "إ": "I", "ئ": "XI", "ا": "A", "ب": "B", "ت": "T", "ث": "XTH",
    "ج": "J", "ح": "XH", "خ": "XKH", "د": "D", "ذ": "XDH", "ر": "R", "ز": "Z", "س": "S", "ش": "XSH", "ص": "XSS", "ض": "XDZ",
    "ط": "XTT", "ظ": "XZZ", "ع": "E", "غ": "G", "ف": "F", "ق": "Q", "ك": "K", "ل": "L", "م": "M", "ن": "N", "ه": "H",
    "و": "W", "ى": "XAY", "ي": "Y",
}  # fmt: skip


def icao(name: str) -> str:
    """Teh marbuta is XAH at the end of a word, XTA elsewhere; here it is always at the end."""
    return "".join("XAH" if letter == "ة" else ICAO[letter] for letter in name)


PLAIN = dict(zip("بتدرزسفقكلمنهوي", "b t d r z s f q k l m n h w y".split()))
DIN = PLAIN | dict(zip("ثجحخذشصضطظعغء", "ṯ ǧ ḥ ḫ ḏ š ṣ ḍ ṭ ẓ ʿ ġ ʾ".split()))
BGN = PLAIN | dict(zip("ثجحخذشصضطظعغء", "th j ḩ kh dh sh ş ḑ ţ z̧ ‘ gh ’".split()))
ALA = PLAIN | dict(zip("ثجحخذشصضطظعغء", "th j ḥ kh dh sh ṣ ḍ ṭ ẓ ʻ gh ʼ".split()))
SUN = "تثدذرزسشصضطظلن"
SHORT = {FATHA: "a", DAMMA: "u", KASRA: "i"}


def romanised(name: str, rules: dict[str, str], assimilates: bool) -> str:
    """A vocalised name by a scheme's letters; the article stays al- in ALA-LC and takes the sun letter in the others."""
    article = ""
    if name.startswith("ال"):
        sun = name[2] in SUN
        article = ("a" + rules[name[2]] if sun and assimilates else "al") + "-"
        name = name[2:]
        if sun:
            name = name.replace(SHADDA, "", 1)
    text, i = "", 0
    while i < len(name):
        letter, marks = name[i], ""
        i += 1
        while i < len(name) and name[i] in MARKS:
            marks += name[i]
            i += 1
        vowel = next((SHORT[m] for m in marks if m in SHORT), "")
        silent = not vowel and SUKUN not in marks
        if letter == "ا" and text.endswith("a"):
            text = text[:-1] + "ā"
        elif letter == "و" and silent and text.endswith("u"):
            text = text[:-1] + "ū"
        elif letter == "ي" and silent and text.endswith("i"):
            text = text[:-1] + "ī"
        elif letter == "ى":
            text = text[:-1] + ("á" if rules is not DIN else "ā")
        elif letter == "ة":
            pass
        elif letter in "أإ" and not text:
            text += vowel
        else:
            text += rules[letter] * (2 if SHADDA in marks else 1) + vowel
    first = 1 if text[0] in "ʿ‘ʻ" else 0
    return article + text[:first] + text[first].upper() + text[first + 1 :]


def spellings(name: str) -> dict[str, str]:
    vocalised = VOCALISED[name]
    return {
        MRZ: icao(name),
        "DIN 31635": romanised(vocalised, DIN, assimilates=True),
        "BGN/PCGN 1956": romanised(vocalised, BGN, assimilates=True),
        "ALA-LC 2012": romanised(vocalised, ALA, assimilates=False),
    }
