//! What a journal says about itself.

use super::{Entries, Entry, JournalError};
use blindlink::ids::RoundId;
use blindlink::wire::{self, FrameKind};

/// What a journal says about itself, without making anything again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalSummary {
    /// Round id, if it has one.
    pub round: Option<RoundId>,
    /// Frames received.
    pub received: u32,
    /// Frames of the own side that the peer has acknowledged.
    pub acknowledged: u32,
    /// Whether this side has its outcome.
    pub ended: bool,
    /// Whether the peer has everything.
    pub confirmed: bool,
    /// Whether the peer's last frame came: with it this side can have its outcome.
    pub whole: bool,
    /// For what it was burnt, if it is.
    pub burnt: Option<u16>,
    /// Digest of the first turn, by files.
    pub first_turn: Option<[u8; 32]>,
}

/// Reads a journal to its end.
///
/// # Errors
/// [`JournalError`].
pub fn summary(entries: &mut Entries) -> Result<JournalSummary, JournalError> {
    let mut seen = JournalSummary::default();
    for entry in entries {
        match entry? {
            Entry::Received(frame) => {
                seen.received += 1;
                seen.whole |= wire::kind_of(&frame).is_some_and(FrameKind::ends_direction);
            }
            Entry::Sent(_) | Entry::Resumed(_) => {}
            Entry::Round(id) => seen.round = Some(id),
            Entry::Acknowledged(count) => seen.acknowledged = count,
            Entry::Turn { number: 1, digest } => seen.first_turn = Some(digest),
            Entry::Turn { .. } => {}
            Entry::Ended(_) => seen.ended = true,
            Entry::Confirmed => seen.confirmed = true,
            Entry::Burnt(code) => seen.burnt = Some(code),
        }
    }
    Ok(seen)
}
