//! What a register makes of a person: the errors and gaps of one list.

mod damage;
mod text;

pub use damage::{corrupt, damage};

use super::calendar;
use super::cells::{Cells, words};
use super::corruption::{Applied, Corruption, present};
use super::names::{Calendar, Families, Name, Style, variants};
use super::person::{Date, Person, document, email, phone};
use super::rng::Rng;
use core::cell::Cell;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A register that writes romanised names.
    A,
    /// A register that has some of its records in the native script.
    B,
}

/// Whether it happens, at difficulty `h`.
fn happens(corruption: Corruption, h: f64, rng: &mut Rng) -> bool {
    rng.chance(corruption.rate(h))
}

/// Offices that keep a list.
const OFFICES: u64 = 8;
/// What the random stream of an office's habit is for.
const OFFICE: [u64; 2] = [21, 22];

/// A list and how it is kept.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// Which list.
    pub side: Side,
    /// Difficulty.
    pub h: f64,
    /// Whether names come in the spellings of the published groups, and offices write most names in their own way.
    pub variants: bool,
    /// Seed of the offices' habits.
    pub seed: u64,
}

/// One list's view of a person, and what happened on the way.
#[must_use]
pub fn view(person: &Person, register: Register, rng: &mut Rng) -> (Cells, Applied) {
    let mut applied = Applied::default();
    let (h, culture) = (register.h, person.culture);
    let style = style(person, register, rng);
    let mut cells = names(person, style, register, rng, &mut applied);
    if rng.chance(present::OTHER_NAME) {
        // As another register writes it; natively every second time, unless this one does.
        let native = style != Style::Native && rng.chance(0.5);
        let style = if native { Style::Native } else { Style::Other(rng.below(1 << 16)) };
        let all: Vec<String> =
            [given(person), family(person)].iter().flatten().map(|n| culture.written(n, style)).collect();
        cells.other = words(&all);
    }
    aliases(person, style, &mut cells, rng, &mut applied);
    let date = person.born;
    cells.born = format!("{:04}-{:02}-{:02}", date.year, date.month, date.day);
    cells.sex = if person.female { "F" } else { "M" }.to_owned();
    if rng.chance(present::NATIONALITY) {
        cells.nationality = nationality(person, h, rng, &mut applied);
    }
    if happens(Corruption::CountryMissing, h, rng) {
        applied.add(Corruption::CountryMissing);
    } else {
        let other = culture
            .countries
            .iter()
            .find(|c| **c != person.country)
            .filter(|_| happens(Corruption::CountryWrong, h, rng));
        if other.is_some() {
            applied.add(Corruption::CountryWrong);
        }
        other.unwrap_or(&person.country).clone_into(&mut cells.country);
    }
    if rng.chance(present::PLACE) {
        let wrong = happens(Corruption::PlaceWrong, h, rng);
        let other = culture.places.draw(rng).filter(|p| wrong && **p != person.place);
        if other.is_some() {
            applied.add(Corruption::PlaceWrong);
        }
        cells.place = culture.written(other.unwrap_or(&person.place), style);
    }
    contacts(person, &mut cells, rng, &mut applied);
    damage(&mut cells, h, rng, &mut applied);
    let other = in_calendar(&cells.born, culture.calendar).filter(|_| style == Style::Native);
    if let Some(other) = other.filter(|_| happens(Corruption::DateCalendar, h, rng)) {
        cells.born = other;
        applied.add(Corruption::DateCalendar);
    }
    (cells, applied)
}

fn nationality(person: &Person, h: f64, rng: &mut Rng, applied: &mut Applied) -> String {
    let other = person.culture.countries.iter().find(|c| !person.nationalities.contains(c));
    if let Some(other) = other.filter(|_| happens(Corruption::NationalityOther, h, rng)) {
        applied.add(Corruption::NationalityOther);
        return other.clone();
    }
    let count = if rng.chance(present::BOTH_NATIONALITIES) { 2 } else { 1 };
    person.nationalities.iter().take(count).map(String::as_str).collect::<Vec<_>>().join("|")
}

