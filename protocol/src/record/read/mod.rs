//! How values are read (spec 4.5): what is unambiguous is read, what is not is left out and told; the person stays.

mod clean;
mod contacts;
mod dates;
mod names;
mod rules;
pub(super) mod tables;
mod tokens;

pub use rules::{DateRules, DayOrder, ReadRules, WrittenCalendar};

use super::raw::Cells;
use super::{BirthBasis, Column, ContactOwner, FieldError, IdentityStatus, Reason};
use crate::limits;
use crate::normalise::country::CodeBasis;
use crate::normalise::date;
use crate::normalise::text::{self, folded};
use crate::schema::Field;
use crate::schema::declared::Declared;
use crate::schema::kinds::{FieldType, Lane};

/// The fields that hold names, in the order of a report.
const NAMES: [Field; 8] = [
    Field::GivenNames,
    Field::FatherNames,
    Field::FamilyNames,
    Field::FullNames,
    Field::OtherNames,
    Field::PreviousNames,
    Field::WeakNames,
    Field::MrzNames,
];

/// Whether a value stands for none (V-READ-002).
fn is_absent(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '-' | '?' | '.' | '/' | '\\' | ' ' | '\n'))
        || (tables::may_be_absent(text) && tables::absent().contains_key(&folded(text)))
}

/// As [`is_absent`]; a code of a country that is a word for nothing elsewhere (`NO`, `NA`) stays a code.
fn is_absent_in(column: &Column, text: &str) -> bool {
    let country = matches!(column, Column::Person(Field::Nationality | Field::BirthCountry | Field::DocumentIssuer));
    let is_code = || crate::normalise::country::read(text).is_some_and(|c| c.basis != CodeBasis::Unknown);
    is_absent(text) && !(country && is_code())
}

