"""Names of norm-v1 (spec/13-normalisation.md, sections 13.3 to 13.5). Written to be read, not to be fast."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import normalise_syllables as syllables
import normalise_tables as tables

LONGEST_NAME, LONGEST_PART, MOST_PARTS, MOST_OTHERS, MOST_EXACT = 1024, 40, 16, 24, 4
BREAK, HYPHEN, APOSTROPHE = 0x20, 0x2D, 0x27
SERVANT = "abd abdal abdel abder abdes abdil abdol abdoul abdul abdur abdus".split()
ARTICLES = "ad al an ar as ash at az el ul".split()
GOD = "allah allh ellah ollah oullah ulla ullah".split()
OF_THE_FAITH = (
    "addin addine aldin aldyn eddeen eddin eddine eldin eldine oddin uddeen uddin uddine uldin".split()
)


@dataclass
class Unit:
    point: int
    written: int
    alternate: tuple[str, str] | None = None
    """Letters and set."""


@dataclass
class Raw:
    text: str
    single: bool = False


@dataclass
class Found:
    parts: list[Raw] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    exact: list[str] = field(default_factory=list)

    def part(self, text: str, single: bool = False) -> None:
        if text:
            self.parts.append(Raw(text[:LONGEST_PART], single))

    def other(self, text: str) -> None:
        if len(text) > 1 and len(self.others) < 4 * MOST_OTHERS:
            self.others.append(text[:LONGEST_PART])


@dataclass
class NameForms:
    parts: list[tuple[str, str]]
    others: list[tuple[str, str]]
    exact: list[str]


def is_han(p: int) -> bool:
    return 0x3400 <= p <= 0x4DBF or 0x4E00 <= p <= 0x9FFF


def is_syllable(p: int) -> bool:
    return 0xAC00 <= p <= 0xD7A3


def writing(p: int) -> str:
    if is_han(p):
        return "han"
    return "hangul" if is_syllable(p) or 0x1100 <= p <= 0x11FF else "other"


# 13.3.1 Units


def hangul(first: int, second: int) -> int | None:
    if 0x1100 <= first <= 0x1112 and 0x1161 <= second <= 0x1175:
        return 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28
    if is_syllable(first) and (first - 0xAC00) % 28 == 0 and 0x11A8 <= second <= 0x11C2:
        return first + second - 0x11A7
    return None


def units(text: str) -> list[Unit]:
    found: list[Unit] = []

    def add(point: int) -> None:
        if point >= 0x900 and found:
            last = found[-1]
            whole = hangul(last.point, point) or tables.compositions().get((last.point, point))
            if whole:
                last.point = last.written = whole
                return
        found.append(Unit(point, point))

    signs = {"apostrophe": APOSTROPHE, "hyphen": HYPHEN}
    for c in map(ord, text):
        before = len(found)
        fate = tables.signs().get(c)
        if fate == "ignore":
            if found:
                last = found[-1]
                last.alternate = tables.alternates().get((last.point, c), last.alternate)
                last.written = tables.compositions().get((last.point, c), last.written)
        elif fate:
            found.append(Unit(signs[fate], signs[fate]))
        elif c in tables.folds():
            for p in tables.folds()[c]:
                if tables.signs().get(p) == "apostrophe":
                    found.append(Unit(APOSTROPHE, APOSTROPHE))
                else:
                    add(p)
        elif c in tables.letters() or writing(c) == "hangul":
            add(c)
        else:
            found.append(Unit(BREAK, BREAK))
        if len(found) > before:
            new = found[before]
            new.alternate = tables.alternates().get((c,), new.alternate)
            if 0x400 <= c <= 0x40F:
                new.written = c + 0x50
            elif 0x410 <= c <= 0x42F:
                new.written = c + 0x20
            elif 0x430 <= c <= 0x45F:
                new.written = c
    return found


def split(items: list[Unit], sign: int) -> list[list[Unit]]:
    """The non-empty pieces between units of one kind."""
    pieces: list[list[Unit]] = [[]]
    for unit in items:
        if unit.point == sign:
            pieces.append([])
        else:
            pieces[-1].append(unit)
    return [piece for piece in pieces if piece]


GLUED = re.compile("[A-Za-zА-ИК-Яа-ик-я]+")
BOUNDARY = re.compile("(?<=[a-zа-ик-я])(?=[A-ZА-ИК-Я])")


def set_apart(text: str) -> str:
    """V-NORM-026: a hyphen where a capital stands behind a small letter."""

    def neighbour(sign: str) -> bool:
        return sign.isascii() and sign not in ("'", "`")

    def apart(run: re.Match[str]) -> str:
        pieces = BOUNDARY.split(run[0])
        kept = tables.words("particles") | {"mac", "fitz"}
        names = all(len(piece) >= 3 and ascii_lower(piece) not in kept for piece in pieces)
        alone = neighbour(text[run.start() - 1 : run.start()]) and neighbour(text[run.end() : run.end() + 1])
        return "-".join(pieces) if names and alone else run[0]

    return GLUED.sub(apart, text)


def read_name(text: str, kind: str, found: Found) -> None:
    words = paired(split(units(set_apart(text)), BREAK), found)
    for word in words:
        first, folded = len(found.parts), [unit.point for unit in word]
        segments = split(word, HYPHEN)
        for segment in segments:
            runs: list[list[Unit]] = []
            for unit in segment:
                if runs and writing(runs[-1][-1].point) == writing(unit.point):
                    runs[-1].append(unit)
                else:
                    runs.append([unit])
            for run in runs:
                alone = len(words) == 1 and len(run) == len(word)
                match writing(run[0].point):
                    case "han":
                        eastern(run, kind, alone, found, "han_surnames")
                    case "hangul":
                        eastern(run, kind, alone, found, "hangul_surnames")
                    case _:
                        token(run, found)
        if len(segments) > 1 and len(found.parts) - first > 1:
            found.other("".join(part.text for part in found.parts[first:]))
        wade_giles(folded, found)


# 13.3.7 Wade-Giles

INITIALS = {
    "ts'": "c", "tz'": "c", "ch'i": "qi", "k'": "k", "p'": "p", "t'": "t",
    "hs": "x", "ts": "z", "tz": "z", "t": "d", "j": "r",
}  # fmt: skip


def wade_giles(word: list[int], found: Found) -> None:
    """Of the units as 13.3.1 gives them: no lookalike makes a name Chinese."""
    signs = {HYPHEN: "-", APOSTROPHE: "'"} | {p: chr(p) for p in range(0x61, 0x7B)}
    if any(point not in signs for point in word):
        return
    text, reading_of, certain = "".join(signs[point] for point in word), "", False
    for syllable in text.split("-"):
        initial = next((i for i in INITIALS if syllable.startswith(i)), "")
        certain = certain or "'" in initial or initial == "hs" or syllable.startswith("ch'")
        reading_of += INITIALS.get(initial, "") + syllable[len(initial) :].replace("'", "")
    if certain:
        found.other(reading_of)


# 13.3.2, 13.3.3 One script in a word, romanisation


def script(p: int) -> str | None:
    if 0x61 <= p <= 0x7A or 0xDF <= p <= 0x2AF or 0x1E00 <= p <= 0x1EFF:
        return "latin"
    if 0x370 <= p <= 0x3FF or 0x1F00 <= p <= 0x1FFF:
        return "greek"
    return "cyrillic" if 0x400 <= p <= 0x52F else None


def one_script(word: list[Unit]) -> None:
    counts = {s: sum(script(u.point) == s for u in word) for s in ("latin", "cyrillic", "greek")}
    if sum(n > 0 for n in counts.values()) < 2:
        return

    def foreign(u: Unit, s: str) -> bool:
        return script(u.point) not in (None, s)

    possible = [
        s for s in counts if all(not foreign(u, s) or (u.point, s) in tables.homoglyphs() for u in word)
    ]
    if possible:
        chosen = max(possible, key=lambda s: counts[s])
        for u in word:
            if foreign(u, chosen):
                u.point = u.written = tables.homoglyphs()[u.point, chosen]


def romanise(word: list[Unit], alternates: str = "", first: bool = True) -> str:
    out, i = "", 0
    of = tables.letters().get
    while i < len(word):
        p = word[i].point
        preposed = 0xE40 <= p <= 0xE44 or 0xEC0 <= p <= 0xEC4
        if preposed and i + 1 < len(word):
            n = word[i + 1].point
            if 0xE01 <= n <= 0xE2E or 0xE81 <= n <= 0xEAE:
                out += of(n, "") + of(p, "")
                i += 2
                continue
        instead = word[i].alternate
        if instead is not None and instead[1] == alternates:
            out += instead[0]
            i += 1
            continue
        for points, at, text in tables.sequences():
            here = tuple(u.point for u in word[i : i + len(points)])
            if here == points and (at == "any" or (i == 0 and first)):
                out += text
                i += len(points)
                break
        else:
            out += of(p, "")
            i += 1
    return out


def is_arabic(p: int) -> bool:
    return 0x620 <= p <= 0x64A or 0x66E <= p <= 0x6D3 or p == 0x6D5


def token(run: list[Unit], found: Found) -> None:
    word = [u for u in run if u.point != APOSTROPHE]
    pieces = split([Unit(u.point, u.written, u.alternate) for u in run], APOSTROPHE)
    if not word:
        return
    if all(syllables.is_burmese(u.point) for u in word):
        burmese(word, found)
        return
    one_script(word)
    if len(word) < len(run):
        for piece in pieces:
            found.other(romanise(piece))
    start = [u.point for u in word[:4]]
    god = [u.point for u in word] == [0x627, 0x644, 0x644, 0x647]
    if len(word) >= 4 and start[:2] == [0x627, 0x644] and not god and all(is_arabic(u.point) for u in word):
        found.other(romanise(word))
        found.part(romanise(word[:2]))
        word = word[2:]
    main = romanise(word)
    for number in ("1", "2"):
        if any(u.alternate is not None and u.alternate[1] == number for u in word):
            found.other(romanise(word, number))
    cyrillic(word, found)
    found.part(main, len(word) == 1 and len(main) == 1)


def burmese(word: list[Unit], found: Found) -> None:
    """V-NORM-027"""
    points = [u.point for u in word if u.point not in syllables.BURMESE_TONES]
    read = []
    for number, syllable in enumerate(syllables.burmese_syllables(points)):
        text = romanise([Unit(p, p) for p in syllable], first=number == 0)
        read.append(text if re.search("[aeiou]", text) else text + "a")
    for text in read:
        found.part(text)
    for one, other in zip(read, read[1:]):
        found.other(one + other)


def paired(words: list[list[Unit]], found: Found) -> list[list[Unit]]:
    """V-NORM-028: the other words; two Tibetan syllables that follow each other are one part."""
    rest, waiting = [], None

    def alone(word: list[int], is_part: bool) -> None:
        text = syllables.tibetan_syllable(word)[0]
        (found.part if is_part else found.other)(text)

    for word in words:
        points = [u.point for u in word]
        if not all(syllables.is_tibetan(p) for p in points):
            rest.append(word)
        elif waiting is None:
            waiting = points
            continue
        else:
            found.part(syllables.tibetan_pair(waiting, points))
            for syllable in (waiting, points):
                alone(syllable, False)
            waiting = None
            continue
        if waiting is not None:
            alone(waiting, True)
            waiting = None
    if waiting is not None:
        alone(waiting, True)
    return rest


def cyrillic(word: list[Unit], found: Found) -> None:
    """13.4.2"""
    if not all(0x400 <= u.point <= 0x52F for u in word):
        return
    first = None
    for language in tables.LANGUAGES:
        table = tables.icao_cyrillic()[language]
        looked_up = [u.written if u.written in table else u.point for u in word]
        if all(letter in table for letter in looked_up):
            letters = [table[letter][0 if i == 0 else 1] for i, letter in enumerate(looked_up)]
            if letters != first:
                found.other("".join(letters))
            first = first or letters


# 13.3.4 Han, Hangul


def reading(p: int) -> str:
    if not is_syllable(p):
        return tables.letters().get(p, "")
    index = p - 0xAC00
    jamo = [0x1100 + index // 588, 0x1161 + index % 588 // 28] + ([0x11A7 + index % 28] if index % 28 else [])
    return "".join(tables.letters()[j] for j in jamo)


def eastern(run: list[Unit], kind: str, alone: bool, found: Found, table: str) -> None:
    known = tables.surnames(table)
    folded = "".join(chr(u.point) for u in run)
    if table == "han_surnames":
        folded = "".join(tables.mapping("han_variants").get(c, c) for c in folded)
    n, whole = len(run), kind in ("full", "mrz")

    def s(k: int) -> bool:
        return n >= k and folded[:k] in known

    def family(length: int) -> None:
        usual = "".join(reading(u.point) for u in run[:length])
        text, others = known.get(folded[:length], (usual, []))
        found.part(text)
        for other in others:
            found.other(other)

    def given(start: int) -> None:
        readings = [reading(u.point) for u in run[start:]]
        if len(readings) > 1:
            for r in readings:
                found.other(r)
        found.part("".join(readings))
        cantonese = [tables.cantonese().get(u.point, "") for u in run[start:]]
        if table == "han_surnames" and all(cantonese):
            found.other("".join(cantonese))
            if len(cantonese) > 1 and folded != "".join(chr(u.point) for u in run):
                for r in cantonese:
                    found.other(r)

    if n == 2:
        cut = 1 if whole and alone and s(1) and not s(2) else 0
    elif n < 2:
        cut = 0
    elif s(2):
        cut = 2
    elif n == 3:
        cut = 1 if whole or s(1) else 0
    elif kind == "family":
        cut = 0
    else:
        cut = 2 if table == "han_surnames" else 1
    if cut:
        family(cut)
        given(cut)
    elif kind == "family" or (n == 1 and kind != "given") or (n == 2 and s(2)):
        family(n)
        if kind == "family" and n == 2 and s(1) and not s(2):
            found.other(known[folded[:1]][0])
            found.other(reading(run[1].point))
    else:
        given(0)
    if table == "han_surnames" and n > 1:
        found.exact.append(folded)


# 13.3.5 Compounds


def servant_of(part: str) -> str | None:
    match = re.match(r"abd([aeiou]+)(.*)$", part)
    if not match or len(match[1]) > 2:
        return None
    noun = match[2]
    if not noun.startswith("l") and not re.match(r"dd|nn|rr|ss|tt|zz", noun):
        return None
    of = noun[1:]
    return of if len(of) >= 2 and re.search("[^aeiouwyh]", of) else None


def join(found: Found) -> None:
    source, found.parts = found.parts, []
    i = 0
    while i < len(source):
        part = source[i]
        i += 1
        text = part.text
        suffix = next((e for e in OF_THE_FAITH if text.endswith(e)), None)
        if text in SERVANT:
            aside = [source[i]] if i < len(source) and source[i].text in ARTICLES else []
            i += len(aside)
            if i < len(source) and len(source[i].text) > 1:
                of = source[i].text
                i += 1
                found.other(of)
                found.part("abd" + (of.lstrip("aeou")[1:] if of in GOD else of))
            else:
                found.parts += [part, *aside]
        elif text in GOD and found.parts and len(found.parts[-1].text) > 1 and found.parts[-1].text not in ARTICLES:
            before = found.parts[-1]
            found.other(before.text)
            before.text = (before.text + text)[:LONGEST_PART]
        elif (of := servant_of(text)) is not None:
            found.other(of)
            found.part("abd" + of)
        elif suffix and len(text) - len(suffix) > 2:
            found.part(text.removesuffix(suffix))
            found.part("din")
        else:
            found.parts.append(part)


# 13.3.6 Roles


def assign(found: Found, kind: str) -> list[tuple[str, str]]:
    titles, particles = tables.words("titles"), tables.words("particles")
    parts = found.parts
    if any(not p.single and p.text not in titles for p in parts):
        parts = [p for p in parts if p.text not in titles]
    result = [(p.text, "initial" if p.single else "particle" if p.text in particles else "name") for p in parts]
    if all(role != "name" for _, role in result):
        result = [(t, "name" if role == "particle" and len(t) > 1 else role) for t, role in result]
    elif sum(role == "name" for _, role in result) == 1 and kind in ("full", "mrz"):
        for i in {0, len(result) - 1}:
            text, role = result[i]
            if role == "particle" and len(text) > 1 and text not in ARTICLES:
                result[i] = (text, "name")
    if kind == "father":
        return [(t, "patronymic" if role == "name" else role) for t, role in result]
    if kind == "family":
        return result
    keep = 1 if kind == "given" else 2
    suffix_found = False
    for i in range(1, len(result)):
        text, role = result[i]
        marked = result[i - 1][0] in tables.patronymics("before") or (
            i + 1 < len(result) and result[i + 1][0] in tables.patronymics("after")
        )
        shaped = not suffix_found and any(
            text.endswith(s) and len(text) >= len(s) + 2 for s in tables.patronymics("suffix")
        )
        names = sum(r == "name" for _, r in result)
        if role == "name" and names > keep and (marked or shaped):
            suffix_found = suffix_found or shaped
            result[i] = (text, "patronymic")
    return result


# 13.4 Other forms


def decode(text: str, kind: str) -> tuple[str, bool] | None:
    """13.4.3: Arabic letters, and whether the text may be Latin after all."""
    if "x" not in text.lower() or not text.isascii():
        return None
    decoded, lengths = "", set()
    for word in re.findall("[A-Z]+", text.upper()):
        decoded += " "
        while word:
            form = next((word[:n] for n in (3, 2, 1) if word[:n] in tables.icao_arabic()), None)
            if form is None:
                return None
            lengths.add(len(form))
            decoded += chr(tables.icao_arabic()[form])
            word = word[len(form) :]
    if 3 in lengths:
        return decoded, False
    return (decoded, True) if 2 in lengths and kind == "mrz" else None


def normalise(text: str, kind: str = "full") -> NameForms:
    if len(text.encode()) > LONGEST_NAME:
        return NameForms([], [], [])
    found = Found()
    decoded = decode(text, kind)
    if decoded:
        read_name(decoded[0], kind, found)
        if decoded[1]:
            latin = Found()
            read_name(text, kind, latin)
            for part in latin.parts:
                found.other(part.text)
    elif kind == "mrz":
        read_name(ascii_upper(text).replace("NXX", "N").replace("UXX", "U"), kind, found)
    else:
        read_name(text, kind, found)
    join(found)
    parts = assign(found, kind)[:MOST_PARTS]
    role = "patronymic" if kind == "father" else "name"
    others: list[tuple[str, str]] = []
    for other in found.others:
        known = {t for t, _ in parts + others} | tables.words("particles") | tables.words("titles")
        if other not in known and len(others) < MOST_OTHERS:
            others.append((other, role))
    return NameForms(parts, others, list(dict.fromkeys(found.exact))[:MOST_EXACT])


def ascii_lower(text: str) -> str:
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def ascii_upper(text: str) -> str:
    return "".join(chr(ord(c) - 32) if "a" <= c <= "z" else c for c in text)


# 13.5 Skeletons


def uncut(part: str, keep_h: bool) -> str:
    part = part[:LONGEST_PART]
    for source, target in tables.skeleton_rules():
        part = part.replace(source, target)
    first, rest = part[:1], re.sub("[aeiouhw]", "", part[1:])
    first = {"h": "h" if keep_h else "a", "w": "v"}.get(first, "a" if first and first in "aeiou" else first)
    return re.sub(r"(.)\1+", r"\1", first + rest)


def k4(part: str) -> str:
    return uncut(part, False)[:4]


def k5(part: str) -> str:
    return uncut(part, True)[:5]


def sounds(part: str) -> str:
    """V-NORM-025"""
    part = part[:LONGEST_PART]
    for source, target in tables.skeleton_rules():
        part = part.replace(source, target)
    part = part[:1] + part[1:].replace("h", "")
    part = part.translate(str.maketrans("eow", "iuu"))
    return re.sub(r"(.)\1+", r"\1", part)


def s3(part: str) -> str:
    return uncut(part, False)[-3:]
