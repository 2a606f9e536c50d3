//! The sealed journal of a round (spec section 11.5): what a restart and an auditor need, in the order in which it
//! happened (V-JOURNAL-003). It holds no record, name or token in the clear or sealed; the seed from which they could be opened together
//! with the frames is sealed.
//!
//! Every entry is encrypted and authenticated together with its number, so nothing can be read, changed, moved or taken
//! out without notice (V-JOURNAL-001). What cannot be noticed from the file alone is that entries are missing at its end: the peer
//! notices that when the round is resumed.

mod entry;
mod read;
mod seal;
mod summary;
#[cfg(test)]
mod tests;
mod write;

pub use entry::{Carrier, Entry, Header};
pub use read::{Entries, Tail, read};
pub use seal::StorageKey;
pub(in crate::store) use seal::ValueKey;
pub use summary::{JournalSummary, summary};
pub use write::{Journal, lock};

use std::io;
use thiserror::Error;

/// First bytes of a journal.
pub const MAGIC: &[u8] = b"blindlink-journal/4\n";
/// Longest sealed entry: above every frame that a policy can imply.
pub const MAX_ENTRY: usize = 256 << 20;

/// Why a journal cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The system says so.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Another process has it open.
    #[error("another process is at this round")]
    InUse,
    /// It is no journal of this release.
    #[error("not a journal of this format")]
    Format,
    /// Its first key does not open: it belongs to another node or another storage key, or is damaged at its beginning.
    #[error("it cannot be opened with this node's storage key")]
    Key,
    /// What stands at this byte was changed.
    #[error("damaged: entry {number}, at byte {at}")]
    Damaged {
        /// Number of the entry; the header is 0.
        number: u64,
        /// Where its record begins in the file.
        at: u64,
    },
}
