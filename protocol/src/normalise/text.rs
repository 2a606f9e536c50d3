//! Words and codes of declared fields (spec 4.1.2).

use super::name;
use any_ascii::any_ascii;
use unicode_normalization::UnicodeNormalization;

/// The romanised words of a text: runs of lower-case ASCII letters and digits (V-RECORD-014).
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    // Letters as in a name; digits stay where they stand.
    let mut words = Vec::new();
    for piece in text.nfkc().collect::<String>().split(|c: char| !c.is_alphanumeric() && !is_joining(c)) {
        let mut word = String::new();
        let mut letters = String::new();
        let flush = |letters: &mut String, word: &mut String| {
            word.push_str(&name::parts(letters).concat());
            letters.clear();
        };
        for c in piece.chars() {
            if let Some(digit) = c.to_digit(10) {
                flush(&mut letters, &mut word);
                word.extend(char::from_digit(digit, 10));
            } else {
                letters.push(c);
            }
        }
        flush(&mut letters, &mut word);
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

/// What a name part may hold that is neither letter nor digit: apostrophes and combining marks.
fn is_joining(c: char) -> bool {
    matches!(c, '\'' | '`' | '\u{2019}' | '\u{2bc}') || unicode_normalization::char::is_combining_mark(c)
}

/// The letters and digits of a code or identifier, in upper case (V-RECORD-014).
#[must_use]
pub fn code(text: &str) -> String {
    let compatible: String = text.nfkc().collect();
    any_ascii(&compatible).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}
