//! Blindlink: privacy-preserving record linkage between two parties who do not trust each other.
//!
//! This crate is the protocol and nothing else: no I/O, no clock, no threads, no ambient randomness. Seeds and frames
//! are arguments; the same seed and inputs give the same bytes.

#![forbid(unsafe_code)]

// Floor 0
pub mod codec;
pub mod crypto;
pub mod error;
pub mod labels;
pub mod limits;
pub mod secret;
// Floor 1
pub mod normalise;
pub mod record;
pub mod schema;
// Floor 2
pub mod encode;
// Floor 3
pub mod identity;
pub mod policy;
pub mod transcript;
// Floor 4
pub mod wire;
// Floor 5
pub mod round;
// Floor 6
pub mod receipt;
// Floor 7
pub mod session;

pub use error::Error;
