//! What another list might have of a person whom the own list has: a copy of the record with the errors and gaps of a
//! second register. For estimates on own data; the copy is dropped at once.

use crate::synth::rng::Rng;
use blindlink::normalise::date::{PartialDate, ReadDate};
use blindlink::record::{Birth, ContactKind, Identity, NameKind, NameRole, Record};

/// Rates at difficulty h = 1, each for one view; those of the generator.
mod rates {
    pub(super) const ROMANISATION: f64 = 0.30;
    pub(super) const TYPO: f64 = 0.06;
    pub(super) const SECOND_DROPPED: f64 = 0.35;
    pub(super) const PATRONYMIC_DROPPED: f64 = 0.60;
    pub(super) const SWAPPED: f64 = 0.08;
    pub(super) const DATE: [f64; 6] = [0.06, 0.03, 0.03, 0.03, 0.03, 0.03];
    pub(super) const SEX_MISSING: f64 = 0.02;
    pub(super) const COUNTRY_MISSING: f64 = 0.20;
    /// Shares of the records in which another list has the same value, whatever the difficulty.
    pub(super) const SAME_PLACE: f64 = 0.50;
    pub(super) const SAME_DOCUMENT: f64 = 0.35;
    pub(super) const SAME_CONTACT: f64 = 0.25;
    pub(super) const SAME_NATIONALITY: f64 = 0.90;
}

/// Spellings of one sound in different romanisations.
const SPELLINGS: [(&str, &str); 14] = [
    ("kh", "h"),
    ("ou", "u"),
    ("sh", "ch"),
    ("ee", "i"),
    ("oo", "u"),
    ("y", "i"),
    ("i", "y"),
    ("w", "v"),
    ("ph", "f"),
    ("ks", "x"),
    ("dj", "j"),
    ("q", "k"),
    ("e", "i"),
    ("o", "u"),
];

/// The record as another register might have it, at difficulty `h` (0.5 moderate, 1 hard).
#[must_use]
pub fn second_view(record: &Record, h: f64, rng: &mut Rng) -> Record {
    let mut copy = record.clone();
    for identity in &mut copy.identities {
        names(identity, h, rng);
        let births: Vec<Birth> = identity.births.iter().filter_map(|birth| born(*birth, h, rng)).collect();
        identity.births = births;
        drop_unless(&mut identity.sexes, rng, 1.0 - rates::SEX_MISSING * h);
        drop_unless(&mut identity.nationalities, rng, rates::SAME_NATIONALITY);
        if rng.chance(rates::COUNTRY_MISSING * h) || !rng.chance(rates::SAME_PLACE) {
            identity.birth_places.clear();
        }
        drop_unless(&mut identity.documents, rng, rates::SAME_DOCUMENT);
        let phone = rng.chance(rates::SAME_CONTACT);
        identity.contacts.retain(|contact| phone && contact.kind == ContactKind::Phone);
    }
    copy
}

fn drop_unless<T>(values: &mut Vec<T>, rng: &mut Rng, share: f64) {
    if !rng.chance(share) {
        values.clear();
    }
}

fn names(identity: &mut Identity, h: f64, rng: &mut Rng) {
    // Aliases and earlier names are what one list knows and another does not.
    identity.names.retain(|name| name.kind == NameKind::Primary);
    let patronymic = !rng.chance(rates::PATRONYMIC_DROPPED);
    identity.names.retain(|name| patronymic || name.role != NameRole::Father);
    let swapped = rng.chance(rates::SWAPPED * h);
    let respelt = rng.chance(rates::ROMANISATION * h);
    for name in &mut identity.names {
        name.role = match name.role {
            NameRole::Given if swapped => NameRole::Family,
            NameRole::Family if swapped => NameRole::Given,
            role => role,
        };
        let keep = if rng.chance(rates::SECOND_DROPPED * h) { 1 } else { usize::MAX };
        let mut words = Vec::new();
        for word in name.text.split_whitespace().take(keep) {
            let spelt = if respelt { other_spelling(word, rng) } else { word.to_owned() };
            words.push(if rng.chance(rates::TYPO * h) { typo(&spelt, rng) } else { spelt });
        }
        name.text = words.join(" ");
    }
}

/// One sound written in another way, if there is one that can be.
fn other_spelling(word: &str, rng: &mut Rng) -> String {
    let lower = word.to_lowercase();
    let fitting: Vec<_> = SPELLINGS.iter().filter(|(from, _)| lower.contains(from)).collect();
    rng.pick(&fitting).map_or_else(|| word.to_owned(), |(from, to)| lower.replacen(from, to, 1))
}

/// One letter dropped, doubled or swapped with the next.
fn typo(word: &str, rng: &mut Rng) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 3 {
        return word.to_owned();
    }
    let at = rng.below(letters.len() - 1);
    match rng.below(3) {
        0 => drop(letters.remove(at)),
        1 => letters.extend_from_within(at..=at),
        _ => letters.swap(at, at + 1),
    }
    letters.into_iter().collect()
}

/// At most one of: first of January, year only, day and month swapped, a wrong digit, a year or two off, missing.
fn born(birth: Birth, h: f64, rng: &mut Rng) -> Option<Birth> {
    let mut at = f64::from(rng.between(0, u16::MAX)) / f64::from(u16::MAX) / h.max(f64::MIN_POSITIVE);
    let which = rates::DATE.iter().position(|rate| {
        at -= rate;
        at < 0.0
    });
    let PartialDate { year, month, day } = birth.date.date;
    let date = match which {
        Some(0) => PartialDate { year, month: Some(1), day: Some(1) },
        Some(1) => PartialDate { year, month: None, day: None },
        Some(2) => match (month, day) {
            (Some(month), Some(day)) if day <= 12 => PartialDate { year, month: Some(day), day: Some(month) },
            _ => birth.date.date,
        },
        Some(3) => PartialDate { year, month, day: day.map(|day| day % 28 + 1) },
        Some(4) => PartialDate {
            year: if rng.chance(0.5) { year + rng.between(1, 2) } else { year - rng.between(1, 2) },
            month,
            day,
        },
        Some(_) => return None,
        None => birth.date.date,
    };
    Some(Birth { date: ReadDate::gregorian(date), ..birth })
}
