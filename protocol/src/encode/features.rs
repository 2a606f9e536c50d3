//! What of a record is hashed into a segment of the filter (spec 5.2).

use super::key_parts::prefixes;
use super::normalised::Values;
use crate::normalise::date::PartialDate;
use crate::normalise::skeleton;
use crate::schema::kinds::FeatureKind;

/// Whether the values of a feature are bigrams.
pub(super) const fn is_bigrams(kind: FeatureKind) -> bool {
    use FeatureKind::{Bigrams, BirthPlace, DocumentNumber, Email, NameBigrams, NameConsonants, NameSounds, Phone};
    matches!(kind, NameBigrams | NameSounds | NameConsonants | BirthPlace | DocumentNumber | Phone | Email | Bigrams)
}

/// Calls `emit` for every feature of one kind (V-ENCODE-004).
pub(super) fn for_each_feature(kind: FeatureKind, field: Option<usize>, values: &Values, mut emit: impl FnMut(&[u8])) {
    let declared = field.and_then(|at| values.declared.get(at));
    let words = || declared.map(|d| &d.words).into_iter().flatten();
    let dates = || declared.map_or(&[][..], |d| &d.dates);
    match kind {
        FeatureKind::NameBigrams => values.name_parts.iter().for_each(|part| bigrams(part, &mut emit)),
        FeatureKind::NameSkeletons => values.k5.iter().for_each(|k5| emit(k5.as_bytes())),
        FeatureKind::NameK3 => prefixes(&values.k4).into_iter().for_each(&mut emit),
        FeatureKind::NameSounds => {
            values.name_parts.iter().for_each(|part| bigrams(&skeleton::sounds(part), &mut emit));
        }
        FeatureKind::NameConsonants => {
            values.name_parts.iter().for_each(|part| bigrams(&skeleton::consonants(part), &mut emit));
        }
        FeatureKind::BirthYear => years(&values.known_dates, &mut emit),
        FeatureKind::BirthMonthDay => month_days(&values.known_dates, &mut emit),
        FeatureKind::BirthYearDigits => year_digits(&values.known_dates, &mut emit),
        FeatureKind::BirthMonthDayDigits => month_day_digits(&values.known_dates, &mut emit),
        FeatureKind::Sex => values.sexes.iter().for_each(|&sex| emit(&[sex])),
        FeatureKind::Nationality => values.known_nationalities.iter().for_each(|code| emit(code)),
        FeatureKind::BirthCountry => values.known_birth_countries.iter().for_each(|code| emit(code)),
        FeatureKind::BirthPlace => values.birth_places.iter().for_each(|word| bigrams(word, &mut emit)),
        FeatureKind::DocumentNumber => values.documents.iter().for_each(|number| bigrams(number, &mut emit)),
        FeatureKind::Phone => values.phones.iter().for_each(|digits| bigrams(digits, &mut emit)),
        FeatureKind::Email => values.emails.iter().for_each(|address| {
            if let Some((local, _)) = address.split_once('@') {
                bigrams(local, &mut emit);
            }
        }),
        FeatureKind::Bigrams => words().for_each(|word| bigrams(word, &mut emit)),
        FeatureKind::Exact => declared.iter().flat_map(|d| &d.whole).for_each(|value| emit(value.as_bytes())),
        FeatureKind::Skeletons => words().for_each(|word| emit(skeleton::both(word).1.as_bytes())),
        FeatureKind::Year => years(dates(), &mut emit),
        FeatureKind::MonthDay => month_days(dates(), &mut emit),
    }
}

fn years(dates: &[PartialDate], emit: &mut impl FnMut(&[u8])) {
    for date in dates {
        for (tag, number) in [(b'y', date.year), (b't', date.year % 100), (b'o', date.year % 10)] {
            let [high, low] = number.to_be_bytes();
            emit(&[tag, high, low]);
        }
    }
}

fn month_days(dates: &[PartialDate], emit: &mut impl FnMut(&[u8])) {
    for date in dates {
        for number in [date.month, date.day].into_iter().flatten() {
            emit(&[b'n', number]);
        }
        if let Some((low, high)) = date.unordered_month_day() {
            emit(&[b'p', low, high]);
        }
    }
}

fn year_digits(dates: &[PartialDate], emit: &mut impl FnMut(&[u8])) {
    for date in dates {
        for (place, unit) in (0..).zip([1000, 100, 10, 1]) {
            emit(&[place, u8::try_from(date.year / unit % 10).unwrap_or_default()]);
        }
    }
}

fn month_day_digits(dates: &[PartialDate], emit: &mut impl FnMut(&[u8])) {
    for date in dates {
        for (place, number) in [(0, date.month), (2, date.day)] {
            if let Some(number) = number {
                emit(&[place, number / 10]);
                emit(&[place + 1, number % 10]);
            }
        }
    }
}

/// Bigrams of the bytes of a value, padded with `_` on both sides.
fn bigrams(value: &str, emit: &mut impl FnMut(&[u8])) {
    let mut last = b'_';
    for byte in value.bytes().chain([b'_']) {
        emit(&[last, byte]);
        last = byte;
    }
}
