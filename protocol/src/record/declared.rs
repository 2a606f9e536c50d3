//! Values of the fields that a policy declares, as they are compared (spec 4.1.2).

use super::Reason;
use crate::normalise::date::{self, PartialDate};
use crate::normalise::{name, text};
use crate::schema::declared::Declared;
use crate::schema::kinds::FieldType;
use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The values of one declared field, normalised; each list is sorted and without repetitions.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct DeclaredValues {
    /// Words: the romanised parts of a name or text, or an identifier as a whole.
    pub words: Vec<String>,
    /// Whole values, with one space between words.
    pub whole: Vec<String>,
    /// Dates.
    pub dates: Vec<PartialDate>,
}

impl fmt::Debug for DeclaredValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeclaredValues(..)")
    }
}

/// Normalises the values of a field; the reason if one of them cannot be used (V-RECORD-013, V-RECORD-014).
pub(super) fn read(field: &Declared, values: &[String]) -> Result<DeclaredValues, Reason> {
    let mut out = DeclaredValues::default();
    for value in values {
        match field.kind {
            FieldType::Name => out.words.extend(name::parts(value)),
            FieldType::Date => {
                out.dates.push(date::read(value).ok_or(Reason::Date)?.date.without_placeholder());
            }
            FieldType::Code => out.whole.push(code(value)?),
            FieldType::Identifier => {
                let code = code(value)?;
                out.words.push(code.clone());
                out.whole.push(code);
            }
            FieldType::Text => {
                let words = text::words(value);
                if !words.is_empty() {
                    out.whole.push(words.join(" "));
                }
                out.words.extend(words);
            }
        }
    }
    for list in [&mut out.words, &mut out.whole] {
        list.sort();
        list.dedup();
    }
    out.dates.sort();
    out.dates.dedup();
    Ok(out)
}

fn code(value: &str) -> Result<String, Reason> {
    let code = text::code(value);
    if code.is_empty() { Err(Reason::Code) } else { Ok(code) }
}
