//! What the node remembers of its rounds: `node.db`, an SQLite database in the data folder.
//!
//! It holds what rounds gave, which lists took part, and which jobs ran. It holds no token, no filter, and of a peer's
//! records nothing but the pseudonyms of results. What says more than who, when and how many is sealed under the storage
//! key, each value bound to its place.
//!
//! The database is opened for each use, as the audit log is: two commands of one node never stand in each other's way for
//! long. A change is durable when its function returns.

mod accounts;
mod asks;
mod cases;
mod confirm;
mod erase;
mod jobs;
mod lists;
mod migrations;
mod novelty;
mod pairs;
mod review;
mod rounds;
#[cfg(test)]
mod tests;

pub use accounts::KeptAccount;
pub use asks::{AboutAsk, KeptAsk};
pub use cases::{KeptCases, KeptRecord, NewCases};
pub use confirm::{ConfirmedItem, KeptNotice, KeptRun};
pub use erase::ErasedPairs;
pub use jobs::{KeptJob, LastContact};
pub use lists::KeptList;
pub use novelty::{News, Novelty};
pub use pairs::KeptPair;
pub use rounds::{AboutRound, KeptRound, RoundFilter};

use super::data_dir::DataDir;
use super::error::StoreError;
use super::journal::{StorageKey, ValueKey};
use crate::sys::files::{create_private, create_private_folder};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// How long to wait for another command of this node that writes.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long to wait before the file is opened again.
const PAUSE: Duration = Duration::from_millis(20);

/// Settings of every connection. A commit is on the disk when it returns; what is deleted is written over.
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
     PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;";

/// The node's database, open.
#[derive(Debug)]
pub struct Database {
    db: Connection,
    key: ValueKey,
    path: PathBuf,
}

/// Where it lies.
#[must_use]
pub fn path(data: &DataDir) -> PathBuf {
    data.path().join("node.db")
}

impl Database {
    /// Opens the database; makes it if there is none, and brings an older one up to this release.
    ///
    /// # Errors
    /// [`StoreError::Database`]; [`StoreError::BadDatabase`] if a later release wrote it, if it is damaged, or if its values
    /// are sealed under another storage key; [`StoreError::Io`].
    pub fn open(data: &DataDir, storage: &StorageKey) -> Result<Self, StoreError> {
        let path = path(data);
        create_private_folder(data.path())
            .map_err(StoreError::io(format!("cannot create {}", data.path().display())))?;
        // Whoever makes the file says who may read it; SQLite gives its companions the same mode.
        match create_private(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(StoreError::io(format!("cannot create {}", path.display()))(error));
            }
            _ => {}
        }
        // While another command of this node opens or closes the file, SQLite may say "busy" at once, without the patience
        // that it was given (https://www.sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode).
        let begun = Instant::now();
        loop {
            match Self::open_once(&path, storage) {
                Err(error) if is_busy(&error) && begun.elapsed() < PATIENCE => thread::sleep(PAUSE),
                done => return done,
            }
        }
    }

    fn open_once(path: &Path, storage: &StorageKey) -> Result<Self, StoreError> {
        let failed = |error| database(path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut db = Connection::open_with_flags(path, flags).map_err(failed)?;
        db.busy_timeout(PATIENCE).map_err(failed)?;
        db.execute_batch(SETTINGS).map_err(failed)?;
        migrations::migrate(&mut db, path)?;
        let key = open_key(&mut db, storage, path)?;
        Ok(Self { db, key, path: path.to_owned() })
    }

    /// Whether SQLite finds the file whole; what it says if not.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn check(&self) -> Result<Result<(), String>, StoreError> {
        let said: String =
            self.db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(|error| self.failed(error))?;
        Ok(if said == "ok" { Ok(()) } else { Err(said) })
    }

    /// Writes a copy of the database, as it is now, to a file that must not exist.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        let name = path.to_str().ok_or(StoreError::Internal("the copy's name is no text"))?;
        self.db.execute("VACUUM INTO ?1", [name]).map(drop).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: rusqlite::Error) -> StoreError {
        database(&self.path, error)
    }

    fn damaged(&self, what: &'static str) -> StoreError {
        StoreError::BadDatabase { path: self.path.clone(), what }
    }

    /// Changes that are made together or not at all.
    fn change<T>(
        &mut self,
        change: impl FnOnce(&Transaction<'_>, &ValueKey) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let path = self.path.clone();
        let failed = |error| database(&path, error);
        let change_set = self.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let done = change(&change_set, &self.key)?;
        change_set.commit().map_err(failed)?;
        Ok(done)
    }

    /// Opens a sealed value.
    fn opened<T: DeserializeOwned>(&self, place: &[u8], sealed: &[u8]) -> Result<T, StoreError> {
        let value = self.key.open(place, sealed).ok_or_else(|| self.damaged("a value does not open"))?;
        serde_json::from_slice(&value).map_err(|_| self.damaged("a value cannot be read"))
    }
}

/// Seals a value for its place.
fn sealed<T: Serialize>(key: &ValueKey, place: &[u8], value: &T) -> Result<Vec<u8>, StoreError> {
    let plain = Zeroizing::new(serde_json::to_vec(value).map_err(|_| StoreError::Internal("a value of the database"))?);
    key.seal(place, &plain).map_err(StoreError::io("cannot seal a value"))
}

/// Where a value stands: its table and what names its row.
fn place(table: &str, row: &[u8]) -> Vec<u8> {
    [table.as_bytes(), b"\0", row].concat()
}

/// Whether another command holds the file now.
fn is_busy(error: &StoreError) -> bool {
    let code = match error {
        StoreError::Database { error, .. } => error.sqlite_error_code(),
        _ => None,
    };
    matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn database(path: &Path, error: rusqlite::Error) -> StoreError {
    StoreError::Database { path: path.to_owned(), error }
}

/// The key of the values; made with the database.
fn open_key(db: &mut Connection, storage: &StorageKey, path: &Path) -> Result<ValueKey, StoreError> {
    let failed = |error| database(path, error);
    let begun = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let sealed: Option<Vec<u8>> = begun
        .query_row("SELECT value FROM meta WHERE name = 'key'", [], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    let what = "its values are sealed under another storage key";
    if let Some(sealed) = sealed {
        return storage.value_key(&sealed).ok_or_else(|| StoreError::BadDatabase { path: path.to_owned(), what });
    }
    let (key, sealed) = storage.fresh_value_key().map_err(StoreError::io("cannot make the database's key"))?;
    begun.execute("INSERT INTO meta (name, value) VALUES ('key', ?1)", [sealed]).map_err(failed)?;
    begun.commit().map_err(failed)?;
    Ok(key)
}
