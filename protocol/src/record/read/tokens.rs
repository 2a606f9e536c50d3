//! Numbers, words and signs of a date (V-READ-006).

use crate::normalise::document::digit;
use crate::normalise::text::{folded, is_apostrophe, is_ignored};

/// A piece of a date.
pub(super) enum Token {
    Number(String),
    Word(String),
    Sign(char),
}

impl Token {
    pub(super) fn number(&self) -> Option<&str> {
        if let Self::Number(text) = self { Some(text) } else { None }
    }

    pub(super) fn word(&self) -> Option<&str> {
        if let Self::Word(text) = self { Some(text) } else { None }
    }

    pub(super) const fn sign(&self) -> Option<char> {
        if let Self::Sign(c) = self { Some(*c) } else { None }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Number,
    Word,
    Unknown,
}

/// The tokens of a text. `XX`, `??`, `**` and `__` are numbers that are not known.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<(Kind, String)> = Vec::new();
    let mut kind = Kind::None;
    for c in text.chars() {
        let (new, c) = if let Some(digit) = digit(c) {
            (Kind::Number, digit)
        } else if matches!(c, '?' | '*' | '_' | '\u{2026}') {
            (Kind::Unknown, c)
        } else if c.is_ascii_alphabetic() || !folded(c.encode_utf8(&mut [0; 4])).is_empty() {
            (Kind::Word, c)
        } else if c == ' ' {
            kind = Kind::None;
            continue;
        } else if is_ignored(c) || (kind == Kind::Word && is_apostrophe(c)) {
            // Within a word both belong to it; elsewhere an ignored one is nothing.
            continue;
        } else {
            (Kind::None, c)
        };
        match found.last_mut() {
            Some((_, last)) if new == kind && new != Kind::None => last.push(c),
            _ => found.push((new, c.to_string())),
        }
        kind = new;
    }
    found.into_iter().map(|(kind, text)| token(kind, text)).collect()
}

fn token(kind: Kind, text: String) -> Token {
    let unknown = || Token::Number("00".to_owned());
    match kind {
        Kind::Number => Token::Number(text),
        Kind::Unknown => unknown(),
        Kind::Word => match folded(&text) {
            word if matches!(word.as_str(), "x" | "xx") => unknown(),
            word => Token::Word(word),
        },
        Kind::None => Token::Sign(text.chars().next().unwrap_or(' ')),
    }
}

/// The text with ASCII digits for those of other scripts.
pub(super) fn ascii_digits(text: &str) -> String {
    text.chars().map(|c| digit(c).unwrap_or(c)).collect()
}

/// The text before a time of day.
pub(super) fn without_time(text: &str) -> &str {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    for (at, _) in text.match_indices(':') {
        let before = (1..=3).take_while(|n| at.checked_sub(*n).is_some_and(digit)).count();
        if (1..=2).contains(&before) && digit(at + 1) && digit(at + 2) {
            let start = at - before;
            if start == 0 {
                return text;
            }
            return text.get(..start).unwrap_or(text).trim_end_matches(['T', 't', ',', ' ', '\t']);
        }
    }
    text
}
