//! Reminders of pairs that wait for people: how many, and not which.

use super::{Findings, Health, Look};
use crate::store::database::RoundFilter;
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
        self.runs(findings);
    }

    /// Rounds whose last run left the result with the peer alone (18.5).
    fn runs(&self, findings: &mut Findings) {
        let Some(db) = self.db else { return };
        let filter = RoundFilter { peer: None, finished: true, most: None };
        for round in db.rounds(&filter).unwrap_or_default().iter().filter(|round| round.erased.is_none()) {
            if db.runs(round.row).is_ok_and(|runs| runs.last().is_some_and(|run| run.peer_alone)) {
                let what = format!(
                    "a run of confirmation with {} broke off when the other side could already open it: run it again, and \
                     ask why",
                    round.about.peer
                );
                findings.add(Health::Due, "review", what);
            }
        }
    }
}
