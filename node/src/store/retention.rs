//! Deletes journals and results of rounds that are over once their agreement no longer keeps them (V-JOURNAL-004).

use super::data_dir::DataDir;
use super::database::Database;
use super::error::StoreError;
use super::keys::Identity;
use crate::store::audit_log::Log;
use crate::store::journal::StorageKey;
use crate::store::journal::{self, Entry};
use crate::store::rounds;
use blindlink::agreement::Agreement;
use blindlink::audit::Fact;
use blindlink::ids::RoundId;
use std::fs;
use std::path::{Path, PathBuf};

const DAY: u64 = 86_400;

/// Deletes what the agreements of its rounds no longer keep at `now`; gives of how many the journal. The audit log knows of each before
/// it goes. A journal that cannot be read, or of a round in training, is left to the operator.
///
/// # Errors
/// [`StoreError::Io`], and as [`Log::open`].
pub fn expire(data: &DataDir, identity: &Identity, storage: &StorageKey, now: u64) -> Result<usize, StoreError> {
    Database::open(data, storage)?.expire(now)?;
    let mut over = Vec::new();
    for path in rounds::closed_rounds(data)? {
        if let Some(ExpiredRound { round }) = expired(&path, storage, now) {
            over.push((path, round));
        }
    }
    if over.is_empty() {
        return Ok(0);
    }
    let facts = over.iter().map(|(_, round)| Fact::JournalDeleted { round: *round }).collect();
    Log::open(data, identity)?.append(facts)?;
    let failed = |path: &PathBuf| StoreError::io(format!("cannot delete {}", path.display()));
    over.iter().try_for_each(|(path, _)| {
        // The note of its end is of no use without it.
        let _ = fs::remove_file(path.with_extension("ended"));
        fs::remove_file(path).map_err(failed(path))
    })?;
    Ok(over.len())
}

/// How many journals are no longer kept at `now`.
///
/// # Errors
/// [`StoreError::Io`].
pub fn due(data: &DataDir, storage: &StorageKey, now: u64) -> Result<usize, StoreError> {
    let closed = rounds::closed_rounds(data)?;
    Ok(closed.iter().filter(|path| expired(path, storage, now).is_some()).count())
}

/// Until when the journal of a round that is over is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// There is none here.
    Gone,
    /// No agreement keeps it.
    None,
    /// Its agreement does, until then.
    Until(u64),
    /// It cannot be read.
    Unknown,
}

pub(super) fn hold(path: &Path, storage: &StorageKey) -> Hold {
    if !path.exists() {
        return Hold::Gone;
    }
    let Ok((header, _)) = journal::read(path, storage) else { return Hold::Unknown };
    if header.agreement.is_empty() {
        return Hold::None;
    }
    let Ok(agreement) = Agreement::from_canonical_bytes(&header.agreement) else { return Hold::Unknown };
    Hold::Until(header.begun.saturating_add(u64::from(agreement.retention.journal_days) * DAY))
}

/// A round whose journal is to go.
struct ExpiredRound {
    /// Its id, if it had one.
    round: Option<RoundId>,
}

fn expired(path: &Path, storage: &StorageKey, now: u64) -> Option<ExpiredRound> {
    let (header, entries) = journal::read(path, storage).ok()?;
    let agreement = Agreement::from_canonical_bytes(&header.agreement).ok()?;
    let kept = u64::from(agreement.retention.journal_days) * DAY;
    // A clock that went back deletes nothing.
    if now.checked_sub(header.begun)? < kept {
        return None;
    }
    let round = entries.map_while(Result::ok).find_map(|entry| match entry {
        Entry::Round(id) => Some(id),
        _ => None,
    });
    Some(ExpiredRound { round })
}

#[cfg(test)]
mod tests;
