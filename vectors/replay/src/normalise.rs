//! Normalisation (spec chapter 13).

use super::case::{Case, Stop};
use blindlink::normalise::name::{NameForm, NameForms, PartRole, normalise};
use blindlink::normalise::{contact, country, date, document, mrz, place, skeleton};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Kinds by their names in the specification.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindName {
    Full,
    Given,
    Father,
    Family,
    Mrz,
}

impl KindName {
    const fn kind(self) -> NameForm {
        match self {
            Self::Full => NameForm::Full,
            Self::Given => NameForm::Given,
            Self::Father => NameForm::Father,
            Self::Family => NameForm::Family,
            Self::Mrz => NameForm::Mrz,
        }
    }
}

/// A romanisation of a published scheme.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Forms {
    #[serde(rename = "source")]
    _source: String,
    text: String,
    kind: KindName,
    form: String,
}

impl Case for Forms {
    fn run(&self) -> Result<(), Stop> {
        let forms = normalise(&self.text, self.kind.kind());
        if forms.parts.iter().chain(&forms.others).any(|part| part.text == self.form) {
            return Ok(());
        }
        Err(Stop::Differs { field: "form", expected: self.form.clone(), got: texts(&forms).join(" ") })
    }
}

/// Two forms of one name, and whether they share a skeleton.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Skeletons {
    #[serde(rename = "source")]
    _source: String,
    text: String,
    kind: KindName,
    latin: String,
    shared: bool,
}

impl Case for Skeletons {
    fn run(&self) -> Result<(), Stop> {
        let kind = self.kind.kind();
        let (native, latin) = (keys(&normalise(&self.text, kind)), keys(&normalise(&self.latin, kind)));
        let shared = native.intersection(&latin).next().is_some();
        equal("shared", &[self.shared.to_string()], &[shared.to_string()])
    }
}

/// The whole outcome of a name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Names {
    text: String,
    kind: KindName,
    parts: Vec<String>,
    roles: Vec<String>,
    others: Vec<String>,
    exact: Vec<String>,
    skeletons: Vec<String>,
}

impl Case for Names {
    fn run(&self) -> Result<(), Stop> {
        let forms = normalise(&self.text, self.kind.kind());
        let text = |part: &blindlink::normalise::name::NamePart| part.text.clone();
        equal("parts", &self.parts, &forms.parts.iter().map(text).collect::<Vec<_>>())?;
        let roles: Vec<String> = forms.parts.iter().map(|part| role(part.role).to_owned()).collect();
        equal("roles", &self.roles, &roles)?;
        equal("others", &self.others, &forms.others.iter().map(text).collect::<Vec<_>>())?;
        equal("exact", &self.exact, &forms.exact)?;
        let both = |part: &str| format!("{} {}", skeleton::k4(part), skeleton::k5(part));
        equal("skeletons", &self.skeletons, &forms.parts.iter().map(|part| both(&part.text)).collect::<Vec<_>>())
    }
}

/// A value of another field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Values {
    #[serde(rename = "source")]
    _source: String,
    reader: String,
    text: String,
    output: Vec<String>,
}

impl Case for Values {
    fn run(&self) -> Result<(), Stop> {
        let text = self.text.as_str();
        let got = match self.reader.as_str() {
            "date" => dates(text, &self.output),
            "document" => document::number(text).into_iter().collect(),
            "check_digit" => document::check_digit(text).map(|digit| digit.to_string()).into_iter().collect(),
            "phone" => phone(text, None),
            "phone_home_44" => phone(text, Some("44")),
            "email" => contact::email(text).into_iter().collect(),
            "country" => codes(text),
            "place" => place::normalise(text).into_iter().collect(),
            "zone" => zone(text),
            other => vec![format!("no reader {other}")],
        };
        equal("output", &self.output, &got)
    }
}

fn equal(field: &'static str, expected: &[String], got: &[String]) -> Result<(), Stop> {
    if expected == got {
        return Ok(());
    }
    Err(Stop::Differs { field, expected: expected.join("|"), got: got.join("|") })
}

fn texts(forms: &NameForms) -> Vec<String> {
    forms.parts.iter().chain(&forms.others).map(|part| part.text.clone()).collect()
}

/// K4 of everything that may stand in a match key.
fn keys(forms: &NameForms) -> BTreeSet<String> {
    let parts = forms.parts.iter().chain(&forms.others);
    parts.filter(|p| matches!(p.role, PartRole::Name | PartRole::Patronymic)).map(|p| skeleton::k4(&p.text)).collect()
}

const fn role(role: PartRole) -> &'static str {
    match role {
        PartRole::Name => "name",
        PartRole::Patronymic => "patronymic",
        PartRole::Particle => "particle",
        PartRole::Initial => "initial",
    }
}

/// What is compared, the first and the last day; or the expected day alone, if it lies between them.
fn dates(text: &str, expected: &[String]) -> Vec<String> {
    let Some(read) = date::read(text) else { return Vec::new() };
    let day = |d: &date::Day| format!("{:04}-{:02}-{:02}", d.year, d.month, d.day);
    let (first, last) = (day(&read.earliest), day(&read.latest));
    if let [within] = expected
        && (&first..=&last).contains(&within)
    {
        return expected.to_vec();
    }
    let date = read.date.without_placeholder();
    let mut compared = format!("{:04}", date.year);
    for part in [date.month, date.day].into_iter().flatten() {
        compared.push_str(&format!("-{part:02}"));
    }
    vec![compared, first, last]
}

fn phone(text: &str, home: Option<&str>) -> Vec<String> {
    contact::read_phone(text, home).map_or_else(Vec::new, |phone| {
        [Some(phone.compared.clone()), phone.international.clone()].into_iter().flatten().collect()
    })
}

fn codes(text: &str) -> Vec<String> {
    let Some(country) = country::read(text) else { return Vec::new() };
    let basis = format!("{:?}", country.basis).to_lowercase();
    let codes = country.codes.iter().map(|code| String::from_utf8_lossy(code).into_owned());
    core::iter::once(basis).chain(codes).collect()
}

fn zone(text: &str) -> Vec<String> {
    let zone = match mrz::parse(text) {
        Ok(zone) => zone,
        Err(error) => return vec!["error".to_owned(), error_name(error).to_owned()],
    };
    let sex = char::from(zone.sex).to_string();
    let faults = zone.faults.iter().map(|fault| error_name(*fault).to_owned());
    [
        &zone.document_type,
        &zone.issuer,
        &zone.document_number,
        &zone.primary,
        &zone.secondary,
        &zone.birth_date,
        &sex,
        &zone.expiry_date,
        &zone.nationality,
        &zone.optional,
    ]
    .map(Clone::clone)
    .into_iter()
    .chain(faults)
    .collect()
}

/// The errors of spec 13.11.
const fn error_name(error: mrz::MrzError) -> &'static str {
    match error {
        mrz::MrzError::Shape => "shape",
        mrz::MrzError::Character => "character",
        mrz::MrzError::DocumentNumber => "document number",
        mrz::MrzError::BirthDate => "birth date",
        mrz::MrzError::ExpiryDate => "expiry date",
        mrz::MrzError::OptionalData => "optional data",
        mrz::MrzError::Composite => "composite",
        mrz::MrzError::ImpossibleDate => "impossible date",
        mrz::MrzError::Sex => "sex",
        mrz::MrzError::Name => "name",
        _ => "unknown",
    }
}
