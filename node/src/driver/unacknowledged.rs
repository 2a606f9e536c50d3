//! Frames that the peer has not acknowledged: they may have to be sent again over another connection.

use blindlink::Error;
use blindlink::error::PeerFault;
use std::collections::VecDeque;
use std::sync::Arc;

/// Unacknowledged bytes from which on nothing more is produced.
const FULL: usize = 8 << 20;

/// The unacknowledged end of the own frames.
#[derive(Debug, Default)]
pub(super) struct Unacknowledged {
    frames: VecDeque<Arc<Vec<u8>>>,
    /// Number of the first of them: so many are acknowledged.
    first: u32,
    bytes: usize,
    /// Frames that may have left before: sending one of them is sending it again.
    pub(super) left: u32,
}

impl Unacknowledged {
    /// Nothing is kept of the first `acknowledged` frames, and of those before `left` some may have left.
    pub(super) const fn after(acknowledged: u32, left: u32) -> Self {
        Self { frames: VecDeque::new(), first: acknowledged, bytes: 0, left }
    }

    pub(super) fn push(&mut self, frame: Arc<Vec<u8>>) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    /// Whether producing should wait for the peer.
    pub(super) const fn is_full(&self) -> bool {
        self.bytes >= FULL
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Frames that the peer has acknowledged.
    pub(super) const fn acknowledged(&self) -> u32 {
        self.first
    }

    /// The kept frame of this number.
    pub(super) fn get(&self, number: u32) -> Option<&Arc<Vec<u8>>> {
        self.frames.get(number.checked_sub(self.first)? as usize)
    }

    /// The kept frames, each with its number.
    pub(super) fn frames(&self) -> impl Iterator<Item = (u32, &Arc<Vec<u8>>)> {
        (self.first..).zip(&self.frames)
    }

    /// The peer has the first `count` frames (V-RESUME-002). Less than before is refused, and so is more than there is.
    /// Gives how many further ones.
    pub(super) fn acknowledge(&mut self, count: u32) -> Result<usize, Error> {
        let more = count.checked_sub(self.first).ok_or(PeerFault::StateLost)? as usize;
        if more > self.frames.len() {
            return Err(PeerFault::OverAcknowledged.into());
        }
        self.bytes -= self.frames.drain(..more).map(|frame| frame.len()).sum::<usize>();
        self.first = count;
        Ok(more)
    }

    /// Of a node that was stopped the journal says what was made, not what had left: no more than `bytes` of what the peer
    /// does not have, and the frame that exceeds them.
    pub(super) fn left_at_most(&mut self, bytes: usize) {
        let mut under_way = 0;
        let left = self.frames.iter().take_while(|frame| {
            let room = under_way < bytes;
            under_way += frame.len();
            room
        });
        let left = u32::try_from(left.count()).unwrap_or(u32::MAX);
        self.left = self.left.min(self.first.saturating_add(left));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_was_made_before_a_stop_a_window_may_have_left() {
        let mut kept = Unacknowledged::after(3, 9);
        (3..10).for_each(|_| kept.push(Arc::new(vec![0; 40])));
        assert_eq!(kept.acknowledge(4), Ok(1));
        kept.left_at_most(400);
        assert_eq!(kept.left, 9, "what was not made had not left");
        kept.left_at_most(81);
        assert_eq!(kept.left, 7, "two fit, and one exceeds");
        kept.left_at_most(80);
        assert_eq!(kept.left, 6);
    }
}
