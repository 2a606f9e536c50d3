//! Reading a journal: entry by entry, each checked. A record that a crash tore at the end is left out.

use super::seal::{EntryKey, SEALED_KEY, StorageKey, TAG};
use super::{Entry, Header, JournalError, MAGIC, MAX_ENTRY};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// Record with a sealed key for the entries after it.
pub(super) const KEY_RECORD: u8 = 1;
/// Record with a sealed entry.
pub(super) const ENTRY_RECORD: u8 = 2;
/// Bytes before a record's contents: kind, then length as a big-endian 32-bit integer.
pub(super) const RECORD_HEADER: usize = 5;

/// Where to go on writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Bytes that hold.
    pub length: u64,
    /// Number of the next entry.
    pub number: u64,
    /// Frames received.
    pub received: u64,
    /// How often the journal was opened for writing.
    pub openings: u64,
}

/// The entries of a journal after its header, in order. Stops after the first error.
#[derive(Debug)]
pub struct Entries {
    file: BufReader<File>,
    storage: StorageKey,
    key: Option<EntryKey>,
    tail: Tail,
    over: bool,
}

/// Opens the journal at `path` and reads its header. What follows is read entry by entry: a journal is as long as what
/// was received.
///
/// # Errors
/// [`JournalError`].
pub fn read(path: &Path, storage: &StorageKey) -> Result<(Header, Entries), JournalError> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut magic = [0; MAGIC.len()];
    if fill(&mut file, &mut magic)? < magic.len() || magic != MAGIC {
        return Err(JournalError::Format);
    }
    let tail = Tail { length: MAGIC.len() as u64, number: 0, received: 0, openings: 0 };
    let mut entries = Entries { file, storage: storage.clone(), key: None, tail, over: false };
    let at = entries.tail.length;
    let header = entries.record()?.map(Zeroizing::new).ok_or(JournalError::Damaged { number: 0, at })?;
    let header = Header::decode(&header).map_err(|_| JournalError::Damaged { number: 0, at })?;
    Ok((header, entries))
}

impl Entries {
    /// What was read so far: where to go on writing once the last entry is read.
    #[must_use]
    pub const fn tail(&self) -> Tail {
        self.tail
    }

    /// The next entry's plain bytes; `None` at the end.
    fn record(&mut self) -> Result<Option<Vec<u8>>, JournalError> {
        loop {
            let damaged = JournalError::Damaged { number: self.tail.number, at: self.tail.length };
            let mut head = [0; RECORD_HEADER];
            if fill(&mut self.file, &mut head)? < head.len() {
                return Ok(None);
            }
            let [kind, length @ ..] = head;
            let length = u32::from_be_bytes(length) as usize;
            let fits = match kind {
                KEY_RECORD => length == SEALED_KEY,
                ENTRY_RECORD => (TAG + 1..=MAX_ENTRY).contains(&length),
                // Some file systems fill with zeros what was not yet written when the power went.
                0 => return if length == 0 && self.only_zeros()? { Ok(None) } else { Err(damaged) },
                _ => false,
            };
            if !fits {
                return Err(damaged);
            }
            // Grown as it comes, not as it says.
            let mut body = Vec::new();
            (&mut self.file).take(length as u64).read_to_end(&mut body)?;
            if body.len() < length {
                return Ok(None);
            }
            let torn = body.iter().rev().take(TAG).all(|byte| *byte == 0);
            if kind == KEY_RECORD {
                self.key = self.storage.open(self.tail.number, &body);
                if self.key.is_none() {
                    return match (torn && self.only_zeros()?, self.tail.number) {
                        (true, _) => Ok(None),
                        (false, 0) => Err(JournalError::Key),
                        (false, _) => Err(damaged),
                    };
                }
                self.tail.length += (RECORD_HEADER + length) as u64;
                self.tail.openings += 1;
                continue;
            }
            if self.key.as_ref().and_then(|key| key.open(self.tail.number, &mut body)).is_none() {
                return if torn && self.only_zeros()? { Ok(None) } else { Err(damaged) };
            }
            self.tail.length += (RECORD_HEADER + length) as u64;
            self.tail.number += 1;
            return Ok(Some(body));
        }
    }

    /// Whether nothing but zeros follows.
    fn only_zeros(&mut self) -> io::Result<bool> {
        let mut block = [0; 4096];
        loop {
            match fill(&mut self.file, &mut block)? {
                0 => return Ok(true),
                n if block.iter().take(n).any(|byte| *byte != 0) => return Ok(false),
                _ => {}
            }
        }
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let (number, at) = (self.tail.number, self.tail.length);
        let entry = self.record().and_then(|bytes| {
            let Some(bytes) = bytes else { return Ok(None) };
            Entry::decode(&bytes).map(Some).map_err(|_| JournalError::Damaged { number, at })
        });
        match entry {
            Ok(Some(entry)) => {
                self.tail.received += u64::from(matches!(entry, Entry::Received(_)));
                Some(Ok(entry))
            }
            Ok(None) => {
                self.over = true;
                None
            }
            Err(error) => {
                self.over = true;
                Some(Err(error))
            }
        }
    }
}

/// Reads until `out` is full or the file ends; gives the bytes read.
fn fill(file: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
