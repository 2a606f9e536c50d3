//! Deterministic normalisation `norm-v1` (spec section 4.5): values that two lists spell differently made equal, or
//! at least alike.
//!
//! Every table is pinned and enters [`tables_digest`], so two sides never compare values made with different ones.

pub mod contact;
pub mod date;
pub mod document;
pub mod name;
pub mod skeleton;
pub mod text;

use crate::crypto::hash;
use crate::labels;

/// Version of the normalisation.
pub const VERSION: &str = "norm-v1";

/// Digest of everything that shapes the normalisation and is data rather than code: the tables of this module and the
/// versions of the Unicode data and the romanisation behind them (V-NORM-009).
#[must_use]
pub fn tables_digest() -> [u8; 32] {
    let (major, minor, patch) = unicode_normalization::UNICODE_VERSION;
    let forms = format!("{major}.{minor}.{patch}");
    let (major, minor, patch) = caseless::UNICODE_VERSION;
    let folding = format!("{major}.{minor}.{patch}");
    let mut parts: Vec<&[u8]> =
        vec![VERSION.as_bytes(), forms.as_bytes(), folding.as_bytes(), name::ROMANISATION.as_bytes()];
    parts.extend(name::PARTICLES.iter().map(|p| p.as_bytes()));
    let marks: Vec<u8> = name::MARKS.iter().flat_map(|(a, b)| [a.to_be_bytes(), b.to_be_bytes()]).flatten().collect();
    parts.push(&marks);
    parts.extend(skeleton::RULES.iter().flat_map(|(from, to)| [from.as_bytes(), to.as_bytes()]));
    hash::hash(labels::NORMALISATION_TABLES, &parts)
}

#[cfg(test)]
mod tests;
