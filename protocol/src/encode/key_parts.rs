//! The values that a record has for the parts of match keys (spec 5.4), each worked out once for all tables.

use super::message;
use super::normalised::Values;
use crate::normalise::date::PartialDate;
use crate::normalise::skeleton::{self, Skeleton};
use crate::record::DeclaredValues;
use crate::schema::declared::{Declared, KeyPartOf};
use crate::schema::kinds::KeyPart;
use core::ops::Range;
use zeroize::{Zeroize, Zeroizing};

/// The different parts of all keys of a policy, and the values of the record at hand.
#[derive(Default)]
pub(super) struct KeyPartValues {
    parts: Vec<KeyPartSlot>,
    /// What enters a token's message for each value, one after the other: personal data.
    bytes: Vec<u8>,
    /// Where each value's message lies.
    values: Vec<Range<usize>>,
    /// Which of them a part has.
    of_part: Vec<Range<usize>>,
}

#[derive(Debug)]
struct KeyPartSlot {
    part: KeyPart,
    /// Position of the declared field, if it is taken from one.
    field: Option<usize>,
    prefix: Vec<u8>,
}

impl core::fmt::Debug for KeyPartValues {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "KeyPartValues({} parts)", self.parts.len())
    }
}

impl KeyPartValues {
    /// The number of a part, which is added if it is new.
    pub(super) fn position(&mut self, part: &KeyPartOf, fields: &[Declared]) -> usize {
        let field = part.position(fields);
        self.parts.iter().position(|p| p.part == part.kind && p.field == field).unwrap_or_else(|| {
            let prefix = message::prefix(part.kind.code(), part.field.as_deref());
            self.parts.push(KeyPartSlot { part: part.kind, field, prefix });
            self.parts.len() - 1
        })
    }

    /// Works out the values of a record, in place of those of the record before.
    pub(super) fn fill(&mut self, values: &Values) {
        self.clear();
        let Self { parts, bytes, values: ranges, of_part } = self;
        for part in parts {
            let first = ranges.len();
            for_each_value(part, values, |pieces| {
                let start = bytes.len();
                bytes.extend_from_slice(&part.prefix);
                let length = pieces.iter().map(|piece| piece.len()).sum::<usize>();
                // At most MAX_VALUE bytes of a name, place or code.
                bytes.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
                pieces.iter().for_each(|piece| bytes.extend_from_slice(piece));
                ranges.push(start..bytes.len());
            });
            of_part.push(first..ranges.len());
        }
    }

    /// Wipes the values.
    pub(super) fn clear(&mut self) {
        self.bytes.iter_mut().for_each(Zeroize::zeroize);
        self.bytes.clear();
        self.values.clear();
        self.of_part.clear();
    }

    /// How many values the record has for a part.
    pub(super) fn count(&self, part: usize) -> usize {
        self.of_part.get(part).map_or(0, ExactSizeIterator::len)
    }

    /// What enters a token's message for one of them: code point, length, value.
    pub(super) fn message(&self, part: usize, value: usize) -> &[u8] {
        let range = self.of_part.get(part).and_then(|of| self.values.get(of.start + value));
        range.and_then(|range| self.bytes.get(range.clone())).unwrap_or_default()
    }
}

