//! Fields beyond the person schema that a policy declares (spec 4.1.2).

use super::kinds::{FeatureKind, FieldType, KeyPart};
use serde::de::{self, Deserialize, Deserializer};

/// A field that a policy declares: a column of the lists beside those of the schema.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Name of the column.
    pub name: String,
    /// How its values are read.
    #[serde(rename = "type")]
    pub kind: FieldType,
}

/// What can be taken from the person schema or from a declared field.
pub trait FieldSource: Copy + Ord {
    /// Whether it is taken from a declared field.
    fn is_declared(self) -> bool;
    /// Whether values of a declared field of this type have it.
    fn allows(self, field: FieldType) -> bool;
    /// Code point in the canonical bytes.
    fn code_point(self) -> u8;
    /// The one with this code point.
    fn of_code(code: u8) -> Option<Self>;
    /// Name in a policy file.
    fn text(self) -> &'static str;
    /// The one with this name.
    fn of_text(text: &str) -> Option<Self>;
}

macro_rules! kind {
    ($name:ident) => {
        impl FieldSource for $name {
            fn is_declared(self) -> bool {
                self.code() >= 64
            }

            fn allows(self, field: FieldType) -> bool {
                self.of_type(field)
            }

            fn code_point(self) -> u8 {
                self.code()
            }

            fn of_code(code: u8) -> Option<Self> {
                Self::from_code(code)
            }

            fn text(self) -> &'static str {
                self.name()
            }

            fn of_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == text)
            }
        }
    };
}

kind!(FeatureKind);
kind!(KeyPart);

/// A feature kind or key part, with the declared field that it is taken from, if it is. Written `sex`, or
/// `suburb.bigrams`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sourced<K> {
    /// The kind of value.
    pub kind: K,
    /// Name of the declared field; `None` for a field of the person schema.
    pub field: Option<String>,
}

/// A value that is hashed into a filter segment.
pub type FeatureOf = Sourced<FeatureKind>;
/// One part of a match key.
pub type KeyPartOf = Sourced<KeyPart>;

impl<K: FieldSource> Sourced<K> {
    /// The name in a policy file.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.field {
            None => self.kind.text().to_owned(),
            Some(field) => format!("{field}.{}", self.kind.text()),
        }
    }

    /// Reads the name in a policy file. Whether the field is declared is the validator's question.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let (field, kind) = name.rsplit_once('.').map_or((None, name), |(field, kind)| (Some(field), kind));
        let kind = K::of_text(kind)?;
        (kind.is_declared() == field.is_some()).then(|| Self { kind, field: field.map(str::to_owned) })
    }

    /// Position of its field among those declared; `None` for a field of the person schema, or one that is not there.
    #[must_use]
    pub fn position(&self, declared: &[Declared]) -> Option<usize> {
        let name = self.field.as_ref()?;
        declared.iter().position(|field| field.name == *name)
    }
}

impl<K> From<K> for Sourced<K> {
    fn from(kind: K) -> Self {
        Self { kind, field: None }
    }
}

impl<'de, K: FieldSource> Deserialize<'de> for Sourced<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| de::Error::custom("is none of the names that may stand here"))
    }
}
