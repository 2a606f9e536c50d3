//! The agreement of a link and what its budget still allows.

use super::{DAYS_WANTED, Findings, Health, Look};
use crate::store::agreements::Store;
use crate::sys::clock;
use blindlink::agreement::budget::{self, Debit};
use blindlink::agreement::statement::State;
use blindlink::agreement::{SignedAgreement, for_policy};
use blindlink::identity::PeerId;
use blindlink::policy::CheckedPolicy;
use blindlink::session::Role;
use serde::Serialize;

const DAY: u64 = 86_400;

/// The agreement on which the rounds of a link rest.
#[derive(Clone, Debug, Serialize)]
pub struct AgreementStatus {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Its digest, hexadecimal.
    pub digest: String,
    /// Its state.
    pub state: &'static str,
    /// Whole days until it ends.
    pub days_left: u64,
    /// Names of signers whose approval is missing.
    pub missing: Vec<String>,
    /// Names of signers whose approval of the next version is missing, if there is one.
    pub next_missing: Option<Vec<String>>,
}

/// What the budget of an agreement still allows.
#[derive(Clone, Debug, Serialize)]
pub struct BudgetStatus {
    /// Rounds of the last 24 hours.
    pub rounds_today: usize,
    /// Rounds that may run in 24 hours.
    pub rounds_per_day: u16,
    /// Rounds for which bins are left in the period.
    pub rounds_left: u64,
    /// Days of the period.
    pub period_days: u16,
    /// When the next round may begin, as far as the number of rounds decides.
    pub next_round: Option<String>,
}

fn missing(sealed: &SignedAgreement) -> Vec<String> {
    let keys = sealed.missing();
    let signers = sealed.agreement().agreement().signers();
    signers.filter(|signer| keys.contains(&signer.key)).map(|signer| signer.name.clone()).collect()
}

impl Look<'_> {
    /// The agreement of a link.
    pub(super) fn agreement(
        &self,
        (link, name): (&str, &str),
        (policy, peer): (&CheckedPolicy, &PeerId),
        findings: &mut Findings,
    ) -> Option<(AgreementStatus, SignedAgreement)> {
        let versions = match Store::of(self.data).versions(name) {
            Ok(versions) => versions,
            Err(error) => {
                findings.broken(link, error);
                return None;
            }
        };
        let sealed = match for_policy(&versions, policy.digest(), self.now) {
            Ok(sealed) => sealed,
            Err(refusal) => {
                findings.broken(link, refusal);
                return None;
            }
        };
        let agreement = sealed.agreement().agreement();
        let days_left = agreement.valid.until.saturating_sub(self.now) / DAY;
        let state = sealed.state(self.now);
        let own = self.identity.key().id();
        if agreement.seen_from(&own).is_none_or(|(_, other)| other.node != *peer) {
            findings.add(Health::Broken, link, format!("agreement `{name}` is between other parties"));
        }
        if agreement.policy != *policy.digest() {
            findings.add(Health::Broken, link, format!("the policy is not the one of agreement `{name}`"));
        }
        match state {
            State::InForce if days_left < DAYS_WANTED => {
                findings.add(Health::Due, link, format!("agreement `{name}` ends in {days_left} days"));
            }
            State::InForce => {}
            State::NotYetValid => {
                let from = clock::date(agreement.valid.from);
                findings.add(Health::Due, link, format!("agreement `{name}` begins at {from}"));
            }
            State::Draft | State::PartlySigned => {
                let what = format!("agreement `{name}` is not signed by {}", missing(sealed).join(", "));
                findings.add(Health::Due, link, what);
            }
            State::Suspended | State::Expired => {
                findings.add(Health::Broken, link, format!("agreement `{name}` is {}", state.name()));
            }
        }
        let next = versions.iter().find(|later| later.agreement().agreement().version > agreement.version);
        let next_missing = next.map(missing);
        if let Some(who) = next_missing.as_ref().filter(|who| !who.is_empty()) {
            let what = format!("the next version of agreement `{name}` is not signed by {}", who.join(", "));
            findings.add(Health::Due, link, what);
        }
        let shown = AgreementStatus {
            name: name.to_owned(),
            version: agreement.version,
            digest: hex::encode(sealed.agreement().digest()),
            state: state.name(),
            days_left,
            missing: missing(sealed),
            next_missing,
        };
        Some((shown, sealed.clone()))
    }

    /// What the budget still allows.
    pub(super) fn budget(
        &self,
        sealed: &SignedAgreement,
        policy: &CheckedPolicy,
        (peer, role): (PeerId, Role),
    ) -> Option<BudgetStatus> {
        let past = self.log?.debits();
        let caps = &sealed.agreement().agreement().caps;
        let next = Debit::new(policy, role, peer, self.now);
        let spent = budget::spent(caps, &past, &next);
        let left = |(before, own): (budget::TableCost, budget::TableCost)| {
            caps.bins_per_table.saturating_sub(before.cost) / own.cost.max(1)
        };
        let rounds_left = spent.into_iter().zip(next.costs()).map(left).min().unwrap_or_default();
        let of_day = |debit: &&Debit| {
            (debit.role, debit.peer, debit.lanes) == (role, peer, next.lanes)
                && debit.urgent.is_none()
                && debit.time > self.now.saturating_sub(DAY)
        };
        let today: Vec<u64> = past.iter().filter(of_day).map(|debit| debit.time).collect();
        let per_day = usize::from(caps.rounds_per_day);
        let blocking = today.len().checked_sub(per_day).and_then(|at| today.get(at));
        Some(BudgetStatus {
            rounds_today: today.len(),
            rounds_per_day: caps.rounds_per_day,
            rounds_left,
            period_days: caps.period_days,
            next_round: blocking.map(|time| clock::date(time + DAY)),
        })
    }
}
