//! The rounds that are over, well or not.

use super::{Database, KeptCases, KeptList, KeptPair, StoreError, cases, database, lists, pairs, place, sealed};
use blindlink::identity::PeerId;
use blindlink::ids::{AgreementDigest, PolicyDigest, RoundId};
use blindlink::schema::kinds::LanePair;
use blindlink::session::Role;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A round that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRound {
    /// Its row; 0 before it is kept.
    pub row: i64,
    /// Name of its journal when it began: no two rounds share it.
    pub journal: String,
    /// Its id, if it came so far.
    pub round: Option<RoundId>,
    /// The peer.
    pub peer: PeerId,
    /// Role of this side.
    pub role: Role,
    /// The lists that were compared.
    pub lanes: LanePair,
    /// When it began, in seconds since 1970.
    pub begun: u64,
    /// When it ended here.
    pub ended: u64,
    /// Digest of its agreement; none in training.
    pub agreement: Option<AgreementDigest>,
    /// Digest of its policy.
    pub policy: PolicyDigest,
    /// Row of the list's version.
    pub list: Option<i64>,
    /// The number of its failure, if it did not end well.
    pub failure: Option<u8>,
    /// When its pairs are to be deleted.
    pub keep_until: Option<u64>,
    /// When they were.
    pub erased: Option<u64>,
    /// What is sealed of it.
    pub about: AboutRound,
}

/// What is told of a round besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AboutRound {
    /// Name of the peer then.
    pub peer: String,
    /// Own records that took part.
    pub records: usize,
    /// Pairs of the result, or claims.
    pub pairs: usize,
    /// Pairs of grade *strong* among them.
    pub strong: usize,
    /// Whether the pairs were to be saved.
    pub saved: bool,
    /// Where the result was written.
    pub out: Option<PathBuf>,
    /// Hash of the transcript, hexadecimal.
    pub transcript: String,
    /// Bytes sent and received.
    pub bytes: (u64, u64),
    /// Thousandths of a second that it took.
    pub milliseconds: u64,
}

/// Which rounds are asked for.
#[derive(Clone, Debug, Default)]
pub struct RoundFilter {
    /// With this peer only.
    pub peer: Option<PeerId>,
    /// Those that ended well only.
    pub finished: bool,
    /// At most so many, the latest.
    pub most: Option<u32>,
}

const COLUMNS: &str = "id, journal, round, peer, role, lanes, begun, ended, agreement, policy, list, failure, \
     keep_until, erased, about";

