//! Telephone numbers and e-mail addresses (spec 4.5.5).

use any_ascii::any_ascii;
use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// Digits of a telephone number that are compared: the last nine, which leaves out country code and trunk prefix.
const PHONE_DIGITS: usize = 9;

/// The last nine digits of a telephone number. `None` if it has fewer than seven (V-NORM-007).
#[must_use]
pub fn phone(text: &str) -> Option<String> {
    let compatible: String = text.nfkc().collect();
    let digits: String = any_ascii(&compatible).chars().filter(char::is_ascii_digit).collect();
    let start = digits.len().saturating_sub(PHONE_DIGITS);
    (digits.len() >= 7).then(|| digits.get(start..).unwrap_or_default().to_owned())
}

/// An e-mail address, case folded, without a `+` label in its local part. `None` if it is none (V-NORM-008).
#[must_use]
pub fn email(text: &str) -> Option<String> {
    let folded: String = text.trim().nfkc().default_case_fold().nfkc().collect();
    let (local, domain) = folded.split_once('@')?;
    let local = local.split('+').next().unwrap_or_default();
    let domain = domain.trim_end_matches('.');
    let good = |part: &str| !part.is_empty() && !part.contains(['@', ' ']);
    (good(local) && good(domain) && domain.contains('.')).then(|| format!("{local}@{domain}"))
}
