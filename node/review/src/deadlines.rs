//! What is due, and when.

use crate::desk::Desk;
use crate::pair::{Pair, PairId, Stage};

/// Seconds in which a pair is decided, and in which a confirmed one is answered.
const ANSWER: u64 = 48 * 3_600;
/// The same for a child.
const ANSWER_CHILD: u64 = 12 * 3_600;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueKind {
    /// Judge or approve it.
    Decide,
    /// Both sides have confirmed: disclose it, or say why not.
    Answer,
    /// Nothing: its time is over.
    Expire,
}

/// Something with a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which pair.
    pub pair: PairId,
    /// What is to be done.
    pub kind: DueKind,
    /// Until when, in seconds since 1970.
    pub until: u64,
}

impl Pair {
    /// Until when two persons have to judge it, in seconds since 1970.
    #[must_use]
    pub const fn decide_until(&self) -> u64 {
        self.received.saturating_add(if self.candidate.child { ANSWER_CHILD } else { ANSWER })
    }

    /// What is due of the pair, if somebody here has to act.
    #[must_use]
    pub fn due(&self) -> Option<(DueKind, u64)> {
        let limit = if self.candidate.child { ANSWER_CHILD } else { ANSWER };
        match self.stage {
            Stage::Candidate | Stage::JudgedOnce | Stage::JudgedTwice => Some((DueKind::Decide, self.decide_until())),
            Stage::ConfirmedThere => self.confirmed.map(|agreed| (DueKind::Answer, agreed.at.saturating_add(limit))),
            _ => None,
        }
    }
}

impl Desk {
    /// Everything that is due at this time, the oldest first. No names: for reminders and status.
    #[must_use]
    pub fn due(&self, now: u64) -> Vec<Due> {
        let mut due: Vec<Due> = Vec::new();
        for (id, pair) in &self.pairs {
            if matches!(pair.stage, Stage::Withdrawn | Stage::Expired) {
                continue;
            }
            if self.is_over(pair, now) {
                due.push(Due { pair: *id, kind: DueKind::Expire, until: now });
            } else if let Some((kind, until)) = pair.due().filter(|(_, until)| *until <= now) {
                due.push(Due { pair: *id, kind, until });
            }
        }
        due.sort_by_key(|due| (due.until, due.pair));
        due
    }
}
