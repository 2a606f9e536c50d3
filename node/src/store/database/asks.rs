//! Urgent questions (spec 14.9): what is asked, of whom and why, sealed, from the asking to long after the answer.

use super::{Database, StoreError, database, place, sealed};
use blindlink::agreement::urgent::AskedRecord;
use blindlink::identity::PeerId;
use blindlink::ids::AgreementDigest;
use blindlink::schema::kinds::LanePair;
use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What is asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutAsk {
    /// Name of the peer here.
    pub peer: String,
    /// Name of the agreement.
    pub agreement: String,
    /// Digest of the version under which it is asked.
    pub version: AgreementDigest,
    /// Why, in words.
    pub reason: String,
    /// Number of the person who asks.
    pub by: u32,
    /// The file with the persons.
    pub file: PathBuf,
    /// What the file held, in hexadecimal digits; empty once the question has its answer.
    pub content: String,
    /// Of each person the digests of the record and of what was encoded of it.
    pub records: Vec<([u8; 32], [u8; 32])>,
    /// Random.
    pub nonce: [u8; 16],
}

impl core::fmt::Debug for AboutAsk {
    /// Nothing of whom and why.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "AboutAsk({} persons)", self.records.len())
    }
}

/// An urgent question of this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAsk {
    /// Its number, from 1.
    pub row: i64,
    /// Its digest, by which the desk knows it.
    pub ask: [u8; 32],
    /// The peer.
    pub peer: PeerId,
    /// Lanes that are compared.
    pub lanes: LanePair,
    /// When it was written.
    pub made: u64,
    /// When a round about it was debited last.
    pub begun: Option<u64>,
    /// When a round about it ended well.
    pub answered: Option<u64>,
    /// What is asked.
    pub about: AboutAsk,
}

impl KeptAsk {
    /// What V-URGENT-005 compares.
    #[must_use]
    pub fn records(&self) -> Vec<AskedRecord> {
        self.about
            .records
            .iter()
            .map(|(record, encoding)| AskedRecord { record: *record, encoding: *encoding })
            .collect()
    }
}

const COLUMNS: &str = "id, ask, peer, lanes, made, begun, answered, about";

fn seconds(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

impl Database {
    /// Keeps a new question until the time `keep_until`; gives its number.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn keep_ask(&mut self, ask: &KeptAsk, keep_until: u64) -> Result<i64, StoreError> {
        let path = self.path.clone();
        self.change(|change, key| {
            let about = sealed(key, &place("asks", &ask.ask), &ask.about)?;
            let sql = "INSERT INTO asks (ask, peer, lanes, made, keep_until, about) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let values =
                params![ask.ask, ask.peer.as_bytes(), ask.lanes.code(), seconds(ask.made), seconds(keep_until), about];
            change.execute(sql, values).map_err(|error| database(&path, error))?;
            Ok(change.last_insert_rowid())
        })
    }

    /// All questions that are kept, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::BadDatabase`].
    pub fn asks(&self) -> Result<Vec<KeptAsk>, StoreError> {
        let failed = |error| self.failed(error);
        let mut rows = self.db.prepare(&format!("SELECT {COLUMNS} FROM asks ORDER BY id")).map_err(failed)?;
        let mut rows = rows.query([]).map_err(failed)?;
        let mut asks = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            asks.push(self.kept_ask(row)?);
        }
        Ok(asks)
    }

    fn kept_ask(&self, row: &Row<'_>) -> Result<KeptAsk, StoreError> {
        let failed = |error| self.failed(error);
        let may = |at| row.get::<_, Option<i64>>(at).map(|time| time.map(i64::unsigned_abs)).map_err(failed);
        let ask: [u8; 32] = row.get(1).map_err(failed)?;
        let about: Vec<u8> = row.get(7).map_err(failed)?;
        Ok(KeptAsk {
            row: row.get(0).map_err(failed)?,
            peer: PeerId::from_bytes(row.get(2).map_err(failed)?).map_err(|_| self.damaged("a peer's key"))?,
            lanes: LanePair::from_code(row.get(3).map_err(failed)?).ok_or_else(|| self.damaged("a pair of lanes"))?,
            made: may(4)?.unwrap_or(0),
            begun: may(5)?,
            answered: may(6)?,
            about: self.opened(&place("asks", &ask), &about)?,
            ask,
        })
    }

    /// Notes that a round about a question is debited now.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn ask_begins(&mut self, row: i64, now: u64) -> Result<(), StoreError> {
        let done = self.db.execute("UPDATE asks SET begun = ?2 WHERE id = ?1", params![row, seconds(now)]);
        done.map(drop).map_err(|error| self.failed(error))
    }

    /// Notes that a question has its answer; the file with the persons is needed no more, and goes.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::BadDatabase`].
    pub fn ask_answered(&mut self, ask: &KeptAsk, now: u64) -> Result<(), StoreError> {
        let path = self.path.clone();
        self.change(|change, key| {
            let about = AboutAsk { content: String::new(), ..ask.about.clone() };
            let about = sealed(key, &place("asks", &ask.ask), &about)?;
            let sql = "UPDATE asks SET answered = ?2, about = ?3 WHERE id = ?1 AND answered IS NULL";
            let done = change.execute(sql, params![ask.row, seconds(now), about]);
            done.map(drop).map_err(|error| database(&path, error))
        })
    }
}
