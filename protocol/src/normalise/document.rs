//! Document numbers and the check digit of machine-readable zones (spec 13.7).

use super::tables::{Meaning, tables};

/// Characters of a document number; a longer text is none.
pub const MAX_NUMBER: usize = 64;

/// Letters and digits of a document number, upper case, as they are compared: `O` read as `0` and `I` as `1`. `None` if
/// fewer than four or more than [`MAX_NUMBER`] are left (V-NORM-006).
#[must_use]
pub fn number(text: &str) -> Option<String> {
    if text.len() > super::name::MAX_NAME {
        return None;
    }
    let number = code(text).replace('O', "0").replace('I', "1");
    (4..=MAX_NUMBER).contains(&number.len()).then_some(number)
}

/// Letters and digits of a text, romanised, upper case.
#[must_use]
pub fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for c in text.chars() {
        match (c, digit(c)) {
            (_, Some(digit)) => code.push(digit),
            (c, _) if c.is_ascii_alphabetic() => code.push(c),
            (c, _) if c.is_ascii() => {}
            (c, _) => push_letters(&mut code, u32::from(c)),
        }
    }
    code.make_ascii_uppercase();
    code
}

fn push_letters(out: &mut String, point: u32) {
    let tables = tables();
    match tables.meaning(point) {
        Meaning::Letter(letters) | Meaning::Han(letters) => out.push_str(letters),
        Meaning::Folds(to) => to.iter().for_each(|p| {
            if let Meaning::Letter(letters) | Meaning::Han(letters) = tables.meaning(*p) {
                out.push_str(letters);
            }
        }),
        _ => {}
    }
}

/// Zeros of the decimal digits that registers write: ASCII, Arabic, Persian, N'Ko, the Indic scripts, Thai, Lao, Tibetan,
/// Myanmar, Khmer, Mongolian, full-width. Each is followed by its nine fellows.
const ZEROS: &[u32] = &[
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0xff10,
];

/// The ASCII digit of a decimal digit of a supported script (V-NORM-018).
#[must_use]
pub fn digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let point = u32::from(c);
    let value = ZEROS.iter().find_map(|zero| point.checked_sub(*zero).filter(|v| *v < 10))?;
    char::from_digit(value, 10)
}

/// The check digit of a field of a machine-readable zone: weights 7, 3, 1; `A` to `Z` count 10 to 35, `<` counts 0
/// (ICAO Doc 9303-3, section 4.9). `None` if the field has another character (V-NORM-019).
#[must_use]
pub fn check_digit(field: &str) -> Option<u8> {
    let mut sum = 0_u32;
    for (byte, weight) in field.bytes().zip([7, 3, 1].into_iter().cycle()) {
        let value = match byte {
            b'<' => 0,
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => return None,
        };
        sum = (sum + u32::from(value) * weight) % 10;
    }
    u8::try_from(sum).ok()
}

/// Whether a field of a machine-readable zone ends in its check digit; a check digit `<` stands for 0 of an empty field.
#[must_use]
pub fn is_checked(field: &str, digit: u8) -> bool {
    let empty = digit == b'<' && field.bytes().all(|b| b == b'<');
    empty || check_digit(field).is_some_and(|sum| sum + b'0' == digit)
}
