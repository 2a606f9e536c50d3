//! Cyrillic names as passports write them: ICAO Doc 9303-3, section 6, table B (spec 13.4.2, V-NORM-012).

use super::super::tables::{Tables, rows};
use super::Found;
use super::scan::Unit;
use std::collections::BTreeMap;

/// Languages with letters of their own in table B; the empty one is the rule for the others.
pub(crate) const LANGUAGES: [&str; 6] = ["", "be", "bg", "mk", "sr", "uk"];

/// A letter in each language: at the beginning of a word, and elsewhere.
pub(crate) type Row = [(String, String); 6];

/// Table B and its supplement, by folded letter.
pub(crate) fn read() -> BTreeMap<u32, Row> {
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

/// Adds the ICAO forms of a word that is Cyrillic throughout.
pub(super) fn forms(tables: &Tables, word: &[Unit], found: &mut Found) {
    if !word.iter().all(|u| (0x400..0x530).contains(&u.point)) {
        return;
    }
    let mut rows = Vec::with_capacity(word.len());
    for unit in word {
        // A letter that the table lacks, of Kazakh for instance: there is no ICAO form.
        let Some(row) = tables.icao_cyrillic.get(&unit.written) else { return };
        rows.push(row);
    }
    let letters = |language: usize| {
        rows.iter().enumerate().map(move |(i, row)| {
            row.get(language).map_or("", |(initial, anywhere)| if i == 0 { initial } else { anywhere })
        })
    };
    for language in 0..LANGUAGES.len() {
        if language == 0 || letters(language).ne(letters(0)) {
            found.other(letters(language).collect());
        }
    }
}
