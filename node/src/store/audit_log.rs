//! The node's audit log on disk (spec chapter 15): opened under a lock, checked whole, appended to durably.

use super::data_dir::DataDir;
use super::error::StoreError;
use super::keys::Identity;
use crate::sys::clock;
use crate::sys::entropy::fresh_secret;
use crate::sys::files::{create_private_folder, is_draft, lock, sweep_all, write_whole};
use blindlink::agreement::budget::Debit;
use blindlink::audit::entry::SALT_BYTES;
use blindlink::audit::merkle::{self, Hash};
use blindlink::audit::{Account, AuditEntry, CheckedLog, Checkpoint, Fact, LogCheckError, log, tiles};
use blindlink::identity::{IdentityKey, PeerId};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Seconds.
const HOUR: u64 = 3600;

/// The log, while this process alone may write to it. Short-lived: a node opens it for each decision, so that two
/// commands of one node never write over each other, and so that each of them checks it.
#[derive(Debug)]
pub struct Log {
    dir: PathBuf,
    key: IdentityKey,
    entries: Vec<AuditEntry>,
    bytes: Vec<Vec<u8>>,
    leaves: Vec<Hash>,
    _lock: File,
}

fn io_failed(error: io::Error) -> StoreError {
    StoreError::io("the audit log")(error)
}

/// Checks the whole log of `node` in `dir`. Writes nothing.
///
/// # Errors
/// [`StoreError::Audit`] with the place; [`StoreError::Io`].
pub fn read(dir: &Path, node: &PeerId) -> Result<CheckedLog, StoreError> {
    let file = |path: &str| match fs::read(dir.join(path)) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    };
    log::check(node, file).map_err(|error| match error {
        LogCheckError::Read(error) => io_failed(error),
        LogCheckError::Fault(fault, entry) => {
            let entry = entry.map_or_else(String::new, |index| format!(": entry {index}"));
            StoreError::Audit { place: format!("{}{entry}", dir.display()), fault }
        }
    })
}

impl Log {
    /// Opens and checks this node's log; begins it if the node has none yet.
    ///
    /// # Errors
    /// As [`read`].
    pub fn open(data: &DataDir, identity: &Identity) -> Result<Self, StoreError> {
        let dir = folder(data);
        create_private_folder(&dir).map_err(io_failed)?;
        let lock = lock(&dir.join("lock")).map_err(io_failed)?;
        sweep_all(&dir);
        let key = identity.key();
        let (node, mut log) =
            (key.id(), Self { dir, key, entries: Vec::new(), bytes: Vec::new(), leaves: Vec::new(), _lock: lock });
        // A log is begun once. Tiles without a checkpoint are a log that lost it, not a new one, unless they are what is left
        // of its first entry.
        if log.dir.join("checkpoint").exists() || !cut_at_first(&log.dir).map_err(io_failed)? {
            let content = read(&log.dir, &node)?;
            (log.entries, log.bytes, log.leaves) = (content.entries, content.bytes, content.leaves);
        } else {
            log.append(vec![Fact::Begun { node }])?;
        }
        Ok(log)
    }

