//! The pairs of results. A pair is sealed; its record has a tag, the same in every round, under which it is found again.

use super::{Database, StoreError, place};
use crate::store::journal::ValueKey;
use blindlink::codec::{DecodeError, Reader, Writer};
use blindlink::ids::Pseudonym;
use blindlink::session::Grade;
use rusqlite::{Transaction, params};
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

/// What the tags of records are for.
const OF_RECORD: u8 = 1;
/// Longest identifier and longest list of tables, in bytes.
const LONGEST: usize = u16::MAX as usize;

/// A pair of a result: of the requester with its grade and tables, of the responder a claim.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptPair {
    /// Identifier of the own record.
    pub own_id: String,
    /// Pseudonym of the peer's record in this round.
    pub pseudonym: Pseudonym,
    /// Grade; none of a claim.
    pub grade: Option<Grade>,
    /// Names of the tables through which they met.
    pub tables: Vec<String>,
}

impl fmt::Debug for KeptPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeptPair(..)")
    }
}

impl KeptPair {
    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let tables = self.tables.join("|");
        let mut w = Writer::with_capacity(32 + self.own_id.len() + tables.len());
        w.bytes(self.pseudonym.as_bytes()).str16(self.grade.map_or("", Grade::name));
        w.str16(&self.own_id).str16(&tables);
        Zeroizing::new(w.finish())
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Reader::all(bytes, |r| {
            let pseudonym = Pseudonym::from_bytes(r.array()?);
            let grade = match r.str16(LONGEST, "grade")? {
                "" => None,
                name => Some(Grade::from_name(name).ok_or(DecodeError::BadField("grade"))?),
            };
            let own_id = r.str16(LONGEST, "own_id")?.to_owned();
            let tables = r.str16(LONGEST, "tables")?;
            let tables = tables.split('|').filter(|name| !name.is_empty()).map(str::to_owned).collect();
            Ok(Self { own_id, pseudonym, grade, tables })
        })
    }
}

/// The tag of an own record.
pub(super) fn record_tag(key: &ValueKey, own_id: &str) -> [u8; 16] {
    key.tag(OF_RECORD, own_id.as_bytes())
}

fn pair_place(round: i64, number: i64) -> Vec<u8> {
    place("pairs", &[round.to_be_bytes(), number.to_be_bytes()].concat())
}

/// Writes the pairs of a round.
pub(super) fn insert(
    change: &Transaction<'_>,
    key: &ValueKey,
    round: i64,
    pairs: &[KeptPair],
) -> Result<(), InsertError> {
    let mut row = change.prepare("INSERT INTO pairs (round, number, record, pair) VALUES (?1, ?2, ?3, ?4)")?;
    for (number, pair) in (1_i64..).zip(pairs) {
        let sealed = key.seal(&pair_place(round, number), &pair.encode()).map_err(InsertError::Seal)?;
        row.execute(params![round, number, record_tag(key, &pair.own_id), sealed])?;
    }
    Ok(())
}

/// Why pairs could not be written.
pub(super) enum InsertError {
    Database(rusqlite::Error),
    Seal(std::io::Error),
}

impl From<rusqlite::Error> for InsertError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl Database {
    /// The pairs of the round in this row, from number `after` + 1 on, at most `most`; in the order of the result.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::BadDatabase`].
    pub fn pairs(&self, round: i64, after: i64, most: usize) -> Result<Vec<KeptPair>, StoreError> {
        let failed = |error| self.failed(error);
        let sql = "SELECT number, pair FROM pairs WHERE round = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
        let mut rows = self.db.prepare(sql).map_err(failed)?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = rows
            .query_map(params![round, after, most], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
            .map_err(failed)?;
        let mut pairs = Vec::new();
        for row in rows {
            let (number, sealed) = row.map_err(failed)?;
            let plain = self.key.open(&pair_place(round, number), &sealed);
            let plain = plain.ok_or_else(|| self.damaged("a pair does not open"))?;
            pairs.push(KeptPair::decode(&plain).map_err(|_| self.damaged("a pair cannot be read"))?);
        }
        Ok(pairs)
    }

    /// The pairs of a round by the tags of their records.
    pub(super) fn pairs_by_record(&self, round: i64) -> Result<BTreeMap<[u8; 16], Vec<KeptPair>>, StoreError> {
        let mut by_record: BTreeMap<[u8; 16], Vec<KeptPair>> = BTreeMap::new();
        for pair in self.pairs(round, 0, usize::MAX)? {
            by_record.entry(record_tag(&self.key, &pair.own_id)).or_default().push(pair);
        }
        Ok(by_record)
    }
}
