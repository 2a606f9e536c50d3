//! What this node remembers of earlier rounds with a peer, under a key of its own: the lists of records, so that no two
//! rounds differ by too few (V-BUDGET-006), and what was asked, so that a widening sweep is noticed.
//!
//! `memory/NAME.memory` (mode 0600): a key, and under it 8-byte digests of the records of the last lists and of their encodings, and an
//! approximate set of the tokens asked. It never decides what is sent: a false positive of the set would lose a match.

use super::data_dir::DataDir;
use super::error::StoreError;
use crate::sys::entropy::fresh_secret;
use crate::sys::files::{create_private_folder, sweep, write_whole};
use blindlink::agreement::ListHistory;
use blindlink::agreement::list_history::{LISTS, ListedRecord, RememberedList};
use blindlink::codec::{DecodeError, Reader, Writer};
use blindlink::crypto::hash::Prf;
use blindlink::encode::EncodedRecord;
use blindlink::identity::PeerId;
use blindlink::policy::{EncodedList, LanePair};
use blindlink::secret::Secret;
use blindlink::session::Role;
use bloomfilter::Bloom;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;
use zeroize::Zeroizing;

const HEADER: &[u8] = b"blindlink-memory/2\n";
/// Tokens for which the approximate set is made, at least and at most; when it is full it begins anew.
const LEAST: usize = 100_000;
const MOST: usize = 4_000_000;
/// Rounds that it should hold.
const ROUNDS: usize = 20;
/// Share of false positives when it is full.
const FALSE: f64 = 0.01;
/// Longest memory that is read, in bytes.
const MAX_FILE: u64 = 256 << 20;
/// Points of the key's function: digests of records, of tokens, the seed of the set.
const OF_RECORD: u8 = 1;
const OF_TOKEN: u8 = 2;
const OF_SEED: u8 = 3;
const OF_ENCODING: u8 = 4;

/// Something that an operator should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryWarning {
    /// The number of own records is half, or one and a half times, what it was.
    Jump,
    /// More than half of what is asked was never asked of this peer before.
    Sweep,
}

impl HistoryWarning {
    /// The number that the audit log has for it (spec chapter 15).
    #[must_use]
    pub const fn kind(self) -> u8 {
        match self {
            Self::Jump => 1,
            Self::Sweep => 2,
        }
    }
}

/// The memory of the rounds with one peer, lane pair and role.
pub struct QueryHistory {
    path: PathBuf,
    key: Secret<32>,
    lists: ListHistory,
    /// Tokens in the set.
    asked: usize,
    /// Tokens for which it was made.
    room: usize,
    set: Option<Bloom<[u8; 16]>>,
}

impl core::fmt::Debug for QueryHistory {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "QueryHistory({} lists)", self.lists.lists().len())
    }
}

impl QueryHistory {
    /// Reads the memory, or begins one.
    ///
    /// # Errors
    /// [`StoreError::Io`]; [`StoreError::Config`] if the file is damaged.
    pub fn open(data: &DataDir, peer: &PeerId, lanes: LanePair, role: Role) -> Result<Self, StoreError> {
        let side = if role == Role::Requester { "asking" } else { "answering" };
        let name = format!("{}-{}-{side}.memory", hex::encode(peer.as_bytes()), lanes.name());
        let folder = data.path().join("memory");
        sweep(&folder, None);
        Self::read(folder.join(name))
    }

