//! Cyrillic names as passports write them: ICAO Doc 9303-3, section 6, table B (spec 13.4.2, V-NORM-012).

use super::super::tables::{LANGUAGES, Tables};
use super::NameParts;
use super::unit::Unit;

/// Adds the ICAO forms of a word that is Cyrillic throughout.
pub(super) fn forms(tables: &Tables, word: &[Unit], found: &mut NameParts) {
    if !word.iter().all(|u| (0x400..0x530).contains(&u.point)) {
        return;
    }
    let mut rows = Vec::with_capacity(word.len());
    for unit in word {
        // A letter whose mark the table lacks is the letter without it, composed or not. One of which it has neither, of
        // Kazakh for instance, has no ICAO form.
        let row = tables.icao_cyrillic.get(&unit.written).or_else(|| tables.icao_cyrillic.get(&unit.point));
        let Some(row) = row else { return };
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
