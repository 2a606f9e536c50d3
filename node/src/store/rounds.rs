//! The rounds of a node on disk: `NAME.open` is the journal of a round that may go on, `ROUND.journal` that of one that
//! is over, `ROUND.receipt` its receipt. ROUND is the first half of the round id in hexadecimal.

use super::error::StoreError;
use crate::store::DataDir;
use crate::store::journal::{self, Entries, Header, JournalError};
use crate::store::journal::{JournalSummary, StorageKey, summary};
use crate::store::peers::Peer;
use crate::sys::entropy::fresh_secret;
use crate::sys::files::sweep;
use blindlink::identity::PeerId;
use blindlink::session::Role;
use blindlink::wire::schedule::may_have_evaluated;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const OPEN: &str = "open";

/// A round that may go on. It is this process's alone while this is there.
#[derive(Debug)]
pub struct StoredRound {
    /// Its journal.
    pub path: PathBuf,
    /// The journal's file, locked before it was read.
    pub file: Arc<File>,
    /// What it began with.
    pub header: Header,
    /// How far it came.
    pub summary: JournalSummary,
    /// How long nothing was written to it.
    pub age: Duration,
}

/// First half of a round id in hexadecimal, as in file names.
#[must_use]
pub fn short(round: &[u8; 32]) -> String {
    hex::encode(round.first_chunk::<16>().unwrap_or(&[0; 16]))
}

/// A new name for the journal of a round that begins.
///
/// # Errors
/// [`StoreError::Io`], [`StoreError::Entropy`].
pub fn new_path(data: &DataDir, begun: u64) -> Result<PathBuf, StoreError> {
    let tag = hex::encode(
        fresh_secret().map_err(StoreError::Entropy)?.expose().first_chunk::<4>().copied().unwrap_or_default(),
    );
    Ok(data.rounds()?.join(format!("{begun}-{tag}.{OPEN}")))
}

/// The rounds with `peer` in this role that may go on, the newest first.
///
/// # Errors
/// [`StoreError::Journal`] with the place, [`StoreError::InUse`], [`StoreError::Io`].
pub fn open_rounds(
    data: &DataDir,
    storage: &StorageKey,
    peer: &Peer,
    role: Role,
) -> Result<Vec<StoredRound>, StoreError> {
    let failed = |error| StoreError::io("cannot read the folder of rounds")(error);
    let (mut found, folder) = (Vec::new(), data.rounds()?);
    sweep(&folder, None);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_none_or(|extension| extension != OPEN) {
            continue;
        }
        match load_locked(&path, storage, &peer.id, role) {
            Ok(round) => found.extend(round),
            // Another command was through with it in this moment.
            Err(JournalError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
            Err(JournalError::InUse) => {
                return Err(StoreError::InUse { peer: peer.name.clone() });
            }
            Err(error) => return Err(StoreError::journal(&path, error)),
        }
    }
    found.sort_by_key(|round| std::cmp::Reverse(round.header.begun));
    Ok(found)
}

/// A round, if it is one with `peer` in this role: that never changes. Everything else is read under the lock, or another
/// process could go on meanwhile and what is made again be of a past that is over (V-JOURNAL-003).
fn load_locked(
    path: &Path,
    storage: &StorageKey,
    peer: &PeerId,
    role: Role,
) -> Result<Option<StoredRound>, JournalError> {
    let (header, _) = journal::read(path, storage)?;
    if header.peer != *peer || header.role != role {
        return Ok(None);
    }
    let file = Arc::new(journal::lock(path)?);
    let written = fs::metadata(path)?.modified()?;
    let (header, mut entries) = journal::read(path, storage)?;
    let summary = summary(&mut entries)?;
    Ok(Some(StoredRound { path: path.to_owned(), file, header, summary, age: written.elapsed().unwrap_or_default() }))
}

impl StoredRound {
    /// Whether anything may have been evaluated in it (spec section 9.3).
    #[must_use]
    pub const fn evaluated(&self) -> bool {
        may_have_evaluated(self.header.role, self.summary.received)
    }

    /// Reads its entries again.
    ///
    /// # Errors
    /// As [`open_rounds`].
    pub fn entries(&self, storage: &StorageKey) -> Result<Entries, StoreError> {
        journal::read(&self.path, storage)
            .map(|(_, entries)| entries)
            .map_err(|error| StoreError::journal(&self.path, error))
    }
}

/// The round is over: its journal stays under its round id, for an auditor, and is not looked at again.
///
/// # Errors
/// [`StoreError::Io`].
pub fn mark_closed(path: &Path, round: Option<[u8; 32]>) -> Result<PathBuf, StoreError> {
    let name = match round {
        Some(round) => path.with_file_name(format!("{}.journal", short(&round))),
        None => path.with_extension("journal"),
    };
    fs::rename(path, &name).map_err(StoreError::io("cannot rename the round journal"))?;
    Ok(name)
}

/// The journals of rounds that are over.
///
/// # Errors
/// [`StoreError::Io`].
pub fn closed_rounds(data: &DataDir) -> Result<Vec<PathBuf>, StoreError> {
    let entries = fs::read_dir(data.rounds()?).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut paths: Vec<PathBuf> = entries.map_err(StoreError::io("cannot read the folder of rounds"))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "journal"));
    paths.sort();
    Ok(paths)
}

/// The round did not get as far as to have an id: nothing of it is worth keeping.
///
/// # Errors
/// [`StoreError::Io`].
pub fn discard(path: &Path) -> Result<(), StoreError> {
    fs::remove_file(path).map_err(StoreError::io("cannot remove the round journal"))
}

/// The journal of a round that is over.
///
/// # Errors
/// [`StoreError::Io`].
pub fn closed(data: &DataDir, round: &[u8; 32]) -> Result<PathBuf, StoreError> {
    Ok(data.rounds()?.join(format!("{}.journal", short(round))))
}
