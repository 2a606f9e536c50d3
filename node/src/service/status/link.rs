//! A configured link: agreement, budget, list, timetable and last result.

use super::{AgreementStatus, BudgetStatus, Findings, Health, Look};
use crate::event::NoSink;
use crate::failure_code::FailureCode;
use crate::own_list::{self, OwnFiles};
use crate::store::configuration::{Configuration, LinkSettings};
use crate::store::database::{KeptJob, RoundFilter};
use crate::store::query_history::QueryHistory;
use crate::sys::clock;
use blindlink::agreement::SignedAgreement;
use blindlink::identity::PeerId;
use blindlink::policy::CheckedPolicy;
use blindlink::session::Role;
use serde::Serialize;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

/// Seconds after which a round is late that was due and has not begun.
const LATE: u64 = 300;

/// How a link is.
#[derive(Clone, Debug, Serialize)]
pub struct LinkStatus {
    /// Its name.
    pub name: String,
    /// Name of the peer.
    pub peer: String,
    /// Role of this node.
    pub role: &'static str,
    /// The lists that are compared.
    pub lanes: Option<&'static str>,
    /// Digest of the policy.
    pub policy: Option<String>,
    /// The agreement; none in training, or if there is none.
    pub agreement: Option<AgreementStatus>,
    /// What its budget still allows.
    pub budget: Option<BudgetStatus>,
    /// The own list.
    pub list: ListStatus,
    /// When rounds are due.
    pub schedule: Option<ScheduleStatus>,
    /// The last round that ended well.
    pub last: Option<ResultStatus>,
}

/// How a list is.
#[derive(Clone, Debug, Serialize)]
pub struct ListStatus {
    /// Its file.
    pub file: PathBuf,
    /// When it was written.
    pub written: Option<String>,
    /// Records that can be used, if the list was read.
    pub records: Option<usize>,
    /// Rows that are left out, if the list was read.
    pub rejected_rows: Option<usize>,
    /// Records by which a list must differ from one before, if it differs at all.
    pub least_difference: Option<u32>,
    /// Whether the list may take part as far as that decides, if the list was read.
    pub differs_enough: Option<bool>,
}

/// When rounds of a link are due.
#[derive(Clone, Debug, Serialize)]
pub struct ScheduleStatus {
    /// As it is configured.
    pub timetable: String,
    /// The window, as it is configured.
    pub window: Option<String>,
    /// When the next is due.
    pub next: String,
    /// When the last was due that was tried.
    pub last_due: Option<String>,
    /// Whether that went well; unknown while it runs.
    pub last_went_well: Option<bool>,
}

/// What the last round gave.
#[derive(Clone, Debug, Serialize)]
pub struct ResultStatus {
    /// Its id.
    pub round: String,
    /// When it ended.
    pub ended: String,
    /// Pairs or claims.
    pub pairs: usize,
    /// Of the requester: pairs of grade *strong*.
    pub strong: usize,
    /// Pairs that may be new; none if that cannot be said.
    pub new: Option<usize>,
}

