//! Names of places (spec 13.10).

use super::name::{MAX_PART, squashed};
use super::tables::rows;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use zeroize::Zeroize;

/// Former and other names to the name in use.
fn table() -> &'static BTreeMap<&'static str, &'static str> {
    static TABLE: OnceLock<BTreeMap<&'static str, &'static str>> = OnceLock::new();
    TABLE.get_or_init(|| rows("places.tsv").filter_map(|row| Some((*row.first()?, *row.get(1)?))).collect())
}

/// A place as it is compared: its romanised letters in one word, with a former or foreign name of the table replaced by
/// the one in use; at most [`MAX_PART`] letters. `None` if it has fewer than two letters (V-NORM-021).
#[must_use]
pub fn normalise(text: &str) -> Option<String> {
    let word = squashed(text);
    let mut name = table().get(word.as_str()).map_or_else(|| word.to_string(), |name| (*name).to_owned());
    name.truncate(MAX_PART);
    if name.len() < 2 {
        name.zeroize();
        return None;
    }
    Some(name)
}
