//! Rounds under an agreement, and what keeps lanes, agreements and epochs apart (spec chapter 14, section 5.1).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use blindlink::agreement::{
    Agreement, Basis, Caps, Party, PartyType, Retention, Roles, SUITE, Sealed, Signer, Statement, Validity, Word, admit,
};
use blindlink::encode::{EncodedRecord, encode};
use blindlink::error::{Error, Incompatible, Refusal};
use blindlink::identity::IdentityKey;
use blindlink::policy::{CheckedPolicy, LanePair, Policy, first_difference};
use blindlink::receipt::Receipt;
use blindlink::record::{RawRecord, Record, RowId};
use blindlink::schema::Field;
use blindlink::secret::Seed;
use blindlink::session::{Config, Role, Session, pair};
use blindlink::wire::Kind;
use std::collections::BTreeSet;

const NOW: u64 = 1_800_000_000;
const RECORDS: u32 = 6;

fn key(n: u8) -> IdentityKey {
    IdentityKey::from_secret(&[n; 32])
}

fn policy(change: impl FnOnce(&mut Policy)) -> CheckedPolicy {
    let mut policy = Policy::default_policy().unwrap().with_records(RECORDS, RECORDS);
    change(&mut policy);
    policy.validate().unwrap()
}

fn agreement(policy: &CheckedPolicy) -> Agreement {
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
        previous: [0; 32],
        purpose: context.purpose.clone(),
        lanes: context.lanes,
        epoch: context.epoch,
        policy: *policy.digest(),
        suite: SUITE,
        output: round.output,
        valid: Validity { from: NOW - 10, until: NOW + 10 },
        caps: Caps {
            records_requester: RECORDS,
            records_responder: RECORDS,
            rounds_per_day: 1,
            period_days: 1,
            bins_per_table: 1 << 30,
            claims: 2,
            delta_records: 1,
            policy_changes: 0,
        },
        retention: Retention { journal_days: 1, results_days: 1, audit_days: 1 },
        parties: [party(1, lane), party(2, other)],
    }
}

fn basis(agreement: Agreement, policy: &CheckedPolicy, role: Role) -> Basis {
    let checked = agreement.validate().unwrap();
    let all: Vec<Statement> =
        [11, 12, 21, 22].iter().map(|n| Statement::sign(Word::Approve, &checked, &key(*n))).collect();
    let sealed = Sealed::new(checked, &all).unwrap();
    let (own, peer) = if role == Role::Requester { (1, 2) } else { (2, 1) };
    Basis::Agreement(Box::new(admit(&sealed, NOW, &key(own).id(), &key(peer).id(), role, policy).unwrap()))
}

