//! Document numbers (spec 4.5.4).

use any_ascii::any_ascii;
use unicode_normalization::UnicodeNormalization;

/// Letters and digits of a document number, upper case, with the letters `O` and `I` read as the digits that they are
/// mistaken for. `None` if fewer than four are left (V-NORM-006).
#[must_use]
pub fn number(text: &str) -> Option<String> {
    let compatible: String = text.nfkc().collect();
    let number: String = any_ascii(&compatible)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' => '1',
            other => other,
        })
        .collect();
    (number.len() >= 4).then_some(number)
}
