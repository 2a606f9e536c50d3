//! Words of alphabets and syllabaries (spec 13.3.3).

use super::super::tables::{Meaning, Place, Script, Tables};
use super::unit::{APOSTROPHE, Unit};
use super::{NameParts, cyrillic, syllables};
use zeroize::Zeroizing;

/// Adds the parts and forms of a run of units without breaks and hyphens.
pub(super) fn token(tables: &Tables, run: &[Unit], found: &mut NameParts) {
    let mut word = Zeroizing::new(Vec::with_capacity(run.len()));
    word.extend(run.iter().copied().filter(|u| u.point != APOSTROPHE));
    if word.is_empty() {
        return;
    }
    if syllables::is_burmese(&word) {
        return syllables::burmese(&word, found, |syllable, first| read(tables, syllable, 0, first));
    }
    one_script(tables, &mut word);
    if word.len() < run.len() {
        for piece in run.split(|u| u.point == APOSTROPHE).filter(|p| !p.is_empty()) {
            let text = romanise(tables, piece, 0);
            found.other(text);
        }
    }
    // The article is written onto its noun: it is set apart, but from the name of God (V-NORM-002).
    let start = [0, 1, 2, 3].map(|i| word.get(i).map_or(0, |u| u.point));
    let article = word.len() >= 4
        && matches!(start, [0x627, 0x644, c, d] if word.len() > 4 || (c, d) != (0x644, 0x647))
        && word.iter().all(|u| is_arabic(u.point));
    if article && let Some((article, noun)) = word.split_at_checked(2) {
        // A name may begin with the same two letters.
        found.other(romanise(tables, &word, 0));
        found.part(romanise(tables, article, 0), false);
        add(tables, noun, found);
    } else {
        add(tables, &word, found);
    }
}

fn add(tables: &Tables, word: &[Unit], found: &mut NameParts) {
    let main = romanise(tables, word, 0);
    for set in 1..=2 {
        if word.iter().any(|u| u.alternate.is_some_and(|(_, s)| s == set)) {
            found.other(romanise(tables, word, set));
        }
    }
    cyrillic::forms(tables, word, found);
    let single = word.len() == 1 && main.len() == 1;
    found.part(main, single);
}

/// The letters of a word; those with an alternate of the set `set` get it (V-NORM-023).
fn romanise(tables: &Tables, word: &[Unit], set: u8) -> String {
    read(tables, word, set, true)
}

/// As `romanise`; what stands at the beginning of a word only counts if this is its `first` syllable.
fn read(tables: &Tables, word: &[Unit], set: u8, first: bool) -> String {
    let mut out = String::with_capacity(word.len() * 2);
    let mut i = 0;
    while let Some(unit) = word.get(i) {
        // A vowel written before the consonant that it follows.
        if is_preposed(unit.point)
            && let Some(next) = word.get(i + 1)
            && is_thai_or_lao_consonant(next.point)
        {
            out.push_str(letters(tables, next.point));
            out.push_str(letters(tables, unit.point));
            i += 2;
            continue;
        }
        if let Some((letters, _)) = unit.alternate.filter(|(_, s)| *s == set) {
            out.push_str(letters);
            i += 1;
            continue;
        }
        let rest = word.get(i..).unwrap_or_default();
        let fits = |points: &[u32]| {
            rest.len() >= points.len() && points.iter().zip(rest).all(|(point, unit)| *point == unit.point)
        };
        let found = tables.sequences.get(&unit.point).and_then(|of_first| {
            of_first.iter().find(|s| (first && i == 0 || s.place == Place::Any) && fits(&s.points))
        });
        if let Some(sequence) = found {
            out.push_str(sequence.letters);
            i += sequence.points.len();
        } else {
            out.push_str(letters(tables, unit.point));
            i += 1;
        }
    }
    out
}

fn letters(tables: &Tables, point: u32) -> &'static str {
    match tables.meaning(point) {
        Meaning::Letter(letters) | Meaning::Han(letters) => letters,
        _ => "",
    }
}

/// A word of several of the Latin, Cyrillic and Greek scripts becomes one of that script of which it has the most
/// letters and in which all its other letters have a lookalike (V-NORM-011).
fn one_script(tables: &Tables, word: &mut [Unit]) {
    let scripts = [Script::Latin, Script::Cyrillic, Script::Greek];
    let counts = scripts.map(|s| word.iter().filter(|u| script(u.point) == Some(s)).count());
    if counts.iter().filter(|&&n| n > 0).count() < 2 {
        return;
    }
    let twin = |point: u32, to: Script| match script(point) {
        Some(from) if from != to => {
            tables.homoglyphs.iter().find(|(p, s, _)| *p == point && *s == to).map(|&(_, _, twin)| twin)
        }
        _ => Some(point),
    };
    let mut best: Option<(usize, Script)> = None;
    for (script, count) in scripts.into_iter().zip(counts) {
        let possible = word.iter().all(|u| twin(u.point, script).is_some());
        if possible && best.is_none_or(|(most, _)| count > most) {
            best = Some((count, script));
        }
    }
    if let Some((_, script)) = best {
        for unit in word {
            let point = twin(unit.point, script).unwrap_or(unit.point);
            if point != unit.point {
                (unit.point, unit.written) = (point, point);
            }
        }
    }
}

const fn script(point: u32) -> Option<Script> {
    match point {
        0x61..=0x7a | 0xdf..=0x24f | 0x250..=0x2af | 0x1e00..=0x1eff => Some(Script::Latin),
        0x370..=0x3ff | 0x1f00..=0x1fff => Some(Script::Greek),
        0x400..=0x52f => Some(Script::Cyrillic),
        _ => None,
    }
}

const fn is_arabic(point: u32) -> bool {
    matches!(point, 0x620..=0x64a | 0x66e..=0x6d3 | 0x6d5)
}

const fn is_preposed(point: u32) -> bool {
    matches!(point, 0xe40..=0xe44 | 0xec0..=0xec4)
}

const fn is_thai_or_lao_consonant(point: u32) -> bool {
    matches!(point, 0xe01..=0xe2e | 0xe81..=0xeae)
}