fn seconds(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

impl Database {
    /// Keeps a round that is over, with its pairs and the version of its list. A round that is kept stays as it is: to tell
    /// it again, as a node does that was stopped in the middle, changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`]; then nothing was kept.
    pub fn keep(&mut self, round: &KeptRound, list: &KeptList, result: &[KeptPair]) -> Result<(), StoreError> {
        self.keep_with_cases(round, list, result, None)
    }

    /// As [`Database::keep`], with what people need to review the pairs.
    ///
    /// # Errors
    /// As [`Database::keep`].
    pub fn keep_with_cases(
        &mut self,
        round: &KeptRound,
        list: &KeptList,
        result: &[KeptPair],
        review: Option<&KeptCases>,
    ) -> Result<(), StoreError> {
        let path = self.path.clone();
        let failed = |error| database(&path, error);
        let id = round.round.as_ref().map(RoundId::as_bytes);
        self.change(|change, key| {
            let known = "SELECT id FROM rounds WHERE journal = ?1 OR round = ?2";
            let known = change.query_row(known, params![round.journal, id], |row| row.get::<_, i64>(0));
            if known.optional().map_err(failed)?.is_some() {
                return Ok(());
            }
            let list = lists::note(change, key, list, seconds(round.begun))?;
            let about = sealed(key, &place("rounds", round.journal.as_bytes()), &round.about)?;
            let sql = format!(
                "INSERT INTO rounds ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, NULL, ?13)",
                COLUMNS.trim_start_matches("id, ")
            );
            let values = params![
                round.journal,
                id,
                round.peer.as_bytes(),
                round.role.code(),
                round.lanes.code(),
                seconds(round.begun),
                seconds(round.ended),
                round.agreement.as_ref().map(AgreementDigest::as_bytes),
                round.policy.as_bytes(),
                list,
                round.failure,
                round.keep_until.map(seconds),
                about,
            ];
            change.execute(&sql, values).map_err(failed)?;
            let row = change.last_insert_rowid();
            pairs::insert(change, key, row, result).map_err(|error| match error {
                pairs::InsertError::Database(error) => failed(error),
                pairs::InsertError::Seal(error) => StoreError::io("cannot seal a pair")(error),
            })?;
            review.map_or(Ok(()), |review| cases::insert(change, key, row, review))
        })
    }

    /// The rounds that are over, the latest first.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::BadDatabase`].
    pub fn rounds(&self, filter: &RoundFilter) -> Result<Vec<KeptRound>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM rounds WHERE (?1 IS NULL OR peer = ?1) AND (NOT ?2 OR failure IS NULL)
             ORDER BY ended DESC, id DESC LIMIT ?3"
        );
        let peer = filter.peer.as_ref().map(|peer| *peer.as_bytes());
        let values = params![peer, filter.finished, filter.most.unwrap_or(u32::MAX)];
        self.select(&sql, values)
    }

    /// The rounds whose id begins with these hexadecimal digits.
    ///
    /// # Errors
    /// As [`Database::rounds`].
    pub fn rounds_by_id(&self, digits: &str) -> Result<Vec<KeptRound>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM rounds WHERE round IS NOT NULL AND lower(substr(hex(round), 1, length(?1))) = ?1
             ORDER BY ended DESC, id DESC"
        );
        self.select(&sql, params![digits.to_ascii_lowercase()])
    }

    /// The earlier rounds that ended well with the same peer, lists and role, the oldest first.
    pub(super) fn before(&self, round: &KeptRound) -> Result<Vec<KeptRound>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM rounds WHERE peer = ?1 AND role = ?2 AND lanes = ?3 AND failure IS NULL
             AND (ended, id) < (?4, ?5) ORDER BY ended, id"
        );
        let peer = round.peer.as_bytes();
        self.select(&sql, params![peer, round.role.code(), round.lanes.code(), seconds(round.ended), round.row])
    }

    fn select(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<KeptRound>, StoreError> {
        let failed = |error| self.failed(error);
        let mut rows = self.db.prepare(sql).map_err(failed)?;
        let mut rows = rows.query(values).map_err(failed)?;
        let mut rounds = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            rounds.push(self.round(row)?);
        }
        Ok(rounds)
    }

    fn round(&self, row: &Row<'_>) -> Result<KeptRound, StoreError> {
        let failed = |error| self.failed(error);
        let code = |at| row.get::<_, u8>(at).map_err(failed);
        let time = |at| row.get::<_, i64>(at).map(i64::unsigned_abs).map_err(failed);
        let may = |at| row.get::<_, Option<i64>>(at).map(|time| time.map(i64::unsigned_abs)).map_err(failed);
        let journal: String = row.get(1).map_err(failed)?;
        let about: Vec<u8> = row.get(14).map_err(failed)?;
        Ok(KeptRound {
            row: row.get(0).map_err(failed)?,
            round: row.get::<_, Option<[u8; 32]>>(2).map_err(failed)?.map(RoundId::from_bytes),
            peer: PeerId::from_bytes(row.get(3).map_err(failed)?).map_err(|_| self.damaged("a peer's key"))?,
            role: Role::from_code(code(4)?).ok_or_else(|| self.damaged("a role"))?,
            lanes: LanePair::from_code(code(5)?).ok_or_else(|| self.damaged("a pair of lanes"))?,
            begun: time(6)?,
            ended: time(7)?,
            agreement: row.get::<_, Option<[u8; 32]>>(8).map_err(failed)?.map(AgreementDigest::from_bytes),
            policy: PolicyDigest::from_bytes(row.get(9).map_err(failed)?),
            list: row.get(10).map_err(failed)?,
            failure: row.get(11).map_err(failed)?,
            keep_until: may(12)?,
            erased: may(13)?,
            about: self.opened(&place("rounds", journal.as_bytes()), &about)?,
            journal,
        })
    }

    /// Rounds whose pairs are to be deleted at `now`.
    ///
    /// # Errors
    /// As [`Database::rounds`].
    pub fn due(&self, now: u64) -> Result<Vec<KeptRound>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM rounds WHERE erased IS NULL AND keep_until <= ?1 ORDER BY id");
        self.select(&sql, params![seconds(now)])
    }

    /// Deletes the pairs that are no longer to be kept at `now`; gives of how many rounds. That the rounds were stays.
    ///
    /// # Errors
    /// [`StoreError::Database`]; then nothing was deleted.
    pub fn expire(&mut self, now: u64) -> Result<usize, StoreError> {
        let path = self.path.clone();
        let failed = |error| database(&path, error);
        let now = seconds(now);
        let (count, asks) = self.change(|change, _| {
            let due = "SELECT id FROM rounds WHERE erased IS NULL AND keep_until <= ?1";
            for table in ["pairs", "case_records", "case_rounds"] {
                change.execute(&format!("DELETE FROM {table} WHERE round IN ({due})"), [now]).map_err(failed)?;
            }
            let asks = change.execute("DELETE FROM asks WHERE keep_until <= ?1", [now]).map_err(failed)?;
            let sql = "UPDATE rounds SET erased = ?1 WHERE erased IS NULL AND keep_until <= ?1";
            Ok((change.execute(sql, [now]).map_err(failed)?, asks))
        })?;
        if count + asks > 0 {
            // The log of changes still holds what was deleted.
            self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(|error| self.failed(error))?;
        }
        Ok(count)
    }
}
