//! Words and codes of declared fields (spec 4.1.2).

use super::document::digit;
use super::name::squashed;
use super::tables::{Meaning, tables};
use std::sync::OnceLock;

pub use super::document::code;

/// The words of a text as tables of words are looked up: letters folded and kept in their script, digits as ASCII, one
/// space for all else (V-READ-002).
#[must_use]
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match ascii().get(u32::from(c) as usize) {
            Some(Folded::Nothing) => {}
            Some(Folded::Blank) => blank(&mut out),
            Some(Folded::Letter(letter)) => out.push(*letter),
            None => fold(&mut out, c),
        }
    }
    out.truncate(out.trim_end_matches(' ').len());
    out
}

/// What one ASCII character becomes.
enum Folded {
    Nothing,
    Blank,
    Letter(char),
}

/// [`fold`] of each ASCII character: most texts have no other.
fn ascii() -> &'static [Folded; 128] {
    static TABLE: OnceLock<[Folded; 128]> = OnceLock::new();
    TABLE.get_or_init(|| {
        core::array::from_fn(|point| {
            let mut out = "-".to_owned();
            fold(&mut out, u8::try_from(point).unwrap_or_default().into());
            match out.chars().nth(1) {
                None => Folded::Nothing,
                Some(' ') => Folded::Blank,
                Some(letter) => Folded::Letter(letter),
            }
        })
    })
}

fn fold(out: &mut String, c: char) {
    if let Some(digit) = digit(c) {
        out.push(digit);
        return;
    }
    match tables().meaning(c.into()) {
        Meaning::Ignored | Meaning::Apostrophe => {}
        Meaning::Hyphen => blank(out),
        Meaning::Folds(to) => to.iter().filter_map(|p| char::from_u32(*p)).for_each(|p| push_folded(out, p)),
        _ => push_letter(out, c),
    }
}

/// Whether a code point is nothing between letters.
#[must_use]
pub(crate) fn is_ignored(c: char) -> bool {
    matches!(tables().meaning(c.into()), Meaning::Ignored)
}

/// Whether a code point is an apostrophe.
#[must_use]
pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(tables().meaning(c.into()), Meaning::Apostrophe)
}

fn push_folded(out: &mut String, c: char) {
    if !matches!(tables().meaning(c.into()), Meaning::Ignored | Meaning::Apostrophe | Meaning::Hyphen) {
        push_letter(out, c);
    }
}

fn push_letter(out: &mut String, c: char) {
    let hangul = matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}');
    if hangul || matches!(tables().meaning(c.into()), Meaning::Letter(_) | Meaning::Han(_)) {
        out.push(c);
    } else {
        blank(out);
    }
}

fn blank(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// The romanised words of a text: runs of lower-case ASCII letters and digits (V-RECORD-014).
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut letters) = (String::new(), String::new());
    let flush = |letters: &mut String, word: &mut String| {
        if !letters.is_empty() {
            word.push_str(&squashed(letters));
            letters.clear();
        }
    };
    for c in text.chars() {
        let hangul = matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}');
        let meaning = tables().meaning(c.into());
        if let Some(digit) = digit(c) {
            flush(&mut letters, &mut word);
            word.push(digit);
        } else if c.is_ascii_alphabetic() || hangul || !matches!(meaning, Meaning::Break | Meaning::Hyphen) {
            letters.push(c);
        } else {
            flush(&mut letters, &mut word);
            words.push(core::mem::take(&mut word));
        }
    }
    flush(&mut letters, &mut word);
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// V-READ-002: the table of single characters says what folding them in a text does.
    #[test]
    fn ascii_is_folded_as_any_other_text() {
        for [a, b] in (0..128_u8).flat_map(|a| (0..128_u8).map(move |b| [a, b])) {
            let text: String = ['x', a.into(), b.into(), 'Y'].into_iter().collect();
            let mut slowly = String::new();
            text.chars().for_each(|c| fold(&mut slowly, c));
            assert_eq!(folded(&text), slowly, "{text:?}");
        }
    }
}
