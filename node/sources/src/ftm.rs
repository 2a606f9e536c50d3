//! JSON Lines in the shape of the FollowTheMoney model (spec section 4.2.1): one entity a line.

use super::{Collector, FileError, Problem, Reading, Source};
use blindlink::limits;
use blindlink::record::{Column, RawRecord};
use blindlink::schema::{Field, forbidden};
use nested::{Properties, gathered};
use serde::Deserialize;
use std::collections::BTreeMap;
use zeroize::Zeroize;

mod nested;

/// Properties of a person that have a field of another name here. Those that are not named are not read.
const PROPERTIES: &[(&str, Field)] = &[
    ("name", Field::FullNames),
    ("firstName", Field::GivenNames),
    ("secondName", Field::GivenNames),
    ("middleName", Field::GivenNames),
    ("fatherName", Field::FatherNames),
    ("lastName", Field::FamilyNames),
    ("alias", Field::OtherNames),
    ("previousName", Field::PreviousNames),
    ("weakAlias", Field::WeakNames),
    ("birthDate", Field::BirthDate),
    ("gender", Field::Sex),
    ("nationality", Field::Nationality),
    ("citizenship", Field::Nationality),
    ("birthCountry", Field::BirthCountry),
    ("birthPlace", Field::BirthPlace),
    ("phone", Field::Phone),
    ("email", Field::Email),
];

/// Properties of a person that are numbers of documents, with the type they stand for.
const NUMBERS: &[(&str, &str)] = &[("passportNumber", "passport"), ("idNumber", "national_id")];

/// Documents as entities of their own, with the type they stand for.
const DOCUMENTS: &[(&str, &str)] = &[("Passport", "passport"), ("Identification", "")];

/// The model's codes for states that are no more, with those of chapter 13.
const NO_MORE: &[(&str, &str)] = &[("suhh", "SUN"), ("yucs", "YUG"), ("csxx", "SCG"), ("cshh", "CSK"), ("ddde", "DDR")];

#[derive(Deserialize)]
struct Entity {
    id: String,
    schema: String,
    #[serde(default)]
    properties: Properties,
    /// Further identities of the same person: an extension of the shape.
    #[serde(default)]
    identities: Vec<Properties>,
}

impl Drop for Entity {
    fn drop(&mut self) {
        self.id.zeroize();
        for properties in core::iter::once(&mut self.properties).chain(&mut self.identities) {
            properties.wipe();
        }
    }
}

/// Reads a whole file.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be trusted.
pub fn read(text: &str, reading: &Reading<'_>) -> Result<Source, FileError> {
    let mut collector = Collector::default();
    let mut persons: Vec<(u64, Option<Entity>)> = Vec::new();
    let mut documents: BTreeMap<String, Vec<Held>> = BTreeMap::new();
    let mut bad: Option<(u64, u64, Vec<&'static str>)> = None;
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let Some(entity) = entity(text) else {
            persons.push((line, None));
            continue;
        };
        if note_forbidden(&entity, line, &mut bad) {
            continue;
        }
        if entity.schema == "Person" {
            collector.id(&entity.id, line)?;
            // V-FTM-004
            let inner = gathered(core::iter::once(&entity.properties).chain(&entity.identities));
            for one in inner.into_iter().filter(|one| DOCUMENTS.iter().any(|(schema, _)| *schema == one.schema)) {
                documents.entry(entity.id.clone()).or_default().push(Held::of(one.schema.clone(), &one.properties));
            }
            persons.push((line, Some(entity)));
        } else if DOCUMENTS.iter().any(|(schema, _)| *schema == entity.schema) {
            // V-FTM-003
            if let Some(holder) = entity.properties.first("holder") {
                documents
                    .entry(holder.to_owned())
                    .or_default()
                    .push(Held::of(entity.schema.clone(), &entity.properties));
            }
        }
        if persons.len() > limits::MAX_RECORDS as usize || documents.len() > limits::MAX_RECORDS as usize {
            return Err(FileError::TooMany);
        }
    }
    if let Some((position, lines, words)) = bad {
        return Err(FileError::Forbidden { place: "line", position, words, lines });
    }
    let rules = reading.rules();
    for (line, entity) in persons {
        collector.again(entity.as_ref().map_or("", |entity| entity.id.as_str()));
        collector.row(line, |id, told| {
            let entity = entity.ok_or(Problem::Json)?;
            let own = documents.get(&entity.id).map_or(&[][..], Vec::as_slice);
            reading.check(id, &raw(&entity, own, reading), &rules, told)
        })?;
    }
    Ok(collector.finish())
}

