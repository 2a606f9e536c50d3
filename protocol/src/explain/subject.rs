//! What keys and features are about, for who has to compare two records and not two encodings.

use crate::policy::{FeatureKind, FeatureOf, KeyPart, KeyPartOf};

/// What a part of a key or a feature is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Names.
    Names,
    /// The date of birth.
    BirthDate,
    /// The year of birth.
    BirthYear,
    /// Day and month of birth.
    BirthDay,
    /// The sex.
    Sex,
    /// Nationalities.
    Nationality,
    /// The country of birth.
    BirthCountry,
    /// Nationality or country of birth.
    Country,
    /// The place of birth.
    BirthPlace,
    /// Document numbers.
    Document,
    /// Telephone numbers.
    Phone,
    /// E-mail addresses.
    Email,
    /// Document numbers, telephone numbers or e-mail addresses.
    Contact,
    /// A field that the policy declares, by its name.
    Declared(String),
}

impl Subject {
    /// All but declared fields.
    pub const ALL: [Self; 13] = [
        Self::Names,
        Self::BirthDate,
        Self::BirthYear,
        Self::BirthDay,
        Self::Sex,
        Self::Nationality,
        Self::BirthCountry,
        Self::Country,
        Self::BirthPlace,
        Self::Document,
        Self::Phone,
        Self::Email,
        Self::Contact,
    ];

    /// What a part of a key is about.
    #[must_use]
    pub fn of_key(part: &KeyPartOf) -> Self {
        if let Some(field) = &part.field {
            return Self::Declared(field.clone());
        }
        match part.kind {
            KeyPart::BirthDate | KeyPart::Date | KeyPart::BirthYearMonth => Self::BirthDate,
            KeyPart::BirthYear | KeyPart::Year => Self::BirthYear,
            KeyPart::BirthMonthDay | KeyPart::MonthDay => Self::BirthDay,
            KeyPart::Sex => Self::Sex,
            KeyPart::Nationality => Self::Nationality,
            KeyPart::BirthCountry => Self::BirthCountry,
            KeyPart::CountryAny => Self::Country,
            KeyPart::BirthPlace => Self::BirthPlace,
            KeyPart::Document => Self::Document,
            KeyPart::Phone => Self::Phone,
            KeyPart::Email => Self::Email,
            KeyPart::DocumentOrPhone | KeyPart::AnyContact => Self::Contact,
            _ => Self::Names,
        }
    }

    /// What a feature is about.
    #[must_use]
    pub fn of_feature(feature: &FeatureOf) -> Self {
        if let Some(field) = &feature.field {
            return Self::Declared(field.clone());
        }
        match feature.kind {
            FeatureKind::BirthYear | FeatureKind::BirthYearDigits | FeatureKind::Year => Self::BirthYear,
            FeatureKind::BirthMonthDay | FeatureKind::BirthMonthDayDigits | FeatureKind::MonthDay => Self::BirthDay,
            FeatureKind::Sex => Self::Sex,
            FeatureKind::Nationality => Self::Nationality,
            FeatureKind::BirthCountry => Self::BirthCountry,
            FeatureKind::BirthPlace => Self::BirthPlace,
            FeatureKind::DocumentNumber => Self::Document,
            FeatureKind::Phone => Self::Phone,
            FeatureKind::Email => Self::Email,
            _ => Self::Names,
        }
    }

    /// Its name in a file: that of a declared field begins with `field:`.
    #[must_use]
    pub fn code(&self) -> String {
        let code = match self {
            Self::Names => "names",
            Self::BirthDate => "birth_date",
            Self::BirthYear => "birth_year",
            Self::BirthDay => "birth_day",
            Self::Sex => "sex",
            Self::Nationality => "nationality",
            Self::BirthCountry => "birth_country",
            Self::Country => "country",
            Self::BirthPlace => "birth_place",
            Self::Document => "document",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Contact => "contact",
            Self::Declared(field) => return format!("field:{field}"),
        };
        code.to_owned()
    }

    /// The subjects of some parts or features: each once, in their order.
    #[must_use]
    pub fn each_once(all: impl Iterator<Item = Self>) -> Vec<Self> {
        let mut seen = Vec::new();
        for subject in all {
            if !seen.contains(&subject) {
                seen.push(subject);
            }
        }
        seen
    }

    /// The one with this code; what is no code is taken for a declared field.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        let known = Self::ALL.into_iter().find(|subject| subject.code() == code);
        known.unwrap_or_else(|| Self::Declared(code.strip_prefix("field:").unwrap_or(code).to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn each_code_stands_for_one_subject() {
        for subject in Subject::ALL.into_iter().chain([Subject::Declared("suburb".into())]) {
            assert_eq!(Subject::from_code(&subject.code()), subject);
        }
    }

    #[test]
    fn the_default_policy_is_about_persons() {
        let policy = Policy::default_policy().unwrap_or_else(|e| unreachable!("{e}"));
        let keys = Subject::each_once(policy.tables.iter().flat_map(|table| &table.key).map(Subject::of_key));
        let features = Subject::each_once(policy.segments.iter().flat_map(|s| &s.features).map(Subject::of_feature));
        assert!(keys.contains(&Subject::Names) && keys.contains(&Subject::BirthDate), "{keys:?}");
        assert!(features.contains(&Subject::Names) && features.contains(&Subject::BirthYear), "{features:?}");
    }
}
