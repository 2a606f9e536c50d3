//! Romanisation of Cyrillic and Arabic letters in machine-readable zones: ICAO Doc 9303-3, section 6.

use super::files::{points, rows};
use std::collections::BTreeMap;

/// Languages with letters of their own in table B; the empty one is the rule for the others.
pub(crate) const LANGUAGES: [&str; 6] = ["", "be", "bg", "mk", "sr", "uk"];

/// A letter in each language: at the beginning of a word, and elsewhere.
pub(crate) type Row = [(String, String); 6];

/// Table B and its supplement, by folded letter.
pub(super) fn cyrillic() -> BTreeMap<u32, Row> {
    let mut table = BTreeMap::new();
    for row in rows("icao_cyrillic.tsv").chain(rows("icao_supplement.tsv")) {
        let [_, character, main, alternatives, _] = row.as_slice() else { continue };
        let Some(point) = character.chars().flat_map(char::to_lowercase).next().map(u32::from) else { continue };
        if !(0x400..0x530).contains(&point) {
            continue;
        }
        let main = if *main == "none" { String::new() } else { main.to_ascii_lowercase() };
        let in_language = |language: &str| {
            let find = |key: &str| {
                alternatives.split(';').filter_map(|a| a.split_once('=')).find(|(k, _)| *k == key).map(|(_, v)| v)
            };
            let anywhere = find(language).map_or_else(|| main.clone(), str::to_ascii_lowercase);
            let initial =
                find(&format!("{language}@initial")).map_or_else(|| anywhere.clone(), str::to_ascii_lowercase);
            (initial, anywhere)
        };
        table.insert(point, LANGUAGES.map(in_language));
    }
    table
}

/// Letters to Arabic code points.
pub(super) fn arabic() -> BTreeMap<&'static str, u32> {
    let mut letters = BTreeMap::new();
    for row in rows("icao_arabic.tsv") {
        let (Some(&[point, ..]), Some(&main), Some(alternatives)) =
            (row.first().map(|c| points(c)).as_deref(), row.get(2), row.get(3))
        else {
            continue;
        };
        let also = alternatives.split(';').filter_map(|a| a.strip_prefix("@final="));
        for form in [main].into_iter().chain(also).filter(|f| f.bytes().all(|b| b.is_ascii_uppercase())) {
            // Of two letters with one form the earlier row: Y is the Arabic yeh, not the Pashto one.
            letters.entry(form).or_insert(point);
        }
    }
    letters
}
