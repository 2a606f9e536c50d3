//! Tokens of composite match keys (spec 5.4).

use super::keys::LinkageKeys;
use super::message;
use super::values::{DeclaredValues, Values};
use crate::crypto::hash::Prf;
use crate::limits;
use crate::normalise::date::PartialDate;
use crate::normalise::skeleton;
use crate::schema::declared::{Declared, Part};
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

/// Makes the tokens of one table.
#[derive(Debug)]
pub(super) struct Tokens {
    key: Prf,
    /// Number of the table, as it begins each message.
    id: [u8; 2],
    slots: usize,
    parts: Vec<KeyPartOf>,
}

#[derive(Debug)]
struct KeyPartOf {
    part: KeyPart,
    /// Position of the declared field, if it is taken from one.
    field: Option<usize>,
    prefix: Vec<u8>,
}

impl Tokens {
    pub(super) fn new(table: &Table, fields: &[Declared], keys: &LinkageKeys) -> Self {
        let part = |part: &Part| KeyPartOf {
            part: part.kind,
            field: part.position(fields),
            prefix: message::prefix(part.kind.code(), part.field.as_deref()),
        };
        Self {
            key: keys.tokens().clone(),
            id: table.id.to_be_bytes(),
            slots: usize::from(table.slots),
            parts: table.key.iter().map(part).collect(),
        }
    }

    /// The tokens of a record: of all its match keys, those with the smallest tokens, at most `slots`, in ascending
    /// order. Both sides choose alike: the more keys two records share, the likelier both keep a shared one
    /// (V-ENCODE-006).
    pub(super) fn tokens(&self, values: &Values) -> Vec<Token> {
        let mut choices: Vec<Vec<Vec<u8>>> = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            // V-ENCODE-007
            let of_part = part_values(part, values);
            if of_part.is_empty() {
                choices.iter_mut().flatten().for_each(Zeroize::zeroize);
                return Vec::new();
            }
            choices.push(of_part);
        }
        let forms = choices.iter().fold(1_usize, |n, c| n.saturating_mul(c.len())).min(limits::MAX_KEY_FORMS);
        let mut message = Vec::with_capacity(64);
        let mut tokens: Vec<Token> = (0..forms).map(|form| self.token(&choices, form, &mut message)).collect();
        message.zeroize();
        choices.iter_mut().flatten().for_each(Zeroize::zeroize);
        tokens.sort_unstable();
        tokens.dedup();
        tokens.truncate(self.slots);
        tokens
    }

    /// The token of one combination of values: `form` counts them with the last part fastest (V-ENCODE-005).
    fn token(&self, choices: &[Vec<Vec<u8>>], form: usize, message: &mut Vec<u8>) -> Token {
        message.clear();
        message.extend_from_slice(&self.id);
        let mut below = choices.iter().fold(1_usize, |n, c| n.saturating_mul(c.len()));
        for (part, values) in self.parts.iter().zip(choices) {
            below /= values.len().max(1);
            let value = values.get(form / below.max(1) % values.len().max(1)).map_or(&[][..], Vec::as_slice);
            message.extend_from_slice(&part.prefix);
            // At most MAX_VALUE bytes of a name, place or code.
            message.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
            message.extend_from_slice(value);
        }
        let mut bytes = [0; 16];
        self.key.fill_at(message, &mut bytes);
        Token(bytes)
    }
}

