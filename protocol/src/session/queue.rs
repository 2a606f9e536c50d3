//! Frames in schedule order: what may come next, and what may go next.

use super::frames::{OutgoingFrame, TakenFrame};
use crate::codec::Reader;
use crate::error::PeerFault;
use crate::ids::FrameDigest;
use crate::transcript::{Chain, frame_digest};
use crate::wire::body::Body;
use crate::wire::schedule::FrameSpec;
use crate::wire::{self, FrameKind, HEADER_BYTES};
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

/// A frame that is ready to leave once its turn comes.
#[derive(Debug)]
pub(super) struct QueuedFrame {
    pub(super) index: u32,
    pub(super) frame: OutgoingFrame,
}

impl QueuedFrame {
    /// The frame of a body.
    pub(super) fn new<B: Body>(index: u32, body: &B) -> Self {
        Self::whole(B::KIND, index, body.frame(index))
    }

    /// A frame with its header.
    pub(super) fn whole(kind: FrameKind, index: u32, bytes: Vec<u8>) -> Self {
        Self { index, frame: OutgoingFrame { kind, digest: frame_digest(&bytes), bytes } }
    }
}

/// Outgoing frames. They leave in schedule order, each only when everything received before it was made is durable.
#[derive(Debug)]
pub(super) struct Outbox {
    schedule: Vec<FrameSpec>,
    slots: BTreeMap<(FrameKind, u32), usize>,
    ready: BTreeMap<usize, (OutgoingFrame, u64)>,
    next: usize,
    /// Over the frames that are made, the receipt left out, up to the first that is not.
    pub(super) chain: Chain,
    linked: usize,
    /// The chain up to and with each frame that later randomness is bound to.
    marks: BTreeMap<(FrameKind, u32), [u8; 32]>,
}

/// Whether something is bound to the chain up to frames of this kind (spec section 9.2.1).
const fn is_marked(kind: FrameKind) -> bool {
    matches!(kind, FrameKind::Keys | FrameKind::QueryDigests | FrameKind::Choice | FrameKind::Correction)
}

impl Outbox {
    pub(super) fn new(schedule: Vec<FrameSpec>) -> Self {
        let slots = schedule.iter().enumerate().map(|(i, s)| ((s.kind, s.index), i)).collect();
        Self {
            schedule,
            slots,
            ready: BTreeMap::new(),
            next: 0,
            chain: Chain::new(),
            linked: 0,
            marks: BTreeMap::new(),
        }
    }

    /// Queues a frame that was made after `received` frames had come. False if it does not fit the schedule, which is
    /// a bug on this side.
    pub(super) fn put(&mut self, queued: QueuedFrame, received: u64) -> bool {
        let QueuedFrame { index, frame } = queued;
        let Some(slot) = self.slots.get(&(frame.kind, index)).copied() else { return false };
        let fits = self.schedule.get(slot).is_some_and(|spec| spec.fits(frame.bytes.len()));
        let queued = fits && slot >= self.next && self.ready.insert(slot, (frame, received)).is_none();
        self.link();
        queued
    }

    /// Lets the chain go on over what is made.
    fn link(&mut self) {
        while let Some((frame, _)) = self.ready.get(&self.linked) {
            if frame.kind == FrameKind::Receipt {
                break;
            }
            self.chain.push(&frame.digest);
            self.linked += 1;
            let spec = self.schedule.get(self.linked - 1).filter(|spec| is_marked(spec.kind));
            self.marks.extend(spec.map(|spec| ((spec.kind, spec.index), *self.chain.value())));
        }
    }

    /// The chain up to and with this frame; `None` until the frame and all before it are made.
    pub(super) fn chain_to(&self, kind: FrameKind, index: u32) -> Option<[u8; 32]> {
        self.marks.get(&(kind, index)).copied()
    }

