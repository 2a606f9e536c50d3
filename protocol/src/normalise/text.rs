//! Words and codes of declared fields (spec 4.1.2).

use super::document::digit;
use super::name::squashed;
use super::tables::{Meaning, tables};

pub use super::document::code;

/// The words of a text as tables of words are looked up: letters folded and kept in their script, digits as ASCII, one
/// space for all else (V-READ-002).
#[must_use]
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if let Some(digit) = digit(c) {
            out.push(digit);
            continue;
        }
        match tables().meaning(c.into()) {
            Meaning::Ignored | Meaning::Apostrophe => {}
            Meaning::Hyphen => blank(&mut out),
            Meaning::Folds(to) => to.iter().filter_map(|p| char::from_u32(*p)).for_each(|p| push_folded(&mut out, p)),
            _ => push_letter(&mut out, c),
        }
    }
    out.truncate(out.trim_end_matches(' ').len());
    out
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
