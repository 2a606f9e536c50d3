//! JSON Lines in the shape of the FollowTheMoney model (spec section 4.2.1): one entity a line.

use super::{Collector, FileError, Problem, Reading, Source};
use blindlink::limits;
use blindlink::record::{Column, RawRecord};
use blindlink::schema::{Field, forbidden};
use serde::Deserialize;
use std::collections::BTreeMap;
use zeroize::Zeroize;

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

type Properties = BTreeMap<String, Vec<String>>;

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
            properties.values_mut().for_each(Zeroize::zeroize);
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
    let mut documents: BTreeMap<String, Vec<Entity>> = BTreeMap::new();
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let Some(entity) = entity(text) else {
            persons.push((line, None));
            continue;
        };
        refuse_forbidden(&entity, line)?;
        if entity.schema == "Person" {
            collector.id(&entity.id, line)?;
            persons.push((line, Some(entity)));
        } else if DOCUMENTS.iter().any(|(schema, _)| *schema == entity.schema) {
            // V-FTM-003
            if let Some(holder) = entity.properties.get("holder").and_then(|h| h.first()).cloned() {
                documents.entry(holder).or_default().push(entity);
            }
        }
        if persons.len() > limits::MAX_RECORDS as usize || documents.len() > limits::MAX_RECORDS as usize {
            return Err(FileError::TooMany);
        }
    }
    for (line, entity) in persons {
        collector.row(line, |id| {
            let entity = entity.ok_or(Problem::Json)?;
            let own = documents.get(&entity.id).map_or(&[][..], Vec::as_slice);
            reading.check(id, &raw(&entity, own, reading)?)
        })?;
    }
    Ok(collector.finish())
}

/// V-FTM-001. What is derived would take a list of the members too.
fn entity(line: &str) -> Option<Entity> {
    let object = line.trim_start().starts_with('{');
    object.then(|| serde_json::from_str(line).ok()).flatten()
}

/// V-RECORD-008
fn refuse_forbidden(entity: &Entity, line: u64) -> Result<(), FileError> {
    let all = core::iter::once(&entity.properties).chain(&entity.identities);
    let filled = all.flatten().filter(|(_, values)| !values.is_empty());
    match filled.map(|(name, _)| name).find_map(|name| forbidden(name)) {
        Some(word) => Err(FileError::Forbidden { place: "line", position: line, word }),
        None => Ok(()),
    }
}

fn raw(entity: &Entity, documents: &[Entity], reading: &Reading<'_>) -> Result<RawRecord, Problem> {
    let mut raw = RawRecord::default();
    raw.push(Field::RecordId, &entity.id);
    identity(&mut raw, &entity.properties, reading);
    for document in documents {
        let kind = DOCUMENTS.iter().find(|(schema, _)| *schema == document.schema).map_or("", |(_, kind)| kind);
        let one = |name: &str| document.properties.get(name).and_then(|v| v.first()).map_or("", String::as_str);
        if one("number").trim().is_empty() {
            continue;
        }
        push_document(
            &mut raw,
            [kind, one("type")].into_iter().find(|k| !k.is_empty()).unwrap_or_default(),
            read_as(Field::DocumentIssuer, one("country")),
            one("number"),
        );
    }
    for properties in &entity.identities {
        raw.next_identity()?;
        identity(&mut raw, properties, reading);
    }
    Ok(raw)
}

/// V-FTM-002: names of the model first, then those of the schema and of the policy.
fn identity(raw: &mut RawRecord, properties: &Properties, reading: &Reading<'_>) {
    for (name, values) in properties {
        // One more than allowed is enough to be refused.
        let values = || values.iter().take(limits::MAX_VALUES + 1).map(String::as_str);
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