/// All values that a record has for one part of a key; with none, there is no token.
fn part_values(part: &KeyPartOf, values: &Values) -> Vec<Vec<u8>> {
    let none = DeclaredValues::default();
    let declared = part.field.and_then(|at| values.declared.get(at)).unwrap_or(&none);
    let text = |list: &[String]| list.iter().map(|v| v.as_bytes().to_vec()).collect::<Vec<_>>();
    let names = &values.key_parts;
    let (k4, k5) = (|| text(&values.k4), || text(&values.k5));
    match part.part {
        KeyPart::NamePartK4 => k4(),
        KeyPart::NamePartK5 => k5(),
        KeyPart::NamePairK4 => pairs(&k4()),
        KeyPart::NamePairK5 => pairs(&k5()),
        KeyPart::NameAllK4 => all(&k4()),
        KeyPart::NameAllK5 => all(&k5()),
        KeyPart::NamePartP3 => reduced(names, |part| first(part, 3)),
        KeyPart::NamePairP3 => pairs(&reduced(names, |part| first(part, 3))),
        KeyPart::NameInitial => reduced(names, |part| first(part, 1)),
        KeyPart::BirthDate => dates(&values.birth_dates, full),
        KeyPart::BirthYear => dates(&values.birth_dates, |date| Some(date.year.to_be_bytes().to_vec())),
        KeyPart::BirthMonthDay => dates(&values.birth_dates, month_day),
        KeyPart::BirthYearMonth => dates(&values.birth_dates, |date| {
            let [high, low] = date.year.to_be_bytes();
            date.month.map(|month| vec![high, low, month])
        }),
        KeyPart::Sex => values.sexes.iter().map(|&sex| vec![sex]).collect(),
        KeyPart::Nationality => values.nationalities.iter().map(|code| code.to_vec()).collect(),
        KeyPart::BirthCountry => values.birth_countries.iter().map(|code| code.to_vec()).collect(),
        KeyPart::BirthPlace => reduced(&values.birth_places, skeleton::k5),
        KeyPart::Document => text(&values.documents),
        KeyPart::Phone => text(&values.phones),
        KeyPart::Email => text(&values.emails),
        KeyPart::DocumentOrPhone => {
            let tagged = |tag: u8, list: &[String]| -> Vec<Vec<u8>> {
                list.iter().map(|value| [&[tag], value.as_bytes()].concat()).collect()
            };
            [tagged(b'd', &values.documents), tagged(b'p', &values.phones)].concat()
        }
        KeyPart::Exact => text(&declared.whole),
        KeyPart::Word => text(&declared.words),
        KeyPart::K4 => reduced(&declared.words, skeleton::k4),
        KeyPart::Date => dates(&declared.dates, full),
        KeyPart::Year => dates(&declared.dates, |date| Some(date.year.to_be_bytes().to_vec())),
        KeyPart::MonthDay => dates(&declared.dates, month_day),
    }
}

fn full(date: &PartialDate) -> Option<Vec<u8>> {
    let [high, low] = date.year.to_be_bytes();
    date.unordered_month_day().map(|(a, b)| vec![high, low, a, b])
}

fn month_day(date: &PartialDate) -> Option<Vec<u8>> {
    date.unordered_month_day().map(|(a, b)| vec![a, b])
}

/// The first letters of a part, which is ASCII.
fn first(part: &str, letters: usize) -> String {
    part.get(..letters).unwrap_or(part).to_owned()
}

/// What different parts are reduced to, sorted; a part of which nothing is left counts as none.
fn reduced(parts: &[String], reduce: impl Fn(&str) -> String) -> Vec<Vec<u8>> {
    sorted(parts.iter().map(|part| reduce(part).into_bytes()).filter(|value| !value.is_empty()).collect())
}

fn pairs(sorted: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let tails = (1..).map_while(|i| sorted.get(i..));
    sorted.iter().zip(tails).flat_map(|(a, tail)| tail.iter().map(|b| [a.as_slice(), b].join(&b'/'))).collect()
}

fn all(sorted: &[Vec<u8>]) -> Vec<Vec<u8>> {
    if sorted.len() < 2 { Vec::new() } else { vec![sorted.join(&b'/')] }
}

fn dates(dates: &[PartialDate], value: impl Fn(&PartialDate) -> Option<Vec<u8>>) -> Vec<Vec<u8>> {
    sorted(dates.iter().filter_map(value).collect())
}

fn sorted(mut values: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    values.sort();
    values.dedup();
    values
}
