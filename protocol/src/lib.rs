//! Blindlink: privacy-preserving record linkage between two parties who do not trust each other.
//!
//! Two parties hold a list of persons each. A *sealed round* tells the requester which of its records have a similar
//! counterpart on the other list, and, in mutual mode, tells the responder which of its records those were. Nothing is
//! learnt about the other pairs by a peer that follows the protocol; `SECURITY.md` says what one that does not can get.
//! Encodings of persons remain personal data.
//!
//! This crate is the protocol and nothing else: no I/O, no clock, no threads, no ambient randomness. Seeds and frames
//! are arguments; the same seed and inputs give the same bytes. A node drives a [`session::Session`]: frames in,
//! outputs out, heavy maths as jobs for its own threads.
//!
//! ```
//! use blindlink::agreement::Basis;
//! use blindlink::identity::IdentityKey;
//! use blindlink::policy::Policy;
//! use blindlink::record::{RawRecord, Record, RowId};
//! use blindlink::schema::Field;
//! use blindlink::secret::Seed;
//! use blindlink::session::{Config, LogExchange, Role, Session, SessionInputs, in_process};
//! use std::sync::Arc;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Both sides agree on one policy, with padded sizes for their lists.
//! let policy = Policy::default_policy()?.with_records(2, 2).validate()?;
//!
//! let person = |id: &str, given: &str, family: &str, born: &str| -> Result<Record, Box<dyn std::error::Error>> {
//!     let mut raw = RawRecord::default();
//!     raw.push(Field::RecordId, id);
//!     raw.push(Field::GivenNames, given);
//!     raw.push(Field::FamilyNames, family);
//!     raw.push(Field::BirthDate, born);
//!     raw.push(Field::Nationality, "UTO");
//!     policy.record(RowId::new(0), &raw).map_err(|e| format!("{e}").into())
//! };
//! let ours = [person("r-1", "Oksana", "Shevchenko", "1999-03-14")?, person("r-2", "Amina", "Bello", "2001-07-02")?];
//! let theirs = [person("s-1", "Oxana", "Shevtchenko", "1999-03-14")?, person("s-2", "Ana", "Pop", "1998-01-30")?];
//!
//! // Each side configures its own session: a fresh seed, its identity, the pinned key of the other.
//! let keys = [IdentityKey::from_secret(&[1; 32]), IdentityKey::from_secret(&[2; 32])];
//! let session = |role, records: &[Record], own: usize| {
//!     let seed = Seed::new([own as u8; 32]); // in production: 32 fresh random bytes for every round
//!     Session::new(Config {
//!         log: LogExchange::without_log(&keys[own]), // in production: the heads of the two audit logs
//!         inputs: SessionInputs::new(role, Arc::new(policy.encode(records)), seed)?,
//!         basis: Basis::Training(blindlink::suite::CURRENT), // in production: the agreement that `agreement::admit` admitted
//!         identity: keys[own].clone(),
//!         peer: keys[1 - own].id(),
//!         binding: [0; 32], // in production: the exporter of the TLS connection
//!     })
//! };
//! let requester = session(Role::Requester, &ours, 0)?;
//! let responder = session(Role::Responder, &theirs, 1)?;
//!
//! // In one process the pump is a function; between machines it is the node.
//! let (found, claimed, _) = in_process::run(requester, responder, in_process::inline, |_, _| {}, |_| {})?;
//! assert_eq!(found.matches.len(), 1);
//! assert_eq!(found.matches[0].own, 0);
//! assert_eq!(claimed.claims[0].own, 0);
//! assert_eq!(found.receipt, claimed.receipt);
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

// Floor 0
mod code_points;
pub mod codec;
pub mod crypto;
pub mod error;
pub mod ids;
pub mod labels;
pub mod limits;
pub mod secret;
pub mod suite;
// Floor 1
pub mod normalise;
pub mod record;
pub mod schema;
// Floor 2
pub mod encode;
// Floor 3
pub mod agreement;
pub mod identity;
pub mod policy;
pub mod transcript;
// Floor 4
pub mod assignment;
pub mod explain;
pub mod plan;
// Floor 5
pub mod wire;
// Floor 6
pub mod round;
// Floor 7
pub mod audit;
pub mod confirm;
pub mod receipt;
// Floor 8
pub mod session;
// Floor 9
pub mod evidence;

pub use error::Error;
