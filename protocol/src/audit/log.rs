//! The check of a whole log (V-AUDIT-013), whose files the caller reads.

use super::merkle::Hash;
use super::{AuditEntry, Checkpoint, tiles};
use crate::error::AuditFault;
use crate::identity::PeerId;

/// What a log holds, once checked.
#[derive(Debug)]
pub struct CheckedLog {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The checkpoint's note, with all signatures.
    pub note: String,
    /// Entries as bytes.
    pub bytes: Vec<Vec<u8>>,
    /// Entries.
    pub entries: Vec<AuditEntry>,
    /// Their hashes.
    pub leaves: Vec<Hash>,
}

/// Why a log does not pass the check. `E` is the error of the caller's reader.
#[derive(Debug)]
pub enum LogCheckError<E> {
    /// Its checkpoint could not be read.
    Read(E),
    /// It does not hold, and at which entry, where the fault itself does not say.
    Fault(AuditFault, Option<u64>),
}

impl<E> From<AuditFault> for LogCheckError<E> {
    fn from(fault: AuditFault) -> Self {
        Self::Fault(fault, None)
    }
}

/// Checks the whole log of `node` (V-AUDIT-013): the signature of the checkpoint, every entry, the
/// tiles of all levels.
///
/// `file` returns what a file of the log holds, by its path in the log's folder; `None` if the file does not exist. A file
/// of entries or hashes that cannot be read counts as missing.
///
/// # Errors
/// [`LogCheckError`].
pub fn check<E>(
    node: &PeerId,
    file: impl Fn(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<CheckedLog, LogCheckError<E>> {
    let note = file("checkpoint").map_err(LogCheckError::Read)?;
    let note = note.ok_or(AuditFault::Format("the log without its checkpoint"))?;
    let checkpoint = Checkpoint::open(&note, node)?;
    let note = String::from_utf8(note).map_err(|_| AuditFault::Format("note"))?;
    let (mut bytes, mut stored) = (Vec::new(), Vec::new());
    for (path, first, width) in tiles::bundles(checkpoint.size) {
        let missing = AuditFault::Missing { index: first };
        let read = |path: &str| file(path).ok().flatten().ok_or_else(|| missing.clone());
        bytes.extend(tiles::read_bundle(&read(&path)?, first, width)?);
        let tile = read(&path.replacen("entries", "0", 1))?;
        let (hashes, rest) = tile.as_chunks::<32>();
        if !rest.is_empty() || hashes.len() as u64 != width {
            return Err(missing.into());
        }
        stored.extend_from_slice(hashes);
    }
    let mut upper = Vec::new();
    for (path, first, width) in tiles::upper(checkpoint.size) {
        let tile = file(&path).ok().flatten().filter(|tile| tile.len() as u64 == 32 * width);
        upper.push(tile.ok_or(AuditFault::Missing { index: first })?);
    }
    let leaves = tiles::check(&bytes, &stored, &upper, &checkpoint)?;
    // V-AUDIT-007
    let none = |index| LogCheckError::Fault(AuditFault::Format("an entry"), Some(index));
    let entries = (0..)
        .zip(&bytes)
        .map(|(index, entry)| AuditEntry::decode(entry).map_err(|_| none(index)))
        .collect::<Result<_, _>>()?;
    Ok(CheckedLog { checkpoint, note, bytes, entries, leaves })
}
