//! Deterministic normalisation `norm-v1` (spec section 4).

/// Version of the normalisation.
pub const VERSION: &str = "norm-v1";

/// Digest of the tables of this normalisation.
#[must_use]
pub fn tables_digest() -> [u8; 32] {
    crate::crypto::hash::hash(crate::labels::NORMALISATION_TABLES, &[VERSION.as_bytes()])
}
