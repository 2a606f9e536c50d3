//! The rounds of a node on disk: `NAME.open` is the journal of a round that may go on, `ROUND.journal` that of one that
//! is over, `ROUND.receipt` its receipt. ROUND is the first half of the round id in hexadecimal.

use super::error::StoreError;
use crate::store::DataDir;
use crate::store::journal::{self, Entries, Header, JournalError};
use crate::store::journal::{JournalSummary, StorageKey, summary};
use crate::store::peers::Peer;
use crate::sys::entropy::fresh_secret;
use crate::sys::files::{create_private_folder, sweep, write_whole};
use blindlink::codec::{DecodeError, Reader, Writer};
use blindlink::identity::PeerId;
use blindlink::ids::RoundId;
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
    /// Whether the journal is an older copy that was put back (V-RESUME-017).
    pub put_back: bool,
}

/// First half of an id in hexadecimal, as in file names.
#[must_use]
pub fn short(id: &impl AsRef<[u8]>) -> String {
    hex::encode(id.as_ref().get(..16).unwrap_or_default())
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

/// A round that may go on, as anybody may look at it: another process may be at it.
#[derive(Debug)]
pub struct OpenJournal {
    /// Its journal.
    pub path: PathBuf,
    /// What it began with.
    pub header: Header,
    /// How far it came.
    pub summary: JournalSummary,
}

/// All rounds of this node that may go on, the newest first. What cannot be read is left to who goes on with it.
///
/// # Errors
/// [`StoreError::Io`].
pub fn look_at_open(data: &DataDir, storage: &StorageKey) -> Result<Vec<OpenJournal>, StoreError> {
    let failed = |error| StoreError::io("cannot read the folder of rounds")(error);
    let mut found = Vec::new();
    for entry in fs::read_dir(data.rounds()?).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_none_or(|extension| extension != OPEN) {
            continue;
        }
        let Ok((header, mut entries)) = journal::read(&path, storage) else { continue };
        let Ok(summary) = summary(&mut entries) else { continue };
        found.push(OpenJournal { path, header, summary });
    }
    found.sort_by_key(|round| std::cmp::Reverse(round.header.begun));
    Ok(found)
}

/// The name that a round's journal had when it began, without its ending.
#[must_use]
pub fn stem(journal: &Path) -> String {
    journal.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// When a round began, from the name that its journal had then; 0 if the name does not say.
#[must_use]
pub fn begun(journal: &Path) -> u64 {
    stem(journal).split('-').next().and_then(|begun| begun.parse().ok()).unwrap_or_default()
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
    let (path, age) = (path.to_owned(), written.elapsed().unwrap_or_default());
    let put_back = entries.tail().openings < starts(&path)?;
    Ok(Some(StoredRound { path, file, header, summary, age, put_back }))
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

/// Where the number of times is kept that a journal was opened for writing: outside the folder of journals, so that whoever
/// puts that folder back is found out (V-RESUME-017).
fn starts_path(journal: &Path) -> Option<PathBuf> {
    let data = journal.parent()?.parent()?;
    Some(data.join("starts").join(journal.file_stem()?))
}

/// How often the journal was opened for writing, as far as is known outside of it.
fn starts(journal: &Path) -> io::Result<u64> {
    let Some(path) = starts_path(journal) else { return Ok(0) };
    match fs::read_to_string(path) {
        // What cannot be read was not written by a node: nothing can be said.
        Ok(text) => Ok(text.trim().parse().unwrap_or(0)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

/// Notes that the journal was opened for writing so many times. The journal knows it already: a crash between the two
/// leaves the greater number there.
///
/// # Errors
/// Whatever the file system says.
pub fn note_start(journal: &Path, openings: u64) -> io::Result<()> {
    let Some(path) = starts_path(journal) else { return Ok(()) };
    if let Some(folder) = path.parent() {
        create_private_folder(folder)?;
    }
    write_whole(&path, format!("{openings}\n").as_bytes())
}

fn forget_starts(journal: &Path) {
    if let Some(path) = starts_path(journal) {
        // A number that stays behind does no harm: no other journal gets its name.
        let _ = fs::remove_file(path);
    }
}

/// What a round that ended here needs to answer a peer that has not heard so (V-RESUME-016), without its journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedRound {
    /// Role of this side.
    pub role: Role,
    /// The peer.
    pub peer: PeerId,
    /// Frames of the peer, and the chain over them.
    pub received: (u32, [u8; 32]),
    /// Own frames, and the chain over them.
    pub sent: (u32, [u8; 32]),
}

fn ended_path(data: &DataDir, round: &RoundId) -> Result<PathBuf, StoreError> {
    Ok(data.rounds()?.join(format!("{}.ended", short(round))))
}

impl EndedRound {
    /// Writes the note.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn write(&self, data: &DataDir, round: &RoundId) -> Result<(), StoreError> {
        let mut w = Writer::default();
        w.u8(self.role.code()).bytes(self.peer.as_bytes());
        for (count, chain) in [&self.received, &self.sent] {
            w.u32(*count).bytes(chain);
        }
        write_whole(&ended_path(data, round)?, &w.finish()).map_err(StoreError::io("cannot note the end of a round"))
    }

    /// Reads the note, if there is one that can be read.
    #[must_use]
    pub fn read(data: &DataDir, round: &RoundId) -> Option<Self> {
        let bytes = fs::read(ended_path(data, round).ok()?).ok()?;
        let read = |r: &mut Reader<'_>| {
            Ok(Self {
                role: Role::from_code(r.u8()?).ok_or(DecodeError::BadField("role"))?,
                peer: PeerId::from_bytes(r.array()?)?,
                received: (r.u32()?, r.array()?),
                sent: (r.u32()?, r.array()?),
            })
        };
        Reader::all(&bytes, read).ok()
    }
}

/// The round is over: its journal stays under its round id, for an auditor, and is not looked at again.
///
/// # Errors
/// [`StoreError::Io`].
pub fn mark_closed(path: &Path, round: Option<RoundId>) -> Result<PathBuf, StoreError> {
    let name = match round {
        Some(round) => path.with_file_name(format!("{}.journal", short(&round))),
        None => path.with_extension("journal"),
    };
    fs::rename(path, &name).map_err(StoreError::io("cannot rename the round journal"))?;
    forget_starts(path);
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
    fs::remove_file(path).map_err(StoreError::io("cannot remove the round journal"))?;
    forget_starts(path);
    Ok(())
}

/// The journal of a round that is over.
///
/// # Errors
/// [`StoreError::Io`].
pub fn closed(data: &DataDir, round: &RoundId) -> Result<PathBuf, StoreError> {
    Ok(data.rounds()?.join(format!("{}.journal", short(round))))
}

#[cfg(test)]
mod tests;
