//! White space, invisible marks, entities and broken letters of a value (V-READ-003).

use super::tables;
use crate::record::Reason;

/// Code points that only a program sees.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

const fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A value with its white space and letters in order, and what is told of it.
pub(super) struct Cleaned {
    pub(super) text: String,
    pub(super) mended: bool,
    pub(super) fault: Option<Reason>,
}

/// Cleans a value: spaces for white space, one LF for lines that end, no invisible marks.
pub(super) fn clean(value: &str) -> Cleaned {
    let plain = value.bytes().all(|b| (b' '..0x7f).contains(&b)) && !value.contains(['&', '?']);
    if plain {
        return Cleaned { text: value.trim_matches(' ').to_owned(), mended: false, fault: None };
    }
    let mended = mojibake(value);
    let decoded = entities(mended.as_deref().unwrap_or(value));
    let mut text = String::with_capacity(decoded.len());
    for c in decoded.chars().filter(|c| !is_invisible(*c)) {
        if is_line_break(c) {
            text.truncate(text.trim_end_matches(' ').len());
            if !text.ends_with('\n') {
                text.push('\n');
            }
        } else if c.is_whitespace() {
            if !text.ends_with('\n') {
                text.push(' ');
            }
        } else {
            text.push(c);
        }
    }
    let text = text.trim_matches([' ', '\n']).to_owned();
    let fault = if text.chars().any(|c| c.is_control() && c != '\n') {
        Some(Reason::Control)
    } else if text.contains('\u{fffd}') {
        Some(Reason::Broken)
    } else {
        None
    };
    Cleaned { text, mended: mended.is_some(), fault }
}

/// Whether a value has nothing but signs.
pub(super) fn is_signs(text: &str) -> bool {
    text.chars()
        .all(|c| c == ' ' || c == '\n' || c.is_ascii_punctuation() || matches!(c, '\u{2010}'..='\u{2015}' | '\u{2026}'))
}

/// The text that was UTF-8 before it was read as Windows-1252 or Latin-1; `None` if it is none.
fn mojibake(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes = text.chars().map(byte_of).collect::<Option<Vec<u8>>>()?;
    String::from_utf8(bytes).ok()
}

/// The byte of Windows-1252, or of Latin-1.
fn byte_of(c: char) -> Option<u8> {
    /// Of 80 to 9F; 0 where there is none.
    const HIGH: [u32; 32] = [
        0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17d, 0, 0,
        0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0, 0x17e, 0x178,
    ];
    let point = u32::from(c);
    let high = || HIGH.iter().zip(0x80_u8..).find(|(of, _)| **of == point && point != 0).map(|(_, byte)| byte);
    u8::try_from(point).ok().or_else(high)
}

/// Decodes the entities of HTML: `&amp;`, `&#233;`, `&#xe9;`. What is none stays.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let inner = from.get(1..).and_then(|more| more.split_once(';')).map(|(inner, _)| inner);
        match inner.and_then(|inner| entity(inner).map(|c| (inner, c))) {
            Some((inner, c)) => {
                out.push(c);
                rest = from.get(inner.len() + 2..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    let number = |digits: &str, radix: u32, most: usize| {
        let good = (1..=most).contains(&digits.len()) && digits.chars().all(|c| c.is_digit(radix));
        good.then(|| u32::from_str_radix(digits, radix).ok()).flatten()
    };
    let point = if let Some(hex) = name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")) {
        number(hex, 16, 6)?
    } else if let Some(digits) = name.strip_prefix('#') {
        number(digits, 10, 7)?
    } else {
        u32::from_str_radix(tables::entities().get(name)?, 16).ok()?
    };
    char::from_u32(point).filter(|c| *c != '\0')
}
