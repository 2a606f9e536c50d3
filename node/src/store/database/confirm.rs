//! Runs of mutual confirmation, and the notices that were sent or came because of them.

use super::{Database, StoreError, database, place, sealed};
use blindlink::confirm::notice::digest;
use blindlink::ids::{Pseudonym, RoundId};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

/// Id of a run, and the pseudonym of an item that it confirmed.
pub type ConfirmedItem = ([u8; 32], Pseudonym);

/// What is kept of a run (V-CONFIRM-012).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRun {
    /// Its number.
    pub number: u32,
    /// Whether this side has sent its share: then the number is used up.
    pub used: bool,
    /// When it ended, in seconds since 1970.
    pub ended: u64,
    /// Its id, in hexadecimal digits; empty if it broke off before both hellos were here.
    pub run: String,
    /// Pseudonyms of the items that both sides said yes to, in hexadecimal digits.
    pub confirmed: Vec<String>,
    /// Whether the result is here.
    pub done: bool,
    /// The receipt: statement, transcript and both signatures, in hexadecimal digits; empty if it broke off.
    pub receipt: String,
    /// The peer's signed promise, if the run broke off after it (18.5).
    pub promise: String,
    /// Whether the peer had everything to open the result and this side did not get it.
    pub peer_alone: bool,
}

impl core::fmt::Debug for KeptRun {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "KeptRun({}, {} confirmed)", self.number, self.confirmed.len())
    }
}

/// A notice.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptNotice {
    /// Whether this side sent it.
    pub own: bool,
    /// Its bytes.
    pub notice: Vec<u8>,
    /// The recipient's acknowledgement, once it came.
    pub acknowledgement: Vec<u8>,
}

impl core::fmt::Debug for KeptNotice {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "KeptNotice(own: {})", self.own)
    }
}

/// A notice with its row.
type Notice = (i64, KeptNotice);

fn run_place(row: i64, number: u32, ended: u64) -> Vec<u8> {
    place("runs", &[&row.to_be_bytes()[..], &number.to_be_bytes(), &ended.to_be_bytes()].concat())
}

fn notice_place(digest: &[u8; 32]) -> Vec<u8> {
    place("notices", digest)
}

fn seconds(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

impl Database {
    /// Number of this side's next run about the round in this row.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn next_run(&self, row: i64) -> Result<u32, StoreError> {
        let sql = "SELECT max(number) FROM runs WHERE round = ?1 AND used";
        let last: Option<u32> = self.db.query_row(sql, [row], |row| row.get(0)).map_err(|error| self.failed(error))?;
        Ok(last.map_or(0, |last| last.saturating_add(1)))
    }

    /// Keeps what became of a run. A run is told twice: when its result is here, and when it is over.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Io`].
    pub fn keep_run(&mut self, row: i64, run: &KeptRun) -> Result<(), StoreError> {
        let path = self.path.clone();
        self.change(|change, key| {
            let about = sealed(key, &run_place(row, run.number, run.ended), run)?;
            let sql = "INSERT INTO runs (round, number, used, ended, about) VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT (round, number, ended) DO UPDATE SET used = excluded.used, about = excluded.about";
            let values = params![row, run.number, run.used, seconds(run.ended), about];
            change.execute(sql, values).map(drop).map_err(|error| database(&path, error))
        })
    }

    /// The runs about the round in this row, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::BadDatabase`].
    pub fn runs(&self, row: i64) -> Result<Vec<KeptRun>, StoreError> {
        let failed = |error| self.failed(error);
        let sql = "SELECT number, ended, about FROM runs WHERE round = ?1 ORDER BY ended, number";
        let mut rows = self.db.prepare(sql).map_err(failed)?;
        let rows = rows
            .query_map([row], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?)))
            .map_err(failed)?;
        rows.map(|found| {
            let (number, ended, about) = found.map_err(failed)?;
            self.opened(&run_place(row, number, ended.unsigned_abs()), &about)
        })
        .collect()
    }

    /// The runs and pseudonyms of the items that were confirmed in the round in this row.
    ///
    /// # Errors
    /// As [`Database::runs`].
    pub fn confirmed(&self, row: i64) -> Result<Vec<ConfirmedItem>, StoreError> {
        let mut all = Vec::new();
        for run in self.runs(row)? {
            let mut id = [0; 32];
            if hex::decode_to_slice(&run.run, &mut id).is_ok() {
                let item = |text: &String| Pseudonym::from_hex(text);
                all.extend(run.confirmed.iter().filter_map(item).map(|item| (id, item)));
            }
        }
        Ok(all)
    }

    /// Keeps a notice; says whether it was new.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Io`].
    pub fn keep_notice(&mut self, row: i64, notice: &KeptNotice) -> Result<bool, StoreError> {
        let (path, tag) = (self.path.clone(), digest(&notice.notice));
        self.change(|change, key| {
            let sealed = sealed(key, &notice_place(&tag), notice)?;
            let sql = "INSERT INTO notices (round, digest, notice) VALUES (?1, ?2, ?3) ON CONFLICT (digest) DO NOTHING";
            let rows = change.execute(sql, params![row, tag, sealed]).map_err(|error| database(&path, error))?;
            Ok(rows > 0)
        })
    }

    /// All notices about the round in this row, the oldest first.
    ///
    /// # Errors
    /// As [`Database::runs`].
    pub fn notices(&self, row: i64) -> Result<Vec<Notice>, StoreError> {
        let failed = |error| self.failed(error);
        let mut rows =
            self.db.prepare("SELECT id, digest, notice FROM notices WHERE round = ?1 ORDER BY id").map_err(failed)?;
        let rows = rows.query_map([row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(failed)?;
        rows.map(|found: rusqlite::Result<(i64, [u8; 32], Vec<u8>)>| {
            let (id, digest, sealed) = found.map_err(failed)?;
            Ok((id, self.opened(&notice_place(&digest), &sealed)?))
        })
        .collect()
    }

    /// Keeps the acknowledgement of an own notice.
    ///
    /// # Errors
    /// As [`Database::keep_notice`].
    pub fn keep_acknowledgement(&mut self, id: i64, notice: &KeptNotice) -> Result<(), StoreError> {
        let (path, tag) = (self.path.clone(), digest(&notice.notice));
        self.change(|change, key| {
            let sealed = sealed(key, &notice_place(&tag), notice)?;
            let done = change.execute("UPDATE notices SET notice = ?2 WHERE id = ?1", params![id, sealed]);
            done.map(drop).map_err(|error| database(&path, error))
        })
    }

    /// Deletes a notice: what it says was taken back.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn forget_notice(&mut self, id: i64) -> Result<(), StoreError> {
        let done = self.db.execute("DELETE FROM notices WHERE id = ?1", [id]);
        done.map(drop).map_err(|error| self.failed(error))
    }

    /// The row of the round with this id that ended well.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn row_of(&self, round: &RoundId) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT id FROM rounds WHERE round = ?1 AND failure IS NULL";
        self.db.query_row(sql, [round.as_bytes()], |row| row.get(0)).optional().map_err(|error| self.failed(error))
    }
}
