//! Words and codes of declared fields (spec 4.1.2).

use super::document::digit;
use super::name::squashed;
use super::tables::{Meaning, tables};

pub use super::document::code;

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
