//! The tables of words `read-v1` (spec 4.5), compiled in.

use crate::normalise::text::folded;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

/// Folded word to meaning.
pub(super) type Words = HashMap<String, &'static str>;

macro_rules! tables {
    ($($name:ident: $file:literal, $kind:ident;)*) => {
        $(
            /// A table, read once.
            pub(super) fn $name() -> &'static Words {
                static TABLE: OnceLock<Words> = OnceLock::new();
                TABLE.get_or_init(|| $kind(include_str!(concat!("../../../../spec/tables/read-v1/", $file))))
            }
        )*
    };
}

tables! {
    absent: "absent.tsv", words;
    nobody: "nobody.tsv", words;
    sexes: "sexes.tsv", words;
    months: "months.tsv", words;
    date_words: "date_words.tsv", words;
    extensions: "extensions.tsv", words;
    other_names: "other_names.tsv", words;
    country_names: "country_names.tsv", words;
    headers: "headers.tsv", words;
    country_codes: "country_codes.tsv", exact;
    entities: "entities.tsv", exact;
    dates: "dates.tsv", exact;
}

fn rows(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.lines().skip(1).filter_map(|line| {
        let mut cells = line.split('\t');
        Some((cells.next()?, cells.next()?))
    })
}

fn words(text: &'static str) -> Words {
    rows(text).map(|(word, meaning)| (folded(word), meaning)).collect()
}

fn exact(text: &'static str) -> Words {
    rows(text).map(|(word, meaning)| (word.to_owned(), meaning)).collect()
}

/// Names of columns without their blanks to the field (V-MAP-003).
pub fn column_names() -> &'static BTreeMap<String, &'static str> {
    static NAMES: OnceLock<BTreeMap<String, &'static str>> = OnceLock::new();
    NAMES.get_or_init(|| headers().iter().map(|(word, field)| (word.replace(' ', ""), *field)).collect())
}
