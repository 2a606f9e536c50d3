"""Ethiopic: Amharic and Tigrinya names. A dot after a syllable of the sixth order says that its vowel is spoken, which
the script does not show; records have the names without the dots.

Schemes: BGN/PCGN 1967 (Amharic) and ALA-LC (Amharic, 2011).
"""

from __future__ import annotations

CODE = "Ethi"

MARKED_GIVEN = {
    "F": ["አልማዝ", "ሰላም", "ት·ዕ·ግ·ስት", "ሜሮን", "ብ·ርሃን", "ሂሩት", "ጸሐይ", "ገነት", "መሠረት", "ዘውዲቱ"],
    "M": ["ተስፋዬ", "አበበ", "ሀይሌ", "ሙሉጌታ", "ገብረ", "ዳዊት", "ሰሎሞን", "በቀለ", "ዮሐን·ስ", "ከበደ", "መለሰ", "ጌታቸው"],
}
MARKED_FAMILY = [
    "ወልደማርያም", "ተክለሃይማኖት", "አስፋው", "ደሳለኝ", "በላይ", "ታደሰ", "መኮን·ን", "ሀብታሙ", "ካሳሁን", "ጥ·ላሁን", "ሽ·ፈራው", "ወርቅ·ነህ", "አለማየሁ",
    "ፍ·ቃዱ", "ኪዳኔ", "ገብረመስቀል",
]  # fmt: skip
MARKED_PLACES = ["ጎንደር", "መቀሌ", "ሐረር", "ጅ·ማ", "ደሴ", "አክሱም", "ላሊበላ", "አስመራ", "ደብረብ·ርሃን", "ሻሸመኔ"]
LETTERS = "ለመረሰበተነከወዘየደገፈ"


def bare(name: str) -> str:
    return name.replace("·", "")


GIVEN = {sex: [bare(name) for name in names] for sex, names in MARKED_GIVEN.items()}
FAMILY = [bare(name) for name in MARKED_FAMILY]
PLACES = [bare(name) for name in MARKED_PLACES]
MARKED = {bare(name): name for name in MARKED_GIVEN["F"] + MARKED_GIVEN["M"] + MARKED_FAMILY + MARKED_PLACES}

# First-order syllable of each series: Unicode has the orders of a series side by side.
SERIES = "ሀለሐመሠረሰሸቀበተቸኀነኘአከኸወዐዘዠየደጀገጠጨጰጸፀፈፐ"
BGN = dict(zip(SERIES, "h l h m s r s sh k’ b t ch h n ny _ k h w _ z zh y d j g t’ ch’ p’ ts’ ts’ f p".split()))
ALA = dict(zip(SERIES, "h l ḥ m š r s š q b t č ḫ n ñ _ k x w ʻ z ž y d ǧ g ṭ č̣ p̣ ṣ ḍ f p".split())) | {"ሠ": "ś"}
BGN_VOWELS = ["e", "u", "ī", "a", "ē", "i", "o"]
ALA_VOWELS = ["a", "u", "i", "ā", "é", "e", "o"]
GUTTURAL = "ሀሐኀአዐ"


def romanised(name: str, rules: dict[str, str], vowels: list[str]) -> str:
    text = ""
    for i, syllable in enumerate(name):
        if syllable == "·":
            continue
        first = next(s for s in SERIES if 0 <= ord(syllable) - ord(s) < 7)
        order = ord(syllable) - ord(first)
        spoken = order != 5 or name[i + 1 : i + 2] == "·"
        # The first order of the gutturals is spoken like the fourth.
        vowel = vowels[3] if order == 0 and first in GUTTURAL else vowels[order]
        text += rules[first].replace("_", "") + (vowel if spoken else "")
    return text[0].upper() + text[1:]


def spellings(name: str) -> dict[str, str]:
    marked = MARKED[name]
    return {
        "BGN/PCGN 1967": romanised(marked, BGN, BGN_VOWELS),
        "ALA-LC 2011": romanised(marked, ALA, ALA_VOWELS),
    }