    /// Lets a frame that this side cannot make, with this digest, count as left. False if another one is next.
    pub(super) fn skip(&mut self, kind: FrameKind, digest: &FrameDigest) -> bool {
        let fits = self.schedule.get(self.next).is_some_and(|spec| spec.kind == kind) && self.linked == self.next;
        if fits {
            self.chain.push(digest);
            self.linked += 1;
            self.next += 1;
            self.link();
        }
        fits
    }

    /// The next frame, if it is ready and `durable` frames are (V-RAND-003).
    pub(super) fn pop(&mut self, durable: u64) -> Option<OutgoingFrame> {
        if self.ready.get(&self.next)?.1 > durable {
            return None;
        }
        let (frame, _) = self.ready.remove(&self.next)?;
        self.next += 1;
        Some(frame)
    }

    /// Whether this frame has left.
    pub(super) fn has_left(&self, kind: FrameKind, index: u32) -> bool {
        self.slots.get(&(kind, index)).is_some_and(|slot| *slot < self.next)
    }

    /// Whether all frames but the receipt have left.
    pub(super) fn only_receipt_left(&self) -> bool {
        self.next + 1 == self.schedule.len()
    }

    pub(super) fn all_gone(&self) -> bool {
        self.next == self.schedule.len()
    }
}

/// A received frame that fits the schedule.
pub(super) struct ScheduledFrame<'a> {
    pub(super) kind: FrameKind,
    pub(super) index: u32,
    pub(super) body: &'a [u8],
    pub(super) digest: FrameDigest,
    /// The chain of its direction up to and with it.
    pub(super) chain: [u8; 32],
}

impl ScheduledFrame<'_> {
    pub(super) const fn taken(&self) -> TakenFrame {
        TakenFrame { kind: self.kind, digest: self.digest }
    }
}

/// Incoming frames.
#[derive(Debug)]
pub(super) struct Inbox {
    schedule: Vec<FrameSpec>,
    next: usize,
    pub(super) chain: Chain,
}

impl Inbox {
    pub(super) const fn new(schedule: Vec<FrameSpec>) -> Self {
        Self { schedule, next: 0, chain: Chain::new() }
    }

    /// Checks a frame against the schedule: kind, index, exact length.
    pub(super) fn take<'a>(&mut self, frame: &'a [u8]) -> Result<ScheduledFrame<'a>, PeerFault> {
        let (kind, index, body) = wire::parse(frame)?;
        let unexpected = PeerFault::Unexpected { got: kind, index };
        // V-WIRE-005
        if kind == FrameKind::Abort as u8 && index == 0 {
            let mut body = Reader::new(body);
            let code = body.u16()?;
            body.finish()?;
            return Err(PeerFault::Aborted(code));
        }
        // V-WIRE-001, V-RAND-004: only the next frame of the schedule; an answered chunk never again.
        let spec = *self.schedule.get(self.next).ok_or_else(|| unexpected.clone())?;
        if (spec.kind as u8, spec.index) != (kind, index) {
            let before = self.schedule.iter().take(self.next).any(|s| (s.kind as u8, s.index) == (kind, index));
            return Err(if before { PeerFault::Replayed { kind, index } } else { unexpected });
        }
        // V-WIRE-002.
        let fits = spec.fits(frame.len());
        if !fits {
            return Err(PeerFault::Length { expected: spec.len, got: frame.len() });
        }
        let digest = frame_digest(frame);
        if spec.kind != FrameKind::Receipt {
            self.chain.push(&digest);
        }
        self.next += 1;
        Ok(ScheduledFrame { kind: spec.kind, index, body, digest, chain: *self.chain.value() })
    }

    /// Length of the longest frame that may come next.
    pub(super) fn max_next(&self) -> usize {
        self.schedule.get(self.next).map_or(0, |s| s.len).max(HEADER_BYTES + 2)
    }

    /// Whether all frames but the receipt have come.
    pub(super) fn only_receipt_left(&self) -> bool {
        self.next + 1 >= self.schedule.len()
    }
}
