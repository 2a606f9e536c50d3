//! What people need to review the pairs of a round: the own records of the pairs as they took part, sealed, and what the
//! round was about. It goes when the pairs go.

use super::pairs::{KeptPair, record_tag};
use super::{Database, StoreError, database, place, sealed};
use crate::store::journal::ValueKey;
use blindlink::ids::{AgreementDigest, RoundId};
use rusqlite::{OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An own record that is in a pair, as it took part.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRecord {
    /// Position in the round's list.
    pub own: u32,
    /// Its identifier.
    pub own_id: String,
    /// Code of its lane.
    pub lane: u8,
    /// Whether the person may be a child.
    pub child: bool,
    /// Its fields, as the list has them; none if the list had changed when the round ended.
    pub fields: Vec<(String, String)>,
    /// Codes of subjects with commas between them, and the points that each group adds if both records have the same there.
    pub points: Vec<(String, i64)>,
}

impl core::fmt::Debug for KeptRecord {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "KeptRecord({})", self.own)
    }
}

/// What is kept for review besides the pairs.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptCases {
    /// Canonical bytes of the round's policy, in hexadecimal digits.
    pub policy: String,
    /// Tables of the round's policy, in their order: names, and keys in words.
    pub tables: Vec<(String, String)>,
    /// Number of entries of the round's claims message; none if it was no mutual round.
    pub slots: Option<u32>,
    /// The pseudonyms that were claimed, sorted, in hexadecimal digits; none if it was no mutual round.
    pub items: Option<Vec<String>>,
    /// The own records.
    #[serde(skip)]
    pub records: Vec<KeptRecord>,
}

impl core::fmt::Debug for KeptCases {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "KeptCases({} records)", self.records.len())
    }
}

/// A round whose pairs are to come before people.
#[derive(Clone)]
pub struct NewCases {
    /// The round's row.
    pub row: i64,
    /// Its id.
    pub round: RoundId,
    /// Digest of its agreement.
    pub agreement: AgreementDigest,
    /// Pairs with own record: position, lane, whether of a child; the pair, and the tables as bits.
    pub pairs: Vec<(KeptPair, u32, u8, bool, u32)>,
}

impl core::fmt::Debug for NewCases {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "NewCases({} pairs)", self.pairs.len())
    }
}

fn record_place(round: i64, own: u32) -> Vec<u8> {
    place("case_records", &[&round.to_be_bytes()[..], &own.to_be_bytes()].concat())
}

fn round_place(round: i64) -> Vec<u8> {
    place("case_rounds", &round.to_be_bytes())
}

/// Writes what is kept of a round for review.
pub(super) fn insert(
    change: &Transaction<'_>,
    key: &ValueKey,
    round: i64,
    cases: &KeptCases,
) -> Result<(), StoreError> {
    let path = change.path().unwrap_or_default().to_owned();
    let failed = |error| database(path.as_ref(), error);
    let about = sealed(key, &round_place(round), cases)?;
    change.execute("INSERT INTO case_rounds (round, about) VALUES (?1, ?2)", params![round, about]).map_err(failed)?;
    let sql = "INSERT INTO case_records (round, own, record) VALUES (?1, ?2, ?3)";
    let mut row = change.prepare(sql).map_err(failed)?;
    for record in &cases.records {
        let sealed = sealed(key, &record_place(round, record.own), record)?;
        row.execute(params![round, record.own, sealed]).map_err(failed)?;
    }
    Ok(())
}

impl Database {
    /// The rounds under an agreement whose pairs have not come before people yet.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::BadDatabase`].
    pub fn new_cases(&self) -> Result<Vec<NewCases>, StoreError> {
        let failed = |error| self.failed(error);
        let sql = "SELECT rounds.id, rounds.round, rounds.agreement FROM case_rounds JOIN rounds ON rounds.id = case_rounds.round
            WHERE received IS NULL AND rounds.round IS NOT NULL AND rounds.agreement IS NOT NULL ORDER BY rounds.id";
        let mut rows = self.db.prepare(sql).map_err(failed)?;
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(failed)?;
        let found: Vec<(i64, [u8; 32], [u8; 32])> = rows.collect::<Result<_, _>>().map_err(failed)?;
        let read = |(row, round, agreement)| {
            self.cases_of(row, RoundId::from_bytes(round), AgreementDigest::from_bytes(agreement))
        };
        found.into_iter().map(read).collect()
    }

