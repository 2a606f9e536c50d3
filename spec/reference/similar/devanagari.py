"""Devanagari: Hindi and Nepali names.

Schemes: ISO 15919:2001, which writes every inherent vowel; the Hunterian system (Survey of India; no marks, final inherent
vowel dropped).
"""

from __future__ import annotations

CODE = "Deva"

GIVEN = {
    "F": ["सुनीता", "लक्ष्मी", "प्रिया", "कविता", "राधिका", "शकुन्तला", "गीता", "अनुराधा", "सरस्वती", "मीना"],
    "M": ["राजेश", "सुरेश", "विजय", "अमित", "कृष्ण", "गणेश", "रमेश", "संजय", "प्रकाश", "दीपक", "हरीश", "बहादुर"],
}
FAMILY = [
    "शर्मा", "गुप्ता", "ठाकुर", "चौधरी", "श्रीवास्तव", "थापा", "यादव", "मिश्रा", "पाण्डेय", "तिवारी", "अग्रवाल", "जोशी", "भट्टराई",
    "विश्वकर्मा", "नेगी", "राठौड़",
]  # fmt: skip
PLACES = ["पोखरा", "लखनऊ", "जयपुर", "नागपुर", "वाराणसी", "भोपाल", "इन्दौर", "पटना", "कानपुर", "बिराटनगर"]
LETTERS = "कगचजतदनपबमरलवसह"

CONSONANTS = "क ख ग घ ङ च छ ज झ ञ ट ठ ड ढ ण त थ द ध न प फ ब भ म य र ल व श ष स ह ड़".split()
ISO = dict(zip(CONSONANTS, "k kh g gh ṅ c ch j jh ñ ṭ ṭh ḍ ḍh ṇ t th d dh n p ph b bh m y r l v ś ṣ s h ṛ".split()))
HUNTER = dict(zip(CONSONANTS, "k kh g gh n ch chh j jh n t th d dh n t th d dh n p ph b bh m y r l v sh sh s h r".split()))
SIGNS = dict(zip("ािीुूृेैोौ", "ā i ī u ū r̥ ē ai ō au".split()))
LETTER_VOWELS = dict(zip("अआइईउऊएऐओऔ", "a ā i ī u ū ē ai ō au".split()))
HUNTER_VOWELS = {"ā": "a", "ī": "i", "ū": "u", "r̥": "ri", "ē": "e", "ō": "o", "au": "au", "ai": "ai"}
VIRAMA, ANUSVARA, NUKTA = "्", "ं", "़"


def romanised(name: str, iso: bool) -> str:
    rules = ISO if iso else HUNTER
    vowel_of = (lambda v: v) if iso else (lambda v: HUNTER_VOWELS.get(v, v))
    text, inherent = "", False
    letters = name.replace("ड" + NUKTA, "ड़")
    for i, c in enumerate(letters):
        if c == NUKTA:
            continue
        if c in SIGNS:
            text, inherent = text + vowel_of(SIGNS[c]), False
            continue
        if inherent and c != VIRAMA:
            text += "a"
        inherent = False
        if c == ANUSVARA:
            text += "ṁ" if iso else "n"
        elif c in LETTER_VOWELS:
            text += vowel_of(LETTER_VOWELS[c])
        elif c != VIRAMA:
            key = "ड़" if c == "ड" and letters[i + 1 : i + 2] == NUKTA else c
            text, inherent = text + rules[key], True
    # A cluster at the end keeps its vowel in speech (Krishna), a single consonant does not (Rajesh).
    cluster = len(letters) > 1 and letters[-2] == VIRAMA
    if inherent and (iso or cluster):
        text += "a"
    return text[0].upper() + text[1:]


def spellings(name: str) -> dict[str, str]:
    return {"ISO 15919:2001": romanised(name, iso=True), "Hunterian": romanised(name, iso=False)}
