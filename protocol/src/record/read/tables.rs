//! The tables of words `read-v1` (spec 4.5), compiled in.

use crate::normalise::text::folded;
use std::collections::{BTreeMap, HashMap, HashSet};
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

/// Whether a word for nothing begins as this text does. Of most values the first letter or digit says that none does.
pub(super) fn may_be_absent(text: &str) -> bool {
    static FIRST: OnceLock<[bool; 128]> = OnceLock::new();
    let first = FIRST.get_or_init(|| {
        let begins = |letter: char| absent().keys().any(|word| word.starts_with(letter));
        core::array::from_fn(|point| begins(u8::try_from(point).unwrap_or_default().into()))
    });
    let of = |byte: u8| first.get(usize::from(byte)).copied().unwrap_or(true);
    match text.bytes().find(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()) {
        Some(byte) => of(byte.to_ascii_lowercase()),
        None => true,
    }
}

/// The first words of all phrases that mark another name or stand for nobody.
pub(super) fn phrase_beginnings() -> &'static HashSet<&'static str> {
    static FIRST: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let first = |phrase: &'static String| phrase.split(' ').next();
    FIRST.get_or_init(|| nobody().keys().chain(other_names().keys()).filter_map(first).collect())
}

/// Names of columns without their blanks to the field (V-MAP-003).
pub fn column_names() -> &'static BTreeMap<String, &'static str> {
    static NAMES: OnceLock<BTreeMap<String, &'static str>> = OnceLock::new();
    NAMES.get_or_init(|| headers().iter().map(|(word, field)| (word.replace(' ', ""), *field)).collect())
}
