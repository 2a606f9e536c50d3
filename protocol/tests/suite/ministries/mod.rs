//! Two invented ministries with an agreement, for the tests of rounds.
pub mod recorded;

use blindlink::agreement::{
    Agreement, Basis, Caps, Party, PartyType, Retention, Roles, SignedAgreement, Signer, SignerStatement,
    StatementKind, Validity, admit,
};
use blindlink::identity::IdentityKey;
use blindlink::policy::{CheckedPolicy, Policy};
use blindlink::record::{RawRecord, Record, RowId};
use blindlink::schema::Field;
use blindlink::session::Role;

pub const NOW: u64 = 1_800_000_000;
pub const RECORDS: u32 = 6;

pub fn key(n: u8) -> IdentityKey {
    IdentityKey::from_secret(&[n; 32])
}

pub fn policy(change: impl FnOnce(&mut Policy)) -> CheckedPolicy {
    let mut policy = Policy::default_policy().unwrap().with_records(RECORDS, RECORDS);
    change(&mut policy);
    policy.validate().unwrap()
}

pub fn agreement(policy: &CheckedPolicy) -> Agreement {
    let (context, round) = (&policy.policy().context, &policy.policy().round);
    let (lane, other) = context.lanes.lanes();
    let signer = |n: u8| Signer { name: format!("signer {n}"), key: key(n).id() };
    let party = |n: u8, lane| Party {
        name: format!("authority {n}"),
        kind: PartyType::LawEnforcement,
        role: Roles::Either,
        lane,
        node: key(n).id(),
        legal_basis: "Utopian Act 1".into(),
        signers: [signer(10 * n + 1), signer(10 * n + 2)],
    };
    Agreement {
        name: context.agreement.clone(),
        version: 1,
        previous: None,
        purpose: context.purpose.clone(),
        lanes: context.lanes,
        epoch: context.epoch,
        policy: *policy.digest(),
        suite: blindlink::suite::SUITE_1.number,
        output: round.output,
        valid: Validity { from: NOW - 10, until: NOW + 10 },
        urgent: None,
        caps: Caps {
            records_requester: RECORDS,
            records_responder: RECORDS,
            rounds_per_day: 1,
            period_days: 1,
            bins_per_table: 1 << 30,
            claims: 2,
            matches: 5,
            delta_records: 1,
            policy_changes: 0,
            left_out_percent: 2,
        },
        retention: Retention { journal_days: 1, results_days: 1, audit_days: 1 },
        parties: [party(1, lane), party(2, other)],
    }
}

pub fn basis(agreement: Agreement, policy: &CheckedPolicy, role: Role) -> Basis {
    let checked = agreement.validate().unwrap();
    let all: Vec<SignerStatement> =
        [11, 12, 21, 22].iter().map(|n| SignerStatement::sign(StatementKind::Approve, &checked, &key(*n))).collect();
    let sealed = SignedAgreement::new(checked, &all).unwrap();
    let (own, peer) = if role == Role::Requester { (1, 2) } else { (2, 1) };
    Basis::Agreement(Box::new(admit(&sealed, NOW, &key(own).id(), &key(peer).id(), role, policy).unwrap()))
}

pub fn persons() -> Vec<Record> {
    let person = |n: u32| {
        let mut raw = RawRecord::default();
        raw.push(Field::RecordId, &format!("r-{n}"));
        raw.push(Field::GivenNames, ["Oksana", "Amina", "Ana", "Ngozi", "Linh"][n as usize]);
        raw.push(Field::FamilyNames, ["Shevchenko", "Bello", "Popescu", "Adeyemi", "Tran"][n as usize]);
        raw.push(Field::BirthDate, &format!("199{n}-03-1{n}"));
        raw.push(Field::Nationality, "UTO");
        raw.push(Field::DocumentNumber, &format!("UX{n}29173"));
        raw.push(Field::Phone, &format!("+1202555010{n}"));
        Record::check(RowId::new(n), &raw).unwrap()
    };
    (0..5).map(person).collect()
}
