//! Reminders of pairs that wait for people: how many, and not which.

use super::{Findings, Health, Look};
use crate::store::desk;
use crate::store::journal::StorageKey;
use blindlink_review::{DueKind, Log};

impl Look<'_> {
    /// What is overdue at the desk.
    pub(super) fn review(&self, storage: &StorageKey, findings: &mut Findings) {
        let mut log = Log::default();
        if let Err(error) = desk::catch_up(self.data, storage, &mut log) {
            findings.broken("review", error);
            return;
        }
        let due = log.desk().due(self.now);
        let of = |kind| due.iter().filter(|due| due.kind == kind).count();
        let (decide, answer) = (of(DueKind::Decide), of(DueKind::Answer));
        if decide > 0 {
            findings.add(Health::Due, "review", format!("{decide} pairs are overdue for a decision"));
        }
        if answer > 0 {
            let what = format!("{answer} pairs that both sides confirmed are overdue for an answer");
            findings.add(Health::Due, "review", what);
        }
    }
}
