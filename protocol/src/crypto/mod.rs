//! Cryptographic building blocks: the only place that names the group, the hashes and the block cipher.

pub mod cipher;
pub mod dleq;
pub mod group;
pub mod hash;
pub mod sha256;
pub mod universal;
pub mod voprf;
