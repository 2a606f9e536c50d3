//! What the node was to do at set times and what became of it, and when it last reached its peers.

use super::{Database, StoreError};
use blindlink::identity::PeerId;
use rusqlite::{OptionalExtension, Row, params};

/// Something that a link was to do at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptJob {
    /// Its row.
    pub row: i64,
    /// Name of the link.
    pub link: String,
    /// What: `round`.
    pub kind: String,
    /// When it was due, in seconds since 1970.
    pub due: u64,
    /// When it began.
    pub begun: u64,
    /// When it ended, if it did.
    pub ended: Option<u64>,
    /// The number of its failure, if it did not end well.
    pub failure: Option<u8>,
}

/// When a peer was last called, and when it last answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastContact {
    /// When this node last tried, or was called.
    pub tried: u64,
    /// When that last went well.
    pub reached: Option<u64>,
    /// The number of the failure, if the last try failed.
    pub failure: Option<u8>,
    /// By how many seconds the peer's clock was ahead, when that was last asked.
    pub clock_ahead: Option<i64>,
}

fn seconds(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

fn job(row: &Row<'_>) -> rusqlite::Result<KeptJob> {
    Ok(KeptJob {
        row: row.get(0)?,
        link: row.get(1)?,
        kind: row.get(2)?,
        due: row.get::<_, i64>(3)?.unsigned_abs(),
        begun: row.get::<_, i64>(4)?.unsigned_abs(),
        ended: row.get::<_, Option<i64>>(5)?.map(i64::unsigned_abs),
        failure: row.get(6)?,
    })
}

impl Database {
    /// Notes that a job begins; its row.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn job_begins(&mut self, link: &str, kind: &str, due: u64, now: u64) -> Result<i64, StoreError> {
        let sql = "INSERT INTO jobs (link, kind, due, begun) VALUES (?1, ?2, ?3, ?4)";
        let done = self.db.execute(sql, params![link, kind, seconds(due), seconds(now)]);
        done.map_err(|error| self.failed(error))?;
        Ok(self.db.last_insert_rowid())
    }

    /// Notes how a job ended.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn job_ends(&mut self, row: i64, now: u64, failure: Option<u8>) -> Result<(), StoreError> {
        let sql = "UPDATE jobs SET ended = ?2, failure = ?3 WHERE id = ?1";
        self.db.execute(sql, params![row, seconds(now), failure]).map(drop).map_err(|error| self.failed(error))
    }

    /// The last job of a link, by the time at which it was due.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn last_job(&self, link: &str) -> Result<Option<KeptJob>, StoreError> {
        let sql = "SELECT id, link, kind, due, begun, ended, failure FROM jobs WHERE link = ?1
            ORDER BY due DESC, id DESC LIMIT 1";
        self.db.query_row(sql, [link], job).optional().map_err(|error| self.failed(error))
    }

    /// The last jobs, the latest first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn jobs(&self, most: u32) -> Result<Vec<KeptJob>, StoreError> {
        let failed = |error| self.failed(error);
        let sql = "SELECT id, link, kind, due, begun, ended, failure FROM jobs ORDER BY id DESC LIMIT ?1";
        let mut rows = self.db.prepare(sql).map_err(failed)?;
        rows.query_map([most], job).and_then(Iterator::collect).map_err(failed)
    }

    /// Notes that a peer was called or called; `failure` is the number of what went wrong.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn contact(&mut self, peer: &PeerId, now: u64, failure: Option<u8>) -> Result<(), StoreError> {
        let sql = "INSERT INTO contacts (peer, tried, reached, failure) VALUES (?1, ?2, iif(?3 IS NULL, ?2, NULL), ?3)
            ON CONFLICT (peer) DO UPDATE SET tried = ?2, failure = ?3, reached = iif(?3 IS NULL, ?2, reached)";
        let values = params![peer.as_bytes(), seconds(now), failure];
        self.db.execute(sql, values).map(drop).map_err(|error| self.failed(error))
    }

    /// Notes how far a peer's clock is ahead, once it was asked.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn clock_ahead(&mut self, peer: &PeerId, seconds: i64) -> Result<(), StoreError> {
        let sql = "UPDATE contacts SET clock_ahead = ?2 WHERE peer = ?1";
        self.db.execute(sql, params![peer.as_bytes(), seconds]).map(drop).map_err(|error| self.failed(error))
    }

    /// When a peer was last called.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn last_contact(&self, peer: &PeerId) -> Result<Option<LastContact>, StoreError> {
        let sql = "SELECT tried, reached, failure, clock_ahead FROM contacts WHERE peer = ?1";
        let read = |row: &Row<'_>| {
            Ok(LastContact {
                tried: row.get::<_, i64>(0)?.unsigned_abs(),
                reached: row.get::<_, Option<i64>>(1)?.map(i64::unsigned_abs),
                failure: row.get(2)?,
                clock_ahead: row.get(3)?,
            })
        };
        self.db.query_row(sql, [peer.as_bytes()], read).optional().map_err(|error| self.failed(error))
    }
}