impl Look<'_> {
    /// How a link is.
    pub(super) fn link(&self, link: &LinkSettings, whole: &Configuration, findings: &mut Findings) -> LinkStatus {
        let name = &link.name;
        let peer = self.peers.get(&link.peer).map_err(|error| findings.broken(name, error)).ok();
        if peer.is_some_and(|peer| link.role == Role::Requester && peer.addr.is_none()) {
            findings.add(Health::Broken, name, format!("peer `{}` has no address, and is to be called", link.peer));
        }
        let policy = own_list::load_policy(&link.policy).map_err(|error| findings.broken(name, error)).ok();
        let training = whole.node.training.unwrap_or(false);
        let mut agreed = None;
        if let (Some(policy), Some(peer), false) = (&policy, peer, training) {
            let agreement = link.agreement.as_deref().unwrap_or(&policy.policy().context.agreement);
            agreed = self.agreement((name, agreement), (policy, &peer.id), findings);
        }
        let (agreement, sealed) = agreed.unzip();
        let known = policy.as_ref().zip(peer.map(|peer| peer.id));
        let budget = sealed.as_ref().zip(known).and_then(|(sealed, (policy, peer))| {
            let budget = self.budget(sealed, policy, (peer, link.role))?;
            if budget.rounds_left == 0 {
                let days = budget.period_days;
                findings.add(Health::Due, name, format!("no bins are left for a round in this period of {days} days"));
            }
            Some(budget)
        });
        let list = self.list(link, known, sealed.as_ref(), findings);
        let last = known.and_then(|(policy, peer)| self.last(link, policy, peer, findings));
        LinkStatus {
            name: name.clone(),
            peer: link.peer.clone(),
            role: link.role.name(),
            lanes: policy.as_ref().map(|policy| policy.policy().context.lanes.name()),
            policy: policy.as_ref().map(|policy| hex::encode(policy.digest())),
            agreement,
            budget,
            list,
            schedule: self.schedule(link, findings),
            last,
        }
    }

    fn list(
        &self,
        link: &LinkSettings,
        known: Option<(&CheckedPolicy, PeerId)>,
        sealed: Option<&SignedAgreement>,
        findings: &mut Findings,
    ) -> ListStatus {
        let written = link.list.metadata().and_then(|meta| meta.modified()).ok();
        let written = written.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map(|since| since.as_secs());
        let mut shown = ListStatus {
            file: link.list.clone(),
            written: written.map(clock::date),
            records: None,
            rejected_rows: None,
            least_difference: sealed.map(|sealed| sealed.agreement().agreement().caps.delta_records),
            differs_enough: None,
        };
        if written.is_none() {
            findings.add(Health::Broken, &link.name, "its list cannot be read");
            return shown;
        }
        if !self.lists {
            return shown;
        }
        let files = OwnFiles {
            records: &link.list,
            mapping: link.mapping.as_deref(),
            policy: &link.policy,
            left_out_at_most: link.left_out_at_most,
        };
        let input = match own_list::load(files, link.role, &NoSink) {
            Ok(input) => input,
            Err(error) => {
                findings.broken(&link.name, error);
                return shown;
            }
        };
        (shown.records, shown.rejected_rows) = (Some(input.list.records.len()), Some(input.completeness.left_out));
        if let (Some(least), Some((policy, peer))) = (shown.least_difference, known) {
            match QueryHistory::open(self.data, &peer, policy.policy().context.lanes, link.role) {
                Ok(history) => {
                    let few = history.differs_by_few(&input.list, least);
                    shown.differs_enough = Some(!few);
                    if few {
                        let what = format!("the list differs by fewer than {least} records from an earlier one");
                        findings.add(Health::Due, &link.name, what);
                    }
                }
                Err(error) => findings.broken(&link.name, error),
            }
        }
        shown
    }

    fn schedule(&self, link: &LinkSettings, findings: &mut Findings) -> Option<ScheduleStatus> {
        let timetable = link.schedule?;
        let job: Option<KeptJob> = self.db.and_then(|db| db.last_job(&link.name).ok().flatten());
        let failure = job.as_ref().and_then(|job| job.failure).map(FailureCode::of_number);
        if let Some(code) = failure {
            let when = job.as_ref().map(|job| clock::date(job.due)).unwrap_or_default();
            // What is tried again by itself is not broken.
            let passes = code.is_of_the_moment() || code == FailureCode::BudgetRounds;
            let health = if passes { Health::Due } else { Health::Broken };
            findings.0.push(super::Finding {
                health,
                about: link.name.clone(),
                failure,
                what: format!("the round that was due at {when} failed"),
            });
        }
        let slot = timetable.last(self.now);
        if job.as_ref().is_some_and(|job| job.due < slot && slot + LATE <= self.now) {
            let what = format!("no round has begun that was due at {}: is `blindlink run` running?", clock::date(slot));
            findings.add(Health::Due, &link.name, what);
        }
        let next = timetable.next(self.now);
        let next = link.window.map_or(next, |window| window.opens(next));
        Some(ScheduleStatus {
            timetable: timetable.to_string(),
            window: link.window.map(|window| window.to_string()),
            next: clock::date(next),
            last_due: job.as_ref().map(|job| clock::date(job.due)),
            last_went_well: job.filter(|job| job.ended.is_some()).map(|job| job.failure.is_none()),
        })
    }

    fn last(
        &self,
        link: &LinkSettings,
        policy: &CheckedPolicy,
        peer: PeerId,
        findings: &mut Findings,
    ) -> Option<ResultStatus> {
        let db = self.db?;
        let filter = RoundFilter { peer: Some(peer), finished: true, most: None };
        let lanes = policy.policy().context.lanes;
        let rounds = db.rounds(&filter).map_err(|error| findings.broken(&link.name, error)).ok()?;
        let round = rounds.into_iter().find(|round| round.role == link.role && round.lanes == lanes)?;
        let told = round.about.saved && round.erased.is_none();
        let news = told.then(|| db.news(&round).ok()).flatten();
        Some(ResultStatus {
            round: round.round.map(hex::encode).unwrap_or_default(),
            ended: clock::date(round.ended),
            pairs: round.about.pairs,
            strong: round.about.strong,
            new: news.map(|news| news.pairs.len()),
        })
    }
}
