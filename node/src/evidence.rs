//! Evidence of this node's rounds for an auditor: out of a journal, and back in by its checks (spec chapter 16).

use crate::error::NodeError;
use crate::store::journal::{self, Entry};
use crate::store::results::check_writable;
use crate::store::{DataDir, StoreError};
use crate::sys::files::Draft;
use blindlink::evidence::{EvidenceHeader, EvidenceReader, Recorder};
use blindlink::policy::{CheckedPolicy, Policy};
use blindlink::record::Record;
use blindlink::round::commitment::Commitment;
use blindlink::session::{Job, JobResult};
use blindlink::wire::FrameKind;
use blindlink_sources::{Format, Reading};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::{panic, thread};

/// A file read piece by piece. What the system said is kept for whoever asks.
#[derive(Debug)]
pub struct EvidenceFile {
    file: BufReader<File>,
    failed: Option<io::Error>,
}

impl EvidenceFile {
    /// Opens it.
    ///
    /// # Errors
    /// `NoInput`, `Io`.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(cannot_read(path))?;
        Ok(Self { file: BufReader::with_capacity(1 << 20, file), failed: None })
    }

    /// What was read, unless reading failed.
    ///
    /// # Errors
    /// `Io`.
    pub fn checked<T>(self, found: T) -> Result<T, StoreError> {
        self.failed.map_or(Ok(found), |error| Err(StoreError::io("cannot read on")(error)))
    }
}

impl EvidenceReader for EvidenceFile {
    fn take(&mut self, n: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Err(error) = (&mut self.file).take(n as u64).read_to_end(&mut bytes) {
            self.failed = Some(error);
        }
        bytes
    }
}

fn cannot_read(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    StoreError::reading(format!("cannot read {}", path.display()))
}

/// The journal of a round: a file's path, or the beginning of the round's id.
///
/// # Errors
/// `NoInput` if there is none or more than one.
pub fn find_journal(data: &DataDir, round: &str) -> Result<PathBuf, NodeError> {
    let path = PathBuf::from(round);
    if path.is_file() {
        return Ok(path);
    }
    let (folder, storage) = (data.rounds()?, data.storage()?);
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(cannot_read(&folder))? {
        let path = entry.map_err(cannot_read(&folder))?.path();
        // A round that may go on has its journal under another name; by files the responder's last turn can be asked for.
        if path.extension().is_none_or(|extension| extension != "journal" && extension != "open") {
            continue;
        }
        let Ok((_, entries)) = journal::read(&path, &storage) else { continue };
        let id = entries.map_while(Result::ok).find_map(|entry| match entry {
            Entry::Round(id) => Some(hex::encode(id)),
            _ => None,
        });
        if !round.is_empty() && id.is_some_and(|id| id.starts_with(&round.to_lowercase())) {
            found.push(path);
        }
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(StoreError::NoJournal("no journal of such a round").into()),
        _ => Err(StoreError::NoJournal("more than one round begins so: write more of its id").into()),
    }
}

/// What a round began with, from its journal.
///
/// # Errors
/// `BadInput`, `Io`.
pub fn begun(data: &DataDir, path: &Path) -> Result<(journal::Header, CheckedPolicy), NodeError> {
    let (header, _) = journal::read(path, &data.storage()?)?;
    let damaged = |_| StoreError::BadPolicyInJournal(path.to_owned());
    let policy = Policy::from_canonical_bytes(&header.policy).map_err(damaged)?.validate()?;
    Ok((header, policy))
}

/// Writes a round's evidence to a new file, whole or not at all: half of it would look like evidence that does not hold. Gives the number of frames and whether the round was finished.
///
/// # Errors
/// `CannotCreate`, `BadInput`, `Io`.
pub fn write(data: &DataDir, journal: &Path, out: &Path) -> Result<(u64, bool), NodeError> {
    let (begun, entries) = journal::read(journal, &data.storage()?)?;
    let commitment = Commitment::of_root(&begun.seed, begun.root);
    let header = EvidenceHeader::new(begun.role, [begun.own, begun.peer], &commitment, begun.binding, begun.log.head)
        .of_suite(begun.suite)
        .under(&begun.policy, &begun.agreement);
    let cannot = |error: io::Error| StoreError::output(out.display())(error);
    if out.try_exists().map_err(cannot)? {
        return Err(cannot(io::ErrorKind::AlreadyExists.into()).into());
    }
    check_writable(out)?;
    let mut draft = Draft::create(out).map_err(cannot)?;
    let mut file = BufWriter::new(draft.file());
    let (mut recorder, mut frames, mut receipt) = (Recorder::default(), 0, None);
    file.write_all(&header.encode()).map_err(cannot)?;
    for entry in entries {
        let piece = match entry? {
            Entry::Sent(digest) => recorder.sent(&digest),
            // An abort ends the round and is none of its frames.
            Entry::Received(frame) if frame.first() != Some(&(FrameKind::Abort as u8)) => recorder.received(&frame),
            Entry::Ended(bytes) => {
                receipt = Some(bytes);
                continue;
            }
            _ => continue,
        };
        frames += 1;
        file.write_all(&piece).map_err(cannot)?;
    }
    let finished = receipt.is_some();
    if let Some(receipt) = receipt {
        file.write_all(&recorder.receipt(&receipt)).map_err(cannot)?;
    }
    file.flush().map_err(cannot)?;
    drop(file);
    draft.publish().map_err(cannot)?;
    Ok((frames, finished))
}

/// A list under the policy of a round, in its order; `year` is that in which it was read (V-MRZ-002).
///
/// # Errors
/// `NoInput`, `BadInput`.
pub fn records(
    path: &Path,
    mapping: Option<&Path>,
    policy: &CheckedPolicy,
    year: Option<u16>,
) -> Result<Vec<Record>, NodeError> {
    let mapping = mapping.map(crate::own_list::load_mapping).transpose()?;
    let file = File::open(path).map_err(cannot_read(path))?;
    let source = blindlink_sources::read(
        file,
        Format::of(path),
        &Reading { year, mapping: mapping.as_ref(), ..Reading::new(policy) },
    )
    .map_err(|error| NodeError::List { name: path.display().to_string(), error })?;
    Ok(source.records)
}

/// Runs jobs on all of the machine's threads.
#[must_use]
pub fn on_all_threads(jobs: Vec<Job>) -> Vec<JobResult> {
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let mut shares: Vec<Vec<Job>> = (0..threads).map(|_| Vec::new()).collect();
    for (number, job) in jobs.into_iter().enumerate() {
        if let Some(share) = shares.get_mut(number % threads) {
            share.push(job);
        }
    }
    thread::scope(|scope| {
        let running: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(move || share.into_iter().map(Job::run).collect::<Vec<_>>()))
            .collect();
        let done = running.into_iter().map(|thread| thread.join().unwrap_or_else(|why| panic::resume_unwind(why)));
        done.flatten().collect()
    })
}
