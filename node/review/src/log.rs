//! The log of a desk: every step, each bound to all before it (V-REVIEW-005).

use crate::desk::Desk;
use crate::event::Event;
use crate::rules::Refusal;
use blindlink::crypto::hash::hash;
use blindlink::labels;
use serde::{Deserialize, Serialize};

/// A step in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The step.
    pub event: Event,
    /// Hash of the entry before and of this step.
    pub hash: [u8; 32],
}

/// Why a log gives no desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenLog {
    /// An entry is not bound to those before it: something was changed, left out or put in.
    #[error("entry {0} of the log does not follow from the entries before it")]
    Hash(usize),
    /// An entry is a step that was not allowed.
    #[error("entry {0} of the log is a step that was not allowed: {1}")]
    Step(usize, Refusal),
}

/// A desk with its log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    desk: Desk,
    head: [u8; 32],
    length: usize,
}

impl Log {
    /// Takes all entries again.
    ///
    /// # Errors
    /// [`BrokenLog`] with the number of the first entry that is wrong, from 0.
    pub fn replay(entries: impl IntoIterator<Item = Entry>) -> Result<Self, BrokenLog> {
        let mut log = Self::default();
        for Entry { event, hash } in entries {
            let number = log.length;
            let entry = log.append(event).map_err(|refusal| BrokenLog::Step(number, refusal))?;
            if entry.hash != hash {
                return Err(BrokenLog::Hash(number));
            }
        }
        Ok(log)
    }

    /// Judges a step, and gives the entry that must be durable before anything else is done about it.
    ///
    /// # Errors
    /// [`Refusal`]; nothing changed.
    pub fn append(&mut self, event: Event) -> Result<Entry, Refusal> {
        self.desk.take(event.clone())?;
        let bytes = serde_json::to_vec(&event).unwrap_or_default();
        self.head = hash(labels::REVIEW_ENTRY, &[&self.head, &bytes]);
        self.length += 1;
        Ok(Entry { event, hash: self.head })
    }

    /// The desk as it is now.
    #[must_use]
    pub const fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Hash of the last entry, zeros before any: what the node's audit log keeps of this log.
    #[must_use]
    pub const fn head(&self) -> [u8; 32] {
        self.head
    }

    /// Number of entries.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether nothing has happened yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }
}
