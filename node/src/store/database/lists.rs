//! The versions of the own lists that took part in rounds.

use super::{Database, StoreError, place, sealed};
use crate::store::journal::ValueKey;
use rusqlite::{Transaction, params};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What the tags of lists are for.
const OF_LIST: u8 = 2;

/// A version of a list, as it took part in a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptList {
    /// Its file.
    pub file: PathBuf,
    /// Records that were used.
    pub records: usize,
    /// Rows that were left out.
    pub rejected_rows: usize,
    /// Values that were left out of records that were used.
    pub values_left_out: usize,
    /// Digests of the records, in any order: what tells this version from another. Not kept.
    #[serde(skip)]
    pub digests: Vec<[u8; 32]>,
}

impl KeptList {
    fn tag(&self, key: &ValueKey) -> [u8; 16] {
        let mut digests = self.digests.clone();
        digests.sort_unstable();
        key.tag(OF_LIST, digests.as_flattened())
    }
}

/// Notes that a version of a list took part in a round at this time; its row.
pub(super) fn note(change: &Transaction<'_>, key: &ValueKey, list: &KeptList, time: i64) -> Result<i64, StoreError> {
    let tag = list.tag(key);
    let about = sealed(key, &place("lists", &tag), list)?;
    let sql = "INSERT INTO lists (tag, first_used, last_used, about) VALUES (?1, ?2, ?2, ?3)
        ON CONFLICT (tag) DO UPDATE SET last_used = max(last_used, excluded.last_used), about = excluded.about
        RETURNING id";
    change
        .query_row(sql, params![tag, time, about], |row| row.get(0))
        .map_err(|error| super::database(change.path().unwrap_or_default().as_ref(), error))
}

impl Database {
    /// The version of a list in this row.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::BadDatabase`].
    pub fn list(&self, id: i64) -> Result<KeptList, StoreError> {
        let sql = "SELECT tag, about FROM lists WHERE id = ?1";
        let (tag, about) = self
            .db
            .query_row(sql, [id], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, Vec<u8>>(1)?)))
            .map_err(|error| self.failed(error))?;
        self.opened(&place("lists", &tag), &about)
    }
}
