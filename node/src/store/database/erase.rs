//! Deletes what is kept of one own record (V-ERASE-002).

use super::pairs::{KeptPair, record_tag};
use super::{Database, KeptRecord, KeptRound, RoundFilter, StoreError, database};
use rusqlite::params;
use std::collections::BTreeSet;

/// A round that had a record in its result.
#[derive(Clone, Debug)]
pub struct ErasedPairs {
    /// The round.
    pub round: KeptRound,
    /// Its pairs before.
    pub before: Vec<KeptPair>,
    /// Its pairs without the record.
    pub after: Vec<KeptPair>,
}

/// Bytes of an identifier that can stand within another: an identifier ends where one of these does not follow.
fn is_of_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'_' | b'-' | b'.' | b'/')
}

/// Whether a file names an identifier, by itself and not as a part of a longer one.
fn names(content: &[u8], own_id: &str) -> bool {
    let id = own_id.as_bytes();
    if id.is_empty() {
        return false;
    }
    let outside = |byte: Option<&u8>| byte.is_none_or(|byte| !is_of_identifier(*byte));
    let alone = |at: usize| {
        outside(at.checked_sub(1).and_then(|before| content.get(before))) && outside(content.get(at + id.len()))
    };
    content.windows(id.len()).enumerate().any(|(at, found)| found == id && alone(at))
}

impl Database {
    /// The rounds that have a record in their result, or keep it for review; the latest first.
    ///
    /// # Errors
    /// As [`Database::pairs`].
    pub fn rounds_of_record(&self, own_id: &str) -> Result<Vec<ErasedPairs>, StoreError> {
        let mut found = Vec::new();
        for round in self.rounds(&RoundFilter::default())? {
            let before = self.pairs(round.row, 0, usize::MAX)?;
            let after: Vec<KeptPair> = before.iter().filter(|pair| pair.own_id != own_id).cloned().collect();
            if after.len() < before.len() || !self.positions(round.row, own_id)?.is_empty() {
                found.push(ErasedPairs { round, before, after });
            }
        }
        Ok(found)
    }

    /// Rows of urgent questions about a record.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::BadDatabase`].
    pub fn asks_about(&self, own_id: &str) -> Result<Vec<i64>, StoreError> {
        let about = |content: &str| hex::decode(content).is_ok_and(|content| names(&content, own_id));
        Ok(self.asks()?.into_iter().filter(|ask| about(&ask.about.content)).map(|ask| ask.row).collect())
    }

    /// Positions at which a round keeps a record for review.
    fn positions(&self, round: i64, own_id: &str) -> Result<Vec<u32>, StoreError> {
        let records: Vec<KeptRecord> = self.case_records(round)?;
        Ok(records.into_iter().filter(|record| record.own_id == own_id).map(|record| record.own).collect())
    }

    /// Deletes the pairs of a record, what is kept of it for review, and the urgent questions about it: all or nothing.
    /// What was deleted is written over.
    ///
    /// # Errors
    /// As [`Database::pairs`]; then nothing was deleted.
    pub fn erase_record(&mut self, own_id: &str) -> Result<(), StoreError> {
        let mut records = BTreeSet::new();
        for found in self.rounds_of_record(own_id)? {
            let row = found.round.row;
            records.extend(self.positions(row, own_id)?.into_iter().map(|own| (row, own)));
        }
        let asks = self.asks_about(own_id)?;
        let path = self.path.clone();
        let failed = |error| database(&path, error);
        self.change(|change, key| {
            let tag = record_tag(key, own_id);
            change.execute("DELETE FROM pairs WHERE record = ?1", [tag]).map_err(failed)?;
            for (round, own) in &records {
                let sql = "DELETE FROM case_records WHERE round = ?1 AND own = ?2";
                change.execute(sql, params![round, own]).map_err(failed)?;
            }
            for ask in &asks {
                change.execute("DELETE FROM asks WHERE id = ?1", [ask]).map_err(failed)?;
            }
            Ok(())
        })?;
        // The log of changes still holds what was deleted.
        self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(|error| self.failed(error))
    }
}

#[cfg(test)]
mod tests;