/// Names by which this list alone knows the person: one to four whole names of strangers.
fn aliases(person: &Person, style: Style, cells: &mut Cells, rng: &mut Rng, applied: &mut Applied) {
    if !happens(Corruption::Alias, 0.0, rng) {
        return;
    }
    let culture = person.culture;
    for n in 0..4 {
        let mut parts: Vec<Name> = culture.given_names(person.female, rng).into_iter().take(1).collect();
        parts.extend(culture.family_name(rng).or_else(|| culture.male.draw(rng).cloned()));
        let alias = words(&parts.iter().map(|name| culture.written(name, style)).collect::<Vec<_>>());
        let is_more = n == 0 || rng.chance(0.4);
        if !is_more {
            break;
        }
        cells.other = if cells.other.is_empty() { alias } else { format!("{}|{alias}", cells.other) };
        applied.add(Corruption::Alias);
    }
}

/// A whole date in another calendar; a first of January would no longer be seen to stand for "unknown", and stays.
fn in_calendar(born: &str, calendar: Calendar) -> Option<String> {
    let date = blindlink::normalise::date::PartialDate::parse(born)?.without_placeholder();
    let date = Date { year: date.year, month: date.month?.into(), day: date.day?.into() };
    Some(calendar::written(date, calendar)).filter(|text| text != born)
}

fn contacts(person: &Person, cells: &mut Cells, rng: &mut Rng, applied: &mut Applied) {
    let mut either = |present: f64, corruption: Corruption, own: &String, other: &dyn Fn(&mut Rng) -> String| {
        if !rng.chance(present) {
            return String::new();
        }
        if rng.chance(corruption.rate(0.0)) {
            applied.add(corruption);
            return other(rng);
        }
        own.clone()
    };
    cells.document = either(present::DOCUMENT, Corruption::DocumentOther, &person.document, &document);
    cells.phone = either(present::PHONE, Corruption::PhoneOther, &person.phone, &phone);
    cells.email = either(present::EMAIL, Corruption::EmailOther, &person.email, &|rng| email(&person.given, rng));
    let is_controllers = person.controller.is_some() && cells.phone == person.phone;
    if is_controllers && rng.chance(present::CONTROLLER_KNOWN) {
        "controlled_by_other".clone_into(&mut cells.phone_owner);
    }
}

/// How the register writes this person's names.
///
/// Some records are written as the office writes all names of the culture, others follow a document.
fn style(person: &Person, register: Register, rng: &mut Rng) -> Style {
    let by_office = if register.variants { present::OFFICE_OF_VARIANTS } else { present::OFFICE };
    let office = rng.next() % OFFICES;
    let habit = &mut Rng::of(
        register.seed,
        OFFICE[usize::from(register.side == Side::B)],
        office << 16 | person.culture.index as u64,
    );
    let rng = if rng.chance(by_office) { habit } else { rng };
    let native = register.side == Side::B && happens(Corruption::NativeScript, register.h, rng);
    let by_rate = happens(Corruption::Romanisation, register.h, rng);
    let romanised = by_rate || register.variants && rng.chance(present::OTHER_OF_VARIANTS);
    let number = rng.below(1 << 16);
    let changes = |style| {
        let written = |n: &Name| person.culture.written(n, style) != n.latin;
        given(person).iter().chain(&family(person)).any(written)
    };
    if native && changes(Style::Native) {
        return Style::Native;
    }
    // The first spelling from there on that changes anything.
    let other = (number..number + 32).map(Style::Other).find(|style| romanised && changes(*style));
    other.unwrap_or(Style::Usual)
}

/// Given names.
fn given(person: &Person) -> Vec<Name> {
    person.given.clone()
}

/// Family names, as the person bears them.
fn family(person: &Person) -> Vec<Name> {
    person.family.iter().map(|n| person.culture.gendered(n, person.female)).collect()
}

/// Whether it happens, where it can; noted if so.
fn note((h, rng, applied): (f64, &mut Rng, &mut Applied), corruption: Corruption, possible: bool) -> bool {
    let it_happens = happens(corruption, h, rng) && possible;
    if it_happens {
        applied.add(corruption);
    }
    it_happens
}

/// Puts other spellings of the published groups in place of some names.
fn spelt<'a>(names: impl Iterator<Item = &'a mut Name>, rng: &mut Rng, applied: &mut Applied) {
    for name in names {
        let other = rng.pick(variants(&name.latin)).filter(|_| happens(Corruption::Variant, 0.0, rng));
        if let Some(other) = other {
            name.latin = (*other).to_owned();
            name.native = None;
            name.others.clear();
            applied.add(Corruption::Variant);
        }
    }
}