/// Reads the values of one record, and keeps what is told of them.
pub(super) struct Reader<'a> {
    rules: &'a ReadRules,
    pub(super) told: Vec<FieldError>,
    aged: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(rules: &'a ReadRules) -> Self {
        Self { rules, told: Vec::new(), aged: Vec::new() }
    }

    pub(super) fn tell(&mut self, field: Field, reason: Reason) {
        self.told.push(FieldError::new(field, reason));
    }

    /// A value with its white space and letters in order; empty if it is left out or absent (V-READ-003).
    fn clean(&mut self, of: &FieldError, value: &str) -> String {
        let told = |reason| FieldError { column: of.column.clone(), reason };
        let cleaned = clean::clean(value);
        if cleaned.mended {
            self.told.push(told(Reason::Mojibake));
        }
        let lost = || is_name(of) && cleaned.text.contains("??") && folded(&cleaned.text).is_empty();
        let fault = match cleaned.fault {
            Some(fault) => Some(fault),
            None if lost() => Some(Reason::Broken),
            None if clean::is_signs(&cleaned.text) => return String::new(),
            None if cleaned.text.len() > limits::MAX_VALUE => Some(Reason::TooLong),
            None => None,
        };
        match fault {
            Some(fault) => {
                self.told.push(told(fault));
                String::new()
            }
            None => cleaned.text,
        }
    }

    fn clean_of(&mut self, field: Field, value: &str) -> String {
        self.clean(&FieldError::new(field, Reason::Empty), value)
    }

    /// The first different ones that fit (V-READ-004).
    fn few<T: PartialEq>(&mut self, of: &FieldError, found: Vec<T>) -> Vec<T> {
        if found.len() < 2 {
            return found;
        }
        let mut kept: Vec<T> = Vec::with_capacity(found.len().min(limits::MAX_VALUES));
        for value in found {
            if kept.contains(&value) {
                continue;
            }
            if kept.len() == limits::MAX_VALUES {
                self.told.push(FieldError { column: of.column.clone(), reason: Reason::TooMany });
                break;
            }
            kept.push(value);
        }
        kept
    }

    /// V-READ-005
    fn names(&mut self, of: &FieldError, given: &[String], whole: bool) -> Vec<String> {
        let mut found = Vec::with_capacity(given.len());
        for value in given {
            let text = in_one_line(self.clean(of, value));
            if names::is_one_plain(&text) {
                found.push(text);
                continue;
            }
            let pieces = if whole { vec![text] } else { names::several(&text) };
            if pieces.len() > 1 {
                self.told.push(FieldError { column: of.column.clone(), reason: Reason::Several });
            }
            for piece in pieces {
                let nobody = names::without_nobody(piece.trim_matches(' '), true);
                if nobody.is_some() {
                    self.told.push(FieldError { column: of.column.clone(), reason: Reason::Nobody });
                }
                let name = nobody.unwrap_or_else(|| piece.trim_matches(' ').to_owned());
                if !name.is_empty() {
                    found.push(name);
                }
            }
        }
        self.few(of, found)
    }

    /// Values of a text, cut at the first of `signs` that cuts it well.
    fn split(&mut self, of: &FieldError, text: &str, signs: &[char], read: Read) -> Vec<String> {
        if text.is_empty() || is_absent_in(&of.column, text) {
            return Vec::new();
        }
        if !text.contains(signs) && !text.contains('\n') {
            return read(self, of, text);
        }
        let before = self.told.len();
        for sign in signs {
            if !text.contains(*sign) {
                continue;
            }
            let pieces: Vec<&str> = text.split(*sign).map(|p| p.trim_matches([' ', '\n'])).collect();
            let pieces: Vec<&str> =
                pieces.into_iter().filter(|p| !p.is_empty() && !is_absent_in(&of.column, p)).collect();
            if pieces.is_empty() {
                continue;
            }
            let others: Vec<char> = signs.iter().copied().filter(|s| s != sign).collect();
            let each: Vec<Vec<String>> = pieces.into_iter().map(|p| self.split(of, p, &others, read)).collect();
            if matches!(sign, ';' | '|' | '\n') || each.iter().all(|found| !found.is_empty()) {
                return each.into_iter().flatten().collect();
            }
            self.told.truncate(before);
        }
        if text.contains('\n') { read(self, of, &text.replace('\n', " ")) } else { read(self, of, text) }
    }

    fn each(&mut self, of: &FieldError, given: &[String], signs: &[char], read: Read) -> Vec<String> {
        let mut found = Vec::new();
        for value in given {
            let text = self.clean(of, value);
            let values = self.split(of, &text, signs, read);
            if found.is_empty() { found = values } else { found.extend(values) }
        }
        self.few(of, found)
    }

    /// Values with those of the fields beside them (V-READ-010).
    fn beside(
        &mut self,
        (given, cells): (&Cells, &mut Cells),
        field: Field,
        others: &[(Field, Word)],
        signs: &[char],
        read: Read,
    ) {
        let of = FieldError::new(field, Reason::Empty);
        if others.iter().all(|(other, _)| given.values(*other).is_empty()) {
            let values = self.each(&of, given.values(field), signs, read);
            cells.set(field, values);
            return;
        }
        let main = given.values(field);
        let mut more: Vec<Vec<String>> = Vec::with_capacity(others.len());
        for (other, _) in others {
            let texts = given.values(*other).iter().map(|v| in_one_line(self.clean_of(*other, v)));
            let texts: Vec<String> = texts.collect();
            let any = texts.iter().any(|text| !text.is_empty());
            if any && texts.len() != main.len() {
                self.tell(*other, Reason::Unpaired);
            }
            let fits = any && texts.len() == main.len();
            more.push(if fits { texts } else { vec![String::new(); main.len()] });
        }
        let mut found: Vec<Vec<String>> = Vec::new();
        for (i, value) in main.iter().enumerate() {
            let text = self.clean(&of, value);
            let got = self.split(&of, &text, signs, read);
            let beside: Vec<String> = more.iter().map(|of| of.get(i).cloned().unwrap_or_default()).collect();
            if got.is_empty() {
                for ((other, _), text) in others.iter().zip(&beside) {
                    if !text.is_empty() && value.trim().is_empty() {
                        self.tell(*other, Reason::Empty);
                    }
                }
                continue;
            }
            let words: Vec<String> = others
                .iter()
                .zip(&beside)
                .map(|((other, word), text)| if text.is_empty() { String::new() } else { word(self, *other, text) })
                .collect();
            found.extend(got.into_iter().map(|one| [vec![one], words.clone()].concat()));
        }
        let kept = self.few(&of, found);
        let column = |n: usize| kept.iter().map(|row| row.get(n).cloned().unwrap_or_default()).collect::<Vec<_>>();
        cells.set(field, column(0));
        for (n, (other, _)) in others.iter().enumerate() {
            let words = column(n + 1);
            cells.set(*other, if words.iter().any(|word| !word.is_empty()) { words } else { Vec::new() });
        }
    }

    /// All values of an identity as they are compared, in the order in which a report has them.
    pub(super) fn identity(&mut self, given: &Cells) -> Cells {
        let mut cells = Cells::default();
        for field in NAMES {
            if !given.values(field).is_empty() {
                let of = FieldError::new(field, Reason::Empty);
                let names = self.names(&of, given.values(field), field == Field::MrzNames);
                cells.set(field, names);
            }
        }
        self.status(given, &mut cells);
        self.beside(
            (given, &mut cells),
            Field::BirthDate,
            &[(Field::BirthBasis, basis)],
            &[';', '|', '\n'],
            birth_date,
        );
        self.bases_of_ages(&mut cells);
        let several = [';', '|', '\n', '/', ','];
        for (field, signs, read) in [
            (Field::Sex, &several[..], sex as Read),
            (Field::Nationality, &several[..], country),
            (Field::BirthCountry, &several[..], country),
            (Field::BirthPlace, &several[..3], |_, _, text| vec![text.to_owned()]),
        ] {
            let values = self.each(&FieldError::new(field, Reason::Empty), given.values(field), signs, read);
            cells.set(field, values);
        }
        let documents: [(Field, Word); 2] = [(Field::DocumentType, document_type), (Field::DocumentIssuer, issuer)];
        self.beside((given, &mut cells), Field::DocumentNumber, &documents, &[';', '|', '\n', ','], document);
        self.beside(
            (given, &mut cells),
            Field::Phone,
            &[(Field::PhoneOwner, owner)],
            &[';', '|', '\n', ',', '/'],
            phone,
        );
        self.beside(
            (given, &mut cells),
            Field::Email,
            &[(Field::EmailOwner, owner)],
            &[';', '|', '\n', ',', '/', ' '],
            email,
        );
        cells
    }

    /// V-PLACEHOLDER-002: a record whose names all stand for nobody keeps the years of its dates of birth only.
    pub(super) fn without_days_of_nobody(&self, identities: &mut [Cells]) {
        let named = |cells: &Cells| NAMES.iter().any(|field| !cells.values(*field).is_empty());
        let nobody = self.told.iter().any(|told| told.reason == Reason::Nobody && is_name(told));
        if !nobody || identities.iter().any(named) {
            return;
        }
        for cells in identities {
            let years = cells.values(Field::BirthDate).iter().filter_map(|text| date::read(text));
            let years = years.map(|read| format!("{:04}", read.date.year)).collect();
            cells.set(Field::BirthDate, years);
        }
    }

    fn status(&mut self, given: &Cells, cells: &mut Cells) {
        let given = given.values(Field::IdentityStatus).iter().map(|v| self.clean_of(Field::IdentityStatus, v));
        let given: Vec<String> = given.filter(|value| !value.is_empty()).collect();
        let mut found = Vec::new();
        for value in given {
            let word =
                self.known(Field::IdentityStatus, &value, Reason::Status, |w| IdentityStatus::from_name(w).is_some());
            if !word.is_empty() {
                found.push(word);
            }
        }
        if found.len() > 1 {
            self.tell(Field::IdentityStatus, Reason::TooMany);
            found.truncate(1);
        }
        cells.set(Field::IdentityStatus, found);
    }

    /// V-READ-009: a date that was made of an age rests on an assessment of the age.
    fn bases_of_ages(&self, cells: &mut Cells) {
        if self.aged.is_empty() {
            return;
        }
        let dates = cells.values(Field::BirthDate).to_vec();
        if !dates.iter().any(|date| self.aged.contains(date)) {
            return;
        }
        let bases = cells.values(Field::BirthBasis).to_vec();
        let of = |(i, date): (usize, &String)| match bases.get(i) {
            Some(basis) if !basis.is_empty() => basis.clone(),
            _ if self.aged.contains(date) => BirthBasis::AgeAssessment.name().to_owned(),
            _ => String::new(),
        };
        cells.set(Field::BirthBasis, dates.iter().enumerate().map(of).collect());
    }

    /// A word of the schema, small letters or not; empty if it is none.
    fn known(&mut self, field: Field, text: &str, reason: Reason, is_one: fn(&str) -> bool) -> String {
        let word = text.to_lowercase().replace([' ', '-'], "_");
        if is_one(&word) {
            return word;
        }
        if !is_absent(text) {
            self.tell(field, reason);
        }
        String::new()
    }

    /// The lane of a record: a row whose lane cannot be read is lost (V-RECORD-009).
    pub(super) fn lane(&mut self, given: &[String]) -> Result<Option<Lane>, FieldError> {
        let mut found: Option<Lane> = None;
        for value in given {
            let text = self.clean_of(Field::Lane, value).to_lowercase();
            let lane = Lane::ALL.iter().copied().find(|lane| lane.name() == text);
            if lane.is_none() && (text.is_empty() || is_absent(&text)) {
                continue;
            }
            let lane = lane.ok_or_else(|| FieldError::new(Field::Lane, Reason::Lane))?;
            if found.is_some_and(|first| first != lane) {
                return Err(FieldError::new(Field::Lane, Reason::TooMany));
            }
            found = Some(lane);
        }
        Ok(found)
    }

    /// The first reference.
    pub(super) fn case_ref(&mut self, given: &[String]) -> Option<String> {
        let all: Vec<String> =
            given.iter().map(|v| self.clean_of(Field::CaseRef, v)).filter(|v| !v.is_empty()).collect();
        if all.len() > 1 {
            self.tell(Field::CaseRef, Reason::TooMany);
        }
        all.into_iter().next().map(|text| text.replace('\n', " "))
    }

    /// Values of a declared field (V-READ-011).
    pub(super) fn declared(&mut self, field: &Declared, given: &[String]) -> Vec<String> {
        let of = FieldError::declared(&field.name, Reason::Code);
        match field.kind {
            FieldType::Name => return self.names(&of, given, false),
            FieldType::Date => return self.each(&of, given, &[';', '|', '\n'], birth_date),
            _ => {}
        }
        let mut found = Vec::new();
        for value in given {
            let text = self.clean(&of, value).replace('\n', " ");
            let is_code = matches!(field.kind, FieldType::Code | FieldType::Identifier);
            if is_code && !text.is_empty() && text::code(&text).is_empty() {
                self.told.push(of.clone());
            } else if !text.is_empty() && !is_absent(&text) {
                found.push(text);
            }
        }
        self.few(&of, found)
    }
}

