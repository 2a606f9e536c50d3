//! What a register makes of a person: the errors and gaps of one list.

use super::names::Name;
use super::person::Person;
use super::rng::Rng;

macro_rules! rates {
    ($($(#[doc = $doc:literal])* $name:ident = $value:literal;)*) => {
        $($(#[doc = $doc])* pub const $name: f64 = $value;)*
        /// Every rate with its meaning. Each holds for one list on its own, so a pair of records meets it twice.
        pub const ALL: &[(&str, f64)] = &[$((concat!($($doc),*), $value)),*];
    };
}

/// Rates of errors, fixed before anything was measured.
pub mod rates {
    rates! {
        /// name written with another romanisation
        ROMANISATION = 0.25;
        /// name with a spelling error
        SPELLING = 0.04;
        /// record in the native script
        NATIVE = 0.06;
        /// second family name left out
        SECOND_FAMILY_DROPPED = 0.20;
        /// second given name left out
        SECOND_GIVEN_DROPPED = 0.25;
        /// given and family names swapped
        NAMES_SWAPPED = 0.03;
        /// alias recorded besides
        ALIAS = 0.05;
        /// day and month swapped
        DAY_MONTH_SWAPPED = 0.03;
        /// day, month or year wrong
        DATE_WRONG = 0.03;
        /// year of birth only, or a first of January in its place
        YEAR_ONLY = 0.06;
        /// date of birth missing
        DATE_MISSING = 0.03;
        /// sex missing
        SEX_MISSING = 0.02;
        /// sex wrong
        SEX_WRONG = 0.005;
        /// nationality missing
        NATIONALITY_MISSING = 0.10;
        /// country of birth missing
        COUNTRY_MISSING = 0.20;
        /// document missing
        DOCUMENT_MISSING = 0.45;
        /// another document
        DOCUMENT_OTHER = 0.15;
        /// document number with a wrong digit
        DOCUMENT_WRONG = 0.02;
        /// telephone missing
        PHONE_MISSING = 0.55;
        /// another telephone
        PHONE_OTHER = 0.25;
        /// e-mail missing
        EMAIL_MISSING = 0.80;
    }
}

/// What one list knows of a person: the cells of a row, without the identifier.
#[derive(Clone, Debug, Default)]
pub struct View {
    given: String,
    family: String,
    born: String,
    sex: &'static str,
    nationality: &'static str,
    country: String,
    document: String,
    phone: String,
    email: String,
}

impl View {
    /// Cells in the order of the schema.
    #[must_use]
    pub fn cells<'a>(&'a self, id: &'a str) -> [&'a str; 12] {
        let (kind, issuer) = if self.document.is_empty() { ("", "") } else { ("passport", "UTO") };
        [
            id,
            &self.given,
            &self.family,
            &self.born,
            self.sex,
            self.nationality,
            &self.country,
            kind,
            issuer,
            &self.document,
            &self.phone,
            &self.email,
        ]
    }
}

/// One list's view of a person.
#[must_use]
pub fn view(person: &Person, rng: &mut Rng) -> View {
    let native = rng.chance(rates::NATIVE);
    let mut given = names(&person.given, rates::SECOND_GIVEN_DROPPED, native, rng);
    let mut family = names(&person.family, rates::SECOND_FAMILY_DROPPED, native, rng);
    if rng.chance(rates::NAMES_SWAPPED) {
        core::mem::swap(&mut given, &mut family);
    }
    if rng.chance(rates::ALIAS) {
        let alias = names(&person.given, rates::SECOND_GIVEN_DROPPED, false, rng);
        given = format!("{given}|{alias}");
    }
    View {
        given,
        family,
        born: born(person, rng),
        sex: sex(person, rng),
        nationality: if rng.chance(rates::NATIONALITY_MISSING) { "" } else { "UTO" },
        country: if rng.chance(rates::COUNTRY_MISSING) { String::new() } else { person.country.clone() },
        document: document(person, rng),
        phone: phone(person, rng),
        email: if rng.chance(rates::EMAIL_MISSING) { String::new() } else { person.email.clone() },
    }
}

fn names(names: &[Name], second_dropped: f64, native: bool, rng: &mut Rng) -> String {
    let keep = if rng.chance(second_dropped) { 1 } else { names.len() };
    names.iter().take(keep).map(|name| written(name, native, rng)).collect::<Vec<_>>().join(" ")
}

fn written(name: &Name, native: bool, rng: &mut Rng) -> String {
    if let Some(native) = name.native.as_ref().filter(|_| native) {
        return native.clone();
    }
    let other = if rng.chance(rates::ROMANISATION) { rng.pick(&name.others) } else { None };
    let text = other.unwrap_or(&name.latin).clone();
    if rng.chance(rates::SPELLING) { misspelt(&text, rng) } else { text }
}

/// One letter changed, dropped, doubled, or swapped with the next.
fn misspelt(text: &str, rng: &mut Rng) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        return text.to_owned();
    }
    let at = rng.below(letters.len());
    match rng.below(4) {
        0 => {
            if let Some(letter) = letters.get_mut(at) {
                *letter = char::from(b'a' + u8::try_from(rng.below(26)).unwrap_or(0));
            }
        }
        1 => drop(letters.splice(at..=at, [])),
        2 => {
            let letter = letters.get(at).copied();
            letters.splice(at..at, letter);
        }
        _ => letters.swap(at, (at + 1) % text.chars().count()),
    }
    letters.into_iter().collect()
}

fn born(person: &Person, rng: &mut Rng) -> String {
    let (mut year, mut month, mut day) = person.born;
    if rng.chance(rates::DATE_MISSING) {
        return String::new();
    }
    if rng.chance(rates::YEAR_ONLY) {
        return if rng.chance(0.5) { format!("{year}") } else { format!("{year}-01-01") };
    }
    if rng.chance(rates::DATE_WRONG) {
        match rng.below(3) {
            0 => year = year + 1 - 2 * rng.between(0, 1),
            1 => month = month % 12 + 1,
            _ => day = day % 28 + 1,
        }
    }
    if day <= 12 && rng.chance(rates::DAY_MONTH_SWAPPED) {
        core::mem::swap(&mut month, &mut day);
    }
    format!("{year}-{month:02}-{day:02}")
}

fn sex(person: &Person, rng: &mut Rng) -> &'static str {
    match (rng.chance(rates::SEX_MISSING), person.female != rng.chance(rates::SEX_WRONG)) {
        (true, _) => "",
        (false, true) => "F",
        (false, false) => "M",
    }
}

