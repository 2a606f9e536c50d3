//! Documents, telephones, addresses, countries as offices write them (V-READ-010).

use super::names::without_nobody;
use super::tables;
use super::tokens::ascii_digits;
use crate::normalise::country::{self, CodeBasis};
use crate::normalise::document::digit;
use crate::normalise::text::folded;
use crate::normalise::{contact, document};
use crate::record::Reason;

/// Numbers that are all digits in order.
const IN_ORDER: [&str; 6] = ["123456", "1234567", "12345678", "123456789", "1234567890", "0123456789"];
/// Digits that a telephone number has before an extension, and of which a filler repeats one.
const FEWEST: usize = 7;

/// A document number, or why it is none.
pub(super) fn document_number(text: &str) -> Result<String, Reason> {
    if is_scientific(text) {
        return Err(Reason::Scientific);
    }
    let number = document::number(text).ok_or(Reason::Document)?;
    let mut others = number.chars();
    let first = others.next();
    if others.all(|c| Some(c) == first) || IN_ORDER.contains(&number.as_str()) {
        return Err(Reason::Repeated);
    }
    if without_nobody(text, false).is_some_and(|left| left.is_empty()) {
        return Err(Reason::Nobody);
    }
    Ok(text.to_owned())
}

/// A telephone number without its extension, and whether it had one; or why it is none.
pub(super) fn telephone(text: &str) -> Result<(String, bool), Reason> {
    let number = without_extension(text);
    let cut = number.len() < text.len();
    if is_scientific(number) {
        return Err(Reason::Scientific);
    }
    let digits: Vec<char> = number.chars().filter_map(digit).collect();
    if contact::phone(number).is_none() {
        return Err(if digits.len() > 15 { Reason::PhoneLong } else { Reason::Phone });
    }
    let last = digits.get(digits.len().saturating_sub(FEWEST)..).unwrap_or_default();
    if last.iter().all(|c| Some(c) == last.first()) {
        return Err(Reason::Repeated);
    }
    Ok((number.to_owned(), cut))
}

fn without_extension(text: &str) -> &str {
    let is_letter = |c: char| digit(c).is_none() && !folded(c.encode_utf8(&mut [0; 4])).is_empty();
    let (mut digits, mut at) = (0, 0);
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let mut end = at + c.len_utf8();
        if digit(c).is_some() {
            digits += 1;
        } else if c == '#' || is_letter(c) {
            let more = text.get(end..).unwrap_or_default();
            end += more.find(|c: char| !is_letter(c)).unwrap_or(more.len());
            let word = text.get(at..end).unwrap_or_default();
            if digits >= FEWEST && (c == '#' || tables::extensions().contains_key(&folded(word))) {
                return text.get(..at).unwrap_or(text).trim_end_matches([' ', '(', ',', ';', '.', '-', '/']);
            }
        }
        at = end;
    }
    text
}

/// What a spreadsheet makes of a long number: `4.41E+11`.
fn is_scientific(text: &str) -> bool {
    let plain = ascii_digits(text.trim_matches(' '));
    let plain = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    let Some((number, power)) = plain.split_once(['e', 'E']) else { return false };
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = number.split_once(['.', ',']).map_or((number, None), |(w, f)| (w, Some(f)));
    let signed = power.strip_prefix('+');
    let power = signed.unwrap_or(power);
    let good = whole.len() == 1 && digits(whole) && fraction.is_none_or(digits) && digits(power) && power.len() <= 3;
    good && (signed.is_some() || fraction.is_some())
}

/// An e-mail address without what mail programs put around it.
pub(super) fn address(text: &str) -> Result<String, Reason> {
    let inner = text.match_indices('<').find_map(|(at, _)| {
        let inner = text.get(at + 1..)?.split('>').next().filter(|inner| at + 1 + inner.len() < text.len())?;
        (!inner.contains('<') && inner.contains('@')).then_some(inner)
    });
    let text = inner.unwrap_or(text).trim_matches([' ', '.', ',', ';', '<', '>', '(', ')', '[', ']', '"', '\'']);
    let text = match text.get(..7) {
        Some(head) if head.eq_ignore_ascii_case("mailto:") => text.get(7..).unwrap_or_default(),
        _ => text,
    };
    if contact::email(text).is_some() { Ok(text.to_owned()) } else { Err(Reason::Email) }
}

/// A country by its code or its name; `true` if no table knows the code.
pub(super) fn country(text: &str) -> Result<(String, bool), Reason> {
    let code = text.trim_matches(' ').trim_end_matches('<');
    let known = country::read(code);
    if known.as_ref().is_some_and(|c| c.basis != CodeBasis::Unknown) {
        return Ok((code.to_owned(), false));
    }
    let name = tables::country_names().get(&folded(text));
    match name.or_else(|| tables::country_codes().get(&code.to_ascii_uppercase())) {
        Some(code) => Ok(((*code).to_owned(), false)),
        None if known.is_some() => Ok((code.to_owned(), true)),
        None => Err(Reason::Country),
    }
}
