//! Telephone numbers and e-mail addresses (spec 13.8).

use super::document::digit;
use super::tables::{Meaning, rows, tables};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Digits of a telephone number that are compared: the last nine, without country code and trunk prefix.
const PHONE_DIGITS: usize = 9;
/// Digits that are left of a number that is compared without its country code and the zeros before it.
const LEAST_DIGITS: usize = 5;
/// Digits that a number with its country code has at most (ITU-T E.164).
const MAX_DIGITS: usize = 15;

/// A telephone number. Wiped on drop.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Phone {
    /// The form that is compared: the last nine digits behind the country code and zeros, or all if they are fewer.
    pub compared: String,
    /// The whole number with its country code, `+` not written, if the country is known.
    pub international: Option<String>,
}

impl core::fmt::Debug for Phone {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Phone(..)")
    }
}

/// Calling code to trunk prefix.
fn calling_codes() -> &'static BTreeMap<&'static str, &'static str> {
    static CODES: OnceLock<BTreeMap<&'static str, &'static str>> = OnceLock::new();
    CODES.get_or_init(|| {
        rows("calling_codes.tsv").filter_map(|row| Some((row.first().copied()?, row.get(1).copied()?))).collect()
    })
}

/// Reads a telephone number (V-NORM-007): with `+` or `00` international, else national of the country with the calling
/// code `home`, else of an unknown country. `None` if it has fewer than seven or more than fifteen digits (a call
/// prefix `00` not counted).
#[must_use]
pub fn read_phone(text: &str, home: Option<&str>) -> Option<Phone> {
    if text.len() > super::name::MAX_NAME {
        return None;
    }
    // An extension is not part of the number.
    let mut digits = String::with_capacity(MAX_DIGITS + 2);
    let mut plus = false;
    for c in text.chars() {
        match (c, digit(c)) {
            (_, Some(digit)) => digits.push(digit),
            ('+' | '\u{ff0b}', _) if digits.is_empty() => plus = true,
            _ => {}
        }
    }
    if !plus && digits.starts_with("00") {
        plus = true;
        digits.drain(..2);
    }
    if !(7..=MAX_DIGITS).contains(&digits.len()) {
        return None;
    }
    let whole = if plus { with_code(&digits) } else { home.and_then(|home| national(&digits, home)) };
    let compared = {
        let number = whole.map_or(digits.as_str(), |(_, rest)| rest);
        let significant = number.trim_start_matches('0');
        let number = if significant.len() < LEAST_DIGITS { digits.as_str() } else { significant };
        number.get(number.len().saturating_sub(PHONE_DIGITS)..).unwrap_or_default().to_owned()
    };
    let international = whole.map(|(code, rest)| [code, rest].concat());
    digits.zeroize();
    Some(Phone { compared, international })
}

/// Code and what is behind it of a number that begins with a calling code, without a trunk prefix written behind it,
/// `+44 (0)20 ..`.
fn with_code(digits: &str) -> Option<(&'static str, &str)> {
    let (code, trunk) = (1..=3).find_map(|n| calling_codes().get_key_value(digits.get(..n)?))?;
    let rest = digits.get(code.len()..)?;
    // Italy and its neighbours in the plan keep the zero: their row has no trunk prefix.
    let rest = if *trunk == "0" { rest.strip_prefix('0').unwrap_or(rest) } else { rest };
    Some((code, rest))
}

fn national<'a>(digits: &'a str, home: &str) -> Option<(&'static str, &'a str)> {
    let (code, trunk) = calling_codes().get_key_value(home)?;
    let rest = if trunk.is_empty() { digits } else { digits.strip_prefix(trunk).unwrap_or(digits) };
    Some((code, rest))
}

/// The form of a telephone number that is compared, its country unknown. `None` if it is none (V-NORM-007).
#[must_use]
pub fn phone(text: &str) -> Option<String> {
    read_phone(text, None).map(|mut phone| core::mem::take(&mut phone.compared))
}

/// Domain to the domain that it is compared as, and whether dots of its local parts count.
fn domains() -> &'static BTreeMap<&'static str, (&'static str, bool)> {
    static DOMAINS: OnceLock<BTreeMap<&'static str, (&'static str, bool)>> = OnceLock::new();
    DOMAINS.get_or_init(|| {
        rows("email_domains.tsv")
            .filter_map(|row| Some((row.first().copied()?, (row.get(1).copied()?, row.get(2) != Some(&"ignored")))))
            .collect()
    })
}

/// An e-mail address as it is compared: lower case, full-width forms narrow, without a `+` label, the domain as the
/// table says. `None` if it is none (V-NORM-008).
#[must_use]
pub fn email(text: &str) -> Option<String> {
    if text.len() > super::name::MAX_NAME {
        return None;
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match tables().meaning(c.into()) {
            Meaning::Ignored => {}
            _ if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
            Meaning::Folds(to) => folded.extend(to.iter().filter_map(|p| char::from_u32(*p))),
            _ => folded.push(narrow(c)),
        }
    }
    let (local, domain) = folded.split_once('@')?;
    let local = local.split('+').next().unwrap_or_default();
    let domain = domain.trim_end_matches('.');
    let (domain, dots) = domains().get(domain).copied().unwrap_or((domain, true));
    let local = if dots { local.to_owned() } else { local.replace('.', "") };
    let good = |part: &str| !part.is_empty() && !part.contains('@') && !part.contains(char::is_whitespace);
    let labels = domain.split('.').all(|label| !label.is_empty());
    let address = (good(&local) && good(domain) && labels && domain.contains('.')).then(|| format!("{local}@{domain}"));
    folded.zeroize();
    address
}

/// The ASCII sign of a full-width one, and the full stop of an ideographic one.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c).to_ascii_lowercase(),
        '\u{3002}' | '\u{ff61}' => '.',
        other => other,
    }
}