fn persons() -> Vec<Record> {
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

fn session(policy: &CheckedPolicy, role: Role, basis: Basis) -> Result<Session, Error> {
    let (own, peer) = if role == Role::Requester { (1, 2) } else { (2, 1) };
    Session::new(Config {
        role,
        shape: policy.shape().clone(),
        policy: policy.canonical_bytes().to_vec(),
        basis,
        name_difference: first_difference,
        records: encode(&policy.encoding(), &persons()),
        seed: Seed::new([own; 32]),
        identity: key(own),
        peer: key(peer).id(),
        binding: [7; 32],
    })
}

/// V-SETTLE-006: two claims of five, padded like any other round's; and the receipt names the agreement.
#[test]
fn an_agreement_caps_the_claims_and_stands_on_the_receipt() {
    let policy = policy(|_| ());
    let digest = agreement(&policy).digest();
    let mut lengths = Vec::new();
    for (claims, agreed) in [(2, true), (5, false)] {
        let of = |role| if agreed { basis(agreement(&policy), &policy, role) } else { Basis::Training };
        let requester = session(&policy, Role::Requester, of(Role::Requester)).unwrap();
        let responder = session(&policy, Role::Responder, of(Role::Responder)).unwrap();
        let mut sizes = Vec::new();
        let observe = |_: bool, frame: &[u8]| sizes.push((frame[0], frame.len()));
        let (found, claimed, _) = pair::run(requester, responder, pair::inline, observe, |_| ()).unwrap();
        assert_eq!((found.matches.len(), claimed.claims.len()), (5, claims));
        let receipt = Receipt::decode(&found.receipt).unwrap();
        assert_eq!(receipt.statement.agreement, if agreed { digest } else { [0; 32] });
        lengths.push(sizes.into_iter().filter(|(kind, _)| *kind != Kind::Hello as u8).collect::<Vec<_>>());
    }
    assert_eq!(lengths[0], lengths[1], "V-WIRE-003");
}

/// V-HELLO-008
#[test]
fn two_agreements_are_told_apart_by_field() {
    let policy = policy(|_| ());
    let verdict = |ours: Basis, theirs: Basis| {
        let requester = session(&policy, Role::Requester, ours).unwrap();
        let responder = session(&policy, Role::Responder, theirs).unwrap();
        pair::run(requester, responder, pair::inline, |_, _| (), |_| ()).unwrap_err()
    };
    let mut second = agreement(&policy);
    second.caps.claims = 1;
    let theirs = basis(second, &policy, Role::Responder);
    for (theirs, path) in [(theirs, "caps.claims"), (Basis::Training, "training")] {
        let field = path.to_owned();
        let ours = basis(agreement(&policy), &policy, Role::Requester);
        assert_eq!(verdict(ours, theirs), Error::Incompatible(Incompatible::Agreement { field }));
    }
}

#[test]
fn what_was_admitted_for_one_policy_does_not_serve_another() {
    let agreed = policy(|_| ());
    let other = policy(|p| p.name.push('x'));
    let basis = basis(agreement(&agreed), &agreed, Role::Requester);
    assert_eq!(session(&other, Role::Requester, basis).unwrap_err(), Error::Refused(Refusal::Policy));
}

/// Everything of an encoded list and of a round that could be compared with another's.
struct Seen {
    filters: BTreeSet<Vec<u8>>,
    tokens: BTreeSet<Vec<u8>>,
    pseudonyms: BTreeSet<Vec<u8>>,
    blinded: BTreeSet<Vec<u8>>,
}

fn seen(policy: &CheckedPolicy) -> Seen {
    let records: Vec<EncodedRecord> = encode(&policy.encoding(), &persons());
    let [requester, responder] = [Role::Requester, Role::Responder]
        .map(|role| session(policy, role, basis(agreement(policy), policy, role)).unwrap());
    let mut blinded = BTreeSet::new();
    let observe = |from_requester: bool, frame: &[u8]| {
        if from_requester && frame[0] == Kind::Query as u8 {
            blinded.extend(frame[5..].chunks(32).map(<[u8]>::to_vec));
        }
    };
    let (found, _, _) = pair::run(requester, responder, pair::inline, observe, |_| ()).unwrap();
    assert_eq!(found.matches.len(), 5);
    Seen {
        filters: records.iter().map(|r| r.filter.as_bytes().to_vec()).collect(),
        tokens: records.iter().flat_map(|r| r.tokens.iter().flatten()).map(|t| t.as_bytes().to_vec()).collect(),
        pseudonyms: found.matches.iter().map(|m| m.pseudonym.to_vec()).collect(),
        blinded,
    }
}

/// V-ENCODE-001: the same persons and even the same seeds, in other lanes, agreements, purposes and epochs.
#[test]
fn lanes_agreements_purposes_and_epochs_share_nothing() {
    let all = [
        seen(&policy(|_| ())),
        seen(&policy(|p| p.context.lanes = LanePair::VictimVictim)),
        seen(&policy(|p| p.context.agreement = "another".into())),
        seen(&policy(|p| p.context.purpose = "another".into())),
        seen(&policy(|p| p.context.epoch += 1)),
    ];
    for (i, one) in all.iter().enumerate() {
        assert!(one.filters.len() == 5 && one.tokens.len() >= 15 && one.blinded.len() > 500);
        for other in &all[i + 1..] {
            assert!(one.filters.is_disjoint(&other.filters));
            assert!(one.tokens.is_disjoint(&other.tokens));
            assert!(one.pseudonyms.is_disjoint(&other.pseudonyms));
            assert!(one.blinded.is_disjoint(&other.blinded));
        }
    }
}