    /// Appends entries with the present time; they are durable when it returns (V-AUDIT-012).
    ///
    /// # Errors
    /// [`StoreError::Io`]; then nothing was logged, and the caller must not act.
    pub fn append(&mut self, facts: Vec<Fact>) -> Result<(), StoreError> {
        let time = clock::now();
        let before = self.entries.len() as u64;
        let (mut entries, mut bytes, mut leaves) = (self.entries.clone(), self.bytes.clone(), self.leaves.clone());
        for fact in facts {
            let fact = match fact {
                Fact::Debited(debit) => Fact::Debited(Debit { time, ..debit }),
                fact => fact,
            };
            let salt = *fresh_secret().map_err(StoreError::Entropy)?.expose().first_chunk().unwrap_or(&[0; SALT_BYTES]);
            let entry = AuditEntry { salt, time, fact };
            let encoded = entry.encode();
            leaves.push(merkle::leaf(&encoded));
            bytes.push(encoded);
            entries.push(entry);
        }
        // Full tiles and bundles of before are there already.
        let size = entries.len() as u64;
        let of = |n: u64| tiles::bundles(n).into_iter().map(|(path, ..)| path).collect::<Vec<_>>();
        let old_tiles: Vec<String> = tiles::tiles(&self.leaves).into_iter().map(|(path, _)| path).collect();
        let old_bundles = of(before);
        for (path, first, width) in tiles::bundles(size).into_iter().filter(|(path, ..)| !old_bundles.contains(path)) {
            let range = first as usize..(first + width) as usize;
            self.write(&path, &tiles::write_bundle(bytes.get(range).unwrap_or_default()))?;
        }
        let new_tiles = tiles::tiles(&leaves);
        for (path, content) in new_tiles.iter().filter(|(path, _)| !old_tiles.contains(path)) {
            self.write(path, content)?;
        }
        let origin = blindlink::audit::origin(&self.key.id());
        let checkpoint = Checkpoint { origin, size, root: merkle::root(&leaves) };
        self.write("checkpoint", checkpoint.sign(&self.key).as_bytes())?;
        (self.entries, self.bytes, self.leaves) = (entries, bytes, leaves);
        // Partial tiles that were replaced; one that stays behind does no harm.
        let (now, new_bundles) = (new_tiles.into_iter().map(|(path, _)| path).collect::<Vec<_>>(), of(size));
        for path in old_tiles.iter().chain(&old_bundles).filter(|p| !now.contains(p) && !new_bundles.contains(p)) {
            let _ = fs::remove_file(self.dir.join(path));
        }
        Ok(())
    }

    fn write(&self, path: &str, content: &[u8]) -> Result<(), StoreError> {
        let path = self.dir.join(path);
        if let Some(folder) = path.parent() {
            create_private_folder(folder).map_err(io_failed)?;
        }
        write_whole(&path, content).map_err(io_failed)
    }

    /// Hashes of the entries, in order.
    #[must_use]
    pub fn leaves(&self) -> &[Hash] {
        &self.leaves
    }

    /// The debits that stand, in order (V-BUDGET-007).
    #[must_use]
    pub fn debits(&self) -> Vec<Debit> {
        self.account().debits()
    }

    /// What it says of budgets.
    #[must_use]
    pub fn account(&self) -> Account {
        Account::of(&self.entries)
    }

    /// Whether an entry says just this, at a time that fits.
    #[must_use]
    pub fn says(&self, fact: &Fact, fits: impl Fn(u64) -> bool) -> bool {
        self.entries.iter().rev().any(|entry| fits(entry.time) && entry.fact == *fact)
    }

    /// Appends a fact that is told once, unless it is there.
    ///
    /// # Errors
    /// As [`Log::append`].
    pub fn append_once(&mut self, fact: Fact) -> Result<(), StoreError> {
        if self.says(&fact, |_| true) { Ok(()) } else { self.append(vec![fact]) }
    }

    /// Appends a fact that a peer can bring about as often as it likes, unless the last hour knows it (V-AUDIT-015).
    ///
    /// # Errors
    /// As [`Log::append`].
    pub fn append_hourly(&mut self, fact: Fact) -> Result<(), StoreError> {
        let now = clock::now();
        // A clock that went back does not hide what happens for longer.
        if self.says(&fact, |time| time.abs_diff(now) < HOUR) { Ok(()) } else { self.append(vec![fact]) }
    }

    /// All entries, in order.
    #[must_use]
    pub fn entries(&self) -> &[AuditEntry] {
        &self.entries
    }
}

/// Whether a log without a checkpoint was cut short while it was begun (V-AUDIT-017): it holds nothing but files of its
/// first entry, and drafts.
fn cut_at_first(dir: &Path) -> io::Result<bool> {
    let first = [dir.join("tile/entries/000.p/1"), dir.join("tile/0/000.p/1")];
    let mut folders = vec![dir.join("tile")];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if !is_draft(&entry.file_name()) && !first.contains(&entry.path()) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Where a node's log lies.
#[must_use]
pub fn folder(data: &DataDir) -> PathBuf {
    data.path().join("audit")
}

#[cfg(test)]
mod tests;