/// What is read of a document that is an entity of its own.
struct Held {
    kind: String,
    issuer: String,
    number: String,
}

impl Held {
    fn of(schema: String, properties: &Properties) -> Self {
        let one = |name: &str| properties.first(name).unwrap_or_default().to_owned();
        let kind = DOCUMENTS.iter().find(|(of, _)| *of == schema).map_or("", |(_, kind)| kind);
        let kind = if kind.is_empty() { one("type") } else { kind.to_owned() };
        Self { kind, issuer: one("country"), number: one("number") }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.number.zeroize();
    }
}

/// V-FTM-001. What is derived would take a list of the members too.
fn entity(line: &str) -> Option<Entity> {
    let object = line.trim_start().starts_with('{');
    object.then(|| serde_json::from_str(line).ok()).flatten()
}

/// V-RECORD-008: whether the entity, or one within it, has a property that no linkage may use.
fn note_forbidden(entity: &Entity, line: u64, bad: &mut Option<(u64, u64, Vec<&'static str>)>) -> bool {
    let mut words = Vec::new();
    for properties in core::iter::once(&entity.properties).chain(&entity.identities) {
        properties.filled(&mut |name| words.extend(forbidden(name)));
    }
    if words.is_empty() {
        return false;
    }
    let (_, lines, all) = bad.get_or_insert_with(|| (line, 0, Vec::new()));
    *lines += 1;
    for word in words {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    true
}

fn raw(entity: &Entity, documents: &[Held], reading: &Reading<'_>) -> RawRecord {
    let mut raw = RawRecord::default();
    raw.push(Field::RecordId, &entity.id);
    identity(&mut raw, &entity.properties, reading);
    for held in documents.iter().filter(|held| !held.number.trim().is_empty()) {
        push_document(&mut raw, &held.kind, read_as(Field::DocumentIssuer, &held.issuer), &held.number);
    }
    for properties in &entity.identities {
        // V-RECORD-010: the ninth and what follows are told.
        if raw.next_identity().is_err() {
            break;
        }
        identity(&mut raw, properties, reading);
    }
    raw
}

/// V-FTM-002: names of the model first, then those of the schema and of the policy.
fn identity(raw: &mut RawRecord, properties: &Properties, reading: &Reading<'_>) {
    for (name, values) in properties.iter() {
        let values = || values.iter().map(String::as_str);
        if let Some((_, kind)) = NUMBERS.iter().find(|(property, _)| property == name) {
            values().for_each(|number| push_document(raw, kind, "", number));
        } else if let Some((_, field)) = PROPERTIES.iter().find(|(property, _)| property == name) {
            values().for_each(|value| raw.push(*field, read_as(*field, value)));
        } else {
            match reading.column(name) {
                None | Some(Column::Person(Field::RecordId)) => {}
                Some(Column::Person(field)) => values().for_each(|value| raw.push(field, read_as(field, value))),
                Some(column) => values().for_each(|value| reading.push(raw, &column, value)),
            }
        }
    }
}

fn push_document(raw: &mut RawRecord, kind: &str, issuer: &str, number: &str) {
    raw.push(Field::DocumentType, kind);
    raw.push(Field::DocumentIssuer, issuer);
    raw.push(Field::DocumentNumber, number);
}

/// The model's words for sexes and countries.
fn read_as(field: Field, value: &str) -> &str {
    match (field, value) {
        (Field::Sex, "female") => "F",
        (Field::Sex, "male") => "M",
        (Field::Sex, "other") => "X",
        (Field::Nationality | Field::BirthCountry | Field::DocumentIssuer, _) => country(value),
        _ => value,
    }
}

fn country(value: &str) -> &str {
    let code = value.trim();
    if let Some((_, known)) = NO_MORE.iter().find(|(of_model, _)| code.eq_ignore_ascii_case(of_model)) {
        return known;
    }
    code.split_once('-').filter(|_| code.chars().count() > 3).map_or(value, |(state, _)| state)
}

#[cfg(test)]
mod tests;
