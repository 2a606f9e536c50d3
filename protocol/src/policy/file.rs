//! Policy files (spec 6.2).

use super::Policy;
use crate::error::{Error, Misuse};
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeMap;

/// The default policy, as a file.
const DEFAULT: &str = include_str!("default.toml");
/// The thorough policy, as a file.
const THOROUGH: &str = include_str!("thorough.toml");

impl Policy {
    /// Reads a policy file (V-POLICY-002). Unknown fields are refused.
    ///
    /// # Errors
    /// [`Misuse::Policy`] with the path of the field, or the line where the text is not TOML.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let refuse = |field: String, reason: String| {
            Error::Misuse(Misuse::Policy { field, reason, requirement: "V-POLICY-002" })
        };
        toml::from_str(text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start);
            refuse(path_at(text, at), e.message().to_owned())
        })
    }

    /// The policy that fits most lists: eight segments in 512 bits, eight slots a record, two thresholds.
    ///
    /// # Errors
    /// Never; a test reads the file.
    pub fn default_policy() -> Result<Self, Error> {
        Self::from_toml(DEFAULT)
    }

    /// The text of a policy that meets more of the shared persons for an eighth more bytes: nine slots a record.
    #[must_use]
    pub const fn thorough_text() -> &'static str {
        THOROUGH
    }

    /// The text of [`Policy::default_policy`], to start a policy file from.
    #[must_use]
    pub const fn default_text() -> &'static str {
        DEFAULT
    }
}

/// Path of the field at byte `at`: the last table header before it, arrays of tables counted (those inside
/// an array anew in each of its items), and the key on its line.
pub(crate) fn path_at(text: &str, at: usize) -> String {
    let line_end = text.bytes().skip(at).position(|b| b == b'\n').map_or(text.len(), |n| at + n);
    let mut section = String::new();
    let mut items: BTreeMap<&str, usize> = BTreeMap::new();
    let mut key = None;
    let mut line_number = 0;
    let head = text.get(..line_end).unwrap_or(text);
    for line in head.lines() {
        line_number += 1;
        let line = line.trim();
        key = None;
        if let Some(name) = line.strip_prefix("[[").and_then(|l| l.strip_suffix("]]")) {
            items.retain(|other, _| other.strip_prefix(name).is_none_or(|rest| !rest.starts_with('.')));
            items.entry(name).and_modify(|item| *item += 1).or_insert(0);
            section = path_of(name, &items);
        } else if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = path_of(name, &items);
        } else if let Some((name, _)) = line.split_once('=') {
            key = Some(name.trim());
        }
    }
    match (section.is_empty(), key) {
        (true, None) => format!("line {line_number}"),
        (true, Some(key)) => key.to_owned(),
        (false, None) => section,
        (false, Some(key)) => format!("{section}.{key}"),
    }
}

/// A table's name with the numbers of the array items that it lies in.
fn path_of(name: &str, items: &BTreeMap<&str, usize>) -> String {
    let ends = name.match_indices('.').map(|(end, _)| end).chain([name.len()]);
    let mut begin = 0;
    let mut path = String::new();
    for end in ends {
        path.push_str(name.get(begin..end).unwrap_or_default());
        if let Some(item) = name.get(..end).and_then(|prefix| items.get(prefix)) {
            path.push_str(&format!("[{item}]"));
        }
        begin = end;
    }
    path
}

/// 32 bytes as 64 hexadecimal digits.
pub(crate) fn hex_32<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(deserializer)?;
    match crate::codec::from_hex(&text).and_then(|b| <[u8; 32]>::try_from(b).ok()) {
        Some(bytes) => Ok(bytes),
        _ => Err(de::Error::custom("expected 64 hexadecimal digits")),
    }
}
