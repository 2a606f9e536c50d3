//! SHA-256, for the formats of others: Merkle trees of RFC 6962 and key IDs of signed notes.

use sha2::{Digest, Sha256};

/// The digest of some parts, one after the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}
