//! Deterministic normalisation `norm-v1` (spec chapter 13): values that two lists spell differently made equal, or at
//! least alike.
//!
//! Every table is a file of `spec/tables/norm-v1/` and enters [`tables_digest`], so two sides never compare values made
//! with different ones.

pub mod calendar;
pub mod contact;
pub mod country;
pub mod date;
mod day;
pub mod document;
pub mod mrz;
pub mod name;
pub mod place;
pub mod skeleton;
mod tables;
pub mod text;

use crate::crypto::hash;
use crate::labels;
use std::sync::OnceLock;

/// Version of the normalisation.
pub const VERSION: &str = "norm-v1";

/// Digest of the files that the normalisation reads (V-NORM-009).
#[must_use]
pub fn tables_digest() -> [u8; 32] {
    static DIGEST: OnceLock<[u8; 32]> = OnceLock::new();
    *DIGEST.get_or_init(|| {
        let files = tables::FILES.iter().flat_map(|(name, content)| [name.as_bytes(), content.as_bytes()]);
        let parts: Vec<&[u8]> = [VERSION.as_bytes()].into_iter().chain(files).collect();
        hash::hash(labels::NORMALISATION_TABLES, &parts)
    })
}

#[cfg(test)]
mod tests;