fn document(person: &Person, rng: &mut Rng) -> String {
    if rng.chance(rates::DOCUMENT_MISSING) {
        String::new()
    } else if rng.chance(rates::DOCUMENT_OTHER) {
        format!("ZZ{:07}", rng.below(10_000_000))
    } else if rng.chance(rates::DOCUMENT_WRONG) {
        digit_changed(&person.document, rng)
    } else {
        person.document.clone()
    }
}

fn phone(person: &Person, rng: &mut Rng) -> String {
    if rng.chance(rates::PHONE_MISSING) {
        String::new()
    } else if rng.chance(rates::PHONE_OTHER) {
        format!("+999 {:03} {:06}", rng.between(100, 999), rng.below(1_000_000))
    } else if rng.chance(0.5) {
        // The national form, with a trunk zero.
        person.phone.replace("+999 ", "0").replace(' ', "-")
    } else {
        person.phone.clone()
    }
}

fn digit_changed(text: &str, rng: &mut Rng) -> String {
    let digits = text.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(i, _)| i).collect::<Vec<_>>();
    let at = rng.pick(&digits).copied();
    let digit = char::from(b'0' + u8::try_from(rng.below(10)).unwrap_or(0));
    text.char_indices().map(|(i, c)| if Some(i) == at { digit } else { c }).collect()
}
