//! Deletes what this node keeps of one record (spec 15.7).

use super::audit_log::Log;
use super::data_dir::DataDir;
use super::database::{Database, KeptPair, RoundFilter};
use super::error::StoreError;
use super::journal::StorageKey;
use super::keys::Identity;
use super::query_history::QueryHistory;
use super::results;
use super::retention::{Hold, hold};
use super::rounds;
use crate::sys::files::write_whole;
use blindlink::audit::Fact;
use blindlink::ids::RoundId;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// What is kept of a record, or was.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Rounds that have it in their result.
    pub rounds: Vec<RoundId>,
    /// Pairs of it.
    pub pairs: usize,
    /// Urgent questions about it.
    pub asks: usize,
    /// Result files, as the node wrote them, with rows of it.
    pub files: Vec<PathBuf>,
    /// Result files that name it and are not as the node wrote them: not touched.
    pub files_left: Vec<PathBuf>,
    /// Rounds whose journal is deleted.
    pub journals: Vec<RoundId>,
    /// Rounds whose journal their agreement keeps, and until when; none if the journal cannot be read.
    pub journals_kept: Vec<(RoundId, Option<u64>)>,
    /// Rounds that are open: what they find is not known yet.
    pub open: usize,
    /// Memories of lists that know it.
    pub memories: usize,
}

/// A result file that is to be written again: where, and with what.
type Rewritten = (PathBuf, Vec<u8>);

/// What is kept of the record with this identifier. `digests` are those of the record, if a list still has it.
///
/// # Errors
/// [`StoreError`].
pub fn look(
    data: &DataDir,
    storage: &StorageKey,
    own_id: &str,
    digests: &[[u8; 32]],
    now: u64,
) -> Result<Kept, StoreError> {
    look_and_prepare(data, storage, own_id, digests, now).map(|(kept, _)| kept)
}

fn look_and_prepare(
    data: &DataDir,
    storage: &StorageKey,
    own_id: &str,
    digests: &[[u8; 32]],
    now: u64,
) -> Result<(Kept, Vec<Rewritten>), StoreError> {
    let db = Database::open(data, storage)?;
    let (mut kept, mut rewritten) = (Kept { asks: db.asks_about(own_id)?.len(), ..Kept::default() }, Vec::new());
    let mut texts = BTreeMap::new();
    for found in db.rounds_of_record(own_id)? {
        kept.pairs += found.before.len() - found.after.len();
        let text = |pairs: &[KeptPair]| results::text(found.round.role, pairs);
        texts.insert(found.round.row, (text(&found.before), text(&found.after)));
        let Some(round) = found.round.round else { continue };
        kept.rounds.push(round);
        match hold(&rounds::closed(data, &round)?, storage) {
            Hold::Gone => {}
            Hold::Until(until) if until > now => kept.journals_kept.push((round, Some(until))),
            Hold::None | Hold::Until(_) => kept.journals.push(round),
            Hold::Unknown => kept.journals_kept.push((round, None)),
        }
    }
    // A result may have gone from the database, and its file have stayed.
    for round in db.rounds(&RoundFilter::default())? {
        let Some(path) = round.about.out else { continue };
        let Ok(content) = fs::read(&path) else { continue };
        match texts.get(&round.row) {
            Some((before, after)) if *before == content && before != after => {
                kept.files.push(path.clone());
                rewritten.push((path, after.clone()));
            }
            _ if has_row(&content, own_id) => kept.files_left.push(path),
            _ => {}
        }
    }
    kept.open = rounds::look_at_open(data, storage)?.len();
    kept.memories = QueryHistory::all(data)?.iter().filter(|memory| memory.knows(digests)).count();
    Ok((kept, rewritten))
}

/// Whether a row of a result begins with this identifier.
fn has_row(content: &[u8], own_id: &str) -> bool {
    let text = String::from_utf8_lossy(content);
    let quoted = format!("\"{}\"", own_id.replace('"', "\"\""));
    text.lines().any(|line| {
        [own_id, &*quoted]
            .iter()
            .any(|id| line.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with(',')))
    })
}

/// Deletes it; gives what was there. The audit log says that something was erased, and not what, before it goes
/// (V-ERASE-001).
///
/// # Errors
/// [`StoreError`]; what is left then goes when it is called again.
pub fn erase(
    data: &DataDir,
    identity: &Identity,
    storage: &StorageKey,
    (own_id, digests): (&str, &[[u8; 32]]),
    now: u64,
) -> Result<Kept, StoreError> {
    let (kept, rewritten) = look_and_prepare(data, storage, own_id, digests, now)?;
    let mut facts = vec![Fact::RecordErased];
    facts.extend(kept.journals.iter().map(|round| Fact::JournalDeleted { round: Some(*round) }));
    Log::open(data, identity)?.append(facts)?;
    for (path, content) in rewritten {
        write_whole(&path, &content).map_err(StoreError::output(format!("cannot write {}", path.display())))?;
    }
    for round in &kept.journals {
        // V-ERASE-003: a journal holds a person whole, or not at all.
        let path = rounds::closed(data, round)?;
        let _ = fs::remove_file(path.with_extension("ended"));
        fs::remove_file(&path).map_err(StoreError::io(format!("cannot delete {}", path.display())))?;
    }
    for mut memory in QueryHistory::all(data)? {
        memory.forget(digests)?;
    }
    // Last: until it is through, a second call finds again what is left.
    Database::open(data, storage)?.erase_record(own_id)?;
    Ok(kept)
}

#[cfg(test)]
mod tests;