    /// All memories of this node.
    ///
    /// # Errors
    /// As [`QueryHistory::open`].
    pub fn all(data: &DataDir) -> Result<Vec<Self>, StoreError> {
        let folder = data.path().join("memory");
        let failed = |error| StoreError::io(folder.display())(error);
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut all = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "memory") {
                all.push(Self::read(path)?);
            }
        }
        Ok(all)
    }

    fn read(path: PathBuf) -> Result<Self, StoreError> {
        let damaged = || StoreError::Config(format!("{} is damaged; move it away to begin a new one", path.display()));
        if fs::metadata(&path).is_ok_and(|m| m.len() > MAX_FILE) {
            return Err(damaged());
        }
        let bytes = match fs::read(&path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self {
                    path,
                    key: fresh_secret().map_err(StoreError::Entropy)?,
                    lists: ListHistory::default(),
                    asked: 0,
                    room: 0,
                    set: None,
                });
            }
            Err(error) => return Err(StoreError::io(path.display())(error)),
        };
        let body = bytes.strip_prefix(HEADER).ok_or_else(damaged)?;
        let Decoded { key, lists, asked, room, set } = decode(body).map_err(|_| damaged())?;
        let set = set.map(Bloom::from_bytes).transpose().map_err(|_| damaged())?;
        Ok(Self { path, key, lists, asked, room, set })
    }

    /// Whether one of the lists has one of these records, by its digest.
    #[must_use]
    pub fn knows(&self, records: &[[u8; 32]]) -> bool {
        let key = self.function();
        let digests: BTreeSet<[u8; 8]> = records.iter().map(|record| at(&key, OF_RECORD, record)).collect();
        self.lists.lists().iter().flatten().any(|known| digests.contains(&known.record))
    }

    /// Forgets records by their digests (V-ERASE-004), and all that was asked if one of them was known: of the set nothing
    /// can be taken out. Says whether one was.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn forget(&mut self, records: &[[u8; 32]]) -> Result<bool, StoreError> {
        let key = self.function();
        let mut known = false;
        for record in records {
            known |= self.lists.forget(at(&key, OF_RECORD, record));
        }
        if known {
            (self.asked, self.set) = (0, None);
            self.save()?;
        }
        Ok(known)
    }

    /// Whether this list differs from one of those before, but by too few ([`ListHistory::differs_by_few`]).
    #[must_use]
    pub fn differs_by_few(&self, list: &EncodedList, least: u32) -> bool {
        self.lists.differs_by_few(&self.digests(list), least)
    }

    /// Remembers a list that is about to enter a round, and what a requester asks with it.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn remember(&mut self, list: &EncodedList, role: Role) -> Result<Vec<HistoryWarning>, StoreError> {
        let mut warnings = Vec::new();
        let (now, before) = (list.records.len(), self.lists.lists().last().map(RememberedList::len));
        if before.is_some_and(|before| now * 2 < before || now > before + before / 2 + 10) {
            warnings.push(HistoryWarning::Jump);
        }
        self.lists.remember(self.digests(list));
        if role == Role::Requester && self.ask(&list.records)? {
            warnings.push(HistoryWarning::Sweep);
        }
        self.save()?;
        Ok(warnings)
    }

    /// Adds the tokens to the set; says whether more than half of them are new although others were asked before.
    fn ask(&mut self, records: &[EncodedRecord]) -> Result<bool, StoreError> {
        let key = self.function();
        let tokens: BTreeSet<[u8; 16]> =
            records.iter().flat_map(|r| r.tokens.iter().flatten()).map(|t| at(&key, OF_TOKEN, t.as_bytes())).collect();
        if self.asked + tokens.len() > self.room {
            (self.asked, self.set) = (0, None);
            self.room = (tokens.len() * ROUNDS).clamp(LEAST, MOST);
        }
        let set = match &mut self.set {
            Some(set) => set,
            empty => {
                let bloom = Bloom::new_for_fp_rate_with_seed(self.room, FALSE, &at(&key, OF_SEED, &[]))
                    .map_err(StoreError::Internal)?;
                empty.insert(bloom)
            }
        };
        let fresh = tokens.iter().filter(|token| !set.check(token)).count();
        tokens.iter().for_each(|token| set.set(token));
        let sweep = self.asked > 0 && fresh * 2 > tokens.len();
        self.asked += fresh;
        Ok(sweep)
    }

    fn function(&self) -> Prf {
        Prf::new(*self.key.expose())
    }

    fn digests(&self, list: &EncodedList) -> RememberedList {
        let key = self.function();
        let of = |(record, encoding): (&EncodedRecord, [u8; 32])| ListedRecord {
            record: at(&key, OF_RECORD, &record.digest),
            encoding: at(&key, OF_ENCODING, &encoding),
        };
        list.records.iter().zip(list.digests_of_encodings()).map(of).collect()
    }

    fn save(&self) -> Result<(), StoreError> {
        let mut w = Writer::default();
        w.bytes(HEADER).bytes(self.key.expose()).u8(u8::try_from(self.lists.lists().len()).unwrap_or(u8::MAX));
        for list in self.lists.lists() {
            w.u32(u32::try_from(list.len()).unwrap_or(u32::MAX));
            list.iter().for_each(|one| {
                w.bytes(&one.record).bytes(&one.encoding);
            });
        }
        w.u64(self.asked as u64).u64(self.room as u64);
        let set = self.set.as_ref().map_or(&[][..], Bloom::as_slice);
        w.u64(set.len() as u64).bytes(set);
        let failed = |error| StoreError::io(self.path.display())(error);
        if let Some(folder) = self.path.parent() {
            create_private_folder(folder).map_err(failed)?;
        }
        write_whole(&self.path, &Zeroizing::new(w.finish())).map_err(failed)
    }
}

fn at<const N: usize>(key: &Prf, what: u8, value: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    key.fill_at(&[&[what], value].concat(), &mut out);
    out
}

struct Decoded {
    key: Secret<32>,
    lists: ListHistory,
    asked: usize,
    room: usize,
    set: Option<Vec<u8>>,
}

fn decode(body: &[u8]) -> Result<Decoded, DecodeError> {
    let mut r = Reader::new(body);
    let key = Secret::new(r.array()?);
    let count = usize::from(r.u8()?);
    if count > LISTS {
        return Err(DecodeError::BadField("lists"));
    }
    let mut lists = Vec::with_capacity(count);
    for _ in 0..count {
        let n = r.u32()? as usize;
        let pairs = r.bytes(n.checked_mul(16).ok_or(DecodeError::Truncated)?)?.as_chunks::<8>().0.as_chunks::<2>().0;
        lists.push(pairs.iter().map(|&[record, encoding]| ListedRecord { record, encoding }).collect());
    }
    let mut number = || usize::try_from(r.u64()?).map_err(|_| DecodeError::BadField("number"));
    let (asked, room, length) = (number()?, number()?, number()?);
    let set = r.bytes(length)?.to_vec();
    r.finish()?;
    Ok(Decoded { key, lists: ListHistory::new(lists), asked, room, set: (!set.is_empty()).then_some(set) })
}

#[cfg(test)]
mod tests;
