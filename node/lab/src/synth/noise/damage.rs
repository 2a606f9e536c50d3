//! Damage to what is written, whatever the person.

use super::{happens, text};
use crate::synth::cells::{Cells, words};
use crate::synth::corruption::{Applied, Corruption, present};
use crate::synth::names::respelt;
use crate::synth::rng::Rng;

/// Characters that a card's machine-readable zone has for the name (ICAO Doc 9303-5, TD1).
const MRZ_NAME: usize = 30;
/// Country code of the invented telephone numbers.
const UNASSIGNED: &str = "+999 ";
/// Share of the days of a year whose day and month can be swapped to another date: 11 days in 12 months.
const SWAPPABLE: f64 = 132.0 / 365.25;

/// What another list might have of a record that one has: the record at difficulty `h` with the gaps and errors of a
/// second register, and what happened. For estimates on own data; persons made here go through
/// [`view`](super::view), which knows more about their names.
#[must_use]
pub fn corrupt(cells: &Cells, h: f64, rng: &mut Rng) -> (Cells, Applied) {
    let (mut cells, mut applied) = (cells.clone(), Applied::default());
    if happens(Corruption::Romanisation, h, rng) {
        let first = rng.below(1 << 16);
        let names = [&cells.given, &cells.father, &cells.family, &cells.full].map(Clone::clone);
        let spelt = |number| names.each_ref().map(|name| respelt(name, number));
        // The first habit from there on that changes anything.
        if let Some(new) = (first..first + 16).map(spelt).find(|new| *new != names) {
            [cells.given, cells.father, cells.family, cells.full] = new;
            applied.add(Corruption::Romanisation);
        }
    }
    let mut note_part = |rng: &mut Rng, corruption: Corruption, cell: &mut String| {
        let first = cell.split_once(' ').map(|(first, _)| first.to_owned());
        if let Some(first) = first.filter(|_| happens(corruption, h, rng)) {
            *cell = first;
            applied.add(corruption);
        }
    };
    note_part(rng, Corruption::SecondGivenDropped, &mut cells.given);
    note_part(rng, Corruption::SecondFamilyDropped, &mut cells.family);
    let mut note = |rng: &mut Rng, corruption: Corruption, new: Option<String>, cell: &mut String| {
        if let Some(new) = new.filter(|new| new != cell).filter(|_| happens(corruption, h, rng)) {
            *cell = new;
            applied.add(corruption);
        }
    };
    note(rng, Corruption::PatronymicDropped, Some(String::new()), &mut cells.father);
    note(rng, Corruption::CountryMissing, Some(String::new()), &mut cells.country);
    for (share, cell) in [
        (present::NATIONALITY, &mut cells.nationality),
        (present::PLACE, &mut cells.place),
        (present::DOCUMENT, &mut cells.document),
        (present::PHONE, &mut cells.phone),
        (present::EMAIL, &mut cells.email),
    ] {
        if !rng.chance(share) {
            cell.clear();
        }
    }
    damage(&mut cells, h, rng, &mut applied);
    (cells, applied)
}

/// Errors in the letters of names, the order of names, dates, sex and numbers.
pub fn damage(cells: &mut Cells, h: f64, rng: &mut Rng, applied: &mut Applied) {
    for cell in [&mut cells.given, &mut cells.father, &mut cells.family, &mut cells.full] {
        letters(cell, h, rng, applied);
    }
    for cell in [&mut cells.given, &mut cells.family] {
        if let Some(new) = text::joined(cell, rng).filter(|_| happens(Corruption::PartsJoined, h, rng)) {
            *cell = new;
            applied.add(Corruption::PartsJoined);
        }
    }
    truncated(cells, h, rng, applied);
    let both = !cells.given.is_empty() && !cells.family.is_empty() && cells.given != cells.family;
    if happens(Corruption::NamesSwapped, h, rng) && both {
        core::mem::swap(&mut cells.given, &mut cells.family);
        applied.add(Corruption::NamesSwapped);
    }
    date(&mut cells.born, h, rng, applied);
    if happens(Corruption::SexMissing, h, rng) {
        cells.sex.clear();
        applied.add(Corruption::SexMissing);
    } else if happens(Corruption::SexWrong, h, rng) && !cells.sex.is_empty() {
        if cells.sex == "F" { "M" } else { "F" }.clone_into(&mut cells.sex);
        applied.add(Corruption::SexWrong);
    }
    numbers(cells, h, rng, applied);
}