/// The cells of the names: what is left out or replaced as a whole.
fn names(person: &Person, style: Style, register: Register, rng: &mut Rng, applied: &mut Applied) -> Cells {
    let (h, culture) = (register.h, person.culture);
    let (mut given, mut family) = (given(person), family(person));
    if register.variants && style != Style::Native {
        spelt(given.iter_mut().chain(&mut family), rng, applied);
    }
    if note((h, rng, applied), Corruption::SecondGivenDropped, given.len() > 1) {
        // With a middle name in front, the given name is the last one.
        given = if !culture.middle_after && culture.middle.iter().any(|m| !m.names().is_empty()) {
            given.split_off(given.len() - 1)
        } else {
            vec![given.swap_remove(0)]
        };
    }
    if note((h, rng, applied), Corruption::SecondFamilyDropped, family.len() > 1) {
        let fathers = usize::from(culture.families == Families::FatherLast);
        family = vec![family.swap_remove(fathers)];
    }
    let spouse = person.spouse.as_ref().map(|n| culture.gendered(n, true));
    if note((h, rng, applied), Corruption::MarriedName, spouse.is_some()) {
        let place = if culture.families == Families::FatherLast { family.len().saturating_sub(1) } else { 0 };
        if let (Some(slot), Some(spouse)) = (family.get_mut(place), spouse) {
            *slot = spouse;
        }
    }
    // Only what remains to be seen counts as written in another way.
    let is_other = Cell::new(false);
    let write = |name: &Name| {
        let text = culture.written(name, style);
        is_other.set(is_other.get() || text != name.latin);
        text
    };
    let short = given.first().and_then(|n| culture.short_form(n)).filter(|_| style != Style::Native);
    let is_short = note((h, rng, applied), Corruption::ShortForm, short.is_some());
    let mut written: Vec<String> = short.filter(|_| is_short).map(str::to_owned).into_iter().collect();
    written.extend(given.iter().skip(written.len()).map(write));
    let is_chain = culture.families == Families::Chain;
    let count = if is_chain { 2 } else { 1 };
    let mut fathers: Vec<Name> =
        person.fathers.iter().take(count).filter_map(|father| culture.patronymic(father, person.female)).collect();
    let dropped = note((h, rng, applied), Corruption::PatronymicDropped, !fathers.is_empty());
    let as_family = dropped && !is_chain && note((h, rng, applied), Corruption::FatherAsFamily, family.is_empty());
    if dropped && !as_family {
        fathers.truncate(usize::from(is_chain));
    }
    let mut fathers: Vec<String> = fathers.iter().map(write).collect();
    let mut cells = Cells { family: words(&family.iter().map(write).collect::<Vec<_>>()), ..Cells::default() };
    if is_chain && rng.chance(0.8) || as_family {
        // The last name of a chain goes where a family name is asked for; or all into one cell.
        cells.family = fathers.pop().unwrap_or_default();
    } else if is_chain {
        written.append(&mut fathers);
    } else if culture.families == Families::None && cells.family.is_empty() && rng.chance(0.6) {
        // A form that demands a family name gets the father's, or the last of several given ones.
        let last = if fathers.is_empty() && written.len() > 1 { written.pop() } else { fathers.pop() };
        cells.family = last.unwrap_or_default();
    }
    if is_other.get() {
        applied.add(match style {
            Style::Native if culture.has_script() => Corruption::NativeScript,
            Style::Native => Corruption::NativeLetters,
            Style::Usual | Style::Other(_) => Corruption::Romanisation,
        });
    }
    cells.given = words(&written);
    cells.father = words(&fathers);
    let particle = culture.particles.iter().find_map(|p| text::without_particle(&cells.family, p));
    if note((h, rng, applied), Corruption::ParticleDropped, particle.is_some()) {
        cells.family = particle.unwrap_or_default();
    }
    if note((h, rng, applied), Corruption::FullNameOnly, true) {
        let mut parts = vec![core::mem::take(&mut cells.given), core::mem::take(&mut cells.father)];
        let at = if culture.family_first || rng.chance(0.3) { 0 } else { 2 };
        parts.insert(at, core::mem::take(&mut cells.family));
        cells.full = words(&parts);
    }
    cells
}