impl Drop for KeyPartValues {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Calls `emit` with the pieces of every value that a record has for one part, in ascending order (V-ENCODE-005).
fn for_each_value(part: &KeyPartSlot, values: &Values, mut emit: impl FnMut(&[&[u8]])) {
    let declared = part.field.and_then(|at| values.declared.get(at));
    let words = |of: fn(&DeclaredValues) -> &Vec<String>| declared.map(of).into_iter().flatten();
    let (k4, k5) = (|| letters(&values.k4), || letters(&values.k5));
    let starts = |n| cut(&values.key_parts, n);
    let mut one = |value: &[u8]| emit(&[value]);
    match part.part {
        KeyPart::NamePartK4 => k4().into_iter().for_each(one),
        KeyPart::NamePartK5 => k5().into_iter().for_each(one),
        KeyPart::NamePairK4 => pairs(&k4(), emit),
        KeyPart::NamePairK5 => pairs(&k5(), emit),
        KeyPart::NameAllK4 => all(&values.wholes, |both| both.0, one),
        KeyPart::NameAllK5 => all(&values.wholes, |both| both.1, one),
        KeyPart::NamePartP3 => starts(3).into_iter().for_each(one),
        KeyPart::NamePairP3 => pairs(&starts(3), emit),
        KeyPart::NameInitial => starts(1).into_iter().for_each(one),
        KeyPart::NamePartK3 => prefixes(&values.k4).into_iter().for_each(one),
        KeyPart::NamePartS3 => letters(&values.s3).into_iter().for_each(one),
        KeyPart::NamePairK3 => pairs(&prefixes(&values.k4), emit),
        KeyPart::BirthDate => dates(&values.birth_dates, full, one),
        KeyPart::BirthYear => dates(&values.birth_dates, |d| Some(d.year.to_be_bytes()), one),
        KeyPart::BirthMonthDay => dates(&values.birth_dates, month_day, one),
        KeyPart::BirthYearMonth => dates(&values.birth_dates, year_month, one),
        KeyPart::Sex => values.sexes.iter().for_each(|&sex| one(&[sex])),
        KeyPart::Nationality => values.nationalities.iter().for_each(|code| one(code)),
        KeyPart::BirthCountry => values.birth_countries.iter().for_each(|code| one(code)),
        KeyPart::CountryAny => {
            sorted(values.nationalities.iter().chain(&values.birth_countries)).into_iter().for_each(|code| one(code));
        }
        KeyPart::BirthPlace => skeletons(values.birth_places.iter(), |both| both.1, one),
        KeyPart::Document => values.documents.iter().for_each(|v| one(v.as_bytes())),
        KeyPart::Phone => values.phones.iter().for_each(|v| one(v.as_bytes())),
        KeyPart::Email => values.emails.iter().for_each(|v| one(v.as_bytes())),
        KeyPart::DocumentOrPhone => {
            values.documents.iter().for_each(|v| emit(&[b"d", v.as_bytes()]));
            values.phones.iter().for_each(|v| emit(&[b"p", v.as_bytes()]));
        }
        KeyPart::AnyContact => {
            values.documents.iter().for_each(|v| emit(&[b"d", v.as_bytes()]));
            values.emails.iter().for_each(|v| emit(&[b"e", v.as_bytes()]));
            values.phones.iter().for_each(|v| emit(&[b"p", v.as_bytes()]));
        }
        KeyPart::Exact => words(|d| &d.whole).for_each(|v| one(v.as_bytes())),
        KeyPart::Word => words(|d| &d.words).for_each(|v| one(v.as_bytes())),
        KeyPart::K4 => skeletons(words(|d| &d.words), |both| both.0, one),
        KeyPart::Date => dates(declared.map_or(&[], |d| &d.dates), full, one),
        KeyPart::Year => dates(declared.map_or(&[], |d| &d.dates), |d| Some(d.year.to_be_bytes()), one),
        KeyPart::MonthDay => dates(declared.map_or(&[], |d| &d.dates), month_day, one),
    }
}

fn full(date: &PartialDate) -> Option<[u8; 4]> {
    let [high, low] = date.year.to_be_bytes();
    date.unordered_month_day().map(|(a, b)| [high, low, a, b])
}

fn month_day(date: &PartialDate) -> Option<[u8; 2]> {
    date.unordered_month_day().map(|(a, b)| [a, b])
}

fn year_month(date: &PartialDate) -> Option<[u8; 3]> {
    let [high, low] = date.year.to_be_bytes();
    date.month.map(|month| [high, low, month])
}

fn letters(skeletons: &[Skeleton]) -> Vec<&[u8]> {
    skeletons.iter().map(Skeleton::as_bytes).collect()
}

/// The first three letters of skeletons (K3).
pub(super) fn prefixes(skeletons: &[Skeleton]) -> Vec<&[u8]> {
    sorted(skeletons.iter().map(|skeleton| skeleton.as_bytes().get(..3).unwrap_or(skeleton.as_bytes())))
}

/// The first letters of parts, which are ASCII.
fn cut(parts: &[String], n: usize) -> Vec<&[u8]> {
    sorted(parts.iter().map(|part| part.as_bytes().get(..n).unwrap_or(part.as_bytes())).filter(|p| !p.is_empty()))
}

/// One skeleton of each word, without empty ones.
fn skeletons<'a>(
    words: impl Iterator<Item = &'a String>,
    which: fn((Skeleton, Skeleton)) -> Skeleton,
    mut emit: impl FnMut(&[u8]),
) {
    let all = sorted(words.map(|word| which(skeleton::both(word))));
    all.iter().map(Skeleton::as_bytes).filter(|s| !s.is_empty()).for_each(&mut emit);
}

fn pairs(sorted: &[&[u8]], mut emit: impl FnMut(&[&[u8]])) {
    for (a, i) in sorted.iter().zip(1..) {
        sorted.iter().skip(i).for_each(|b| emit(&[a, b"/", b]));
    }
}

/// All skeletons of a whole name, if they are at least two (V-ENCODE-016).
fn all(wholes: &[Vec<String>], which: fn((Skeleton, Skeleton)) -> Skeleton, mut emit: impl FnMut(&[u8])) {
    let mut joined: Vec<Zeroizing<Vec<u8>>> = Vec::with_capacity(wholes.len());
    for parts in wholes {
        let forms: Vec<Skeleton> = parts.iter().map(|part| which(skeleton::both(part))).collect();
        let forms = sorted(forms.iter().map(Skeleton::as_bytes).filter(|form| !form.is_empty()));
        let value = Zeroizing::new(forms.join(&b"/"[..]));
        if forms.len() > 1 && !joined.contains(&value) {
            joined.push(value);
        }
    }
    joined.sort_unstable_by(|a, b| a[..].cmp(&b[..]));
    joined.iter().for_each(|value| emit(value));
}

fn dates<const N: usize>(
    dates: &[PartialDate],
    value: fn(&PartialDate) -> Option<[u8; N]>,
    mut emit: impl FnMut(&[u8]),
) {
    match dates {
        [] => {}
        [date] => value(date).iter().for_each(|value| emit(value)),
        several => {
            let mut all = sorted(several.iter().filter_map(value));
            all.iter().for_each(|value| emit(value));
            all.iter_mut().for_each(Zeroize::zeroize);
        }
    }
}

fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = values.collect();
    all.sort_unstable();
    all.dedup();
    all
}
