//! What a person says of a file (spec 4.6): separator, encoding, columns, and how dates are written.

use blindlink::record::{DateRules, DayOrder, ReadRules, WrittenCalendar};
use serde::Deserialize;
use std::collections::BTreeMap;
use thiserror::Error;

/// Why a mapping cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MappingError {
    /// It is no TOML of this shape.
    #[error("the mapping is none: {0}")]
    Toml(#[from] toml::de::Error),
    /// A value that is none of the known ones.
    #[error("the mapping's `{field}` is none of {known}")]
    Value {
        /// Where it stands.
        field: String,
        /// What is known.
        known: String,
    },
}

/// A mapping.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// The sign between columns.
    pub separator: Option<u8>,
    /// Label of an encoding, as the WHATWG encoding standard has them.
    pub encoding: Option<String>,
    /// Whether columns that are not known are passed over.
    pub ignore_unknown: bool,
    /// Column as it is written to the field; an empty field passes it over.
    pub columns: BTreeMap<String, String>,
    /// Rules by field.
    pub dates: BTreeMap<String, DateRules>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    separator: Option<String>,
    encoding: Option<String>,
    #[serde(default)]
    ignore_unknown: bool,
    #[serde(default)]
    columns: BTreeMap<String, String>,
    #[serde(default)]
    dates: BTreeMap<String, DatesOf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatesOf {
    order: Option<String>,
    calendar: Option<String>,
    #[serde(default)]
    excel: bool,
    age_on: Option<u16>,
}

impl Mapping {
    /// Reads a mapping file (V-MAP-001 to V-MAP-004).
    ///
    /// # Errors
    /// [`MappingError`].
    pub fn from_toml(text: &str) -> Result<Self, MappingError> {
        let file: File = toml::from_str(text)?;
        let bad = |field: &str, known: &str| MappingError::Value { field: field.to_owned(), known: known.to_owned() };
        let separator = match file.separator.as_deref().map(str::as_bytes) {
            None => None,
            Some(&[sign]) if crate::csv::header::SEPARATORS.contains(&sign) => Some(sign),
            Some(_) => return Err(bad("separator", "\",\", \";\", \"|\" or \"\\t\"")),
        };
        if let Some(name) = &file.encoding
            && encoding_rs::Encoding::for_label(name.as_bytes()).is_none()
        {
            return Err(bad(
                "encoding",
                "the encodings of the web, such as windows-1252, windows-1256, koi8-r, gb18030",
            ));
        }
        let mut dates = BTreeMap::new();
        for (field, of) in file.dates {
            let order = match of.order.as_deref() {
                None => None,
                Some("dmy") => Some(DayOrder::DayMonth),
                Some("mdy") => Some(DayOrder::MonthDay),
                Some(_) => return Err(bad(&format!("dates.{field}.order"), "dmy, mdy")),
            };
            let named = |name: &str| {
                let known = || WrittenCalendar::ALL.map(WrittenCalendar::name).join(", ");
                WrittenCalendar::from_name(name).ok_or_else(|| bad(&format!("dates.{field}.calendar"), &known()))
            };
            let calendar = of.calendar.as_deref().map(named).transpose()?;
            let rules = DateRules { order, calendar, excel: of.excel, year: None, age_on: of.age_on };
            dates.insert(field, rules);
        }
        let File { encoding, ignore_unknown, columns, .. } = file;
        Ok(Self { separator, encoding, ignore_unknown, columns, dates })
    }

    /// The rules for dates of each field.
    #[must_use]
    pub fn rules(&self) -> ReadRules {
        ReadRules { other: DateRules::default(), columns: self.dates.clone() }
    }
}
