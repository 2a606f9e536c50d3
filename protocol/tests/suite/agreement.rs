//! Rounds under an agreement, and what keeps lanes, agreements and epochs apart (spec chapter 14, section 5.1).

use crate::ministries::{agreement, basis, key, persons, policy};
use blindlink::agreement::Basis;
use blindlink::encode::{EncodedRecord, encode};
use blindlink::error::{Error, Incompatible, Refusal};
use blindlink::policy::{CheckedPolicy, LanePair};
use blindlink::receipt::Receipt;
use blindlink::secret::Seed;
use blindlink::session::{Config, LogExchange, Role, Session, SessionInputs, in_process};
use blindlink::suite::SUITE_1;
use blindlink::wire::FrameKind;
use std::collections::BTreeSet;
use std::sync::Arc;

fn session(policy: &CheckedPolicy, role: Role, basis: Basis) -> Result<Session, Error> {
    let (own, peer) = if role == Role::Requester { (1, 2) } else { (2, 1) };
    Session::new(Config {
        log: LogExchange::without_log(&key(own)),
        inputs: SessionInputs::new(role, Arc::new(policy.encode(&persons())), Seed::new([own; 32]))?,
        basis,
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
        let of = |role| if agreed { basis(agreement(&policy), &policy, role) } else { Basis::Training(&SUITE_1) };
        let requester = session(&policy, Role::Requester, of(Role::Requester)).unwrap();
        let responder = session(&policy, Role::Responder, of(Role::Responder)).unwrap();
        let mut sizes = Vec::new();
        let observe = |_: Role, frame: &[u8]| sizes.push((frame[0], frame.len()));
        let (found, claimed, _) = in_process::run(requester, responder, in_process::inline, observe, |_| ()).unwrap();
        assert_eq!((found.matches.len(), claimed.claims.len()), (5, claims));
        let receipt = Receipt::decode(&found.receipt).unwrap();
        assert_eq!(receipt.statement.agreement, agreed.then_some(digest));
        lengths.push(sizes.into_iter().filter(|(kind, _)| *kind != FrameKind::Hello as u8).collect::<Vec<_>>());
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
        in_process::run(requester, responder, in_process::inline, |_, _| (), |_| ()).unwrap_err()
    };
    let mut second = agreement(&policy);
    second.caps.claims = 1;
    let theirs = basis(second, &policy, Role::Responder);
    for (theirs, path) in [(theirs, "caps.claims"), (Basis::Training(&SUITE_1), "training")] {
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

/// V-AGREE-023
#[test]
fn what_was_admitted_serves_these_two_nodes_in_these_roles() {
    let policy = policy(|_| ());
    let Basis::Agreement(admitted) = basis(agreement(&policy), &policy, Role::Requester) else {
        panic!("no agreement")
    };
    let (own, peer, other) = (key(1).id(), key(2).id(), key(3).id());
    let covers = |own, peer, role| admitted.covers(own, peer, role, policy.digest());
    assert_eq!(covers(&own, &peer, Role::Requester), Ok(()));
    assert_eq!(covers(&own, &peer, Role::Responder), Err(Refusal::Role));
    assert_eq!(covers(&own, &other, Role::Requester), Err(Refusal::Party));
    assert_eq!(covers(&other, &peer, Role::Requester), Err(Refusal::Party));
    let refused = session(&policy, Role::Responder, Basis::Agreement(admitted)).unwrap_err();
    assert_eq!(refused, Error::Refused(Refusal::Party));
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
    let observe = |from: Role, frame: &[u8]| {
        if from == Role::Requester && frame[0] == FrameKind::Query as u8 {
            blinded.extend(frame[5..].chunks(32).map(<[u8]>::to_vec));
        }
    };
    let (found, _, _) = in_process::run(requester, responder, in_process::inline, observe, |_| ()).unwrap();
    assert_eq!(found.matches.len(), 5);
    Seen {
        filters: records.iter().map(|r| r.filter.as_bytes().to_vec()).collect(),
        tokens: records.iter().flat_map(|r| r.tokens.iter().flatten()).map(|t| t.as_bytes().to_vec()).collect(),
        pseudonyms: found.matches.iter().map(|m| m.pseudonym.as_bytes().to_vec()).collect(),
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
