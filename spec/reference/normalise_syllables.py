"""Scripts whose names are cut into syllables (spec/13-normalisation.md, 13.3.9): Myanmar and Tibetan."""

from __future__ import annotations

BURMESE_TONES = (0x1037, 0x1038)
KILLER, STACK = 0x103A, 0x1039


def is_burmese(p: int) -> bool:
    return 0x1000 <= p <= 0x109F


def is_tibetan(p: int) -> bool:
    return 0x0F40 <= p <= 0x0FBC


def burmese_syllables(points: list[int]) -> list[list[int]]:
    """V-NORM-027, by code points without tones."""
    syllables: list[list[int]] = []
    for i, p in enumerate(points):
        after = points[i + 1] if i + 1 < len(points) else 0
        letter = p <= 0x1021 or 0x1023 <= p <= 0x102A or p == 0x103F
        begins = letter and after not in (KILLER, STACK) and (i == 0 or points[i - 1] != STACK)
        if begins or not syllables:
            syllables.append([p])
        else:
            syllables[-1].append(p)
    return syllables


# 0F40 to 0F68 as a root; the subjoined letters lie 50 hex above.
ROOTS = {
    0x40: "k", 0x41: "kh", 0x42: "g", 0x43: "g", 0x44: "ng", 0x45: "ch", 0x46: "ch", 0x47: "j", 0x49: "ny",
    0x4A: "t", 0x4B: "th", 0x4C: "d", 0x4D: "d", 0x4E: "n", 0x4F: "t", 0x50: "th", 0x51: "d", 0x52: "d", 0x53: "n",
    0x54: "p", 0x55: "ph", 0x56: "b", 0x57: "b", 0x58: "m", 0x59: "ts", 0x5A: "ts", 0x5B: "z", 0x5C: "z",
    0x5D: "w", 0x5E: "zh", 0x5F: "z", 0x60: "", 0x61: "y", 0x62: "r", 0x63: "l", 0x64: "sh", 0x65: "sh", 0x66: "s",
    0x67: "h", 0x68: "",
}  # fmt: skip
VOWELS = {0x71: "a", 0x72: "i", 0x73: "i", 0x74: "u", 0x75: "u", 0x7A: "e", 0x7B: "e", 0x7C: "o", 0x7D: "o", 0x80: "i"}
HEADS = (0x62, 0x63, 0x66)
YA, RA, LA, WA, HA = 0xB1, 0xB2, 0xB3, 0xAD, 0xB7
WITH_YA = {"w": "y", "p": "ch", "ph": "ch", "b": "j", "m": "ny"}
WITH_RA = {"k": "t", "kh": "t", "g": "d", "t": "t", "th": "t", "d": "d", "p": "t", "ph": "t", "b": "d"}
FINALS = {0x42: "k", 0x44: "ng", 0x53: "n", 0x56: "p", 0x58: "m", 0x62: "r", 0x63: "l"}
CLOSED = (0x42, 0x44, 0x56, 0x58)
FRONTING = (0x51, 0x53, 0x63, 0x66)


def tibetan_syllable(points: list[int]) -> tuple[str, str, bool]:
    """V-NORM-028: its letters, what a head or prefix gives an open syllable before it, and whether it is open."""
    low = [p - 0x0F00 for p in points]
    bases = [i for i, p in enumerate(low) if p < 0x6D]
    if not bases:
        return "", "", True
    marked = next((i for i, p in enumerate(low) if p >= 0x6D), None)
    if marked is not None:
        # The last letter before the first subjoined letter or vowel.
        at = max([i for i in bases if i < marked], default=bases[0])
    elif len(bases) < 3:
        at = bases[0]
    elif len(bases) == 3 and low[bases[2]] == 0x66 and low[bases[1]] in CLOSED:
        at = bases[0]
    else:
        at = bases[1]
    rest, root, before = low[at + 1 :], low[at], ""
    if root in HEADS and rest and rest[0] >= 0x90 and rest[0] not in (YA, RA, LA, WA, HA):
        before = "r" if root == 0x62 else ""
        root, rest = rest[0] - 0x50, rest[1:]
    elif at > 0 and low[at - 1] == 0x60:
        before = "n"
    letters = "w" if root == 0x56 and at > 0 and low[at - 1] == 0x51 else ROOTS.get(root, "")
    vowel, finals = "", []
    for p in rest:
        if p == YA:
            letters = WITH_YA.get(letters, letters + "y")
        elif p == RA:
            letters = WITH_RA.get(letters, letters)
        elif p == LA:
            letters = "d" if letters == "z" else "l"
        elif p == HA:
            letters += "h"
        elif p in VOWELS:
            vowel = VOWELS[p]
        elif p < 0x6D:
            finals.append(p)
    final = finals[0] if finals else 0
    if not vowel:
        vowel = "e" if final in FRONTING else "a"
    return letters + vowel + FINALS.get(final, ""), before, final in (0, 0x60)


def tibetan_pair(first: list[int], second: list[int]) -> str:
    one, _, is_open = tibetan_syllable(first)
    two, before, _ = tibetan_syllable(second)
    return one + (before if is_open else "") + two