    fn cases_of(&self, row: i64, round: RoundId, agreement: AgreementDigest) -> Result<NewCases, StoreError> {
        let about = self.about_cases(row)?.unwrap_or_default();
        let records = self.case_records(row)?.into_iter();
        let records: BTreeMap<_, _> = records
            .map(|record| (record_tag(&self.key, &record.own_id), (record.own, record.lane, record.child)))
            .collect();
        let bit = |name: &String| {
            let at = about.tables.iter().position(|(known, _)| known == name)?;
            1_u32.checked_shl(u32::try_from(at).ok()?)
        };
        let mut pairs = Vec::new();
        for pair in self.pairs(row, 0, usize::MAX)? {
            if let Some((own, lane, child)) = records.get(&record_tag(&self.key, &pair.own_id)) {
                let tables = pair.tables.iter().filter_map(bit).fold(0, |bits, bit| bits | bit);
                pairs.push((pair, *own, *lane, *child, tables));
            }
        }
        Ok(NewCases { row, round, agreement, pairs })
    }

    /// The own records that the round in this row keeps for review.
    pub(super) fn case_records(&self, row: i64) -> Result<Vec<KeptRecord>, StoreError> {
        let failed = |error| self.failed(error);
        let mut rows = self.db.prepare("SELECT own, record FROM case_records WHERE round = ?1").map_err(failed)?;
        let rows =
            rows.query_map([row], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?))).map_err(failed)?;
        let opened = |found: rusqlite::Result<(u32, Vec<u8>)>| {
            let (own, sealed) = found.map_err(failed)?;
            self.opened(&record_place(row, own), &sealed)
        };
        rows.map(opened).collect()
    }

    /// Notes that the pairs of a round have come before people.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn cases_received(&mut self, row: i64, now: u64) -> Result<(), StoreError> {
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        let done = self.db.execute("UPDATE case_rounds SET received = ?2 WHERE round = ?1", params![row, now]);
        done.map(drop).map_err(|error| self.failed(error))
    }

    /// What is kept of the round in this row for review, without the own records.
    ///
    /// # Errors
    /// As [`Database::new_cases`].
    pub fn about_cases(&self, row: i64) -> Result<Option<KeptCases>, StoreError> {
        let found = self.db.query_row("SELECT about FROM case_rounds WHERE round = ?1", [row], |row| row.get(0));
        let found: Option<Vec<u8>> = found.optional().map_err(|error| self.failed(error))?;
        found.map(|about| self.opened(&round_place(row), &about)).transpose()
    }

    /// The own record of a pair, and what is kept of its round; none once they were deleted.
    ///
    /// # Errors
    /// As [`Database::new_cases`].
    pub fn case_record(&self, round: &RoundId, own: u32) -> Result<Option<(KeptRecord, KeptCases)>, StoreError> {
        let failed = |error| self.failed(error);
        let sql = "SELECT rounds.id, record FROM case_records JOIN rounds ON rounds.id = case_records.round
            WHERE rounds.round = ?1 AND own = ?2";
        let found = self.db.query_row(sql, params![round.as_bytes(), own], |row| Ok((row.get(0)?, row.get(1)?)));
        let found: Option<(i64, Vec<u8>)> = found.optional().map_err(failed)?;
        let Some((row, sealed)) = found else { return Ok(None) };
        let record = self.opened(&record_place(row, own), &sealed)?;
        Ok(self.about_cases(row)?.map(|about| (record, about)))
    }
}
