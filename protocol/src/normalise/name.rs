//! Names to romanised parts (spec 4.5.1).

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// The romanisation and its version.
pub const ROMANISATION: &str = "any_ascii 0.3.3";

/// Combining marks that carry no sound of their own, as inclusive ranges of code points: diacritics of Latin, Greek
/// and Cyrillic, and the points of Hebrew and Arabic, which are written or not at the writer's whim. Vowel signs of
/// Indic and other scripts are marks too, but without them the romanisation would lose the vowels: they stay.
pub const MARKS: &[(u32, u32)] = &[
    (0x0300, 0x036f),
    (0x0483, 0x0487),
    (0x0591, 0x05bd),
    (0x05bf, 0x05c7),
    (0x0610, 0x061a),
    (0x0640, 0x0640),
    (0x064b, 0x065f),
    (0x0670, 0x0670),
    (0x06d6, 0x06dc),
    (0x1ab0, 0x1aff),
    (0x1dc0, 0x1dff),
    (0x20d0, 0x20ff),
    (0xfe20, 0xfe2f),
];

/// Particles that one register writes and another drops. They stay in the filter but enter no match key.
pub const PARTICLES: &[&str] = &[
    "al", "ap", "as", "ash", "at", "az", "ben", "bin", "bint", "binti", "da", "das", "de", "degli", "dei", "del",
    "della", "den", "der", "des", "di", "do", "dos", "du", "e", "el", "het", "ibn", "la", "las", "le", "les", "los",
    "ould", "san", "sri", "ten", "ter", "ul", "ur", "van", "von", "wa", "y", "zu", "zum", "zur",
];

/// Romanised parts of one name, in order: lower-case ASCII letters, none empty (V-NORM-001).
#[must_use]
pub fn parts(name: &str) -> Vec<String> {
    let folded: String = name
        .nfkc()
        .default_case_fold()
        .nfkd()
        .filter(|&c| !is_mark(c))
        // Composed again: the romanisation knows Hangul by the syllable.
        .nfc()
        .collect();
    let chars: Vec<char> = folded.chars().collect();
    let mut latin = String::with_capacity(folded.len() * 2);
    let mut i = 0;
    while let Some(rest) = chars.get(i..).filter(|rest| !rest.is_empty()) {
        let han = rest.iter().take_while(|&&c| is_han(c)).count();
        if han > 0 {
            push_han(&mut latin, rest.get(..han).unwrap_or(rest));
            i += han;
            continue;
        }
        let arabic = rest.iter().take_while(|&&c| is_arabic(c)).count();
        if arabic > 0 {
            push_arabic(&mut latin, rest.get(..arabic).unwrap_or(rest));
            i += arabic;
            continue;
        }
        if let Some(&c) = rest.first() {
            push_char(&mut latin, c);
        }
        i += 1;
    }
    latin.split(' ').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Whether a part may stand in a match key: neither a particle nor a single letter (V-NORM-003).
#[must_use]
pub fn is_key_part(part: &str) -> bool {
    part.len() > 1 && PARTICLES.binary_search(&part).is_err()
}

/// One character's romanisation: letters kept, apostrophes dropped, all else a break.
fn push_char(out: &mut String, c: char) {
    for letter in any_ascii::any_ascii_char(c).chars() {
        match letter.to_ascii_lowercase() {
            letter @ 'a'..='z' => out.push(letter),
            '\'' | '`' => {}
            _ => out.push(' '),
        }
    }
    // A sign whose romanisation is empty (a tatweel, a zero-width joiner) joins; other empty ones are breaks already.
}

/// A run of Han characters, whose romanisation is one capitalised syllable each. Up to two are one part (a given name
/// or a compound family name); in longer runs the first is the family name and the others are the given name
/// (V-NORM-002).
fn push_han(out: &mut String, run: &[char]) {
    out.push(' ');
    for (i, &c) in run.iter().enumerate() {
        if i == 1 && run.len() > 2 {
            out.push(' ');
        }
        let syllable = any_ascii::any_ascii_char(c);
        out.extend(syllable.chars().filter(char::is_ascii_alphabetic).map(|l| l.to_ascii_lowercase()));
    }
    out.push(' ');
}

/// A run of Arabic letters. The article is written onto its noun but romanised apart: set it apart
/// (V-NORM-002).
fn push_arabic(out: &mut String, run: &[char]) {
    let article = run.len() >= 5 && run.starts_with(&['\u{627}', '\u{644}']);
    for (i, &c) in run.iter().enumerate() {
        if article && i == 2 {
            out.push(' ');
        }
        push_char(out, c);
    }
}

fn is_mark(c: char) -> bool {
    let c = u32::from(c);
    MARKS.iter().any(|&(first, last)| (first..=last).contains(&c))
}

const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

const fn is_arabic(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{64a}' | '\u{66e}'..='\u{6d3}')
}
