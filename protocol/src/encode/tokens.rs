//! Tokens of composite match keys (spec 5.4).

use super::keys::LinkageKeys;
use super::values::Values;
use crate::codec::Writer;
use crate::limits;
use crate::normalise::skeleton;
use crate::schema::encoding::Table;
use crate::schema::kinds::KeyPart;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A token: the keyed digest of a table and a match key's value. Still personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize, ZeroizeOnDrop)]
pub struct Token(pub(crate) [u8; 16]);

impl Token {
    /// A token with these bytes; for tests and tools that compute tokens elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The bytes as two big-endian numbers.
    pub(super) fn halves(&self) -> (u64, u64) {
        let [high, low] = [0, 64].map(|shift| {
            let word = u128::from_be_bytes(self.0) << shift >> 64;
            u64::try_from(word).unwrap_or_default()
        });
        (high, low)
    }
}

impl core::fmt::Debug for Token {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The tokens of a record in a table: of all its match keys, those with the smallest tokens, at most `slots`, in
/// ascending order. Both sides choose alike: the more keys two records share, the likelier both keep a shared one (V-ENCODE-006).
#[must_use]
pub fn tokens(table: &Table, keys: &LinkageKeys, values: &Values) -> Vec<Token> {
    let mut parts: Vec<Vec<Vec<u8>>> = table.key.iter().map(|&part| part_values(part, values)).collect();
    let forms = parts.iter().fold(1_usize, |n, values| n.saturating_mul(values.len())).min(limits::MAX_KEY_FORMS);
    let mut tokens: Vec<Token> = (0..forms).map(|form| token(table, keys, &parts, form)).collect();
    parts.iter_mut().flatten().for_each(Zeroize::zeroize);
    tokens.sort_unstable();
    tokens.dedup();
    tokens.truncate(usize::from(table.slots));
    tokens
}

/// The token of one combination of values: `form` counts them with the last part fastest (V-ENCODE-005).
fn token(table: &Table, keys: &LinkageKeys, parts: &[Vec<Vec<u8>>], form: usize) -> Token {
    let mut chosen = Vec::with_capacity(parts.len());
    let mut rest = form;
    for (part, values) in table.key.iter().zip(parts).rev() {
        // No list is empty here: one that is makes the number of forms zero.
        let n = values.len().max(1);
        chosen.push((part.code(), values.get(rest % n).map_or(&[][..], Vec::as_slice)));
        rest /= n;
    }
    let mut w = Writer::default();
    w.u16(table.id);
    for (code, value) in chosen.into_iter().rev() {
        w.u8(code).vec16(value);
    }
    let mut message = w.finish();
    let mut bytes = [0; 16];
    keys.tokens().fill_at(&message, &mut bytes);
    message.zeroize();
    Token(bytes)
}

/// All values that a record has for one part of a key; with none, there is no token (V-ENCODE-007).
fn part_values(part: KeyPart, values: &Values) -> Vec<Vec<u8>> {
    let text = |list: &[String]| list.iter().map(|v| v.as_bytes().to_vec()).collect();
    match part {
        KeyPart::NamePartK4 => skeletons(values, skeleton::k4),
        KeyPart::NamePartK5 => skeletons(values, skeleton::k5),
        KeyPart::NamePairK4 => pairs(&skeletons(values, skeleton::k4)),
        KeyPart::NamePairK5 => pairs(&skeletons(values, skeleton::k5)),
        KeyPart::NameAllK4 => all(&skeletons(values, skeleton::k4)),
        KeyPart::NameAllK5 => all(&skeletons(values, skeleton::k5)),
        KeyPart::BirthDate => dates(values, |date| {
            let [high, low] = date.year.to_be_bytes();
            date.unordered_month_day().map(|(a, b)| vec![high, low, a, b])
        }),
        KeyPart::BirthYear => dates(values, |date| Some(date.year.to_be_bytes().to_vec())),
        KeyPart::BirthMonthDay => dates(values, |date| date.unordered_month_day().map(|(a, b)| vec![a, b])),
        KeyPart::Sex => values.sexes.iter().map(|&sex| vec![sex]).collect(),
        KeyPart::Nationality => values.nationalities.iter().map(|code| code.to_vec()).collect(),
        KeyPart::BirthCountry => values.birth_countries.iter().map(|code| code.to_vec()).collect(),
        KeyPart::Document => text(&values.documents),
        KeyPart::Phone => text(&values.phones),
        KeyPart::Email => text(&values.emails),
    }
}

/// Different skeletons of the parts that may stand in a key, sorted.
fn skeletons(values: &Values, skeleton: fn(&str) -> String) -> Vec<Vec<u8>> {
    sorted(values.key_parts.iter().map(|part| skeleton(part).into_bytes()).collect())
}

fn pairs(sorted: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let tails = (1..).map_while(|i| sorted.get(i..));
    sorted.iter().zip(tails).flat_map(|(a, tail)| tail.iter().map(|b| [a.as_slice(), b].join(&b'/'))).collect()
}

fn all(sorted: &[Vec<u8>]) -> Vec<Vec<u8>> {
    if sorted.len() < 2 { Vec::new() } else { vec![sorted.join(&b'/')] }
}

fn dates(values: &Values, value: impl Fn(&crate::normalise::date::PartialDate) -> Option<Vec<u8>>) -> Vec<Vec<u8>> {
    sorted(values.birth_dates.iter().filter_map(value).collect())
}

fn sorted(mut values: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    values.sort();
    values.dedup();
    values
}
