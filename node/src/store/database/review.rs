//! The log of review: each step sealed, under its number. What it means is judged by `blindlink_review` whenever it is read.

use super::accounts::{self, KeptAccount};
use super::{Database, StoreError, database, place, sealed};
use crate::store::journal::ValueKey;
use blindlink_review::{Entry, Log};
use rusqlite::{Connection, params};
use std::path::Path;

fn entry_place(number: usize) -> Vec<u8> {
    place("review", &u64::try_from(number).unwrap_or(u64::MAX).to_be_bytes())
}

fn index(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn bad(path: &Path, what: &'static str) -> StoreError {
    StoreError::BadDatabase { path: path.to_owned(), what }
}

/// The entries from number `from` on, at most `most`.
fn entries(db: &Connection, key: &ValueKey, path: &Path, from: usize, most: usize) -> Result<Vec<Entry>, StoreError> {
    let failed = |error| database(path, error);
    let sql = "SELECT number, entry FROM review WHERE number >= ?1 ORDER BY number LIMIT ?2";
    let mut rows = db.prepare(sql).map_err(failed)?;
    let mut rows = rows.query(params![index(from), index(most)]).map_err(failed)?;
    let (mut entries, mut next) = (Vec::new(), from);
    while let Some(row) = rows.next().map_err(failed)? {
        let (number, sealed): (i64, Vec<u8>) = (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
        if number != index(next) {
            return Err(bad(path, "an entry of the log of review is missing"));
        }
        let plain = key.open(&entry_place(next), &sealed).ok_or_else(|| bad(path, "a value does not open"))?;
        entries.push(serde_json::from_slice(&plain).map_err(|_| bad(path, "a value cannot be read"))?);
        next += 1;
    }
    Ok(entries)
}

/// Takes what was added to the log since it was read, judging each step again (V-REVIEW-005).
fn read_on(db: &Connection, key: &ValueKey, path: &Path, log: &mut Log) -> Result<(), StoreError> {
    for Entry { event, hash } in entries(db, key, path, log.len(), usize::MAX)? {
        let holds = log.append(event).is_ok_and(|entry| entry.hash == hash);
        if !holds {
            return Err(bad(path, "the log of review does not hold"));
        }
    }
    Ok(())
}

impl Database {
    /// Brings a log that was read before up to date; an empty one is read from the beginning.
    ///
    /// # Errors
    /// [`StoreError::Database`]; [`StoreError::BadDatabase`] if an entry was changed, left out or put in, or is a step that
    /// was not allowed. The log is then empty.
    pub fn read_review(&self, log: &mut Log) -> Result<(), StoreError> {
        let read = read_on(&self.db, &self.key, &self.path, log);
        if read.is_err() {
            *log = Log::default();
        }
        read
    }

    /// Brings the log up to date and lets `step` append to it: durable when this returns, and nothing another command does
    /// comes between. If it fails the log is empty, and is read again when it is next needed.
    ///
    /// # Errors
    /// As [`Database::read_review`].
    pub fn review<T>(
        &mut self,
        log: &mut Log,
        step: impl FnOnce(&mut Log) -> (T, Vec<Entry>),
    ) -> Result<T, StoreError> {
        self.review_with(log, None, step)
    }

    /// As [`Database::review`], and keeps an account with the entries, if there are any: both or neither.
    ///
    /// # Errors
    /// As [`Database::read_review`].
    pub fn review_with<T>(
        &mut self,
        log: &mut Log,
        account: Option<&KeptAccount>,
        step: impl FnOnce(&mut Log) -> (T, Vec<Entry>),
    ) -> Result<T, StoreError> {
        let path = self.path.clone();
        let done = self.change(|change, key| {
            read_on(change, key, &path, log)?;
            let first = log.len();
            let (done, entries) = step(log);
            let sql = "INSERT INTO review (number, entry) VALUES (?1, ?2)";
            let mut row = change.prepare(sql).map_err(|error| database(&path, error))?;
            for (number, entry) in (first..).zip(&entries) {
                let sealed = sealed(key, &entry_place(number), entry)?;
                row.execute(params![index(number), sealed]).map_err(|error| database(&path, error))?;
            }
            if let Some(account) = account.filter(|_| !entries.is_empty()) {
                accounts::insert(change, key, account)?;
            }
            Ok(done)
        });
        if done.is_err() {
            *log = Log::default();
        }
        done
    }

    /// The entries of the log of review as they were kept: `skip` of them left out, at most `most`.
    ///
    /// # Errors
    /// As [`Database::read_review`], but for steps, which are not judged here.
    pub fn review_entries(&self, skip: usize, most: usize) -> Result<Vec<Entry>, StoreError> {
        entries(&self.db, &self.key, &self.path, skip, most)
    }
}
