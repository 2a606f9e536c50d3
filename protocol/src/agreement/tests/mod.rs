mod admission;
mod budget;
mod canonical;
mod list_history;
mod statements;
mod urgent;
mod validator;

use super::*;
use crate::identity::IdentityKey;
use crate::policy::{CheckedPolicy, Policy};

/// Keys 1 and 2 are the nodes', 11 and 12 sign for the first party, 21 and 22 for the second.
pub(super) fn key(n: u8) -> IdentityKey {
    IdentityKey::from_secret(&[n; 32])
}

pub(super) fn policy() -> CheckedPolicy {
    Policy::default_policy().unwrap().validate().unwrap()
}

pub(super) const FROM: u64 = 1_767_225_600;
pub(super) const UNTIL: u64 = FROM + 365 * time::DAY;

fn party(node: u8, name: &str) -> Party {
    let signer = |n: u8| Signer { name: format!("signer {n}"), key: key(n).id() };
    Party {
        name: name.into(),
        kind: PartyType::LawEnforcement,
        role: Roles::Either,
        lane: Lane::Suspect,
        node: key(node).id(),
        legal_basis: "Utopian Act 12/2025, section 4".into(),
        signers: [signer(10 * node + 1), signer(10 * node + 2)],
    }
}

/// An agreement over the default policy between nodes 1 and 2.
pub(super) fn agreement() -> Agreement {
    let policy = policy();
    let context = &policy.policy().context;
    Agreement {
        name: context.agreement.clone(),
        version: 1,
        previous: None,
        purpose: context.purpose.clone(),
        lanes: context.lanes,
        epoch: context.epoch,
        policy: *policy.digest(),
        suite: crate::suite::SUITE_1.number,
        output: policy.policy().round.output,
        valid: Validity { from: FROM, until: UNTIL },
        urgent: None,
        caps: Caps {
            records_requester: 2000,
            records_responder: 2000,
            rounds_per_day: 2,
            period_days: 30,
            bins_per_table: 200_000,
            claims: 100,
            matches: 200,
            delta_records: 10,
            policy_changes: 1,
            left_out_percent: 2,
        },
        retention: Retention { journal_days: 30, results_days: 90, audit_days: 1095 },
        parties: [party(1, "Ministry of Ünity"), party(2, "Bureau \"South\"")],
    }
}

pub(super) fn approvals(agreement: &CheckedAgreement) -> Vec<SignerStatement> {
    [11, 12, 21, 22].iter().map(|n| SignerStatement::sign(StatementKind::Approve, agreement, &key(*n))).collect()
}