fn letters(cell: &mut String, h: f64, rng: &mut Rng, applied: &mut Applied) {
    let parts: Vec<String> = cell
        .split(' ')
        .map(|part| {
            let typo = text::typo(part, rng).filter(|_| happens(Corruption::Typo, h, rng));
            let misread = text::misread(part, rng).filter(|_| happens(Corruption::Ocr, h, rng));
            if typo.is_some() {
                applied.add(Corruption::Typo);
            } else if misread.is_some() {
                applied.add(Corruption::Ocr);
            }
            typo.or(misread).unwrap_or_else(|| part.to_owned())
        })
        .collect();
    *cell = words(&parts);
}

/// The family name first, then what of the given names has place.
fn truncated(cells: &mut Cells, h: f64, rng: &mut Rng, applied: &mut Applied) {
    let length = |text: &str| text.chars().count();
    // Two fillers stand between family and given names.
    let places = MRZ_NAME.saturating_sub(length(&cells.family) + 2);
    let is_long = cells.full.is_empty() && !cells.family.is_empty() && length(&cells.given) > places && places > 0;
    if happens(Corruption::Truncated, h, rng) && is_long {
        cells.given = cells.given.chars().take(places).collect::<String>().trim_end().to_owned();
        applied.add(Corruption::Truncated);
    }
}

/// At most one of the errors of dates.
fn date(born: &mut String, h: f64, rng: &mut Rng, applied: &mut Applied) {
    let mut at = rng.unit();
    let pieces: Vec<&str> = born.split('-').collect();
    let &[year, month, day] = pieces.as_slice() else { return };
    let year_off = |rng: &mut Rng| {
        let years: u16 = year.parse().ok()?;
        let by = rng.between(1, 2);
        let new = if rng.chance(0.5) { years.checked_add(by) } else { years.checked_sub(by) }?;
        Some(format!("{new:04}-{month}-{day}"))
    };
    let is_swappable = day <= "12" && day != month;
    let swap_rate = Corruption::DateSwapped.rate(h) / SWAPPABLE;
    let rates = [
        (Corruption::DatePlaceholder, Corruption::DatePlaceholder.rate(h)),
        (Corruption::DateYearOnly, Corruption::DateYearOnly.rate(h)),
        (Corruption::DateDigit, Corruption::DateDigit.rate(h)),
        (Corruption::DateYearOff, Corruption::DateYearOff.rate(h)),
        (Corruption::DateMissing, Corruption::DateMissing.rate(h)),
        (Corruption::DateSwapped, if is_swappable { swap_rate } else { 0.0 }),
    ];
    for (corruption, rate) in rates {
        if at >= rate {
            at -= rate;
            continue;
        }
        let new = match corruption {
            Corruption::DatePlaceholder => {
                let day = match rng.below(20) {
                    0 => "12-31",
                    1 | 2 => "07-01",
                    _ => "01-01",
                };
                Some(format!("{year}-{day}"))
            }
            Corruption::DateYearOnly => Some(year.to_owned()),
            Corruption::DateDigit => (0..100).find_map(|_| text::digit_changed(born, rng).filter(|new| exists(new))),
            Corruption::DateYearOff => year_off(rng).filter(|new| exists(new)),
            Corruption::DateMissing => Some(String::new()),
            _ => Some(format!("{year}-{day}-{month}")),
        };
        if let Some(new) = new.filter(|new| new != born) {
            *born = new;
            applied.add(corruption);
        }
        return;
    }
}

/// Whether it is a date that a register would take: the wrong digit is not the first one of the year.
fn exists(text: &str) -> bool {
    blindlink::normalise::date::PartialDate::parse(text).is_some_and(|date| (1900..=2030).contains(&date.year))
}

fn numbers(cells: &mut Cells, h: f64, rng: &mut Rng, applied: &mut Applied) {
    for (corruption, cell) in
        [(Corruption::DocumentDigit, &mut cells.document), (Corruption::PhoneDigit, &mut cells.phone)]
    {
        // The country code stays: an invented number must not become a real one.
        let (code, rest) =
            cell.split_at_checked(UNASSIGNED.len()).filter(|(c, _)| *c == UNASSIGNED).unwrap_or(("", cell));
        let new = text::digit_changed(rest, rng).map(|rest| format!("{code}{rest}"));
        if let Some(new) = new.filter(|_| happens(corruption, h, rng)) {
            *cell = new;
            applied.add(corruption);
        }
    }
    let national = cells.phone.strip_prefix(UNASSIGNED).map(|rest| format!("0{}", rest.replace(' ', "-")));
    if let Some(national) = national.filter(|_| happens(Corruption::PhoneNational, h, rng)) {
        cells.phone = national;
        applied.add(Corruption::PhoneNational);
    }
}
