//! Words and codes of declared fields (spec 4.1.2).

use super::document::{digit, letters_and_digits};
use super::name;
use super::tables::{Meaning, tables};
use zeroize::Zeroizing;

/// The romanised words of a text: runs of lower-case ASCII letters and digits (V-RECORD-014).
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for piece in text.split(splits) {
        let mut word = String::new();
        let mut letters = Zeroizing::new(String::new());
        for c in piece.chars() {
            if let Some(digit) = digit(c) {
                word.push_str(&name::squashed(&letters));
                letters.clear();
                word.push(digit);
            } else {
                letters.push(c);
            }
        }
        word.push_str(&name::squashed(&letters));
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

/// Whether a character ends a word: what the tables call a break or a hyphen, digits excepted.
fn splits(c: char) -> bool {
    digit(c).is_none() && matches!(tables().meaning(c.into()), Meaning::Break | Meaning::Hyphen)
}

/// The letters and digits of a code or identifier, in upper case (V-RECORD-014).
#[must_use]
pub fn code(text: &str) -> String {
    letters_and_digits(text)
}