/// A text without line breaks.
fn in_one_line(text: String) -> String {
    if text.contains('\n') { text.replace('\n', " ") } else { text }
}

/// Reads one value of a column; what is left out is told.
type Read = fn(&mut Reader<'_>, &FieldError, &str) -> Vec<String>;
/// Reads the word beside a value.
type Word = fn(&mut Reader<'_>, Field, &str) -> String;

fn is_name(of: &FieldError) -> bool {
    matches!(of.column, Column::Person(field) if NAMES.contains(&field))
}

fn told(reader: &mut Reader<'_>, of: &FieldError, reason: Reason) {
    reader.told.push(FieldError { column: of.column.clone(), reason });
}

fn birth_date(reader: &mut Reader<'_>, of: &FieldError, text: &str) -> Vec<String> {
    let read = dates::read(text, &reader.rules.of(of.column.name()));
    read.reasons.iter().for_each(|reason| told(reader, of, *reason));
    if read.aged {
        reader.aged.extend(read.found.iter().cloned());
    }
    read.found
}

fn sex(reader: &mut Reader<'_>, of: &FieldError, text: &str) -> Vec<String> {
    match tables::sexes().get(&folded(text)) {
        Some(&"X") => Vec::new(),
        Some(sex) => vec![(*sex).to_owned()],
        None => {
            told(reader, of, Reason::Sex);
            Vec::new()
        }
    }
}

fn country(reader: &mut Reader<'_>, of: &FieldError, text: &str) -> Vec<String> {
    match contacts::country(text) {
        Ok((code, unknown)) => {
            if unknown {
                told(reader, of, Reason::UnknownCountry);
            }
            vec![code]
        }
        Err(reason) => {
            told(reader, of, reason);
            Vec::new()
        }
    }
}

fn document(reader: &mut Reader<'_>, of: &FieldError, text: &str) -> Vec<String> {
    contacts::document_number(text).map_or_else(|reason| left_out(reader, of, reason), |number| vec![number])
}

fn phone(reader: &mut Reader<'_>, of: &FieldError, text: &str) -> Vec<String> {
    match contacts::telephone(text) {
        Ok((number, cut)) => {
            if cut {
                told(reader, of, Reason::Extension);
            }
            vec![number]
        }
        Err(reason) => left_out(reader, of, reason),
    }
}

fn email(reader: &mut Reader<'_>, of: &FieldError, text: &str) -> Vec<String> {
    contacts::address(text).map_or_else(|reason| left_out(reader, of, reason), |address| vec![address])
}

fn left_out(reader: &mut Reader<'_>, of: &FieldError, reason: Reason) -> Vec<String> {
    told(reader, of, reason);
    Vec::new()
}

fn basis(reader: &mut Reader<'_>, field: Field, text: &str) -> String {
    reader.known(field, text, Reason::Basis, |word| BirthBasis::from_name(word).is_some())
}

fn owner(reader: &mut Reader<'_>, field: Field, text: &str) -> String {
    reader.known(field, text, Reason::Owner, |word| ContactOwner::from_name(word).is_some())
}

fn document_type(_: &mut Reader<'_>, _: Field, text: &str) -> String {
    if is_absent(text) { String::new() } else { text.to_owned() }
}

fn issuer(reader: &mut Reader<'_>, field: Field, text: &str) -> String {
    if is_absent_in(&Column::Person(field), text) {
        return String::new();
    }
    country(reader, &FieldError::new(field, Reason::Country), text).into_iter().next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
