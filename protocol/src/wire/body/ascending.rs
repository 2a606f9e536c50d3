//! Tokens or pseudonyms that come over several frames and must be strictly ascending through all of them.

use crate::error::PeerFault;
use crate::suite::PSEUDONYM_BYTES;

/// What has come so far, strictly ascending.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Ascending(Vec<[u8; PSEUDONYM_BYTES]>);

impl core::fmt::Debug for Ascending {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Ascending(..)")
    }
}

impl Ascending {
    /// Adds what a frame has.
    ///
    /// # Errors
    /// [`PeerFault::BadField`] with `name` if it does not ascend from entry to entry, and from the frame before.
    pub fn add(&mut self, entries: &[[u8; PSEUDONYM_BYTES]], name: &'static str) -> Result<(), PeerFault> {
        // V-SETTLE-004.
        let follows = self.0.last().is_none_or(|last| entries.first().is_none_or(|first| last < first));
        if !follows || !entries.is_sorted_by(|a, b| a < b) {
            return Err(PeerFault::BadField(name));
        }
        self.0.extend_from_slice(entries);
        Ok(())
    }

    /// The entries, ascending.
    #[must_use]
    pub fn entries(&self) -> &[[u8; PSEUDONYM_BYTES]] {
        &self.0
    }

    /// Whether this is one of them.
    #[must_use]
    pub fn has(&self, entry: &[u8; PSEUDONYM_BYTES]) -> bool {
        self.0.binary_search(entry).is_ok()
    }
}
