//! A policy's keys and features in words, for operators, lawyers and reviewers.

use crate::policy::{FeatureKind, FeatureOf, KeyPart, KeyPartOf, TableSpec};

/// A table's match key: "one part of the name and full date of birth".
#[must_use]
pub fn key(table: &TableSpec) -> String {
    join(table.key.iter().map(part))
}

/// "a, b and c".
#[must_use]
pub fn join(pieces: impl Iterator<Item = String>) -> String {
    let mut pieces: Vec<String> = pieces.collect();
    match pieces.pop() {
        None => String::new(),
        Some(last) if pieces.is_empty() => last,
        Some(last) => format!("{} and {last}", pieces.join(", ")),
    }
}

/// A part of a key in words.
#[must_use]
pub fn part(part: &KeyPartOf) -> String {
    let of = |what: &str| match &part.field {
        Some(field) => format!("{what} of the field `{field}`"),
        None => what.to_owned(),
    };
    of(match part.kind {
        KeyPart::NamePartK4 | KeyPart::NamePartK5 => "one part of the name by its consonants",
        KeyPart::NamePairK4 | KeyPart::NamePairK5 => "two parts of the name by their consonants",
        KeyPart::NameAllK4 | KeyPart::NameAllK5 => "all parts of the name by their consonants",
        KeyPart::NamePartP3 => "the first three letters of one part of the name",
        KeyPart::NamePairP3 => "the first three letters of two parts of the name",
        KeyPart::NamePartK3 => "the first three consonants of one part of the name",
        KeyPart::NamePartS3 => "the last three consonants of one part of the name",
        KeyPart::NamePairK3 => "the first three consonants of two parts of the name",
        KeyPart::NameInitial => "the first letter of one part of the name",
        KeyPart::BirthDate => "full date of birth (day and month in either order)",
        KeyPart::BirthYear => "year of birth",
        KeyPart::BirthMonthDay => "day and month of birth (in either order)",
        KeyPart::BirthYearMonth => "year and month of birth",
        KeyPart::Sex => "sex",
        KeyPart::Nationality => "a nationality",
        KeyPart::BirthCountry => "country of birth",
        KeyPart::CountryAny => "a nationality or country of birth",
        KeyPart::BirthPlace => "a word of the place of birth by its consonants",
        KeyPart::Document => "a document number",
        KeyPart::Phone => "a telephone number",
        KeyPart::Email => "an e-mail address",
        KeyPart::DocumentOrPhone => "a document or telephone number",
        KeyPart::AnyContact => "a document or telephone number or an e-mail address",
        KeyPart::Exact => "a whole value",
        KeyPart::Word => "a word",
        KeyPart::K4 => "one part, by its consonants,",
        KeyPart::Date => "the full date (day and month in either order)",
        KeyPart::Year => "the year",
        KeyPart::MonthDay => "day and month (in either order)",
    })
}

/// A feature in words.
#[must_use]
pub fn feature(feature: &FeatureOf) -> String {
    let of = |what: &str| match &feature.field {
        Some(field) => format!("{what} of the field `{field}`"),
        None => what.to_owned(),
    };
    of(match feature.kind {
        FeatureKind::NameBigrams => "the letters of all names, pair by pair, whatever their order",
        FeatureKind::NameSkeletons => "the consonants of all names",
        FeatureKind::NameK3 => "the first three consonants of all names",
        FeatureKind::NameSounds => "the sounds of all names, pair by pair, whatever their order",
        FeatureKind::NameConsonants => "the consonants of all names, pair by pair",
        FeatureKind::BirthYear => "year of birth, with its last digits on their own",
        FeatureKind::BirthMonthDay => "day and month of birth, in either order",
        FeatureKind::BirthYearDigits => "year of birth, digit by digit",
        FeatureKind::BirthMonthDayDigits => "month and day of birth, digit by digit",
        FeatureKind::Sex => "sex",
        FeatureKind::Nationality => "nationalities",
        FeatureKind::BirthCountry => "country of birth",
        FeatureKind::BirthPlace => "the letters of the place of birth, pair by pair",
        FeatureKind::DocumentNumber => "the characters of document numbers, pair by pair",
        FeatureKind::Phone => "the last nine digits of telephone numbers, pair by pair",
        FeatureKind::Email => "the letters of e-mail addresses before the @, pair by pair",
        FeatureKind::Bigrams => "the letters, pair by pair,",
        FeatureKind::Exact => "whole values",
        FeatureKind::Skeletons => "the consonants of the parts",
        FeatureKind::Year => "the year, with its last digits on their own,",
        FeatureKind::MonthDay => "day and month, in either order,",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn keys_read_as_sentences() {
        let tables = Policy::default_policy().unwrap_or_else(|e| unreachable!("{e}")).tables;
        let words: Vec<String> = tables.iter().map(key).collect();
        assert!(words.iter().any(|w| w.contains("part of the name") && w.contains("date of birth")), "{words:?}");
        let part = KeyPartOf { kind: KeyPart::Word, field: Some("suburb".into()) };
        assert_eq!(super::part(&part), "a word of the field `suburb`");
        assert_eq!(join(["a", "b", "c"].map(String::from).into_iter()), "a, b and c");
    }
}
