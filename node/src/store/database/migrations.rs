//! The tables of the database, release by release. `PRAGMA user_version` says how many steps a file has taken.
//!
//! A step is never changed once it was released: what is to be otherwise gets a step of its own at the end.

use super::{StoreError, database};
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// The steps, oldest first.
const STEPS: &[&str] = &[ROUNDS_AND_JOBS, REVIEW, CONFIRMATION, ASKS];

/// Rounds, their pairs, lists and jobs.
const ROUNDS_AND_JOBS: &str = "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE lists (
        id INTEGER PRIMARY KEY,
        tag BLOB NOT NULL UNIQUE,
        first_used INTEGER NOT NULL,
        last_used INTEGER NOT NULL,
        about BLOB NOT NULL
    ) STRICT;
    CREATE TABLE rounds (
        id INTEGER PRIMARY KEY,
        journal TEXT NOT NULL UNIQUE,
        round BLOB UNIQUE,
        peer BLOB NOT NULL,
        role INTEGER NOT NULL,
        lanes INTEGER NOT NULL,
        begun INTEGER NOT NULL,
        ended INTEGER NOT NULL,
        agreement BLOB,
        policy BLOB NOT NULL,
        list INTEGER REFERENCES lists (id),
        failure INTEGER,
        keep_until INTEGER,
        erased INTEGER,
        about BLOB NOT NULL
    ) STRICT;
    CREATE INDEX rounds_of_peer ON rounds (peer, ended);
    CREATE TABLE pairs (
        round INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        record BLOB NOT NULL,
        pair BLOB NOT NULL,
        PRIMARY KEY (round, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX pairs_of_record ON pairs (record);
    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY,
        link TEXT NOT NULL,
        kind TEXT NOT NULL,
        due INTEGER NOT NULL,
        begun INTEGER NOT NULL,
        ended INTEGER,
        failure INTEGER,
        round INTEGER REFERENCES rounds (id)
    ) STRICT;
    CREATE INDEX jobs_of_link ON jobs (link, due);
    CREATE TABLE contacts (
        peer BLOB PRIMARY KEY,
        tried INTEGER NOT NULL,
        reached INTEGER,
        failure INTEGER,
        clock_ahead INTEGER
    ) STRICT, WITHOUT ROWID;
";

/// What people decide about pairs: the log of review, accounts, the own records of pairs.
const REVIEW: &str = "
    CREATE TABLE review (number INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT;
    CREATE TABLE accounts (name BLOB PRIMARY KEY, account BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE case_rounds (
        round INTEGER PRIMARY KEY REFERENCES rounds (id) ON DELETE CASCADE,
        received INTEGER,
        about BLOB NOT NULL
    ) STRICT;
    CREATE TABLE case_records (
        round INTEGER NOT NULL REFERENCES case_rounds (round) ON DELETE CASCADE,
        own INTEGER NOT NULL,
        record BLOB NOT NULL,
        PRIMARY KEY (round, own)
    ) STRICT, WITHOUT ROWID;
";

/// Runs of mutual confirmation and notices.
const CONFIRMATION: &str = "
    CREATE TABLE runs (
        round INTEGER NOT NULL REFERENCES rounds (id),
        number INTEGER NOT NULL,
        used INTEGER NOT NULL,
        ended INTEGER NOT NULL,
        about BLOB NOT NULL,
        PRIMARY KEY (round, number, ended)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE notices (
        id INTEGER PRIMARY KEY,
        round INTEGER NOT NULL REFERENCES rounds (id),
        digest BLOB NOT NULL UNIQUE,
        notice BLOB NOT NULL
    ) STRICT;
    CREATE INDEX notices_of_round ON notices (round);
";

/// Urgent questions.
const ASKS: &str = "
    CREATE TABLE asks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        ask BLOB NOT NULL UNIQUE,
        peer BLOB NOT NULL,
        lanes INTEGER NOT NULL,
        made INTEGER NOT NULL,
        begun INTEGER,
        answered INTEGER,
        keep_until INTEGER NOT NULL,
        about BLOB NOT NULL
    ) STRICT;
";

/// Takes the steps that the file has not taken yet: all or none, and only one process at a time.
pub(super) fn migrate(db: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let failed = |error| database(path, error);
    let taken = |db: &Connection| db.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    let all = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if taken(db).map_err(failed)? == all {
        return Ok(());
    }
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // Another process may have been faster.
    let version = taken(&change).map_err(failed)?;
    let Some(missing) = usize::try_from(version).ok().and_then(|taken| STEPS.get(taken..)) else {
        return Err(StoreError::BadDatabase { path: path.to_owned(), what: "a later release wrote it" });
    };
    for step in missing {
        change.execute_batch(step).map_err(failed)?;
    }
    change.pragma_update(None, "user_version", all).map_err(failed)?;
    change.commit().map_err(failed)
}
