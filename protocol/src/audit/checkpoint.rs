//! Checkpoints (C2SP tlog-checkpoint): origin, size and root of a log, as a note.

use super::base64;
use super::merkle::Hash;
use super::note::{self, Key, Note};
use crate::error::AuditFault;
use crate::identity::{IdentityKey, PeerId};

const ODD: AuditFault = AuditFault::Format("checkpoint");

/// A checkpoint whose signature was checked, or that this side makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The note's text.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, base64::encode(&self.root))
    }

    /// The note, signed by the log.
    #[must_use]
    pub fn sign(&self, signer: &IdentityKey) -> String {
        let text = self.text();
        format!("{text}\n{}", note::sign(&text, signer))
    }

    /// Reads a note's text (V-AUDIT-006). Lines after the third are passed over.
    ///
    /// # Errors
    /// [`AuditFault::Format`].
    pub fn parse(text: &str) -> Result<Self, AuditFault> {
        let body = text.strip_suffix('\n').ok_or(ODD)?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(ODD);
        };
        if origin.is_empty() || lines.any(str::is_empty) {
            return Err(ODD);
        }
        let number = size.parse::<u64>().map_err(|_| ODD)?;
        if number.to_string() != size {
            return Err(ODD);
        }
        let root = base64::decode_32(root).ok_or(ODD)?;
        Ok(Self { origin: origin.to_owned(), size: number, root })
    }

    /// Reads a checkpoint of the log of `node` and checks its signature.
    ///
    /// # Errors
    /// As [`Note::parse`], [`Note::signed_by`] and [`Checkpoint::parse`]; [`AuditFault::Origin`].
    pub fn open(bytes: &[u8], node: &PeerId) -> Result<Self, AuditFault> {
        let note = Note::parse(bytes)?;
        let checkpoint = Self::parse(note.signed_by(&Key::of_log(node))?)?;
        if checkpoint.origin == super::origin(node) { Ok(checkpoint) } else { Err(AuditFault::Origin) }
    }
}
