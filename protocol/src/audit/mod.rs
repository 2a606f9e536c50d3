//! The audit log (spec chapter 15): what a node decided, in a Merkle tree that anybody can check offline.
//!
//! Formats are those of others: Merkle trees of RFC 6962, and signed notes, checkpoints, cosignatures, tiles and proofs
//! of C2SP. Entries hold decisions and digests only.
//!
//! ```
//! use blindlink::audit::{AuditEntry, Checkpoint, Fact, merkle, origin};
//! use blindlink::identity::IdentityKey;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A log of one entry, and the checkpoint that its node signs.
//! let node = IdentityKey::from_secret(&[1; 32]);
//! let entry = AuditEntry { salt: [7; 16], time: 1_800_000_000, fact: Fact::Begun { node: node.id() } };
//! let leaf = merkle::leaf(&entry.encode());
//! let checkpoint = Checkpoint { origin: origin(&node.id()), size: 1, root: merkle::root(&[leaf]) };
//! let note = checkpoint.sign(&node);
//!
//! // Anybody who knows the node's key can check both.
//! let read = Checkpoint::open(note.as_bytes(), &node.id())?;
//! merkle::check_inclusion(&leaf, 0, read.size, &[], &read.root)?;
//! # Ok(())
//! # }
//! ```

pub mod account;
mod base64;
pub mod checkpoint;
pub mod entry;
pub mod head;
pub mod log;
pub mod merkle;
pub mod note;
pub mod proof;
pub mod tiles;

#[cfg(test)]
mod tests;

pub use account::Account;
pub use checkpoint::Checkpoint;
pub use entry::{AuditEntry, Fact};
pub use head::{LogHead, TreeHead};
pub use log::{CheckedLog, LogCheckError};
pub use note::{Key, Note};

use crate::identity::PeerId;
use crate::identity::keytext;

/// Origin of a node's log, and the name of the key that signs it.
#[must_use]
pub fn origin(node: &PeerId) -> String {
    format!("blindlink.invalid/log/{}", keytext::to_text(node))
}

/// Name of a node as the cosigner of another node's log.
#[must_use]
pub fn cosigner(node: &PeerId) -> String {
    format!("blindlink.invalid/cosigner/{}", keytext::to_text(node))
}
